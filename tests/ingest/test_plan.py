"""What to take, what to wait for: a file counts once it has stood still."""

from __future__ import annotations

from dataclasses import replace

from ingest.plan import Plan, Seen, Still, plan

A = Seen("a.eml", "a.eml", "a.eml", 10, 1)
ONE, TWO = Seen("县/1.docx", "县/1.docx", "县/", 10, 1), Seen("县/2.docx", "县/2.docx", "县/", 20, 1)


def look(*seen: Seen, now: float, before: Plan | None = None, taken: dict[str, tuple[int, int]] | None = None) -> Plan:
    return plan(seen, taken or {}, before.stills if before else {}, now=now, settle=3.0)


def groups(found: Plan) -> list[str]:
    return [group for group, _ in found.take]


def test_a_new_file_is_waited_for_first() -> None:
    found = look(A, now=100)
    assert (groups(found), found.wait, found.due) == ([], (A,), 103)


def test_it_is_taken_once_it_stood_still() -> None:
    assert groups(look(A, now=103, before=look(A, now=100))) == ["a.eml"]


def test_a_file_that_grows_starts_waiting_anew() -> None:
    found = look(replace(A, size=20), now=103, before=look(A, now=100))
    assert (groups(found), found.due) == ([], 106)


def test_a_file_touched_again_starts_waiting_anew() -> None:
    assert not groups(look(replace(A, mtime_ns=2), now=103, before=look(A, now=100)))


def test_what_was_taken_is_neither_taken_nor_waited_for() -> None:
    found = look(A, now=103, taken={"a.eml": (10, 1)})
    assert (found.take, found.wait, found.due) == ((), (), None)


def test_what_changed_after_it_was_taken_is_waited_for_again() -> None:
    assert look(replace(A, size=11), now=103, taken={"a.eml": (10, 1)}).wait


def test_a_folder_is_taken_when_all_of_it_stood_still() -> None:
    first = look(ONE, now=100)
    second = look(ONE, TWO, now=103, before=first)
    assert (groups(second), second.wait) == ([], (ONE, TWO))
    third = look(ONE, TWO, now=106, before=second)
    assert third.take == (("县/", (ONE, TWO)),)


def test_a_file_added_to_a_folder_takes_the_folder_again() -> None:
    before = Plan((), (), {TWO.place: Still(20, 1, 100)}, None)
    assert look(ONE, TWO, now=110, before=before, taken={ONE.place: (10, 1)}).take == (("县/", (ONE, TWO)),)


def test_a_file_that_is_gone_is_forgotten() -> None:
    assert not look(now=103, before=look(A, now=100)).stills


def test_one_moving_file_holds_up_nothing_else() -> None:
    other = replace(A, place="b.eml", path="b.eml", group="b.eml")
    before = look(A, other, now=100)
    assert groups(look(A, replace(other, size=99), now=103, before=before)) == ["a.eml"]


def test_what_was_written_first_is_taken_first_whatever_its_name() -> None:
    """So that it is no matter whether one look finds both or two looks, with a restart between them, one each."""
    later, same = replace(A, mtime_ns=5), replace(A, place="0.eml", path="0.eml", group="0.eml", mtime_ns=5)
    first = replace(A, place="z.eml", path="z.eml", group="z.eml", mtime_ns=4)
    before = look(later, same, first, now=100)
    assert groups(look(later, same, first, now=103, before=before)) == ["z.eml", "0.eml", "a.eml"]
