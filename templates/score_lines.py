"""The score part of a worksheet item by item: self-score, suggestion, confirmed points and deductions, as letters and tables print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring.rubric import Item, Rubric
from templates import wording

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deduction:
    """One deduction, or what a bonus item was given for."""

    rule: str
    clause: str
    points: Decimal | None
    count: int | None
    reason: str
    source: str
    """Where it is known from, in the office's words."""
    notes: tuple[str, ...] = ()
    """What was noted with the facts."""
    origins: tuple[str, ...] = ()
    """Whence the facts came: a file and its row, or who stated them."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One item of one unit."""

    item: Item
    applies: bool
    max: Decimal
    self: Decimal | None
    suggested: Decimal | None
    confirmed: Decimal | None
    by: str
    at: str
    note: str
    stale: bool
    """What it was confirmed on has changed since."""
    sum: str
    """The sum as people check it: 10 − 5（未落实机构和人员）= 5; "" where nothing was taken off."""
    deductions: tuple[Deduction, ...]
    awards: tuple[Deduction, ...]
    """What a bonus item was given for."""
    ruled: str
    """Why a person set it 不适用 or made it count; "" where nobody did."""

    @property
    def points(self) -> Decimal | None:
        """What counts: the confirmed points, else the suggested ones."""
        return self.confirmed if self.confirmed is not None else self.suggested


def score_lines(sheet: Plain | None, rubric: Rubric) -> tuple[ScoreLine, ...]:
    """A line for every item in the rubric's order; none where there is no report, for 未报 is never 0."""
    score = (sheet or {}).get("score")
    if not score:
        return ()
    found = {entry["item"]: entry for entry in score["items"]}
    return tuple(_line(item, found[item.id]) for item in rubric.items if item.id in found)


def exact(value: object) -> Decimal | None:
    """A JSON number as an exact decimal; None stays None."""
    return None if value is None else Decimal(str(value))


def _line(item: Item, entry: Plain) -> ScoreLine:
    word = entry.get("confirmed") or {}
    return ScoreLine(
        item=item,
        applies=bool(entry["applies"]),
        max=Decimal(str(entry["max"])),
        self=exact((entry.get("self") or {}).get("points")),
        suggested=exact(entry.get("suggested")),
        confirmed=exact(word.get("points")),
        by=str(word.get("by") or ""),
        at=str(word.get("at") or ""),
        note=str(word.get("note") or ""),
        stale=bool(word.get("stale")),
        sum=str(entry.get("sum") or "") if entry.get("deductions") or entry.get("awards") else "",
        deductions=tuple(_deduction(item, d) for d in entry.get("deductions") or ()),
        awards=tuple(_deduction(item, d) for d in entry.get("awards") or ()),
        ruled=str((entry.get("applies_by") or {}).get("reason") or ""),
    )


def _deduction(item: Item, entry: Plain) -> Deduction:
    facts = entry.get("facts") or ()
    return Deduction(
        rule=str(entry.get("rule") or ""),
        clause=str(entry.get("clause") or "") or clause_text(item, str(entry.get("rule") or "")),
        points=exact(entry.get("points")),
        count=entry.get("count"),
        reason=str(entry.get("reason") or ""),
        source=wording.fact_source(entry.get("source") or ""),
        notes=tuple(dict.fromkeys(str(f["note"]) for f in facts if f.get("note"))),
        origins=tuple(dict.fromkeys(str(f["origin"]) for f in facts if f.get("origin"))),
    )


def clause_text(item: Item, rule: str) -> str:
    """The clause word for word; the item's whole rule where there is none of that id."""
    return next((c.text for c in item.clauses if c.id == rule), item.rule)
