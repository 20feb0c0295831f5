"""How much the sheets of an XLSX hold and how far they reach, told before a library unfolds them: one cell can ask for terabytes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_CELL = re.compile(rb"<(?:\w+:)?c\s(?:[^>]*?\s)?r\s*=\s*[\"']([A-Za-z]{1,4})(\d{1,12})[\"'][^>]*?(/?)>")
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s>]")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Za-z]{1,4})(\d{1,12}):([A-Za-z]{1,4})(\d{1,12})[\"']")


@dataclass(frozen=True, slots=True)
class Extent:
    """One sheet: its cells, the last row and column (from 1) in which one holds something, and the area that is merged, in cells."""

    cells: int
    rows: int
    columns: int
    merged: int

    @property
    def impossible(self) -> bool:
        """No spreadsheet program writes so far out."""
        return self.rows > LAST_ROW or self.columns > LAST_COLUMN


def extents(package: zipfile.ZipFile) -> Iterator[Extent]:
    """The extent of each sheet; the caller has bounded what the package unpacks to."""
    for info in package.infolist():
        name = info.filename.replace("\\", "/").lower().lstrip("/")
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            yield _extent(package.read(info))


def _extent(sheet: bytes) -> Extent:
    rows = columns = 0
    for found in _CELL.finditer(sheet):
        column, row, empty = found.groups()
        if not empty:
            rows, columns = max(rows, int(row)), max(columns, _column(column))
    cells = sum(1 for _ in _ANY_CELL.finditer(sheet))
    merged = sum((int(d) - int(b) + 1) * (_column(c) - _column(a) + 1) for a, b, c, d in _MERGE.findall(sheet))
    return Extent(cells, rows, columns, merged)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
