"""Puts the typefaces of a sheet into its file: only the shapes that were drawn, each with the text it stands for."""

import hashlib

from fpdf.enums import FontDescriptorFlags
from fpdf.fonts import PDFFontDescriptor
from fpdf.output import CIDSystemInfo, OutputProducer, PDFFont, PDFFontStream
from fpdf.syntax import Name, PDFArray, PDFContentStream

from portal_app.documents.faces import Face, Glyph

# A mapping block holds a hundred entries at most.
# Source: Adobe Technical Note 5014
_BLOCK = 100
_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{blocks}endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


class UsedFace:
    """A typeface as one document uses it.

    Codes are given out in the order of drawing. The same shape has several codes where it stands for several
    texts, so that what is copied or read aloud is what was written.
    """

    def __init__(self, face: Face, index: int) -> None:
        self.face = face
        self.index = index
        self._codes: dict[tuple[int, str], str] = {}

    def code_of(self, glyph: Glyph) -> str:
        """The two-byte code, in hexadecimal, that draws this shape for this text."""
        key = (glyph.glyph_id, glyph.text)
        return self._codes.get(key) or self._codes.setdefault(key, f"{len(self._codes) + 1:04X}")

    def widths(self) -> str:
        """What the file says about how wide each code is."""
        return f"[1 [{' '.join(str(self.face.width_of(glyph_id)) for glyph_id, _ in self._codes)}]]"

    def reading(self) -> str:
        """The map from codes back to text."""
        entries = [f"<{code}> <{text.encode('utf-16-be').hex().upper()}>\n" for (_, text), code in self._codes.items()]
        blocks = (entries[start : start + _BLOCK] for start in range(0, len(entries), _BLOCK))
        return _CMAP.format(
            blocks="".join(f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n" for block in blocks)
        )

    def cut(self) -> tuple[bytes, bytes]:
        """The file with the drawn shapes, and the map from codes to where they stand in it."""
        file, places = self.face.subset(glyph_id for glyph_id, _ in self._codes)
        shapes = [0, *(places[glyph_id] for glyph_id, _ in self._codes)]
        return file, b"".join(shape.to_bytes(2) for shape in shapes)

    def name(self) -> str:
        """The typeface's name with the six letters that tell one cut from another."""
        digest = hashlib.sha256(repr(sorted(self._codes)).encode()).digest()
        return "".join(chr(ord("A") + byte % 26) for byte in digest[:6]) + f"+{self.face.name}"


class Producer(OutputProducer):
    """Writes a sheet's file, with our way of embedding fonts.

    fpdf2 parses and cuts a font with fontTools for each document, which took most of the time an invoice needs.
    """

    def _add_fonts(self, *_: object) -> dict[int, PDFFont]:
        return {used.index: self._add_face(used) for used in self._used_faces()}

    def _used_faces(self) -> list[UsedFace]:
        return getattr(self.fpdf, "used_faces", [])

    def _add_face(self, used: UsedFace) -> PDFFont:
        name = used.name()
        file, places = used.cut()
        font = PDFFont(subtype="Type0", base_font=name, encoding="Identity-H")
        self._add_pdf_obj(font, "fonts")
        descendant = PDFFont(subtype="CIDFontType2", base_font=name, d_w=0, w=used.widths())
        self._add_pdf_obj(descendant, "fonts")
        font.descendant_fonts = PDFArray([descendant])
        font.to_unicode = PDFContentStream(used.reading().encode("ascii"), compress=True)
        self._add_pdf_obj(font.to_unicode, "fonts")
        descendant.c_i_d_system_info = CIDSystemInfo()
        self._add_pdf_obj(descendant.c_i_d_system_info, "fonts")
        descendant.font_descriptor = self._add_descriptor(used.face, name, file)
        descendant.c_i_d_to_g_i_d_map = PDFContentStream(places, compress=True)
        self._add_pdf_obj(descendant.c_i_d_to_g_i_d_map, "fonts")
        return font

    def _add_descriptor(self, face: Face, name: str, file: bytes) -> PDFFontDescriptor:
        descriptor = PDFFontDescriptor(
            ascent=face.ascent,
            descent=face.descent,
            cap_height=face.cap_height,
            flags=FontDescriptorFlags.SYMBOLIC,
            font_b_box=face.box,
            italic_angle=0,
            stem_v=80,
            missing_width=0,
        )
        descriptor.font_name = Name(name)
        self._add_pdf_obj(descriptor, "fonts")
        stream = PDFFontStream(contents=file)
        # fpdf2 writes whatever attributes a descriptor has.
        setattr(descriptor, "font_file2", stream)  # noqa: B010
        self._add_pdf_obj(stream, "fonts")
        return descriptor
