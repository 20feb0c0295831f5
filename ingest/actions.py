"""What a person can do: confirm, correct, order, undo. Each is written into the journal, and the outbox follows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ingest.book import Book
from ingest.casework import Sheet
from ingest.deciding import Conflict as Conflict
from ingest.deciding import Refused as Refused
from ingest.intake import Intake
from ingest.orders import ROLES
from ingest.picking import Unpicked, pick_block, pick_claim, pick_file, pick_row, pick_submission
from ingest.rules import Rules
from ingest.second_check import SecondCheck
from ingest.settings import Settings
from ingest.store import Recorded, Store
from scoring.anchors import block_anchor, claim_anchor, row_anchor
from scoring.decisions import basis_of, ground_of, points_in
from scoring.facts import Fact, as_body, what_is_wrong
from scoring.gaps import printed
from scoring.journal import (
    ACCEPT,
    APPLIES,
    ASSIGN_UNIT,
    BLOCK_MOVE,
    CLAIM_ADD,
    CLAIM_LINK,
    CLAIM_MISSING,
    CLAIM_NONE,
    CLAIM_PRESENT,
    EXTEND,
    FACT,
    FILE_ROLE,
    NOTES,
    POINTS,
    REFUSE,
    UNDO,
    Draft,
    Entry,
    live,
    standing,
)

Pair = tuple[str, str] | tuple[str, str, str | Decimal]
"""A unit and an item to confirm with the suggested points, or with those given."""


class Actions(SecondCheck, Intake):
    """The decisions of one home folder. `seen` as in `Deciding.record`: with it, ids mean what they meant on the person's page."""

    def history(self, *, unit: str | None = None, item: str | None = None, by: str | None = None) -> list[tuple[Entry, Entry | None]]:
        """(entry, the undo that takes it back), oldest first."""
        entries, dead = standing(self.store.entries())
        name = self.unit(unit) if unit else None
        known = {e.seq: e for e in entries}
        return [
            (e, dead.get(e.seq)) for e in entries if name in (None, e.unit) and by in (None, e.by) and item in (None, _item_of(e, known))
        ]

    # ---- points

    def confirm(
        self, unit: str, item: str, points: str | Decimal, *, by: str, note: str = "", confirmed: bool = True, seen: int | None = None
    ) -> Sheet:
        """Give an item its points, with the ground on which they are given: what the person saw, if `seen` tells.

        `confirmed` False keeps them as not yet confirmed. Raises Refused for what cannot be confirmed.
        """
        name = self.unit(unit)
        return self.record([self._points(self._judged(name, seen), item, points, by, note, confirmed)], seen=seen)[name]

    def confirm_all(self, pairs: Iterable[Pair], *, by: str, note: str = "", seen: int | None = None) -> tuple[int, ...]:
        """Confirm many items, all or none, each with its suggested points unless others are given. Returns the numbers of the entries."""
        wanted = [(self.unit(p[0]), p[1], p[2] if len(p) > 2 else None) for p in pairs]
        sheets = {name: self._judged(name, seen) for name in dict.fromkeys(name for name, _, _ in wanted)}
        drafts = [self._points(sheets[name], item, points, by, note, True) for name, item, points in wanted]
        written = self.write(drafts, seen=seen) if drafts else ()
        self.settle(written)
        return tuple(e.seq for e in written)

    def _points(self, sheet: Sheet, item: str, points: str | Decimal | None, by: str, note: str, confirmed: bool) -> Draft:
        name, rule = sheet["unit"]["name"], self._item(item)
        score = next(s for s in sheet["score"]["items"] if s["item"] == rule.id)
        if not score["applies"]:
            raise Refused(f"{rule.id} 对{name}不适用，不评分")
        try:
            value = points_in(str(score["suggested"] if points is None else points), rule)
        except ValueError as error:
            raise Refused(str(error)) from error
        basis = basis_of(sheet, rule, score)
        body = {"item": rule.id, "points": f"{value:f}", "confirmed": confirmed, "ground": ground_of(basis), "basis": basis}
        return Draft(by, POINTS, name, body, note)

    def applies(self, unit: str, item: str, applies: bool, *, by: str, reason: str, seen: int | None = None) -> Sheet:
        """Say that an item counts for the unit, or that it does not, with the reason."""
        name, rule = self.unit(unit), self._item(item)
        self._judged(name)
        return self.record([Draft(by, APPLIES, name, {"item": rule.id, "applies": applies}, reason)], seen=seen)[name]

    def fact(self, unit: str, clause: str, count: int = 1, *, by: str, note: str = "", seen: int | None = None) -> Sheet | None:
        """A reviewer states that a clause was met so many times. Returns the unit's worksheet, None while it has none; raises Refused."""
        name, rubric = self.unit(unit), self.rules.rubric
        wrong = what_is_wrong(rubric, clause, count)
        if wrong is None and not rubric.applies(rubric.item(rubric.rule(clause).item), self.rules.roster.unit(name).group):
            wrong = f"{name}不考核{printed(rubric.rule(clause).item)}"
        if wrong is not None:
            raise Refused(wrong)
        body = as_body(Fact(clause, count, "reviewer", note, by))
        return self.record([Draft(by, FACT, name, body, note)], seen=seen).get(name)

    # ---- corrections: `claim`, `row`, `block` are ids (k3, c5, b12: the block's place from 1) or words that fit one only

    def link(self, unit: str, claim: str, rows: Sequence[str], *, by: str, reason: str = "", seen: int | None = None) -> Sheet:
        """The claim's evidence is these rows."""
        if not rows:
            raise Refused("须指明目录中的哪一项")
        return self._claim(CLAIM_LINK, unit, claim, by, reason, seen, rows)

    def missing(self, unit: str, claim: str, *, by: str, reason: str = "", seen: int | None = None) -> Sheet:
        """No row is the claim's evidence."""
        return self._claim(CLAIM_MISSING, unit, claim, by, reason, seen)

    def present(self, unit: str, claim: str, *, by: str, reason: str = "", seen: int | None = None) -> Sheet:
        """The reviewer has seen the evidence, though no row names it."""
        return self._claim(CLAIM_PRESENT, unit, claim, by, reason, seen)

    def none(self, unit: str, claim: str, *, by: str, reason: str = "", seen: int | None = None) -> Sheet:
        """The phrase names no evidence."""
        return self._claim(CLAIM_NONE, unit, claim, by, reason, seen)

    def add(
        self, unit: str, block: str, text: str, rows: Sequence[str] = (), *, occurrence: int = 0, by: str, reason: str = "",
        seen: int | None = None,
    ) -> Sheet:  # fmt: skip
        """These words of the block (their n-th occurrence, from 0) name evidence, found in these rows or in none."""
        name = self.unit(unit)
        sheet = self._judged(name, seen)
        index = _picked(pick_block, sheet, block)
        words = sheet["blocks"][index]["text"]
        if not text.strip() or words.count(text) <= occurrence:
            raise Refused(f"该段中没有“{text}”")
        body = {"block": block_anchor(sheet, index), "text": text, "occurrence": occurrence, "rows": _rows(sheet, rows)}
        return self.record([Draft(by, CLAIM_ADD, name, body, reason)], seen=seen)[name]

    def move(
        self, unit: str, block: str, section: int, item: str | None = None, *, by: str, reason: str = "", seen: int | None = None
    ) -> Sheet:
        """The block belongs to that section (0: none) and item."""
        name = self.unit(unit)
        sheet = self._judged(name, seen)
        index = _picked(pick_block, sheet, block)
        if item is not None and self._item(item).section != section:
            raise Refused(f"条目{item}不在第{section}部分")
        if section not in {0, *(s.number for s in self.rules.rubric.sections)}:
            raise Refused(f"细则中没有第{section}部分")
        body = {"block": block_anchor(sheet, index), "section": section, "item": item}
        return self.record([Draft(by, BLOCK_MOVE, name, body, reason)], seen=seen)[name]

    def _claim(self, kind: str, unit: str, claim: str, by: str, reason: str, seen: int | None, rows: Sequence[str] | None = None) -> Sheet:
        name = self.unit(unit)
        sheet = self._judged(name, seen)
        body: dict[str, Any] = {"claim": claim_anchor(sheet, _picked(pick_claim, sheet, claim))}
        if rows is not None:
            body["rows"] = _rows(sheet, rows)
        return self.record([Draft(by, kind, name, body, reason)], seen=seen)[name]

    # ---- orders: what is judged, and as what

    def assign(self, submission: str, unit: str, *, by: str, reason: str = "", seen: int | None = None) -> Sheet | None:
        """The submission (its place in the inbox, or the beginning of its number) is that unit's."""
        name = self.unit(unit)
        found = _picked(pick_submission, self.store.submissions(), submission)
        body = {"submission": found.digest, "place": found.place, "unit": name, **_also(self._dossiers_with(found.digest), name)}
        return self.record([Draft(by, ASSIGN_UNIT, name, body, reason)], seen=seen).get(name)

    def role(self, file: str, role: str, *, by: str, reason: str = "", seen: int | None = None) -> None:
        """The file (its name or place, or the beginning of its SHA-256) is a report, a catalog, evidence or something else."""
        if role not in ROLES:
            raise Refused(f"没有“{role}”这种文件；可用：{'、'.join(ROLES)}")
        found = _picked(pick_file, self.store.arrivals(), file)
        body = {"sha256": found.sha256, "name": found.name, "role": role, **_also(self._units_with(found.sha256))}
        self.record([Draft(by, FILE_ROLE, None, body, reason)], seen=seen)

    def accept(self, submission: str, *, by: str, reason: str = "", seen: int | None = None) -> list[str]:
        """The submission that waits (its place in the inbox, or the beginning of its number) counts. Returns the units it counts for."""
        found = _picked(pick_submission, self.store.submissions(), submission)
        units = [*self._waiting_for(found.digest), *self._refused_for(found.digest)]
        if not units:
            raise Refused(f"{found.place}没有在等待采用；单位不明的，先运行 zicha assign 指定单位")
        return self._word(ACCEPT, found, units, by, reason, seen)

    def refuse(self, submission: str, *, by: str, reason: str = "", seen: int | None = None) -> list[str]:
        """The submission does not count, whether it waits or is in use. Returns the units it does not count for."""
        found = _picked(pick_submission, self.store.submissions(), submission)
        units = [*self._waiting_for(found.digest), *self._dossiers_with(found.digest)]
        if not units:
            known = "已决定不采用" if self._refused_for(found.digest) else "没有归入任何单位，不需要另作决定"
            raise Refused(f"{found.place}{known}")
        return self._word(REFUSE, found, units, by, reason, seen)

    def _word(self, kind: str, found: Recorded, units: Iterable[str], by: str, reason: str, seen: int | None) -> list[str]:
        body = {"submission": found.digest, "place": found.place}
        names = list(dict.fromkeys(units))
        self.record([Draft(by, kind, name, body, reason) for name in names], seen=seen)
        return names

    def _waiting_for(self, digest: str) -> list[str]:
        """The units for which the submission waits."""
        kept = [k.sheet for k in self.store.kept_results() if k.unit is None and k.sheet["submission"]["id"] == digest]
        return [s["unit"]["name"] for s in kept if s["unit"]["name"]]

    def _dossiers_with(self, digest: str) -> list[str]:
        """The units for which it counts."""
        found: list[str] = []
        for kept in self.store.kept_results():
            sheet = kept.sheet
            parts = sheet.get("dossier") or [{"id": sheet["submission"]["id"], "counts": True}]
            if kept.unit and any(p["id"] == digest and p["counts"] for p in parts):
                found.append(kept.unit)
        return found

    def _units_with(self, sha256: str) -> list[str]:
        """The units whose worksheet is made of mails with that file."""
        return [k.unit for k in self.store.kept_results() if k.unit and any(f["sha256"] == sha256 for f in k.sheet["submission"]["files"])]

    def _refused_for(self, digest: str) -> list[str]:
        """The units for which the last word refuses it."""
        words = {e.unit: e.kind for e in live(self.store.entries()) if e.kind in (ACCEPT, REFUSE) and e.body["submission"] == digest}
        return [unit for unit, kind in words.items() if unit and kind == REFUSE]

    # ---- deadlines

    def extend(self, unit: str, day: date, *, by: str, reason: str, seen: int | None = None) -> Sheet | None:
        """The unit may send until the end of that day. Returns its worksheet if there is one."""
        name, usual = self.unit(unit), self.rules.rubric.deadline
        if datetime.combine(day, time(), usual.tzinfo) + timedelta(days=1) <= usual:
            raise Refused(f"{day.isoformat()}不晚于统一的截止日期，不是延期")
        return self.record([Draft(by, EXTEND, name, {"deadline": day.isoformat()}, reason)], seen=seen).get(name)

    # ---- undo

    def undo(self, seq: int, *, by: str, reason: str = "") -> Sheet | None:
        """Take an entry back, as if it had not been made; an undo can be undone. Returns the unit's worksheet."""
        target = self._entry(seq)
        if target is None:
            raise Refused(f"没有第{seq}条记录")
        if target.kind in NOTES:
            raise Refused(f"第{seq}条只是记载，没有可以撤销的决定")

        def check(book: Book) -> None:
            undone = standing(book.of_unit(target.unit, {UNDO}))[1].get(seq)
            if undone is not None:
                raise Refused(f"第{seq}条已由{undone.by}撤销（第{undone.seq}条）")

        return self.record([Draft(by, UNDO, target.unit, {"of": seq}, reason)], check=check).get(target.unit or "")


