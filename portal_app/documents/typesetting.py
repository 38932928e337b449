"""Turns any text into lines of shapes: cleaned, in reading order, each character from a typeface that has it."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from fpdf.bidi import BidiParagraph
from fpdf.unicode_script import UnicodeScript, get_unicode_script

from portal_app.documents.faces import Face, Glyph, faces

# A name may be ten megabytes long; nobody reads a document for it.
LONGEST_TEXT = 2000
REPLACEMENT = "\ufffd"
_EMPTY_BOX = "\u25a1"

# Marks that turn the order of what follows them: an address could be made to read as another one.
_TURNS_ORDER = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]")
_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f]")
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_NOT_CHARACTERS = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_FIRST_BEYOND_LATIN = 0x370

# Between ideographs a line may break without a space, but some signs must not begin one.
_IDEOGRAPHIC = "\u2e80-\u303f\u3040-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_NOT_FIRST = "、。，．）」』】〕］｝！？ー々っゃゅょッャュョ・：；"
_BREAKABLE = re.compile(f"[{_IDEOGRAPHIC}][{_NOT_FIRST}]*|[^{_IDEOGRAPHIC} ]+| +")


@dataclass(frozen=True, slots=True)
class Run:
    """Shapes of one typeface that stand side by side."""

    face: Face
    glyphs: tuple[Glyph, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A text ready to be drawn; `width` is in thousandths of the type size, `steps` how often the pen moves on."""

    runs: tuple[Run, ...]
    width: int
    steps: int

    def ending_in(self, sign: str, weight: int) -> "Line":
        """The same with a sign after it."""
        end = set_line(sign, weight)
        return Line(self.runs + end.runs, self.width + end.width, self.steps + end.steps)


def clean(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text as it may be printed: no control characters, nothing that reverses its neighbours; newlines stay."""
    short = text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
    short = unicodedata.normalize("NFC", _NOT_CHARACTERS.sub(REPLACEMENT, short))
    short = _INVISIBLE.sub("", _TURNS_ORDER.sub("", short)).replace("\r\n", "\n")
    return _CONTROLS.sub(" ", short).strip()


@lru_cache(maxsize=1024)
def set_line(text: str, weight: int) -> Line:
    """Shape one line; a character that no typeface has is drawn as an empty box and still reads as itself."""
    runs = tuple(run for piece, is_rtl in _in_drawing_order(text) for run in _runs(piece, weight, is_rtl))
    glyphs = [glyph for run in runs for glyph in run.glyphs]
    return Line(runs, sum(glyph.advance for glyph in glyphs), sum(1 for glyph in glyphs if glyph.advance))


def break_lines(text: str, weight: int, widest: float) -> list[Line]:
    """Break a text into lines no wider than `widest` thousandths; newlines break too."""
    whole = set_line(text, weight) if "\n" not in text else None
    if whole and whole.width <= widest:
        return [whole]
    return [set_line(line, weight) for part in text.split("\n") for line in _broken(part.strip(), weight, widest)]


def _broken(text: str, weight: int, widest: float) -> Iterator[str]:
    line, width = "", 0
    for piece in _BREAKABLE.findall(text):
        its_width = set_line(piece, weight).width
        if width + its_width <= widest or piece.isspace():
            line, width = line + piece, width + its_width
            continue
        if line.strip():
            yield line.rstrip()
        line = piece
        while len(line) > 1 and set_line(line, weight).width > widest:
            fits = _how_many_fit(line, weight, widest)
            yield line[:fits]
            line = line[fits:]
        width = set_line(line, weight).width
    yield line.rstrip()


def _how_many_fit(text: str, weight: int, widest: float) -> int:
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if set_line(text[:middle], weight).width <= widest:
            low = middle
        else:
            high = middle - 1
    return low


def _in_drawing_order(text: str) -> Iterator[tuple[str, bool]]:
    """Pieces from left to right, each in the order in which it is read, with whether that is from the right.

    Source: https://www.unicode.org/reports/tr9/
    """
    if not _RTL.search(text):
        yield text, False
        return
    drawn = BidiParagraph(text, preserve_bn_chars=True).get_reordered_characters()
    for level, group in groupby(drawn, key=lambda character: character.embedding_level):
        piece = "".join(character.character for character in group)
        yield (piece[::-1], True) if level % 2 else (piece, False)


def _runs(text: str, weight: int, is_rtl: bool) -> list[Run]:
    pieces = _by_face(_DIRECTION_MARKS.sub("", text), weight)
    runs = [
        Run(face, face.shape(piece, is_rtl=is_rtl)) if face else _replaced(piece, weight, is_rtl)
        for face, piece in pieces
    ]
    return runs[::-1] if is_rtl else runs


def _replaced(text: str, weight: int, is_rtl: bool) -> Run:
    face = next(face for face in faces(weight) if ord(_EMPTY_BOX) in face.characters)
    box = face.shape(_EMPTY_BOX, is_rtl=False)[0]
    glyphs = tuple(Glyph(box.glyph_id, character, box.width, box.advance) for character in text)
    return Run(face, glyphs[::-1] if is_rtl else glyphs)


def _by_face(text: str, weight: int) -> Iterator[tuple[Face | None, str]]:
    """Pieces of one typeface and one script; a space or an accent stays with what stands before it."""
    piece, now = "", (None, UnicodeScript.COMMON)
    for character in text:
        its = _face_and_script(character, weight, now)
        if piece and its != now:
            yield now[0], piece
            piece = ""
        piece, now = piece + character, its
    if piece:
        yield now[0], piece


def _face_and_script(
    character: str, weight: int, before: tuple[Face | None, UnicodeScript]
) -> tuple[Face | None, UnicodeScript]:
    face, script = before
    code = ord(character)
    joins = character == " " or unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")
    if joins and face is not None and code in face.characters:
        return before
    its_face = next((one for one in faces(weight) if code in one.characters), None)
    if its_face is not faces(weight)[0]:
        return its_face, UnicodeScript.COMMON
    if not character.isalpha():
        return its_face, script if its_face is face else UnicodeScript.COMMON
    return its_face, UnicodeScript.LATIN if code < _FIRST_BEYOND_LATIN else get_unicode_script(character)
