"""The frame of every page: navigation with column, focused flow, gate, and the merchant's desk."""

import reflex as rx

from portal_app.components.client import PageFocus
from portal_app.components.forms import native_form
from portal_app.components.i18n import _
from portal_app.components.icons import icon, portal_mark
from portal_app.components.links import anchor, back_link, text_link
from portal_app.components.navigation import Place, customer_places, desk_places, place_bar, place_list
from portal_app.components.preferences import language_choice, theme_choice
from portal_app.components.text import Body, Piece, Text, classes, pieces, present
from portal_app.state.configuration import ConfigurationState
from portal_app.state.session import CustomerSession, StaffSession

MENU = "account-menu"
SIGN_OUT = STAFF_SIGN_OUT = "/auth/logout"


def shell(
    *,
    heading: Text,
    body: Body,
    lead: Piece = None,
    badge: Piece = None,
    back: tuple[Text, Text] | None = None,
    is_well: bool = False,
    title: Text | None = None,
) -> rx.Component:
    """A customer's page: bars on phones, a rail beside the column on wide screens.

    `lead` is the sentence that answers the page's question, with a tick where `is_well`. `back` is `(label, address)`.
    `title` is the document's title where the heading alone does not say enough.
    """
    first, rest = customer_places()
    return _page(
        rx.el.header(_logo("/"), _who(CustomerSession, is_narrow=True), class_name="topbar"),
        rx.el.aside(
            _logo("/"),
            rx.el.nav(place_list(first), place_list(rest), aria_label=_("Main")),
            _who(CustomerSession),
            aria_label=_("Portal"),
            class_name="rail",
        ),
        _main(head(heading, lead=lead, badge=badge, back=back, is_well=is_well), body),
        footer(),
        rx.el.nav(*place_bar(first, _more()), aria_label=_("Main"), class_name="bottombar"),
        _menu(rest, sign_out=SIGN_OUT, switch=_switch_account()),
        title=heading if title is None else title,
        class_name="app app-nav",
    )


def flow_shell(
    *,
    heading: Text,
    body: Body,
    lead: Piece = None,
    back: tuple[Text, Text] | None = None,
    above: Piece = None,
    title: Text | None = None,
    step: Text | None = None,
) -> rx.Component:
    """One task without navigation: the way back, the logo, one column. `above` takes a `stepper` or a `done_mark`.

    When `step` changes, the heading takes the focus, as it does after a change of page.
    """
    return _page(
        rx.el.header(*present(back_link(back[0], to=back[1]) if back else None), _logo("/"), class_name="topbar"),
        _main(rx.fragment(*present(above), head(heading, lead=lead)), body),
        footer(),
        title=heading if title is None else title,
        class_name="app flow",
        step=step,
    )


def gate(
    *, heading: Text, body: Body, lead: Piece = None, back: tuple[Text, Text] | None = None, title: Text | None = None
) -> rx.Component:
    """A page before signing in: narrow, with the language at its end."""
    return _page(
        rx.el.header(*present(back_link(back[0], to=back[1]) if back else None), _logo("/login"), class_name="topbar"),
        _main(
            head(heading, lead=lead),
            [
                *pieces(body),
                rx.el.div(language_choice(CustomerSession.choose_locale, name="gate-language"), class_name="mt-10"),
            ],
        ),
        footer(),
        title=heading if title is None else title,
        class_name="app flow gate",
    )


def desk_shell(
    *,
    heading: Text,
    body: Body,
    lead: Piece = None,
    badge: Piece = None,
    tabs: Piece = None,
    aside: Body = None,
    title: Text | None = None,
) -> rx.Component:
    """A merchant's page: denser, with a second column (`aside`) from 1100 px."""
    places = desk_places()
    content = body if aside is None else _columns(body, aside)
    return _page(
        rx.el.header(_logo("/admin"), _who(StaffSession, is_narrow=True), class_name="topbar"),
        rx.el.aside(
            _logo("/admin"),
            rx.el.nav(place_list(places), aria_label=_("Main")),
            _who(StaffSession),
            aria_label=_("Portal"),
            class_name="rail",
        ),
        _main(rx.fragment(head(heading, lead=lead, badge=badge), *present(tabs)), content),
        footer(),
        rx.el.nav(*place_bar(places, _more()), aria_label=_("Main"), class_name="bottombar"),
        _menu([], sign_out=STAFF_SIGN_OUT),
        title=heading if title is None else title,
        class_name="app app-nav desk",
    )


