"""What a mail consists of; the HTML and the plain text are written from the same letter, so that they say the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Brand:
    """The merchant, as far as a mail shows it. `home_url` and `logo_url` are addresses of our own."""

    name: str
    colour: str
    home_url: str
    logo_url: str = ""
    support_email: str = ""
    support_url: str = ""


@dataclass(frozen=True)
class Paragraph:
    """`is_quiet` is for what matters less than the rest."""

    text: str
    is_quiet: bool = False
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True)
class Button:
    """The one deed of the mail, a full address behind it."""

    label: str
    url: str
    kind: str = field(default="button", init=False)


@dataclass(frozen=True)
class Code:
    """Digits to type, with what they are."""

    label: str
    digits: str
    kind: str = field(default="code", init=False)


@dataclass(frozen=True)
class Facts:
    """Names and values, read as a list."""

    rows: tuple[tuple[str, str], ...]
    kind: str = field(default="facts", init=False)


Block = Paragraph | Button | Code | Facts


@dataclass(frozen=True)
class Letter:
    """One mail before it is drawn. `preheader` is what an inbox shows behind the subject; `reason` says why it came."""

    subject: str
    preheader: str
    heading: str
    blocks: tuple[Block, ...]
    reason: str


@dataclass(frozen=True)
class RenderedEmail:
    """A letter as it is sent: both bodies, and the addresses that it links to."""

    subject: str
    text: str
    html: str
    links: tuple[str, ...]
    code: str = ""


# Not printable to Python, but letters of Persian and of emoji families are joined or parted by them.
_JOINERS = "\u200c\u200d"


def one_line(value: object) -> object:
    """A text without line breaks and other control characters: names come from strangers, headers are lines."""
    if not isinstance(value, str):
        return value
    printable = "".join(c if c.isprintable() or c in _JOINERS else " " for c in value)
    return " ".join(printable.split())


def cleaned(context: Mapping[str, object]) -> dict[str, object]:
    """`context` with every text on one line."""
    return {name: one_line(value) for name, value in context.items()}
