"""The bytes of a supervision table (XLSX, XLS, ET, ODS, CSV) -> its facts, or what is wrong with it."""

from __future__ import annotations

from extract.errors import DocumentError
from extract.model import Table
from extract.sheet import read_sheet
from scoring.roster import Roster
from scoring.rubric import Rubric
from scoring.supervision import Form, Problem, header_row, read_form


def read_supervision(name: str, data: bytes, rubric: Rubric, roster: Roster, *, period: str = "") -> Form:
    """The sheet that has a header is read; a file that is no spreadsheet, or holds two such sheets, is a problem like any other."""
    try:
        document = read_sheet(data)
    except DocumentError as error:
        return Form("", (), (Problem(0, 0, str(error)),))
    grids = {t.name or "": _grid(t) for t in document.elements if isinstance(t, Table)}
    tables = [sheet for sheet, grid in grids.items() if header_row(grid) is not None]
    if len(tables) > 1:
        return Form("", (), (Problem(0, 0, f"有不止一张统计表（{'、'.join(tables)}），请分别存成文件导入"),))
    return read_form(grids[(tables or list(grids))[0]], rubric, roster, origin=name, period=period)


def _grid(table: Table) -> list[list[str]]:
    """Cells by their true row and column; what a merged cell covers is empty."""
    width = max((c.column for row in table.rows for c in row), default=-1) + 1
    grid = [[""] * width for _ in table.rows]
    for row in table.rows:
        for cell in row:
            grid[cell.row][cell.column] = cell.text
    return grid