def head(
    heading: Text,
    *,
    lead: Piece = None,
    badge: Piece = None,
    back: tuple[Text, Text] | None = None,
    is_well: bool = False,
) -> rx.Component:
    """The page's one `h1`, which takes the focus after navigation, and the sentence under it."""
    title = rx.el.h1(heading, tab_index=-1)
    if badge is not None:
        title = rx.el.div(title, badge, class_name="flex flex-wrap items-center gap-x-3 gap-y-2")
    said = None
    if lead is not None:
        said = rx.el.p(icon("ok"), rx.el.span(lead), class_name="well") if is_well else rx.el.p(lead)
    return rx.el.div(*present(back_link(back[0], to=back[1]) if back else None, title, said), class_name="page-head")


def tabs(label: Text, *links: rx.Component) -> rx.Component:
    """Pages of one subject; `navigation_link`s, not switches."""
    return rx.el.nav(*links, aria_label=label, class_name="tabs mb-6")


def footer() -> rx.Component:
    """Who runs this portal and the pages that must always be reachable, in the same place everywhere."""
    state = ConfigurationState
    links = [
        (state.terms_url, _("Terms")),
        (state.privacy_url, _("Privacy")),
    ]
    contact = rx.cond(state.support_email != "", rx.fragment(" · ", _mail()), rx.fragment())
    return rx.el.footer(
        rx.el.p(state.business_name, contact),
        rx.el.ul(*[rx.cond(url != "", rx.el.li(text_link(label, href=url)), rx.fragment()) for url, label in links]),
        class_name="footer",
    )


def _mail() -> rx.Component:
    address = ConfigurationState.support_email
    return text_link(address, href=rx.Var.create("mailto:") + address)


def _page(*parts: rx.Component, title: Text, class_name: str, step: Text | None = None) -> rx.Component:
    named = title if isinstance(title, rx.Var) else rx.Var.create(title)
    business = ConfigurationState.business_name
    full = rx.cond(business != "", named.to(str) + " – " + business, named.to(str))
    return rx.fragment(
        PageFocus.create(title=full, **({"step": step} if step is not None else {})),
        anchor(_("Skip to content"), href="#main", class_name="skip"),
        rx.el.div(*parts, class_name=class_name),
    )


def _main(top: rx.Component, body: Body) -> rx.Component:
    return rx.el.main(top, *pieces(body), id="main", tab_index=-1, class_name="main")


def _columns(body: Body, aside: Body) -> rx.Component:
    side = rx.el.aside(*pieces(aside), aria_label=_("Beside this page"), class_name="aside")
    return rx.el.div(rx.el.div(*pieces(body)), side, class_name="columns")


def _logo(to: str) -> rx.Component:
    state = ConfigurationState
    plain = rx.fragment(portal_mark(), rx.el.span(state.business_name))
    picture = rx.fragment(
        rx.el.img(src=state.logo_url, alt=state.business_name, class_name=classes("logo-light")),
        rx.cond(
            state.logo_dark_url != "",
            rx.el.img(src=state.logo_dark_url, alt=state.business_name, class_name="logo-dark"),
            rx.fragment(),
        ),
    )
    return anchor(rx.cond(state.logo_url != "", picture, plain), to=to, class_name="logo", aria_label=_("Home"))


def _who(session: type[CustomerSession] | type[StaffSession], *, is_narrow: bool = False) -> rx.Component:
    avatar = rx.el.span(session.initials, class_name="avatar", aria_hidden="true")
    words = rx.el.span(session.name, rx.el.small(session.email), class_name="min-w-0")
    called = rx.cond(session.name != "", session.name, session.email)
    return rx.el.button(
        *([avatar] if is_narrow else [avatar, words]),
        type="button",
        class_name="who",
        aria_label=_("Account of {name}", name=called),
        custom_attrs={"popoverTarget": MENU},
    )


def _more() -> rx.Component:
    return rx.el.button(icon("more"), rx.el.span(_("More")), type="button", custom_attrs={"popoverTarget": MENU})


def _menu(phone_places: list[Place], *, sign_out: str, switch: Piece = None) -> rx.Component:
    leave = native_form(
        rx.el.button(icon("out"), _("Sign out"), type="submit", class_name="menu-item"), action=sign_out
    )
    places = rx.el.nav(place_list(phone_places), aria_label=_("More"), class_name="wide:hidden")
    return rx.el.section(
        *present(places if phone_places else None),
        rx.el.div(language_choice(CustomerSession.choose_locale), theme_choice(), class_name="grid gap-3"),
        rx.el.div(*present(switch), leave),
        id=MENU,
        aria_label=_("More"),
        custom_attrs={"popover": "auto"},
        class_name="menu",
    )


def _switch_account() -> rx.Component:
    link = anchor([icon("swap"), _("Switch account")], to="/login/account", class_name="menu-item")
    return rx.cond(CustomerSession.has_many_accounts, link, rx.fragment())
