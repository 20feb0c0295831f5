"""Document → Blocks: cells and line breaks taken apart, headings found, levels read off number styles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from extract.chinese import HAN_NUMERAL, fold, number
from extract.model import Block, BlockKind, Cell, Element, Paragraph, Table, paragraphs

LONGEST_HEADING = 45
"""Characters; a longer line is body text even if it is numbered or bold."""
LONGEST_BARE_HEADING = 26
"""Characters of a heading that neither number nor style nor weight announces."""
PROSE = 34
"""Characters from which on a cell reads as prose, not as a value."""

_HAN = f"[{HAN_NUMERAL}]{{1,4}}"
_STYLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("part", re.compile(rf"第\s*({_HAN}|\d{{1,2}})\s*(?:部分|章|篇)[、：:\s]*")),
    ("article", re.compile(rf"第\s*({_HAN}|\d{{1,3}})\s*[条节款项][、：:\s]*")),
    ("dotted3", re.compile(r"(\d{1,2}[.．]\d{1,2}[.．]\d{1,2})[.．、]?\s*(?![\d%])")),
    ("dotted2", re.compile(r"(\d{1,2}[.．]\d{1,2})[.．、]?\s*(?![\d%.．年月日个项件名次天户万元]|[^\u3000\s]?号)")),
    ("roman", re.compile(r"([ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]|[IVX]{1,4}(?=[、.．]))[、.．]?\s*")),
    ("han", re.compile(rf"({_HAN})\s*[、.．,，](?!\d)\s*")),
    ("han-bracket", re.compile(rf"[（(]\s*({_HAN})\s*[）)]\s*[、.．]?\s*")),
    ("enclosed", re.compile(r"([㈠-㈩㊀-㊉])\s*")),
    ("decimal-bracket", re.compile(r"[（(]\s*(\d{1,2})\s*[）)]\s*[、.．]?\s*")),
    ("decimal", re.compile(r"(\d{1,2})\s*(?:[、．]|[.](?!\d)|[,，](?!\d))\s*")),
    ("half-bracket", re.compile(r"(\d{1,2})\s*[）)]\s*")),
    ("circled", re.compile(r"([①-⑳])\s*[、.．]?\s*")),
    ("letter", re.compile(r"([A-Za-z])\s*[、.．)）](?![A-Za-z.])\s*")),
    ("ordinal", re.compile(rf"({_HAN})是(?!否|指|非)")),
)
_ENDS_LIKE_BODY = tuple("。；;！!？?，,、：:")
_YEAR = r"(?:19|20|二[〇○零O0])[\d〇○零一二三四五六七八九]{2}"
_MONTH_DAY = r"[\d一二三四五六七八九十]{1,3}(?:\s*[月./-]\s*(?:[\d一二三四五六七八九十廿]{1,3}\s*日?)?)?"
_DATE_LINE = re.compile(rf"^[\s（(]*{_YEAR}\s*[年./-]\s*{_MONTH_DAY}[\s）)]*$")
_TITLE = re.compile(r"报告|总结|汇报|清单|目录|情况|材料|自查|方案|细则|通知|说明")
_LAYOUT_HEADER = re.compile(r"(?:完成|落实|工作|自查|开展|进展|推进)情况|佐证")
_LIST_HEADER = re.compile(r"序号|编号|文号|页码|页数|名称|题名|数量|件数|时间|日期")
_ORGAN = re.compile(r"(?:政府|办公室|办|局|委|委员会|中心|处|站|县|区)$")


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a line is numbered: the kind of number, its value, and where the text behind it begins."""

    style: str
    value: int | None
    parts: tuple[int, ...]
    """All numerals of a dotted number, else the value alone."""
    end: int


def number_style(text: str) -> NumberStyle | None:
    """The number that `text` begins with (一、 （一） 1. (1) ① 第二条 1.1 一是), or None."""
    stripped = text.lstrip()
    lead = len(text) - len(stripped)
    for name, pattern in _STYLES:
        m = pattern.match(stripped)
        if m and (m.end() < len(stripped) or name in ("han", "han-bracket", "decimal", "dotted2")):
            parts = tuple(n for n in (number(p) for p in re.split(r"[.．]", m.group(1))) if n is not None)
            return NumberStyle(name, parts[-1] if parts else None, parts, lead + m.end())
    return None


def is_date_line(text: str) -> bool:
    """Whether the line is nothing but a date, as under a signature."""
    return bool(_DATE_LINE.match(text))


def outline(elements: tuple[Element, ...]) -> tuple[Block, ...]:
    """Located elements → blocks in reading order: no block holds a line break or two cells of a layout table."""
    lines = list(_lines(elements))
    body_size = _body_size(lines)
    kinds = [_kind(lines, k, body_size) for k in range(len(lines))]
    return _with_levels(lines, kinds)


