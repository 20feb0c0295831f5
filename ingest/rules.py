"""Rubric and roster in use: the home folder's own files win over the built-in ones, file by file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.settings import Settings
from scoring.borrowed import completed
from scoring.roster import FILE as ROSTER
from scoring.roster import Roster, load_roster
from scoring.rubric import MAIN, Rubric, RubricError, builtin, load_rubric

MODEL = "shuangyashan-2017"
"""The built-in rubric: what an office's own one borrows from, and what a new one begins as."""
BUILTIN, PARTLY = "内置", "内置中与本细则条目相同的部分"


@dataclass(frozen=True, slots=True)
class Rules:
    """What everything is judged by."""

    rubric: Rubric
    roster: Roster
    files: tuple[tuple[str, str], ...]
    """File name and where it stands, for people."""


def load_rules(settings: Settings) -> Rules:
    """The rubric and roster named by the settings; raises RubricError."""
    own = own_files(settings, settings.rubric)
    try:
        return _rules(settings, own)
    except RubricError as error:
        if error.file in own:  # whose file it is must be said in full
            raise RubricError(str(folder_of(settings, settings.rubric) / error.file), error.key, error.problem) from error
        raise


def own_files(settings: Settings, rubric: str) -> dict[str, str]:
    """The home folder's own files of that rubric: name -> text."""
    folder = folder_of(settings, rubric)
    if not folder.is_dir():
        return {}
    return {path.name: _read(path) for path in sorted(folder.iterdir()) if path.suffix in (".toml", ".json") and path.is_file()}


def folder_of(settings: Settings, rubric: str) -> Path:
    """Where the home folder's own files of that rubric stand."""
    return settings.home / "rubrics" / rubric


def shipped(rubric: str) -> Mapping[str, str]:
    """The built-in files of that name, or of the rubric that others borrow from."""
    try:
        return builtin(rubric)
    except KeyError:
        return builtin(MODEL)


def builtin_tables() -> Mapping[str, Mapping[str, Any]]:
    """The built-in words and thresholds, parsed: they say what keys there are."""
    return load_rubric(builtin(MODEL)).tables


def is_shipped(rubric: str) -> bool:
    """Whether a rubric of that name ships with the program."""
    try:
        return bool(builtin(rubric))
    except KeyError:
        return False


def _rules(settings: Settings, own: Mapping[str, str]) -> Rules:
    name = settings.rubric
    if not own and not is_shipped(name):
        raise RubricError(str(folder_of(settings, name)), "文件夹", f"没有名为“{name}”的细则；可用 zicha init --rubric {name} 建立")
    if not is_shipped(name):
        for needed in (MAIN, ROSTER):
            if needed not in own:
                raise RubricError(str(folder_of(settings, name) / needed), "文件", "缺少此文件")
    texts = completed(own, shipped(name))
    roster = own.get(ROSTER) or shipped(name)[ROSTER]
    rubric = load_rubric({**texts, ROSTER: roster})
    places = {n: str(folder_of(settings, name) / n) if n in own else BUILTIN for n in rubric.tables.keys() | {MAIN, ROSTER}}
    places |= {n: PARTLY for n in rubric.tables.keys() - own.keys() if texts[n] != shipped(name).get(n)}
    return Rules(rubric, load_roster(roster, groups=rubric.groups), tuple(sorted(places.items())))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RubricError(str(path), "文件", f"无法读取，须为 UTF-8 文本（{error}）") from error
