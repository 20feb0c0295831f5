"""补正通知: everything that a unit has to send or set right, once and for all, with clause, quotation and what to send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.gaps import printed
from scoring.paper import OpenPaper
from scoring.roster import RosterUnit
from scoring.rubric import Item, Rubric, Section
from templates import wording
from templates.letters_form import CENTER, Grid, Letter
from templates.letters_texts import Texts
from templates.letters_words import Occasion, clause, place, work
from templates.plaintext import line, shortened
from templates.plaintext import number as points

Plain = Mapping[str, Any]

TROUBLES = frozenset({"report_unreadable", "attachment_not_arrived", "file_quarantined"})
"""Something came but could not be used."""
_AROUND = 30
"""Characters shown before and behind what is quoted."""
CENTERED = (CENTER, None, None, None)
_MOVE = f"（{wording.UNIT}）"


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to set right."""

    section: int | None
    item: Item | None
    quote: str
    """What the report says, with its place; "" where it says nothing."""
    problem: str
    send: str
    paper: bool = False
    """It is about the evidence on paper."""


def points_of(sheet: Plain, rubric: Rubric, texts: Texts) -> tuple[Point, ...]:
    """What the unit has to do, what is about the whole and on paper first, then in the rubric's order. What the office has to do is not
    in it. `paper_due` of the sheet: what is open of its paper (`scoring.paper.OpenPaper`), where the office keeps records of that.
    """
    found = [_point(gap, sheet, rubric, texts) for gap in sheet.get("gaps") or () if is_for_the_unit(gap)]
    found += [_on_paper(due, rubric, texts) for due in sheet.get("paper_due") or ()]
    order = {item.id: k for k, item in enumerate(rubric.items)}
    return tuple(sorted(found, key=lambda p: (p.section or 0, p.paper, order.get(p.item.id, 0) + 1 if p.item else 0)))


def is_for_the_unit(gap: Plain) -> bool:
    """Whether it is the unit's move; a file that could not be used says itself whose move it is."""
    if gap["kind"] in TROUBLES:
        return wording.UNIT in gap["message"] or gap["kind"] != "file_quarantined"
    return wording.gap_kind(gap["kind"]).move == wording.UNIT


def needs_supplement(sheet: Plain | None) -> bool:
    """Whether that unit gets a 补正通知: its report has gaps of its own, paper is due, or something came that could not be used."""
    if sheet is None:
        return False
    gaps = [gap for gap in sheet.get("gaps") or () if is_for_the_unit(gap)]
    if sheet.get("score") is not None:
        return bool(gaps) or bool(sheet.get("paper_due"))
    return any(gap["kind"] in TROUBLES for gap in gaps)


def supplement(sheet: Plain, unit: RosterUnit, rubric: Rubric, texts: Texts, occasion: Occasion) -> bytes:
    """The letter as DOCX: one page that tells, an annex that lists."""
    points = points_of(sheet, rubric, texts)
    values = {"work": work(rubric), "count": len(points), "until": occasion.until_text(texts), "unit": unit.name}
    letter = Letter(texts, title=texts.say("supplement", "title", **values))
    letter.docno()
    letter.blank()
    letter.title(texts.say("supplement", "title", **values))
    letter.blank()
    letter.addressee(unit.full)
    letter.body(texts.say("supplement", "opening" if sheet.get("score") is not None else "opening_nothing", **values))
    for part in ("what", "when", "name"):
        letter.heading(texts.say("supplement", f"{part}_heading"))
        letter.body(texts.say("supplement", part, **values, example=_example(points, unit, texts)))
    letter.blank()
    letter.body(texts.say("supplement", "annex"))
    letter.blank()
    letter.blank()
    letter.signature(rubric.office, occasion.date_text(texts))
    letter.new_page()
    letter.line(texts.say("supplement", "annex_mark"), font="heading")
    letter.title(texts.say("supplement", "annex_title"))
    letter.line(unit.full)
    _list(letter, points, rubric, texts)
    return letter.as_bytes()


def _list(letter: Letter, points: Sequence[Point], rubric: Rubric, texts: Texts) -> None:
    grid = letter.table(texts.lines("supplement", "columns"), (12, 54, 46, 44))
    last: object = ()
    for n, point in enumerate(points, 1):
        about = (point.section, point.item.id if point.item else None, point.paper)
        if about != last:
            _head(grid, point, rubric, texts)
            last = about
        grid.row((str(n), point.quote, point.problem, point.send), align=CENTERED)


