"""Texts that the browser says: `_("Invoices")` becomes a look-up in the catalogue of the visitor's language."""

import json
from typing import Any

import reflex as rx
from reflex.vars import Var, VarData
from reflex_base.utils.imports import ImportVar

from portal_app.kit.catalogues import client_catalogues
from portal_app.kit.i18n import DEFAULT_LOCALE

Text = str | Var

LIBRARY = rx.asset("i18n.js", shared=True).importable_path
LANGUAGE_NAMES = {"en": "English", "de": "Deutsch"}


def _(message: str, /, **holes: Any) -> Var[str]:
    """Say `message` in the visitor's language; `{named}` holes take text, numbers or Vars.

    The English text is the catalogue's key, so it must be written out in full at the call.
    Amounts and dates come formatted from the server; a whole number is grouped here.
    """
    return _spoken("say", message, holes=holes).to(str)


def _n(one: str, many: str, /, *, n: Any, **holes: Any) -> Var[str]:
    """Say by number, in the plural forms of the visitor's language: `_n("{n} invoice", "{n} invoices", n=…)`."""
    return _spoken("say.n", one, many, holes={"n": n, **holes}).to(str)


def _rich(message: str, /, **holes: rx.Component | Text) -> Var:
    """Say a sentence with components in its holes, in the order that the language wants; only for children."""
    return _spoken("say.rich", message, holes=holes)


def language() -> Var[str]:
    """The language that the page speaks now, as `lang` has it."""
    return _var("say.locale", []).to(str)


def _spoken(function: str, *messages: str, holes: dict[str, Any]) -> Var:
    filled = {name: value if isinstance(value, Var) else Var.create(value) for name, value in holes.items()}
    said = [json.dumps(message, ensure_ascii=False) for message in messages]
    if filled:
        said.append("({" + ", ".join(f"{json.dumps(name)}: {value!s}" for name, value in filled.items()) + "})")
    return _var(f"{function}({', '.join(said)})", list(filled.values()))


def _var(expression: str, parts: list[Var]) -> Var:
    data = VarData(imports={LIBRARY: [ImportVar(tag="useWords")]}, hooks={"const say = useWords()": None})
    return Var(_js_expr=expression, _var_data=VarData.merge(data, *[part._get_all_var_data() for part in parts]))


def head_script() -> rx.Component:
    """Decide the language before the first paint, fetch its texts early and hide the page until they are there.

    Order: `?locale=`, the cookie, the browser's languages, English.
    """
    addresses = {locale: catalogue.address for locale, catalogue in client_catalogues().items()}
    known = json.dumps({DEFAULT_LOCALE: "", **addresses}, separators=(",", ":"))
    return rx.el.script(_HEAD % known)


# Runs in the head, before hydration. After three seconds the page shows itself in English. The theme comes last:
# where a browser forbids storage, asking for it throws.
_HEAD = """(() => {
  const known = %s, root = document.documentElement;
  const cookie = /(?:^|; )locale=([\\w-]+)/.exec(document.cookie);
  const asked = new URLSearchParams(location.search).get("locale");
  const wanted = [asked, cookie && cookie[1], ...(navigator.languages || [])].filter(Boolean);
  const locale = wanted.map((tag) => tag.split("-")[0].toLowerCase()).find((tag) => tag in known) || "en";
  const portal = (window.__portal = { known, locale });
  root.lang = locale;
  root.dir = /^(ar|fa|he|ur)$/.test(locale) ? "rtl" : "ltr";
  if (asked === locale) document.cookie = `locale=${locale}; Path=/; Max-Age=31536000; SameSite=Lax`;
  if (known[locale]) {
    root.dataset.waiting = "";
    portal.texts = fetch(known[locale]).then((answer) => answer.json()).catch(() => null);
    setTimeout(() => delete root.dataset.waiting, 3000);
  }
  const theme = localStorage.getItem("theme");
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
})();"""
