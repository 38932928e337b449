"""A sheet of paper: text, hairlines and pictures at places in points, from the top left corner."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from io import BytesIO

from fpdf import FPDF
from fpdf.enums import OutputIntentSubType, PDFResourceType, ResourceAccessPolicy
from fpdf.image_datastructures import ImageCache, RasterImageInfo
from fpdf.image_parsing import preload_image
from fpdf.output import PDFICCProfile
from fpdf.prefs import ViewerPreferences
from fpdf.util import builtin_srgb2014_bytes
from PIL import Image, UnidentifiedImageError

from portal_app.documents.embedding import Producer, UsedFace
from portal_app.documents.faces import REGULAR, Face, Glyph
from portal_app.documents.typesetting import Line, Run, break_lines, clean, set_line

INK, SECOND_INK, HAIRLINE = "#151a20", "#50585f", "#d8dce0"

_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{lang}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{made_at}</xmp:CreateDate><xmp:ModifyDate>{made_at}</xmp:ModifyDate>
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>"""
_PRODUCER = "fpdf2"
_MOST_PIXELS = 16_000_000


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks: lengths in points, `tracking` in thousandths of the size."""

    size: float
    leading: float
    weight: int = REGULAR
    colour: str = INK
    tracking: int = 0

    def in_colour(self, colour: str) -> "Style":
        """The same, in another colour."""
        return replace(self, colour=colour)

    def width_of(self, line: Line) -> float:
        """How wide a line is in this style."""
        return (line.width + self.tracking * line.steps) * self.size / 1000


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a file says about itself. The same imprint and drawing give the same bytes."""

    title: str
    author: str
    lang: str
    made_at: datetime


class Sheet(FPDF):
    """A document under the pen. Nothing is loaded by name or address: no links, no markup, no remote pictures."""

    def __init__(self, imprint: Imprint, paper: str = "a4") -> None:
        super().__init__(unit="pt", format=paper)
        self.used_faces: list[UsedFace] = []
        self._used: dict[Face, UsedFace] = {}
        self.resource_access_policy = ResourceAccessPolicy.NONE
        self.set_auto_page_break(False)
        self._say_who_made_it(imprint)

    def _say_who_made_it(self, imprint: Imprint) -> None:
        title, author = clean(imprint.title, 300), clean(imprint.author, 300)
        made_at = imprint.made_at.astimezone(UTC).replace(microsecond=0)
        self.set_title(title)
        self.set_author(author)
        self.set_lang(imprint.lang)
        self.set_creation_date(made_at)
        self.set_producer(_PRODUCER)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_xmp_metadata(
            _XMP.format(
                title=escape(title),
                author=escape(author),
                lang=escape(imprint.lang),
                made_at=made_at.isoformat(),
                producer=_PRODUCER,
            )
        )
        self._set_min_pdf_version("1.7")
        self.add_output_intent(
            OutputIntentSubType.PDFA,
            output_condition_identifier="sRGB",
            dest_output_profile=PDFICCProfile(contents=builtin_srgb2014_bytes(), n=3, alternate="DeviceRGB"),
            info="sRGB",
        )

    def text_at(self, x: float, baseline: float, text: str, style: Style) -> None:
        """Draw one line that starts at `x`."""
        self.line_at(x, baseline, set_line(clean(text).replace("\n", " "), style.weight), style)

    def text_ending_at(self, x: float, baseline: float, text: str, style: Style) -> None:
        """Draw one line that ends at `x`."""
        line = set_line(clean(text).replace("\n", " "), style.weight)
        self.line_at(x - style.width_of(line), baseline, line, style)

    def lines_of(self, text: str, style: Style, width: float) -> list[Line]:
        """Break a text so that it fits a column; nothing is drawn yet."""
        return break_lines(clean(text), style.weight, width * 1000 / style.size)

    def fitted(self, text: str, style: Style, width: float) -> Line:
        """One line that fits a width; what does not is left out behind an ellipsis."""
        first, *rest = self.lines_of(text, style, width)
        return self.lines_of(text, style, width - style.size)[0].ending_in("…", style.weight) if rest else first

    def line_at(self, x: float, baseline: float, line: Line, style: Style) -> None:
        """Draw a line that has been set."""
        pen = _Pen(style)
        for run in line.runs:
            pen.show(run, self._use(run.face))
        self._out(f"BT {_rgb(style.colour)} rg 1 0 0 1 {x:.2f} {self.h - baseline:.2f} Tm {pen.operators()} ET")

    def hairline(self, x1: float, x2: float, y: float, *, colour: str = HAIRLINE, dashed: bool = False) -> None:
        """A thin line across; the dashed one divides a sum from its explanation."""
        dash = "[2 2] 0 d " if dashed else ""
        height = self.h - y
        self._out(f"q 0.6 w {dash}{_rgb(colour)} RG {x1:.2f} {height:.2f} m {x2:.2f} {height:.2f} l S Q")

    def picture(self, png: bytes, x: float, y: float, width: float, height: float) -> bool:
        """Draw a picture as large as fits a box, from its top left corner; False where the bytes are no picture."""
        decoded = _decoded(png)
        if decoded is None:
            return False
        info = RasterImageInfo(decoded, i=len(self.image_cache.images) + 1)
        scale = min(width / info.width, height / info.height)
        self.image_cache.images[str(info["i"])] = info
        self._raster_image(str(info["i"]), None, info, x, y, info.width * scale, info.height * scale)
        return True

    def on_every_page(self, draw: Callable[[int, int], None]) -> None:
        """Go back to each page, with its number and how many there are."""
        for number in range(1, self.pages_count + 1):
            self.page = number
            draw(number, self.pages_count)

    def file(self) -> bytes:
        """The finished document."""
        return bytes(self.output(output_producer_class=Producer))

    def _use(self, face: Face) -> UsedFace:
        used = self._used.get(face)
        if used is None:
            used = self._used[face] = UsedFace(face, len(self._used) + 1)
            self.used_faces.append(used)
        self._resource_catalog.add(PDFResourceType.FONT, used.index, self.page)
        return used


