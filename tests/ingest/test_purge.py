"""After the retention time what was received goes for good; what people decided, and that it was there, stays."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingest.backup import backup, restore
from ingest.purge import due, purge
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import Settings, load_settings
from ingest.watch import once
from scoring.journal import EXTEND, PURGE, Draft, JournalError, purged

Maker = Callable[..., bytes]
NOW = datetime.now().astimezone()
LONG_AGO = NOW - timedelta(days=11 * 366)


class Home:
    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "inbox").mkdir(parents=True, exist_ok=True)
        (path / "zicha.toml").write_text("keep_years = 5\nsettle = 0\n", "utf-8")

    @property
    def settings(self) -> Settings:
        return load_settings(self.path, {})

    def service(self) -> Service:
        return Service(self.settings, load_rules(self.settings), say=lambda _: None)

    def run(self) -> None:
        with self.service() as service:
            once(service)

    def put(self, name: str, data: bytes, *, taken: datetime = NOW) -> str:
        """Into the inbox and, by a run, into the archive, as if that had been at that time."""
        (self.path / "inbox" / name).write_bytes(data)
        self.run()
        sha256 = hashlib.sha256(data).hexdigest()
        original = self.path / "var" / "archive" / sha256[:2] / sha256
        os.utime(original, (taken.timestamp(), taken.timestamp()))
        return sha256

    def purge(self) -> int:
        with self.service() as service:
            found = due(service.settings, service.store, now=NOW)
            purge(service, found, by="张三")
        return len(found.submissions)

    def pages(self) -> set[str]:
        return {p.name for p in (self.path / "outbox").glob("*.json")}

    def originals(self) -> set[str]:
        return {p.name for p in (self.path / "var" / "archive").glob("*/*")}

    def everything(self) -> bytes:
        return b"".join(p.read_bytes() for folder in ("var", "outbox") for p in sorted((self.path / folder).rglob("*")) if p.is_file())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, make_mail: Maker, make_report: Maker) -> tuple[Path, str, str]:
    """A home with a mail of one unit that is out of date, and one of another that is not: (folder, SHA-256 of each)."""
    home = Home(tmp_path_factory.mktemp("made") / "home")
    old = home.put("1.eml", make_mail({"自查报告.docx": make_report(extra="旧年字样")}), taken=LONG_AGO)
    today = NOW.strftime("%a, %d %b %Y %T %z")
    new = home.put("2.eml", make_mail({"自查报告.docx": make_report("宝清县")}, subject="宝清县自查报告", date=today))
    return home.path, old, new


@pytest.fixture
def old_and_new(home: Home, made: tuple[Path, str, str]) -> tuple[str, str]:
    """That home in place of the empty one; the SHA-256 of the old mail and of the new one."""
    shutil.copytree(made[0], home.path, dirs_exist_ok=True)
    return made[1:]


def test_original_readings_and_worksheet_go_and_the_younger_stays(home: Home, old_and_new: tuple[str, str]) -> None:
    _, new = old_and_new
    assert len(home.pages()) == 2
    assert home.purge() == 1
    assert home.originals() == {new}
    assert [name for name in home.pages() if "集贤" in name] == []
    assert len(home.pages()) == 1


def test_no_word_of_the_report_is_left_in_database_or_outbox(home: Home, old_and_new: tuple[str, str]) -> None:
    with home.service() as service:
        assert any("旧年字样" in json.dumps(k.sheet, ensure_ascii=False) for k in service.store.kept_results())
    home.purge()
    with home.service() as service:
        assert not any("旧年字样" in json.dumps(k.sheet, ensure_ascii=False) for k in service.store.kept_results())
        with service.store.engine.connect() as db:
            counts = {t: db.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar_one() for t in ("readings", "sheets", "results")}
    assert counts["readings"] == counts["results"] == 1
    assert "旧年字样".encode() not in home.everything()


def test_ledger_and_journal_stay_and_tell_of_it(home: Home, old_and_new: tuple[str, str]) -> None:
    with home.service() as service:
        before = [(a.place, a.sha256, a.state) for a in service.store.arrivals()]
        service.store.append([Draft("李四", EXTEND, "集贤县", {"deadline": "2018-01-25"}, "网络故障")])
    home.purge()
    home.run()
    with home.service() as service:
        after = service.store.arrivals()
        assert [(a.place, a.sha256, a.state) for a in after] == before
        assert {a.cause for a in after if a.submission == 1} == {"保存期满，原件已清除"}
        first, last = service.store.entries()
        assert (first.kind, last.kind, last.by) == (EXTEND, PURGE, "张三")
        assert old_and_new[0] in last.body["sha256"]
        assert purged([first, last]) == {1}
        assert service.store.verify() is None


def test_the_mail_that_still_lies_in_the_inbox_is_not_taken_again(home: Home, old_and_new: tuple[str, str]) -> None:
    home.purge()
    pages = home.pages()
    home.run()
    with home.service() as service:
        service.store.forget_derived()
        service.judge()
    assert home.pages() == pages
    assert home.originals() == {old_and_new[1]}
    assert (home.path / "inbox" / "1.eml").is_file()


def test_a_date_in_a_mail_makes_nothing_old(home: Home, make_mail: Maker, make_report: Maker) -> None:
    home.put("1.eml", make_mail({"自查报告.docx": make_report()}, date="Thu, 01 Jan 1970 00:00:00 +0000"))
    assert home.purge() == 0
    assert len(home.originals()) == 1


def test_what_is_sent_again_is_kept_from_then_on(home: Home, old_and_new: tuple[str, str]) -> None:
    shutil.copy(home.path / "inbox" / "1.eml", home.path / "inbox" / "3.eml")
    home.run()
    assert home.purge() == 0
    assert home.originals() == set(old_and_new)


def test_what_a_crash_left_over_goes_with_the_next(home: Home, old_and_new: tuple[str, str], tmp_path: Path) -> None:
    with home.service() as service:
        found = due(service.settings, service.store, now=NOW)
        service.store.append([Draft("张三", PURGE, None, {"before": "2016-01-01", "submissions": [1], "sha256": [old_and_new[0]]})])
    assert [s.number for s in found.submissions] == [1]
    assert home.purge() == 0
    assert home.originals() == {old_and_new[1]}
    with home.service() as service:
        assert [e.kind for e in service.store.entries()] == [PURGE]


def test_a_purge_cannot_be_undone(home: Home, old_and_new: tuple[str, str]) -> None:
    home.purge()
    command = [sys.executable, str(Path(__file__).parents[2] / "zicha.py"), "undo", "1", "--by", "张三", "--home", str(home.path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    assert (done.returncode, "没有可以撤销" in done.stderr) == (2, True)
    with home.service() as service, pytest.raises(JournalError):
        service.store.append([Draft("", PURGE, None, {"before": "2016-01-01", "submissions": [], "sha256": []})])


def test_a_backup_keeps_when_an_original_was_taken_in(home: Home, old_and_new: tuple[str, str], tmp_path: Path) -> None:
    backup(home.settings, tmp_path / "b.zip")
    moved = Home(tmp_path / "moved")
    shutil.rmtree(moved.path)
    restore(Settings(home=moved.path), tmp_path / "b.zip")
    with moved.service() as service:
        assert [s.place for s in due(service.settings, service.store, now=NOW).submissions] == ["1.eml"]


@pytest.mark.slow
def test_without_yes_the_command_only_lists(home: Home, old_and_new: tuple[str, str]) -> None:
    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(Path(__file__).parents[2] / "zicha.py"), "purge", "--home", str(home.path), *more]
        return subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)

    assert "1.eml" in run().stdout
    assert home.originals() == set(old_and_new)
    assert run("--yes").returncode == 2
    assert home.originals() == set(old_and_new)
    done = run("--yes", "--by", "张三", "--json")
    assert [s["place"] for s in json.loads(done.stdout)["submissions"]] == ["1.eml"]
    assert home.originals() == {old_and_new[1]}
    assert run().stdout.count("\n") == 1
