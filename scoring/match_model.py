"""What matching works with: rows and claims taken apart, the weights, candidates and the link that comes of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scoring.references import NumberKey, Reference
from scoring.titles import Comparison, Title

DocnoKey = tuple[str, int, int]

FEATURES = (
    "bias",
    "cover_a",
    "cover_b",
    "cover_min",
    "exact",
    "contained",
    "within",
    "only_a",
    "only_b",
    "swapped",
    "swapped_named",
    "parallel",
    "parallel_named",
    "head",
    "named",
    "short",
    "generic",
    "docno",
    "docno_one_sided",
    "ref",
    "ref_other",
    "item",
    "item_other",
    "section_other",
    "item_unknown",
    "rarity",
    "best",
    "margin",
    "contained_short",
    "swapped_item",
    "contained_item",
    "facet_same",
    "facet_extra",
    "kind_same",
    "kind_other",
    "kind_other_item",
    "pairs",
    "pairs_item",
)


@dataclass(frozen=True, slots=True)
class RowView:
    """A catalog row taken apart for comparing."""

    index: int
    no: str
    titles: tuple[Title, ...]
    """The whole title first, then the papers bundled in it."""
    docnos: frozenset[DocnoKey]
    numbers: frozenset[NumberKey]
    group: str
    item: str | None
    text: str
    pages: tuple[int, int] | None = None
    """First and last page in the bound evidence."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a claim names, taken apart for comparing."""

    text: str
    title: Title | None
    titled: bool
    """In 《》 (or 关于…的通知): a proper title rather than a description."""
    docnos: frozenset[DocnoKey]
    references: tuple[Reference, ...]
    section: int
    item: str | None
    addresses: tuple[str, ...] = ()
    """Web addresses and file names in it, as `address_keys` writes them."""


@dataclass(frozen=True, slots=True)
class Link:
    """What the catalog answers to a claim. `rows` are indexes, best first."""

    status: Literal["matched", "uncertain", "missing"]
    rows: tuple[int, ...]
    score: float
    reason: str
    values: tuple[str, ...] = ()
    twins: tuple[int, ...] = ()
    """Near twins by year, 文号 or key word: what the reviewer should see beside a missing claim."""
    conflict: tuple[int, ...] = ()
    """Rows that the printed number points to although the title is another row's."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic score and its borders, trained by bench/train_links.py and kept as data."""

    weights: Mapping[str, float]
    matched: float
    uncertain: float
    left_matched: float = 0.6
    """Border for a row that no other claim has found."""
    left_uncertain: float = 0.15

    def probability(self, values: Mapping[str, float]) -> float:
        """0–1: how sure it is that this row is that evidence."""
        z = sum(self.weights.get(k, 0.0) * v for k, v in values.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that may be the evidence."""

    row: RowView
    comparison: Comparison | None
    values: Mapping[str, float]
    probability: float
    conflict: str
    """year, period, version, docno or ""."""


def section_of(row: RowView) -> int | None:
    """The section of the item that a row supports."""
    return int(row.item.split(".")[0]) if row.item else None


def same_docno(a: frozenset[DocnoKey], b: frozenset[DocnoKey]) -> bool:
    """Whether two sets of 文号 name a common document; a code that is left out or cut short agrees with the full one."""
    return any(x[1:] == y[1:] and (x[0].endswith(y[0]) or y[0].endswith(x[0])) for x in a for y in b)
