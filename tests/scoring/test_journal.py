"""The journal: records that each carry the hash of the one before, undone by further records only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.journal import Draft, Entry, JournalError, live, sealed, verify

AT = "2018-01-22T09:00:00+08:00"


def points(item: str = "1.1", value: str = "5", **more: Any) -> Draft:
    return Draft("张三", "points", "尖山区", {"item": item, "points": value, "confirmed": True, "ground": "g"}, **more)


def undo(of: int) -> Draft:
    return Draft("李四", "undo", "尖山区", {"of": of})


def chain(*drafts: Draft) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for draft in drafts:
        entries.append(sealed(draft, at=AT, before=entries[-1] if entries else None))
    return tuple(entries)


FIVE = chain(*(points(f"1.{n}") for n in range(1, 6)))


def test_numbers_run_from_one_and_each_entry_names_the_hash_of_the_one_before() -> None:
    assert [e.seq for e in FIVE] == [1, 2, 3, 4, 5]
    assert [e.previous for e in FIVE] == ["", *(e.hash for e in FIVE[:-1])]
    assert verify(FIVE) is None and verify(()) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", "2018-01-23T09:00:00+08:00"),
        ("by", "王五"),
        ("kind", "claim_none"),
        ("unit", "饶河县"),
        ("reason", "改"),
        ("body", {"item": "1.3", "points": "4", "confirmed": True, "ground": "g"}),
        ("previous", "0" * 64),
        ("hash", "0" * 64),
    ],
)
def test_a_changed_entry_is_found_and_named(field: str, value: Any) -> None:
    forged = (*FIVE[:2], replace(FIVE[2], **{field: value}), *FIVE[3:])
    found = verify(forged)
    assert found is not None and (found.seq, found.kind) == (3, "changed") and "第3条" in found.message


def test_an_entry_forged_together_with_its_own_hash_is_betrayed_by_the_next() -> None:
    third = sealed(points("2.1"), at=AT, before=FIVE[1])
    found = verify((*FIVE[:2], third, *FIVE[3:]))
    assert found is not None and found.seq == 4 and "第3条被替换" in found.message


def test_a_missing_entry_is_found_and_named() -> None:
    found = verify((*FIVE[:2], *FIVE[3:]))
    assert found is not None and (found.seq, found.kind) == (3, "missing")


def test_a_missing_first_entry_is_found() -> None:
    found = verify(FIVE[1:])
    assert found is not None and (found.seq, found.kind) == (1, "missing")


def test_a_cut_off_end_is_found_by_the_note_of_the_last_entry() -> None:
    assert verify(FIVE[:3]) is None
    found = verify(FIVE[:3], head=(5, FIVE[4].hash))
    assert found is not None and (found.seq, found.kind) == (4, "missing")


def test_entries_that_changed_places_are_found_and_their_true_number_told() -> None:
    swapped = (FIVE[0], replace(FIVE[2], seq=2), replace(FIVE[1], seq=3), *FIVE[3:])
    found = verify(swapped)
    assert found is not None and (found.seq, found.kind) == (2, "reordered") and "原是第3条" in found.message


@given(at=st.integers(0, 4), how=st.sampled_from(["drop", "swap", "reason", "body"]))
def test_whatever_is_done_to_a_chain_with_its_head_noted_is_found(at: int, how: str) -> None:
    entries = list(FIVE)
    if how == "drop":
        del entries[at]
    elif how == "swap":
        entries[at], entries[at - 1] = entries[at - 1], entries[at]
    else:
        entries[at] = replace(entries[at], **{how: "x" if how == "reason" else {}})
    assert verify(entries, head=(5, FIVE[4].hash)) is not None


def test_an_undone_entry_no_longer_counts_and_an_undone_undo_brings_it_back() -> None:
    assert [e.seq for e in live(chain(points(), undo(1)))] == []
    assert [e.seq for e in live(chain(points(), undo(1), undo(2)))] == [1]
    assert [e.seq for e in live(chain(points(), undo(1), undo(2), undo(3)))] == []


@given(st.lists(st.integers(1, 6), max_size=8))
def test_undoing_the_last_entry_always_gives_the_state_before_it(targets: list[int]) -> None:
    drafts = [points(), points("1.3"), *(undo(t) for n, t in enumerate(targets, 3) if t < n)]
    entries = chain(*drafts)
    assert live(chain(*drafts, undo(len(entries)))) == live(entries[:-1])


@pytest.mark.parametrize(
    "draft",
    [
        Draft("张三", "poems", "尖山区", {}),
        Draft(" ", "points", "尖山区", {"item": "1.1", "points": "5", "confirmed": True, "ground": ""}),
        Draft("张三", "points", "尖山区", {"item": "1.1", "points": 5, "confirmed": True, "ground": ""}),
        Draft("张三", "points", None, {"item": "1.1", "points": "5", "confirmed": True, "ground": ""}),
        Draft("张三", "applies", "尖山区", {"item": "6.2", "applies": False}),
        Draft("张三", "undo", None, {"of": True}),
        Draft("张三", "extend", "尖山区", {"deadline": "2018-01-25"}),
        Draft("\udce9", "undo", None, {"of": 1}),
        Draft("张三", "undo", None, {"of": 1, "more": float("nan")}),
    ],
)
def test_an_entry_that_says_nothing_sensible_is_refused(draft: Draft) -> None:
    with pytest.raises(JournalError):
        sealed(draft, at=AT, before=None)
