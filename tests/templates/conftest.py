"""Worksheets for the page tests: built by hand, and from labelled submissions where those are at hand."""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Json = dict[str, Any]


def make_rubric() -> Json:
    """Two sections, four items, one of them a bonus item: as small as a rubric can be and show everything."""
    return {
        "id": "demo-2017",
        "name": "某市2017年“互联网+政务服务”工作考核细则",
        "deadline": "2018-01-21T00:00:00+08:00",
        "sections": [
            {"no": 1, "title": "完善组织和制度保障", "points": 10, "bonus": False, "items": [
                {"id": "1.1", "no": 1, "name": "工作机构", "text": "落实相应的工作机构。",
                 "clause": "未落实的，不得分", "points": 5, "bonus": False},
                {"id": "1.2", "no": 2, "name": "纳入考核", "text": "纳入考核体系。", "clause": ["未纳入的，不得分", "低于5分的扣3分"],
                 "points": 5, "bonus": False},
            ]},
            {"no": 2, "title": "创新服务机制", "points": 5.5, "bonus": True, "items": [
                {"id": "2.1", "no": 1, "name": "并联审批", "text": "开展并联审批。", "clause": "", "points": 3, "bonus": True},
                {"id": "2.2", "no": 2, "name": "优化流程", "text": "优化办事流程。", "clause": "", "points": 2.5, "bonus": True},
            ]},
        ],
    }  # fmt: skip


SENTENCE = "印发《关于成立领导小组的通知》（甲政办发〔2017〕8号），建立《联席会议制度》，并有工作人员名册。"


def make_worksheet() -> Json:
    """A worksheet that has one of everything."""

    def span(text: str) -> list[int]:
        return [SENTENCE.index(text), SENTENCE.index(text) + len(text)]

    def claim(n: int, text: str, title: str, docno: str | None, status: str, rows: list[str], why: str) -> Json:
        return {"id": f"k{n}", "block": 2, "span": span(text), "text": text, "kind": "record", "title": title, "docno": docno,
                "ref": None, "section": 1, "item": "1.1", "status": status, "catalog": rows, "score": 0.9, "why": why}  # fmt: skip

    def row(n: int, title: str, docno: str | None, item: str | None, status: str) -> Json:
        return {"id": f"c{n}", "no": str(n), "group": None, "item": item, "printed_item": None, "title": title, "docno": docno,
                "pages": "1-3", "custody": "submitted", "file": 1, "page": 1, "row": n + 1, "status": status}  # fmt: skip

    def block(n: int, kind: str, text: str, section: int, item: str | None) -> Json:
        return {"file": 0, "page": 1, "paragraph": n, "kind": kind, "text": text, "section": section, "item": item, "confidence": 0.9}

    def score(item: str, most: float, applies: bool = True, own: Json | None = None) -> Json:
        return {"item": item, "max": most, "applies": applies, "self": own, "suggested": most if applies else None, "deductions": [],
                "proposals": [], "ground": "x", "confirmed": None}  # fmt: skip

    def gap(kind: str, message: str, item: str | None, claim: str | None = None, catalog: str | None = None) -> Json:
        section = int(item[0]) if item else None
        return {"kind": kind, "section": section, "item": item, "claim": claim, "catalog": catalog, "message": message}

    return {
        "format": "zicha.worksheet/1",
        "program": {"version": "0.1.0"},
        "rubric": {"id": "demo-2017", "sha256": "0123456789abcdef"},
        "unit": {"name": "甲县", "group": "county", "confidence": 0.98, "clues": ["署名：甲县人民政府", "附件名"]},
        "submission": {
            "id": "m1", "received_at": "2018-01-19T08:02:00+00:00", "received_from": "Received", "late": False, "corrected_late": False,
            "sender": "甲县政府办 <office@county.example>", "subject": "报送自查报告", "sources": [{"mail": "a.eml", "received_at": None}],
            "files": [
                {"name": "自查报告.docx", "sha256": "a", "bytes": 1, "media_type": "x", "role": "report", "state": "used", "pages": None,
                 "ocr": False, "problems": []},
                {"name": "目录.xlsx", "sha256": "b", "bytes": 1, "media_type": "x", "role": "catalog", "state": "used", "pages": None,
                 "ocr": False, "problems": ["第2张表是空的"]},
            ],
        },
        "blocks": [
            block(1, "title", "甲县自查报告", 0, None),
            block(2, "heading", "一、组织保障", 1, None),
            block(3, "paragraph", SENTENCE, 1, "1.1"),
            block(4, "paragraph", "已纳入考核。", 1, "1.2"),
            block(5, "paragraph", "甲县人民政府", 0, None),
        ],
        "claims": [
            claim(1, "《关于成立领导小组的通知》（甲政办发〔2017〕8号）", "关于成立领导小组的通知", "甲政办发〔2017〕8号", "missing", [],
                  "目录中同名材料文号不同"),
            claim(2, "《联席会议制度》", "联席会议制度", None, "matched", ["c2"], "题名一致"),
            claim(3, "工作人员名册", "工作人员名册", None, "uncertain", ["c3", "c4"], "两行都相近"),
        ],
        "catalog": [
            row(1, "关于成立领导小组的通知", "甲政办发〔2016〕8号", "1.1", "unclaimed"),
            row(2, "联席会议制度", None, "1.1", "claimed"),
            row(3, "工作人员名册（一）", None, "1.1", "claimed"),
            row(4, "工作人员名册（二）", None, "1.1", "unclaimed"),
            row(5, "宣传册", None, None, "unclaimed"),
        ],
        "gaps": [
            gap("item_without_evidence", "（一）2 未提供佐证材料", "1.2"),
            gap("docno_mismatch", "文号为甲政办发〔2017〕8号，目录为甲政办发〔2016〕8号", "1.1", "k1", "c1"),
            gap("claim_not_in_catalog", "目录清单中没有这件材料", "1.1", "k1"),
            gap("claim_uncertain", "名册有两行相近", "1.1", "k3"),
            gap("catalog_unclaimed", "第5行报告未引用", None, None, "c5"),
        ],
        "score": {
            "items": [score("1.1", 5, own={"points": 4.5, "block": 2}), score("1.2", 5), score("2.1", 3), score("2.2", 2.5, applies=False)],
            "base": {"suggested": 10, "max": 10}, "bonus": {"suggested": None, "max": 5.5}, "total": {"suggested": 10}, "self_total": 9.5,
        },
        "notes": [],
    }  # fmt: skip


@pytest.fixture
def rubric() -> Json:
    return copy.deepcopy(make_rubric())


@pytest.fixture
def worksheet() -> Json:
    return copy.deepcopy(make_worksheet())


@pytest.fixture
def samples() -> ModuleType:
    return _beside("samples")


@pytest.fixture
def gold() -> ModuleType:
    return _beside("gold")


@pytest.fixture(scope="session")
def office() -> ModuleType:
    return _beside("office_samples")


def _beside(name: str) -> ModuleType:
    """A module of builders in this folder; test modules are imported without a package."""
    spec = importlib.util.spec_from_file_location(f"templates_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def open_page(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Write a page as a file, open it as a person would, and give the page back."""
    contexts = []

    def open_(html: str, width: int = 1366, height: int = 768) -> Any:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        context = chromium.new_context(viewport={"width": width, "height": height}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.goto(file.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
