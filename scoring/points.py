"""What each item is worth: full points less what the facts cost by the rules; a gap proposes, it lowers nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from scoring.deductions import Outcome, outcomes
from scoring.facts import Fact
from scoring.rubric import Item, Rubric
from scoring.worksheet import CatalogEntry, Claim, Gap, ItemScore, Score, SelfScore

PROPOSES = frozenset(
    {"item_without_evidence", "item_unaddressed", "claim_not_in_catalog", "docno_mismatch", "ref_conflict", "evidence_outside_year"}
)


def score(
    rubric: Rubric,
    applies: frozenset[str],
    claims: Sequence[Claim],
    catalog: Sequence[CatalogEntry],
    gaps: Sequence[Gap],
    self_scores: Mapping[str, SelfScore],
    self_total: Decimal | None,
    facts: Iterable[Fact] = (),
) -> Score:
    """The score block: every applicable item with its points, bonus items with none until a fact or a person gives them."""
    facts = tuple(facts)
    found = outcomes(rubric, applies, facts)
    items = tuple(
        _item(i, i.id in applies, found[i.id], claims, catalog, gaps, self_scores.get(i.id), [f for f in facts if _speaks_of(f, i)])
        for i in rubric.items
    )
    bonus = {i.id for i in rubric.items if i.bonus}
    base_max = sum((i.max for i in items if i.item not in bonus and i.applies), Decimal(0))
    extra_max = sum((i.max for i in items if i.item in bonus), Decimal(0))
    base = sum((i.suggested or Decimal(0) for i in items if i.item not in bonus), Decimal(0))
    extra = sum((i.suggested or Decimal(0) for i in items if i.item in bonus), Decimal(0))
    return Score(
        items, {"suggested": base, "max": base_max}, {"suggested": extra, "max": extra_max}, {"suggested": base + extra}, self_total
    )


def _item(
    item: Item,
    applies: bool,
    outcome: Outcome,
    claims: Sequence[Claim],
    catalog: Sequence[CatalogEntry],
    gaps: Sequence[Gap],
    own: SelfScore | None,
    facts: Sequence[Fact],
) -> ItemScore:
    mine = [g for g in gaps if g.item == item.id and g.kind in PROPOSES]
    rule = item.rules[0].id if item.rules else item.id  # the first clause is the one that says it was not done
    proposals = tuple({"rule": rule, "reason": f"待核实：{g.message}", "source": "gap"} for g in mine)
    return ItemScore(
        item=item.id,
        max=item.points,
        applies=applies,
        self=own,
        suggested=outcome.points if applies else None,
        ground=_ground(item, outcome, claims, catalog, mine, facts),
        deductions=outcome.deductions,
        proposals=proposals,
        awards=outcome.awards,
        sum=outcome.sum if applies else "",
    )


def _speaks_of(fact: Fact, item: Item) -> bool:
    return any(r.id == fact.clause for r in item.rules)


def _ground(
    item: Item,
    outcome: Outcome,
    claims: Sequence[Claim],
    catalog: Sequence[CatalogEntry],
    gaps: Sequence[Gap],
    facts: Sequence[Fact],
) -> str:
    """SHA-256 of what the suggestion rests on, by words and not by places: the item's rules, claims, rows, gaps and facts."""
    rules = [
        [r.id, r.clause, r.kind, str(r.points), r.at_least, r.at_most, r.counts, r.separately, r.zeroes, r.deems, r.excludes]
        for r in item.rules
    ]
    taken = [[d["rule"], d["count"], str(d["points"]), str(d["nominal"])] for d in (*outcome.deductions, *outcome.awards)]
    basis = {
        "rule": [item.text, item.rule, str(item.points), rules],
        "claims": [[c.text, c.status, list(c.catalog)] for c in claims if c.item == item.id],
        "rows": [[r.no, r.title, r.docno] for r in catalog if r.item == item.id],
        "gaps": [[g.kind, g.message] for g in gaps],
        "facts": [taken, sorted([f.clause, f.count, f.source, f.period, f.origin] for f in facts)],
    }
    return hashlib.sha256(json.dumps(basis, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
