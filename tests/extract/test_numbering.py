"""The automatic numbers of list paragraphs, counted as Word draws them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from extract.numbering import Counter, read_numbering

NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def level(ilvl: int | None, form: str = "decimal", text: str = "", start: int = 1, more: str = "") -> str:
    place = "" if ilvl is None else f' w:ilvl="{ilvl}"'
    return f'<w:lvl{place}><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


def definition(key: int, *levels: str, more: str = "") -> str:
    return f'<w:abstractNum w:abstractNumId="{key}">{more}{"".join(levels)}</w:abstractNum>'


def instance(num_id: int, key: int, overrides: str = "") -> str:
    return f'<w:num w:numId="{num_id}"><w:abstractNumId w:val="{key}"/>{overrides}</w:num>'


def start_at(ilvl: int, number: int) -> str:
    return f'<w:lvlOverride w:ilvl="{ilvl}"><w:startOverride w:val="{number}"/></w:lvlOverride>'


def drawn(xml: str, *steps: tuple[int, int], styles: dict[str, str] | None = None) -> list[str]:
    """The labels of paragraphs (numId, level) in order."""
    counter = Counter(read_numbering(etree.fromstring(f"<w:numbering {NS}>{xml}</w:numbering>"), styles or {}))
    return [counter.draw(str(num_id), ilvl) for num_id, ilvl in steps]


REPORT = definition(0, level(0, "chineseCounting", "%1、"), level(1, "chineseCounting", "（%2）"), level(2, "decimal", "%3."))
OUTLINE = definition(0, level(0, text="%1"), level(1, text="%1.%2"), level(2, text="%1.%2.%3"))


def test_levels_of_a_report_count_under_each_other() -> None:
    steps = ((1, 0), (1, 1), (1, 1), (1, 2), (1, 0), (1, 1), (1, 2))
    assert drawn(REPORT + instance(1, 0), *steps) == ["一、", "（一）", "（二）", "1.", "二、", "（一）", "1."]


def test_a_label_takes_in_the_numbers_above_it() -> None:
    assert drawn(OUTLINE + instance(1, 0), (1, 0), (1, 1), (1, 2), (1, 2), (1, 1)) == ["1", "1.1", "1.1.1", "1.1.2", "1.2"]


def test_a_skipped_level_counts_as_begun() -> None:
    assert drawn(OUTLINE + instance(1, 0), (1, 1), (1, 0), (1, 2)) == ["1.1", "2", "2.1.1"]


def test_a_list_starts_where_its_definition_says() -> None:
    xml = definition(0, level(0, text="%1", start=3), level(1, text="%1.%2", start=0)) + instance(1, 0)
    assert drawn(xml, (1, 0), (1, 1), (1, 1), (1, 0)) == ["3", "3.0", "3.1", "4"]


def test_legal_style_turns_chinese_numbers_above_into_digits() -> None:
    xml = definition(0, level(0, "chineseCounting", "%1、"), level(1, text="%1.%2", more="<w:isLgl/>")) + instance(1, 0)
    assert drawn(xml, (1, 0), (1, 1), (1, 0), (1, 1)) == ["一、", "1.1", "二、", "2.1"]


def test_instances_of_one_definition_count_on() -> None:
    xml = OUTLINE + "".join(instance(k, 0) for k in (1, 2, 3))
    assert drawn(xml, (1, 0), (2, 0), (3, 1), (2, 0)) == ["1", "2", "2.1", "3"]


def test_separate_definitions_count_apart() -> None:
    other = OUTLINE.replace('abstractNumId="0"', 'abstractNumId="1"')
    assert drawn(OUTLINE + other + instance(1, 0) + instance(2, 1), (1, 0), (2, 0), (1, 0)) == ["1", "1", "2"]


def test_a_start_override_restarts_once() -> None:
    xml = OUTLINE + instance(1, 0) + instance(2, 0, start_at(0, 1)) + instance(3, 0, start_at(0, 5))
    assert drawn(xml, (1, 0), (1, 0), (2, 0), (2, 0), (1, 0), (3, 0), (2, 0)) == ["1", "2", "1", "2", "3", "5", "6"]


def test_a_level_override_changes_the_look_and_counts_on() -> None:
    own = f'<w:lvlOverride w:ilvl="0">{level(0, text="第%1条", start=9)}</w:lvlOverride>'
    assert drawn(OUTLINE + instance(1, 0) + instance(2, 0, own), (1, 0), (2, 0), (1, 0)) == ["1", "第2条", "3"]


def test_restart_zero_never_restarts_and_restart_one_only_after_the_first_level() -> None:
    never = level(1, text="%2", more='<w:lvlRestart w:val="0"/>')
    after_first = level(2, text="%3", more='<w:lvlRestart w:val="1"/>')
    xml = definition(0, level(0, text="%1"), never, after_first) + instance(1, 0)
    steps = ((1, 0), (1, 1), (1, 2), (1, 1), (1, 2), (1, 0), (1, 1), (1, 2))
    assert drawn(xml, *steps) == ["1", "1", "1", "2", "2", "2", "3", "1"]


def test_levels_without_a_place_take_the_next_one() -> None:
    xml = definition(0, level(None, "chineseCounting", "%1、"), level(None, text="%2.")) + instance(1, 0) + instance(2, 0)
    assert drawn(xml, (1, 0), (2, 1), (1, 0)) == ["一、", "1.", "二、"]


def test_a_link_to_a_numbering_style_leads_to_its_levels() -> None:
    linking = definition(5, more='<w:numStyleLink w:val="S"/>')
    xml = definition(0, level(0, text="%1)"), more='<w:styleLink w:val="S"/>') + linking + instance(1, 5) + instance(2, 0)
    assert drawn(xml, (1, 0), (2, 0), styles={"S": "2"}) == ["1)", "2)"]


def test_links_in_a_circle_end() -> None:
    xml = definition(0, more='<w:numStyleLink w:val="A"/>') + instance(1, 0)
    assert drawn(xml, (1, 0), styles={"A": "1"}) == [""]


def test_a_zero_padded_format_of_newer_words_is_read_from_its_choice() -> None:
    form = (
        '<mc:AlternateContent><mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice>'
        '<mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent>'
    )
    xml = f'<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">{form}<w:start w:val="1"/><w:lvlText w:val="%1"/></w:lvl></w:abstractNum>'
    assert drawn(xml + instance(1, 0), (1, 0), (1, 0)) == ["001", "002"]


@pytest.mark.parametrize(
    ("font", "stored", "sign"),
    [("Wingdings", "\uf06c", "●"), ("Wingdings", "\uf0d8", "➢"), ("Wingdings", "n", "■"), ("Symbol", "\uf0b7", "•"), ("宋体", "—", "—")],
)
def test_a_bullet_is_the_sign_that_its_font_draws(font: str, stored: str, sign: str) -> None:
    xml = definition(0, level(0, "bullet", stored).replace("</w:lvl>", f'<w:rPr><w:rFonts w:ascii="{font}"/></w:rPr></w:lvl>')) + instance(
        1, 0
    )
    assert drawn(xml, (1, 0)) == [sign]


def test_an_unknown_list_or_level_draws_nothing() -> None:
    assert drawn(OUTLINE + instance(1, 7), (1, 0), (9, 0), (1, 12)) == ["", "", ""]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2)), max_size=40))
def test_a_number_never_repeats_under_the_same_number_above(steps: list[tuple[int, int]]) -> None:
    """Without restarts by override, an outline's labels are all different."""
    labels = drawn(OUTLINE + "".join(instance(k, 0) for k in (1, 2, 3)), *steps)
    assert len(set(labels)) == len(labels)
    assert all(label.count(".") == ilvl for label, (_, ilvl) in zip(labels, steps, strict=True))
