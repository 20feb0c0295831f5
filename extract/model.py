"""The one shape that every reader returns: a Document of located elements, frozen.

A reader keeps what is there and where it is; it decides nothing that needs the rubric.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Location:
    """Where a person finds it. All counts start at 1."""

    page: int | None = None
    """Page of a PDF, a scan or a photo series; None where the format stores no pages (DOCX)."""
    paragraph: int | None = None
    """Running number of the paragraph in reading order, table paragraphs included."""
    table: int | None = None
    row: int | None = None
    column: int | None = None
    sheet: str | None = None
    box: tuple[float, float, float, float] | None = None
    """x0, top, x1, bottom in points from the page's top left corner."""


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of a paragraph as it stands on its page."""

    start: int
    """Index in the paragraph's text of the line's first character."""
    page: int
    box: tuple[float, float, float, float]
    """As `Location.box`."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page as its picture was read: the boxes on it are measured on the picture so turned."""

    page: int
    width: float
    """Points, after turning."""
    height: float
    turn: int = 0
    """Degrees clockwise (0, 90, 180, 270) by which the page as it is shown was turned to be read."""
    skew: float = 0.0
    """Degrees counter-clockwise by which it was then straightened about its middle."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph. `text` keeps hard line breaks as "\\n"; it holds no automatic number."""

    text: str
    location: Location = Location()
    label: str = ""
    """The automatic number exactly as drawn (一、 （一） 1.), "" if none; typed numbers stay in `text`."""
    outline: int | None = None
    """Heading level 1–9 by style or outline level; None for body text."""
    bold: bool = False
    """All visible characters are bold."""
    centered: bool = False
    size: float | None = None
    """Dominant font size in points."""
    font: str | None = None
    """Dominant East Asian font."""
    confidence: float | None = None
    """Mean OCR confidence 0–1; None where the text was stored as text."""
    lines: tuple[PrintedLine, ...] = ()
    """Its lines in reading order, over page breaks; () where it is a single one, or the format stores no pages."""

    @property
    def full(self) -> str:
        """Label and text as a person sees them; a number that would grow into the text keeps a blank (1.1 2017年…)."""
        meets = (self.label[-1:] + self.text[:1]).isascii() and self.label[-1:].isalnum() and self.text[:1].isalnum()
        return self.label + " " + self.text if meets else self.label + self.text


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; a merged cell stands once, at its top left corner."""

    content: tuple[Element, ...]
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1

    @property
    def text(self) -> str:
        """Its text, paragraphs and nested cells joined by "\\n"."""
        return "\n".join(p.full for p in paragraphs(self.content))


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or a worksheet of a spreadsheet (`name` is then the sheet's)."""

    rows: tuple[tuple[Cell, ...], ...]
    location: Location = Location()
    name: str | None = None
    header_rows: int = 0
    """Rows that the file itself marks as repeated header."""


Element = Paragraph | Table


@dataclass(frozen=True, slots=True)
class Note:
    """Something strange that a reader met and read on (example: page 3 has no text layer)."""

    code: str
    message: str
    """One Chinese sentence."""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read, in reading order."""

    elements: tuple[Element, ...]
    media_type: str
    pages: int | None = None
    ocr: bool = False
    """True if any of the text was recognised from a picture."""
    notes: tuple[Note, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    """Its pages where they can be shown as pictures with boxes on them."""

    @property
    def text(self) -> str:
        """All text, one paragraph a line."""
        return "\n".join(p.full for p in paragraphs(self.elements))


BlockKind = Literal["title", "heading", "paragraph", "cell", "table_row"]


@dataclass(frozen=True, slots=True)
class Block:
    """The unit that gets a section and an item; it never holds two subjects (contract: blocks)."""

    kind: BlockKind
    text: str
    """As a person reads it, automatic number included."""
    location: Location
    level: int | None = None
    """Heading level within this document, 1 = topmost; None for anything else."""
    table: int | None = None
    """Index of the table it comes from, counted over the document from 0; None outside tables."""
    row: int | None = None
    column: int | None = None
    """Row and first column inside that table, from 0."""
    header: tuple[str, ...] = ()
    """For a table_row: the header cells of its table, so that a value knows its column."""
    cells: tuple[str, ...] = ()
    """For a table_row: the texts of its cells, left to right."""
    bold: bool = False
    confidence: float | None = None


def paragraphs(elements: tuple[Element, ...]) -> Iterator[Paragraph]:
    """Every paragraph in reading order: tables row by row, cells left to right, nested tables in place."""
    for element in elements:
        if isinstance(element, Paragraph):
            yield element
        else:
            for row in element.rows:
                for cell in row:
                    yield from paragraphs(cell.content)
