"""Read a PDF: stored text where there is some, recognised text where a page is only a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extract import scan
from extract.errors import DamagedFile, EmptyFile, EncryptedFile, TooLarge
from extract.model import Cell, Document, Element, Location, Note, Table
from extract.pdf_drafts import Draft, finished, lines_of, merge_over_pages
from extract.pdf_flow import Placed, margins, paragraph, paragraphs_of, weighted
from extract.pdf_furniture import without_furniture
from extract.pdf_layout import Sheet, Strip, sheet_of, strips
from extract.pdf_lines import Line
from extract.pdf_page import RawPage, take_apart

MAX_PAGES = 500
"""A longer file is refused: no report has so many pages, and a person has to say what is wanted of it."""
MAX_SCANNED_PAGES = 120
"""Recognising takes about 1.5 s a page; pages beyond are named in a note and not read."""
_SCAN_DPI = 200
_FEW_CHARS = 30
_MOSTLY_PICTURE = 0.5


def read_pdf(data: bytes) -> Document:
    """Paragraphs and tables in reading order, without running heads, feet and page numbers; page and box in every Location.

    Raises EncryptedFile (a password is needed to open it; one that only restricts printing is no hindrance), DamagedFile,
    EmptyFile (no text and no picture on any page) and TooLarge (more than MAX_PAGES pages).
    """
    sheets, notes, recognised = _sheets(data)
    elements = document_elements(sheets)
    if not elements and not recognised:
        raise EmptyFile
    return Document(elements, "application/pdf", len(sheets), recognised, tuple(notes))


def document_elements(sheets: Sequence[Sheet]) -> tuple[Element, ...]:
    """The pages' contents as one flow: paragraphs and tables joined over page breaks, places numbered."""
    parts = [strip for sheet in without_furniture(sheets) for strip in strips(sheet)]
    return _numbered(_flow(parts))


def _sheets(data: bytes) -> tuple[list[Sheet], list[Note], bool]:
    if not data:
        raise EmptyFile
    pdf = _opened(data)
    try:
        count = len(pdf)
        if count > MAX_PAGES:
            raise TooLarge(f"PDF 共{count}页，超出{MAX_PAGES}页的处理上限")
        if count == 0:
            raise EmptyFile
        sheets: list[Sheet] = []
        notes: list[Note] = []
        scanned = 0
        for number in range(1, count + 1):
            page = _page(pdf, number)
            if page is None:
                notes.append(Note("page_damaged", f"第{number}页已损坏，未能读取", number))
                continue
            try:
                taken = take_apart(page, number)
                if not _only_picture(taken):
                    sheets.append(sheet_of(taken))
                    notes += _watermark(taken)
                elif scanned >= MAX_SCANNED_PAGES:
                    notes.append(Note("page_not_read", f"第{number}页是扫描页，超出{MAX_SCANNED_PAGES}页的识别上限，未读取", number))
                else:
                    scanned += 1
                    found = scan.recognise(_rendered(page), number, _SCAN_DPI / 72)
                    sheets.append(found.sheet)
                    notes += found.notes
            finally:
                page.close()
    finally:
        pdf.close()
    if not sheets:
        raise DamagedFile
    return sheets, _once(notes), scanned > 0


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise EncryptedFile if error.err_code == raw.FPDF_ERR_PASSWORD else DamagedFile from error


def _page(pdf: pdfium.PdfDocument, number: int) -> pdfium.PdfPage | None:
    try:
        return pdf[number - 1]
    except pdfium.PdfiumError:
        return None


def _only_picture(page: RawPage) -> bool:
    chars = sum(not g.char.isspace() for g in page.glyphs)
    return chars < _FEW_CHARS and page.picture > _MOSTLY_PICTURE


def _rendered(page: pdfium.PdfPage) -> scan.Picture:
    scale = min(_SCAN_DPI / 72, scan.MAX_SIDE / max(page.get_size()))
    bitmap = page.render(scale=scale, rev_byteorder=False, may_draw_forms=True)
    try:
        return scan.as_picture(bitmap.to_numpy(), scale)
    finally:
        bitmap.close()


def _watermark(page: RawPage) -> list[Note]:
    text = " ".join(page.oblique.split())[:40]
    return [Note("watermark", f"斜排文字“{text}”按水印略去", page.number)] if len(text) > 1 else []


def _once(notes: Sequence[Note]) -> list[Note]:
    """A watermark stands on every page: one note says so."""
    seen: set[tuple[str, str]] = set()
    out = []
    for note in notes:
        if note.code == "watermark" and (note.code, note.message) in seen:
            continue
        seen.add((note.code, note.message))
        out.append(note)
    return out


def _flow(parts: Sequence[Strip]) -> list[Element]:
    grouped: dict[tuple[int, int, int], list[Line]] = {}
    for part in parts:
        grouped.setdefault(part.key, []).extend(item for item in part.items if isinstance(item, Line))
    usual = weighted((n.size, n.width) for part in parts for n in lines_of(part.items))
    frames = {key: margins(lines, usual=usual) for key, lines in grouped.items() if lines}
    sequence = merge_over_pages([item for part in parts for item in part.items])
    of_line = {id(item): (frames[part.key], k) for k, part in enumerate(parts) for item in part.items if isinstance(item, Line)}
    out: list[Element] = []
    waiting: list[Placed] = []

    def flush() -> None:
        for group in paragraphs_of(waiting):
            out.append(paragraph([p.line for p in group], group[0].frame))
        waiting.clear()

    for item in sequence:
        if isinstance(item, Draft):
            flush()
            out.append(finished(item))
        else:
            frame, strip = of_line[id(item)]
            waiting.append(Placed(item, frame, strip))
    flush()
    return out


def _numbered(elements: Sequence[Element]) -> tuple[Element, ...]:
    """Running numbers of paragraphs and tables, as a person would count them."""
    counts: Counter[str] = Counter()

    def visit(items: Sequence[Element], place: Location) -> tuple[Element, ...]:
        out: list[Element] = []
        for item in items:
            if isinstance(item, Table):
                out.append(table(item, place))
            elif item.text:
                counts["paragraph"] += 1
                where = replace(item.location, paragraph=counts["paragraph"], table=place.table, row=place.row, column=place.column)
                out.append(replace(item, location=where))
        return tuple(out)

    def table(item: Table, place: Location) -> Table:
        counts["table"] += 1
        number = counts["table"]
        where = replace(item.location, table=number)
        rows = tuple(tuple(cell(c, Location(table=number, row=c.row + 1, column=c.column + 1)) for c in row) for row in item.rows)
        return replace(item, location=where, rows=rows)

    def cell(item: Cell, place: Location) -> Cell:
        return replace(item, content=visit(item.content, place))

    return visit(elements, Location())


