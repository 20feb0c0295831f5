"""What a person can do about a unit as a whole: hand it out, approve, return, unlock it, and record what is there on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ingest.book import Book
from ingest.casework import Sheet
from ingest.deciding import Conflict, Deciding, Refused
from ingest.picking import Unpicked, pick_row
from scoring import sentences
from scoring.anchors import row_anchor
from scoring.journal import (
    APPROVE,
    PAPER,
    PAPER_RECEIVED,
    PAPER_ROW,
    PAPER_STAMP,
    RETURN,
    REVIEWER,
    UNLOCK,
    Draft,
    live,
)
from scoring.workflow import approval_of, why_not_approved

BESIDE = frozenset({REVIEWER, *PAPER})
"""What may be recorded of a unit while someone looks through its points: it changes none."""


class SecondCheck(Deciding):
    """Decisions about a unit as a whole. `seen` as in `Deciding.record`."""

    # ---- who reviews

    def reviewer(self, unit: str | None, items: Sequence[str], to: str, *, by: str, seen: int | None = None) -> Sheet | None:
        """That person reviews these items (none named: all) of the unit, or (None) of all units; an empty name takes it back."""
        name = None if unit is None else self.unit(unit)
        body = {"to": to.strip(), "items": sorted({self._item(i).id for i in items}, key=self._order)}
        return self.record([Draft(by, REVIEWER, name, body)], seen=seen).get(name or "")

    def _order(self, item: str) -> int:
        return [i.id for i in self.rules.rubric.items].index(item)

    # ---- approval

    def approve(self, unit: str, *, by: str, seen: int | None = None, reason: str = "") -> Sheet:
        """Approve the unit's result, which locks it. Raises Refused unless every applicable item is confirmed, unchanged, by others.

        Whoever approves has seen the whole unit: any newer word about it (who reviews it and its paper apart) is a Conflict.
        """
        name = self.unit(unit)
        since = self.store.journal_head()[0] if seen is None else seen
        sheet = self._judged(name, since)

        def check(book: Book) -> None:
            newer = [e for e in book.since(since, name) if e.kind not in BESIDE]
            if newer:
                raise Conflict(newer[-1])
            wrong = why_not_approved(sheet, live(book.of_unit(name)), by)
            if wrong:
                raise Refused(f"{name}：{wrong}")

        return self.record([Draft(by, APPROVE, name, {}, reason)], check=check)[name]

    def return_(self, unit: str, items: Sequence[str] = (), *, by: str, reason: str, seen: int | None = None) -> Sheet:
        """Give the unit back to its reviewer, for the sake of these items (none named: as a whole)."""
        name = self.unit(unit)
        self._judged(name)
        body = {"items": sorted({self._item(i).id for i in items}, key=self._order)}
        return self.record([Draft(by, RETURN, name, body, reason)], seen=seen)[name]

    def unlock(self, unit: str, *, by: str, reason: str, seen: int | None = None) -> Sheet | None:
        """Open an approved unit again."""
        name = self.unit(unit)

        def check(book: Book) -> None:
            if approval_of(name, book) is None:
                raise Refused(sentences.review("not_locked", unit=name))

        return self.record([Draft(by, UNLOCK, name, {}, reason)], check=check, seen=seen).get(name)

    # ---- paper

    def paper_received(self, unit: str, day: date | str | None, *, by: str, seen: int | None = None, reason: str = "") -> Sheet | None:
        """The unit's evidence came on paper on that day (2018-01-20); None: it did not. A unit may bring paper before it sends mail."""
        name = self.unit(unit)
        body = {"date": "" if day is None else _day(day), "received": day is not None}
        return self.record([Draft(by, PAPER_RECEIVED, name, body, reason)], seen=seen).get(name)

    def paper_stamp(self, unit: str, yes: bool, *, by: str, seen: int | None = None, reason: str = "") -> Sheet | None:
        """The first page of the catalog on paper bears the unit's seal, or does not."""
        name = self.unit(unit)
        return self.record([Draft(by, PAPER_STAMP, name, {"stamped": yes}, reason)], seen=seen).get(name)

    def paper_row(self, unit: str, row: str, yes: bool, *, by: str, seen: int | None = None, reason: str = "") -> Sheet:
        """The original of the catalog row (its id, or words that fit one only) was checked, or was not."""
        return self.paper_rows(unit, [row], yes, by=by, seen=seen, reason=reason)

    def paper_rows(self, unit: str, rows: Sequence[str], yes: bool, *, by: str, seen: int | None = None, reason: str = "") -> Sheet:
        """The same of several rows, all or none."""
        name = self.unit(unit)
        sheet = self._shown(name, seen)
        if sheet is None or not sheet["catalog"]:
            raise Refused(f"{name}没有可用的目录清单，无从逐项核对原件")
        try:
            anchors = [row_anchor(sheet, pick_row(sheet, row)) for row in dict.fromkeys(rows)]
        except Unpicked as error:
            raise Refused(str(error)) from error
        drafts = [Draft(by, PAPER_ROW, name, {"row": anchor, "checked": yes}, reason) for anchor in anchors]
        return self.record(drafts, seen=seen)[name]


def _day(day: date | str) -> str:
    """2018-01-19, however it is given; raises Refused for what is no day."""
    try:
        return (date.fromisoformat(day.strip()) if isinstance(day, str) else day).isoformat()
    except ValueError as error:
        raise Refused(f"“{day}”不是日期，应写作 2018-01-19") from error
