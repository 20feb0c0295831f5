"""The examination of an installation: each line on a folder, clock or database that is as it says; the inbox is never written into."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingest.doctor import clock, database, disks, events, examine, file_system, hears, inbox, room, running, writable
from ingest.doctor_tools import conversion, memory, recognition
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import Settings
from ingest.store import Store
from scoring.journal import EXTEND, Draft

NOW = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
GIB = 1 << 30


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "inbox").mkdir()
    return Settings(home=tmp_path)


def test_a_folder_that_is_as_it_should_be_has_no_remark(settings: Settings) -> None:
    (settings.inbox / "a.eml").write_bytes(b"x")
    found = list(examine(settings, now=datetime.now().astimezone()))
    assert {c.state for c in found} == {"ok"}, found
    assert [c.key for c in found] == ["inbox", "outbox", "var", "events", "disk", "clock", "database", "running"]


def test_nothing_is_written_into_the_inbox_and_nothing_is_left_anywhere(settings: Settings) -> None:
    (settings.inbox / "a.eml").write_bytes(b"x")
    os.utime(settings.inbox, ns=(1, 1))
    list(examine(settings, now=NOW))
    assert settings.inbox.stat().st_mtime_ns == 1
    assert [p.name for p in sorted(settings.home.rglob("*"))] == ["inbox", "a.eml"]


def test_what_was_probed_for_events_is_said(settings: Settings) -> None:
    told = events(settings)
    assert told.state == "ok"
    assert f"在 {settings.home} 中试放文件" in told.told
    assert "未放入任何文件" in told.told


def test_a_file_that_appears_is_heard(tmp_path: Path) -> None:
    assert hears(tmp_path, 3.0)


def test_the_library_that_listens_says_nothing_between_the_lines(settings: Settings) -> None:
    logging.getLogger("watchdog").setLevel(logging.NOTSET)
    events(settings)
    assert not logging.getLogger("watchdog.observers.inotify").isEnabledFor(logging.ERROR)


def test_polling_asks_for_no_events(tmp_path: Path) -> None:
    assert "定时查看" in events(Settings(home=tmp_path, polling="always")).told


MOUNTS = """\
24 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 24 0:27 / /srv/zicha\\040office rw - ext4 /dev/vdb rw
32 31 0:50 / /srv/zicha\\040office/inbox rw - cifs //server/mail rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"), [("/srv/zicha office/inbox", "cifs"), ("/srv/zicha office/var", "ext4"), ("/srv/zicha offices", "ext4")]
)
def test_the_kind_of_file_system_is_that_of_the_nearest_mount(folder: str, kind: str) -> None:
    assert file_system(Path(folder), MOUNTS) == kind


def test_a_home_folder_that_is_not_there_is_told_and_nothing_is_tried_in_another(tmp_path: Path) -> None:
    (told,) = examine(Settings(home=tmp_path / "typo"), now=NOW)
    assert (told.state, told.move) == ("error", "管理员处理")
    assert list(tmp_path.iterdir()) == []


def test_an_inbox_that_is_missing_is_an_error(tmp_path: Path) -> None:
    assert inbox(tmp_path / "inbox").state == "error"


def test_a_place_that_cannot_be_written_is_an_error_with_its_reason() -> None:
    told = writable("outbox", "结果目录", Path("/proc/self"))
    assert told.state == "error"
    assert "不能写入" in told.told


@pytest.mark.parametrize(
    ("free", "nodes", "state"),
    [(50 * GIB, 10**6, "ok"), (50 * GIB, None, "ok"), (GIB, None, "warning"), (GIB >> 4, None, "error"), (50 * GIB, 7, "error")],
)
def test_little_room_is_a_remark_and_hardly_any_an_error(free: int, nodes: int | None, state: str) -> None:
    assert room("数据", free, 100 * GIB, nodes).state == state


def test_a_disk_is_told_once(tmp_path: Path) -> None:
    assert len(list(disks({"数据": tmp_path / "a", "结果": tmp_path / "b"}))) == 1


@pytest.mark.parametrize(
    ("now", "newest", "state"),
    [
        pytest.param(NOW, None, "ok", id="a new home"),
        pytest.param(NOW, NOW - timedelta(days=3), "ok", id="files of last week"),
        pytest.param(NOW, NOW + timedelta(minutes=5), "ok", id="another machine a little ahead"),
        pytest.param(NOW, NOW + timedelta(days=2), "error", id="set back by days"),
        pytest.param(NOW.replace(year=1970), None, "error", id="no battery"),
    ],
)
def test_a_clock_that_cannot_be_right_is_an_error(now: datetime, newest: datetime | None, state: str) -> None:
    assert clock(now, newest).state == state


