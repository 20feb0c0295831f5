"""What the lines of a list have in common: where the code of a row stands, and what comes before its title.

One line does not tell whether 2-5 is the number of a row or its pages, nor whether 2017.4.6 is a date or a code; the
list does, since codes count up and are never used twice.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from extract.catalog_grammar import COUNT, DATE, HAN, PAGES, SIGNS, fold_keeping_signs, is_item, is_remark, split_number
from extract.catalog_words import is_evidence
from extract.chinese import fold, number
from extract.docno import find_docnos

Place = Literal["lead", "bracket", "field"]

_H = "\u4e00-\u9fff"
_FIELD_SIGN = re.compile(r"[\s|｜]+")
_LEADER = re.compile(r"(?:\s*[|｜]\s*|…{2,}|\.{4,}|·{3,}|_{3,}|-{4,})+(?=[^\s的])")
_HEAD = re.compile(r"([^\s|｜；;，,、]+)(?:[\s|｜；;，,、]+)(?=\S)")
_NUMERAL = re.compile(rf"\d+|[{SIGNS}]|[{HAN}]+")
_SHAPE = re.compile(rf"(?P<d>\d+)|(?P<s>[{SIGNS}])|(?P<n>[{HAN}]+)|(?P<h>[{_H}]+)|(?P<a>[A-Za-zⅠ-Ⅻ]+)|(?P<j>[-~./·_:〔〕()]+)")
_GLUED = re.compile(
    rf"(?P<no>(?:[A-Za-z]{{1,6}}|[{_H}]{{1,4}}?)?(?:[-~./·_]?(?:\d{{1,4}}|[A-Za-z]{{1,4}}|[{SIGNS}]))*?[-~./·_]?(?:\d{{1,4}}|[{SIGNS}]))"
    rf"(?:\s*[、:)]\s*|\s*\.(?!\d)\s*|\.(?=\d{{1,4}}\s*[年月日项个份条类家次批]|\d{{5}})|\s+|(?=[《<(\"]|[{_H}](?<![年月日号期份个项次批级版家类条])))"
)
_BRACKETS = re.compile(r"[〔(<]([^()〔〕<>]{1,18})[〕)>]")
_BRACKETED_END = re.compile(r"[(（\[【〔][^()（）]{1,18}[)）\]】〕]$")
_UNIT_END = re.compile(r"\d[份张期次项个页年月日套本]$|^第?\d+[号期]$|^[pP]{1,2}\.?\d")
_SOFT = re.compile(r"[;,、]")
_TAIL = re.compile(r"[；;，,、]\s*([^\s|｜；;，,、()（）《》]+)\s*$")
_BEFORE_DATE = re.compile(r"\s*(\d{1,3})[.、]\s*(?=(?:19|20)\d\d[-./]\d)")
_LONGEST_CODE = 18
_FEWEST = 3
_LONGEST_ROW = 160


@dataclass(frozen=True, slots=True)
class Code:
    """A stretch of a line that may be the code of its row."""

    place: Place
    shape: str
    value: str
    start: int
    end: int
    """Span to cut out, brackets and signs around it included."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How the rows of one list are written."""

    place: Place | None = None
    shapes: frozenset[str] = frozenset()
    beside: bool = False
    """The rows have a running number as well, which goes first."""
    dated: bool = False
    """A date comes before the title."""
    paged: bool = False
    """Pages or copies (3页, 2份) come before the title."""
    leading: frozenset[str] = frozenset()
    """Values of a column that comes before the title and repeats: an office, a kind."""
    trailing: frozenset[str] = frozenset()
    """The same behind the title."""
    soft: bool = False
    """；，、 part the fields."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A line by its pattern: the row's code, a running number beside it, what comes before the title, and the rest."""

    code: str
    other: str
    date: str | None
    pages: str | None
    remark: str | None
    """Columns before or behind the title that repeat."""
    rest: str


