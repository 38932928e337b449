"""A merchant's one colour → the stylesheet that turns every page into theirs, readable in light and dark."""

import re
from dataclasses import dataclass

from coloraide import Color

# Below this chroma a colour is a grey: its hue is noise, so the brand is drawn in ink.
INK_BELOW = 0.03
LARGEST_CHROMA = 0.16
LARGEST_RADIUS = 12
# Lightness, and share of the chroma, of the fill that carries white text: `--brand-9` in components/styles/tokens.css.
FILL_LIGHT = (0.51, 1.0)
FILL_DARK = (0.5325, 0.91)
_INK_LIGHT, _INK_DARK = "oklch(0.215 0.014 250)", "oklch(0.945 0.004 250)"
_ON_INK_LIGHT, _ON_INK_DARK = "oklch(0.982 0.002 250)", "oklch(0.175 0.006 250)"
_INK_RULE = (
    ":root,[data-theme]{--brand-9:var(--n-12);--brand-10:var(--n-11);--brand-11:var(--n-12);--on-brand:var(--n-1)}"
)


@dataclass(frozen=True)
class Tone:
    """The hue and chroma that the pages' scale is made of."""

    hue: float
    chroma: float

    @property
    def is_ink(self) -> bool:
        return self.chroma < INK_BELOW


@dataclass(frozen=True)
class Fill:
    """A button as customers will see it: its colour as `#rrggbb`, and the contrast of the text on it."""

    colour: str
    ratio: float


def tone_of(colour: str) -> Tone:
    """The tone of `#rrggbb`; chroma is held to what stays readable at every hue.

    Raises:
        ValueError: not a colour.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"not a colour: {colour[:20]!r}")
    _, chroma, hue = Color(colour).convert("oklch").coords(nans=False)
    return Tone(hue=round(hue, 2) % 360, chroma=round(min(chroma, LARGEST_CHROMA), 4))


def brand_css(colour: str, radius: int) -> str:
    """The text of `/brand.css`. `radius` is in px, 0 to 12.

    Raises:
        ValueError: not a colour.
    """
    tone = tone_of(colour)
    roundness = max(0, min(radius, LARGEST_RADIUS))
    shown = f":root{{--brand-h:{tone.hue:g};--brand-c:{0 if tone.is_ink else tone.chroma:g};--radius:{roundness}px}}"
    return shown + (_INK_RULE if tone.is_ink else "")


def fills(colour: str) -> tuple[Fill, Fill]:
    """The tone that buttons take in light and in dark, to be shown beside the picker before publishing.

    Raises:
        ValueError: not a colour.
    """
    tone = tone_of(colour)
    if tone.is_ink:
        return _fill(_INK_LIGHT, _ON_INK_LIGHT), _fill(_INK_DARK, _ON_INK_DARK)
    return tuple(  # type: ignore[return-value]
        _fill(f"oklch({lightness} {tone.chroma * share} {tone.hue})", "white")
        for lightness, share in (FILL_LIGHT, FILL_DARK)
    )


def _fill(ground: str, text: str) -> Fill:
    shown = Color(ground).convert("srgb").clip()
    # Rounded down: 4.49 must not read as 4.5.
    ratio = int(shown.contrast(Color(text).convert("srgb").clip(), method="wcag21") * 10) / 10
    return Fill(colour=shown.to_string(hex=True), ratio=ratio)
