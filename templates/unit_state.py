"""A concluded worksheet -> what lists of work need of it: the state of each item, what is open, what needs no look to be confirmed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from templates import wording
from templates.score_lines import exact
from templates.wording import MARKS, Mark

Plain = Mapping[str, Any]

WORK = {
    "returned": "退回",
    "changed": "确认后有变化",
    "entered": "已填分未确认",
    "open": "未确认",
    "confirmed": "已确认",
    "none": "不适用",
}
"""What an item still needs, most urgent first."""
TO_DO = frozenset({"returned", "changed", "entered", "open"})

REVIEWS = {"unreported": "未报", "open": "审核中", "ready": "待复核", "returned": "已退回", "approved": "已复核"}
"""How far a unit has come with its second check."""

UNSURE = frozenset({"unit_unknown", "report_unreadable", "correction_unplaced", "catalog_of_other_unit"})
"""Gaps that put a whole worksheet in question: nothing of it is confirmed without a look at it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One item of one unit."""

    item: str
    bonus: bool
    work: str
    """A key of WORK."""
    mark: Mark
    """What the evidence says."""
    max: Decimal
    self: Decimal | None
    suggested: Decimal | None
    sum: str
    """10 − 5（…）= 5, "" where nothing was taken or given."""
    confirmed: Decimal | None
    by: str
    at: str
    note: str
    changed: tuple[str, ...]
    """What is another since it was confirmed, as sentences."""
    entered: Decimal | None
    """Points that a person left without confirming them."""
    gaps: tuple[tuple[str, str], ...]
    """(kind, message), worst first."""
    claims: tuple[tuple[Mark, int], ...]
    proposals: tuple[str, ...]
    """Why points might have to go, each as a sentence."""
    reviewer: str
    """Who is to look at it: the item's reviewer, else the unit's; "" nobody."""
    unsafe: str
    """Why it must not be confirmed without a look; "" where it may."""

    @property
    def todo(self) -> bool:
        """Whether somebody has to decide about it."""
        return self.work in TO_DO

    @property
    def points(self) -> Decimal | None:
        """What counts: the confirmed points, else those left by a person, else the suggested ones."""
        return next((p for p in (self.confirmed, self.entered, self.suggested) if p is not None), None)

    @property
    def safe(self) -> str:
        """Why it may be confirmed as suggested, as one sentence."""
        if self.bonus:
            return "报告未申报加分，目录中也没有材料"
        taken = f"；按已知事实 {self.sum}" if self.sum else ""
        return f"{sum(n for _, n in self.claims)} 处佐证全部有据，没有缺口{taken}"


@dataclass(frozen=True, slots=True)
class UnitState:
    """One unit."""

    unit: str
    review: str
    """A key of REVIEWS."""
    review_by: str
    review_at: str
    review_reason: str
    reviewer: str
    """Who has the unit; "" nobody."""
    reviewers: tuple[str, ...]
    """Everyone who has the unit or an item of it."""
    lines: tuple[Line, ...]
    gaps: Mapping[str, int]
    suggested: Decimal | None
    """Sum of the suggested points, bonus included; None without a report."""
    confirmed: Decimal | None
    """Sum of the confirmed points; None while there are none."""
    paper: tuple[str, ...]
    """What is open about the evidence on paper, as sentences."""

    @property
    def applicable(self) -> int:
        """Items that count for the unit."""
        return sum(1 for line in self.lines if line.work != "none")

    @property
    def done(self) -> int:
        """Items that are confirmed and were not sent back since, whether or not they still stand on what they were confirmed on."""
        return sum(1 for line in self.lines if line.confirmed is not None and line.work != "returned")

    @property
    def todo(self) -> tuple[Line, ...]:
        """Items that need a decision."""
        return () if self.review == "approved" else tuple(line for line in self.lines if line.todo)

    @property
    def changed(self) -> int:
        """Items whose ground is another since they were confirmed."""
        return sum(1 for line in self.lines if line.changed)


def unit_state(sheet: Plain, rubric: Plain, marks: Mapping[str, str]) -> UnitState:
    """`sheet`: a concluded worksheet; `rubric`: see `plain_rubric`; `marks`: item -> key of its mark, as a row of the board has it."""
    found = _Sheet(sheet, rubric, marks)
    lines = tuple(found.line(i) for s in rubric["sections"] for i in s["items"] if i["id"] in found.scores)
    review = sheet.get("review") or {}
    given = [line.confirmed for line in lines if line.confirmed is not None]
    suggested = [line.suggested for line in lines if line.suggested is not None]
    return UnitState(
        unit=str(sheet["unit"]["name"] or ""),
        review=_review(review, lines),
        review_by=str(review.get("by") or ""),
        review_at=str(review.get("at") or ""),
        review_reason=str(review.get("reason") or ""),
        reviewer=found.reviewer,
        reviewers=tuple(dict.fromkeys(n for n in (found.reviewer, *found.item_reviewers.values()) if n)),
        lines=lines,
        gaps=dict(Counter(g["kind"] for g in sheet.get("gaps") or ())),
        suggested=sum(suggested, Decimal(0)) if suggested else None,
        confirmed=sum(given, Decimal(0)) if given else None,
        paper=tuple(str(o) for o in (sheet.get("paper") or {}).get("open") or ()),
    )


def is_returned(review: Plain, item: str, word: Plain | None) -> bool:
    """Whether the second check (`review` of a worksheet) sent the item back, and nobody confirmed it since; `word`: as it is confirmed."""
    if review.get("state") != "returned" or (review.get("items") and item not in review["items"]):
        return False
    return word is None or int(word.get("seq") or 0) < int(review.get("seq") or 0)


class _Sheet:
    """The worksheet with what is asked of it item by item."""

    def __init__(self, sheet: Plain, rubric: Plain, marks: Mapping[str, str]) -> None:
        self.marks = marks
        self.scores: dict[str, Plain] = {s["item"]: s for s in (sheet.get("score") or {}).get("items") or ()}
        self.section = {i["id"]: int(s["no"]) for s in rubric["sections"] for i in s["items"]}
        self.gaps: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.bare: set[int] = set()
        for gap in sheet.get("gaps") or ():
            if gap.get("item"):
                self.gaps[gap["item"]].append((gap["kind"], gap["message"]))
            elif gap["kind"] == "section_missing":
                self.bare.add(gap.get("section") or 0)
        self.claims: dict[str, Counter[str]] = defaultdict(Counter)
        for claim in sheet.get("claims") or ():
            self.claims[claim.get("item") or ""][claim["status"]] += 1
        assigned = sheet.get("reviewers") or {}
        self.reviewer = str(assigned.get("unit") or "")
        self.item_reviewers: dict[str, str] = {k: v for k, v in (assigned.get("items") or {}).items() if v}
        review = sheet.get("review") or {}
        self.review = review
        self.locked = review.get("state") == "approved"
        kinds = {g["kind"] for g in sheet.get("gaps") or ()}
        self.unsure = next((wording.gap_kind(k).title for k in wording.GAP_KINDS if k in kinds & UNSURE), "")

    def line(self, item: Plain) -> Line:
        """The item's line."""
        score = self.scores[item["id"]]
        word, draft = score.get("confirmed") or {}, score.get("entered") or {}
        stale = bool(word.get("stale"))
        counts = self.claims.get(item["id"], Counter())
        work = self._work(item["id"], score)
        return Line(
            item=item["id"],
            bonus=bool(item.get("bonus")),
            work=work,
            mark=MARKS.get(self.marks.get(item["id"], ""), MARKS["blank"]),
            max=Decimal(str(score["max"])),
            self=exact((score.get("self") or {}).get("points")),
            suggested=exact(score.get("suggested")),
            sum=str(score.get("sum") or "") if score.get("deductions") or score.get("awards") else "",
            confirmed=exact(word.get("points")),
            by=str(word.get("by") or draft.get("by") or ""),
            at=str(word.get("at") or ""),
            note=str(word.get("note") or draft.get("note") or ""),
            changed=_changes(word) if stale else (),
            entered=exact(draft.get("points")),
            gaps=tuple(self.gaps.get(item["id"], ())),
            claims=tuple((MARKS[k], counts[k]) for k in ("missing", "uncertain", "matched") if counts[k]),
            proposals=tuple(str(p["reason"]) for p in score.get("proposals") or ()),
            reviewer=self.item_reviewers.get(item["id"]) or self.reviewer,
            unsafe=self._unsafe(item, score, work, counts),
        )

    def _work(self, item: str, score: Plain) -> str:
        word = score.get("confirmed")
        if not score.get("applies", True):
            return "none"
        if is_returned(self.review, item, word):
            return "returned"
        if word:
            return "changed" if word.get("stale") else "confirmed"
        return "entered" if score.get("entered") else "open"

    def _unsafe(self, item: Plain, score: Plain, work: str, counts: Counter[str]) -> str:
        name = item["id"]
        reasons = (
            (self.locked, "已复核锁定"),
            (work == "none", "不适用"),
            (work == "confirmed", "已确认"),
            (work != "open", WORK[work]),
            (bool(self.unsure), self.unsure),
            (self.section.get(name) in self.bare, "自查报告未写到该部分"),
            (bool(self.gaps.get(name)), "有缺口"),
            (score.get("suggested") is None, "没有建议分"),
            (bool(score.get("proposals")), "有可能扣分的情况"),
            (counts["matched"] != sum(counts.values()), "有佐证未核实"),
            (bool(item.get("bonus")) and (bool(counts) or bool(score.get("awards"))), "加分须逐条认定"),
            (not item.get("bonus") and not counts, "没有佐证"),
        )
        return next((why for found, why in reasons if found), "")


def _review(review: Plain, lines: Iterable[Line]) -> str:
    state = review.get("state") or "open"
    if state == "approved":
        return "approved"
    works = {line.work for line in lines}
    if not works:
        return "unreported"
    if state == "returned" and "returned" in works:
        return "returned"
    return "open" if works & TO_DO else "ready"


def _changes(word: Plain) -> tuple[str, ...]:
    return tuple(str(c["message"]) for c in word.get("changed") or ()) or ("依据有变化",)
