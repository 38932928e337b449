"""What the front-end build adds: one stylesheet made of tokens, theme and components, and the languages' catalogues."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import reflex as rx
from reflex_base.plugins.shared_tailwind import TailwindConfig

from portal_app.kit.catalogues import client_catalogues

STYLES = Path(__file__).parent / "styles"
PARTS = ("theme", "base", "controls", "records", "feedback", "shell")
# Only our own generated pages are searched for class names; node_modules and Tailwind's default theme stay out.
_ENTRY = """@layer theme, base, components, utilities;
@import "tailwindcss/preflight.css" layer(base);
@import "tailwindcss/utilities.css" layer(utilities) source(none);
@source "../app/**/*.jsx";
@source "../app_components/**/*.jsx";
@source "../components/**/*.jsx";
@source "../utils/**/*.jsx";
"""


# As React Router writes them; in the head, one hint and one link a page.
_HINT = re.compile(r'(<link as="style" href="/assets/[^"]+\.css" rel="preload")/>')
_LINK = re.compile(r'<link href="(/assets/[^"]+\.css)" rel="stylesheet" type="text/css"/>')


def stylesheet() -> str:
    """The whole stylesheet before Tailwind."""
    # The tokens lie in a layer, so that the merchant's own stylesheet wins wherever it stands in the head.
    return _ENTRY + f"@layer theme {{\n{_text('tokens')}}}\n" + "".join(_text(part) for part in PARTS)


def _text(part: str) -> str:
    return (STYLES / f"{part}.css").read_text(encoding="utf-8")


def with_styles_inside(page: str, folder: Path) -> str:
    """A built page that brings its stylesheet along: the first paint does not wait for it among the scripts.

    Link and hint stay for React, which would make them anew; as they are, no browser fetches them.

    Raises:
        RuntimeError: the page does not name its stylesheet as it did.
    """
    links = list(_LINK.finditer(page))
    if len(links) != 1:
        raise RuntimeError("a built page names no stylesheet, or several; see how React Router writes the link now")
    [link] = links
    sheet = (folder / link[1].lstrip("/")).read_text(encoding="utf-8")
    inside = f"<style>{sheet}</style>{link[0].removesuffix('/>')} disabled/>"
    return _HINT.sub(r'\1 media="not all"/>', page.replace(link[0], inside))


@dataclass
class PortalStyles(rx.plugins.TailwindV4Plugin):
    """Tailwind with our entry in place of its own, and without the plugin that Reflex adds to it."""

    config: TailwindConfig = field(default_factory=lambda: TailwindConfig(plugins=[]))

    def pre_compile(self, **context: Any) -> None:
        """Let Tailwind prepare itself, then put our stylesheet where its own stood."""
        super().pre_compile(**context)
        context["add_modify_task"]("styles/tailwind.css", lambda _content: stylesheet())

    def post_build(self, **context: Any) -> None:
        """Put the stylesheet into every page, before the pages are compressed."""
        folder = Path(context["static_dir"])
        for file in folder.rglob("*.html"):
            page = file.read_text(encoding="utf-8")
            file.write_text(with_styles_inside(page, folder), encoding="utf-8")

    def get_static_assets(self, **_context: Any) -> Sequence[tuple[Path, str]]:
        """The catalogues, under addresses that change with their content."""
        return [
            (Path("public") / catalogue.address.lstrip("/"), catalogue.content)
            for catalogue in client_catalogues().values()
        ]
