"""Gaps: everything a reviewer must look at, worst first (contract: gaps)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scoring import sentences
from scoring.rubric import Item, Rubric, Section
from scoring.worksheet import CatalogEntry, Claim, Gap, LabelledBlock

ORDER = (
    "unit_unknown",
    "report_missing",
    "report_unreadable",
    "correction_unplaced",
    "attachment_not_arrived",
    "catalog_missing",
    "catalog_of_other_unit",
    "section_missing",
    "item_without_evidence",
    "claim_not_in_catalog",
    "docno_mismatch",
    "ref_conflict",
    "claim_uncertain",
    "item_unaddressed",
    "evidence_outside_year",
    "item_mismatch",
    "self_sum_differs",
    "self_above_max",
    "self_full_admits",
    "duplicate_number",
    "file_quarantined",
    "catalog_unclaimed",
)

FOUND = frozenset(
    {
        "section_missing",
        "item_without_evidence",
        "item_unaddressed",
        "claim_not_in_catalog",
        "docno_mismatch",
        "ref_conflict",
        "claim_uncertain",
        "catalog_unclaimed",
        "evidence_outside_year",
        "item_mismatch",
    }
)
"""Kinds that `find_gaps` finds: after a correction these are found again, the others stay."""


_DENIAL = re.compile(
    r"不涉及|不属于|不承担|不适用|不在.{0,12}(?:范围|任务|职责)|无此(?:项|类)|未列入|不作说明|由.{2,12}(?:统一|负责).{0,8}，?(?:我局|我中心|本局)不"
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What matching noticed besides the links."""

    twins: Mapping[str, tuple[str, str]]
    """Claim id -> (catalog id, what sets them apart)."""
    conflicts: Mapping[str, str]
    """Claim id -> id of the row that its number points to although its title is another row's."""
    outside: tuple[str, ...]
    """Ids of rows dated outside the assessed year."""
    misplaced: tuple[str, ...]
    """Ids of rows whose printed item is not the one they support."""


def applicable(rubric: Rubric, group: str | None, blocks: Sequence[LabelledBlock], denied: frozenset[str]) -> frozenset[str]:
    """Items that count for this unit: by its group, and where only related tasks are assessed by what the report takes up as its own."""
    items = {i.id for i in rubric.items if rubric.applies(i, group)}
    if group and rubric.scopes.get(group) == "related":
        items &= {b.item for b in blocks if b.item} - denied
    return frozenset(items)


def denied_items(blocks: Sequence[LabelledBlock]) -> frozenset[str]:
    """Items of which the report says nothing but that they are not the unit's task."""
    said: dict[str, list[bool]] = {}
    for b in blocks:
        if b.item and b.kind not in ("heading", "title"):
            said.setdefault(b.item, []).append(bool(_DENIAL.search(b.text)) and len(b.text) < 80)
    return frozenset(item for item, denials in said.items() if all(denials))


def find_gaps(
    rubric: Rubric,
    applies: frozenset[str],
    blocks: Sequence[LabelledBlock],
    claims: Sequence[Claim],
    catalog: Sequence[CatalogEntry],
    findings: Findings,
) -> tuple[Gap, ...]:
    """All gaps of a worksheet that has a report."""
    found = [
        *_sections(rubric, applies, blocks),
        *_items(rubric, applies, blocks, claims, catalog),
        *_claims(claims, catalog, findings),
        *_rows(catalog, rubric, findings),
    ]
    return ordered(found)


def ordered(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Worst first; equally bad ones in the rubric's order."""
    return tuple(sorted(gaps, key=lambda g: (ORDER.index(g.kind) if g.kind in ORDER else len(ORDER), g.section or 99, g.item or "")))


def gap_alone(kind: str, **values: object) -> Gap:
    """A gap that belongs to no item."""
    return Gap(kind, None, None, None, None, sentences.gap(kind, **values))


def printed(item: str | None) -> str:
    """An item as the notice prints it: （二）4."""
    if not item:
        return "（未归条目）"
    section, number = item.split(".")
    return f"（{'〇一二三四五六七八九十'[int(section)]}）{number}" if int(section) <= 10 else item


def _sections(rubric: Rubric, applies: frozenset[str], blocks: Sequence[LabelledBlock]) -> Iterable[Gap]:
    seen = {b.section for b in blocks}
    for s in rubric.sections:
        if s.number not in seen and any(i.id in applies for i in s.items):
            yield Gap("section_missing", s.number, None, None, None, sentences.gap("section_missing", section=_han(s), name=s.name))


def _items(
    rubric: Rubric, applies: frozenset[str], blocks: Sequence[LabelledBlock], claims: Sequence[Claim], catalog: Sequence[CatalogEntry]
) -> Iterable[Gap]:
    addressed = {b.item for b in blocks}
    evidenced = {c.item for c in claims} | {r.item for r in catalog}
    present = {b.section for b in blocks}
    for item in rubric.items:
        if item.id not in applies or item.bonus:
            continue
        if item.id not in evidenced:
            yield _item_gap("item_without_evidence", item)
        if item.id not in addressed and item.section in present:
            yield _item_gap("item_unaddressed", item)


def _item_gap(kind: str, item: Item) -> Gap:
    return Gap(kind, item.section, item.id, None, None, sentences.gap(kind, item=printed(item.id), name=item.name))


def _claims(claims: Sequence[Claim], catalog: Sequence[CatalogEntry], findings: Findings) -> Iterable[Gap]:
    rows = {r.id: r for r in catalog}
    for c in claims:
        named = c.ref if c.kind == "reference" and c.ref else c.text  # 3-3 stands in no text that says 3-1至3-4
        values = {"item": printed(c.item), "text": named, "why": c.why}
        if c.id in findings.twins:
            row, word = findings.twins[c.id]
            yield Gap(
                "docno_mismatch",
                c.section,
                c.item,
                c.id,
                row,
                sentences.gap("docno_mismatch", **values, no=rows[row].no or rows[row].row, title=rows[row].title, twin=word),
            )
        elif c.status == "missing" and catalog:
            yield Gap("claim_not_in_catalog", c.section, c.item, c.id, None, sentences.gap("claim_not_in_catalog", **values))
        if c.status == "uncertain":
            yield Gap(
                "claim_uncertain", c.section, c.item, c.id, c.catalog[0] if c.catalog else None, sentences.gap("claim_uncertain", **values)
            )
        if c.id in findings.conflicts:
            row = findings.conflicts[c.id]
            nos = "、".join(f"第{rows[i].no or rows[i].row}项" for i in c.catalog) or "中没有"
            yield Gap("ref_conflict", c.section, c.item, c.id, row, sentences.gap("ref_conflict", **values, nos=nos, title=rows[row].title))


def _rows(catalog: Sequence[CatalogEntry], rubric: Rubric, findings: Findings) -> Iterable[Gap]:
    for r in catalog:
        values = {"no": r.no or r.row, "title": r.title, "item": printed(r.item), "printed": r.printed_item, "year": rubric.year}
        section = int(r.item.split(".")[0]) if r.item else None
        if r.status == "unclaimed":
            yield Gap("catalog_unclaimed", section, r.item, None, r.id, sentences.gap("catalog_unclaimed", **values))
        if r.id in findings.outside:
            yield Gap("evidence_outside_year", section, r.item, None, r.id, sentences.gap("evidence_outside_year", **values))
        if r.id in findings.misplaced:
            yield Gap("item_mismatch", section, r.item, None, r.id, sentences.gap("item_mismatch", **values))


def _han(section: Section) -> str:
    return "〇一二三四五六七八九十"[section.number] if section.number <= 10 else str(section.number)
