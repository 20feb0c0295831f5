"""Worksheets of the real rubric with known points and gaps, for letters and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from scoring.gaps import printed
from scoring.roster import Roster, load_roster
from scoring.rubric import Rubric, builtin, load_rubric
from scoring.totals import standings
from templates.tables_rows import Season

Json = dict[str, Any]
SENTENCE = "我县印发了《集贤县政务服务工作方案》（集政办发〔2017〕9号），明确了任务分工。"
CLAIM = "《集贤县政务服务工作方案》（集政办发〔2017〕9号）"


@cache
def rubric() -> Rubric:
    return load_rubric(builtin())


@cache
def roster() -> Roster:
    return load_roster(builtin()["roster.toml"])


def roster_with(mail: str | None = None, full: str | None = None, unit: str = "集贤县") -> Roster:
    """The roster with another address or another full name of one unit."""
    changed = [replace(u, mail=mail, full=full or u.full) if u.name == unit else u for u in roster().units]
    return Roster(tuple(changed))


def sheet(
    unit: str = "集贤县",
    *,
    suggested: Mapping[str, str] = {},
    confirmed: Mapping[str, str] = {},
    off: Sequence[str] = (),
    deductions: Mapping[str, Sequence[Json]] = {},
    own: Mapping[str, str] = {},
    gaps: Sequence[Json] = (),
    late: bool = False,
) -> Json:
    """A worksheet with a report: full points but where `suggested` says otherwise."""

    def item(i: Any) -> Json:
        given = confirmed.get(i.id)
        word = {"points": float(given or 0), "by": "甲审核员", "at": "2018-02-01T01:00:00+00:00", "seq": 1, "note": "", "ground": "x",
                "stale": False, "changed": []}  # fmt: skip
        return {
            "item": i.id, "max": float(i.points), "applies": i.id not in off,
            "self": {"points": float(own[i.id]), "block": 0} if i.id in own else None,
            "suggested": None if i.id in off else float(suggested.get(i.id, 0 if i.bonus else i.points)),
            "deductions": list(deductions.get(i.id, ())), "proposals": [], "ground": "x", "confirmed": word if given is not None else None,
        }  # fmt: skip

    group = roster().unit(unit).group
    return {
        "format": "zicha.worksheet/1", "program": {"version": "0"}, "rubric": {"id": rubric().id, "sha256": "0"},
        "unit": {"name": unit, "group": group, "confidence": 1.0, "clues": []},
        "submission": {
            "id": "m", "received_at": "2018-01-19T08:00:00+08:00", "received_from": "Received", "late": late, "corrected_late": False,
            "sender": "骗子 <thief@evil.example>", "subject": "报送", "sources": [], "files": [],
        },
        "blocks": [{"file": 0, "page": 3, "paragraph": 12, "kind": "paragraph", "text": SENTENCE, "section": 1, "item": "1.3",
                    "confidence": 1.0}],
        "claims": [{"id": "k1", "block": 0, "span": [SENTENCE.index(CLAIM), SENTENCE.index(CLAIM) + len(CLAIM)], "text": CLAIM,
                    "kind": "record", "title": "集贤县政务服务工作方案", "docno": None, "ref": None, "section": 1, "item": "1.3",
                    "status": "missing", "catalog": [], "score": 0.0, "why": ""}],
        "catalog": [{"id": "c1", "no": "1", "group": None, "item": "1.1", "printed_item": None, "title": "别的材料", "docno": None,
                     "pages": None, "custody": "submitted", "file": 1, "page": 1, "row": 2, "status": "unclaimed"}],
        "gaps": list(gaps),
        "score": {"items": [item(i) for i in rubric().items], "base": {"suggested": 100, "max": 100}, "bonus": {"suggested": 0, "max": 20},
                  "total": {"suggested": 100}, "self_total": 97.5},
        "notes": [],
    }  # fmt: skip


def gap(kind: str, message: str, item: str | None = None, *, section: int | None = None, claim: str | None = None) -> Json:
    number = int(item.split(".")[0]) if item else section
    return {"kind": kind, "section": number, "item": item, "claim": claim, "catalog": None, "message": message}


def no_evidence(item: str) -> Json:
    name = rubric().item(item).name
    return gap("item_without_evidence", f"{printed(item)} {name}：未提供佐证材料，待核实", item)


def thirty_gaps() -> list[Json]:
    """22 items without evidence, seven claims without a row, one catalog that did not come."""
    items = [i for i in rubric().items if not i.bonus]
    claims = [gap("claim_not_in_catalog", f"{printed(i.id)} 报告所称“{CLAIM}”不在目录中（单位补报）", i.id, claim="k1") for i in items]
    return [gap("catalog_missing", "未收到佐证材料目录清单（单位补报）"), *(no_evidence(i.id) for i in items), *claims[: 29 - len(items)]]


def no_report(unit: str = "集贤县", gaps: Sequence[Json] = (), *, catalog: bool = True) -> Json:
    """A worksheet without a report: 未报, never 0."""
    found = sheet(unit, gaps=[gap("report_missing", "未收到自查报告（单位补报）"), *gaps])
    return {**found, "score": None, "blocks": [], "claims": [], "catalog": found["catalog"] if catalog else []}


def season(*sheets: Json, weight: str | None = None, units: Roster | None = None) -> Season:
    """What tables are made of."""
    found = {s["unit"]["name"]: s for s in sheets}
    book = replace(rubric(), weight=Decimal(weight) if weight else None)
    return Season(standings(found, book, units or roster(), weight=book.weight), found, book)


def standing(sheet: Json) -> Any:
    return next(s for s in season(sheet).standings if s.unit == sheet["unit"]["name"])
