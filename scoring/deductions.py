"""Rules × facts -> what each item loses or gains, in a fixed order that does not depend on the order of the facts.

1. count    facts of a clause are added up; an item that is not assessed triggers nothing
2. trigger  a rule whose count reaches its threshold; then what is deemed (视为) by a triggered rule
3. exclude  of two clauses that cannot hold together only the first counts
4. zero     不得分, of the item itself and from other items
5. deduct   once, then for each occurrence, never below 0
6. halve    what is left
7. award    never above the item's points
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from scoring.facts import SOURCES, Fact
from scoring.gaps import printed
from scoring.rubric import Item, Rubric
from scoring.rules import Rule

ORDER = ("zero", "deduct", "deduct_each", "halve", "award", "award_each")
"""Kinds in the order of application; "none" changes nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules make of one item."""

    points: Decimal
    deductions: tuple[dict[str, Any], ...]
    """As the contract prints them. `points` is what was really taken, so that they add up; `nominal` what the clause says."""
    awards: tuple[dict[str, Any], ...]
    sum: str
    """10 − 5（未落实机构和人员）= 5; "" where no rule was triggered."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A triggered rule."""

    rule: Rule
    count: int
    facts: tuple[Fact, ...]
    via: Rule | None = None
    """The rule by which it is deemed triggered."""
    idle: str = ""
    """Why it is written down but changes nothing; "" where it counts."""


def outcomes(rubric: Rubric, applies: frozenset[str], facts: Iterable[Fact]) -> Mapping[str, Outcome]:
    """Item id -> Outcome, for every item; one that does not apply keeps its facts in sight and its points untouched."""
    hits = triggered(rubric, applies, facts)
    return {i.id: _outcome(i, [h for h in hits if _concerns(h, i, applies)]) for i in rubric.items}


def _concerns(hit: Hit, item: Item, applies: frozenset[str]) -> bool:
    """Its own rules, and those of other items that take its points; not what comes back to it by its own rule."""
    if hit.rule.item == item.id:
        return item.id in applies or bool(hit.idle)
    return item.id in hit.rule.zeroes and item.id in applies and not hit.idle and (hit.via is None or hit.via.item != item.id)


def triggered(rubric: Rubric, applies: frozenset[str], facts: Iterable[Fact]) -> tuple[Hit, ...]:
    """The rules that hold, and those of which facts are stated without effect, in the rubric's order."""
    stated: dict[str, list[Fact]] = {}
    for fact in sorted(facts, key=_in_order):
        stated.setdefault(fact.clause, []).append(fact)
    hits = {h.rule.id: h for r in rubric.rules if r.item in applies and (h := _hit(r, stated)) is not None}
    open = list(hits)
    while open:
        by = hits[open.pop(0)]
        for id in by.rule.deems:
            if id not in hits:
                hits[id] = Hit(rubric.rule(id), by.count, by.facts, by.rule)
                open.append(id)
    barred = {id: h.rule for h in hits.values() for id in h.rule.excludes}
    for id, by_rule in barred.items():
        if id in hits:
            hits[id] = replace(hits[id], idle=f"（已按{by_rule.id}扣分，不再扣）")
    for h in _without_effect(rubric, applies, stated, hits):
        hits[h.rule.id] = h
    return tuple(hits[r.id] for r in rubric.rules if r.id in hits)


def _without_effect(
    rubric: Rubric, applies: frozenset[str], stated: Mapping[str, Sequence[Fact]], hits: Mapping[str, Hit]
) -> tuple[Hit, ...]:
    """Facts that lower nothing stay in sight: of items that are not assessed, or too few to count."""
    counted = {id for h in hits.values() for id in h.rule.counts}
    idle = []
    for r in rubric.rules:
        count = sum(f.count for f in stated.get(r.id, ()))
        if r.takes_facts and count and r.id not in counted:
            why = "，未达到条款所定次数" if r.item in applies else "（本单位不考核此条目，不计）"
            idle.append(Hit(r, count, tuple(stated[r.id]), idle=why))
    return tuple(idle)


def _hit(rule: Rule, stated: Mapping[str, Sequence[Fact]]) -> Hit | None:
    facts = tuple(f for id in rule.counts for f in stated.get(id, ()) if f.count)
    counts = [sum(f.count for f in stated.get(id, ())) for id in rule.counts]
    count = max(counts) if rule.separately else sum(counts)
    holds = count >= rule.at_least and (rule.at_most is None or count <= rule.at_most)
    return Hit(rule, count, facts) if holds else None


def _in_order(f: Fact) -> tuple[int, str, str, int, str]:
    return SOURCES.index(f.source), f.period, f.origin, f.count, f.note


