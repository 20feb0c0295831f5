"""docs/intake.md: every promise names the tests that hold it, and those are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "intake.md").read_text("utf-8")
NAMED = re.findall(r"`([\w/]+\.py)::(test_\w+)`", TEXT)


def test_every_promise_names_a_test() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith(("| Promise", "| ---"))]
    assert len(rows) > 30
    assert [row for row in rows if not re.search(r"\.py::test_", row.split(" | ")[-1])] == []


def test_every_test_that_is_named_is_there() -> None:
    there = {
        (file, node.name)
        for file in {file for file, _ in NAMED}
        for node in ast.walk(ast.parse((ROOT / "tests" / file).read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert [pair for pair in NAMED if pair not in there] == []
    assert TEXT.count("::test_") == len(NAMED)
