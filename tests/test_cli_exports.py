"""Tables, letters, backup and restore from the command line: one sentence each, and exit codes that a script can trust."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
Maker = Callable[..., bytes]


def zicha(*arguments: str | Path, home: Path) -> tuple[int, str, str]:
    """(exit code, standard output, standard error)."""
    env = {**os.environ, "ZICHA_SETTLE": "0"}
    command = [sys.executable, str(ROOT / "zicha.py"), *map(str, arguments), "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd="/", check=False)
    return done.returncode, done.stdout, done.stderr


def totals(home: Path) -> object:
    data = json.loads((home / "outbox" / "tables" / "全部数据.json").read_text("utf-8"))
    return [{k: v for k, v in unit.items() if k != "worksheet"} for unit in data["units"]]


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.slow
def test_a_season_survives_on_another_machine(tmp_path: Path, make_mail: Maker, make_report: Maker, make_catalog: Maker) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    (home / "inbox").mkdir(parents=True)
    (home / "inbox" / "a.eml").write_bytes(make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}))
    assert zicha("once", home=home)[0] == 0
    assert zicha("confirm", "集贤县", "1.1", "3.5", "--by", "甲审核员", home=home)[0] == 0
    code, out, err = zicha("export", home=home)
    assert (code, err) == (0, "") and out.startswith("已生成7份表格，在 ")
    code, out, err = zicha("letters", "--date", "2018-01-22", "--until", "2018-01-31", home=home)
    assert (code, err) == (0, "") and "份通知、回执和评分表" in out
    before = files(home / "outbox")
    code, out, err = zicha("backup", tmp_path / "b.zip", home=home)
    assert (code, err) == (0, "") and "1个原件" in out
    code, out, err = zicha("restore", tmp_path / "b.zip", home=other)
    assert (code, err) == (0, "") and "运行 zicha rebuild" in out
    assert zicha("rebuild", home=other)[0] == 0
    assert totals(other) == totals(home)
    # The board names the inbox, which is another one there.
    assert {k: v for k, v in files(other / "outbox").items() if k != "看板.html"} == {k: v for k, v in before.items() if k != "看板.html"}
    shutil.rmtree(home / "outbox")
    assert zicha("rebuild", home=home)[0] == 0 and files(home / "outbox") == before


@pytest.mark.parametrize("command", [("export",), ("letters",)])
def test_before_anything_was_judged_there_is_nothing_to_write(tmp_path: Path, command: tuple[str, ...]) -> None:
    code, out, err = zicha(*command, home=tmp_path)
    assert (code, out) == (1, "") and "请先运行 zicha once" in err and err.count("\n") == 1


def test_a_date_that_is_none_is_refused(tmp_path: Path) -> None:
    code, _, err = zicha("letters", "--until", "1月31日", home=tmp_path)
    assert code == 2 and "1月31日 不是日期，应写作 2018-01-31" in err


@pytest.mark.parametrize(("command", "said"), [("backup", "还没有可备份的数据"), ("restore", "没有这个文件")])
def test_backup_and_restore_say_in_one_sentence_why_not(tmp_path: Path, command: str, said: str) -> None:
    code, out, err = zicha(command, tmp_path / "b.zip", home=tmp_path / "home")
    assert (code, out) == (2, "") and said in err and err.count("\n") == 1


def test_check_reads_the_words_of_letters_and_refuses_what_cannot_work(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "letters.toml").write_text('[receipt]\nsubject = "收件回执"\n', "utf-8")
    code, out, _ = zicha("check", home=tmp_path)
    assert code == 0 and f"通知文字：{tmp_path / 'letters.toml'}" in out
    (tmp_path / "letters.toml").write_text('[receipt]\nsubjekt = "收件回执"\n', "utf-8")
    code, _, err = zicha("check", home=tmp_path)
    assert code == 1 and "letters.toml：receipt.subjekt" in err and err.count("\n") == 1
