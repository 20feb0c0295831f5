"""The scoring rules of a rubric as data: each clause (扣分条款) with what it counts and what it does to which item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring.toml_table import RubricError, TomlTable

KINDS = ("zero", "deduct", "deduct_each", "halve", "award", "award_each", "none")
"""不得分, 扣N分 (once), 每件次扣N分, 得分减半, 加N分, 每件次加N分, and what is written down but changes no points."""
INTAKE = ("late",)
"""What is known from the arrival itself: the first report came after the deadline."""
POINTED = ("deduct", "deduct_each", "award", "award_each")
_KEYS = (
    "id", "clause", "label", "kind", "points", "unit", "at_least", "more_than", "exactly", "counts", "separately",
    "zeroes", "deems", "excludes", "intake", "supervision", "reading",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. It is triggered when what it counts reaches `at_least` (and not more than `at_most`)."""

    id: str
    """Item and letter: 4.2b."""
    item: str
    kind: str
    """One of KINDS."""
    clause: str
    """The clause, word for word as the rubric prints it."""
    label: str
    """What was found, in a few words: 未督办预警信号、反馈相关问题."""
    points: Decimal
    """Points taken or given, once or for each occurrence; 0 for kinds that need none."""
    unit: str
    """What an occurrence is counted in: 次, 件次, 项; "" where there is nothing to count."""
    at_least: int
    at_most: int | None
    counts: tuple[str, ...]
    """Ids of the rules whose facts are counted; its own alone, unless it follows from the counts of others."""
    separately: bool
    """The threshold holds for each of `counts` alone instead of for their sum."""
    zeroes: tuple[str, ...]
    """Other items that lose their points, too."""
    deems: tuple[str, ...]
    """Rules that are deemed triggered (视为)."""
    excludes: tuple[str, ...]
    """Rules that cannot hold beside this one."""
    intake: str
    """"late" where a report that came too late counts as one occurrence; "" otherwise."""
    supervision: bool
    """Known from online supervision and its statistics: a column of the form that is imported."""
    reading: str
    """How the clause is understood, where that needs saying."""

    @property
    def takes_facts(self) -> bool:
        """Whether facts are stated of this rule itself; False where it follows from the counts of others."""
        return self.id in self.counts


@dataclass(frozen=True, slots=True)
class Reading:
    """A clause that can be read in more than one way, and the way in use."""

    id: str
    rule: str
    question: str
    choices: tuple[str, ...]
    use: str


def load_readings(table: TomlTable) -> tuple[tuple[Reading, ...], Mapping[str, dict[str, Any]]]:
    """[[readings]] -> (readings, what the choices in use change: rule id -> keys of its table)."""
    readings: list[Reading] = []
    changes: dict[str, dict[str, Any]] = {}
    for t in table.tables("readings", optional=True):
        choices = {c.text("name"): c for c in t.tables("choices")}
        use = t.text("use")
        t.allowed("use", use, tuple(choices))
        for c in choices.values():
            c.known(("name", *_KEYS))
        rule = t.text("rule")
        changes.setdefault(rule, {}).update({k: v for k, v in choices[use].values.items() if k != "name"})
        readings.append(Reading(t.text("id"), rule, t.text("question"), tuple(choices), use))
    double = next((r.id for k, r in enumerate(readings) if r.id in [o.id for o in readings[:k]]), None)
    if double:
        raise RubricError(table.file, "readings.id", f"{double} 重复")
    return tuple(readings), changes


def load_rule(t: TomlTable, item: str, texts: Sequence[str], changes: Mapping[str, dict[str, Any]]) -> Rule:
    """One [[sections.items.rules]] table, changed as the readings in use say; its clause must stand in one of `texts`."""
    id = t.text("id")
    t = TomlTable(t.file, t.path, {**t.values, **changes.get(id, {})})
    t.known(_KEYS)
    if not re.fullmatch(re.escape(item) + r"[a-z]{1,2}", id):
        raise t.error("id", f"“{id}”须为条目编号加字母，例如 {item}a")
    kind = t.text("kind")
    t.allowed("kind", kind, KINDS)
    clause = t.text("clause")
    if not any(_plain(clause) in _plain(text) for text in texts):
        raise t.error("clause", "须与条目原文（text、rule）一字不差")
    points = t.decimal("points") if kind in POINTED else Decimal(0)
    if kind not in POINTED and "points" in t.values:
        raise t.error("points", f"kind = \"{kind}\" 不用分值")
    least, most = _threshold(t)
    intake = t.text("intake", "")
    t.allowed("intake", intake, ("", *INTAKE))
    return Rule(
        id, item, kind, clause, t.text("label"), points, t.text("unit", ""), least, most, t.texts("counts", optional=True) or (id,),
        t.flag("separately"), t.texts("zeroes", optional=True), t.texts("deems", optional=True), t.texts("excludes", optional=True),
        intake, t.flag("supervision"), t.text("reading", ""),
    )  # fmt: skip


def check_rules(file: str, rules: Sequence[Rule], items: Iterable[str], bonus: Iterable[str], readings: Iterable[Reading]) -> None:
    """Whether the rules fit together; raises RubricError."""
    known, items, bonus = {r.id: r for r in rules}, set(items), set(bonus)
    if len(known) < len(rules):
        double = next(r.id for k, r in enumerate(rules) if r.id in [o.id for o in rules[:k]])
        raise RubricError(file, "rules.id", f"{double} 重复")
    for r in rules:
        for key, ids, allowed in (("counts", r.counts, set(known)), ("deems", r.deems, set(known)), ("excludes", r.excludes, set(known)),
                                  ("zeroes", r.zeroes, items)):  # fmt: skip
            unknown = [i for i in ids if i not in allowed]
            if unknown:
                raise RubricError(file, f"rules（{r.id}）.{key}", f"没有 {unknown[0]}")
        if any(not known[c].takes_facts for c in r.counts):
            raise RubricError(file, f"rules（{r.id}）.counts", "只能引用直接计数的条款")
        if r.kind.startswith("award") != (r.item in bonus) and r.kind != "none":
            raise RubricError(file, f"rules（{r.id}）.kind", "加分条款只能用于加分条目，扣分条款只能用于其他条目")
        if (r.intake or r.supervision) and not r.takes_facts:
            raise RubricError(file, f"rules（{r.id}）", "由其他条款次数推出的条款不能直接计数")
    for reading in readings:
        if reading.rule not in known:
            raise RubricError(file, f"readings（{reading.id}）.rule", f"没有 {reading.rule}")


def _threshold(t: TomlTable) -> tuple[int, int | None]:
    """(at least, at most): 以上 includes the number, 超过 does not."""
    given = [k for k in ("at_least", "more_than", "exactly") if k in t.values]
    if len(given) > 1:
        raise t.error(given[1], "at_least（N次以上，含N）、more_than（超过N次，不含N）、exactly（N次）只能写一个")
    if not given:
        return 1, None
    n = t.number(given[0])
    return (n + 1, None) if given[0] == "more_than" else (n, n if given[0] == "exactly" else None)


def _plain(text: str) -> str:
    """A text without blanks and with one form of each sign, for comparing."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
