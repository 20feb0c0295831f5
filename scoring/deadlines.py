"""Until when a unit may send: the rubric's deadline, or the day to which a person extended it; and what follows for its worksheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from scoring.journal import EXTEND, Entry
from scoring.rubric import Rubric


def extensions_of(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Unit -> the entry that extends its deadline; the latest word counts."""
    return {e.unit: e for e in entries if e.kind == EXTEND and e.unit}


def deadlines_of(entries: Iterable[Entry], rubric: Rubric) -> dict[str, datetime]:
    """Unit -> first moment that is too late, where the office extended the deadline."""
    return {unit: deadline_in(e, rubric) for unit, e in extensions_of(entries).items()}


def deadline_in(entry: Entry, rubric: Rubric) -> datetime:
    """First moment that is too late by that extension: a day counts to its end, in the rubric's own time zone."""
    day = datetime.fromisoformat(entry.body["deadline"])
    return day if day.tzinfo else day.replace(tzinfo=rubric.deadline.tzinfo) + timedelta(days=1)


def extended(sheet: Mapping[str, Any], rubric: Rubric, entries: Iterable[Entry]) -> dict[str, Any]:
    """The sheet with `late` and `corrected_late` told by its unit's own deadline; as it is where none was set.

    Adds `extended` to the submission: {"deadline": ISO 8601, "by", "at", "seq", "reason"}.
    """
    entry = extensions_of(entries).get(sheet["unit"]["name"] or "")
    if entry is None:
        return dict(sheet)
    submission, deadline = sheet["submission"], deadline_in(entry, rubric)
    first = _moment(submission.get("first_report_at") or submission["received_at"])
    later = [m for s in submission["sources"] if (m := _moment(s["received_at"])) and first and m > first]
    word = {"deadline": deadline.isoformat(), "by": entry.by, "at": entry.at, "seq": entry.seq, "reason": entry.reason}
    told = {
        "late": None if first is None else first >= deadline,
        "corrected_late": first is not None and first < deadline and any(m >= deadline for m in later),
        "extended": word,
    }
    return {**sheet, "submission": {**submission, **told}}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
