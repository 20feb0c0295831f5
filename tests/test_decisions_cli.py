"""Deciding on the command line, as real processes, also while `zicha watch` holds the folder."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
Maker = Callable[..., bytes]
pytestmark = pytest.mark.slow
UNIT = "集贤县"
ENV = {**os.environ, "ZICHA_SETTLE": "0", "ZICHA_RESCAN": "2"}


def zicha(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "zicha.py"), *arguments, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, env=ENV, cwd="/", check=False)


def sheet(home: Path) -> Any:
    (path,) = (home / "outbox").glob(f"*{UNIT}*.json")
    return json.loads(path.read_text("utf-8"))


def confirmed(home: Path) -> dict[str, float]:
    return {s["item"]: s["confirmed"]["points"] for s in sheet(home)["score"]["items"] if s["confirmed"]}


@pytest.fixture
def home(tmp_path: Path, make_mail: Maker, make_report: Maker, make_catalog: Maker) -> Path:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.eml").write_bytes(make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}))
    assert zicha(tmp_path, "once").returncode == 0
    return tmp_path


def test_confirm_correct_undo_and_list(home: Path) -> None:
    done = zicha(home, "confirm", UNIT, "1.1", "4.5", "--by", "张三", "--note", "已核")
    assert (done.returncode, done.stderr) == (0, "") and "确认4.5分（张三）；已确认1/25条" in done.stdout
    assert zicha(home, "correct", UNIT, "missing", "k1", "--by", "李四").returncode == 0
    assert sheet(home)["claims"][0]["status"] == "missing"
    assert "k1" in zicha(home, "contents", UNIT).stdout
    assert zicha(home, "undo", "2", "--by", "王五").returncode == 0
    assert sheet(home)["claims"][0]["status"] == "matched"
    listed = zicha(home, "audit").stdout.splitlines()
    assert [line.split("\u3000")[2] for line in listed] == ["张三", "李四", "王五"] and "第3条撤销" in listed[1]
    rows = json.loads(zicha(home, "audit", "--item", "1.1", "--json").stdout)
    assert rows[0]["body"]["points"] == "4.5"
    at = datetime.fromisoformat(rows[0]["at"]).astimezone(timezone(timedelta(hours=8)))
    assert listed[0].split("\u3000")[1] == f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}", "in the office's time, as people write it"


def test_accept_refuse_extend_and_their_undoing(home: Path, make_mail: Maker, make_report: Maker) -> None:
    newer = make_mail({"自查报告.docx": make_report(extra="并")}, sender="乙 <b@else.example>", date="Tue, 23 Jan 2018 10:00:00 +0800")
    (home / "inbox" / "b.eml").write_bytes(newer)
    assert "等待2" in zicha(home, "once").stderr
    assert "等待　b.eml——发件人未知" in zicha(home, "status").stdout
    assert zicha(home, "accept", "b.eml", "--by", "王五").stdout == f"b.eml：采用，归入{UNIT}（王五）\n"
    assert sheet(home)["submission"]["corrected_late"]
    done = zicha(home, "extend", UNIT, "2018-01-25", "--by", "王五", "--reason", "网络故障")
    assert "延至2018-01-25" in done.stdout and "按时" in done.stdout and not sheet(home)["submission"]["corrected_late"]
    assert "不采用" in zicha(home, "refuse", "b.eml", "--by", "王五").stdout
    assert "已被更新" not in zicha(home, "status").stdout
    for seq in ("3", "2", "1"):
        assert zicha(home, "undo", seq, "--by", "王五").returncode == 0
    assert "等待　b.eml" in zicha(home, "status").stdout
    assert "截止时间改为2018-01-25（网络故障）" in zicha(home, "audit", "--unit", UNIT).stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("confirm", UNIT, "1.1", "6", "--by", "张三"), "0至5"),
        (("confirm", "某某局", "1.1", "5", "--by", "张三"), "名单中没有"),
        (("confirm", UNIT, "1.1", "5"), "--by"),
        (("correct", UNIT, "move", "b4", "第三", "--by", "张三"), "不是部分或条目"),
        (("undo", "99", "--by", "张三"), "没有第99条"),
        (("accept", "a.eml", "--by", "张三"), "没有在等待"),
        (("refuse", "b.eml", "--by", "张三"), "没有“b.eml”"),
        (("extend", UNIT, "2018-01-25", "--by", "张三"), "须写明理由"),
        (("extend", UNIT, "下周", "--by", "张三", "--reason", "故障"), "不是日期"),
        (("extend", UNIT, "2018-01-20", "--by", "张三", "--reason", "故障"), "不是延期"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(home: Path, arguments: tuple[str, ...], why: str) -> None:
    done = zicha(home, *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and why in done.stderr


def test_audit_verify_proves_the_chain_or_says_where_it_breaks(home: Path) -> None:
    for n in ("1", "2", "3"):
        zicha(home, "confirm", UNIT, "1.1", n, "--by", "张三")
    whole = zicha(home, "audit", "verify")
    assert whole.returncode == 0 and "共3条" in whole.stdout
    with sqlite3.connect(home / "var" / "zicha.db") as db:
        db.execute("DROP TRIGGER journal_no_update")
        db.execute("UPDATE journal SET reason = '另行说明' WHERE seq = 2")
    db.close()
    broken = zicha(home, "audit", "verify")
    assert broken.returncode == 1 and "第2条" in broken.stderr and broken.stderr.count("\n") == 1


def test_decisions_made_at_once_while_a_watcher_runs_are_all_there(home: Path, make_mail: Maker, make_report: Maker) -> None:
    command = [sys.executable, str(ROOT / "zicha.py"), "watch", "--home", str(home)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENV, cwd="/") as watcher:
        try:
            assert watcher.stderr
            next(line for line in watcher.stderr if "正在看守" in line)
            (home / "inbox" / "b.eml").write_bytes(make_mail({"自查报告.docx": make_report("宝清县")}))
            items = {"1.1": "5", "1.3": "4", "1.4": "3", "2.1": "2"}
            with ThreadPoolExecutor(2) as pool:
                jobs = [pool.submit(zicha, home, "confirm", UNIT, item, points, "--by", item) for item, points in items.items()]
            assert [j.result().returncode for j in jobs] == [0] * 4
            assert confirmed(home) == {k: float(v) for k, v in items.items()}
            end = time.monotonic() + 60
            while not list((home / "outbox").glob("*宝清县*.json")) and time.monotonic() < end:
                time.sleep(0.2)
            assert list((home / "outbox").glob("*宝清县*.json"))
            assert confirmed(home) == {k: float(v) for k, v in items.items()}, "the watcher published them along with the new mail"
        finally:
            watcher.send_signal(signal.SIGTERM)
            watcher.wait(60)
    assert zicha(home, "audit", "verify").returncode == 0
