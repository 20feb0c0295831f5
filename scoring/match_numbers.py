"""Numbers of a catalog: which rows a reference points to, where they may start again under every heading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from extract.chinese import fold
from scoring.match_model import Link, Named, RowView, section_of
from scoring.references import NumberKey, Reference

_LIST_WORDS = re.compile(
    r"(?:佐证|证明|支撑|电子)?(?:材料|附件|附表|附图|证据|目录|清单|佐证|编号|序号|条目)|[第类的号卷盒册袋见详之部分中]|本[表条项节册卷]?"
)


class Numbers:
    """The rows of one catalog by their numbers."""

    def __init__(self, rows: Sequence[RowView]) -> None:
        self.rows = tuple(rows)
        self._by_number: dict[NumberKey, list[RowView]] = {}
        self._groups: dict[str, list[RowView]] = {}
        for row in rows:
            self._groups.setdefault(row.group, []).append(row)
            for number in row.numbers:
                self._by_number.setdefault(number, []).append(row)
        self._restarts = sum(n > 1 for n in Counter(r.no for r in rows if r.no).values()) > 1

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
            self._nearest(rows, lambda r: section_of(r) == named.section),
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

    def within_group(self, named: Named) -> Named | None:
        """影像类第2项, 办公室目录第3项: what stands before the number is no title but the list it is counted in."""
        if named.titled or named.title is None or not named.references or named.docnos:
            return None
        word = _LIST_WORDS.sub("", fold(named.title.text))
        if not word or any(word in fold(r.group) for r in self.rows if r.group):
            return replace(named, title=None, references=tuple(replace(r, word=word or r.word) for r in named.references))
        return None

    def _elsewhere(self, row: RowView, named: Named) -> bool:
        """Whether the claim's section has a list of its own (numbers start again) and `row` stands in another one."""
        own = {r.group for r in self.rows if r.group and section_of(r) == named.section}
        return bool(own) and bool(row.group) and row.group not in own and section_of(row) != named.section

    def link(self, named: Named) -> Link:
        """What the numbers alone answer."""
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
            whole = r.key in self._by_number or r.page or r.ranged
            if not whole and len(first) == len(last) and known and first[:-1] == last[:-1]:
                low, high = first[-1], last[-1]
                if isinstance(low, int) and isinstance(high, int) and low < high <= low + 40:
                    out += [replace(r, key=(*first[:-1], n), text=str(n), ranged=True) for n in range(low, high + 1)]
                    continue
            out.append(r)
        return tuple(out)


def _series(no: str) -> str:
    """What stands before a row's number: 附表, 附图, 证."""
    m = re.match(r"[\u4e00-\u9fff]+?(?=第?[0-9一二三四五六七八九十①-⑳A-Za-z])", fold(no))
    return m[0] if m else ""
