"""Whole documents embedded in a DOCX (altChunk), as web editors export them: HTML, web archives and plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes

from extract.errors import DocumentError
from extract.model import Element, Paragraph
from extract.plain import read_html, read_text


def read_chunk(data: bytes) -> tuple[Element, ...]:
    """The elements of an embedded part that is no DOCX; nothing where it cannot be read."""
    page = _web_page(data)
    try:
        return (read_text(data) if page is None else read_html(page)).elements
    except DocumentError:
        return ()


@dataclass(slots=True)
class Numbering:
    """Running numbers of the document that takes the elements in."""

    paragraphs: int
    tables: int

    def moved(self, elements: tuple[Element, ...]) -> Iterator[Element]:
        """`elements` with their locations counted on from here."""
        for element in elements:
            if isinstance(element, Paragraph):
                self.paragraphs += 1
                place = element.location
                table = self.tables if place.table else None
                yield replace(element, location=replace(place, paragraph=self.paragraphs, table=table))
            else:
                self.tables += 1
                place = replace(element.location, paragraph=self.paragraphs + 1, table=self.tables)
                rows = tuple(tuple(replace(c, content=tuple(self.moved(c.content))) for c in row) for row in element.rows)
                yield replace(element, rows=rows, location=place)


def _web_page(data: bytes) -> bytes | None:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith(b"<"):
        return data
    if b"mime-version:" in start or b"content-type:" in start:
        for part in message_from_bytes(data).walk():
            if part.get_content_type() == "text/html":
                page = part.get_payload(decode=True)
                return page if isinstance(page, bytes) else None
    return None
