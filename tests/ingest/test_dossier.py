"""What counts for a unit: newest report, newest catalog, and what became of the rest."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from ingest.dossier import Contribution, Dossier, Held, decide, in_order
from scoring.worksheet import Role, State

DEADLINE = datetime(2018, 1, 21, tzinfo=timezone(timedelta(hours=8)))


def sent(name: str, day: int | None, *files: str, rows: bool | None = None) -> Contribution:
    """A mail of 2018-01-`day`; files as "role:bytes", e.g. "report:A"."""
    moment = datetime(2018, 1, 1, 12, tzinfo=DEADLINE.tzinfo) + timedelta(days=day - 1) if day else None
    held = []
    for k, file in enumerate(files, 1):
        kind, content = file.split(":")
        role: Role = kind if kind in ("report", "catalog", "evidence") else "other"  # type: ignore[assignment]
        state: State = "quarantined" if kind == "broken" else "used" if role != "other" else "not_needed"
        held.append(Held(f"{name}#{k}", content, role, state))
    has_rows = any(f.startswith("catalog") for f in files) if rows is None else rows
    return Contribution(name, moment, in_order(moment, 0, name), tuple(held), has_rows)


def dossier(*contributions: Contribution) -> Dossier:
    return decide(contributions, is_late=lambda moment: moment >= DEADLINE)


def in_use(d: Dossier) -> tuple[str | None, str | None]:
    return d.report and d.report.place, d.catalog and d.catalog.place


def test_one_mail_with_both_is_the_dossier() -> None:
    d = dossier(sent("a", 18, "report:R", "catalog:C"))
    assert in_use(d) == ("a", "a")
    assert d.states == {"a#1": "used", "a#2": "used"}


def test_report_and_catalog_may_come_separately() -> None:
    d = dossier(sent("a", 18, "report:R"), sent("b", 19, "catalog:C"))
    assert in_use(d) == ("a", "b")
    assert [f.place for f in d.chosen] == ["a#1", "b#1"]


def test_the_newest_report_counts_the_older_is_superseded() -> None:
    d = dossier(sent("b", 19, "report:R2"), sent("a", 18, "report:R1", "catalog:C"))
    assert in_use(d) == ("b", "a")
    assert d.states == {"a#1": "superseded", "a#2": "used", "b#1": "used"}


def test_a_new_mail_with_both_supersedes_both() -> None:
    d = dossier(sent("a", 17, "report:R1", "catalog:C1"), sent("b", 18, "report:R2", "catalog:C2"))
    assert d.states == {"a#1": "superseded", "a#2": "superseded", "b#1": "used", "b#2": "used"}


def test_the_same_bytes_again_are_a_duplicate_and_the_first_stays_in_use() -> None:
    d = dossier(sent("a", 18, "report:R", "catalog:C"), sent("b", 19, "report:R", "catalog:C"))
    assert in_use(d) == ("a", "a")
    assert d.states == {"a#1": "used", "a#2": "used", "b#1": "duplicate", "b#2": "duplicate"}


def test_a_corrected_report_with_the_same_catalog_uses_the_catalog_that_was_there() -> None:
    d = dossier(sent("a", 18, "report:R1", "catalog:C"), sent("b", 19, "report:R2", "catalog:C"))
    assert in_use(d) == ("b", "a")
    assert d.states == {"a#1": "superseded", "a#2": "used", "b#1": "used", "b#2": "duplicate"}


def test_rows_in_the_body_of_a_later_mail_are_the_newest_catalog() -> None:
    assert in_use(dossier(sent("a", 18, "report:R", "catalog:C"), sent("b", 19, rows=True))) == ("a", "b")


def test_a_catalog_appended_to_the_report_goes_with_it() -> None:
    assert in_use(dossier(sent("a", 18, "report:R1", rows=True), sent("b", 19, "report:R2", rows=True))) == ("b", "b")


def test_files_laid_down_by_hand_are_newer_than_any_mail() -> None:
    assert in_use(dossier(sent("hand", None, "report:R2"), sent("a", 20, "report:R1")))[0] == "hand"


def test_a_broken_file_never_supersedes() -> None:
    d = dossier(sent("a", 18, "report:R", "catalog:C"), sent("b", 19, "broken:X"))
    assert in_use(d) == ("a", "a")
    assert d.states["b#1"] == "quarantined"


def test_the_first_report_tells_whether_the_unit_was_late() -> None:
    d = dossier(sent("a", 19, "report:R1"), sent("b", 25, "report:R2"))
    assert d.first_report_at == datetime(2018, 1, 19, 12, tzinfo=DEADLINE.tzinfo)
    assert d.corrected_late


def test_a_late_first_report_is_late_not_corrected_late() -> None:
    assert not dossier(sent("a", 22, "report:R1"), sent("b", 25, "report:R2")).corrected_late


def test_a_catalog_that_came_after_the_deadline_is_a_late_correction() -> None:
    assert dossier(sent("a", 19, "report:R", "catalog:C1"), sent("b", 25, "catalog:C2")).corrected_late


def test_a_correction_in_time_is_not_late() -> None:
    assert not dossier(sent("a", 17, "report:R1"), sent("b", 19, "report:R2")).corrected_late


def test_nothing_usable_leaves_an_empty_dossier() -> None:
    d = dossier(sent("a", 18, "broken:X"), sent("b", 19, "note:N"))
    assert in_use(d) == (None, None)
    assert d.sources == ()


FILES = ["report:A", "report:B", "catalog:C", "catalog:D", "evidence:E", "broken:X"]
mails = st.lists(
    st.tuples(st.integers(1, 28), st.lists(st.sampled_from(FILES), max_size=3)),
    min_size=1, max_size=6,
)  # fmt: skip


@given(mails, st.randoms())
def test_the_order_in_which_mails_are_looked_at_changes_nothing(days: list[tuple[int, list[str]]], random: object) -> None:
    contributions = [sent(f"m{k}", day, *files) for k, (day, files) in enumerate(days)]
    shuffled = sorted(contributions, key=lambda c: hash((c.place, str(random))))
    assert dossier(*contributions) == dossier(*shuffled)


@given(mails)
def test_every_file_has_one_state_and_what_is_chosen_is_used(days: list[tuple[int, list[str]]]) -> None:
    contributions = [sent(f"m{k}", day, *files) for k, (day, files) in enumerate(days)]
    d = dossier(*contributions)
    assert set(d.states) == {f.place for c in contributions for f in c.files}
    assert {d.states[f.place] for f in d.chosen} <= {"used"}
    reports = {f.sha256 for c in contributions for f in c.report}
    assert bool(reports) == bool(d.report)
