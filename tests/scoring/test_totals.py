"""Totals: sums, scaling to 100, conversion and ranks, against a table worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.points import score
from scoring.roster import Roster, RosterUnit
from scoring.rubric import builtin, load_rubric
from scoring.totals import Standing, standings
from scoring.worksheet import plain

RUBRIC = load_rubric(builtin())
ROSTER = Roster(tuple(RosterUnit(n, g, n) for n, g in (("甲县", "county"), ("乙县", "county"), ("丙县", "county"), ("丁县", "county"),
                                                        ("戊局", "municipal"), ("己局", "provincial"))))  # fmt: skip
ALL = frozenset(i.id for i in RUBRIC.items)
steady = settings(derandomize=True, deadline=None, max_examples=30)


Points = dict[str, float]


def sheet(points: Points | None = None, *, without: frozenset[str] = frozenset(), confirmed: Points | None = None) -> Any:
    """A worksheet's JSON with these suggested points, full ones elsewhere."""
    found: dict[str, Any] = {"score": plain(score(RUBRIC, ALL - without, (), (), (), {}, Decimal("97.5")))}
    for item in found["score"]["items"]:
        if points and item["item"] in points:
            item["suggested"] = points[item["item"]]
        if confirmed is not None and item["item"] in confirmed:
            item["confirmed"] = {"points": confirmed[item["item"]]}
    return found


def of(unit: str, sheets: dict[str, Any], weight: Decimal | None = None) -> Standing:
    return next(s for s in standings(sheets, RUBRIC, ROSTER, weight=weight) if s.unit == unit)


def test_every_unit_of_the_roster_has_a_place_in_its_order() -> None:
    found = standings({}, RUBRIC, ROSTER, weight=None)
    assert [(s.unit, s.order) for s in found] == [(u.name, n) for n, u in enumerate(ROSTER.units, 1)]


@pytest.mark.parametrize("sheets", [{}, {"甲县": {"score": None}}])
def test_a_missing_report_is_未报_and_has_no_number_at_all(sheets: dict[str, Any]) -> None:
    found = of("甲县", sheets, Decimal(5))
    assert found.state == "not_received"
    assert (found.suggested, found.confirmed, found.current, found.self_total, found.rank) == (None,) * 5
    assert not found.tied


def test_base_bonus_total_and_conversion() -> None:
    found = of("甲县", {"甲县": sheet({"1.1": 2, "4.4": 1, "7.1": 10})}, Decimal(5)).suggested
    assert found is not None
    assert (found.base, found.base_max, found.bonus, found.total) == (96, 100, 10, 106)
    assert (found.scaled, found.scaled_total, found.converted) == (96, 106, Decimal("5.3"))


def test_items_that_do_not_apply_leave_the_base_and_the_score_is_scaled_to_100() -> None:
    found = of("戊局", {"戊局": sheet({"1.1": 0}, without=frozenset({"1.2"}))}).suggested
    assert found is not None
    assert (found.base, found.base_max) == (90, 95)
    assert found.scaled is not None
    assert abs(found.scaled - Decimal("94.73684210526315789473684210526")) < Decimal("1e-28")
    assert found.converted is None, "no weight is set"


def test_a_unit_to_which_nothing_applies_has_no_scaled_score_and_no_rank() -> None:
    found = of("己局", {"己局": sheet(without=ALL)})
    assert found.suggested is not None
    assert (found.suggested.base_max, found.suggested.scaled, found.rank) == (0, None, None)


def test_ranks_are_within_the_group_and_ties_are_ties() -> None:
    sheets = {"甲县": sheet({"1.1": 2}), "乙县": sheet(), "丙县": sheet({"2.1": 0}), "丁县": sheet({"6.1": 0}), "戊局": sheet({"6.1": 0})}
    found = [(s.unit, s.rank, s.tied) for s in standings(sheets, RUBRIC, ROSTER, weight=None)]
    assert found[:4] == [("甲县", 2, True), ("乙县", 1, False), ("丙县", 2, True), ("丁县", 4, False)]
    assert found[4:] == [("戊局", 1, False), ("己局", None, False)], "other groups"


def test_ties_hold_for_scores_that_have_no_end() -> None:
    short = frozenset({"1.2", "2.1"})  # of 92
    sheets = {"甲县": sheet({"1.1": 2}, without=short), "乙县": sheet({"3.4": 0}, without=short)}
    assert of("甲县", sheets).tied
    assert of("甲县", sheets).rank == of("乙县", sheets).rank == 1


def test_confirmed_points_count_where_they_are_and_suggested_ones_elsewhere() -> None:
    found = of("甲县", {"甲县": sheet({"1.1": 2}, confirmed={"1.1": 4.5, "7.3": 2})})
    assert found.current is not None
    assert found.suggested is not None
    assert (found.current.base, found.current.bonus) == (Decimal("99.5"), 2)
    assert (found.suggested.base, found.suggested.bonus) == (97, 0)
    assert (found.state, found.confirmed, found.confirmed_items, found.items) == ("open", None, 2, 25)


def test_all_confirmed_is_confirmed() -> None:
    given = {i.id: float(i.points) for i in RUBRIC.items}
    found = of("甲县", {"甲县": sheet(confirmed=given)})
    assert found.state == "confirmed"
    assert found.confirmed == found.current
    assert found.confirmed is not None
    assert (found.confirmed.total, found.self_total) == (120, Decimal("97.5"))


items = st.sampled_from(sorted(ALL))


@given(st.dictionaries(items, st.integers(0, 20), max_size=12), st.frozensets(items, max_size=8))
@steady
def test_totals_are_the_sum_of_their_parts(quarters: dict[str, int], without: frozenset[str]) -> None:
    points = {k: min(n / 4, float(RUBRIC.item(k).points)) for k, n in quarters.items() if k not in without}
    made = sheet(points, without=without)
    found = of("甲县", {"甲县": made}, Decimal("7.5")).suggested
    assert found is not None
    parts = [i for i in made["score"]["items"] if i["applies"]]
    assert found.total == sum(Decimal(str(i["suggested"])) for i in parts) == found.base + found.bonus
    assert found.base_max == sum(Decimal(str(i["max"])) for i in parts if not i["item"].startswith("7."))
    if found.scaled is not None and found.converted is not None:
        assert abs(found.scaled * found.base_max - found.base * 100) < Decimal("1e-24")
        assert abs(found.converted * 100 - (found.scaled + found.bonus) * Decimal("7.5")) < Decimal("1e-24")
