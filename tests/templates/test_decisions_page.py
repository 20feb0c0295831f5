"""What people decided stands on the pages with who and when, and never looks like the machine's word."""

from __future__ import annotations

import re
from typing import Any

import pytest

import templates
from templates.decisions_wording import sentence

Json = dict[str, Any]
WHO = {"by": "张三", "at": "2018-01-22T09:00:00+08:00", "seq": 3, "reason": "实为一件", "was": {"status": "missing", "catalog": []}}


def page(worksheet: Json, rubric: Json) -> str:
    return templates.render("worksheet.html", worksheet=worksheet, rubric=rubric, version="0")


def texts(html: str, css_class: str) -> list[str]:
    found = re.findall(rf'<span class="{css_class}"[^>]*>(.*?)</span>', html, re.S)
    return [re.sub(r"<[^>]+>", "", f).strip() for f in found]


def test_a_corrected_claim_says_so_and_by_whom(worksheet: Json, rubric: Json) -> None:
    worksheet["claims"][0]["corrected"] = WHO
    assert texts(page(worksheet, rubric), "fixed") == ["已更正 张三"]


def test_a_moved_block_says_so_where_it_is_quoted_and_in_the_report(worksheet: Json, rubric: Json) -> None:
    worksheet["blocks"][2]["corrected"] = WHO
    assert texts(page(worksheet, rubric), "fixed") == ["已更正 张三"] * 2


def test_what_a_person_struck_out_is_listed(worksheet: Json, rubric: Json) -> None:
    worksheet["removed_claims"] = [{**worksheet["claims"].pop(), "corrected": WHO}]
    html = page(worksheet, rubric)
    assert "审核人认定不是佐证的文字" in html and "实为一件" in html


def test_a_confirmation_whose_ground_changed_has_a_third_look_and_says_what_changed(worksheet: Json, rubric: Json) -> None:
    said = {"points": 4, "by": "张三", "at": WHO["at"], "seq": 3, "note": "已核原件", "ground": "x"}
    item = worksheet["score"]["items"][0]
    item["confirmed"] = {**said, "stale": False, "changed": []}
    before = page(worksheet, rubric)
    item["confirmed"] = {**said, "stale": True, "changed": [{"what": "claims", "message": "“名册”由有据变为目录无此件"}]}
    after = page(worksheet, rubric)
    assert texts(before, "stale") == [] and "已核原件" in before
    assert texts(after, "stale") == ["! 确认后有变化", "有变化"] and "“名册”由有据变为目录无此件" in after
    assert texts(before, "confirmed") == texts(after, "confirmed") == ["确认 4 分 张三 2018年1月22日 09:00"]


def test_points_that_are_not_yet_confirmed_look_like_a_suggestion(worksheet: Json, rubric: Json) -> None:
    worksheet["score"]["items"][0]["entered"] = {"points": 3, "by": "张三", "at": WHO["at"], "seq": 3, "note": ""}
    assert "暂记 3 分 张三" in texts(page(worksheet, rubric), "suggest")


def test_the_board_adds_up_what_is_confirmed_and_marks_what_changed_since(worksheet: Json, rubric: Json) -> None:
    items = worksheet["score"]["items"]
    items[0]["confirmed"] = {"points": 4.5, "by": "张三", "at": WHO["at"], "stale": True, "changed": []}
    items[1]["confirmed"] = {"points": 0.1, "by": "张三", "at": WHO["at"], "stale": False, "changed": []}
    applying = sum(i["applies"] for i in items)
    assert templates.board_row(worksheet, rubric)["confirmed"] == {"done": 2, "items": applying, "points": "4.6", "stale": 1}


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=1>'])
def test_what_a_person_wrote_is_text_and_nothing_else(worksheet: Json, rubric: Json, text: str) -> None:
    worksheet["claims"][0]["corrected"] = {**WHO, "by": text, "reason": text}
    worksheet["score"]["items"][0]["confirmed"] = {"points": 4, "by": text, "at": WHO["at"], "note": text, "stale": True, "changed": []}
    assert "<script>alert" not in page(worksheet, rubric) and "<img src=x" not in page(worksheet, rubric)


class Word:
    def __init__(self, kind: str, body: Json, reason: str = "") -> None:
        self.kind, self.body, self.reason = kind, body, reason


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (Word("points", {"item": "1.1", "points": "4.5", "confirmed": True}, "已核"), "1.1 确认4.5分（已核）"),
        (Word("applies", {"item": "6.2", "applies": False}, "无此职能"), "6.2 不适用（无此职能）"),
        (Word("claim_link", {"claim": {"text": "名册"}, "rows": [{"no": "2", "title": "人员名册"}]}), "“名册”对应目录第2项“人员名册”"),
        (Word("block_move", {"block": {"text": "一段"}, "section": 3, "item": None}), "“一段”改归第3部分"),
        (Word("fact", {"clause": "4.2b", "count": 2, "period": "2017-11"}), "4.2b 计2次，2017-11"),
        (Word("undo", {"of": 7}), "撤销第7条"),
    ],
)
def test_a_record_reads_as_a_sentence(word: Word, said: str) -> None:
    assert sentence(word) == said
