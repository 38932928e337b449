"""Small helpers that every component uses: what may stand as text, and how absent parts are left out."""

from collections.abc import Iterable

import reflex as rx
from reflex.vars import Var

Text = str | Var
Piece = rx.Component | Text | None
Body = Piece | Iterable[Piece]


def present(*pieces: Piece) -> list[rx.Component | Text]:
    """The pieces that are there, in order."""
    return [piece for piece in pieces if piece is not None]


def pieces(body: Body) -> list[rx.Component | Text]:
    """A body as a list, whether one piece was given or several."""
    if body is None or isinstance(body, str | Var | rx.Component):
        return present(body)
    return present(*body)


def classes(*names: str | None) -> str:
    """Class names joined, absent ones left out."""
    return " ".join(name for name in names if name)


def hidden(text: Text) -> rx.Component:
    """Heard, not seen."""
    return rx.el.span(text, class_name="sr-only")
