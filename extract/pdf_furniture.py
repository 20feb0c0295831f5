"""What is printed on every page and is not the document's text: running heads and feet, page numbers, watermarks."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from extract.pdf_drafts import Draft
from extract.pdf_layout import Sheet
from extract.pdf_lines import Line, whole_lines

_EDGE = 0.16
"""Share of the page height, at top and bottom, in which running heads, feet and page numbers stand."""
_DEEPEST = 4
"""At most so many lines from the edge inwards."""
_SAME_PLACE = 6.0

_DASH = r"[\s\-—–―－‒_·•.…~～|｜\[\]【】<>《》/]*"
_MARKED_NUMBER = re.compile(
    r"\s*(?:[-—–―－一~～·•\[【<《|｜][\s\-—–―－]*(?:\d{1,4}|[ivxlcIVXLC]{1,6})[\s\-—–―－]*[-—–―－一~～·•\]】>》|｜]"
    r"|第\s*[\d一二三四五六七八九十百]{1,5}\s*页\s*[（(,，/、|]?\s*(?:[共总]\s*[\d一二三四五六七八九十百]{1,5}\s*页)?\s*[)）]?"
    r"|共\s*\d{1,4}\s*页\s*[,，/、]?\s*第\s*\d{1,4}\s*页|\d{1,4}\s*/\s*\d{1,4}|page\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?)\s*",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(rf"{_DASH}(?:\d{{1,4}}|[ivxlc]{{1,6}}|[IVXLC]{{1,6}}){_DASH}")
_BROWSER = re.compile(r"(?:https?|file)://\S+.*\d+/\d+|\d{2,4}[/.-]\d{1,2}[/.-]\d{1,2},?\s*(?:[上下]午\s*)?\d{1,2}:\d{2}.*", re.IGNORECASE)


def without_furniture(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The pages without what is repeated at their edges, and without page numbers."""
    repeated = _repeated_texts(sheets)
    numbers = _number_places(sheets)
    boxes = _repeated_drafts(sheets)
    return [_cleaned(sheet, repeated, numbers, boxes) for sheet in sheets]


def _edge_lines(sheet: Sheet, top: bool) -> list[Line]:
    """Whole lines near an edge, from the edge inwards."""
    border = sheet.height * (_EDGE if top else 1 - _EDGE)
    near = [p for p in sheet.loose if (p.middle < border if top else p.middle > border)]
    lines = whole_lines(near)
    return (lines if top else lines[::-1])[:_DEEPEST]


def _key(line: Line, top: bool) -> tuple[bool, str]:
    return top, re.sub(r"\d+", "#", "".join(line.text.split()))


def _repeated_texts(sheets: Sequence[Sheet]) -> dict[tuple[bool, str], list[float]]:
    """Texts that stand at one height on several pages, with those heights (measured from their edge)."""
    places: dict[tuple[bool, str], list[float]] = defaultdict(list)
    for sheet in sheets:
        for top in (True, False):
            for line in _edge_lines(sheet, top):
                places[_key(line, top)].append(line.base if top else sheet.height - line.base)
    need = 2 if len(sheets) <= 5 else 3
    found = {}
    for key, heights in places.items():
        steady = [h for h in heights if sum(abs(h - other) < _SAME_PLACE for other in heights) >= need]
        if steady and not (key[1].strip("#") == "" and len(sheets) < 2):
            found[key] = steady
    return found


def _number_places(sheets: Sequence[Sheet]) -> set[tuple[bool, int]]:
    """Heights at which a bare number counts up with the pages."""
    seen: dict[tuple[bool, int], Counter[int]] = defaultdict(Counter)
    for k, sheet in enumerate(sheets):
        for top in (True, False):
            for line in _edge_lines(sheet, top)[:2]:
                value = re.sub(r"\D", "", line.text)
                if _BARE_NUMBER.fullmatch(line.text) and value:
                    seen[top, round((line.base if top else sheet.height - line.base) / 8)][int(value) - k] += 1
    return {place for place, offsets in seen.items() if offsets.most_common(1)[0][1] >= 2}


def _repeated_drafts(sheets: Sequence[Sheet]) -> set[tuple[str, int]]:
    """Small tables that stand at the same place on at least three pages: a form's head."""
    counts: Counter[tuple[str, int]] = Counter(key for sheet in sheets for d in sheet.drafts if (key := _draft_key(sheet, d)))
    return {key for key, count in counts.items() if count >= 3}


def _draft_key(sheet: Sheet, draft: Draft) -> tuple[str, int] | None:
    at_edge = draft.box[3] < sheet.height * _EDGE or draft.box[1] > sheet.height * (1 - _EDGE)
    text = re.sub(r"\d+", "#", "".join(c.text for c in draft.cells))
    return (text, round(draft.box[1] / 8)) if at_edge and text else None


def _cleaned(
    sheet: Sheet, repeated: dict[tuple[bool, str], list[float]], numbers: set[tuple[bool, int]], boxes: set[tuple[str, int]]
) -> Sheet:
    gone: set[int] = set()
    for top in (True, False):
        lines = _edge_lines(sheet, top)
        for k, line in enumerate(lines):
            height = line.base if top else sheet.height - line.base
            inner = lines[k + 1] if k + 1 < len(lines) else None
            running = any(abs(height - h) < _SAME_PLACE for h in repeated.get(_key(line, top), ()))
            printed_by_browser = height < 0.06 * sheet.height and _BROWSER.match(line.text) is not None
            if not running and not printed_by_browser and not _is_number(line, inner, sheet, top, numbers):
                break
            gone |= {id(p) for p in sheet.loose if abs(p.base - line.base) < 0.3 * line.size}
    drafts = tuple(d for d in sheet.drafts if _draft_key(sheet, d) not in boxes)
    return replace(sheet, loose=tuple(p for p in sheet.loose if id(p) not in gone), drafts=drafts)


def _is_number(line: Line, inner: Line | None, sheet: Sheet, top: bool, numbers: set[tuple[bool, int]]) -> bool:
    height = line.base if top else sheet.height - line.base
    if _MARKED_NUMBER.fullmatch(line.text):
        return height < sheet.height * 0.14
    if not _BARE_NUMBER.fullmatch(line.text) or not any(c.isalnum() for c in line.text):
        return False
    if any((top, round(height / 8) + step) in numbers for step in (-1, 0, 1)):
        return True
    apart = inner is None or abs(inner.base - line.base) > 2.2 * line.size
    value = re.sub(r"\D", "", line.text)
    return not top and apart and height < sheet.height * 0.11 and value != "" and abs(int(value) - sheet.number) <= 20
