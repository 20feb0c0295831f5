"""Numbers as Word writes them: spot values from the standard, and laws that hold for every number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.word_numerals import FORMS, chinese, numeral

REPEATING = {"none", "bullet"}
COUNTING_ON = sorted(set(FORMS) - REPEATING)
DIGITS = {c: k for k, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0} | {c: k for k, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("decimal", {1: "1", 10: "10"}),
        ("decimalZero", {1: "01", 10: "10", 100: "100"}),
        ("decimalFullWidth", {12: "１２"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
        ("decimalEnclosedCircleChinese", {3: "③"}),
        ("decimalEnclosedParen", {2: "⑵", 20: "⒇"}),
        ("decimalEnclosedFullstop", {1: "⒈"}),
        ("upperRoman", {4: "IV", 9: "IX", 1999: "MCMXCIX"}),
        ("lowerRoman", {14: "xiv"}),
        ("upperLetter", {1: "A", 26: "Z", 27: "AA", 53: "AAA"}),
        ("lowerLetter", {2: "b", 28: "bb"}),
        ("chineseCounting", {1: "一", 10: "十", 11: "十一", 20: "二十", 99: "九十九", 100: "一○○"}),
        ("taiwaneseCounting", {15: "十五"}),
        ("chineseCountingThousand", {10: "十", 101: "一百零一", 110: "一百一十", 1005: "一千零五", 1010: "一千零一十"}),
        ("taiwaneseCountingThousand", {12: "十二", 120: "一百二十"}),
        ("japaneseCounting", {1: "一", 11: "十一", 21: "二十一"}),
        ("chineseLegalSimplified", {1: "壹", 10: "壹拾", 23: "贰拾叁"}),
        ("ideographLegalTraditional", {2: "貳", 6: "陸"}),
        ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),
        ("ideographZodiac", {1: "子", 12: "亥"}),
        ("ideographZodiacTraditional", {1: "甲子", 60: "癸亥"}),
        ("ideographDigital", {10: "一〇", 2017: "二〇一七"}),
        ("ordinal", {1: "1st", 2: "2nd", 11: "11th", 23: "23rd"}),
        ("cardinalText", {21: "Twenty-one", 100: "One hundred"}),
        ("ordinalText", {1: "First", 20: "Twentieth", 32: "Thirty-second"}),
        ("none", {7: ""}),
        ("a format of the future", {7: "7"}),
    ],
)
def test_a_format_writes_its_numbers(form: str, expected: dict[int, str]) -> None:
    assert {number: numeral(number, form) for number in expected} == expected


@pytest.mark.parametrize("form", COUNTING_ON)
def test_no_two_numbers_up_to_999_look_the_same(form: str) -> None:
    written = [numeral(number, form) for number in range(1, 1000)]
    assert len(set(written)) == 999
    assert all(written)


@given(st.integers(1, 9999))
def test_chinese_counting_says_its_number(number: int) -> None:
    for form in ("chineseCountingThousand", "taiwaneseCountingThousand", "chineseLegalSimplified"):
        assert _value(numeral(number, form)) == number


@given(st.integers(1, 9999))
def test_chinese_counting_writes_no_idle_zero(number: int) -> None:
    text = chinese(number)
    assert "零零" not in text and not text.endswith("零") and not text.startswith("一十")


@given(st.integers(1, 9998))
def test_chinese_counting_grows_with_its_number(number: int) -> None:
    assert _value(chinese(number)) < _value(chinese(number + 1))


@given(st.integers(10_000, 10**12 - 1))
def test_myriads_part_the_groups(number: int) -> None:
    text = chinese(number)
    assert ("亿" in text) == (number >= 10**8)
    assert ("万" in text) == (number % 10**8 >= 10_000)


@given(st.integers(1, 9999))
def test_positional_formats_write_digit_by_digit(number: int) -> None:
    assert "".join(str(DIGITS[c]) for c in numeral(number, "ideographDigital")) == str(number)


@given(st.sampled_from(sorted(FORMS)), st.integers(-(10**20), 10**20))
def test_every_format_survives_every_number_and_stays_short(form: str, number: int) -> None:
    assert len(numeral(number, form)) < 10_000


def _value(text: str) -> int:
    """Read a Chinese numeral below 10,000, independently of how it was written."""
    total, digit = 0, 0
    for sign in text:
        if sign in UNITS:
            total, digit = total + (digit or 1) * UNITS[sign], 0
        else:
            digit = DIGITS[sign]
    return total + digit
