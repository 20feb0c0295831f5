"""The ledger and what was judged -> one receipt for each mail: what came with it, whose it is, in time or not (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.store import Arrival, Kept, Recorded
from scoring.rubric import Rubric
from templates.letters_receipt import Came, Received


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mail with the unit that it is of; None where nobody could tell."""

    digest: str
    unit: str | None
    mail: Received


def receipts(
    recorded: Sequence[Recorded], ledger: Sequence[Arrival], kept: Sequence[Kept], rubric: Rubric, deadlines: Mapping[str, datetime]
) -> tuple[Receipt, ...]:
    """One for each mail and each unit in it, in the order of arrival; the same mail at another place gets none of its own."""
    rows: dict[int, list[Arrival]] = {}
    for arrival in ledger:
        rows.setdefault(arrival.submission, []).append(arrival)
    mails = {s.digest: s for s in reversed(recorded) if any(a.kind == "mail" and a.parent is None for a in rows.get(s.number, ()))}
    units, roles = _known(kept)
    ordered = sorted(mails.values(), key=lambda s: (s.received_at is None, s.received_at or datetime.min, s.number))
    return tuple(
        Receipt(s.digest, unit, _received(s, rows[s.number], roles, rubric, deadlines.get(unit or "")))
        for s in ordered
        for unit in _units(s, rows[s.number], units)
    )


def _known(kept: Sequence[Kept]) -> tuple[Mapping[str, list[str]], Mapping[str, str]]:
    """(place -> units whose worksheet lists it, place of a file -> its role)."""
    units: dict[str, list[str]] = {}
    roles: dict[str, str] = {}
    for k in kept:
        files: Sequence[Mapping[str, Any]] = k.sheet["submission"]["files"]
        for place in [k.place, *(f.get("place", "") for f in files)]:
            if k.unit and k.unit not in units.setdefault(place, []):
                units[place].append(k.unit)
        roles |= {f["place"]: f["role"] for f in files if f.get("place")}
    return units, roles


def _units(submission: Recorded, rows: Sequence[Arrival], units: Mapping[str, list[str]]) -> list[str | None]:
    places = [submission.place, *(a.place for a in rows)]
    found: list[str | None] = list(dict.fromkeys(unit for place in places for unit in units.get(place, ())))
    return found or [None]


def _received(s: Recorded, rows: Sequence[Arrival], roles: Mapping[str, str], rubric: Rubric, extended: datetime | None) -> Received:
    parents = {a.parent for a in rows}
    files = tuple(
        Came(a.name, roles.get(a.place, "other"), a.state, a.cause, a.next_step)
        for a in rows
        if a.kind == "file" or (a.kind == "archive" and a.place not in parents)
    )
    root = next(a for a in rows if a.parent is None)
    late = None if s.received_at is None else s.received_at >= (extended or rubric.deadline)
    trouble = (root.cause, root.next_step) if root.state == "quarantined" else ("", "")
    return Received(s.received_at, late, extended, files, *trouble)
