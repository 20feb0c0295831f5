"""What the claim tagger sees of a token: its kind, the cues around it, and what the catalog has to say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz

from extract.chinese import fold, key
from extract.docno import find_docnos
from scoring.claim_tokens import Token
from scoring.references import references

_CUES = ("own", "pointer", "basis", "basis_after", "plan", "repeal", "negative", "vague", "self", "particles", "handled")
_STOP = frozenset("。；;！!？?\n")
_LAW = re.compile(r"(?:法|条例|行动计划|规划纲要)$")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The word lists of evidence.toml as sets."""

    heads: frozenset[str]
    cues: Mapping[str, frozenset[str]]
    vocabulary: frozenset[str]
    """Words that may be a feature by themselves: only cue words and heads, never a title's own words."""

    @classmethod
    def load(cls, table: Mapping[str, Any]) -> Lexicon:
        """From the parsed evidence.toml."""
        cues = {name: frozenset(table.get(name, ())) for name in _CUES}
        heads = frozenset(table.get("heads", ()))
        return cls(heads, cues, frozenset().union(heads, *cues.values()))

    def head_of(self, text: str) -> str:
        """The longest head word that `text` ends with, "" if none."""
        return next((text[-n:] for n in (4, 3, 2, 1) if len(text) >= n and text[-n:] in self.heads), "")


@dataclass(frozen=True, slots=True)
class ClaimContext:
    """What is known of the unit and its catalog when claims are looked for."""

    unit_names: tuple[str, ...] = ()
    own_codes: tuple[str, ...] = ()
    """文号 codes that are surely the unit's own."""
    superior_names: tuple[str, ...] = ()
    superior_codes: frozenset[str] = frozenset()
    basis_titles: tuple[str, ...] = ()
    """Keys of the titles of the notice's own documents."""
    row_titles: tuple[str, ...] = ()
    """Keys of the catalog's titles."""
    row_docnos: frozenset[tuple[str, int, int]] = frozenset()
    row_numbers: frozenset[tuple[int | str, ...]] = frozenset()
    groups: tuple[str, ...] = ()
    """Headings, sheets, boxes that the rows stand under."""
    shapes: re.Pattern[str] | None = None
    """How the catalog writes its numbers, if in a way of its own."""
    grams: frozenset[str] = field(default_factory=frozenset)
    """Every piece of 3 to 12 characters of the catalog's titles."""


def grams(titles: Iterable[str], low: int = 3, high: int = 12) -> frozenset[str]:
    """Every piece of `low` to `high` characters of the titles."""
    return frozenset(t[i : i + n] for t in titles for n in range(low, high + 1) for i in range(len(t) - n + 1))


def features(
    tokens: Sequence[Token],
    lexicon: Lexicon,
    context: ClaimContext,
    *,
    section: int,
    heading: bool,
    evidence: Sequence[tuple[int, int]] = (),
) -> list[list[str]]:
    """One list of feature names for each token. `evidence` are the parts of the text that stand in a column for evidence."""
    base = [_own_features(t, lexicon, context, tokens, i) for i, t in enumerate(tokens)]
    cues = _running_cues(tokens, lexicon)
    pieces = _catalog_pieces(tokens, context)
    closing = _closing_cues(tokens, lexicon)
    frames = _name_frames(tokens, lexicon)
    place = ["bias", f"s0={section == 0}", f"heading={heading}"]
    out = []
    for i, token in enumerate(tokens):
        cell = any(s <= token.start < e for s, e in evidence)
        f = [
            *place,
            f"cell={cell}",
            f"cell={cell}{token.kind}",
            f"gap={_gap(tokens, i)}{_gap(tokens, i + 1)}",
            *(f"0:{x}" for x in base[i]),
            *cues[i],
            *pieces[i],
            *closing[i],
            *frames[i],
            f"s0&{cues[i][0]}={section == 0}",
            f"{token.kind}&{cues[i][0]}",
        ]
        for d in (-3, -2, -1, 1, 2, 3):
            j = i + d
            if 0 <= j < len(tokens):
                f += [f"{d}:{x}" for x in base[j][: (4 if abs(d) < 3 else 2)]]
                if abs(d) == 1:
                    f += [f"{d}:{x}" for x in pieces[j]]
            elif j in (-1, len(tokens)):
                f.append(f"{d}:edge")
        out.append(f)
    return out


