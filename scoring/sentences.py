"""The worksheet's sentences: reason and gap codes with their values -> one Chinese sentence, from sentences.toml."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources


def why(code: str, **values: object) -> str:
    """Why a claim was linked, or was not."""
    return _table("why")[code].format(**values)


def twin(code: str, **values: object) -> str:
    """What sets two near twins apart."""
    return _table("twin")[code].format(**values)


def gap(kind: str, **values: object) -> str:
    """What a reviewer has to look at."""
    return _table("gap")[kind].format(**values)


@lru_cache(maxsize=8)
def _table(name: str) -> dict[str, str]:
    texts = tomllib.loads((resources.files("scoring") / "sentences.toml").read_text("utf-8"))
    table: dict[str, str] = texts[name]
    return table
