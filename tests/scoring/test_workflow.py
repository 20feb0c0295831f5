"""The second pair of eyes, as rules: what the worksheet says of it, who may approve, whom a lock stops, whose word is newer."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.conclude import conclude
from scoring.decisions import basis_of, ground_of
from scoring.journal import Draft, Entry, JournalError, Locked, live, sealed
from scoring.rubric import Rubric
from scoring.subjects import kinds_like, subject_of
from scoring.workflow import approval_of, guard, newer_word, unsettled, why_not_approved

Sheet = dict[str, Any]
UNIT = "尖山区"


def written(*drafts: tuple[Any, ...], unit: str | None = UNIT) -> tuple[Entry, ...]:
    """Entries of (by, kind, body, reason)."""
    found: list[Entry] = []
    for by, kind, body, *reason in drafts:
        draft = Draft(by, kind, unit, body, *reason)
        found.append(sealed(draft, at="2018-01-22T09:00:00+08:00", before=found[-1] if found else None))
    return tuple(found)


@dataclass(frozen=True)
class Pages:
    """A journal held in the hand."""

    entries: tuple[Entry, ...]

    def of_unit(self, unit: str, kinds: Collection[str]) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if e.unit == unit and e.kind in kinds)

    def entry(self, seq: int) -> Entry | None:
        return next((e for e in self.entries if e.seq == seq), None)


def all_confirmed(sheet: Sheet, rubric: Rubric, by: str = "张三") -> list[tuple[Any, ...]]:
    found = []
    for s in sheet["score"]["items"]:
        basis = basis_of(sheet, rubric.item(s["item"]), s)
        found.append((by, "points", {"item": s["item"], "points": "1", "confirmed": True, "ground": ground_of(basis), "basis": basis}))
    return found


APPROVED: tuple[Any, ...] = ("王五", "approve", {})
UNLOCKED: tuple[Any, ...] = ("王五", "unlock", {}, "补报")
RETURNED: tuple[Any, ...] = ("王五", "return", {"items": ["1.1"]}, "看错一行")


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ([APPROVED], "approved"),
        ([RETURNED], "returned"),
        ([APPROVED, UNLOCKED], "open"),
        ([RETURNED, APPROVED], "approved"),
        ([APPROVED, UNLOCKED, RETURNED], "returned"),
        ([APPROVED, ("王五", "undo", {"of": 1})], None),
        ([RETURNED, APPROVED, ("王五", "undo", {"of": 2})], "returned"),
    ],
)
def test_the_last_word_about_the_unit_is_its_state(
    words: list[tuple[Any, ...]], state: str | None, make_sheet: Callable[..., Sheet], rubric: Rubric
) -> None:
    found = conclude(make_sheet(), rubric, live(written(*words)))
    assert found.get("review", {}).get("state") == state


def test_an_approval_whose_ground_changed_says_which_items(make_sheet: Callable[..., Sheet], rubric: Rubric) -> None:
    sheet = make_sheet()
    entries = written(*all_confirmed(sheet, rubric), APPROVED)
    assert conclude(sheet, rubric, entries)["review"]["stale"] is False
    later = conclude(make_sheet(late=True), rubric, entries)
    changed = [i["item"] for i in later["score"]["items"] if i["confirmed"]["stale"]]
    assert changed and later["review"]["changed"] == changed == unsettled(later) and later["review"]["stale"] is True


def test_an_approved_unit_without_a_report_by_now_is_flagged(make_sheet: Callable[..., Sheet], rubric: Rubric) -> None:
    sheet = make_sheet()
    entries = written(*all_confirmed(sheet, rubric), APPROVED)
    gone = conclude({**sheet, "score": None, "blocks": [], "claims": [], "catalog": []}, rubric, entries)
    assert gone["review"]["stale"] is True and "尚无可用的自查报告" in (why_not_approved(gone, entries, "赵六") or "")


def test_points_that_were_overruled_do_not_keep_their_author_from_approving(make_sheet: Callable[..., Sheet], rubric: Rubric) -> None:
    sheet = make_sheet()
    mine, theirs = all_confirmed(sheet, rubric, "王五")[:1], all_confirmed(sheet, rubric)
    before = written(*theirs, *mine)
    assert "王五自己确认了1.1" in (why_not_approved(conclude(sheet, rubric, before), before, "王五") or "")
    after = written(*mine, *theirs)
    assert why_not_approved(conclude(sheet, rubric, after), after, "王五") is None


@pytest.mark.parametrize("name", ["Ｗang", "wang ", "WANG"])
def test_one_person_is_one_however_the_name_is_typed(name: str, make_sheet: Callable[..., Sheet], rubric: Rubric) -> None:
    sheet = make_sheet()
    entries = written(*all_confirmed(sheet, rubric, "Wang"))
    assert why_not_approved(conclude(sheet, rubric, entries), entries, name) is not None


def test_a_lock_names_who_locked_and_passes_what_opens_it() -> None:
    book = Pages(written(("张三", "applies", {"item": "1.1", "applies": True}, "按职能"), APPROVED))
    with pytest.raises(Locked, match=r"尖山区已复核锁定（王五，第2条）"):
        guard([Draft("张三", "extend", UNIT, {"deadline": "2018-01-25"}, "故障")], book)
    with pytest.raises(Locked):
        guard([Draft("张三", "undo", UNIT, {"of": 1})], book)
    with pytest.raises(Locked):
        guard([Draft("张三", "undo", None, {"of": 1})], book)
    guard([Draft("王五", "unlock", UNIT, {}, "补报")], book)
    guard([Draft("王五", "undo", UNIT, {"of": 2})], book)
    guard([Draft("张三", "extend", "集贤县", {"deadline": "2018-01-25"}, "故障")], book)


def test_an_older_approval_is_not_taken_back_in_place_of_the_one_that_locks() -> None:
    book = Pages(written(APPROVED, UNLOCKED, APPROVED))
    with pytest.raises(Locked):
        guard([Draft("王五", "undo", UNIT, {"of": 1})], book)
    guard([Draft("王五", "undo", UNIT, {"of": 3})], book)


@given(st.lists(st.sampled_from(["approve", "return", "unlock", "undo"]), max_size=12), st.randoms(use_true_random=False))
def test_however_it_is_approved_returned_unlocked_and_undone_no_lock_comes_back_but_by_an_approval(words: list[str], random: Any) -> None:
    entries: tuple[Entry, ...] = ()
    locked = False
    for kind in words:
        body = {"of": random.randint(1, len(entries))} if kind == "undo" and entries else {"items": []}
        if kind == "undo" and not entries:
            continue
        draft = Draft("王五", kind, UNIT, body, "理由")
        try:
            guard([draft], Pages(entries))
        except JournalError:
            continue
        entries = (*entries, sealed(draft, at="2018-01-22T09:00:00+08:00", before=entries[-1] if entries else None))
        now = approval_of(UNIT, Pages(entries)) is not None
        assert not now or locked or kind == "approve", "a lock that came by itself"
        assert locked is now or kind in ("approve", "unlock", "undo")
        locked = now


# ---- whose word is newer


def points(item: str, value: str, by: str = "张三") -> tuple[Any, ...]:
    return by, "points", {"item": item, "points": value, "confirmed": True, "ground": ""}


def test_a_word_is_newer_only_if_it_is_about_the_same_and_in_force() -> None:
    entries = written(points("1.1", "1"), points("1.2", "1"), points("1.1", "2", "李四"), ("李四", "undo", {"of": 3}), points("1.2", "2"))

    def about(item: str) -> Callable[[Entry], bool]:
        return lambda e: e.kind == "points" and e.body["item"] == item

    assert newer_word(entries, about("1.1"), seen=1) is None, "said and taken back meanwhile"
    came_back = newer_word(entries, about("1.1"), seen=3)
    assert came_back is not None and came_back.seq == 1
    newer = newer_word(entries, about("1.2"), seen=4)
    assert newer is not None and newer.seq == 5
    assert newer_word(entries, about("1.3"), seen=0) is None
    undo = newer_word(entries[2:4], about("1.1"), seen=3)
    assert undo is not None and undo.kind == "undo", "what stood there is gone"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (points("1.1", "1"), points("1.1", "2"), True),
        (points("1.1", "1"), points("1.2", "1"), False),
        (points("1.1", "1"), ("张三", "applies", {"item": "1.1", "applies": False}), False),
        (APPROVED, RETURNED, True),
        (RETURNED, UNLOCKED, True),
        (("张三", "accept", {"submission": "a"}), ("张三", "refuse", {"submission": "a"}), True),
        (("张三", "accept", {"submission": "a"}), ("张三", "accept", {"submission": "b"}), False),
        (("张三", "reviewer", {"to": "李四", "items": []}), ("张三", "reviewer", {"to": "王五", "items": []}), True),
        (("张三", "reviewer", {"to": "李四", "items": ["1.1"]}), ("张三", "reviewer", {"to": "王五", "items": []}), False),
        (("张三", "paper_stamp", {"stamped": True}), ("张三", "paper_stamp", {"stamped": False}), True),
    ],
)
def test_two_words_are_about_the_same_or_are_not(one: tuple[Any, ...], other: tuple[Any, ...], same: bool) -> None:
    a, b = (Draft(w[0], w[1], UNIT, w[2]) for w in (one, other))
    assert (subject_of(a) == subject_of(b)) is same
    assert subject_of(a) != subject_of(Draft(a.by, a.kind, "集贤县", a.body)), "of another unit"
    assert not same or kinds_like(a.kind) == kinds_like(b.kind)


def test_a_word_about_a_mail_or_a_file_is_about_the_same_whatever_unit_it_names() -> None:
    one, other = (Draft("张三", "assign_unit", unit, {"submission": "a", "unit": unit}) for unit in (UNIT, "集贤县"))
    assert subject_of(one) == subject_of(other) is not None


def test_of_a_note_nobody_can_be_of_another_opinion() -> None:
    assert subject_of(Draft("管理员", "upload", None, {"place": "a", "sha256": "b"})) is None
