"""Watermarks that run straight through the lines of a PDF: the same characters at the same place of most pages, over other text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from extract.page import Glyph, RawPage

_PAGES = 3
_CHARS = 3
_OVERLAP = 0.3
"""Of a character's own area: what a person would see printed over another."""
_BAND = 16

Key = tuple[str, int, int, int]


def without_watermarks(pages: Sequence[RawPage]) -> list[RawPage]:
    """The pages without characters that stand at one place on at least half of them (and three) and are printed over others.

    What is so taken out is added to `oblique`, where watermarks that run askew are.
    """
    counts = Counter(key for page in pages for key in {_key(g) for g in page.glyphs if not g.char.isspace()})
    often = {key for key, count in counts.items() if count >= max(_PAGES, len(pages) / 2)}
    if len(often) < _CHARS:
        return list(pages)
    printed_over = {key for page in pages for key in _printed_over(page, often)}
    marks: set[Key] = set().union(*(run for page in pages for run in _runs(page, often) if not run.isdisjoint(printed_over)))
    return [_without(page, marks) for page in pages] if marks else list(pages)


def _key(g: Glyph) -> Key:
    return g.char, round(g.x0), round(g.base), round(g.size)


def _printed_over(page: RawPage, often: set[Key]) -> Iterable[Key]:
    """Repeated characters that cover a good part of one that is not repeated."""
    bands: dict[int, list[Glyph]] = {}
    for g in page.glyphs:
        if _key(g) not in often and not g.char.isspace():
            for band in range(int(g.top) // _BAND, int(g.bottom) // _BAND + 1):
                bands.setdefault(band, []).append(g)
    for g in page.glyphs:
        if (key := _key(g)) in often:
            near = (o for band in range(int(g.top) // _BAND, int(g.bottom) // _BAND + 1) for o in bands.get(band, ()))
            if any(_covers(g, o) for o in near):
                yield key


def _covers(g: Glyph, other: Glyph) -> bool:
    wide = min(g.x1, other.x1) - max(g.x0, other.x0)
    high = min(g.bottom, other.bottom) - max(g.top, other.top)
    return wide > 0 and high > 0 and wide * high > _OVERLAP * (other.x1 - other.x0) * (other.bottom - other.top)


def _runs(page: RawPage, often: set[Key]) -> Iterable[set[Key]]:
    """Repeated characters that the file writes one after another, at least three."""
    run: list[Glyph] = []
    for g in page.glyphs:
        if g.char.isspace():
            continue
        known = _key(g) in often
        if not known or (run and g.base != run[-1].base):
            yield {_key(r) for r in run} if len(run) >= _CHARS else set()
            run = []
        if known:
            run.append(g)
    yield {_key(r) for r in run} if len(run) >= _CHARS else set()


def _without(page: RawPage, marks: set[Key]) -> RawPage:
    gone = [g for g in page.glyphs if _key(g) in marks]
    if not gone:
        return page
    return replace(page, glyphs=tuple(g for g in page.glyphs if _key(g) not in marks), oblique=page.oblique + "".join(g.char for g in gone))
