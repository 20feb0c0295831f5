"""The house holds: imports run strictly downward, and the pure rooms know nothing of the machine they run on."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PURE = ("extract", "scoring", "templates")
ROOMS = (*PURE, "ingest", "review", "commands")
MACHINE = {
    "os",
    "time",
    "sqlite3",
    "logging",
    "socket",
    "subprocess",
    "threading",
    "multiprocessing",
    "random",
    "sqlalchemy",
    "requests",
    "urllib.request",
}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def test_no_room_imports_from_above() -> None:
    linter = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = subprocess.run([sys.executable, "-c", linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", modules(*PURE), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_pure_room_knows_no_disk_clock_database_or_log(path: Path) -> None:
    assert not {name for name in imports(path) if name in MACHINE or name.split(".")[0] in MACHINE}


@pytest.mark.parametrize("path", modules(*ROOMS), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_only_the_front_door_knows_every_room(path: Path) -> None:
    assert "zicha" not in {name.split(".")[0] for name in imports(path)}


def test_every_module_says_its_one_job() -> None:
    silent = [
        p.name
        for p in [*modules(*ROOMS), ROOT / "zicha.py"]
        if p.read_text("utf-8").strip() and not ast.get_docstring(ast.parse(p.read_text("utf-8")))
    ]
    assert not silent
