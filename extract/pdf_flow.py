"""Lines -> paragraphs, by indent, right edge, spacing and numbers, as a reader would; used for stored text, scans and table cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from extract.model import Location, Paragraph, PrintedLine
from extract.pdf_lines import Line, glue, numbered

_AROUND = 4
"""Lines before and behind one that tell how far apart lines stand there."""
_OPEN = "，、（《“〔(-—－"
_COUNTED = re.compile(r"\s*(\d{1,3})([、.．)）])")
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十百]{1,4}[章条]")
_MARKED = re.compile(r"[-–—−·•●■◆▪□○*\uf000-\uf0ff]|[（(]?(?:[a-zA-Z]|\d{1,2}|[一二三四五六七八九十]{1,3})[）)、.．]|[①-⑳]")
_NUMERALS = "0123456789IVXivx"
_LEADER = frozenset(".．·・…‥_－—–-")
_ENDS = "。！？；：!?;:"


@dataclass(frozen=True, slots=True)
class Margins:
    """The text area that a line is judged against, in points."""

    left: float
    right: float
    pitch: float
    """Usual distance of baselines."""
    size: float
    indented: bool
    """Paragraphs begin with an indent."""
    usual: float
    """Font size of most of the document, tables included."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line with the text area it stands in; `strip` changes with every page and column."""

    line: Line
    frame: Margins
    strip: int = 0


def margins(lines: Sequence[Line], *, right: float | None = None, usual: float | None = None, width: float | None = None) -> Margins:
    """Margins of a text area from its lines.

    `right`: its right edge where it is known (a cell's border); `usual`: the document's font size; `width`: that of the page,
    whose margins are taken to be alike where all lines are short.
    """
    size = weighted((n.size, n.width) for n in lines) or 10.5
    body = [n for n in lines if abs(n.size - size) < 0.15 * size] or list(lines)
    widest = max(n.width for n in body)
    long = [n for n in body if n.width > 0.6 * widest]
    left = min(n.x0 for n in long)
    edge = sorted(n.x1 for n in long)[int(len(long) * 0.97)] if right is None else right
    if right is None and width is not None and edge < 0.7 * width:
        edge = max(edge, width - left)
    steps = [b.base - a.base for a, b in pairwise(body) if a.page == b.page and 0.8 * size < b.base - a.base < 3.5 * size]
    pitch = _common(steps) or size * 1.5
    return Margins(left, edge, pitch, size, _first_lines_indented(body, left, edge), usual or size)


def local(lines: Sequence[Line], frame: Margins) -> list[Margins]:
    """`frame` for each line of a strip, with the distance of the lines about it where that is wider than is usual."""
    steps = [b.base - a.base for a, b in pairwise(lines)]
    wide = [0.8 * frame.size < step < 3.5 * frame.size for step in steps]
    out = []
    for k in range(len(lines)):
        near = [steps[j] for j in range(max(k - _AROUND, 0), min(k + _AROUND, len(steps))) if wide[j]]
        pitch = median(near) if len(near) > _AROUND else 0.0
        steady = sum(abs(step - pitch) < 1 for step in near) > 0.6 * len(near)
        out.append(replace(frame, pitch=pitch) if steady and pitch > frame.pitch else frame)
    return out


