"""Two names of a paper: what they share, and which differences make them two papers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.claims import title_reader
from scoring.roster import load_roster
from scoring.rubric import builtin, load_rubric
from scoring.titles import Comparison, TitleReader

YEAR = 2017
steady = settings(derandomize=True, deadline=None, max_examples=60)
SUBJECT = st.sampled_from(["领导小组", "网上预审", "电子密钥", "政务信息资源", "满意度调查", "并联审批", "督查通报"])
FORM = st.sampled_from(["工作方案", "登记簿", "会议纪要", "统计表", "汇总表", "制度", "目录", "情况说明"])


@pytest.fixture(scope="module")
def reader() -> TitleReader:
    return title_reader(load_rubric(builtin()), load_roster(builtin()["roster.toml"]).unit("集贤县"))


def compare(reader: TitleReader, claim: str, row: str) -> Comparison:
    return reader.compare(reader.read(claim), reader.read(row), YEAR)


def is_exact(c: Comparison) -> bool:
    return not c.conflict and not c.only_a and not c.only_b and c.shared > 0


@pytest.mark.parametrize(
    ("claim", "row"),
    [
        pytest.param("《关于成立领导小组的通知》", "关于成立领导小组的通知", id="title marks"),
        pytest.param("关于成立领导小组的通知", "集贤县人民政府关于成立领导小组的通知", id="the unit's name before it"),
        pytest.param("“一窗受理”工作方案", "“一窗受理”工作方案（试行）", id="on trial"),
        pytest.param("网上预审登记簿", "网上预审登记簿（复印件）", id="copy"),
        pytest.param("满意度调查问卷", "满意度调查问卷（共200份）", id="count in brackets"),
        pytest.param("满意度调查问卷", "满意度调查问卷200份", id="count behind it"),
        pytest.param("关于成立领导小组的通知（集政办发〔2017〕3号）", "关于成立领导小组的通知", id="its own 文号"),
        pytest.param("工作方案", "2017年度工作方案", id="the assessed year left out"),
        pytest.param("“八条禁令”落实情况", "“8条禁令”落实情况", id="numerals before a measure word"),
        pytest.param("设备台帐", "设备台账", id="an old spelling"),
        pytest.param("〈网上预审〉制度", "“网上预审”制度", id="marks inside"),
    ],
)
def test_differences_that_say_nothing_leave_two_names_one(reader: TitleReader, claim: str, row: str) -> None:
    assert is_exact(compare(reader, claim, row))


@pytest.mark.parametrize(
    ("claim", "row"),
    [
        ("预审系统截图", "预审系统页面截图"),
        ("工作人员名单", "工作人员花名册"),
        ("推进会签到表", "推进会签到簿"),
    ],
)
def test_synonyms_are_no_difference(reader: TitleReader, claim: str, row: str) -> None:
    found = compare(reader, claim, row)
    assert found.same_head
    assert not found.swapped


@pytest.mark.parametrize(
    ("claim", "row", "conflict"),
    [
        pytest.param("2016年工作总结", "2017年工作总结", "year", id="another year"),
        pytest.param("二〇一六年工作总结", "2017年工作总结", "year", id="another year in Chinese numerals"),
        pytest.param("工作总结", "2016年工作总结", "year", id="a year before the assessed one that the claim does not name"),
        pytest.param("上半年工作总结", "下半年工作总结", "period", id="the other half-year"),
        pytest.param("一季度统计表", "第二季度统计表", "period", id="another quarter"),
        pytest.param("3月份月报", "4月份月报", "period", id="another month"),
        pytest.param("上半年工作总结", "三季度工作总结", "period", id="a quarter outside the half-year"),
        pytest.param("第一次推进会会议纪要", "第二次推进会会议纪要", "period", id="another ordinal"),
        pytest.param("简报第3期", "简报第4期", "period", id="another issue"),
        pytest.param("第一批事项目录", "第二批事项目录", "period", id="another batch"),
        pytest.param("办事指南汇编（上册）", "办事指南汇编（下册）", "period", id="another part"),
        pytest.param("工作方案（征求意见稿）", "工作方案", "version", id="a draft"),
        pytest.param("工作方案", "工作方案（送审稿）", "version", id="a draft in the catalog"),
    ],
)
def test_another_year_period_ordinal_or_draft_is_another_paper(reader: TitleReader, claim: str, row: str, conflict: str) -> None:
    assert compare(reader, claim, row).conflict == conflict


@pytest.mark.parametrize(
    ("claim", "row"),
    [
        pytest.param("一至四季度统计表", "第三季度统计表", id="a range and its member"),
        pytest.param("简报第3、4期", "简报第4期", id="a run and its member"),
        pytest.param("上、下半年工作总结", "2017年工作总结", id="periods against none"),
        pytest.param("2017年工作总结", "2016—2017年工作总结", id="one of two years"),
        pytest.param("工作总结", "2018年工作总结", id="written after the year's end"),
    ],
)
def test_periods_that_meet_are_no_conflict(reader: TitleReader, claim: str, row: str) -> None:
    assert compare(reader, claim, row).conflict == ""


@given(subject=SUBJECT, form=FORM, lead=st.sampled_from(["", "集贤县", "关于", "2017年", "第二次", "上半年"]))
@steady
def test_a_name_compared_with_itself_is_exact(reader: TitleReader, subject: str, form: str, lead: str) -> None:
    found = compare(reader, lead + subject + form, lead + subject + form)
    assert is_exact(found)
    assert (found.cover_a, found.cover_b, found.same_head, found.swapped) == (1, 1, True, False)


@given(one=SUBJECT, other=SUBJECT, form=FORM, form_too=FORM)
@steady
def test_comparing_the_other_way_round_turns_the_sides_round(reader: TitleReader, one: str, other: str, form: str, form_too: str) -> None:
    there, back = compare(reader, one + form, other + form_too), compare(reader, other + form_too, one + form)
    assert there.conflict == back.conflict
    assert there.swapped == back.swapped
    assert there.same_head == back.same_head
    assert is_exact(there) == is_exact(back)


@given(subject=SUBJECT, form=FORM, a=st.integers(2010, 2020), b=st.integers(2010, 2020))
@steady
def test_two_years_are_a_conflict_exactly_where_they_differ(reader: TitleReader, subject: str, form: str, a: int, b: int) -> None:
    found = compare(reader, f"{a}年{subject}{form}", f"{b}年度{subject}{form}")
    assert found.conflict == ("year" if a != b else "")


@given(text=st.text("《》关于成立领导小组的通知2017年第一二次（）〔〕、—上下半", max_size=30))
@steady
def test_any_text_can_be_taken_apart_and_never_conflicts_with_itself(reader: TitleReader, text: str) -> None:
    assert compare(reader, text, text).conflict == ""


def test_a_word_of_its_own_on_each_side_makes_near_twins(reader: TitleReader) -> None:
    found = compare(reader, "电子密钥发放登记簿", "电子密钥回收登记簿")
    assert found.swapped
    assert (found.words_a, found.words_b) == (("发放",), ("回收",))


def test_a_longer_name_is_a_long_form_and_no_twin(reader: TitleReader) -> None:
    found = compare(reader, "满意度调查报告", "办事群众满意度调查分析报告")
    assert not found.swapped
    assert found.cover_a == 1
    assert found.cover_b < 1


def test_a_chief_is_no_prefix_that_may_be_left_out(reader: TitleReader) -> None:
    assert "县长" in reader.read("集贤县长批示").core


def test_a_slip_of_one_character_is_forgiven_unless_it_tells_papers_apart(reader: TitleReader) -> None:
    assert compare(reader, "网上预审登记薄", "网上预审登记簿").only_a == 0
    assert compare(reader, "收文登记簿", "发文登记簿").swapped


@pytest.mark.parametrize(
    ("claim", "row"),
    [
        pytest.param("上半年办件分析", "办件分析年报（2017年度）", id="half a year and a yearly report"),
        pytest.param("全年材料报送情况统计", "上半年材料报送情况统计", id="the whole year and a half"),
        pytest.param("《2017年工作情况的报告》", "2017年上半年工作情况报告", id="a year's paper is none of its parts"),
        pytest.param("秋季效能评估", "春季效能评估", id="another season"),
    ],
)
def test_a_part_of_the_year_is_another_paper_than_the_whole(reader: TitleReader, claim: str, row: str) -> None:
    assert compare(reader, claim, row).conflict == "period"


def test_a_word_in_the_place_of_another_is_told_from_words_elsewhere(reader: TitleReader) -> None:
    assert compare(reader, "民政局调整建议", "卫计局调整建议").parallel
    assert not compare(reader, "窗口业务培训签到表", "培训签到表（窗口）").parallel


def test_minutes_and_photos_of_one_meeting_are_two_kinds_of_paper(reader: TitleReader) -> None:
    minutes, photos, list_ = (reader.read(t).kind for t in ("推进会会议纪要", "推进会照片", "推进会签到表"))
    assert len({minutes, photos, list_, -1}) == 4
    assert reader.read("推进会现场图片").kind == photos
