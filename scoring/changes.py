"""What changed between two worksheets of one unit: paragraphs by section, evidence named in the report, rows of the catalog."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from extract.chinese import fold, key

Plain = Mapping[str, Any]
Changes = dict[str, list[dict[str, Any]]]
"""{"sections": [{"section", "added", "removed"}: numbers of paragraphs], "claims": [{"text", "item", "change": added|removed}],
"rows": [{"no", "title", "docno", "change"}]}; what is only moved or printed otherwise (blanks, widths) is no change."""


def changes(before: Plain, after: Plain, *, report: bool = True, catalog: bool = True) -> Changes:
    """From one worksheet (as its JSON reads) to a later one; `report`, `catalog`: which of the two is compared."""
    found: Changes = {"sections": [], "claims": [], "rows": []}
    if report:
        found["sections"] = _sections(before["blocks"], after["blocks"])
        found["claims"] = _listed(before["claims"], after["claims"], lambda c: (key(c["text"]),), ("text", "item"))
    if catalog:
        found["rows"] = _listed(before["catalog"], after["catalog"], _row, ("no", "title", "docno"))
    return found


def _sections(before: Iterable[Plain], after: Iterable[Plain]) -> list[dict[str, Any]]:
    old, new = (Counter((b["section"], _plain(b["text"])) for b in blocks) for blocks in (before, after))
    added, removed = Counter[int](), Counter[int]()
    for (section, _), n in (new - old).items():
        added[section] += n
    for (section, _), n in (old - new).items():
        removed[section] += n
    return [{"section": s, "added": added[s], "removed": removed[s]} for s in sorted({*added, *removed})]


def _listed(
    before: Iterable[Plain], after: Iterable[Plain], same: Callable[[Plain], tuple[str, ...]], shown: tuple[str, ...]
) -> list[dict[str, Any]]:
    """What stands in one of the two only; equal ones are told apart by how many there are."""
    before, after = list(before), list(after)
    found: list[dict[str, Any]] = []
    for change, these, those in (("removed", before, after), ("added", after, before)):
        left = Counter(same(x) for x in those)
        for thing in these:
            if left[same(thing)] > 0:
                left[same(thing)] -= 1
            else:
                found.append({**{k: thing[k] for k in shown}, "change": change})
    return found


def _row(row: Plain) -> tuple[str, ...]:
    """Not its number: rows that were only counted anew are the same rows."""
    return key(row["title"]), key(row["docno"] or "")


def _plain(text: str) -> str:
    return "".join(fold(text).split())