def _head(grid: Grid, point: Point, rubric: Rubric, texts: Texts) -> None:
    """The item with its clause, or the section, or what is about the whole."""
    if point.item:
        grid.band(f"{printed(point.item.id)} {point.item.name}", more=texts.say("supplement", "clause", clause=clause(point.item)))
    elif point.section:
        section = rubric.section(point.section)
        grid.band(f"{_han(section.number)}{section.name}（{points(section.points)}分）")
    else:
        grid.band(texts.say("supplement", "on_paper" if point.paper else "general"))


def _point(gap: Plain, sheet: Plain, rubric: Rubric, texts: Texts) -> Point:
    item = next((i for i in rubric.items if i.id == gap.get("item")), None)
    number = item.section if item else gap.get("section")
    section = next((s for s in rubric.sections if s.number == number), None)
    claim = next((c for c in sheet.get("claims") or () if c["id"] == gap.get("claim")), None)
    problem, send = _problem(gap, item, section), _send(gap, claim, item, texts)
    return Point(section.number if section else None, item, _quote(gap, claim, sheet, texts), problem, send)


def _on_paper(due: OpenPaper, rubric: Rubric, texts: Texts) -> Point:
    """What is open of the paper, with the notice's own sentence as its source."""
    wanted = rubric.paper
    assert wanted is not None, "without a requirement nothing is due"
    place = texts.say("send", "paper_place", place=wanted.place) if wanted.place else ""
    source = texts.say("supplement", "required", requirement=wanted.requirement)
    return Point(None, None, source, due.message, texts.say("send", f"paper_{due.kind}", place=place), paper=True)


def _quote(gap: Plain, claim: Plain | None, sheet: Plain, texts: Texts) -> str:
    blocks = sheet.get("blocks") or ()
    if sheet.get("score") is None:
        return texts.say("supplement", "no_report")
    if claim is not None and claim.get("block") is not None and 0 <= claim["block"] < len(blocks):
        block = blocks[claim["block"]]
        start, end = claim.get("span") or (0, 0)
        return f"“{line(shortened(block['text'], start, end, _AROUND))}”{place(block)}"
    if gap.get("item"):
        said = next((b for b in blocks if b.get("item") == gap["item"] and b["kind"] not in ("heading", "title")), None)
        if said is not None:
            return f"“{line(shortened(said['text'], 0, 2 * _AROUND, 0))}”{place(said)}"
    if gap.get("item"):
        return texts.say("supplement", "not_written")
    return texts.say("supplement", "not_written_section") if gap["kind"] == "section_missing" else "—"


def _problem(gap: Plain, item: Item | None, section: Section | None) -> str:
    """The gap's own sentence without what stands in the row's head anyway."""
    text = line(gap["message"]).removesuffix(_MOVE).replace(_MOVE, "")
    if item:
        return text.removeprefix(f"{printed(item.id)} ").removeprefix(f"{item.name}：")
    return text.removeprefix(f"{_han(section.number)}{section.name}：") if section else text


def _send(gap: Plain, claim: Plain | None, item: Item | None, texts: Texts) -> str:
    kind = gap["kind"] if texts.has("send", gap["kind"]) else "other"
    expected = "、".join(item.evidence[:3]) if item else ""
    if kind == "item_without_evidence" and not expected:
        kind = "item_without_evidence_plain"
    named = (claim.get("ref") if claim["kind"] == "reference" and claim.get("ref") else claim["text"]) if claim else ""
    return texts.say("send", kind, text=line(named), expected=expected)


def _example(points: Sequence[Point], unit: RosterUnit, texts: Texts) -> str:
    """A file name to follow, of the first item that has expected evidence."""
    item = next((p.item for p in points if p.item and p.item.evidence), None)
    label, title = (printed(item.id), item.evidence[0]) if item else ("佐证材料", "目录清单")
    return texts.say("supplement", "example", unit=unit.name, item=label, title=title)


def _han(section: int) -> str:
    return printed(f"{section}.0")[:-1] if section <= 10 else f"第{section}部分 "
