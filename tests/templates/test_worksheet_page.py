"""A worksheet file: what stands on it, in which order, and that nothing a sender wrote can act in it."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from lxml import html

from scoring.rubric import builtin, load_rubric
from templates import plain_rubric, render

Json = dict[str, Any]
SAMPLES = ("many_claims", "no_claims", "long_claim", "no_catalog", "no_report", "unknown_unit", "long_unit", "hostile")
CASES = Path(__file__).resolve().parents[1] / "cases" / "shared"


def page(worksheet: Json, rubric: Json) -> str:
    return render("worksheet.html", worksheet=worksheet, rubric=rubric, version="0.1.0")


def tree(worksheet: Json, rubric: Json) -> Any:
    return html.document_fromstring(page(worksheet, rubric))


def text_of(node: Any, path: str) -> str:
    return " ".join(" ".join(n.text_content() for n in node.xpath(path)).split())


def check_links(document: Any) -> None:
    """Ids are unique and ours, every link leads somewhere on this page, nothing is loaded and nothing runs."""
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert not [i for i in ids if not re.fullmatch(r"[a-z]+[0-9]*(-[0-9]+)*", i)]
    targets = document.xpath("//@href")
    assert targets
    assert not [t for t in targets if not t.startswith("#") or t[1:] not in ids]
    assert not document.xpath("//script | //img | //iframe | //object | //embed | //link | //form | //base | //@style | //@src")
    assert not [a for a in document.xpath("//@*") if a.attrname.startswith("on")]


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_page_stands_alone_whatever_it_holds(sample: str, samples: ModuleType, worksheet: Json, rubric: Json) -> None:
    check_links(tree(getattr(samples, sample)(worksheet), rubric))


@pytest.mark.parametrize("case", ["d01", "d02", "d03", "d04", "d05", "d06"])
def test_a_labelled_submission_makes_a_page_on_which_every_item_stands(case: str, gold: ModuleType) -> None:
    rubric = load_rubric(builtin())
    sheet = gold.worksheet_of(json.loads((CASES / case / "gold.json").read_text("utf-8")), rubric, "county")
    document = tree(sheet, plain_rubric(rubric))
    check_links(document)
    assert len(document.xpath("//article")) == 25
    assert len(document.xpath("//*[@id='report']//p")) == len(sheet["blocks"])
    assert len(document.xpath("//tr[starts-with(@id, 'k')]")) == len(sheet["claims"])
    assert len(document.xpath("//tr[starts-with(@id, 'c')]")) == len(sheet["catalog"])


def test_what_a_sender_wrote_is_shown_and_never_obeyed(samples: ModuleType, worksheet: Json, rubric: Json) -> None:
    written = page(samples.hostile(worksheet), rubric)
    document = html.document_fromstring(written)
    assert "<script" not in written and "<img" not in written and "49" not in text_of(document, "//h1")
    assert written.count("</style>") == 1
    for where in ("//h1", "//*[@class='files']", "//*[@id='gaps']", "//article", "//*[@id='catalog']", "//*[@id='report']"):
        assert samples.HOSTILE in text_of(document, where)


def test_a_hostile_unit_name_does_not_leave_the_printed_foot(samples: ModuleType, worksheet: Json, rubric: Json) -> None:
    worksheet["unit"]["name"] = '甲县"; } body { display: none } @import "x'
    style = text_of(tree(worksheet, rubric), "//style")
    foot = style[style.index("@page { @bottom-left") :]
    assert "甲县" in foot and "display" not in foot.replace("display\\", "")
    assert foot.count("{") == foot.count("}") == 3


def test_the_browser_is_told_to_load_nothing_and_to_trust_only_this_style(worksheet: Json, rubric: Json) -> None:
    written = page(worksheet, rubric)
    style = written[written.index("<style>") + 7 : written.index("</style>")]
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = html.document_fromstring(written).xpath("//meta[@http-equiv]/@content")[0]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style and "@import" not in style


def test_the_same_worksheet_gives_the_same_bytes(worksheet: Json, rubric: Json) -> None:
    assert page(worksheet, rubric) == page(json.loads(json.dumps(worksheet)), rubric)


def test_gaps_come_before_the_items_and_keep_the_order_of_the_worksheet(worksheet: Json, rubric: Json) -> None:
    document = tree(worksheet, rubric)
    order = [e.get("id") for e in document.xpath("//main/section")]
    assert order == ["gaps", "sec1", "sec2", "outside", "catalog", "report"]
    heads = [" ".join(h.text_content().split()) for h in document.xpath("//*[@id='gaps']//h3")]
    assert [h.split(" ")[0] for h in heads] == ["单位补报缺未提供佐证材料的条目", "单位补报!题名相近，但文号、年份或关键字不符",
                                                "单位补报✗报告提到、目录清单中没有的材料", "办公室处理?待核实的材料",
                                                "办公室处理○目录清单中有、报告未引用的材料"]  # fmt: skip


def test_a_gap_leads_to_its_item_its_claim_and_its_sentence(worksheet: Json, rubric: Json) -> None:
    document = tree(worksheet, rubric)
    links = document.xpath("//*[@id='gaps']//tr[contains(., '名册有两行相近')]//@href")
    assert links == ["#i1-1", "#k3", "#s3"]
    assert document.xpath("//*[@id='report']//*[@id='s3']")[0].text_content() == "工作人员名册"


def test_a_kind_of_gap_that_nobody_has_worded_is_still_shown(worksheet: Json, rubric: Json) -> None:
    worksheet["gaps"] = [{"kind": "brand_new", "section": 9, "item": "9.9", "claim": "k99", "catalog": None, "message": "一种新情况"}]
    assert "其他需要核实的情况 1 处 一种新情况" in text_of(tree(worksheet, rubric), "//*[@id='gaps']")


def test_a_twin_is_shown_beside_the_claim_with_the_differing_number_marked(worksheet: Json, rubric: Json) -> None:
    claim = tree(worksheet, rubric).xpath("//tr[@id='k1']")[0]
    assert "相近但不是" in claim.text_content()
    assert text_of(claim, "./td[4]") == "不符目录中同名材料文号不同", "the short reason; the whole sentence stands among the gaps"
    assert [m.text_content() for m in claim.xpath(".//mark")] == ["2017", "2016"]


def test_the_row_that_stands_under_a_wrong_number_is_named_as_such(worksheet: Json, rubric: Json) -> None:
    worksheet["gaps"] = [
        {"kind": "ref_conflict", "section": 1, "item": "1.1", "claim": "k2", "catalog": "c5", "message": "所注编号与目录不符"}
    ]
    claim = tree(worksheet, rubric).xpath("//tr[@id='k2']")[0]
    assert "所注编号处为：5宣传册" in text_of(claim, "./td[3]") and "相近但不是" not in claim.text_content()
    assert text_of(claim, "./td[4]") == "编号冲突题名一致" and not claim.xpath(".//mark")


def test_a_message_that_quotes_the_claim_with_turned_quotation_marks_is_not_followed_by_the_claim(worksheet: Json, rubric: Json) -> None:
    worksheet["claims"][2]["text"] = "“三统一”名册"
    worksheet["gaps"] = [worksheet["gaps"][3] | {"message": "“‘三统一’名册”：两行都相近"}]
    assert "原文：" not in text_of(tree(worksheet, rubric), "//*[@id='gaps']")
    worksheet["gaps"] = [worksheet["gaps"][0] | {"message": "有两行相近"}]
    assert "原文：“三统一”名册" in text_of(tree(worksheet, rubric), "//*[@id='gaps']")


def test_an_uncertain_claim_offers_its_candidates(worksheet: Json, rubric: Json) -> None:
    claim = text_of(tree(worksheet, rubric), "//tr[@id='k3']")
    assert "待核" in claim and "候选，请选定" in claim and "工作人员名册（一）" in claim and "工作人员名册（二）" in claim


def test_points_are_full_points_to_judge_with_the_self_score_beside(worksheet: Json, rubric: Json) -> None:
    document = tree(worksheet, rubric)
    assert text_of(document, "//article[@id='i1-1']/header") == "1.1工作机构 !冲突 自评 4.5 分 满分 5 分 待评"
    assert document.xpath("//article[@id='i1-1']/header//a/@href") == ["#b3"]
    assert "不适用 不评分" in text_of(document, "//article[@id='i2-2']/header")
    assert "加分 3 分" in text_of(document, "//article[@id='i2-1']/header")


def test_a_suggestion_and_a_confirmation_never_look_alike(worksheet: Json, rubric: Json) -> None:
    first, second = worksheet["score"]["items"][:2]
    first |= {"suggested": 2, "deductions": [{"rule": "1.1b", "points": 3, "count": 1, "reason": "未建立机制", "source": "reviewer"}]}
    second["confirmed"] = {"points": 4, "by": "审核员一", "at": "2018-02-01T09:00:00+08:00"}
    document = tree(worksheet, rubric)
    assert text_of(document, "//*[@id='i1-1']//*[@class='suggest']") == "建议 2 分 建议扣 3 分"
    assert text_of(document, "//*[@id='i1-2']//*[@class='confirmed']") == "确认 4 分 审核员一 2018年2月1日 09:00"


def test_a_fact_shows_where_it_is_known_from_also_where_it_takes_nothing(worksheet: Json, rubric: Json) -> None:
    first, second = worksheet["score"]["items"][:2]
    first["deductions"] = [
        {"rule": "1.1b", "points": 3, "count": 1, "reason": "未建立机制，扣3分", "source": "supervision"},
        {"rule": "1.1c", "points": 0, "count": 1, "reason": "预警1次，未达到条款所定次数", "source": "intake"},
    ]
    first["sum"] = "5 − 3（未建立机制）= 2"
    second["awards"] = [{"rule": "1.2a", "points": 2, "count": 1, "reason": "开展并联审批，加2分", "source": "reviewer"}]
    document = tree(worksheet, rubric)
    assert [" ".join(li.text_content().split()) for li in document.xpath("//*[@id='i1-1']//*[@class='deductions']/li")] == [
        "建议扣 3 分 未建立机制，扣3分（网上监察）",
        "不扣分 预警1次，未达到条款所定次数（来件登记）",
        "计算：5 − 3（未建立机制）= 2",
    ]
    assert "建议加 2 分 开展并联审批，加2分（审核认定）" in text_of(document, "//*[@id='i1-2']//*[@class='deductions']")


def test_the_head_tells_the_clock_in_the_time_zone_of_the_deadline(worksheet: Json, rubric: Json) -> None:
    head = text_of(tree(worksheet, rubric), "//*[@class='head']")
    assert "2018年1月19日 16:02 以邮件服务器收信时间为准；截止 2018年1月20日24时" in head
    assert "按时" in head and "迟报" not in head


def test_a_late_report_says_so_in_words(samples: ModuleType, worksheet: Json, rubric: Json) -> None:
    assert [e.text for e in tree(samples.long_unit(worksheet), rubric).xpath("//*[@class='late']")] == ["迟报", "更正件迟报"]


def test_without_a_report_nothing_is_scored(samples: ModuleType, worksheet: Json, rubric: Json) -> None:
    document = tree(samples.no_report(worksheet), rubric)
    assert "未报 没有自查报告，不评分" in text_of(document, "//*[@class='glance']").replace("未报没", "未报 没")
    assert "待评" not in text_of(document, "//article")


def test_an_unknown_unit_says_whose_move_it_is(samples: ModuleType, worksheet: Json, rubric: Json) -> None:
    head = text_of(tree(samples.unknown_unit(worksheet), rubric), "//*[@class='head']")
    assert "单位未能确认" in head and "办公室处理" in head and "时间不明" in head


def test_nothing_is_dropped_that_belongs_to_no_item(worksheet: Json, rubric: Json) -> None:
    worksheet["blocks"][3] |= {"section": 7, "item": "7.7"}
    worksheet["claims"][1] |= {"section": 0, "item": None}
    worksheet["claims"][2] |= {"section": 1, "item": None}
    document = tree(worksheet, rubric)
    assert "已纳入考核" in text_of(document, "//*[@id='outside']")
    assert document.xpath("//*[@id='outside']//tr[@id='k2']") and document.xpath("//*[@id='sec1']//tr[@id='k3']")
    assert "宣传册" in text_of(document, "//*[@id='outside']")


def test_broken_references_inside_a_worksheet_break_no_page(worksheet: Json, rubric: Json) -> None:
    worksheet["claims"][0] |= {"block": 99, "catalog": ["c77"]}
    worksheet["claims"][1] |= {"span": [500, 900]}
    worksheet["gaps"][1] |= {"catalog": "c88"}
    check_links(tree(worksheet, rubric))


def test_a_proposal_that_only_repeats_a_gap_is_not_said_twice(worksheet: Json, rubric: Json) -> None:
    item = worksheet["score"]["items"][1]
    item["proposals"] = [{"rule": None, "reason": f"待核实：{worksheet['gaps'][0]['message']}", "source": "gap"},
                         {"rule": "1.2b", "reason": "待核实：分值是否低于5分", "source": "gap"}]  # fmt: skip
    words = text_of(tree(worksheet, rubric), "//article[@id='i1-2']")
    assert words.count("未提供佐证材料") == 1 and "分值是否低于5分" in words


def test_a_gap_about_a_row_stands_at_its_item(worksheet: Json, rubric: Json) -> None:
    worksheet["gaps"].append(
        {"kind": "evidence_outside_year", "section": 1, "item": "1.1", "claim": None, "catalog": "c2", "message": "第2项不在年度内"}
    )
    assert "第2项不在年度内" in text_of(tree(worksheet, rubric), "//article[@id='i1-1']")


def test_a_remark_on_a_file_is_coloured_only_where_the_file_could_not_be_read(worksheet: Json, rubric: Json) -> None:
    worksheet["submission"]["files"][0] |= {"state": "quarantined", "problems": ["文件设有打开密码"]}
    rows = tree(worksheet, rubric).xpath("//*[@class='files']//td[@colspan]")
    assert [(r.text_content(), r.get("class")) for r in rows] == [("文件设有打开密码", "trouble small"), ("第2张表是空的", "quiet small")]
