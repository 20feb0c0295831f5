"""Compares two names of a paper: what they share, what differs, and whether the difference makes them two papers."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from extract.chinese import han_number, key

Facets = frozenset[tuple[str, int]]

_HAN = "一二三四五六七八九十"
_N = rf"(?:[0-9]{{1,4}}|[{_HAN}]{{1,3}})"
_TO = r"(?:至|到|-|~|--|、|和|及|,)"
_YEAR = re.compile(r"((?:19|20)\d\d)(?:年度|年版|年|版)?|([〇零一二三四五六七八九]{4})年")
_WHOLE = re.compile(r"全年|年报(?!送)|年度(?:报告|总结|分析|评估|统计|通报|报表|汇总)|年终|年末")
_HALF = re.compile(r"(上|下|前|后)半年")
_SERIES = (
    ("quarter", re.compile(rf"第?({_N}(?:{_TO}第?{_N})*)个?季度?(?![节])")),
    ("month", re.compile(rf"((?<![0-9]){_N}月?(?:{_TO}{_N})*)月(?:份|底|初)?(?:[0-9]{{1,2}}日)?")),
    ("issue", re.compile(rf"第({_N}(?:{_TO}第?{_N})*)(?:期|号|辑)|({_N}(?:{_TO}第?{_N})+)(?:期|号)")),
    ("time", re.compile(rf"第({_N}(?:次?{_TO}第?{_N})*)(?:次|届)")),
    ("season", re.compile(r"(春|夏|秋|冬)季")),
    ("batch", re.compile(rf"第({_N}(?:{_TO}第?{_N})*)批")),
    ("edition", re.compile(rf"第({_N})(?:版|稿)|(?<![a-z])[Vv](?:er)?\.?([0-9]{{1,2}})(?:\.[0-9]+)*")),
    ("part", re.compile(rf"(?:第({_N})|([上中下](?:、?[中下])*)|之({_N}))(?:册|篇|部|卷|集)(?=\)|$|》)")),
)
_DRAFT = re.compile(r"征求意见稿?|讨论稿|送审稿|草案|初稿|草稿|代拟稿|审议稿|报审稿")
_FINAL = re.compile(r"正式印发稿?|正式稿|定稿|终稿|正式版|印发稿|正式(?=方案|文件|通知|办法|稿)")
_TRIAL = re.compile(r"\((?:试行|暂行|修订|修订版|修订稿|修改稿|执行稿)\)")
_NOISE = re.compile(
    r"\((?:[^()]*?(?:复印件|扫描件|原件|电子版|样本|样例|样张|节选|摘录|摘要|部分|汇总|略|附后|纸质|打印件|截图版|合订本|装订)[^()]*?"
    r"|共?计?[0-9一二三四五六七八九十百]+(?:份|件|张|期|次|册|页|本|套|项|人|条|个|幅|卷|组|户|家)(?:[,、]?共?[0-9]+[\u4e00-\u9fff])?|见?附件[^()]*)\)"
)
_COUNT_TAIL = re.compile(r"(?<=[\u4e00-\u9fff])(?:共?[0-9]+)(?:份|件|张|期|次|册|页|本|套|把|幅)$")
_DROP = re.compile(r"[《》〈〉“”\"'‘’〔〕\[\]【】<>()\s·•,，。:：;；、/\\_+*#.!?~\-—]")
_SPELLING = str.maketrans({"帐": "账", "台": "台", "钥": "钥", "匙": "匙", "秘": "密", "录": "录"})
_SIGNS = str.maketrans({"〔": "(", "〕": ")", "[": "(", "]": ")", "【": "(", "】": ")", "—": "-", "–": "-", "―": "-", "－": "-", "～": "~"})
_COUNTED = re.compile(rf"([{_HAN}]{{1,3}})(?=条|项|大|不|个|类|张)")
_DOCNO = re.compile(r"[\u4e00-\u9fff]{0,12}[〔\[(【]\s*(?:19|20)\d\d\s*[〕\])】][^,，、;；)）]{0,12}?[号期]")


@dataclass(frozen=True, slots=True)
class Title:
    """A name taken apart once, so that it can be compared with many."""

    text: str
    core: str
    """Letters, digits and characters without unit prefix, dates, ordinals, versions, counts."""
    tokens: tuple[str, ...]
    years: frozenset[int]
    facets: Facets
    draft: bool
    final: bool
    kind: int = -1
    """Which kind of paper its last word says it is (an index into the kinds of evidence.toml), -1 where it tells none."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two names relate. Weights are characters that carry meaning."""

    shared: float
    only_a: float
    only_b: float
    conflict: str = ""
    """year, period, version or "" ; a conflict is never outweighed."""
    words_a: tuple[str, ...] = ()
    words_b: tuple[str, ...] = ()
    same_head: bool = True
    swapped: bool = field(default=False)
    """Each has a meaningful word that the other lacks: a near twin rather than a short form."""
    parallel: bool = False
    """One word stands in the place of another of like length (民政局 for 卫计局): two papers rather than two wordings."""

    @property
    def cover_a(self) -> float:
        """Share of a's meaning that b has, 0–1."""
        return self.shared / (self.shared + self.only_a) if self.shared else 0.0

    @property
    def cover_b(self) -> float:
        """Share of b's meaning that a has, 0–1."""
        return self.shared / (self.shared + self.only_b) if self.shared else 0.0


