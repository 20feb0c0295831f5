"""Facts that come in files: bytes of an XLSX or CSV -> facts, and what has to be written into the journal for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import fields

from extract.errors import DocumentError
from extract.model import Table
from extract.sheet import read_sheet
from scoring.facts import Fact, FactEntry
from scoring.journal import FACT, Draft
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


def drafts(form: Form, data: bytes, *, by: str, live: Iterable[FactEntry]) -> tuple[Draft, ...]:
    """What to write down; nothing if this file is already the one in force for its period.

    A unit that an older import of the period speaks of and this one does not, gets zeros: nothing old stays in force.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    same = [e for e in live if e.kind == FACT and e.body.get("file") and e.body.get("period") == form.period]
    if same and max(same, key=lambda e: e.seq).body["file"] == sha256:
        return ()
    told = {unit for unit, _ in form.facts}
    gone = dict.fromkeys((e.unit, e.body["clause"]) for e in sorted(same, key=lambda e: e.seq) if e.unit and e.unit not in told)
    zeros = [(unit, Fact(clause, 0, "supervision", "新表未列，不再计", period=form.period)) for unit, clause in gone]
    return tuple(Draft(by, FACT, unit, {**body_of(fact), "file": sha256}) for unit, fact in (*form.facts, *zeros))


def body_of(fact: Fact) -> dict[str, object]:
    """A fact as the body of a journal entry."""
    return {f.name: getattr(fact, f.name) for f in fields(fact)}


def _grid(table: Table) -> list[list[str]]:
    """Cells by their true row and column; what a merged cell covers is empty."""
    width = max((c.column for row in table.rows for c in row), default=-1) + 1
    grid = [[""] * width for _ in table.rows]
    for row in table.rows:
        for cell in row:
            grid[cell.row][cell.column] = cell.text
    return grid
