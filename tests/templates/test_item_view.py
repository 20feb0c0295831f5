"""One item at work and the overview of its unit, as records and as HTML: order, whose word is whose, what must not get lost."""

from __future__ import annotations

import copy
import re
from types import SimpleNamespace
from typing import Any

import pytest

import templates
from scoring.journal import CLAIM_MISSING, FACT, POINTS, UNDO, Draft, Entry, sealed
from scoring.rubric import builtin, load_rubric
from templates.history_view import history
from templates.item_view import effect, item_view, next_open, place_choices, row_choices
from templates.unit_view import unit_view

RUBRIC = load_rubric(builtin())
Json = dict[str, Any]


def journal(*drafts: Draft) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for draft in drafts:
        entries.append(sealed(draft, at="2018-02-01T02:00:00+00:00", before=entries[-1] if entries else None))
    return tuple(entries)


def points(item: str, value: str, by: str = "张三", confirmed: bool = True) -> Draft:
    return Draft(by, POINTS, "甲县", {"item": item, "points": value, "confirmed": confirmed, "ground": "x"})


def score(sheet: Json, item: str) -> Json:
    found: Json = next(s for s in sheet["score"]["items"] if s["item"] == item)
    return found


def confirm(sheet: Json, item: str, value: float, **more: Any) -> None:
    said = {"points": value, "by": "张三", "at": "2018-02-01T02:00:00+00:00", "note": "", "seq": 1, "stale": False, "changed": []}
    score(sheet, item)["confirmed"] = said | more


@pytest.fixture
def look(rubric: Json) -> Any:
    """look(worksheet, "1.1", entries) -> the view of an item."""
    return lambda sheet, id="1.1", entries=(): item_view(sheet, rubric, RUBRIC.item(id), entries)


@pytest.fixture
def render(rubric: Json, look: Any) -> Any:
    """render(worksheet, "1.1", can=True, locked="") -> the page of an item as HTML."""

    def page(sheet: Json, id: str = "1.1", *, can: bool = True, locked: str = "", typed: str = "") -> str:
        user = SimpleNamespace(name="张三", role="初核", may=lambda role: True)
        shared = {
            "user": user,
            "csrf": "t",
            "flash": None,
            "head": 7,
            "here": "/x",
            "rubric": rubric,
            "now": None,
            "active": "",
            "version": "0",
            "foot": 5,
        }
        return templates.app_page(
            "app_item.html", **shared, view=look(sheet, id), unit="甲县", n=5, before=None, after=6,
            scored=sheet["score"] is not None, locked=locked, can=can, typed=typed, noted="", returned=None,
        )  # fmt: skip

    return page


# ---- the list at the left


def test_every_item_stands_in_the_list_with_its_state_and_whose_points_it_has(worksheet: Json, look: Any) -> None:
    confirm(worksheet, "1.1", 4.5)
    score(worksheet, "1.2")["entered"] = {"points": 3, "by": "李四", "at": "2018-02-01T02:00:00+00:00", "note": ""}
    entries = [e for part in look(worksheet).parts for e in part.entries]
    assert [(e.id, e.points.key, e.points.value, e.open) for e in entries] == [
        ("1.1", "confirmed", "4.5", False),
        ("1.2", "entered", "3", True),
        ("2.1", "suggested", "3", True),
        ("2.2", "none", "", False),
    ]


def test_a_confirmation_on_another_ground_is_open_again_and_looks_like_neither(worksheet: Json, look: Any) -> None:
    confirm(worksheet, "1.1", 5, stale=True, changed=[{"what": "rows", "message": "目录少了一项"}])
    entry = look(worksheet).entry
    assert (entry.points.key, entry.open) == ("stale", True)
    assert look(worksheet).progress.stale == 1


def test_what_the_second_check_sent_back_is_open_until_confirmed_anew(worksheet: Json, look: Any) -> None:
    confirm(worksheet, "1.1", 5)
    worksheet["review"] = {
        "state": "returned",
        "by": "王五",
        "at": "2018-02-02T02:00:00+00:00",
        "seq": 9,
        "reason": "请核",
        "items": ["1.1"],
    }
    assert (look(worksheet).entry.points.key, look(worksheet).entry.open) == ("returned", True)
    confirm(worksheet, "1.1", 5, seq=10)
    assert look(worksheet).entry.points.key == "confirmed"


