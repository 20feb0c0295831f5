"""What is printed on every page and is not the document's text: running heads and feet, page numbers, watermarks."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from extract.pdf_drafts import Draft
from extract.pdf_layout import Sheet
from extract.pdf_lines import Line, whole_lines

_Repeated = dict[tuple[bool, str], list[float]]

_EDGE = 0.16
"""Share of the page height, at top and bottom, in which running heads, feet and page numbers stand."""
_DEEPEST = 4
"""At most so many lines from the edge inwards."""
_SAME_PLACE = 6.0
_STAMPED = 4
"""Pages at least that bear a stamp between their lines, and its characters."""
_MOST_STAMPS = 3
"""More that is alike on all pages is a form, or the same page again."""

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
    cleaned = [_cleaned(sheet, repeated, numbers, boxes, k == 0) for k, sheet in enumerate(sheets)]
    stamps = _stamps(cleaned)
    rests = [replace(sheet, loose=tuple(p for p in sheet.loose if _stamp_key(p) not in stamps)) for sheet in cleaned]
    return rests if all(rest.loose or rest.drafts or not sheet.loose for rest, sheet in zip(rests, cleaned, strict=True)) else cleaned


def _stamps(sheets: Sequence[Sheet]) -> set[tuple[str, int, int]]:
    """Texts that stand alone on their line, or run up the page, at exactly one place of at least half of the pages."""
    counts: Counter[tuple[str, int, int]] = Counter()
    for sheet in sheets:
        rows = Counter(round(p.base) for p in sheet.loose)
        counts.update({_stamp_key(p) for p in sheet.loose if rows[round(p.base)] == 1 or p.bottom - p.top > 3 * p.size})
    need = max(_STAMPED, len(sheets) / 2)
    found = {key for key, count in counts.items() if count >= need and len(key[0]) >= _STAMPED}
    return found if len(found) <= _MOST_STAMPS else set()


def _stamp_key(line: Line) -> tuple[str, int, int]:
    return "".join(line.text.split()), round(line.x0), round(line.base)


def _edge_lines(sheet: Sheet, top: bool) -> list[Line]:
    """Whole lines near an edge, from the edge inwards."""
    border = sheet.height * (_EDGE if top else 1 - _EDGE)
    near = [p for p in sheet.loose if (p.middle < border if top else p.middle > border)]
    lines = whole_lines(near)
    return (lines if top else lines[::-1])[:_DEEPEST]


def _texts(line: Line, top: bool) -> tuple[tuple[bool, str], tuple[bool, str]]:
    """What a line is compared by: its text, and its text without the numbers."""
    text = "".join(line.text.split())
    return (top, text), (top, re.sub(r"\d+", "#", text))


def _repeated_texts(sheets: Sequence[Sheet]) -> _Repeated:
    """Texts that stand at one height on several pages, with those heights; their numbers are alike, or count up with the pages."""
    same: dict[tuple[bool, str], list[float]] = defaultdict(list)
    counting: dict[tuple[bool, str], dict[tuple[int, int], list[float]]] = defaultdict(lambda: defaultdict(list))
    for k, sheet in enumerate(sheets):
        for top in (True, False):
            for line in _edge_lines(sheet, top):
                height = line.base if top else sheet.height - line.base
                exact, bare = _texts(line, top)
                same[exact].append(height)
                for j, number in enumerate(re.findall(r"\d{1,4}(?!\d)", line.text)):  # blanks kept: they part numbers
                    counting[bare][j, int(number) - k].append(height)
    need = 2 if len(sheets) <= 5 else 3
    found = {key: _steady(heights, need) for key, heights in same.items()}
    for key, series in counting.items():
        steady = [h for heights in series.values() for h in _steady(heights, need)]
        found[key] = found.get(key, []) + steady
    return {key: heights for key, heights in found.items() if heights}


def _steady(heights: Sequence[float], need: int) -> list[float]:
    return [h for h in heights if sum(abs(h - other) < _SAME_PLACE for other in heights) >= need]


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


def _apart(line: Line, sheet: Sheet, top: bool) -> bool:
    """Further from the text than lines of text are from each other: a line that a few pages share by chance is not."""
    sign = 1 if top else -1
    inwards = sorted({round(sign * (p.base - line.base), 1) for p in sheet.loose if sign * (p.base - line.base) > 0.5 * line.size})
    return len(inwards) < 2 or inwards[0] > 1.1 * (inwards[1] - inwards[0])


def _table_head(sheet: Sheet, line: Line) -> bool:
    """The head of an unruled table that goes on over pages: on the first page it stays."""
    parts = [p for p in sheet.loose if abs(p.base - line.base) < 0.3 * line.size]
    return len(parts) > 3 or (len(parts) > 1 and line.text.startswith(("序号", "编号")))


def _cleaned(sheet: Sheet, repeated: _Repeated, numbers: set[tuple[bool, int]], boxes: set[tuple[str, int]], first: bool) -> Sheet:
    gone: set[int] = set()
    for top in (True, False):
        lines = _edge_lines(sheet, top)
        for k, line in enumerate(lines):
            height = line.base if top else sheet.height - line.base
            inner = lines[k + 1] if k + 1 < len(lines) else None
            known = [h for text in set(_texts(line, top)) for h in repeated.get(text, ())]
            often = sum(abs(height - h) < _SAME_PLACE for h in known)
            running = (often > 3 or (often > 0 and _apart(line, sheet, top))) and not (first and _table_head(sheet, line))
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
