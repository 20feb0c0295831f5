"""Nothing leaves the machine: no name is looked up, nothing is connected to or sent, in parent or child."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ingest.convert import isolation

ROOT = Path(__file__).resolve().parent.parent
Maker = Callable[..., bytes]
pytestmark = pytest.mark.slow
HOOK = """
import os, sys
EVENTS = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname")
def note(line):
    with open({log!r}, "a") as log:
        log.write(f"{{os.getpid()}} {{line}}\\n")
def watch(event, arguments):
    if event in EVENTS:
        note(f"{{event}} {{arguments!r}}")
note("begins")
sys.addaudithook(watch)
"""
OUTWARD = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(?:connect|sendto|sendmsg|sendmmsg|bind)\(.*sa_family=AF_INET", re.M)
LABELLED = ROOT / "tests" / "cases" / "shared"
KINDS = [pytest.param("d04", id="word and excel"), pytest.param("d03", id="pdf"), pytest.param("d06", id="scan")]


@pytest.fixture
def mail(tmp_path: Path, make_mail: Maker, make_report: Maker, make_catalog: Maker) -> Path:
    path = tmp_path / "a.eml"
    path.write_bytes(make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}))
    return path


@pytest.fixture
def watched(tmp_path: Path) -> tuple[Path, Path]:
    """A Python in which every process, also an isolated child, notes what it does with sockets: (program, log)."""
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    site, log = next((tmp_path / "env" / "lib").glob("python*/site-packages")), tmp_path / "log"
    (site / "dependencies.pth").write_text(f"{sysconfig.get_paths()['purelib']}\nimport zicha_watch\n", "utf-8")
    (site / "zicha_watch.py").write_text(HOOK.format(log=str(log)), "utf-8")
    return tmp_path / "env" / "bin" / "python", log


def test_the_watch_itself_works(watched: tuple[Path, Path]) -> None:
    python, log = watched
    subprocess.run([str(python), "-I", "-c", "import socket; socket.getaddrinfo('127.0.0.1', 80)"], check=True)
    assert "socket.getaddrinfo" in log.read_text("utf-8")


@pytest.mark.parametrize("case", KINDS)
def test_python_sees_no_connect_send_or_look_up_in_parent_or_child(watched: tuple[Path, Path], case: str) -> None:
    python, log = watched
    command = [str(python), str(ROOT / "zicha.py"), "process", str(LABELLED / case / "mail.eml"), "--json"]
    subprocess.run(command, capture_output=True, check=True, cwd="/")
    notes = log.read_text("utf-8").splitlines()
    assert [line for line in notes if not line.endswith(" begins")] == []
    assert len(notes) >= 2, "the child is watched, too"


def test_the_system_sees_no_connect_or_send_in_parent_or_child(mail: Path, tmp_path: Path, needs_program: Callable[..., str]) -> None:
    strace = needs_program("strace", package="strace")
    trace = tmp_path / "trace"
    command = [strace, "-f", "-qq", "-e", "trace=%network", "-o", str(trace), sys.executable, str(ROOT / "zicha.py"), "process", str(mail)]
    subprocess.run(command, capture_output=True, check=True, cwd="/")
    assert not OUTWARD.search(trace.read_text("utf-8", "replace"))


@pytest.mark.parametrize("case", KINDS)
def test_without_a_network_the_same_bytes_come_out(
    read_mails: Callable[[Sequence[Path]], list[bytes]], installed: Path, installed_environ: dict[str, str], case: str
) -> None:
    if not isolation():
        pytest.skip("本机不允许建立网络命名空间（unshare -rn）")
    mail = LABELLED / case / "mail.eml"
    command = [*isolation(), str(installed / "zicha"), "process", str(mail), "--json"]
    elsewhere = {**installed_environ, "TZ": "America/New_York", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "1"}
    assert [subprocess.run(command, capture_output=True, check=True, env=elsewhere, cwd="/usr").stdout] == read_mails([mail])
