"""Rubric and roster: the home folder's own files win, file by file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.rules import load_rules
from ingest.settings import load_settings
from scoring.rubric import RubricError, builtin

ID = "shuangyashan-2017"


def rules(home: Path, rubric: str = ID, **files: str) -> object:
    folder = home / "rubrics" / rubric
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return load_rules(load_settings(home, {"ZICHA_RUBRIC": rubric}))


def test_the_built_in_rubric_needs_no_files(tmp_path: Path) -> None:
    found = load_rules(load_settings(tmp_path, {}))
    assert (len(found.rubric.items), len(found.roster.units)) == (25, 53)
    assert {place for _, place in found.files} == {"内置"}


def test_an_own_roster_wins_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "rubrics" / ID).mkdir(parents=True)
    (tmp_path / "rubrics" / ID / "roster.toml").write_text('[[units]]\nname = "甲县"\ngroup = "county"\n', "utf-8")
    found = load_rules(load_settings(tmp_path, {}))
    assert [u.name for u in found.roster.units] == ["甲县"]
    assert dict(found.files)["roster.toml"] == str(tmp_path / "rubrics" / ID / "roster.toml")
    assert dict(found.files)["rubric.toml"] == "内置"


def test_a_changed_file_changes_the_hash(tmp_path: Path) -> None:
    before = load_rules(load_settings(tmp_path, {})).rubric.sha256
    (tmp_path / "rubrics" / ID).mkdir(parents=True)
    (tmp_path / "rubrics" / ID / "thresholds.toml").write_text(builtin(ID)["thresholds.toml"] + "\n# 本局改动\n", "utf-8")
    assert load_rules(load_settings(tmp_path, {})).rubric.sha256 != before


def test_a_rubric_of_the_offices_own_borrows_words_but_no_rubric(tmp_path: Path) -> None:
    with pytest.raises(RubricError, match="rubric"):
        rules(tmp_path, "county-2018", roster='[[units]]\nname = "甲乡"\ngroup = "county"\n')


def test_a_rubric_that_is_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(RubricError, match="没有名为“nowhere”的细则"):
        load_rules(load_settings(tmp_path, {"ZICHA_RUBRIC": "nowhere"}))
