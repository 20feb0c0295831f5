"""What is open of a unit, and what may be confirmed without a look."""

from __future__ import annotations

from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from templates import plain_rubric
from templates.unit_state import UnitState, unit_state

Json = dict[str, Any]


@pytest.fixture
def make(office: ModuleType) -> Any:
    def made(marks: dict[str, str] | None = None, claims: dict[str, list[str]] | None = None, **values: Any) -> Json:
        """A worksheet in which the items named in `claims` have claims of these states, and every other item has nothing."""
        sheet = office.sheet(**values)
        sheet["claims"] = [
            {**sheet["claims"][0], "id": f"k{n}", "item": item, "status": status}
            for n, (item, statuses) in enumerate((claims or {}).items())
            for status in statuses
        ]
        return sheet

    return made


@pytest.fixture
def state_of(office: ModuleType) -> Any:
    def found(sheet: Json) -> UnitState:
        return unit_state(sheet, plain_rubric(office.rubric()), {})

    return found


def line(state: UnitState, item: str) -> Any:
    return next(x for x in state.lines if x.item == item)


def test_an_item_whose_claims_are_all_matched_and_that_has_no_gap_needs_no_look(make: Any, state_of: Any) -> None:
    found = line(state_of(make(claims={"1.1": ["matched", "matched"]})), "1.1")
    assert found.unsafe == ""
    assert found.safe == "2 处佐证全部有据，没有缺口"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        pytest.param({"claims": {"1.1": ["matched", "uncertain"]}}, "有佐证未核实", id="a claim nobody is sure of"),
        pytest.param({"claims": {}}, "没有佐证", id="nothing cited"),
        pytest.param({"claims": {"1.1": ["matched"]}, "off": ["1.1"]}, "不适用", id="not applicable"),
        pytest.param({"claims": {"1.1": ["matched"]}, "confirmed": {"1.1": "5"}}, "已确认", id="confirmed already"),
    ],
)
def test_it_needs_one_because_of(values: Json, why: str, make: Any, state_of: Any) -> None:
    assert line(state_of(make(**values)), "1.1").unsafe == why


@pytest.mark.parametrize(
    ("kind", "item", "why"),
    [
        pytest.param("claim_uncertain", "1.1", "有缺口", id="a gap of the item"),
        pytest.param("catalog_unclaimed", "1.1", "有缺口", id="even the mildest"),
        pytest.param("catalog_of_other_unit", None, "目录清单写的是另一单位", id="a gap that questions the whole worksheet"),
    ],
)
def test_a_gap_always_wants_a_look(kind: str, item: str | None, why: str, make: Any, state_of: Any, office: ModuleType) -> None:
    sheet = make(claims={"1.1": ["matched"]}, gaps=[office.gap(kind, "看", item)])
    assert line(state_of(sheet), "1.1").unsafe == why


def test_a_section_that_the_report_leaves_out_wants_a_look_item_by_item(make: Any, state_of: Any, office: ModuleType) -> None:
    sheet = make(claims={"1.1": ["matched"], "2.1": ["matched"]}, gaps=[office.gap("section_missing", "缺", section=1)])
    assert line(state_of(sheet), "1.1").unsafe == "自查报告未写到该部分"
    assert line(state_of(sheet), "2.1").unsafe == ""


def test_a_possible_deduction_wants_a_look(make: Any, state_of: Any) -> None:
    sheet = make(claims={"1.1": ["matched"]})
    sheet["score"]["items"][0]["proposals"] = [{"rule": "1.1a", "reason": "未见文件"}]
    assert line(state_of(sheet), "1.1").unsafe == "有可能扣分的情况"


def test_bonus_is_given_by_a_person_but_nothing_is_given_for_nothing(make: Any, state_of: Any) -> None:
    state = state_of(make(claims={"7.1": ["matched"]}))
    assert line(state, "7.1").unsafe == "加分须逐条认定"
    assert line(state, "7.2").unsafe == "" and line(state, "7.2").safe == "报告未申报加分，目录中也没有材料"


def test_an_approved_unit_has_nothing_to_do_and_nothing_to_confirm_at_once(make: Any, state_of: Any) -> None:
    state = state_of(make(claims={"1.1": ["matched"]}) | {"review": {"state": "approved", "by": "乙", "at": "", "seq": 9}})
    assert (state.review, state.todo, line(state, "1.1").unsafe) == ("approved", (), "已复核锁定")


def test_what_was_sent_back_is_open_until_it_is_confirmed_again(make: Any, state_of: Any) -> None:
    sheet = make(confirmed={"1.1": "5", "1.2": "5"})
    sheet["review"] = {"state": "returned", "by": "乙", "at": "", "seq": 5, "reason": "再核", "items": ["1.1"]}
    state = state_of(sheet)
    assert (line(state, "1.1").work, line(state, "1.2").work, state.review) == ("returned", "confirmed", "returned")
    sheet["score"]["items"][0]["confirmed"]["seq"] = 6
    assert line(state_of(sheet), "1.1").work == "confirmed"


def test_a_confirmation_on_other_ground_is_to_do_again_and_says_what_changed(make: Any, state_of: Any) -> None:
    sheet = make(confirmed={"1.1": "5"})
    sheet["score"]["items"][0]["confirmed"] |= {"stale": True, "changed": [{"what": "claims", "message": "少了一处佐证"}]}
    state = state_of(sheet)
    assert (line(state, "1.1").work, line(state, "1.1").changed, state.changed) == ("changed", ("少了一处佐证",), 1)
    assert state.done == 1 and line(state, "1.1") in state.todo


def test_a_unit_is_ready_for_its_second_check_once_everything_is_confirmed(make: Any, state_of: Any, office: ModuleType) -> None:
    every = {i.id: "1" for i in office.rubric().items}
    assert state_of(make(confirmed=every)).review == "ready"
    assert state_of(make(confirmed={k: v for k, v in every.items() if k != "3.1"})).review == "open"


def test_sums_are_exact_and_nothing_confirmed_is_not_zero(make: Any, state_of: Any) -> None:
    state = state_of(make(confirmed={"1.1": "0.1", "1.2": "0.2"}))
    assert state.confirmed == Decimal("0.3")
    assert state_of(make()).confirmed is None


def test_an_items_own_reviewer_comes_before_the_units(make: Any, state_of: Any) -> None:
    state = state_of(make() | {"reviewers": {"unit": "甲", "items": {"2.3": "乙"}}})
    assert (line(state, "1.1").reviewer, line(state, "2.3").reviewer, state.reviewers) == ("甲", "乙", ("甲", "乙"))


def test_a_unit_without_a_report_has_no_items_and_no_points(make: Any, state_of: Any) -> None:
    state = state_of(make() | {"score": None, "claims": []})
    assert (state.lines, state.suggested, state.review) == ((), None, "unreported")
