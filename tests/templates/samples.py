"""Worksheets with what breaks pages: very long, very many, nothing at all, and the hostile."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

LONG_UNIT = "双鸭山市人力资源和社会保障局行政审批服务与电子监察管理办公室（市“互联网+政务服务”协调推进小组办公室）"
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}</style><a href=javascript:alert(3)>"


def many_claims(base: Json, count: int = 60) -> Json:
    """`count` claims in one paragraph, each with its row."""
    sheet = copy.deepcopy(base)
    names = [f"《第{n}号专项工作情况记录及附件汇编》（甲政办发〔2017〕{n}号）" for n in range(1, count + 1)]
    sheet["blocks"][2]["text"] = "、".join(names)
    sheet["claims"] = [
        sheet["claims"][1] | {"id": f"k{n}", "text": name, "title": name[1 : name.index("》")], "docno": f"甲政办发〔2017〕{n}号",
                              "span": _span(sheet, name), "catalog": [f"c{n}"]}
        for n, name in enumerate(names, 1)
    ]  # fmt: skip
    sheet["catalog"] = [
        sheet["catalog"][1] | {"id": f"c{n}", "no": str(n), "title": c["title"], "docno": c["docno"]}
        for n, c in enumerate(sheet["claims"], 1)
    ]
    sheet["gaps"] = []
    return sheet


def no_claims(base: Json) -> Json:
    """A report that names no evidence and has no gaps: nothing to list."""
    return copy.deepcopy(base) | {"claims": [], "gaps": [], "catalog": []}


def long_claim(base: Json, length: int = 300) -> Json:
    """One claim of `length` characters without a place to break well."""
    sheet = copy.deepcopy(base)
    title = ("关于印发深化“放管服”改革优化营商环境实施方案的通知" * 20)[:length]
    sheet["blocks"][2]["text"] = f"印发《{title}》。"
    sheet["claims"] = [sheet["claims"][0] | {"text": f"《{title}》", "title": title, "docno": None, "span": _span(sheet, f"《{title}》")}]
    sheet["catalog"][0] |= {
        "title": "A" * length,
        "no": "卷③-Ⅲ-1-2-①",
        "group": "（三）" + title[:60],
        "docno": "黑双煤安监管综办字〔2017〕1234号",
    }
    return sheet


def no_catalog(base: Json) -> Json:
    """Everything is missing, and one gap says why."""
    sheet = copy.deepcopy(base) | {"catalog": []}
    for claim in sheet["claims"]:
        claim |= {"status": "missing", "catalog": [], "why": "没有收到目录清单"}
    gap = {"kind": "catalog_missing", "section": None, "item": None, "claim": None, "catalog": None, "message": "未收到佐证材料目录清单"}
    sheet["gaps"] = [gap, *(g for g in sheet["gaps"] if not g["catalog"])]
    return sheet


def no_report(base: Json) -> Json:
    """Only a catalog came: 未报, never 0."""
    sheet = copy.deepcopy(base) | {"blocks": [], "claims": [], "score": None}
    for row in sheet["catalog"]:
        row["status"] = "unclaimed"
    sheet["gaps"] = [
        {"kind": "report_missing", "section": None, "item": None, "claim": None, "catalog": None, "message": "未收到自查报告，请单位补报"}
    ]
    sheet["submission"] |= {"late": None}
    return sheet


def unknown_unit(base: Json) -> Json:
    """Nobody can tell who sent it."""
    sheet = copy.deepcopy(base)
    sheet["unit"] = {"name": None, "group": None, "confidence": 0.21, "clues": []}
    sheet["submission"] |= {"received_at": None, "received_from": None, "late": None, "sender": "某人 <abc@mail.example>", "subject": ""}
    return sheet


def long_unit(base: Json) -> Json:
    """The longest name that fits no line, late, with a late correction."""
    sheet = copy.deepcopy(base)
    sheet["unit"]["name"] = LONG_UNIT
    sheet["submission"] |= {"late": True, "corrected_late": True}
    return sheet


OURS = frozenset({"status", "role", "state", "item"})
"""Keys that hold our own codes; everything else is poisoned, ids, kinds and times included."""


def hostile(base: Json, text: str = HOSTILE) -> Json:
    """Every string that a sender can choose is an attack, and some that none can."""

    def poison(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v if k in OURS else poison(v) for k, v in value.items()}
        if isinstance(value, list):
            return [poison(v) for v in value]
        return value + text if isinstance(value, str) else value

    sheet: Json = poison(copy.deepcopy(base))
    return sheet


def _span(sheet: Json, text: str) -> list[int]:
    start = sheet["blocks"][2]["text"].index(text)
    return [start, start + len(text)]
