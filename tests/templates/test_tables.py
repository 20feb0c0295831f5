"""Tables: real numbers, 未报 empty and never 0, ties as ties, nothing that runs, ready to print."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from decimal import Decimal
from types import ModuleType
from typing import Any

import openpyxl
import pytest

from templates.tables import season_files
from templates.tables_rows import Season, Table, all_tables, items, matrix, ranking, summary


def files(season: Season) -> dict[str, bytes]:
    return season_files(season, version="0.1.0")


def book(season: Season) -> Any:
    return openpyxl.load_workbook(io.BytesIO(files(season)["汇总表.xlsx"]))


def rows(table: Table) -> list[dict[str, Any]]:
    return [dict(zip([c.head for c in table.columns], row, strict=True)) for row in table.rows]


def of(table: Table, unit: str) -> dict[str, Any]:
    return next(r for r in rows(table) if r["单位"] == unit)


def confirmed_all(office: ModuleType, **changes: str) -> dict[str, str]:
    points = {i.id: "0" if i.bonus else str(i.points) for i in office.rubric().items}
    return points | {key.replace("_", "."): value for key, value in changes.items()}


def test_a_unit_without_a_report_has_no_number_and_no_rank(office: ModuleType) -> None:
    season = office.season(office.sheet("集贤县"), office.no_report("饶河县"))
    for unit in ("尖山区", "饶河县"):
        found = of(summary(season), unit)
        assert found["状态"] == "未报"
        assert {k for k, v in found.items() if v is not None} == {"序号", "单位", "组别", "状态"}
    cells = [c.value for c in book(season)["汇总"][2]]
    assert cells[:4] == [1, "尖山区", "县区", "未报"] and set(cells[4:]) == {None}


def test_self_suggested_and_confirmed_stand_beside_each_other(office: ModuleType) -> None:
    sheet = office.sheet(suggested={"1.1": "2"}, confirmed=confirmed_all(office, **{"1_1": "3.5"}))
    found = of(summary(office.season(sheet)), "集贤县")
    assert (found["自评总分"], found["建议总分"], found["确认总分"]) == (Decimal("97.5"), 97, Decimal("98.5"))
    assert found["状态"] == "已确认" and found["已确认条目"] == found["适用条目"] == 25


def test_confirmed_totals_are_empty_until_everything_is_confirmed(office: ModuleType) -> None:
    found = of(summary(office.season(office.sheet(confirmed={"1.1": "3"}))), "集贤县")
    assert (found["确认总分"], found["排名依据总分"], found["已确认条目"]) == (None, 98, 1)


def test_who_confirmed_and_when_is_told_in_the_offices_time(office: ModuleType) -> None:
    found = of(items(office.season(office.sheet(confirmed={"1.1": "3"}))), "集贤县")
    assert (found["确认人"], found["确认时间"]) == ("甲审核员", "2018年2月1日 09:00")


@pytest.mark.parametrize(
    ("state", "stale", "word", "by"),
    [
        ("approved", False, "已复核", "王五"),
        ("approved", True, "有变化", "王五"),
        ("returned", False, "已退回", "王五"),
        ("open", False, "未复核", None),
    ],
)
def test_the_second_check_stands_with_who_and_when(office: ModuleType, state: str, stale: bool, word: str, by: str | None) -> None:
    review = {"state": state, "by": "王五", "at": "2018-02-01T01:00:00+00:00", "seq": 9, "stale": stale, "changed": []}
    season = office.season(office.sheet() | {"review": review}, office.sheet("饶河县"))
    row = of(summary(season), "集贤县")
    assert (row["复核"], row["复核人"], row["复核时间"]) == (word, by, "2018年2月1日 09:00" if by else None)
    assert of(ranking(season), "集贤县")["复核"] == word
    assert (of(summary(season), "饶河县")["复核"], of(summary(season), "饶河县")["复核人"]) == ("未复核", None)
    assert of(summary(season), "尖山区")["复核"] is None, "what has not come is not checked"


def test_ties_are_ties_and_the_next_rank_is_left_out(office: ModuleType) -> None:
    sheets = [office.sheet(u, suggested={"1.1": p}) for u, p in (("集贤县", "3"), ("友谊县", "5"), ("宝清县", "3"), ("饶河县", "1"))]
    found = [(r["名次"], r["并列"], r["单位"]) for r in rows(ranking(office.season(*sheets))) if r["组别"] == "县区" and r["名次"]]
    assert found == [(1, None, "友谊县"), (2, "并列", "集贤县"), (2, "并列", "宝清县"), (4, None, "饶河县")]


def test_ranks_are_counted_within_the_group(office: ModuleType) -> None:
    season = office.season(office.sheet("集贤县"), office.sheet("市教育局", suggested={"1.1": "0"}, off=["1.2"]))
    assert [of(ranking(season), u)["名次"] for u in ("集贤县", "市教育局")] == [1, 1]


def test_who_did_not_report_stands_last_in_the_group(office: ModuleType) -> None:
    found = [r for r in rows(ranking(office.season(office.sheet("饶河县", suggested={"1.1": "0"})))) if r["组别"] == "县区"]
    assert found[0]["单位"] == "饶河县" and {r["名次"] for r in found[1:]} == {None}


def test_units_on_related_tasks_show_base_and_score_of_a_hundred(office: ModuleType) -> None:
    off = [i.id for i in office.rubric().items if i.section in (2, 3, 4, 5, 7)]
    found = of(summary(office.season(office.sheet("市国税局", off=[*off, "1.2"], suggested={"1.1": "2"}))), "市国税局")
    assert (found["适用满分"], found["建议基础分"], round(found["建议百分制"], 2)) == (25, 22, Decimal("88.00"))


def test_the_conversion_is_there_only_where_a_weight_is_set(office: ModuleType) -> None:
    assert "建议折算分" not in of(summary(office.season(office.sheet())), "集贤县")
    assert of(summary(office.season(office.sheet(), weight="5")), "集贤县")["建议折算分"] == 5
    (column,) = (c for c in summary(office.season(office.sheet(), weight="5")).columns if c.head == "建议折算分")
    assert column.meaning.startswith("（百分制 ＋ 加分）× 权重 ÷ 100")


def test_the_matrix_has_three_rows_for_each_unit(office: ModuleType) -> None:
    sheet = office.sheet(own={"1.1": "4"}, suggested={"1.1": "2"}, confirmed={"1.1": "3"}, off=["6.2"])
    found = [r for r in rows(matrix(office.season(sheet))) if r["单位"] == "集贤县"]
    assert [(r["类别"], r["（一）1\n5分"]) for r in found] == [("自评", 4), ("建议", 2), ("确认", 3)]
    assert {r["（六）2\n5分"] for r in found} == {"—"}
    assert len(rows(matrix(office.season(sheet)))) == 3 * len(office.roster().units)


def test_numbers_are_numbers_in_the_workbook(office: ModuleType) -> None:
    sheet = book(office.season(office.sheet(suggested={"1.1": "2.5"})))["汇总"]
    heads = [c.value for c in sheet[1]]
    cell = next(r for r in sheet.iter_rows(min_row=2) if r[1].value == "集贤县")[heads.index("建议总分")]
    assert (cell.value, cell.data_type) == (97.5, "n")


def test_deductions_stand_with_clause_count_source_and_reason(office: ModuleType) -> None:
    facts = [{"clause": "1.1b", "count": 1, "source": "reviewer", "note": "抽查", "origin": "甲"}]
    taken = {"rule": "1.1b", "points": 3, "count": 1, "reason": "抽查未见会议记录", "source": "reviewer", "facts": facts}
    season = office.season(office.sheet(suggested={"1.1": "2"}, deductions={"1.1": [taken]}))
    (found,) = rows(all_tables(season)[-1])
    clause = next(c.text for c in office.rubric().item("1.1").clauses if c.id == "1.1b")
    assert (found["来源"], found["依据"]) == ("审核认定", "抽查；甲")
    assert (found["条款号"], found["条款原文"], found["次数"], found["分值"], found["理由"]) == ("1.1b", clause, 1, 3, "抽查未见会议记录")


@pytest.mark.parametrize("attack", ["=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1"])
def test_no_cell_runs_whatever_a_person_or_a_roster_wrote(office: ModuleType, attack: str) -> None:
    sheet = office.sheet(confirmed={"1.1": "3"})
    sheet["score"]["items"][0]["confirmed"] |= {"note": attack, "by": attack}
    season = office.season(sheet)
    for worksheet in book(season):
        for cell in (c for r in worksheet.iter_rows() for c in r):
            assert cell.data_type != "f" and not str(cell.value or "").lstrip().startswith(tuple("=+@"))
    cells = [c for r in csv.reader(io.StringIO(files(season)["条目得分明细.csv"].decode("utf-8-sig"))) for c in r]
    assert "'" + attack in cells


def test_no_formula_is_in_the_workbooks_xml(office: ModuleType) -> None:
    with zipfile.ZipFile(io.BytesIO(files(office.season(office.sheet()))["汇总表.xlsx"])) as package:
        sheets = [package.read(n).decode() for n in package.namelist() if n.startswith("xl/worksheets/")]
    assert len(sheets) == 6 and not any("<f>" in s or "<f " in s for s in sheets)


def test_every_sheet_prints_across_a4_with_its_head_on_every_page(office: ModuleType) -> None:
    for sheet in book(office.season(office.sheet())):
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (1, 0, True)
        assert sheet.print_title_rows == "$1:$1" and sheet.freeze_panes is not None
        assert all(sheet.column_dimensions[c.column_letter].width for c in sheet[1])


def test_the_last_sheet_explains_every_column_and_names_rubric_and_version(office: ModuleType) -> None:
    season = office.season(office.sheet())
    explained = [tuple(c.value for c in r) for r in book(season)["说明"].iter_rows(min_row=2)]
    assert ("全部", "程序版本", "自查 0.1.0") in explained and ("全部", "细则校验码", office.rubric().sha256) in explained
    named = {(table, column) for table, column, meaning in explained if meaning}
    assert named >= {(t.name, " ".join(c.head.split())) for t in all_tables(season) for c in t.columns}


def test_csv_begins_with_the_mark_that_office_programs_look_for(office: ModuleType) -> None:
    data = files(office.season(office.sheet()))["汇总表.csv"]
    assert data.startswith(b"\xef\xbb\xbf") and data.count(b"\r\n") == 1 + len(office.roster().units)


def test_json_holds_everything_and_null_where_nothing_is(office: ModuleType) -> None:
    sheet = office.sheet()
    data = json.loads(files(office.season(sheet))["全部数据.json"])
    found = {u["unit"]: u for u in data["units"]}
    assert data["format"] == "zicha.export/1" and len(found) == len(office.roster().units)
    assert found["集贤县"]["worksheet"] == sheet and found["集贤县"]["suggested"]["total"] == 100
    silent = found["尖山区"]
    assert silent["state"] == "not_received" and {silent[k] for k in ("suggested", "confirmed", "current", "rank", "items")} == {None}


def test_the_same_season_is_the_same_bytes(office: ModuleType) -> None:
    season = office.season(office.sheet(confirmed={"1.1": "3"}), office.no_report("饶河县"))
    assert files(season) == files(season)


def test_a_cell_too_long_for_the_format_is_cut_not_refused(office: ModuleType) -> None:
    sheet = office.sheet(confirmed={"1.1": "3"})
    sheet["score"]["items"][0]["confirmed"]["note"] = "长" * 40_000 + "\x00"
    cells = [str(c.value) for r in book(office.season(sheet))["条目明细"].iter_rows() for c in r if c.value]
    assert max(map(len, cells)) == 32_000
