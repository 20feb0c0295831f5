"""The rubric as data: what the built-in one holds, and what a changed one is told."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from scoring.rubric import Rubric, RubricError, builtin, load_rubric

NOTICE = Path(__file__).parents[3] / "shared" / "notice" / "notice.txt"
SMALL = """
id = "t"
title = "细则"
year = 2020
deadline_day = 2021-02-28
utc_offset = "+08:00"
[points]
base = 5
bonus = 2
[[sections]]
number = 1
name = "甲"
points = 5
[[sections.items]]
number = 1
name = "子"
points = 3
text = "甲子"
groups = ["county"]
[[sections.items]]
number = 4
name = "丑"
points = 2
text = "甲丑"
[[sections]]
number = 9
name = "乙"
points = 2
bonus = true
[[sections.items]]
number = 1
name = "寅"
points = 2
text = "乙寅"
"""


def test_the_builtin_rubric_has_seven_sections_and_25_items_worth_100_and_20() -> None:
    rubric = load_rubric(builtin())
    assert [len(s.items) for s in rubric.sections] == [4, 4, 5, 4, 3, 2, 3]
    assert sum(i.points for i in rubric.items if not i.bonus) == 100
    assert sum(i.points for i in rubric.items if i.bonus) == 20
    assert rubric.item("2.3").points == 10


@pytest.mark.skipif(not NOTICE.exists(), reason="needs ../shared/notice")
def test_every_item_and_its_rule_stand_in_the_notice_word_for_word() -> None:
    notice = _plain(NOTICE.read_text("utf-8"))
    for item in load_rubric(builtin()).items:
        assert _plain(item.text.rstrip("。")) in notice, item.id
        if not item.bonus:
            assert _plain(item.rule) in notice, item.id
        for clause in item.clauses:
            assert item.bonus or _plain(clause.text) in notice, clause.id


def test_the_deadline_is_the_end_of_the_day_in_beijing() -> None:
    rubric = load_rubric(builtin())
    assert not rubric.is_late(datetime.fromisoformat("2018-01-20T23:59:59+08:00"))
    assert rubric.is_late(datetime.fromisoformat("2018-01-21T00:00:00+08:00"))
    assert rubric.is_late(datetime.fromisoformat("2018-01-20T16:00:00+00:00"))


def test_item_1_2_applies_to_counties_only_and_not_to_an_unknown_unit() -> None:
    rubric = load_rubric(builtin())
    item = rubric.item("1.2")
    assert [rubric.applies(item, g) for g in ("county", "municipal", "provincial", None)] == [True, False, False, False]
    assert rubric.applies(rubric.item("1.1"), None)
    assert rubric.scopes["provincial"] == "related"


def test_numbers_of_sections_and_items_are_free() -> None:
    rubric = load_rubric({"rubric.toml": SMALL})
    assert [i.id for i in rubric.items] == ["1.1", "1.4", "9.1"]
    assert rubric.bonus == Decimal(2)
    assert rubric.section(9).bonus


def test_the_hash_covers_every_text() -> None:
    one = load_rubric({"rubric.toml": SMALL})
    two = load_rubric({"rubric.toml": SMALL, "words.toml": "a = 1"})
    assert one.sha256 != two.sha256
    assert load_rubric({"rubric.toml": SMALL}).sha256 == one.sha256
    assert two.tables["words.toml"]["a"] == 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param("base = 5", "base = 6", "points.base", id="points that do not add up"),
        pytest.param("points = 3", "points = 4", "sections[1].points", id="items that do not add up"),
        pytest.param('groups = ["county"]', 'groups = ["village"]', "county、municipal、provincial", id="unknown group"),
        pytest.param("number = 4", "number = 1", "重复", id="number twice"),
        pytest.param("deadline_day = 2021-02-28", 'deadline_day = "soon"', "deadline_day", id="no date"),
        pytest.param("bonus = true", 'bonus = "ja"', "true、false", id="no truth value"),
        pytest.param('title = "细则"', "", "title", id="missing title"),
        pytest.param("year = 2020", "year = [", "TOML", id="no TOML"),
    ],
)
def test_an_error_names_file_key_and_what_is_allowed(old: str, new: str, says: str) -> None:
    with pytest.raises(RubricError) as caught:
        load_rubric({"rubric.toml": SMALL.replace(old, new, 1)})
    assert "rubric.toml" in str(caught.value)
    assert says in str(caught.value)


OWN = '[groups.town]\nname = "乡镇"\n[groups.bureau]\nscope = "related"\nname = "县直单位"\n'


def own_groups(groups: str = OWN, of: str = "town") -> Rubric:
    return load_rubric({"rubric.toml": SMALL.replace("[points]", groups + "[points]").replace('["county"]', f'["{of}"]')})


def test_an_office_names_its_own_groups_and_then_has_no_others() -> None:
    rubric = own_groups()
    assert (rubric.groups, dict(rubric.group_names)) == (("town", "bureau"), {"town": "乡镇", "bureau": "县直单位"})
    assert dict(rubric.scopes) == {"town": "all", "bureau": "related"}
    assert [rubric.applies(rubric.item("1.1"), g) for g in ("town", "bureau", None)] == [True, False, False]
    assert rubric.applies(rubric.item("1.4"), "bureau") and rubric.applies(rubric.item("1.4"), None)


def test_the_usual_groups_may_be_named_otherwise() -> None:
    rubric = own_groups('[groups.provincial]\nscope = "related"\nname = "驻县单位"\n', "county")
    assert rubric.groups == ("county", "municipal", "provincial")
    assert dict(rubric.group_names) == {"provincial": "驻县单位"} and rubric.scopes["provincial"] == "related"


@pytest.mark.parametrize(
    ("groups", "of", "says"),
    [
        (OWN, "county", "groups：“county”不在可用的值之内：town、bureau"), ("[groups.town]\n", "town", "groups.town.name：须为文字"),
        (OWN.replace("scope", "skope"), "town", "groups.bureau.skope：没有这个键"),
        (OWN.replace("related", "some"), "town", "all、related"),
        ('[groups]\nconty = "all"\n', "county", "“conty”不在可用的值之内：county、municipal、provincial"),
    ],
)  # fmt: skip
def test_a_group_that_is_wrong_is_named(groups: str, of: str, says: str) -> None:
    with pytest.raises(RubricError, match=r"rubric\.toml") as caught:
        own_groups(groups, of)
    assert says in str(caught.value)


def test_a_rubric_without_its_main_file_is_refused() -> None:
    with pytest.raises(RubricError, match=r"rubric\.toml"):
        load_rubric({})


def _plain(text: str) -> str:
    return re.sub(r"\s|\W", "", unicodedata.normalize("NFKC", text))
