"""What a record is about: two people who speak of the same thing at once have to know of each other (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from scoring.journal import (
    ACCEPT,
    APPLIES,
    ASSIGN_UNIT,
    BLOCK_MOVE,
    CLAIM_ADD,
    CLAIM_LINK,
    CLAIM_MISSING,
    CLAIM_NONE,
    CLAIM_PRESENT,
    EXTEND,
    FACT,
    FILE_ROLE,
    PAPER_RECEIVED,
    PAPER_ROW,
    PAPER_STAMP,
    POINTS,
    REFUSE,
    REVIEWER,
)
from scoring.workflow import WHOLE

Subject = tuple[object, ...]


class Word(Protocol):
    """A record, written down or not yet."""

    @property
    def kind(self) -> str: ...

    @property
    def unit(self) -> str | None: ...

    @property
    def body(self) -> Mapping[str, Any]: ...


ALIKE: tuple[frozenset[str], ...] = (
    frozenset({CLAIM_LINK, CLAIM_MISSING, CLAIM_PRESENT, CLAIM_NONE, CLAIM_ADD}),
    frozenset({ACCEPT, REFUSE}),
    WHOLE,
    *(frozenset({k}) for k in (POINTS, APPLIES, BLOCK_MOVE, FACT, EXTEND, ASSIGN_UNIT, FILE_ROLE, REVIEWER)),
    *(frozenset({k}) for k in (PAPER_RECEIVED, PAPER_STAMP, PAPER_ROW)),
)
"""Kinds that can speak of one thing."""
OF_ALL = frozenset({ASSIGN_UNIT, FILE_ROLE})
"""Kinds whose subject is no unit's: a later word about it may name another unit."""


def kinds_like(kind: str) -> frozenset[str]:
    """The kinds that may say something else about the same thing; none for records that speak of nothing anyone else could."""
    return next((kinds for kinds in ALIKE if kind in kinds), frozenset())


def subject_of(word: Word) -> Subject | None:
    """What the record is about; equal for equal things, None where nobody can be of another opinion."""
    kinds = kinds_like(word.kind)
    if not kinds:
        return None
    body = word.body
    about: Subject = ()
    if word.kind in (POINTS, APPLIES):
        about = (body["item"],)
    elif word.kind == CLAIM_ADD:
        about = (body["block"]["text"], body["text"], body["occurrence"], None)
    elif "claim" in body:
        claim = body["claim"]
        about = (claim["block"], claim["text"], claim["occurrence"], claim.get("ref"))
    elif word.kind == BLOCK_MOVE:
        about = (body["block"]["text"], body["block"]["occurrence"])
    elif word.kind == FACT:
        about = (body["clause"],)
    elif word.kind in (ASSIGN_UNIT, ACCEPT, REFUSE):
        about = (body["submission"],)
    elif word.kind == FILE_ROLE:
        about = (body["sha256"],)
    elif word.kind == REVIEWER:
        about = tuple(body["items"])
    elif word.kind == PAPER_ROW:
        about = (json.dumps(body["row"], sort_keys=True),)
    return (min(kinds), None if word.kind in OF_ALL else word.unit, *about)
