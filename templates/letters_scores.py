"""量化评分表: a unit's points, each deduction with clause and reason, for three signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from scoring.gaps import printed
from scoring.roster import RosterUnit
from scoring.rubric import Rubric, Section
from scoring.totals import Standing, Total
from templates import wording
from templates.letters_form import CENTER, Grid, Letter
from templates.letters_texts import Texts
from templates.letters_words import work
from templates.plaintext import number
from templates.score_lines import Deduction, ScoreLine, score_lines

Plain = Mapping[str, Any]

_ALIGN = (None, CENTER, CENTER, None, CENTER)
_WIDTHS = (52, 13, 13, 62, 16)


def score_form(sheet: Plain, unit: RosterUnit, rubric: Rubric, standing: Standing, texts: Texts) -> bytes:
    """The form as DOCX. Points that nobody confirmed carry a star, and the form says that it is not final."""
    lines = score_lines(sheet, rubric)
    title = texts.say("scores", "title", work=work(rubric))
    letter = Letter(texts, title=title)
    letter.title(title)
    letter.line(texts.say("scores", "unit", full=unit.full), size=14)
    grid = letter.table(texts.lines("scores", "columns"), _WIDTHS)
    for section in rubric.sections:
        _section(grid, section, rubric.sections, [line for line in lines if line.item.section == section.number], texts)
    open_items = sum(line.applies and line.confirmed is None for line in lines)
    _totals(grid, standing.current, lines, rubric, texts)
    state = texts.say("scores", "open" if open_items else "final", open=open_items)
    grid.foot((state + _second_check(sheet, rubric, texts), *texts.lines("scores", "sign")))
    return letter.as_bytes()


def _second_check(sheet: Plain, rubric: Rubric, texts: Texts) -> str:
    """Who approved the points, or that nobody did."""
    review = sheet.get("review") or {"state": "open"}
    if review["state"] == "open":
        return texts.say("scores", "unreviewed")
    key = "returned" if review["state"] == "returned" else "reviewed_stale" if review["stale"] else "reviewed"
    return texts.say("scores", key, by=review["by"], moment=wording.moment(review["at"], rubric.deadline.tzinfo))


def _section(grid: Grid, section: Section, sections: Sequence[Section], lines: Sequence[ScoreLine], texts: Texts) -> None:
    head = printed(f"{section.number}.0")[:-1] if section.number <= 10 else f"{section.number}. "
    grid.band(f"{head}{section.name}（{texts.say('scores', 'bonus') if section.bonus else ''}{number(section.points)}分）")
    for line in lines:
        last = line is lines[-1] and section is sections[-1]  # the sums do not stand on a page without any item
        name, own = f"{line.item.number}. {line.item.name}", number(line.self) or "—"
        grid.row((name, number(line.max), own, _reasons(line, texts), _points(line, texts)), align=_ALIGN, keep=last)


def _reasons(line: ScoreLine, texts: Texts) -> str:
    """Every deduction with its clause, how often, and how much; what a person set otherwise, with the note."""
    if not line.applies:
        return "：".join(t for t in (texts.say("scores", "not_applicable"), line.ruled) if t)
    parts = [line.sum] if line.sum else []
    parts += [_because(d, texts) for d in (*line.deductions, *line.awards)]
    if line.confirmed is not None and (line.note or line.confirmed != line.suggested):
        parts.append("：".join(t for t in (texts.say("scores", "adjusted"), line.note) if t))
    return "\n".join(parts) or texts.say("scores", "no_deduction")


def _because(d: Deduction, texts: Texts) -> str:
    """The clause word for word, and where it is known from."""
    known = "：".join(t for t in (d.source, "；".join(d.notes)) if t)
    return texts.say("scores", "clause", clause=d.clause) + (f"（{known}）" if known else "")


def _points(line: ScoreLine, texts: Texts) -> str:
    if not line.applies:
        return "—"
    return number(line.points) + ("*" if line.confirmed is None else "")


def _totals(grid: Grid, total: Total | None, lines: Sequence[ScoreLine], rubric: Rubric, texts: Texts) -> None:
    if total is None:
        return
    bonus_max = sum((line.max for line in lines if line.item.bonus), Decimal(0))
    rows: list[tuple[str, Decimal | None]] = [(texts.say("scores", "base", max=number(total.base_max)), total.base)]
    partly = total.base_max != rubric.base
    if partly:
        rows.append((texts.say("scores", "scaled"), total.scaled))
    rows.append((texts.say("scores", "extra", max=number(bonus_max)), total.bonus))
    rows.append((texts.say("scores", "scaled_total" if partly else "total"), total.scaled_total))
    if total.converted is not None:
        rows.append((texts.say("scores", "converted"), total.converted))
    for name, value in rows:
        grid.sum(name, number(value))
