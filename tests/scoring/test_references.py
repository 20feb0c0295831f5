"""References to catalog rows by number: what is written, and which numbers it means."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.references import references

steady = settings(derandomize=True, deadline=None, max_examples=60)
HAN = "〇一二三四五六七八九十"
Key = tuple[int | str, ...]


def keys(text: str) -> list[Key]:
    return [r.key for r in references(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("附件3", [(3,)], id="附件 with a number"),
        pytest.param("附件三", [(3,)], id="in Chinese numerals"),
        pytest.param("附件（三）", [(3,)], id="in brackets"),
        pytest.param("佐证材料第12项", [(12,)], id="第…项"),
        pytest.param("影像类第2项", [(2,)], id="a list's own word"),
        pytest.param("附件3-1", [(3, 1)], id="two levels"),
        pytest.param("6.1.1-1", [(6, 1, 1, 1)], id="four levels"),
        pytest.param("Ⅲ-1-2-①", [(3, 1, 2, 1)], id="Roman and circled"),
        pytest.param("卷④", [(4,)], id="a volume"),
        pytest.param("卷②-7", [(2, 7)], id="a volume and its paper"),
        pytest.param("卷一第5件", [(1, 5)], id="a volume and its paper in words"),
        pytest.param("盒3-05", [(3, 5)], id="a box and its paper"),
        pytest.param("B03", [("B", 3)], id="a letter"),
        pytest.param("甲第2项", [(1, 2)], id="a heavenly stem"),
        pytest.param("表六4号", [(6, 4)], id="a table and its row"),
        pytest.param("二号盒之七", [(2, 7)], id="a box by its ordinal"),
        pytest.param("2.3条佐证2", [(2, 3, 2)], id="an item and its row"),
        pytest.param("㉔", [(24,)], id="circled beyond twenty"),
    ],
)
def test_one_reference_is_one_number_in_whatever_script(text: str, wanted: list[Key]) -> None:
    assert keys(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("附件3-1至3-4", [(3, 1), (3, 2), (3, 3), (3, 4)], id="range of two levels"),
        pytest.param("1-9至12", [(1, 9), (1, 10), (1, 11), (1, 12)], id="range that leaves its head out"),
        pytest.param("第8、9项", [(8,), (9,)], id="run with one unit"),
        pytest.param("附件5、附件6", [(5,), (6,)], id="run that repeats its word"),
        pytest.param("附件2和附件4至6", [(2,), (4,), (5,), (6,)], id="run with a range in it"),
        pytest.param("附件七至九", [(7,), (8,), (9,)], id="range in Chinese numerals"),
    ],
)
def test_a_range_or_run_means_every_member(text: str, wanted: list[Key]) -> None:
    assert keys(text) == wanted


@given(
    low=st.integers(1, 90),
    more=st.integers(1, 9),
    to=st.sampled_from(["至", "到", "~", "～", "〜"]),
    frame=st.sampled_from(["附件{}{}{}", "佐证材料第{}{}{}项", "第{}项{}第{}项"]),
)
@steady
def test_a_written_range_gives_all_its_members(low: int, more: int, to: str, frame: str) -> None:
    assert keys(frame.format(low, to, low + more)) == [(n,) for n in range(low, low + more + 1)]


@given(head=st.integers(1, 9), low=st.integers(1, 20), more=st.integers(1, 9))
@steady
def test_a_range_of_two_levels_gives_all_its_members(head: int, low: int, more: int) -> None:
    wanted = [(head, n) for n in range(low, low + more + 1)]
    assert keys(f"附件{head}-{low}至{head}-{low + more}") == wanted
    assert keys(f"附件{head}-{low}至附件{head}-{low + more}") == wanted


@given(numbers=st.lists(st.integers(1, 99), min_size=1, max_size=6), sign=st.sampled_from(["、", "，", "和"]))
@steady
def test_a_written_run_gives_all_its_members_in_order(numbers: list[int], sign: str) -> None:
    assert keys("附件" + sign.join(map(str, numbers))) == [(n,) for n in numbers]


def test_numbers_that_fall_are_no_range() -> None:
    assert keys("附件9至3") == [(9,), (3,)]


def test_a_mistyped_range_of_thousands_is_not_filled_in() -> None:
    assert len(keys("附件1至900")) == 2


def test_the_word_before_a_number_is_kept_and_goes_on_for_a_run() -> None:
    assert [r.word for r in references("影像类第2、3项，附件5")] == ["影像类", "影像类", "附件"]


def test_each_number_knows_its_place_in_the_text() -> None:
    text = "附件5、附件6"
    assert [text[r.start : r.end] for r in references(text)] == ["附件5", "附件6"]


@pytest.mark.parametrize("text", ["第12页", "P12"])
def test_a_page_of_the_bound_evidence_is_no_row_number(text: str) -> None:
    assert [(r.page, r.key) for r in references(text)] == [(True, ("P", 12))]


@pytest.mark.parametrize("text", ["第12至15页", "第12页至第15页", "P12-P15"])
def test_a_range_of_pages_is_one_reference_to_its_first_and_last_page(text: str) -> None:
    (found,) = references(text)
    assert found.page
    assert [n for n in found.key if isinstance(n, int)] == [12, 15]


@pytest.mark.parametrize("text", ["", "见附件", "材料齐全"])
def test_words_without_a_number_refer_to_nothing(text: str) -> None:
    assert references(text) == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("二号袋3至5件", [(2, 3), (2, 4), (2, 5)], id="a range in a bag"),
        pytest.param("附件2-3-①②", [(2, 3, 1), (2, 3, 2)], id="two circled numbers under one head"),
        pytest.param("附件1-4 附件1-9", [(1, 4), (1, 9)], id="a blank parts two references"),
        pytest.param("第1条、第2条", [(1,), (2,)], id="items side by side hold nothing of each other"),
    ],
)
def test_what_stands_right_behind_a_number_may_be_counted_within_it(text: str, wanted: list[Key]) -> None:
    assert keys(text) == wanted
