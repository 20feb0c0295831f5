"""`zicha facts` as a person uses it: template, import, add, list."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path


def facts(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "zicha.py"), "facts", *map(str, arguments), "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", env=dict(os.environ), check=False)


@pytest.mark.slow
def test_from_the_template_to_the_list(home: Path) -> None:
    form = home / "统计表.xlsx"
    assert facts(home, "template", form).returncode == 0
    book = openpyxl.load_workbook(form)
    book.worksheets[0]["B2"], book.worksheets[0]["D5"] = "2017", 1
    book.save(form)
    said = facts(home, "import", form, "--by", "张三").stdout
    assert said.splitlines() == ["2017：张三导入1个单位的1条", "需要整张撤销的，运行 zicha facts undo 1 --by 姓名"]
    assert "没有变化" in facts(home, "import", form, "--by", "张三").stdout
    added = facts(home, "add", "宝山区政府", "4.2b", "--count", "2", "--by", "李四", "--note", "现场核实")
    assert added.stdout == "宝山区 4.2b：未督办预警信号、反馈相关问题2件次（李四）\n"
    rows = json.loads(facts(home, "list", "--json").stdout)
    assert [(r["seq"], r["unit"], r["clause"], r["count"], r["source"], r["in_force"]) for r in rows] == [
        (1, "尖山区", "1.4a", 1, "supervision", True),
        (2, "宝山区", "4.2b", 2, "reviewer", True),
    ]
    assert "审核认定" in facts(home, "list", "--unit", "宝山区").stdout


@pytest.mark.slow
def test_a_bad_table_is_told_cell_by_cell_and_ends_with_2(home: Path) -> None:
    table = home / "a.csv"
    table.write_text("统计期间,2017\n单位,条款,次数\n某县,1.4b,1\n集贤县,1.4b,x\n", "utf-8")
    done = facts(home, "import", table, "--by", "张三")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "a.csv 第3行A列：名单中没有“某县”",
        "a.csv 第4行C列：“x”不是次数，须为0或正整数（可写“是”“否”）",
        "有2处问题，整张未导入",
    ]
    assert facts(home, "import", home / "没有.csv", "--by", "张三").returncode == 2
    assert facts(home, "add", "集贤县", "1.4d", "--by", "张三").returncode != 0
