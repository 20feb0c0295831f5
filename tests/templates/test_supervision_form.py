"""The form for online supervision: what the office fills in is what is read back."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from ingest.supervision import read_supervision
from scoring.roster import load_roster
from scoring.rubric import builtin, load_rubric
from templates.supervision_form import FIRST, HEADER, supervision_form

TEXTS = builtin()
RUBRIC = load_rubric(TEXTS)
ROSTER = load_roster(TEXTS["roster.toml"])


@pytest.fixture(scope="module")
def form() -> bytes:
    return supervision_form(RUBRIC, ROSTER)


def filled(form: bytes, **cells: object) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(form))
    for place, value in cells.items():
        book.worksheets[0][place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_it_has_a_row_for_each_unit_and_a_column_for_each_clause_known_from_supervision(form: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(form)).worksheets[0]
    rules = [r for r in RUBRIC.rules if r.supervision]
    heads = [sheet.cell(HEADER, c).value for c in range(FIRST, FIRST + len(rules))]
    assert [str(h).split(" ")[0] for h in heads] == [r.id for r in rules]
    assert [sheet.cell(r, 2).value for r in range(HEADER + 1, HEADER + 1 + len(ROSTER.units))] == [u.name for u in ROSTER.units]
    assert sheet.freeze_panes == "C5"
    assert sheet.print_title_rows == "$4:$4"


def test_every_column_is_explained_word_for_word(form: bytes) -> None:
    notes = openpyxl.load_workbook(io.BytesIO(form)).worksheets[1]
    texts = {c.value for row in notes.iter_rows() for c in row}
    assert {r.clause for r in RUBRIC.rules if r.supervision} <= texts


def test_what_is_filled_in_is_read_back(form: bytes) -> None:
    data = filled(form, B2="2017-11", C5=2, D6=0, F12=1)
    found = read_supervision("统计表.xlsx", data, RUBRIC, ROSTER)
    assert found.problems == ()
    assert [(unit, f.clause, f.count, f.origin) for unit, f in found.facts] == [
        ("尖山区", "1.3a", 2, "统计表.xlsx 第5行"),
        ("宝山区", "1.4a", 0, "统计表.xlsx 第6行"),
        ("饶河县", "1.4c", 1, "统计表.xlsx 第12行"),
    ]


def test_left_empty_it_asks_for_the_period(form: bytes) -> None:
    (problem,) = read_supervision("a.xlsx", form, RUBRIC, ROSTER).problems
    assert "没有写明统计期间" in problem.message
    (problem,) = read_supervision("a.xlsx", filled(form, B2="2017"), RUBRIC, ROSTER).problems
    assert "没有填写任何次数" in problem.message


def test_the_same_rubric_gives_the_same_bytes(form: bytes) -> None:
    assert supervision_form(RUBRIC, ROSTER) == form


@pytest.mark.slow
def test_an_office_program_opens_it_and_keeps_what_was_filled_in(form: bytes, tmp_path: Path, needs_program: Callable[..., str]) -> None:
    soffice = needs_program("soffice", "libreoffice", package="libreoffice-calc-nogui")
    (tmp_path / "a.xlsx").write_bytes(filled(form, B2="2017-11", C5=2))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "ods", "--outdir", str(tmp_path), str(tmp_path / "a.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    found = read_supervision("a.ods", (tmp_path / "a.ods").read_bytes(), RUBRIC, ROSTER)
    assert [(u, f.clause, f.count) for u, f in found.facts] == [("尖山区", "1.3a", 2)]
