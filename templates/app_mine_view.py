"""Where a reviewer lands: what was sent back, what is next, and the rest of what is open, unit by unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from templates.plaintext import number
from templates.unit_state import WORK, Line, UnitState


@dataclass(frozen=True, slots=True)
class Given:
    """A unit with a report."""

    number: int
    state: UnitState


@dataclass(frozen=True, slots=True)
class Entry:
    """An open item."""

    line: Line
    name: str
    work: str
    points: str
    max: str
    first: bool
    """The very first of all: what comes next."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with what is open of it."""

    name: str
    number: int
    reason: str
    """Why it was sent back, "" if it was not."""
    by: str
    done: int
    items: int
    bar: int
    """Width of the confirmed part of the bar, of 96."""
    open: int
    entries: tuple[Entry, ...]
    """None where the page would become endless: the unit's own page has them."""
    safe: int
    shown: bool
    """The others are folded."""


@dataclass(frozen=True, slots=True)
class View:
    """The whole page."""

    next: Entry | None
    unit: Unit | None
    """Whose the next item is."""
    units: tuple[Unit, ...]
    open: int
    returned: int
    changed: int
    mine: bool
    """Whether anything is assigned to the person; otherwise everything that is open is shown."""
    others: int
    """Open items that are other people's."""
    ready: tuple[Given, ...]
    """Units that this person may approve now."""
    safe: int
    reports: int


UNFOLDED, FOLDED = 4, 60
"""So many units are shown with all their items, so many with their items folded; more would be a wall."""


def view(given: Sequence[Given], names: dict[str, str], *, person: str, approves: bool) -> View:
    """`given`: units with a report in the roster's order; `names`: item -> how it is called."""
    mine = any(line.reviewer == person for g in given for line in g.state.lines)
    found = []
    for g in given:
        lines = [line for line in g.state.todo if not mine or line.reviewer == person]
        if lines:
            found.append((g, lines))
    found.sort(key=lambda pair: _urgency(*pair))
    units = tuple(_unit(g, lines, names, n) for n, (g, lines) in enumerate(found))
    first = units[0].entries[0] if units else None
    every = [line for _, lines in found for line in lines]
    ready = [
        g for g in given if g.state.review == "ready" and all(line.by != person for line in g.state.lines if line.confirmed is not None)
    ]
    return View(
        next=first,
        unit=units[0] if units else None,
        units=units,
        open=len(every),
        returned=sum(line.work == "returned" for line in every),
        changed=sum(line.work == "changed" for line in every),
        mine=mine,
        others=sum(len(g.state.todo) for g in given) - len(every),
        ready=tuple(ready) if approves else (),
        safe=sum(u.safe for u in units),
        reports=len(given),
    )


def _has_confirmed(person: str, state: UnitState) -> bool:
    return any(line.by == person for line in state.lines if line.confirmed is not None)


def _urgency(g: Given, lines: Sequence[Line]) -> tuple[int, float, int]:
    """Sent back first, then what changed, then what is begun, nearly done before hardly begun; the roster's order otherwise."""
    works = {line.work for line in lines}
    first = 0 if "returned" in works else 1 if "changed" in works else 2 if g.state.done else 3
    return first, -g.state.done / max(1, g.state.applicable), g.number


def _unit(g: Given, lines: Sequence[Line], names: dict[str, str], at: int) -> Unit:
    order = list(WORK)
    ordered = sorted(lines, key=lambda line: order.index(line.work) if line.work in ("returned", "changed") else len(order))
    entries = tuple(
        Entry(line, names.get(line.item, ""), WORK[line.work], number(line.points), number(line.max), at == 0 and n == 0)
        for n, line in enumerate(ordered)
        if at < FOLDED
    )
    items, done = g.state.applicable, g.state.done
    returned = any(line.work == "returned" for line in lines)
    return Unit(
        name=g.state.unit,
        number=g.number,
        reason=g.state.review_reason if returned else "",
        by=g.state.review_by if returned else "",
        done=done,
        items=items,
        bar=round(96 * done / items) if items else 0,
        open=len(lines),
        entries=entries,
        safe=sum(not line.unsafe for line in lines),
        shown=at < UNFOLDED or returned,
    )
