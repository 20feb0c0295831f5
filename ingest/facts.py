"""Facts into the journal: a supervision table as a whole, or one that a reviewer states; and which of them are in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.actions import Actions, Refused
from ingest.book import Book
from ingest.casework import Sheet
from ingest.supervision import read_supervision
from scoring.facts import E, Fact, as_body, in_force
from scoring.journal import FACT, UNDO, Draft, Entry, live
from scoring.supervision import Form, Problem


class BadForm(Refused):
    """A table that is not imported; `problems` says why, each with row and column."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{name} 有{len(problems)}处问题，整张未导入：" + "；".join(map(str, problems)))


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    period: str
    facts: int
    """Counts stated in the table, zeros included."""
    units: int
    replaced: int
    """Counts of older imports, for the same period or for months of the same year, that are out of force by this."""
    known: bool
    """This very file was already in force; nothing was written."""
    first: int = 0
    """Number of the import's first record; any of them names it for `undo_import`."""
    instead_of: tuple[str, ...] = ()
    """The tables that lost something by this, each with who had imported it."""
    silent: tuple[str, ...] = ()
    """Units that the replaced table spoke of and this one does not."""
    covered: int = 0
    """Counts of this table that are not in force, because the year's sum of the clause is known."""


def import_form(actions: Actions, name: str, data: bytes, *, by: str, period: str = "") -> Imported:
    """Write a table (XLSX, CSV …) into the journal, whole or not at all; raises BadForm. Worksheets follow at once."""
    form = read_supervision(name, data, actions.rules.rubric, actions.rules.roster, period=period)
    if form.problems:
        raise BadForm(name, form.problems)
    seen = actions.store.journal_head()[0]
    standing = [e for e in live(actions.store.entries()) if e.kind == FACT]
    new = drafts(form, data, by=by, number=seen + 1, live=standing, reason=f"导入{name}")
    units = len({u for u, _ in form.facts})
    if not new:
        return Imported(form.period, len(form.facts), units, 0, True)
    actions.record(new, check=lambda book: _unchanged(book, seen))
    now = [e for e in live(actions.store.entries()) if e.kind == FACT]
    counting = {e.seq for e in in_force(now)}
    replaced = [e for e in in_force(standing) if e.body.get("file") and e.seq not in counting]
    mine = [e for e in now if e.body.get("import") == seen + 1 and e.body.get("file")]
    return Imported(
        form.period,
        len(form.facts),
        units,
        len(replaced),
        False,
        first=seen + 1,
        instead_of=tuple(dict.fromkeys(f"{str(e.body['origin']).rsplit(' ', 1)[0]}，{e.by}" for e in replaced)),
        silent=tuple(e.unit or "" for e in mine if e.body.get("dropped")),
        covered=sum(1 for e in mine if not e.body.get("dropped") and e.seq not in counting),
    )


def undo_import(actions: Actions, seq: int, *, by: str, reason: str = "") -> tuple[str, int]:
    """Take back the whole table that record `seq` came in with. Returns (period, records taken back); raises Refused.

    What it had replaced is in force again; a single record of it can be brought back by undoing its undo.
    """
    entries = actions.store.entries()
    target = next((e for e in entries if e.seq == seq), None)
    if target is None:
        raise Refused(f"没有第{seq}条记录")
    if target.kind != FACT or not target.body.get("file"):
        raise Refused(f"第{seq}条不是导入统计表时记下的；撤销单独一条用 zicha undo {seq}")
    mine = [e for e in live(entries) if e.kind == FACT and _table(e) == _table(target)]
    if not mine:
        raise Refused("这次导入已经撤销")
    seen = entries[-1].seq
    actions.record([Draft(by, UNDO, e.unit, {"of": e.seq}, reason) for e in mine], check=lambda book: _unchanged(book, seen))
    return str(target.body.get("period") or ""), len(mine)


def add_fact(actions: Actions, unit: str, clause: str, count: int = 1, *, by: str, note: str = "") -> Sheet | None:
    """A reviewer states that a clause was met so many times. Returns the unit's worksheet, None while it has none; raises Refused."""
    return actions.fact(unit, clause, count, by=by, note=note)


def listed(actions: Actions, unit: str | None = None) -> tuple[tuple[Entry, bool], ...]:
    """(live fact entry, whether it is in force), oldest first; an older import of the same period and what a year's sum covers are not."""
    name = actions.unit(unit) if unit else None
    entries = [e for e in live(actions.store.entries()) if e.kind == FACT and name in (None, e.unit)]
    force = {e.seq for e in in_force(entries)}
    return tuple((e, e.seq in force) for e in entries if not e.body.get("dropped"))


def drafts(form: Form, data: bytes, *, by: str, number: int, live: Iterable[E], reason: str = "") -> tuple[Draft, ...]:
    """What to write down for a table; nothing if this file is already the one in force for its period. `number` tells imports apart.

    A unit that an older import of the period speaks of and this one does not, gets an entry that says so: nothing old stays in force.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    same = sorted((e for e in live if e.body.get("file") and e.body.get("period") == form.period), key=lambda e: e.seq)
    if same and same[-1].body["file"] == sha256:
        return ()
    told = {unit for unit, _ in form.facts}
    mark = {"file": sha256, "import": number}
    stated = [Draft(by, FACT, unit, {**as_body(fact), **mark}, reason) for unit, fact in form.facts]
    gone = {e.unit: e.body["clause"] for e in in_force(same) if e.unit not in told}
    silent = [(u, Fact(clause, 0, "supervision", "新表未列，不再计", period=form.period)) for u, clause in gone.items()]
    return tuple((*stated, *(Draft(by, FACT, u, {**as_body(f), **mark, "dropped": True}, reason) for u, f in silent)))


def _table(e: Entry) -> tuple[object, object]:
    """The import that an entry is of."""
    return e.body.get("file"), e.body.get("import")


def _unchanged(book: Book, seen: int) -> None:
    """The journal as it was when the table was compared with it."""
    if book.since(seen):
        raise Refused("其间有人写入了新的记录，请再运行一次")
