"""Another person approves, which locks a unit; two people at one thing hear of each other; paper is recorded beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.actions import Actions, Conflict, Refused
from ingest.facts import import_form
from ingest.rules import load_rules
from ingest.settings import load_settings
from ingest.store import Kept, Store
from ingest.touched import touched
from scoring.journal import Draft, JournalError, Locked

Sheet = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
(RAOHE,) = (json.loads(p.read_text("utf-8")) for p in (ROOT / "tests" / "golden").glob("08-*.json"))
UNIT, OTHER = "饶河县", "集贤县"


class Home:
    """A home folder in which the machine has judged two units; nothing is published."""

    def __init__(self, path: Path) -> None:
        self.settings = load_settings(path, {})
        self.rules = load_rules(self.settings)
        self.store = Store(self.settings.var / "zicha.db")
        self.actions = Actions(self.settings, self.rules, self.store, publish=False)
        self.send(RAOHE)

    def send(self, sheet: Sheet) -> None:
        rubric = {"id": self.rules.rubric.id, "sha256": self.rules.rubric.sha256}
        sheets = [{**sheet, "rubric": rubric, "unit": {**sheet["unit"], "name": name}} for name in (UNIT, OTHER)]
        self.store.keep_results(Kept(f"{n:02d}", s["unit"]["name"], f"{n}.eml", s, {}) for n, s in enumerate(sheets))

    def head(self) -> int:
        return self.store.journal_head()[0]

    def sheet(self, unit: str = UNIT) -> Sheet:
        found = self.actions.sheet(unit)
        assert found is not None
        return found

    def confirm_all(self, by: str = "张三", unit: str = UNIT) -> tuple[int, ...]:
        items = [s["item"] for s in self.sheet(unit)["score"]["items"] if s["applies"]]
        return self.actions.confirm_all([(unit, i) for i in items], by=by, seen=self.head())

    def approved(self, unit: str = UNIT) -> int:
        self.confirm_all(unit=unit)
        self.actions.approve(unit, by="王五", seen=self.head())
        return self.head()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    opened = Home(tmp_path)
    yield opened
    opened.store.close()


def item(sheet: Sheet, id: str) -> Sheet:
    return next(s for s in sheet["score"]["items"] if s["item"] == id)


# ---- approval


def test_approval_by_another_person_stands_on_the_worksheet(home: Home) -> None:
    home.confirm_all()
    review = home.actions.approve(UNIT, by="王五", seen=home.head())["review"]
    assert (review["state"], review["by"], review["seq"]) == ("approved", "王五", home.head())
    assert (review["stale"], review["changed"]) == (False, [])
    assert "review" not in home.sheet(OTHER)


def test_nothing_is_approved_before_every_applicable_item_is_confirmed(home: Home) -> None:
    with pytest.raises(Refused, match="还有25个适用条目没有确认"):
        home.actions.approve(UNIT, by="王五")
    seqs = home.confirm_all()
    home.actions.undo(seqs[3], by="张三")
    with pytest.raises(Refused, match=r"还有1个适用条目没有确认（1.4）"):
        home.actions.approve(UNIT, by="王五", seen=home.head())
    home.actions.applies(UNIT, "1.4", False, by="张三", reason="无此职能")
    assert home.actions.approve(UNIT, by="王五", seen=home.head())["review"]["state"] == "approved"


def test_nothing_is_approved_whose_ground_changed(home: Home) -> None:
    home.confirm_all()
    claim = next(c for c in home.sheet()["claims"] if c["status"] == "missing")
    home.actions.present(UNIT, claim["id"], by="张三")
    with pytest.raises(Refused, match=f"{claim['item']}确认后有变化"):
        home.actions.approve(UNIT, by="王五", seen=home.head())
    home.actions.confirm(UNIT, claim["item"], "1", by="张三")
    home.actions.approve(UNIT, by="王五", seen=home.head())


@pytest.mark.parametrize("name", ["张三", " 张三", "张 三"])
def test_nobody_approves_what_they_confirmed_themselves(home: Home, name: str) -> None:
    home.confirm_all(by="李四")
    home.actions.confirm(UNIT, "1.3", "2", by="张三")
    with pytest.raises(Refused, match=r"确认了1.3，须由另一人复核"):
        home.actions.approve(UNIT, by=name, seen=home.head())
    home.actions.confirm(UNIT, "1.3", "2", by="李四", note="同意")
    assert home.actions.approve(UNIT, by=name, seen=home.head())["review"]["state"] == "approved"


def test_whoever_approves_has_seen_everything_that_was_said(home: Home) -> None:
    home.confirm_all()
    seen = home.head()
    home.actions.paper_received(UNIT, date(2018, 1, 19), by="赵六")
    home.actions.confirm(OTHER, "1.1", "1", by="李四")
    home.actions.confirm(UNIT, "1.1", "1", by="李四")
    with pytest.raises(Conflict) as conflict:
        home.actions.approve(UNIT, by="王五", seen=seen)
    assert (conflict.value.theirs.by, conflict.value.theirs.body["points"]) == ("李四", "1")
    assert home.actions.approve(UNIT, by="王五", seen=home.head())["review"]["state"] == "approved"


def test_paper_and_the_next_unit_do_not_keep_an_approval_waiting(home: Home) -> None:
    home.confirm_all()
    seen = home.head()
    home.actions.paper_received(UNIT, "2018-01-19", by="赵六")
    home.actions.confirm(OTHER, "1.1", "1", by="李四")
    assert home.actions.approve(UNIT, by="王五", seen=seen)["review"]["state"] == "approved"


def test_a_returned_unit_says_why_and_what_until_it_is_approved(home: Home) -> None:
    home.confirm_all()
    with pytest.raises(JournalError, match="理由"):
        home.actions.return_(UNIT, ["1.1"], by="王五", reason=" ")
    review = home.actions.return_(UNIT, ["2.1", "1.1"], by="王五", reason="目录第3项看错")["review"]
    assert (review["state"], review["items"], review["reason"]) == ("returned", ["1.1", "2.1"], "目录第3项看错")
    home.actions.confirm(UNIT, "1.1", "3", by="张三", seen=home.head())
    assert home.sheet()["review"]["state"] == "returned"
    assert home.actions.approve(UNIT, by="王五", seen=home.head())["review"]["state"] == "approved"


# ---- the lock

DECISIONS: dict[str, Callable[[Actions], Any]] = {
    "points": lambda a: a.confirm(UNIT, "1.1", "1", by="张三"),
    "bulk": lambda a: a.confirm_all([(OTHER, "1.1"), (UNIT, "1.1")], by="张三"),
    "applies": lambda a: a.applies(UNIT, "1.1", False, by="张三", reason="无此职能"),
    "link": lambda a: a.link(UNIT, "k1", ["c2"], by="张三"),
    "missing": lambda a: a.missing(UNIT, "k1", by="张三"),
    "present": lambda a: a.present(UNIT, "k1", by="张三"),
    "none": lambda a: a.none(UNIT, "k1", by="张三"),
    "move": lambda a: a.move(UNIT, "b5", 3, "3.2", by="张三"),
    "fact": lambda a: a.fact(UNIT, "4.2b", 1, by="张三"),
    "extend": lambda a: a.extend(UNIT, date(2018, 1, 25), by="张三", reason="网络故障"),
    "paper": lambda a: a.paper_received(UNIT, "2018-01-20", by="张三"),
    "row": lambda a: a.paper_row(UNIT, "c1", True, by="张三"),
    "return": lambda a: a.return_(UNIT, [], by="王五", reason="再看"),
    "approve": lambda a: a.approve(UNIT, by="赵六"),
    "undo": lambda a: a.undo(1, by="张三"),
    "assign": lambda a: a.record([Draft("张三", "assign_unit", UNIT, {"submission": "0" * 64, "unit": UNIT})]),
    "taken away": lambda a: a.record([Draft("张三", "assign_unit", OTHER, {"submission": "0" * 64, "unit": OTHER, "units": [UNIT]})]),
    "accept": lambda a: a.record([Draft("张三", "accept", UNIT, {"submission": "0" * 64})]),
    "role": lambda a: a.record([Draft("张三", "file_role", None, {"sha256": "0" * 64, "role": "other", "units": [UNIT]})]),
}


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_locked_unit_refuses_every_decision_until_it_is_unlocked_with_a_reason(home: Home, decision: str) -> None:
    at = home.approved()
    with pytest.raises(Locked, match=f"{UNIT}已复核锁定（王五，第{at}条），不能再改动"):
        DECISIONS[decision](home.actions)
    assert home.head() == at, "nothing was written, not even for another unit"
    with pytest.raises(JournalError, match="理由"):
        home.actions.unlock(UNIT, by="王五", reason="")
    home.actions.unlock(UNIT, by="王五", reason="单位补报")
    assert home.sheet()["review"]["state"] == "open"
    DECISIONS[decision](home.actions)
    assert home.head() > at + 1


def test_an_open_unit_beside_a_locked_one_is_worked_on_as_before(home: Home) -> None:
    home.approved()
    home.actions.confirm(OTHER, "1.1", "1", by="张三")
    home.actions.undo(home.head(), by="张三")
    home.actions.reviewer(None, [], "张三", by="管理员")
    assert home.sheet()["reviewers"]["unit"] == "张三", "who looks at it next changes no result"


def test_taking_the_approval_back_opens_the_unit_and_leaves_no_trace_on_the_worksheet(home: Home) -> None:
    home.confirm_all()
    before = home.sheet()
    at = home.actions.approve(UNIT, by="王五", seen=home.head())["review"]["seq"]
    home.actions.undo(at, by="王五")
    assert home.sheet() == before
    home.actions.confirm(UNIT, "1.1", "1", by="张三")


def test_no_lock_comes_back_by_an_undo(home: Home) -> None:
    at = home.approved()
    home.actions.undo(at, by="王五")
    with pytest.raises(JournalError, match="请重新复核"):
        home.actions.undo(home.head(), by="王五")
    home.actions.approve(UNIT, by="王五", seen=home.head())
    home.actions.unlock(UNIT, by="王五", reason="单位补报")
    with pytest.raises(JournalError, match="请重新复核"):
        home.actions.undo(home.head(), by="王五")
    home.actions.confirm(UNIT, "1.1", "1", by="张三")


def test_what_is_not_locked_is_not_unlocked(home: Home) -> None:
    with pytest.raises(Refused, match="没有复核锁定"):
        home.actions.unlock(UNIT, by="王五", reason="单位补报")


def test_a_report_that_comes_after_the_approval_is_judged_and_flagged(home: Home) -> None:
    at = home.approved()
    claim = next(c for c in RAOHE["claims"] if c["status"] == "missing")
    home.send({**RAOHE, "claims": [c for c in RAOHE["claims"] if c is not claim], "gaps": []})
    sheet = home.sheet()
    assert claim["id"] not in {c["id"] for c in sheet["claims"]}, "it was judged"
    assert (sheet["review"]["state"], sheet["review"]["seq"], sheet["review"]["stale"]) == ("approved", at, True)
    assert claim["item"] in sheet["review"]["changed"]
    with pytest.raises(Locked):
        home.actions.confirm(UNIT, claim["item"], "1", by="张三")
    home.send(RAOHE)
    assert home.sheet()["review"]["stale"] is False


def test_a_table_with_facts_about_locked_units_is_refused_as_a_whole_and_names_them(home: Home, make_xlsx: Callable[..., bytes]) -> None:
    home.approved()
    home.approved(OTHER)
    table = make_xlsx([["单位", "条款", "次数"], [UNIT, "4.2b", "2"], [OTHER, "4.2b", "1"], ["宝清县", "4.2b", "1"]])
    before = home.head()
    with pytest.raises(Locked, match=f"有2个单位已复核锁定（{UNIT}、{OTHER}）"):
        import_form(home.actions, "2017年11月通报.xlsx", table, by="张三", period="2017-11")
    assert home.head() == before


# ---- two at once, in two processes

RACER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from ingest.actions import Actions, Refused
from ingest.rules import load_rules
from ingest.settings import load_settings
from ingest.store import Store
from scoring.journal import JournalError
settings = load_settings(Path(sys.argv[2]), {})
store = Store(settings.var / "zicha.db")
actions = Actions(settings, load_rules(settings), store, publish=False)
print("ready", flush=True)
sys.stdin.readline()
try:
    exec(sys.argv[3])
    print("written")
except JournalError as error:
    print(type(error).__name__)
store.close()
"""


