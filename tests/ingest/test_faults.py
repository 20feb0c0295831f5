"""Real faults: full and read-only disks, a locked database, no events, killed processes. Afterwards all is as if nothing had been.

Disks are mounted in a namespace of the test's own; nothing of the machine is touched.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from PIL import Image

from ingest import store
from ingest.plan import Seen, Still, plan
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.watch import SILENT_FINDS, Bell, watch

ROOT = Path(__file__).resolve().parent.parent.parent
ZICHA = (sys.executable, str(ROOT / "zicha.py"))
Maker = Callable[..., bytes]
Outbox = dict[str, bytes]
PATIENCE = 120
"""Seconds; the machine may be busy."""


class Home:
    """A home folder with two mails in its inbox; commands run as processes of their own."""

    def __init__(self, path: Path, mails: dict[str, bytes]) -> None:
        self.path = path
        for name in ("inbox", "outbox", "var"):
            (path / name).mkdir(parents=True)
        for name, data in mails.items():
            (path / "inbox" / name).write_bytes(data)
        (path / "zicha.toml").write_text("settle = 0\nrescan = 1\nport = 0\nconvert_seconds = 60\n", "utf-8")

    def start(self, command: str = "once") -> subprocess.Popen[str]:
        arguments = [*ZICHA, command, "--home", str(self.path)]
        return subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, cwd="/", start_new_session=True)

    def once(self) -> None:
        with self.start() as process:
            told = process.communicate(timeout=PATIENCE)[1]
            assert process.returncode == 0, told

    def script(self, lines: str) -> subprocess.CompletedProcess[str]:
        """A shell script in a namespace in which it may mount; $Z is zicha once, $H the home folder."""
        program = shutil.which("unshare")
        if not program or subprocess.run([program, "-rm", "true"], capture_output=True, check=False).returncode:
            pytest.skip("系统不允许建立挂载所需的命名空间（网络命名空间同此）")
        env = {**os.environ, "Z": f"{' '.join(ZICHA)} once --home {self.path}", "H": str(self.path)}
        command = [program, "-rm", "sh", "-euc", lines]
        return subprocess.run(command, capture_output=True, text=True, cwd="/", env=env, check=False, timeout=2 * PATIENCE)

    def outbox(self) -> Outbox:
        """Its files; where this home is has no part in them."""
        return {p.name: p.read_bytes().replace(str(self.path).encode(), b"") for p in sorted((self.path / "outbox").iterdir())}


@pytest.fixture(scope="module")
def mails(make_mail: Maker, make_report: Maker, make_catalog: Maker) -> dict[str, bytes]:
    return {
        "1.eml": make_mail({"自查报告.docx": make_report(), "坏.docx": b"PK\x03\x04", "照片.bin": random.Random(1).randbytes(1 << 20)}),
        "2.eml": make_mail({"目录清单.xlsx": make_catalog()}, subject="集贤县目录清单", date="Sat, 20 Jan 2018 09:00:00 +0800"),
    }


@pytest.fixture(scope="module")
def undisturbed(mails: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home folder after an undisturbed run."""
    home = Home(tmp_path_factory.mktemp("calm") / "home", mails)
    home.once()
    return home


@pytest.fixture(scope="module")
def calm(undisturbed: Home) -> Outbox:
    """What that run left."""
    found = undisturbed.outbox()
    assert len(found) == 3
    return found


@pytest.fixture
def home(mails: dict[str, bytes], tmp_path: Path) -> Home:
    return Home(tmp_path / "home", mails)


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "size"), [("var", "1200k"), ("outbox", "32k")])
def test_a_disk_that_is_full_is_said_and_with_room_again_all_is_as_ever(home: Home, calm: Outbox, folder: str, size: str) -> None:
    done = home.script(
        f"mount -t tmpfs -o size={size} tmpfs $H/{folder}\n"
        "if $Z; then echo went on; exit 3; fi\n"
        f"ls -A $H/{folder} | grep -q '^.zicha-' && exit 4\n"
        f"mount -o remount,size=100m $H/{folder}\n"
        "$Z\n"
        f"cp -r $H/{folder} $H/kept\n"
    )
    assert done.returncode == 0, done.stderr
    assert "无法完成：" in done.stderr
    assert "Traceback" not in done.stderr
    shutil.rmtree(home.path / folder)
    (home.path / "kept").rename(home.path / folder)
    assert home.outbox() == calm


