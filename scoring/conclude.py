"""The second door: a machine's worksheet + rubric + what people decided -> the worksheet that goes out. No document is read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, TypeVar

from scoring import sentences
from scoring.anchors import Plain, Record
from scoring.corrections import Corrected, correct, unplaced_entry
from scoring.deadlines import extended
from scoring.decisions import basis_of, confirmation, decided, entered, ground_of
from scoring.facts import facts_of, intake_facts
from scoring.gaps import FOUND, Findings, applicable, denied_items, find_gaps, gap_alone, ordered
from scoring.journal import APPLIES, CORRECTIONS, FACT, POINTS, REVIEWER, Entry
from scoring.paper import paper
from scoring.points import score
from scoring.rubric import Rubric
from scoring.workflow import workflow
from scoring.worksheet import CatalogEntry, Claim, Gap, LabelledBlock, Score, SelfScore, plain


def conclude(sheet: Plain, rubric: Rubric, entries: Iterable[Entry]) -> Record:
    """The sheet with corrections laid over it, gaps and points found again, and confirmations beside them.

    `sheet` is a worksheet as its JSON reads, `entries` the live ones of the journal; those of other units are passed over.
    Adds to the contract: `corrected` in claims and blocks, `removed_claims`, `unplaced`, in items `applies_by`, `entered`, and in
    `confirmed` the keys `stale` and `changed`, in the submission `extended` (`scoring.deadlines`), `review`, `reviewers`
    (`scoring.workflow`) and `paper` (`scoring.paper`), each only where someone said something. The given sheet stays as it is.
    """
    unit = sheet["unit"]["name"]
    if unit is None:
        return _concluded(sheet, rubric, ())
    about = [e for e in entries if e.unit == unit or (e.unit is None and e.kind == REVIEWER)]
    mine = [e for e in about if e.unit == unit]
    found = _concluded(sheet, rubric, mine)
    return {**found, **workflow(found, about), **paper(found, rubric, mine)} if about else found


def _concluded(sheet: Plain, rubric: Rubric, mine: Sequence[Entry]) -> Record:
    """The sheet with what decides about its points; `mine`: the unit's entries."""
    sheet = extended(sheet, rubric, mine)
    if sheet["score"] is None:
        return {**sheet, **_unplaced(_without_report(sheet, mine))}
    corrected = correct(sheet, mine, items=[i.id for i in rubric.items])
    ruled = {e.body["item"]: e for e in mine if e.kind == APPLIES}
    applies = _applies(sheet, corrected, rubric, ruled)
    again = _Again.of(sheet, corrected)
    gaps = _gaps(sheet, corrected, again, rubric, applies)
    points = _score(sheet, again, gaps, rubric, applies, mine)
    unplaced = (*corrected.unplaced, *_strangers(mine, rubric))
    if unplaced:
        gaps = ordered([*gaps, *(gap_alone("correction_unplaced", message=u["message"], by=u["by"]) for u in unplaced)])
    found = {
        **sheet,
        "blocks": list(corrected.blocks),
        "claims": list(corrected.claims),
        "catalog": list(corrected.catalog),
        "gaps": plain(gaps),
        "score": plain(points),
        **({"removed_claims": list(corrected.removed)} if corrected.removed else {}),
        **_unplaced(unplaced),
    }
    found["score"]["items"] = _decided(found, rubric, mine, ruled)
    return found


def _unplaced(entries: Sequence[Record]) -> Record:
    return {"unplaced": list(entries)} if entries else {}


def _without_report(sheet: Plain, entries: Iterable[Entry]) -> list[Record]:
    """Without a report in use nothing can be carried out, and nothing is dropped."""
    kinds = CORRECTIONS | {POINTS, APPLIES}
    return [unplaced_entry(e, sentences.corrected("report_unplaced")) for e in entries if e.kind in kinds]


def _strangers(entries: Sequence[Entry], rubric: Rubric) -> list[Record]:
    """Decisions about items or clauses that the rubric in use does not have, and facts of clauses that follow from the counts of others."""
    known = {i.id for i in rubric.items}
    rules = {r.id: r.takes_facts for r in rubric.rules}
    latest = {(e.kind, e.body["item"]): e for e in entries if e.kind in (POINTS, APPLIES)}
    lost = [(e, "item_unplaced", e.body["item"]) for e in latest.values() if e.body["item"] not in known]
    facts = [e for e in entries if e.kind == FACT and not rules.get(e.body["clause"])]
    lost += [(e, "clause_derived" if e.body["clause"] in rules else "clause_unplaced", e.body["clause"]) for e in facts]
    return [unplaced_entry(e, sentences.corrected(code, item=item)) for e, code, item in lost]


