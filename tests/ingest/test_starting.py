"""zicha init and zicha check: what an office may edit comes into its home folder, nothing there is ever written over, and it adds up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from ingest.rules import load_rules
from ingest.settings import Settings, load_settings
from ingest.starting import start
from scoring.rubric import builtin

ROOT = Path(__file__).resolve().parents[2]
ID = "shuangyashan-2017"
COPIED = ["evidence.toml", "roster.toml", "rubric.toml", "thresholds.toml", "words.toml"]


def zicha(*arguments: str, home: Path) -> tuple[int, str, str]:
    """(exit code, standard output, standard error)."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("ZICHA_")}
    command = [sys.executable, str(ROOT / "zicha.py"), *arguments, "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd="/", check=False)
    return done.returncode, done.stdout, done.stderr


def begun(home: Path, rubric: str = ID) -> Path:
    """A home folder after `zicha init`; gives the folder of its rubric."""
    start(load_settings(home, {}), rubric)
    return home / "rubrics" / rubric


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_everything_that_may_be_edited_is_copied_and_named(tmp_path: Path) -> None:
    code, out, err = zicha("init", home=tmp_path)
    assert (code, err) == (0, "")
    expected = [tmp_path / "zicha.toml", tmp_path / "letters.toml", *(tmp_path / "rubrics" / ID / n for n in COPIED)]
    assert [line for line in out.splitlines() if line.startswith("已写入")] == [f"已写入 {p}" for p in expected]
    assert all(p.is_file() for p in expected) and (tmp_path / "inbox").is_dir()
    assert all((tmp_path / "rubrics" / ID / n).read_text("utf-8") == builtin(ID)[n] for n in COPIED)


def test_copies_judge_exactly_as_the_built_in_files_do(tmp_path: Path) -> None:
    before = load_rules(load_settings(tmp_path, {}))
    begun(tmp_path)
    after = load_rules(load_settings(tmp_path, {}))
    assert (after.rubric, after.roster) == (before.rubric, before.roster)
    assert dict(after.files) == {n: str(tmp_path / "rubrics" / ID / n) for n in COPIED} | {"segment.json": "内置"}


def test_the_settings_it_writes_are_the_defaults(tmp_path: Path) -> None:
    begun(tmp_path)
    text = (tmp_path / "zicha.toml").read_text("utf-8")
    shown = [line for line in text.splitlines() if " = " in line]
    (tmp_path / "zicha.toml").write_text("\n".join(line.removeprefix("# ") for line in shown), "utf-8")
    assert len(shown) == len(fields(Settings)) - 1  # all keys, the home folder is none
    assert load_settings(tmp_path, {}) == Settings(home=tmp_path.resolve())


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "rubrics" / ID
    folder.mkdir(parents=True)
    (folder / "roster.toml").write_text('[[units]]\nname = "甲县"\ngroup = "county"\n', "utf-8")
    (folder / "words.toml").symlink_to(tmp_path / "gone")
    code, out, _ = zicha("init", home=tmp_path)
    assert code == 0 and f"已有，未改动 {folder / 'roster.toml'}" in out and f"已有，未改动 {folder / 'words.toml'}" in out
    assert (folder / "roster.toml").read_text("utf-8").startswith('[[units]]\nname = "甲县"') and not (tmp_path / "gone").exists()
    assert zicha("init", home=tmp_path)[1].splitlines()[-1] == "没有需要写入的文件"


def test_a_new_rubric_begins_as_the_built_in_one_under_its_own_name(tmp_path: Path) -> None:
    code, _, _ = zicha("init", "--rubric", "ours-2018", home=tmp_path)
    assert code == 0
    rules = load_rules(load_settings(tmp_path, {}))
    assert rules.rubric.id == "ours-2018" and len(rules.rubric.items) == 25
    assert rules.rubric.tables["segment.json"] == load_rules(load_settings(tmp_path / "no", {})).rubric.tables["segment.json"]


def test_a_second_rubric_is_not_in_use_before_the_settings_say_so(tmp_path: Path) -> None:
    begun(tmp_path)
    _, out, _ = zicha("init", "--rubric", "ours-2018", home=tmp_path)
    assert f'请在 {tmp_path / "zicha.toml"} 中写 rubric = "ours-2018"' in out
    assert load_rules(load_settings(tmp_path, {})).rubric.id == ID


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden"])
def test_a_name_that_is_none_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    code, out, err = zicha("init", f"--rubric={name}", home=tmp_path / "home")
    assert (code, out) == (1, "") and "不能作为细则的名称" in err and not (tmp_path / "home").exists()


def test_check_says_which_files_are_in_use_and_that_the_points_add_up(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    code, out, err = zicha("check", home=tmp_path)
    assert (code, err) == (0, "") and "48条规则，分值相符" in out and f"rubric.toml：{folder / 'rubric.toml'}" in out
    assert "segment.json：内置" in out and out.splitlines()[-1] == "检查通过"


BROKEN = {
    "a section that is not the sum of its items": (
        "rubric.toml", "points = 20\nheadings", "points = 21\nheadings", "sections[1].points：为 21"
    ),
    "a base that is not the sum of its sections": ("rubric.toml", "base = 100", "base = 101", "points.base：为 101"),
    "a bonus that is not the sum of its sections": ("rubric.toml", "bonus = 20", "bonus = 19", "points.bonus：为 19"),
    "a clause that takes more than the item has": (
        "rubric.toml", 'id = "1.1b"\nkind = "deduct"\npoints = 3', 'id = "1.1b"\nkind = "deduct"\npoints = 6',
        "rules（1.1b）.points：扣分 6 超过条目分值 5",
    ),
    "a clause without a rule": (
        "rubric.toml",
        (
            '[[sections.items.rules]]\nid = "1.1b"\nkind = "deduct"\npoints = 3\n'
            'clause = "未建立相关工作机制的扣3分"\nlabel = "未建立相关工作机制"\n'
        ),
        "", "items（1.1）.rules：“未建立相关工作机制的扣3分”没有对应的规则",
    ),
    "a clause in other words than the item's": (
        "rubric.toml", 'clause = "未建立相关工作机制的扣3分"', 'clause = "没有建立机制的扣3分"',
        "sections[1].items[1].rules[2].clause：须与条目原文",
    ),
    "words for an item that is none": ("words.toml", '[items."1.1"]', '[items."1.9"]', 'items."1.9"：细则中没有这个条目'),
    "words for a section that is none": ("words.toml", "[sections.7]", "[sections.8]", 'sections."8"：细则中没有这个部分'),
    "a grade that is none": ("words.toml", "medium =", "middle =", 'sections."1".middle：没有这个键'),
    "a weight that is none": ("thresholds.toml", "edge = 6.0", "egde = 6.0", "segment.egde：没有这个键"),
    "a list that is missing": ("evidence.toml", "vague =", "vag =", "vague：缺少这个键"),
    "no TOML at all": ("words.toml", "[sections.1]", "[sections.1", "TOML 语法"),
    "a unit in a group that is none": ("roster.toml", 'group = "county"', 'group = "town"', "units[1].group：“town”不在可用的值之内"),
    "letters that fill in what there is not": (
        "letters.toml", "{work}考核自查材料的通知", "{works}考核自查材料的通知", "supplement.title：不认识的 {works}"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_named_with_file_and_key(tmp_path: Path, what: str) -> None:
    file, old, new, said = BROKEN[what]
    path = (tmp_path if file == "letters.toml" else begun(tmp_path)) / file
    begun(tmp_path)
    changed(path, old, new)
    code, out, err = zicha("check", home=tmp_path)
    first = err.splitlines()[0]
    assert code == 1 and "检查通过" not in out and first.startswith(f"{path}：") and said in first, err
    if what != "a list that is missing":  # the misspelt one is named, too
        assert err.count("\n") == 1


def test_items_that_people_must_do_alone_are_named_and_are_no_error(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    (folder / "words.toml").write_text('[items."1.1"]\nstrong = ["领导小组"]\n', "utf-8")
    code, out, _ = zicha("check", "--json", home=tmp_path)
    found = json.loads(out)
    assert code == 0 and found["items_without_rules"] == [] and len(found["items_without_words"]) == 24
