"""The command line as a person or a program uses it: real processes, real files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
Maker = Callable[..., bytes]


def zicha(*arguments: str | Path, home: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "ZICHA_SETTLE": "0", **environ}
    where = ["--home", str(home)] if home else []
    return subprocess.run(
        [sys.executable, str(ROOT / "zicha.py"), *map(str, arguments), *where],
        capture_output=True,
        text=True,
        env=env,
        cwd="/",
        check=False,
    )


def worksheets(*paths: Path) -> Any:
    done = zicha("process", *paths, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def put(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.slow
def test_help_is_chinese_and_has_an_example() -> None:
    for command in ("", "watch", "once", "process", "status", "check"):
        done = zicha(*filter(None, [command]), "--help")
        assert done.returncode == 0
        assert "例：zicha" in done.stdout
        assert "usage" not in done.stdout


def test_wrong_arguments_are_one_chinese_line() -> None:
    done = zicha("proces")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "没有“proces”；可用：watch、once、" in done.stderr
    for wrong in (("undo", "x", "--by", "张三"), ("confirm", "民政局", "1.1", "3", "--by", "张三", "--draft=3")):
        done = zicha(*wrong)
        told = done.stderr.split("；运行")[0].replace("--draft", "")
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert not any(c.isascii() and c.isalpha() and c != "x" for c in told), told


def test_a_mistyped_home_is_told_and_nothing_is_written_there(tmp_path: Path) -> None:
    for command in (("facts", "add", "民政局", "4.2b", "--by", "张三"), ("rebuild",), ("audit",)):
        done = zicha(*command, home=tmp_path / "typo")
        assert done.returncode == 1
        assert "不是工作目录" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_home_folder_stands_before_or_after_the_command_or_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    before = zicha("--home", tmp_path, "check", "--json")
    after = zicha("check", "--json", "--home", tmp_path)
    environment = zicha("check", "--json", ZICHA_HOME=str(tmp_path))
    assert json.loads(before.stdout) == json.loads(after.stdout) == json.loads(environment.stdout)
    assert json.loads(before.stdout)["home"] == str(tmp_path)


def test_check_says_which_files_are_in_use(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    done = zicha("check", home=tmp_path)
    assert done.returncode == 0
    assert "53个单位" in done.stdout
    assert "rubric.toml：内置" in done.stdout


def test_check_names_what_is_wrong(tmp_path: Path) -> None:
    put(tmp_path, "zicha.toml", b"setle = 1\n")
    done = zicha("check", home=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "没有“setle”这一项" in done.stderr


def test_a_mail_prints_one_worksheet(tmp_path: Path, make_mail: Maker, make_report: Maker, make_catalog: Maker) -> None:
    mail = put(tmp_path, "a.eml", make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}))
    sheet = worksheets(mail)
    assert (sheet["format"], sheet["unit"]["name"], len(sheet["catalog"])) == ("zicha.worksheet/1", "集贤县", 2)
    assert [p.name for p in tmp_path.iterdir()] == ["a.eml"]


@pytest.mark.slow
def test_loose_files_of_one_call_are_one_submission(tmp_path: Path, make_report: Maker, make_catalog: Maker) -> None:
    sheet = worksheets(put(tmp_path, "报告.docx", make_report()), put(tmp_path, "目录清单.xlsx", make_catalog()))
    assert {c["status"] for c in sheet["claims"]} == {"matched"}
    assert (sheet["submission"]["received_at"], sheet["submission"]["late"]) == (None, None)


@pytest.mark.slow
def test_two_units_print_a_list(tmp_path: Path, make_mail: Maker, make_report: Maker) -> None:
    mails = [put(tmp_path, f"{u}.eml", make_mail({"自查报告.docx": make_report(u)}, subject=f"{u}自查报告")) for u in ("集贤县", "宝清县")]
    assert [s["unit"]["name"] for s in worksheets(*mails)] == ["集贤县", "宝清县"]


@pytest.mark.slow
def test_two_mails_of_one_unit_are_one_dossier(tmp_path: Path, make_mail: Maker, make_report: Maker, make_catalog: Maker) -> None:
    one = put(tmp_path, "1.eml", make_mail({"集贤县自查报告.docx": make_report()}))
    two = put(tmp_path, "2.eml", make_mail({"集贤县目录清单.xlsx": make_catalog()}, subject="集贤县目录清单"))
    assert len(worksheets(one, two)["submission"]["sources"]) == 2


def test_a_single_document_is_read_as_the_report_whatever_it_is(tmp_path: Path, make_docx: Maker) -> None:
    sheet = worksheets(put(tmp_path, "通知.docx", make_docx("关于放假的通知", "一、时间", "正月初一。")))
    assert [b["text"] for b in sheet["blocks"]] == ["关于放假的通知", "一、时间", "正月初一。"]
    assert sheet["submission"]["files"][0]["role"] == "report"


@pytest.mark.slow
def test_without_json_a_person_reads_gaps_first(tmp_path: Path, make_mail: Maker, make_report: Maker) -> None:
    done = zicha("process", put(tmp_path, "a.eml", make_mail({"自查报告.docx": make_report()})))
    assert done.returncode == 0
    assert done.stdout.startswith("单位：集贤县\n收到：2018-01-19")
    assert "缺口：" in done.stdout


MISSING = [
    pytest.param("不存在.eml", "文件不存在", id="missing"),
    pytest.param("空文件夹", "文件夹中没有文件", id="an empty folder"),
]


@pytest.mark.parametrize(("name", "why"), MISSING)
def test_a_path_that_cannot_be_read_exits_2_with_one_line(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "空文件夹").mkdir()
    done = zicha("process", tmp_path / name, "--json")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert name in done.stderr
    assert why in done.stderr


@pytest.mark.slow
def test_once_and_status_tell_what_became_of_everything(tmp_path: Path, make_mail: Maker, make_report: Maker) -> None:
    (tmp_path / "inbox").mkdir()
    put(tmp_path / "inbox", "a.eml", make_mail({"自查报告.docx": make_report(), "空.docx": b""}))
    done = zicha("once", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "处理完毕：共3件" in done.stderr
    found = json.loads(zicha("status", "--json", home=tmp_path).stdout)
    assert (found["arrived"], sum(found["states"].values())) == (3, 3)
    assert {(a["name"], a["parent"], a["state"]) for a in found["arrivals"]} == {
        ("a.eml", None, "used"), ("自查报告.docx", "a.eml", "used"), ("空.docx", "a.eml", "quarantined"),
    }  # fmt: skip
    people = zicha("status", home=tmp_path).stdout
    assert "未能处理　空.docx（a.eml）——文件是空的，没有任何内容——" in people


@pytest.mark.slow
def test_an_empty_home_says_so_and_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    done = zicha("once", home=tmp_path)
    assert (done.returncode, "收件目录中没有来件" in done.stderr) == (0, True)
    assert json.loads(zicha("status", "--json", home=tmp_path).stdout) == {
        "arrived": 0, "arrivals": [],
        "states": {"waiting": 0, "used": 0, "duplicate": 0, "superseded": 0, "not_needed": 0, "quarantined": 0},
    }  # fmt: skip


def test_a_home_without_an_inbox_is_named(tmp_path: Path) -> None:
    done = zicha("once", home=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "收件目录不存在" in done.stderr


@pytest.mark.slow
def test_a_single_spreadsheet_is_a_catalog_not_a_report(tmp_path: Path, make_catalog: Maker) -> None:
    sheet = worksheets(put(tmp_path, "目录清单.xlsx", make_catalog()))
    assert (len(sheet["catalog"]), sheet["blocks"]) == (2, [])


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path, make_mail: Maker, make_report: Maker) -> None:
    mail = put(tmp_path, "a.eml", make_mail({"自查报告.docx": make_report()}))
    command = f"{sys.executable} {ROOT / 'zicha.py'} process {mail} --json | head -c 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, cwd="/", check=False)
    assert (done.stdout, done.stderr) == ("{", "")


def test_nor_is_a_reader_that_is_gone_before_the_few_lines_come(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    command = f"{sys.executable} {ROOT / 'zicha.py'} check --home {tmp_path} | true"
    env = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}  # lines wait until the end, as they do for people
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, cwd="/", check=False, env=env)
    assert (done.returncode, done.stderr) == (0, "")
