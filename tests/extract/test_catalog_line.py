"""A line of a catalog: what is number, title, 文号, pages, note."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.catalog_line import read_line


@pytest.mark.parametrize(
    ("text", "no", "title"),
    [
        ("1.关于成立领导小组的通知", "1", "关于成立领导小组的通知"),
        ("12、培训签到表", "12", "培训签到表"),
        ("（3）网上预审工作制度；", "（3）", "网上预审工作制度"),
        ("附件4：人员名册", "附件4", "人员名册"),
        ("证据1 会议签到表", "证据1", "会议签到表"),
        ("卷①-3 办事指南汇编", "卷①-3", "办事指南汇编"),
        ("盒3-05 培训照片", "盒3-05", "培训照片"),
        ("Ⅲ-1-2-① 统计表", "Ⅲ-1-2-①", "统计表"),
        ("6.1.1-1 系统清理报告", "6.1.1-1", "系统清理报告"),
        ("（一）1-1 领导小组文件", "（一）1-1", "领导小组文件"),
        ("1-1.关于成立领导小组的通知", "1-1", "关于成立领导小组的通知"),
        ("5-8.四个季度工作总结", "5-8", "四个季度工作总结"),
        ("①关于调整成员的通知", "①", "关于调整成员的通知"),
        ("三、效能分析报告", "三", "效能分析报告"),
        ("1.1关于成立专班的通知", "1.1", "关于成立专班的通知"),
        ("【7】工作方案", "【7】", "工作方案"),
    ],
)
def test_the_number_is_kept_as_printed(text: str, no: str, title: str) -> None:
    line = read_line(text)
    assert (line.no, line.title) == (no, title)


@pytest.mark.parametrize(
    ("text", "no", "title"),
    [
        ("2017年工作总结", "", "2017年工作总结"),
        ("12月份办件统计表", "", "12月份办件统计表"),
        ("三统一标准对照表", "", "三统一标准对照表"),
        ("1.12月份统计表", "1", "12月份统计表"),
        ("3.2017年度工作方案", "3", "2017年度工作方案"),
        ("八、12345热线工单月报", "八", "12345热线工单月报"),
        ("（4）21张培训照片", "（4）", "21张培训照片"),
        ("证据3 3月例会纪要", "证据3", "3月例会纪要"),
        ("11.三部门碰头会记录", "11", "三部门碰头会记录"),
        ("14.六项便民措施", "14", "六项便民措施"),
    ],
)
def test_a_figure_that_belongs_to_the_title_is_no_number(text: str, no: str, title: str) -> None:
    line = read_line(text)
    assert (line.no, line.title) == (no, title)


@pytest.mark.parametrize(
    "text",
    [
        "1.关于成立领导小组的通知 双政发〔2017〕3号 1-3",
        "1.关于成立领导小组的通知（双政发〔2017〕3号）",
        "1.关于成立领导小组的通知，双政发〔2017〕3号",
        "1.关于成立领导小组的通知双政发〔2017〕3号",
        "1.双政发〔2017〕3号 关于成立领导小组的通知",
        "1.关于成立领导小组的通知(双政发〔2017〕3号，2017年3月1日)",
        "1.（一）1 关于成立领导小组的通知 双政发〔2017〕3号 复印件",
        "1.关于成立领导小组的通知 双政发〔2017〕3号 办公室 3份",
        "1.关于成立领导小组的通知 双政发〔2017〕3号 http://www.example.gov.cn/a",
    ],
)
def test_the_document_number_is_taken_from_the_title(text: str) -> None:
    line = read_line(text)
    assert (line.title, line.docno) == ("关于成立领导小组的通知", "双政发〔2017〕3号")


def test_what_stands_behind_the_name_is_sorted() -> None:
    line = read_line("9 办件统计表 （三）1 2017年3月 P12-15 留存备查")
    assert (line.title, line.item, line.date, line.pages, line.remark, line.kept) == (
        "办件统计表", "（三）1", "2017年3月", "P12-15", "留存备查", True)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("2.办事指南（46项）", "办事指南（46项）"),
        ("2.工作专报（第1—6期）", "工作专报（第1—6期）"),
        ("2.信息资源目录（2017年版）", "信息资源目录（2017年版）"),
        ("2.会议纪要（4月、9月） 〔2017〕6号、15号", "会议纪要（4月、9月）"),
        ("2.受理改革方案（试行）", "受理改革方案（试行）"),
        ("2.栏目截图（存放于信息中心）", "栏目截图"),
        ("2.推进方案 （3月印发）", "推进方案"),
        ("2.服务公告及现场照片……293", "服务公告及现场照片"),
        ("2.会议通知 签到表", "会议通知 签到表"),
    ],
)
def test_brackets_stay_unless_they_hold_a_note(text: str, title: str) -> None:
    assert read_line(text).title == title


def test_a_bundle_keeps_its_titles_and_all_document_numbers() -> None:
    line = read_line("3、《甲办法》（双发〔2017〕1号）、《乙办法》（双发〔2017〕2号）")
    assert line.title == "《甲办法》（双发〔2017〕1号）、《乙办法》（双发〔2017〕2号）"
    assert line.docno == "双发〔2017〕1号；双发〔2017〕2号"


def test_an_automatic_number_is_the_number() -> None:
    assert read_line("人员名册", "3.").no == "3"
    assert read_line("1-2 人员名册", "3.").no == "1-2"


@given(st.text(alphabet="一二关于成立通知名册12.、-（）《》〔〕①Ⅲ 卷盒附件:：；号年月", max_size=24))
def test_any_line_is_read_without_losing_its_characters(text: str) -> None:
    line = read_line(text)
    kept = "".join(filter(None, (line.no, line.title, line.docno, line.pages, line.date, line.remark, line.item)))
    assert {c for c in text if "\u4e00" <= c <= "\u9fff" and c not in "无略"} <= set(kept)
