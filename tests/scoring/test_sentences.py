"""The worksheet's sentences: values go in, and quotation marks take turns."""

from __future__ import annotations

from scoring import sentences


def test_a_quoted_value_has_its_own_quotation_marks_one_level_down() -> None:
    told = sentences.gap("catalog_unclaimed", no="3", title="关于“三统一”标准的通知")
    assert told == "目录第3项“关于‘三统一’标准的通知”报告未引用"


def test_marks_inside_the_marks_of_a_value_take_turns() -> None:
    told = sentences.gap("claim_not_in_catalog", item="（一）1", text="《关于“推进‘放管服’改革”的通知》")
    assert "“《关于‘推进“放管服”改革’的通知》”" in told


def test_a_value_outside_of_our_quotation_marks_keeps_its_own() -> None:
    assert sentences.why("partly", values="“三统一”标准") == "；“三统一”标准不在目录中"


def test_single_marks_alone_stay_as_they_are() -> None:
    assert "“‘最多跑一次’清单”" in sentences.gap("catalog_unclaimed", no="1", title="‘最多跑一次’清单")
