"""Decisions in a home folder that receives real mail: orders change what is judged, and what is sent again keeps what was decided."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.actions import Actions, Refused
from ingest.outbox import BOARD
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.store import Store
from ingest.watch import once
from ingest.work import Workers

Maker = Callable[..., bytes]
Sheet = dict[str, Any]


class Home:
    """A home folder; `run` is `zicha once`, `actions` what a person does between two runs."""

    def __init__(self, path: Path, workers: Workers) -> None:
        self.settings = load_settings(path, {"ZICHA_SETTLE": "0"})
        self.rules, self.workers = load_rules(self.settings), workers
        self.settings.inbox.mkdir()
        self.said: list[str] = []

    def put(self, path: str, data: bytes) -> None:
        (self.settings.inbox / path).write_bytes(data)

    def run(self) -> None:
        with self.service() as service:
            once(service)

    def service(self) -> Service:
        return Service(self.settings, self.rules, say=self.said.append, workers=self.workers)

    def act(self, what: Callable[[Actions], Any]) -> Any:
        store = Store(self.settings.var / "zicha.db")
        try:
            return what(Actions(self.settings, self.rules, store, say=self.said.append, workers=self.workers))
        finally:
            store.close()

    def sheet(self, part: str) -> Sheet:
        (path,) = [p for p in self.settings.outbox.glob("*.json") if part in p.name]
        found: Sheet = json.loads(path.read_text("utf-8"))
        return found

    def item(self, part: str, id: str) -> Sheet:
        return next(s for s in self.sheet(part)["score"]["items"] if s["item"] == id)

    def files(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in self.settings.outbox.iterdir()}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, workers: Workers) -> Home:
    return Home(tmp_path, workers)


@pytest.fixture
def anonymous(make_mail: Maker, make_report: Maker) -> bytes:
    return make_mail({"自查报告.docx": make_report("本单位")}, sender="a@b.example", subject="材料")


def test_a_mail_nobody_could_assign_is_assigned_by_a_person_and_back(home: Home, anonymous: bytes) -> None:
    home.put("a.eml", anonymous)
    home.run()
    before = home.files()
    assert not home.sheet("未识别")["unit"]["name"]
    sheet = home.act(lambda a: a.assign("a.eml", "饶河县", by="张三"))
    assert sheet == home.sheet("饶河县") and sheet["unit"] == {
        "name": "饶河县",
        "group": "county",
        "confidence": 1.0,
        "clues": ["人工指定"],
    }
    assert sorted(home.files()) == ["08-饶河县-工作单.html", "08-饶河县-工作单.json", BOARD]
    home.act(lambda a: a.confirm("饶河县", "1.1", "5", by="张三"))
    home.run()
    assert home.item("饶河县", "1.1")["confirmed"]["points"] == 5
    home.act(lambda a: a.undo(2, by="张三"))
    home.act(lambda a: a.undo(1, by="张三"))
    assert home.files() == before


def test_a_files_role_is_corrected_by_a_person(home: Home, make_mail: Maker, make_report: Maker, make_docx: Maker) -> None:
    home.put(
        "a.eml",
        make_mail({"自查报告.docx": make_report(), "说明.docx": make_docx("集贤县情况说明", "没有其他情况。")}, subject="集贤县材料"),
    )
    home.run()
    assert home.sheet("集贤县")["score"] is not None
    home.act(lambda a: a.role("自查报告.docx", "other", by="张三"))
    assert home.sheet("集贤县")["score"] is None, "what a person says is no report is none"
    home.act(lambda a: a.undo(1, by="张三"))
    assert home.sheet("集贤县")["score"] is not None
    with pytest.raises(Refused, match="没有“诗”"):
        home.act(lambda a: a.role("自查报告.docx", "诗", by="张三"))


def test_a_corrected_report_keeps_what_was_decided_and_flags_what_rests_on_other_ground(
    home: Home, make_mail: Maker, make_report: Maker, make_catalog: Maker
) -> None:
    home.put("1.eml", make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}))
    home.run()
    first = home.sheet("集贤县")["claims"]
    touched = [c["item"] for c in first]
    home.act(lambda a: a.missing("集贤县", first[0]["id"], by="李四"))
    for item in dict.fromkeys(touched):
        home.act(lambda a, item=item: a.confirm("集贤县", item, "1", by="张三"))
    again = make_mail(
        {"自查报告.docx": make_report(extra="印发了《集贤县政务公开工作方案》（办发〔2017〕20号），"), "目录清单.xlsx": make_catalog()},
        date="Sat, 20 Jan 2018 09:00:00 +0800",
    )
    home.put("2.eml", again)
    home.run()
    now = home.sheet("集贤县")
    assert now["claims"][0]["corrected"]["by"] == "李四" and now["claims"][0]["status"] == "missing"
    assert len(now["claims"]) == len(first) + 1
    words = {i: home.item("集贤县", i)["confirmed"] for i in dict.fromkeys(touched)}
    assert {w["points"] for w in words.values()} == {1}, "overwritten is none"
    assert [w["stale"] for w in words.values()] == [False, True]
    assert "《集贤县政务公开工作方案》" in "".join(c["message"] for c in words[touched[1]]["changed"])


def test_rebuild_restores_every_file_byte_for_byte_after_all_that_is_derived_was_deleted(
    home: Home, make_mail: Maker, make_report: Maker, make_catalog: Maker, anonymous: bytes
) -> None:
    home.put("1.eml", make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}))
    home.put("2.eml", anonymous)
    home.run()
    claim = home.sheet("集贤县")["claims"][0]["id"]
    home.act(lambda a: a.assign("2.eml", "饶河县", by="张三"))
    home.act(lambda a: a.none("集贤县", claim, by="李四", reason="不是"))
    home.act(lambda a: a.confirm("集贤县", "1.1", "4.5", by="张三", note="已核"))
    home.act(lambda a: a.applies("饶河县", "6.2", False, by="王五", reason="无此职能"))
    before = home.files()
    shutil.rmtree(home.settings.outbox)
    with home.service() as service:
        service.store.forget_derived()
        service.judge()
    assert home.files() == before


def test_while_another_zicha_holds_the_folder_decisions_are_written_and_published_and_orders_wait_for_it(
    home: Home, make_mail: Maker, make_report: Maker, anonymous: bytes
) -> None:
    home.put("1.eml", make_mail({"自查报告.docx": make_report()}))
    home.put("2.eml", anonymous)
    with home.service() as watcher:
        once(watcher)
        home.act(lambda a: a.confirm("集贤县", "1.1", "5", by="张三"))
        assert home.item("集贤县", "1.1")["confirmed"]["points"] == 5
        assert home.act(lambda a: a.assign("2.eml", "饶河县", by="张三")) is None
        assert any("随即" in line for line in home.said)
        assert watcher.has_news()
        watcher.follow()
        assert home.sheet("饶河县")["unit"]["clues"] == ["人工指定"]
        watcher.has_news()
        assert not watcher.has_news()
