"""Several photos of one paper -> one document whose pages they are (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extract.model import Cell, Document, Element, Leaf, Location, Note, Paragraph, Table, paragraphs


def merge(photos: Sequence[Document]) -> Document:
    """The photos as pages 1, 2, … of one document, paragraphs counted on; there must be at least one."""
    elements: list[Element] = []
    notes: list[Note] = []
    leaves: list[Leaf] = []
    count = 0
    for page, photo in enumerate(photos, 1):
        elements += (_moved(e, page, count) for e in photo.elements)
        notes += (replace(n, page=page) for n in photo.notes)
        leaves += (replace(leaf, page=page) for leaf in photo.leaves[:1])
        count += sum(1 for _ in paragraphs(photo.elements))
    ocr = any(p.ocr for p in photos)
    return replace(photos[0], elements=tuple(elements), pages=len(photos), ocr=ocr, notes=tuple(notes), leaves=tuple(leaves))


def in_order(names: Sequence[str]) -> list[int]:
    """Indexes in page order: names that differ only in numbers by those numbers, all else as it arrived."""
    stems = [re.sub(r"\d+", "#", n) for n in names]
    first = {s: stems.index(s) for s in stems}
    return sorted(range(len(names)), key=lambda k: (first[stems[k]], [int(d) for d in re.findall(r"\d+", names[k])], k))


def _moved(element: Element, page: int, count: int) -> Element:
    if isinstance(element, Paragraph):
        lines = tuple(replace(line, page=page) for line in element.lines)
        return replace(element, location=_place(element.location, page, count), lines=lines)
    rows = tuple(tuple(_moved_cell(c, page, count) for c in row) for row in element.rows)
    moved: Table = replace(element, location=_place(element.location, page, count), rows=rows)
    return moved


def _moved_cell(cell: Cell, page: int, count: int) -> Cell:
    return replace(cell, content=tuple(_moved(e, page, count) for e in cell.content))


def _place(location: Location, page: int, count: int) -> Location:
    return replace(location, page=page, paragraph=location.paragraph + count if location.paragraph else None)
