"""Golden worksheets: what a few varied mails become, byte for byte, JSON and pages. `pytest --update-golden` writes them anew."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"
SOURCES = re.findall(r"^\| (\w+) \|", (GOLDEN / "README.md").read_text("utf-8"), re.M)[1:]
"""The first column of the table that names the source of each."""
STYLE = re.compile(r"(?<=<style>).*?(?=</style>)|(?<='sha256-)[^']+", re.S)
"""The style sheet and its hash in the page's head."""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outbox(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, str]:
    """What `zicha once` makes of the mails, all in one inbox: name -> text, the home folder as HOME, the style sheet left out."""
    home = tmp_path_factory.mktemp("golden")
    (home / "inbox").mkdir()
    for case in SOURCES:
        shutil.copy(ROOT / "tests" / "cases" / "rendered" / "tune" / case / "mail.eml", home / "inbox" / f"{case}.eml")
    command = [sys.executable, str(ROOT / "zicha.py"), "once", "--home", str(home)]
    subprocess.run(command, check=True, capture_output=True, cwd="/", env=os.environ | {"ZICHA_SETTLE": "0"})
    made = {p.name: STYLE.sub("", p.read_text("utf-8").replace(str(home), "HOME")) for p in (home / "outbox").iterdir()}
    if request.config.getoption("--update-golden"):
        for old in golden():
            old.unlink()
        for name, text in made.items():
            (GOLDEN / name).write_text(text, "utf-8")
    return made


def golden() -> list[Path]:
    return sorted(p for p in GOLDEN.iterdir() if p.name != "README.md")


def test_the_outbox_holds_exactly_the_golden_files(outbox: dict[str, str]) -> None:
    assert sorted(outbox) == [p.name for p in golden()]
    assert len(golden()) == 2 * len(SOURCES) + 1, "JSON and a page for each mail, and the board"


@pytest.mark.parametrize("suffix", [".json", ".html"])
def test_a_worksheet_is_what_it_was(outbox: dict[str, str], suffix: str) -> None:
    for path in golden():
        if path.suffix == suffix:
            assert outbox[path.name].splitlines() == path.read_text("utf-8").splitlines(), path.name
