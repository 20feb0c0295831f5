"""Bulk confirmation: exactly which items of which units would be confirmed, with how many points, and why nobody need look at them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from templates.plaintext import number
from templates.unit_state import Line, UnitState


@dataclass(frozen=True, slots=True)
class Given:
    """A unit with a report."""

    number: int
    state: UnitState


@dataclass(frozen=True, slots=True)
class Pair:
    """One item of one unit that is to be confirmed as suggested."""

    unit: int
    item: str
    points: str

    @property
    def key(self) -> str:
        """As a form sends it back."""
        return f"{self.unit}/{self.item}/{self.points}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the preview."""

    pair: Pair
    name: str
    line: Line
    points: str
    max: str
    why: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with its lines."""

    name: str
    number: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The whole page."""

    scope: str
    title: str
    units: tuple[Unit, ...]
    total: int
    left: tuple[tuple[str, int], ...]
    """What is open but not in it: (why, items)."""


@dataclass(frozen=True, slots=True)
class Left:
    """What was in the preview and was not confirmed."""

    unit: str
    number: int
    item: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a bulk confirmation."""

    by: str
    seqs: tuple[int, ...]
    done: tuple[tuple[str, int, str, str], ...]
    """(unit, its number, item, points)."""
    left: tuple[Left, ...]


def preview(given: Sequence[Given], names: Mapping[str, str], *, scope: str, person: str) -> Preview | None:
    """`scope`: "all", "mine", "unit:5", "item:1.1"; None if there is no such unit or item."""
    kind, _, what = scope.partition(":")
    titles = {"all": "全部单位", "mine": "分配给我的"}
    if kind == "unit":
        given = [g for g in given if str(g.number) == what]
        titles["unit"] = given[0].state.unit if given else ""
    elif kind == "item":
        titles["item"] = f"{what} {names.get(what, '')}" if what in names else ""
    if not titles.get(kind) or (what and kind not in ("unit", "item")):
        return None
    mine = kind == "mine" and any(line.reviewer == person for g in given for line in g.state.lines)
    chosen = [(g, [line for line in g.state.todo if _within(line, kind, what, person if mine else "")]) for g in given]
    units = tuple(u for g, lines in chosen if (u := _unit(g, [line for line in lines if not line.unsafe], names)).entries)
    left = Counter(line.unsafe for _, lines in chosen for line in lines if line.unsafe)
    return Preview(scope, titles[kind], units, sum(len(u.entries) for u in units), tuple(left.most_common()))


def still_safe(pair: Pair, state: UnitState | None) -> str:
    """Why the pair must not be confirmed any more; "" where all is as the preview said."""
    line = next((line for line in state.lines if line.item == pair.item), None) if state else None
    if line is None:
        return "没有可用的自查报告"
    if line.unsafe:
        return f"已由{line.by}确认 {number(line.confirmed)} 分" if line.confirmed is not None else line.unsafe
    if number(line.suggested) != pair.points:
        return f"建议分已变为 {number(line.suggested)}"
    return ""


def _within(line: Line, kind: str, item: str, person: str) -> bool:
    return (kind != "item" or line.item == item) and (not person or line.reviewer == person)


def _unit(g: Given, lines: Iterable[Line], names: Mapping[str, str]) -> Unit:
    return Unit(g.state.unit, g.number, tuple(_entry(g, line, names) for line in lines))


def _entry(g: Given, line: Line, names: Mapping[str, str]) -> Entry:
    points = number(line.suggested)
    return Entry(Pair(g.number, line.item, points), names.get(line.item, ""), line, points, number(line.max), line.safe)
