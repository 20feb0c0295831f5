"""量化评分表: points with clause and reason, what nobody confirmed marked, for three signatures."""

from __future__ import annotations

import io
from types import ModuleType
from typing import Any

import docx
from docx.oxml.ns import qn

from templates.letters_scores import score_form
from templates.letters_texts import load_texts

TEXTS = load_texts()


def form(office: ModuleType, sheet: Any, weight: str | None = None) -> Any:
    season = office.season(sheet, weight=weight)
    standing = next(s for s in season.standings if s.unit == sheet["unit"]["name"])
    unit = office.roster().unit(sheet["unit"]["name"])
    return docx.Document(io.BytesIO(score_form(sheet, unit, season.rubric, standing, TEXTS)))


def row(document: Any, start: str) -> list[str]:
    return next([c.text for c in r.cells] for r in document.tables[0].rows if r.cells[0].text.startswith(start))


def remark(document: Any) -> str:
    return str(document.tables[0].rows[-1].cells[0].text)


def everything(office: ModuleType) -> dict[str, str]:
    return {i.id: "0" if i.bonus else str(i.points) for i in office.rubric().items}


def deduction(rule: str, points: float) -> dict[str, Any]:
    fact = {"clause": rule, "count": 1, "source": "supervision", "note": "通报第3期", "origin": "监察.xlsx 第5行"}
    return {"rule": rule, "points": points, "count": 1, "reason": "未建立机制", "source": "supervision", "clause": "未建立机制的扣3分",
            "facts": [fact]}  # fmt: skip


def test_an_item_shows_maximum_self_score_and_points_with_a_star_until_confirmed(office: ModuleType) -> None:
    sheet = office.sheet(own={"1.1": "4.5"}, confirmed={"1.2": "5"})
    document = form(office, sheet)
    assert row(document, "1. 工作机构")[1:] == ["5", "4.5", "无", "5*"]
    assert row(document, "2. 纳入考核体系")[1:] == ["5", "—", "无", "5"]


def test_a_deduction_stands_with_its_sum_its_clause_and_where_it_is_known_from(office: ModuleType) -> None:
    sheet = office.sheet(suggested={"1.1": "2"}, deductions={"1.1": [deduction("1.1b", 3)]})
    sheet["score"]["items"][0]["sum"] = "5 − 3（未建立相关工作机制）= 2"
    found = row(form(office, sheet), "1. 工作机构")
    assert found[3].splitlines() == ["5 − 3（未建立相关工作机制）= 2", "条款：未建立机制的扣3分（网上监察：通报第3期）"]
    assert found[4] == "2*"


def test_what_a_person_set_otherwise_is_said_with_the_note(office: ModuleType) -> None:
    sheet = office.sheet(confirmed={"1.1": "4"})
    sheet["score"]["items"][0]["confirmed"]["note"] = "名册不全"
    assert row(form(office, sheet), "1. 工作机构")[3:] == ["由审核人员核定：名册不全", "4"]


def test_an_item_that_does_not_apply_has_no_points_and_says_why(office: ModuleType) -> None:
    sheet = office.sheet(off=["6.2"])
    next(i for i in sheet["score"]["items"] if i["item"] == "6.2")["applies_by"] = {"by": "甲", "at": "", "seq": 1, "reason": "无此职能"}
    assert row(form(office, sheet), "2. 政务信息资源目录")[3:] == ["不适用：无此职能", "—"]


def test_the_sums_are_those_of_the_points_that_are_printed(office: ModuleType) -> None:
    document = form(office, office.sheet(confirmed={"1.1": "2", "7.1": "10"}))
    assert row(document, "基础分合计（满分100分）")[-1] == "97"
    assert row(document, "加分合计（上限20分）")[-1] == "10"
    assert row(document, "总分")[-1] == "107"


def test_where_items_do_not_apply_base_and_score_of_a_hundred_are_both_shown(office: ModuleType) -> None:
    document = form(office, office.sheet(off=["1.2"], suggested={"1.1": "2"}), weight="5")
    assert row(document, "基础分合计（满分95分）")[-1] == "92"
    assert row(document, "按适用条目折算为百分制")[-1] == "96.84"
    assert row(document, "按比例折算计入年度目标考核")[-1] == "4.84"


def test_a_form_with_open_items_says_that_it_is_not_final(office: ModuleType) -> None:
    done = everything(office)
    missing = {k: v for k, v in done.items() if k != "3.2"}
    assert "尚有1个条目未经确认" in remark(form(office, office.sheet(confirmed=missing)))
    assert "均已确认" in remark(form(office, office.sheet(confirmed=done)))


def review(state: str, *, stale: bool = False) -> dict[str, object]:
    word = {"state": state, "by": "王五", "at": "2018-02-01T01:00:00+00:00", "seq": 9, "reason": "", "items": []}
    return {"review": word | {"stale": stale, "changed": []}}


def test_the_form_says_who_approved_it_or_that_nobody_did(office: ModuleType) -> None:
    sheet = office.sheet(confirmed=everything(office))

    def told(**more: object) -> str:
        return remark(form(office, sheet | more)).splitlines()[0]

    assert told() == told(**review("open")) == "本表各条目得分均已确认。尚未复核。"
    assert told(**review("approved")) == "本表各条目得分均已确认。王五于2018年2月1日 09:00复核通过。"
    assert "其后有变化，须重新复核" in told(**review("approved", stale=True))
    assert told(**review("returned")).endswith("退回重新审核，尚未复核。")


def test_there_is_room_for_three_signatures(office: ModuleType) -> None:
    _, *lines = form(office, office.sheet()).tables[0].rows[-1].cells[0].text.splitlines()
    assert [line.split("：")[0] for line in lines] == ["初核人（签字）", "复核人（签字）", "单位签收（盖章）"]
    assert all(line.endswith("年　　月　　日") for line in lines)


def test_totals_remark_and_signatures_are_kept_on_one_page(office: ModuleType) -> None:
    rows = form(office, office.sheet()).tables[0].rows
    first = next(n for n, r in enumerate(rows) if r.cells[0].text.startswith("基础分合计"))
    assert all(p.paragraph_format.keep_with_next for r in rows[first - 1 : -1] for c in r.cells for p in c.paragraphs)
    assert rows[-1]._tr.trPr.find(qn("w:cantSplit")) is not None
