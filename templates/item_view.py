"""One item of one unit at work: where it stands among the others, what speaks about it, what its clauses cost, who said what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from scoring.deductions import show
from scoring.facts import in_force
from scoring.journal import Entry, live
from scoring.rubric import Item as Clauses
from scoring.rules import Rule
from templates import wording
from templates.history_view import Line, history
from templates.unit_state import Line as UnitLine
from templates.unit_state import unit_state
from templates.wording import MARKS, Mark
from templates.worksheet_page import Page
from templates.worksheet_parts import Block, Claim, Item

Plain = Mapping[str, Any]
UNIT_WIDE = frozenset({"report_missing", "report_unreadable", "catalog_missing", "catalog_of_other_unit"})
"""Gaps of the whole unit without which the state of an item's claims cannot be understood."""


@dataclass(frozen=True, slots=True)
class Points:
    """Points as they stand, and whose word they are."""

    key: str
    """confirmed, stale (confirmed, but its ground changed), returned, entered, suggested, none (不适用 or 未报)."""
    value: str
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item in the list at the left."""

    id: str
    name: str
    mark: Mark
    max: str
    bonus: bool
    points: Points
    open: bool
    """A person still has to confirm it, or to look again."""
    self_points: str
    gaps: int
    reviewer: str


@dataclass(frozen=True, slots=True)
class Part:
    """A section in the list at the left."""

    no: str
    title: str
    points: str
    bonus: bool
    entries: tuple[ItemLine, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a unit is."""

    done: int
    all: int
    stale: int
    suggested: str
    confirmed: str
    """Sum of the confirmed points."""
    max: str


@dataclass(frozen=True, slots=True)
class GapLine:
    """Gaps of one kind: told one by one where they say more than the claims below do."""

    title: str
    move: str
    mark: Mark
    messages: tuple[tuple[str, str], ...]
    """(anchor or "", message)."""
    claims: tuple[tuple[str, str], ...]
    """(anchor, the claim's words)."""


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact in force."""

    seq: int
    """Its number in the journal; 0 where it is known from the arrival itself."""
    count: int
    source: str
    by: str
    at: str
    note: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A clause that facts can be stated of."""

    id: str
    clause: str
    label: str
    effect: str
    unit: str
    counted: bool
    facts: tuple[FactLine, ...]
    reading: str
    award: bool


@dataclass(frozen=True, slots=True)
class ItemView:
    """The whole page."""

    parts: tuple[Part, ...]
    progress: Progress
    item: Item
    section_title: str
    entry: ItemLine
    gaps: tuple[GapLine, ...]
    overview: tuple[Block, ...]
    """What the report says about the section as a whole."""
    shared: tuple[Claim, ...]
    """Claims of the section that belong to no single item."""
    shared_open: bool
    """One of them waits for a person."""
    removed: tuple[tuple[str, str, str, Plain], ...]
    """(claim's number, words, place, who) of what a person said is no evidence."""
    rows: tuple[str, ...]
    """Every catalog row as one can choose it."""
    places: tuple[str, ...]
    """Every item and section as one can choose it."""
    rules: tuple[RuleLine, ...]
    derived: tuple[str, ...]
    """Clauses that follow from the counts of others, in a sentence each."""
    suggested: str
    field: str
    """What the points field holds: a person's own word, never the suggestion."""
    note: str
    zone: tzinfo | None
    ground: str
    """What the suggestion rests on, as a hash: a confirmation names it."""
    history: tuple[Line, ...]
    previous: str
    next: str
    next_open: str
    """Ids of other items of the unit; "" where there is none."""


