"""The board's rows: one per unit of the roster, with what arrived and what is missing, and sums that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from templates import wording
from templates.map_layout import ROW, TOP, UNITS, columns, label
from templates.wording import GAP_COLUMNS, MARKS, OTHER_COLUMN, TRUST, GapColumn, Mark
from templates.worksheet_page import item_anchor
from templates.worksheet_view import confirmed_items, item_marks

Plain = Mapping[str, Any]
UNSAID = {"parent": None, "next_step": None}
"""What an arrival need not tell."""


def board_row(worksheet: Plain, rubric: Plain, link: str | None = None) -> dict[str, Any]:
    """The board's row for a worksheet; `link` is the relative address of its page."""
    submission = worksheet["submission"]
    used = {f["role"] for f in submission["files"] if f["state"] == "used"}
    kinds = Counter(g["kind"] for g in worksheet["gaps"])
    report = worksheet.get("score") is not None and not kinds["report_missing"]
    catalog = bool(worksheet["catalog"]) or ("catalog" in used and not kinds["catalog_missing"])
    return {
        "unit": worksheet["unit"]["name"],
        "state": _state(report=report, late=submission["late"]),
        "received_at": submission["received_at"],
        "late": submission["late"],
        "corrected_late": submission["corrected_late"],
        "report": report,
        "catalog": catalog,
        "claims": dict(Counter(c["status"] for c in worksheet["claims"])),
        "gaps": dict(kinds),
        "items": item_marks(worksheet, rubric),
        "confirmed": _confirmed(worksheet),
        "link": link,
    }


def _confirmed(worksheet: Plain) -> dict[str, Any]:
    """{"done", "items", "points": what the confirmed items give together, "stale": how many of them rest on something else by now}."""
    done, items = confirmed_items(worksheet)
    words = [s["confirmed"] for s in (worksheet.get("score") or {}).get("items") or () if s.get("applies", True) and s.get("confirmed")]
    points = sum((Decimal(str(w["points"])) for w in words), Decimal(0))
    return {"done": done, "items": items, "points": f"{points:f}" if words else "", "stale": sum(1 for w in words if w.get("stale"))}


def absent_row(unit: str) -> dict[str, Any]:
    """The row of a unit from which nothing has arrived."""
    return {"unit": unit, "state": "unreported", "received_at": None, "late": None, "corrected_late": False, "report": False} | {
        "catalog": False, "claims": {}, "gaps": {}, "items": {}, "confirmed": None, "link": None}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """One group of the roster."""

    name: str
    rows: tuple[Plain, ...]
    reported: int


@dataclass(frozen=True, slots=True)
class Count:
    """Gaps of one unit in one column."""

    number: int
    mark: Mark
    """The worst state among them."""
    parts: str
    """How many of which kind: 目录无此件 3，不符 1."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the heat map, in the drawing's units."""

    x: int
    y: int
    item: str
    mark: Mark
    link: str | None
    """The unit's worksheet, if it has a page."""
    anchor: str


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of the heat map."""

    unit: str
    label: str
    """The unit's name, cut to the width of the names."""
    y: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """One column head of the heat map."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Units × items, for as many of the units that sent something as fit on a printed page."""

    width: int
    height: int
    heads: tuple[Head, ...]
    rows: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The whole board."""

    groups: tuple[Group, ...]
    columns: tuple[GapColumn, ...]
    """Those of the wording table of which any unit has a gap."""
    counts: tuple[tuple[str, str, int], ...]
    """(state, word, units)."""
    units: int
    gap_total: int
    states: tuple[tuple[str, int], ...]
    arrived: int
    adds_up: bool
    trouble: tuple[Plain, ...]
    """Arrivals that need a person: quarantined or waiting."""
    zone: tzinfo | None
    maps: tuple[HeatMap, ...]
    legend: tuple[Mark, ...]


def view(board: Plain, rubric: Plain) -> View:
    """Count and order what the board page shows."""
    rows = [r for g in board["groups"] for r in g["rows"]]
    states = Counter(r["state"] for r in rows)
    ledger = board["arrivals"]
    sent = [r for r in rows if r["items"]]
    limit = wording.parsed(rubric.get("deadline"))
    return View(
        groups=tuple(_group(g, rubric) for g in board["groups"]),
        columns=tuple(c for c in (*GAP_COLUMNS, OTHER_COLUMN) if any(count(r, c) for r in rows)),
        counts=tuple((k, wording.UNIT_STATES.get(k, k), states[k]) for k in wording.UNIT_STATES if states[k]),
        units=len(rows),
        gap_total=sum(sum(r["gaps"].values()) for r in rows),
        states=tuple((wording.FILE_STATES.get(k, k), n) for k, n in ledger["states"].items() if n),
        arrived=ledger["arrived"],
        adds_up=sum(ledger["states"].values()) == ledger["arrived"],
        trouble=tuple({**UNSAID, **a} for a in ledger.get("arrivals") or () if a["state"] in ("quarantined", "waiting")),
        zone=limit.tzinfo if limit else None,
        maps=tuple(_heat_map(sent[n : n + UNITS], rubric) for n in range(0, len(sent), UNITS)),
        legend=tuple(MARKS[k] for k in (*TRUST, "none")),
    )


def count(row: Plain, column: GapColumn) -> Count | None:
    """The row's gaps of one column, None if it has none."""
    found = {k: n for k, n in row["gaps"].items() if n and (k in column.kinds or (column is OTHER_COLUMN and k not in _TOLD))}
    if not found:
        return None
    states = {wording.gap_kind(k).mark for k in found}
    parts = "，".join(f"{wording.gap_kind(k).short} {n}" for k, n in found.items())
    return Count(sum(found.values()), MARKS[next(s for s in TRUST if s in states)], parts)


_TOLD = {k for column in GAP_COLUMNS for k in column.kinds}


def _heat_map(rows: list[Plain], rubric: Plain) -> HeatMap:
    places, width = columns(rubric)
    heads = tuple(Head(at + 12, TOP - 8, item) for item, at in places)
    lines = []
    for n, row in enumerate(rows):
        y = TOP + n * ROW
        marks, link = row["items"], row["link"]
        cells = tuple(Cell(at, y, item, MARKS.get(marks.get(item), MARKS["blank"]), link, item_anchor(item)) for item, at in places)
        unit: str = row["unit"] or ""
        lines.append(Line(unit, label(unit), y + 14, cells))
    return HeatMap(width, TOP + len(rows) * ROW + 2, heads, tuple(lines))


def _group(group: Plain, rubric: Plain) -> Group:
    rows = tuple(group["rows"])
    name: str = group["group"]
    return Group(wording.group_name(name, rubric.get("groups", {})), rows, sum(r["report"] for r in rows))


def _state(*, report: bool, late: bool | None) -> str:
    if not report:
        return "report_missing"
    return "late" if late else "received"
