"""Characters with places -> pieces of lines: text in reading order, with the spaces that a person would type."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from extract.page import Glyph

COLUMN_GAP = 0.9
"""A gap of this many character widths may separate cells; pieces that turn out to be no table are joined again."""
CLOSE_COLUMN_GAP = 0.45
"""The same where text programs' own gaps cannot be meant."""
_JUMP = 8
"""Characters further apart than this in the content stream were not written in one go."""
_LEAST_SEAMS = 3
_FEW_SPACES = 0.01
"""A foot may be written with spaces where the text is not."""
_SAME_BASE = 0.3
"""Baselines this share of the font size apart belong to one line."""
_MARK = 6
"""Characters of a raised mark at most."""
_NOT_FIRST = "，。、；：？！）〕】》〉”’」』％%,.;:?!)]}·…—～℃"
_QUOTES = "“”‘’\"'"
"""Most line breakers keep them with both neighbours."""
_CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff“”‘’—…·①-⑳]")
_NOT_LAST = "+＋￥¥$№（〔【《〈“‘「『([{"


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a piece of one between wide gaps. Lengths in points."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    size: float
    order: float
    """Where it stands in the content stream (median of its characters)."""
    head: float
    """Width of what cannot be broken at its start: would it have fitted on the line before?"""
    bold: bool = False
    font: str = ""
    confidence: float | None = None
    page: int = 1

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def width(self) -> float:
        return self.x1 - self.x0


@dataclass(frozen=True, slots=True)
class Gaps:
    """How the gaps of a file are read."""

    column: float = COLUMN_GAP
    """In character widths: a wider one may separate cells."""
    typed: bool = False
    """They are spaces, even between Chinese characters."""


USUAL = Gaps()


def pieces(glyphs: Iterable[Glyph], page: int = 1, *, gaps: Gaps = USUAL) -> list[Line]:
    """Pieces of lines, top to bottom and left to right."""
    found = []
    for row in _with_raised(_by_baseline(glyphs)):
        for run in _runs(row, gaps.column):
            if any(not g.char.isspace() for g in run):
                found.append(_line(run, page, typed=gaps.typed))
    return sorted(_rejoined(found), key=lambda p: (p.base, p.x0))


@dataclass(slots=True)
class Spacing:
    """Learns page by page what gaps mean in a file.

    Text programs put gaps between Chinese characters and digits; where a file has none, narrow gaps part cells. Browsers
    store no spaces: there every gap is a space that somebody typed.
    """

    glyphs: int = 0
    stored: int = 0
    seams: int = 0
    tight: int = 0

    def learn(self, glyphs: Sequence[Glyph]) -> None:
        """Take a page into account."""
        self.glyphs += len(glyphs)
        self.stored += sum(g.char.isspace() and g.char != "\u3000" for g in glyphs)
        for a, b in pairwise(glyphs):
            mixed = is_cjk(a.char) != is_cjk(b.char) and a.char.isalnum() and b.char.isalnum()
            if mixed and b.order == a.order + 1 and a.base == b.base:
                self.seams += 1
                self.tight += abs(b.x0 - a.x1) < 0.05 * b.size

    @property
    def gaps(self) -> Gaps:
        """What was learnt so far."""
        if self.seams < _LEAST_SEAMS or self.tight <= 0.8 * self.seams:
            return USUAL
        return Gaps(CLOSE_COLUMN_GAP, self.stored < _FEW_SPACES * self.glyphs)


def whole_lines(parts: Sequence[Line]) -> list[Line]:
    """Pieces on one baseline joined to whole lines, top to bottom."""
    rows: list[list[Line]] = []
    for part in sorted(parts, key=lambda p: p.base):
        if rows and abs(part.base - rows[-1][0].base) < _SAME_BASE * min(part.size, rows[-1][0].size):
            rows[-1].append(part)
        else:
            rows.append([part])
    return [joined(row) for row in rows]


def joined(parts: Sequence[Line]) -> Line:
    """Pieces of one line as one, left to right."""
    row = sorted(parts, key=lambda p: p.x0)
    if len(row) == 1:
        return row[0]
    # 关　于　文　件: a heading with its characters set far apart, not a row of cells
    spread = len(row) > 2 and all(len(p.text) == 1 and is_cjk(p.text) for p in row)
    main = max(row, key=lambda p: p.width)
    scores = [(p.confidence, len(p.text)) for p in row if p.confidence is not None]
    return replace(
        main,
        text=row[0].text + "".join(("" if spread else _between(a, b)) + b.text for a, b in pairwise(row)),
        x0=row[0].x0,
        top=min(p.top for p in row),
        x1=max(p.x1 for p in row),
        bottom=max(p.bottom for p in row),
        order=min(p.order for p in row),
        head=row[0].head,
        bold=all(p.bold for p in row),
        confidence=sum(s * n for s, n in scores) / max(sum(n for _, n in scores), 1) if scores else None,
    )


