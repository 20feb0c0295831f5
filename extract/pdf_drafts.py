"""Tables while they are put together: joined over page breaks, then turned into the model's Table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from extract.model import Cell, Element, Location, Table
from extract.pdf_flow import Margins, Placed, full, margins, paragraph, paragraphs_of
from extract.pdf_lines import Line


@dataclass(frozen=True, slots=True)
class DraftCell:
    """A cell with its lines; `left`, `right`: where text may stand, in points."""

    row: int
    column: int
    row_span: int
    column_span: int
    items: tuple[Line | Draft, ...]
    left: float
    right: float

    @property
    def text(self) -> str:
        return "".join(n.text for n in self.items if isinstance(n, Line))

    @property
    def empty(self) -> bool:
        return not self.items


@dataclass(frozen=True, slots=True)
class Draft:
    """A table on one page, or over several. `xs`: its vertical lines, or the left edges of its columns."""

    page: int
    box: tuple[float, float, float, float]
    cells: tuple[DraftCell, ...]
    xs: tuple[float, ...]
    last_page: int = 0
    header_rows: int = 0
    ruled: bool = True

    @property
    def rows(self) -> int:
        return max(c.row + c.row_span for c in self.cells)

    @property
    def end(self) -> int:
        """The page it ends on."""
        return self.last_page or self.page

    def row(self, number: int) -> list[DraftCell]:
        return [c for c in self.cells if c.row == number]


def continues(first: Draft, second: Draft) -> bool:
    """`second` is the same table on the next page: its columns stand where those of `first` do."""
    return (
        second.page == first.end + 1
        and len(first.xs) == len(second.xs)
        and all(abs(a - b) <= 6 for a, b in zip(first.xs, second.xs, strict=True))
    )


def continued(first: Draft, second: Draft) -> Draft:
    """Both as one: a repeated header is dropped, a row cut by the page break is one row again."""
    repeated = _repeated_header(first, second)
    second_cells = [replace(c, row=c.row - repeated) for c in second.cells if c.row >= repeated]
    if not second_cells:
        return replace(first, last_page=second.page, header_rows=max(first.header_rows, repeated))
    cells = list(first.cells)
    start = first.rows
    head = [c for c in second_cells if c.row == 0]
    if _cut_row(first, head):
        start -= 1
        bottom = _bottom_row(first)
        for c in head:
            above = bottom.get(c.column)
            if above is None:
                cells.append(replace(c, row=start))
            else:
                span = max(above.row_span, start + c.row_span - above.row)
                cells[cells.index(above)] = replace(above, items=above.items + c.items, row_span=span)
        second_cells = [c for c in second_cells if c.row > 0]
    cells += [replace(c, row=c.row + start) for c in second_cells]
    return replace(first, cells=tuple(cells), last_page=second.page, header_rows=max(first.header_rows, repeated))


def finished(draft: Draft) -> Table:
    """The table of the model; numbers of table and paragraphs are given later."""
    rows: list[list[Cell]] = [[] for _ in range(draft.rows)]
    for cell in sorted(draft.cells, key=lambda c: (c.row, c.column)):
        rows[cell.row].append(Cell(_content(cell), cell.row, cell.column, cell.row_span, cell.column_span))
    x0, top, x1, bottom = (round(v, 1) for v in draft.box)
    return Table(tuple(map(tuple, rows)), Location(page=draft.page, box=(x0, top, x1, bottom)), header_rows=draft.header_rows)


def _content(cell: DraftCell) -> tuple[Element, ...]:
    out: list[Element] = []
    lines: list[Line] = []

    def flush() -> None:
        if lines:
            frame = margins(lines, right=cell.right)
            frame = replace(frame, left=min(frame.left, cell.left))
            placed = [Placed(n, frame, n.page) for n in lines]
            out.extend(paragraph([p.line for p in group], frame) for group in paragraphs_of(placed))
            lines.clear()

    for item in cell.items:
        if isinstance(item, Line):
            lines.append(item)
        else:
            flush()
            out.append(finished(item))
    flush()
    return tuple(out)


def _texts(cells: Sequence[DraftCell]) -> list[tuple[int, str]]:
    return [(c.column, "".join(c.text.split())) for c in sorted(cells, key=lambda c: c.column)]


def _repeated_header(first: Draft, second: Draft) -> int:
    count = 0
    while count < min(first.rows, second.rows, 4):
        texts = _texts(second.row(count))
        if not any(t for _, t in texts) or texts != _texts(first.row(count)):
            break
        count += 1
    return count


def _bottom_row(draft: Draft) -> dict[int, DraftCell]:
    last = draft.rows - 1
    return {c.column: c for c in draft.cells if c.row + c.row_span - 1 >= last}


def _cut_row(first: Draft, head: Sequence[DraftCell]) -> bool:
    """The first row of the next page is the rest of the last row: what it holds continues sentences, or stands in one cell only."""
    bottom = _bottom_row(first)
    filled = [c for c in head if not c.empty]
    above = [bottom.get(c.column) for c in filled]
    if not filled or any(a is None or a.empty or a.column_span != c.column_span for a, c in zip(above, filled, strict=True)):
        return False
    if any(a is not None and _number(a) and _number(c) for a, c in zip(above, filled, strict=True)):
        return False
    if not first.ruled and any(c.column == 0 for c in filled):
        return False
    open_ends = [_open(a, c) for a, c in zip(above, filled, strict=True) if a is not None]
    if all(open_ends):
        return True
    waiting = [a for c, a in bottom.items() if not a.empty and c not in {f.column for f in filled}]
    return len(filled) == 1 and bool(waiting) and 0 not in {f.column for f in filled}


def _number(cell: DraftCell) -> bool:
    return re.fullmatch(r"[\s（(]*\d+[\d.\-—]*[\s）).、]*", cell.text) is not None


def _open(above: DraftCell, below: DraftCell) -> bool:
    """The text of the upper cell runs on: its last line is full and no sentence ends there."""
    last = above.items[-1]
    first = below.items[0]
    if not isinstance(last, Line) or not isinstance(first, Line) or last.text[-1:] in "。；！？":
        return False
    frame = Margins(above.left, above.right, last.size * 1.4, last.size, False, last.size)
    return full(last, first, frame)


def lines_of(items: Sequence[Line | Draft]) -> Iterator[Line]:
    """Every line, those in cells included."""
    for item in items:
        if isinstance(item, Line):
            yield item
        else:
            for cell in item.cells:
                yield from lines_of(cell.items)


def merge_over_pages(items: Sequence[Line | Draft], joins: Callable[[Draft, Draft], bool] = continues) -> list[Line | Draft]:
    """Neighbouring tables that are one."""
    out: list[Line | Draft] = []
    for item in items:
        before = out[-1] if out else None
        if isinstance(item, Draft) and isinstance(before, Draft) and joins(before, item):
            out[-1] = continued(before, item)
        else:
            out.append(item)
    return out
