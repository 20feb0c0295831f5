"""Self-scores that contradict the report: three kinds of gaps, none of them a ground for points."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extract.model import Block, Location
from scoring.points import PROPOSES
from scoring.rubric import builtin, load_rubric
from scoring.segment import Label
from scoring.self_check import above_maximum, admission, self_gaps
from scoring.worksheet import LabelledBlock, SelfScore

RUBRIC = load_rubric(builtin())
ALL = frozenset(i.id for i in RUBRIC.items)
FULL = {i.id: SelfScore(Decimal(0) if i.bonus else i.points, 0) for i in RUBRIC.items}


def block(text: str, item: str = "1.4") -> LabelledBlock:
    return LabelledBlock(0, None, 1, "paragraph", text, int(item[0]), item, 0.9)


def kinds(text: str = "", own: dict[str, SelfScore] | None = None, total: str | None = None, applies: frozenset[str] = ALL) -> list[str]:
    blocks = [block(text)] if text else []
    return [g.kind for g in self_gaps(RUBRIC, applies, blocks, FULL if own is None else own, None if total is None else Decimal(total))]


def test_a_total_that_is_not_the_sum_is_told_with_both() -> None:
    (gap,) = self_gaps(RUBRIC, ALL, [], {**FULL, "7.1": SelfScore(Decimal(8), 0)}, Decimal(106))
    assert (gap.kind, gap.item) == ("self_sum_differs", None)
    assert gap.message == "自评分合计不符：各条目相加108分（100分，加分8分），报告写106分，待核实"


@pytest.mark.parametrize("total", ["108", "100", "100.0"])
def test_a_total_with_or_without_the_bonus_is_right(total: str) -> None:
    assert kinds(own={**FULL, "7.1": SelfScore(Decimal(8), 0)}, total=total) == []


def test_where_an_item_has_no_score_nothing_can_be_added_up() -> None:
    own = {k: v for k, v in FULL.items() if k not in ("1.2", "6.1")}
    assert kinds(own=own, total="90") == []
    assert kinds(own=own, total="95", applies=ALL - {"1.2", "6.1"}) == ["self_sum_differs"]
    assert kinds(own={}, total="90", applies=frozenset()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("全年报送材料11次，其中1次未按时报送。", "其中1次未按时报送"),
        ("制度已经建立，但运行机制还不够完善；", "但运行机制还不够完善"),
        ("信息系统尚未清理完毕", "信息系统尚未清理完毕"),
        ("个别科室反馈还不及时。", "个别科室反馈还不及时"),
        ("工作仍存在差距，今后改进", "工作仍存在差距"),
    ],
)
def test_an_admitted_shortfall_beside_full_marks_is_told_in_the_reports_words(text: str, words: str) -> None:
    assert admission(text) == words
    (gap,) = self_gaps(RUBRIC, ALL, [block(text)], FULL, None)
    assert (gap.kind, gap.item, f"“{words}”" in gap.message) == ("self_full_admits", "1.4", True)


@pytest.mark.parametrize(
    "text",
    [
        "没有发现未按时报送的情况",
        "对未按时报送的科室，予以通报",
        "未按时报送的，扣1分",
        "杜绝未及时反馈现象",
        "受理曝光问题3个，均为清雪不及时，已整改",
        "按时报送，不存在漏报",
        "全部按要求报送",
    ],
)
def test_what_only_sounds_like_a_shortfall_is_none(text: str) -> None:
    assert admission(text) is None


def test_less_than_full_marks_contradict_nothing() -> None:
    assert kinds("其中1次未按时报送", {**FULL, "1.4": SelfScore(Decimal(4), 0)}) == []
    assert kinds("其中1次未按时报送", applies=ALL - {"1.4"}) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("已建立机制。自评6分。", ["self_above_max"], id="more than 5"),
        pytest.param("已建立机制。自评5分。", [], id="all of 5"),
        pytest.param("本部分自评20分。", [], id="the section's subtotal"),
        pytest.param("分工写得十分清楚[10]。", [], id="no figure"),
    ],
)
def test_a_score_above_the_maximum_is_told(text: str, found: list[str]) -> None:
    blocks = (Block("paragraph", text, Location()),)
    gaps = above_maximum(blocks, [Label(1, "1.1", 0.9)], RUBRIC, {"1.1": SelfScore(Decimal(5), 0)} if "自评5分" in text else {})
    assert [g.kind for g in gaps] == found
    assert all("自评6分，高于本条目5分" in g.message for g in gaps)


def test_none_of_them_proposes_a_deduction() -> None:
    assert not PROPOSES & {"self_sum_differs", "self_above_max", "self_full_admits"}
