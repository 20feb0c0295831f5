"""How a report is built: which blocks head which, and what their numbers and printed item columns say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extract.chinese import HAN_NUMERAL, fold, number
from extract.model import Block
from extract.outline import number_style
from scoring.rubric import Rubric

_HEAD_SENTENCE = re.compile(r"^(.{2,40}?)[。：:]")
_POINTER = re.compile(
    r"^[（(\[【]?\s*(?:相关|有关|主要)?\s*(?:佐证|证明|支撑|印证)(?:性)?(?:材料|资料|文件)?(?:目录|名称|见|为|有|编号)?\s*[】\])）]?\s*[：:]"
    r"|^(?:详见|见)(?:附件|佐证)"
)
_HAN = f"[{HAN_NUMERAL}]{{1,3}}"
_PRINTED = (
    re.compile(rf"^[（(]?\s*({_HAN}|[㈠-㈩])\s*[）)]?\s*[、.．\-—]?\s*(?:第|[（(])?\s*(\d{{1,2}}|[①-⑳]|{_HAN})\s*(?:[项条款目])?[）)]?(?![\d年月日])"),
    re.compile(r"^(\d{1,2})\s*[.．\-—–－]\s*(\d{1,2})(?![\d.．%年月日])"),
    re.compile(r"^([ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ])\s*[.．\-—–－]\s*(\d{1,2})(?!\d)"),
    re.compile(rf"^第?\s*({_HAN}|\d{{1,2}})\s*(?:部分|大项|类)\s*[、，,]?\s*第?\s*({_HAN}|\d{{1,2}})\s*(?:小?项|条|款|目)"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands: the heads above it, outermost first, and whether it opens something itself."""

    heads: tuple[int, ...]
    """Indices of the blocks that head it."""
    depth: int | None
    """Its own depth (1 = outermost) if it heads what follows, else None."""
    head_text: str
    """The heading itself, or the run-in heading a numbered paragraph begins with; "" if none."""
    number: int | None
    opens: bool
    """Begins a new point: a heading, or a numbered paragraph."""


def places(blocks: tuple[Block, ...]) -> tuple[Place, ...]:
    """One Place for each block."""
    levels: dict[str, int] = {}
    stack: list[tuple[int, int]] = []
    out = []
    for k, block in enumerate(blocks):
        style = number_style(block.text) if block.kind != "table_row" else None
        depth = _depth(block, style.style if style else None, levels, [d for d, _ in stack])
        if depth is not None:
            stack = [(d, i) for d, i in stack if d < depth]
        elif _leads_row(block):
            depth = 50  # heads its own row only, below every numbered heading
            stack = [(d, i) for d, i in stack if d < depth]
        elif block.table is None:
            stack = [(d, i) for d, i in stack if d < 50]
        heads = tuple(i for _, i in stack)
        text = head_text(block)
        out.append(Place(heads, depth, text, style.value if style else None, block.kind == "heading" or style is not None))
        if depth is not None and text:
            stack.append((depth, k))
    return tuple(out)


def _depth(block: Block, style: str | None, levels: dict[str, int], open_depths: list[int]) -> int | None:
    if block.kind == "heading":
        assert block.level is not None
        if style:
            levels[style] = block.level
        return block.level
    if style is None or block.kind in ("title", "table_row"):
        return None
    if style not in levels:
        levels[style] = max((d for d in open_depths if d < 50), default=0) + 1
    return levels[style]


def _leads_row(block: Block) -> bool:
    return block.kind == "cell" and block.column == 0


def head_text(block: Block) -> str:
    """The words that announce what the block is about: all of a heading, the first short sentence of a numbered paragraph."""
    if block.kind == "table_row":
        return ""
    style = number_style(block.text)
    bare = block.text[style.end :] if style else block.text
    if block.kind == "heading" or (_leads_row(block) and len(bare) < 80):
        return bare
    m = _HEAD_SENTENCE.match(bare)
    return m.group(1) if style and m and "，" not in m.group(1)[18:] else ""


def is_pointer(text: str) -> bool:
    """Whether a line only says where the evidence for what stands before it is (佐证材料：…)."""
    return bool(_POINTER.match(text.strip()))


def printed_item(text: str, rubric: Rubric) -> str | None:
    """The item that a printed 考核条目 names: （一）1, 一、1, 1.1, Ⅲ-2, 第三部分第2项; None if it is none of the rubric's."""
    plain = fold(text).strip().lstrip("第")
    for pattern in _PRINTED:
        m = pattern.match(plain) or pattern.match(fold(text).strip())
        if m:
            parts = [number(g) for g in m.groups()]
            id = f"{parts[0]}.{parts[1]}"
            if any(i.id == id for i in rubric.items):
                return id
    return None


def item_column(header: tuple[str, ...]) -> int | None:
    """The column of a table that names the 考核条目, by its header."""
    for k, h in enumerate(header):
        if re.search(r"考核(?:条目|条款|项目|内容|指标|细则)|条目|条款|细则|指标|考核项", h):
            return k
    return None
