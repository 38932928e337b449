"""Writes `docs/components.md` from the source: `python -m tests.components.reference`."""

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

TARGET = Path("docs/components.md")
MODULES = (
    "i18n",
    "shell",
    "navigation",
    "records",
    "facts",
    "money",
    "badges",
    "icons",
    "buttons",
    "links",
    "forms",
    "choices",
    "feedback",
    "overlays",
    "preferences",
    "document",
    "where",
    "text",
)
HEAD = """# Components

What a page is made of. Everything is keyword-only but the words a thing is called by; texts are `str` or Vars
(`Text`), parts are components or texts (`Piece`), a `Body` is one or several of them. Nothing takes a colour.
Between parts stands Tailwind: spacing (`mt-4`, `grid gap-3`), `text-ink-2` for second text, `text-small`,
`font-medium`, `num` for figures in columns, and the breakpoints `pair` 480, `form` 560, `wide` 768, `side` 1100 px.
Tailwind's own colours and sizes do not exist here, `styles/theme.css` has ours. No left and right: `ps-`, `me-`.

Reflex's own elements (`rx.el.*`) arrange; what is clicked or typed comes from here, because of three traps:

- `rx.el.a` is a link of the router whatever its address. Files and other sites need `href=` of `links` or `buttons`.
- `rx.el.form` is never sent by the browser. What sets or ends a session is a `native_form`.
- A Var is neither true nor false: `rx.cond(text != "", …)`, never `text or …`; and scripts sent by the server
  (`rx.toast`, `rx.call_script`, `rx.set_clipboard`, `rx.window_alert`) are stopped by the content policy.

This file is written by `python -m tests.components.reference`; a test keeps it true.
"""


def written() -> str:
    """The whole reference."""
    return HEAD + "".join(_chapter(name) for name in MODULES)


def _chapter(name: str) -> str:
    module = importlib.import_module(f"portal_app.components.{name}")
    parts = "".join(f"\n```python\n{signature(thing)}\n```\n{_promise(thing)}\n" for thing in public(module))
    return f"\n## {name}\n\n{_promise(module)}\n{parts}"


def public(module: object) -> Iterator[object]:
    """The functions and dataclasses that a module offers, in the order of its source."""
    own = [
        thing
        for name, thing in vars(module).items()
        if getattr(thing, "__module__", "") == module.__name__
        and (not name.startswith("_") or name in ("_", "_n", "_rich"))
        and (inspect.isfunction(thing) or hasattr(thing, "__dataclass_fields__"))
    ]
    return iter(sorted(own, key=lambda thing: inspect.getsourcelines(thing)[1]))


def signature(thing: object) -> str:
    """A call as one reads it: names and types without their packages."""
    told = str(inspect.signature(thing)).replace("NoneType", "None")
    told = re.sub(r"(?:\w+\.)+(?=[A-Z])", "", told)
    told = told.replace("str | Var", "Text").replace("Component | Text | None", "Piece")
    told = told.replace("Piece | Iterable[Piece]", "Body")
    return f"{thing.__name__}{told}"


def _promise(thing: object) -> str:
    return inspect.getdoc(thing) or ""


if __name__ == "__main__":
    TARGET.write_text(written(), encoding="utf-8")
