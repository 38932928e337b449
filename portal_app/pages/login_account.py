"""`/login/account`: one address, several accounts; which one is opened?"""

import reflex as rx

from portal_app.components.badges import badge
from portal_app.components.buttons import button, quiet
from portal_app.components.feedback import empty, loading_rows, strip
from portal_app.components.forms import hidden_value, native_form
from portal_app.components.i18n import _
from portal_app.components.links import text_link
from portal_app.components.records import list_card, row, rows
from portal_app.components.shell import gate
from portal_app.state.account import AccountRow, AccountState


def login_account() -> rx.Component:
    """A card for each, told apart by name, plans and last invoice."""
    wrong = strip(_("This account cannot be opened"), text=_("Choose one of the list."), kind="warning")
    return gate(
        heading=_("Choose an account"),
        lead=_("Several accounts belong to your address. You can switch later from the menu."),
        body=[
            rx.cond(
                AccountState.problem == "account", rx.el.div(wrong, role="alert", class_name="mb-6"), rx.fragment()
            ),
            rx.cond(AccountState.is_loaded, _list(), loading_rows(_("Loading accounts"), 2)),
            rx.el.div(_leave(), class_name="mt-6"),
        ],
    )


def _list() -> rx.Component:
    nothing = empty(_("No account belongs to this address any more."))
    return rx.cond(AccountState.has_rows, list_card(rows(rx.foreach(AccountState.rows, _account))), nothing)


def _account(account: AccountRow) -> rx.Component:
    name = account.name
    opens = native_form(
        hidden_value("customer_id", account.customer_id),
        hidden_value("next", AccountState.next_path),
        button(_("Open"), is_submit=True, aria_label=_("Open {name}", name=name)),
        action="/auth/account",
    )
    return row(
        name,
        sub=account.detail,
        end=rx.cond(account.is_open, badge(_("Open now"), kind="good"), opens),
        is_tall=True,
    )


def _leave() -> rx.Component:
    signs_out = native_form(quiet(_("Sign out"), is_submit=True), action="/auth/logout", class_name="-ms-3")
    return rx.cond(AccountState.is_choosing, signs_out, text_link(_("Back to your account"), to="/"))