@pytest.mark.slow
def test_a_disk_on_which_no_more_files_can_be_made_is_said_and_with_room_again_all_is_as_ever(home: Home, calm: Outbox) -> None:
    done = home.script(
        "mount -t tmpfs -o size=100m,nr_inodes=9 tmpfs $H/var\n"
        "if $Z; then echo went on; exit 3; fi\n"
        "${Z% once *} doctor --home $H >$H/said && exit 4\n"
        "mount -o remount,nr_inodes=10000 $H/var\n"
        "$Z\n"
    )
    assert done.returncode == 0, done.stderr
    assert "无法完成：磁盘已满" in done.stderr
    assert "只能再建" in (home.path / "said").read_text("utf-8")
    assert home.outbox() == calm


@pytest.mark.slow
def test_an_outbox_that_may_not_be_written_is_said_and_written_later(home: Home, calm: Outbox) -> None:
    done = home.script(
        "mount --bind $H/outbox $H/outbox\nmount -o remount,bind,ro $H/outbox\nif $Z; then echo went on; exit 3; fi\numount $H/outbox\n$Z\n"
    )
    assert done.returncode == 0, done.stderr
    assert "磁盘是只读的" in done.stderr
    assert home.outbox() == calm


@pytest.mark.slow
def test_a_database_that_another_program_holds_is_waited_for(home: Home, undisturbed: Home, calm: Outbox) -> None:
    shutil.copytree(undisturbed.path / "var", home.path / "var", dirs_exist_ok=True)
    with closing(sqlite3.connect(home.path / "var" / "zicha.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with home.start() as process:
            time.sleep(2.5)
            assert process.poll() is None
            other.execute("ROLLBACK")
            assert process.wait(PATIENCE) == 0
    assert home.outbox() == calm


def test_a_database_that_is_held_for_too_long_is_said_and_tried_again(
    home: Home, calm: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.2)
    said: list[str] = []
    settings = load_settings(home.path)
    with Service(settings, load_rules(settings), say=said.append) as service:
        watcher = threading.Thread(target=watch, args=(service,))
        with closing(sqlite3.connect(home.path / "var" / "zicha.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            watcher.start()
            wait_for(lambda: any("暂时无法处理" in line for line in said))
            assert not list((home.path / "outbox").iterdir())
            other.execute("ROLLBACK")
        wait_for(lambda: len(home.outbox()) == len(calm))
        service.halt()
        watcher.join()
    assert home.outbox() == calm


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.slow
def test_a_killed_service_leaves_no_process_and_the_next_one_no_temporary_file(home: Home, needs_program: Callable[..., str]) -> None:
    """Children in the middle of a scan and of a conversion that nobody waits for any more."""
    needs_program("soffice", package="libreoffice-writer-nogui")
    (home.path / "inbox" / "扫描.png").write_bytes(noise())
    (home.path / "inbox" / "旧.rtf").write_bytes(rb"{\rtf1\ansi " + b"1234567890 " * 40_000 + b"}")
    with home.start() as process:
        wait_for(lambda: {b"ingest.child", b"soffice.bin"} <= at_work(process.pid))
        started = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
    _, left = psutil.wait_procs(started, timeout=10)
    assert [p for p in left if p.status() != psutil.STATUS_ZOMBIE] == []
    assert list((home.path / "var" / "tmp").rglob("profile"))
    home.once()
    assert not list((home.path / "var" / "tmp").iterdir())


def noise() -> bytes:
    """A page that takes the recogniser seconds: nothing but strokes."""
    out = io.BytesIO()
    Image.effect_noise((1100, 1500), 90).save(out, "PNG")
    return out.getvalue()


def at_work(service: int) -> set[bytes]:
    """Which of the programs that read files run below that process."""
    lines = [" ".join(p.cmdline()).encode() for p in psutil.Process(service).children(recursive=True) if p.is_running()]
    return {name for name in (b"ingest.child", b"soffice.bin") if any(name in line for line in lines)}


@pytest.mark.slow
def test_where_the_system_gives_no_events_it_is_said_and_mail_is_found_all_the_same(home: Home, calm: Outbox) -> None:
    """Inside a user namespace of one's own the number of watches can be set to none."""
    done = home.script(
        "echo 0 >/proc/sys/user/max_inotify_watches\n"
        "mv $H/inbox/2.eml $H/later\n"
        "${Z% once *} watch --home $H 2>$H/said &\n"
        "for k in $(seq 600); do ls $H/outbox/*.json >/dev/null 2>&1 && break; sleep 0.2; done\n"
        "mv $H/later $H/inbox/2.eml\n"
        "for k in $(seq 600); do grep -q 2.eml $H/outbox/*.json && break; sleep 0.2; done\n"
        "kill %1 2>/dev/null || kill $!\n"
        "wait $!\n"
    )
    said = (home.path / "said").read_text("utf-8")
    assert done.returncode == 0, done.stderr + said
    assert "改为定时查看" in said
    assert home.outbox() == calm


@pytest.mark.slow
def test_a_reading_child_that_is_killed_costs_nothing(home: Home, calm: Outbox) -> None:
    killed = 0
    with home.start() as process:
        while process.poll() is None:
            if killed < 2 and (child := reading_child(process.pid)):
                os.kill(child, signal.SIGKILL)
                killed += 1
                time.sleep(0.3)
            time.sleep(0.02)
        assert process.returncode == 0, process.stderr.read() if process.stderr else ""
    assert killed > 0
    assert home.outbox() == calm


def reading_child(parent: int) -> int | None:
    """A reading process below that one."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
        threads = [p.joinpath("children").read_text("ascii").split() for p in Path(f"/proc/{parent}/task").iterdir()]
        for number in {*children, *(n for t in threads for n in t)}:
            if b"ingest.child" in Path(f"/proc/{number}/cmdline").read_bytes():
                return int(number)
    except OSError:
        pass
    return None


@pytest.mark.slow
def test_killed_with_all_its_children_at_random_moments_the_end_is_that_of_an_undisturbed_run(home: Home, calm: Outbox) -> None:
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    for _ in range(3):
        with home.start() as process:
            try:
                process.communicate(timeout=moments.uniform(0.3, 3.0))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
    home.once()
    assert home.outbox() == calm, f"seed {seed}"
    assert not [p for p in home.path.rglob(".zicha-*") if "outbox" in p.parts]


def test_a_clock_that_was_set_back_keeps_nothing_from_being_taken(tmp_path: Path) -> None:
    """A file's time may be any; what counts is that it stands still by a clock that nobody can set."""
    future, past = Seen("a.eml", "a.eml", "a.eml", 3, 4_102_444_800_000_000_000), Seen("b.eml", "b.eml", "b.eml", 3, 0)
    first = plan([future, past], {}, {}, now=1000.0, settle=3.0)
    assert (first.take, len(first.wait)) == ((), 2)
    assert len(plan([future, past], {}, first.stills, now=1003.0, settle=3.0).take) == 2
    changed = plan([Seen("a.eml", "a.eml", "a.eml", 3, 5)], {}, {"a.eml": Still(3, 9, 900.0)}, now=1000.0, settle=3.0)
    assert changed.take == ()


def test_finds_that_no_event_told_of_make_it_look_by_itself() -> None:
    bell = Bell(polling=False)
    said: list[str] = []

    class Waiting:
        class stop:
            is_set = staticmethod(lambda: False)

        say = staticmethod(said.append)
        has_news = staticmethod(lambda: False)

    bell.looked(news=True)
    for _ in range(SILENT_FINDS):
        bell.wait(Waiting(), 0.0)  # type: ignore[arg-type]
        assert not bell.polling
        bell.looked(news=True)
    bell.wait(Waiting(), 0.0)  # type: ignore[arg-type]
    assert bell.polling
    assert "改为定时查看" in said[0]


def test_files_that_settle_one_after_the_other_are_not_taken_for_silence(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", {})
    (home.path / "zicha.toml").write_text("settle = 1.5\nport = 0\n", "utf-8")
    said: list[str] = []
    settings = load_settings(home.path)
    with Service(settings, load_rules(settings), say=said.append) as service:
        watcher = threading.Thread(target=watch, args=(service,))
        watcher.start()
        wait_for(lambda: any("正在看守" in line for line in said))
        time.sleep(0.5)  # the look that comes with it counts for nothing
        for name in ("1.txt", "2.txt", "3.txt"):
            (home.path / "inbox" / name).write_text(name, "utf-8")
            time.sleep(0.4)
        wait_for(lambda: len(service.store.taken()) == 3)
        time.sleep(0.5)
        service.halt()
        watcher.join(PATIENCE)
    assert not any("没有变动通知" in line for line in said)
