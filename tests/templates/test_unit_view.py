"""The overview of a unit: who has it before anything came, whose move a gap is, what stands in no section."""

from __future__ import annotations

import copy
from typing import Any

from scoring.journal import REVIEWER, Entry
from templates.unit_view import unit_view
from templates.wording import on_page

Json = dict[str, Any]


def entry(kind: str, body: Json) -> Entry:
    """A live entry about 甲县."""
    return Entry(1, "2018-01-20T00:00:00+00:00", "复核甲", kind, "甲县", body, "", "", "")


def test_a_unit_that_sent_nothing_shows_who_has_it(rubric: Json) -> None:
    assert unit_view(None, rubric, [entry(REVIEWER, {"to": "张三", "items": []})]).reviewer == "张三"
    assert unit_view(None, rubric, []).reviewer == ""


def test_over_a_list_of_gaps_stands_whose_move_each_of_them_says_it_is(worksheet: Json, rubric: Json) -> None:
    def move(*messages: str) -> str:
        gaps = [{"kind": "file_quarantined", "section": None, "item": None, "claim": None, "catalog": None, "message": m} for m in messages]
        view = unit_view({**worksheet, "gaps": gaps}, rubric, [])
        return view.gaps[0].kind.move

    assert move("甲.docx：文件已损坏（单位补报）") == "单位补报"
    assert move("甲.docx：文件已损坏（单位补报）", "乙.docx：没有权限（管理员处理）") == "办公室处理"
    assert move("甲.docx：文件已损坏") == "办公室处理"


def test_claims_outside_all_sections_are_listed_because_no_item_shows_them(worksheet: Json, rubric: Json) -> None:
    assert unit_view(worksheet, rubric, []).outside == ()
    sheet = copy.deepcopy(worksheet)
    sheet["claims"][1] |= {"section": 0, "item": None}
    assert unit_view(sheet, rubric, []).outside == (("k2", sheet["claims"][1]["text"]),)


def test_pages_have_buttons_instead_of_commands() -> None:
    told = "发件人未知；请核对后决定：采用的，运行 zicha accept a.eml --by 姓名，不采用的，运行 zicha refuse a.eml --by 姓名（办公室处理）"
    assert on_page(told) == "发件人未知；请核对后决定采用或不采用（办公室处理）"
    assert on_page("与先前收到的文件内容完全相同") == "与先前收到的文件内容完全相同"
