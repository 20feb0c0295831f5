"""Tables as a workbook: real numbers, heads that stay, widths that fit, ready to print on A4 across; no cell can run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from templates.package import stable
from templates.plaintext import harmless, line
from templates.tables_rows import Column, Table, Value

_FONT = "宋体"
_LINE = Side(style="thin", color="808080")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="E8E8E8")
LONGEST = 32_000
"""Characters that a cell may hold; the format ends at 32767."""


def workbook(tables: Sequence[Table], about: Sequence[tuple[str, str]], title: str) -> bytes:
    """A sheet for each table and a last one, 说明, that tells version and columns. The same tables always give the same bytes."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for table in (*tables, _explained(tables, about)):
        _sheet(book.create_sheet(table.name), table, title)
    book.properties.creator, book.properties.title = "", line(title)
    out = io.BytesIO()
    book.save(out)
    return stable(out.getvalue())


def _explained(tables: Sequence[Table], about: Sequence[tuple[str, str]]) -> Table:
    columns = (Column("表", "", 14), Column("列或项目", "", 20), Column("含义", "", 90))
    rows: list[tuple[Value, ...]] = [("全部", name, text) for name, text in about]
    rows += [(t.name, " ".join(c.head.split()), c.meaning) for t in tables for c in t.columns]
    return Table("说明", "说明", columns, tuple(rows), 0)


def _sheet(sheet: Any, table: Table, title: str) -> None:
    styles = _Styles()
    for k, column in enumerate(table.columns, 1):
        cell = sheet.cell(1, k, harmless(column.head))
        styles.dress(cell, "head")
        sheet.column_dimensions[get_column_letter(k)].width = column.width
    sheet.row_dimensions[1].height = 16 * max(_lines(c.head, c.width) for c in table.columns) + 6
    for n, row in enumerate(table.rows, 2):
        for k, (column, value) in enumerate(zip(table.columns, row, strict=True), 1):
            _cell(sheet.cell(n, k), column, value, styles)
        sheet.row_dimensions[n].height = 15 * max(1, *(_lines(v, c.width) for c, v in zip(table.columns, row, strict=True))) + 3
    sheet.freeze_panes = sheet.cell(2, table.fixed + 1)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table.rows) + 1}"
    _print(sheet, table, title)


def _cell(cell: Any, column: Column, value: Value, styles: _Styles) -> None:
    if isinstance(value, str):
        cell.value = harmless(value)[:LONGEST]
        cell.data_type = "s"  # whatever it looks like, it is text
        styles.dress(cell, "word" if column.width <= 10 else "text")
    else:
        cell.value = _number(value)
        styles.dress(cell, "broken" if isinstance(value, Decimal) and value != value.to_integral_value() else "whole")


class _Styles:
    """Each kind of cell is described once and then copied: describing it again takes longer than all the rest."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def dress(self, cell: Any, kind: str) -> None:
        """Give the cell the look of its kind."""
        if kind in self._made:
            cell._style = self._made[kind]
            return
        cell.font, cell.border = Font(name=_FONT, size=11, bold=kind == "head"), _BORDER
        cell.alignment = Alignment(horizontal=_SIDES[kind], vertical="center", wrap_text=kind in ("head", "word", "text"))
        if kind == "head":
            cell.fill = _HEAD
        if kind == "broken":
            cell.number_format = "0.00"
        self._made[kind] = cell._style


_SIDES = {"head": "center", "word": "center", "text": "left", "whole": "right", "broken": "right"}


def _number(value: int | Decimal | None) -> int | float | None:
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def _lines(value: Value, width: float) -> int:
    """Lines that a text takes in a column of that many half-width characters."""
    if not isinstance(value, str):
        return 1
    return sum(max(1, -(-sum(2 if ord(c) > 0x2000 else 1 for c in part) // max(2, int(width) - 1))) for part in value.split("\n"))


def _print(sheet: Any, table: Table, title: str) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows = "1:1"
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.75, 0.6, 0.35, 0.3
    sheet.print_options.horizontalCentered = True
    sheet.oddHeader.center.text = f"{line(title)}{table.title}".replace("&", "&&")
    sheet.oddHeader.center.size = 14
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
