"""Facts into the journal: a supervision table as a whole, or one that a reviewer states; and which of them are in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from ingest.actions import Actions, Refused
from ingest.casework import Sheet
from ingest.supervision import read_supervision
from scoring.facts import E, Fact, in_force, what_is_wrong
from scoring.gaps import printed
from scoring.journal import FACT, Draft, Entry, live
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
    """Counts of older imports for the same period that are out of force by this."""
    known: bool
    """This very file was already in force; nothing was written."""


def import_form(actions: Actions, name: str, data: bytes, *, by: str, period: str = "") -> Imported:
    """Write a table (XLSX, CSV …) into the journal, whole or not at all; raises BadForm. Worksheets follow at once."""
    form = read_supervision(name, data, actions.rules.rubric, actions.rules.roster, period=period)
    if form.problems:
        raise BadForm(name, form.problems)
    seen = actions.store.journal_head()[0]
    standing = [e for e in live(actions.store.entries()) if e.kind == FACT]
    new = drafts(form, data, by=by, number=seen + 1, live=standing, reason=f"导入{name}")
    if new:
        actions.record(new, check=lambda entries: _unchanged(entries, seen))
    replaced = [e for e in in_force(standing) if e.body.get("file") and e.body.get("period") == form.period] if new else []
    return Imported(form.period, len(form.facts), len({u for u, _ in form.facts}), len(replaced), not new)


def add_fact(actions: Actions, unit: str, clause: str, count: int = 1, *, by: str, note: str = "") -> Sheet | None:
    """A reviewer states that a clause was met so many times. Returns the unit's worksheet, None while it has none; raises Refused."""
    name, rubric = actions.unit(unit), actions.rules.rubric
    wrong = what_is_wrong(rubric, clause, count)
    if wrong is None and not rubric.applies(rubric.item(rubric.rule(clause).item), actions.rules.roster.unit(name).group):
        wrong = f"{name}不考核{printed(rubric.rule(clause).item)}"
    if wrong is not None:
        raise Refused(wrong)
    fact = Fact(clause, count, "reviewer", note, by)
    return actions.record([Draft(by, FACT, name, body_of(fact), note)]).get(name)


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
    stated = [Draft(by, FACT, unit, {**body_of(fact), **mark}, reason) for unit, fact in form.facts]
    gone = {e.unit: e.body["clause"] for e in in_force(same) if e.unit not in told}
    silent = [(u, Fact(clause, 0, "supervision", "新表未列，不再计", period=form.period)) for u, clause in gone.items()]
    return tuple((*stated, *(Draft(by, FACT, u, {**body_of(f), **mark, "dropped": True}, reason) for u, f in silent)))


def body_of(fact: Fact) -> dict[str, object]:
    """A fact as the body of a journal entry."""
    return asdict(fact)


def _unchanged(entries: Sequence[Entry], seen: int) -> None:
    """The journal as it was when the table was compared with it."""
    if (entries[-1].seq if entries else 0) != seen:
        raise Refused("导入时有人写入了新的记录，请再导入一次")
