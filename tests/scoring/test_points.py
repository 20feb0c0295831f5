"""Points: full until a person lowers them; a gap proposes and takes nothing away."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import points
from scoring.facts import Fact
from scoring.points import PROPOSES
from scoring.rubric import Rubric, builtin, load_rubric
from scoring.worksheet import CatalogEntry, Claim, Gap, ItemScore, Score, SelfScore

RUBRIC = load_rubric(builtin())
ALL = frozenset(i.id for i in RUBRIC.items)
steady = settings(derandomize=True, deadline=None, max_examples=40)


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return RUBRIC


def score(
    applies: frozenset[str] = ALL,
    *,
    claims: tuple[Claim, ...] = (),
    rows: tuple[CatalogEntry, ...] = (),
    gaps: tuple[Gap, ...] = (),
    own: dict[str, SelfScore] | None = None,
    total: Decimal | None = None,
    facts: tuple[Fact, ...] = (),
) -> Score:
    return points.score(RUBRIC, applies, claims, rows, gaps, own or {}, total, facts)


def gap(kind: str, item: str | None = "1.1", message: str = "（一）1 未提供佐证材料") -> Gap:
    return Gap(kind, int(item[0]) if item else None, item, None, None, message)


def claim(item: str = "1.1", text: str = "《通知》", status: str = "matched") -> Claim:
    return Claim("k1", 0, (0, 4), text, "record", text, None, None, 1, item, status, (), 0.9, "")  # type: ignore[arg-type]


def row(item: str = "1.1", title: str = "通知") -> CatalogEntry:
    return CatalogEntry("c1", "1", None, item, None, title, None, None, "submitted", 0, None, 1, "claimed")


def of(found: Score, item: str) -> ItemScore:
    return next(i for i in found.items if i.item == item)


def test_a_county_starts_with_100_of_100_and_no_bonus() -> None:
    found = score()
    assert found.base == {"suggested": 100, "max": 100}
    assert found.bonus == {"suggested": 0, "max": 20}
    assert found.total == {"suggested": 100}


def test_every_item_has_its_points_and_bonus_items_none_until_a_person_gives_them(rubric: Rubric) -> None:
    assert [(i.item, i.max) for i in score().items] == [(i.id, i.points) for i in rubric.items]
    assert {i.suggested for i in score().items if i.item.startswith("7.")} == {Decimal(0)}


def test_an_item_that_does_not_apply_has_no_points_and_lowers_what_can_be_reached(rubric: Rubric) -> None:
    found = score(ALL - {"1.2"})
    assert (of(found, "1.2").applies, of(found, "1.2").suggested) == (False, None)
    assert found.base["max"] == found.base["suggested"] == 100 - rubric.item("1.2").points


@pytest.mark.parametrize("kind", sorted(PROPOSES))
def test_a_gap_proposes_and_lowers_nothing(kind: str) -> None:
    found = score(gaps=(gap(kind),))
    assert found.total == score().total
    assert of(found, "1.1").suggested == of(found, "1.1").max
    assert of(found, "1.1").deductions == ()
    assert of(found, "1.1").proposals == ({"rule": "1.1a", "reason": "待核实：（一）1 未提供佐证材料", "source": "gap"},)


@pytest.mark.parametrize("found", [gap("catalog_unclaimed"), gap("section_missing", None), gap("item_without_evidence", "1.3")])
def test_a_gap_of_another_kind_or_item_proposes_nothing_here(found: Gap) -> None:
    assert of(score(gaps=(found,)), "1.1").proposals == ()


def test_the_units_own_scores_are_shown_and_are_no_ground(rubric: Rubric) -> None:
    found = score(own={"1.1": SelfScore(Decimal("2.5"), 7)}, total=Decimal(97))
    assert of(found, "1.1").self == SelfScore(Decimal("2.5"), 7)
    assert of(found, "1.1").suggested == rubric.item("1.1").points
    assert found.self_total == 97
    assert of(found, "1.1").ground == of(score(), "1.1").ground


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(score(claims=(claim(),)), id="a claim"),
        pytest.param(score(rows=(row(),)), id="a row"),
        pytest.param(score(gaps=(gap("item_without_evidence"),)), id="a gap"),
        pytest.param(score(facts=(Fact("1.1b"),)), id="a fact"),
        pytest.param(score(facts=(Fact("1.1b", 0),)), id="a fact that there was none"),
    ],
)
def test_the_ground_changes_with_what_the_suggestion_rests_on(changed: Score) -> None:
    assert of(changed, "1.1").ground != of(score(), "1.1").ground
    assert of(changed, "1.3").ground == of(score(), "1.3").ground


def test_a_fact_of_one_item_changes_the_ground_of_those_it_takes_points_from() -> None:
    found = score(facts=(Fact("4.1a"),))
    changed = [i.item for i in found.items if i.ground != of(score(), i.item).ground]
    assert changed == ["4.1", "4.2", "4.3"]


def test_the_ground_is_of_words_not_of_places() -> None:
    moved = Claim("k9", 44, (3, 7), "《通知》", "record", "《通知》", None, None, 1, "1.1", "matched", (), 0.5, "")
    assert of(score(claims=(moved,)), "1.1").ground == of(score(claims=(claim(),)), "1.1").ground
    assert of(score(claims=(claim(status="missing"),)), "1.1").ground != of(score(claims=(claim(),)), "1.1").ground


@given(
    applies=st.frozensets(st.sampled_from(sorted(ALL))),
    gaps=st.lists(st.tuples(st.sampled_from(sorted(PROPOSES)), st.sampled_from(sorted(ALL))), max_size=8),
)
@steady
def test_points_stay_between_nothing_and_the_maximum(applies: frozenset[str], gaps: list[tuple[str, str]]) -> None:
    found = score(applies, gaps=tuple(gap(k, i) for k, i in gaps))
    for item in found.items:
        assert item.suggested is None or 0 <= item.suggested <= item.max
        assert (item.suggested is None) == (item.item not in applies)
    assert 0 <= (found.base["suggested"] or 0) <= (found.base["max"] or 0) <= 100
    assert 0 <= (found.bonus["suggested"] or 0) <= (found.bonus["max"] or 0) <= 20
    assert found.total["suggested"] == (found.base["suggested"] or 0) + (found.bonus["suggested"] or 0)
