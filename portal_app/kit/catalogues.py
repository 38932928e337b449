"""The catalogues of all texts: gather them from the source, check the translations, compile what browsers need.

Run `python -m portal_app.kit.catalogues update` after writing a text, translate what it names, then `check`.
"""

import gettext
import hashlib
import json
import re
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from portal_app.kit.i18n import DEFAULT_LOCALE, FOLDER, LOCALES

PACKAGE = Path(__file__).parent.parent
KEYWORDS = {"_": None, "N_": None, "_rich": None, "_n": (1, 2), "n": (1, 2)}
METHODS = [("**.py", "python"), ("**/templates/**", "jinja2.ext:babel_extract")]
CLIENT_FOLDERS = ("components/", "pages/")
_HEADER = """# Written by `python -m portal_app.kit.catalogues update`; only the translations are edited by hand.
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
_ACCENTS = str.maketrans("aeiouyAEIOUcnsdlrtz", "àéîöüýÀÉÎÖÜçñšđľŕťž")


@dataclass(frozen=True)
class ClientCatalogue:
    """One language as the browser fetches it, under an address that changes with its content."""

    address: str
    content: str


def extract() -> Catalog:
    """Every text in the source of the package, with the files it stands in."""
    catalog = Catalog(charset="utf-8")
    found = extract_from_dir(
        PACKAGE, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    )
    for filename, _line, message, comments, context in found:
        catalog.add(message, None, [(Path(filename).as_posix(), 0)], auto_comments=comments, context=context)
    return catalog


def read(locale: str) -> Catalog:
    """The catalogue of a locale as it is stored; empty when there is none yet."""
    path = path_of(locale)
    if not path.exists():
        return Catalog(locale=locale, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def path_of(locale: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES" / "portal.po"


def update() -> dict[str, list[str]]:
    """Bring each catalogue up to the source: new texts empty, gone texts dropped. Returns what lacks a translation."""
    template = extract()
    missing = {}
    for locale in LOCALES:
        catalog = read(locale)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        _write(catalog, path_of(locale))
        if locale != DEFAULT_LOCALE:
            missing[locale] = [_key(message) for message in _texts(catalog) if not _is_translated(message)]
    return missing


def problems() -> list[str]:
    """What is wrong with the stored catalogues, one line each; empty when every text can be said in every locale."""
    template = extract()
    wanted = {_key(message): message for message in _texts(template)}
    found = []
    for locale in LOCALES:
        stored = {_key(message): message for message in _texts(read(locale))}
        found += [f"{locale}: not in the catalogue: {key}" for key in wanted.keys() - stored.keys()]
        found += [f"{locale}: nowhere in the source: {key}" for key in stored.keys() - wanted.keys()]
        for key in wanted.keys() & stored.keys():
            found += [f"{locale}: {problem}: {key}" for problem in _faults(locale, stored[key])]
    return sorted(found)


def _faults(locale: str, message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield "not confirmed (fuzzy)"
    if locale == DEFAULT_LOCALE:
        if _is_translated(message):
            yield "the English text is the key and has no translation"
        return
    if not _is_translated(message):
        yield "no translation"
        return
    source = set().union(*(holes_in(text) for text in _both(message.id)))
    for text in _both(message.string or ""):
        if holes_in(text) - source:
            yield f"unknown hole {sorted(holes_in(text) - source)}"
        if source - holes_in(text) - {"n"}:
            yield f"lost hole {sorted(source - holes_in(text) - {'n'})}"


def holes_in(text: str) -> set[str]:
    """The names between braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@cache
def client_catalogues() -> dict[str, ClientCatalogue]:
    """Per locale other than English, what pages and components say, ready to be served and kept for ever."""
    return {locale: client_catalogue(locale, read(locale)) for locale in LOCALES if locale != DEFAULT_LOCALE}


def client_catalogue(locale: str, catalog: Catalog) -> ClientCatalogue:
    """The texts of `catalog` that a browser needs, as JSON; plural forms under their CLDR names."""
    texts: dict[str, Any] = {}
    for message in _texts(catalog):
        if not (_is_translated(message) and any(file.startswith(CLIENT_FOLDERS) for file, _ in message.locations)):
            continue
        if isinstance(message.id, str):
            texts[message.id] = message.string
        else:
            said = _both(message.string or "")
            texts[message.id[0]] = {name: said[place] for name, place in _plural_forms(locale, catalog).items()}
    content = json.dumps(texts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    mark = hashlib.sha256(content.encode()).hexdigest()[:12]
    return ClientCatalogue(f"/i18n/{locale}.{mark}.json", content)


def _plural_forms(locale: str, catalog: Catalog) -> dict[str, int]:
    """CLDR's name of each plural form → the place of its text in the catalogue."""
    rule = Locale.parse(locale, sep="-").plural_form
    place = gettext.c2py(catalog.plural_expr)
    forms = {rule(number): place(number) for number in range(200)}
    return forms | {"other": forms.get("other", catalog.num_plurals - 1)}


def pseudo(text: str) -> str:
    """The same text longer, accented and in brackets, its holes untouched: shows what nobody translated."""
    parts = re.split(r"(\{\w*\})", text)
    said = "".join(part if part.startswith("{") else part.translate(_ACCENTS) for part in parts)
    return f"[{said}{' ·' * max(1, len(text) // 8)}]"


def pseudo_catalogue() -> ClientCatalogue:
    """Every text of pages and components in the pseudo-language: a test serves it in place of a real one."""
    catalog = extract()
    for message in _texts(catalog):
        message.string = (
            pseudo(message.id) if isinstance(message.id, str) else tuple(pseudo(text) for text in message.id)
        )
    return client_catalogue(DEFAULT_LOCALE, catalog)


def _texts(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _key(message: Message) -> str:
    return _both(message.id)[0]


def _both(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _is_translated(message: Message) -> bool:
    return bool(message.string) and all(_both(message.string))


def _write(catalog: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        # Neither line numbers nor dates: a catalogue changes only when a text does.
        file.write(_HEADER.format(locale=catalog.locale, plurals=catalog.plural_forms).encode())
        write_po(file, catalog, width=120, sort_output=True, include_lineno=False, omit_header=True)


def main(arguments: list[str]) -> int:
    """Run one of the commands; returns the exit status."""
    say = sys.stdout.write
    match arguments:
        case ["update"]:
            for locale, missing in update().items():
                say(f"{locale}: {len(missing)} without a translation\n" + "".join(f"  {text}\n" for text in missing))
            return 0
        case ["check"]:
            found = problems()
            say("".join(f"{problem}\n" for problem in found) or "every text is translated\n")
            return 1 if found else 0
        case ["compile", folder]:
            for catalogue in client_catalogues().values():
                target = Path(folder) / catalogue.address.lstrip("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(catalogue.content, encoding="utf-8")
                say(f"{target}\n")
            return 0
    say("usage: python -m portal_app.kit.catalogues update | check | compile FOLDER\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
