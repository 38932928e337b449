"""What the front-end build adds: one stylesheet made of tokens, theme and components, and the languages' catalogues."""

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


def stylesheet() -> str:
    """The whole stylesheet before Tailwind."""
    # The tokens lie in a layer, so that the merchant's own stylesheet wins wherever it stands in the head.
    return _ENTRY + f"@layer theme {{\n{_text('tokens')}}}\n" + "".join(_text(part) for part in PARTS)


def _text(part: str) -> str:
    return (STYLES / f"{part}.css").read_text(encoding="utf-8")


@dataclass
class PortalStyles(rx.plugins.TailwindV4Plugin):
    """Tailwind with our entry in place of its own, and without the plugin that Reflex adds to it."""

    config: TailwindConfig = field(default_factory=lambda: TailwindConfig(plugins=[]))

    def pre_compile(self, **context: Any) -> None:
        """Let Tailwind prepare itself, then put our stylesheet where its own stood."""
        super().pre_compile(**context)
        context["add_modify_task"]("styles/tailwind.css", lambda _content: stylesheet())

    def get_static_assets(self, **_context: Any) -> Sequence[tuple[Path, str]]:
        """The catalogues, under addresses that change with their content."""
        return [
            (Path("public") / catalogue.address.lstrip("/"), catalogue.content)
            for catalogue in client_catalogues().values()
        ]
