"""What people ordered before anything is judged: whose a submission is, which role a file has, whether a submission counts,
what is read again or was opened with a password (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from scoring.journal import ACCEPT, ASSIGN_UNIT, FILE_ROLE, PASSWORD, REFUSE, RETRY, UPLOAD, Entry
from scoring.worksheet import Role

ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders in force."""

    units: Mapping[str, str] = field(default_factory=dict)
    """Digest of a submission -> the unit it is of."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """SHA-256 of a file -> the role it has."""
    words: Mapping[tuple[str, str | None], Entry] = field(default_factory=dict)
    """(digest of a submission, unit) -> the entry that accepts or refuses it for that unit; None: for every unit in it."""

    again: Mapping[str, int] = field(default_factory=dict)
    """SHA-256 of a file, or digest of a submission -> number of the last order to read it again."""
    opened: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of a file that needs a password -> SHA-256 of its copy without one."""

    def mark(self, submission: str, contents: Collection[str]) -> str:
        """What was ordered about how a submission with these files is read; "" nothing. Other words: its worksheet is another."""
        again = [f"{key[:16]} {self.again[key]}" for key in sorted({submission, *contents}) if key in self.again]
        opened = [f"{key[:16]} {self.opened[key][:16]}" for key in sorted(contents) if key in self.opened]
        return "; ".join([*again, *opened])

    def word(self, submission: str, unit: str) -> Entry | None:
        """The latest word about whether the submission counts for the unit."""
        found = [e for key in ((submission, unit), (submission, None)) if (e := self.words.get(key))]
        return max(found, key=lambda e: e.seq, default=None)


def orders_of(entries: Iterable[Entry]) -> Orders:
    """The orders among live journal entries, oldest first; the latest word about something counts."""
    units: dict[str, str] = {}
    roles: dict[str, Role] = {}
    words: dict[tuple[str, str | None], Entry] = {}
    again: dict[str, int] = {}
    known = tuple(entries)
    for e in known:
        if e.kind == ASSIGN_UNIT:
            units[e.body["submission"]] = e.body["unit"]
        if e.kind in (FILE_ROLE, UPLOAD) and e.body.get("role") in ROLES:
            roles[e.body["sha256"]] = e.body["role"]
        if e.kind in (ACCEPT, REFUSE):
            words[e.body["submission"], e.unit] = e
        if e.kind == RETRY:
            again |= {key: e.seq for name in ("sha256", "submission") if (key := e.body.get(name))}
    return Orders(units, roles, words, again, opened_by(known))


def opened_by(entries: Iterable[Entry]) -> dict[str, str]:
    """SHA-256 of a file that a person gave the password of -> SHA-256 of its copy without one, by these live entries."""
    return {e.body["sha256"]: e.body["opened"] for e in entries if e.kind == PASSWORD and e.body.get("opened")}