def _own_features(t: Token, lexicon: Lexicon, context: ClaimContext, tokens: Sequence[Token], i: int) -> list[str]:
    """The token by itself: first its class, then its word if it is a listed one, then what its kind tells."""
    out = [f"k={t.kind}"]
    if t.kind in "WP":
        word = fold(t.text)
        out.append(f"w={word if t.kind == 'P' or word in lexicon.vocabulary or len(word) == 1 else '*'}")
        out.append(f"t={t.tag or '-'}{bool(lexicon.head_of(t.text))}")
        out += [f"c={name}" for name, words in lexicon.cues.items() if t.text in words]
        head = lexicon.head_of(t.text)
        out.append(f"h={bool(head)}")
        if head:
            out.append(f"hw={head}")
        out += [f"n={min(len(t.text), 4)}", f"pos={t.tag or '-'}"]
        if t.text in ("关于",) or any(n.startswith(t.text) for n in context.unit_names if len(t.text) > 1):
            out.append("starts")
    elif t.kind == "T":
        out += _title_features(t, lexicon, context, tokens, i)
    elif t.kind == "D":
        out += _docno_features(t.text, context)
    elif t.kind == "R":
        out += [f"p={re.match(r'[^0-9第(（①-⑳一二三四五六七八九十IVXⅠ-Ⅻ]*', t.text)[0][:3]}"]  # type: ignore[index]
        known = [r.key in context.row_numbers for r in references(t.text)]
        out.append(f"known={all(known)}{any(known)}")
    return out


def _title_features(t: Token, lexicon: Lexicon, context: ClaimContext, tokens: Sequence[Token], i: int) -> list[str]:
    k = key(t.text)
    before = "".join(x.text for x in tokens[max(0, i - 6) : i])
    similar = max((fuzz.ratio(k, r) for r in context.row_titles), default=0.0)
    inside = any(k and len(k) > 4 and k in r for r in context.row_titles)
    inner = t.text.strip("《》")
    out = [
        f"sim={_bucket(max(similar, 90.0 if inside else 0.0))}",
        f"short={len(k) <= 4}",
        f"head={lexicon.head_of(inner.rstrip('）)')) or '-'}",
    ]
    if any(key(n) in k for n in context.unit_names):
        out.append("ownname")
    if any(n in t.text for n in context.superior_names):
        out.append("supname")
    if _superior_before(before, context):
        out.append("supbefore")
    if _LAW.search(inner):
        out.append("law")
    if any(fuzz.ratio(k, b) > 88 or (len(k) > 5 and k in b) for b in context.basis_titles):
        out.append("notice")
    if re.match(r"(?:转发|关于转发)", inner):
        out.append("forwarding")
    nxt = next((x for x in tokens[i + 1 : i + 4] if x.kind == "D"), None)
    if nxt is not None:
        out += [f"d{f}" for f in _docno_features(nxt.text, context)]
    return out


def _superior_before(before: str, context: ClaimContext) -> bool:
    """Whether a higher authority stands right before a title, as its issuer."""
    tail = re.sub(r"(?:联合)?(?:印发|下发|制发|制定|出台|发布)?了?的?$", "", before)
    return any(tail.endswith(n) or tail.endswith(n + s) for n in context.superior_names for s in ("办公厅", "办公室", "办"))


def _docno_features(text: str, context: ClaimContext) -> list[str]:
    out = []
    for d in find_docnos(text)[:1]:
        if d.issuer in context.superior_codes:
            out.append("sup")
        elif any(d.issuer.startswith(c) for c in context.own_codes):
            out.append("own")
        elif not d.issuer:
            out.append("bare")
        else:
            out.append("other")
        if d.keys & context.row_docnos:
            out.append("inrows")
    return out


def _running_cues(tokens: Sequence[Token], lexicon: Lexicon) -> list[list[str]]:
    """For each token the nearest cue to its left in the sentence, how far, and whether a plan or repeal word stands there."""
    out, last, distance, clause, seen = [], "none", 9, 0, set[str]()
    order = ("own", "pointer", "basis", "plan", "repeal", "negative")
    for t in tokens:
        out.append(
            [
                f"cue={last}",
                f"cd={last}{min(distance // 3, 3)}",
                f"cl={last}{min(clause, 2)}",
                *sorted(f"seen={s}" for s in seen & {"plan", "repeal", "negative"}),
            ]
        )
        if t.text in _STOP:
            last, distance, clause = "none", 9, 0
            seen.clear()
            continue
        if t.text in "，,":
            clause += 1
            seen.discard("negative")
        hit = next((c for c in order if t.text in lexicon.cues[c]), None) if t.kind == "W" else None
        if hit:
            last, distance, clause = (hit if t.text not in lexicon.cues["basis"] or hit != "own" else "own"), 0, 0
            seen.add(hit)
        else:
            distance += 1
    return out


def _closing_cues(tokens: Sequence[Token], lexicon: Lexicon) -> list[list[str]]:
    """For each token what closes its clause to the right: 的要求, 精神 (basis) or 附后, 备查 (pointer), 废止 (repeal)."""
    out: list[list[str]] = []
    after: list[str] = []
    for t in reversed(tokens):
        out.append([f"then={a}" for a in sorted(set(after[-6:]))])
        if t.text in _STOP or t.text in "，,":
            after = []
        elif t.kind == "W":
            after += [c for c in ("basis_after", "pointer", "repeal", "own") if t.text in lexicon.cues[c]]
    return out[::-1]


_QUOTES = frozenset("“”‘’\"'·+-—－/＋")
_INSIDE = frozenset({"的", "和", "与", "及", "中", "上", "下", "内", "地", "等", "后", "前", "各"})
"""Particles that stand inside names, too."""


