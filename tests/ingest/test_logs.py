"""The log: one line for each event, ids and places in the program only."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest import convert
from ingest.logs import FILES, SIZE, LogFile, described, end_log, log_to
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.watch import once
from ingest.work import Stopped

Maker = Callable[..., bytes]
log = logging.getLogger("zicha")
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d (INFO|WARNING|ERROR) [a-z][\w ]*( \w+=\S*)*")


def failing() -> None:
    try:
        Path("/srv/zicha/inbox/集贤县 自查报告.docx").read_bytes()
    except OSError as error:
        raise ValueError("张三 office@county.example\n第二行") from error


def caught() -> Exception:
    try:
        failing()
    except ValueError as error:
        return error
    raise AssertionError


def test_an_error_is_told_by_kinds_and_places_without_any_text_or_path(tmp_path: Path) -> None:
    handler = log_to(tmp_path / "log")
    log.error("failed submission=%s", "1f2e", exc_info=caught())
    end_log(handler)
    (line,) = (tmp_path / "log").read_text("utf-8").splitlines()
    assert "error=ValueError<FileNotFoundError at=test_logs:" in line
    assert not any(word in line for word in ("集贤", "srv", "office@", "张三", "Traceback", str(tmp_path), "/"))


def test_the_same_trouble_has_the_same_digest_and_another_message_another() -> None:
    assert described(caught()) == described(caught())
    assert described(ValueError("a")) != described(ValueError("b"))


def test_a_line_break_in_a_message_makes_no_second_line(tmp_path: Path) -> None:
    handler = log_to(tmp_path / "log")
    log.info("taken submission=%s", "1f\n2e\x1b[31m")
    end_log(handler)
    assert len((tmp_path / "log").read_text("utf-8").splitlines()) == 1
    assert "\x1b" not in (tmp_path / "log").read_text("utf-8")


def test_the_log_is_rotated_and_bounded(tmp_path: Path) -> None:
    handler = LogFile(tmp_path / "log")
    handler.maxBytes = 4096
    record = logging.LogRecord("zicha", logging.INFO, "", 0, "taken submission=%s", ("1f2e" * 8,), None)
    for _ in range(2000):
        handler.emit(record)
    handler.close()
    files = [p for p in tmp_path.iterdir() if p.name != "log.lock"]
    assert len(files) == FILES + 1
    assert max(p.stat().st_size for p in files) <= 4096
    assert SIZE * (FILES + 1) <= 32 << 20


def test_a_log_that_cannot_be_written_is_no_trouble_of_anyones(capfd: pytest.CaptureFixture[str]) -> None:
    handler = log_to(Path("/dev/full"))
    log.info("taken")
    end_log(handler)
    assert capfd.readouterr() == ("", "")


def test_where_no_log_is_open_an_error_is_one_line_on_standard_error(root: Path) -> None:
    program = "import ingest.outbox\ntry:\n    open('/srv/nowhere')\nexcept OSError:\n    ingest.outbox.log.exception('no page')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    (line,) = done.stderr.splitlines()
    assert "ERROR no page error=FileNotFoundError at=" in line
    assert "/srv" not in line


def test_a_run_writes_a_line_for_each_submission_and_nothing_of_what_it_holds(tmp_path: Path, make_mail: Maker, make_report: Maker) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "来信.eml").write_bytes(make_mail({"自查报告.docx": make_report(), "坏.docx": b"PK\x03\x04"}))
    settings = load_settings(tmp_path, {"ZICHA_SETTLE": "0"})
    with Service(settings, load_rules(settings), say=lambda _: None) as service:
        once(service)
        (submission,) = service.store.submissions()
    text = (tmp_path / "var" / "zicha.log").read_text("utf-8")
    assert all(LINE.fullmatch(line) for line in text.splitlines()), text
    assert f"taken submission={submission.digest[:12]} arrivals=3 " in text
    settled = re.findall(rf"settled arrival=[0-9a-f]{{12}} submission={submission.digest[:12]} state=(\w+) before=waiting", text)
    assert sorted(settled) == ["quarantined", "used", "used"]
    assert text.isascii()


@pytest.mark.slow
def test_a_conversion_that_is_halted_says_nothing_about_the_file(tmp_path: Path, needs_program: Callable[..., str]) -> None:
    needs_program("soffice", package="libreoffice-writer-nogui")
    program = (
        "import threading, sys; sys.path.insert(0, sys.argv[1])\n"
        "from ingest import convert, group\nfrom ingest.work import Stopped\n"
        "threading.Timer(0.4, group.halt).start()\n"
        "try:\n    convert.to_docx(rb'{\\rtf1 x}', 'a.rtf')\n    print('done')\nexcept Stopped:\n    print('stopped')\n"
    )
    root = str(Path(convert.__file__).parent.parent)
    done = subprocess.run([sys.executable, "-c", program, root], capture_output=True, text=True, check=True)
    assert done.stdout == "stopped\n"
    assert issubclass(Stopped, RuntimeError)


@pytest.mark.slow
def test_asked_to_end_in_the_middle_of_a_conversion_it_ends_soon_and_leaves_no_process(
    tmp_path: Path, root: Path, needs_program: Callable[..., str]
) -> None:
    needs_program("soffice", package="libreoffice-writer-nogui")
    (tmp_path / "inbox").mkdir()
    for k in range(6):
        (tmp_path / "inbox" / f"{k}.rtf").write_bytes(rb"{\rtf1\ansi " + b"1234567890 " * 20000 * (k + 1) + b"}")
    command = [sys.executable, str(root / "zicha.py"), "watch", "--home", str(tmp_path)]
    env = {**os.environ, "ZICHA_SETTLE": "0", "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=env, cwd="/") as process:
        end = time.monotonic() + 60
        while not list((tmp_path / "var" / "tmp").rglob("profile")):
            assert time.monotonic() < end
            time.sleep(0.05)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(25) == 0
    assert time.monotonic() - began < 10
    assert not [line for line in running() if f"UserInstallation=file://{tmp_path}".encode() in line]


def running() -> Iterator[bytes]:
    """The command lines of all processes."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            yield path.read_bytes()


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import ingest.logs as logs
logs.SIZE = 20_000
logs.FILES = 50
logs.log_to(Path(sys.argv[2]))
for k in range(2000):
    logs.log.info("line writer=%s number=%d", sys.argv[3], k)
"""


def test_two_processes_that_write_one_log_lose_no_line_when_it_is_rotated(tmp_path: Path) -> None:
    root = str(Path(__file__).resolve().parent.parent.parent)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, root, str(tmp_path / "zicha.log"), name]) for name in ("a", "b")]
    assert [w.wait(60) for w in writers] == [0, 0]
    lines = [line for p in tmp_path.glob("zicha.log*") for line in p.read_text("utf-8").splitlines()]
    assert len(list(tmp_path.glob("zicha.log.*"))) > 5
    assert len(lines) == 4000
    assert all(line.endswith(f"number={line.rpartition('=')[2]}") for line in lines)
