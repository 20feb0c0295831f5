"""The journal: everything a person decided, as records that each carry the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


class JournalError(ValueError):
    """An entry that cannot be written down; the message says what is wrong with it, in Chinese."""


class Locked(JournalError):
    """A unit's result was approved: nothing about it is changed until someone unlocks it."""


class UnreadableJournal(JournalError):
    """A record that is there but cannot be read: the database is damaged."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be written down: an entry before it has its number, time and hash."""

    by: str
    kind: str
    unit: str | None = None
    """As the roster prints it; None for what concerns no single unit."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """JSON values; what each kind holds is told by `KINDS`."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the journal."""

    seq: int
    """1, 2, 3 …"""
    at: str
    """ISO 8601 with offset."""
    by: str
    kind: str
    unit: str | None
    body: Mapping[str, Any]
    reason: str
    previous: str
    """Hash of the entry before; "" for the first."""
    hash: str
    """SHA-256 over the canonical JSON of all the above."""


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold."""

    seq: int
    """Number of the entry at which it breaks."""
    kind: Literal["changed", "missing", "reordered", "unreadable"]
    message: str
    """One Chinese sentence."""


FACT, POINTS, APPLIES, UNDO, EXTEND, ACCEPT, REFUSE = "fact", "points", "applies", "undo", "extend", "accept", "refuse"
CLAIM_LINK, CLAIM_MISSING, CLAIM_PRESENT, CLAIM_NONE, CLAIM_ADD = "claim_link", "claim_missing", "claim_present", "claim_none", "claim_add"
BLOCK_MOVE, ASSIGN_UNIT, FILE_ROLE = "block_move", "assign_unit", "file_role"
REVIEWER, APPROVE, RETURN, UNLOCK = "reviewer", "approve", "return", "unlock"
PAPER_RECEIVED, PAPER_STAMP, PAPER_ROW = "paper_received", "paper_stamp", "paper_row"
RETRY, UPLOAD, PASSWORD, USER, PURGE = "retry", "upload", "password", "user", "purge"

_TEXT, _NUMBER, _TRUTH, _LIST, _ANCHOR = (str,), (int,), (bool,), (list, tuple), (dict,)
KINDS: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    FACT: {"clause": _TEXT, "count": _NUMBER, "source": _TEXT},
    POINTS: {"item": _TEXT, "points": _TEXT, "confirmed": _TRUTH, "ground": _TEXT},
    APPLIES: {"item": _TEXT, "applies": _TRUTH},
    CLAIM_LINK: {"claim": _ANCHOR, "rows": _LIST},
    CLAIM_MISSING: {"claim": _ANCHOR},
    CLAIM_PRESENT: {"claim": _ANCHOR},
    CLAIM_NONE: {"claim": _ANCHOR},
    CLAIM_ADD: {"block": _ANCHOR, "text": _TEXT, "occurrence": _NUMBER, "rows": _LIST},
    BLOCK_MOVE: {"block": _ANCHOR, "section": _NUMBER},
    ASSIGN_UNIT: {"submission": _TEXT, "unit": _TEXT},
    FILE_ROLE: {"sha256": _TEXT, "role": _TEXT},
    EXTEND: {"deadline": _TEXT},
    ACCEPT: {"submission": _TEXT},
    REFUSE: {"submission": _TEXT},
    UNDO: {"of": _NUMBER},
    REVIEWER: {"to": _TEXT, "items": _LIST},
    APPROVE: {},
    RETURN: {"items": _LIST},
    UNLOCK: {},
    PAPER_RECEIVED: {"date": _TEXT, "received": _TRUTH},
    PAPER_STAMP: {"stamped": _TRUTH},
    PAPER_ROW: {"row": _ANCHOR, "checked": _TRUTH},
    RETRY: {"place": _TEXT},
    UPLOAD: {"place": _TEXT, "sha256": _TEXT},
    PASSWORD: {"sha256": _TEXT},
    USER: {"name": _TEXT, "what": _TEXT},
    PURGE: {"before": _TEXT, "submissions": _LIST, "sha256": _LIST},
}
"""Kind -> what its body must hold; more keys are allowed. Lists without a member: of the whole unit."""
WANT_REASON = frozenset({APPLIES, EXTEND, RETURN, UNLOCK})
NOTES = frozenset({UPLOAD, USER, PURGE})
"""Kinds that tell what was done and change nothing; there is nothing to take back."""
UNITLESS = frozenset({FILE_ROLE, ACCEPT, REFUSE, UNDO, REVIEWER, RETRY, PASSWORD, *NOTES})
"""Kinds that need not name a unit; REVIEWER without one is of all units."""
PAPER = frozenset({PAPER_RECEIVED, PAPER_STAMP, PAPER_ROW})
"""Kinds about the evidence on paper."""
CORRECTIONS = frozenset({CLAIM_LINK, CLAIM_MISSING, CLAIM_PRESENT, CLAIM_NONE, CLAIM_ADD, BLOCK_MOVE})
"""Kinds that change what a worksheet says about the report."""
BEFORE_ASSESSING = frozenset({ASSIGN_UNIT, FILE_ROLE, ACCEPT, REFUSE, RETRY, UPLOAD, PASSWORD})
"""Kinds that change what a worksheet is made of."""


def sealed(draft: Draft, *, at: str, before: Entry | None) -> Entry:
    """The entry that follows `before`; raises JournalError for one that says nothing sensible."""
    check(draft)
    seq, previous = (before.seq + 1, before.hash) if before else (1, "")
    body = json.loads(_canonical(draft.body))
    digest = digest_of(seq, at, draft.by, draft.kind, draft.unit, body, draft.reason, previous)
    return Entry(seq, at, draft.by, draft.kind, draft.unit, body, draft.reason, previous, digest)


def check(draft: Draft) -> None:
    """Raise JournalError unless the draft holds what its kind must hold."""
    if draft.kind not in KINDS:
        raise JournalError(f"没有“{draft.kind}”这一类记录")
    if not draft.by.strip():
        raise JournalError("须写明是谁作出的（--by 姓名）")
    for key, types in KINDS[draft.kind].items():
        value = draft.body.get(key)
        if not isinstance(value, types) or (types is _NUMBER and isinstance(value, bool)):
            raise JournalError(f"“{draft.kind}”记录缺少“{key}”，或其值不对")
    if draft.unit is None and draft.kind not in UNITLESS:
        raise JournalError("须写明是哪个单位")
    if draft.kind in WANT_REASON and not draft.reason.strip():
        raise JournalError("须写明理由")
    if draft.kind == EXTEND:
        _check_day(draft.body["deadline"])
    if draft.kind == PAPER_RECEIVED and draft.body["received"]:
        _check_day(draft.body["date"])
    try:
        _canonical([draft.by, draft.unit, draft.body, draft.reason]).encode("ascii")
        f"{draft.by}{draft.unit}{draft.reason}".encode()
    except (TypeError, ValueError) as error:
        raise JournalError("记录中有无法保存的字符或数值") from error


def _check_day(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise JournalError(f"“{text}”不是日期，应写作 2018-01-25") from error


def digest_of(seq: int, at: str, by: str, kind: str, unit: str | None, body: Any, reason: str, previous: str) -> str:
    """SHA-256 (hex) of what an entry says."""
    said = {"seq": seq, "at": at, "by": by, "kind": kind, "unit": unit, "body": body, "reason": reason, "previous": previous}
    return hashlib.sha256(_canonical(said).encode("ascii")).hexdigest()


def live(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that still count, oldest first: without those undone, and without the undoings. An undo can be undone."""
    kept, dead = standing(entries)
    return tuple(e for e in kept if e.kind != UNDO and e.seq not in dead)


