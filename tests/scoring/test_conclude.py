"""The second door: what a person said is laid over the machine's worksheet, and everything that follows from it follows."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scoring.anchors import block_anchor, claim_anchor, find_block, find_row, row_anchor
from scoring.conclude import conclude
from scoring.decisions import basis_of, changes, ground_of, points_in
from scoring.journal import Entry, live
from scoring.rubric import Rubric

Sheet = dict[str, Any]
Maker = Callable[..., Sheet]
Journal = Callable[..., tuple[Entry, ...]]


@pytest.fixture
def sheet(make_sheet: Maker) -> Sheet:
    return make_sheet()


def claim(sheet: Sheet, id: str) -> Sheet:
    return next(c for c in sheet["claims"] if c["id"] == id)


def row(sheet: Sheet, id: str) -> Sheet:
    return next(r for r in sheet["catalog"] if r["id"] == id)


def item(sheet: Sheet, id: str) -> Sheet:
    return next(s for s in sheet["score"]["items"] if s["item"] == id)


def kinds(sheet: Sheet, *, claim: str | None = None, item: str | None = None) -> set[str]:
    return {g["kind"] for g in sheet["gaps"] if (claim is None or g["claim"] == claim) and (item is None or g["item"] == item)}


def of(sheet: Sheet, id: str) -> Sheet:
    return {"claim": claim_anchor(sheet, claim(sheet, id))}


def rows(sheet: Sheet, *ids: str) -> Sheet:
    return {"rows": [row_anchor(sheet, row(sheet, i)) for i in ids]}


def points(sheet: Sheet, rubric: Rubric, id: str, value: str = "4", **more: Any) -> tuple[Any, ...]:
    basis = basis_of(sheet, rubric.item(id), item(sheet, id))
    return "points", {"item": id, "points": value, "confirmed": True, "ground": ground_of(basis), "basis": basis, **more}, "已核"


def without(value: Any, *keys: str) -> Any:
    """The JSON value without these keys, at any depth."""
    if isinstance(value, dict):
        return {k: without(v, *keys) for k, v in value.items() if k not in keys}
    return [without(v, *keys) for v in value] if isinstance(value, list) else value


# ---- corrections


def test_without_a_word_from_anybody_the_worksheet_stays_as_it_is(sheet: Sheet, rubric: Rubric) -> None:
    assert conclude(sheet, rubric, ()) == sheet


def test_a_claim_is_linked_to_another_row_and_the_rows_follow(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    assert row(sheet, "c4")["status"] == "unclaimed" and "catalog_unclaimed" in kinds(sheet, item="2.4")
    found = conclude(sheet, rubric, journal(("claim_link", of(sheet, "k2") | rows(sheet, "c4"), "实为一件")))
    assert (claim(found, "k2")["status"], claim(found, "k2")["catalog"]) == ("matched", ["c4"])
    assert claim(found, "k2")["corrected"] == {"by": "张三", "at": "2018-01-22T09:00:00+08:00", "seq": 1, "reason": "实为一件"} | {
        "was": {"status": "missing", "catalog": []}
    }
    assert row(found, "c4")["status"] == "claimed"
    assert kinds(found, claim="k2") == set(), "the near twin that matching noticed no longer matters"
    assert "catalog_unclaimed" not in kinds(found, item="2.4")


def test_a_claim_declared_missing_becomes_a_gap(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    found = conclude(sheet, rubric, journal(("claim_missing", of(sheet, "k1"))))
    assert kinds(found, claim="k1") == {"claim_not_in_catalog"}
    assert row(found, "c1")["status"] == "unclaimed"
    assert any("关于成立领导小组的通知" in p["reason"] for p in item(found, "1.1")["proposals"])


def test_evidence_that_the_reviewer_has_seen_is_no_gap_though_no_row_names_it(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    found = conclude(sheet, rubric, journal(("claim_present", of(sheet, "k3"))))
    assert (claim(found, "k3")["status"], claim(found, "k3")["catalog"], kinds(found, claim="k3")) == ("matched", [], set())
    assert row(found, "c2")["status"] == "unclaimed", "the candidate is no longer cited"


def test_what_is_no_claim_is_struck_out_but_stays_in_sight(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    found = conclude(sheet, rubric, journal(("claim_none", of(sheet, "k3"))))
    assert "k3" not in {c["id"] for c in found["claims"]} and kinds(found, claim="k3") == set()
    assert [(c["id"], c["corrected"]["by"]) for c in found["removed_claims"]] == [("k3", "张三")]


def test_members_of_one_range_are_told_apart_though_they_share_their_words(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    found = conclude(sheet, rubric, journal(("claim_present", of(sheet, "k5"))))
    assert (claim(found, "k4")["status"], claim(found, "k5")["status"]) == ("missing", "matched")


@pytest.mark.parametrize("id", ["k6", "k7", "k8"])
def test_equal_words_at_three_places_are_three_claims(sheet: Sheet, rubric: Rubric, journal: Journal, id: str) -> None:
    found = conclude(sheet, rubric, journal(("claim_missing", of(sheet, id))))
    assert [c["id"] for c in found["claims"] if c["status"] == "missing" and c["item"] == "2.1"] == [id]


def test_a_claim_that_the_machine_did_not_see_is_added(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    body = {"block": block_anchor(sheet, 3), "text": "中介服务事项", "occurrence": 0, **rows(sheet, "c4")}
    found = conclude(sheet, rubric, journal(("claim_add", body)))
    assert (claim(found, "k9")["item"], claim(found, "k9")["catalog"], claim(found, "k9")["corrected"]["was"]) == ("2.4", ["c4"], None)
    start, end = claim(found, "k9")["span"]
    assert found["blocks"][3]["text"][start:end] == "中介服务事项"
    assert row(found, "c4")["status"] == "claimed"


def test_an_added_claim_that_a_newer_reading_finds_by_itself_stays_one_claim(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    text = claim(sheet, "k2")["text"]
    body = {"block": block_anchor(sheet, 1), "text": text, "occurrence": 0, **rows(sheet, "c2")}
    found = conclude(sheet, rubric, journal(("claim_add", body)))
    assert [c["id"] for c in found["claims"] if c["text"] == text] == ["k2"] and claim(found, "k2")["catalog"] == ["c2"]


def test_a_persons_words_replace_the_machines_that_they_overlap(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    body = {"block": block_anchor(sheet, 1), "text": "并有《人员名册》", "occurrence": 0, **rows(sheet, "c2")}
    found = conclude(sheet, rubric, journal(("claim_add", body)))
    assert [c["id"] for c in found["removed_claims"]] == ["k3"] and claim(found, "k9")["catalog"] == ["c2"]


def test_a_moved_block_takes_its_claims_along(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    found = conclude(sheet, rubric, journal(("block_move", {"block": block_anchor(sheet, 1), "section": 3, "item": "3.2"})))
    assert found["blocks"][1]["corrected"]["was"] == {"section": 1, "item": "1.1"}
    assert {(c["section"], c["item"]) for c in found["claims"] if c["block"] == 1} == {(3, "3.2")}
    assert "item_unaddressed" in kinds(found, item="1.1") and "item_unaddressed" not in kinds(found, item="3.2")


def test_what_the_machine_found_outside_of_the_report_stays(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    found = conclude(sheet, rubric, journal(("claim_missing", of(sheet, "k1"))))
    assert "file_quarantined" in kinds(sheet) and "file_quarantined" in kinds(found)


def test_the_latest_word_about_a_claim_counts_and_the_machines_first_is_remembered(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    words = journal(("claim_none", of(sheet, "k2")), ("claim_link", of(sheet, "k2") | rows(sheet, "c2")))
    found = conclude(sheet, rubric, words)
    assert (claim(found, "k2")["catalog"], claim(found, "k2")["corrected"]["seq"]) == (["c2"], 2)
    assert claim(found, "k2")["corrected"]["was"] == {"status": "missing", "catalog": []}
    assert "removed_claims" not in found


def test_the_given_worksheet_is_not_changed(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    before = copy.deepcopy(sheet)
    conclude(sheet, rubric, journal(("claim_none", of(sheet, "k2")), points(sheet, rubric, "1.1")))
    assert sheet == before


def test_decisions_about_another_unit_are_passed_over(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    other = {**sheet, "unit": {**sheet["unit"], "name": "饶河县"}}
    assert conclude(other, rubric, journal(("claim_none", of(sheet, "k2")))) == other


# ---- a report sent again


def renumbered(sheet: Sheet, *, file: str = "b" * 64) -> Sheet:
    """The same report under another hash, read by a program that sees one more block, one more row and one more claim at the front."""
    found = copy.deepcopy(sheet)
    found["submission"]["files"][0]["sha256"] = file
    found["blocks"].insert(0, {**found["blocks"][3], "text": "新增《工作简报》。", "item": "1.3", "section": 1})
    found["catalog"].insert(0, {**found["catalog"][0], "no": "0", "title": "工作简报", "docno": None})
    for n, r in enumerate(found["catalog"], 1):
        r["id"] = f"c{n}"
    for c in found["claims"]:
        c |= {"block": c["block"] + 1, "catalog": [f"c{int(r[1:]) + 1}" for r in c["catalog"]]}
    found["claims"].insert(0, {**found["claims"][1], "block": 0, "span": [2, 8], "text": "《工作简报》", "item": "1.3"})
    for n, c in enumerate(found["claims"], 1):
        c["id"] = f"k{n}"
    found["findings"]["twins"] = {}
    return found


def test_a_decision_finds_its_place_again_when_everything_is_numbered_anew(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    words = journal(
        ("claim_link", of(sheet, "k2") | rows(sheet, "c4")),
        ("claim_present", of(sheet, "k5")),
        ("claim_none", of(sheet, "k7")),
        ("block_move", {"block": block_anchor(sheet, 3), "section": 3, "item": "3.2"}),
    )
    found = conclude(renumbered(sheet), rubric, words)
    assert "unplaced" not in found
    assert {c["id"]: c["corrected"]["seq"] for c in found["claims"] if "corrected" in c} == {"k3": 1, "k6": 2}
    assert claim(found, "k3")["catalog"] == ["c5"], "the row of that title, whatever its number is now"
    assert [c["id"] for c in found["removed_claims"]] == ["k8"]
    assert found["blocks"][4]["item"] == "3.2"


def test_a_decision_without_a_place_is_listed_for_a_person_and_never_dropped(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    words = journal(
        ("claim_none", of(sheet, "k2"), "不是材料"), ("claim_link", of(sheet, "k3") | rows(sheet, "c4")), points(sheet, rubric, "1.1")
    )
    resent = copy.deepcopy(sheet)
    resent["blocks"][1]["text"] = "本县另行成立了领导小组。"
    resent["claims"] = [c for c in resent["claims"] if c["block"] != 1]
    found = conclude(resent, rubric, words)
    assert [(u["seq"], u["by"], u["kind"]) for u in found["unplaced"]] == [(1, "张三", "claim_none"), (2, "张三", "claim_link")]
    assert [g["kind"] for g in found["gaps"]].count("correction_unplaced") == 2
    assert item(found, "1.1")["confirmed"]["points"] == 4


def test_a_link_is_not_carried_out_by_half(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    words = journal(("claim_link", of(sheet, "k2") | rows(sheet, "c2", "c4")))
    smaller = {**sheet, "catalog": sheet["catalog"][:3]}
    found = conclude(smaller, rubric, words)
    assert "corrected" not in claim(found, "k2") and "中介服务清单" in found["unplaced"][0]["message"]


def test_without_a_report_every_decision_waits(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    words = journal(("claim_none", of(sheet, "k2")), points(sheet, rubric, "1.1"))
    empty = {**sheet, "blocks": [], "claims": [], "gaps": [], "score": None}
    found = conclude(empty, rubric, words)
    assert found["score"] is None and [u["seq"] for u in found["unplaced"]] == [1, 2]


def test_blanks_and_widths_of_a_newer_reading_make_no_other_block(sheet: Sheet) -> None:
    read_anew = {**sheet, "blocks": [{**b, "text": b["text"].replace("，", ", ")} for b in sheet["blocks"]]}
    assert read_anew["blocks"][1]["text"] != sheet["blocks"][1]["text"]
    assert find_block(read_anew, block_anchor(sheet, 1)) == 1
    other = {**sheet, "blocks": [{**b, "text": b["text"].replace("8号", "9号")} for b in sheet["blocks"]]}
    assert find_block(other, block_anchor(sheet, 1)) is None


def test_a_row_with_another_number_of_the_document_is_another_row(sheet: Sheet) -> None:
    anchor = row_anchor(sheet, row(sheet, "c1"))
    assert find_row([{**row(sheet, "c1"), "no": "7"}], anchor) is not None
    assert find_row([{**row(sheet, "c1"), "docno": "甲政办发〔2017〕9号"}], anchor) is None


# ---- points


def test_confirmed_points_stand_beside_the_suggestion_with_who_and_when(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    found = conclude(sheet, rubric, journal(points(sheet, rubric, "1.1", "2.5")))
    assert item(found, "1.1")["suggested"] == item(sheet, "1.1")["suggested"]
    assert without(item(found, "1.1")["confirmed"], "ground") == {
        "points": 2.5, "by": "张三", "at": "2018-01-22T09:00:00+08:00", "seq": 1, "note": "已核",
        "stale": False, "changed": []}  # fmt: skip
    assert item(found, "1.3")["confirmed"] is None


def test_points_entered_but_not_confirmed_are_no_confirmation(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    found = conclude(sheet, rubric, journal(points(sheet, rubric, "1.1"), points(sheet, rubric, "1.1", "3", confirmed=False)))
    assert item(found, "1.1")["confirmed"] is None and item(found, "1.1")["entered"]["points"] == 3


@pytest.mark.parametrize(
    ("later", "what", "words"),
    [
        (lambda s: ("claim_missing", of(s, "k1")), {"claims", "gaps", "suggested"}, "由有据变为目录无此件"),
        (lambda s: ("claim_link", of(s, "k1") | rows(s, "c2")), {"claims", "gaps"}, "对应的目录材料由第1项"),
        (lambda s: ("claim_none", of(s, "k1")), {"claims", "gaps"}, "报告不再提到"),
        (lambda s: ("applies", {"item": "1.1", "applies": False}, "无此职能"), {"applies", "suggested"}, "改为不适用"),
        (lambda s: ("fact", {"clause": "1.1a", "count": 1, "source": "reviewer", "note": ""}), {"facts", "suggested"}, "建议分由5变为0"),
    ],
)
def test_a_confirmation_whose_ground_changed_is_kept_flagged_and_told_why(
    sheet: Sheet, rubric: Rubric, journal: Journal, later: Callable[[Sheet], Any], what: set[str], words: str
) -> None:
    found = item(conclude(sheet, rubric, journal(points(sheet, rubric, "1.1"), later(sheet))), "1.1")["confirmed"]
    assert (found["points"], found["stale"]) == (4, True)
    assert {c["what"] for c in found["changed"]} <= what
    assert words in "".join(c["message"] for c in found["changed"])


def test_a_change_elsewhere_does_not_touch_a_confirmation(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    found = conclude(sheet, rubric, journal(points(sheet, rubric, "2.1"), ("claim_missing", of(sheet, "k1"))))
    assert item(found, "2.1")["confirmed"]["stale"] is False


def test_other_running_numbers_are_no_other_ground(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    found = conclude(renumbered(sheet), rubric, journal(points(sheet, rubric, "2.1")))
    assert item(found, "2.1")["confirmed"]["stale"] is False


def test_a_confirmation_given_again_on_the_new_ground_is_no_longer_flagged(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    changed = ("claim_missing", of(sheet, "k1"))
    now = conclude(sheet, rubric, journal(points(sheet, rubric, "1.1"), changed))
    found = conclude(sheet, rubric, journal(points(sheet, rubric, "1.1"), changed, points(now, rubric, "1.1", "2")))
    assert (item(found, "1.1")["confirmed"]["points"], item(found, "1.1")["confirmed"]["stale"]) == (2, False)


def test_the_rule_is_part_of_the_ground(sheet: Sheet, rubric: Rubric) -> None:
    basis = basis_of(sheet, rubric.item("1.1"), item(sheet, "1.1"))
    other = {**basis, "rule": "0"}
    assert ground_of(basis) != ground_of(other) and [c["what"] for c in changes(basis, other)] == ["rule"]


def test_an_item_set_not_applicable_leaves_the_base_and_says_who_and_why(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    found = conclude(sheet, rubric, journal(("applies", {"item": "6.2", "applies": False}, "无此职能")))
    assert (item(found, "6.2")["applies"], item(found, "6.2")["suggested"]) == (False, None)
    assert item(found, "6.2")["applies_by"]["reason"] == "无此职能"
    assert found["score"]["base"]["max"] == 100 - rubric.item("6.2").points
    assert kinds(found, item="6.2") == set()


def test_a_decision_about_an_item_that_the_rubric_no_longer_has_is_listed(sheet: Sheet, rubric: Rubric, journal: Journal) -> None:
    word = ("points", {"item": "9.9", "points": "1", "confirmed": True, "ground": ""})
    assert "没有条目9.9" in conclude(sheet, rubric, journal(word))["unplaced"][0]["message"]


@pytest.mark.parametrize("text", ["-1", "5.01", "6", "五", "NaN", "1.234", "Infinity", ""])
def test_points_outside_of_the_items_range_are_refused(rubric: Rubric, text: str) -> None:
    with pytest.raises(ValueError, match="分"):
        points_in(text, rubric.item("1.1"))


# ---- whatever people do

GOLDEN = sorted((Path(__file__).resolve().parents[1] / "golden").glob("*.json"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda p: p.stem[:2])
def test_real_worksheets_stay_as_they_are_without_a_word(path: Path, rubric: Rubric) -> None:
    sheet = json.loads(path.read_text("utf-8"))
    found = conclude(sheet, rubric, ())
    assert without(found, "ground", "basis") == without(sheet, "ground", "basis")


@st.composite
def journals(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    """[(what, which, which other)]: numbers to be taken as whatever the worksheet has."""
    kinds = ("claim_link", "claim_missing", "claim_present", "claim_none", "claim_add", "block_move", "points", "applies", "fact", "undo")
    return draw(st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 40), st.integers(0, 40)), max_size=14))


def spoken(sheet: Sheet, rubric: Rubric, journal: Journal, wishes: list[tuple[str, int, int]]) -> tuple[Entry, ...]:
    """The wishes as entries about that worksheet."""
    words: list[Any] = []
    for kind, a, b in wishes:
        target = sheet["claims"][a % len(sheet["claims"])]
        index, id = a % len(sheet["blocks"]), rubric.items[a % len(rubric.items)]
        anchor = row_anchor(sheet, sheet["catalog"][b % len(sheet["catalog"])])
        if kind == "claim_add":
            text = sheet["blocks"][index]["text"]
            words.append((kind, {"block": block_anchor(sheet, index), "text": text[: 2 + b % 9], "occurrence": 0, "rows": [anchor]}))
        elif kind == "block_move":
            words.append((kind, {"block": block_anchor(sheet, index), "section": b % 7 + 1, "item": f"{b % 7 + 1}.1"}))
        elif kind == "points":
            words.append(points(sheet, rubric, id.id, str(min(b, id.points))))
        elif kind == "applies":
            words.append((kind, {"item": id.id, "applies": bool(b % 2)}, "理由"))
        elif kind == "fact":
            words.append((kind, {"clause": "1.1a", "count": b, "source": "reviewer"}))
        elif kind == "undo":
            words += [(kind, {"of": a % len(words) + 1})] if words else []
        else:
            body = {"claim": claim_anchor(sheet, target)}
            words.append((kind, body | ({"rows": [anchor]} if kind == "claim_link" else {})))
    return journal(*words)


def seen(sheet: Sheet) -> set[int]:
    """Numbers of the entries that the worksheet shows, carried out or without a place."""
    marked = [*sheet["claims"], *sheet.get("removed_claims", ()), *sheet["blocks"]]
    found = {m["corrected"]["seq"] for m in marked if "corrected" in m} | {u["seq"] for u in sheet.get("unplaced", ())}
    for s in sheet["score"]["items"]:
        found |= {s[k]["seq"] for k in ("confirmed", "applies_by", "entered") if s.get(k)}
    return found


def last_words(entries: tuple[Entry, ...]) -> set[int]:
    """Numbers of the live entries that no later one about the same thing replaced."""
    latest: dict[str, int] = {}
    for e in live(entries):
        body = e.body
        what = body.get("claim") or body.get("block") if e.kind != "claim_add" else body
        about = what if e.kind.startswith(("claim", "block")) else [e.kind, body.get("item")]
        if e.kind != "fact":
            latest[json.dumps([e.kind == "claim_add", about], sort_keys=True)] = e.seq
    return set(latest.values())


def test_a_fact_of_a_clause_that_follows_from_others_lowers_nothing_and_is_listed(
    sheet: Sheet, rubric: Rubric, journal: Journal
) -> None:
    derived = [r for r in rubric.rules if not r.takes_facts]
    assert derived
    for rule in derived:
        found = conclude(sheet, rubric, journal(("fact", {"clause": rule.id, "count": 3, "source": "reviewer"})))
        assert [(u["seq"], rule.id in u["message"]) for u in found["unplaced"]] == [(1, True)]
        assert "不能直接计数" in found["unplaced"][0]["message"] and "correction_unplaced" in kinds(found)
        assert found["score"]["total"] == sheet["score"]["total"]


def test_a_decision_about_a_member_of_a_range_that_is_gone_goes_to_no_other(make_sheet: Maker, rubric: Rubric, journal: Journal) -> None:
    sheet = make_sheet()
    first, second = (c for c in sheet["claims"] if c["ref"])
    entries = journal(*(("claim_missing", {"claim": claim_anchor(sheet, c)}) for c in (first, second)))
    found = conclude({**sheet, "claims": [c for c in sheet["claims"] if c["id"] != first["id"]]}, rubric, entries)
    assert [u["seq"] for u in found["unplaced"]] == [1]
    assert [c["corrected"]["seq"] for c in found["claims"] if "corrected" in c] == [2]


@settings(deadline=None, max_examples=60)
@given(wishes=journals(), resent=st.booleans(), drop=st.integers(0, 5))
@example(wishes=[("claim_missing", 3, 0), ("claim_missing", 4, 0)], resent=True, drop=5)
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # a worksheet's whole repr, which it warns of, hides what failed
def test_no_decision_is_lost_whatever_is_decided_undone_and_sent_again(
    wishes: list[tuple[str, int, int]], resent: bool, drop: int, make_sheet: Maker, rubric: Rubric, journal: Journal
) -> None:
    sheet = make_sheet()
    entries = spoken(sheet, rubric, journal, [w for w in wishes if w[0] != "claim_add"])
    now = renumbered(sheet) if resent else sheet
    if drop:
        now = {**now, "claims": now["claims"][drop:], "catalog": now["catalog"][: -drop or None]}
    found = conclude(now, rubric, live(entries))
    assert last_words(entries) <= seen(found)
    assert json.loads(json.dumps(found)) == found, "it is plain JSON"
    for s in found["score"]["items"]:
        assert not s["confirmed"] or s["confirmed"]["stale"] == bool(s["confirmed"]["changed"]), "what is flagged is explained"
        assert s["suggested"] is None or 0 <= s["suggested"] <= s["max"]
    bonus = {i.id for i in rubric.items if i.bonus}
    assert found["score"]["base"]["suggested"] == sum(s["suggested"] or 0 for s in found["score"]["items"] if s["item"] not in bonus)


@settings(deadline=None, max_examples=60)
@given(wishes=journals())
def test_whatever_is_undone_was_never_there(
    wishes: list[tuple[str, int, int]], make_sheet: Maker, rubric: Rubric, journal: Journal
) -> None:
    sheet = make_sheet()
    before = spoken(sheet, rubric, journal, wishes)
    one_more = (*[(e.kind, e.body, e.reason) for e in before], points(sheet, rubric, "1.1"))
    undone = journal(*one_more, ("undo", {"of": len(one_more)}))
    assert conclude(sheet, rubric, live(undone)) == conclude(sheet, rubric, live(before))
    nothing = journal(*one_more, *(("undo", {"of": n}) for n in range(len(one_more), 0, -1)))
    assert conclude(sheet, rubric, live(nothing)) == sheet
