"""The systemd unit: well formed, closed as far as the work allows, and no further than the work needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from commands.running import STOP_SECONDS

ROOT = Path(__file__).resolve().parent.parent
UNIT = ROOT / "packaging" / "zicha.service"
EXPOSURE = 2.0
"""As systemd-analyze counts it, 0 to 10; a unit without any protection has 9.6."""
Finder = Callable[..., str]
Maker = Callable[..., bytes]


@pytest.fixture(scope="module")
def analyze(needs_program: Finder) -> Callable[..., str]:
    program = needs_program("systemd-analyze", package="systemd")

    def run(*arguments: object) -> str:
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that is there."""
    path = tmp_path / "zicha.service"
    path.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text("utf-8")), "utf-8")
    return path


def test_systemd_finds_nothing_to_object_to(analyze: Callable[..., str], unit: Path) -> None:
    assert analyze("verify", unit).strip() == ""


def test_a_mistake_would_be_found(analyze: Callable[..., str], unit: Path) -> None:
    unit.write_text(unit.read_text("utf-8").replace("RestartSec=10", "RestartSecs=10"), "utf-8")
    assert "RestartSecs" in analyze("verify", unit)


def test_it_is_closed_as_far_as_the_work_allows(analyze: Callable[..., str], unit: Path) -> None:
    analyze("security", "--offline=yes", f"--threshold={round(EXPOSURE * 10)}", unit)


def test_it_may_do_what_the_work_needs() -> None:
    text = UNIT.read_text("utf-8")
    assert re.search(r"^RestrictNamespaces=user net$", text, re.M), "LibreOffice is cut off from the network by these two"
    assert "MemoryDenyWriteExecute=yes" not in text
    assert re.search(r"^OOMPolicy=continue$", text, re.M), "a child that the kernel kills costs its own document only"
    assert re.search(r"^ReadOnlyPaths=-/srv/zicha/inbox$", text, re.M)


def test_systemd_waits_longer_than_zicha_takes_to_end() -> None:
    (found,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT.read_text("utf-8"), re.M)
    assert int(found) > STOP_SECONDS


@pytest.mark.slow
def test_no_system_call_that_the_work_needs_is_refused(
    tmp_path: Path, analyze: Callable[..., str], needs_program: Finder, make_mail: Maker, make_report: Maker
) -> None:
    strace = needs_program("strace", package="strace")
    needs_program("soffice", package="libreoffice-writer-nogui")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.eml").write_bytes(make_mail({"自查报告.docx": make_report(), "附.rtf": rb"{\rtf1\ansi 2018\par}"}))
    others = "!" + ",".join(f"?{name}" for name in sorted(_allowed(analyze("syscall-filter"))))
    trace = [strace, "-f", "--seccomp-bpf", "-qq", "-e", "signal=none", "-e", f"trace={others}", "-o", str(tmp_path / "refused")]
    command = [*trace, sys.executable, str(ROOT / "zicha.py"), "once", "--home", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "ZICHA_SETTLE": "0"})
    assert (tmp_path / "refused").read_text("utf-8") == ""
    assert len(list((tmp_path / "outbox").glob("*.json"))) == 1


def _allowed(listing: str) -> set[str]:
    """The calls that the unit's filter lets through, by systemd's own list of what is in each set."""
    sets: dict[str, set[str]] = {}
    name = ""
    for line in listing.splitlines():
        if line.startswith("@"):
            name = line.strip()
        elif line.startswith("    ") and not line.strip().startswith("#"):
            sets.setdefault(name, set()).add(line.strip())

    def calls(name: str) -> set[str]:
        return {call for member in sets[name] for call in (calls(member) if member.startswith("@") else {member})}

    found = calls("@default")
    for words in re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text("utf-8"), re.M):
        named = {call for word in words.lstrip("~").split() for call in calls(word)}
        found = found - named if words.startswith("~") else found | named
    return found
