"""What each item is worth: full points to judge; a gap proposes, it lowers nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from scoring.rubric import Item, Rubric
from scoring.worksheet import CatalogEntry, Claim, Gap, ItemScore, Score, SelfScore

PROPOSES = frozenset(
    {"item_without_evidence", "item_unaddressed", "claim_not_in_catalog", "docno_mismatch", "ref_conflict", "evidence_outside_year"}
)


def full_points(
    rubric: Rubric,
    applies: frozenset[str],
    claims: Sequence[Claim],
    catalog: Sequence[CatalogEntry],
    gaps: Sequence[Gap],
    self_scores: Mapping[str, SelfScore],
    self_total: Decimal | None,
) -> Score:
    """The score block: every applicable item with its full points, bonus items with none until a person gives them."""
    items = tuple(_item(i, i.id in applies, claims, catalog, gaps, self_scores.get(i.id)) for i in rubric.items)
    bonus = {i.id for i in rubric.items if i.bonus}
    base_max = sum((i.max for i in items if i.item not in bonus and i.applies), Decimal(0))
    extra_max = sum((i.max for i in items if i.item in bonus), Decimal(0))
    base = sum((i.suggested or Decimal(0) for i in items if i.item not in bonus), Decimal(0))
    extra = sum((i.suggested or Decimal(0) for i in items if i.item in bonus), Decimal(0))
    return Score(
        items, {"suggested": base, "max": base_max}, {"suggested": extra, "max": extra_max}, {"suggested": base + extra}, self_total
    )


def _item(
    item: Item, applies: bool, claims: Sequence[Claim], catalog: Sequence[CatalogEntry], gaps: Sequence[Gap], own: SelfScore | None
) -> ItemScore:
    mine = [g for g in gaps if g.item == item.id and g.kind in PROPOSES]
    suggested = (Decimal(0) if item.bonus else item.points) if applies else None
    proposals = tuple({"rule": item.id, "reason": f"待核实：{g.message}", "source": "gap"} for g in mine)
    return ItemScore(item.id, item.points, applies, own, suggested, _ground(item, claims, catalog, mine), (), proposals)


def _ground(item: Item, claims: Sequence[Claim], catalog: Sequence[CatalogEntry], gaps: Sequence[Gap]) -> str:
    """SHA-256 of what the suggestion rests on: the item's rule, its claims and rows by their words, its gaps."""
    basis = {
        "rule": [item.text, item.rule, str(item.points)],
        "claims": [[c.text, c.status, list(c.catalog)] for c in claims if c.item == item.id],
        "rows": [[r.no, r.title, r.docno] for r in catalog if r.item == item.id],
        "gaps": [[g.kind, g.message] for g in gaps],
    }
    return hashlib.sha256(json.dumps(basis, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
