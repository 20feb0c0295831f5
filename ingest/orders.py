"""What people ordered before anything is judged: whose a submission is, which role a file has (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from scoring.journal import ASSIGN_UNIT, FILE_ROLE, Entry
from scoring.worksheet import Role

ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders in force."""

    units: Mapping[str, str] = field(default_factory=dict)
    """Digest of a submission -> the unit it is of."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """SHA-256 of a file -> the role it has."""


def orders_of(entries: Iterable[Entry]) -> Orders:
    """The orders among live journal entries, oldest first; the latest word about something counts."""
    units: dict[str, str] = {}
    roles: dict[str, Role] = {}
    for e in entries:
        if e.kind == ASSIGN_UNIT:
            units[e.body["submission"]] = e.body["unit"]
        if e.kind == FILE_ROLE and e.body["role"] in ROLES:
            roles[e.body["sha256"]] = e.body["role"]
    return Orders(units, roles)
