"""What a worksheet's page is made of: rows, claims, blocks, gaps, items, sections, and the page as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from templates.dossier_view import Part
from templates.marking import Piece, Stretch
from templates.wording import GapKind, Mark

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A catalog row, beside a claim or in the table of the whole catalog."""

    anchor: str
    no: str
    title: tuple[Piece, ...]
    docno: tuple[Piece, ...]
    pages: str
    group: str
    kept: bool
    place: str
    item: str
    item_anchor: str
    printed_item: str
    mark: Mark
    claims: tuple[tuple[str, str], ...] = ()
    """(anchor, number) of the claims that cite it."""


@dataclass(frozen=True, slots=True)
class Words:
    """A claim's own words, its 文号 with its brackets apart so that it can be kept on one line."""

    title: tuple[Piece, ...]
    docno: tuple[Piece, ...] = ()
    rest: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim's words and one row, both with the characters marked that differ."""

    words: Words
    row: Row


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with what the catalog answers."""

    anchor: str
    number: str
    sentence: str
    """Anchor of the sentence in the report."""
    place: str
    words: Words
    """Marked where there is exactly one row to compare with."""
    mark: Mark
    why: str
    pairs: tuple[Pair, ...]
    others: tuple[tuple[str, Row], ...]
    """(what it is to the claim, row): rows that look alike or stand under the number, but are something else."""
    notes: tuple[str, ...]
    """Short words for the conflicts about this claim; `why` says more."""
    candidates: bool
    """The rows are choices for the reviewer, not a finding."""
    corrected: Plain | None = None
    """{"by", "at", "reason"} of the person who decided it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the report as read."""

    anchor: str
    place: str
    kind: str
    text: tuple[Stretch, ...]
    item: str
    item_anchor: str
    confidence: float | None
    corrected: Plain | None = None
    """{"by", "at", "reason"} of the person who moved it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One line of the list that a reviewer works through."""

    message: str
    item: str
    item_anchor: str
    sentence: str
    place: str
    target: str
    """Anchor of the claim or row that it speaks of, "" if none."""
    quote: str
    """The claim's words where the message does not hold them."""


@dataclass(frozen=True, slots=True)
class GapGroup:
    """All gaps of one kind."""

    kind: GapKind
    mark: Mark
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the rubric and everything that this unit says about it."""

    id: str
    anchor: str
    name: str
    text: str
    clause: tuple[str, ...]
    points: str
    bonus: bool
    mark: Mark
    applies: bool
    messages: tuple[tuple[Mark, str], ...]
    quotes: tuple[Block, ...]
    claims: tuple[Claim, ...]
    unclaimed: tuple[Row, ...]
    self_points: str
    self_anchor: str
    suggested: str
    """Set only where the suggestion differs from full points."""
    deductions: tuple[Plain, ...]
    """Also those of 0 points: facts that took nothing stay in sight."""
    awards: tuple[Plain, ...]
    proposals: tuple[Plain, ...]
    """Those that say more than a gap which stands on the page anyway."""
    confirmed: Plain | None
    entered: Plain | None
    """Points that a person left without confirming them."""
    applies_by: Plain | None
    """Who said that the item counts, or does not, and why."""
    sum: str
    """10 − 5（…）= 5 where facts took or gave something."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the rubric."""

    no: str
    anchor: str
    title: str
    points: str
    bonus: bool
    mark: Mark | None
    messages: tuple[tuple[Mark, str], ...]
    overview: tuple[Block, ...]
    told: bool
    """The overview says more than a heading."""
    claims: tuple[Claim, ...]
    """Claims that belong to the section but to no single item."""
    unclaimed: tuple[Row, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The whole page."""

    unit: str
    group: str
    zone: tzinfo | None
    gap_groups: tuple[GapGroup, ...]
    gap_count: int
    claim_counts: tuple[tuple[Mark, int], ...]
    claim_total: int
    row_total: int
    unclaimed_total: int
    item_counts: tuple[tuple[Mark, int], ...]
    sections: tuple[Section, ...]
    outside: tuple[Block, ...]
    """Section 0: opening, problems, plans, signature."""
    outside_claims: tuple[Claim, ...]
    loose_rows: tuple[Row, ...]
    """Rows that the report does not cite and that support no item."""
    catalog: tuple[Row, ...]
    blocks: tuple[Block, ...]
    removed: tuple[tuple[str, str, Plain], ...]
    """(words, place, who) of what a person said is no evidence."""
    confirmed: tuple[int, int]
    """(items confirmed, items that apply)."""
    dossier: tuple[Part, ...]
    """All submissions of the unit, where there is more than one."""
