"""The lists of the web application as values: board, items, my open items, bulk confirmation, totals, log."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from scoring.anchors import claim_anchor
from scoring.journal import Draft, sealed
from scoring.totals import standings
from templates import board_row, plain_rubric
from templates.app_board_parts import Given, Wish
from templates.app_board_view import remaining
from templates.app_board_view import view as board_view
from templates.app_bulk_view import Given as Reported
from templates.app_bulk_view import Pair, preview, still_safe
from templates.app_items_view import Given as Sheeted
from templates.app_items_view import across, all_items
from templates.app_log_view import Wish as Asked
from templates.app_log_view import view as log_view
from templates.app_mine_view import view as mine_view
from templates.app_totals_view import files, possible_ranks, span
from templates.app_totals_view import view as totals_view
from templates.unit_state import unit_state

Json = dict[str, Any]
NOW = datetime.fromisoformat("2018-01-18T10:00:00+08:00")
LOOSE = {"unassigned": 0, "waiting": 0, "arrived": 5}


@pytest.fixture
def rubric(office: ModuleType) -> Json:
    return plain_rubric(office.rubric())


@pytest.fixture
def given(office: ModuleType, rubric: Json) -> Any:
    def made(unit: str, sheet: Json | None = None, *, number: int = 1, **values: Any) -> Given:
        names = (tuple(unit),)
        group = office.roster().unit(unit).group
        if sheet is None:
            return Given(unit, group, number, names, **values)
        row = board_row(sheet, rubric)
        return Given(unit, group, number, names, row, unit_state(sheet, rubric, row["items"]), **values)

    return made


def matched(sheet: Json, *items: str) -> Json:
    """The worksheet with one matched claim for each of these items, and no other."""
    sheet["claims"] = [{**sheet["claims"][0], "id": f"k{n}", "item": item, "status": "matched"} for n, item in enumerate(items, 1)]
    return sheet


# ---- board


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2018-01-18T10:00:00+08:00", "还有 2 天"),
        ("2018-01-20T23:59:00+08:00", "今天截止"),
        ("2018-01-21T00:00:00+08:00", "已过 1 天"),
        ("2018-01-30T08:00:00+08:00", "已过 10 天"),
        ("2018-01-19T15:59:00+00:00", "还有 1 天"),
    ],
)
def test_the_days_that_are_left_are_those_of_the_offices_calendar(now: str, said: str) -> None:
    assert remaining(datetime.fromisoformat("2018-01-21T00:00:00+08:00"), datetime.fromisoformat(now)) == said


def test_the_board_says_what_is_left_to_do_and_nothing_that_is_done(given: Any, office: ModuleType, rubric: Json) -> None:
    units = [given("集贤县", office.sheet(confirmed={"1.1": "5"})), given("饶河县", number=2)]
    found = board_view(units, LOOSE | {"waiting": 1}, rubric, now=NOW, wish=Wish())
    assert [(x.word, x.number) for x in found.left] == [("来件等待决定", 1), ("未报", 1), ("待确认", 24)]
    assert found.remaining == "还有 2 天"


def test_every_filter_shows_as_many_units_as_it_says(given: Any, office: ModuleType, rubric: Json) -> None:
    units = [
        given("集贤县", office.sheet(confirmed={"1.1": "5"}), deadline="2018-01-26T00:00:00+08:00"),
        given("饶河县", office.sheet(unit="饶河县", late=True, gaps=[office.gap("claim_uncertain", "?", "1.1")]), number=2, waiting=True),
        given("尖山区", number=3),
    ]
    first = board_view(units, LOOSE, rubric, now=NOW, wish=Wish())
    choices = [*first.states, *first.works]
    assert {c.word: c.number for c in choices} == {
        "未报": 1, "已收": 1, "迟报": 1, "有待确认": 2, "有缺口": 1, "已延期": 1, "有来件待决定": 1}  # fmt: skip
    for choice in choices:
        assert board_view(units, LOOSE, rubric, now=NOW, wish=Wish(show=choice.key)).shown == choice.number


def test_rows_are_sorted_inside_their_group(given: Any, office: ModuleType, rubric: Json) -> None:
    units = [
        given("尖山区", office.sheet(unit="尖山区", confirmed={"1.1": "3"}), number=1),
        given("集贤县", office.sheet(confirmed={"1.1": "5"}), number=2),
        given("饶河县", number=3),
        given("市民政局", office.sheet(unit="市民政局", confirmed={"1.1": "1"}), number=4),
    ]
    found = board_view(units, LOOSE, rubric, now=NOW, wish=Wish(sort="confirmed", down=True))
    assert [[r.given.unit for r in g.rows] for g in found.groups] == [["集贤县", "尖山区", "饶河县"], ["市民政局"]]


def test_the_map_has_one_letter_for_each_item_and_a_bar_where_a_person_confirmed(given: Any, office: ModuleType, rubric: Json) -> None:
    sheet = office.sheet(confirmed={"1.1": "5"}, off=["1.2"])
    (drawn,) = board_view([given("集贤县", sheet)], LOOSE, rubric, now=NOW, wish=Wish()).maps
    (cells,) = [line.cells for line in drawn.lines]
    assert str(cells).count("<a ") == 25 and str(cells).count('class="given"') == 1
    assert "集贤县 1.1：未引用，已确认" in cells or "集贤县 1.1：无内容，已确认" in cells
    assert "集贤县 1.2：不适用，不适用" in cells


def test_a_hostile_name_stays_text_in_the_map(given: Any, office: ModuleType, rubric: Json, samples: ModuleType) -> None:
    sheet = office.sheet()
    known = given("集贤县", sheet)
    hostile = Given(samples.HOSTILE, "county", 1, ((samples.HOSTILE,),), known.row, known.state)
    (drawn,) = board_view([hostile], LOOSE, rubric, now=NOW, wish=Wish()).maps
    assert "<script" not in str(drawn.lines[0].cells) and "&lt;script" in str(drawn.lines[0].cells)


# ---- items


def sheeted(given: Any, sheet: Json, unit: str, number: int) -> Sheeted:
    return Sheeted(number, given(unit, sheet).state, sheet)


def test_progress_of_an_item_counts_the_units_to_which_it_applies(given: Any, office: ModuleType, rubric: Json) -> None:
    sheets = [office.sheet(confirmed={"1.1": "5"}), office.sheet(unit="饶河县", off=["1.1"]), office.sheet(unit="尖山区")]
    states = [given(s["unit"]["name"], s).state for s in sheets]
    found = all_items(states, rubric)
    assert [(i.done, i.units) for i in found.sections[0].items][:2] == [(1, 2), (0, 3)]


def test_a_reviewer_of_some_units_is_not_shown_as_one_of_all(given: Any, office: ModuleType, rubric: Json) -> None:
    sheets = [office.sheet(), office.sheet(unit="饶河县")]
    sheets[0]["reviewers"] = {"unit": "张三", "items": {}}
    found = all_items([given(s["unit"]["name"], s).state for s in sheets], rubric)
    assert found.sections[0].items[0].reviewers == ("张三 1",)
    sheets[1]["reviewers"] = {"unit": "张三", "items": {}}
    found = all_items([given(s["unit"]["name"], s).state for s in sheets], rubric)
    assert found.sections[0].items[0].reviewers == ("张三",)


def test_outliers_stand_first_and_say_why(given: Any, office: ModuleType, rubric: Json) -> None:
    names = ["尖山区", "宝山区", "四方台区", "集贤县"]
    points = ["5", "5", "5", "3"]
    sheets = [office.sheet(unit=u, confirmed={"1.1": p}) for u, p in zip(names, points, strict=True)]
    found = across("1.1", [sheeted(given, s, s["unit"]["name"], n) for n, s in enumerate(sheets, 1)], rubric)
    assert found.rows[0].unit == "集贤县"
    assert found.rows[0].why == ("比中位数低 2 分", "与建议相差 2 分")
    assert (found.middle, found.far, found.done, found.todo) == ("5", 1, 4, 0)


def test_sent_back_comes_before_everything_and_the_rosters_order_can_be_asked_for(given: Any, office: ModuleType, rubric: Json) -> None:
    back = office.sheet(unit="饶河县", confirmed={"1.1": "5"})
    back["review"] = {"state": "returned", "by": "乙", "at": "", "seq": 9, "reason": "再核", "items": ["1.1"]}
    sheets = [office.sheet(unit="集贤县", gaps=[office.gap("claim_not_in_catalog", "无", "1.1")]), back]
    all_of = [sheeted(given, s, s["unit"]["name"], n) for n, s in enumerate(sheets, 5)]
    assert [r.unit for r in across("1.1", all_of, rubric).rows] == ["饶河县", "集贤县"]
    assert [r.unit for r in across("1.1", all_of, rubric, order="roster").rows] == ["集贤县", "饶河县"]


def test_the_reports_words_stand_beside_with_the_claims_marked(given: Any, office: ModuleType, rubric: Json) -> None:
    sheet = office.sheet()
    (row,) = across("1.3", [sheeted(given, sheet, "集贤县", 5)], rubric).rows
    (quote,) = row.quotes
    assert (quote.anchor, quote.place) == ("b1", "第3页第12段")
    assert [s.text for s in quote.text if s.claim == 0] == [office.CLAIM]


def test_a_passage_that_would_bury_its_neighbours_is_cut_and_says_so(given: Any, office: ModuleType, rubric: Json) -> None:
    sheet = office.sheet()
    sheet["blocks"][0]["text"] += "。其他工作" * 200
    sheet["blocks"] += [dict(sheet["blocks"][0], text="另一段", paragraph=n) for n in range(13, 19)]
    (row,) = across("1.3", [sheeted(given, sheet, "集贤县", 5)], rubric).rows
    (quote,) = row.quotes
    assert quote.cut and sum(len(s.text) for s in quote.text) == 420 and row.more == 6


def test_an_item_that_the_rubric_does_not_have_is_an_error(rubric: Json) -> None:
    with pytest.raises(KeyError):
        across("9.9", [], rubric)


# ---- my open items


def test_what_is_assigned_to_me_is_mine_and_the_rest_is_counted(given: Any, office: ModuleType) -> None:
    mine = office.sheet() | {"reviewers": {"unit": "甲", "items": {}}}
    other = office.sheet(unit="饶河县") | {"reviewers": {"unit": "乙", "items": {"1.1": "甲"}}}
    units = [Reported(5, given("集贤县", mine).state), Reported(8, given("饶河县", other).state)]
    found = mine_view(units, {}, person="甲", approves=False)
    assert [(u.name, len(u.entries)) for u in found.units] == [("集贤县", 25), ("饶河县", 1)]
    assert (found.mine, found.open, found.others) == (True, 26, 24)


def test_without_an_assignment_everything_open_is_mine(given: Any, office: ModuleType) -> None:
    units = [Reported(5, given("集贤县", office.sheet(confirmed={"1.1": "5"})).state)]
    found = mine_view(units, {}, person="甲", approves=False)
    assert (found.mine, found.open, found.others) == (False, 24, 0)
    assert found.next is not None and found.next.line.item == "1.2"


def test_what_was_sent_back_is_on_top_with_its_reason(given: Any, office: ModuleType) -> None:
    back = office.sheet(unit="饶河县", confirmed={"2.1": "3"})
    back["review"] = {"state": "returned", "by": "复核人", "at": "", "seq": 9, "reason": "缺日期", "items": ["2.1"]}
    units = [Reported(5, given("集贤县", office.sheet()).state), Reported(8, given("饶河县", back).state)]
    found = mine_view(units, {}, person="甲", approves=False)
    assert (found.units[0].name, found.units[0].reason, found.units[0].by) == ("饶河县", "缺日期", "复核人")
    assert found.next is not None and found.next.line.item == "2.1"


def test_nobody_is_offered_the_second_check_of_what_they_confirmed(given: Any, office: ModuleType) -> None:
    every = office.sheet(confirmed={i.id: "1" for i in office.rubric().items})
    units = [Reported(5, given("集贤县", every).state)]
    assert [g.number for g in mine_view(units, {}, person="复核人", approves=True).ready] == [5]
    assert mine_view(units, {}, person="甲审核员", approves=True).ready == ()


# ---- bulk confirmation


def test_the_preview_lists_exactly_what_needs_no_look_and_counts_the_rest(given: Any, office: ModuleType) -> None:
    sheet = matched(office.sheet(gaps=[office.gap("claim_uncertain", "?", "1.2")]), "1.1", "1.2")
    found = preview([Reported(5, given("集贤县", sheet).state)], {}, scope="all", person="甲")
    assert found is not None
    pairs = [e.pair.key for u in found.units for e in u.entries]
    assert pairs == ["5/1.1/5", "5/7.1/0", "5/7.2/0", "5/7.3/0"]
    assert dict(found.left)["有缺口"] == 1 and sum(n for _, n in found.left) == 21


@pytest.mark.parametrize(("scope", "units"), [("unit:5", ["集贤县"]), ("item:1.1", ["集贤县", "饶河县"]), ("mine", ["饶河县"])])
def test_the_scope_is_one_unit_one_item_or_what_is_mine(scope: str, units: list[str], given: Any, office: ModuleType) -> None:
    one = matched(office.sheet(), "1.1")
    other = matched(office.sheet(unit="饶河县"), "1.1") | {"reviewers": {"unit": "甲", "items": {}}}
    reported = [Reported(5, given("集贤县", one).state), Reported(8, given("饶河县", other).state)]
    found = preview(reported, {"1.1": "工作机构"}, scope=scope, person="甲")
    assert found is not None and [u.name for u in found.units] == units


@pytest.mark.parametrize("scope", ["unit:99", "item:9.9", "nobody", "all:1", ""])
def test_a_scope_that_is_none_has_no_preview(scope: str, given: Any, office: ModuleType) -> None:
    assert preview([Reported(5, given("集贤县", office.sheet()).state)], {"1.1": "x"}, scope=scope, person="甲") is None


def test_what_changed_since_the_preview_is_not_confirmed(given: Any, office: ModuleType) -> None:
    pair = Pair(5, "1.1", "5")
    assert still_safe(pair, given("集贤县", matched(office.sheet(), "1.1")).state) == ""
    assert still_safe(pair, given("集贤县", matched(office.sheet(suggested={"1.1": "3"}), "1.1")).state) == "建议分已变为 3"
    assert still_safe(pair, given("集贤县", matched(office.sheet(confirmed={"1.1": "4"}), "1.1")).state) == "已由甲审核员确认 4 分"
    assert still_safe(pair, None) == "没有可用的自查报告"


# ---- totals


def test_the_totals_list_every_group_by_rank_with_ties_and_without_zeros(given: Any, office: ModuleType, rubric: Json) -> None:
    sheets = {u: office.sheet(unit=u, suggested={"1.1": p}) for u, p in (("尖山区", "3"), ("宝山区", "5"), ("集贤县", "5"))}
    states = {u: given(u, s).state for u, s in sheets.items()}
    found = totals_view(standings(sheets, office.rubric(), office.roster(), weight=None), states, set(), {"宝山区"}, 0, rubric)
    county = found.groups[0]
    assert [(r.unit, r.rank, r.tied) for r in county.rows] == [("宝山区", "1", True), ("集贤县", "1", True), ("尖山区", "3", False)]
    assert "饶河县" in [u for u, _ in county.unreported] and not county.final
    assert county.rows[0].open == ("未确认 25 条", "有来件待决定")
    assert ("条目未确认", 75, "条", "/board?show=todo") in found.open


@pytest.mark.parametrize(
    ("spans", "ranks"),
    [
        pytest.param({"a": (9, 9), "b": (8, 8)}, {"a": (1, 1), "b": (2, 2)}, id="nothing open"),
        pytest.param({"a": (9, 9), "b": (9, 9), "c": (1, 1)}, {"a": (1, 1), "b": (1, 1), "c": (3, 3)}, id="a tie is no question"),
        pytest.param({"a": (5, 9), "b": (7, 8), "c": (1, 2)}, {"a": (1, 2), "b": (1, 2), "c": (3, 3)}, id="two that may change places"),
        pytest.param({"a": (0, 10), "b": (5, 5), "c": (4, 4)}, {"a": (1, 3), "b": (1, 2), "c": (2, 3)}, id="one that may end anywhere"),
    ],
)
def test_the_ranks_that_are_still_possible(spans: dict[str, tuple[int, int]], ranks: dict[str, tuple[int, int]]) -> None:
    exact = {unit: (Decimal(low), Decimal(high)) for unit, (low, high) in spans.items()}
    assert possible_ranks(exact) == ranks


def test_what_is_open_may_become_nothing_or_everything(given: Any, office: ModuleType) -> None:
    items = {i.id: i for i in office.rubric().items}
    every = {i: str(x.points if not x.bonus else 0) for i, x in items.items()}
    sheet = office.sheet(confirmed={k: v for k, v in every.items() if k not in ("1.1", "7.1")}, off=["1.2"])
    low, high = span(given("集贤县", sheet).state)
    assert (round(low, 4), high) == (Decimal("94.7368"), 100 + items["7.1"].points)


def test_files_are_listed_by_what_they_are() -> None:
    names = ["05-集贤县-补正通知.docx", "01-尖山区-催报通知.eml", "催报名单.xlsx", "05-集贤县-量化评分表.docx", "05-集贤县-回执-1.eml"]
    found = files(names, "letters")
    assert {k: len(v) for k, v in found.items()} == {"supplement": 1, "reminder": 2, "scores": 1, "receipt": 1}
    assert [f.name for f in files(["a.csv", "汇总表.xlsx"], "tables")["table"]] == ["汇总表.xlsx", "a.csv"]


# ---- log


def journal(*drafts: Draft) -> list[Any]:
    entries: list[Any] = []
    for draft in drafts:
        entries.append(sealed(draft, at="2018-02-01T10:00:00+08:00", before=entries[-1] if entries else None))
    return entries


def points(unit: str, item: str, by: str = "甲") -> Draft:
    return Draft(by, "points", unit, {"item": item, "points": "5", "confirmed": True, "ground": "x"})


NAMES = {"集贤县": (("集j", "贤x", "县x"),), "饶河县": (("饶r", "河h", "县x"),)}
NUMBERS = {"集贤县": 5, "饶河县": 8}


def test_the_log_is_newest_first_and_an_undo_stands_with_what_it_took_back() -> None:
    entries = journal(points("集贤县", "1.1"), points("饶河县", "1.2", "乙"), Draft("乙", "undo", "集贤县", {"of": 1}))
    found = log_view(entries, NAMES, NUMBERS, Asked())
    assert [line.seq for line in found.lines] == [3, 2, 1]
    assert found.lines[0].sentence == "撤销第1条：1.1 确认5分"
    assert found.lines[2].undone is not None and found.lines[2].undone.by == "乙" and not found.lines[2].undoable


@pytest.mark.parametrize(
    ("wish", "seqs"),
    [
        pytest.param(Asked(unit="jxx"), [3, 1], id="unit, its undos too"),
        pytest.param(Asked(item="1.2"), [2], id="item"),
        pytest.param(Asked(by="乙"), [3, 2], id="person"),
        pytest.param(Asked(kind="undo"), [3], id="kind"),
        pytest.param(Asked(unit="饶河", by="甲"), [], id="all of these together"),
    ],
)
def test_the_log_is_filtered_by(wish: Asked, seqs: list[int]) -> None:
    entries = journal(points("集贤县", "1.1"), points("饶河县", "1.2", "乙"), Draft("乙", "undo", "集贤县", {"of": 1}))
    assert [line.seq for line in log_view(entries, NAMES, NUMBERS, wish).lines] == seqs


def test_a_correction_is_found_by_the_item_where_its_words_stand(office: ModuleType) -> None:
    sheet = office.sheet()
    body = {"claim": claim_anchor(sheet, sheet["claims"][0])}
    entries = journal(Draft("甲", "claim_none", "集贤县", body), points("集贤县", "1.1"))
    found = log_view(entries, NAMES, NUMBERS, Asked(item="1.3"), {"集贤县": sheet})
    assert [(line.seq, line.item) for line in found.lines] == [(1, "1.3")]


def test_a_hundred_entries_are_one_page() -> None:
    entries = journal(*(points("集贤县", "1.1") for _ in range(201)))
    assert [len(log_view(entries, NAMES, NUMBERS, Asked(page=n)).lines) for n in (1, 2, 3, 9)] == [100, 100, 1, 1]
    assert log_view(entries, NAMES, NUMBERS, Asked(page=9)).wish.page == 3
