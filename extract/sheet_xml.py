"""A workbook in the XML of Excel 2003 (SpreadsheetML), as office systems export it under the ending .xls: bytes -> grids of its sheets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from lxml import etree

from extract.errors import TooLarge
from extract.model import Note
from extract.numformat import displayed
from extract.word_package import parse

_S = "{urn:schemas-microsoft-com:office:spreadsheet}"
_X = "{urn:schemas-microsoft-com:office:excel}"
_BUILT_IN = {"Percent": "0.00%", "Fixed": "0.00", "Standard": "#,##0.00", "General Number": "General", "Scientific": "0.00E+00"}
_MOST = 1 << 20

Sheet = tuple[str, list[list[str]], dict[tuple[int, int], tuple[int, int]]]
"""Its name, its cells as a person sees them, its merged ranges (top left corner from 0 -> rows and columns)."""


def xml_sheets(data: bytes, *, rows: int, columns: int, cells: int) -> tuple[list[Sheet], list[Note]]:
    """The visible sheets, and what is to be said about hidden ones. Raises DamagedFile, HostileFile, and TooLarge beyond those bounds."""
    root = parse(data)
    formats = {s.get(_S + "ID", ""): _format(s) for s in root.iter(_S + "Style")}
    sheets: list[Sheet] = []
    notes: list[Note] = []
    for sheet in root.iter(_S + "Worksheet"):
        name = sheet.get(_S + "Name", "")
        if (sheet.findtext(f"{_X}WorksheetOptions/{_X}Visible") or "SheetVisible") != "SheetVisible":
            notes.append(Note("hidden_sheet", f"工作表“{name}”是隐藏的，未读取"))
            continue
        grid = _Grid(rows, columns, cells, formats)
        for row in sheet.iterfind(f"{_S}Table/{_S}Row"):
            grid.add(row)
        if grid.hidden:
            notes.append(Note("hidden_rows", f"工作表“{name}”有{grid.hidden}行被隐藏，已一并读取"))
        sheets.append((name, grid.lines, grid.merges))
    return sheets, notes


class _Grid:
    """The cells of one sheet, put where their indexes say."""

    def __init__(self, rows: int, columns: int, cells: int, formats: Mapping[str, str]) -> None:
        self.rows, self.columns, self.left, self.formats = rows, columns, cells, formats
        self.lines: list[list[str]] = []
        self.merges: dict[tuple[int, int], tuple[int, int]] = {}
        self.hidden = 0

    def add(self, row: etree._Element) -> None:
        number = _number(row, "Index", len(self.lines) + 1) - 1
        line: list[str] = []
        column = 0
        for cell in row.iterfind(_S + "Cell"):
            column = _number(cell, "Index", column + 1) - 1
            if column >= self.columns:
                break
            line += [""] * (column - len(line)) + [self._shown(cell)]
            down, across = _number(cell, "MergeDown", 0), _number(cell, "MergeAcross", 0)
            if down or across:
                self.merges[number, column] = (down + 1, across + 1)
            column += across + 1
        if any(line):
            self.left -= len(line)
            if number >= self.rows or self.left < 0:
                raise TooLarge
            self.lines += [[] for _ in range(number - len(self.lines))]
            self.lines.append(line)
            self.hidden += row.get(_S + "Hidden") == "1"
        elif number < self.rows:
            self.lines += [[] for _ in range(number + 1 - len(self.lines))]

    def _shown(self, cell: etree._Element) -> str:
        data = cell.find(_S + "Data")
        if data is None:
            return ""
        text = "".join(str(t) for t in data.itertext())
        kind = data.get(_S + "Type", "String")
        if kind == "Number" and re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text):
            return displayed(
                float(text) if re.search(r"[.eE]", text) else int(text), self.formats.get(cell.get(_S + "StyleID", ""), "General")
            )
        if kind == "DateTime":
            return _date(text)
        return {"1": "TRUE", "0": "FALSE"}.get(text, text) if kind == "Boolean" else text


def _format(style: etree._Element) -> str:
    node = style.find(_S + "NumberFormat")
    told = "" if node is None else node.get(_S + "Format", "")
    return _BUILT_IN.get(told, told if re.search(r"[0#]", told) else "General")


def _date(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text.split(".")[0])
    except ValueError:
        return text
    return str(moment.date() if (moment.hour, moment.minute, moment.second) == (0, 0, 0) else moment)


def _number(node: etree._Element, name: str, otherwise: int) -> int:
    text = node.get(_S + name, "")
    return min(int(text), _MOST) if text.isascii() and text.isdigit() else otherwise
