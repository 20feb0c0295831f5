"""Which unit sent it, and what each file is."""

from __future__ import annotations

import pytest

from extract.catalog import find_catalog
from extract.model import Cell, Document, Paragraph, Table
from scoring.identify import identify_unit
from scoring.roles import rank_reports, role_of
from scoring.roster import Roster, load_roster
from scoring.rubric import Rubric, builtin, load_rubric
from scoring.worksheet import Unit

BODY = (
    "按照市政府办公室通知要求，现将自查情况报告如下。",
    "一、组织保障",
    "成立了领导小组，主要领导任组长，配备专职人员，印发年度工作方案并召开部署会议，按时上报情况，没有漏报迟报。",
    "二、网上办理",
    "许可事项全部进入网审平台，建立网上预审机制，审批人员变化后及时更换电子秘钥，事项进驻实体大厅，统一使用网上系统受理。",
    "三、电子监察",
    "启动电子监察系统，对预警信号及时督办反馈，定期开展审批效能评估，没有投诉和曝光。",
)


@pytest.fixture(scope="module")
def roster() -> Roster:
    return load_roster(builtin()["roster.toml"])


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric(builtin())


def doc(*lines: str) -> Document:
    return Document(tuple(Paragraph(x) for x in lines), "x")


def report(title: str, signature: str, *more: str) -> Document:
    return doc(title, *BODY, *more, signature, "2018年1月18日")


def named(
    roster: Roster, *, sender: str = "a <a@b.example>", subject: str = "", body: str = "", name: str = "附件.docx", document: Document
) -> Unit:
    return identify_unit(sender, subject, body, [(name, document)], roster)


COUNTY = """
[[units]]
name = "石桥镇"
group = "town"
full = "云岭县石桥镇人民政府"
short = ["石桥镇政府"]
[[units]]
name = "县教育局"
group = "bureau"
full = "云岭县教育局"
short = ["教育局"]
[[units]]
name = "县民政局"
group = "bureau"
full = "云岭县民政局"
short = ["民政局"]
"""


@pytest.mark.parametrize(
    ("signature", "unit"),
    [
        ("石桥镇人民政府", "石桥镇"), ("云岭县石桥镇人民政府", "石桥镇"), ("县教育局", "县教育局"), ("云岭县教育局", "县教育局"),
        ("石桥镇中心卫生院", None), ("邻山县教育局", None),
    ],
)  # fmt: skip
def test_a_countys_towns_and_bureaus_are_told_as_well(signature: str, unit: str | None) -> None:
    county = load_roster(COUNTY, groups=("town", "bureau"))
    assert named(county, document=report(f"{signature}2018年自查报告", signature)).name == unit


@pytest.mark.parametrize(
    ("signature", "unit", "group"),
    [
        ("双鸭山市发展和改革委员会", "市发展和改革委员会", "municipal"), ("市人社局", "市人力资源和社会保障局", "municipal"),
        ("尖山区人民政府", "尖山区", "county"), ("双鸭山市社会保险事业管理局", "市社保局", "provincial"),
        ("双鸭山市住房公积金管理中心", "市公积金管理中心", "municipal"), ("双鸭山市市场监督管理局", "市市场监管局", "municipal"),
    ],
)  # fmt: skip
def test_title_and_signature_name_the_unit_by_any_of_its_names(signature: str, unit: str, group: str, roster: Roster) -> None:
    found = named(roster, document=report(f"{signature}2017年自查报告", signature))
    assert (found.name, found.group) == (unit, group)
    assert any("落款" in c for c in found.clues)


def test_a_report_that_talks_much_of_others_is_still_its_own(roster: Roster) -> None:
    others = "会同市国土局、市规划局、市住建局、市环保局联合踏查，市国土局、市规划局、市国土局派员参加，市行政审批中心协调。" * 3
    assert named(roster, document=report("关于2017年工作的自查报告", "双鸭山市水务局", others)).name == "市水务局"


def test_a_forwarded_subject_that_names_another_unit_does_not_mislead(roster: Roster) -> None:
    found = named(roster, subject="转发: 集贤县自查报告", document=report("友谊县2017年自查报告", "友谊县人民政府"))
    assert found.name == "友谊县"


def test_a_personal_mailbox_and_an_empty_subject_are_normal(roster: Roster) -> None:
    assert named(roster, sender="小鱼 <12345@qq.example>", document=report("自查报告", "双鸭山市粮食局", "我局认真落实")).name == "市粮食局"


