"""What goes wrong around the program: odd names, folders without end, huge files, originals that were lost, a database that is none."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import ingest.submission
from ingest.backup import backup
from ingest.doctor import ADMIN, BAD, writable
from ingest.files import Archive, Lost, atomic, sweep
from ingest.listing import look, passed_over
from ingest.outbox import BOARD
from ingest.purge import due
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import Settings, load_settings
from ingest.store import Store, Unusable
from ingest.watch import once, watch
from ingest.work import Workers

ROOT = Path(__file__).resolve().parent.parent.parent
Maker = Callable[..., bytes]
pytestmark = pytest.mark.slow


class Home:
    """A home folder with small bounds; `run` is `zicha once`."""

    def __init__(self, path: Path, workers: Workers) -> None:
        self.path, self.workers = path, workers
        self.inbox = path / "inbox"
        self.inbox.mkdir(parents=True)
        (path / "zicha.toml").write_text("settle = 0\nport = 0\nmax_file = 1\n", "utf-8")
        self.said: list[str] = []

    @property
    def settings(self) -> Settings:
        return load_settings(self.path, {})

    def put(self, name: str | bytes, data: bytes) -> None:
        path = os.fsencode(self.inbox) + b"/" + os.fsencode(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - names that are no text
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(data)

    def service(self) -> Service:
        return Service(self.settings, load_rules(self.settings), say=self.said.append, workers=self.workers)

    def run(self, *, rebuild: bool = False) -> None:
        with self.service() as service:
            if rebuild:
                service.store.forget_derived()
            once(service)

    def states(self) -> dict[str, tuple[str, str]]:
        with self.service() as service:
            return {a.place: (a.state, a.cause) for a in service.store.arrivals()}

    def original(self, data: bytes) -> Path:
        sha256 = hashlib.sha256(data).hexdigest()
        return self.path / "var" / "archive" / sha256[:2] / sha256

    def outbox(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in (self.path / "outbox").iterdir()}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers() as pool:
        yield pool


@pytest.fixture
def home(tmp_path: Path, workers: Workers) -> Home:
    return Home(tmp_path / "home", workers)


def zicha(*arguments: str, stderr: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "zicha.py"), *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd="/", check=False, timeout=60)


# ---- names and folders


def test_a_name_in_gbk_is_read_as_its_writer_saw_it(home: Home, make_report: Maker) -> None:
    home.put("自查报告.docx".encode("gbk"), make_report())
    home.put("宝清县".encode("gbk") + b"/" + "报告.docx".encode("gbk"), make_report("宝清县"))
    home.run()
    assert home.states() == {"自查报告.docx": ("used", ""), "宝清县/报告.docx": ("used", "")}
    assert "自查报告.docx" in zicha("status", "--home", str(home.path)).stdout


@pytest.mark.parametrize("name", [b"\xff\xfe\x81.docx", b"\xe6\x8a\xa5\xff.docx", b"\x80", b"a\n\x1b[31m.docx", b"-rf", b"x" * 255])
def test_no_name_stops_anything(home: Home, make_report: Maker, name: bytes) -> None:
    home.put(name, make_report())
    home.run()
    assert [state for state, _ in home.states().values()] == ["used"]
    told = zicha("status", "--home", str(home.path))
    assert (told.returncode, len(told.stdout.splitlines())) == (0, 2)
    assert "\x1b" not in told.stdout


def test_names_that_read_the_same_are_two_places(home: Home) -> None:
    home.put("报告.docx".encode("gbk"), b"1")
    home.put("报告.docx", b"2")
    home.put("é.docx", b"3")
    home.put("e\u0301.docx", b"4")
    home.put("A.docx", b"5")
    home.put("a.docx", b"6")
    assert len({s.place for s in look(home.inbox)}) == 6


def test_folders_without_end_are_looked_through_as_far_as_the_system_goes(
    home: Home, make_report: Maker, request: pytest.FixtureRequest
) -> None:
    home.put("报告.docx", make_report())
    inside = os.open(home.inbox, os.O_RDONLY)
    for depth in range(2200):  # beyond what one path can name
        os.mkdir("d", dir_fd=inside)
        deeper = os.open("d", os.O_RDONLY, dir_fd=inside)
        os.close(inside)
        inside = deeper
        if depth == 1500:
            with os.fdopen(os.open("宝清县.docx", os.O_WRONLY | os.O_CREAT, dir_fd=inside), "wb") as file:
                file.write(make_report("宝清县"))
    os.close(inside)
    request.addfinalizer(lambda: subprocess.run(["rm", "-rf", str(home.inbox)], check=True))  # Python's own is not deep enough
    home.run()
    assert [state for state, _ in home.states().values()] == ["used", "used"]
    (closed,) = passed_over(home.inbox)
    assert (closed.why, closed.error) == ("closed", "路径过长")
    assert any("路径过长" in line and "管理员处理" in line and len(line) < 300 for line in home.said)


def test_an_inbox_that_is_gone_is_an_error_and_no_empty_inbox(home: Home) -> None:
    home.inbox.rename(home.path / "elsewhere")
    with pytest.raises(FileNotFoundError):
        look(home.inbox)
    with home.service() as service, pytest.raises(FileNotFoundError):
        service.taker.plan()


# ---- files that cannot be taken


def test_a_file_that_cannot_be_had_costs_the_others_of_its_folder_nothing(home: Home, make_report: Maker, make_catalog: Maker) -> None:
    """A file too large for any machine: it takes no room on the disk, and would take all of the memory."""
    home.put("集贤县/报告.docx", make_report())
    home.put("集贤县/目录.xlsx", make_catalog())
    home.put("集贤县/大.docx", b"")
    os.truncate(home.inbox / "集贤县" / "大.docx", 1 << 40)
    home.run()
    told = {place: state for place, (state, _) in home.states().items()}
    assert told == {"集贤县/报告.docx": "used", "集贤县/目录.xlsx": "used", "集贤县/大.docx": "quarantined"}
    assert sum("文件过大（超过2 MB）" in line for line in home.said) == 1
    before = home.outbox()
    with home.service() as service:
        assert service.take(service.taker.plan()) == 0  # nothing of it is new
    home.put("集贤县/大.docx", b"x")
    home.run()
    assert home.states()["集贤县/大.docx"][0] != "waiting"
    assert set(home.outbox()) == set(before)


def test_a_file_that_never_stands_still_keeps_no_other_waiting(home: Home, make_report: Maker) -> None:
    (home.path / "zicha.toml").write_text("settle = 0.5\nport = 0\n", "utf-8")
    home.put("报告.docx", make_report())
    done = threading.Event()

    def write_on() -> None:
        with (home.inbox / "日志.docx").open("ab", buffering=0) as file:
            while not done.wait(0.05):
                file.write(b"x")

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        with home.service() as service:
            once(service, patience=2.0)
    finally:
        done.set()
        writer.join()
    assert home.states() == {"报告.docx": ("used", "")}
    assert any("一直在变动，留待下次：日志.docx" in line for line in home.said)


def test_a_fault_of_ours_over_one_file_at_intake_stops_no_other(home: Home, make_report: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    home.put("坏.docx", make_report("宝清县"))
    home.put("好.docx", make_report())
    real = ingest.submission.submissions

    def failing(roots: Any, **values: Any) -> Any:
        if any("坏" in r.place for r in roots):
            raise ZeroDivisionError
        return real(roots, **values)

    monkeypatch.setattr("ingest.taking.submissions", failing)
    home.run()
    assert {place: state for place, (state, _) in home.states().items()} == {"坏.docx": "quarantined", "好.docx": "used"}
    assert home.original(make_report("宝清县")).is_file() or len(list((home.path / "var" / "archive").glob("??/*"))) == 2
    monkeypatch.undo()
    home.run()
    assert set(home.states().values()) == {("used", "")}


# ---- originals that were lost


@pytest.mark.parametrize("how", ["gone", "other bytes", "cut"])
def test_a_lost_original_is_said_and_costs_only_its_own_mail(home: Home, make_mail: Maker, make_report: Maker, how: str) -> None:
    mail, other = make_mail({"自查报告.docx": make_report()}), make_mail({"自查报告.docx": make_report("宝清县")}, subject="宝清县")
    home.put("1.eml", mail)
    home.put("2.eml", other)
    home.run()
    calm = home.outbox()
    (home.inbox / "1.eml").unlink()
    _lose(home.original(mail), how)
    home.run(rebuild=True)
    lost = ("quarantined", "存档中的原件丢失或已损坏")
    assert home.states() == {"1.eml": lost, "1.eml#1": lost, "2.eml": ("used", ""), "2.eml#1": ("used", "")}
    assert any("1.eml" in line and "请用备份恢复（管理员处理）" in line for line in home.said)
    home.put("3.docx", make_report("友谊县"))
    home.run()  # what comes later is dealt with all the same
    assert home.states()["3.docx"] == ("used", "")
    home.original(mail).write_bytes(mail)  # out of a backup
    home.run(rebuild=True)
    assert {k: v for k, v in home.outbox().items() if k in calm and "看板" not in k} == {k: v for k, v in calm.items() if "看板" not in k}


@pytest.mark.parametrize("how", ["gone", "other bytes", "cut"])
def test_a_lost_original_that_still_lies_in_the_inbox_is_taken_once_more(
    home: Home, make_mail: Maker, make_report: Maker, how: str
) -> None:
    mail = make_mail({"自查报告.docx": make_report()})
    home.put("1.eml", mail)
    home.run()
    calm = home.outbox()
    _lose(home.original(mail), how)
    home.run(rebuild=True)
    assert home.outbox() == calm
    assert home.original(mail).read_bytes() == mail


def _lose(original: Path, how: str) -> None:
    data = original.read_bytes()
    if how == "gone":
        original.unlink()
    else:
        original.write_bytes(data[:100] if how == "cut" else data[:100] + bytes(100) + data[200:])


def test_a_backup_tells_of_originals_that_are_gone(home: Home, make_report: Maker, tmp_path: Path) -> None:
    home.put("报告.docx", make_report())
    home.run()
    home.original(next(home.inbox.iterdir()).read_bytes()).unlink()
    told = zicha("backup", str(tmp_path / "b.zip"), "--home", str(home.path))
    assert (told.returncode, told.stderr) == (1, "另有1个原件不见了，不在备份中；请用更早的备份找回（管理员处理）\n")


def test_what_killed_backups_left_is_removed_by_the_next(home: Home, tmp_path: Path) -> None:
    home.run()
    (home.path / "var" / "backup-left").mkdir()
    (home.path / "var" / "backup-left" / "zicha.db").write_bytes(b"half")
    (tmp_path / ".zicha-left").write_bytes(b"half")
    backup(home.settings, tmp_path / "b.zip")
    assert not list((home.path / "var").glob("backup-*")) + list(tmp_path.glob(".zicha-*"))


def test_what_comes_again_replaces_an_original_that_went_bad(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    sha256 = archive.put(b"as it arrived")
    (tmp_path / sha256[:2] / sha256).write_bytes(b"as it arriveD")
    with pytest.raises(Lost):
        archive.get(sha256)
    archive.put(b"as it arrived")
    assert archive.get(sha256) == b"as it arrived"


def test_half_written_files_of_killed_processes_are_removed_and_no_others(tmp_path: Path) -> None:
    (tmp_path / ".zicha-left").write_bytes(b"half")
    (tmp_path / "other").write_bytes(b"")
    with atomic(tmp_path / "new") as stream:
        stream.write(b"whole")
        sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new", "other"]


# ---- folders that go away, clocks that are wrong


def test_an_outbox_that_was_removed_is_written_again_by_itself(home: Home, make_report: Maker) -> None:
    home.put("报告.docx", make_report())
    with home.service() as service:
        watcher = threading.Thread(target=watch, args=(service,))
        watcher.start()
        _wait_for(lambda: (home.path / "outbox" / BOARD).is_file())
        calm = home.outbox()
        shutil.rmtree(home.path / "outbox")
        os.utime(home.inbox / "报告.docx")  # the same again: nothing new, but a reason to look
        _wait_for(lambda: (home.path / "outbox").is_dir() and len(home.outbox()) == len(calm))
        service.halt()
        watcher.join()
    assert home.outbox() == calm


def test_an_inbox_that_goes_away_is_said_once_and_looked_for_again(home: Home, make_report: Maker) -> None:
    (home.path / "zicha.toml").write_text("settle = 0\nport = 0\nrescan = 1\n", "utf-8")
    with home.service() as service:
        watcher = threading.Thread(target=watch, args=(service,))
        watcher.start()
        _wait_for(lambda: home.said)
        home.inbox.rename(home.path / "elsewhere")
        _wait_for(lambda: any("暂时无法处理（文件不存在" in line for line in home.said))
        time.sleep(2.5)
        home.inbox.mkdir()
        home.put("报告.docx", make_report())
        _wait_for(lambda: "已恢复正常" in home.said)
        service.halt()
        watcher.join()
    assert sum("暂时无法处理" in line for line in home.said) == 1
    assert (home.path / "outbox" / BOARD).is_file()


def _wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_file_where_a_folder_should_be_is_found_by_doctor(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_bytes(b"")
    found = writable("outbox", "结果目录", tmp_path / "outbox")
    assert (found.state, found.move) == (BAD, ADMIN)
    assert "应是文件夹" in found.told


def test_nothing_is_purged_by_a_clock_that_leapt_ahead(home: Home, make_report: Maker) -> None:
    """Everything that was written here was written long before what the clock says now."""
    home.put("报告.docx", make_report())
    home.run()
    long_ago = time.time() - 12 * 366 * 86400
    for path in (home.path / "var").rglob("*"):
        os.utime(path, (long_ago, long_ago))
    for path in (home.path / "outbox").iterdir():
        os.utime(path, (long_ago, long_ago))
    told = zicha("purge", "--yes", "--by", "张三", "--home", str(home.path))
    assert told.returncode == 1
    assert "没有清除任何内容：" in told.stderr
    assert "时钟可能不准" in told.stderr
    assert home.original(next(home.inbox.iterdir()).read_bytes()).is_file()


def test_what_was_taken_in_by_a_clock_without_a_battery_is_not_old(home: Home, make_report: Maker) -> None:
    home.put("报告.docx", make_report())
    home.run()
    os.utime(home.original(next(home.inbox.iterdir()).read_bytes()), (946684800, 946684800))
    with home.service() as service:
        assert due(service.settings, service.store, now=datetime.now().astimezone()).submissions == ()


# ---- a database that is none


COMMANDS = ("once", "watch", "serve", "status", "rebuild", "purge", "retry --by 张三", "user list", "audit verify")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_damaged_database_is_one_sentence_with_whose_move_it_is(home: Home, command: str) -> None:
    (home.path / "var").mkdir()
    (home.path / "var" / "zicha.db").write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 100)
    told = zicha(*command.split(), "--home", str(home.path))
    assert told.returncode == 1
    (line,) = told.stderr.splitlines()
    assert "数据库已损坏" in line
    assert "用备份恢复（管理员处理）" in line


def test_a_database_that_is_damaged_under_the_pages_is_a_sentence_of_their_helper(home: Home) -> None:
    (home.path / "zicha.toml").write_text("port = 0\n", "utf-8")
    home.run()
    (home.path / "var" / "zicha.db").write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 100)
    program = "import sys; sys.path.insert(0, sys.argv[1]); from review import serve, follow; serve._told(follow.follow, 1, sys.argv[2])"
    told = subprocess.run([sys.executable, "-c", program, str(ROOT), str(home.path)], capture_output=True, text=True, check=False)
    assert told.returncode == 1
    (line,) = told.stderr.splitlines()
    assert "数据库已损坏" in line


def test_no_backup_is_made_of_a_damaged_database(home: Home, tmp_path: Path) -> None:
    (home.path / "var").mkdir()
    (home.path / "var" / "zicha.db").write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 100)
    told = zicha("backup", str(tmp_path / "b.zip"), "--home", str(home.path))
    assert told.returncode == 2
    assert "没有备份：数据库已损坏" in told.stderr
    assert not list(tmp_path.glob("*.zip")) + list(tmp_path.glob(".zicha-*"))


def test_a_newer_program_s_database_is_left_alone(home: Home) -> None:
    home.run()
    database = home.path / "var" / "zicha.db"
    store = Store(database)
    with store.engine.begin() as db:
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    before = database.read_bytes()
    with pytest.raises(Unusable, match="请先升级程序（管理员处理）"):
        Store(database)
    assert database.read_bytes() == before
    backup(home.settings, home.path.parent / "b.zip")  # what it holds can still be carried elsewhere
    told = zicha("once", "--home", str(home.path))
    assert (told.returncode, len(told.stderr.splitlines())) == (1, 1)


# ---- nobody who listens


def test_where_nobody_reads_what_it_says_it_works_on(home: Home, make_report: Maker) -> None:
    home.put("报告.docx", make_report())
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        assert zicha("once", "--home", str(home.path), stderr=full).returncode == 0
    finally:
        os.close(full)
    assert len(home.outbox()) == 3
