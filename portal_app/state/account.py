"""The accounts behind the proved address: which one to open, now or later from the menu."""

from dataclasses import dataclass

import reflex as rx

from portal_app.security.policy import policy
from portal_app.security.return_paths import own_path
from portal_app.security.visitor import visitor
from portal_app.services import accounts
from portal_app.services.accounts import Account
from portal_app.services.desk import ask
from portal_app.state.sign_in import PROBLEMS, chosen, query_of
from portal_app.state.speech import speech


@dataclass(frozen=True)
class AccountRow:
    """An account, as its owner tells it from the others."""

    customer_id: str
    name: str
    detail: str
    is_open: bool


class AccountState(rx.State):
    """`/login/account`."""

    rows: list[AccountRow] = []
    has_rows: bool = False
    is_loaded: bool = False
    is_choosing: bool = False
    next_path: str = ""
    problem: str = ""

    @rx.event
    @policy("choosing")
    async def load(self) -> None:
        """Show every account of the address, the one with the newest invoice first."""
        somebody, said = visitor(), query_of(self)
        found = await ask(accounts.list_for, somebody.email)
        self.rows = [_row(account, somebody.customer_id) for account in found]
        self.has_rows = bool(found)
        self.is_choosing = somebody.kind == "choosing"
        self.next_path = own_path(said.get("next", ""))
        self.problem = chosen(said, "problem", PROBLEMS)
        self.is_loaded = True


def _row(account: Account, open_id: str) -> AccountRow:
    say = speech()
    _ = say.words
    plans = _.n("{n} plan", "{n} plans", n=account.running_count) if account.running_count else _("No plan")
    invoice = _("last invoice {day}", day=say.short_day(account.last_invoice_at)) if account.last_invoice_at else ""
    return AccountRow(
        customer_id=account.customer_id,
        name=account.name or account.email,
        detail=" · ".join(part for part in (plans, invoice) if part),
        is_open=account.customer_id == open_id,
    )
