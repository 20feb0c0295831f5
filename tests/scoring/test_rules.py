"""The rules as data: what the built-in ones cover, and what a changed one is told."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest

from scoring.rubric import RubricError, builtin, load_rubric
from scoring.rules import KINDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "points.md").read_text("utf-8")
SMALL = """
id = "t"
title = "细则"
year = 2020
deadline_day = 2021-02-28
[points]
base = 10
bonus = 3
weight = 2.5
[[readings]]
id = "几次"
rule = "1.1b"
question = "几次算多？"
use = "两次"
[[readings.choices]]
name = "两次"
at_least = 2
[[readings.choices]]
name = "超过两次"
more_than = 2
[[sections]]
number = 1
name = "甲"
points = 10
[[sections.items]]
number = 1
name = "子"
points = 4
text = "报送材料。"
rule = "4分，漏报的每次扣0.5分；多次漏报的不得分"
[[sections.items.rules]]
id = "1.1a"
kind = "deduct_each"
points = 0.5
unit = "次"
clause = "漏报的每次扣0.5分"
label = "漏报"
[[sections.items.rules]]
id = "1.1b"
kind = "zero"
counts = ["1.1a"]
clause = "多次漏报的不得分"
label = "多次漏报"
[[sections.items]]
number = 2
name = "丑"
points = 6
text = "开会。"
[[sections]]
number = 2
name = "乙"
points = 3
bonus = true
[[sections.items]]
number = 1
name = "寅"
points = 3
text = "创新。"
rule = "每项加1分"
[[sections.items.rules]]
id = "2.1a"
kind = "award_each"
points = 1
unit = "项"
clause = "每项加1分"
label = "创新"
"""


def test_every_word_of_every_clause_stands_in_a_rule() -> None:
    for item in load_rubric(builtin()).items:
        left = plain(re.sub(r"^\d+分[，。]?", "", item.rule))
        for rule in item.rules:
            assert plain(rule.clause) in plain(item.rule) + "。" + plain(item.text), rule.id
            left = left.replace(plain(rule.clause), "")
        assert not re.sub(r"\W", "", left), item.id
        assert item.rules, item.id


def test_rule_ids_are_the_items_letters_in_order() -> None:
    for item in load_rubric(builtin()).items:
        assert [r.id for r in item.rules] == [f"{item.id}{chr(ord('a') + n)}" for n in range(len(item.rules))]


def test_no_single_clause_takes_more_than_its_item_has() -> None:
    for item in load_rubric(builtin()).items:
        assert all(r.points <= item.points for r in item.rules)


def test_every_doubtful_reading_has_a_question_and_at_least_two_ways() -> None:
    rubric = load_rubric(builtin())
    assert {r.id for r in rubric.readings} >= {"自查报告迟报", "漏报迟报次数", "预警次数", "视为未启动"}
    for reading in rubric.readings:
        assert len(reading.choices) >= 2
        assert reading.use in reading.choices
        assert reading.question.startswith(("“", "自查"))
        assert rubric.rule(reading.rule)


@pytest.mark.parametrize("id", [r.id for r in load_rubric(builtin()).readings])
def test_the_page_about_points_lists_every_doubtful_reading_with_the_one_in_use(id: str) -> None:
    reading = next(r for r in load_rubric(builtin()).readings if r.id == id)
    (line,) = [t for t in PAGE.splitlines() if t.startswith(f"| {id} |")]
    _, _, clause, use, other, _ = line.split("|")
    assert clause.split()[0] == reading.rule
    assert use.strip().startswith(reading.use)
    assert [c for c in reading.choices if c != reading.use] == [other.split(":")[0].strip()]


def test_the_page_about_points_explains_every_kind_and_key_of_a_rule() -> None:
    assert all(f"`{kind}`" in PAGE for kind in KINDS)
    keys = ("at_least", "more_than", "exactly", "counts", "separately", "zeroes", "deems", "excludes", "intake")
    assert all(f"`{key}" in PAGE for key in keys)


def test_rules_thresholds_and_weight_are_read_exactly() -> None:
    rubric = load_rubric({"rubric.toml": SMALL})
    assert rubric.weight == Decimal("2.5")
    assert rubric.rule("1.1a").points == Decimal("0.5")
    assert (rubric.rule("1.1b").at_least, rubric.rule("1.1b").at_most, rubric.rule("1.1b").takes_facts) == (2, None, False)
    assert [c.id for c in rubric.item("1.1").clauses] == ["1.1a", "1.1b"]
    assert rubric.item("1.2").rules == ()


def test_another_reading_changes_the_rule_and_the_hash_of_the_rubric() -> None:
    one = load_rubric({"rubric.toml": SMALL})
    other = load_rubric({"rubric.toml": SMALL.replace('use = "两次"', 'use = "超过两次"')})
    assert other.rule("1.1b").at_least == 3
    assert other.sha256 != one.sha256


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param('clause = "漏报的每次扣0.5分"', 'clause = "漏报扣分"', "一字不差", id="clause that is not printed"),
        pytest.param('kind = "zero"', 'kind = "nil"', "deduct_each", id="unknown kind"),
        pytest.param('id = "1.1b"\nkind', 'id = "1.2b"\nkind', "1.1a", id="id of another item"),
        pytest.param('id = "1.1b"\nkind', 'id = "1.1a"\nkind', "重复", id="id twice"),
        pytest.param('kind = "zero"', 'kind = "zero"\npoints = 2', "不用分值", id="points where none are used"),
        pytest.param("points = 0.5\n", "", "points", id="no points where some are needed"),
        pytest.param('counts = ["1.1a"]', 'counts = ["1.9a"]', "没有 1.9a", id="counts an unknown rule"),
        pytest.param('counts = ["1.1a"]', 'zeroes = ["9.9"]', "没有 9.9", id="zeroes an unknown item"),
        pytest.param('counts = ["1.1a"]', 'deem = ["1.1a"]', "没有这个键", id="misspelt key"),
        pytest.param('kind = "zero"', 'kind = "zero"\nmore_than = 1', "只能写一个", id="two thresholds"),
        pytest.param('kind = "award_each"', 'kind = "deduct_each"', "加分条款", id="deduction from a bonus"),
        pytest.param('use = "两次"', 'use = "三次"', "超过两次", id="unknown reading"),
        pytest.param('rule = "1.1b"\nquestion', 'rule = "1.1z"\nquestion', "没有 1.1z", id="reading of no rule"),
        pytest.param('rule = "每项加1分"', 'rule = "每项加1分"\nclauses = ["每项加1分"]', "只能写一个", id="clauses twice"),
        pytest.param('counts = ["1.1a"]', 'counts = ["1.1a"]\nintake = "late"', "不能直接计数", id="fact of a rule that follows"),
        pytest.param('counts = ["1.1a"]', 'counts = ["1.1a"]\nintake = "early"', "late", id="unknown intake"),
    ],
)
def test_a_wrong_rule_is_named_with_what_is_allowed(old: str, new: str, says: str) -> None:
    assert old in SMALL
    with pytest.raises(RubricError) as caught:
        load_rubric({"rubric.toml": SMALL.replace(old, new, 1)})
    assert "rubric.toml" in str(caught.value)
    assert says in str(caught.value)


def plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
