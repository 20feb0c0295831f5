"""What counts for a unit: newest report, newest catalog, and what became of the rest."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dossier import Contribution, Dossier, Held, Standing, Trust, Word, decide, in_order, standings_of
from scoring.worksheet import Role, State

DEADLINE = datetime(2018, 1, 21, tzinfo=timezone(timedelta(hours=8)))


def sent(
    name: str, day: int | None, *files: str, rows: bool | None = None, by: str = "", sure: float = 1.0, word: Word = ""
) -> Contribution:
    """A mail of 2018-01-`day`; files as "role:bytes", e.g. "report:A"; without a day they were laid down by hand."""
    moment = datetime(2018, 1, 1, 12, tzinfo=DEADLINE.tzinfo) + timedelta(days=day - 1) if day else None
    held = []
    for k, file in enumerate(files, 1):
        kind, content = file.split(":")
        role: Role = kind if kind in ("report", "catalog", "evidence") else "other"  # type: ignore[assignment]
        state: State = "quarantined" if kind == "broken" else "used" if role != "other" else "not_needed"
        held.append(Held(f"{name}#{k}", content, role, state))
    has_rows = any(f.startswith("catalog") for f in files) if rows is None else rows
    return Contribution(name, moment, in_order(moment, 0, name), tuple(held), has_rows, by, day is None, sure, word)


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


TRUST = Trust(frozenset({"unit@x"}), 0.7)
COUNTS, STRANGER, WEAK, REFUSED = "counts", "stranger", "weak", "refused"


@pytest.mark.parametrize(
    ("mails", "standings"),
    [
        pytest.param([sent("a", 1, "report:A", by="p")], [COUNTS], id="the first, whoever sent it"),
        pytest.param([sent("a", 1, "report:A", by="p"), sent("b", 2, "report:B", by="p")], [COUNTS, COUNTS], id="the same sender again"),
        pytest.param([sent("a", 1, "report:A", by="p"), sent("b", 2, "report:B", by="q")], [COUNTS, STRANGER], id="someone else"),
        pytest.param([sent("a", 1, "report:A", by="p"), sent("b", 2, "report:B")], [COUNTS, STRANGER], id="a mail without a sender"),
        pytest.param([sent("a", 1, "report:A"), sent("b", 2, "report:B")], [COUNTS, STRANGER], id="no sender is no known sender"),
        pytest.param([sent("a", 1, "report:A", by="p"), sent("b", 2, "catalog:C", by="q")], [COUNTS, STRANGER], id="a stranger's catalog"),
        pytest.param(
            [sent("a", 1, "report:A", by="p"), sent("b", 2, rows=True, by="q")], [COUNTS, STRANGER], id="rows in a stranger's words"
        ),
        pytest.param(
            [sent("a", 1, "report:A", by="p"), sent("b", 2, "report:B", by="unit@x")], [COUNTS, COUNTS], id="the roster's address"
        ),
        pytest.param(
            [sent("a", 1, "report:A", by="unit@x"), sent("b", 2, "report:B", by="q")], [COUNTS, STRANGER], id="after the roster's"
        ),
        pytest.param([sent("a", 1, "report:A", by="p"), sent("b", None, "report:B")], [COUNTS, COUNTS], id="laid down by hand"),
        pytest.param([sent("a", 1, "report:A", by="p", sure=0.69)], [WEAK], id="hardly the unit's, the first"),
        pytest.param([sent("a", 1, "report:A", by="p", sure=0.7)], [COUNTS], id="as sure as one must be"),
        pytest.param([sent("a", None, "report:A", sure=0.5)], [WEAK], id="hardly the unit's, laid down by hand"),
        pytest.param([sent("a", 1, "report:A", by="unit@x", sure=0.5)], [WEAK], id="hardly the unit's, from its address"),
        pytest.param(
            [sent("a", 1, "report:A", by="p"), sent("b", 2, "report:B", by="p", sure=0.5)],
            [COUNTS, WEAK],
            id="hardly the unit's, known sender",
        ),
        pytest.param(
            [sent("a", 1, "report:A", by="p", sure=0.5), sent("b", 2, "report:B", by="q")],
            [WEAK, COUNTS],
            id="the first that is surely the unit's",
        ),
        pytest.param(
            [sent("a", 1, "report:A", by="p", sure=0.5, word="accept"), sent("b", 2, "report:B", by="p")],
            [COUNTS, COUNTS],
            id="accepted though weak",
        ),
        pytest.param(
            [sent("a", 1, "report:A", by="p"), sent("b", 2, "report:B", by="q", word="accept"), sent("c", 3, "catalog:C", by="q")],
            [COUNTS, COUNTS, COUNTS],
            id="accepted once, known from then on",
        ),
        pytest.param(
            [sent("a", 1, "report:A", by="p"), sent("b", 2, "report:B", by="q"), sent("c", 3, "report:C", by="q", word="accept")],
            [COUNTS, STRANGER, COUNTS],
            id="not known before that",
        ),
        pytest.param(
            [sent("a", 1, "report:A", by="p", word="refuse"), sent("b", 2, "report:B", by="q"), sent("c", 3, "report:C", by="p")],
            [REFUSED, COUNTS, STRANGER],
            id="refused, the next one starts and the sender is unknown",
        ),
        pytest.param(
            [sent("a", 1, "report:A", by="p"), sent("b", 2, "report:A", by="q"), sent("c", 3, "report:B", by="q")],
            [COUNTS, COUNTS, STRANGER],
            id="the same bytes again bring nothing and make nobody known",
        ),
        pytest.param(
            [sent("a", 1, "report:A", by="p"), sent("b", 2, "report:B", by="q"), sent("c", 3, "report:B", by="p")],
            [COUNTS, STRANGER, COUNTS],
            id="bytes of a stranger, sent by a known one",
        ),
        pytest.param(
            [sent("a", 1, "note:N", by="q"), sent("b", 2, "report:A", by="p"), sent("c", 3, "report:B", by="q")],
            [COUNTS, COUNTS, STRANGER],
            id="a mail without report or catalog starts nothing and makes nobody known",
        ),
    ],
)
def test_who_counts_and_who_waits(mails: list[Contribution], standings: list[Standing]) -> None:
    assert list(standings_of(mails, TRUST).values()) == standings
    assert set(standings_of([m for m in mails if m.word != "refuse"], None).values()) == {COUNTS}, "without a home folder all count"


def test_what_waits_displaces_nothing_and_makes_nothing_late() -> None:
    a, b = sent("a", 19, "report:R1", "catalog:C", by="p"), sent("b", 25, "report:R2", "note:N", by="q")
    d = decide([a, b], is_late=lambda moment: moment >= DEADLINE, trust=TRUST)
    assert in_use(d) == ("a", "a") and not d.corrected_late and d.first_report_at is None
    assert d.states == {"a#1": "used", "a#2": "used", "b#1": "waiting", "b#2": "not_needed"}


def test_of_what_was_refused_nothing_is_needed() -> None:
    d = decide([sent("a", 19, "report:R", "broken:X", word="refuse")], is_late=lambda _: False, trust=TRUST)
    assert d.states == {"a#1": "not_needed", "a#2": "quarantined"} and d.sources == ()


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


people = st.lists(
    st.tuples(
        st.integers(1, 28),
        st.lists(st.sampled_from(FILES), max_size=3),
        st.sampled_from(["unit@x", "p", "q", ""]),
        st.sampled_from([0.5, 0.9]),
        st.sampled_from(["", "", "accept", "refuse"]),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@given(people)
def test_what_is_in_use_is_what_would_be_in_use_had_nothing_else_come(
    mails: list[tuple[int, list[str], str, float, Word]],
) -> None:
    everything = [sent(f"m{k}", day, *files, by=by, sure=sure, word=word) for k, (day, files, by, sure, word) in enumerate(mails)]
    d = decide(everything, is_late=lambda moment: moment >= DEADLINE, trust=TRUST)
    counting = [c for c in everything if d.standings[c.place] == COUNTS]
    if counting:
        alone = dossier(*counting)
        assert (alone.report, alone.catalog, alone.first_report_at, alone.corrected_late) == (
            d.report, d.catalog, d.first_report_at, d.corrected_late,
        )  # fmt: skip
    for c in everything:
        own = {d.states[f.place] for f in c.files}
        assert d.standings[c.place] == COUNTS or not own & {"used", "superseded", "duplicate"}
        assert c.word != "accept" or d.standings[c.place] == COUNTS
        assert (c.word == "refuse") == (d.standings[c.place] == REFUSED)
