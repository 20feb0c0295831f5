"""The labelled mails of tests/cases: copies are verbatim, and what is rendered carries the labels of its source."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
SOURCES = sorted((CASES / "tune").glob("*.yaml")) + sorted((CASES / "held").glob("*.yaml"))


@pytest.mark.parametrize("name", ["evaluate.py", "render.py"])
def test_the_programs_of_the_evaluation_are_verbatim_copies(shared: Path, name: str) -> None:
    assert (ROOT / "bench" / name).read_bytes() == (shared / "eval" / name).read_bytes()


def test_the_cases_of_the_brief_are_verbatim_copies(shared: Path) -> None:
    ours = {p.relative_to(CASES / "shared"): p.read_bytes() for p in (CASES / "shared").glob("*/*")}
    theirs = {p.relative_to(shared / "cases"): p for p in (shared / "cases").glob("*/*")}
    assert {p.parent.name for p in ours} == {p.parent.name for p in theirs}
    assert {p: data == theirs[p].read_bytes() for p, data in ours.items()} == dict.fromkeys(ours, True)


@pytest.mark.parametrize("source", SOURCES, ids=[p.stem for p in SOURCES])
def test_a_rendered_mail_carries_the_labels_of_its_source(source: Path, bench_module: Callable[[str], ModuleType]) -> None:
    rendered = CASES / "rendered" / source.parent.name / source.stem
    gold = json.loads((rendered / "gold.json").read_text("utf-8"))
    del gold["files"]
    case = bench_module("producer_pieces").load(source)
    assert gold == json.loads(json.dumps(bench_module("render").gold(case)))
    assert (rendered / "mail.eml").stat().st_size > 0


def test_every_rendered_mail_has_its_source() -> None:
    assert {p.parent.name for p in (CASES / "rendered").glob("*/*/mail.eml")} == {p.stem for p in SOURCES}
