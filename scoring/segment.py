"""Blocks → sections and items: one decision over the whole report, by structure, order and words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from extract.chinese import Tokenizer, key
from extract.model import Block
from extract.outline import is_date_line
from scoring.rubric import Rubric
from scoring.segment_path import best_path, states_of
from scoring.segment_scores import self_scores
from scoring.segment_structure import is_pointer, item_column, places, printed_item
from scoring.segment_weights import Weights, weights_of
from scoring.segment_words import Evidence, Lexicon, vocabulary

K = TypeVar("K", int, str)

__all__ = ["Label", "classify", "segment", "self_scores", "vocabulary"]


_CALL = re.compile(r".{2,20}[：:]")
_SEAL = re.compile(r".{2,20}(?:公章|盖章)[）)]?")
_SENTENCE = re.compile(r"[，。；]")
_ANNOUNCES = re.compile(r"(?:报告|汇报|说明|总结|情况|汇总|如实报告)如下|现.{0,30}报告")


@dataclass(frozen=True, slots=True)
class Label:
    """What a block is about: section 0 is preamble, problems, plans, closing and signature."""

    section: int
    item: str | None
    confidence: float
    """0–1: how far the decision stands before the best other section."""


def segment(blocks: tuple[Block, ...], rubric: Rubric, tokens: Tokenizer) -> tuple[Label, ...]:
    """One Label for each block, in order."""
    if not blocks:
        return ()
    decision = _Decision(blocks, rubric, tokens)
    return decision.labels()


def classify(
    text: str, rubric: Rubric, tokens: Tokenizer, *, printed: str | None = None, group: str | None = None
) -> list[tuple[str, float]]:
    """Items for a short text such as a catalog title, likeliest first, with probabilities that add up to 1.

    `printed` is the 考核条目 the row prints, `group` the heading it stands under; both are clues, not verdicts.
    Empty if nothing points anywhere.
    """
    lexicon, weights = _lexicon(rubric, tokens), weights_of(rubric)
    scores = _item_scores(lexicon.evidence(text), rubric, weights)
    named = [p for p in (printed_item(t, rubric) for t in (printed or "", group or "")) if p]
    for k, id in enumerate(named[:1]):
        scores[id] += 7.5 - k
    if group:
        around = _item_scores(lexicon.evidence(group), rubric, weights)
        for id in scores:
            scores[id] += 0.4 * around[id]
    if not named and max(scores.values(), default=0.0) < 0.5:
        return []
    return sorted(_softmax(scores).items(), key=lambda p: (-p[1], p[0]))


class _Decision:
    """Scores of every block for every state, and the best path through them."""

    def __init__(self, blocks: tuple[Block, ...], rubric: Rubric, tokens: Tokenizer) -> None:
        self.blocks, self.rubric, self.w = blocks, rubric, weights_of(rubric)
        self.states = states_of(rubric)
        self.places = places(blocks)
        lexicon = _lexicon(rubric, tokens)
        self.words = [lexicon.evidence(b.text) for b in blocks]
        self.head_words = [lexicon.evidence(p.head_text) if p.head_text else None for p in self.places]
        self.head_odds = {k: self._head_odds(k) for k, p in enumerate(self.places) if p.depth is not None and p.head_text}
        self.children = Counter(p.heads[-1] for p, b in zip(self.places, blocks, strict=True) if p.heads and not is_pointer(b.text))
        self.tables = _table_words(blocks, lexicon)
        self.trust_dotted = self._trust()

    def labels(self) -> tuple[Label, ...]:
        emissions = [self._emission(k) for k in range(len(self.blocks))]
        self._edges(emissions)
        opens = [p.opens for p in self.places]
        after_heading = [False, *(b.kind == "heading" for b in self.blocks)]
        path = best_path(emissions, self.states, self.w, opens, after_heading)
        out = [self._label(emissions[k], s) for k, s in enumerate(path)]
        return tuple(self._settle(out))

    def _emission(self, k: int) -> list[float]:
        block = self.blocks[k]
        if block.kind == "title":
            return [0.0 if s.section == 0 else -20.0 for s in self.states]
        evidence = self.tables.get(k) or self.words[k]
        own = self._own(evidence, block.kind == "heading" and self.children[k] > 0)
        head = self.head_words[k]
        if head is not None and block.kind != "heading":
            own = [a + self.w.head_own * b for a, b in zip(own, self._own(head, True), strict=True)]
        above = self._above(k)
        numbers = self._named_items(k)
        return [a + b + c for a, b, c in zip(own, above, numbers, strict=True)]

    def _own(self, e: Evidence, heading: bool) -> list[float]:
        w = self.w
        items = _item_scores(e, self.rubric, w)
        zero = w.zero_bias + w.zero * max(max(e.zero.values()), 0.6 * sum(e.zero.values()))
        zero += w.starts_zero * e.starts_zero + (w.under_zero if heading and e.heads_zero else 0.0)
        zero += w.trained_zero * e.trained.get("0", 0.0)
        best = {s.number: max((items[i.id] for i in s.items), default=0.0) for s in self.rubric.sections}
        out = []
        for s in self.states:
            if s.section == 0:
                out.append(zero)
            elif s.item is None:
                spread = w.spanning_heading if heading else w.spanning
                out.append(best[s.section] - 0.25 * max(0.0, best[s.section] - w.section * e.sections[s.section]) - spread)
            else:
                out.append(items[s.item])
        return out

    def _head_odds(self, k: int) -> tuple[dict[int, float], dict[str, float]]:
        """What a heading says of what stands below it: sections with 0, items; both with mass left for "nothing"."""
        e = self.head_words[k]
        assert e is not None
        w = self.w
        items = _item_scores(e, self.rubric, w)
        sections = {s.number: max(items[i.id] for i in s.items) for s in self.rubric.sections}
        sections = {s: v + w.section * e.sections[s] for s, v in sections.items()}
        top = max(sections.values())
        sections = {s: max(v, top - 0.7) if s in e.first else v for s, v in sections.items()}  # a merged heading names several
        sections[0] = w.zero * 1.5 * max(e.zero["problems"], e.zero["plans"]) + (w.under_zero if e.heads_zero else 0.0)
        return _odds(sections, w.unknown, w.sharp), _odds(items, w.unknown + 1.0, w.sharp)

    def _above(self, k: int) -> list[float]:
        place = self.places[k]
        heads = [h for h in place.heads if h in self.head_odds]
        own_item = self.w.heads_item / max(1, self.children[heads[-1]] - 1) if heads else 0.0  # who heads many heads a section
        out = [0.0] * len(self.states)
        for depth, h in enumerate(reversed(heads)):
            sections, items = self.head_odds[h]
            fade = 0.7**depth
            for n, s in enumerate(self.states):
                out[n] += fade * self.w.heads_section * math.log(sections.get(s.section, 0.01) * len(sections))
                if s.item and depth == 0:
                    out[n] += own_item * 0.5 * math.log(items[s.item] * len(items))
        out = [max(v, -8.0) for v in out]
        tail = self.words[k].starts_zero or k >= 0.85 * len(self.blocks)
        out[0] = max(out[0], -1.5 if tail else -5.0)
        if any((e := self.head_words[h]) is not None and e.heads_zero for h in heads):
            out[0] += self.w.under_zero
        elif any((e := self.head_words[h]) is not None and e.heads_intro for h in heads):
            out[0] += 0.6 * self.w.under_zero
        return out

    def _named_items(self, k: int) -> list[float]:
        """For the item that a block prints (（二）3 in a column of a table, 2.3 before its text) as its own."""
        block = self.blocks[k]
        printed = self._printed(block)
        trust = self.trust_dotted if block.kind != "table_row" else 1.0
        return [self.w.printed * trust if printed and s.item == printed else 0.0 for s in self.states]

    def _printed(self, block: Block) -> str | None:
        if block.kind == "table_row":
            column = item_column(block.header)
            if column is not None and column < len(block.cells):
                return printed_item(block.cells[column], self.rubric)
            bracketed = (c for c in block.cells[:2] if re.search(r"[（(].{1,2}[）)]\s*\d", c))
            return next((p for p in (printed_item(c, self.rubric) for c in bracketed) if p), None)
        m = re.match(r"\d\s*[.．]\s*\d", block.text)
        return printed_item(block.text, self.rubric) if m else None

    def _trust(self) -> float:
        """1 if the report's dotted numbers (2.3) are the rubric's, judged by words; little if it counts in its own way."""
        agree = []
        for k, block in enumerate(self.blocks):
            printed = self._printed(block) if block.kind != "table_row" else None
            if printed:
                scores = _item_scores(self.head_words[k] or self.words[k], self.rubric, self.w)
                best, second = sorted(scores, key=lambda i: -scores[i])[:2]
                if scores[best] - scores[second] >= 1.0:
                    agree.append(best.split(".")[0] == printed.split(".")[0])
        return 1.0 if not agree or sum(agree) / len(agree) > 0.7 else 0.1

    def _edges(self, emissions: list[list[float]]) -> None:
        """Before the first subject and after the last, section 0 is likely; dates and signatures always are."""
        first, headed = self._first_subject()
        last, end = self._last_head(), self._end()
        for k, block in enumerate(self.blocks):
            text = block.text.strip()
            bonus = 0.0
            if k < first and block.kind != "heading":
                bonus += self.w.edge * (4 if headed else 1)
            if k >= last:
                bonus += self.w.last_head
            if end - 2 <= k < end and k > first:
                bonus += self.w.tail * self.words[k].tail
            called = k <= 4 and _CALL.fullmatch(text)
            signed = is_date_line(text) or _SEAL.fullmatch(text) or (self._in_tail(k) and not _SENTENCE.search(text))
            if called or signed:
                bonus += 2 * self.w.edge
            emissions[k][0] += bonus

    def _last_head(self) -> int:
        """Index of the last topmost heading if it stands near the end, where problems and plans usually are; else beyond all."""
        tops = [k for k, b in enumerate(self.blocks) if b.kind == "heading" and b.level == 1]
        near = len(tops) >= 4 and len(self.blocks) - tops[-1] <= max(6, len(self.blocks) // 6)
        return tops[-1] if near else len(self.blocks)

    def _end(self) -> int:
        """Index behind the last paragraph of prose."""
        return next((k + 1 for k in range(len(self.blocks) - 1, -1, -1) if _SENTENCE.search(self.blocks[k].text)), 0)

    def _in_tail(self, k: int) -> bool:
        block = self.blocks[k]
        return k >= len(self.blocks) - 4 and len(block.text) <= 40 and block.table is None and block.kind != "heading"

    def _first_subject(self) -> tuple[int, bool]:
        """Index of the first block behind the preamble (what stands before 报告如下 belongs to it); whether a heading tells it."""
        heads = [k for k, b in enumerate(self.blocks) if b.kind == "heading"]
        if len(heads) >= 4 and heads[0] <= max(6, 0.3 * len(self.blocks)):
            return heads[0], True
        opening = next((k for k, b in enumerate(self.blocks) if self._subject(k)), 0)
        announced = [k for k, b in enumerate(self.blocks[:8]) if _ANNOUNCES.search(b.text)]
        numbered = next((k for k, p in enumerate(self.places) if p.opens and self.blocks[k].kind != "title"), len(self.blocks))
        last = max((k for k in announced if k < numbered), default=-1)
        return max(opening, last + 1), False

    def _subject(self, k: int) -> bool:
        e, block = self.words[k], self.blocks[k]
        if block.kind == "title":
            return False
        strong = max(max(e.items.values()), max(e.sections.values()))
        return self.places[k].opens or (strong > 4.0 and max(e.zero.values()) < 1.5 and k > 0)

    def _label(self, emission: Sequence[float], state: int) -> Label:
        s = self.states[state]
        by_section: dict[int, float] = {}
        for value, other in zip(emission, self.states, strict=True):
            by_section[other.section] = max(by_section.get(other.section, -99.0), value)
        odds = _softmax({str(k): v for k, v in by_section.items()})
        return Label(s.section, s.item, round(max(odds[str(s.section)], 0.05), 3))

    def _settle(self, labels: list[Label]) -> list[Label]:
        """What does not hang on words: pointer lines follow the block before, headings follow what they head."""
        for k, block in enumerate(self.blocks):
            if block.kind == "title":
                labels[k] = Label(0, None, 1.0)
            elif k and is_pointer(block.text):
                labels[k] = labels[k - 1]
            elif block.kind == "table_row" and block.cells == block.header and k + 1 < len(labels):
                labels[k] = labels[k + 1]
        for k in range(len(labels) - 1, -1, -1):
            if self.blocks[k].kind == "heading":
                labels[k] = self._settle_heading(k, labels)
        return labels

    def _settle_heading(self, k: int, labels: list[Label]) -> Label:
        label, words = labels[k], self.head_words[k]
        below = [labels[j].section for j, p in enumerate(self.places) if k in p.heads]
        subjects = list(dict.fromkeys(s for s in below if s))
        if words is None or words.heads_zero or not subjects:
            return label
        if len(subjects) == 1:
            return label if label.section == subjects[0] else Label(subjects[0], None, label.confidence)
        named = self._named_order(k)
        if named and named[0] in subjects:
            return label if label.section == named[0] else Label(named[0], None, label.confidence)
        if not named and len(subjects) > 2:
            return Label(0, None, label.confidence)
        return label if label.section in subjects else Label(subjects[0], None, label.confidence)

    def _named_order(self, k: int) -> list[int]:
        """Sections that a heading names, in its order; public participation beside innovation is innovation."""
        words = self.head_words[k]
        if words is None:
            return []
        order = sorted(words.first, key=lambda s: words.first[s])
        text = key(self.blocks[k].text)
        if order[:2] == [5, 7] and "公众参与" in text and "公开" not in text:
            return [7, 5]
        return order


def _table_words(blocks: tuple[Block, ...], lexicon: Lexicon) -> dict[int, Evidence]:
    """A data table is about one thing: its rows share the words of all, unless a column names items."""
    out: dict[int, Evidence] = {}
    tables: dict[int, list[int]] = {}
    for k, b in enumerate(blocks):
        if b.kind == "table_row" and b.table is not None and item_column(b.header) is None:
            tables.setdefault(b.table, []).append(k)
    for rows in tables.values():
        before = blocks[rows[0] - 1].text if rows[0] else ""
        shared = lexicon.evidence(before + " " + " ".join(blocks[rows[0]].header))
        out.update(dict.fromkeys(rows, shared))
    return out


def _item_scores(e: Evidence, rubric: Rubric, w: Weights) -> dict[str, float]:
    return {i.id: w.item * e.items[i.id] + w.section * e.sections[i.section] + w.trained * e.trained.get(i.id, 0.0) for i in rubric.items}


def _odds(scores: dict[K, float], unknown: float, sharp: float) -> dict[K, float]:
    """Softmax with a share for "says nothing", which all keys share alike."""
    top = max([unknown, *scores.values()])
    weights = {k: math.exp(sharp * (v - top)) for k, v in scores.items()}
    rest = math.exp(sharp * (unknown - top)) * 2
    total = sum(weights.values()) + rest
    return {k: (v + rest / len(weights)) / total for k, v in weights.items()}


def _softmax(scores: dict[str, float]) -> dict[str, float]:
    top = max(scores.values())
    weights = {k: math.exp(v - top) for k, v in scores.items()}
    total = sum(weights.values())
    return {k: v / total for k, v in weights.items()}


_LEXICONS: dict[tuple[str, int], Lexicon] = {}


def _lexicon(rubric: Rubric, tokens: Tokenizer) -> Lexicon:
    """Building one takes a moment; the same rubric and tokenizer give the same one."""
    k = (rubric.sha256, id(tokens))
    if k not in _LEXICONS:
        _LEXICONS.clear()
        _LEXICONS[k] = Lexicon(rubric, tokens)
    return _LEXICONS[k]
