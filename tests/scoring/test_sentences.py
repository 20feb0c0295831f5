"""The worksheet's sentences: values go in, and quotation marks take turns."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib import resources
from string import Formatter

import pytest

from scoring import sentences
from scoring.gaps import ORDER

TABLES = tomllib.loads((resources.files("scoring") / "sentences.toml").read_text("utf-8"))
TELL: dict[str, Callable[..., str]] = {
    "why": sentences.why,
    "twin": sentences.twin,
    "gap": sentences.gap,
    "corrected": sentences.corrected,
    "changed": sentences.changed,
    "review": sentences.review,
    "paper": sentences.paper,
    "status": sentences.status,
}
EVERY = [(table, code) for table, codes in TABLES.items() for code in codes]


@pytest.mark.parametrize(("table", "code"), EVERY, ids=[f"{t}-{c}" for t, c in EVERY])
def test_every_sentence_is_chinese_and_says_all_of_its_values(table: str, code: str) -> None:
    names = {name for _, name, _, _ in Formatter().parse(TABLES[table][code]) if name}
    values = {name: f"<{n}>" for n, name in enumerate(sorted(names))}
    told = TELL[table](code, **values)
    assert all(value in told for value in values.values())
    own = TABLES[table][code].translate(str.maketrans("", "", "：；"))
    assert any("\u4e00" <= c <= "\u9fff" for c in told) or own == "".join(f"{{{name}}}" for name in sorted(names))
    assert "{" not in told
    assert not told.endswith("。"), "the page sets its own full stops"


@pytest.mark.parametrize("kind", ORDER)
def test_every_kind_of_gap_has_its_sentence(kind: str) -> None:
    assert kind in TABLES["gap"]


@pytest.mark.parametrize("conflict", ["year", "period", "version", "docno"])
def test_every_difference_between_near_twins_has_its_words(conflict: str) -> None:
    assert sentences.twin(conflict).endswith(("不同", "）"))


def test_a_sentence_without_its_value_is_refused_rather_than_left_open() -> None:
    with pytest.raises(KeyError):
        sentences.gap("section_missing", section="六")


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
