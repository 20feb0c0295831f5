"""Facts: which of the journal's count, what arrival itself says, and what cannot be stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from scoring.facts import Fact, facts_of, in_force, intake_facts, misplaced, what_is_wrong
from scoring.rubric import builtin, load_rubric

TEXTS = builtin()
RUBRIC = load_rubric(TEXTS)


@dataclass(frozen=True)
class Said:
    """A journal entry as far as facts need it."""

    seq: int
    body: Mapping[str, Any] = field(default_factory=dict)
    unit: str | None = "甲县"
    kind: str = "fact"


def row(seq: int, clause: str, count: int, period: str, file: str, number: int = 1, unit: str = "甲县", **more: Any) -> Said:
    body = {"clause": clause, "count": count, "source": "supervision", "period": period, "file": file, "import": number, **more}
    return Said(seq, body, unit)


def by_hand(seq: int, clause: str, count: int = 1) -> Said:
    return Said(seq, {"clause": clause, "count": count, "source": "reviewer", "note": "已核"})


def counts(*entries: Said) -> dict[str, int]:
    found: dict[str, int] = {}
    for f in facts_of(entries):
        found[f.clause] = found.get(f.clause, 0) + f.count
    return found


def test_facts_of_different_months_and_of_reviewers_add_up() -> None:
    entries = row(1, "4.2b", 1, "2017-10", "a"), row(2, "4.2b", 2, "2017-11", "b", 2), by_hand(3, "4.2b")
    assert counts(*entries) == {"4.2b": 4}


def test_a_newer_table_for_the_same_month_replaces_the_older_one_with_all_its_rows() -> None:
    entries = row(1, "4.2b", 3, "2017-11", "a"), row(2, "4.3a", 1, "2017-11", "a"), row(3, "4.2b", 1, "2017-11", "b", 3)
    assert counts(*entries) == {"4.2b": 1}
    assert [e.seq for e in in_force(entries)] == [3]


def test_the_same_table_once_more_after_another_counts_once() -> None:
    entries = row(1, "4.2b", 3, "2017-11", "a", 1), row(2, "4.2b", 1, "2017-11", "b", 2), row(3, "4.2b", 3, "2017-11", "a", 3)
    assert counts(*entries) == {"4.2b": 3}
    assert counts(entries[0], entries[2]) == {"4.2b": 3}, "also where the one between was undone"


def test_a_yearly_statistic_replaces_the_months_of_its_clause_only() -> None:
    entries = row(1, "1.4b", 1, "2017-03", "a"), row(2, "4.2b", 1, "2017-03", "a"), row(3, "1.4b", 0, "2017", "b", 3)
    assert counts(*entries) == {"4.2b": 1, "1.4b": 0}
    assert counts(row(1, "1.4b", 1, "2016-12", "a"), entries[2]) == {"1.4b": 1}


def test_a_unit_that_the_newer_table_is_silent_about_has_its_months_back() -> None:
    month, year = row(1, "1.4b", 1, "2017-03", "a"), row(2, "1.4b", 2, "2017", "b", 2)
    silent = row(3, "1.4b", 0, "2017", "c", 3, dropped=True)
    assert counts(month, year) == {"1.4b": 2}
    assert counts(month, year, silent) == {"1.4b": 1}


def test_units_do_not_touch_each_other() -> None:
    entries = row(1, "1.4b", 1, "2017", "a"), row(2, "1.4b", 2, "2017", "b", 2, unit="乙县")
    assert [f.count for f in facts_of(entries, "甲县")] == [1]
    assert [f.count for f in facts_of(entries)] == [1, 2]


def test_other_entries_are_passed_over_and_order_makes_no_difference() -> None:
    entries = row(2, "1.4b", 2, "2017", "b", 2), row(1, "1.4b", 1, "2017", "a"), Said(3, {"item": "1.1"}, kind="points")
    assert facts_of(entries) == facts_of(reversed(entries)) == (Fact("1.4b", 2, "supervision", period="2017"),)


def test_a_late_report_is_one_迟报_and_can_be_switched_off() -> None:
    (fact,) = intake_facts(RUBRIC, True)
    assert (fact.clause, fact.count, fact.source) == ("1.4c", 1, "intake")
    assert intake_facts(RUBRIC, False) == intake_facts(RUBRIC, None) == ()
    other = load_rubric({**TEXTS, "rubric.toml": TEXTS["rubric.toml"].replace('use = "计一次"', 'use = "不计"')})
    assert intake_facts(other, True) == ()


@pytest.mark.parametrize(
    ("clause", "count", "says"),
    [
        pytest.param("4.2b", 2, None, id="fine"),
        pytest.param("4.2b", 0, None, id="none is a statement, too"),
        pytest.param("9.9a", 1, "没有条款", id="unknown"),
        pytest.param("1.4", 1, "没有条款", id="an item is no clause"),
        pytest.param("1.4d", 1, "请填写1.4b或1.4c", id="follows from others"),
        pytest.param("4.2b", -1, "次数", id="negative"),
        pytest.param("4.2b", 100000, "次数", id="too many"),
    ],
)
def test_what_cannot_be_stated_is_told(clause: str, count: int, says: str | None) -> None:
    wrong = what_is_wrong(RUBRIC, clause, count)
    assert (wrong is None) if says is None else (wrong is not None and says in wrong)


def test_facts_of_a_rubric_that_is_gone_are_found() -> None:
    facts = Fact("1.1a"), Fact("1.4d"), Fact("8.1a")
    assert misplaced(RUBRIC, facts) == facts[1:]
