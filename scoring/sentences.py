"""The worksheet's sentences: reason and gap codes with their values -> one Chinese sentence, from sentences.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources


def why(code: str, **values: object) -> str:
    """Why a claim was linked, or was not."""
    return _filled(_table("why")[code], values)


def twin(code: str, **values: object) -> str:
    """What sets two near twins apart."""
    return _filled(_table("twin")[code], values)


def gap(kind: str, **values: object) -> str:
    """What a reviewer has to look at."""
    return _filled(_table("gap")[kind], values)


def corrected(code: str, **values: object) -> str:
    """What a person decided, or why a decision of theirs has no place in this worksheet."""
    return _filled(_table("corrected")[code], values)


def changed(code: str, **values: object) -> str:
    """What became different since a person confirmed points."""
    return _filled(_table("changed")[code], values)


def review(code: str, **values: object) -> str:
    """Why something about the second check cannot be done."""
    return _filled(_table("review")[code], values)


def paper(code: str, **values: object) -> str:
    """What is open of the evidence on paper."""
    return _filled(_table("paper")[code], values)


def status(code: str) -> str:
    """A claim's status as people say it."""
    return _table("status").get(code, code)


def _filled(sentence: str, values: Mapping[str, object]) -> str:
    """The sentence with its values; what it puts between “ ” has its own “ ” turned into ‘ ’."""
    quoted = set(_QUOTED.findall(sentence))
    return sentence.format(**{k: _inner(str(v)) if k in quoted else v for k, v in values.items()})


def _inner(text: str) -> str:
    """Quotation marks one level down: “ ” and ‘ ’ take turns."""
    return text.translate(_TURNED) if "“" in text or "”" in text else text


_QUOTED = re.compile(r"“\{(\w+)\}”")
_TURNED = str.maketrans("“”‘’", "‘’“”")


@lru_cache(maxsize=16)
def _table(name: str) -> dict[str, str]:
    texts = tomllib.loads((resources.files("scoring") / "sentences.toml").read_text("utf-8"))
    table: dict[str, str] = texts[name]
    return table