def test_a_body_that_is_not_on_the_roster_is_nobody(roster: Roster) -> None:
    found = named(
        roster,
        subject="气象局自查报告",
        document=report("双鸭山市气象局2017年自查报告", "双鸭山市气象局", "派员进驻市行政审批中心，报市行政审批中心备案。"),
    )
    assert found.name is None
    assert found.group is None


def test_a_countys_bureau_is_not_the_citys_bureau_nor_the_county(roster: Roster) -> None:
    assert named(roster, document=report("集贤县教育局2017年自查报告", "集贤县教育局")).name is None


def test_two_units_of_equal_weight_are_none(roster: Roster) -> None:
    assert named(roster, document=doc("市教育局、市体育局2017年自查报告", *BODY, "市教育局", "市体育局", "2018年1月18日")).name is None


def test_no_clue_is_no_unit(roster: Roster) -> None:
    found = named(roster, document=doc("自查报告", *BODY))
    assert found.name is None
    assert found.clues


def test_a_known_mail_address_is_a_clue(roster: Roster) -> None:
    known = load_roster('[[units]]\nname = "甲县"\ngroup = "county"\nmail = "jia@b.example"\n[[units]]\nname = "乙县"\ngroup = "county"\n')
    assert named(known, sender="<jia@b.example>", document=doc("自查报告", *BODY)).name == "甲县"


def catalog_table() -> Table:
    rows = (
        ("序号", "材料名称", "文号", "页码"),
        ("1", "关于成立领导小组的通知", "某发〔2017〕1号", "1"),
        ("2", "工作人员名单", "", "2"),
        ("3", "网上预审制度", "", "3"),
    )
    return Table(tuple(tuple(Cell((Paragraph(t),), r, c) for c, t in enumerate(row)) for r, row in enumerate(rows)))


def role(name: str, document: Document, rubric: Rubric) -> str:
    return role_of(name, document, find_catalog(document), rubric)


def test_report_catalog_and_decoy_are_told_apart(rubric: Rubric) -> None:
    assert role("自查报告.docx", report("某局2017年自查报告", "某局"), rubric) == "report"
    assert role("1.docx", report("某局关于互联网+政务服务工作的自查报告", "某局"), rubric) == "report"
    assert role("目录.docx", Document((Paragraph("佐证材料目录清单"), catalog_table()), "x"), rubric) == "catalog"
    assert role("放假通知.docx", doc("关于转发有关会议通知的函", "各有关单位：现将会议通知转发给你们，请按时参加。"), rubric) == "other"


def test_a_report_with_its_catalog_appended_is_the_report(rubric: Rubric) -> None:
    whole = Document((*report("某局2017年自查报告", "某局").elements, Paragraph("佐证材料目录清单"), catalog_table()), "x")
    assert role("自查报告及佐证材料目录.docx", whole, rubric) == "report"


def test_the_rubric_itself_sent_back_is_no_report(rubric: Rubric) -> None:
    lines = [t for i in rubric.items for t in (i.text, *(c.text for c in i.clauses))]
    assert role("附件1考核细则.docx", doc("双鸭山市2017年“互联网+政务服务”工作考核细则", *lines), rubric) == "other"
    scored = doc("某局自查报告", *(t + "我局自评5分，已落实工作机构。" for t in lines))
    assert role("自查报告.docx", scored, rubric) == "report"


def test_a_piece_of_evidence_is_neither(rubric: Rubric) -> None:
    assert role("附件3.docx", doc("关于成立“互联网+政务服务”领导小组的通知", "各科室：现成立领导小组。"), rubric) == "evidence"


def test_of_several_reports_the_right_year_and_the_final_version_come_first(rubric: Rubric) -> None:
    old, draft, final = (
        report("某局2016年自查报告", "某局", "旧" * 500),
        report("某局2017年自查报告（初稿）", "某局"),
        report("某局2017年自查报告", "某局"),
    )
    assert rank_reports([("a", old), ("b", draft), ("c", final)], rubric) == [2, 1, 0]


def test_an_unreadable_file_is_judged_by_its_name(rubric: Rubric) -> None:
    assert role_of("某局自查报告.doc", None, None, rubric) == "report"
    assert role_of("佐证材料目录.xls", None, None, rubric) == "catalog"
