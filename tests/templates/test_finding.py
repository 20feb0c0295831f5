"""Finding a unit by a few typed characters."""

from __future__ import annotations

import pytest

from templates.finding import find, packed

NAMES = {
    "市民政局": (("市s", "民m", "政z", "局j"), ("民m", "政z", "局j")),
    "市民族宗教局": (("市s", "民m", "族z", "宗z", "教j", "局j"),),
    "尖山区": (("尖j", "山s", "区oq"), tuple(f"{c}{i}" for c, i in zip("尖山区人民政府", "jsqrmzf", strict=True))),
    "市长庆办A": (("市s", "长cz", "庆q", "办b", "a"),),
}


@pytest.mark.parametrize(
    ("query", "units"),
    [
        pytest.param("民政局", ["市民政局"], id="part of the name"),
        pytest.param("民政", ["市民政局"], id="a name that begins so, before one that only holds it"),
        pytest.param("人民政府", ["尖山区"], id="another of its names"),
        pytest.param("smz", ["市民政局", "市民族宗教局"], id="initials"),
        pytest.param("SMZJ", ["市民政局"], id="capitals"),
        pytest.param("szmj", ["市民政局"], id="initials in another order"),
        pytest.param("mzj", ["市民政局"], id="without the 市"),
        pytest.param("市mz", ["市民政局", "市民族宗教局"], id="characters and initials mixed"),
        pytest.param("scq", ["市长庆办A"], id="one reading of 长"),
        pytest.param("szq", ["市长庆办A"], id="the other reading"),
        pytest.param("办a", ["市长庆办A"], id="a letter that is part of the name"),
        pytest.param(" 民 政 局 ", ["市民政局"], id="blanks"),
        pytest.param("财政", [], id="nobody"),
        pytest.param("政民", [], id="characters have one order"),
    ],
)
def test_a_unit_is_found_by(query: str, units: list[str]) -> None:
    assert list(find(query, NAMES)) == units


def test_an_empty_search_finds_everybody() -> None:
    assert find("  ", NAMES) == tuple(NAMES)


def test_names_go_to_the_script_as_one_attribute() -> None:
    assert packed(NAMES["市民政局"]) == "市s 民m 政z 局j|民m 政z 局j"
