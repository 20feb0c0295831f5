"""Tables without ruling: told by what is aligned, and by the order in which the file writes it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extract.pdf_drafts import Draft, DraftCell
from extract.pdf_flow import leads_to_a_page
from extract.pdf_lines import Line

_ROW_GAP = 3.6
"""Rows of one table stand no further apart, in font sizes."""
_WRAP_GAP = 2.4
"""Nor do the lines of one cell."""

_LABEL = re.compile(
    r"[（(]?(?:[a-zA-Z]|\d{1,2}|[一二三四五六七八九十]{1,3})[）)、.．]|\d{1,2}(?:\.\d{1,2}){1,4}"
    r"|[①-⑳]|[-–—−·•●■◆▪□○*\uf000-\uf0ff]{1,2}|注\d?[:：]"
)


def aligned_tables(parts: Sequence[Line], before: Draft | None = None) -> tuple[list[Draft], list[Line]]:
    """Tables that only their alignment shows, and the pieces outside them.

    `before`: the table with which the page before ended; what stands in its columns at the top of this page belongs to it.
    """
    rows = _visual_rows(parts)
    tables: list[Draft] = []
    taken: set[int] = set()
    k = since = 0
    rest = _rest_of(before, rows) if before is not None else None
    if rest is not None:
        tables.append(_draft(rest))
        taken |= {id(p) for row in rest.rows for p in row}
        k = since = len(rest.rows)
    while k < len(rows):
        region = _region(rows, k, since) if len(rows[k]) > 1 else None
        if region is None or not region.is_table():
            k += 1
            continue
        held = [p for row in region.rows for p in row]
        tables.append(_draft(region))
        taken |= {id(p) for p in held}
        k += len(region.rows) - region.lifted
        since = k
    return tables, [p for p in parts if id(p) not in taken]


def _visual_rows(parts: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for p in sorted(parts, key=lambda p: p.base):
        if rows and p.base - rows[-1][0].base < 0.3 * min(p.size, rows[-1][0].size):
            rows[-1].append(p)
        else:
            rows.append([p])
    return [sorted(row, key=lambda p: p.x0) for row in rows]


@dataclass(slots=True)
class _Region:
    """Consecutive rows whose pieces share columns."""

    rows: list[list[Line]] = field(default_factory=list)
    columns: list[tuple[float, float]] = field(default_factory=list)
    lifted: int = 0
    """Rows taken in from above the row it was begun with."""

    def column(self, p: Line) -> tuple[int, int]:
        """First and last column that a piece touches; last < first where it touches none."""
        hit = [k for k, (a, b) in enumerate(self.columns) if p.x0 < b and p.x1 > a]
        return (hit[0], hit[-1]) if hit else (0, -1)

    def takes(self, row: list[Line]) -> bool:
        """The row fits: each piece lies in one column, or it is one piece alone (a row over all columns)."""
        hits = [self.column(p) for p in row]
        if len(row) == 1:
            return hits[0][0] <= hits[0][1] or centred(row[0], self.rows[-1])
        grown = self.grown(row)
        return len(grown) >= 2 and all(a == b or b < a for a, b in hits) and len({h for h in hits if h[0] <= h[1]}) >= 1

    def grown(self, row: list[Line]) -> list[tuple[float, float]]:
        spans = sorted([*self.columns, *((p.x0, p.x1) for p in row)])
        out: list[tuple[float, float]] = []
        for a, b in spans:
            if out and a < out[-1][1]:
                out[-1] = (out[-1][0], max(out[-1][1], b))
            else:
                out.append((a, b))
        return out

    def add(self, row: list[Line]) -> None:
        self.rows.append(row)
        a, b = self.column(row[0])
        if len(row) > 1 or a >= b:
            self.columns = self.grown(row)

    def above(self, rows: Sequence[list[Line]]) -> None:
        """Take in what belongs to the first row but stands higher: cells of more lines, or centred in their row.

        It stands half a line higher, or the file wrote it between the pieces of the first row.
        """
        written = min(p.order for p in self.rows[0])
        for row in reversed(rows):
            places = [self.column(p) for p in row]
            close = self.rows[0][0].base - row[0].base < _WRAP_GAP * row[0].size
            between = close and max(p.order for p in row) > written
            if not (between or (len(row) == 1 and centred(row[0], self.rows[0]))) or any(first < last for first, last in places):
                break
            self.rows.insert(0, row)
            self.lifted += 1
            self.columns = self.grown(row)

    def trim(self) -> None:
        """Lines behind the last real row that only happen to fit."""
        while self.rows and len(self.rows[-1]) == 1 and not self._wrapped(self.rows[-1][0]):
            self.rows.pop()

    def _wrapped(self, p: Line) -> bool:
        a, b = self.column(p)
        above = [q for row in self.rows[:-1] for q in row if self.column(q) == (a, b) and q.base < p.base]
        if a != b or not above or (a == 0 and len(self.columns) <= 2):
            return False
        last = max(above, key=lambda q: q.base)
        return p.base - last.base < _WRAP_GAP * p.size and _aligned(p, last)

    def ends_before(self, row: list[Line]) -> bool:
        """Another table begins: its head is repeated, or of several pieces only the first stands under those above."""
        if len(row) < 3:
            return False
        names = {p.text for above in self.rows[:3] for p in above}
        if sum(p.text in names for p in row) >= 3:
            return True
        if sum(len(above) > 1 for above in self.rows) < 3:
            return False
        held = [(self.column(p), p) for above in self.rows if len(above) > 1 for p in above]
        fitting = sum(any(place == self.column(p) and _aligned(p, q) for place, q in held) for p in row[1:])
        return fitting <= (len(row) - 1) // 3  # one of three may fit by chance

    def is_table(self) -> bool:
        split = [row for row in self.rows if len(row) > 1]
        if len(split) < 2 or len(self.columns) < 2 or (len(split) < 3 and len(self.columns) < 3):
            return False
        if (len(self.columns) == 2 and self._labels()) or self._lists(split) or self._contents():
            return False
        steady = [self._steady(k) for k in range(len(self.columns))]
        return sum(steady) >= max(2, 0.6 * len(steady))

    def _labels(self) -> bool:
        """The first column holds only what numbers a list: a) 1. （一） ·"""
        first = [p.text for row in self.rows for p in row if self.column(p) == (0, 0)]
        return sum(_LABEL.fullmatch(text) is not None for text in first) > 0.6 * len(first)

    def _contents(self) -> bool:
        """Lines of a table of contents, their page numbers one under another."""
        return sum(leads_to_a_page("".join(p.text for p in row)) for row in self.rows) > 0.6 * len(self.rows)

    @staticmethod
    def _lists(split: Sequence[list[Line]]) -> bool:
        """Numbered paragraphs of several levels, their numbers set apart: nothing stands beside them."""
        return sum(all(_LABEL.fullmatch(p.text) for p in row[:-1]) for row in split) > 0.6 * len(split)

    def _steady(self, k: int) -> bool:
        """Most of a column's pieces share their left edge, middle or right edge."""
        held = [p for row in self.rows for p in row if self.column(p) == (k, k)]
        edges = ([p.x0 for p in held], [(p.x0 + p.x1) / 2 for p in held], [p.x1 for p in held])
        return bool(held) and any(max(sum(abs(v - w) < 2.5 for w in values) for v in values) >= 0.6 * len(held) for values in edges)


