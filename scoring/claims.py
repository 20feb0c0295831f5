"""Finds the evidence a report says it has: a trained tagger over tokens, with the unit and the catalog as context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import Literal

import pycrfsuite

from extract.chinese import Tokenizer, fold, key, number_key
from extract.docno import find_docnos
from scoring.claim_features import ClaimContext, Lexicon, features, grams
from scoring.claim_tokens import ClaimTokenizer, Token, number_shapes
from scoring.references import references
from scoring.roster import RosterUnit
from scoring.rubric import Rubric
from scoring.titles import TitleReader


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where the text names evidence that the unit says it has."""

    block: int
    start: int
    end: int
    text: str
    kind: Literal["record", "reference", "statement"]
    title: str | None
    docno: str | None
    ref: str | None
    probability: float
    """0–1: how sure the tagger is that this is a claim at all."""
    sure: bool = True
    """False: too weak to be a claim by itself; a catalog row of that name makes it one."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What the finder needs of a block."""

    text: str
    section: int
    heading: bool = False
    evidence: tuple[tuple[int, int], ...] = ()
    """Parts of the text that stand in a column for evidence, or after 佐证材料：."""


LONGEST = 5000
"""Characters that are tagged at once. A block is longer only where a reader could not tell paragraphs apart: hundreds of pages in one
would take gigabytes."""


def parts(passage: Passage) -> Iterator[tuple[Passage, int]]:
    """A passage in parts of at most `LONGEST` characters, cut behind sentences where there are such, each with the place it begins at."""
    text, at = passage.text, 0
    while at == 0 or at < len(text):
        end = len(text)
        if end - at > LONGEST:
            end = max(text.rfind(mark, at, at + LONGEST) for mark in "。；\n") + 1
            end = end if end > at else at + LONGEST
        inside = tuple((max(s, at) - at, min(e, end) - at) for s, e in passage.evidence if s < end and e > at)
        yield Passage(text[at:end], passage.section, passage.heading, inside), at
        at = max(end, 1)


def moved(mention: Mention, by: int) -> Mention:
    """The mention in a text that has so many characters before it."""
    return replace(mention, start=mention.start + by, end=mention.end + by) if by else mention


