"""Links a claim to catalog rows: number, 文号, title, item and order combined, with guards that no similarity outweighs."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from scoring.match_model import FEATURES, Candidate, Link, Named, RowView, Weights, same_docno, section_of
from scoring.match_numbers import Numbers
from scoring.match_read import read_named, read_row
from scoring.titles import Comparison, Title, TitleReader

__all__ = ["FEATURES", "Candidate", "Link", "Matcher", "Named", "RowView", "Weights", "read_named", "read_row", "same_docno"]


_WITHOUT_BLANKS = re.compile(r"\s")


class Matcher:
    """Links claims to the rows of one catalog."""

    def __init__(self, rows: Sequence[RowView], reader: TitleReader, weights: Weights, *, year: int) -> None:
        self.rows, self.reader, self.weights, self.year = tuple(rows), reader, weights, year
        self.numbers = Numbers(self.rows)
        counts = Counter(t for r in rows for t in {t for title in r.titles[:1] for t in title.tokens})
        self._rarity = {t: math.log((len(rows) + 1) / n) for t, n in counts.items()}

    def link(self, named: Named) -> Link:
        """What the catalog answers to one claim by itself."""
        if not self.rows:
            return Link("missing", (), 1.0, "no_catalog")
        if named.addresses and (found := self._at_address(named)):
            return Link("matched", found, 0.98, "title")
        grouped = self.numbers.within_group(named)
        if grouped is not None or (named.title is None and not named.docnos):
            return self.numbers.link(grouped or named)
        candidates = self.candidates(named)
        link = self._decide(named, candidates)
        return (
            self._by_number_instead(named, candidates, link) if named.references and not named.titled and link.status != "matched" else link
        )

    def _at_address(self, named: Named) -> tuple[int, ...]:
        """The row that prints the same web address or file name; none where several do."""
        rows = [r.index for r in self.rows if any(a in _WITHOUT_BLANKS.sub("", r.text.lower()) for a in named.addresses)]
        return (rows[0],) if len(rows) == 1 else ()

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

    def _by_number_instead(self, named: Named, candidates: list[Candidate], link: Link) -> Link:
        """A mere description beside a number (调整建议（附件2-5）) does not contradict the number's row."""
        by_number = self.numbers.link(named)
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

    def candidates(self, named: Named) -> list[Candidate]:
        """Every row with any likeness, best first."""
        referred = {r.index for ref in self.numbers.expand(named.references) for r in self.numbers.resolve(ref, named)}
        compared = [(row, *self.compare(named, row)) for row in self.rows]
        overlap = {row.index: self.likeness(c) for row, c, conflict in compared if not conflict}
        ranked = sorted(overlap.values(), reverse=True)
        out = []
        for row, comparison, conflict in compared:
            mine = self.likeness(comparison)
            rival = next((v for v in ranked if v is not mine), 0.0) if ranked and mine == ranked[0] else (ranked[0] if ranked else 0.0)
            if ranked and mine == ranked[0]:
                rival = ranked[1] if len(ranked) > 1 else 0.0
            values = self._values(named, row, comparison, referred, mine - rival)
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

    def _values(self, named: Named, row: RowView, c: Comparison | None, referred: set[int], margin: float) -> dict[str, float]:
        docno = same_docno(named.docnos, row.docnos) if named.title else bool(named.docnos & row.docnos)
        a, b = (c.cover_a, c.cover_b) if c else (0.0, 0.0)
        core = named.title.core if named.title else ""
        rarity = sum(self._rarity.get(t, 0.0) for t in set(named.title.tokens) & set(row.titles[0].tokens)) if named.title else 0.0
        same, known = bool(named.item and row.item == named.item), bool(named.item and row.item)
        mine = named.title.facets if named.title else frozenset()
        contained = bool(c and c.only_a == 0 and c.only_b > 0)
        swapped = bool(c and c.swapped)
        kind = max((_kinds(named.title, t) for t in row.titles), default=0) if named.title else 0
        pairs = max((_pairs(core, t.core) for t in row.titles), default=0.0)
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
            "parallel": float(bool(c and c.parallel)),
            "parallel_named": float(bool(c and c.parallel) and named.titled),
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
            "section_other": float(known and section_of(row) != named.section),
            "item_unknown": float(not known),
            "rarity": min(rarity, 12.0) / 12,
            "best": float(margin > 0),
            "margin": max(-0.5, min(margin, 0.5)),
            "contained_short": float(contained and len(core) <= 5),
            "swapped_item": float(swapped and same),
            "contained_item": float(contained and same),
            "facet_same": float(bool(mine and row.titles[0].facets & mine)),
            "facet_extra": float(bool(row.titles[0].facets) and not mine),
            "kind_same": float(kind == 1),
            "kind_other": float(kind == -1),
            "kind_other_item": float(kind == -1 and same),
            "pairs": pairs,
            "pairs_item": pairs * same,
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


def _kinds(a: Title, b: Title) -> int:
    """1 where two names say the same kind of paper, -1 where they say different ones, 0 where one says none."""
    return 0 if a.kind < 0 or b.kind < 0 else 1 if a.kind == b.kind else -1


def _pairs(a: str, b: str) -> float:
    """Share of the shorter name's pairs of neighbouring characters that the other has, 0-1."""
    first, second = ({s[i : i + 2] for i in range(len(s) - 1)} for s in (a, b))
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def _title_first(candidates: list[Candidate]) -> list[Candidate]:
    """A named title beats a wrong number: where a row has that title, a row that only the number points to is out."""
    titled = any(c.comparison and c.comparison.cover_a >= 0.8 and not c.comparison.swapped for c in candidates)
    return [c for c in candidates if not (titled and c.values["ref"] and c.values["cover_a"] < 0.3)]


def _reason(c: Candidate) -> str:
    if c.values["docno"] and c.values["cover_a"] > 0.6:
        return "docno_title"
    if c.values["docno"]:
        return "docno"
    if c.values["ref"]:
        return "number_title" if c.values["cover_a"] > 0.6 else "number"
    return "title" if c.values["exact"] else "title_near"
