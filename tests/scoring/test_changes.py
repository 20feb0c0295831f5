"""What changed between an older report or catalog and a later one, and that what is only printed otherwise is no change."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scoring.changes import changes

Sheet = dict[str, Any]
NOTHING: Sheet = {"sections": [], "claims": [], "rows": []}


def sheet(*blocks: tuple[int, str], claims: tuple[str, ...] = (), rows: tuple[str, ...] = ()) -> Sheet:
    return {
        "blocks": [{"section": s, "text": t} for s, t in blocks],
        "claims": [{"text": t, "item": "1.1"} for t in claims],
        "catalog": [{"no": str(n), "title": t, "docno": None} for n, t in enumerate(rows, 1)],
    }


def test_equal_worksheets_have_no_changes(make_sheet: Callable[..., Sheet]) -> None:
    found = make_sheet()
    assert changes(found, copy.deepcopy(found)) == NOTHING


def test_paragraphs_are_counted_by_section() -> None:
    before = sheet((1, "甲"), (1, "乙"), (2, "丙"))
    after = sheet((1, "甲"), (1, "丁"), (1, "戊"), (0, "己"), (2, "丙"))
    assert changes(before, after)["sections"] == [{"section": 0, "added": 1, "removed": 0}, {"section": 1, "added": 2, "removed": 1}]


def test_evidence_and_rows_are_named_one_by_one() -> None:
    before, after = sheet(claims=("《甲》", "《甲》"), rows=("甲", "乙")), sheet(claims=("《甲》", "《丙》"), rows=("乙", "丙"))
    found = changes(before, after)
    assert [(c["change"], c["text"]) for c in found["claims"]] == [("removed", "《甲》"), ("added", "《丙》")]
    assert [(r["change"], r["title"], r["no"]) for r in found["rows"]] == [("removed", "甲", "1"), ("added", "丙", "2")]


def test_blanks_widths_and_new_numbers_are_no_change() -> None:
    before = sheet((1, "印发通知（2017）"), claims=("《通知》（办发〔2017〕1号）",), rows=("甲", "乙"))
    after = sheet((1, "印发 通知(2017)"), claims=("《通知》（办发[2017]1号）",), rows=("乙", "甲"))
    assert changes(before, after) == NOTHING


def test_only_what_was_sent_is_compared() -> None:
    before, after = sheet((1, "甲"), claims=("《甲》",), rows=("甲",)), sheet()
    assert changes(before, after, report=False)["claims"] == [] and changes(before, after, report=False)["rows"]
    assert changes(before, after, catalog=False)["rows"] == [] and changes(before, after, catalog=False)["claims"]


texts = st.lists(st.sampled_from("甲乙丙丁"), max_size=6).map(tuple)


@given(texts, texts)
def test_what_was_added_one_way_was_removed_the_other(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    a, b = (sheet(*((1, t) for t in x), claims=x, rows=x) for x in (old, new))

    def counted(found: Sheet, change: str) -> list[Any]:
        named = [sorted(x.get("text") or x["title"] for x in found[k] if x["change"] == change) for k in ("claims", "rows")]
        return [*named, sum(s[change] for s in found["sections"])]

    there, back = changes(a, b), changes(b, a)
    assert counted(there, "added") == counted(back, "removed") and counted(there, "removed") == counted(back, "added")
    assert len(new) - len(old) == counted(there, "added")[2] - counted(there, "removed")[2]
