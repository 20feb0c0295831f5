"""What a unit's own scores (自评分) contradict: their printed total, an item's maximum, the unit's own words. No ground for points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from extract.chinese import fold
from extract.model import Block
from scoring import sentences
from scoring.deductions import show
from scoring.gaps import printed
from scoring.rubric import Item, Rubric
from scoring.segment import Label, self_scores
from scoring.worksheet import Gap, LabelledBlock, SelfScore

_SHORTFALL = re.compile(
    r"尚未|还未|仍未|暂未|没有完全|未完全|未能(?:全部|及时|按)|未(?:按时|及时|全部|完成|建立|开展|落实|制发|启动|公开|设立)"
    r"|不够(?:到位|及时|完善|规范|全面|深入)|有待(?:加强|提高|完善|进一步)|(?:还|仍|尚)存在|存在(?:一定|一些)?(?:差距|不足)"
    r"|(?:还|仍|尚|较|有些|部分|个别)[^，。；]{0,12}(?:不到位|不及时|不完善|不健全|滞后)"
)
_DENIED = re.compile(r"(?:没有|未|无|不|杜绝|避免|防止|解决|克服|整改|针对|如有|如|若|对)[^，。；,;]{0,8}$")
"""Before such a word: 没有发现不及时…, 防止滞后…, 对未按时…的 are no admission."""
_CONDITION = re.compile(r"^[^，。；,;]{0,16}(?:的，|的,|者，|扣|不得分|等问题|问题得到|情形)")
"""Behind it: a clause of the rubric or a rule of the unit, not its state (未按时报送的，予以通报)."""


def self_gaps(
    rubric: Rubric,
    applies: frozenset[str],
    blocks: Sequence[LabelledBlock],
    own: Mapping[str, SelfScore],
    total: Decimal | None,
) -> tuple[Gap, ...]:
    """Gaps of a report's self-scores by what is printed in it."""
    return tuple((*_sum(rubric, applies, own, total), *_full_marks(rubric, applies, blocks, own)))


def above_maximum(blocks: tuple[Block, ...], labels: Sequence[Label], rubric: Rubric, own: Mapping[str, SelfScore]) -> tuple[Gap, ...]:
    """Items for which only a score above the maximum is printed, in figures (写得十分清楚 is none).

    What reaches the section's points is taken for a subtotal.
    """
    unlimited, _ = self_scores(blocks, labels, _without_limits(rubric))
    found = []
    for item in rubric.items:
        if item.id in own or item.id not in unlimited:
            continue
        points, block = unlimited[item.id]
        if item.points < points < rubric.section(item.section).points and _printed(points, blocks[block].text):
            found.append(_gap("self_above_max", item, points=show(points), max=show(item.points)))
    return tuple(found)


def _printed(points: Decimal, text: str) -> bool:
    figures = re.escape(show(points))
    return bool(re.search(rf"(?<![\d.]){figures}(?:\.0+)?\s*分|^\s*{figures}\s*$", fold(text), re.M))


def _without_limits(rubric: Rubric) -> Rubric:
    """The rubric with items so big that no printed score is above them; 满分 in words is then left aside as a subtotal."""
    sections = tuple(replace(s, items=tuple(replace(i, points=rubric.base + 1) for i in s.items)) for s in rubric.sections)
    return replace(rubric, sections=sections)


def _sum(rubric: Rubric, applies: frozenset[str], own: Mapping[str, SelfScore], total: Decimal | None) -> Iterable[Gap]:
    """The printed total against the sum, with and without bonus; only where every item that counts has a score to add up."""
    needed = {i.id for i in rubric.items if not i.bonus and i.id in applies}
    if total is None or not needed or not needed <= own.keys():
        return
    base = sum((own[i.id].points for i in rubric.items if not i.bonus and i.id in own), Decimal(0))
    bonus = sum((own[i.id].points for i in rubric.items if i.bonus and i.id in own), Decimal(0))
    if total not in (base, base + bonus):
        text = sentences.gap("self_sum_differs", sum=show(base + bonus), base=show(base), bonus=show(bonus), total=show(total))
        yield Gap("self_sum_differs", None, None, None, None, text)


def _full_marks(rubric: Rubric, applies: frozenset[str], blocks: Sequence[LabelledBlock], own: Mapping[str, SelfScore]) -> Iterable[Gap]:
    for item in rubric.items:
        if item.id in applies and not item.bonus and item.id in own and own[item.id].points == item.points:
            words = next((w for b in blocks if b.item == item.id for w in [admission(b.text)] if w), None)
            if words:
                yield _gap("self_full_admits", item, points=show(item.points), words=words)


def admission(text: str) -> str | None:
    """The part of a sentence in which a shortfall is admitted; None where none is."""
    for m in _SHORTFALL.finditer(text):
        if not _DENIED.search(text[: m.start()]) and not _CONDITION.search(text[m.end() :]):
            start = max(text.rfind(c, 0, m.start()) for c in "，。；：,;:") + 1
            ends = [k for c in "，。；,;" if (k := text.find(c, m.end())) >= 0]
            return text[start : min(ends, default=len(text))].strip()
    return None


def _gap(kind: str, item: Item, **values: object) -> Gap:
    return Gap(kind, item.section, item.id, None, None, sentences.gap(kind, item=printed(item.id), name=item.name, **values))
