"""What lists of work need of every unit, made of its worksheet once and kept until that is another."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from review.state import State
from scoring.deadlines import deadlines_of
from scoring.journal import EXTEND, REVIEWER, UNDO, live
from scoring.workflow import workflow
from templates.unit_state import UnitState, unit_state

_lock = threading.Lock()
_loose: WeakKeyDictionary[State, tuple[int, tuple[dict[str, Any], ...]]] = WeakKeyDictionary()
_known: WeakKeyDictionary[State, dict[str, tuple[Any, UnitState]]] = WeakKeyDictionary()


def unit_states(state: State) -> dict[str, UnitState]:
    """Unit -> what is known of it, of all units from which something was judged, in the roster's order."""
    sheets, rows = state.sheets(), state.rows()
    with _lock:
        known = _known.setdefault(state, {})
    found: dict[str, UnitState] = {}
    for unit, sheet in sheets.items():
        if unit not in rows:  # it went between the two looks
            continue
        before = known.get(unit)
        if before is None or before[0] is not sheet:
            before = known[unit] = (sheet, unit_state(sheet, state.rubric, rows[unit]["items"]))
        found[unit] = before[1]
    return found


def of_unit(state: State, unit: str) -> UnitState | None:
    """What is known of one unit."""
    return unit_states(state).get(unit)


def deadlines(state: State) -> dict[str, str]:
    """Unit -> its own deadline (ISO 8601), where one was extended."""
    said = [e for e in state.entries() if e.kind in (EXTEND, UNDO)]
    return {u: d.isoformat() for u, d in deadlines_of(live(said), state.rules.rubric).items()} if said else {}


def assigned(state: State, unit: str, known: UnitState | None) -> tuple[str, ...]:
    """Who has the unit or an item of it; also where nothing of it has arrived yet."""
    if known is not None:
        return known.reviewers
    said = live(e for e in state.entries(unit) if e.kind in (REVIEWER, UNDO))
    found: Mapping[str, Any] = workflow({"unit": {"name": unit}, "score": None}, said).get("reviewers") or {}
    return (found["unit"],) if found.get("unit") else ()


def loose_rows(state: State) -> tuple[dict[str, Any], ...]:
    """The mails that are nobody's or wait for a person's word: their rows as published, with "stem" and "unit" (None: unknown)."""
    version = state.store.results_version()
    before = _loose.get(state)
    if before is None or before[0] != version:
        found = tuple({**k.row, "stem": k.stem, "unit": k.sheet["unit"]["name"]} for k in state.loose())
        before = _loose[state] = (version, found)
    return before[1]
