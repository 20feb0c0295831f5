"""Footnotes of PDF pages: taken from the foot of the page, so that the text above goes on over the page's end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extract.model import Element
from extract.pdf_flow import Placed, margins, paragraph, paragraphs_of
from extract.pdf_layout import Sheet
from extract.pdf_lines import Line

_SMALLER = 0.88
"""Than the document's usual font size."""
_MARK = re.compile(r"\s*(?:\d{1,3}(?![\d.．、:：%％)）])|[①-⑳]|[\[［【〔(（]\d{1,3}[)）〕】］\]]|[*＊※†])\s*\S{2}")


def without_footnotes(sheet: Sheet, usual: float) -> tuple[Sheet, tuple[Line, ...]]:
    """The page without its footnotes, and those: the small lines at its foot, the first of which begins with a mark.

    `usual`: the font size of most of the document.
    """
    lines = sorted(sheet.loose, key=lambda p: p.base)
    count = 0
    while count < len(lines) and lines[-count - 1].size <= _SMALLER * usual:
        count += 1
    found = tuple(lines[len(lines) - count :])
    lowest = max((d.box[3] for d in sheet.drafts), default=0.0)
    beside = any(abs(a.base - b.base) < 0.3 * a.size for a, b in pairwise(found))
    stored = all(p.confidence is None for p in found)  # the sizes of recognised lines differ by chance
    if not found or count == len(lines) or beside or not stored:
        return sheet, ()
    if found[0].top < max(lowest, 0.3 * sheet.height) or not _MARK.match(found[0].text):
        return sheet, ()
    gone = {id(p) for p in found}
    return replace(sheet, loose=tuple(p for p in sheet.loose if id(p) not in gone)), found


def footnotes(lines: Sequence[Line]) -> list[Element]:
    """Lines at the foot of one page as paragraphs, each mark beginning one."""
    frame = margins(lines)
    groups: list[list[Line]] = []
    for group in paragraphs_of([Placed(n, frame) for n in lines]):
        for placed in group:
            if not groups or placed is group[0] or _MARK.match(placed.line.text):
                groups.append([])
            groups[-1].append(placed.line)
    return [paragraph(group, frame) for group in groups]