def _between(left: Line, right: Line) -> str:
    latin = not is_cjk(left.text[-1]) and not is_cjk(right.text[0])
    return " " if latin or right.x0 - left.x1 > left.size else ""


def is_cjk(char: str) -> bool:
    """A character that is set without spaces: Chinese, full-width forms, Chinese punctuation."""
    return _CJK.match(char) is not None


def inseparable(before: str, char: str, *, touching: bool = True) -> bool:
    """No line break between two characters; `touching`: no space between them."""
    if before in _NOT_LAST or char in _NOT_FIRST or before in _QUOTES or char in _QUOTES:
        return True
    return touching and not is_cjk(char) and (not is_cjk(before) or before in _NOT_FIRST)


def glue(left: str, right: str) -> str:
    """What stands between two lines of one paragraph."""
    if not left or not right or is_cjk(left[-1]) or is_cjk(right[0]) or left[-1] == "-":
        return ""
    return " " if left[-1].isalpha() or right[0].isalpha() or left[-1] in ".,;:?!)" else ""


def _by_baseline(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    rows: list[list[Glyph]] = []
    for g in sorted(glyphs, key=lambda g: g.base):
        if rows and g.base - rows[-1][0].base < 0.12 * g.size:
            rows[-1].append(g)
        else:
            rows.append([g])
    return [sorted(row, key=lambda g: g.x0) for row in rows]


def _with_raised(rows: list[list[Glyph]]) -> list[list[Glyph]]:
    """Rows with the small raised and lowered characters (footnote marks, m², CO₂) that stand in their gaps or touch their ends."""
    out = [list(row) for row in rows]
    for k, row in enumerate(rows):
        for mark in _small_runs(row):
            near = (j for step in (1, 2, 3) for j in (k + step, k - step) if 0 <= j < len(rows))
            host = next((j for j in near if _belongs(mark, out[j])), None)
            if host is not None:
                gone = {id(g) for g in mark}
                out[k] = [g for g in out[k] if id(g) not in gone]
                base = min(out[host], key=lambda g: abs(g.x1 - mark[0].x0)).base
                out[host] = sorted([*out[host], *(replace(g, base=base) for g in mark)], key=lambda g: g.x0)
    return [row for row in out if row]


def _small_runs(row: Sequence[Glyph]) -> list[list[Glyph]]:
    """Runs of at most _MARK characters with room on both sides."""
    runs: list[list[Glyph]] = []
    for g in row:
        if g.char.isspace():
            continue
        if runs and g.x0 - runs[-1][-1].x1 < 0.5 * g.size:
            runs[-1].append(g)
        else:
            runs.append([g])
    return [run for run in runs if len(run) <= _MARK]


def _belongs(mark: Sequence[Glyph], row: Sequence[Glyph]) -> bool:
    """Smaller than what it touches, half a line up or down at most, and printed over nothing."""
    left, right, size = mark[0].x0, mark[-1].x1, max(g.size for g in mark)
    inked = [g for g in row if not g.char.isspace()]
    host = next((g for g in inked if g.x0 < left and abs(left - g.x1) <= 0.35 * g.size and size < 0.85 * g.size), None)
    if host is None or abs(mark[0].base - host.base) > 0.6 * host.size:
        return False
    middle = (left + right) / 2
    return not any(g is not host and (left < (g.x0 + g.x1) / 2 < right or g.x0 < middle < g.x1) for g in inked)


def _runs(row: list[Glyph], widest: float) -> list[list[Glyph]]:
    """A row cut at gaps wider than `widest` (in character widths) and at narrow ones where the file goes on elsewhere:
    lines of neighbouring cells. The spaces inside a gap do not bridge it."""
    runs: list[list[Glyph]] = []
    right, order, blank = 0.0, 0, False
    for g in row:
        if g.char.isspace():
            blank = True
            if runs:
                runs[-1].append(g)
            continue
        elsewhere = g.x0 - right > 0.15 * g.size and not 0 <= g.order - order <= _JUMP
        if runs and g.x0 - right <= (COLUMN_GAP if blank else widest) * g.size and not elsewhere:
            runs[-1].append(g)
            right = max(right, g.x1)
        else:
            runs.append([g])
            right = g.x1
        order, blank = g.order, False
    return runs


def _line(run: list[Glyph], page: int, *, typed: bool) -> Line:
    inked = [g for g in run if not g.char.isspace()]
    sizes, fonts = Counter[float](), Counter[str]()
    for g in inked:
        sizes[round(g.size, 1)] += 1
        if is_cjk(g.char):
            fonts[g.font] += 1
    size = sizes.most_common(1)[0][0]
    orders = sorted(g.order for g in inked)
    return Line(
        _spelled(run, typed=typed),
        inked[0].x0,
        min(g.top for g in inked),
        max(g.x1 for g in inked),
        max(g.bottom for g in inked),
        sum(g.base for g in inked) / len(inked),
        size,
        orders[len(orders) // 2],
        _head_width(inked),
        all(g.bold for g in inked if g.char.isalnum()) and any(g.char.isalnum() for g in inked),
        fonts.most_common(1)[0][0] if fonts else inked[0].font,
        page=page,
    )


def _spelled(run: list[Glyph], *, typed: bool) -> str:
    """The text of a run: stored spaces are kept, gaps count as spaces only between Latin words or when wide.

    `typed`: gaps are spaces wherever they stand out from those of the run.
    """
    usual = median(b.x0 - a.x1 for a, b in pairwise(run)) if typed and len(run) > 2 else 0.0
    out: list[str] = []
    before: Glyph | None = None
    pending = False
    for g in run:
        if g.char.isspace():
            pending = True
            continue
        if before is not None:
            gap = g.x0 - before.x1
            latin = not is_cjk(before.char) and not is_cjk(g.char)
            thin = gap < 0.1 * g.size if latin else gap < 0.05 * g.size
            wide = gap > g.size or (typed and gap - max(usual, 0) > 0.18 * g.size)
            if (pending and not thin) or (latin and gap > 0.2 * g.size) or wide:
                out.append(" ")
        out.append(g.char)
        before, pending = g, False
    return "".join(out)


def _head_width(inked: Sequence[Glyph]) -> float:
    first = inked[0]
    end = first.x1
    for before, g in pairwise(inked):
        if not inseparable(before.char, g.char, touching=g.x0 - before.x1 < 0.2 * g.size):
            break
        end = g.x1
    return end - first.x0


def _rejoined(found: list[Line]) -> list[Line]:
    """Raised and lowered characters (footnote marks, other fonts) put back into the line they touch."""
    out: list[Line] = []
    for part in sorted(found, key=lambda p: -len(p.text)):
        host = next((k for k, p in enumerate(out) if len(part.text) <= 4 and _touches(part, p)), None) if len(part.text) <= 4 else None
        if host is None:
            out.append(part)
        else:
            out[host] = _spliced(out[host], part)
    return out


def _touches(part: Line, host: Line) -> bool:
    near = -0.3 * host.size <= part.x0 - host.x1 <= 0.6 * host.size or -0.3 * host.size <= host.x0 - part.x1 <= 0.6 * host.size
    return near and abs(part.base - host.base) < 0.5 * host.size and part.base != host.base and len(host.text) > len(part.text)


def _spliced(host: Line, part: Line) -> Line:
    after = part.x0 > host.x0
    text = host.text + part.text if after else part.text + host.text
    return replace(host, text=text, x0=min(host.x0, part.x0), x1=max(host.x1, part.x1))


_HEADING = re.compile(
    r"\s*(?:第[一二三四五六七八九十百零〇\d]{1,5}[条章节部分项款]|[一二三四五六七八九十]{1,3}\s*[、.．]|[（(][一二三四五六七八九十\d]{1,3}[)）]"
    r"|\d{1,2}(?:\.\d{1,2}){1,4}[.．、\s]*(?=[^\d%％\s])|\d{1,3}\s*[、.．)）](?=\s*\D)|[①-⑳㈠-㈩⑴-⒇]"
    r"|[一二三四五六七八九十]是|附件|附表|附录|注[:：])"
)


def numbered(text: str) -> bool:
    """Begins like a heading or a list item: 一、 （一） 1. 1、 第三条 ①."""
    return _HEADING.match(text) is not None
