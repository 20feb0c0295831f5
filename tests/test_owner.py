"""Run by root in a home folder of the service's account, a command becomes that account: root's files would lock the service out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zicha import _parser

ROOT = Path(__file__).resolve().parent.parent
NOBODY_KNOWN = 54321
"""An account of no name."""
BECOME = """
import argparse, os, pwd, sys
sys.path.insert(0, sys.argv[1])
import ingest.settings
from commands.common import as_owner
os.chdir(sys.argv[2])
as_owner(argparse.Namespace(home="."))
print(os.getresuid(), os.getresgid(), os.getgroups())
open("made", "w").close()
try:
    open("secret")
except PermissionError:
    print("closed")
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    secret = tmp_path / "secret"
    secret.write_text("x", "utf-8")
    secret.chmod(0o600)
    return tmp_path


def become(home: Path) -> subprocess.CompletedProcess[str]:
    """By a Python that every account can read: that of the tests, or the system's where root keeps the other one at home."""
    system = None if is_public(Path(os.__file__)) else shutil.which("python3.11", path="/usr/bin")
    command = [system or sys.executable, "-c", BECOME, str(ROOT), str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def is_public(path: Path) -> bool:
    """Whether every account can get there."""
    return all(p.stat().st_mode & 0o5 == 0o5 for p in path.parents)


@pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 才能换成别的账户")
def test_root_becomes_the_owner_of_the_home_folder_for_good(home: Path) -> None:
    os.chown(home, NOBODY_KNOWN, NOBODY_KNOWN)
    done = become(home)
    if not is_public(ROOT / "zicha.py"):  # where these tests lie, that account cannot read what it would have to run
        assert "须以其身份运行" in done.stderr
        return
    assert done.stdout.splitlines() == [f"{(NOBODY_KNOWN,) * 3} {(NOBODY_KNOWN,) * 3} {[NOBODY_KNOWN]}", "closed"], done.stderr
    assert (home / "made").stat().st_uid == NOBODY_KNOWN


@pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 才能换成别的账户")
def test_an_account_that_cannot_read_the_program_is_told_so(home: Path) -> None:
    os.chown(home, NOBODY_KNOWN, NOBODY_KNOWN)
    program = home / "private" / "zicha"
    for name in ("zicha.py", "commands", "ingest", "scoring", "extract", "templates", "review"):
        (program / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, program / name)
    (home / "private").chmod(0o700)
    command = [sys.executable, str(program / "zicha.py"), "once", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) == 1
    assert "须以其身份运行" in done.stderr and "管理员处理" in done.stderr


def test_in_a_home_folder_of_ones_own_one_stays_who_one_is(home: Path) -> None:
    assert become(home).stdout.splitlines() == [f"{os.getresuid()} {os.getresgid()} {os.getgroups()}"]
    assert (home / "made").stat().st_uid == os.geteuid()


@pytest.mark.parametrize(("line", "stays"), [("backup a.zip", True), ("restore a.zip", True), ("once", False), ("doctor", False)])
def test_only_what_writes_or_makes_something_of_roots_stays_root(line: str, stays: bool) -> None:
    assert _parser().parse_args(line.split()).stays_root is stays
