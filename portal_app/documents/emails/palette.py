"""The colours of a mail: the style tokens' lightness, the merchant's hue, as the plain hex that mail programs know."""

from dataclasses import dataclass
from functools import lru_cache

from coloraide import Color

_LARGEST_CHROMA = 0.16
_INK_BELOW_CHROMA = 0.03


@dataclass(frozen=True)
class Shades:
    """One mode's colours. Each text colour holds 4.5:1 on the surface it stands on."""

    page: str
    surface: str
    sunken: str
    line: str
    text: str
    quiet: str
    fill: str
    on_fill: str
    link: str


@lru_cache(maxsize=16)
def shades_of(colour: str) -> tuple[Shades, Shades]:
    """Light and dark for a brand's colour (`#rrggbb`); an almost colourless brand writes in ink."""
    given = Color(colour).convert("oklch")
    chroma = min(given["chroma"], _LARGEST_CHROMA)
    hue = given["hue"] if chroma >= _INK_BELOW_CHROMA else 250.0

    def brand(lightness: float, share: float) -> str:
        return _hex(lightness, chroma * share, hue)

    light = Shades(
        page=_hex(0.968, 0.003, 250),
        surface="#ffffff",
        sunken=_hex(0.968, 0.003, 250),
        line=_hex(0.892, 0.007, 250),
        text=_hex(0.215, 0.014, 250),
        quiet=_hex(0.455, 0.016, 250),
        fill=brand(0.51, 1),
        on_fill="#ffffff",
        link=brand(0.45, 0.95),
    )
    dark = Shades(
        page=_hex(0.175, 0.006, 250),
        surface=_hex(0.205, 0.007, 250),
        sunken=_hex(0.262, 0.009, 250),
        line=_hex(0.318, 0.011, 250),
        text=_hex(0.945, 0.004, 250),
        quiet=_hex(0.745, 0.012, 250),
        fill=brand(0.5325, 0.91),
        on_fill="#ffffff",
        link=brand(0.8, 0.72),
    )
    return light, dark


def _hex(lightness: float, chroma: float, hue: float) -> str:
    return Color("oklch", [lightness, chroma, hue]).convert("srgb").fit("srgb").to_string(hex=True)
