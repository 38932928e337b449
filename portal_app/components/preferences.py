"""What a visitor chooses for this browser: language and theme; and the button that copies."""

import reflex as rx
from reflex.event import EventType
from reflex.vars import Var

from portal_app.components.client import CopyButton, LanguageChoice, ThemeChoice
from portal_app.components.i18n import LANGUAGE_NAMES, _
from portal_app.components.icons import icon
from portal_app.components.text import Text
from portal_app.kit.i18n import LOCALES


def language_choice(on_choose: EventType | None = None, *, name: str = "language") -> rx.Component:
    """Switches the open page at once and sets the cookie; `on_choose(locale)` lets the server format amounts anew."""
    options = [[locale, LANGUAGE_NAMES[locale]] for locale in LOCALES]
    handler = {"on_choose": on_choose} if on_choose is not None else {}
    return LanguageChoice.create(label=_("Language"), name=name, options=options, **handler)


def theme_choice(*, name: str = "theme") -> rx.Component:
    """Light, dark, or as the system has it."""
    modes = [("system", _("System")), ("light", _("Light")), ("dark", _("Dark"))]
    return ThemeChoice.create(label=_("Theme"), name=name, options=[[key, word] for key, word in modes])


def copy_line(value: Text, *, name: Text) -> rx.Component:
    """An address or a key, with a button that copies it; `name` is the button's full name ("Copy portal link")."""
    return rx.el.div(
        rx.el.code(value),
        CopyButton.create(
            value=value,
            label=_("Copy"),
            done_label=_("Copied"),
            name=name,
            icon=Var.create(icon("copy")),
            class_name="btn btn-small",
        ),
        class_name="copyline",
    )
