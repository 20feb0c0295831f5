"""The map of units × items on the board: one letter of state for each, a bar where a person confirmed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from templates.app_board_parts import HeatMap, MapLine, Plain, Row
from templates.map_layout import ROW, TOP, UNITS, columns, label
from templates.unit_state import WORK, Line


def maps(rows: Sequence[Row], rubric: Plain) -> tuple[HeatMap, ...]:
    """So many units on each map, the items of every section side by side; `rows` are those with something judged."""
    places, width = columns(rubric)
    at = dict(places)
    heads = tuple((place + 12, item) for item, place in places)
    pages = [rows[n : n + UNITS] for n in range(0, len(rows), UNITS)]
    return tuple(
        HeatMap(width, TOP + len(page) * ROW + 2, heads, tuple(_map_line(r, TOP + n * ROW, at) for n, r in enumerate(page)))
        for page in pages
    )


def _map_line(row: Row, y: int, at: Mapping[str, int]) -> MapLine:
    state, unit = row.given.state, row.given.unit
    assert state is not None
    name = escape(unit)
    cells = Markup("".join(_cell(line, at[line.item], name, row.given.number) for line in state.lines))
    return MapLine(unit, label(unit), row.given.number, y, row.shown, cells)


def _cell(line: Line, x: int, unit: Markup, number: int) -> str:
    """A link to the item, with one letter of state, and a bar where a person confirmed it. Only ids of the rubric become part of it."""
    item, mark = escape(line.item), line.mark
    title = f"<title>{unit} {item}：{mark.word}，{WORK[line.work]}</title>"
    box = f'<rect x="{x}" y="0" width="24" height="19"/><text x="{x + 12}" y="13">{mark.shape}</text>'
    bar = ""
    if line.work == "confirmed":
        bar = f'<rect class="given" x="{x + 3}" y="15" width="18" height="3"/>'
    elif line.work in ("changed", "returned"):
        bar = f'<path class="dash" d="M{x + 3} 16.5h18"/>'
    return f'<a href="/units/{number}/items/{item}" class="m-{mark.key}">{title}{box}{bar}</a>'
