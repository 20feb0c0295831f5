"""收件: the ledger in full — what arrived, what became of it, whose move it is — arranged for a page (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from extract.errors import EncryptedFile
from templates import wording
from templates.wording import FILE_STATES, Mark

Plain = Mapping[str, Any]
PAGE = 100
"""Arrivals on one page."""
FIRST = 30
"""Files of one cause that are shown before someone asks for all."""
MARKS = {
    "used": Mark("matched", "✓", FILE_STATES["used"]),
    "waiting": Mark("uncertain", "?", FILE_STATES["waiting"]),
    "duplicate": Mark("none", "=", FILE_STATES["duplicate"]),
    "superseded": Mark("none", "旧", FILE_STATES["superseded"]),
    "not_needed": Mark("none", "—", FILE_STATES["not_needed"]),
    "quarantined": Mark("conflict", "!", FILE_STATES["quarantined"]),
}
KINDS = {"mail": "邮件", "archive": "压缩包", "file": "文件"}


class Entry(Protocol):
    """A row of the ledger, as far as the page needs it."""

    @property
    def place(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def bytes(self) -> int: ...
    @property
    def submission(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def cause(self) -> str: ...
    @property
    def next_step(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a file of the ledger went: into whose worksheet, as what."""

    unit: str | None
    link: str
    """Of the worksheet."""
    role: str


@dataclass(frozen=True, slots=True)
class Row:
    """One arrival."""

    place: str
    shown: str
    """Its place as people read it."""
    within: str
    """Name of the mail or archive it came in; "" for what came by itself."""
    name: str
    kind: str
    size: str
    mark: Mark
    state: str
    cause: str
    next_step: str
    move: str
    sha256: str
    filed: Filed | None
    changed: str
    """What is different in what took its place; "" where nothing was compared."""
    retry: bool
    password: bool
    is_file: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """A cause, and what it keeps from being used."""

    cause: str
    next_step: str
    move: str
    rows: tuple[Row, ...]
    count: int
    password: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for."""

    state: str = ""
    q: str = ""
    page: int = 1

    def link(self, **changes: str | int) -> str:
        """The address of the page with these things asked for otherwise; another filter begins at its first page."""
        asked: dict[str, str | int] = {"state": self.state, "q": self.q, **({} if changes else {"page": self.page}), **changes}
        kept = {k: v for k, v in asked.items() if v and (k, v) != ("page", 1)}
        return "/intake" + (f"?{urlencode(kept)}" if kept else "")


@dataclass(frozen=True, slots=True)
class View:
    """The page's values."""

    wish: Wish
    arrived: int
    sum: tuple[tuple[str, Mark, int], ...]
    """(state, its mark, how many), in the order of the sum line."""
    queued: int
    """Still to be read."""
    troubles: tuple[Trouble, ...]
    trouble_count: int
    elsewhere: tuple[tuple[str, int], ...]
    """Where the other arrivals stand that were not processed: (as a sentence goes on, how many); with trouble_count they add up."""
    rows: tuple[Row, ...]
    found: int
    """How many fit the filter."""
    pages: int


