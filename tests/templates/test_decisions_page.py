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


def test_who_approved_and_what_changed_since_stands_at_the_head(worksheet: Json, rubric: Json) -> None:
    review = {"state": "approved", "by": "王五", "at": WHO["at"], "seq": 9, "reason": "", "items": [], "stale": False, "changed": []}
    worksheet["review"] = review
    approved = page(worksheet, rubric)
    assert "已复核" in texts(approved, "confirmed") and "王五 2018年1月22日 09:00" in approved and texts(approved, "stale") == []
    worksheet["review"] = {**review, "stale": True, "changed": ["1.3"]}
    assert "! 复核后有变化" in texts(page(worksheet, rubric), "stale")
    worksheet["review"] = {**review, "state": "returned", "items": ["1.1"], "reason": "看错一行"}
    assert "退回重新审核" in page(worksheet, rubric) and "看错一行" in page(worksheet, rubric)
    worksheet["review"] = {**review, "state": "open", "reason": "单位补报"}
    assert "已解除锁定，未复核" in page(worksheet, rubric)


def test_what_is_on_paper_and_who_reviews_stands_there_where_it_was_recorded(worksheet: Json, rubric: Json) -> None:
    assert "纸质材料" not in page(worksheet, rubric) and "审核人</dt>" not in page(worksheet, rubric)
    worksheet["paper"] = {"received": None, "stamped": None, "rows": {}, "lost": [], "open": ["纸质佐证材料未收到"]}
    worksheet["reviewers"] = {"unit": "张三", "items": {"1.1": "李四"}}
    html = page(worksheet, rubric)
    assert "纸质佐证材料未收到" in html and "1.1 李四" in html


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=1>'])
def test_what_a_person_wrote_is_text_and_nothing_else(worksheet: Json, rubric: Json, text: str) -> None:
    worksheet["claims"][0]["corrected"] = {**WHO, "by": text, "reason": text}
    worksheet["score"]["items"][0]["confirmed"] = {"points": 4, "by": text, "at": WHO["at"], "note": text, "stale": True, "changed": []}
    who = {"by": text, "at": WHO["at"], "seq": 9}
    worksheet["review"] = {**who, "state": "approved", "reason": text, "items": [], "stale": True, "changed": []}
    worksheet["reviewers"] = {"unit": text, "items": {"1.1": text}}
    worksheet["paper"] = {"received": {**who, "date": text}, "stamped": None, "rows": {}, "lost": [], "open": [text]}
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
        (Word("reviewer", {"to": "李四", "items": []}), "全部条目由李四审核"),
        (Word("reviewer", {"to": "", "items": ["1.1", "1.2"]}), "1.1、1.2不再指定审核人"),
        (Word("approve", {}), "复核通过，锁定"),
        (Word("return", {"items": ["1.1"]}, "看错一行"), "退回1.1重新审核（看错一行）"),
        (Word("unlock", {}, "单位补报"), "解除锁定（单位补报）"),
        (Word("paper_received", {"date": "2018-01-19", "received": True}), "纸质材料2018-01-19已收"),
        (Word("paper_received", {"date": "", "received": False}), "纸质材料未收到"),
        (Word("paper_stamp", {"stamped": False}), "目录清单首页未盖章"),
        (Word("paper_row", {"row": {"no": "3", "title": "签到簿"}, "checked": True}), "目录第3项“签到簿”原件已核"),
        (Word("user", {"name": "李四", "what": "新建，初核"}), "用户李四：新建，初核"),
    ],
)
def test_a_record_reads_as_a_sentence(word: Word, said: str) -> None:
    assert sentence(word) == said