class TitleReader:
    """Takes names apart. `cut` cuts into words, `units` are names that may stand before a title, `weak` words carry no meaning."""

    def __init__(
        self,
        cut: Callable[[str], list[str]],
        units: Iterable[str],
        weak: Iterable[str],
        synonyms: Iterable[Sequence[str]] = (),
        kinds: Sequence[Sequence[str]] = (),
    ) -> None:
        self._kinds = {word: n for n, group in enumerate(kinds) for word in group}
        self._cut = cut
        self._units = tuple(sorted({key(u) for u in units if u}, key=len, reverse=True))
        self.weak = frozenset(weak)
        self._synonyms = {word: group[0] for group in synonyms for word in group}

    def read(self, text: str) -> Title:
        """`text` is a title as printed, with or without 《》, 文号 and brackets."""
        plain = _counted(unicodedata.normalize("NFKC", text).translate(_SIGNS))
        plain = _DOCNO.sub("", plain)
        draft, final = bool(_DRAFT.search(plain)), bool(_FINAL.search(plain))
        plain = _TRIAL.sub("", _NOISE.sub("", plain))
        years = frozenset(_year(m) for m in _YEAR.finditer(plain))
        facets: set[tuple[str, int]] = set()
        if _WHOLE.search(plain):
            facets.add(("whole", 1))
        plain = _HALF.sub(lambda m: _take(facets, "half", [1 if m[1] in "上前" else 2]), plain)
        rest = _YEAR.sub(" ", plain)
        for name, pattern in _SERIES:
            rest = pattern.sub(partial(_take_numbers, facets, name), rest)
        core = self._core(_FINAL.sub("", _DRAFT.sub("", rest)))
        if not core:
            core = self._core(plain)
        return Title(text, core, tuple(self._cut(core)), years, frozenset(facets), draft, final, self._kind(core))

    def _kind(self, core: str) -> int:
        """By the longest kind word that the name ends with, brackets left aside."""
        return next((self._kinds[core[-n:]] for n in range(min(6, len(core)), 0, -1) if core[-n:] in self._kinds), -1)

    def _core(self, text: str) -> str:
        core = _DROP.sub("", _COUNT_TAIL.sub("", text.strip())).lower().translate(_SPELLING)
        for unit in self._units:
            if core.startswith(unit) and len(core) > len(unit) + 1 and core[len(unit)] != "长":
                return core[len(unit) :]
        return core

    def compare(self, a: Title, b: Title, year: int) -> Comparison:
        """`a` is the claim's name, `b` the row's; `year` is the assessed year that a name without one means."""
        shared, only_a, only_b, parallel = self._difference(a.tokens, b.tokens)
        conflict = _conflict(a, b, year)
        words_a, words_b = self._meaning(only_a), self._meaning(only_b)
        words_a, words_b = _cancel(words_a, words_b)
        weight = float(sum(map(len, shared)) - 0.7 * sum(len(w) for w in shared if w in self.weak))
        head = a.core[-2:] == b.core[-2:] or a.core[-1:] == b.core[-1:] or self._head(a.tokens) == self._head(b.tokens)
        return Comparison(
            weight,
            float(sum(map(len, words_a))),
            float(sum(map(len, words_b))),
            conflict,
            words_a,
            words_b,
            head,
            bool(words_a and words_b),
            bool(words_a and words_b) and parallel,
        )

    def _head(self, tokens: Sequence[str]) -> str:
        return self._synonyms.get(tokens[-1], tokens[-1]) if tokens else ""

    def _difference(self, a: Sequence[str], b: Sequence[str]) -> tuple[list[str], list[str], list[str], bool]:
        """(words of both, of a only, of b only, whether at one place each has a word of its own, of like length)."""
        matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
        shared: list[str] = []
        only_a: list[str] = []
        only_b: list[str] = []
        parallel = False
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag == "equal":
                shared += a[i1:i2]
                continue
            left, right = "".join(a[i1:i2]), "".join(b[j1:j2])
            common, left, right = self._alike(*_trim(left, right))
            shared += common
            only_a += [left] if left else []
            only_b += [right] if right else []
            parallel = parallel or (tag == "replace" and self._instead(left, right))
        return shared, only_a, only_b, parallel

    def _instead(self, left: str, right: str) -> bool:
        """Whether one word stands in the place of the other."""
        return bool(left and right) and abs(len(left) - len(right)) <= 1 and len(left) <= 6 and not {left, right} & self.weak

    def _alike(self, common: list[str], left: str, right: str) -> tuple[list[str], str, str]:
        """Two pieces that say the same: a short form (人社局 of 人力资源和社会保障局), a synonym, a slip of one character."""
        if not left or not right:
            return common, left, right
        if self._plainest(left) == self._plainest(right):
            return [*common, left], "", ""
        short, long = sorted((left, right), key=len)
        if 2 <= len(short) < len(long) and _subsequence(short, long):
            return [*common, short], "", ""
        if (
            len(left) == len(right) == 1
            and not (left in _DISTINCT or right in _DISTINCT)
            and not left.isdigit()
            and not right.isdigit()
            and common
        ):
            return [*common, left], "", ""
        return common, left, right

    def _plainest(self, piece: str) -> str:
        """A piece without words that carry no meaning, each word in the first spelling of its group."""
        words = [w for w in self._cut(piece) if w not in self.weak or w == piece]
        return "".join(self._synonyms.get(w, w) for w in words)

    def _meaning(self, words: list[str]) -> tuple[str, ...]:
        out = []
        for chunk in words:
            kept = "".join(w for w in self._cut(chunk) if w not in self.weak) if chunk not in self.weak else ""
            if kept:
                out.append(kept)
        return tuple(out)