class _Pen:
    """Follows where a viewer's pen stands in a line, and moves it to where shaping wants the next shape."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._stands = 0
        self._wanted = 0
        self._rise = 0
        self._shown: list[str] = []
        self._array: list[str] = []
        self._codes: list[str] = []

    def show(self, run: Run, used: UsedFace) -> None:
        """Add the shapes of one typeface."""
        self._shown.append(f"/F{used.index} {self._style.size:g} Tf")
        tracking = self._style.tracking
        for glyph in run.glyphs:
            if glyph.dy != self._rise or self._stands != self._wanted + glyph.dx:
                self._move_to(glyph)
            self._codes.append(used.code_of(glyph))
            self._stands += glyph.width
            self._wanted += glyph.advance + (tracking if glyph.advance else 0)
        self._end_array()

    def operators(self) -> str:
        """What a page has to hold so that all of it is drawn."""
        return " ".join([*self._shown, "0 Ts"] if self._rise else self._shown)

    def _move_to(self, glyph: Glyph) -> None:
        if glyph.dy != self._rise:
            self._end_array()
            self._rise = glyph.dy
            self._shown.append(f"{glyph.dy * self._style.size / 1000:.3g} Ts")
        back = self._stands - self._wanted - glyph.dx
        if back:
            self._end_codes()
            self._array.append(str(back))
            self._stands -= back

    def _end_codes(self) -> None:
        if self._codes:
            self._array.append(f"<{''.join(self._codes)}>")
            self._codes = []

    def _end_array(self) -> None:
        self._end_codes()
        if self._array:
            self._shown.append(f"[{' '.join(self._array)}] TJ")
            self._array = []


@lru_cache(maxsize=8)
def _decoded(png: bytes) -> RasterImageInfo | None:
    """A picture as a file holds it. Kept, since a merchant's logo stands on every document of theirs."""
    try:
        with Image.open(BytesIO(png), formats=["PNG"]) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return None
            info = preload_image(ImageCache(), opened)[2]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return None
    return info if isinstance(info, RasterImageInfo) else None


@lru_cache(maxsize=64)
def _rgb(colour: str) -> str:
    return " ".join(f"{int(colour[n : n + 2], 16) / 255:.3g}" for n in (1, 3, 5))
