"""Links a claim to catalog rows: number, 文号, title, item and order combined, with guards that no similarity outweighs."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from extract.chinese import fold, number_key
from extract.docno import find_docnos
from scoring.references import NumberKey, Reference, references
from scoring.titles import Comparison, Title, TitleReader

DocnoKey = tuple[str, int, int]

FEATURES = (
    "bias",
    "cover_a",
    "cover_b",
    "cover_min",
    "exact",
    "contained",
    "within",
    "only_a",
    "only_b",
    "swapped",
    "swapped_named",
    "head",
    "named",
    "short",
    "generic",
    "docno",
    "docno_one_sided",
    "ref",
    "ref_other",
    "item",
    "item_other",
    "section_other",
    "item_unknown",
    "rarity",
    "best",
    "margin",
    "taken",
    "contained_short",
    "swapped_item",
    "contained_item",
    "facet_same",
    "facet_extra",
)


@dataclass(frozen=True, slots=True)
class RowView:
    """A catalog row taken apart for comparing."""

    index: int
    no: str
    titles: tuple[Title, ...]
    """The whole title first, then the papers bundled in it."""
    docnos: frozenset[DocnoKey]
    numbers: frozenset[NumberKey]
    group: str
    item: str | None
    text: str
    pages: tuple[int, int] | None = None
    """First and last page in the bound evidence."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a claim names, taken apart for comparing."""

    text: str
    title: Title | None
    titled: bool
    """In 《》 (or 关于…的通知): a proper title rather than a description."""
    docnos: frozenset[DocnoKey]
    references: tuple[Reference, ...]
    section: int
    item: str | None
    scanned: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """What the catalog answers to a claim. `rows` are indexes, best first."""

    status: Literal["matched", "uncertain", "missing"]
    rows: tuple[int, ...]
    score: float
    reason: str
    values: tuple[str, ...] = ()
    twins: tuple[int, ...] = ()
    """Near twins by year, 文号 or key word: what the reviewer should see beside a missing claim."""
    conflict: tuple[int, ...] = ()
    """Rows that the printed number points to although the title is another row's."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic score and its borders, trained by bench/train_links.py and kept as data."""

    weights: Mapping[str, float]
    matched: float
    uncertain: float
    left_matched: float = 0.6
    """Border for a row that no other claim has found."""
    left_uncertain: float = 0.15

    def probability(self, values: Mapping[str, float]) -> float:
        """0–1: how sure it is that this row is that evidence."""
        z = sum(self.weights.get(k, 0.0) * v for k, v in values.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that may be the evidence."""

    row: RowView
    comparison: Comparison | None
    values: Mapping[str, float]
    probability: float
    conflict: str
    """year, period, version, docno or ""."""


class Matcher:
    """Links claims to the rows of one catalog."""

    def __init__(
        self, rows: Sequence[RowView], reader: TitleReader, weights: Weights, *, year: int, sections: Mapping[str, int] | None = None
    ) -> None:
        self.rows, self.reader, self.weights, self.year = tuple(rows), reader, weights, year
        self._by_number: dict[NumberKey, list[RowView]] = {}
        for row in rows:
            for number in row.numbers:
                self._by_number.setdefault(number, []).append(row)
        plain = Counter(r.no for r in rows if r.no)
        self._restarts = sum(n > 1 for n in plain.values()) > 1
        self._groups: dict[str, list[RowView]] = {}
        for row in rows:
            self._groups.setdefault(row.group, []).append(row)
        counts = Counter(t for r in rows for t in {t for title in r.titles[:1] for t in title.tokens})
        self._rarity = {t: math.log((len(rows) + 1) / n) for t, n in counts.items()}

    def link(self, named: Named, taken: frozenset[int] = frozenset()) -> Link:
        """`taken` are rows that another claim of the same item already matches exactly."""
        if not self.rows:
            return Link("missing", (), 1.0, "no_catalog")
        grouped = self._within_group(named)
        if grouped is not None or (named.title is None and not named.docnos):
            return self._by_reference(grouped or named)
        candidates = self.candidates(named, taken)
        link = self._decide(named, candidates)
        return (
            self._by_number_instead(named, candidates, link) if named.references and not named.titled and link.status != "matched" else link
        )

    def link_all(self, named: Sequence[Named]) -> list[Link]:
        """All claims of a report: what each finds by itself, then what is left over settles some of the doubtful ones.

        Most rows of a catalog are cited somewhere: a row that no claim has found is likelier to be what a doubtful
        claim of its own item means.
        """
        links = [self.link(n) for n in named]
        claimed = {i for link in links if link.status == "matched" for i in link.rows}
        wanted: dict[int, list[tuple[float, int, float, float]]] = {}
        for k, (n, link) in enumerate(zip(named, links, strict=True)):
            if link.reason == "docno_absent":
                links[k] = self._undated(n, link, claimed)
            if link.status == "matched" or n.title is None or not n.item:
                continue
            left = [c for c in _title_first(self.candidates(n)) if not c.conflict and c.row.index not in claimed and c.row.item == n.item]
            if left:
                rival = left[1].probability if len(left) > 1 else 0.0
                border = self._border(n, left[0], self.weights.left_matched)
                wanted.setdefault(left[0].row.index, []).append((left[0].probability, k, rival, border))
        for row, claims in wanted.items():
            probability, k, rival, border = max(claims)
            others = max(rival, *(p for p, j, *_ in claims if j != k), 0.0)
            links[k] = self._left_over(links[k], row, probability, others, border)
        return links

    def _undated(self, named: Named, link: Link, claimed: set[int]) -> Link:
        """A claim that is nothing but a 文号 may be a row of its item that prints none."""
        left = tuple(r.index for r in self.rows if not r.docnos and r.item == named.item and r.index not in claimed)
        return Link("uncertain", left[:3], 0.4, "docno_unprinted") if left and named.item else link

    def _left_over(self, link: Link, row: int, probability: float, rival: float, border: float) -> Link:
        if probability >= border and rival < probability / 2:
            return Link("matched", (row,), probability, "title_near", (), (), tuple(i for i in link.conflict if i != row))
        if link.status == "missing" and probability >= self.weights.left_uncertain and rival < probability and not link.twins:
            return Link("uncertain", (row,), probability, "alike")
        return link

    # ------------------------------------------------------------- references
    def resolve(self, reference: Reference, named: Named) -> tuple[RowView, ...]:
        """The rows that a number points to, narrowed by the word before it, the item and the section."""
        rows = self._by_number.get(reference.key, [])
        if not rows and reference.page:
            return self._on_pages([n for n in reference.key if isinstance(n, int)])
        rows = self._of_series(rows, reference)
        if len(rows) < 2 and not (rows and self._restarts and self._elsewhere(rows[0], named)):
            return tuple(rows)
        if len(rows) < 2:
            return ()
        word = _LIST_WORDS.sub("", fold(reference.word))
        for narrowed in (
            [r for r in rows if word and word in fold(r.group)],
            self._nearest(rows, lambda r: bool(named.item) and r.item == named.item),
            self._nearest(rows, lambda r: _section(r) == named.section),
        ):
            if narrowed:
                rows = narrowed
                if len(rows) == 1:
                    break
        return tuple(rows)

    def _of_series(self, rows: Sequence[RowView], reference: Reference) -> list[RowView]:
        """附图2 is no 附表2 where the catalog counts them apart."""
        series = {_series(r.no) for r in self.rows} - {""}
        word = _series(fold(reference.word) + "1")
        return [r for r in rows if _series(r.no) == word] if len(series) > 1 and word in series else list(rows)

    def _on_pages(self, pages: Sequence[int]) -> tuple[RowView, ...]:
        """Rows of the bound evidence that the pages belong to; one that has exactly these pages goes before its neighbours."""
        low, high = pages[0], pages[-1]
        exact = tuple(r for r in self.rows if r.pages == (low, high))
        return exact or tuple(r for r in self.rows if r.pages and r.pages[0] <= high and low <= r.pages[1])

    def _nearest(self, rows: Sequence[RowView], is_near: Callable[[RowView], bool]) -> list[RowView]:
        """Of rows with one number, those whose list (heading, sheet, volume) holds most that is near the claim."""
        share = {g: sum(is_near(r) for r in members) / len(members) for g, members in self._groups.items()}
        best = max((share.get(r.group, 0.0) for r in rows), default=0.0)
        return [r for r in rows if best >= 0.45 and share.get(r.group, 0.0) > 0.3 * best]

    def _within_group(self, named: Named) -> Named | None:
        """影像类第2项, 办公室目录第3项: what stands before the number is no title but the list it is counted in."""
        if named.titled or named.title is None or not named.references or named.docnos:
            return None
        word = _LIST_WORDS.sub("", fold(named.title.text))
        if not word or any(word in fold(r.group) for r in self.rows if r.group):
            return replace(named, title=None, references=tuple(replace(r, word=word or r.word) for r in named.references))
        return None

    def _elsewhere(self, row: RowView, named: Named) -> bool:
        """Whether the claim's section has a list of its own (numbers start again) and `row` stands in another one."""
        own = {r.group for r in self.rows if r.group and _section(r) == named.section}
        return bool(own) and bool(row.group) and row.group not in own and _section(row) != named.section

    def _by_reference(self, named: Named) -> Link:
        found: list[RowView] = []
        missing: list[str] = []
        for reference in self.expand(named.references):
            rows = self.resolve(reference, named)
            if len(rows) > 1:
                return Link("uncertain", tuple(r.index for r in rows), 0.5, "number_ambiguous", (reference.text,))
            if rows:
                found += [r for r in rows if r not in found]
            else:
                missing.append(reference.text)
        if not found:
            return Link("missing", (), 0.97, "number_absent", tuple(missing))
        return Link("matched", tuple(r.index for r in found), 0.98, "number", tuple(missing))

    def expand(self, refs: Iterable[Reference]) -> tuple[Reference, ...]:
        """附件1—4 is the rows 1 to 4 where no row is numbered 1-4."""
        out: list[Reference] = []
        for r in refs:
            half = len(r.key) // 2
            first, last = r.key[:half], r.key[half:]
            known = first in self._by_number and last in self._by_number
            if r.key not in self._by_number and not r.page and len(first) == len(last) and known and first[:-1] == last[:-1]:
                low, high = first[-1], last[-1]
                if isinstance(low, int) and isinstance(high, int) and low < high <= low + 40:
                    out += [Reference(r.word, (*first[:-1], n), str(n)) for n in range(low, high + 1)]
                    continue
            out.append(r)
        return tuple(out)

    def _by_number_instead(self, named: Named, candidates: list[Candidate], link: Link) -> Link:
        """A mere description beside a number (调整建议（附件2-5）) does not contradict the number's row."""
        by_number = self._by_reference(named)
        if by_number.status != "matched":
            return link
        rows = set(by_number.rows)
        better = [
            c
            for c in candidates
            if not c.conflict and c.row.index not in rows and c.comparison and c.comparison.cover_a > 0.8 and not c.comparison.swapped
        ]
        blocked = [c for c in candidates if c.conflict and c.row.index in rows]
        if better or blocked:
            return link
        likely = max((c.comparison.cover_a for c in candidates if c.row.index in rows and c.comparison), default=0.0)
        generic = named.title is None or len(named.title.core) <= 4
        return by_number if likely >= 0.3 or generic else Link("uncertain", by_number.rows, 0.5, "alike")

    # ------------------------------------------------------------- names
    def candidates(self, named: Named, taken: frozenset[int] = frozenset()) -> list[Candidate]:
        """Every row with any likeness, best first."""
        referred = {r.index for ref in self.expand(named.references) for r in self.resolve(ref, named)}
        compared = [(row, *self.compare(named, row)) for row in self.rows]
        overlap = {row.index: self.likeness(c) for row, c, conflict in compared if not conflict}
        ranked = sorted(overlap.values(), reverse=True)
        out = []
        for row, comparison, conflict in compared:
            mine = self.likeness(comparison)
            rival = next((v for v in ranked if v is not mine), 0.0) if ranked and mine == ranked[0] else (ranked[0] if ranked else 0.0)
            if ranked and mine == ranked[0]:
                rival = ranked[1] if len(ranked) > 1 else 0.0
            values = self._values(named, row, comparison, referred, mine - rival, row.index in taken)
            out.append(Candidate(row, comparison, values, self.weights.probability(values), conflict))
        return sorted(out, key=lambda c: (-c.probability, c.row.index))

    def compare(self, named: Named, row: RowView) -> tuple[Comparison | None, str]:
        """(how the names relate, what guards against the link: year, period, version, docno or "")."""
        conflict = ""
        if named.docnos and row.docnos and not same_docno(named.docnos, row.docnos):
            conflict = "docno"
        if named.title is None:
            return None, conflict
        best = max((self.reader.compare(named.title, t, self.year) for t in row.titles), key=lambda c: (not c.conflict, self.likeness(c)))
        return best, best.conflict or conflict

    @staticmethod
    def likeness(c: Comparison | None) -> float:
        """How alike two names are, 0–1, before anything else is weighed."""
        return 0.0 if c is None else 0.7 * c.cover_a + 0.3 * c.cover_b - (0.15 if c.swapped else 0.0)

    def _values(self, named: Named, row: RowView, c: Comparison | None, referred: set[int], margin: float, taken: bool) -> dict[str, float]:
        docno = same_docno(named.docnos, row.docnos) if named.title else bool(named.docnos & row.docnos)
        a, b = (c.cover_a, c.cover_b) if c else (0.0, 0.0)
        core = named.title.core if named.title else ""
        rarity = sum(self._rarity.get(t, 0.0) for t in set(named.title.tokens) & set(row.titles[0].tokens)) if named.title else 0.0
        same, known = bool(named.item and row.item == named.item), bool(named.item and row.item)
        mine = named.title.facets if named.title else frozenset()
        contained = bool(c and c.only_a == 0 and c.only_b > 0)
        swapped = bool(c and c.swapped)
        values = {
            "bias": 1.0,
            "cover_a": a,
            "cover_b": b,
            "cover_min": min(a, b),
            "exact": float(bool(c and not c.only_a and not c.only_b)),
            "contained": float(contained),
            "within": float(bool(c and c.only_b == 0 and c.only_a > 0)),
            "only_a": min(c.only_a, 10.0) / 10 if c else 0.0,
            "only_b": min(c.only_b, 20.0) / 20 if c else 0.0,
            "swapped": float(swapped),
            "swapped_named": float(swapped and named.titled),
            "head": float(bool(c and c.same_head)),
            "named": float(named.titled),
            "short": float(0 < len(core) <= 4),
            "generic": float(0 < len(core) <= 6),
            "docno": float(docno),
            "docno_one_sided": float(bool(named.docnos) != bool(row.docnos)),
            "ref": float(row.index in referred),
            "ref_other": float(bool(referred) and row.index not in referred),
            "item": float(same),
            "item_other": float(known and not same),
            "section_other": float(known and _section(row) != named.section),
            "item_unknown": float(not known),
            "rarity": min(rarity, 12.0) / 12,
            "best": float(margin > 0),
            "margin": max(-0.5, min(margin, 0.5)),
            "taken": float(taken),
            "contained_short": float(contained and len(core) <= 5),
            "swapped_item": float(swapped and same),
            "contained_item": float(contained and same),
            "facet_same": float(bool(mine and row.titles[0].facets & mine)),
            "facet_extra": float(bool(row.titles[0].facets) and not mine),
        }
        return values

    def _decide(self, named: Named, candidates: list[Candidate]) -> Link:
        free = _title_first([c for c in candidates if not c.conflict])
        if named.docnos and not any(c.values["docno"] for c in free) and named.title is None:
            return Link("missing", (), 0.95, "docno_absent", (), self._twins(candidates))
        best = free[0] if free else None
        referred = tuple(c.row.index for c in candidates if c.values["ref"])
        if best is None or best.probability < self.weights.uncertain:
            return Link("missing", (), 1 - (best.probability if best else 0.0), "no_row", (), self._twins(candidates), referred)
        group = self._together(named, best, free)
        conflict = tuple(i for i in referred if i not in {c.row.index for c in group})
        rivals = [c for c in free if c not in group and c.probability >= max(self.weights.uncertain, 0.6 * best.probability)]
        border = self._border(named, best, self.weights.matched)
        if best.probability >= border and not rivals:
            return Link("matched", tuple(c.row.index for c in group), best.probability, _reason(best), (), (), conflict)
        if best.probability >= border and best.values["exact"] and best.values["item"] and not any(c.values["exact"] for c in rivals):
            return Link("matched", tuple(c.row.index for c in group), best.probability, _reason(best), (), (), conflict)
        return Link(
            "uncertain",
            tuple(c.row.index for c in [*group, *rivals])[:5],
            best.probability,
            "several" if rivals else "alike",
            (),
            (),
            conflict,
        )

    @staticmethod
    def _border(named: Named, c: Candidate, plain: float) -> float:
        """How sure a link must be: surer where each name has a word the other lacks, and where a title says more than the row."""
        if c.values["docno"] or c.comparison is None:
            return plain
        if c.comparison.swapped:
            return max(plain, 0.9 if named.titled else 0.7)
        return max(plain, 0.85) if named.titled and c.comparison.only_a else plain

    def _together(self, named: Named, best: Candidate, free: list[Candidate]) -> list[Candidate]:
        """Rows that one claim names together: 一至三季度 in three rows, 上、下册 in two."""
        mine = named.title.facets if named.title else frozenset()
        theirs = best.row.titles[0].facets
        core = best.row.titles[0].core
        alike = [c for c in free if c.row.titles[0].core == core and c.row.item == best.row.item]
        if mine:
            if len(mine) < 2 or not theirs & mine or mine <= theirs:
                return [best]
            alike = [c for c in alike if c.row.titles[0].facets & mine]
        elif any(not c.row.titles[0].facets and c.row.titles[0].text.endswith(core) for c in alike) or any(c.values["ref"] for c in free):
            return [best]
        return sorted(alike, key=lambda c: c.row.index) if best in alike else [best]

    def _twins(self, candidates: list[Candidate]) -> tuple[int, ...]:
        """Rows that would have passed but for a guard, or that differ in a word of their own."""
        near = [
            c for c in candidates if c.comparison and c.comparison.cover_a >= 0.7 and c.comparison.cover_b >= 0.6 and c.comparison.same_head
        ]
        return tuple(c.row.index for c in near[:2])


def _title_first(candidates: list[Candidate]) -> list[Candidate]:
    """A named title beats a wrong number: where a row has that title, a row that only the number points to is out."""
    titled = any(c.comparison and c.comparison.cover_a >= 0.8 and not c.comparison.swapped for c in candidates)
    return [c for c in candidates if not (titled and c.values["ref"] and c.values["cover_a"] < 0.3)]


_LIST_WORDS = re.compile(r"(?:佐证|证明|支撑|电子)?(?:材料|附件|附表|附图|证据|目录|清单|佐证|编号|序号|条目)|[第类的号卷盒册见详之部分中]")


def same_docno(a: frozenset[DocnoKey], b: frozenset[DocnoKey]) -> bool:
    """Whether two sets of 文号 name a common document; a code that is left out or cut short agrees with the full one."""
    return any(x[1:] == y[1:] and (x[0].endswith(y[0]) or y[0].endswith(x[0])) for x in a for y in b)


def _section(row: RowView) -> int | None:
    return int(row.item.split(".")[0]) if row.item else None


def _reason(c: Candidate) -> str:
    if c.values["docno"] and c.values["cover_a"] > 0.6:
        return "docno_title"
    if c.values["docno"]:
        return "docno"
    if c.values["ref"]:
        return "number_title" if c.values["cover_a"] > 0.6 else "number"
    return "title" if c.values["exact"] else "title_near"


def read_named(
    text: str,
    kind_title: str | None,
    reader: TitleReader,
    *,
    section: int,
    item: str | None,
    reference_text: str = "",
    scanned: bool = False,
) -> Named:
    """A claim's text taken apart. `kind_title` is the name itself, None for a bare reference or 文号."""
    docnos = frozenset(k for d in find_docnos(text) for k in d.keys)
    title = reader.read(kind_title) if kind_title else None
    titled = bool(kind_title and ("《" in text or kind_title.startswith("关于")))
    return Named(text, title, titled, docnos, references(reference_text) if reference_text else (), section, item, scanned)


def read_row(
    index: int,
    *,
    no: str,
    title: str,
    docno: str | None,
    group: str | None,
    printed_item: str | None,
    item: str | None,
    reader: TitleReader,
    other_no: str | None = None,
    pages: str | None = None,
) -> RowView:
    """A catalog row taken apart."""
    whole = f"{title}\n{docno or ''}"
    docnos = frozenset(k for part in (title, docno or "") for d in find_docnos(part) for k in d.keys)
    numbers = {number_key(no), *([number_key(other_no)] if other_no else [])} - {()}
    numbers |= _ranged(no)
    led = _LED.match(group.strip()) if group else None
    if led and no:
        numbers.add((*number_key(led[1])[:3], *number_key(no)))
    if printed_item and no:
        numbers.add((*number_key(printed_item)[:3], *number_key(no)))
    parts = _bundled(title)
    return RowView(
        index, no, tuple(reader.read(t) for t in (title, *parts)), docnos, frozenset(numbers), group or "", item, whole, _page_range(pages)
    )


_LED = re.compile(
    r"[^0-9A-Za-zⅠ-Ⅻ①-⑳一二三四五六七八九十甲乙丙丁]{0,4}((?:[0-9]{1,3}|[①-⑳]|[Ⅰ-Ⅻ]|[IVX]{1,4}|[一二三四五六七八九十]{1,3}|[甲乙丙丁]|[A-Z])"
    r"(?:[-.)）]*[0-9]{1,2})?)"
)


def _series(no: str) -> str:
    """What stands before a row's number: 附表, 附图, 证."""
    m = re.match(r"[\u4e00-\u9fff]+?(?=第?[0-9一二三四五六七八九十①-⑳A-Za-z])", fold(no))
    return m[0] if m else ""


def _page_range(pages: str | None) -> tuple[int, int] | None:
    m = re.fullmatch(r"\D{0,2}(\d{1,4})(?:\D{1,3}(\d{1,4}))?\D{0,2}", (pages or "").strip())
    return (int(m[1]), int(m[2] or m[1])) if m and m[2] else None


_RANGED = re.compile(r"\s*([0-9]{1,3})\s*(?:至|到|~|～|—|－|-)\s*([0-9]{1,3})\s*")


def _ranged(no: str) -> set[NumberKey]:
    """A row numbered 5—8 holds the numbers 5 to 8; 5-8 with a plain hyphen is rather a number of two levels."""
    m = _RANGED.fullmatch(no)
    if not m or "-" in no or not 0 < int(m[2]) - int(m[1]) < 40:
        return set()
    return {(n,) for n in range(int(m[1]), int(m[2]) + 1)}


_PARTS = re.compile(r"》\s*(?:、|和|及|与|；|;|，|\+)?\s*《|[；;\n]|(?<=[\u4e00-\u9fff）)])、(?=[\u4e00-\u9fff《“])")


def _bundled(title: str) -> tuple[str, ...]:
    """The papers that one row bundles: 《A》《B》, A；B."""
    depth, parts, start = 0, [], 0
    text = title.strip()
    for m in _PARTS.finditer(text):
        depth = text[: m.start()].count("（") - text[: m.start()].count("）") + text[: m.start()].count("(") - text[: m.start()].count(")")
        inside = text[: m.start() + 1].count("《") - text[: m.start() + 1].count("》")
        if depth or inside:
            continue
        parts.append(text[start : m.start() + (1 if m[0].startswith("》") else 0)])
        start = m.end() - (1 if m[0].endswith("《") else 0)
    parts.append(text[start:])
    return tuple(p.strip("《》 、") for p in parts if len(p.strip("《》 、")) > 3) if len(parts) > 1 else ()
