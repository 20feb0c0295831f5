"""The form for online supervision (网上监察、上报统计) as XLSX: units × clauses to fill in, and a sheet that explains the columns."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from scoring.gaps import printed
from scoring.roster import Roster
from scoring.rubric import Rubric
from scoring.rules import Rule
from templates.package import stable
from templates.wording import group_name

HEADER = 4
"""Row of the header; the units stand below it."""
FIRST = 3
"""Column of the first clause; before it group and unit."""
_THIN = Side(style="thin", color="999999")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="EEEEEE")


def supervision_form(rubric: Rubric, roster: Roster) -> bytes:
    """An XLSX whose first sheet `scoring.supervision.read_form` reads back: empty cells say nothing, 0 says that there was none."""
    rules = [r for r in rubric.rules if r.supervision]
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "网上监察统计"
    _head(sheet, rubric, rules)
    _units(sheet, rubric, roster, rules)
    _layout(sheet, len(rules))
    _explain(book.create_sheet("填写说明"), rubric, rules)
    out = io.BytesIO()
    book.save(out)
    return stable(out.getvalue())


def _head(sheet: Worksheet, rubric: Rubric, rules: list[Rule]) -> None:
    title = sheet.cell(1, 1, f"{rubric.title.removesuffix('细则')}网上监察和上报情况统计表")
    title.font, title.alignment = Font(name="宋体", size=16, bold=True), Alignment(vertical="center")  # left: whole on page 1
    sheet.cell(2, 1, "统计期间").font = Font(name="宋体", size=11, bold=True)
    sheet.cell(2, 2).number_format = "@"
    sheet.cell(2, 2).border = _BOX
    sheet.cell(2, FIRST, f"（必填：年月如 {rubric.year}-11，或年度 {rubric.year}）")
    for column, text in enumerate(("组别", "单位", *(heading(r) for r in rules), "备注"), 1):
        cell = sheet.cell(HEADER, column, text)
        cell.font, cell.fill, cell.border = Font(name="宋体", size=10, bold=True), _HEAD, _BOX
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for column, rule in enumerate(rules, FIRST):
        sheet.cell(HEADER, column).comment = Comment(f"{printed(rule.item)}　{rule.clause}", "自查", height=120, width=260)


def heading(rule: Rule) -> str:
    """A column's name: clause number first, then what is counted."""
    return f"{rule.id} {rule.label}（{rule.unit or '是／否'}）"


def _units(sheet: Worksheet, rubric: Rubric, roster: Roster, rules: list[Rule]) -> None:
    for row, unit in enumerate(roster.units, HEADER + 1):
        for column, value in enumerate((group_name(unit.group, rubric.group_names), unit.name), 1):
            sheet.cell(row, column, value).border = _BOX
        for column, rule in enumerate(rules, FIRST):
            cell = sheet.cell(row, column)
            cell.border, cell.alignment = _BOX, Alignment(horizontal="center")
            if not rubric.applies(rubric.item(rule.item), unit.group):
                cell.fill = _HEAD
        sheet.cell(row, FIRST + len(rules)).border = _BOX
    last = HEADER + len(roster.units)
    for column, rule in enumerate(rules, FIRST):
        letter = get_column_letter(column)
        check = _whole_number() if rule.unit else _yes_or_no()
        sheet.add_data_validation(check)
        check.add(f"{letter}{HEADER + 1}:{letter}{last}")


def _whole_number() -> DataValidation:
    return DataValidation(
        type="whole", operator="between", formula1="0", formula2="9999", allow_blank=True,
        showErrorMessage=True, errorTitle="次数", error="请填0或正整数；没有统计的留空",
    )  # fmt: skip


def _yes_or_no() -> DataValidation:
    return DataValidation(
        type="list", formula1='"是,否"', allow_blank=True, showErrorMessage=True,
        errorTitle="是否", error="请选“是”或“否”；没有统计的留空",
    )  # fmt: skip


def _layout(sheet: Worksheet, rules: int) -> None:
    sheet.row_dimensions[1].height = 30
    sheet.row_dimensions[HEADER].height = 96
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 12, 28
    for column in range(FIRST, FIRST + rules):
        sheet.column_dimensions[get_column_letter(column)].width = 13
    sheet.column_dimensions[get_column_letter(FIRST + rules)].width = 24
    sheet.freeze_panes = f"{get_column_letter(FIRST)}{HEADER + 1}"
    sheet.print_title_rows, sheet.print_title_cols = f"{HEADER}:{HEADER}", "A:B"
    _on_paper(sheet, pages=2)  # 25 columns on one page are too small to read


def _on_paper(sheet: Worksheet, pages: int = 1) -> None:
    """A4 landscape, that many pages wide."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _explain(sheet: Worksheet, rubric: Rubric, rules: list[Rule]) -> None:
    lines = (
        "填写说明",
        "1. 每个单位一行；填该期间内发生的次数。空白表示没有统计，0或“否”表示已统计、没有发生。",
        "2. 统计期间必填。同一期间再次导入，以新表为准；同一条款有年度统计的，不再累加当年各月。",
        "3. 可以增加细则中其他条款的列，列名以条款编号开头即可；灰色格子是该单位不考核的条目。",
        "4. 有错的表整张不导入，逐条指出行和列。",
    )
    for row, line in enumerate(lines, 1):
        sheet.cell(row, 1, line).font = Font(name="宋体", size=11, bold=row == 1)
    start = len(lines) + 2
    for column, text in enumerate(("条款编号", "条目", "计数", "条款原文", "读法"), 1):
        cell = sheet.cell(start, column, text)
        cell.font, cell.fill, cell.border = Font(name="宋体", size=10, bold=True), _HEAD, _BOX
    for row, rule in enumerate(rules, start + 1):
        for column, text in enumerate((rule.id, printed(rule.item), rule.unit or "是／否", rule.clause, rule.reading), 1):
            cell = sheet.cell(row, column, text)
            cell.border, cell.alignment = _BOX, Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDE", (12, 10, 10, 60, 50), strict=True):
        sheet.column_dimensions[letter].width = width
    _on_paper(sheet)
