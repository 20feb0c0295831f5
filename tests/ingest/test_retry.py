"""What breaks its reading is tried again, given up with reason and count, and read once more when a person says so."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

import ingest.casework
import zicha
from ingest.actions import Actions, Refused
from ingest.outbox import summary
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import Settings, load_settings
from ingest.store import Arrival, Store
from ingest.watch import once
from ingest.work import Workers
from scoring.journal import RETRY

Maker = Callable[..., bytes]
GIVEN_UP = "文件结构异常，读取程序中断（已试3次，不再自动重试）"


class Home:
    """A home folder whose reading children can be shot."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings: Settings = load_settings(path, {"ZICHA_SETTLE": "0", "ZICHA_WORKERS": "1"})
        self.rules = load_rules(self.settings)
        self.settings.inbox.mkdir(exist_ok=True)
        self.store = Store(self.settings.var / "zicha.db")
        self.workers = Workers()
        self.actions = Actions(self.settings, self.rules, self.store, workers=self.workers)

    def put(self, place: str, data: bytes) -> None:
        (self.settings.inbox / place).write_bytes(data)

    def run(self) -> None:
        with self.service() as service:
            once(service)

    def service(self) -> Service:
        return Service(self.settings, self.rules, say=lambda _: None, workers=self.workers)

    def rebuild(self) -> None:
        with self.service() as service:
            service.store.forget_derived()
            service.judge()

    def arrival(self, place: str) -> Arrival:
        return next(a for a in self.store.arrivals() if a.place == place)

    def state(self, place: str) -> str:
        return self.arrival(place).state

    def out(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in self.settings.outbox.iterdir()}

    @contextmanager
    def shooting(self, shots: int, number: signal.Signals = signal.SIGSEGV) -> Iterator[list[int]]:
        """So many children are killed, each as soon as it is there; yields whom it hit."""
        hit: list[int] = []
        over, old = threading.Event(), {c.process.pid for c in self.workers._children}

        def shoot() -> None:
            while not over.is_set() and len(hit) < shots:
                for pid in [c.process.pid for c in list(self.workers._children)]:
                    if pid not in old and len(hit) < shots:
                        old.add(pid)
                        hit.append(pid)
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, number)
                time.sleep(0.01)

        thread = threading.Thread(target=shoot)
        thread.start()
        try:
            yield hit
        finally:
            over.set()
            thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    opened = Home(tmp_path)
    yield opened
    opened.workers.close()
    opened.store.close()


@pytest.fixture(scope="module")
def poison(tmp_path_factory: pytest.TempPathFactory, make_report: Maker) -> Path:
    """A home folder in which a report was given up after three children died over it."""
    home = Home(tmp_path_factory.mktemp("poison"))
    home.put("报告.docx", make_report())
    with home.shooting(3):
        home.run()
    home.workers.close()
    home.store.close()
    return home.path


@pytest.fixture
def poisoned(poison: Path, tmp_path: Path) -> Iterator[Home]:
    """A copy of it to work in."""
    opened = Home(Path(shutil.copytree(poison, tmp_path / "home")))
    yield opened
    opened.workers.close()
    opened.store.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_child_killed_once_costs_nothing(home: Home, make_report: Maker, number: signal.Signals) -> None:
    home.put("报告.docx", make_report())
    with home.shooting(1, number) as hit:
        home.run()
    assert len(hit) == 1 and home.state("报告.docx") == "used"
    assert "已试" not in str(home.out())


def test_a_file_over_which_children_die_is_given_up_with_reason_and_count(poisoned: Home) -> None:
    arrival = poisoned.arrival("报告.docx")
    assert (arrival.state, arrival.cause) == ("quarantined", GIVEN_UP)
    assert arrival.next_step.endswith("（单位补报）")
    assert summary(poisoned.store.arrivals())["states"]["quarantined"] == 1


def test_what_was_given_up_is_not_tried_again_by_itself_and_a_rebuild_says_the_same(poisoned: Home) -> None:
    with poisoned.shooting(99) as hit:
        poisoned.run()
        before = poisoned.out()
        poisoned.rebuild()
    assert not hit and poisoned.out() == before