def learn(texts: Sequence[str]) -> Pattern | None:
    """The pattern that `texts` share, or None if they are plain: a number, then the title."""
    rows = sum(map(_names_a_record, texts))
    if rows < _FEWEST:
        return None
    counted = _is_counted([pair[0] for t in texts if (pair := numbered(t))], rows)
    soft = sum(parted(t) != t for t in texts) >= 0.5 * rows
    place, shapes = _learn_code([parted(t) for t in texts] if soft else texts, rows, counted=counted)
    found = Pattern(place, shapes, counted, soft=soft)
    rests = [take(found, t).rest for t in texts]
    dated = sum(_is_date(_head(t)) for t in rests) >= 0.5 * rows
    if dated:
        rests = [_behind(t, _is_date)[1] for t in rests]
    paged = sum(_is_amount(_head(t)) for t in rests) >= 0.5 * rows
    leading = frozenset[str]() if paged else _repeated([_head(t) for t in rests], rows)
    trailing = _repeated([m[1] for t in rests if (m := _TAIL.search(t))], rows)
    found = replace(found, dated=dated, paged=paged, leading=leading, trailing=trailing)
    return found if place or dated or paged or leading or trailing or soft else None


def take(pattern: Pattern, text: str) -> Parts:
    """`text` taken apart by `pattern`; what is not there is "" or None."""
    if pattern.soft:
        text = parted(text)
    other = code = ""
    if pattern.beside and (found := numbered(text)):
        other, text = found
    hit = _own_code(pattern, text) if pattern.place is not None else None
    if hit is not None:
        code = hit.value
        text = (text[: hit.start] + "\t" + text[hit.end :]).strip()
    date, text = _behind(text, _is_date) if pattern.dated else (None, text)
    pages, text = _behind(text, _is_amount) if pattern.paged else (None, text)
    lead, text = _behind(text, pattern.leading.__contains__)
    tail = _TAIL.search(text) if pattern.trailing else None
    if tail and tail[1] in pattern.trailing:
        lead, text = f"{lead}；{tail[1]}" if lead else tail[1], text[: tail.start()]
    return Parts(code, other, date, pages, lead, text)


def _repeated(heads: Sequence[str], rows: int) -> frozenset[str]:
    """Short words beside the title that come again and again, if most rows have one."""
    often = Counter(h for h in heads if h and len(h) <= 10 and not is_evidence(h) and not is_item(fold(h)) and re.search(f"[{_H}]", h))
    common = {h: n for h, n in often.items() if n >= 2}
    return frozenset(common if sum(common.values()) >= 0.6 * rows else ())


def _names_a_record(text: str) -> bool:
    """True if any piece of `text` reads like the name of a record."""
    pieces = re.split(r"[；;，,、\s]+", without_leaders(text))
    return len(text) <= _LONGEST_ROW and any(is_evidence(_BRACKETED_END.sub("", p)) for p in pieces if len(p) >= 4)


def _own_code(pattern: Pattern, text: str) -> Code | None:
    hits = [c for c in _codes(text) if c.place == pattern.place and c.shape in pattern.shapes]
    return hits[-1] if hits else None


def _learn_code(texts: Sequence[str], rows: int, *, counted: bool) -> tuple[Place | None, frozenset[str]]:
    """Where codes stand and how they look; `counted`: the rows have a running number in front already."""
    found: dict[tuple[Place, str], dict[int, str]] = defaultdict(dict)
    for k, text in enumerate(texts):
        inner = _behind_number(text) if counted else text
        for code in _codes(inner):
            if not counted or not _is_simple(code.shape):
                found[code.place, code.shape][k] = code.value
    best: tuple[float, Place] | None = None
    for place in ("lead", "bracket", "field"):
        values: dict[int, str] = {}
        for (where, shape), hits in found.items():
            if where == place and _counts(shape, list(hits.values())):
                values.update(hits)
        share = len(values) / rows
        if share >= 0.6 and (best is None or share > best[0] + 0.1):
            best = (share, place)
    if best is None:
        return None, frozenset()
    kinds = [s for (where, s), hits in found.items() if where == best[1] and _counts(s, list(hits.values()))]
    return best[1], frozenset(kinds)


