"""The typefaces of our documents: parsed once per process, shaped by HarfBuzz, cut down to what a document uses."""

# uharfbuzz is compiled and comes without type stubs.
# pyright: reportAttributeAccessIssue=false

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
import fontpkg_noto_sans_arabic
import uharfbuzz as hb

OURS = Path(__file__).parent / "fonts"
REGULAR, STRONG = 400, 600

# What layout needed has been done when a subset is made; a viewer only draws.
_NOT_FOR_VIEWERS = ("GSUB", "GPOS", "GDEF", "STAT", "HVAR", "MVAR", "avar", "gasp", "name")
_SUBSET_FLAGS = (
    hb.SubsetFlags.NO_HINTING
    | hb.SubsetFlags.NOTDEF_OUTLINE
    | hb.SubsetFlags.NO_LAYOUT_CLOSURE
    | hb.SubsetFlags.SET_OVERLAPS_FLAG
)


@dataclass(frozen=True, slots=True)
class Glyph:
    """One drawn shape, and the text it stands for; lengths in thousandths of the type size.

    `text` is empty where another shape of the same cluster carries it, such as the dots of an Arabic letter.
    `width` is how far the pen moves by itself, `advance` how far it has to, after kerning.
    """

    glyph_id: int
    text: str
    width: int
    advance: int
    dx: int = 0
    dy: int = 0


class Face:
    """One typeface at one weight."""

    def __init__(self, name: str, path: Path, weight: int | None) -> None:
        self.name = name
        self._weight = weight
        self._face = _parsed(path)
        self._font = hb.Font(self._face)
        if weight is not None:
            self._font.set_variations({"wght": weight, "wdth": 100})
        self._scale = 1000 / self._face.upem
        self.characters = frozenset(self._face.unicodes)

    @property
    def box(self) -> str:
        """The rectangle that holds every shape.

        Source: https://learn.microsoft.com/en-us/typography/opentype/spec/head
        """
        sides = struct.unpack(">4h", self._face.reference_table("head").data[36:44])
        return f"[{' '.join(str(round(side * self._scale)) for side in sides)}]"

    @property
    def ascent(self) -> int:
        return round(self._font.get_font_extents("ltr").ascender * self._scale)

    @property
    def descent(self) -> int:
        return round(self._font.get_font_extents("ltr").descender * self._scale)

    @property
    def cap_height(self) -> int:
        return round(self._font.get_metric_position_with_fallback(hb.OTMetricsTag.CAP_HEIGHT) * self._scale)

    def width_of(self, glyph_id: int) -> int:
        """How far the pen moves by itself after this shape."""
        return round(self._font.get_glyph_h_advance(glyph_id) * self._scale)

    def shape(self, text: str, *, is_rtl: bool) -> tuple[Glyph, ...]:
        """The shapes of a text in drawing order, left to right."""
        buffer = hb.Buffer()
        buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_CHARACTERS
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if is_rtl else "ltr"
        hb.shape(self._font, buffer)
        infos, places = buffer.glyph_infos, buffer.glyph_positions
        speakers = _speakers(infos, places)
        texts = _cluster_texts(text, speakers)
        return tuple(
            Glyph(
                info.codepoint,
                texts[info.cluster] if speakers[info.cluster] == n else "",
                self.width_of(info.codepoint),
                round(place.x_advance * self._scale),
                round(place.x_offset * self._scale),
                round(place.y_offset * self._scale),
            )
            for n, (info, place) in enumerate(zip(infos, places, strict=True))
        )

    def subset(self, glyph_ids: Iterable[int]) -> tuple[bytes, dict[int, int]]:
        """A TrueType file with these shapes only, and where each of them now stands."""
        wanted = hb.SubsetInput()
        wanted.flags = _SUBSET_FLAGS
        wanted.glyph_set.update(set(glyph_ids))
        wanted.drop_table_tag_set.update({int.from_bytes(tag.encode()) for tag in _NOT_FOR_VIEWERS})
        if self._weight is not None:
            wanted.pin_axis_location(self._face, "wght", self._weight)
            wanted.pin_axis_location(self._face, "wdth", 100)
        plan = hb.SubsetPlan(self._face, wanted)
        places = dict(plan.old_to_new_glyph_mapping.items())
        return plan.execute().blob.data, places


def _speakers(infos: list[hb.GlyphInfo], places: list[hb.GlyphPosition]) -> dict[int, int]:
    """For each cluster, which of its shapes carries the text: the widest, so that selecting it feels right."""
    widest: dict[int, int] = {}
    for n, info in enumerate(infos):
        known = widest.get(info.cluster)
        if known is None or places[n].x_advance > places[known].x_advance:
            widest[info.cluster] = n
    return widest


def _cluster_texts(text: str, clusters: Iterable[int]) -> dict[int, str]:
    starts = sorted(clusters)
    return {start: text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)}


@cache
def _parsed(path: Path) -> hb.Face:
    # From bytes, not from the path: a file mapped into memory would break under an upgrade of its package.
    return hb.Face(hb.Blob(path.read_bytes()))


@cache
def faces(weight: int) -> tuple[Face, ...]:
    """Every typeface of a weight, the first choice first.

    Japanese comes in one weight: a second would double the size of this package for a few headings.
    """
    latin = Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf"
    arabic = Path(fontpkg_noto_sans_arabic.ROOT) / "files" / "NotoSansArabic[wdth,wght].ttf"
    style = "Regular" if weight == REGULAR else "SemiBold"
    return (
        Face(f"NotoSans-{style}", latin, weight),
        Face(f"NotoSansArabic-{style}", arabic, weight),
        _japanese(),
    )


@cache
def _japanese() -> Face:
    return Face("NotoSansJP-Regular", OURS / "NotoSansJP-Regular.ttf", None)
