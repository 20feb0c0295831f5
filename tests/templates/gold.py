"""A labelled submission (gold.json) as the worksheet it should become: the pages' samples, as good as a perfect reader's."""

from __future__ import annotations

from typing import Any

from scoring.rubric import Rubric

Json = dict[str, Any]


def worksheet_of(gold: Json, rubric: Rubric, group: str) -> Json:
    """The contract's dict, with every label taken as the truth."""
    rows = {r["key"]: n for n, r in enumerate(gold["catalog"])}
    claims = [_claim(n, c, rows) for n, c in enumerate(gold["claims"])]
    linked = {r for c in claims for r in c["catalog"]}
    catalog = [_row(n, r, f"c{n + 1}" in linked) for n, r in enumerate(gold["catalog"])]
    blocks = [_block(n, p) for n, p in enumerate(gold["paragraphs"])]
    for claim in claims:
        start = blocks[claim["block"]]["text"].find(claim["text"])
        claim["span"] = [start, start + len(claim["text"])] if start >= 0 else [0, 0]
    return {
        "format": "zicha.worksheet/1",
        "program": {"version": "0.1.0"},
        "rubric": {"id": rubric.id, "sha256": rubric.sha256},
        "unit": {"name": gold["unit"], "group": group, "confidence": 0.98, "clues": [f"署名：{gold['unit']}", "发件人", "附件名"]},
        "submission": _submission(gold),
        "blocks": blocks,
        "claims": claims,
        "catalog": catalog,
        "gaps": _gaps(gold, claims, catalog),
        "score": _score(gold, rubric),
        "notes": [],
    }


def _submission(gold: Json) -> Json:
    roles = ["report", "catalog", "other"] if len(gold["files"]) > 1 else ["report"]
    files = [
        {"name": name, "sha256": "0" * 64, "bytes": 38211, "media_type": "", "role": role,
         "state": "used" if role != "other" else "not_needed", "pages": None, "ocr": "扫描" in name, "problems": []}
        for name, role in zip(gold["files"], roles, strict=False)
    ]  # fmt: skip
    return {
        "id": gold["id"], "received_at": gold["date"], "received_from": "Received", "late": gold["late"], "corrected_late": False,
        "sender": f"{gold['unit']}办公室 <office@unit.example>", "subject": f"报送{gold['unit']}自查报告", "sources": [], "files": files,
    }  # fmt: skip


def _block(n: int, paragraph: Json) -> Json:
    kind = {"table": "table_row"}.get(paragraph["kind"], paragraph["kind"])
    return {"file": 0, "page": None, "paragraph": n + 1, "kind": kind, "text": paragraph["text"], "section": paragraph["section"],
            "item": paragraph["item"], "confidence": 1.0}  # fmt: skip


def _claim(n: int, claim: Json, rows: dict[str, int]) -> Json:
    text = claim["text"]
    title = text[text.index("《") + 1 : text.rindex("》")] if "《" in text and "》" in text else None
    docno = text[text.rindex("（") + 1 : -1] if text.endswith("号）") else None
    return {"id": f"k{n + 1}", "block": claim["paragraph"], "text": text, "kind": "record", "title": title, "docno": docno, "ref": None,
            "section": claim["section"], "item": claim["item"], "status": "matched" if claim["catalog"] else "missing",
            "catalog": [f"c{rows[k] + 1}" for k in claim["catalog"]], "score": 1.0,
            "why": "题名一致" if claim["catalog"] else "目录清单中没有题名或文号相同的材料"}  # fmt: skip


def _row(n: int, row: Json, claimed: bool) -> Json:
    return {"id": f"c{n + 1}", "no": row["no"], "group": row["group"], "item": row["item"], "printed_item": None, "title": row["title"],
            "docno": row["docno"] or None, "pages": None, "custody": "submitted", "file": 1, "page": None, "row": n + 2,
            "status": "claimed" if claimed else "unclaimed"}  # fmt: skip


def _gaps(gold: Json, claims: list[Json], catalog: list[Json]) -> list[Json]:
    def gap(kind: str, section: int | None, item: str | None, message: str, claim: str | None = None, row: str | None = None) -> Json:
        return {"kind": kind, "section": section, "item": item, "claim": claim, "catalog": row, "message": message}

    found = [gap("section_missing", s, None, f"自查报告未写到第{s}部分") for s in gold["sections_missing"]]
    found += [gap("item_without_evidence", int(i[0]), i, f"{i} 未提供佐证材料") for i in gold["items_without_evidence"]]
    found += [
        gap("claim_not_in_catalog", c["section"], c["item"], f"{c['text']} 在目录清单中没有", c["id"])
        for c in claims
        if c["status"] == "missing"
    ]
    found += [
        gap(
            "catalog_unclaimed",
            int(r["item"][0]) if r["item"] else None,
            r["item"],
            f"目录第{r['no']}项{r['title']}，报告未引用",
            None,
            r["id"],
        )
        for r in catalog
        if r["status"] == "unclaimed"
    ]
    return found


def _score(gold: Json, rubric: Rubric) -> Json:
    items = []
    for item in rubric.items:
        own = gold["self_scores"].get(item.id)
        points = float(item.points)
        items.append({"item": item.id, "max": points, "applies": item.id not in gold["not_applicable"],
                      "self": {"points": own, "block": 0} if own is not None else None, "suggested": points, "deductions": [],
                      "proposals": [], "ground": "", "confirmed": None})  # fmt: skip
    return {"items": items, "base": {"suggested": 100, "max": 100}, "bonus": {"suggested": None, "max": 20}, "total": {"suggested": 100},
            "self_total": gold["self_total"]}  # fmt: skip