def test_the_next_open_item_comes_after_this_one_and_then_from_the_beginning(worksheet: Json, rubric: Json) -> None:
    assert next_open(worksheet, rubric, "1.1") == "1.2"
    assert next_open(worksheet, rubric, "2.1") == "1.1"
    confirm(worksheet, "1.1", 5)
    confirm(worksheet, "1.2", 5)
    assert next_open(worksheet, rubric, "2.1") == ""
    assert next_open(worksheet, rubric) == "2.1"


# ---- gaps and claims


def test_gaps_come_by_kind_with_whose_move_it_is_and_point_to_the_claim(worksheet: Json, look: Any) -> None:
    gaps = look(worksheet).gaps
    assert [(g.title, g.move, g.claims) for g in gaps] == [
        ("题名相近，但文号、年份或关键字不符", "单位补报", (("k1", worksheet["claims"][0]["text"]),)),
        ("报告提到、目录清单中没有的材料", "单位补报", (("k1", worksheet["claims"][0]["text"]),)),
        ("待核实的材料", "办公室处理", (("k3", worksheet["claims"][2]["text"]),)),
    ]


def test_that_there_is_no_catalog_at_all_is_told_on_every_item(worksheet: Json, samples: Any, look: Any, render: Any) -> None:
    sheet = samples.no_catalog(worksheet)
    assert look(sheet).gaps[0].messages == (("", "未收到佐证材料目录清单"),)
    assert "没有发现缺口" not in render(sheet)


def test_many_gaps_of_one_kind_are_counted_and_not_all_printed_twice(worksheet: Json, samples: Any, render: Any) -> None:
    sheet = samples.many_claims(worksheet)
    for c in sheet["claims"]:
        c |= {"status": "missing", "catalog": []}
        sheet["gaps"].append(
            {"kind": "claim_not_in_catalog", "section": 1, "item": "1.1", "claim": c["id"], "catalog": None, "message": "无此件"}
        )
    page = render(sheet)
    assert "等 60 处" in page and page.count('<article class="claim') == 60


def test_choices_of_rows_are_told_apart_even_where_they_are_printed_alike(worksheet: Json) -> None:
    worksheet["catalog"][3] |= {"no": "3", "title": "工作人员名册（一）"}
    choices = row_choices(worksheet)
    assert choices["1 关于成立领导小组的通知 甲政办发〔2016〕8号"] == "c1"
    assert choices["3 工作人员名册（一）"] == "c3" and choices["3 工作人员名册（一）（c4）"] == "c4"
    assert len(choices) == len(worksheet["catalog"])


def test_every_item_every_section_and_the_outside_are_places_to_move_to(rubric: Json) -> None:
    places = place_choices(rubric)
    assert places["1.2 纳入考核"] == (1, "1.2") and (2, None) in places.values() and (0, None) in places.values()
    assert len(places) == 4 + 2 + 1


# ---- points


def test_the_field_never_holds_the_machines_word(worksheet: Json, look: Any, render: Any) -> None:
    assert (look(worksheet).field, look(worksheet).suggested) == ("", "5")
    assert 'name="points" value="" placeholder="5"' in render(worksheet)
    confirm(worksheet, "1.1", 4.5, note="电话核实")
    assert (look(worksheet).field, look(worksheet).note) == ("4.5", "电话核实")


def test_a_clause_shows_the_facts_in_force_and_those_of_the_arrival_cannot_be_undone(worksheet: Json, look: Any) -> None:
    def fact(count: int) -> Draft:
        return Draft("张三", FACT, "甲县", {"clause": "1.1b", "count": count, "source": "reviewer"}, "现场核实")

    entries = journal(fact(1), fact(2), Draft("张三", UNDO, "甲县", {"of": 1}))
    rule = {"rule": "1.1a", "facts": [{"clause": "1.1a", "count": 1, "source": "intake", "note": "迟到", "origin": ""}]}
    score(worksheet, "1.1")["deductions"] = [rule | {"points": 5, "count": 1, "reason": "", "source": "intake"}]
    rules = {r.id: r for r in look(worksheet, "1.1", entries).rules}
    assert [(f.seq, f.count, f.note) for f in rules["1.1b"].facts] == [(2, 2, "现场核实")]
    assert [f.seq for f in rules["1.1a"].facts] == [0]


@pytest.mark.parametrize(
    ("rule", "said"), [("1.1a", "不得分"), ("1.1b", "扣3分"), ("1.3a", "每项扣1分"), ("1.4d", "不得分，2次起"), ("7.1a", "加10分")]
)
def test_a_clause_says_what_it_does_in_a_few_signs(rule: str, said: str) -> None:
    assert effect(RUBRIC.rule(rule)) == said