@contextmanager
def acting(settings: Settings, rules: Rules, *, say: Callable[[str], None] = lambda _: None) -> Iterator[Actions]:
    """Actions on a home folder, with its database opened and closed again."""
    store = Store(settings.var / "zicha.db")
    try:
        yield Actions(settings, rules, store, say=say)
    finally:
        store.close()


def _rows(sheet: Sheet, rows: Iterable[str]) -> list[dict[str, Any]]:
    return [row_anchor(sheet, _picked(pick_row, sheet, r)) for r in dict.fromkeys(rows)]


def _picked(pick: Callable[[Any, str], Any], among: Any, text: str) -> Any:
    try:
        return pick(among, text)
    except Unpicked as error:
        raise Refused(str(error)) from error


def _also(units: Iterable[str], name: str = "") -> dict[str, list[str]]:
    """Further units that an order concerns."""
    found = [u for u in dict.fromkeys(units) if u != name]
    return {"units": found} if found else {}


def _item_of(entry: Entry, known: dict[int, Entry]) -> str | None:
    """The item an entry speaks of; of an undo, that of what it takes back."""
    while entry.kind == UNDO and entry.body["of"] in known:
        entry = known[entry.body["of"]]
    clause = entry.body.get("clause")
    item = entry.body.get("item") or (clause.rstrip("abcdefghijklmnopqrstuvwxyz") if isinstance(clause, str) else None)
    return item if isinstance(item, str) else None