def view(
    ledger: Sequence[Entry], wish: Wish, *, queued: str, unassigned: str, filed: Mapping[str, Filed], changed: Mapping[int, str]
) -> View:
    """Arrange the ledger (in the order of entry).

    `queued`: cause of what waits to be read. `unassigned`: of what was read, but is nobody's: its mail is listed by itself.
    `filed`: place -> where it went. `changed`: number of a submission -> how what is in use now differs from it.
    """
    states = dict.fromkeys(MARKS, 0)
    for a in ledger:
        states[a.state] += 1
    names = {a.place: a.name for a in ledger}
    open_troubles = _innermost([a for a in ledger if a.state == "quarantined" and a.cause != unassigned])
    may_retry = {(a.place, a.sha256) for a in open_troubles}

    def row(a: Entry) -> Row:
        told = changed.get(a.submission, "") if a.state == "superseded" else ""
        return _row(a, names, filed.get(a.place), told, (a.place, a.sha256) in may_retry)

    fitting = [a for a in _newest_first(ledger) if _fits(a, wish, names, filed)]
    pages = max(1, -(-len(fitting) // PAGE))
    at = min(max(wish.page, 1), pages)
    shown = fitting[(at - 1) * PAGE : at * PAGE]
    return View(
        wish=Wish(wish.state, wish.q, at),
        arrived=len(ledger),
        sum=tuple((state, mark, states[state]) for state, mark in MARKS.items()),
        queued=sum(a.state == "waiting" and a.cause == queued for a in ledger),
        troubles=_troubles(open_troubles, row) if not (wish.state or wish.q or at > 1) else (),
        trouble_count=len(open_troubles),
        elsewhere=_elsewhere(ledger, len(open_troubles), unassigned),
        rows=tuple(row(a) for a in shown),
        found=len(fitting),
        pages=pages,
    )


def readable(place: str) -> str:
    """A place as people read it."""
    return place.replace("//", "/").rstrip("/")


def move_of(next_step: str) -> str:
    """Whose move a next step is; "" where it does not say."""
    found = re.findall(r"（([^（）]+)）", next_step)
    return found[-1] if found and found[-1] in wording.MOVES else ""


def _row(a: Entry, names: Mapping[str, str], filed: Filed | None, changed: str, again: bool) -> Row:
    quarantined = a.state == "quarantined" and bool(a.sha256) and again
    return Row(
        place=a.place,
        shown=readable(a.place),
        within=names.get(a.parent or "", ""),
        name=a.name,
        kind=KINDS.get(a.kind, a.kind),
        size=_size(a.bytes),
        mark=MARKS[a.state],
        state=a.state,
        cause=a.cause,
        next_step=a.next_step,
        move=move_of(a.next_step),
        sha256=a.sha256,
        filed=filed,
        changed=changed,
        retry=quarantined,
        password=quarantined and _asks_password(a),
        is_file=a.kind == "file" and bool(a.sha256),
    )


def _asks_password(a: Entry) -> bool:
    """A document or an archive that is shut, or a file in such an archive."""
    return a.kind == "file" and a.next_step == EncryptedFile.next_step


def _troubles(found: Sequence[Entry], row: Any) -> tuple[Trouble, ...]:
    """By cause, the office's own moves first, then the largest."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for a in found:
        groups.setdefault((a.cause, a.next_step), []).append(a)
    rank = {"办公室处理": 0, "管理员处理": 1}
    ordered = sorted(groups.items(), key=lambda g: (rank.get(move_of(g[0][1]), 2), -len(g[1]), g[0]))
    return tuple(
        Trouble(cause, step, move_of(step), tuple(row(a) for a in rows[:FIRST]), len(rows), any(_asks_password(a) for a in rows))
        for (cause, step), rows in ordered
    )


def _elsewhere(ledger: Sequence[Entry], listed: int, unassigned: str) -> tuple[tuple[str, int], ...]:
    """Arrivals that were not processed and are not listed by cause: nobody's, and mails and archives that hold what is listed."""
    stuck = [a for a in ledger if a.state == "quarantined"]
    nobodys = sum(a.cause == unassigned for a in stuck)
    told = (("属于上报单位不明的来件，先定单位", nobodys), ("是这些文件所在的邮件或压缩包", len(stuck) - nobodys - listed))
    return tuple((what, n) for what, n in told if n)


def _innermost(found: Sequence[Entry]) -> list[Entry]:
    """Without mails and archives that are here only for what is in them."""
    parents = {a.parent for a in found}
    return [a for a in found if a.kind == "file" or a.place not in parents]


def _newest_first(ledger: Sequence[Entry]) -> Iterable[Entry]:
    """The last submission first, what came in one in its own order; what is not entered yet before everything."""
    return sorted(ledger, key=lambda a: (a.submission != 0, -a.submission))


def _fits(a: Entry, wish: Wish, names: Mapping[str, str], filed: Mapping[str, Filed]) -> bool:
    if wish.state and a.state != wish.state:
        return False
    if not wish.q:
        return True
    where = filed.get(a.place)
    text = f"{a.name} {readable(a.place)} {names.get(a.parent or '', '')} {a.cause} {where.unit or '' if where else ''}".lower()
    return all(word in text for word in wish.q.lower().split())


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KB" if count < 1 << 20 else f"{count / (1 << 20):.1f} MB"


ROLES = wording.ROLES
