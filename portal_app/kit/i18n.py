"""Texts that the server writes: mails, PDFs, errors and amounts in words, from the catalogues in `locale/`."""

import gettext
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent.parent / "locale"
LOCALES = ("en", "de")
DEFAULT_LOCALE = "en"


class Words:
    """Speaks one locale. Bound to the name `_`, so that extraction finds the texts."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self._catalog = _catalog(locale)

    def __call__(self, message: str, /, **holes: object) -> str:
        """Translate `message` and fill its `{named}` holes; untranslated texts stay English."""
        found = self._catalog.get(message) if self._catalog else None
        text = found.string if found and isinstance(found.string, str) and found.string else message
        return text.format(**holes) if holes else text

    def n(self, one: str, many: str, /, *, n: int, **holes: object) -> str:
        """Translate by number: `_.n("{n} invoice", "{n} invoices", n=3)`."""
        catalog = self._catalog
        found = catalog.get(one) if catalog else None
        if catalog and found and isinstance(found.string, tuple | list) and all(found.string):
            text = found.string[_plural_index(catalog, n)]
        else:
            text = one if n == 1 else many
        return text.format(n=n, **holes)


def _plural_index(catalog: Catalog, n: int) -> int:
    return gettext.c2py(catalog.plural_expr)(n)


@cache
def _catalog(locale: str) -> Catalog | None:
    path = FOLDER / locale / "LC_MESSAGES" / "portal.po"
    if not path.exists():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def N_(message: str) -> str:
    """Mark a text for the catalogues where it is written before its locale is known."""
    return message


@cache
def words_in(locale: str) -> Words:
    """The texts of a locale; an unknown one speaks English."""
    return Words(locale if locale in LOCALES else DEFAULT_LOCALE)


def best_locale(wanted: Iterable[str]) -> str:
    """The first wanted locale that has a catalogue, by its language when the region has none."""
    for tag in wanted:
        for candidate in (tag, tag.replace("_", "-").split("-")[0].lower()):
            if candidate in LOCALES:
                return candidate
    return DEFAULT_LOCALE
