"""Run by root in a home folder of the service's account, a command becomes that account: root's files would lock the service out."""

from __future__ import annotations

import os
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


def become(home: Path) -> str:
    command = [sys.executable, "-c", BECOME, str(ROOT), str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 才能换成别的账户")
def test_root_becomes_the_owner_of_the_home_folder_for_good(home: Path) -> None:
    os.chown(home, NOBODY_KNOWN, NOBODY_KNOWN)
    told = become(home)
    assert told.splitlines() == [f"{(NOBODY_KNOWN,) * 3} {(NOBODY_KNOWN,) * 3} {[NOBODY_KNOWN]}", "closed"]
    assert (home / "made").stat().st_uid == NOBODY_KNOWN


def test_in_a_home_folder_of_ones_own_one_stays_who_one_is(home: Path) -> None:
    assert become(home).splitlines() == [f"{os.getresuid()} {os.getresgid()} {os.getgroups()}"]
    assert (home / "made").stat().st_uid == os.geteuid()


@pytest.mark.parametrize(("line", "stays"), [("backup a.zip", True), ("restore a.zip", True), ("once", False), ("doctor", False)])
def test_only_what_writes_or_makes_something_of_roots_stays_root(line: str, stays: bool) -> None:
    assert _parser().parse_args(line.split()).stays_root is stays
