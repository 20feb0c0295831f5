"""Ruled tables of a page: drawn lines -> grid -> cells that hold the pieces of text inside them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pdfplumber import table as plumber

from extract.page import Edge

MAX_CROSSINGS = 6000
_SNAP = 3.0
_LEAST_OPEN = 3
_MOST_TO_CLOSE = 1500
_ROOM = 9.0
"""Points: what is cut off holds a line of text."""
_LEAST = 4.0
"""Points: narrower cells are the space inside a double line."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a grid; rows and columns from 0."""

    box: Box
    row: int
    column: int
    row_span: int
    column_span: int

    def holds(self, x: float, y: float) -> bool:
        return self.box[0] <= x < self.box[2] and self.box[1] <= y < self.box[3]


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table without its text. `xs`: the positions of its vertical lines."""

    box: Box
    cells: tuple[GridCell, ...]
    xs: tuple[float, ...]

    @property
    def rows(self) -> int:
        return max(c.row + c.row_span for c in self.cells)

    def holds(self, x: float, y: float) -> bool:
        return self.box[0] <= x < self.box[2] and self.box[1] <= y < self.box[3]


def grids(edges: Sequence[Edge]) -> list[Grid]:
    """Grids of two cells or more, top to bottom."""
    if not edges:
        return []
    merged = plumber.merge_edges([_as_dict(e) for e in edges], _SNAP, _SNAP, _SNAP, _SNAP)
    crossings = plumber.edges_to_intersections(merged + _closing(merged), _SNAP, _SNAP)
    if len(crossings) > MAX_CROSSINGS:
        return []
    cells = plumber.intersections_to_cells(crossings)
    found = [grid for group in plumber.cells_to_tables(cells) if (grid := _grid(group)) is not None]
    return sorted(found, key=lambda g: (g.box[1], g.box[0]))


def _as_dict(edge: Edge) -> dict[str, Any]:
    return {
        "x0": edge.x0,
        "x1": edge.x1,
        "top": edge.top,
        "bottom": edge.bottom,
        "width": edge.x1 - edge.x0,
        "height": edge.bottom - edge.top,
        "orientation": "h" if edge.horizontal else "v",
        "object_type": "line",
    }


def _closing(edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines that a table lacks where it is cut: at the end of a page, or at its sides where those are open by design.

    Three lines or more end there side by side, further away than any line that crosses them.
    """
    if len(edges) > _MOST_TO_CLOSE:
        return []
    upright = [e for e in edges if e["orientation"] == "v"]
    level = [e for e in edges if e["orientation"] == "h"]
    found = []
    for end in ("top", "bottom"):
        found += [_as_dict(Edge(low, at, high, at)) for at, low, high in _open_ends(upright, level, end, ("x0", "x1"), ("top", "bottom"))]
    for end in ("x0", "x1"):
        found += [_as_dict(Edge(at, low, at, high)) for at, low, high in _open_ends(level, upright, end, ("top", "bottom"), ("x0", "x1"))]
    return found


def _open_ends(
    lines: list[dict[str, Any]], across: list[dict[str, Any]], end: str, beside: tuple[str, str], along: tuple[str, str]
) -> list[tuple[float, float, float]]:
    """Where lines end together with nothing across their ends: the place, and from where to where a line is lacking."""
    out = []
    groups: list[list[dict[str, Any]]] = []
    for line in sorted(lines, key=lambda e: e[end]):
        if groups and line[end] - groups[-1][0][end] <= _SNAP:
            groups[-1].append(line)
        else:
            groups.append([line])
    for group in groups:
        places = _positions([e[beside[0]] for e in group])
        if len(places) < _LEAST_OPEN:
            continue
        at, low, high = group[0][end], places[0], places[-1]
        reach = (min(e[along[0]] for e in group), max(e[along[1]] for e in group))
        over = [e for e in across if min(e[beside[1]], high) - max(e[beside[0]], low) > 0.5 * (high - low)]
        crossing = [abs(e[along[0]] - at) for e in over if reach[0] - _SNAP <= e[along[0]] <= reach[1] + _SNAP]
        if crossing and min(crossing) > _ROOM:
            out.append((at, low, high))
    return out


def _grid(boxes: Iterable[Box]) -> Grid | None:
    cells = [b for b in boxes if b[2] - b[0] >= _LEAST and b[3] - b[1] >= _LEAST]
    if len(cells) < 2:
        return None
    xs = _positions([x for b in cells for x in (b[0], b[2])])
    ys = _positions([y for b in cells for y in (b[1], b[3])])
    placed = []
    for b in sorted(cells, key=lambda b: (b[1], b[0])):
        c0, c1, r0, r1 = _index(xs, b[0]), _index(xs, b[2]), _index(ys, b[1]), _index(ys, b[3])
        if c1 > c0 and r1 > r0:
            placed.append(GridCell(b, r0, c0, r1 - r0, c1 - c0))
    if len(placed) < 2:
        return None
    box = (min(b[0] for b in cells), min(b[1] for b in cells), max(b[2] for b in cells), max(b[3] for b in cells))
    return Grid(box, tuple(sorted(placed, key=lambda c: (c.row, c.column))), tuple(xs))


def _positions(values: list[float]) -> list[float]:
    out: list[float] = []
    for v in sorted(values):
        if not out or v - out[-1] > _LEAST:
            out.append(v)
    return out


def _index(positions: list[float], value: float) -> int:
    k = bisect_left(positions, value)
    near = [i for i in (k - 1, k) if 0 <= i < len(positions)]
    return min(near, key=lambda i: abs(positions[i] - value))
