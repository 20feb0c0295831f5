"""Pages read one by one, stored or recognised -> the sheets of a document, with what is odd about them as notes."""

from __future__ import annotations

from collections.abc import Sequence

from extract.model import Note
from extract.page import RawPage
from extract.pdf_layout import Sheet, sheet_of
from extract.pdf_lines import Spacing
from extract.pdf_watermark import without_watermarks
from extract.progress import page_done

MAX_PAGES = 500
"""A longer file is refused: no report has so many pages, and a person has to say what is wanted of it."""
MAX_SCANNED_PAGES = 120
"""Recognising takes about 1.5 s a page; pages beyond are named in a note and not read."""
MAX_CHARS = 1_500_000
"""Of a whole document: three times what 500 full pages hold; each takes some 300 bytes until the pages are laid out."""
_FEW_CHARS = 30
_MOSTLY_PICTURE = 0.5


def laid_out(read: Sequence[RawPage | Sheet], notes: list[Note]) -> list[Sheet]:
    """Pages with stored text as sheets, watermarks left out and noted; recognised ones are sheets already."""
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
        page_done()
    return sheets


def only_picture(page: RawPage) -> bool:
    """Its text has to be recognised: hardly a character is stored, and a picture fills most of it; or those stored mean nothing."""
    return page.meaningless or (few_chars(page) and page.picture > _MOSTLY_PICTURE)


def few_chars(page: RawPage) -> bool:
    """No more stored than a page number and a running head."""
    return sum(not g.char.isspace() for g in page.glyphs) < _FEW_CHARS


def not_read(number: int) -> Note:
    """Why a scanned page beyond the bound was left out."""
    return Note("page_not_read", f"第{number}页是扫描页，超出{MAX_SCANNED_PAGES}页的识别上限，未读取", number)


def damaged(number: int) -> Note:
    """A page that cannot be read while others can."""
    return Note("page_damaged", f"第{number}页已损坏，未能读取", number)


def once(notes: Sequence[Note]) -> list[Note]:
    """A watermark stands on every page: one note says so."""
    seen: set[tuple[str, str]] = set()
    out = []
    for note in notes:
        if note.code == "watermark" and (note.code, note.message) in seen:
            continue
        seen.add((note.code, note.message))
        out.append(note)
    return out


def _watermark(page: RawPage) -> list[Note]:
    text = " ".join(page.oblique.split())[:40]
    return [Note("watermark", f"文字“{text}”按水印略去", page.number)] if len(text) > 1 else []