def race(home: Home, *programs: str) -> list[str]:
    """Run the programs at the same moment, each in a process of its own; what each of them came to."""
    command = [sys.executable, "-c", RACER, str(ROOT), str(home.settings.home)]
    running = [subprocess.Popen([*command, p], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for p in programs]
    for r in running:
        assert r.stdout is not None and r.stdout.readline() == "ready\n"
    for r in running:
        assert r.stdin is not None
        r.stdin.write("go\n")
        r.stdin.flush()
    return [r.communicate(timeout=60)[0].strip() for r in running]


def test_of_two_programs_that_approve_and_confirm_at_once_one_hears_of_the_other(home: Home) -> None:
    home.confirm_all()
    seen = home.head()
    came = race(
        home,
        f"actions.approve('{UNIT}', by='王五', seen={seen})",
        f"[actions.confirm('{UNIT}', '1.1', str(n % 3), by='张三') for n in range(20)]",
    )
    kinds = [e.kind for e in home.store.entries() if e.seq > seen]
    assert came in (["written", "Locked"], ["Conflict", "written"])
    assert kinds.count("approve") == (came[0] == "written")
    assert "approve" not in kinds or kinds[-1] == "approve", "nothing was confirmed behind the approval"
    assert home.store.verify() is None


def test_of_two_programs_that_give_points_at_once_the_second_hears_of_the_first(home: Home) -> None:
    came = race(home, *(f"actions.confirm('{UNIT}', '1.1', '{n}', by='{by}', seen=0)" for n, by in ((1, "张三"), (2, "李四"))))
    assert sorted(came) == ["Conflict", "written"]
    (entry,) = home.store.entries()
    assert item(home.sheet(), "1.1")["confirmed"]["by"] == entry.by


# ---- conflicts


def test_two_people_at_one_claim_hear_of_each_other_whatever_they_say(home: Home) -> None:
    home.actions.missing(UNIT, "k1", by="张三", seen=0)
    acts: list[Callable[[], Sheet]] = [
        lambda: home.actions.link(UNIT, "k1", ["c2"], by="李四", seen=0),
        lambda: home.actions.none(UNIT, "k1", by="李四", seen=0),
    ]
    for act in acts:
        with pytest.raises(Conflict, match=r"张三已先作出决定（“.*”目录中没有此件，第1条）"):
            act()
    home.actions.present(UNIT, "k2", by="李四", seen=0)
    home.actions.link(UNIT, "k1", ["c2"], by="李四", seen=2)


def test_two_people_at_one_passage_hear_of_each_other(home: Home) -> None:
    home.actions.move(UNIT, "b5", 3, "3.2", by="张三", seen=0)
    with pytest.raises(Conflict, match=r"改归3.2"):
        home.actions.move(UNIT, "b5", 2, by="李四", seen=0)
    home.actions.move(UNIT, "b6", 2, by="李四", seen=0)


@pytest.mark.parametrize(
    "act",
    [
        lambda a, by, seen: a.applies(UNIT, "6.2", by == "张三", by=by, reason="按职能", seen=seen),
        lambda a, by, seen: a.fact(UNIT, "4.2b", 1, by=by, seen=seen),
        lambda a, by, seen: a.extend(UNIT, date(2018, 1, 25), by=by, reason="网络故障", seen=seen),
        lambda a, by, seen: a.return_(UNIT, [], by=by, reason="再看", seen=seen),
        lambda a, by, seen: a.reviewer(UNIT, ["1.1"], by, by=by, seen=seen),
        lambda a, by, seen: a.reviewer(None, [], by, by=by, seen=seen),
        lambda a, by, seen: a.paper_received(UNIT, "2018-01-19", by=by, seen=seen),
        lambda a, by, seen: a.paper_stamp(UNIT, by == "张三", by=by, seen=seen),
        lambda a, by, seen: a.paper_row(UNIT, "c1", by == "张三", by=by, seen=seen),
        lambda a, by, seen: a.confirm_all([(OTHER, "1.1"), (UNIT, "1.1")], by=by, seen=seen),
    ],
)
def test_whatever_two_people_say_at_once_the_second_hears_of_it_and_nothing_of_theirs_is_written(
    home: Home, act: Callable[[Actions, str, int], Any]
) -> None:
    act(home.actions, "张三", 0)
    written = home.head()
    with pytest.raises(Conflict) as conflict:
        act(home.actions, "李四", 0)
    assert (conflict.value.theirs.by, home.head()) == ("张三", written)
    act(home.actions, "李四", written)
    assert home.head() > written


def test_an_undo_that_brings_an_unseen_value_into_force_is_a_conflict(home: Home) -> None:
    home.actions.confirm(UNIT, "1.1", "1", by="张三")
    home.actions.confirm(UNIT, "1.1", "2", by="李四")
    home.actions.undo(2, by="李四")
    with pytest.raises(Conflict) as conflict:
        home.actions.confirm(UNIT, "1.1", "3", by="王五", seen=2)
    assert conflict.value.theirs.body["points"] == "1"
    home.actions.undo(1, by="张三")
    with pytest.raises(Conflict, match="撤销第1条"):
        home.actions.confirm(UNIT, "1.1", "3", by="王五", seen=3)


def test_what_was_said_and_taken_back_meanwhile_is_no_conflict(home: Home) -> None:
    home.actions.confirm(UNIT, "1.1", "1", by="张三")
    home.actions.undo(1, by="张三")
    home.actions.confirm(UNIT, "1.1", "3", by="王五", seen=0)


def test_a_button_pressed_twice_is_no_conflict_with_oneself(home: Home) -> None:
    for _ in range(2):
        home.actions.confirm(UNIT, "1.1", "1", by="张三", seen=0)
    with pytest.raises(Conflict):
        home.actions.confirm(UNIT, "1.1", "2", by="张三", seen=0)


def test_an_id_means_what_it_meant_on_the_persons_page(home: Home) -> None:
    first, second = [n for n, b in enumerate(RAOHE["blocks"], 1) if n > 2 and "《" not in b["text"] and len(b["text"]) > 6][:2]
    words = [RAOHE["blocks"][n - 1]["text"][:5] for n in (first, second)]
    known = {c["id"] for c in RAOHE["claims"]}
    (id,) = {c["id"] for c in home.actions.add(UNIT, f"b{first}", words[0], by="李四")["claims"]} - known
    seen = home.head()
    home.actions.undo(seen, by="李四")
    now = home.actions.add(UNIT, f"b{second}", words[1], by="李四")
    assert next(c["text"] for c in now["claims"] if c["id"] == id) == words[1], "the number went to another claim"
    with pytest.raises(Conflict, match="李四已先作出决定（撤销第1条"):
        home.actions.missing(UNIT, id, by="张三", seen=seen)
    home.actions.missing(UNIT, id, by="张三", seen=home.head())
    assert home.store.entries()[-1].body["claim"]["text"] == words[1]


def test_points_given_on_an_older_page_rest_on_what_was_seen_there(home: Home) -> None:
    claim = next(c for c in RAOHE["claims"] if c["status"] == "missing")
    home.actions.present(UNIT, claim["id"], by="李四")
    word = item(home.actions.confirm(UNIT, claim["item"], "1", by="张三", seen=0), claim["item"])["confirmed"]
    assert word["stale"] is True and any("由目录无此件变为有据" in c["message"] for c in word["changed"])


# ---- many at once


def test_many_items_are_confirmed_with_their_suggestion_all_or_none(home: Home) -> None:
    seqs = home.actions.confirm_all([(UNIT, "1.1"), (UNIT, "1.3"), (OTHER, "1.1", "2.5")], by="张三", seen=0)
    assert seqs == (1, 2, 3) and home.actions.seq == 3
    suggested = {s["item"]: s["suggested"] for s in RAOHE["score"]["items"]}
    assert [item(home.sheet(), i)["confirmed"]["points"] for i in ("1.1", "1.3")] == [suggested["1.1"], suggested["1.3"]]
    assert item(home.sheet(OTHER), "1.1")["confirmed"]["points"] == 2.5
    with pytest.raises(Refused, match="0至5"):
        home.actions.confirm_all([(UNIT, "2.1"), (UNIT, "1.4", "6")], by="张三")
    assert home.head() == 3 and home.actions.confirm_all([], by="张三") == ()


# ---- who reviews what


def test_a_word_about_one_unit_goes_before_a_word_about_all(home: Home) -> None:
    home.actions.reviewer(UNIT, ["1.1"], "李四", by="管理员")
    home.actions.reviewer(None, ["1.1", "1.2"], "张三", by="管理员")
    home.actions.reviewer(None, [], "王五", by="管理员")
    assert home.sheet()["reviewers"] == {"unit": "王五", "items": {"1.1": "李四", "1.2": "张三"}}
    home.actions.reviewer(UNIT, ["1.1"], "", by="管理员")
    assert home.sheet()["reviewers"]["items"] == {"1.1": "张三", "1.2": "张三"}
    assert home.sheet(OTHER)["reviewers"] == {"unit": "王五", "items": {"1.1": "张三", "1.2": "张三"}}


# ---- paper


def test_paper_is_recorded_with_who_and_when_and_what_is_open_of_it(home: Home) -> None:
    assert "paper" not in home.sheet()
    sheet = home.actions.paper_stamp(UNIT, False, by="赵六")
    assert sheet and sheet["paper"]["received"] is None
    sheet = home.actions.paper_received(UNIT, date(2018, 1, 19), by="赵六")
    assert sheet and (sheet["paper"]["received"]["date"], sheet["paper"]["received"]["by"]) == ("2018-01-19", "赵六")
    sheet = home.actions.paper_row(UNIT, "c2", True, by="钱七")
    assert sheet["paper"]["rows"]["c2"]["by"] == "钱七"
    home.actions.paper_row(UNIT, "c2", False, by="钱七")
    home.actions.paper_received(UNIT, None, by="赵六", reason="误登")
    assert home.sheet()["paper"]["rows"] == {} and home.sheet()["paper"]["received"] is None


def test_a_unit_may_bring_paper_before_it_sends_mail(home: Home) -> None:
    assert home.actions.paper_received("宝清县", "2018-01-12", by="赵六") is None
    with pytest.raises(Refused, match="没有可用的目录清单"):
        home.actions.paper_row("宝清县", "c1", True, by="赵六")
    for wrong in ("下周", "", "2018-02-30"):
        with pytest.raises(JournalError, match="不是日期"):
            home.actions.paper_received("宝清县", wrong, by="赵六")
    home.actions.paper_received("宝清县", " 20180113 ", by="赵六")
    assert home.store.entries()[-1].body["date"] == "2018-01-13", "as every day is written"


def test_a_checked_original_keeps_its_row_when_the_catalog_is_sent_again(home: Home) -> None:
    home.actions.paper_row(UNIT, "c2", True, by="钱七")
    rows = RAOHE["catalog"]
    home.send({**RAOHE, "catalog": [{**r, "id": f"c{len(rows) - n}"} for n, r in enumerate(rows)], "claims": []})
    (id,) = home.sheet()["paper"]["rows"]
    assert next(r["title"] for r in home.sheet()["catalog"] if r["id"] == id) == rows[1]["title"]
    home.send({**RAOHE, "catalog": rows[2:], "claims": []})
    assert [t["title"] for t in home.sheet()["paper"]["lost"]] == [rows[1]["title"]] and home.sheet()["paper"]["rows"] == {}


# ---- notes


def test_a_note_of_what_was_done_is_no_decision_and_cannot_be_undone(home: Home) -> None:
    home.store.append([Draft("管理员", "user", None, {"name": "李四", "what": "新建，初核"})])
    with pytest.raises(Refused, match="只是记载"):
        home.actions.undo(1, by="管理员")


def test_with_worksheets_at_hand_they_are_what_is_decided_about(home: Home) -> None:
    asked: list[str] = []

    def at_hand(unit: str) -> Sheet | None:
        asked.append(unit)
        return home.actions.sheet(unit)

    other = Actions(home.settings, home.rules, home.store, publish=False, sheets=at_hand)
    sheet = other.confirm(UNIT, "1.1", "1", by="张三", seen=0)
    assert asked == [UNIT, UNIT] and item(sheet, "1.1")["confirmed"]["points"] == 1
    assert not home.settings.outbox.exists() or not any(home.settings.outbox.iterdir())


def test_the_season_goes_on_with_another_rubric_only_after_everything_was_judged_by_it(home: Home) -> None:
    home.confirm_all()
    other = Actions(home.settings, replace(home.rules, rubric=replace(home.rules.rubric, sha256="e" * 64)), home.store, publish=False)
    with pytest.raises(Refused, match="细则或名单已修改"):
        other.approve(UNIT, by="王五")


def test_what_new_entries_ask_of_the_outbox(home: Home) -> None:
    everybody = [u.name for u in home.rules.roster.units]

    def asked(*drafts: Draft) -> tuple[tuple[str, ...], bool]:
        written = home.store.append(drafts)
        with home.store.reading() as book:
            return touched(written, book, everybody)

    assert asked(Draft("张三", "paper_stamp", UNIT, {"stamped": True})) == ((UNIT,), False)
    assert asked(Draft("张三", "undo", None, {"of": 1})) == ((UNIT,), False), "an undo concerns what it takes back"
    assert asked(Draft("张三", "accept", OTHER, {"submission": "a"})) == ((OTHER,), True)
    assert asked(Draft("张三", "undo", OTHER, {"of": 3})) == ((OTHER,), True)
    assert asked(Draft("管理员", "reviewer", None, {"to": "张三", "items": []})) == (tuple(everybody), False)
    assert asked(Draft("管理员", "user", None, {"name": "李四", "what": "新建"})) == ((), False)
