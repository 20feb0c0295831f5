"""Recognised pieces and drawn lines of an upright page -> lines and ruled tables, in points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from extract.pdf_drafts import Draft, DraftCell
from extract.pdf_flow import weighted
from extract.pdf_layout import Sheet
from extract.pdf_lines import Line, inseparable, is_cjk, whole_lines
from extract.pdf_tables import Grid, GridCell
from extract.scan_text import tidy


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text on an upright page; lengths in points."""

    x0: float
    top: float
    x1: float
    bottom: float
    text: str
    score: float


def scanned_sheet(number: int, width: float, height: float, found: Sequence[Piece], tables: Sequence[Grid]) -> Sheet:
    """The page as the PDF reader's later steps take it."""
    lines = _lines(found, number)
    inside: dict[tuple[int, int], list[Line]] = {}
    loose: list[Line] = []
    for line in lines:
        place = _place(line, tables)
        if place is None:
            loose.append(line)
        else:
            inside.setdefault(place, []).append(line)
    drafts = []
    for k, grid in enumerate(tables):
        held = {place[1]: part for place, part in inside.items() if place[0] == k}
        if len(held) < 2:
            loose += [line for part in held.values() for line in part]
        else:
            drafts.append(_draft(grid, held, number))
    return Sheet(number, width, height, tuple(loose), tuple(drafts))


def cells_crossed(piece: Piece, tables: Sequence[Grid]) -> list[GridCell]:
    """The cells a piece runs through, left to right, if it runs through more than one."""
    y = (piece.top + piece.bottom) / 2
    for grid in tables:
        hit = [c for c in grid.cells if c.box[1] <= y < c.box[3] and min(piece.x1, c.box[2]) - max(piece.x0, c.box[0]) > 4]
        if len(hit) > 1:
            return sorted(hit, key=lambda c: c.box[0])
    return []


def _place(line: Line, tables: Sequence[Grid]) -> tuple[int, int] | None:
    x, y = (line.x0 + line.x1) / 2, line.middle
    return next(((k, c) for k, grid in enumerate(tables) for c, cell in enumerate(grid.cells) if cell.holds(x, y)), None)


def _draft(grid: Grid, held: dict[int, list[Line]], page: int) -> Draft:
    cells = []
    for c, cell in enumerate(grid.cells):
        lines = whole_lines(held.get(c, ()))
        cells.append(DraftCell(cell.row, cell.column, cell.row_span, cell.column_span, tuple(lines), cell.box[0] + 4, cell.box[2] - 5))
    return Draft(page, grid.box, tuple(cells), grid.xs)


def _lines(found: Sequence[Piece], page: int) -> list[Line]:
    texts = [(p, tidy(p.text)) for p in found]
    sized = [(p, text, _font_size(p, text)) for p, text in texts if text]
    usual = weighted((size, p.x1 - p.x0) for p, _, size in sized) or 12.0
    out = []
    for p, text, measured in sorted(sized, key=lambda s: (s[0].top, s[0].x0)):
        # measured widths waver with punctuation: what is nearly the usual size is the usual size
        size = usual if abs(measured - usual) < 0.18 * usual or (len(text) < 4 and measured < 1.5 * usual) else measured
        middle = (p.top + p.bottom) / 2
        out.append(Line(text, p.x0, p.top, p.x1, p.bottom, middle + 0.35 * size, size, 0, _head(text, size), confidence=p.score, page=page))
    rows = sorted(out, key=lambda n: (n.base, n.x0))
    return [replace(n, order=float(k)) for k, n in enumerate(rows)]


def _font_size(piece: Piece, text: str) -> float:
    ems = sum(_em(c) for c in text)
    by_height = (piece.bottom - piece.top) * 0.78
    return by_height if ems < 3 else min((piece.x1 - piece.x0) / ems, by_height * 1.35)


def _em(char: str) -> float:
    return 1.0 if is_cjk(char) else 0.55


def _head(text: str, size: float) -> float:
    end = 1
    while end < min(len(text), 30) and text[end] != " " and inseparable(text[end - 1], text[end]):
        end += 1
    return sum(_em(c) for c in text[:end]) * size