def test_a_person_has_it_read_again(poisoned: Home) -> None:
    assert [a.place for a in poisoned.actions.retry(["报告.docx"], by="张三", reason="内存已加")] == ["报告.docx"]
    assert poisoned.state("报告.docx") == "used"
    (entry,) = poisoned.store.entries()
    assert (entry.kind, entry.by, entry.body["place"], entry.reason) == (RETRY, "张三", "报告.docx", "内存已加")


def test_read_again_it_may_break_again_and_is_given_up_again(poisoned: Home) -> None:
    with poisoned.shooting(3) as hit:
        poisoned.actions.retry(["报告.docx"], by="张三")
    assert len(hit) == 3 and poisoned.arrival("报告.docx").cause == GIVEN_UP


def test_after_a_retry_a_rebuild_comes_out_the_same(poisoned: Home) -> None:
    poisoned.actions.retry(["报告.docx"], by="张三")
    before = poisoned.out()
    poisoned.rebuild()
    assert poisoned.out() == before and poisoned.state("报告.docx") == "used"


def test_a_retry_can_be_taken_back(poisoned: Home) -> None:
    poisoned.actions.retry(["报告.docx"], by="张三")
    poisoned.actions.undo(1, by="李四")
    assert poisoned.arrival("报告.docx").cause == GIVEN_UP


def test_everything_is_retried_but_what_was_given_up(poisoned: Home) -> None:
    poisoned.put("空.docx", b"")
    poisoned.run()
    assert [a.place for a in poisoned.actions.retry(by="张三")] == ["空.docx"]


def test_there_must_be_something_to_read_again(home: Home, make_report: Maker) -> None:
    home.put("报告.docx", make_report())
    home.run()
    for places in ([], ["报告.docx"], ["没有.docx"], [""]):
        with pytest.raises(Refused):
            home.actions.retry(places, by="张三")
    assert home.store.entries() == ()


def test_a_mail_is_retried_with_what_is_in_it(home: Home, make_mail: Maker) -> None:
    home.put("1.eml", make_mail({"甲.docx": b"PK\x03\x04broken", "乙.pdf": b"%PDF-1.4 broken"}))
    home.run()
    assert [a.place for a in home.actions.retry(["1.eml"], by="张三")] == ["1.eml#1", "1.eml#2"]


def test_a_watcher_beside_it_does_the_reading(poisoned: Home) -> None:
    with poisoned.service() as watcher:
        watcher.follow()
        poisoned.actions.retry(["报告.docx"], by="张三")
        assert poisoned.state("报告.docx") == "quarantined"
        watcher.follow()
        assert poisoned.state("报告.docx") == "used"


def test_an_error_of_the_machine_is_no_try(home: Home, make_report: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    home.put("报告.docx", make_report())

    def locked(*_: object) -> None:
        raise OperationalError("", {}, Exception("database is locked"))

    with monkeypatch.context() as broken:
        broken.setattr(Store, "put_reading", locked)
        for _ in range(4):
            with pytest.raises(OperationalError):
                home.run()
    home.run()
    assert home.state("报告.docx") == "used"


def test_a_submission_on_which_the_program_fails_is_given_up_and_comes_back(
    home: Home, make_report: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.put("报告.docx", make_report())
    asked: list[Any] = []

    def failing(*_: Any, **__: Any) -> Any:
        asked.append(1)
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(ingest.casework, "assess", failing)
        for _ in range(5):
            home.run()
    assert len(asked) == 3
    assert home.arrival("报告.docx").cause == "处理时程序出错，未能生成工作单（已试3次，不再自动重试）"
    home.run()
    assert home.state("报告.docx") == "quarantined"
    home.actions.retry(["报告.docx"], by="张三")
    assert home.state("报告.docx") == "used"


def test_the_command_says_what_became_of_it(poisoned: Home, capsys: pytest.CaptureFixture[str]) -> None:
    poisoned.store.close()
    assert zicha.main(["retry", "报告.docx", "--by", "张三", "--home", str(poisoned.path)]) == 0
    assert capsys.readouterr().out == "报告.docx（报告.docx）：采用\n"
    assert zicha.main(["retry", "--by", "张三", "--home", str(poisoned.path)]) == 2
    assert "没有可以重试的来件" in capsys.readouterr().err
    assert json.dumps(summary(poisoned.store.arrivals())["states"]).count(": 1") == 1
