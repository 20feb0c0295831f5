"""What the words of a text say about sections and items: the rubric's lexicon, its own text by IDF, trained weights."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from extract.chinese import Tokenizer, fold, key
from scoring.rubric import Rubric
from scoring.segment_model import Model, features

ZERO = ("preamble", "problems", "plans", "closing")
TAIL = "tail"
"""Words of problems and plans that are too common to tell anything but at the end of a report."""
GRADES = {"strong": 3.0, "medium": 1.5, "weak": 0.5}
SATURATION = 14.0
TITLES = 0.5
"""How much what a document's title says counts once more."""
_TITLE = re.compile(r"《([^《》]{4,80})")
_BASIS = re.compile(
    r"(?:根据|按照|依据|遵照|贯彻|落实|接到|收到|转发|结合|对照|学习)[^。；，《]{0,24}"
    r"(?:《[^《》]*(?:《[^《》]*》[^《》]*)*》(?:\([^()]{2,24}\))?[、和及与以]*)+"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Scores of one text; larger is likelier, 0 says nothing."""

    items: Mapping[str, float]
    sections: Mapping[int, float]
    zero: Mapping[str, float]
    tail: float
    """Common words of problems and plans, which count near the end only."""
    trained: Mapping[str, float]
    """Items and "0" by the trained model: log of probability over even chance; empty without one."""
    starts_zero: float
    """1 if it begins as problems, plans or closing words do, 0.3 if it may."""
    heads_zero: bool
    """Would, as a heading, announce problems or plans."""
    heads_intro: bool
    """Would, as a heading, announce a summary in front."""
    first: Mapping[int, int]
    """Where a section is first named by one of its strong words (position in the reduced text)."""


@dataclass(frozen=True, slots=True)
class _Term:
    """Parts that must all occur, parts that must not."""

    needs: tuple[str, ...]
    forbids: tuple[str, ...]
    weight: float

    def matches(self, text: str) -> bool:
        return all(n in text for n in self.needs) and not any(f in text for f in self.forbids)


class Lexicon:
    """Everything that words.toml and the rubric's own texts say, ready to score a text."""

    def __init__(self, rubric: Rubric, tokens: Tokenizer) -> None:
        words = rubric.tables.get("words.toml", {})
        self._cut = tokens.cut
        self._items = {i.id: _terms(words.get("items", {}).get(i.id, {})) for i in rubric.items}
        self._sections = {s.number: _terms(words.get("sections", {}).get(str(s.number), {})) for s in rubric.sections}
        self._names = {s.number: [key(h) for h in s.headings] for s in rubric.sections}
        zero = words.get("zero", {})
        self._zero = {name: _terms({"medium": zero.get(name, [])}) for name in ZERO}
        self._tail = _terms({"medium": zero.get(TAIL, [])})
        self._starts = tuple(key(w) for w in zero.get("starts", []))
        self._leans = tuple(key(w) for w in zero.get("leans", []))
        self._headings = _terms({"medium": zero.get("headings", [])})
        self._intros = _terms({"medium": zero.get("intros", [])})
        self._model = Model(rubric.tables.get("segment.json", {}))
        self._vectors, self._idf = self._rubric_vectors(rubric)

    def evidence(self, text: str) -> Evidence:
        """Scores of `text`; documents cited as a basis are left out of it."""
        bare = without_basis(text)
        reduced = key(bare)
        own = self._similarity(text)
        titles = key(" ".join(_TITLE.findall(bare)))
        items = {i: _sum(terms, reduced) + TITLES * _sum(terms, titles) + 3.0 * own.get(i, 0.0) for i, terms in self._items.items()}
        sections = {s: _sum(terms, reduced) + self._named(s, reduced) for s, terms in self._sections.items()}
        zero = {z: _sum(terms, reduced) for z, terms in self._zero.items()}
        begin = key(text)
        starts = 1.0 if begin.startswith(self._starts) else 0.3 if begin.startswith(self._leans) else 0.0
        heads = any(t.matches(reduced) for t in self._headings)
        intro = any(t.matches(reduced) for t in self._intros)
        trained = self._model.scores(features(bare, self._cut))
        return Evidence(items, sections, zero, _sum(self._tail, reduced), trained, starts, heads, intro, self._first(reduced))

    def _named(self, section: int, reduced: str) -> float:
        return 3.0 if any(h in reduced for h in self._names[section]) else 0.0

    def _first(self, reduced: str) -> dict[int, int]:
        places = {}
        for s, terms in self._sections.items():
            hits = [reduced.find(t.needs[0]) for t in terms if t.weight >= 3 and t.matches(reduced)]
            if hits:
                places[s] = min(hits)
        return places

    def _rubric_vectors(self, rubric: Rubric) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
        texts = {i.id: " ".join((i.name, i.text, i.rule, *i.evidence)) for i in rubric.items}
        counts = {i: Counter(_content(self._cut(t))) for i, t in texts.items()}
        spread = Counter(w for c in counts.values() for w in c)
        idf = {w: math.log(len(texts) / n) for w, n in spread.items()}
        return {i: _unit({w: (1 + math.log(n)) * idf[w] for w, n in c.items()}) for i, c in counts.items()}, idf

    def _similarity(self, text: str) -> dict[str, float]:
        counts = Counter(w for w in _content(self._cut(text)) if w in self._idf)
        mine = _unit({w: (1 + math.log(n)) * self._idf[w] for w, n in counts.items()})
        return {i: sum(v * vector.get(w, 0.0) for w, v in mine.items()) for i, vector in self._vectors.items()}


def without_basis(text: str) -> str:
    """`text` folded, without the documents it cites as a basis (根据《…》)."""
    return _BASIS.sub("", fold(text))


def vocabulary(rubric: Rubric) -> tuple[str, ...]:
    """The rubric's own words for a tokenizer: evidence names and the lexicon's plain words."""
    words = rubric.tables.get("words.toml", {})
    graded = [*words.get("items", {}).values(), *words.get("sections", {}).values()]
    lexicon = {w for table in graded for grade in ("strong", "medium") for w in table.get(grade, ()) if "&" not in w}
    return tuple(sorted(w for w in lexicon | {e for i in rubric.items for e in i.evidence} if 2 <= len(w) <= 6 and w.isalnum()))


def _terms(table: Mapping[str, Any]) -> tuple[_Term, ...]:
    return tuple(_term(w, weight) for grade, weight in GRADES.items() for w in table.get(grade, ()))


def _term(text: str, weight: float) -> _Term:
    parts = text.split("&")
    return _Term(tuple(key(p) for p in parts if not p.startswith("!")), tuple(key(p[1:]) for p in parts if p.startswith("!")), weight)


def _sum(terms: Iterable[_Term], reduced: str) -> float:
    """Saturating sum: the tenth hint adds little to nine."""
    total = sum(t.weight for t in terms if t.matches(reduced))
    return SATURATION * (1 - math.exp(-total / SATURATION))


def _content(words: Iterable[str]) -> Iterable[str]:
    return (w for w in words if len(w) > 1)


def _unit(vector: dict[str, float]) -> dict[str, float]:
    norm = math.sqrt(sum(v * v for v in vector.values()))
    return {w: v / norm for w, v in vector.items()} if norm else {}

