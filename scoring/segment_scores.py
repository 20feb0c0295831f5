"""自评分 as a report prints it, in tables and in prose: points per item and the total."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from extract.chinese import fold, han_number
from extract.model import Block
from scoring.rubric import Rubric
from scoring.segment_structure import item_column, printed_item

_SELF_COLUMN = re.compile(r"自评|自查得分|自查分|自测|^得分$|自我评|单位得分")
_N = r"\s*(\d{1,3}(?:\.\d+)?(?=\s*分)|[一二三四五六七八九十]{1,3}(?=\s*分(?![\u4e00-\u9fff])))\s*分"
"""Points; 写得十分清楚 and 五分之一 are none, so behind points in words the sentence must pause."""
_SAYS = r"(?:为|是|:|计|共|打|定|加|得|,)?"
_SELF_PROSE = re.compile(
    rf"自(?:我)?(?:评|查|测|评自查|查自评)(?:评分|打分|得分|计分|加分|分值|分数|评定|评价|分|得)?{_SAYS}{_N}(?!值)"
    rf"|(?:本项|该项|此项|本条|应|实)(?:自评)?得(?:分)?{_SAYS}{_N}|(?<![不可应])得分?{_SAYS}{_N}|申请加{_SAYS}{_N}|[(,;]\s*加{_SAYS}{_N}\s*[),。]"
)
_FULL = re.compile(r"自(?:我)?(?:评|查)(?:得|打|为|计|:)?\s*满分|(?:本项|该项|此项)(?:得|自评)?满分")
_TOTAL_WORDS = re.compile(r"合计|总计|总分|总得分|共计|总评|自评总|综合得分|小计$")
_TOTAL_PROSE = re.compile(
    r"(?:总分|总得分|总评分|合计(?:得分|自评)?|总计(?:得分)?|综合(?:自评)?得分|综合自评|最终得分|共(?:计)?(?:自评)?得分?|自评(?:得分)?(?:合计|总计|共计?))"
    rf"(?:\([^()]{{0,20}}\))?{_SAYS}\s*(\d{{1,3}}(?:\.\d+)?)\s*分"
)
_NUMBER = re.compile(r"^\s*[+＋]?\s*(\d{1,3}(?:\.\d+)?)\s*分?\s*$")


class HasItem(Protocol):
    """A label as the segmenter gives it."""

    @property
    def section(self) -> int: ...

    @property
    def item(self) -> str | None: ...


Scores = dict[str, tuple[Decimal, int]]


def self_scores(blocks: tuple[Block, ...], labels: Sequence[HasItem], rubric: Rubric) -> tuple[Scores, Decimal | None]:
    """({item: (points, index of the block that prints them)}, total or None). What is printed first counts."""
    scores: Scores = {}
    total: Decimal | None = None
    for k, block in enumerate(blocks):
        if block.kind == "table_row":
            total = _from_row(block, k, labels[k], rubric, scores) or total
        else:
            total = _from_prose(block, k, labels[k], rubric, scores) or total
    return scores, total


def _from_row(block: Block, k: int, label: HasItem, rubric: Rubric, scores: Scores) -> Decimal | None:
    column = next((c for c, h in enumerate(block.header) if _SELF_COLUMN.search(h)), None)
    if column is None or block.cells == block.header:
        return None
    points = _points(block.cells[column] if column < len(block.cells) else "")
    if points is None:
        return None
    if any(_TOTAL_WORDS.search(c) for c in block.cells):
        return points
    items = item_column(block.header)
    named = printed_item(block.cells[items], rubric) if items is not None and items < len(block.cells) else None
    item = named or next((p for p in (printed_item(c, rubric) for c in block.cells) if p), None) or label.item
    if item and _within(points, item, rubric):
        scores.setdefault(item, (points, k))
    return None


def _from_prose(block: Block, k: int, label: HasItem, rubric: Rubric, scores: Scores) -> Decimal | None:
    text = fold(block.text)
    m = _TOTAL_PROSE.search(text)
    if m:
        return _points(m.group(1))
    m = _SELF_PROSE.search(text)
    points = _points(next((g for g in m.groups() if g), "")) if m else None
    if label.section == 0:
        return points if points is not None and points > max(i.points for i in rubric.items) else None
    if label.item is None:
        return None
    if points is None and _FULL.search(text):
        points = rubric.item(label.item).points
    if points is not None and _within(points, label.item, rubric):
        scores.setdefault(label.item, (points, k))
    return None


def _within(points: Decimal, item: str, rubric: Rubric) -> bool:
    return points <= rubric.item(item).points


def _points(text: str) -> Decimal | None:
    m = _NUMBER.match(fold(text))
    if m:
        return Decimal(m.group(1))
    spoken = han_number(text)
    return Decimal(spoken) if spoken is not None else None