def paragraphs_of(lines: Sequence[Placed]) -> list[list[Placed]]:
    """Lines in reading order grouped to paragraphs."""
    groups: list[list[Placed]] = []
    for line in lines:
        if groups and _goes_on(groups[-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def paragraph(lines: Sequence[Line], frame: Margins | None = None) -> Paragraph:
    """One paragraph from its lines; its place is the page and box of its first page."""
    text = lines[0].text
    starts = [0]
    for before, line in pairwise(lines):
        text += glue(before.text, line.text)
        starts.append(len(text))
        text += line.text
    blank = len(text) - len(text.lstrip())
    first = [n for n in lines if n.page == lines[0].page]
    box = (min(n.x0 for n in first), min(n.top for n in first), max(n.x1 for n in first), max(n.bottom for n in first))
    scores = [(n.confidence, len(n.text)) for n in lines if n.confidence is not None]
    return Paragraph(
        text.strip(),
        Location(page=lines[0].page, box=_tenths(*box)),
        bold=all(n.bold for n in lines),
        centered=frame is not None and all(centered(n, frame) for n in lines),
        size=weighted((n.size, n.width) for n in lines),
        font=lines[0].font or None,
        confidence=round(sum(s * n for s, n in scores) / max(sum(n for _, n in scores), 1), 4) if scores else None,
        lines=_printed([start - blank for start in starts], lines) if len(lines) > 1 else (),
    )


def _printed(starts: Sequence[int], lines: Sequence[Line]) -> tuple[PrintedLine, ...]:
    return tuple(PrintedLine(max(k, 0), n.page, _tenths(n.x0, n.top, n.x1, n.bottom)) for k, n in zip(starts, lines, strict=True))


def _tenths(x0: float, top: float, x1: float, bottom: float) -> tuple[float, float, float, float]:
    return round(x0, 1), round(top, 1), round(x1, 1), round(bottom, 1)


def centered(line: Line, frame: Margins) -> bool:
    """Stands in the middle of the text area with room on both sides."""
    before, after = line.x0 - frame.left, frame.right - line.x1
    return before > 2.4 * line.size and after > 2.4 * line.size and abs(before - after) < max(1.2 * line.size, 0.05 * (before + after))


def full(line: Line, following: Line, frame: Margins) -> bool:
    """The line ends only because the next word did not fit."""
    return frame.right - line.x1 < following.head + 0.5 * line.size


def _goes_on(group: list[Placed], placed: Placed) -> bool:
    last, line, frame = group[-1].line, placed.line, placed.frame
    if leads_to_a_page(last.text):
        return False
    if abs(last.size - line.size) > 0.12 * max(last.size, line.size):
        return False
    if group[-1].strip == placed.strip and not -0.5 * frame.pitch < line.base - last.base < _reach(group, line, frame):
        return False
    lines = [p.line if p.frame.left == frame.left else _moved(p, frame) for p in group]
    if _title_goes_on(lines, line, frame):
        return True
    if centered(line, frame) and centered(last, frame):
        return False
    return full(last, line, group[-1].frame) and not _begins(lines, line, frame)


def leads_to_a_page(text: str) -> bool:
    """A line of a table of contents: dots up to a page number."""
    line = text.rstrip(" )）-–—")
    name = line.rstrip(_NUMERALS)
    dots = name[-10:].rstrip(" (（").replace(" ", "")[-4:]
    return 0 < len(line) - len(name) <= 6 and len(dots) == 4 and _LEADER.issuperset(dots)


def _moved(placed: Placed, frame: Margins) -> Line:
    """A line of another column, as if it stood in this one."""
    by = frame.left - placed.frame.left
    return replace(placed.line, x0=placed.line.x0 + by, x1=placed.line.x1 + by)


def _reach(group: list[Placed], line: Line, frame: Margins) -> float:
    """How far down the next line of a paragraph may stand: pages of one document have different line spacings."""
    usual = max(1.45 * frame.pitch, 1.2 * frame.pitch + 0.4 * line.size)
    if len(group) > 1 and group[-1].strip == group[-2].strip:
        return max(usual, 1.25 * (group[-1].line.base - group[-2].line.base))
    hangs_under_indent = frame.indented and line.x0 - frame.left < 0.8 * line.size < group[-1].line.x0 - frame.left
    return max(usual, 2.6 * line.size) if hangs_under_indent else usual


def _begins(group: list[Line], line: Line, frame: Margins) -> bool:
    """Given that the line before is full: does this one begin a paragraph of its own?"""
    first, last = group[0], group[-1]
    em = line.size
    settled = group[1].x0 if len(group) > 1 else frame.left
    indent = line.x0 - min(settled, last.x0)
    ended = last.text[-1:] in _ENDS
    if indent > 1.3 * em:
        return len(group) > 1 or not _hangs(first, line)
    if len(group) == 1 and frame.indented and abs(line.x0 - first.x0) < 0.6 * em and 1.3 * em < line.x0 - frame.left < 3.2 * em:
        return True
    if _counts_on(first.text, line.text):
        return True
    if not numbered(line.text):
        return False
    # 附件1- / 4）…: a number that only wrapped; a heading behind a full line is rare without the end of a sentence
    outdented = frame.indented and line.x0 - frame.left < 0.8 * em
    return ended or (not outdented and _HEADING.match(line.text) is not None and last.text[-1] not in _OPEN)


def _counts_on(first: str, text: str) -> bool:
    """Items of one list: 14. and 15., even if a year follows the number."""
    a, b = _COUNTED.match(first), _COUNTED.match(text)
    return a is not None and b is not None and int(b[1]) == int(a[1]) + 1 and a[2] == b[2]


def _hangs(first: Line, line: Line) -> bool:
    """The second line of a list item, set under the item's text and not under its number or dash."""
    return _MARKED.match(first.text) is not None and 0.5 * line.size < line.x0 - first.x0 < 3.2 * line.size


def _title_goes_on(group: list[Line], line: Line, frame: Margins) -> bool:
    """A title broken by hand or by the margin: large, centered, close together."""
    last = group[-1]
    large = line.size > 1.15 * frame.usual and len(group) < 4
    near = last.page == line.page and line.base - last.base < 2.1 * line.size
    if not (large and near) or numbered(line.text) or last.text[-1:] in _ENDS:
        return False
    middle = (frame.left + frame.right) / 2
    return all(abs((n.x0 + n.x1) / 2 - middle) < 1.5 * line.size for n in (last, line)) and last.bold == line.bold


def _first_lines_indented(lines: Sequence[Line], left: float, right: float) -> bool:
    indented = sum(1.3 * n.size < n.x0 - left < 2.7 * n.size for n in lines)
    followed = sum(
        1.3 * a.size < a.x0 - left < 2.7 * a.size and b.x0 - left < 0.6 * b.size and a.x1 > right - 6 * a.size for a, b in pairwise(lines)
    )
    return indented > 0 and followed >= max(1, indented * 0.15)


def weighted(values: Iterable[tuple[float, float]]) -> float | None:
    """The most common of values given with their weights, to half a point."""
    counts: Counter[float] = Counter()
    for value, weight in values:
        counts[round(value * 2) / 2] += max(int(weight), 1)
    return counts.most_common(1)[0][0] if counts else None


def _common(values: Sequence[float]) -> float | None:
    counts = Counter(round(v) for v in values)
    if not counts:
        return None
    best = counts.most_common(1)[0][0]
    near = [v for v in values if abs(v - best) <= 1]
    return sum(near) / len(near)