def _aligned(p: Line, q: Line) -> bool:
    """They share their left edge, middle or right edge."""
    return min(abs(p.x0 - q.x0), abs(p.x0 + p.x1 - q.x0 - q.x1) / 2, abs(p.x1 - q.x1)) < 2.5


def centred(p: Line, row: Sequence[Line]) -> bool:
    """So close above or below a row as only a cell that is centred in its height can be: lines of text keep more distance."""
    return any(0 < abs(p.base - q.base) < 0.95 * min(p.size, q.size) for q in row)


def _region(rows: Sequence[list[Line]], start: int, since: int) -> _Region:
    """The region that begins with row `start`; it may lift rows from `since` on, those above belong to another table."""
    region = _Region()
    region.add(rows[start])
    for row in rows[start + 1 :]:
        before = region.rows[-1]
        if row[0].base - before[0].base > _ROW_GAP * max(p.size for p in row + before):
            break
        if not region.takes(row) or region.ends_before(row):
            break
        region.add(row)
    region.trim()
    region.above(rows[since:start])
    return region


def _rest_of(before: Draft, rows: Sequence[list[Line]]) -> _Region | None:
    """The rows at the top of a page that stand in the columns of an unruled table; None if they do not."""
    ends = [max((c.right for c in before.cells if c.column == k and c.column_span == 1), default=x) for k, x in enumerate(before.xs)]
    region = _Region([], list(zip(before.xs, ends, strict=True)))
    for row in rows:
        high = row[0].base - region.rows[-1][0].base if region.rows else 0
        places = [region.column(p) for p in row]
        fits = all(a == b and abs(p.x0 - before.xs[a]) < 3 for (a, b), p in zip(places, row, strict=True))
        over_all = len(row) == 1 and places[0][0] == 0 < places[0][1] and abs(row[0].x0 - before.xs[0]) < 3
        if not (fits or over_all) or high > _ROW_GAP * row[0].size:
            break
        region.rows.append(row)
    while region.rows and len(region.rows[-1]) == 1 and region.column(region.rows[-1][0])[0] < region.column(region.rows[-1][0])[1]:
        region.rows.pop()  # a line behind the table, and no heading inside it
    used = {region.column(p)[0] for row in region.rows for p in row}
    return region if 0 in used and len(used) > 1 else None


