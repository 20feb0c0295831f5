"""A TOML table that knows where it stands, so that what is wrong in a rubric or roster can be named by file and key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


class RubricError(ValueError):
    """A rubric or roster file that is not valid; the message names file, key and what is allowed."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        self.file, self.key, self.problem = file, key, problem
        super().__init__(f"{file}：{key}：{problem}")


def parse(name: str, text: str) -> dict[str, Any]:
    """TOML text -> plain values; RubricError with the line where it breaks."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RubricError(name, "TOML 语法", str(error)) from error


@dataclass(frozen=True, slots=True)
class TomlTable:
    """A table with the file and the path of keys it stands at; every getter raises RubricError."""

    file: str
    path: str
    values: Mapping[str, Any]

    def error(self, key: str, problem: str) -> RubricError:
        return RubricError(self.file, self.path + key, problem)

    def allowed(self, key: str, value: str, allowed: Sequence[str]) -> None:
        if value not in allowed:
            raise self.error(key, f"“{value}”不在可用的值之内：{'、'.join(allowed)}")

    def known(self, keys: Sequence[str]) -> None:
        """Only these keys; a misspelt one would otherwise be without effect and nobody would see it."""
        for key in self.values:
            if key not in keys:
                raise self.error(key, f"没有这个键；可用的键：{'、'.join(keys)}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(key, "须为文字，且不得为空")
        return value

    def texts(self, key: str, *, optional: bool = False) -> tuple[str, ...]:
        value = self.values.get(key, [] if optional else None)
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.error(key, "须为文字列表，例如 [\"甲\", \"乙\"]")
        return tuple(value)

    def number(self, key: str) -> int:
        value = self.values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.error(key, "须为正整数")
        return value

    def decimal(self, key: str, default: Decimal | None = None) -> Decimal:
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or value < 0:
            raise self.error(key, "须为不小于 0 的数")
        return Decimal(str(value))

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "可用的值：true、false")
        return value

    def table(self, key: str, *, optional: bool = False) -> TomlTable:
        value = self.values.get(key, {} if optional else None)
        if not isinstance(value, dict):
            raise self.error(key, "须为一节，例如 [" + key + "]")
        return TomlTable(self.file, f"{self.path}{key}.", value)

    def tables(self, key: str, *, optional: bool = False) -> Iterator[TomlTable]:
        value = self.values.get(key, [] if optional else None)
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value) or (not value and not optional):
            raise self.error(key, "须为一组表，例如 [[" + key + "]]")
        return (TomlTable(self.file, f"{self.path}{key}[{k + 1}].", v) for k, v in enumerate(value))
