"""Chinese text for comparing: folding, keys, numerals, numbers of catalogs, cutting into words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.chinese import Tokenizer, fold, han_number, key, number, number_key, tidy

steady = settings(derandomize=True, deadline=None, max_examples=100)
DIGITS = "零一二三四五六七八九"
ROMAN = [(90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
TEXT = st.text(st.characters(codec="utf-8"), max_size=40) | st.text("《》〔〕[]【】（）()“”—－～ ａＢ１一二三号.·①Ⅲ", max_size=40)


def written(n: int, tens: str = "十") -> str:
    """1 … 9999 as a Chinese writes it: 一百零五, 十二, 三千零二十."""
    out, zero = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, tens), (1, "")):
        digit = n // unit % 10
        if digit:
            out += ("零" if zero and out else "") + DIGITS[digit] + sign
        zero = not digit
    return out.removeprefix("一") if 10 <= n < 20 else out


def roman(n: int) -> str:
    out = ""
    for value, sign in ROMAN:
        out, n = out + sign * (n // value), n % value
    return out


def test_every_number_from_1_to_9999_is_read_as_it_is_written() -> None:
    assert [n for n in range(1, 10000) if han_number(written(n)) != n] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("二〇一七", 2017), ("二○一七", 2017), ("十", 10), ("廿三", 23), ("卅", 30), ("两百", 200), ("贰拾叁", 23), ("壹仟零伍", 1005),
        ("〇", 0), ("", None), ("三个", None), ("abc", None),
    ],
)  # fmt: skip
def test_chinese_numerals_of_other_kinds(text: str, value: int | None) -> None:
    assert han_number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3), ("３", 3), ("三", 3), ("Ⅲ", 3), ("III", 3), ("③", 3), ("㈢", 3), ("（三）", 3), ("3.", 3), ("三、", 3),
        ("⒊", 3), ("⑶", 3),
        ("", None), ("甲", None), ("图3", None),
    ],
)  # fmt: skip
def test_one_numeral_in_any_script(text: str, value: int | None) -> None:
    assert number(text) == value


@given(n=st.integers(1, 89))
@steady
def test_roman_numerals_are_read_as_they_are_written(n: int) -> None:
    assert number(roman(n)) == n


@given(n=st.integers(1, 20), m=st.integers(1, 20))
@steady
def test_the_same_number_in_other_scripts_has_the_same_key(n: int, m: int) -> None:
    wanted = (n, m)
    circled = chr(0x2460 + m - 1)
    assert number_key(f"{n}-{m}") == wanted
    assert number_key(f"{n:02}.{m:02}") == wanted
    assert number_key(f"{n}-{m}".translate({ord("0") + d: ord("０") + d for d in range(10)})) == wanted
    assert number_key(f"{written(n)}-{circled}") == wanted
    assert number_key(f"{n}{circled}") == wanted
    assert number_key(f"{roman(n)}-{m}") == wanted
    assert number_key(f"第{n}卷第{m}号") == wanted


@given(letter=st.sampled_from("ABCDEFGHJKPZ"), n=st.integers(1, 99))
@steady
def test_a_letter_counts_in_whatever_case_and_width(letter: str, n: int) -> None:
    wide = chr(ord(letter) + 0xFEE0)
    assert number_key(f"{letter}{n}") == number_key(f"{letter.lower()}-{n:02}") == number_key(f"{wide}{n}") == (letter, n)


@pytest.mark.parametrize("no", ["Ⅲ-1-2-①", "ⅲ-1-2-1", "III-1-2-1", "3-1-2-1", "３．１．２．１", "三-1-2-①", "卷Ⅲ-1-2-①"])
def test_one_code_as_different_units_write_it(no: str) -> None:
    assert number_key(no) == (3, 1, 2, 1)


@pytest.mark.parametrize(
    ("no", "wanted"),
    [("卷④", (4,)), ("盒3-05", (3, 5)), ("6.1.1-1", (6, 1, 1, 1)), ("甲-2", (1, 2)), ("附件", ()), ("", ())],
)
def test_the_words_around_a_number_are_dropped(no: str, wanted: tuple[int, ...]) -> None:
    assert number_key(no) == wanted


@given(text=TEXT)
@steady
def test_folding_keeps_every_character_in_its_place_and_is_done_once(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(text=TEXT)
@steady
def test_a_key_is_the_key_of_itself_and_of_the_folded_text(text: str) -> None:
    assert key(key(text)) == key(text)
    assert key(fold(text)) == key(text)


@pytest.mark.parametrize("printed", ["〔2017〕", "[2017]", "【2017】", "﹝2017﹞", "［２０１７］"])
def test_square_brackets_of_every_style_are_one(printed: str) -> None:
    assert fold(printed) == "〔2017〕"


def test_names_that_differ_in_signs_case_and_width_only_have_one_key() -> None:
    assert key("《“互联网＋政务服务” ＡＰＰ 操作手册》") == key("互联网+政务服务app操作手册")
    assert key("第一期") != key("第二期")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("政 务 服 务", "政务服务"), ("2017 年 12 月", "2017年12月"), ("APP 使用 手册", "APP 使用手册"), ("　一、概况　", "一、概况")],
)
def test_blanks_of_a_layout_go_and_blanks_between_letters_stay(text: str, wanted: str) -> None:
    assert tidy(text) == wanted


@pytest.fixture(scope="module")
def plain() -> Tokenizer:
    """One for all: loading the dictionary takes longest."""
    return Tokenizer()


@given(text=st.text("政务服务工作方案2017年，。《》 abAB", max_size=30))
@steady
def test_the_pieces_of_a_cut_text_are_the_text(plain: Tokenizer, text: str) -> None:
    assert "".join(plain.words(text)) == text


def test_a_word_of_ones_own_is_not_cut_apart(plain: Tokenizer) -> None:
    assert "电子秘钥" in Tokenizer(["电子秘钥"]).cut("及时更换电子秘钥。")
    assert "电子秘钥" not in plain.cut("及时更换电子秘钥。")
