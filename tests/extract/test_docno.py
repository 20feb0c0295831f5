"""文号: found in any bracket style, taken apart into issuer, year and numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.docno import find_docnos

steady = settings(derandomize=True, deadline=None, max_examples=80)
BRACKETS = ["〔〕", "[]", "【】", "（）", "()", "﹝﹞", "［］", "<>"]
HAN = "〇一二三四五六七八九"


def han_year(year: int) -> str:
    return "".join(HAN[int(d)] for d in str(year))


@given(
    place=st.sampled_from("尖岭集友饶绥宝双"),
    organ=st.sampled_from(["政", "发改", "人社", "公", "国土资", "委"]),
    form=st.sampled_from(["发", "办发", "函", "办文", "字"]),
    year=st.integers(1990, 2029),
    serial=st.integers(1, 9999),
    brackets=st.sampled_from(BRACKETS),
)
@steady
def test_any_issuer_year_and_serial_in_any_brackets_is_found_with_its_parts(
    place: str, organ: str, form: str, year: int, serial: int, brackets: str
) -> None:
    issuer = place + organ + form
    printed = f"{issuer}{brackets[0]}{year}{brackets[1]}{serial}号"
    text = f"印发了《关于成立领导小组的通知》（{printed}），明确了分工。"
    (found,) = find_docnos(text)
    assert (found.issuer, found.year, found.serials) == (issuer, year, (serial,))
    assert text[found.start : found.end] == printed == found.text


@given(year=st.integers(2000, 2029), serial=st.integers(1, 99))
@steady
def test_a_year_in_chinese_numerals_is_the_same_document(year: int, serial: int) -> None:
    (han,) = find_docnos(f"集政发〔{han_year(year)}〕{serial}号")
    (plain,) = find_docnos(f"集政发〔{year}〕{serial}号")
    assert han.keys == plain.keys


@pytest.mark.parametrize(
    ("text", "serials"),
    [
        pytest.param("双政办发〔2017〕第3号", (3,), id="with 第"),
        pytest.param("双政办发〔2017〕1—7号", tuple(range(1, 8)), id="range"),
        pytest.param("双政办发〔2017〕1号至7号", tuple(range(1, 8)), id="range with 号 twice"),
        pytest.param("双政办发〔2017〕3号、5号", (3, 5), id="run"),
        pytest.param("简报〔2017〕3期", (3,), id="issue of a bulletin"),
        pytest.param("双政办发 〔 2017 〕 3 号", (3,), id="blanks of a layout"),
        pytest.param("双政办发〔2017年〕3号", (3,), id="with 年"),
    ],
)
def test_the_numbers_of_a_document_number(text: str, serials: tuple[int, ...]) -> None:
    (found,) = find_docnos(text)
    assert (found.year, found.serials) == (2017, serials)


@pytest.mark.parametrize("text", ["双水发〔201741号", "双水发2017〕41号", "双水发(2017l41号"])
def test_a_bracket_lost_by_a_scanner_does_not_hide_it(text: str) -> None:
    (found,) = find_docnos(text)
    assert (found.issuer, found.year, found.serials) == ("双水发", 2017, (41,))


@pytest.mark.parametrize("lead", ["印发了", "根据", "按照", "转发了", "制定了", "见", "贯彻落实", "文号为"])
def test_the_words_before_an_issuer_are_no_part_of_it(lead: str) -> None:
    text = f"{lead}集政办发〔2017〕3号"
    (found,) = find_docnos(text)
    assert found.issuer == "集政办发"
    assert text[found.start : found.end] == "集政办发〔2017〕3号"


def test_without_an_issuer_only_year_and_number_are_known() -> None:
    (found,) = find_docnos("《实施方案》（〔2017〕14号）")
    assert found.keys == {("", 2017, 14)}


def test_several_are_found_in_order() -> None:
    found = find_docnos("集政发〔2017〕3号、集政办发〔2016〕12号")
    assert [(d.issuer, d.year, d.serials) for d in found] == [("集政发", 2017, (3,)), ("集政办发", 2016, (12,))]


@pytest.mark.parametrize("text", ["", "2017年3期", "工作方案（2017年）", "12345", "（2017）", "共收回问卷（2017）526份"])
def test_a_year_or_a_count_is_no_document_number(text: str) -> None:
    assert find_docnos(text) == ()


def test_a_mistyped_range_does_not_grow_without_end() -> None:
    (found,) = find_docnos("双政办发〔2017〕1—9000号")
    assert found.serials == (1, 9000)