@dataclass(frozen=True, slots=True)
class _Again:
    """The corrected parts as records again, for the rules that work on records."""

    blocks: tuple[LabelledBlock, ...]
    claims: tuple[Claim, ...]
    catalog: tuple[CatalogEntry, ...]
    findings: Findings

    @classmethod
    def of(cls, sheet: Plain, corrected: Corrected) -> _Again:
        known = {c["id"] for c in corrected.claims} - corrected.decided
        noticed = sheet.get("findings") or {}
        findings = Findings(
            {k: (row, word) for k, (row, word) in noticed.get("twins", {}).items() if k in known},
            {k: row for k, row in noticed.get("conflicts", {}).items() if k in known},
            tuple(noticed.get("outside", ())),
            tuple(noticed.get("misplaced", ())),
        )
        return cls(
            tuple(_record(LabelledBlock, b) for b in corrected.blocks),
            tuple(_record(Claim, c) for c in corrected.claims),
            tuple(_record(CatalogEntry, r) for r in corrected.catalog),
            findings,
        )


def _applies(sheet: Plain, corrected: Corrected, rubric: Rubric, ruled: Mapping[str, Entry]) -> frozenset[str]:
    """The items that count for the unit: by the report, and where a person said so, by that."""
    found = frozenset(s["item"] for s in sheet["score"]["items"] if s["applies"])
    if corrected.moved:
        blocks = [_record(LabelledBlock, b) for b in corrected.blocks]
        found = applicable(rubric, sheet["unit"]["group"], blocks, denied_items(blocks))
    known = {i.id for i in rubric.items}
    yes = {item for item, e in ruled.items() if e.body["applies"] and item in known}
    no = {item for item, e in ruled.items() if not e.body["applies"]}
    return (found & known | yes) - no


def _gaps(sheet: Plain, corrected: Corrected, again: _Again, rubric: Rubric, applies: frozenset[str]) -> tuple[Gap, ...]:
    """What the rules find in the corrected parts, and what the machine found elsewhere (in files, in self-scores)."""
    kept = [_record(Gap, g) for g in sheet["gaps"] if g["kind"] not in FOUND]
    return ordered([*kept, *find_gaps(rubric, applies, again.blocks, again.claims, again.catalog, again.findings)])


def _score(sheet: Plain, again: _Again, gaps: Sequence[Gap], rubric: Rubric, applies: frozenset[str], entries: Sequence[Entry]) -> Score:
    machine = sheet["score"]
    own = {s["item"]: SelfScore(_decimal(s["self"]["points"]), s["self"]["block"]) for s in machine["items"] if s["self"]}
    total = None if machine["self_total"] is None else _decimal(machine["self_total"])
    facts = (*intake_facts(rubric, sheet["submission"]["late"]), *facts_of(entries))
    return score(rubric, applies, again.claims, again.catalog, gaps, own, total, facts)


def _decided(sheet: Record, rubric: Rubric, entries: Sequence[Entry], ruled: Mapping[str, Entry]) -> list[Record]:
    """The items with what people said about them: confirmed points, points not yet confirmed, 不适用."""
    items = {i.id: i for i in rubric.items}
    found: list[Record] = []
    for entry in sheet["score"]["items"]:
        basis = basis_of(sheet, items[entry["item"]], entry)
        word = decided(entries, entry["item"])
        rule = ruled.get(entry["item"])
        draft, ground = entered(word), ground_of(basis)
        found.append(
            {
                **entry,
                "ground": ground,
                "confirmed": confirmation(word, basis, ground),
                **({"entered": draft} if draft else {}),
                **({"applies_by": {"by": rule.by, "at": rule.at, "seq": rule.seq, "reason": rule.reason}} if rule else {}),
            }
        )
    return found


Made = TypeVar("Made", LabelledBlock, Claim, CatalogEntry, Gap)

_NAMES: Mapping[type, tuple[str, ...]] = {kind: tuple(f.name for f in fields(kind)) for kind in (LabelledBlock, Claim, CatalogEntry, Gap)}
"""Looked up once: it is half of the work of making a record."""


def _record(kind: type[Made], values: Plain) -> Made:
    """A record of plain JSON values; keys that it does not have are what others added."""
    known: dict[str, Any] = {name: tuple(v) if isinstance(v := values.get(name), list) else v for name in _NAMES[kind]}
    return kind(**known)


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))