def test_a_clock_that_was_set_back_is_found_by_our_own_files(settings: Settings) -> None:
    Store(settings.var / "zicha.db").close()
    later = datetime.now().astimezone() - timedelta(days=30)
    assert [c.state for c in examine(settings, now=later) if c.key == "clock"] == ["error"]


def test_a_whole_database_and_its_journal_are_told(settings: Settings) -> None:
    store = Store(settings.var / "zicha.db")
    store.append([Draft("张三", EXTEND, "集贤县", {"deadline": "2018-01-25"}, "网络故障")])
    store.close()
    assert [(c.key, c.state) for c in database(settings.var / "zicha.db")] == [("database", "ok"), ("journal", "ok"), ("originals", "ok")]


def test_an_original_that_is_gone_is_an_error(settings: Settings) -> None:
    (settings.inbox / "a.txt").write_bytes(b"x")
    still = Settings(home=settings.home, settle=0)
    with Service(still, load_rules(still), say=lambda _: None) as service:
        service.take(service.taker.plan())
    assert [c.state for c in database(settings.var / "zicha.db")] == ["ok", "ok", "ok"]
    (original,) = (settings.var / "archive").glob("*/*")
    original.unlink()
    assert [(c.key, c.state) for c in database(settings.var / "zicha.db")][-1] == ("originals", "error")


def test_a_changed_journal_is_an_error(settings: Settings) -> None:
    store = Store(settings.var / "zicha.db")
    store.append([Draft("张三", EXTEND, "集贤县", {"deadline": "2018-01-25"}, "网络故障")])
    store.close()
    with closing(sqlite3.connect(settings.var / "zicha.db")) as db:
        db.executescript("DROP TRIGGER journal_no_update; UPDATE journal SET by = '李四'")
    assert [(c.key, c.state) for c in database(settings.var / "zicha.db")] == [("database", "ok"), ("journal", "error")]


def test_a_database_whose_pages_were_overwritten_is_an_error(settings: Settings) -> None:
    path = settings.var / "zicha.db"
    Store(path).close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    assert [c.state for c in database(path)] == ["error"]


@pytest.mark.parametrize(("form", "state"), [("0001", "warning"), ("9999", "error")])
def test_a_database_of_another_version_is_not_touched(settings: Settings, form: str, state: str) -> None:
    path = settings.var / "zicha.db"
    Store(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = ?", (form,))
    assert [c.state for c in database(path)] == [state]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT version_num FROM alembic_version").fetchone() == (form,)


def test_whether_zicha_runs_is_told_without_taking_its_lock(settings: Settings) -> None:
    assert "没有" in running(settings).told
    with Service(settings, load_rules(settings), say=lambda _: None):
        assert "正在" in running(settings).told
    assert "没有" in running(settings).told


@pytest.mark.parametrize(
    ("allowed", "workers", "free", "state"),
    [(3072, 2, 8000, "ok"), (3072, 2, None, "ok"), (3072, 4, 2000, "warning"), (1024, 1, 8000, "error")],
)
def test_too_little_memory_for_recognition_is_told(allowed: int, workers: int, free: int | None, state: str) -> None:
    assert memory(allowed, workers, free).state == state


@pytest.mark.slow
def test_recognition_is_tried_in_a_child_with_the_limits_of_the_settings(tmp_path: Path) -> None:
    assert recognition(Settings(home=tmp_path)).state == "ok"
    assert recognition(Settings(home=tmp_path, memory=700)).state == "error"


@pytest.mark.slow
def test_conversion_is_tried_with_the_program_that_is_installed(needs_program: Callable[..., str]) -> None:
    needs_program("soffice", package="libreoffice-writer-nogui")
    assert conversion(60).state != "error"
    assert conversion(0.01).state == "error"


@pytest.mark.slow
def test_the_command_tells_each_line_and_ends_with_1_if_something_is_wrong(tmp_path: Path, root: Path) -> None:
    def doctor(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(root / "zicha.py"), "doctor", "--home", str(tmp_path), *more]
        return subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)

    done = doctor()
    assert done.returncode == 1
    assert f"✗ 收件目录：{tmp_path}/inbox 不存在，请先建立（管理员处理）" in done.stdout.splitlines()
    (tmp_path / "inbox").mkdir()
    (tmp_path / "zicha.toml").write_text("setle = 1\n", "utf-8")
    found = json.loads(doctor("--json").stdout)
    assert found["ok"] is False
    assert [c["key"] for c in found["checks"] if c["state"] == "error"] == ["settings"]
