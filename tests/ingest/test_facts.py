"""Facts in a home folder: tables and reviewers' words are written down, points and worksheets follow at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.actions import Actions, Refused
from ingest.casework import Case, Result
from ingest.facts import BadForm, add_fact, import_form, listed, undo_import
from ingest.outbox import publish
from ingest.rules import load_rules
from ingest.settings import load_settings
from ingest.store import Store

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
(RAOHE,) = (json.loads(p.read_text("utf-8")) for p in GOLDEN.glob("08-*.json"))
UNIT = "饶河县"
"""Its report came late: one 迟报 is known from the arrival."""
NOVEMBER = "统计期间,2017-11\n单位,4.2b 未督办,4.3a 未回复\n饶河县,1,\n集贤县,,1\n"


@pytest.fixture
def actions(tmp_path: Path) -> Iterator[Actions]:
    settings = load_settings(tmp_path, {})
    rules = load_rules(settings)
    store = Store(settings.var / "zicha.db")
    sheet = {**RAOHE, "rubric": {"id": rules.rubric.id, "sha256": rules.rubric.sha256}}
    publish(settings.outbox, [Result(sheet, (Case("c" * 64, "a.eml", None),), {}, ("a.eml",))], rules, store, inbox=str(settings.inbox))
    yield Actions(settings, rules, store)
    store.close()


def points(actions: Actions, item: str) -> Any:
    """As the file in the outbox prints them."""
    (path,) = actions.settings.outbox.glob(f"*{UNIT}*.json")
    items = json.loads(path.read_text("utf-8"))["score"]["items"]
    return next(i["suggested"] for i in items if i["item"] == item)


def load(actions: Actions, text: str, name: str = "通报.csv") -> Any:
    return import_form(actions, name, text.encode(), by="张三")


def test_a_late_report_costs_its_point_without_anybody_saying_so(actions: Actions) -> None:
    assert points(actions, "1.4") == 4


def test_a_table_lowers_points_in_the_outbox_at_once(actions: Actions) -> None:
    assert points(actions, "4.2") == 5
    done = load(actions, NOVEMBER)
    assert (done.period, done.units, done.facts, done.replaced, done.known) == ("2017-11", 2, 2, 0, False)
    assert points(actions, "4.2") == 3
    assert [(e.unit, e.body["clause"], counts) for e, counts in listed(actions)] == [(UNIT, "4.2b", True), ("集贤县", "4.3a", True)]


def test_the_same_table_again_changes_nothing(actions: Actions) -> None:
    load(actions, NOVEMBER)
    head = actions.store.journal_head()
    assert load(actions, NOVEMBER, "改了名字.csv").known
    assert actions.store.journal_head() == head


def test_a_newer_table_for_the_same_month_replaces_the_older_one_also_where_it_is_silent(actions: Actions) -> None:
    load(actions, NOVEMBER)
    done = load(actions, NOVEMBER.replace("饶河县,1,\n", ""))
    assert (done.units, done.replaced) == (1, 2)
    assert points(actions, "4.2") == 5
    assert [(e.seq, counts) for e, counts in listed(actions, UNIT)] == [(1, False)]


def test_the_first_table_can_come_back_and_counts_once(actions: Actions) -> None:
    load(actions, NOVEMBER)
    load(actions, NOVEMBER.replace("饶河县,1,\n", ""))
    assert not load(actions, NOVEMBER).known
    assert points(actions, "4.2") == 3


def test_a_replacing_table_says_whose_table_it_replaces_and_which_units_it_is_silent_about(actions: Actions) -> None:
    load(actions, NOVEMBER, "一.csv")
    done = load(actions, NOVEMBER.replace("饶河县,1,\n", ""), "二.csv")
    assert (done.replaced, done.instead_of, done.silent, done.covered) == (2, ("一.csv，张三",), (UNIT,), 0)


def test_a_years_table_says_that_it_replaces_months_and_a_later_month_that_it_counts_no_more(actions: Actions) -> None:
    load(actions, NOVEMBER, "十一月.csv")
    year = load(actions, "统计期间,2017\n单位,4.2b 未督办\n饶河县,2\n", "全年.csv")
    assert (year.replaced, year.instead_of) == (1, ("十一月.csv，张三",))
    december = load(actions, NOVEMBER.replace("2017-11", "2017-12"), "十二月.csv")
    assert (december.replaced, december.covered) == (0, 1)
    assert points(actions, "4.2") == 1


def test_a_whole_table_is_taken_back_at_once_and_what_it_replaced_counts_again(actions: Actions) -> None:
    load(actions, NOVEMBER)
    before = [(e.seq, counts) for e, counts in listed(actions)]
    done = load(actions, NOVEMBER.replace("饶河县,1,", "饶河县,2,"))
    assert points(actions, "4.2") == 1
    assert undo_import(actions, done.first + 1, by="李四") == ("2017-11", 2)
    assert [(e.seq, counts) for e, counts in listed(actions)] == before
    assert points(actions, "4.2") == 3
    with pytest.raises(Refused, match="已经撤销"):
        undo_import(actions, done.first, by="李四")


def test_only_a_table_is_taken_back_as_a_table(actions: Actions) -> None:
    add_fact(actions, UNIT, "4.2b", by="李四")
    for seq, says in ((1, "zicha undo 1"), (9, "没有第9条")):
        with pytest.raises(Refused, match=says):
            undo_import(actions, seq, by="李四")


def test_another_month_adds_up(actions: Actions) -> None:
    load(actions, NOVEMBER)
    load(actions, NOVEMBER.replace("2017-11", "2017-12"))
    assert points(actions, "4.2") == 1


def test_a_table_with_one_bad_cell_is_not_imported_at_all(actions: Actions) -> None:
    with pytest.raises(BadForm) as caught:
        load(actions, NOVEMBER.replace("集贤县,,1", "集贤县,,一"))
    assert [str(p) for p in caught.value.problems] == ["第4行C列：“一”不是次数，须为0或正整数（可写“是”“否”）"]
    assert actions.store.entries() == ()
    assert points(actions, "4.2") == 5


def test_a_reviewer_states_a_fact_and_takes_it_back(actions: Actions) -> None:
    sheet = add_fact(actions, "饶河县政府", "1.4b", by="李四", note="电话核实")
    assert sheet is not None
    line = next(i for i in sheet["score"]["items"] if i["item"] == "1.4")
    assert line["sum"] == "5 − 5（漏报、迟报2次，不得分）= 0"
    assert {f["source"] for f in line["deductions"][0]["facts"]} == {"intake", "reviewer"}
    actions.undo(actions.store.journal_head()[0], by="李四")
    assert points(actions, "1.4") == 4


@pytest.mark.parametrize(
    ("unit", "clause", "count", "says"),
    [
        ("某县", "1.4b", 1, "名单中没有"),
        (UNIT, "1.4d", 1, "请填写1.4b或1.4c"),
        (UNIT, "9.9a", 1, "没有条款"),
        (UNIT, "1.4b", -1, "次数"),
        ("市教育局", "1.2a", 1, "市教育局不考核（一）2"),
    ],
)
def test_what_cannot_be_a_fact_is_refused(actions: Actions, unit: str, clause: str, count: int, says: str) -> None:
    with pytest.raises(Refused, match=says):
        add_fact(actions, unit, clause, count, by="李四")
    assert actions.store.entries() == ()


def test_a_fact_of_a_unit_that_has_sent_nothing_waits_for_its_report(actions: Actions) -> None:
    assert add_fact(actions, "集贤县", "4.2b", by="李四") is None
    assert [(e.unit, counts) for e, counts in listed(actions)] == [("集贤县", True)]
