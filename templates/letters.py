"""The letters of one unit, by file name: what it has to send, that it has to send something, what it got, and what came from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scoring.roster import RosterUnit
from scoring.rubric import Rubric
from scoring.totals import Standing
from templates import wording
from templates.letters_draft import draft
from templates.letters_reminder import missing_of, reminder, reminder_values
from templates.letters_scores import score_form
from templates.letters_supplement import needs_supplement, points_of, supplement
from templates.letters_texts import Texts
from templates.letters_words import Occasion, work
from templates.tables_book import workbook
from templates.tables_rows import Column, Table, Value

Plain = Mapping[str, Any]


def unit_letters(
    stem: str,
    sheet: Plain | None,
    unit: RosterUnit,
    rubric: Rubric,
    standing: Standing,
    texts: Texts,
    occasion: Occasion,
    *,
    ask: bool = True,
) -> dict[str, bytes]:
    """File name -> bytes; `stem` is number and name of the unit. A unit gets a 补正通知 or a 催报, never both, without `ask` neither."""
    found: dict[str, bytes] = {}
    if not ask:
        pass
    elif sheet is not None and needs_supplement(sheet):
        found |= _supplement(stem, sheet, unit, rubric, texts, occasion)
    elif standing.state == "not_received":
        found |= _reminder(stem, sheet, unit, rubric, texts, occasion)
    if sheet is not None and sheet.get("score") is not None:
        found[f"{stem}-量化评分表.docx"] = score_form(sheet, unit, rubric, standing, texts)
    return found


def asks(sheet: Plain | None, standing: Standing) -> bool:
    """Whether something is asked of that unit, by a 补正通知 or a 催报."""
    return needs_supplement(sheet) or standing.state == "not_received"


def needs_reminder(sheet: Plain | None, standing: Standing) -> bool:
    """Whether that unit is told that its report has not come."""
    return standing.state == "not_received" and not needs_supplement(sheet)


def reminder_list(units: Sequence[tuple[Standing, RosterUnit, Plain | None]], rubric: Rubric, texts: Texts, version: str) -> bytes:
    """催报名单 as a workbook: who has not sent a report, where to write to, what did come."""
    columns = (
        Column("序号", "名单中的次序", 6),
        Column("单位", "考核单位名单中的名称", 30),
        Column("组别", "考核单位名单中的组", 16),
        Column("尚未收到", "应催报的材料", 28),
        Column("邮箱", "单位名单中登记的邮箱；空白为没有登记", 30),
    )
    rows = tuple(_listed(standing, unit, sheet, rubric, texts) for standing, unit, sheet in units)
    about = [("细则", rubric.title), ("程序版本", f"自查 {version}"), ("单位", f"共{len(rows)}个")]
    return workbook([Table("催报名单", "催报名单", columns, rows, 2)], about, f"{work(rubric)}考核")


def _listed(standing: Standing, unit: RosterUnit, sheet: Plain | None, rubric: Rubric, texts: Texts) -> tuple[Value, ...]:
    return standing.order, unit.name, wording.group_name(unit.group, rubric.group_names), missing_of(sheet, texts), unit.mail


def _supplement(stem: str, sheet: Plain, unit: RosterUnit, rubric: Rubric, texts: Texts, occasion: Occasion) -> dict[str, bytes]:
    letter = supplement(sheet, unit, rubric, texts, occasion)
    count = len(points_of(sheet, rubric, texts))
    values = {"work": work(rubric), "full": unit.full, "count": count, "until": occasion.until_text(texts)}
    lines = texts.lines("supplement", "mail", **values)
    name = f"{stem}-补正通知"
    mail = draft(unit, texts.say("supplement", "subject", **values), lines, texts, attachments={f"{name}.docx": letter})
    return {f"{name}.docx": letter, f"{name}.eml": mail}


def _reminder(stem: str, sheet: Plain | None, unit: RosterUnit, rubric: Rubric, texts: Texts, occasion: Occasion) -> dict[str, bytes]:
    letter = reminder(sheet, unit, rubric, texts, occasion)
    values = reminder_values(sheet, unit, rubric, texts, occasion)
    lines = texts.lines("reminder", "mail", **values)
    name = f"{stem}-催报通知"
    mail = draft(unit, texts.say("reminder", "subject", **values), lines, texts, attachments={f"{name}.docx": letter})
    return {f"{name}.docx": letter, f"{name}.eml": mail}
