"""What lies in the inbox + what is in the ledger + the time -> what to do next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as a look at the inbox shows it."""

    place: str
    """Its lasting name: a Maildir's new/ and cur/ and flags do not count."""
    path: str
    """Where it is now, below the inbox."""
    group: str
    """What it is taken together with: itself, or the subfolder it lies in."""
    size: int
    mtime_ns: int
    is_mail: bool = False


@dataclass(frozen=True, slots=True)
class Still:
    """Since when a file has looked like that."""

    size: int
    mtime_ns: int
    since: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, what to wait for, and what to remember until the next look."""

    take: tuple[tuple[str, tuple[Seen, ...]], ...]
    """Groups with new or changed files, all of them settled, in the order in which their last files were written, however many looks
    that took; every file of the group that lies there."""
    wait: tuple[Seen, ...]
    """New or changed files that may still be on their way."""
    stills: Mapping[str, Still]
    due: float | None
    """When the first of those waited for can have settled."""


def plan(listing: Iterable[Seen], taken: Mapping[str, tuple[int, int]], stills: Mapping[str, Still], *, now: float, settle: float) -> Plan:
    """The next actions. `taken` tells size and mtime_ns of what the ledger has; times are seconds of one steady clock."""
    groups: dict[str, list[Seen]] = defaultdict(list)
    for seen in listing:
        groups[seen.group].append(seen)
    fresh = {s.place: _still(s, stills.get(s.place), now) for g in groups.values() for s in g if taken.get(s.place) != (s.size, s.mtime_ns)}
    moving = {p for p, still in fresh.items() if now - still.since < settle}
    take, wait = [], []
    for group, members in sorted(groups.items()):
        new = [s for s in members if s.place in fresh]
        if any(s.place in moving for s in new):
            wait += new
        elif new:
            take.append((group, tuple(sorted(members, key=lambda s: s.place))))
    take.sort(key=lambda group: (max(s.mtime_ns for s in group[1]), group[0]))
    due = min((fresh[p].since + settle for p in moving), default=None)
    return Plan(tuple(take), tuple(wait), fresh, due)


def _still(seen: Seen, before: Still | None, now: float) -> Still:
    if before and (before.size, before.mtime_ns) == (seen.size, seen.mtime_ns):
        return before
    return Still(seen.size, seen.mtime_ns, now)