def item_view(worksheet: Plain, rubric: Plain, clauses: Clauses, entries: Iterable[Entry]) -> ItemView:
    """Arrange one item (`clauses`) of a worksheet by a rubric (plain values); `entries` are all of the unit's, undone ones included."""
    page = Page(worksheet, rubric)
    parts = parts_of(page, rubric, worksheet)
    section = next(s for s in rubric["sections"] if any(i["id"] == clauses.id for i in s["items"]))
    plain = next(i for i in section["items"] if i["id"] == clauses.id)
    no, flat = int(section["no"]), [e for p in parts for e in p.entries]
    at = next(n for n, e in enumerate(flat) if e.id == clauses.id)
    known, shared = tuple(entries), page.claims_of(no, None)
    score = page.scores.get(clauses.id) or {}
    word = score.get("confirmed") or score.get("entered") or {}
    facts = _facts(score, known)
    return ItemView(
        parts=parts,
        progress=progress_of(worksheet),
        item=page.item(plain, no),
        section_title=section["title"],
        entry=flat[at],
        gaps=tuple(_gaps(page, clauses.id, no)),
        overview=tuple(b for b in page.blocks_of(no, None) if b.kind != "heading"),
        shared=shared,
        shared_open=any(c.mark.key != "matched" for c in shared),
        removed=tuple(_removed(page, c) for c in worksheet.get("removed_claims") or () if c.get("item") == clauses.id),
        rows=tuple(row_choices(worksheet)),
        places=tuple(place_choices(rubric)),
        rules=tuple(_rule(r, facts.get(r.id, ())) for r in clauses.rules if r.takes_facts),
        derived=tuple(_derived(r) for r in clauses.rules if not r.takes_facts),
        suggested=number(score.get("suggested") or 0),
        field=flat[at].points.value if word else "",
        note=str(word.get("note") or ""),
        zone=page.zone,
        ground=str(score.get("ground") or ""),
        history=history(known, worksheet, clauses.id),
        previous=flat[at - 1].id if at else "",
        next=flat[at + 1].id if at + 1 < len(flat) else "",
        next_open=next_open(worksheet, rubric, clauses.id),
    )


def parts_of(page: Page, rubric: Plain, worksheet: Plain) -> tuple[Part, ...]:
    """The sections and items with state and points."""
    lines = {line.item: line for line in unit_state(worksheet, rubric, {}).lines}
    return tuple(
        Part(
            str(s["no"]),
            s["title"],
            number(s["points"]),
            bool(s.get("bonus")),
            tuple(_entry(page, i, lines.get(i["id"])) for i in s["items"]),
        )
        for s in rubric["sections"]
    )


def next_open(worksheet: Plain, rubric: Plain, item: str = "") -> str:
    """The next item after `item` that somebody has to decide, from the beginning again after the last; "" if there is none other."""
    state = unit_state(worksheet, rubric, {})
    order, open = [line.item for line in state.lines], {line.item for line in state.todo}
    at = order.index(item) if item in order else -1
    return next((i for i in (*order[at + 1 :], *order[: max(at, 0)]) if i in open), "")


def progress_of(worksheet: Plain) -> Progress:
    """Items confirmed of those that apply, and the sums."""
    score = worksheet.get("score") or {}
    items = [s for s in score.get("items") or () if s.get("applies", True)]
    done = [s for s in items if s.get("confirmed")]
    return Progress(
        done=len(done),
        all=len(items),
        stale=sum(1 for s in done if s["confirmed"].get("stale")),
        suggested=number((score.get("total") or {}).get("suggested") or 0),
        confirmed=number(round(sum(float(s["confirmed"]["points"]) for s in done), 2)),
        max=number((score.get("base") or {}).get("max") or 0),
    )


def points_of(score: Plain | None) -> Points:
    """Whose word counts for an item: the confirmed points, else those left unconfirmed, else the suggestion."""
    if not score or not score.get("applies", True):
        return Points("none", "")
    if word := score.get("confirmed"):
        key = "stale" if word.get("stale") else "confirmed"
        return Points(key, number(word["points"]), word.get("by") or "", word.get("at") or "")
    if word := score.get("entered"):
        return Points("entered", number(word["points"]), word["by"], word["at"])
    return Points("suggested", number(score["suggested"]) if score.get("suggested") is not None else "")


def row_choices(worksheet: Plain) -> dict[str, str]:
    """What one can choose -> the row's id: 盒1-02 关于……的通知 办发〔2017〕12号; equal ones are told apart by their id."""
    found: dict[str, str] = {}
    for row in worksheet.get("catalog") or ():
        said = " ".join(p for p in (row.get("no") or "", row["title"], row.get("docno") or "") if p)
        found[f"{said}（{row['id']}）" if said in found else said] = row["id"]
    return found


def place_choices(rubric: Plain) -> dict[str, tuple[int, str | None]]:
    """What one can choose -> (section, item): 1.2 纳入考核体系, 第1部分, 其他内容."""
    found: dict[str, tuple[int, str | None]] = {}
    for s in rubric["sections"]:
        found |= {f"{i['id']} {i.get('name') or i['text']}": (int(s["no"]), i["id"]) for i in s["items"]}
        found[f"第{s['no']}部分 {s['title']}"] = (int(s["no"]), None)
    return found | {"其他内容（不属任何条目）": (0, None)}


