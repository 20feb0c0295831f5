"""`zicha watch` as a real process, with real files moved in, and killed at bad moments."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
Maker = Callable[..., bytes]
pytestmark = pytest.mark.slow
PATIENCE = 120.0
"""Seconds; the machine may be busy."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / "inbox").mkdir(parents=True)
    return tmp_path / "home"


@contextmanager
def zicha(command: str, home: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    env = {**os.environ, "ZICHA_SETTLE": "0.5", "ZICHA_RESCAN": "2", **environ}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "zicha.py"), command, "--home", str(home)], stderr=subprocess.PIPE, text=True, env=env, cwd="/"
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def eventually(what: Callable[[], object]) -> None:
    """Wait until it is true; fail after PATIENCE."""
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.1)


def sheets(home: Path) -> set[str]:
    return {p.name[3:-9] for p in (home / "outbox").glob("*.json")}


def status(home: Path) -> Any:
    done = subprocess.run(
        [sys.executable, str(ROOT / "zicha.py"), "status", "--json", "--home", str(home)], capture_output=True, check=True, cwd="/"
    )
    return json.loads(done.stdout)


def outbox(home: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted((home / "outbox").iterdir())}


def watching(process: subprocess.Popen[str]) -> None:
    assert process.stderr
    for line in process.stderr:
        if "正在看守" in line:
            return


def test_what_is_moved_in_comes_out(home: Path, tmp_path: Path, make_mail: Maker, make_report: Maker) -> None:
    with zicha("watch", home) as process:
        watching(process)
        (tmp_path / "a.eml").write_bytes(make_mail({"自查报告.docx": make_report()}))
        (tmp_path / "a.eml").rename(home / "inbox" / "a.eml")
        eventually(lambda: sheets(home) == {"集贤县"})
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "报告.docx").write_bytes(make_report("宝清县"))
        (tmp_path / "folder").rename(home / "inbox" / "宝清县")
        eventually(lambda: sheets(home) == {"集贤县", "宝清县"})
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert status(home)["states"]["used"] == 3


def test_a_file_still_being_written_is_not_read_half(home: Path, make_report: Maker) -> None:
    report = make_report()
    with zicha("watch", home, ZICHA_SETTLE="1.5") as process:
        watching(process)
        with (home / "inbox" / "报告.docx").open("wb", buffering=0) as slow:
            for k in range(0, len(report), len(report) // 6 + 1):
                slow.write(report[k : k + len(report) // 6 + 1])
                time.sleep(0.4)
        eventually(lambda: sheets(home) == {"集贤县"})
    assert [a["state"] for a in status(home)["arrivals"]] == ["used"]


def test_what_lay_there_before_the_start_is_processed(home: Path, make_mail: Maker, make_report: Maker) -> None:
    (home / "inbox" / "a.eml").write_bytes(make_mail({"自查报告.docx": make_report()}))
    with zicha("watch", home) as process:
        watching(process)
        eventually(lambda: sheets(home) == {"集贤县"})


def test_without_events_the_rescan_finds_it(home: Path, make_report: Maker) -> None:
    with zicha("watch", home, ZICHA_POLLING="always") as process:
        watching(process)
        (home / "inbox" / "报告.docx").write_bytes(make_report())
        eventually(lambda: sheets(home) == {"集贤县"})


def test_it_ends_quickly_in_the_middle_of_work_and_blames_no_file(home: Path, make_mail: Maker, make_report: Maker) -> None:
    for k in range(4):
        (home / "inbox" / f"{k}.eml").write_bytes(make_mail({"自查报告.docx": make_report(extra=str(k))}))
    with zicha("watch", home) as process:
        assert process.stderr
        for line in process.stderr:
            if "正在处理" in line:
                break
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert "已停止" in process.stderr.read()
    assert status(home)["states"]["quarantined"] == 0


def test_killed_at_any_moment_the_result_is_that_of_an_undisturbed_run(
    home: Path, tmp_path: Path, make_mail: Maker, make_report: Maker, make_catalog: Maker
) -> None:
    calm = tmp_path / "calm"
    (calm / "inbox").mkdir(parents=True)
    mails = {
        "1.eml": make_mail({"自查报告.docx": make_report(), "坏.docx": b"PK\x03\x04"}),
        "2.eml": make_mail({"目录清单.xlsx": make_catalog()}, subject="集贤县目录清单", date="Sat, 20 Jan 2018 09:00:00 +0800"),
        "3.eml": make_mail({"自查报告.docx": make_report("宝清县")}, subject="宝清县自查报告"),
    }
    for where in (home, calm):
        for name, mail in mails.items():
            (where / "inbox" / name).write_bytes(mail)
    for k in range(8):
        with zicha("once", home, ZICHA_SETTLE="0") as process, _killed_after(process, 0.8 + 0.7 * k):
            process.wait(PATIENCE)
    for where in (home, calm):
        with zicha("once", where, ZICHA_SETTLE="0") as process:
            assert process.wait(PATIENCE) == 0
    ours, theirs = outbox(home), outbox(calm)
    board = ours.pop("看板.html"), theirs.pop("看板.html")
    assert ours == theirs
    assert board[0].replace(str(home).encode(), b"") == board[1].replace(str(calm).encode(), b"")
    assert not [p for p in (home / "outbox").rglob(".zicha-*")]


@contextmanager
def _killed_after(process: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    """Kill -9 it that much later, if it still runs."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    yield
