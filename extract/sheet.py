"""Read spreadsheets (XLSX, XLS, ET, ODS, CSV): one table a sheet, values as a person sees them."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import python_calamine
from openpyxl.worksheet.worksheet import Worksheet

from extract.errors import DamagedFile, DocumentError, EmptyFile, EncryptedFile, HostileFile, TooLarge
from extract.model import Cell, Document, Location, Note, Paragraph, Table
from extract.numformat import displayed
from extract.ooxml_strict import usual_package
from extract.plain import decode_text
from extract.sheet_extent import extents
from extract.sheet_xml import xml_sheets
from extract.sniff import Format, sniff

MAX_ROWS = 20_000
MAX_COLUMNS = 256
MAX_CELLS = 400_000
MAX_UNPACKED = 300 * 1024 * 1024
MAX_STORED = 4 * MAX_CELLS
"""Cells that a sheet stores, empty but formatted ones included."""
MAX_UNFOLDED = 64 << 20
"""Cells from the first to the last one with content: one out at the edge makes a library ask for all between."""
MAX_MERGED = 1 << 20

_MEDIA = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.XLSB: "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    Format.XLS: "application/vnd.ms-excel",
    Format.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Format.CSV: "text/csv",
    Format.SHEET_XML: "application/vnd.ms-excel",
}

Grid = list[list[str]]
Merges = Mapping[tuple[int, int], tuple[int, int]]
"""Top left corner (row, column from 0) of a merged range -> (rows, columns) it covers."""


def read_sheet(data: bytes) -> Document:
    """Every visible sheet with content as one Table named like the sheet; rows keep their numbers, trailing empty ones are dropped.

    Raises EmptyFile, EncryptedFile, DamagedFile, TooLarge, HostileFile.
    """
    found = sniff(data, ".csv")
    if found is Format.EMPTY:
        raise EmptyFile
    if found is Format.ENCRYPTED_OFFICE:
        raise EncryptedFile
    if found is Format.CSV:
        return _document([("", _csv_grid(data), {})], [], found)
    if found is Format.SHEET_XML:
        return _document(*xml_sheets(data, rows=MAX_ROWS, columns=MAX_COLUMNS, cells=MAX_CELLS), found)
    if found is Format.XLSX:
        merged = _check_sheets(data)
        if merged > MAX_MERGED:  # openpyxl makes an object of every covered cell
            return _calamine(data, found)
        try:
            return _xlsx(usual_package(data))
        except DocumentError:
            raise
        except Exception:  # noqa: BLE001 - openpyxl refuses books whose styles are odd; calamine reads their values
            return _calamine(data, found)
    if found in _MEDIA:
        if found in (Format.XLSB, Format.ODS):
            _check_package(data)
        return _calamine(data, found)
    raise DamagedFile("不是电子表格文件，或文件已损坏")


def _check_package(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            size = sum(info.file_size for info in package.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise DamagedFile from error
    if size > MAX_UNPACKED:
        raise HostileFile("文件解开后过大，疑似压缩炸弹，为安全起见未予打开")


def _check_sheets(data: bytes) -> int:
    """The largest merged area of a sheet, in cells, once it is sure that the sheets can be unfolded."""
    _check_package(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            found = list(extents(package))
    except DocumentError:
        raise
    except Exception as error:  # broken, encrypted or of an unknown compression
        raise EncryptedFile if "password" in str(error) else DamagedFile from error
    if any(sheet.impossible for sheet in found):
        raise DamagedFile
    if any(sheet.cells > MAX_STORED or sheet.rows * sheet.columns > MAX_UNFOLDED for sheet in found):
        raise TooLarge
    return max((sheet.merged for sheet in found), default=0)


def _xlsx(data: bytes) -> Document:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # unknown extensions, print settings: nothing a reader needs
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    sheets: list[tuple[str, Grid, Merges]] = []
    notes: list[Note] = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            notes.append(Note("hidden_sheet", f"工作表“{sheet.title}”是隐藏的，未读取"))
            continue
        grid = _sheet_grid(sheet)
        hidden = sum(1 for k, row in enumerate(grid, 1) if sheet.row_dimensions[k].hidden and any(row))
        if hidden:
            notes.append(Note("hidden_rows", f"工作表“{sheet.title}”有{hidden}行被隐藏，已一并读取"))
        merges = {(m.min_row - 1, m.min_col - 1): (m.max_row - m.min_row + 1, m.max_col - m.min_col + 1) for m in sheet.merged_cells.ranges}
        sheets.append((sheet.title, grid, merges))
    return _document(sheets, notes, Format.XLSX)


def _sheet_grid(sheet: Worksheet) -> Grid:
    grid: Grid = []
    filled = 0
    for k, row in enumerate(sheet.iter_rows(max_col=min(sheet.max_column, MAX_COLUMNS)), 1):
        line = ["" if c.value is None else displayed(c.value, c.number_format or "General") for c in row]
        filled += sum(map(bool, line))
        grid.append(line if any(line) else [])
        if filled > MAX_CELLS:
            raise TooLarge
        if k >= MAX_ROWS and any(line):
            raise TooLarge(f"工作表“{sheet.title}”超过{MAX_ROWS}行")
        if k - _last(grid) > MAX_ROWS:  # formatted but empty to the very last row
            break
    return grid


def _last(grid: Grid) -> int:
    return next((k for k in range(len(grid), max(len(grid) - MAX_ROWS - 1, 0), -1) if grid[k - 1]), 0)


def _calamine(data: bytes, found: Format) -> Document:
    try:
        return _read_calamine(data, found)
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # a library written in Rust met what its author did not foresee
            raise DamagedFile from error
        raise


def _read_calamine(data: bytes, found: Format) -> Document:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError as error:
        raise EncryptedFile from error
    except Exception as error:  # one exception class of its own per format
        raise EncryptedFile if "Codepage D938" in str(error) else DamagedFile from error
    sheets: list[tuple[str, Grid, Merges]] = []
    notes: list[Note] = []
    for meta in book.sheets_metadata:
        if meta.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        if meta.visible is not python_calamine.SheetVisibleEnum.Visible:
            notes.append(Note("hidden_sheet", f"工作表“{meta.name}”是隐藏的，未读取"))
            continue
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.height > MAX_ROWS or sheet.height * min(sheet.width, MAX_COLUMNS) > MAX_CELLS * 4:
            raise TooLarge(f"工作表“{meta.name}”过大")
        grid = [[_plain_value(v) for v in row[:MAX_COLUMNS]] for row in sheet.to_python(skip_empty_area=False)]
        merges = {(r0, c0): (r1 - r0 + 1, c1 - c0 + 1) for (r0, c0), (r1, c1) in sheet.merged_cell_ranges or ()}
        sheets.append((meta.name, grid, merges))
    return _document(sheets, notes, found)


def _plain_value(value: Any) -> str:
    """These formats arrive without their number formats: dates and numbers are shown in the plainest form."""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, (date, time, timedelta)):
        return str(value)
    return displayed(value, "General")


def _csv_grid(data: bytes) -> Grid:
    text = decode_text(data)
    if text is None:
        raise DamagedFile("CSV 文件的编码不能识别")
    text = text.replace("\0", "")
    lines = text.splitlines()
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        delimiter, text = lines[0][4], text.split("\n", 1)[-1]
    else:
        delimiter = _delimiter(lines[:50])
    csv.field_size_limit(10_000_000)
    grid = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        grid.append([value.strip() for value in row[:MAX_COLUMNS]])
        if len(grid) > MAX_ROWS:
            raise TooLarge(f"CSV 超过{MAX_ROWS}行")
    return grid


def _delimiter(lines: list[str]) -> str:
    """The candidate that stands in most lines; among equals the one that is there more often."""

    def weight(mark: str) -> tuple[int, int]:
        return sum(mark in line for line in lines), sum(line.count(mark) for line in lines)

    best = max(",\t;|，", key=weight)
    return best if weight(best)[0] else ","


def _document(sheets: Iterable[tuple[str, Grid, Merges]], notes: list[Note], found: Format) -> Document:
    tables: list[Table] = []
    paragraph = 0
    for name, grid, merges in sheets:
        while grid and not any(grid[-1]):
            grid.pop()
        if not grid:
            continue
        table, paragraph = _table(name, grid, merges, len(tables) + 1, paragraph)
        tables.append(table)
    if not tables:
        raise EmptyFile("表格是空的，没有任何内容")
    return Document(tuple(tables), _MEDIA[found], notes=tuple(notes))


def _table(name: str, grid: Grid, merges: Merges, number: int, paragraph: int) -> tuple[Table, int]:
    width = max((k for row in grid for k, value in enumerate(row, 1) if value), default=1)
    covered: set[tuple[int, int]] = set()
    left = MAX_MERGED
    for (r, c), (down, across) in merges.items():
        down, across = min(down, len(grid) - r), min(across, max(width - c, 1))
        left -= down * across
        if left < 0:
            break
        covered |= {(r + i, c + j) for i in range(down) for j in range(across)} - {(r, c)}
    rows = []
    for r, line in enumerate(grid):
        cells = []
        for c in range(width) if any(line) else ():
            if (r, c) in covered:
                continue
            text = line[c] if c < len(line) else ""
            down, across = merges.get((r, c), (1, 1))
            content: tuple[Paragraph, ...] = ()
            if text:
                paragraph += 1
                content = (Paragraph(text, Location(paragraph=paragraph, table=number, row=r + 1, column=c + 1, sheet=name or None)),)
            cells.append(Cell(content, r, c, min(down, len(grid) - r), min(across, max(width - c, 1))))
        rows.append(tuple(cells))
    return Table(tuple(rows), Location(table=number, sheet=name or None), name=name or None), paragraph
