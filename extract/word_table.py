"""The grid of a DOCX table: which cells are seen, where they start and how far they reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from extract.model import Cell, Element
from extract.word_names import MC, VAL, WRAPPERS, W, is_on, whole
from extract.word_shapes import chosen

MOST_COLUMNS = 200
"""Word allows 63; a span beyond all measure must not blow up who lays out the grid."""

Content = Callable[[etree._Element, int, int, bool], tuple[Element, ...]]
"""Reads a w:tc that starts at row, column (from 0); the last argument says whether it is seen or lies under a merged cell."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells, and how many of the first the file marks as repeated header."""

    rows: tuple[tuple[Cell, ...], ...]
    header_rows: int


@dataclass(slots=True)
class _OpenCell:
    """A cell that may still grow downwards."""

    row: int
    column: int
    column_span: int
    row_span: int = 1
    content: tuple[Element, ...] = ()

    def closed(self) -> Cell:
        return Cell(self.content, self.row, self.column, self.row_span, self.column_span)


def read_table(table: etree._Element, content: Content) -> Grid:
    """All rows but deleted ones; `content` is called for every cell in reading order."""
    rows: list[list[_OpenCell]] = []
    above: dict[int, _OpenCell] = {}
    header_rows, heading = 0, True
    for tr in _flat(table, W + "tr"):
        properties = tr.find(W + "trPr")
        if properties is not None and properties.find(W + "del") is not None:
            continue
        mark = properties.find(W + "tblHeader") if properties is not None else None
        heading = heading and mark is not None and is_on(mark.get(VAL))
        header_rows += heading
        rows.append(_row(tr, len(rows), above, content))
    return Grid(tuple(tuple(cell.closed() for cell in row) for row in rows), header_rows)


def _row(tr: etree._Element, row: int, above: dict[int, _OpenCell], content: Content) -> list[_OpenCell]:
    column = _columns(tr.find(f"{W}trPr/{W}gridBefore"))
    cells: list[_OpenCell] = []
    for tc in _flat(tr, W + "tc"):
        properties = tc.find(W + "tcPr")
        if properties is not None and properties.find(W + "cellDel") is not None:
            continue
        span = max(_columns(tc.find(f"{W}tcPr/{W}gridSpan")), 1)
        if _continues(properties, "hMerge") and cells:
            cells[-1].column_span += span
        elif _continues(properties, "vMerge") and column in above:
            above[column].row_span = row - above[column].row + 1
            content(tc, row, column, False)
        else:
            cells.append(_OpenCell(row, column, span))
            cells[-1].content = content(tc, row, column, True)
            above.pop(column, None)
            if properties is not None and properties.find(W + "vMerge") is not None:
                above[column] = cells[-1]
        column += span
    return cells


def _flat(node: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """Rows of a table or cells of a row, content controls and other wrappers looked through."""
    for child in node:
        if child.tag == wanted:
            yield child
        elif child.tag == MC + "AlternateContent":
            branch = chosen(child)
            if branch is not None:
                yield from _flat(branch, wanted)
        elif child.tag in WRAPPERS or child.tag == W + "sdt":
            yield from _flat(child, wanted)


def _continues(properties: etree._Element | None, kind: str) -> bool:
    node = properties.find(W + kind) if properties is not None else None
    return node is not None and node.get(VAL, "continue") != "restart"


def _columns(node: etree._Element | None) -> int:
    """A count of grid columns, 0 where nothing is said."""
    count = whole(node.get(VAL)) if node is not None else None
    return min(max(count or 0, 0), MOST_COLUMNS)
