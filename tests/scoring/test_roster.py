"""The roster as data."""

from __future__ import annotations

import pytest

from scoring.roster import load_roster
from scoring.rubric import RubricError, builtin

ONE = '[[units]]\nname = "甲县"\ngroup = "county"\nfull = "甲县人民政府"\nshort = ["甲县政府"]\ncodes = ["甲政"]\n'


def test_the_builtin_roster_has_53_units_in_three_groups() -> None:
    roster = load_roster(builtin()["roster.toml"])
    assert {g: len(roster.group(g)) for g in ("county", "municipal", "provincial")} == {"county": 8, "municipal": 42, "provincial": 3}


def test_a_unit_knows_its_names_longest_first() -> None:
    roster = load_roster(builtin()["roster.toml"])
    unit = roster.unit("市发展和改革委员会")
    assert unit.names[0] == "双鸭山市发展和改革委员会"
    assert "市发改委" in unit.names
    assert "双发改" in unit.codes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(ONE + ONE.replace('"甲县"', '"乙县"').replace("甲县人民政府", "乙县人民政府"), "甲县政府", id="a name of two units"),
        pytest.param(ONE + ONE.replace("甲县", "乙县"), "甲政", id="a code of two units"),
        pytest.param(ONE.replace("county", "kreis"), "county、municipal、provincial", id="unknown group"),
        pytest.param("", "units", id="empty"),
    ],
)
def test_an_error_names_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(RubricError, match=r"roster\.toml") as caught:
        load_roster(text)
    assert says in str(caught.value)


def test_groups_are_those_of_the_rubric() -> None:
    town = ONE.replace("county", "town")
    assert load_roster(town, groups=("town", "bureau")).units[0].group == "town"
    with pytest.raises(RubricError, match="town、bureau"):
        load_roster(ONE, groups=("town", "bureau"))


def test_places_are_told_from_bodies_by_their_names() -> None:
    roster = load_roster(builtin()["roster.toml"])
    assert [u.name for u in roster.units if u.territorial] == [u.name for u in roster.group("county")]


def test_a_mail_address_is_optional() -> None:
    assert load_roster(ONE).units[0].mail is None
    assert load_roster(ONE + 'mail = "a@b.example"\n').units[0].mail == "a@b.example"
