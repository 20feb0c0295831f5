"""Facts: what the office itself knows about a unit, each stated of one clause with a count. Only facts lower points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, TypeVar

from scoring.rubric import Rubric

Source = Literal["supervision", "intake", "reviewer"]
SOURCES: tuple[Source, ...] = ("supervision", "intake", "reviewer")
MAX_COUNT = 9999
"""More occurrences of one clause in a year are a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One clause was met `count` times."""

    clause: str
    """Id of the rule it is stated of: 4.2b."""
    count: int = 1
    """Occurrences, 0 or more; 0 says that there was none."""
    source: Source = "reviewer"
    note: str = ""
    origin: str = ""
    """Where it stands: file name and row, or who said it."""
    period: str = ""
    """"2017-11", "2017", or "" where it is of no period."""


class FactEntry(Protocol):
    """A journal entry of kind "fact", as far as it is needed here."""

    @property
    def seq(self) -> int: ...

    @property
    def kind(self) -> str: ...

    @property
    def unit(self) -> str | None: ...

    @property
    def body(self) -> Mapping[str, Any]: ...


E = TypeVar("E", bound=FactEntry)


def facts_of(entries: Iterable[FactEntry], unit: str | None = None) -> tuple[Fact, ...]:
    """The facts in force, from live journal entries in any order; those of one unit if it is named."""
    return tuple(fact_of(e.body) for e in in_force(e for e in entries if unit in (None, e.unit)))


def in_force(entries: Iterable[E]) -> tuple[E, ...]:
    """Of live journal entries those whose facts count, in order.

    Of imports for one period the newest counts; a yearly statistic of a clause replaces that unit's months of the same year.
    An entry marked `dropped` says only that the newest table is silent about the unit.
    """
    mine = sorted((e for e in entries if e.kind == "fact"), key=lambda e: e.seq)
    newest = {(e.unit, _period(e)): _import(e) for e in mine if e.body.get("file")}  # the last one stays
    current = [e for e in mine if not e.body.get("file") or newest[(e.unit, _period(e))] == _import(e)]
    current = [e for e in current if not e.body.get("dropped")]
    yearly = {(e.unit, e.body["clause"], _period(e)) for e in current if e.body.get("file") and re.fullmatch(r"\d{4}", _period(e))}
    return tuple(e for e in current if not (e.body.get("file") and (e.unit, e.body["clause"], _month_of(_period(e))) in yearly))


def fact_of(body: Mapping[str, Any]) -> Fact:
    """A journal entry's body -> Fact."""
    source: Source = body.get("source", "reviewer")
    return Fact(
        str(body["clause"]), int(body.get("count", 1)), source, body.get("note") or "", body.get("origin") or "", body.get("period") or ""
    )


def as_body(fact: Fact) -> dict[str, object]:
    """A fact as the body of a journal entry."""
    return asdict(fact)


def intake_facts(rubric: Rubric, late: bool | None) -> tuple[Fact, ...]:
    """What the arrival itself says: a first report after the deadline is one occurrence of the rules that count it."""
    return tuple(Fact(r.id, 1, "intake", "自查报告在截止日之后收到", "来件时间") for r in rubric.rules if late and r.intake == "late")


def misplaced(rubric: Rubric, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Facts that this rubric has no rule for, or whose rule follows from others; they lower nothing and need a person."""
    known = {r.id for r in rubric.rules if r.takes_facts}
    return tuple(f for f in facts if f.clause not in known)


def what_is_wrong(rubric: Rubric, clause: str, count: int) -> str | None:
    """Why no such fact can be stated, as a sentence; None where it can."""
    rule = next((r for r in rubric.rules if r.id == clause), None)
    if rule is None:
        return f"细则中没有条款“{clause}”"
    if not rule.takes_facts:
        return f"{clause} 由{'、'.join(rule.counts)}的次数推出，请填写{'或'.join(rule.counts)}"
    if not 0 <= count <= MAX_COUNT:
        return f"次数须为0到{MAX_COUNT}的整数"
    return None


def _import(e: FactEntry) -> tuple[Any, Any]:
    """Which import an entry is of: the same file may come a second time after another one."""
    return e.body.get("file"), e.body.get("import")


def _period(e: FactEntry) -> str:
    return str(e.body.get("period") or "")


def _month_of(period: str) -> str:
    """The year of a month; "" for anything else."""
    return period[:4] if re.fullmatch(r"\d{4}-\d{2}", period) else ""
