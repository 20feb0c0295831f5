"""Supervision tables as files: spreadsheets and CSV as offices save them, and files that are none."""

from __future__ import annotations

import io

import openpyxl
import pytest

from ingest.supervision import read_supervision
from scoring.roster import load_roster
from scoring.rubric import builtin, load_rubric
from scoring.supervision import Form

TEXTS = builtin()
RUBRIC = load_rubric(TEXTS)
ROSTER = load_roster(TEXTS["roster.toml"])
CSV = "统计期间,2017年\n\n单位,条款,次数\n集贤县,1.4b,1\n市教育局,1.4c,2\n"


def read(data: bytes, name: str = "统计.csv") -> Form:
    return read_supervision(name, data, RUBRIC, ROSTER)


def book(*sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for n, rows in enumerate(sheets, 1):
        sheet = made.create_sheet(f"表{n}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "utf-16"])
def test_csv_in_every_usual_encoding(encoding: str) -> None:
    found = read(CSV.encode(encoding))
    assert found.problems == ()
    assert [(u, f.clause, f.count, f.origin) for u, f in found.facts] == [
        ("集贤县", "1.4b", 1, "统计.csv 第4行"),
        ("市教育局", "1.4c", 2, "统计.csv 第5行"),
    ]


def test_rows_are_counted_as_the_sheet_counts_them_also_behind_empty_ones_and_below_a_merged_title() -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet["A1"] = "网上监察通报"
    sheet.merge_cells("A1:C2")
    sheet["A3"], sheet["B3"] = "统计期间", "2017年11月"
    sheet["A6"], sheet["C6"] = "单位", "4.2b 未督办"
    sheet["A9"], sheet["C9"] = "集贤", "2"
    out = io.BytesIO()
    made.save(out)
    assert [str(p) for p in read(out.getvalue(), "a.xlsx").problems] == ["第9行A列：名单中没有“集贤”"]


def test_the_sheet_with_the_header_is_read_whichever_it_is() -> None:
    data = book([["说明"], ["本表按月填报"]], [["统计期间", "2017-11"], ["单位", "4.2b 未督办"], ["集贤县", 2]])
    assert [(u, f.count) for u, f in read(data, "a.xlsx").facts] == [("集贤县", 2)]


def test_two_tables_in_one_file_are_not_half_read() -> None:
    rows: list[list[object]] = [["统计期间", "2017-11"], ["单位", "4.2b 未督办"], ["集贤县", 2]]
    (problem,) = read(book(rows, rows), "a.xlsx").problems
    assert "表1、表2" in problem.message


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "空"), (b"PK\x03\x04" + b"x" * 200, "损坏"), (b"%PDF-1.4 nothing", "不是电子表格"), (CSV[:5].encode(), "没有找到表头")],
    ids=["empty", "damaged", "another format", "no table"],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(data: bytes, says: str) -> None:
    found = read(data)
    assert found.facts == ()
    assert says in str(found.problems[0])
