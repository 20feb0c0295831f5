"""Read a PDF: stored text where there is some, recognised text where a page is only a picture."""

from __future__ import annotations

from collections.abc import Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extract import scan
from extract.errors import DamagedFile, EmptyFile, EncryptedFile, TooLarge
from extract.model import Document, Leaf, Note
from extract.page import RawPage
from extract.pdf_document import document_elements
from extract.pdf_layout import Sheet, sheet_of
from extract.pdf_lines import Spacing
from extract.pdf_page import take_apart
from extract.pdf_watermark import without_watermarks
from extract.scan_engine import Picture

MAX_PAGES = 500
"""A longer file is refused: no report has so many pages, and a person has to say what is wanted of it."""
MAX_SCANNED_PAGES = 120
"""Recognising takes about 1.5 s a page; pages beyond are named in a note and not read."""
_SCAN_DPI = 200
_TAIL = 4096
_FEW_CHARS = 30
_MOSTLY_PICTURE = 0.5


def read_pdf(data: bytes) -> Document:
    """Paragraphs and tables in reading order, without running heads, feet and page numbers; page and box in every Location.

    Raises EncryptedFile (a password is needed to open it; one that only restricts printing is no hindrance), DamagedFile,
    EmptyFile (no text and no picture on any page) and TooLarge (more than MAX_PAGES pages).
    """
    sheets, leaves, notes, recognised = _sheets(data)
    elements = document_elements(sheets)
    if not elements and not recognised:
        raise EmptyFile
    return Document(elements, "application/pdf", len(sheets), recognised, tuple(notes), tuple(leaves))


def _sheets(data: bytes) -> tuple[list[Sheet], list[Leaf], list[Note], bool]:
    if not data:
        raise EmptyFile
    pdf = _opened(data)
    try:
        count = len(pdf)
        if count > MAX_PAGES:
            raise TooLarge(f"PDF 共{count}页，超出{MAX_PAGES}页的处理上限")
        if count == 0:
            raise EmptyFile
        read: list[RawPage | Sheet] = []
        leaves: list[Leaf] = []
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
                    read.append(taken)
                    turn = (taken.rotation - page.get_rotation()) % 360
                    leaves.append(Leaf(number, round(taken.width, 1), round(taken.height, 1), turn))
                elif scanned >= MAX_SCANNED_PAGES:
                    notes.append(Note("page_not_read", f"第{number}页是扫描页，超出{MAX_SCANNED_PAGES}页的识别上限，未读取", number))
                else:
                    scanned += 1
                    picture, scale = _rendered(page)
                    found = scan.recognise(picture, number, scale)
                    read.append(found.sheet)
                    leaves.append(found.leaf)
                    notes += found.notes
            finally:
                page.close()
    finally:
        pdf.close()
    if not read:
        raise DamagedFile
    sheets = _laid_out(read, notes)
    if b"%%EOF" not in data[-_TAIL:]:  # cut off on its way; what pdfium rebuilt may lack pages or their contents
        if any(not sheet.loose and not sheet.drafts for sheet in sheets) or len(sheets) < count:
            raise DamagedFile
        notes.append(Note("truncated", "文件结尾不完整，内容可能有缺失，请对照原件核对"))
    return sheets, leaves, _once(notes), scanned > 0


def _laid_out(read: Sequence[RawPage | Sheet], notes: list[Note]) -> list[Sheet]:
    """Pages with stored text as sheets, watermarks left out and noted; scanned ones are sheets already."""
    stored = iter(without_watermarks([page for page in read if isinstance(page, RawPage)]))
    spacing = Spacing()
    sheets = []
    for page in read:
        if isinstance(page, RawPage):
            clean = next(stored)
            spacing.learn(clean.glyphs)
            sheets.append(sheet_of(clean, gaps=spacing.gaps))
            notes += _watermark(clean)
        else:
            sheets.append(page)
    return sheets


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


def _rendered(page: pdfium.PdfPage) -> tuple[Picture, float]:
    scale = min(_SCAN_DPI / 72, scan.MAX_SIDE / max(page.get_size()))
    bitmap = page.render(scale=scale, rev_byteorder=False, may_draw_forms=True)
    try:
        return scan.as_picture(bitmap.to_numpy()), scale
    finally:
        bitmap.close()


def _watermark(page: RawPage) -> list[Note]:
    text = " ".join(page.oblique.split())[:40]
    return [Note("watermark", f"文字“{text}”按水印略去", page.number)] if len(text) > 1 else []


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
