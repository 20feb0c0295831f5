"""An extended deadline is what the unit's times are held against, and no other unit's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scoring.conclude import conclude
from scoring.deadlines import deadlines_of, extended
from scoring.journal import Draft, Entry, JournalError, live, sealed
from scoring.rubric import Rubric

Sheet = dict[str, Any]
Journal = Callable[..., tuple[Entry, ...]]


def received(sheet: Sheet, at: str | None, *, first: str | None = None, sources: tuple[str, ...] = (), late: bool | None = True) -> Sheet:
    moments = [{"mail": "a.eml", "received_at": m} for m in (sources or (at,))]
    more = {"first_report_at": first} if first else {}
    return {**sheet, "submission": {**sheet["submission"], "received_at": at, "late": late, "sources": moments, **more}}


def until(day: str) -> tuple[str, dict[str, str], str]:
    return "extend", {"deadline": day}, "网络故障"


@pytest.mark.parametrize(
    ("at", "first", "sources", "expected"),
    [
        pytest.param("2018-01-25T23:59:59+08:00", None, (), (False, False), id="the last second of the day"),
        pytest.param("2018-01-25T16:00:00+00:00", None, (), (True, False), id="midnight after it, in another zone"),
        pytest.param("2018-01-28T09:00:00+08:00", "2018-01-24T09:00:00+08:00", (), (False, True), id="first in time, corrected too late"),
        pytest.param("2018-01-25T09:00:00+08:00", "2018-01-19T09:00:00+08:00", (), (False, False), id="both in time"),
        pytest.param("2018-01-28T09:00:00+08:00", "2018-01-26T09:00:00+08:00", (), (True, False), id="both too late"),
        pytest.param(
            "2018-01-24T09:00:00+08:00",
            None,
            ("2018-01-24T09:00:00+08:00", "2018-01-27T09:00:00+08:00"),
            (False, True),
            id="a late catalog",
        ),
        pytest.param(None, None, (), (None, False), id="nobody knows when"),
    ],
)
def test_late_is_told_by_the_extended_deadline(
    at: str | None,
    first: str | None,
    sources: tuple[str, ...],
    expected: tuple[bool | None, bool],
    make_sheet: Callable[..., Sheet],
    rubric: Rubric,
    journal: Journal,
) -> None:
    sheet = received(make_sheet(), at, first=first, sources=sources)
    found = extended(sheet, rubric, journal(until("2018-01-25")))["submission"]
    assert (found["late"], found["corrected_late"]) == expected
    assert (found["extended"]["deadline"], found["extended"]["by"]) == ("2018-01-26T00:00:00+08:00", "张三")


def test_it_takes_the_deduction_for_lateness_away_and_undone_it_is_back(
    make_sheet: Callable[..., Sheet], rubric: Rubric, journal: Journal
) -> None:
    sheet = received(make_sheet(late=True), "2018-01-23T09:00:00+08:00")

    def intake(*words: Any) -> list[str]:
        found = conclude(sheet, rubric, live(journal(*words)))
        return [d["rule"] for s in found["score"]["items"] for d in s["deductions"] if d["source"] == "intake"]

    late = [r.id for r in rubric.rules if r.intake == "late"]
    assert late and intake() == late
    assert intake(until("2018-01-25")) == []
    assert intake(until("2018-01-25"), until("2018-01-22")) == late, "the latest word counts"
    assert intake(until("2018-01-25"), ("undo", {"of": 1})) == late
    assert conclude(sheet, rubric, live(journal(until("2018-01-25"), ("undo", {"of": 1})))) == conclude(sheet, rubric, ())


def test_a_confirmation_given_before_the_extension_says_what_changed(
    make_sheet: Callable[..., Sheet], rubric: Rubric, journal: Journal
) -> None:
    from scoring.decisions import basis_of, ground_of

    sheet = received(make_sheet(late=True), "2018-01-23T09:00:00+08:00")
    before = conclude(sheet, rubric, ())
    item = next(r.item for r in rubric.rules if r.intake == "late")
    score = next(s for s in before["score"]["items"] if s["item"] == item)
    basis = basis_of(before, rubric.item(item), score)
    confirm = ("points", {"item": item, "points": "1", "confirmed": True, "ground": ground_of(basis), "basis": basis})
    found = conclude(sheet, rubric, journal(confirm, until("2018-01-25")))
    word = next(s for s in found["score"]["items"] if s["item"] == item)["confirmed"]
    assert word["points"] == 1 and word["stale"] and word["changed"]


def test_another_units_extension_changes_nothing(make_sheet: Callable[..., Sheet], rubric: Rubric) -> None:
    sheet = received(make_sheet(), "2018-01-23T09:00:00+08:00")
    entry = sealed(Draft("张三", "extend", "饶河县", {"deadline": "2018-01-25"}, "网络故障"), at="2018-01-20T09:00:00+08:00", before=None)
    assert extended(sheet, rubric, [entry]) == sheet and set(deadlines_of([entry], rubric)) == {"饶河县"}


def test_what_is_no_day_is_not_written_down() -> None:
    with pytest.raises(JournalError, match="不是日期"):
        sealed(Draft("张三", "extend", "饶河县", {"deadline": "下周五"}, "网络故障"), at="", before=None)
