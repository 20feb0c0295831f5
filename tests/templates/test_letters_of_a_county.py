"""Another office's rubric and roster: fewer items, other words, other numbers; nothing of the shipped one shows through."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import docx
import openpyxl
import pytest

from scoring.roster import Roster, load_roster
from scoring.rubric import Rubric, load_rubric
from scoring.totals import standings
from templates.letters import unit_letters
from templates.letters_texts import load_texts
from templates.letters_words import Occasion
from templates.tables import season_files
from templates.tables_rows import Season

RUBRIC = """
id = "county-2018"
title = "某县2018年度政务公开工作评分办法"
year = 2018
deadline_day = 2019-01-10
utc_offset = "+08:00"
office = "某县人民政府办公室"
[points]
base = 10
bonus = 2
weight = 3
[groups]
county = "all"
municipal = "all"
provincial = "all"
[[sections]]
number = 1
name = "主动公开"
points = 10
headings = ["主动公开"]
[[sections.items]]
number = 1
name = "公开目录"
points = 6.5
text = "编制公开目录。"
rule = "6.5分，未编制的不得分"
clauses = ["未编制的不得分"]
[[sections.items]]
number = 2
name = "公开指南"
points = 3.5
text = "编制公开指南。"
rule = "3.5分"
clauses = []
[[sections]]
number = 12
name = "特色工作"
points = 2
bonus = true
headings = ["特色工作"]
[[sections.items]]
number = 1
name = "创新"
points = 2
text = "开展创新。"
rule = "加2分"
clauses = []
"""
ROSTER = """
[[units]]
name = "甲镇/街道"
group = "county"
full = "甲镇人民政府"
[[units]]
name = "乙镇"
group = "county"
full = "乙镇人民政府"
"""


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric({"rubric.toml": RUBRIC})


@pytest.fixture(scope="module")
def roster() -> Roster:
    return load_roster(ROSTER)


def sheet(rubric: Rubric) -> dict[str, Any]:
    def item(i: Any) -> dict[str, Any]:
        points = 0 if i.bonus else float(i.points)
        return {"item": i.id, "max": float(i.points), "applies": True, "self": None, "suggested": points, "deductions": [], "proposals": [],
                "ground": "x", "confirmed": None}  # fmt: skip

    gap = {
        "kind": "item_without_evidence",
        "section": 1,
        "item": "1.2",
        "claim": None,
        "catalog": None,
        "message": "公开指南：未提供佐证材料，待核实",
    }
    return {
        "unit": {"name": "乙镇", "group": "county"}, "submission": {"late": False, "files": []}, "blocks": [], "claims": [], "catalog": [],
        "gaps": [gap, {**gap, "kind": "section_missing", "item": None, "section": 12, "message": "特色工作：报告未涉及（单位补报）"}],
        "score": {"items": [item(i) for i in rubric.items], "self_total": None},
    }  # fmt: skip


def words(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_letters_speak_of_that_offices_work(rubric: Rubric, roster: Roster) -> None:
    found = sheet(rubric)
    (standing,) = (s for s in standings({"乙镇": found}, rubric, roster, weight=rubric.weight) if s.unit == "乙镇")
    files = unit_letters("02-乙镇", found, roster.unit("乙镇"), rubric, standing, load_texts(), Occasion())
    letter, form = words(files["02-乙镇-补正通知.docx"]), words(files["02-乙镇-量化评分表.docx"])
    assert "某县人民政府办公室" in letter and "编制公开指南。（3.5分）" in letter and "能够证明此项工作的佐证材料\n" in letter
    assert "第12部分 特色工作（2分）" in letter
    assert "基础分合计（满分10分）" in form and "按比例折算计入年度目标考核" in form
    assert not any(word in letter + form for word in ("双鸭山", "互联网", "市政府"))


def test_tables_have_that_rubrics_items(rubric: Rubric, roster: Roster) -> None:
    season = Season(standings({"乙镇": sheet(rubric)}, rubric, roster, weight=rubric.weight), {"乙镇": sheet(rubric)}, rubric)
    book = openpyxl.load_workbook(io.BytesIO(season_files(season, version="0.1.0")["汇总表.xlsx"]))
    heads = [c.value for c in book["条目得分"][1]]
    assert heads[3:6] == ["（一）1\n6.5分", "（一）2\n3.5分", "12.1\n2分"]
    totals = dict(zip([c.value for c in book["汇总"][1]], [c.value for c in book["汇总"][3]], strict=True))
    assert (totals["单位"], totals["建议基础分"], totals["建议百分制"], totals["建议折算分"]) == ("乙镇", 10, 100, 3)
    assert season.rubric.weight == Decimal(3)