@dataclass(slots=True)
class _Account:
    """An item's points while rules are applied."""

    item: Item
    left: Decimal
    text: str
    raw: Decimal
    """Without the floor at 0."""
    lines: list[dict[str, Any]] = field(default_factory=list)
    awards: list[dict[str, Any]] = field(default_factory=list)

    def apply(self, hit: Hit) -> None:
        kind = hit.rule.kind
        if hit.idle:
            self._note(hit, hit.idle)
        elif kind.startswith("award"):
            self._award(hit)
        elif kind == "zero":
            self._zero(hit)
        elif kind == "halve":
            self._halve(hit)
        elif kind in ("deduct", "deduct_each"):
            self._deduct(hit, hit.rule.points * (hit.count if kind == "deduct_each" else 1))
        else:
            self._note(hit, "（只作记录，不影响分数）")

    def _zero(self, hit: Hit) -> None:
        if self.left <= 0:
            return self._note(hit, "（已不得分）")
        self._say(f"− {show(self.left)}（{found(hit)}，不得分）")
        self._take(hit, self.left, self.left, "，不得分")
        self.raw = Decimal(0)
        return None

    def _deduct(self, hit: Hit, nominal: Decimal) -> None:
        if self.left <= 0:
            return self._note(hit, "（已不得分，不再扣）", nominal)
        each = f"，每{hit.rule.unit or '次'}扣{show(hit.rule.points)}分" if hit.rule.kind == "deduct_each" else f"，扣{show(nominal)}分"
        self._say(f"− {show(nominal)}（{found(hit)}{each if hit.count > 1 and hit.rule.kind == 'deduct_each' else ''}）")
        self.raw -= nominal
        self._take(hit, min(nominal, self.left), nominal, each)
        return None

    def _halve(self, hit: Hit) -> None:
        if self.left <= 0:
            return self._note(hit, "（已不得分，不再减半）")
        half = self.left / 2
        self.text = self.text if " " not in self.text else f"（{self.text}）"
        self._say(f"÷ 2（{found(hit)}，得分减半）")
        self.raw = half
        self._take(hit, half, half, "，得分减半")
        return None

    def _award(self, hit: Hit) -> None:
        nominal = hit.rule.points * (hit.count if hit.rule.kind == "award_each" else 1)
        given = min(nominal, self.item.points - self.left)
        self.left += given
        self.raw += nominal
        self._say(f"+ {show(nominal)}（{found(hit)}）")
        self.awards.append(_line(hit, given, nominal, f"，加{show(nominal)}分"))

    def _say(self, step: str) -> None:
        self.text += step if self.text.endswith("）") else f" {step}"

    def _take(self, hit: Hit, points: Decimal, nominal: Decimal, how: str) -> None:
        self.left -= points
        self.lines.append(_line(hit, points, nominal, self._because(hit, how)))

    def _note(self, hit: Hit, why: str, nominal: Decimal = Decimal(0)) -> None:
        self.lines.append(_line(hit, Decimal(0), nominal, self._because(hit, why)))

    def _because(self, hit: Hit, how: str) -> str:
        """How it counts; a rule of another item says so."""
        if hit.rule.item == self.item.id:
            return how
        return f"，依{printed(hit.rule.item)}本项同时不得分" + how.removeprefix("，不得分")

    def outcome(self) -> Outcome:
        limit = "" if self.raw == self.left else f"，{'不低于' if self.raw < 0 else '不超过'}{show(self.left)}分，计{show(self.left)}"
        text = f"{self.text}= {show(self.raw)}{limit}" if " " in self.text else ""
        return Outcome(self.left, tuple(self.lines), tuple(self.awards), text)


def _outcome(item: Item, hits: Sequence[Hit]) -> Outcome:
    start = Decimal(0) if item.bonus else item.points
    account = _Account(item, start, show(start), start)
    for hit in sorted(hits, key=lambda h: _place(item, h)):  # stable: the rubric's order within a kind
        account.apply(hit)
    return account.outcome()


def _place(item: Item, hit: Hit) -> tuple[int, bool]:
    kind = "zero" if item.id != hit.rule.item else hit.rule.kind
    return (ORDER.index(kind) if kind in ORDER else len(ORDER)), hit.rule.item != item.id


def found(hit: Hit) -> str:
    """What was found, with its count: 漏报2次; what is only deemed says by which clause."""
    if hit.via is not None:
        return f"{found(Hit(hit.via, hit.count, hit.facts))}，视为{hit.rule.label}"
    return hit.rule.label + (f"{hit.count}{hit.rule.unit}" if hit.rule.unit else "")


def show(points: Decimal) -> str:
    """Points as people write them: 2.5, 10, −1; exact."""
    text = f"{points:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


def _line(hit: Hit, points: Decimal, nominal: Decimal, how: str) -> dict[str, Any]:
    sources = [s for s in SOURCES if any(f.source == s for f in hit.facts)]
    return {
        "rule": hit.rule.id,
        "points": points,
        "count": hit.count,
        "reason": found(hit) + how,
        "source": sources[0] if sources else "reviewer",
        "nominal": nominal,
        "clause": hit.rule.clause,
        "facts": [{"clause": f.clause, "count": f.count, "source": f.source, "note": f.note, "origin": f.origin} for f in hit.facts],
    }
