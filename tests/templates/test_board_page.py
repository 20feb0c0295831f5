"""The board: every unit of the roster, what is missing, and sums that add up."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from lxml import html

from templates import absent_row, board_row, render
from templates.wording import GAP_KINDS

Json = dict[str, Any]


@pytest.fixture
def board(worksheet: Json, rubric: Json) -> Json:
    row = board_row(worksheet, rubric, "01-甲县-工作单.html")
    return {
        "groups": [{"group": "county", "rows": [row, absent_row("乙县")]}, {"group": "municipal", "rows": [absent_row("市丙局")]}],
        "unassigned": [],
        "arrivals": {"arrived": 4, "states": {"used": 2, "duplicate": 1, "quarantined": 1, "waiting": 0}, "arrivals": [
            {"name": "坏.docx", "parent": "a.eml", "state": "quarantined", "cause": "文件已损坏；请单位重新报送（单位补报）"}]},
        "inbox": "/srv/inbox",
        "generated_from": "依据1封来件",
    }  # fmt: skip


def tree(board: Json, rubric: Json) -> Any:
    return html.document_fromstring(render("board.html", board=board, rubric=rubric, version="0.1.0"))


def text_of(node: Any, path: str) -> str:
    return " ".join(" ".join(n.text_content() for n in node.xpath(path)).split())


def test_every_unit_stands_in_its_group_with_its_state(board: Json, rubric: Json) -> None:
    document = tree(board, rubric)
    assert [" ".join(h.text_content().split()) for h in document.xpath("//*[@class='card units']/h2")] == [
        "县区 2 个单位，已报 1", "市政府直属单位 1 个单位，已报 0"]  # fmt: skip
    assert [text_of(r, "./td[2]") + text_of(r, "./td[3]") for r in document.xpath("//*[@class='card units']//tbody/tr")] == [
        "甲县已收", "乙县未报", "市丙局未报"]  # fmt: skip


def test_gaps_are_counted_by_kind_and_the_row_leads_to_the_worksheet(board: Json, rubric: Json) -> None:
    document = tree(board, rubric)
    heads = [h.text_content() for h in document.xpath("(//*[@class='card units']//thead)[1]//th")]
    cells = [c.text_content() for c in document.xpath("(//*[@class='card units']//tbody/tr)[1]/td")]
    row = dict(zip(heads, cells, strict=True))
    assert (row["无佐证"], row["目录无此件不符、冲突"], row["待核"], row["其他"], row["缺口"]) == ("1", "2", "1", "1", "5")
    assert document.xpath("(//td[@title])[2]/@title") == ["不符 1，无此件 1"]
    assert "无报告无目录" not in row and "缺部分缺条目" not in row, "no unit has such a gap"
    assert row["佐证"] == "3" and row["收到"] == "2018年1月19日 16:02"
    assert document.xpath("//td[@class='u']/a/@href") == ["./01-%E7%94%B2%E5%8E%BF-%E5%B7%A5%E4%BD%9C%E5%8D%95.html"]


def test_the_ledger_adds_up_on_the_page(board: Json, rubric: Json) -> None:
    assert text_of(tree(board, rubric), "//*[@class='sum']") == "收到 4 件 ＝ 采用 2 ＋ 重复 1 ＋ 未能处理 1"


def test_a_ledger_that_does_not_add_up_is_said_aloud(board: Json, rubric: Json) -> None:
    board["arrivals"]["arrived"] = 5
    assert "合计不符" in text_of(tree(board, rubric), "//*[@class='sum']")


def test_quarantine_stands_with_its_cause_and_whose_move_it_is(board: Json, rubric: Json) -> None:
    assert "未能处理 坏.docx 在 a.eml 中 文件已损坏；请单位重新报送（单位补报）" in " ".join(
        td for td in [text_of(tree(board, rubric), "//*[@id='arrivals']//td")]
    )


def test_mail_that_nobody_could_assign_comes_first(board: Json, rubric: Json) -> None:
    board["unassigned"] = [{"name": "x.eml", "sender": "某人", "subject": "", "received_at": None, "cause": "没有单位名称", "link": None}]
    first = tree(board, rubric).xpath("//main/section")[0]
    assert "不能确定单位的来件 1 件，办公室处理" in " ".join(first.text_content().split())


def test_an_empty_board_says_where_mail_must_arrive_and_how_to_see_it(rubric: Json) -> None:
    empty = {"groups": [{"group": "county", "rows": [absent_row("乙县")]}], "unassigned": [], "inbox": "/srv/inbox", "generated_from": "",
             "arrivals": {"arrived": 0, "states": {}}}  # fmt: skip
    words = text_of(tree(empty, rubric), "//*[@id='arrivals']")
    assert "/srv/inbox" in words and "zicha status" in words


def test_the_heat_map_has_one_letter_of_state_for_each_item(board: Json, rubric: Json) -> None:
    cells = tree(board, rubric).xpath("//*[local-name()='svg']//*[local-name()='g']")
    assert [c.text_content().strip() for c in cells] == ["甲县 1.1：冲突!", "甲县 1.2：未提供缺", "甲县 2.1：无内容·", "甲县 2.2：不适用—"]
    assert [a.get("href").split("#")[1] for a in cells[0].xpath("ancestor::*[local-name()='svg']//*[local-name()='a']")] == [
        "i1-1", "i1-2", "i2-1", "i2-2"]  # fmt: skip


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//evil.example/x", "https://evil.example/", "\\\\evil\\x", '"><script>'])
def test_a_link_can_only_lead_to_a_file_beside_the_board(board: Json, rubric: Json, link: str) -> None:
    board["groups"][0]["rows"][0]["link"] = link
    (target,) = tree(board, rubric).xpath("//td[@class='u']/a/@href")
    assert target.startswith("./") and ":" not in target and "\\" not in target and "<" not in target


def test_a_hostile_worksheet_makes_a_harmless_row(board: Json, rubric: Json, worksheet: Json, samples: ModuleType) -> None:
    board["groups"][0]["rows"] = [board_row(samples.hostile(worksheet), rubric, None)]
    board["unassigned"] = [dict.fromkeys(("name", "sender", "subject", "received_at", "cause"), samples.HOSTILE) | {"link": None}]
    written = render("board.html", board=board, rubric=rubric, version="0.1.0")
    assert "<script" not in written and "<img" not in written and written.count("</style>") == 1


def test_every_kind_of_gap_is_counted_in_one_of_six_columns(board: Json, rubric: Json) -> None:
    row = board["groups"][0]["rows"][0] | {"gaps": dict.fromkeys([*GAP_KINDS, "brand_new"], 1)}
    board["groups"] = [{"group": "county", "rows": [row]}]
    cells = tree(board, rubric).xpath("//*[@class='card units']//td[@title]")
    assert len(cells) == 6
    assert sum(int(c.text_content()) for c in cells) == len(GAP_KINDS) + 1


def test_a_unit_whose_files_tell_no_time_says_so(board: Json, rubric: Json) -> None:
    board["groups"][0]["rows"][0]["received_at"] = None
    assert text_of(tree(board, rubric), "(//*[@class='card units']//tbody/tr)[1]/td[4]") == "时间不明"


def test_the_heat_map_begins_anew_with_its_head_where_a_printed_page_is_full(board: Json, rubric: Json) -> None:
    row = board["groups"][0]["rows"][0]
    board["groups"][0]["rows"] = [row | {"unit": f"第{n}县"} for n in range(53)]
    maps = tree(board, rubric).xpath("//*[local-name()='svg']")
    assert [len(m.xpath("./*[local-name()='text'][@class='u']")) for m in maps] == [25, 25, 3]
    assert {len(m.xpath("./*[local-name()='text'][@class='h']")) for m in maps} == {4}


def test_a_unit_name_wider_than_the_heat_map_is_cut_there_and_told_in_full(board: Json, rubric: Json, samples: ModuleType) -> None:
    board["groups"][0]["rows"][0]["unit"] = samples.LONG_UNIT
    (name,) = tree(board, rubric).xpath("//*[local-name()='svg']/*[local-name()='text'][@class='u']")
    assert name.text_content().startswith(samples.LONG_UNIT) and name.text_content().endswith("…")