def _counts(shape: str, values: Sequence[str]) -> bool:
    """True if `values` of one shape are used once each and count up as codes do."""
    if not values:
        return False
    order = _in_order(values)
    if _is_simple(shape):
        return order >= 0.75 and len(values) >= _FEWEST
    distinct = len(set(values)) / len(values)
    if distinct < 0.9:
        return False
    lettered = bool(re.search(r"[A汉①]", shape)) and bool(re.search(r"[-~./·_:]|1.*1", shape))
    return order >= 0.5 or (lettered and distinct == 1 and len(values) >= _FEWEST)


def _in_order(values: Sequence[str]) -> float:
    """The share of values that follow their predecessor in the same series, or open a series."""
    last: dict[str, int] = {}
    good = 0
    for value in values:
        series, mine = last_numeral(value)
        good += (mine == 1 and last.get(series) != 1) or mine == last.get(series, -9) + 1
        last[series] = mine
    return good / len(values)


def last_numeral(value: str) -> tuple[str, int]:
    """(what stands around the last numeral of a code, its value): 卷2-5 is the 5 of 卷2-#."""
    folded = fold_keeping_signs(value)
    numerals = list(_NUMERAL.finditer(folded))
    if not numerals:
        return folded, -1
    m = numerals[-1]
    return folded[: m.start()] + "#" + folded[m.end() :], number(m[0]) or 0


def _is_counted(numbers: Sequence[str], rows: int) -> bool:
    """True if the numbers that the lines start with are numbers of rows in truth."""
    dates = sum(bool(DATE.fullmatch(fold(n))) and not n.isdigit() for n in numbers)
    again = sum(a == b for a, b in pairwise(numbers))
    if len(numbers) < 0.6 * rows or dates >= 0.3 * len(numbers) or again > 0.2 * len(numbers):
        return False
    return _in_order(numbers) >= 0.4 or len(set(numbers)) == len(numbers)


def _is_simple(shape: str) -> bool:
    return len(shape) <= 1


def _codes(text: str) -> Iterator[Code]:
    """Everything in `text` that could be the code of a row."""
    folded = fold_keeping_signs(text)
    spans = list(_fields(text))
    for k, (a, b) in enumerate(spans):
        value = text[a:b].strip("；;，,、。")
        bare = re.fullmatch(r"[〔(<](.*)[〕)>]", fold(value))
        inner = value[1:-1] if bare else value
        shape = code_shape(inner.rstrip(".．:：、"))
        if shape and len(spans) > 1:
            yield Code("lead" if k == 0 else "field", shape, inner.rstrip(".．:：、"), a, b)
    m = _GLUED.match(folded.lstrip())
    if m and not (spans and code_shape(text[spans[0][0] : spans[0][1]].rstrip(".．:：、")) and len(spans) > 1):
        lead = len(folded) - len(folded.lstrip())
        shape = code_shape(m["no"])
        if shape and len(folded) > lead + m.end():
            yield Code("lead", shape, text[lead : lead + m.end("no")], lead, lead + m.end())
    for m in _BRACKETS.finditer(folded):
        shape = code_shape(text[m.start(1) : m.end(1)])
        if shape and not re.fullmatch(r"(?:19|20)\d\d", m[1]):
            yield Code("lead" if not folded[: m.start()].strip() else "bracket", shape, text[m.start(1) : m.end(1)], m.start(), m.end())


