"""Mails, decisions, undoings and restarts in any order: every decision stands, every arrival has one state, nobody unknown is in use."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ingest.actions import Actions, Refused
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.store import QUEUED, Store
from ingest.watch import once
from ingest.work import Workers

Maker = Callable[..., bytes]
Sheet = dict[str, Any]
UNIT = "集贤县"
SENDERS = ("office@county.example", "clerk@county.example", "someone@else.example")
EXTRA = ("", "印发了《集贤县政务公开工作方案》（办发〔2017〕20号），", "建立了《集贤县联席会议制度》，")


@dataclass(frozen=True)
class Sent:
    """A mail as it was sent."""

    name: str
    sender: str
    day: int


class Season(RuleBasedStateMachine):
    """One unit's mails, with what people say about them, kept here apart from journal and ledger."""

    folder: Callable[[], Path]
    workers: Workers
    mail: Maker
    report: Maker
    catalog: Maker

    @initialize()
    def begin(self) -> None:
        self.settings = load_settings(type(self).folder(), {"ZICHA_SETTLE": "0"})
        self.settings.inbox.mkdir()
        self.ours = load_rules(self.settings)
        self.sent: list[Sent] = []
        self.points: dict[str, tuple[int, int]] = {}
        self.words: list[tuple[int, str, str]] = []
        self.receive(0, 10, 0, True, True)
        self.confirm("1.1", 3)

    def run(self, what: Callable[[Service], Any]) -> None:
        with Service(self.settings, self.ours, say=lambda _: None, workers=type(self).workers) as service:
            what(service)

    def act(self, what: Callable[[Actions], Any]) -> Any:
        store = Store(self.settings.var / "zicha.db")
        try:
            return what(Actions(self.settings, self.ours, store, workers=type(self).workers))
        finally:
            store.close()

    def head(self) -> int:
        return int(self.act(lambda a: a.store.journal_head()[0]))

    def sheet(self) -> Sheet | None:
        path = self.settings.outbox / f"05-{UNIT}-工作单.json"
        found: Sheet | None = json.loads(path.read_text("utf-8")) if path.is_file() else None
        return found

    @rule(who=st.integers(0, 2), day=st.integers(8, 27), words=st.integers(0, 2), report=st.booleans(), catalog=st.booleans())
    def receive(self, who: int, day: int, words: int, report: bool, catalog: bool) -> None:
        make = type(self)
        files = {"自查报告.docx": make.report(UNIT, EXTRA[words])} if report else {}
        files |= {"目录清单.xlsx": make.catalog(UNIT, ["签到簿"] * words)} if catalog or not report else {}
        name = f"{len(self.sent)}.eml"
        when = f"{day} Jan 2018 10:{len(self.sent):02d}:00 +0800"
        data = make.mail(files, sender=SENDERS[who], subject=f"{UNIT}自查报告和目录清单", date=when)
        (self.settings.inbox / name).write_bytes(data)
        self.sent.append(Sent(name, SENDERS[who], day))
        self.run(once)

    @rule(kind=st.sampled_from(["accept", "accept", "refuse"]), a=st.integers(0, 20))
    def decide(self, kind: str, a: int) -> None:
        mail = self.sent[a % len(self.sent)].name
        before = self.head()
        try:
            self.act(lambda x: getattr(x, kind)(mail, by="王五"))
        except Refused:
            assert self.head() == before, "what is refused leaves no trace"
            return
        self.words.append((self.head(), mail, kind))

    @rule(item=st.sampled_from(["1.1", "2.1", "5.1"]), points=st.integers(0, 3))
    def confirm(self, item: str, points: int) -> None:
        if self.sheet() is None or (self.sheet() or {})["score"] is None:
            return
        self.act(lambda a: a.confirm(UNIT, item, str(points), by="张三"))
        self.points[item] = self.head(), points

    @rule(day=st.integers(21, 27))
    def extend(self, day: int) -> None:
        self.act(lambda a: a.extend(UNIT, date(2018, 1, day), by="李四", reason="网络故障"))

    @precondition(lambda self: self.words)
    @rule()
    def take_the_last_word_about_a_mail_back(self) -> None:
        seq, _, _ = self.words.pop()
        self.act(lambda a: a.undo(seq, by="王五"))

    @rule()
    def rebuild(self) -> None:
        """From archive, ledger and journal alone comes what stood there before."""
        before = {p.name: p.read_bytes() for p in self.settings.outbox.iterdir()}

        def again(service: Service) -> None:
            service.store.forget_derived()
            service.judge()

        for name in before:
            (self.settings.outbox / name).unlink()
        self.run(again)
        assert {p.name: p.read_bytes() for p in self.settings.outbox.iterdir()} == before

    @invariant()
    def every_confirmation_stands(self) -> None:
        sheet = self.sheet()
        if sheet is None:
            return
        if sheet["score"] is None:
            assert {seq for seq, _ in self.points.values()} <= {u["seq"] for u in sheet["unplaced"]}
            return
        found = {s["item"]: (s["confirmed"]["seq"], s["confirmed"]["points"]) for s in sheet["score"]["items"] if s["confirmed"]}
        assert found == self.points

    @invariant()
    def nobody_unknown_is_in_use(self) -> None:
        last = {mail: kind for _, mail, kind in self.words}
        arrived = sorted((s for s in self.sent if last.get(s.name) != "refuse"), key=lambda s: (s.day, int(s.name[:-4])))
        known = {s.sender for s in arrived[:1]} | {s.sender for s in arrived if last.get(s.name) == "accept"}
        states = {a.place: a.state for a in self.act(lambda a: a.store.arrivals())}
        for s in self.sent:
            if states[s.name] == "used":
                assert last.get(s.name) != "refuse" and s.sender in known, s
            if last.get(s.name) == "accept":
                assert states[s.name] != "waiting"
        sheet = self.sheet()
        assert (sheet is not None) == bool(arrived), "the first that nobody refused is in use"

    @invariant()
    def every_arrival_has_one_state_and_the_chain_holds(self) -> None:
        rows = self.act(lambda a: (a.store.arrivals(), a.store.verify()))
        assert rows[1] is None
        assert not [a for a in rows[0] if a.cause == QUEUED]
        assert len({(a.place, a.sha256) for a in rows[0]}) == len(rows[0])
        assert {a.place for a in rows[0] if a.parent is None} == {s.name for s in self.sent}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers() as running:
        yield running


@pytest.mark.parametrize(("seasons", "steps"), [pytest.param(2, 10, id="few"), pytest.param(3, 20, id="many", marks=pytest.mark.slow)])
def test_no_sequence_of_mails_and_words_about_them_loses_a_decision(
    seasons: int,
    steps: int,
    tmp_path_factory: pytest.TempPathFactory,
    workers: Workers,
    make_mail: Maker,
    make_report: Maker,
    make_catalog: Maker,
) -> None:
    Season.folder = staticmethod(lambda: tmp_path_factory.mktemp("season"))
    Season.workers = workers
    Season.mail, Season.report, Season.catalog = staticmethod(make_mail), staticmethod(make_report), staticmethod(make_catalog)
    Season.TestCase.settings = settings(
        deadline=None,
        max_examples=seasons,
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],
    )
    Season.TestCase().runTest()
