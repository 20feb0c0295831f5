"""Nothing leaves the machine: no name is looked up, nothing is connected to or sent, in parent or child."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.convert import isolation

ROOT = Path(__file__).resolve().parent.parent
Maker = Callable[..., bytes]
pytestmark = pytest.mark.slow
HOOK = """
import sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind"):
        with open({log!r}, "a") as log:
            log.write(event + " " + repr(arguments) + "\\n")
sys.addaudithook(watch)
"""
OUTWARD = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(?:connect|sendto|sendmsg|sendmmsg|bind)\(.*sa_family=AF_INET", re.M)


@pytest.fixture
def mail(tmp_path: Path, make_mail: Maker, make_report: Maker, make_catalog: Maker) -> Path:
    path = tmp_path / "a.eml"
    path.write_bytes(make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}))
    return path


def process(mail: Path, *before: str, **environ: str) -> bytes:
    command = [*before, sys.executable, str(ROOT / "zicha.py"), "process", str(mail), "--json"]
    return subprocess.run(command, capture_output=True, check=True, env={**os.environ, **environ}, cwd="/").stdout


def test_python_sees_no_connect_send_or_look_up(mail: Path, tmp_path: Path) -> None:
    (tmp_path / "hook").mkdir()
    log = tmp_path / "log"
    log.touch()
    (tmp_path / "hook" / "sitecustomize.py").write_text(HOOK.format(log=str(log)), "utf-8")
    probe = subprocess.run(
        [sys.executable, "-c", "import socket; socket.getaddrinfo('127.0.0.1', 80)"],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "hook")},
        check=True,
    )
    assert probe.returncode == 0
    assert "getaddrinfo" in log.read_text("utf-8"), "the hook itself must work"
    log.write_text("", "utf-8")
    process(mail, PYTHONPATH=str(tmp_path / "hook"))
    assert log.read_text("utf-8") == ""


def test_the_system_sees_no_connect_or_send_in_parent_or_child(mail: Path, tmp_path: Path, needs_program: Callable[..., str]) -> None:
    strace = needs_program("strace", package="strace")
    trace = tmp_path / "trace"
    process(mail, strace, "-f", "-qq", "-e", "trace=%network", "-o", str(trace))
    assert not OUTWARD.search(trace.read_text("utf-8", "replace"))


def test_without_a_network_the_same_bytes_come_out(mail: Path) -> None:
    if not isolation():
        pytest.skip("本机不允许建立网络命名空间（unshare -rn）")
    assert process(mail, *isolation()) == process(mail)
