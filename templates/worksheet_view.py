"""The contract's worksheet, arranged the way a reviewer reads it: gaps first, then section by section, item by item."""

from __future__ import annotations

from collections import Counter

from templates import wording
from templates.dossier_view import parts
from templates.wording import MARKS, TRUST
from templates.worksheet_page import Page
from templates.worksheet_parts import Plain, View


def view(worksheet: Plain, rubric: Plain) -> View:
    """Arrange a worksheet (contract `zicha.worksheet/1`) by a rubric ({sections: [{no, title, items: [{id, …}]}]})."""
    page = Page(worksheet, rubric)
    unit = worksheet.get("unit") or {}
    score = worksheet.get("score") or {}
    sections = tuple(page.section(s) for s in rubric["sections"])
    claims = Counter(c["status"] for c in page.claims)
    unclaimed = [r for r in page.rows if r["status"] == "unclaimed"]
    items = Counter(i.mark.key for s in sections for i in s.items)
    return View(
        unit=unit.get("name") or "",
        group=wording.group_name(unit.get("group") or "", rubric.get("groups", {})),
        zone=page.zone,
        gap_groups=page.gap_groups(),
        gap_count=len(page.gaps),
        claim_counts=tuple((MARKS[k], claims[k]) for k in ("matched", "uncertain", "missing")),
        claim_total=len(page.claims),
        row_total=len(page.rows),
        unclaimed_total=len(unclaimed),
        item_counts=tuple((MARKS[k], items[k]) for k in (*TRUST, "blank", "none") if items[k]) if score else (),
        sections=sections,
        outside=page.blocks_of(0, None),
        outside_claims=page.claims_of(0, None),
        loose_rows=page.rows_of(None),
        catalog=tuple(page.row(n) for n in range(len(page.rows))),
        blocks=tuple(page.block(n) for n in range(len(page.blocks))),
        removed=tuple(page.removed(c) for c in worksheet.get("removed_claims") or ()),
        confirmed=confirmed_items(worksheet),
        dossier=parts(worksheet, rubric),
    )


def confirmed_items(worksheet: Plain) -> tuple[int, int]:
    """(items whose points a person confirmed, items that apply)."""
    items = [s for s in (worksheet.get("score") or {}).get("items") or () if s.get("applies", True)]
    return sum(1 for s in items if s.get("confirmed")), len(items)


def item_marks(worksheet: Plain, rubric: Plain) -> dict[str, str]:
    """Item id -> key of its mark (`wording.MARKS`), for the heat map of the board."""
    page = Page(worksheet, rubric)
    return {i["id"]: page.item_mark(i["id"]).key for s in rubric["sections"] for i in s["items"]}
