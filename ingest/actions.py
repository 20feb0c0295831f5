"""What a person can do: confirm, correct, order, undo. Each is written into the journal, and the outbox follows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ingest.casework import Sheet
from ingest.orders import ROLES
from ingest.outbox import concluded, republish
from ingest.picking import Unpicked, pick_block, pick_claim, pick_file, pick_row, pick_submission
from ingest.rules import Rules
from ingest.service import Busy, Service
from ingest.settings import Settings
from ingest.store import Recorded, Store
from ingest.work import Workers
from scoring.anchors import block_anchor, claim_anchor, row_anchor
from scoring.conclude import conclude
from scoring.decisions import basis_of, ground_of, points_in
from scoring.journal import (
    ACCEPT,
    APPLIES,
    ASSIGN_UNIT,
    BEFORE_ASSESSING,
    BLOCK_MOVE,
    CLAIM_ADD,
    CLAIM_LINK,
    CLAIM_MISSING,
    CLAIM_NONE,
    CLAIM_PRESENT,
    EXTEND,
    FILE_ROLE,
    POINTS,
    REFUSE,
    UNDO,
    Draft,
    Entry,
    JournalError,
    live,
    standing,
)
from scoring.rubric import Item

Check = Callable[[tuple[Entry, ...]], None]


class Refused(JournalError):
    """What cannot be done; the message says why, in Chinese."""


class Conflict(Refused):
    """Someone else said something about the same item meanwhile; `theirs` is what."""

    def __init__(self, theirs: Entry) -> None:
        self.theirs = theirs
        super().__init__(f"{theirs.by}已先作出决定（{theirs.body['points']}分，第{theirs.seq}条），请看过后再定")


class Actions:
    """The decisions of one home folder. It needs no lock of the folder: a watcher may run beside it."""

    def __init__(
        self, settings: Settings, rules: Rules, store: Store, *, say: Callable[[str], None] = lambda _: None, workers: Workers | None = None
    ) -> None:
        self.settings, self.rules, self.store, self.say, self.workers = settings, rules, store, say, workers

    # ---- looking

    def unit(self, name: str) -> str:
        """The roster's name of the unit called so, by any of its names; raises Refused."""
        found = self.rules.roster.named(name)
        if found is not None:
            return found.name
        near = [u.name for u in self.rules.roster.units if name and any(name in n for n in u.names)]
        raise Refused(f"名单中没有“{name}”" + (f"；是否指：{'、'.join(near[:5])}" if near else ""))

    def sheet(self, unit: str) -> Sheet | None:
        """The unit's worksheet as it stands now; None where nothing of it was judged yet."""
        kept = self.store.kept_results(unit=self.unit(unit))
        return conclude(kept[0].sheet, self.rules.rubric, live(self.store.entries(unit=kept[0].unit))) if kept else None

    def sheets(self) -> dict[str, Sheet]:
        """Unit -> worksheet as it stands now, of all units from which something was judged."""
        return concluded(self.rules, self.store)

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
        """Give an item its points, with the ground on which they are given; `confirmed` False keeps them as not yet confirmed.

        `seen` is the number of the last live entry about this item's points that the person saw (0: none); raises Conflict if
        there is another by now, Refused for what cannot be confirmed.
        """
        name, rule = self.unit(unit), self._item(item)
        sheet = self._judged(name)
        score = next(s for s in sheet["score"]["items"] if s["item"] == rule.id)
        if not score["applies"]:
            raise Refused(f"{rule.id} 对{name}不适用，不评分")
        try:
            value = points_in(str(points), rule)
        except ValueError as error:
            raise Refused(str(error)) from error
        basis = basis_of(sheet, rule, score)
        body = {"item": rule.id, "points": f"{value:f}", "confirmed": confirmed, "ground": ground_of(basis), "basis": basis}
        draft = Draft(by, POINTS, name, body, note)
        return self.record([draft], check=None if seen is None else lambda entries: _unseen(entries, name, rule.id, seen))[name]

    def applies(self, unit: str, item: str, applies: bool, *, by: str, reason: str) -> Sheet:
        """Say that an item counts for the unit, or that it does not, with the reason."""
        name, rule = self.unit(unit), self._item(item)
        self._judged(name)
        return self.record([Draft(by, APPLIES, name, {"item": rule.id, "applies": applies}, reason)])[name]

    # ---- corrections: `claim`, `row`, `block` are ids (k3, c5, b12: the block's place from 1) or words that fit one only

    def link(self, unit: str, claim: str, rows: Sequence[str], *, by: str, reason: str = "") -> Sheet:
        """The claim's evidence is these rows."""
        if not rows:
            raise Refused("须指明目录中的哪一项")
        return self._claim(CLAIM_LINK, unit, claim, by, reason, rows)

    def missing(self, unit: str, claim: str, *, by: str, reason: str = "") -> Sheet:
        """No row is the claim's evidence."""
        return self._claim(CLAIM_MISSING, unit, claim, by, reason)

    def present(self, unit: str, claim: str, *, by: str, reason: str = "") -> Sheet:
        """The reviewer has seen the evidence, though no row names it."""
        return self._claim(CLAIM_PRESENT, unit, claim, by, reason)

    def none(self, unit: str, claim: str, *, by: str, reason: str = "") -> Sheet:
        """The phrase names no evidence."""
        return self._claim(CLAIM_NONE, unit, claim, by, reason)

    def add(self, unit: str, block: str, text: str, rows: Sequence[str] = (), *, occurrence: int = 0, by: str, reason: str = "") -> Sheet:
        """These words of the block (their n-th occurrence, from 0) name evidence, found in these rows or in none."""
        name = self.unit(unit)
        sheet = self._judged(name)
        index = _picked(pick_block, sheet, block)
        words = sheet["blocks"][index]["text"]
        if not text.strip() or words.count(text) <= occurrence:
            raise Refused(f"该段中没有“{text}”")
        body = {"block": block_anchor(sheet, index), "text": text, "occurrence": occurrence, "rows": _rows(sheet, rows)}
        return self.record([Draft(by, CLAIM_ADD, name, body, reason)])[name]

    def move(self, unit: str, block: str, section: int, item: str | None = None, *, by: str, reason: str = "") -> Sheet:
        """The block belongs to that section (0: none) and item."""
        name = self.unit(unit)
        sheet = self._judged(name)
        index = _picked(pick_block, sheet, block)
        if item is not None and self._item(item).section != section:
            raise Refused(f"条目{item}不在第{section}部分")
        if section not in {0, *(s.number for s in self.rules.rubric.sections)}:
            raise Refused(f"细则中没有第{section}部分")
        body = {"block": block_anchor(sheet, index), "section": section, "item": item}
        return self.record([Draft(by, BLOCK_MOVE, name, body, reason)])[name]

    def _claim(self, kind: str, unit: str, claim: str, by: str, reason: str, rows: Sequence[str] | None = None) -> Sheet:
        name = self.unit(unit)
        sheet = self._judged(name)
        body: dict[str, Any] = {"claim": claim_anchor(sheet, _picked(pick_claim, sheet, claim))}
        if rows is not None:
            body["rows"] = _rows(sheet, rows)
        return self.record([Draft(by, kind, name, body, reason)])[name]

    # ---- orders: what is judged, and as what

    def assign(self, submission: str, unit: str, *, by: str, reason: str = "") -> Sheet | None:
        """The submission (its place in the inbox, or the beginning of its number) is that unit's."""
        name = self.unit(unit)
        found = _picked(pick_submission, self.store.submissions(), submission)
        body = {"submission": found.digest, "place": found.place, "unit": name}
        return self.record([Draft(by, ASSIGN_UNIT, name, body, reason)]).get(name)

    def role(self, file: str, role: str, *, by: str, reason: str = "") -> None:
        """The file (its name or place, or the beginning of its SHA-256) is a report, a catalog, evidence or something else."""
        if role not in ROLES:
            raise Refused(f"没有“{role}”这种文件；可用：{'、'.join(ROLES)}")
        found = _picked(pick_file, self.store.arrivals(), file)
        self.record([Draft(by, FILE_ROLE, None, {"sha256": found.sha256, "name": found.name, "role": role}, reason)])

    def accept(self, submission: str, *, by: str, reason: str = "") -> list[str]:
        """The submission that waits (its place in the inbox, or the beginning of its number) counts. Returns the units it counts for."""
        found = _picked(pick_submission, self.store.submissions(), submission)
        units = [*self._waiting_for(found.digest), *self._refused_for(found.digest)]
        if not units:
            raise Refused(f"{found.place}没有在等待采用；单位不明的，先运行 zicha assign 指定单位")
        return self._word(ACCEPT, found, units, by, reason)

    def refuse(self, submission: str, *, by: str, reason: str = "") -> list[str]:
        """The submission does not count, whether it waits or is in use. Returns the units it does not count for."""
        found = _picked(pick_submission, self.store.submissions(), submission)
        units = [*self._waiting_for(found.digest), *self._dossiers_with(found.digest)]
        if not units:
            known = "已决定不采用" if self._refused_for(found.digest) else "没有归入任何单位，不需要另作决定"
            raise Refused(f"{found.place}{known}")
        return self._word(REFUSE, found, units, by, reason)

    def _word(self, kind: str, found: Recorded, units: Iterable[str], by: str, reason: str) -> list[str]:
        body = {"submission": found.digest, "place": found.place}
        names = list(dict.fromkeys(units))
        self.record([Draft(by, kind, name, body, reason) for name in names])
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

    def _refused_for(self, digest: str) -> list[str]:
        """The units for which the last word refuses it."""
        words = {e.unit: e.kind for e in live(self.store.entries()) if e.kind in (ACCEPT, REFUSE) and e.body["submission"] == digest}
        return [unit for unit, kind in words.items() if unit and kind == REFUSE]

    # ---- deadlines

    def extend(self, unit: str, day: date, *, by: str, reason: str) -> Sheet | None:
        """The unit may send until the end of that day. Returns its worksheet if there is one."""
        name, usual = self.unit(unit), self.rules.rubric.deadline
        if datetime.combine(day, time(), usual.tzinfo) + timedelta(days=1) <= usual:
            raise Refused(f"{day.isoformat()}不晚于统一的截止日期，不是延期")
        return self.record([Draft(by, EXTEND, name, {"deadline": day.isoformat()}, reason)]).get(name)

    # ---- undo

    def undo(self, seq: int, *, by: str, reason: str = "") -> Sheet | None:
        """Take an entry back, as if it had not been made; an undo can be undone. Returns the unit's worksheet."""
        target = next((e for e in self.store.entries() if e.seq == seq), None)
        if target is None:
            raise Refused(f"没有第{seq}条记录")

        def check(entries: tuple[Entry, ...]) -> None:
            undone = standing(entries)[1].get(seq)
            if undone is not None:
                raise Refused(f"第{seq}条已由{undone.by}撤销（第{undone.seq}条）")

        return self.record([Draft(by, UNDO, target.unit, {"of": seq}, reason)], check=check).get(target.unit or "")

    # ---- the way into the journal

    def record(self, drafts: Sequence[Draft], *, check: Check | None = None) -> dict[str, Sheet]:
        """Write entries down, all or none, and let the outbox follow. Returns unit -> worksheet of the units that they concern.

        Raises JournalError (Refused, Conflict) where nothing was written.
        """
        written = self.store.append(drafts, check=check)
        return self.settle(written)

    def settle(self, written: Sequence[Entry]) -> dict[str, Sheet]:
        """Bring the outbox up to these entries; judge again where they ask for it."""
        units = dict.fromkeys(e.unit for e in written if e.unit)
        if not any(self._is_order(e) for e in written):
            return republish(self.settings.outbox, units, self.rules, self.store, inbox=str(self.settings.inbox))
        try:
            with Service(self.settings, self.rules, say=self.say, workers=self.workers) as service:
                service.judge()
        except Busy:
            self.say("已记下；正在看守的 zicha 随即按此处理")
        return {name: sheet for name in units if (sheet := self.sheet(name)) is not None}

    def _is_order(self, entry: Entry) -> bool:
        if entry.kind != UNDO:
            return entry.kind in BEFORE_ASSESSING
        known = {e.seq: e for e in self.store.entries()}
        while entry.kind == UNDO:
            entry = known[entry.body["of"]]
        return entry.kind in BEFORE_ASSESSING

    def _item(self, item: str) -> Item:
        found = next((i for i in self.rules.rubric.items if i.id == item), None)
        if found is None:
            raise Refused(f"细则中没有条目“{item}”")
        return found

    def _judged(self, unit: str) -> Sheet:
        """The worksheet to decide about; without a report there is nothing to decide."""
        sheet = self.sheet(unit)
        if sheet is None:
            raise Refused(f"{unit}尚未报送（未报），不能审核；来件到齐后先运行 zicha once")
        if sheet["score"] is None:
            raise Refused(f"{unit}没有可用的自查报告（未报），不能审核")
        if sheet["rubric"]["sha256"] != self.rules.rubric.sha256:
            raise Refused("细则或名单已修改，请先运行 zicha once 重新生成工作单（正在看守的 zicha 须重新启动）")
        return sheet


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


def _unseen(entries: Iterable[Entry], unit: str, item: str, seen: int) -> None:
    """Raise Conflict if the last word about the item's points is another than the one seen."""
    words = [e for e in live(entries) if e.kind == POINTS and e.unit == unit and e.body["item"] == item]
    if words and words[-1].seq != seen:
        raise Conflict(words[-1])


def _item_of(entry: Entry, known: dict[int, Entry]) -> str | None:
    """The item an entry speaks of; of an undo, that of what it takes back."""
    while entry.kind == UNDO and entry.body["of"] in known:
        entry = known[entry.body["of"]]
    clause = entry.body.get("clause")
    item = entry.body.get("item") or (clause.rstrip("abcdefghijklmnopqrstuvwxyz") if isinstance(clause, str) else None)
    return item if isinstance(item, str) else None
