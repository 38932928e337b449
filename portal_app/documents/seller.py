"""Who hands a document over: what stands at its head and foot."""

import re
from dataclasses import dataclass

from portal_app.documents.sheet import INK

_LEAST_CONTRAST = 4.5
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Seller:
    """The merchant as customers see them.

    `logo_png` must be a picture that we encoded ourselves; `colour` is theirs, as `#rrggbb`.
    """

    name: str
    address: tuple[str, ...] = ()
    email: str = ""
    tax_id: str = ""
    logo_png: bytes | None = None
    colour: str = INK


def readable_on_paper(colour: str) -> str:
    """The colour, darkened as far as text on white needs it; anything that is no colour becomes ink.

    Source: https://www.w3.org/TR/WCAG22/#contrast-minimum
    """
    if not _COLOUR.fullmatch(colour):
        return INK
    channels = [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
    while 1.05 / (_luminance(channels) + 0.05) < _LEAST_CONTRAST:
        channels = [channel * 19 // 20 for channel in channels]
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _luminance(channels: list[int]) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in channels)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