_DISTINCT = frozenset("一二三四五六七八九十上下前后内外新旧初终增减收发市县区局省国甲乙丙丁左右东西南北男女年月日季周入出进退")
"""Characters that tell two papers apart by themselves: a slip never hides in one of them."""


def _subsequence(short: str, long: str) -> bool:
    it = iter(long)
    return all(c in it for c in short)


def _conflict(a: Title, b: Title, year: int) -> str:
    if a.years and b.years and not a.years & b.years:
        return "year"
    if b.years and not a.years and year not in b.years and max(b.years) < year:
        return "year"
    if a.years and not _months(a.facets) and {"half", "quarter"} & _months(b.facets).keys():
        return "period"  # a whole year's paper is none of its parts
    if _other_months(_months(a.facets), _months(b.facets)):
        return "period"
    kinds = ({k for k, _ in a.facets} & {k for k, _ in b.facets}) - {"whole", "half", "quarter", "month"}
    for kind in sorted(kinds):
        if not {n for k, n in a.facets if k == kind} & {n for k, n in b.facets if k == kind}:
            return "period"
    if a.draft != b.draft and (a.draft or b.draft):
        return "version"
    return ""


def _months(facets: Facets) -> dict[str, frozenset[int]]:
    """The months that a name speaks of, by the kind of period that says so."""
    out: dict[str, set[int]] = {}
    for kind, n in facets:
        length = {"whole": 12, "half": 6, "quarter": 3, "month": 1}.get(kind)
        if length:
            out.setdefault(kind, set()).update(range((n - 1) * length + 1, n * length + 1))
    if len(out) > 1:
        out.pop("whole", None)  # 2017年度第三季度…: the shorter period is meant
    return {k: frozenset(v) for k, v in out.items()}