def _draft(region: _Region) -> Draft:
    held = [p for row in region.rows for p in row]
    table = _by_order(region) or _by_height(region)
    rights = [min((c[0] for c in region.columns[k + 1 :]), default=region.columns[k][1] + 2) - 2 for k in range(len(region.columns))]
    rights = [max(min(right, region.columns[k][1] + 2), region.columns[k][1]) for k, right in enumerate(rights)]
    cells = []
    for r, row in enumerate(table):
        for (first, last), lines in sorted(row.items()):
            cells.append(DraftCell(r, first, 1, last - first + 1, tuple(lines), region.columns[first][0], rights[last]))
        missing = set(range(len(region.columns))) - {c for first, last in row for c in range(first, last + 1)}
        cells += [DraftCell(r, c, 1, 1, (), region.columns[c][0], rights[c]) for c in sorted(missing)]
    box = (min(p.x0 for p in held), min(p.top for p in held), max(p.x1 for p in held), max(p.bottom for p in held))
    return Draft(held[0].page, box, tuple(sorted(cells, key=lambda c: (c.row, c.column))), tuple(c[0] for c in region.columns), ruled=False)


_Row = dict[tuple[int, int], list[Line]]


def _by_order(region: _Region) -> list[_Row] | None:
    """Rows as the file writes them, cell by cell; None where it does not write row by row."""
    held = sorted((p for row in region.rows for p in row), key=lambda p: p.order)
    rows: list[_Row] = []
    last: tuple[int, int] = (-1, -1)
    before: Line | None = None
    for p in held:
        place = region.column(p)
        if before is None or _opens_row(region, rows, last, place, before, p):
            rows.append({})
        rows[-1].setdefault(place, []).append(p)
        last, before = place, p
    tops = [min(p.base for cell in row.values() for p in cell) for row in rows]
    if any(b < a - 0.5 * held[0].size for a, b in pairwise(tops)):
        return None
    return [{place: sorted(lines, key=lambda p: p.base) for place, lines in row.items()} for row in rows]


def _opens_row(region: _Region, rows: list[_Row], last: tuple[int, int], place: tuple[int, int], before: Line, p: Line) -> bool:
    if place[0] < last[0] or place[0] != place[1] or last[0] != last[1]:
        return True
    if place == last:
        if place[0] > 0 and (0, 0) in rows[-1]:  # a cell behind the first of its row: a short line of it ends no row
            return p.base <= before.base or p.base - before.base > _WRAP_GAP * p.size
        room = region.columns[place[0]][1] - before.x1
        return p.base <= before.base or p.base - before.base > _WRAP_GAP * p.size or room > p.head + 0.5 * p.size
    lowest = max(q.base for cell in rows[-1].values() for q in cell)
    return p.base > lowest + 0.6 * p.size


def _by_height(region: _Region) -> list[_Row]:
    """Rows as they stand; a row without its first cell, close under the row above, is the rest of it."""
    rows: list[_Row] = []
    bottom = 0.0
    starts = Counter(region.column(row[0])[0] for row in region.rows)
    leading = min(starts)
    for row in region.rows:
        places = [region.column(p) for p in row]
        close = row[0].base - bottom < 1.8 * row[0].size
        if not rows or not close or places[0][0] <= leading or any(place not in rows[-1] for place in places):
            rows.append({})
        for place, p in zip(places, row, strict=True):
            rows[-1].setdefault(place, []).append(p)
        bottom = row[0].base
    return rows
