"""A short form of bench/torture: odd files dropped while the watcher is killed, and the result is that of an undisturbed run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_odd_files_end_in_one_state_each_however_often_the_watcher_is_killed(root: Path, corpus: Path) -> None:
    command = [sys.executable, str(root / "bench" / "torture.py"), str(corpus / "mail"), "--files", "8", "--kills", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "全部成立" in done.stdout