def _name_frames(tokens: Sequence[Token], lexicon: Lexicon) -> list[list[str]]:
    """For each token the run of words it stands in, as a name would fill it: the next head word, and what stands before and behind."""
    out: list[list[str]] = [[] for _ in tokens]
    for a, b in _runs(tokens, lexicon):
        before = _class_of(tokens, a - 1, lexicon, beside=a)
        head: int | None = None
        for i in range(b - 1, a - 1, -1):
            if tokens[i].kind == "W" and lexicon.head_of(tokens[i].text) and not _closes_longer(tokens, i, b, head):
                head = i
            if head is None:
                out[i] = ["nh=-", f"nb={before}", f"first={i == a}"]
                continue
            word, after = lexicon.head_of(tokens[head].text), _class_of(tokens, head + 1, lexicon, beside=head)
            out[i] = [
                f"nh={word}",
                f"nd={min(head - i, 4)}",
                f"nb={before}",
                f"na={after}",
                f"np={before}|{after}",
                f"np={before}|{after}|{word}",
                f"first={i == a}{before}",
                f"nl={min((tokens[head].end - tokens[a].start) // 3, 4)}",
            ]
    return out


def _closes_longer(tokens: Sequence[Token], i: int, b: int, head: int | None) -> bool:
    """A head word inside a longer name whose own head follows at once: 登记 of 登记表, 情况 of 情况说明."""
    return head is not None and head == i + 1 and head < b


def _gap(tokens: Sequence[Token], i: int) -> bool:
    """Whether a blank stands before the token: between the cells of a row, mostly."""
    return 0 < i < len(tokens) and tokens[i].start > tokens[i - 1].end


def _runs(tokens: Sequence[Token], lexicon: Lexicon) -> Iterable[tuple[int, int]]:
    """Spans of tokens without a sign, a particle or a cue word in between: where a name without 《》 may stand."""
    start: int | None = None
    for i, t in enumerate([*tokens, None]):
        inside = t is not None and (t.text in _QUOTES if t.kind == "P" else t.kind == "N" or (t.kind == "W" and _names(t, lexicon)))
        if start is not None and (not inside or _gap(tokens, i)):
            yield start, i
            start = None
        if inside and start is None:
            start = i


def _names(t: Token, lexicon: Lexicon) -> bool:
    if lexicon.head_of(t.text) == t.text and len(t.text) > 1:
        return True
    return (t.text not in lexicon.cues["particles"] or t.text in _INSIDE) and not any(
        t.text in lexicon.cues[c] for c in ("own", "pointer", "basis", "plan", "repeal", "negative", "self")
    )


def _class_of(tokens: Sequence[Token], i: int, lexicon: Lexicon, *, beside: int) -> str:
    """What a token is to the name beside it (`beside` is its nearest token): a sign, a cue of some kind, a particle, a kind."""
    if not 0 <= i < len(tokens):
        return "edge"
    if _gap(tokens, max(i, beside)):
        return "gap"
    t = tokens[i]
    if t.kind != "W":
        return t.text if t.kind == "P" else t.kind
    return next(
        (c for c in ("own", "pointer", "basis", "plan", "repeal", "negative", "self", "handled") if t.text in lexicon.cues[c]), ""
    ) or (t.text if t.text in lexicon.cues["particles"] else t.tag[:1] or "-")


def _catalog_pieces(tokens: Sequence[Token], context: ClaimContext) -> list[list[str]]:
    """For each token the longest piece of a catalog title that runs through it, and whether one begins or ends at it."""
    text, of = "", list[int]()
    for i, t in enumerate(tokens):
        k = key(t.text) if t.kind in "WNT" or t.text in "“”、" else ""
        text += k or ("\0" if t.text not in '“”"、·+' else "")
        of += [i] * (len(text) - len(of))
    longest = [0] * len(tokens)
    begins, ends = [0] * len(tokens), [0] * len(tokens)
    for a in range(len(text)):
        n = 0
        while n < 12 and a + max(n + 1, 3) <= len(text) and text[a : a + max(n + 1, 3)] in context.grams:
            n = max(n + 1, 3)
        if n:
            for i in {of[x] for x in range(a, a + n)}:
                longest[i] = max(longest[i], n)
            if a == 0 or of[a - 1] != of[a]:
                begins[of[a]] = max(begins[of[a]], n)
            if a + n == len(text) or of[a + n] != of[a + n - 1]:
                ends[of[a + n - 1]] = max(ends[of[a + n - 1]], n)
    return [[f"g={_step(longest[i])}", f"gb={_step(begins[i])}", f"ge={_step(ends[i])}"] for i in range(len(tokens))]


def _step(n: int) -> int:
    return next((s for s in (9, 7, 5, 4, 3) if n >= s), 0)


def _bucket(score: float) -> int:
    return next((b for b in (97, 90, 80, 70, 55) if score >= b), 0)