def standing(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], Mapping[int, Entry]]:
    """(all entries, number of what is undone -> the undo that does it)."""
    known = tuple(entries)
    dead: dict[int, Entry] = {}
    for entry in reversed(known):
        if entry.kind == UNDO and entry.seq not in dead:
            dead.setdefault(int(entry.body["of"]), entry)
    return known, dead


def purged(entries: Iterable[Entry]) -> frozenset[int]:
    """Numbers of the submissions whose content is gone for good."""
    return frozenset(number for e in entries if e.kind == PURGE for number in e.body["submissions"])


def root_of(entry: Entry, at: Callable[[int], Entry | None]) -> Entry:
    """What an undo, or an undo of an undo …, speaks of in the end; any other entry is its own. `at`: number -> entry."""
    while entry.kind == UNDO:
        target = at(entry.body["of"])
        if target is None or target.seq >= entry.seq:
            return entry
        entry = target
    return entry


def of_unit(entries: Iterable[Entry], unit: str | None) -> tuple[Entry, ...]:
    """Those that concern that unit."""
    return tuple(e for e in entries if e.unit == unit)


def verify(entries: Sequence[Entry], *, head: tuple[int, str] | None = None) -> Break | None:
    """The first place where the chain breaks, None if it holds.

    `head` is (number, hash) of the last entry as noted elsewhere: without it nobody can tell that the end was cut off.
    """
    before: Entry | None = None
    for entry in entries:
        found = _broken(entry, before, entries)
        if found:
            return found
        before = entry
    last = (before.seq, before.hash) if before else (0, "")
    if head is not None and head != last:
        if head[0] > last[0]:
            return Break(last[0] + 1, "missing", f"第{last[0] + 1}条缺失：末尾应为第{head[0]}条，现只到第{last[0]}条")
        return Break(last[0], "changed", f"第{last[0]}条与另行登记的末条校验值不符（末条被替换或被添加）")
    return None


def _broken(entry: Entry, before: Entry | None, entries: Sequence[Entry]) -> Break | None:
    seq, previous = (before.seq + 1, before.hash) if before else (1, "")
    if entry.seq > seq:
        return Break(seq, "missing", f"第{seq}条缺失：第{seq - 1}条之后即为第{entry.seq}条")
    if entry.seq < seq:
        return Break(entry.seq, "reordered", f"第{entry.seq}条的位置不对：它排在第{seq - 1}条之后")
    if _digest(entry) == entry.hash and entry.previous == previous:
        return None
    first = next((n for n in range(1, len(entries) + 2) if n != entry.seq and _digest(entry, seq=n) == entry.hash), None)
    if first is not None:
        return Break(entry.seq, "reordered", f"第{entry.seq}条的顺序被调换：其校验值表明它原是第{first}条")
    if _digest(entry) != entry.hash:
        return Break(entry.seq, "changed", f"第{entry.seq}条的内容与其校验值不符（内容被改动）")
    return Break(entry.seq, "changed", f"第{entry.seq}条所记的上一条校验值与第{seq - 1}条不符（第{seq - 1}条被替换）")


def _digest(entry: Entry, *, seq: int | None = None) -> str:
    number = entry.seq if seq is None else seq
    return digest_of(number, entry.at, entry.by, entry.kind, entry.unit, entry.body, entry.reason, entry.previous)


def _canonical(value: Any) -> str:
    """One text for equal values: keys sorted, no spaces, plain ASCII."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
