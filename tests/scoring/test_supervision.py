"""Tables of online supervision: what is read, and what is refused with row and column."""

from __future__ import annotations

import pytest

from scoring.facts import Fact
from scoring.roster import load_roster
from scoring.rubric import builtin, load_rubric
from scoring.supervision import Form, count_of, letters, period_of, read_form

TEXTS = builtin()
RUBRIC = load_rubric(TEXTS)
ROSTER = load_roster(TEXTS["roster.toml"])


def grid(text: str) -> list[list[str]]:
    return [[c.strip() for c in line.split("|")] for line in text.strip().splitlines()]


def read(text: str, period: str = "") -> Form:
    return read_form(grid(text), RUBRIC, ROSTER, origin="通报.xlsx", period=period)


WIDE = """
统计期间 | 2017年11月
单位 | 4.2b 未督办预警信号（件次） | 3.3d 秘钥丢失（是／否） | 备注
集贤县 | 2 | 否 | 见通报
市发改委 | | 是 |
合计 | 2 | 1 |
注：据电子监察系统
"""
LONG = """
统计期间： | 2017
序号 | 单位名称 | 条款 | 次数 | 说明
1 | 集贤县人民政府 | 1.4b 漏报 | 1次 | 一季度
2 | 双鸭山市 教育局 | 1.4c | 2.0 |
3 | 集贤县 | 1.4b | 1 | 二季度
"""


def test_a_table_of_units_and_clauses() -> None:
    found = read(WIDE)
    assert found.problems == ()
    assert found.period == "2017-11"
    assert found.facts == (
        ("集贤县", Fact("4.2b", 2, "supervision", "见通报", "通报.xlsx 第3行", "2017-11")),
        ("集贤县", Fact("3.3d", 0, "supervision", "见通报", "通报.xlsx 第3行", "2017-11")),
        ("市发展和改革委员会", Fact("3.3d", 1, "supervision", "", "通报.xlsx 第4行", "2017-11")),
    )


def test_a_table_with_one_fact_a_row() -> None:
    found = read(LONG)
    assert found.problems == ()
    assert [(u, f.clause, f.count, f.note) for u, f in found.facts] == [
        ("集贤县", "1.4b", 1, "一季度"),
        ("市教育局", "1.4c", 2, ""),
        ("集贤县", "1.4b", 1, "二季度"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "row", "column", "says"),
    [
        pytest.param("集贤县 | 2", "集县 | 2", 3, "A", "名单中没有“集县”", id="unknown unit"),
        pytest.param("集贤县 | 2", " | 2", 3, "A", "没有写单位", id="no unit"),
        pytest.param("市发改委", "集贤县政府", 4, "A", "已在第3行", id="unit twice"),
        pytest.param("集贤县 | 2", "集贤县 | 若干", 3, "B", "“若干”不是次数", id="no number"),
        pytest.param("集贤县 | 2", "集贤县 | 1.5", 3, "B", "“1.5”不是次数", id="half a time"),
        pytest.param("集贤县 | 2", "集贤县 | -1", 3, "B", "“-1”不是次数", id="negative"),
        pytest.param("集贤县 | 2", "集贤县 | 99999", 3, "B", "9999", id="too many"),
        pytest.param("4.2b 未督办", "4.9b 未督办", 2, "B", "没有条款“4.9b”", id="unknown clause"),
        pytest.param("4.2b 未督办", "4.4b 未督办", 2, "B", "请填写4.4c", id="clause that follows"),
        pytest.param("4.2b 未督办", "3.3d 未督办", 2, "C", "不止一列", id="clause twice"),
        pytest.param("4.2b 未督办预警信号（件次）", "未督办预警信号", 2, "B", "不认识的列", id="column without a clause"),
        pytest.param("2017年11月", "11月", 0, "", "不能识别", id="no year"),
        pytest.param("2017年11月", "2018年1月", 0, "", "不在考核年度2017年内", id="another year"),
        pytest.param("2017年11月", "2017年13月", 0, "", "不能识别", id="no such month"),
        pytest.param("统计期间", "日期", 0, "", "没有写明统计期间", id="no period"),
    ],
)
def test_what_is_wrong_is_told_with_row_and_column_and_nothing_is_imported(old: str, new: str, row: int, column: str, says: str) -> None:
    assert old in WIDE
    found = read(WIDE.replace(old, new, 1))
    assert found.facts == ()
    (problem,) = found.problems
    assert (problem.row, letters(problem.column)) == (row, column)
    assert says in problem.message


def test_all_problems_are_told_at_once_in_the_order_of_the_sheet() -> None:
    found = read(WIDE.replace("集贤县 | 2 | 否", "集县 | x | 否").replace("| 是", "| 是否"))
    assert [str(p) for p in found.problems] == ["第3行A列：名单中没有“集县”", "第4行C列：“是否”不是次数，须为0或正整数（可写“是”“否”）"]


def test_an_item_that_the_group_is_not_assessed_by_is_refused_unless_there_is_nothing() -> None:
    head = "统计期间 | 2017\n单位 | 1.2a 未纳入考核体系（是／否）\n集贤县 | 是\n"
    assert read(head + "市教育局 | 否").problems == ()
    (problem,) = read(head + "市教育局 | 是").problems
    assert str(problem) == "第4行B列：市教育局不考核（一）2"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("项目 | 次数\n集贤县 | 2", "没有找到表头", id="no header"),
        pytest.param("统计期间 | 2017\n单位 | 备注\n集贤县 | 无", "没有条款的列", id="no clause"),
        pytest.param("统计期间 | 2017\n单位 | 条款\n集贤县 | 1.4b", "没有“次数”列", id="no counts"),
        pytest.param("统计期间 | 2017\n单位 | 1.4b 漏报\n集贤县 | ", "没有填写任何次数", id="nothing filled in"),
    ],
)
def test_a_table_that_says_nothing_is_refused(text: str, says: str) -> None:
    found = read(text)
    assert found.facts == ()
    assert says in str(found.problems[0])


def test_a_period_that_is_given_wins_over_the_tables_own() -> None:
    assert read(WIDE, period="2017-10").period == "2017-10"
    assert read(WIDE.replace("统计期间", "日期"), period="2017").facts[0][1].period == "2017"


@pytest.mark.parametrize(
    ("text", "period"),
    [("2017-11", "2017-11"), ("2017年3月", "2017-03"), ("2017．9", "2017-09"), ("2017年度", "2017"), ("2017/11/01", "2017-11"),
     ("2017年", "2017"), ("11月", None), ("2017-00", None), ("去年", None)],
)  # fmt: skip
def test_periods_as_people_write_them(text: str, period: str | None) -> None:
    assert period_of(text) == period


@pytest.mark.parametrize(
    ("text", "count"),
    [("2", 2), ("2.00", 2), ("3件次", 3), ("0", 0), ("是", 1), ("√", 1), ("否", 0), ("无", 0), ("1.5", None), ("1,000", None)],
)
def test_counts_as_people_write_them(text: str, count: int | None) -> None:
    assert count_of(text) == count


def test_columns_are_named_as_a_spreadsheet_names_them() -> None:
    assert [letters(n) for n in (0, 1, 26, 27, 52, 53)] == ["", "A", "Z", "AA", "AZ", "BA"]
