"""What is open of a unit's paper, by the notice's requirement; nothing where the rubric wants nothing on paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from scoring.anchors import row_anchor
from scoring.conclude import conclude
from scoring.journal import Entry, live
from scoring.paper import is_kept, open_paper
from scoring.rubric import Rubric, RubricError, builtin, load_rubric

Sheet = dict[str, Any]
Journal = Callable[..., tuple[Entry, ...]]
CAME = ("paper_received", {"date": "2018-01-19", "received": True})
STAMPED = ("paper_stamp", {"stamped": True})


@pytest.fixture
def sheet(make_sheet: Callable[..., Sheet]) -> Sheet:
    """With one row that stays with the unit, 留存备查."""
    found = make_sheet()
    rows = [{**r, "custody": "kept"} if r["id"] == "c3" else r for r in found["catalog"]]
    return {**found, "catalog": rows}


def checked(sheet: Sheet, id: str, yes: bool = True) -> tuple[str, Sheet]:
    return "paper_row", {"row": row_anchor(sheet, next(r for r in sheet["catalog"] if r["id"] == id)), "checked": yes}


ROWS = "留存备查的1项材料原件尚未核对：第3项“事项标准化方案”"


def test_what_is_open_goes_as_it_comes_in(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    def still(*words: Any) -> list[str]:
        found: list[str] = conclude(sheet, rubric, live(journal(*words)))["paper"]["open"]
        return found

    assert still(STAMPED) == ["纸质佐证材料未收到", ROWS], "without paper there is no stamp to look for"
    assert still(CAME) == ["目录清单首页未加盖单位公章", ROWS]
    assert still(CAME, STAMPED) == [ROWS]
    assert still(CAME, STAMPED, checked(sheet, "c1")) == [ROWS], "another original was checked"
    assert still(CAME, STAMPED, checked(sheet, "c3")) == []
    assert still(CAME, STAMPED, checked(sheet, "c3"), checked(sheet, "c3", False)) == [ROWS]
    assert still(CAME, STAMPED, checked(sheet, "c3"), ("undo", {"of": 1})) == ["纸质佐证材料未收到"]


def test_a_unit_of_which_nothing_was_recorded_has_no_paper_on_its_sheet_and_owes_all(sheet: Sheet, rubric: Rubric) -> None:
    found = conclude(sheet, rubric, ())
    assert "paper" not in found
    assert [p.kind for p in open_paper(found, rubric)] == ["received", "rows"]


def test_a_rubric_without_a_word_on_paper_asks_for_none(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    own = replace(rubric, paper=None)
    found = conclude(sheet, own, journal(STAMPED))
    assert found["paper"]["open"] == [] == list(open_paper(sheet, own))
    assert found["paper"]["stamped"]["by"] == "张三", "what the office recorded stands there all the same"


def test_the_office_keeps_records_of_paper_from_the_first_one_on(journal: Journal) -> None:
    assert not is_kept(journal(("applies", {"item": "1.1", "applies": False}, "无")))
    assert is_kept(journal(STAMPED)) and not is_kept(live(journal(STAMPED, ("undo", {"of": 1}))))


def test_the_rubrics_words_about_paper_are_the_notices() -> None:
    texts = builtin()
    paper = load_rubric(texts).paper
    assert paper is not None and paper.place == "市政府804室" and "在目录清单首页加盖单位公章" in paper.requirement
    broken = {**texts, "rubric.toml": texts["rubric.toml"].replace("[paper]\nrequirement", "[paper]\nwanted")}
    with pytest.raises(RubricError, match="paper"):
        load_rubric(broken)
