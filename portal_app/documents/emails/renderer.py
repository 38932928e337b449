"""Draws a letter as HTML (Jinja2 → MJML → HTML that Outlook understands) and writes it as plain text."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from mjml import mjml2html

from portal_app.documents.emails.kinds import KINDS
from portal_app.documents.emails.letter import Brand, Button, Code, RenderedEmail, cleaned, one_line
from portal_app.documents.emails.palette import shades_of
from portal_app.kit.i18n import words_in

_TEMPLATES = Path(__file__).parent / "templates"


def render(kind: str, context: Mapping[str, object], brand: Brand, locale: str) -> RenderedEmail:
    """One mail of `kind`, written from `context` in the visitor's language.

    Texts in `context` and the business's name are data: put on one line and shown as text, whatever they contain.

    Raises:
        KeyError: there is no such kind.
        TypeError: `context` lacks something the kind needs, or knows too much.
    """
    chosen, words = KINDS[kind], words_in(locale)
    brand = replace(brand, name=str(one_line(brand.name)))
    letter = chosen.write(words, brand, chosen.context(**cleaned(context)))
    light, dark = shades_of(brand.colour)
    said = {"letter": letter, "brand": brand, "locale": words.locale, "light": light, "dark": dark, "_": words}
    return RenderedEmail(
        subject=letter.subject,
        text=_environment().get_template("letter.txt").render(said),
        html=mjml2html(_environment().get_template("letter.mjml").render(said)),
        links=tuple(block.url for block in letter.blocks if isinstance(block, Button)),
        code=next((block.digits for block in letter.blocks if isinstance(block, Code)), ""),
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["mjml"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
