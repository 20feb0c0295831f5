"""Which mail gets a receipt, whose it is, and whether it was late."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from ingest.receipts import receipts
from ingest.store import Arrival, Kept, Member, Recorded
from scoring.deadlines import deadlines_of
from scoring.journal import EXTEND, Entry
from scoring.rubric import builtin, load_rubric

RUBRIC = load_rubric(builtin())
CHINA = timezone(timedelta(hours=8))


def mail(number: int, place: str, at: datetime | None, *, digest: str = "") -> Recorded:
    return Recorded(number, place, digest or place, (Member(place, "s", True),), at, True)


def arrival(number: int, place: str, kind: str = "mail", parent: str | None = None, state: str = "used") -> Arrival:
    return Arrival(place, parent, place.rpartition("#")[2], kind, "s", 1, number, state, "", "")


def kept(unit: str | None, *places: str) -> Kept:
    files = [{"place": place, "role": "report"} for place in places]
    return Kept("x", unit, places[0].partition("#")[0], {"submission": {"files": files}}, {})


def extension(unit: str, deadline: str, seq: int = 1) -> Entry:
    return Entry(seq, "2018-01-19T09:00:00+08:00", "甲", EXTEND, unit, {"deadline": deadline}, "系统故障", "", "")


def test_a_mail_is_of_the_unit_whose_worksheet_lists_its_files() -> None:
    ledger = [arrival(1, "a.eml"), arrival(1, "a.eml#1", "file", "a.eml")]
    (found,) = receipts([mail(1, "a.eml", None)], ledger, [kept("集贤县", "a.eml#1")], RUBRIC, {})
    assert (found.unit, [f.role for f in found.mail.files], found.mail.late) == ("集贤县", ["report"], None)


def test_a_mail_with_the_reports_of_two_units_gets_two_receipts() -> None:
    ledger = [arrival(1, "a.eml"), arrival(1, "a.eml#1", "file", "a.eml"), arrival(1, "a.eml#2", "file", "a.eml")]
    found = receipts([mail(1, "a.eml", None)], ledger, [kept("集贤县", "a.eml#1"), kept("饶河县", "a.eml#2")], RUBRIC, {})
    assert [r.unit for r in found] == ["集贤县", "饶河县"]


def test_loose_files_get_none_and_the_same_mail_at_another_place_gets_none_of_its_own() -> None:
    mails = [mail(1, "a.eml", None, digest="m"), mail(2, "copy.eml", None, digest="m"), mail(3, "b.docx", None)]
    ledger = [arrival(1, "a.eml"), arrival(2, "copy.eml", state="duplicate"), arrival(3, "b.docx", "file")]
    found = receipts(mails, ledger, [], RUBRIC, {})
    assert [(r.digest, r.unit) for r in found] == [("m", None)]


def test_receipts_stand_in_the_order_of_arrival_those_without_a_time_last() -> None:
    times = {"late.eml": datetime(2018, 1, 22, tzinfo=CHINA), "early.eml": datetime(2018, 1, 19, tzinfo=CHINA), "when.eml": None}
    mails = [mail(n, place, at) for n, (place, at) in enumerate(times.items(), 1)]
    found = receipts(mails, [arrival(m.number, m.place) for m in mails], [], RUBRIC, {})
    assert [(r.digest, r.mail.late) for r in found] == [("early.eml", False), ("late.eml", True), ("when.eml", None)]


def test_a_deadline_that_was_extended_holds_for_that_unit_alone_until_the_end_of_its_day() -> None:
    deadlines = deadlines_of([extension("集贤县", "2018-01-24"), extension("集贤县", "2018-01-25", 2)], RUBRIC)
    last = datetime(2018, 1, 25, 23, 59, tzinfo=CHINA)
    mails = [mail(1, "a.eml", last), mail(2, "b.eml", last + timedelta(minutes=1)), mail(3, "c.eml", last)]
    ledger = [arrival(m.number, m.place) for m in mails]
    results = [kept("集贤县", "a.eml"), kept("集贤县", "b.eml"), kept("饶河县", "c.eml")]
    found = {r.digest: r.mail.late for r in receipts(mails, ledger, results, RUBRIC, deadlines)}
    assert found == {"a.eml": False, "b.eml": True, "c.eml": True}


def test_an_archive_that_could_not_be_opened_is_listed_and_one_that_was_is_told_by_what_is_in_it() -> None:
    ledger = [
        arrival(1, "a.eml"), arrival(1, "a.eml#bad.zip", "archive", "a.eml", "quarantined"),
        arrival(1, "a.eml#good.zip", "archive", "a.eml"), arrival(1, "a.eml#good.zip#1", "file", "a.eml#good.zip"),
    ]  # fmt: skip
    (found,) = receipts([mail(1, "a.eml", None)], ledger, [], RUBRIC, {})
    assert [f.name for f in found.mail.files] == ["bad.zip", "1"]
