"""What happens in the browser alone, as components: our own module instead of scripts sent by the server."""

import reflex as rx
from reflex.vars import Var


def _nothing() -> tuple[()]:
    return ()


def _chosen(value: Var[str]) -> tuple[Var[str]]:
    return (value,)


class ClientComponent(rx.Component):
    """A component of `client.js`."""

    library = rx.asset("client.js", shared=True).importable_path


class Dialog(ClientComponent):
    """A native modal dialog that follows a Var."""

    tag = "Dialog"
    alias = "PortalDialog"

    open: Var[bool]
    on_close: rx.EventHandler[_nothing]


class Notice(ClientComponent):
    """A live region for results and refusals."""

    tag = "Notice"

    text: Var[str]
    number: Var[int]
    tone: Var[str]
    reference: Var[str]
    close_label: Var[str]
    on_dismiss: rx.EventHandler[_nothing]


class PageFocus(ClientComponent):
    """Title, focus and closed menus after a change of page, or of a flow's step."""

    tag = "PageFocus"

    title: Var[str]
    step: Var[str]


class SessionEnd(ClientComponent):
    """Leaves the page when the session is over."""

    tag = "SessionEnd"

    state: Var[str]
    door: Var[str]


class VisitorSync(ClientComponent):
    """Reports the browser's zone and agrees on a language."""

    tag = "VisitorSync"

    signed_in: Var[bool]
    locale: Var[str]
    on_zone: rx.EventHandler[_chosen]
    on_locale: rx.EventHandler[_chosen]


class WaitThen(ClientComponent):
    """A countdown in a sentence, then what it waited for."""

    tag = "WaitThen"

    seconds: Var[int]
    number: Var[int]
    waiting: Var[str]


class BrandSheet(ClientComponent):
    """Exchanges the merchant's stylesheet when its address changes."""

    tag = "BrandSheet"

    address: Var[str]


class ThemeChoice(ClientComponent):
    """Light, dark, system."""

    tag = "ThemeChoice"

    label: Var[str]
    name: Var[str]
    options: Var[list]


class LanguageChoice(ClientComponent):
    """The languages that have a catalogue."""

    tag = "LanguageChoice"

    label: Var[str]
    name: Var[str]
    options: Var[list]
    on_choose: rx.EventHandler[_chosen]


class CopyButton(ClientComponent):
    """Copies a text to the clipboard."""

    tag = "CopyButton"

    value: Var[str]
    label: Var[str]
    done_label: Var[str]
    name: Var[str]
    icon: Var[rx.Component]


class SendWhenComplete(ClientComponent):
    """Sends a form when its code has all digits."""

    tag = "SendWhenComplete"

    field: Var[str]
    length: Var[int]


class KeepTyped(ClientComponent):
    """Brings back what was typed before the form was sent."""

    tag = "KeepTyped"

    field: Var[str]
