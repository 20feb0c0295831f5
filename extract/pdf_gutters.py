"""Pages set in columns, whole or in part: told by the gutter, and by the order in which the file writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extract.pdf_drafts import Draft
from extract.pdf_lines import Line

_LEAST = 8
"""Lines of a column at least."""
_LEAST_WRITTEN_APART = 5
"""The same where the file writes the whole left column before the right one."""
_LEAST_KNOWN = 2
"""The same where the pages before have their gutter there."""
_NARROWEST = 0.18
"""Of the page's width: what stands beside each other in less is a table."""


@dataclass(frozen=True, slots=True)
class Band:
    """A part of a page that is read by itself, top to bottom; `column`: it stands beside another."""

    items: tuple[Line | Draft, ...]
    column: int = 0
    """0: it fills the width; else its gutter in points, negative for what stands left of it."""


def text_columns(parts: Sequence[Line], width: float, drafts: Sequence[Draft], known: set[int]) -> list[Band]:
    """Bands of a page that is set in columns somewhere, in reading order; empty for any other page.

    `known`: gutters of the pages before, to which those of this page are added.
    """
    out: list[Band] = []
    for band in _between(parts, drafts):
        if isinstance(band, Draft):
            out.append(Band((band,)))
        else:
            out += _split(band, (0.0, width), width, known) or [Band(tuple(band))]
    return out if any(band.column for band in out) else []


def _between(parts: Sequence[Line], drafts: Sequence[Draft]) -> list[list[Line] | Draft]:
    """The pieces cut at the tables that reach over the page; empty where text stands beside a table."""
    out: list[list[Line] | Draft] = []
    rest = sorted(parts, key=lambda p: p.base)
    for draft in sorted(drafts, key=lambda d: d.box[1]):
        if any(draft.box[1] < p.middle < draft.box[3] for p in rest):
            return []
        above = [p for p in rest if p.middle <= draft.box[1]]
        out += [above, draft] if above else [draft]
        rest = rest[len(above) :]
    return [*out, rest] if rest else out


def _split(parts: Sequence[Line], span: tuple[float, float], width: float, known: set[int]) -> list[Band]:
    """Cut at the best gutter within `span`, and each side again; empty where there is none."""
    if len(parts) < 2 * _LEAST_KNOWN:
        return []
    gutter = _gutter(parts, *span)
    across = [p for p in parts if p.x0 < gutter < p.x1]
    sides = [p for p in parts if p.x1 <= gutter or p.x0 >= gutter]
    if len(across) > 0.4 * len(parts):
        return _lower_part(parts, across, span, width, known)
    if not _beside(sides, gutter, width, known):
        return []
    if span == (0.0, width):
        known.add(round(gutter))
    out = []
    for band, column in _bands(sides, across, gutter):
        edges = (min(p.x0 for p in band), max(p.x1 for p in band))
        out += _split(band, edges, width, known) or [Band(tuple(band), column)]
    return out


def _lower_part(parts: Sequence[Line], across: list[Line], span: tuple[float, float], width: float, known: set[int]) -> list[Band]:
    """Columns that fill only what is left between lines over the whole width: the longest such stretch."""
    borders = sorted(p.base for p in across)
    stretches = list(pairwise([float("-inf"), *borders, float("inf")]))
    inside = [[p for p in parts if low < p.base < high] for low, high in stretches]
    longest = max(range(len(inside)), key=lambda k: len(inside[k]))
    low, high = stretches[longest]
    middle = _split(inside[longest], span, width, known)
    if not middle:
        return []
    ends = [[p for p in parts if p.base <= low], [p for p in parts if p.base >= high]]
    above, below = (_split(end, span, width, known) or [Band(tuple(end))] if end else [] for end in ends)
    return [*above, *middle, *below]


def _beside(sides: Sequence[Line], gutter: float, width: float, known: set[int]) -> bool:
    """What stands on both sides of the gutter is running text and no table."""
    left, right = [p for p in sides if p.x1 <= gutter], [p for p in sides if p.x0 >= gutter]
    least = min(len(left), len(right))
    if least == 0 or min(_typical(left), _typical(right)) < _NARROWEST * width:
        return False
    turns = _turns(sides, gutter)
    if any(abs(gutter - k) <= 8 for k in known) and least >= _LEAST_KNOWN and turns == 0:
        return True
    return (least >= _LEAST and turns <= 0.25 * least) or (least >= _LEAST_WRITTEN_APART and turns == 0)


def _gutter(parts: Sequence[Line], start: float, end: float) -> float:
    """The x, not too near a side, that the fewest pieces cross; among equals the middle of the widest gap."""
    places = range(int(start + (end - start) * 0.25), int(start + (end - start) * 0.75), 2)
    crossed = {x: sum(p.x0 < x < p.x1 for p in parts) for x in places}
    fewest = min(crossed.values(), default=0)
    free = [x for x in places if crossed[x] == fewest]
    middle = (start + end) / 2
    return float(min(free, key=lambda x: abs(x - middle))) if free else middle


def _turns(parts: Sequence[Line], middle: float) -> int:
    """How often the file goes back from right to left: once a row in a table, about once a page in columns."""
    sides = [p.x0 >= middle for p in sorted(parts, key=lambda p: p.order)]
    return sum(a and not b for a, b in pairwise(sides))


def _typical(parts: Sequence[Line]) -> float:
    return sorted(p.width for p in parts)[len(parts) // 2]


def _bands(sides: Sequence[Line], across: list[Line], gutter: float) -> list[tuple[list[Line], int]]:
    """Columns between the lines that run across both."""
    out: list[tuple[list[Line], int]] = []
    start = float("-inf")
    for border in [*sorted({p.base for p in across}), float("inf")]:
        left = [p for p in sides if start < p.base < border and p.x1 <= gutter]
        right = [p for p in sides if start < p.base < border and p.x0 >= gutter]
        out += [(part, side * round(gutter)) for part, side in ((left, -1), (right, 1)) if part and left and right]
        out += [(part, 0) for part in (left, right) if part and not (left and right)]
        if border != float("inf"):
            out.append(([p for p in across if p.base == border], 0))
        start = border
    return out