def number(value: Any) -> str:
    """5, 2.5: as people write points."""
    return f"{float(value):g}"


def _entry(page: Page, item: Plain, line: UnitLine | None) -> ItemLine:
    score = page.scores.get(item["id"])
    points = points_of(score)
    if line and line.work == "returned" and points.value:
        points = replace(points, key="returned")
    own = (score or {}).get("self") or {}
    return ItemLine(
        id=item["id"],
        name=item.get("name") or item["text"],
        mark=page.item_mark(item["id"]),
        max=number(item["points"]),
        bonus=bool(item.get("bonus")),
        points=points,
        open=line is not None and line.todo,
        self_points=number(own["points"]) if own else "",
        gaps=len(page.item_gaps.get(item["id"], ())),
        reviewer=line.reviewer if line else "",
    )


def _gaps(page: Page, item: str, section: int) -> Iterable[GapLine]:
    """By kind, worst first; what stands at a claim below is only pointed to."""
    kinds: dict[str, list[Plain]] = defaultdict(list)
    for gap in page.gaps:
        whole = gap["kind"] in UNIT_WIDE or (gap["kind"] == "section_missing" and gap.get("section") == section)
        if gap.get("item") == item or (whole and not gap.get("item")):
            kinds[gap["kind"]].append(gap)
    for code, gaps in kinds.items():
        kind = wording.gap_kind(code)
        at_claims = [(g["claim"], page.claims[page.claim_index[g["claim"]]]["text"]) for g in gaps if g.get("claim") in page.claim_index]
        others = [g for g in gaps if g.get("claim") not in page.claim_index and code != "catalog_unclaimed"]
        claims = tuple((f"k{page.claim_index[id] + 1}", text) for id, text in at_claims)
        messages = tuple((page.gap(g).target, g["message"]) for g in others)
        if code == "catalog_unclaimed":
            messages = (("rows", f"目录清单中列在本条目下、报告未引用的材料 {len(gaps)} 项"),)
        yield GapLine(kind.title, kind.move, MARKS[kind.mark], messages, claims)


def _removed(page: Page, claim: Plain) -> tuple[str, str, str, Plain]:
    text, place, who = page.removed(claim)
    id = str(claim["id"])
    return (id[1:] if id[1:].isdecimal() else ""), text, place, who


def _facts(score: Plain, entries: Iterable[Entry]) -> dict[str, list[FactLine]]:
    """Clause -> its facts in force: those of the journal, and what the arrival itself says."""
    found: dict[str, list[FactLine]] = defaultdict(list)
    for e in in_force(live(entries)):
        body = e.body
        note = "，".join(t for t in (body.get("period"), body.get("note") or e.reason, body.get("origin")) if t and t != e.by)
        source = wording.fact_source(body.get("source", "reviewer"))
        found[str(body["clause"])].append(FactLine(e.seq, int(body.get("count", 1)), source, e.by, e.at, note))
    for deduction in score.get("deductions") or ():
        for fact in deduction.get("facts") or ():
            if fact.get("source") == "intake":
                found[fact["clause"]].append(FactLine(0, fact["count"], wording.fact_source("intake"), "", "", fact.get("note") or ""))
    return found


def _rule(rule: Rule, facts: Iterable[FactLine]) -> RuleLine:
    counted = rule.kind.endswith("_each") or rule.at_least > 1 or rule.at_most is not None
    award = rule.kind.startswith("award")
    return RuleLine(rule.id, rule.clause, rule.label, effect(rule), rule.unit or "次", counted, tuple(facts), rule.reading, award)


def _derived(rule: Rule) -> str:
    counted = "、".join(id for id in rule.counts)
    return f"{rule.id} {rule.label}（{effect(rule)}）：由{counted}的次数推出"


def effect(rule: Rule) -> str:
    """What a clause does, in a few signs: 每件次扣2分."""
    points, each = show(rule.points), f"每{rule.unit or '次'}"
    said = {
        "zero": "不得分",
        "deduct": f"扣{points}分",
        "deduct_each": f"{each}扣{points}分",
        "halve": "得分减半",
        "award": f"加{points}分",
        "award_each": f"{each}加{points}分",
    }.get(rule.kind, "只作记录")
    from_on = f"，{rule.at_least}{rule.unit or '次'}起" if rule.at_least > 1 and rule.at_most != rule.at_least else ""
    return said + from_on
