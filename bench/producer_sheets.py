"""Catalog pieces -> workbooks and CSV as other programs write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Side
from openpyxl.worksheet.worksheet import Worksheet
from producer_pieces import Piece, spaced


def merged_workbook(pieces: Sequence[Piece], *, beside: bool = False) -> bytes:
    """One sheet: title merged over the columns, stretched column titles, a note below, numbers as numbers.

    Groups are merged rows, or, `beside`, a merged column of their own at the left.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Sheet1"
    width = max(p.columns for p in pieces if p.kind == "table") + beside
    group, started = "", False
    for piece in pieces:
        if piece.kind == "title" or (piece.kind == "heading" and not beside):
            sheet.append([piece.text])
            _merge(sheet, width)
        elif piece.kind == "heading":
            group = piece.text
        elif piece.kind == "table":
            head = [] if started and beside else [(*(["类  别"] if beside else []), *map(spaced, row)) for row in piece.rows[: piece.head]]
            for row in head:
                sheet.append(list(row))
            _rows(sheet, piece.rows[piece.head :], width, group, beside=beside)
            started = True
    sheet.append([])
    sheet.append(["填表说明：本表一式两份，由各单位盖章后报送。"])
    _merge(sheet, width)
    thin = Side(style="thin")
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.border, cell.alignment = Border(thin, thin, thin, thin), Alignment(wrap_text=True, vertical="center")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rows(sheet: Worksheet, rows: Sequence[Sequence[str]], width: int, group: str, *, beside: bool) -> None:
    first = sheet.max_row + 1
    for row in rows:
        if len(row) == 1 and beside:
            _down(sheet, first)
            group, first = row[0], sheet.max_row + 1
        elif len(row) == 1:
            sheet.append([row[0]])
            _merge(sheet, width)
        else:
            values = [int(v) if v.isdigit() and (v == "0" or v[0] != "0") else v or None for v in row]
            sheet.append([*([group if sheet.max_row + 1 == first else None] if beside else []), *values])
    if beside:
        _down(sheet, first)


def _merge(sheet: Worksheet, width: int) -> None:
    if width > 1:
        sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=1, end_column=width)


def _down(sheet: Worksheet, first: int) -> None:
    if sheet.max_row > first:
        sheet.merge_cells(start_row=first, end_row=sheet.max_row, start_column=1, end_column=1)


def chinese_csv(pieces: Sequence[Piece]) -> bytes:
    """As a spreadsheet saves it in a Chinese Windows: gb18030, commas to the full width in every line."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n")
    width = max(p.columns for p in pieces if p.kind == "table")
    for piece in pieces:
        for row in piece.rows or ((piece.text,),):
            write.writerow([*(v.replace("\n", " ") for v in row), *[""] * (width - len(row))])
    return out.getvalue().encode("gb18030")