# ---- history


def test_history_is_newest_first_and_an_undo_stands_with_what_it_took_back(worksheet: Json) -> None:
    entries = journal(points("1.1", "5"), points("1.1", "4", by="李四"), Draft("王五", UNDO, "甲县", {"of": 2}))
    lines = history(entries, worksheet, "1.1")
    assert [(line.seq, line.by, line.undone) for line in lines] == [(2, "李四", "王五"), (1, "张三", "")]


def test_a_correction_belongs_to_the_item_where_its_words_stand_now(worksheet: Json) -> None:
    text = worksheet["claims"][0]["text"]
    anchor = {"file": "a", "block": worksheet["blocks"][2]["text"], "text": text, "occurrence": 0}
    entries = journal(Draft("张三", CLAIM_MISSING, "甲县", {"claim": anchor}))
    assert [line.item for line in history(entries, worksheet)] == ["1.1"]
    assert history(entries, worksheet, "1.2") == ()
    lost = journal(Draft("张三", CLAIM_MISSING, "甲县", {"claim": anchor | {"text": "早已不在的话"}}))
    assert [line.item for line in history(lost, worksheet)] == [""]


# ---- as HTML


def test_a_locked_unit_shows_all_of_it_and_why_there_are_no_forms(worksheet: Json, render: Any) -> None:
    page = render(worksheet, can=False, locked="王五复核同意，已锁定")
    assert "王五复核同意，已锁定" in page and page.count('<article class="claim') == 3
    main = page.split('<main id="main"')[1]
    assert "<form" not in main and "<button" not in main and "<input" not in main


def test_every_form_names_what_the_person_saw_and_where_they_were(worksheet: Json, render: Any) -> None:
    main = render(worksheet).split('<main id="main"')[1]
    for form in re.findall(r"<form.*?</form>", main, re.S):
        assert 'name="csrf" value="t"' in form and 'name="seen" value="7"' in form and 'name="back" value="/x"' in form


def test_no_form_lies_within_another_and_no_id_stands_twice(worksheet: Json, samples: Any, render: Any) -> None:
    for sheet in (worksheet, samples.many_claims(worksheet), samples.no_catalog(worksheet)):
        page = render(sheet)
        depth = 0
        for tag in re.findall(r"<form|</form>", page):
            depth += 1 if tag == "<form" else -1
            assert depth in (0, 1)
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids))


def test_nothing_of_a_document_acts_on_the_page(worksheet: Json, samples: Any, render: Any) -> None:
    page = render(samples.hostile(worksheet))
    assert "<script>alert" not in page and "<img src=x" not in page and "href=javascript" not in page.replace("&lt;a href=javascript", "")
    assert not re.search(r"\son\w+=[\"']", page.replace("&#34;", "")) and "{{7*7}}" in page and 'style="' not in page


def test_a_unit_without_a_report_has_no_points_on_any_page(worksheet: Json, samples: Any, render: Any, rubric: Json) -> None:
    sheet = samples.no_report(worksheet)
    page = render(sheet, can=False)
    assert "没有可用的自查报告（未报），不能评分" in page and "建议" not in page.split('class="judge"')[1]
    view = unit_view(sheet, rubric, ())
    assert (view.scored, view.next_open, view.progress.all) == (False, "", 0)
    assert [g.kind.title for g in view.gaps] == ["未收到自查报告"]


def test_a_unit_that_sent_nothing_has_an_empty_overview_and_the_mails_that_may_begin_it(worksheet: Json, rubric: Json) -> None:
    other = copy.deepcopy(worksheet) | {"waiting": {"cause": "发件人未知", "next_step": "请确认"}}
    view = unit_view(None, rubric, (), [("/sheets/x", other)])
    assert (view.scored, view.gaps, view.files) == (False, (), ())
    assert [(w.mail, w.told, w.link) for w in view.waiting] == [("a.eml", "发件人未知；请确认", "/sheets/x")]


def test_the_overview_leads_each_gap_to_where_it_is_dealt_with_and_where_it_came_from(worksheet: Json, rubric: Json) -> None:
    links = {g.message: (g.work, g.source) for group in unit_view(worksheet, rubric, ()).gaps for g in group.gaps}
    assert links["目录清单中没有这件材料"] == ("items/1.1#k1", "source#s1")
    assert links["（一）2 未提供佐证材料"] == ("items/1.2", "")
    assert links["第5行报告未引用"] == ("", "source#c5")
