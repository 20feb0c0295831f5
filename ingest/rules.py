"""Rubric and roster in use: the home folder's own files win over the built-in ones, file by file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.settings import Settings
from scoring.roster import FILE as ROSTER
from scoring.roster import Roster, load_roster
from scoring.rubric import MAIN, Rubric, RubricError, builtin, load_rubric

FALLBACK = "shuangyashan-2017"


@dataclass(frozen=True, slots=True)
class Rules:
    """What everything is judged by."""

    rubric: Rubric
    roster: Roster
    files: tuple[tuple[str, str], ...]
    """File name and where it stands, for people."""


def load_rules(settings: Settings) -> Rules:
    """The rubric and roster named by the settings; raises RubricError."""
    texts, places = _texts(settings)
    if ROSTER not in texts:
        raise RubricError(ROSTER, "文件", "缺少此文件")
    return Rules(load_rubric(texts), load_roster(texts[ROSTER]), tuple(sorted(places.items())))


def _texts(settings: Settings) -> tuple[dict[str, str], dict[str, str]]:
    folder = settings.home / "rubrics" / settings.rubric
    own = _own(folder)
    shipped = _shipped(settings.rubric, own)
    if not own and not shipped:
        raise RubricError(str(folder), "文件夹", f"没有名为“{settings.rubric}”的细则")
    places = dict.fromkeys(shipped, "内置") | {name: str(folder / name) for name in own}
    return {**shipped, **own}, places


def _own(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        return {}
    return {path.name: _read(path) for path in sorted(folder.iterdir()) if path.suffix in (".toml", ".json") and path.is_file()}


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RubricError(str(path), "文件", f"无法读取，须为 UTF-8 文本（{error}）") from error


def _shipped(name: str, own: Mapping[str, str]) -> Mapping[str, str]:
    """The built-in files under that name; for an office's own rubric, the built-in words and thresholds only."""
    try:
        return builtin(name)
    except KeyError:
        return {n: t for n, t in builtin(FALLBACK).items() if n not in (MAIN, ROSTER)} if own else {}
