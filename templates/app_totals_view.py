"""What will be reported: every group by rank, what is still open, and the files that were written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring.totals import EXACT, Standing, Total
from templates import wording
from templates.plaintext import number
from templates.tables_rows import STATES
from templates.unit_state import REVIEWS, UnitState

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One unit in its group."""

    unit: str
    number: int
    rank: str
    tied: bool
    base: str
    base_max: str
    scaled: str
    bonus: str
    total: str
    converted: str
    self: str
    may: str
    """The ranks it may still get by what is open among the reported units: 2–5; "" where it is settled."""
    settled: bool
    """Whether every point in it was confirmed by a person."""
    state: str
    review: str
    late: bool
    done: int
    items: int
    open: tuple[str, ...]
    """What is still to do before it can be reported."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group of units."""

    name: str
    rows: tuple[Row, ...]
    """By rank."""
    unreported: tuple[tuple[str, int], ...]
    """(unit, number): no report, no points, no rank."""
    final: bool
    """Whether every unit in it was approved, so that no rank moves any more."""
    ties: int


@dataclass(frozen=True, slots=True)
class File:
    """A file that was written."""

    name: str
    kind: str
    """supplement, reminder, scores, receipt, table, other."""


@dataclass(frozen=True, slots=True)
class View:
    """The whole page."""

    groups: tuple[Group, ...]
    weighted: bool
    reported: int
    units: int
    open: tuple[tuple[str, int, str, str], ...]
    """(what, how many, of what, where): everything that can still change a number."""
    approved: int


LETTERS = {"补正通知": "supplement", "催报": "reminder", "量化评分表": "scores", "回执": "receipt"}
KINDS = {"table": "汇总表", "supplement": "补正通知", "reminder": "催报通知", "scores": "量化评分表", "receipt": "回执", "other": "其他"}


def view(
    standings: Sequence[Standing], states: Mapping[str, UnitState], late: set[str], waiting: set[str], loose: int, rubric: Plain
) -> View:
    """`standings` in the roster's order; `waiting`: units of which a mail waits; `loose`: mails that are nobody's."""
    weighted = any(s.current is not None and s.current.converted is not None for s in standings)
    groups: dict[str, list[Standing]] = {}
    for s in standings:
        groups.setdefault(s.group, []).append(s)
    unconfirmed = sum(s.items - s.confirmed_items for s in standings)
    changed = sum(s.changed for s in states.values())
    unreviewed = sum(1 for s in states.values() if s.lines and s.review != "approved")
    silent = sum(s.current is None for s in standings)
    found = (
        ("条目未确认", unconfirmed, "条", "/board?show=todo"),
        ("确认后有变化", changed, "条", "/board?show=changed"),
        ("单位未复核", unreviewed, "个", "/board?show=ready"),
        ("未报", silent, "个单位", "/board?show=unreported"),
        ("来件等待决定", len(waiting), "个单位", "/board?show=waiting"),
        ("来件不能确定单位", loose, "件", "/board#loose"),
    )
    return View(
        groups=tuple(_group(name, members, states, late, waiting, rubric) for name, members in groups.items()),
        weighted=weighted,
        reported=len(standings) - silent,
        units=len(standings),
        open=tuple(entry for entry in found if entry[1]),
        approved=sum(s.review == "approved" for s in states.values()),
    )


def files(names: Sequence[str], kind: str) -> dict[str, list[File]]:
    """What was written, by what it is, each sorted by name; workbooks before what is for other programs."""
    found: dict[str, list[File]] = {}
    for name in sorted(names, key=lambda n: (not n.endswith(".xlsx"), n)):
        of = "table" if kind == "tables" else next((k for word, k in LETTERS.items() if word in name), "other")
        found.setdefault(of, []).append(File(name, of))
    return {of: found[of] for of in KINDS if of in found}


def _group(
    name: str, members: Sequence[Standing], states: Mapping[str, UnitState], late: set[str], waiting: set[str], rubric: Plain
) -> Group:
    ranked = sorted((s for s in members if s.current is not None), key=lambda s: (s.rank or 0, s.order))
    may = possible_ranks({s.unit: span(states[s.unit]) for s in ranked if s.unit in states})
    rows = tuple(_row(s, states.get(s.unit), s.unit in late, s.unit in waiting, may.get(s.unit, (0, 0))) for s in ranked)
    silent = tuple((s.unit, s.order) for s in members if s.current is None)
    ties = len({s.rank for s in ranked if s.tied})
    approved = all(s.unit in states and states[s.unit].review == "approved" for s in ranked)
    return Group(wording.group_name(name, rubric.get("groups", {})), rows, silent, approved, ties)


def span(state: UnitState) -> tuple[Decimal, Decimal]:
    """The least and the most that the unit's total (百分制 plus bonus) can still become: what is open may get nothing, or everything."""
    low, high, full = Decimal(0), Decimal(0), Decimal(0)
    bonus_low, bonus_high = Decimal(0), Decimal(0)
    for line in state.lines:
        if line.work == "none":
            continue
        open_ = line.todo and state.review != "approved"
        least = Decimal(0) if open_ or line.confirmed is None else line.confirmed
        most = line.max if open_ else least
        if line.bonus:
            bonus_low, bonus_high = bonus_low + least, bonus_high + most
        else:
            low, high, full = low + least, high + most, full + line.max
    if not full:
        return bonus_low, bonus_high
    return EXACT.divide(low * 100, full) + bonus_low, EXACT.divide(high * 100, full) + bonus_high


def possible_ranks(spans: Mapping[str, tuple[Decimal, Decimal]]) -> dict[str, tuple[int, int]]:
    """Unit -> the best and the worst rank it can get while every total stays within its span."""
    lows, highs = sorted(low for low, _ in spans.values()), sorted(high for _, high in spans.values())
    found = {}
    for unit, (low, high) in spans.items():
        above = len(lows) - bisect_right(lows, high)
        might = len(highs) - bisect_right(highs, low) - (high > low)
        found[unit] = (above + 1, might + 1)
    return found


def _row(s: Standing, state: UnitState | None, late: bool, waiting: bool, may: tuple[int, int]) -> Row:
    total = s.current
    assert total is not None
    return Row(
        unit=s.unit,
        number=s.order,
        rank=str(s.rank) if s.rank else "",
        tied=s.tied,
        base=number(total.base),
        base_max=number(total.base_max),
        scaled=number(total.scaled),
        bonus=number(total.bonus),
        total=number(total.scaled_total),
        converted=number(total.converted),
        self=number(s.self_total),
        may="" if may[0] == may[1] else f"{may[0]}–{may[1]}",
        settled=s.state == "confirmed",
        state=STATES[s.state],
        review=REVIEWS[state.review] if state and state.review in ("approved", "ready", "returned") else "",
        late=late,
        done=s.confirmed_items,
        items=s.items,
        open=_open(s, state, total, waiting),
    )


def _open(s: Standing, state: UnitState | None, total: Total, waiting: bool) -> tuple[str, ...]:
    left = s.items - s.confirmed_items
    returned = sum(line.work == "returned" for line in state.lines) if state else 0
    found = (
        (left > 0, f"未确认 {left} 条"),
        (bool(state and state.changed), f"确认后有变化 {state.changed if state else 0} 条"),
        (returned > 0, f"退回 {returned} 条"),
        (waiting, "有来件待决定"),
        (state is not None and state.review == "ready", "待复核"),
        (total.scaled is None or total.base_max == Decimal(0), "没有适用的基础分条目"),
    )
    return tuple(text for true, text in found if true)
