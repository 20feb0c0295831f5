"""Rules × facts: every clause of the notice with its points worked out by hand, and what holds for any facts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.deductions import Outcome, outcomes
from scoring.facts import Fact
from scoring.points import score
from scoring.rubric import Rubric, builtin, load_rubric

TEXTS = builtin()
RUBRIC = load_rubric(TEXTS)
ALL = frozenset(i.id for i in RUBRIC.items)
FULL = {i.id: Decimal(0) if i.bonus else i.points for i in RUBRIC.items}
steady = settings(derandomize=True, deadline=None, max_examples=40)

BY_HAND = [
    # （一）20分
    ("1.1a", 1, {"1.1": 0}),  # 不得分
    ("1.1b", 1, {"1.1": 2}),  # 5 − 3
    ("1.2a", 1, {"1.2": 0}),
    ("1.2b", 1, {"1.2": 2}),
    ("1.3a", 1, {"1.3": 4}),  # 每项扣1分
    ("1.3a", 3, {"1.3": 2}),
    ("1.3a", 6, {"1.3": 0}),  # 5 − 6, not below 0
    ("1.4a", 1, {"1.4": 3}),  # 一次扣2分
    ("1.4a", 2, {"1.4": 1}),
    ("1.4a", 3, {"1.4": 0}),
    ("1.4b", 1, {"1.4": 4}),  # 漏报一次
    ("1.4b", 2, {"1.4": 0}),  # 2次以上 includes 2
    ("1.4c", 1, {"1.4": 4}),  # 迟报1次
    ("1.4c", 2, {"1.4": 0}),
    # （二）20分
    ("2.1a", 1, {"2.1": 2}),
    ("2.1a", 4, {"2.1": 0}),
    ("2.2a", 1, {"2.2": 1}),
    ("2.2b", 1, {"2.2": 2}),
    ("2.3a", 1, {"2.3": 5}),
    ("2.3a", 3, {"2.3": 5}),  # no 每: once
    ("2.4a", 1, {"2.4": 0}),
    ("2.4b", 1, {"2.4": 2}),
    # （三）20分
    ("3.1a", 1, {"3.1": 0}),
    ("3.1b", 7, {"3.1": 0}),
    ("3.2a", 1, {"3.2": 0}),  # 扣5分 of 5
    ("3.3a", 1, {"3.3": 2}),  # 每件次扣3分
    ("3.3a", 2, {"3.3": 0}),
    ("3.3b", 1, {"3.3": 0}),
    ("3.3c", 1, {"3.3": 2}),
    ("3.3c", 2, {"3.3": 2}),  # no 每件次: once
    ("3.3d", 1, {"3.3": 0}),
    ("3.4a", 1, {"3.4": 0}),
    ("3.5a", 1, {"3.5": 0}),
    ("3.5b", 1, {"3.5": 0}),
    # （四）20分
    ("4.1a", 1, {"4.1": 0, "4.2": 0, "4.3": 0}),  # 2.3项同时不得分; 4.4 stays
    ("4.1b", 1, {"4.1": 5}),
    ("4.1c", 1, {"4.1": 5}),
    ("4.2a", 1, {"4.2": 0}),
    ("4.2b", 1, {"4.2": 3}),
    ("4.2b", 2, {"4.2": 1}),
    ("4.2b", 3, {"4.2": 0}),
    ("4.2c", 3, {}),  # 超过3次 does not include 3
    ("4.2c", 4, {"4.1": 0, "4.2": 0, "4.3": 0}),  # 视为未启动
    ("4.3a", 1, {"4.3": 1}),
    ("4.3a", 2, {"4.3": 0}),
    ("4.3b", 1, {"4.3": 0}),
    ("4.4a", 1, {"4.4": 0}),
    ("4.4c", 1, {"4.4": 1}),  # 减半
    ("4.4c", 2, {"4.4": 0}),  # 2件次以上 includes 2
    # （五）10分
    ("5.1a", 1, {"5.1": 0}),
    ("5.1b", 1, {"5.1": 2}),
    ("5.1b", 2, {"5.1": 0}),
    ("5.2a", 1, {"5.2": 0}),
    ("5.2b", 1, {"5.2": 1}),
    ("5.3a", 1, {"5.3": 0}),
    ("5.3b", 1, {"5.3": 1}),
    ("5.3b", 2, {"5.3": 0}),  # 3 − 4 already
    ("5.3b", 3, {"5.3": 0}),  # 超过2件
    # （六）10分
    ("6.1a", 1, {"6.1": 0}),
    ("6.1a", 9, {"6.1": 0}),
    ("6.2a", 1, {"6.2": 0}),
    # （七）加20分
    ("7.1a", 1, {"7.1": 10}),
    ("7.1a", 3, {"7.1": 10}),  # the cap
    ("7.2a", 1, {"7.2": 5}),
    ("7.3a", 1, {"7.3": 5}),
]


def found(*facts: tuple[str, int], rubric: Rubric = RUBRIC, applies: frozenset[str] = ALL) -> Mapping[str, Outcome]:
    return outcomes(rubric, applies, [Fact(clause, count) for clause, count in facts])


def points(*facts: tuple[str, int], rubric: Rubric = RUBRIC, applies: frozenset[str] = ALL) -> dict[str, Decimal]:
    return {item: o.points for item, o in found(*facts, rubric=rubric, applies=applies).items()}


def reading(id: str, use: str) -> Rubric:
    """The rubric with another reading of a doubtful clause."""
    text = TEXTS["rubric.toml"]
    start = text.index(f'id = "{id}"')
    end = text.index("[[readings.choices]]", start)
    old = next(r.use for r in RUBRIC.readings if r.id == id)
    part = text[start:end].replace(f'use = "{old}"', f'use = "{use}"')
    return load_rubric({**TEXTS, "rubric.toml": text[:start] + part + text[end:]})


@pytest.mark.parametrize(("clause", "count", "changed"), BY_HAND, ids=[f"{c}×{n}" for c, n, _ in BY_HAND])
def test_each_clause_costs_what_the_notice_says_and_nothing_else(clause: str, count: int, changed: dict[str, int]) -> None:
    assert points((clause, count)) == {**FULL, **changed}


def test_every_clause_stands_in_the_table_or_follows_from_one_that_does() -> None:
    stated = {clause for clause, _, _ in BY_HAND}
    assert stated == {r.id for r in RUBRIC.rules if r.takes_facts}
    assert all(set(r.counts) <= stated for r in RUBRIC.rules)


@pytest.mark.parametrize(
    ("facts", "item", "sum", "left"),
    [
        pytest.param([("4.1b", 1)], "4.1", "10 − 5（未落实机构和人员）= 5", 5, id="one clause"),
        pytest.param([("4.1b", 1), ("4.1c", 1)], "4.1", "10 − 5（未落实机构和人员）− 5（未建立健全运行机制）= 0", 0, id="two clauses"),
        pytest.param([("4.1b", 1), ("4.1a", 1)], "4.1", "10 − 10（未启动网上行政审批平台电子监察系统，不得分）= 0", 0, id="zero first"),
        pytest.param([("1.4a", 1), ("1.4b", 1)], "1.4", "5 − 2（未完成相关工作1次）− 1（漏报1次）= 2", 2, id="once each"),
        pytest.param([("1.4b", 1), ("1.4c", 1)], "1.4", "5 − 5（漏报、迟报2次，不得分）= 0", 0, id="counted together"),
        pytest.param([("1.3a", 2)], "1.3", "5 − 2（未按要求制发相关文件、安排部署2项，每项扣1分）= 3", 3, id="each"),
        pytest.param(
            [("4.3a", 2)], "4.3", "3 − 4（对催办处理未在规定时间内回复反馈2件次，每件次扣2分）= −1，不低于0分，计0", 0, id="floor"
        ),
        pytest.param([("4.4c", 1)], "4.4", "2 ÷ 2（有效能投诉或媒体曝光1件次，得分减半）= 1", 1, id="half"),
        pytest.param([("4.4c", 1), ("4.4a", 1)], "4.4", "2 − 2（未开展审批效能评估，不得分）= 0", 0, id="half of nothing"),
        pytest.param([("2.2a", 1), ("2.2b", 1)], "2.2", "3 − 2（未建立相关工作机制，影响工作开展）= 1", 1, id="only one of two"),
        pytest.param([("7.1a", 1)], "7.1", "0 + 10（开展并联审批和联办合审）= 10", 10, id="bonus"),
        pytest.param([("4.2c", 3)], "4.2", "", 5, id="not reached"),
    ],
)
def test_the_sum_can_be_checked_by_a_person(facts: list[tuple[str, int]], item: str, sum: str, left: int) -> None:
    outcome = found(*facts)[item]
    assert outcome.sum == sum
    assert outcome.points == left


@pytest.mark.parametrize(
    ("id", "use", "facts", "item", "left"),
    [
        pytest.param("漏报迟报次数", "分别", [("1.4b", 1), ("1.4c", 1)], "1.4", 3, id="each kind by itself"),
        pytest.param("漏报迟报次数", "分别", [("1.4c", 2)], "1.4", 0, id="one kind twice"),
        pytest.param("时间节点", "每个节点", [("2.3a", 2)], "2.3", 0, id="each milestone"),
        pytest.param("得分条件", "不影响分数", [("3.5a", 1)], "3.5", 2, id="condition lowers nothing"),
        pytest.param("预警次数", "3次起", [("4.2c", 3)], "4.2", 0, id="three warnings"),
        pytest.param("预警次数", "3次起", [("4.2c", 2)], "4.2", 5, id="two warnings"),
        pytest.param("视为未启动", "只及本项", [("4.2c", 4)], "4.2", 0, id="its own item"),
        pytest.param("视为未启动", "只及本项", [("4.2c", 4)], "4.1", 10, id="no cascade"),
    ],
)
def test_a_doubtful_clause_can_be_read_the_other_way(id: str, use: str, facts: list[tuple[str, int]], item: str, left: int) -> None:
    assert points(*facts, rubric=reading(id, use))[item] == left


def test_what_is_deemed_says_by_which_clause() -> None:
    lines = found(("4.2c", 4))
    assert [d["rule"] for d in lines["4.2"].deductions] == ["4.2c"], "not once more for what comes back to it"
    (line,) = lines["4.3"].deductions
    assert (line["rule"], line["points"], line["count"]) == ("4.1a", 3, 4)
    assert "4次，视为未启动" in line["reason"]
    assert "依（四）1本项同时不得分" in line["reason"]


def test_a_deduction_names_clause_count_source_and_what_it_rests_on() -> None:
    facts = [Fact("1.3a", 2, "supervision", "上半年", "通报.xlsx 第5行", "2017"), Fact("1.3a", 1, "reviewer", "核实", "甲")]
    (line,) = outcomes(RUBRIC, ALL, facts)["1.3"].deductions
    assert (line["rule"], line["points"], line["count"], line["source"]) == ("1.3a", 3, 3, "supervision")
    assert line["clause"] == "未按省、市要求制发相关文件、安排部署的，每项扣1分"
    assert [(f["count"], f["source"], f["origin"]) for f in line["facts"]] == [(2, "supervision", "通报.xlsx 第5行"), (1, "reviewer", "甲")]


def test_what_lowers_nothing_stays_in_sight() -> None:
    (few,) = found(("4.2c", 2))["4.2"].deductions
    assert (few["points"], few["reason"]) == (0, "市级检视预警而未进行有效催办、督查2次，未达到条款所定次数")
    (foreign,) = found(("1.2a", 1), applies=ALL - {"1.2"})["1.2"].deductions
    assert (foreign["points"], foreign["reason"]) == (0, "未纳入考核体系（本单位不考核此条目，不计）")
    second = found(("2.2a", 1), ("2.2b", 1))["2.2"].deductions[1]
    assert (second["points"], second["reason"]) == (0, "协作配合机制作用发挥不到位（已按2.2a扣分，不再扣）")


def test_an_item_that_is_not_assessed_pulls_no_other_item_down() -> None:
    assert points(("4.1a", 1), applies=ALL - {"4.1"})["4.2"] == 5


def test_a_count_of_nothing_is_no_fact() -> None:
    assert found(("1.1a", 0), ("1.4b", 0)) == found()


facts = st.lists(
    st.builds(
        Fact,
        st.sampled_from([r.id for r in RUBRIC.rules if r.takes_facts]),
        st.integers(0, 6),
        st.sampled_from(["supervision", "intake", "reviewer"]),
        st.sampled_from(["", "说明"]),
        st.sampled_from(["", "表.xlsx 第5行"]),
        st.sampled_from(["", "2017", "2017-11"]),
    ),
    max_size=12,
)


@given(facts=facts, data=st.data())
@steady
def test_the_order_of_facts_makes_no_difference(facts: list[Fact], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(facts))
    assert score(RUBRIC, ALL, (), (), (), {}, None, facts) == score(RUBRIC, ALL, (), (), (), {}, None, shuffled)


@given(facts=facts, applies=st.frozensets(st.sampled_from(sorted(ALL))))
@steady
def test_points_stay_within_the_item_and_what_was_taken_adds_up(facts: list[Fact], applies: frozenset[str]) -> None:
    for id, outcome in outcomes(RUBRIC, applies, facts).items():
        item = RUBRIC.item(id)
        taken = sum((d["points"] for d in outcome.deductions), Decimal(0))
        given = sum((a["points"] for a in outcome.awards), Decimal(0))
        assert 0 <= outcome.points <= item.points
        assert outcome.points == FULL[id] - taken + given, "nothing is lost in rounding"
        assert all(d["points"] >= 0 for d in outcome.deductions)
        assert id in applies or outcome.points == FULL[id]


@given(counts=st.lists(st.integers(0, 9), max_size=4))
@steady
def test_a_bonus_given_for_each_occurrence_ends_at_the_items_points(counts: list[int]) -> None:
    each = TEXTS["rubric.toml"].replace('id = "7.2a"\nkind = "award"\npoints = 5', 'id = "7.2a"\nkind = "award_each"\npoints = 2')
    rubric = load_rubric({**TEXTS, "rubric.toml": each})
    found = outcomes(rubric, ALL, [Fact("7.2a", n, origin=f"第{k}行") for k, n in enumerate(counts)])["7.2"]
    assert found.points == min(2 * sum(counts), 5) == sum(a["points"] for a in found.awards)


@given(facts=facts, applies=st.frozensets(st.sampled_from(sorted(ALL))))
@steady
def test_totals_are_the_sum_of_their_items(facts: list[Fact], applies: frozenset[str]) -> None:
    found = score(RUBRIC, applies, (), (), (), {}, None, facts)
    base = sum((i.suggested for i in found.items if i.suggested is not None and not RUBRIC.item(i.item).bonus), Decimal(0))
    bonus = sum((i.suggested for i in found.items if i.suggested is not None and RUBRIC.item(i.item).bonus), Decimal(0))
    assert (found.base["suggested"], found.bonus["suggested"], found.total["suggested"]) == (base, bonus, base + bonus)
    assert base <= (found.base["max"] or 0) <= 100
    assert bonus <= 20


@given(facts=facts, more=facts)
@steady
def test_another_fact_gives_no_base_item_more_points(facts: list[Fact], more: list[Fact]) -> None:
    before, after = outcomes(RUBRIC, ALL, facts), outcomes(RUBRIC, ALL, [*facts, *more])
    assert all(after[i.id].points <= before[i.id].points for i in RUBRIC.items if not i.bonus)
