"""Photos of one paper's pages, attached one by one -> the paper they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from extract.chinese import number
from extract.model import Cell, Document, Element, Paragraph

IMAGE = "image/"
_COUNT = re.compile(r"[\s_.\-—(（]*(?:第\s*)?(\d+|(?<=第)[一二三四五六七八九十]{1,3})\s*[页张]?[)）]?")


def series(names: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Indexes of file names that differ in their numbers alone, each series in the order of these numbers, by first member."""
    found: dict[str, list[int]] = {}
    for k, name in enumerate(names):
        found.setdefault(_COUNT.sub("#", PurePosixPath(name).stem).strip("#").casefold(), []).append(k)
    return tuple(tuple(sorted(members, key=lambda k: (_numbers(names[k]), k))) for members in found.values())


def joined(photos: Sequence[Document]) -> Document:
    """The photos as one document, a page each, in the order given."""
    elements: list[Element] = []
    pages = 0
    for photo in photos:
        elements += [_moved(e, pages) for e in photo.elements]
        pages += photo.pages or 1
    notes = tuple(n for photo in photos for n in photo.notes)
    return Document(tuple(elements), photos[0].media_type, pages, any(p.ocr for p in photos), notes)


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(n for text in _COUNT.findall(PurePosixPath(name).stem) if (n := number(text)) is not None)


def _moved(element: Element, pages: int) -> Element:
    place = element.location
    there = replace(place, page=(place.page or 1) + pages)
    if isinstance(element, Paragraph):
        return replace(element, location=there)
    rows = tuple(tuple(_moved_cell(c, pages) for c in row) for row in element.rows)
    return replace(element, location=there, rows=rows)


def _moved_cell(cell: Cell, pages: int) -> Cell:
    return replace(cell, content=tuple(_moved(e, pages) for e in cell.content))
