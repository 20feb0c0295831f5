"""The fixed words of letters: the shipped ones, and an office's own that win over them, checked key by key."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from scoring.rubric import RubricError, parse

FILE = "letters.toml"


@dataclass(frozen=True, slots=True)
class Texts:
    """The words by part and key; `say` fills in what stands in braces."""

    parts: Mapping[str, Mapping[str, Any]]

    def say(self, part: str, key: str, **values: object) -> str:
        """One text with its blanks filled."""
        return str(self.parts[part][key]).format(**values)

    def lines(self, part: str, key: str, **values: object) -> tuple[str, ...]:
        """A list of texts, each with its blanks filled."""
        return tuple(str(text).format(**values) for text in self.parts[part][key])

    def has(self, part: str, key: str) -> bool:
        """Whether there is such a text."""
        return key in self.parts[part]

    def flag(self, part: str, key: str) -> bool:
        """A yes or no."""
        return bool(self.parts[part][key])


def load_texts(own: str | None = None, *, file: str = FILE) -> Texts:
    """The shipped texts with those of an office's own file put over them; raises RubricError that names file and key."""
    shipped = parse(FILE, shipped_text())
    parts = {name: dict(part) for name, part in shipped.items()}
    for name, part in (parse(file, own) if own is not None else {}).items():
        if name not in parts or not isinstance(part, dict):
            raise RubricError(file, name, f"没有这一部分；可用：{'、'.join(parts)}")
        for key, value in part.items():
            _check(file, f"{name}.{key}", value, parts[name].get(key))
            parts[name][key] = value
    return Texts(parts)


@lru_cache(maxsize=1)
def shipped_text() -> str:
    """letters.toml as it ships."""
    return (resources.files("templates") / FILE).read_text("utf-8")


def _check(file: str, key: str, value: Any, shipped: Any) -> None:
    if shipped is None:
        raise RubricError(file, key, "没有这一项")
    if type(value) is not type(shipped) or (isinstance(value, list) and not all(isinstance(v, str) for v in value)):
        raise RubricError(file, key, f"须与原来的形式相同，原为 {shipped!r}")
    if isinstance(value, list) and key.endswith(("columns", "font", "sign")) and len(value) != len(shipped):
        raise RubricError(file, key, f"须有{len(shipped)}项")
    try:
        unknown = _blanks(value) - _blanks(shipped)
    except ValueError as error:
        raise RubricError(file, key, f"花括号不成对（{error}）") from error
    if unknown:
        raise RubricError(file, key, f"不认识的 {{{'}、{'.join(sorted(unknown))}}}；可用：{'、'.join(sorted(_blanks(shipped))) or '无'}")


def _blanks(value: Any) -> set[str]:
    """Names in braces."""
    texts = value if isinstance(value, list) else [value]
    return {name for text in texts if isinstance(text, str) for _, name, _, _ in string.Formatter().parse(text) if name is not None}
