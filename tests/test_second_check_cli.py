"""Approving, returning, unlocking and recording paper on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import zicha
from ingest.actions import acting
from ingest.rules import load_rules
from ingest.settings import load_settings
from ingest.store import Kept, Store

ROOT = Path(__file__).resolve().parent.parent
(RAOHE,) = (json.loads(p.read_text("utf-8")) for p in (ROOT / "tests" / "golden").glob("08-*.json"))
UNIT = "饶河县"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder in which one unit was judged."""
    (tmp_path / "inbox").mkdir()
    settings = load_settings(tmp_path, {})
    rules = load_rules(settings)
    store = Store(settings.var / "zicha.db")
    sheet = {**RAOHE, "rubric": {"id": rules.rubric.id, "sha256": rules.rubric.sha256}}
    store.keep_results([Kept("08-饶河县-工作单", UNIT, "a.eml", sheet, {})])
    store.close()
    return tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        code = zicha.main([*arguments, "--home", str(home)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def sheet(home: Path) -> Any:
    return json.loads((home / "outbox" / "08-饶河县-工作单.json").read_text("utf-8"))


def confirm_all(home: Path) -> None:
    settings = load_settings(home, {})
    with acting(settings, load_rules(settings)) as actions:
        actions.confirm_all([(UNIT, s["item"]) for s in RAOHE["score"]["items"] if s["applies"]], by="张三")


def test_a_unit_is_approved_by_another_person_locked_and_unlocked(home: Path, run: Run) -> None:
    code, _, error = run("approve", UNIT, "--by", "王五")
    assert code == 2 and "没有确认" in error
    confirm_all(home)
    code, _, error = run("approve", UNIT, "--by", "张三")
    assert code == 2 and "须由另一人复核" in error
    assert run("return", UNIT, "1.1", "--by", "王五", "--reason", "看错一行")[:2] == (0, "饶河县：退回1.1重新审核（王五，看错一行）\n")
    assert run("approve", UNIT, "--by", "王五")[:2] == (0, "饶河县：复核通过，已锁定（王五，第27条）\n")
    assert sheet(home)["review"]["state"] == "approved"
    assert "复核" in (home / "outbox" / "08-饶河县-工作单.html").read_text("utf-8")
    code, _, error = run("confirm", UNIT, "1.1", "4", "--by", "张三")
    assert code == 2 and "已复核锁定（王五，第27条）" in error
    assert run("unlock", UNIT, "--by", "王五")[0] == 2, "not without a reason"
    assert run("unlock", UNIT, "--by", "王五", "--reason", "单位补报")[0] == 0
    assert run("confirm", UNIT, "1.1", "4", "--by", "张三")[0] == 0
    assert "复核通过，锁定" in run("audit", "--unit", UNIT, "--by", "王五")[1]


def test_paper_is_recorded_and_what_is_still_open_is_said(home: Path, run: Run) -> None:
    assert "还差：纸质佐证材料未收到" in run("paper", UNIT, "unstamped", "--by", "赵六")[1]
    assert "还差：目录清单首页未加盖单位公章" in run("paper", UNIT, "received", "2018-01-19", "--by", "赵六")[1]
    assert "首页" not in run("paper", UNIT, "stamped", "--by", "赵六")[1]
    assert run("paper", UNIT, "checked", "c1", "c2", "--by", "赵六")[0] == 0
    assert set(sheet(home)["paper"]["rows"]) == {"c1", "c2"} and sheet(home)["paper"]["received"]["date"] == "2018-01-19"
    assert run("paper", UNIT, "checked", "c999", "--by", "赵六")[0] == 2


def test_a_unit_or_all_units_are_given_to_a_reviewer(home: Path, run: Run) -> None:
    assert run("reviewer", "all", "张三", "--by", "王五")[:2] == (0, "全部单位 全部条目：由张三审核（王五）\n")
    assert run("reviewer", UNIT, "李四", "1.1", "1.2", "--by", "王五")[0] == 0
    assert sheet(home)["reviewers"] == {"unit": "张三", "items": {"1.1": "李四", "1.2": "李四"}}
    assert run("reviewer", UNIT, "", "1.1", "1.2", "--by", "王五")[0] == 0
    assert sheet(home)["reviewers"] == {"unit": "张三", "items": {}}