@dataclass(frozen=True, slots=True)
class _Line:
    block: Block
    source: Paragraph | None
    whole: bool
    """The only line of its paragraph."""
    spanning: bool = False
    """Alone in its table row."""
    first_column: bool = False


def _lines(elements: Iterable[Element]) -> Iterator[_Line]:
    tables = 0
    for element in elements:
        if isinstance(element, Paragraph):
            yield from _split(element)
        else:
            yield from _table_lines(element, tables)
            tables += 1


def _split(p: Paragraph) -> Iterator[_Line]:
    parts = [t.strip() for t in p.full.split("\n")]
    parts = [t for t in parts if t]
    for text in parts:
        yield _Line(Block("paragraph", text, p.location, bold=p.bold, confidence=p.confidence), p, len(parts) == 1)


def _table_lines(table: Table, index: int) -> Iterator[_Line]:
    rows = [r for r in table.rows if any(c.text.strip() for c in r)]
    if is_layout(table):
        for row in rows:
            filled = [c for c in row if c.text.strip()]
            for cell in filled:
                for line in _cell_lines(cell, index):
                    first = cell.column == min(c.column for r in rows for c in r)
                    yield replace(line, spanning=len(filled) == 1 and first, first_column=first)
        return
    header = _header(rows)
    for row in rows:
        texts = tuple(_flat(c.text) for c in row)
        location = next((p.location for c in row for p in paragraphs(c.content)), table.location)
        confidences = [p.confidence for c in row for p in paragraphs(c.content) if p.confidence is not None]
        block = Block(
            "table_row", " ".join(t for t in texts if t), location, table=index, row=row[0].row, column=row[0].column,
            header=header, cells=texts, bold=all(p.bold for c in row for p in paragraphs(c.content) if p.text.strip()),
            confidence=sum(confidences) / len(confidences) if confidences else None,
        )  # fmt: skip
        yield _Line(block, None, True, spanning=sum(bool(t) for t in texts) == 1)


def _cell_lines(cell: Cell, index: int) -> Iterator[_Line]:
    for element in cell.content:
        if isinstance(element, Paragraph):
            for line in _split(element):
                yield replace(line, block=replace(line.block, kind="cell", table=index, row=cell.row, column=cell.column))
        elif is_layout(element):
            for row in element.rows:
                for inner in row:
                    yield from _cell_lines(replace(inner, row=cell.row, column=cell.column), index)
        else:
            for line in _table_lines(element, index):
                yield replace(line, block=replace(line.block, row=cell.row, column=cell.column))


def _flat(text: str) -> str:
    return " ".join(t.strip() for t in text.split("\n") if t.strip())


def _header(rows: list[tuple[Cell, ...]]) -> tuple[str, ...]:
    """The first row with at least two cells whose texts are all short."""
    for row in rows[:3]:
        texts = tuple(_flat(c.text) for c in row)
        if sum(bool(t) for t in texts) >= 2 and all(len(t) <= 24 for t in texts):
            return texts
    return ()


