"""Where two titles differ, and where a paragraph names evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.marking import differing, stretches


def shown(text: str, other: str) -> str:
    return "".join(f"[{p.text}]" if p.differs else p.text for p in differing(text, other)[0])


@pytest.mark.parametrize(
    ("text", "other", "marked"),
    [
        pytest.param("2017年上半年总结", "2017年下半年总结", "2017年[上]半年总结", id="one character"),
        pytest.param("关于印发2017年方案的通知", "关于印发2016年方案的通知", "关于印发[2017]年方案的通知", id="a number is marked whole"),
        pytest.param("甲政办发〔2017〕8号", "甲政办发[2017]8号", "甲政办发〔2017〕8号", id="brackets of another shape are the same"),
        pytest.param("《工作方案》", "工作方案", "《工作方案》", id="title marks are no difference"),
        pytest.param("工作方案", "实施工作方案", "工作方案", id="what only the other has is not marked here"),
        pytest.param("标准化工作机制", "规范化工作机制", "[标准]化工作机制", id="a key word"),
        pytest.param("会议纪要", "人员名册", "会议纪要", id="titles with little in common are not compared"),
    ],
)
def test_the_characters_that_differ_are_marked(text: str, other: str, marked: str) -> None:
    assert shown(text, other) == marked


@given(st.text(max_size=30), st.text(max_size=30))
def test_marking_never_changes_a_text(left: str, right: str) -> None:
    a, b = differing(left, right)
    assert "".join(p.text for p in a) == left
    assert "".join(p.text for p in b) == right


@given(st.text(max_size=20), st.lists(st.tuples(st.integers(-3, 25), st.integers(-3, 25), st.integers(0, 5)), max_size=5))
def test_cutting_a_paragraph_at_any_spans_never_changes_it(text: str, spans: list[tuple[int, int, int]]) -> None:
    assert "".join(s.text for s in stretches(text, spans)) == text


def test_overlapping_claims_keep_their_order_and_share_no_character() -> None:
    assert [(s.text, s.claim) for s in stretches("印发方案和细则", [(2, 7, 0), (5, 7, 1)])] == [("印发", None), ("方案和细则", 0)]
