"""Read a PDF: stored text where there is some, recognised text where a page is only a picture."""

from __future__ import annotations

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extract import scan
from extract.errors import DamagedFile, EmptyFile, EncryptedFile, TooLarge
from extract.model import Document, Leaf, Note
from extract.page import RawPage
from extract.pages import MAX_CHARS, MAX_PAGES, MAX_SCANNED_PAGES, damaged, laid_out, not_read, once, only_picture
from extract.pdf_document import document_elements
from extract.pdf_form import refuse_empty_form
from extract.pdf_layout import Sheet
from extract.pdf_page import take_apart
from extract.progress import page_done
from extract.scan_engine import Picture

_SCAN_DPI = 200
_TAIL = 4096
_MOST_ON_TOP = 2000
"""Notes and fields of a page that are looked at."""


def read_pdf(data: bytes) -> Document:
    """Paragraphs and tables in reading order, without running heads, feet and page numbers; page and box in every Location.

    Raises EncryptedFile (a password is needed to open it; one that only restricts printing is no hindrance), DamagedFile,
    EmptyFile (no text and no picture on any page) and TooLarge (more than MAX_PAGES pages).
    """
    sheets, leaves, notes, recognised = _sheets(data)
    elements = document_elements(sheets)
    refuse_empty_form(data, elements, len(sheets))
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
        scanned = chars = 0
        for number in range(1, count + 1):
            page = _page(pdf, number)
            if page is None:
                notes.append(damaged(number))
                continue
            try:
                taken = take_apart(page, number)
                chars += len(taken.glyphs)
                if chars > MAX_CHARS:
                    raise TooLarge("PDF 的文字过多，超出处理上限")
                if not only_picture(taken):
                    read.append(taken)
                    turn = (taken.rotation - page.get_rotation()) % 360
                    leaves.append(Leaf(number, round(taken.width, 1), round(taken.height, 1), turn))
                elif scanned >= MAX_SCANNED_PAGES:
                    notes.append(not_read(number))
                else:
                    scanned += 1
                    picture, scale = _rendered(page)
                    found = scan.recognise(picture, number, scale)
                    read.append(found.sheet)
                    leaves.append(found.leaf)
                    notes += found.notes
            finally:
                page.close()
            page_done()
    finally:
        pdf.close()
    if not read:
        raise DamagedFile
    sheets = laid_out(read, notes)
    if b"%%EOF" not in data[-_TAIL:]:  # cut off on its way; what pdfium rebuilt may lack pages or their contents
        if any(not sheet.loose and not sheet.drafts for sheet in sheets) or len(sheets) < count:
            raise DamagedFile
        notes.append(Note("truncated", "文件结尾不完整，内容可能有缺失，请对照原件核对"))
    return sheets, leaves, once(notes), scanned > 0


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise EncryptedFile if error.err_code == raw.FPDF_ERR_PASSWORD else DamagedFile from error


def _page(pdf: pdfium.PdfDocument, number: int) -> pdfium.PdfPage | None:
    """The page with what was filled into its form and typed onto it; None where it is damaged."""
    try:
        page = pdf[number - 1]
        if _has_words_on_top(page) and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
            page.close()
            page = pdf[number - 1]
    except pdfium.PdfiumError:
        return None
    return page


def _has_words_on_top(page: pdfium.PdfPage) -> bool:
    """Form fields or typed remarks lie on it: they are no part of its text until they are pressed into it."""
    for k in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST_ON_TOP)):
        annotation = raw.FPDFPage_GetAnnot(page, k)
        kind = raw.FPDFAnnot_GetSubtype(annotation) if annotation else raw.FPDF_ANNOT_UNKNOWN
        if annotation:
            raw.FPDFPage_CloseAnnot(annotation)
        if kind in (raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT):
            return True
    return False


def _rendered(page: pdfium.PdfPage) -> tuple[Picture, float]:
    scale = min(_SCAN_DPI / 72, scan.MAX_SIDE / max(page.get_size()))
    bitmap = page.render(scale=scale, rev_byteorder=False, may_draw_forms=True)
    try:
        return scan.as_picture(bitmap.to_numpy()), scale
    finally:
        bitmap.close()