class ClaimFinder:
    """Finds the claims of one report."""

    def __init__(self, rubric: Rubric, context: ClaimContext) -> None:
        self._rubric, self._context = rubric, context
        self._lexicon, self._tokenizer = lexicon_of(rubric), make_tokenizer(rubric)
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(_model())

    def find(self, passages: Sequence[Passage]) -> tuple[Mention, ...]:
        """Every mention, in reading order."""
        return tuple(moved(m, at) for n, p in enumerate(passages) for part, at in parts(p) for m in self._in_passage(n, part))

    def _in_passage(self, n: int, passage: Passage) -> Iterable[Mention]:
        text = passage.text
        tokens = self._tokenizer.tokens(text, self._context.shapes)
        if not tokens or not any(t.kind in "TDRWA" for t in tokens):
            return
        x = features(tokens, self._lexicon, self._context, section=passage.section, heading=passage.heading, evidence=passage.evidence)
        labels = self._tagger.tag(x)
        spans = [(s, e, self._probability(s, e)) for s, e in tagged_spans(labels)]
        fitted = [(*fitted_to(tokens, *widen(tokens, s, e, text), self._context.row_titles), p) for s, e, p in spans]
        spans = self._joined(tokens, fitted)
        if passage.evidence:
            spans = sorted([*spans, *listed(tokens, spans, passage.evidence, self._lexicon)])
        if passage.section:
            spans = sorted([*spans, *standing_alone(tokens, spans, self._context)])
        weak = self._weak(tokens, text, spans) if passage.section else []
        for s, e, p in sorted([*spans, *weak]):
            yield self._mention(n, text, tokens[s].start, tokens[e - 1].end, p, (s, e, p) not in weak)

    def _weak(self, tokens: list[Token], text: str, spans: Sequence[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
        """Spans that the tagger half believes in, and names that stand in the catalog word for word."""
        share = [1.0 - float(self._tagger.marginal("O", i)) for i in range(len(tokens))]
        half = [(*widen(tokens, s, e, text), min(share[s:e])) for s, e in half_believed(self._begins(len(tokens)), share)]
        half = [w for w in half if any(tokens[i].kind in "TDA" for i in range(w[0], w[1])) or self._lexicon.head_of(tokens[w[1] - 1].text)]
        out: list[tuple[int, int, float]] = []
        for s, e, p in [*half, *((s, e, HALF) for s, e in printed(tokens, self._context.row_titles))]:
            if all(e <= a or s >= b for a, b, _ in [*spans, *out]):
                out.append((s, e, p))
        return out

    def _begins(self, n: int) -> list[float]:
        return [float(self._tagger.marginal("B", i)) for i in range(n)]

    def _probability(self, s: int, e: int) -> float:
        return min(1.0 - float(self._tagger.marginal("O", i)) for i in range(s, e))

    def _joined(self, tokens: list[Token], spans: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
        """《A》和《B》 are one claim where one row carries both as its title; overlapping spans are one."""
        out: list[tuple[int, int, float]] = []
        for s, e, p in spans:
            if out and (s < out[-1][1] or self._one_row(tokens, out[-1], (s, e))):
                out[-1] = (out[-1][0], max(e, out[-1][1]), min(p, out[-1][2]))
            else:
                out.append((s, e, p))
        return out

    def _one_row(self, tokens: list[Token], a: tuple[int, int, float], b: tuple[int, int]) -> bool:
        between = "".join(t.text for t in tokens[a[1] : b[0]])
        if between not in ("和", "及", "与", "、", "以及"):
            return False
        joined = key("".join(t.text for t in tokens[a[0] : b[1]] if t.kind != "D"))
        return any(joined == r for r in self._context.row_titles)

    def _mention(self, n: int, text: str, start: int, end: int, probability: float, sure: bool) -> Mention:
        piece = text[start:end]
        title, reference = name_of(piece, self._rubric, self._context.shapes)
        docno = next((d.text for d in find_docnos(piece)), None)
        kind: Literal["record", "reference", "statement"] = "record"
        if title is None and docno is None and reference:
            kind = "reference"
        elif title and _STATEMENT.search(title):
            kind = "statement"
        return Mention(n, start, end, piece, kind, title, docno, reference or None, probability, sure)


_STATEMENT = re.compile(r"(?:无|没有|零|不涉及|未).{0,20}(?:说明|声明|证明)|情况说明|零报告")


HALF = 0.3
"""From this probability on the tagger half believes in a claim."""
SHORTEST = 7
"""Characters from which on a catalog title found word for word in the text is taken for a name."""


def half_believed(begins: Sequence[float], share: Sequence[float]) -> list[tuple[int, int]]:
    """Runs of tokens that may be a claim; one begins anew where beginning is likelier than going on."""
    out: list[tuple[int, int]] = []
    start: int | None = None
    for i in range(len(share) + 1):
        inside = i < len(share) and share[i] >= HALF
        if start is not None and (not inside or begins[i] > share[i] / 2):
            out.append((start, i))
            start = None
        if inside and start is None:
            start = i
    return out


def printed(tokens: Sequence[Token], titles: Iterable[str]) -> list[tuple[int, int]]:
    """Token spans in which a catalog title stands word for word."""
    keys = [key(t.text) for t in tokens]
    text, of = "".join(keys), [i for i, k in enumerate(keys) for _ in k]
    out = []
    for title in sorted({t for t in titles if len(t) >= SHORTEST}, key=len, reverse=True):
        at = text.find(title)
        if at >= 0 and (at == 0 or of[at - 1] != of[at]) and (at + len(title) == len(of) or of[at + len(title)] != of[at + len(title) - 1]):
            out.append((of[at], of[at + len(title) - 1] + 1))
    return out


def tagged_spans(labels: Sequence[str]) -> list[tuple[int, int]]:
    """B/I/O labels as token spans [start, end)."""
    out: list[tuple[int, int]] = []
    start: int | None = None
    for i, label in enumerate([*labels, "O"]):
        if start is not None and label != "I":
            out.append((start, i))
            start = None
        if label == "B" or (label == "I" and start is None):
            start = i
    return out


def widen(tokens: Sequence[Token], s: int, e: int, text: str) -> tuple[int, int]:
    """The span with unbalanced brackets mended and a bracket that belongs to the name taken in."""
    inside = fold("".join(t.text for t in tokens[s:e]))
    if inside.count("(") > inside.count(")"):
        close = next((i for i in range(e, min(e + 12, len(tokens))) if fold(tokens[i].text) == ")"), None)
        e = close + 1 if close is not None else e
    if inside.count(")") > inside.count("("):
        opening = next((i for i in range(s - 1, max(s - 12, -1), -1) if fold(tokens[i].text) == "("), None)
        s = opening if opening is not None else s
    while e < len(tokens) and fold(tokens[e].text) == "(" and tokens[e].start == tokens[e - 1].end:
        close = next((i for i in range(e + 1, min(e + 16, len(tokens))) if fold(tokens[i].text) == ")"), None)
        if close is None or not _belongs(tokens[e + 1 : close]):
            break
        e = close + 1
    return s, e


REACH = 3
"""How many words a name without 《》 may be longer or shorter than tagged, where a row's title says so."""


def fitted_to(tokens: Sequence[Token], s: int, e: int, titles: Sequence[str]) -> tuple[int, int]:
    """The span of a name without 《》, longer or shorter by a few words where a catalog title then holds it (报送 + 邮件截图)."""
    if any(t.kind not in "WN" for t in tokens[s:e]):
        return s, e

    def held(a: int, b: int) -> int:
        name = key("".join(t.text for t in tokens[a:b]))
        return 2 * any(name == t for t in titles) or int(len(name) > 3 and any(name in t for t in titles))

    best, own = (s, e), held(s, e)
    if own:
        for a in range(s - 1, max(s - REACH, 0) - 1, -1):
            if tokens[a].kind not in "WN" or tokens[a + 1].start > tokens[a].end or not held(a, e):
                break
            best = (a, e)
        for b in range(e + 1, min(e + REACH, len(tokens)) + 1):
            if tokens[b - 1].kind not in "WN" or tokens[b - 1].start > tokens[b - 2].end or not held(best[0], b):
                break
            best = (best[0], b)
        return best
    return next(((a, e) for a in range(s + 1, min(s + REACH, e - 1) + 1) if held(a, e) == 2), best)


_BRACKET = re.compile(
    r"(?:共|计)?[0-9一二三四五六七八九十]+(?:份|件|张|期|次|册|页|本|套|项)|第?[0-9一二三四五六七八九十]+.{0,8}(?:期|次|号|批|版|月|季度|册)|(?:19|20)[0-9]{2}年?.{0,8}|试行|暂行|节选|摘录|复印件|样本|样表|样张|修订.?|征求意见稿"
    r"|上册.{0,4}|.{0,6}[上下]半年"
)


def _belongs(tokens: Sequence[Token]) -> bool:
    """Whether a bracket behind a name holds its 文号, its number in the catalog, a count or an edition."""
    inside = fold("".join(t.text for t in tokens))
    return (any(t.kind in "DR" for t in tokens) and len(inside) < 60) or bool(_BRACKET.fullmatch(inside))


def listed(
    tokens: Sequence[Token], spans: Sequence[tuple[int, int, float]], evidence: Sequence[tuple[int, int]], lexicon: Lexicon
) -> list[tuple[int, int, float]]:
    """In a column for evidence every entry of the list is a claim, also where the tagger saw none."""
    out = []
    for start, end in evidence:
        entry: list[int] = []
        depth = 0
        for i, t in [*((i, t) for i, t in enumerate(tokens) if start <= t.start < end), (-1, None)]:
            depth += (t.text in "（(") - (t.text in "）)") if t is not None and len(t.text) == 1 else 0
            if t is None or (depth <= 0 and t.text in "；;、。，\n"):
                span = _entry(tokens, entry, lexicon)
                if span and all(span[1] <= s or span[0] >= e for s, e, _ in spans):
                    out.append((*span, 0.8))
                entry = []
            else:
                entry.append(i)
    return out


_COUNTS = re.compile(r"[（(]?[0-9一二三四五六七八九十①-⑳]{1,3}[）)]?")
"""A bare number: as likely the mark of a list as a reference."""
_BEFORE, _AFTER = "，,；;（(：:。", "，,；;）)。"


def standing_alone(tokens: Sequence[Token], spans: Sequence[tuple[int, int, float]], context: ClaimContext) -> list[tuple[int, int, float]]:
    """References that stand between two signs (…已办结，登记册第3号。) and name a number of the catalog."""
    out = []
    for i, t in enumerate(tokens):
        if t.kind != "R" or _COUNTS.fullmatch(t.text) or not any(r.key in context.row_numbers for r in references(t.text)):
            continue
        led = i > 0 and tokens[i - 1].kind == "W" and tokens[i - 1].end == t.start and any(tokens[i - 1].text in g for g in context.groups)
        start = i - 1 if led else i
        before = tokens[start - 1].text if start else "，"
        after = tokens[i + 1].text if i + 1 < len(tokens) else "。"
        free = all(i + 1 <= s or start >= e for s, e, _ in spans)
        if free and before in _BEFORE and after in _AFTER and start:
            out.append((start, i + 1, 0.9))
    return out


def _entry(tokens: Sequence[Token], entry: list[int], lexicon: Lexicon) -> tuple[int, int] | None:
    while entry and (
        (tokens[entry[0]].kind in "NP" and tokens[entry[0]].text not in "“《")
        or tokens[entry[0]].text in ("见", "详见", "附", "佐证材料", "附件", "材料")
    ):
        entry = entry[1:]
    if not entry:
        return None
    text = "".join(tokens[i].text for i in entry)
    good = any(tokens[i].kind in "TDRA" for i in entry) or bool(lexicon.head_of(re.sub(r"[（(].*", "", text)))
    return (entry[0], entry[-1] + 1) if good and len(text) < 60 else None


@lru_cache(maxsize=1)
def _model() -> bytes:
    return (resources.files("scoring") / "models" / "claims.crf").read_bytes()


def lexicon_of(rubric: Rubric) -> Lexicon:
    """The words of evidence.toml."""
    return Lexicon.load(rubric.tables["evidence.toml"])


def make_tokenizer(rubric: Rubric) -> ClaimTokenizer:
    """The token cutter of a rubric: jieba with the cue words of evidence.toml."""
    table = rubric.tables["evidence.toml"]
    return _tokenizer(tuple(table["reference_prefix"]), tuple(table["reference_suffix"]), tuple(sorted(lexicon_of(rubric).vocabulary)))


@lru_cache(maxsize=4)
def _tokenizer(prefixes: tuple[str, ...], suffixes: tuple[str, ...], words: tuple[str, ...]) -> ClaimTokenizer:
    cutter = _cutter(words)
    return ClaimTokenizer(cutter.words, cutter.tags, prefixes, suffixes)


@lru_cache(maxsize=4)
def _cutter(words: tuple[str, ...]) -> Tokenizer:
    return Tokenizer(words)


def claim_context(
    rubric: Rubric, unit: RosterUnit | None, rows: Iterable[tuple[str, str, str]], groups: Iterable[str] = ()
) -> ClaimContext:
    """`rows` are the catalog's (number, title, whole row as text), `groups` the headings they stand under."""
    rows = list(rows)
    titles = tuple(key(t) for _, t, _ in rows)
    docnos = [d for _, _, whole in rows for d in find_docnos(whole)]
    codes = {d.issuer for d in docnos if d.issuer and d.issuer not in rubric.superior_codes}
    return ClaimContext(
        unit_names=unit.names if unit else (),
        own_codes=tuple(sorted({*codes, *(unit.codes if unit else ())})),
        superior_names=tuple(n for s in rubric.superiors for n in s.names),
        superior_codes=rubric.superior_codes,
        basis_titles=tuple(key(d.title) for d in rubric.documents),
        row_titles=titles,
        row_docnos=frozenset(k for d in docnos for k in d.keys),
        row_numbers=frozenset(number_key(no) for no, _, _ in rows),
        shapes=number_shapes(no for no, _, _ in rows),
        groups=tuple(sorted(set(groups))),
        grams=grams(titles),
    )


def title_reader(rubric: Rubric, unit: RosterUnit | None) -> TitleReader:
    """The comparer of names for a unit."""
    table = rubric.tables["evidence.toml"]
    units = (*(unit.names if unit else ()), *table["title_prefix"])
    return TitleReader(
        _cutter(tuple(sorted(lexicon_of(rubric).vocabulary))).words, units, table["weak"], table["synonyms"], table.get("kinds", ())
    )


def name_of(text: str, rubric: Rubric, shapes: re.Pattern[str] | None = None) -> tuple[str | None, str]:
    """(the name itself or None, the reference text or "") of a claim's text."""
    tokens = make_tokenizer(rubric).tokens(text, shapes)
    reference = "、".join(t.text for t in tokens if t.kind == "R")
    rest = list(text)
    for t in tokens:
        if t.kind in "DR":
            rest[t.start : t.end] = " " * (t.end - t.start)
    name = _EMPTY.sub("", "".join(rest)).strip(" ，,；;：:、。和及与")
    if _says_nothing(name, rubric):
        numbered = not any(t.kind in "TD" for t in tokens) and _NUMERAL.search(text)
        return None, text if numbered else reference
    return name, reference


def _says_nothing(name: str, rubric: Rubric) -> bool:
    """Whether what is left of a claim beside its numbers are only words for lists and numbers: 见附件, 第…项, 清单."""
    table = rubric.tables["evidence.toml"]
    words = sorted({*table["reference_prefix"], *table["reference_suffix"], *table["pointer"], *_LINKING}, key=len, reverse=True)
    left = re.sub("|".join(map(re.escape, words)), "", _NUMERAL.sub("", name))
    return not any("\u4e00" <= c <= "\u9fff" for c in left)


_LINKING = ("文件", "文", "等", "和", "及", "与", "至", "到", "第", "之", "类", "页")
_NUMERAL = re.compile(r"[0-9IVXⅠ-Ⅻ①-⑳一二三四五六七八九十甲乙丙丁A-Za-z]+")
_EMPTY = re.compile(r"[（(【〔\[][\s，,、；;和及见与]*[）)】〕\]]")
