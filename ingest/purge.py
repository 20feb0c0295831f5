"""After the retention time: what was received before it goes — originals, readings, worksheets; ledger and journal stay, with hashes."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.files import Archive
from ingest.service import Service
from ingest.settings import Settings
from ingest.store import Fate, Recorded, Store
from scoring.journal import PASSWORD, PURGE, Draft, purged

WOKEN = 2010
"""A machine whose battery is empty wakes in 1970, 1980 or 2000: what was taken in before this year was taken in by a wrong clock."""
PICTURES = "pages"
"""Folder below var/ with pictures of pages; they are drawn again when somebody looks."""


@dataclass(frozen=True, slots=True)
class Old:
    """A submission whose time is over."""

    number: int
    place: str
    received: datetime
    """When it was received, or taken in where that is later: the time in a mail may be anything."""
    bytes: int
    """Of its originals."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to go."""

    before: datetime
    submissions: tuple[Old, ...]
    originals: tuple[str, ...]
    """SHA-256 of the files in the archive that nothing younger needs."""
    bytes: int


def due(settings: Settings, store: Store, *, now: datetime) -> Due:
    """What was received more than `keep_years` before `now`; touches nothing."""
    before = _years_before(now, settings.keep_years)
    archive = Archive(settings.var / "archive")
    gone = purged(store.entries())
    recorded = store.submissions()
    old = {s.number: found for s in recorded if s.number not in gone and (found := _old(s, archive, before))}
    originals = (*_only_of(recorded, {*old, *gone}, archive), *_copies(store, {*old, *gone}, archive))
    return Due(before, tuple(old.values()), originals, sum(archive.size(sha256) or 0 for sha256 in originals))


def purge(service: Service, found: Due, *, by: str) -> None:
    """Let it go. First the record of it, then the content: what a crash leaves over goes with the next purge.

    Raises JournalError, OSError. The folder's worksheets are made anew without what went.
    """
    store, archive = service.store, service.archive
    if found.submissions:
        store.append([Draft(by, PURGE, None, _record(store, found))])
    _forget(store, purged(store.entries()))
    for sha256 in found.originals:
        archive.remove(sha256)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(service.settings.var / PICTURES)
    service.judge()
    store.compact()


def _record(store: Store, found: Due) -> dict[str, object]:
    """What the journal keeps of it: which submissions, and the hashes of everything that was in them."""
    numbers = {s.number for s in found.submissions}
    hashes = sorted({a.sha256 for a in store.arrivals() if a.submission in numbers and a.sha256})
    return {"before": found.before.date().isoformat(), "submissions": sorted(numbers), "sha256": hashes}


def _forget(store: Store, gone: frozenset[int]) -> None:
    """Readings and worksheets of these submissions, and what the ledger says to do about them; its states stay as they were."""
    ledger = store.arrivals()
    kept = {a.sha256 for a in ledger if a.submission not in gone}
    theirs = {a.sha256 for a in ledger if a.submission in gone} - kept
    store.forget_readings(theirs | {copy for sha256, copy in _opened(store) if sha256 in theirs})
    said = {(a.place, a.sha256): Fate(a.state, "保存期满，原件已清除") for a in ledger if a.submission in gone}
    store.settle(said)


def _old(submission: Recorded, archive: Archive, before: datetime) -> Old | None:
    times = [t for m in submission.members if (t := archive.time(m.sha256))]
    if any(t.year < WOKEN for t in times):  # nobody knows how old it is
        return None
    received = max([*times, *([submission.received_at.astimezone()] if submission.received_at else [])], default=None)
    if received is None or received >= before:
        return None
    size = sum(archive.size(m.sha256) or 0 for m in submission.members)
    return Old(submission.number, submission.place, received, size)


def _only_of(recorded: Sequence[Recorded], numbers: Iterable[int], archive: Archive) -> tuple[str, ...]:
    """The originals of these submissions that no other has, as far as they are there."""
    going = set(numbers)
    needed = {m.sha256 for s in recorded if s.number not in going for m in s.members}
    theirs = {m.sha256 for s in recorded if s.number in going for m in s.members}
    return tuple(sorted(sha256 for sha256 in theirs - needed if archive.size(sha256) is not None))


def _copies(store: Store, numbers: Iterable[int], archive: Archive) -> tuple[str, ...]:
    """The copies without a password of files that only these submissions hold."""
    going, ledger = set(numbers), store.arrivals()
    kept = {a.sha256 for a in ledger if a.submission not in going}
    theirs = {a.sha256 for a in ledger if a.submission in going} - kept
    return tuple(sorted({copy for sha256, copy in _opened(store) if sha256 in theirs and archive.size(copy) is not None}))


def _opened(store: Store) -> set[tuple[str, str]]:
    """(SHA-256 of a file, of its copy without a password), of all that were ever opened."""
    return {(e.body["sha256"], e.body["opened"]) for e in store.entries() if e.kind == PASSWORD and e.body.get("opened")}


def _years_before(now: datetime, years: int) -> datetime:
    """The start of the same day so many years ago; of 29 February, the day before."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