def _other_months(a: dict[str, frozenset[int]], b: dict[str, frozenset[int]]) -> bool:
    """Two periods are other papers where they do not meet, or where one is counted in quarters and the other in halves."""
    if not a or not b:
        return False
    common = a.keys() & b.keys()
    if common:
        return any(not a[k] & b[k] for k in common)
    return frozenset().union(*a.values()) != frozenset().union(*b.values())


def _trim(left: str, right: str) -> tuple[list[str], str, str]:
    """Common beginning and end of two differing pieces: 部署会 against 工作部署会议."""
    if left and right and (left in right or right in left):
        small = min(left, right, key=len)
        return [small], left.replace(small, "", 1), right.replace(small, "", 1)
    n = 0
    while n < min(len(left), len(right)) and left[n] == right[n]:
        n += 1
    m = 0
    while m < min(len(left), len(right)) - n and left[-1 - m] == right[-1 - m]:
        m += 1
    common = [left[:n]] * bool(n) + ([left[len(left) - m :]] if m else [])
    return common, left[n : len(left) - m], right[n : len(right) - m]


def _cancel(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words that merely stand elsewhere are no difference."""
    text_a, text_b = "".join(a), "".join(b)
    return tuple(w for w in a if w not in text_b), tuple(w for w in b if w not in text_a)


def _counted(text: str) -> str:
    """Chinese numerals before a measure word as digits: 八条 is 8条."""
    return _COUNTED.sub(lambda m: str(han_number(m[1])), text)


def _year(m: re.Match[str]) -> int:
    return int(m[1]) if m[1] else (han_number(m[2]) or 0)


def _take(facets: set[tuple[str, int]], name: str, numbers: Iterable[int]) -> str:
    facets.update((name, n) for n in numbers)
    return ""


def _take_numbers(facets: set[tuple[str, int]], name: str, m: re.Match[str]) -> str:
    return _take(facets, name, _numbers(next(g for g in m.groups() if g)))


def _numbers(text: str) -> list[int]:
    """Numbers of a series: 一至四 is 1 2 3 4; 4、9 is 4 9; 上 is 1, 下 is 9."""
    if text[0] in "上中下":
        return [{"上": 1, "中": 5, "下": 9}[c] for c in text if c in "上中下"]
    if text in "春夏秋冬":
        return ["春夏秋冬".index(text) + 1]
    parts = [(han_number(p) if not p.isdigit() else int(p)) for p in re.findall(rf"[0-9]+|[{_HAN}]+", text)]
    values = [p for p in parts if p is not None]
    if len(values) == 2 and re.search(r"至|到|-|~", text) and values[0] < values[1] <= values[0] + 60:
        return list(range(values[0], values[1] + 1))
    return values
