"""What a person does with a home folder: it is written down, the outbox follows, and nothing that happens afterwards loses it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ingest.actions import Actions, Conflict, Refused
from ingest.casework import Case, Result
from ingest.facts import add_fact
from ingest.outbox import BOARD, publish
from ingest.rules import Rules, load_rules
from ingest.settings import Settings, load_settings
from ingest.store import Store
from scoring.journal import JournalError

Sheet = dict[str, Any]
GOLDEN = Path(__file__).resolve().parents[1] / "golden"
(RAOHE,) = (json.loads(p.read_text("utf-8")) for p in GOLDEN.glob("08-*.json"))
UNIT = "饶河县"


class Home:
    """A home folder in which the machine has judged one unit; `send` judges it anew, `restart` is another program later."""

    def __init__(self, path: Path) -> None:
        self.settings: Settings = load_settings(path, {})
        self.rules: Rules = load_rules(self.settings)
        self.open()

    def open(self) -> None:
        self.store = Store(self.settings.var / "zicha.db")
        self.actions = Actions(self.settings, self.rules, self.store)

    def restart(self) -> None:
        self.store.close()
        self.open()

    def send(self, sheet: Sheet) -> None:
        sheet = {**sheet, "rubric": {"id": self.rules.rubric.id, "sha256": self.rules.rubric.sha256}}
        result = Result(sheet, (Case("c" * 64, "a.eml", None),), {}, ("a.eml",))
        publish(self.settings.outbox, [result], self.rules, self.store, inbox=str(self.settings.inbox))

    def out(self) -> Sheet:
        found: Sheet = json.loads((self.settings.outbox / f"08-{UNIT}-工作单.json").read_text("utf-8"))
        return found

    def files(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in self.settings.outbox.iterdir()}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    opened = Home(tmp_path)
    opened.send(RAOHE)
    yield opened
    opened.store.close()


def item(sheet: Sheet, id: str) -> Sheet:
    return next(s for s in sheet["score"]["items"] if s["item"] == id)


def missing(sheet: Sheet) -> Sheet:
    return next(c for c in sheet["claims"] if c["status"] == "missing")


def test_a_confirmation_stands_in_the_outbox_at_once_and_on_the_board(home: Home) -> None:
    sheet = home.actions.confirm(UNIT, "1.1", "4.5", by="张三", note="已核")
    assert home.out() == sheet
    assert (item(sheet, "1.1")["confirmed"]["points"], item(sheet, "1.1")["confirmed"]["by"]) == (4.5, "张三")
    assert "确认 4.5 分 张三" in (home.settings.outbox / f"08-{UNIT}-工作单.html").read_text("utf-8")
    assert ">4.5<" in home.files()[BOARD].decode().replace("\n", "")


def test_what_one_decision_writes_is_what_publishing_everything_writes(home: Home) -> None:
    claim = missing(home.out())
    home.actions.link(UNIT, claim["id"], ["c1"], by="李四")
    home.actions.confirm(UNIT, "1.1", "5", by="张三")
    at_once = home.files()
    home.send(RAOHE)
    assert home.files() == at_once


def test_confirm_then_undo_is_the_state_before(home: Home) -> None:
    before = home.files()
    home.actions.confirm(UNIT, "1.1", "4", by="张三")
    assert home.files() != before
    home.actions.undo(1, by="张三")
    assert home.files() == before


def test_an_undo_can_be_undone_but_nothing_is_undone_twice(home: Home) -> None:
    home.actions.confirm(UNIT, "1.1", "4", by="张三")
    confirmed = home.files()
    home.actions.undo(1, by="李四")
    with pytest.raises(Refused, match="已由李四撤销"):
        home.actions.undo(1, by="张三")
    home.actions.undo(2, by="张三")
    assert home.files() == confirmed
    with pytest.raises(Refused, match="没有第9条"):
        home.actions.undo(9, by="张三")


def test_a_unit_is_known_by_its_full_and_its_short_name(home: Home) -> None:
    names = home.rules.roster.unit(UNIT).names
    assert len(names) > 1 and {home.actions.unit(n) for n in names} == {UNIT}
    with pytest.raises(Refused, match="是否指：饶河县"):
        home.actions.unit("饶河")


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda a: a.confirm(UNIT, "1.1", "5.5", by="张三"), "0至5"),
        (lambda a: a.confirm(UNIT, "8.1", "5", by="张三"), "没有条目"),
        (lambda a: a.confirm("尖山区", "1.1", "5", by="张三"), "未报"),
        (lambda a: a.confirm(UNIT, "1.1", "5", by=" "), "须写明是谁"),
        (lambda a: a.applies(UNIT, "6.2", False, by="张三", reason=""), "理由"),
        (lambda a: a.link(UNIT, "k999", ["c1"], by="张三"), "没有“k999”"),
        (lambda a: a.link(UNIT, "k1", ["c999"], by="张三"), "没有“c999”"),
        (lambda a: a.link(UNIT, "k1", [], by="张三"), "哪一项"),
        (lambda a: a.missing(UNIT, "饶河县", by="张三"), "不止一处"),
        (lambda a: a.add(UNIT, "b5", "没有这几个字", by="张三"), "没有“没有这几个字”"),
        (lambda a: a.move(UNIT, "b5", 2, "3.2", by="张三"), "不在第2部分"),
        (lambda a: a.move(UNIT, "b5", 9, by="张三"), "没有第9部分"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(home: Home, act: Callable[[Actions], Any], why: str) -> None:
    before = home.files()
    with pytest.raises(JournalError, match=why):
        act(home.actions)
    assert home.store.entries() == () and home.files() == before


def test_two_people_at_one_item_get_both_values_and_nobody_is_overwritten(home: Home) -> None:
    home.actions.confirm(UNIT, "1.1", "4", by="张三", seen=0)
    with pytest.raises(Conflict) as conflict:
        home.actions.confirm(UNIT, "1.1", "2", by="李四", seen=0)
    assert (conflict.value.theirs.by, conflict.value.theirs.body["points"]) == ("张三", "4")
    assert item(home.out(), "1.1")["confirmed"]["points"] == 4
    home.actions.confirm(UNIT, "1.1", "2", by="李四", seen=1)
    assert item(home.out(), "1.1")["confirmed"]["points"] == 2


def test_points_given_on_other_ground_are_kept_and_flagged(home: Home) -> None:
    claim = missing(home.out())
    home.actions.confirm(UNIT, claim["item"], "1", by="张三")
    sheet = home.actions.present(UNIT, claim["id"], by="李四")
    word = item(sheet, claim["item"])["confirmed"]
    assert (word["points"], word["stale"]) == (1, True)
    assert any("由目录无此件变为有据" in c["message"] for c in word["changed"])
    assert item(home.actions.confirm(UNIT, claim["item"], "2", by="张三"), claim["item"])["confirmed"]["stale"] is False


def test_an_edited_rubric_flags_what_was_confirmed_by_the_old_one_and_overwrites_nothing(home: Home) -> None:
    home.actions.confirm(UNIT, "1.1", "4", by="张三")
    home.actions.confirm(UNIT, "1.3", "4", by="张三")
    old = home.rules.rubric
    first, *others = old.sections
    edited = replace(first, items=(replace(first.items[0], points=Decimal("3.5")), *first.items[1:]))
    home.rules = replace(home.rules, rubric=replace(old, sections=(edited, *others), sha256="e" * 64))
    home.restart()
    with pytest.raises(Refused, match="细则或名单已修改"):
        home.actions.confirm(UNIT, "1.4", "4", by="张三")
    home.send(RAOHE)
    word, other = (item(home.out(), i)["confirmed"] for i in ("1.1", "1.3"))
    assert (word["points"], word["stale"], other["stale"]) == (4, True, False)
    assert [c["message"] for c in word["changed"]] == ["考核细则的条文、分值或扣分规则已修改", "建议分由5变为3.5"]


def test_the_history_of_an_item_holds_what_was_undone_too(home: Home) -> None:
    home.actions.confirm(UNIT, "1.1", "4", by="张三")
    home.actions.confirm(UNIT, "1.3", "4", by="张三")
    home.actions.undo(1, by="李四")
    listed = [(e.seq, undone.seq if undone else None) for e, undone in home.actions.history(unit=UNIT, item="1.1")]
    assert listed == [(1, 3), (3, None)]
    assert [e.seq for e, _ in home.actions.history(by="李四")] == [3]


def test_a_journal_written_by_another_program_is_published_with_what_comes_next(home: Home) -> None:
    other = Store(home.settings.var / "zicha.db")
    Actions(home.settings, home.rules, other).confirm(UNIT, "1.1", "3", by="张三")
    other.close()
    sheet = home.actions.confirm(UNIT, "1.3", "3", by="李四")
    assert item(sheet, "1.1")["confirmed"]["points"] == 3


# ---- whatever happens, in whatever order


def resent(sheet: Sheet, *, drop: int) -> Sheet:
    """The report sent again: another file, some passages and rows gone, everything numbered anew."""
    found = copy.deepcopy(sheet)
    for n, f in enumerate(found["submission"]["files"]):
        f["sha256"] = f"{drop}{n}" * 32
    gone = {n for n in range(len(found["blocks"])) if drop and n % 5 == drop}
    kept = [n for n in range(len(found["blocks"])) if n not in gone]
    place = {n: k for k, n in enumerate(kept)}
    rows = {r["id"]: f"c{k}" for k, r in enumerate((r for n, r in enumerate(found["catalog"]) if not drop or n % 7 != drop), 1)}
    found["blocks"] = [found["blocks"][n] for n in kept]
    found["catalog"] = [{**r, "id": rows[r["id"]]} for r in found["catalog"] if r["id"] in rows]
    claims = [c for c in found["claims"] if c["block"] in place]
    found["claims"] = [
        {**c, "id": f"k{k}", "block": place[c["block"]], "catalog": [rows[r] for r in c["catalog"] if r in rows]}
        for k, c in enumerate(claims, 1)
    ]
    found["findings"] = {"twins": {}, "conflicts": {}, "outside": [], "misplaced": []}
    for s in found["score"]["items"]:
        s["self"] = None
    return found


@pytest.mark.parametrize("drop", [1, 2, 3, 4])
def test_of_a_report_sent_again_in_part_every_decision_is_carried_out_or_listed(home: Home, drop: int) -> None:
    for claim in RAOHE["claims"][::2]:
        home.actions.present(UNIT, claim["id"], by="张三")
    for n in range(1, len(RAOHE["blocks"]), 3):
        home.actions.move(UNIT, f"b{n}", 3, "3.2", by="李四")
    home.restart()
    home.send(resent(RAOHE, drop=drop))
    out = home.out()
    placed = {m["corrected"]["seq"] for m in [*out["claims"], *out["blocks"]] if "corrected" in m}
    listed = {u["seq"] for u in out["unplaced"]}
    assert placed and listed and not placed & listed
    assert placed | listed == {e.seq for e in home.store.entries()}
    home.send(RAOHE)
    assert "unplaced" not in home.out(), "sent as it was, everything has its place again"


class Season(RuleBasedStateMachine):
    """People decide and undo, reports are sent again, the program starts anew; after each step everything said stands as it was said.

    What was said is kept here, apart from the journal: what a journal, a query or a page loses is missed.
    """

    folder: Callable[[], Path]

    @initialize(a=st.integers(0, 60), drop=st.integers(1, 4))
    def begin(self, a: int, drop: int) -> None:
        """Decisions of every kind, two taken back, one of these after all not; and the report is sent again without some places."""
        self.home = Home(type(self).folder())
        self.home.send(RAOHE)
        self.said: list[Said] = []
        for n in range(5):
            self.move(a + 7 * n, n + 1)
            self.decide(a + 7 * n, n, "missing")
        self.undo(a)
        self.undo(-1)
        self.undo(a + 1)
        self.confirm(a, 5, True)
        self.confirm(a + 1, 7, False)
        self.applies(a + 2, False)
        self.state_a_fact("4.2b", 3)
        self.extend(25)
        self.send_again(drop)

    def sheet(self) -> Sheet:
        found = self.home.actions.sheet(UNIT)
        assert found is not None
        return found

    def note(self, kind: str, about: Any, value: Any) -> None:
        self.said.append(Said(len(self.said) + 1, kind, json.dumps([kind.partition("_")[0], about], sort_keys=True), value))

    def alive(self, seq: int) -> bool:
        return not any(s.kind == "undo" and s.value == seq and self.alive(s.seq) for s in self.said)

    @rule(a=st.integers(0, 60), b=st.integers(0, 60), kind=st.sampled_from(["link", "missing", "present", "none"]))
    def decide(self, a: int, b: int, kind: str) -> None:
        sheet = self.sheet()
        claims = [*sheet["claims"], *sheet.get("removed_claims", ())]
        claim = claims[a % len(claims)]
        row = sheet["catalog"][b % len(sheet["catalog"])]
        if kind == "link":
            self.home.actions.link(UNIT, claim["id"], [row["id"]], by="张三")
        else:
            getattr(self.home.actions, kind)(UNIT, claim["id"], by="张三")
        anchor = self.home.store.entries()[-1].body["claim"]
        self.note(f"claim_{kind}", _place(anchor), row["title"])

    @rule(a=st.integers(0, 60), section=st.integers(1, 7))
    def move(self, a: int, section: int) -> None:
        self.home.actions.move(UNIT, f"b{a % len(self.sheet()['blocks']) + 1}", section, f"{section}.1", by="李四")
        self.note("block", _place(self.home.store.entries()[-1].body["block"]), section)

    @rule(a=st.integers(0, 24), tenths=st.integers(0, 10), confirmed=st.booleans())
    def confirm(self, a: int, tenths: int, confirmed: bool) -> None:
        score = [s for s in self.sheet()["score"]["items"] if s["applies"]]
        chosen = score[a % len(score)]
        points = Decimal(str(chosen["max"])) * tenths / 10
        self.home.actions.confirm(UNIT, chosen["item"], f"{points:.1f}", by="王五", confirmed=confirmed)
        self.note("points_confirmed" if confirmed else "points_entered", chosen["item"], float(round(points, 1)))

    @rule(a=st.integers(0, 24), answer=st.booleans())
    def applies(self, a: int, answer: bool) -> None:
        items = self.home.rules.rubric.items
        self.home.actions.applies(UNIT, items[a % len(items)].id, answer, by="王五", reason="按职能")
        self.note("applies", items[a % len(items)].id, answer)

    @rule(clause=st.sampled_from(["1.3a", "2.1a", "4.2b", "5.1b"]), count=st.integers(1, 3))
    def state_a_fact(self, clause: str, count: int) -> None:
        add_fact(self.home.actions, UNIT, clause, count, by="赵六")
        self.note("fact", [clause, len(self.said)], (clause, count))

    @rule(day=st.integers(21, 28))
    def extend(self, day: int) -> None:
        self.home.actions.extend(UNIT, date(2018, 1, day), by="赵六", reason="网络故障")
        self.note("extend", None, f"2018-01-{day + 1}T00:00:00+08:00")

    @precondition(lambda self: any(self.alive(s.seq) for s in self.said))
    @rule(a=st.integers(-1, 60))
    def undo(self, a: int) -> None:
        """Of a decision or of an earlier undo; -1: of the last word."""
        open_to = [s.seq for s in self.said if self.alive(s.seq)]
        self.home.actions.undo(open_to[a % len(open_to)], by="赵六")
        self.said.append(Said(len(self.said) + 1, "undo", "", open_to[a % len(open_to)]))

    @rule(drop=st.integers(1, 4))
    def send_again(self, drop: int) -> None:
        self.home.send(resent(RAOHE, drop=drop))

    @rule()
    def send_as_it_was(self) -> None:
        self.home.send(RAOHE)

    @rule()
    def restart(self) -> None:
        self.home.restart()

    @invariant()
    def everything_said_stands_as_it_was_said(self) -> None:
        out = self.home.out()
        last = {s.about: s for s in self.said if s.kind != "undo" and self.alive(s.seq)}
        listed = {u["seq"]: u for u in out.get("unplaced", ())}
        for s in last.values():
            assert s.seq in listed or self.stands(s, out), s
        for seq in listed:
            assert self.said[seq - 1].kind.startswith(("claim", "block")) and self.alive(seq), "what has its place is not listed"
        assert [e.seq for e in self.home.store.entries()] == [s.seq for s in self.said]
        assert self.home.store.verify() is None

    def stands(self, s: Said, out: Sheet) -> bool:
        """Whether the worksheet shows what was said last about something, with its value."""
        items = {i["item"]: i for i in out["score"]["items"]}
        about = json.loads(s.about)[1]
        if s.kind in ("points_confirmed", "points_entered"):
            word, other = (
                items[about].get(k) for k in (("confirmed", "entered") if s.kind == "points_confirmed" else ("entered", "confirmed"))
            )
            return bool(word) and word["seq"] == s.seq and word["points"] == s.value and not other
        if s.kind == "applies":
            return items[about]["applies"] is s.value and items[about]["applies_by"]["seq"] == s.seq
        if s.kind == "fact":
            clause = s.value[0]
            total = sum(f.value[1] for f in self.said if f.kind == "fact" and f.value[0] == clause and self.alive(f.seq))
            item = items[self.home.rules.rubric.rule(clause).item]
            return not item["applies"] or [d["count"] for d in item["deductions"] if d["rule"] == clause] == [total]
        if s.kind == "extend":
            return bool(out["submission"]["extended"]["deadline"] == s.value)
        if s.kind == "block":
            return any(b["corrected"]["seq"] == s.seq and b["section"] == s.value for b in out["blocks"] if "corrected" in b)
        return self.claim_stands(s, out)

    def claim_stands(self, s: Said, out: Sheet) -> bool:
        if s.kind == "claim_none":
            return any(c["corrected"]["seq"] == s.seq for c in out.get("removed_claims", ()))
        (claim,) = (c for c in out["claims"] if c.get("corrected", {}).get("seq") == s.seq)
        titles = {r["title"] for r in out["catalog"] if r["id"] in claim["catalog"]}
        if s.kind == "claim_link":
            return claim["status"] == "matched" and titles == {s.value}
        return claim["status"] == ("missing" if s.kind == "claim_missing" else "matched") and not titles

    def teardown(self) -> None:
        if hasattr(self, "home"):
            self.home.store.close()


@dataclass(frozen=True)
class Said:
    """What a person said; an undo has the number of what it takes back as its value."""

    seq: int
    kind: str
    about: str
    value: Any


def _place(anchor: Sheet) -> Sheet:
    """What an anchor says without the file: a later word about the same place in another file replaces an earlier one."""
    return {k: v for k, v in anchor.items() if k not in ("file", "ref")}


@pytest.mark.parametrize(("seasons", "steps"), [pytest.param(6, 10, id="few"), pytest.param(8, 30, id="many", marks=pytest.mark.slow)])
def test_no_sequence_of_decisions_restarts_and_resent_reports_loses_a_decision(
    seasons: int, steps: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    Season.folder = staticmethod(lambda: tmp_path_factory.mktemp("season"))
    Season.TestCase.settings = settings(
        deadline=None,
        max_examples=seasons,
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],  # making a failure shorter would take minutes
    )
    Season.TestCase().runTest()
