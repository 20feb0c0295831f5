"""Texts cut into pieces for display: where two titles differ, and where a paragraph names evidence."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME = str.maketrans("【〔［[｛〈《「『】〕］]｝〉》」』“”‘’＂＇﹣－–—―", "((((((((()))))))))\"\"''\"'-----")
"""Brackets, quotes and dashes that office programs exchange freely count as the same character."""

NOISE = frozenset(" \t\n\u3000()\"',.;:，。；：、·-")
"""Characters whose difference a reviewer need not look at."""

ALIKE = 0.5
"""Below this similarity two titles are simply two titles; marking single characters would only be noise."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `differs` if the other text has something else here."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a paragraph; `claim` is the index of the claim that it names, None for other text."""

    text: str
    claim: int | None = None


def plain(text: str) -> tuple[Piece, ...]:
    """The text as one piece."""
    return (Piece(text),) if text else ()


def differing(left: str, right: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts with the characters marked that differ; unmarked if they are alike or have little in common."""
    a, b = _folded(left), _folded(right)
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if matcher.ratio() < ALIKE:
        return plain(left), plain(right)
    left_ranges, right_ranges = [], []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            left_ranges.append((i1, i2))
            right_ranges.append((j1, j2))
    return _cut(left, a, left_ranges), _cut(right, b, right_ranges)


def stretches(text: str, spans: Iterable[tuple[int, int, int]]) -> tuple[Stretch, ...]:
    """`text` cut at (start, end, claim) spans. Spans outside the text are clamped, overlapping ones shortened."""
    found: list[Stretch] = []
    at = 0
    for start, end, claim in sorted(spans):
        start, end = max(start, at), min(end, len(text))
        if start >= end:
            continue
        if start > at:
            found.append(Stretch(text[at:start]))
        found.append(Stretch(text[start:end], claim))
        at = end
    if at < len(text):
        found.append(Stretch(text[at:]))
    return tuple(found)


def _folded(text: str) -> str:
    """One character for one character, so that positions stay those of the original."""
    return "".join(_fold(char) for char in text)


def _fold(char: str) -> str:
    wide = unicodedata.normalize("NFKC", char)
    return (wide if len(wide) == 1 else char).translate(SAME).casefold()[:1] or char


def _cut(text: str, folded: str, ranges: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = 0
    for start, end in (_whole(folded, *span) for span in ranges):
        start = max(start, at)
        if start >= end:
            continue
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start:end], differs=True))
        at = end
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return tuple(pieces)


def _whole(folded: str, start: int, end: int) -> tuple[int, int]:
    """Without noise at its edges, and with the whole number: 2017 is seen sooner than a lone 7."""
    while start < end and folded[start] in NOISE:
        start += 1
    while end > start and folded[end - 1] in NOISE:
        end -= 1
    if start < end and folded[start].isdigit():
        while start > 0 and folded[start - 1].isdigit():
            start -= 1
    if start < end and folded[end - 1].isdigit():
        while end < len(folded) and folded[end].isdigit():
            end += 1
    return start, end