def code_shape(value: str) -> str | None:
    """How `value` is built, if it could be the code of a row: 1 for digits, A letters, 汉 characters, 一 a numeral, ① a sign; else None."""
    folded = fold_keeping_signs(value.strip())
    if not folded or len(folded) > _LONGEST_CODE or not _NUMERAL.search(folded) or _UNIT_END.search(folded):
        return None
    if DATE.fullmatch(folded) or COUNT.fullmatch(folded) or find_docnos(value) or is_remark(folded):
        return None
    shape, at = "", 0
    for m in _SHAPE.finditer(folded):
        behind = folded[m.end() : m.end() + 1]
        if m.start() != at or (m["h"] and len(m["h"]) > 4) or (m["n"] and behind not in "-~./·_:卷盒册号件)"):
            return None
        at = m.end()
        shape += {"d": "1", "s": "①", "n": "一", "h": "汉", "a": "A"}.get(m.lastgroup or "", m[0][:1])
    return shape if at == len(folded) else None


def without_leaders(text: str) -> str:
    """`text` with a tab for each leader (……, ......) or bar that parts two of its fields."""
    return _LEADER.sub("\t", text)


def _fields(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for m in _FIELD_SIGN.finditer(text):
        if m.start() > at:
            yield at, m.start()
        at = m.end()
    if at < len(text):
        yield at, len(text)


def _head(text: str) -> str:
    """What stands before the first sign that parts fields, if anything follows."""
    m = _HEAD.match(text.lstrip())
    return m[1] if m else ""


def _behind(text: str, wanted: Callable[[str], bool]) -> tuple[str | None, str]:
    """The first field of `text` and the rest, if the field is `wanted`; else None and all of it."""
    m = _HEAD.match(text.lstrip())
    return (m[1], text.lstrip()[m.end() :]) if m and wanted(m[1]) else (None, text)


def numbered(text: str) -> tuple[str, str] | None:
    """The number that `text` starts with and the rest: 1.2017-09-24 is a number and a date."""
    m = _BEFORE_DATE.match(fold(text))
    return (m[1], text[m.end() :]) if m else split_number(text)


def _behind_number(text: str) -> str:
    found = numbered(text)
    return found[1] if found else text


def _is_date(text: str) -> bool:
    return bool(DATE.fullmatch(fold(text.strip("()（）"))))


def _is_amount(text: str) -> bool:
    folded = fold(text.strip("()（）"))
    return bool(COUNT.fullmatch(folded)) or (bool(PAGES.fullmatch(folded)) and "页" in folded)


def parted(text: str) -> str:
    """`text` with a tab for each ； ， 、 beside which a date, a 文号, pages or a code stands by itself."""
    folded = fold(text)
    cuts = [m.start() for m in _SOFT.finditer(folded) if _is_outside(folded[: m.start()])]
    ends = [*cuts, len(text)]
    pieces = [text[a:b].strip() for a, b in zip([0, *(c + 1 for c in cuts)], ends, strict=True)]
    typed = [_stands_alone(p) for p in pieces]
    out = list(text)
    for k, cut in enumerate(cuts):
        if pieces[k] and pieces[k + 1] and (typed[k] or typed[k + 1]):
            out[cut] = "\t"
    return "".join(out)


def _is_outside(before: str) -> bool:
    return all(before.count(a) <= before.count(b) for a, b in ("《》", "()", "〔〕", "<>"))


def _stands_alone(piece: str) -> bool:
    folded = fold(piece)
    if re.match(r"(?:19|20)\d\d[年.\-/]\s*\d", folded) and DATE.fullmatch(folded):
        return True
    bare = folded[1:-1] if re.fullmatch(r"[(〔<].*[)〕>]", folded) else folded
    return code_shape(bare) is not None or (bool(PAGES.fullmatch(folded)) and "页" in folded) or _is_docno(piece)


def _is_docno(piece: str) -> bool:
    found = find_docnos(piece)
    return len(found) == 1 and bool(found[0].issuer) and found[0].start <= 1 and found[0].end >= len(piece) - 1
