"""Where the blocks and claims of a worksheet stand on the pages that they were read from (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extract.model import Document, Leaf, Paragraph, PrintedLine, paragraphs

Plain = Mapping[str, Any]
Box = tuple[float, float, float, float]
_ROOM = 1.5
"""Points left around the text."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A stretch of a page: x0, top, x1, bottom in points from the top left corner of the page as it is read."""

    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Places:
    """The printed lines of a document, by the numbers of its paragraphs."""

    leaves: Mapping[int, Leaf]
    paragraphs: Mapping[int, Paragraph]
    rows: Mapping[tuple[int, int], tuple[int, ...]]
    """(table, row) -> numbers of the paragraphs in it."""

    def block(self, block: Plain) -> tuple[Spot, ...]:
        """Where a block stands: one spot a page, for a row of a table its whole row."""
        return _hulls(spot for p, start, end in self._parts(block) for spot in _stretch(p, start, end))

    def words(self, block: Plain, start: int, end: int) -> tuple[Spot, ...]:
        """Where the characters start…end of the block's text stand, line by line; () where they are not found again."""
        text = block["text"][start:end]
        for p, first, last in self._parts(block):
            at = p.full.find(block["text"])
            at = at + start if at >= 0 else p.full.find(text, first)
            if at >= 0 and at + len(text) <= last:
                return _stretch(p, at, at + len(text))
        return ()

    def confidence(self, block: Plain) -> float | None:
        """Mean certainty of its recognised characters, 0–1; None where the text was stored as text."""
        scores = [(p.confidence, len(p.text)) for p, _, _ in self._parts(block) if p.confidence is not None]
        return sum(s * n for s, n in scores) / max(sum(n for _, n in scores), 1) if scores else None

    def _parts(self, block: Plain) -> list[tuple[Paragraph, int, int]]:
        """The paragraphs of a block, and from where to where: a paragraph with line breaks is several blocks."""
        paragraph = self.paragraphs.get(block.get("paragraph") or 0)
        if paragraph is None:
            return []
        if block["kind"] == "table_row":
            place = paragraph.location
            numbers = self.rows.get((place.table or 0, place.row or 0), ()) or (place.paragraph or 0,)
            return [(p, 0, len(p.full)) for n in numbers if (p := self.paragraphs.get(n)) is not None]
        at = paragraph.full.find(block["text"])
        return [(paragraph, at, at + len(block["text"])) if at >= 0 else (paragraph, 0, len(paragraph.full))]


def places(document: Document) -> Places:
    """The places of a document as its reader found them; empty where the format stores no pages."""
    known = {p.location.paragraph: p for p in paragraphs(document.elements) if p.location.paragraph and p.location.box}
    rows: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, p in known.items():
        if p.location.table and p.location.row:
            rows[p.location.table, p.location.row].append(number)
    return Places({leaf.page: leaf for leaf in document.leaves}, known, {k: tuple(v) for k, v in rows.items()})


def _stretch(p: Paragraph, start: int, end: int) -> tuple[Spot, ...]:
    """Where the characters start…end of `p.full` stand, line by line."""
    shift = len(p.full) - len(p.text)
    start, end = max(start - shift, 0), max(end - shift, 0)
    lines = _lines(p)
    ends = [*(line.start for line in lines[1:]), len(p.text)]
    found = []
    for line, stop in zip(lines, ends, strict=True):
        first, last = max(start, line.start), min(end, stop)
        if first < last:
            found.append(Spot(line.page, _part(p.text[line.start : stop], line.box, first - line.start, last - line.start)))
    return tuple(found)


def _lines(p: Paragraph) -> Sequence[PrintedLine]:
    assert p.location.box is not None
    return p.lines or (PrintedLine(0, p.location.page or 1, p.location.box),)


def _part(text: str, box: Box, start: int, end: int) -> Box:
    """The part of a line that holds these characters: Chinese ones are twice as wide as others."""
    widths = [1.0 if ord(c) > 0x2000 else 0.5 for c in text.rstrip()] or [1.0]
    unit = (box[2] - box[0]) / sum(widths)
    left, right = box[0] + unit * sum(widths[:start]), box[0] + unit * sum(widths[:end])
    return left, box[1], max(right, left + 1), box[3]


def _hulls(spots: Iterable[Spot]) -> tuple[Spot, ...]:
    by_page: dict[int, list[Box]] = defaultdict(list)
    for spot in spots:
        by_page[spot.page].append(spot.box)
    return tuple(
        Spot(
            page,
            (
                min(b[0] for b in boxes) - _ROOM,
                min(b[1] for b in boxes) - _ROOM,
                max(b[2] for b in boxes) + _ROOM,
                max(b[3] for b in boxes) + _ROOM,
            ),
        )
        for page, boxes in by_page.items()
    )
