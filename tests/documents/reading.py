"""Reads our PDFs back as a person or a program would."""

from io import BytesIO

from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject, PdfObject


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, one line a line, without spaces at their ends."""
    pages = PdfReader(BytesIO(pdf), strict=True).pages
    return ["\n".join(line.strip() for line in page.extract_text().splitlines()) for page in pages]


def text_of(pdf: bytes) -> str:
    """The text of all pages."""
    return "\n".join(pages_of(pdf))


def lines_of(pdf: bytes) -> list[str]:
    """The lines of all pages."""
    return text_of(pdf).splitlines()


def names_in(pdf: bytes) -> set[str]:
    """Every key and every name that any object of the file holds, such as `/URI`."""
    reader = PdfReader(BytesIO(pdf), strict=True)
    found: set[str] = set()
    for number in range(1, int(reader.trailer["/Size"])):
        _collect(reader.get_object(IndirectObject(number, 0, reader)), found)
    return found


def _collect(thing: PdfObject | None, found: set[str]) -> None:
    if isinstance(thing, DictionaryObject):
        for key, value in dict.items(thing):
            found.add(str(key))
            _collect(value, found)
    elif isinstance(thing, list):
        for value in list.__iter__(thing):
            _collect(value, found)
    elif isinstance(thing, str) and thing.startswith("/"):
        found.add(thing)
