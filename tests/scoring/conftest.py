"""A small worksheet with one of everything that a person may correct, and a journal to correct it with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest

from scoring.conclude import conclude
from scoring.gaps import Findings
from scoring.journal import Draft, Entry, sealed
from scoring.points import score
from scoring.rubric import Rubric, builtin, load_rubric
from scoring.worksheet import plain

Sheet = dict[str, Any]
RUBRIC = load_rubric(builtin())
FIRST = "印发《关于成立领导小组的通知》（甲政办发〔2017〕8号），建立《联席会议制度》，并有《人员名册》为证，见附件3-1至3-3。"
SECOND = "制定《事项标准化方案》，《事项标准化方案》已公布。"


@pytest.fixture(scope="session")
def rubric() -> Rubric:
    """The built-in rubric."""
    return RUBRIC


@pytest.fixture(scope="session")
def make_sheet() -> Callable[..., Sheet]:
    """make_sheet(late=…, file=…) -> the worksheet of 尖山区 as the machine judged it, as its JSON reads."""
    return _sheet


@pytest.fixture(scope="session")
def journal() -> Callable[..., tuple[Entry, ...]]:
    """journal(("claim_none", {…}), …) -> entries of 张三 about 尖山区; a third value is the reason."""

    def entries(*words: Sequence[Any]) -> tuple[Entry, ...]:
        found: list[Entry] = []
        for kind, body, *reason in words:
            draft = Draft("张三", kind, "尖山区", body, *reason)
            found.append(sealed(draft, at="2018-01-22T09:00:00+08:00", before=found[-1] if found else None))
        return tuple(found)

    return entries


def _sheet(*, late: bool = False, file: str = "a" * 64) -> Sheet:
    blocks = [
        _block("heading", "一、完善组织和制度保障", 1, None),
        _block("paragraph", FIRST, 1, "1.1"),
        _block("paragraph", SECOND, 2, "2.1"),
        _block("paragraph", "全面梳理中介服务事项。", 2, "2.4"),
        _block("paragraph", SECOND, 2, "2.1"),
    ]
    catalog = [
        _row(1, "关于成立领导小组的通知", "甲政办发〔2017〕8号", "1.1"),
        _row(2, "联席会议制度（试行）", None, "1.1"),
        _row(3, "事项标准化方案", None, "2.1"),
        _row(4, "中介服务清单", None, "2.4"),
    ]
    claims = [
        _claim(1, 1, FIRST, "《关于成立领导小组的通知》（甲政办发〔2017〕8号）", "1.1", "matched", ["c1"]),
        _claim(2, 1, FIRST, "《联席会议制度》", "1.1", "missing", []),
        _claim(3, 1, FIRST, "《人员名册》", "1.1", "uncertain", ["c2"]),
        _claim(4, 1, FIRST, "附件3-1至3-3", "1.1", "missing", [], ref="附件3-2"),
        _claim(5, 1, FIRST, "附件3-1至3-3", "1.1", "missing", [], ref="附件3-3"),
        _claim(6, 2, SECOND, "《事项标准化方案》", "2.1", "matched", ["c3"]),
        _claim(7, 2, SECOND, "《事项标准化方案》", "2.1", "matched", ["c3"], nth=1),
        _claim(8, 4, SECOND, "《事项标准化方案》", "2.1", "matched", ["c3"]),
    ]
    raw: Sheet = {
        "format": "zicha.worksheet/1",
        "program": {"version": "0.1.0"},
        "rubric": {"id": RUBRIC.id, "sha256": RUBRIC.sha256},
        "unit": {"name": "尖山区", "group": "county", "confidence": 1.0, "clues": []},
        "submission": {"id": "s", "received_at": None, "received_from": None, "late": late, "corrected_late": False, "sources": []}
        | {"files": [{"name": "报告.docx", "sha256": file, "role": "report", "state": "used", "problems": []}]},
        "blocks": blocks,
        "claims": claims,
        "catalog": catalog,
        "gaps": [{"kind": "file_quarantined", "section": None, "item": None, "claim": None, "catalog": None, "message": "图.png：损坏"}],
        "score": None,
        "notes": [],
        "findings": plain(Findings({"k2": ("c2", "稿本不同")}, {}, (), ())),
    }
    assert {f.name for f in fields(Findings)} == set(raw["findings"])
    applies = frozenset(i.id for i in RUBRIC.items)
    raw["score"] = plain(score(RUBRIC, applies, (), (), (), {}, Decimal(97), ()))
    return conclude(raw, RUBRIC, ())


def _block(kind: str, text: str, section: int, item: str | None) -> Sheet:
    return {"file": 0, "page": 1, "paragraph": 1, "kind": kind, "text": text, "section": section, "item": item, "confidence": 0.9} | {
        "level": None, "table": None, "row": None, "column": None}  # fmt: skip


def _claim(
    n: int, block: int, of: str, text: str, item: str, status: str, rows: list[str], *, ref: str | None = None, nth: int = 0
) -> Sheet:
    start = of.index(text)
    for _ in range(nth):
        start = of.index(text, start + 1)
    return {"id": f"k{n}", "block": block, "span": [start, start + len(text)], "text": text, "kind": "reference" if ref else "record"} | {
        "title": None if ref else text, "docno": None, "ref": ref, "section": int(item[0]), "item": item, "status": status,
        "catalog": rows, "score": 0.9, "why": ""}  # fmt: skip


def _row(n: int, title: str, docno: str | None, item: str) -> Sheet:
    return {"id": f"c{n}", "no": str(n), "group": None, "item": item, "printed_item": None, "title": title, "docno": docno} | {
        "pages": None, "custody": "submitted", "file": 0, "page": None, "row": n, "status": "claimed"}  # fmt: skip
