"""`zicha init`: put what an office may edit into its home folder, without ever touching what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.files import write_new
from ingest.rules import folder_of, is_shipped, own_files, shipped
from ingest.settings import FILE, Settings, SettingsError, template
from scoring.borrowed import TRAINED, completed
from scoring.rubric import MAIN
from templates.letters_texts import FILE as LETTERS
from templates.letters_texts import shipped_text


@dataclass(frozen=True, slots=True)
class Started:
    """What `start` did."""

    rubric: str
    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    """Were there already, and were left as they are."""
    in_use: bool
    """Whether zicha.toml (or the environment) names that rubric."""


def start(settings: Settings, rubric: str | None) -> Started:
    """Copy settings, letters' texts and the rubric's files; raises SettingsError, RubricError, OSError.

    `rubric` None: the one that the settings name. A name that is neither built in nor there yet begins a new rubric.
    """
    name = rubric or settings.rubric
    if not re.fullmatch(r"[\w][\w.-]*", name):
        raise SettingsError(f"“{name}”不能作为细则的名称；可用字母、数字、汉字和 - _，例如 ours-2018")
    had_settings = (settings.home / FILE).exists()
    settings.inbox.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    kept: list[Path] = []
    for path, text in _files(settings, name):
        path.parent.mkdir(parents=True, exist_ok=True)
        (written if write_new(path, text.encode()) else kept).append(path)
    return Started(name, tuple(written), tuple(kept), settings.rubric == name if had_settings else True)


def _files(settings: Settings, name: str) -> Iterator[tuple[Path, str]]:
    yield settings.home / FILE, template(name)
    yield settings.home / LETTERS, shipped_text()
    model, own = shipped(name), own_files(settings, name)
    if not is_shipped(name) and MAIN not in own:
        own = {**own, MAIN: re.sub(r'(?m)^id = ".*"$', f'id = "{name}"', model[MAIN], count=1)}
    for file, text in sorted({**model, **completed(own, model)}.items()):
        if file != TRAINED:  # weights are trained, not edited; they go along with the items by themselves
            yield folder_of(settings, name) / file, text
