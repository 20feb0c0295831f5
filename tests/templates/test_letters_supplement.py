"""补正通知: everything that is the unit's move, once, with clause, quotation and what to send."""

from __future__ import annotations

import datetime
import io
from dataclasses import replace
from types import ModuleType
from typing import Any

import docx

from scoring.paper import OpenPaper
from scoring.rubric import Paper
from templates.letters_supplement import needs_supplement, points_of, supplement
from templates.letters_texts import load_texts
from templates.letters_words import Occasion

TEXTS, BLANK = load_texts(), Occasion()


def written(office: ModuleType, sheet: Any, occasion: Occasion = BLANK) -> Any:
    return docx.Document(io.BytesIO(supplement(sheet, office.roster().unit("集贤县"), office.rubric(), TEXTS, occasion)))


def rows(document: Any) -> list[tuple[str, ...]]:
    """The rows of the list, a band over the whole width as one cell."""
    return [tuple(dict.fromkeys(c.text for c in row.cells)) for row in document.tables[0].rows]


def test_an_item_without_evidence_names_clause_quotation_and_what_to_send(office: ModuleType) -> None:
    document = written(office, office.sheet(gaps=[office.no_evidence("1.3")]))
    item = office.rubric().item("1.3")
    head, band, point = rows(document)
    assert head == ("序号", "报告所述", "缺少或者不符之处", "需补报的材料")
    assert band == (f"（一）3 {item.name}\n评分条款：{item.text}（{item.rule}）",)
    assert point == (
        "1",
        f"“{office.SENTENCE}”（第3页第12段）",
        "未提供佐证材料，待核实",
        "能够证明此项工作的佐证材料，如工作方案、实施方案、工作要点",
    )


def test_a_claim_without_a_row_is_quoted_in_its_sentence(office: ModuleType) -> None:
    gap = office.gap("claim_not_in_catalog", f"（一）3 报告所称“{office.CLAIM}”不在目录中（单位补报）", "1.3", claim="k1")
    (point,) = points_of(office.sheet(gaps=[gap]), office.rubric(), TEXTS)
    assert office.CLAIM in point.quote and "（第3页第12段）" in point.quote
    assert point.problem == f"报告所称“{office.CLAIM}”不在目录中"
    assert point.send == f"“{office.CLAIM}”，并列入目录清单；已在清单中的，请注明序号"


def test_what_the_office_has_to_do_is_not_asked_of_the_unit(office: ModuleType) -> None:
    kinds = ("claim_uncertain", "ref_conflict", "catalog_unclaimed", "item_unaddressed", "evidence_outside_year", "unit_unknown")
    sheet = office.sheet(gaps=[office.gap(kind, "办公室处理", "1.1") for kind in kinds])
    assert points_of(sheet, office.rubric(), TEXTS) == () and not needs_supplement(sheet)


def test_a_clause_is_printed_once_for_all_points_of_its_item(office: ModuleType) -> None:
    claim = office.gap("claim_not_in_catalog", "（一）3 报告所称的材料不在目录中（单位补报）", "1.3", claim="k1")
    listed = rows(written(office, office.sheet(gaps=[office.no_evidence("1.3"), claim])))
    assert [row[0] for row in listed[2:]] == ["1", "2"]
    assert sum("评分条款" in row[0] for row in listed) == 1


def test_points_stand_in_the_order_of_the_rubric_after_what_is_about_the_whole(office: ModuleType) -> None:
    gaps = [
        office.no_evidence("3.1"),
        office.gap("section_missing", "（二）网上政务服务事项标准化建设：报告未涉及（单位补报）", section=2),
        office.no_evidence("2.1"),
        office.gap("catalog_missing", "未收到佐证材料目录清单（单位补报）"),
    ]
    points = points_of(office.sheet(gaps=gaps), office.rubric(), TEXTS)
    assert [(p.section, p.item.id if p.item else None) for p in points] == [(None, None), (2, None), (2, "2.1"), (3, "3.1")]
    assert points[1].problem == "报告未涉及" and points[1].quote == "报告未写到本部分"


def test_thirty_points_are_numbered_through(office: ModuleType) -> None:
    document = written(office, office.sheet(gaps=office.thirty_gaps()))
    assert [row[0] for row in rows(document) if row[0].isdigit()] == [str(n) for n in range(1, 31)]
    assert any("共30项" in p.text for p in document.paragraphs)