def is_layout(table: Table) -> bool:
    """Whether the table is a frame for running text (each cell's paragraphs stand alone) and not a table of data.

    A frame holds prose, several paragraphs in a cell, or chapter headings that span it; a list of documents or
    figures has an ordinal column or many short cells in a row.
    """
    rows = [[c for c in r if c.text.strip()] for r in table.rows]
    rows = [r for r in rows if r]
    if not rows:
        return False
    cells = [c for r in rows for c in r]
    columns = max(len(r) for r in rows)
    prose = sum(_is_prose(c) for c in cells)
    if columns == 1:
        return True
    if _has_score_columns(rows) and not any(len(c.text) > 3 * PROSE for c in cells):
        return False
    if columns <= 4 and sum(len(r) == 1 for r in rows) >= 2 and _LAYOUT_HEADER.search("|".join(c.text for c in rows[0])) \
            and not _LIST_HEADER.search("|".join(c.text for c in rows[0])):
        return True
    chapters = sum(len(r) == 1 and number_style(r[0].text) is not None for r in rows)
    several = sum(len(c.text.split("\n")) > 1 and len(c.text) > PROSE for c in cells)
    if columns <= 4 and (prose + several >= max(1, len(rows) // 4) or (chapters >= 2 and prose)):
        return True
    return prose >= max(2, len(rows) // 2)


def _is_prose(cell: Cell) -> bool:
    text = cell.text
    return len(text) > PROSE and any(c in text for c in "。；，") and text.count("，") + 2 * text.count("。") + text.count("；") >= 2


def _has_score_columns(rows: list[list[Cell]]) -> bool:
    return any(re.search(r"自评|得分|分值", c.text) and len(c.text) < 10 for r in rows[:3] for c in r)


def _body_size(lines: list[_Line]) -> float | None:
    sizes: Counter[float] = Counter()
    for line in lines:
        if line.source is not None and line.source.size:
            sizes[line.source.size] += len(line.block.text)
    return sizes.most_common(1)[0][0] if sizes else None


def _kind(lines: list[_Line], k: int, body_size: float | None) -> BlockKind:
    line = lines[k]
    block, p = line.block, line.source
    if block.kind == "table_row" or p is None:
        return block.kind
    if block.table is None and _is_title(lines, k, body_size):
        return "title"
    if _is_heading(line, lines, k, body_size):
        return "heading"
    return block.kind


def _is_title(lines: list[_Line], k: int, body_size: float | None) -> bool:
    """Among the first lines, before any body text: centered, large, or worded like a title."""
    if k > 5 or any(len(x.block.text) > 60 or x.block.text.endswith("：") for x in lines[:k]):
        return False
    text, p = lines[k].block.text, lines[k].source
    assert p is not None
    if len(text) > 60 or text.endswith(_ENDS_LIKE_BODY) or number_style(text) or is_date_line(text) or p.outline:
        return bool(p.outline is None and p.centered and len(text) <= 60 and not text.endswith("：") and not number_style(text))
    large = bool(p.size and body_size and p.size > body_size)
    return p.centered or large or (k == 0 and bool(_TITLE.search(text)))


def _is_heading(line: _Line, lines: list[_Line], k: int, body_size: float | None) -> bool:
    text, p = line.block.text, line.source
    assert p is not None
    if p.outline is not None and len(text) <= 2 * LONGEST_HEADING:
        return not text.endswith(tuple("；;，,"))
    if len(text) > LONGEST_HEADING or not any(c.isalpha() for c in text) or is_date_line(text):
        return False
    if line.block.table is not None and not line.first_column:
        return False
    style = number_style(text)
    bare = text[style.end :] if style else text
    if not bare or bare.count("。") > 1 or ("，" in bare and bare.endswith("。")) or bare.startswith(("附件", "佐证")):
        return False
    heavier = p.bold or bool(p.size and body_size and p.size > body_size + 0.4)
    if style and style.style != "ordinal":
        return not bare.endswith(tuple("；;，,：:")) and "。" not in bare[:-1] and (heavier or not bare.endswith("。"))
    if bare.endswith(_ENDS_LIKE_BODY) or "。" in bare:
        return False
    if line.block.table is not None and (line.spanning or (line.first_column and line.block.row and line.whole and len(bare) <= 30)):
        return True
    if heavier and not _tail(lines, k):
        return True
    follows_body = k + 1 < len(lines) and len(lines[k + 1].block.text) > len(text) and not is_date_line(lines[k + 1].block.text)
    return line.block.table is None and line.whole and len(bare) <= LONGEST_BARE_HEADING and follows_body and k > 0 \
        and not _ORGAN.search(bare)  # fmt: skip


def _tail(lines: list[_Line], k: int) -> bool:
    """Signature and date stand at the end, often bold."""
    return all(len(x.block.text) <= 40 for x in lines[k:]) and len(lines) - k <= 3


def _with_levels(lines: list[_Line], kinds: list[BlockKind]) -> tuple[Block, ...]:
    """Levels by the order in which number styles nest; a style that returns closes what was opened below it."""
    stack: list[str] = []
    blocks = []
    for line, kind in zip(lines, kinds, strict=True):
        level = None
        if kind == "heading":
            key = _level_key(line)
            if key in stack:
                del stack[stack.index(key) + 1 :]
            else:
                _make_room(stack, key)
            level = len(stack)
        blocks.append(replace(line.block, kind=kind, level=level))
    return tuple(blocks)


def _level_key(line: _Line) -> str:
    style = number_style(line.block.text)
    if style:
        return style.style
    p = line.source
    if p is not None and p.outline is not None:
        return f"outline{p.outline}"
    return "bold" if line.block.bold else "bare"


_RANK = {"part": 0, "roman": 1, "han": 2, "article": 3, "han-bracket": 3, "enclosed": 3, "dotted2": 4, "decimal": 4,
         "decimal-bracket": 5, "half-bracket": 5, "dotted3": 5, "circled": 6, "letter": 6, "ordinal": 7}  # fmt: skip


def _make_room(stack: list[str], key: str) -> None:
    """Push a style not open now; one that outranks open ones closes them (一、 after 1.)."""
    rank = _RANK.get(key)
    if rank is not None:
        while stack and _RANK.get(stack[-1], -1) >= rank:
            stack.pop()
    stack.append(key)


def plain(text: str) -> str:
    """`text` without the number it begins with, folded."""
    style = number_style(text)
    return fold(text[style.end :] if style else text)