def test_dates_are_left_to_the_pen_unless_they_are_given(office: ModuleType) -> None:
    sheet = office.sheet(gaps=[office.no_evidence("1.2")])
    blank = "\n".join(p.text for p in written(office, sheet).paragraphs)
    given = Occasion(datetime.date(2018, 1, 22), datetime.date(2018, 1, 31))
    filled = "\n".join(p.text for p in written(office, sheet, given).paragraphs)
    assert "请于　　月　　日前" in blank and "　　　　年　　月　　日" in blank
    assert "请于2018年1月31日前" in filled and "\n2018年1月22日" in filled and "年　　月" not in filled


def test_a_file_that_could_not_be_opened_is_asked_for_again(office: ModuleType) -> None:
    gap = office.gap("file_quarantined", "自查报告.docx：文件有密码；请去掉密码后重新报送（单位补报）")
    sheet = office.no_report(gaps=[gap])
    assert needs_supplement(sheet)
    opening = next(p.text for p in written(office, sheet).paragraphs if "收悉" in p.text)
    assert opening.startswith("贵单位的来件收悉，但未能从中取得")


def test_a_file_that_only_an_administrator_can_help_is_not(office: ModuleType) -> None:
    gap = office.gap("file_quarantined", "旧文件.wps：没有安装转换程序；请安装后重试（管理员处理）")
    assert not needs_supplement(office.sheet(gaps=[gap]))


def test_without_any_report_and_any_trouble_a_reminder_is_sent_instead(office: ModuleType) -> None:
    assert not needs_supplement(office.no_report()) and not needs_supplement(None)


def test_a_gap_of_a_kind_or_item_unknown_here_stops_nothing(office: ModuleType) -> None:
    gaps = [office.gap("report_unreadable", "自查报告无法读取", "9.9"), office.gap("brand_new", "新的情况", "1.1")]
    (point,) = points_of(office.sheet(gaps=gaps), office.rubric(), TEXTS)
    assert (point.item, point.section, point.problem) == (None, None, "自查报告无法读取")


# ---- what is open on paper


def due(*kinds: Any) -> list[Any]:
    messages = {"received": "纸质佐证材料未收到", "stamped": "目录清单首页未加盖单位公章", "rows": "留存备查的2项材料原件尚未核对"}
    return [OpenPaper(kind, messages[kind]) for kind in kinds]


def test_what_is_open_on_paper_stands_before_the_items_with_the_notices_own_sentence(office: ModuleType) -> None:
    sheet = office.sheet(gaps=[office.no_evidence("1.3")]) | {"paper_due": due("stamped", "rows")}
    head, band, stamp, rest, *items = rows(written(office, sheet))
    assert band == ("纸质材料",)
    requirement = "通知要求：“经汇总的佐证材料在目录清单首页加盖单位公章后，报市政府804室。”"
    assert stamp == ("1", requirement, "目录清单首页未加盖单位公章", "首页加盖单位公章的纸质目录清单，报市政府804室")
    assert rest[0] == "2" and "现场查验" in rest[3]
    assert items[-1][0] == "3", "numbered through with what is missing in the report"
    assert head[0] == "序号"


def test_a_letter_is_written_for_paper_alone(office: ModuleType) -> None:
    sheet = office.sheet() | {"paper_due": due("received")}
    assert needs_supplement(sheet) and not needs_supplement(office.sheet())
    (point,) = points_of(sheet, office.rubric(), TEXTS)
    assert point.send == "纸质佐证材料，并附首页加盖单位公章的目录清单，报市政府804室"
    assert not needs_supplement({**sheet, "score": None}), "who has not reported is urged, not corrected"


def test_where_the_notice_names_no_place_none_is_invented(office: ModuleType) -> None:
    rubric = replace(office.rubric(), paper=Paper("佐证材料以纸质报送。", ""))
    (point,) = points_of(office.sheet() | {"paper_due": due("received")}, rubric, TEXTS)
    assert point.send == "纸质佐证材料，并附首页加盖单位公章的目录清单" and point.quote == "通知要求：“佐证材料以纸质报送。”"
