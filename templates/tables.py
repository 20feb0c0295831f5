"""Everything that is reported as tables: one workbook, CSV for other programs, JSON of everything. Values in, named files out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from scoring.totals import Standing, Total
from templates.letters_words import work
from templates.plaintext import number
from templates.tables_book import workbook
from templates.tables_csv import csv_file
from templates.tables_rows import Plain, Season, all_tables

FORMAT = "zicha.export/1"


def season_files(season: Season, *, version: str, unassigned: Iterable[Plain] = ()) -> dict[str, bytes]:
    """File name -> bytes: 汇总表.xlsx, a CSV for each table, 全部数据.json. The same season gives the same bytes."""
    tables = all_tables(season)
    book = workbook(tables, _about(season, version), f"{work(season.rubric)}考核")
    found = {"汇总表.xlsx": book} | {f"{t.title}.csv": csv_file(t) for t in tables}
    data = json.dumps(everything(season, version=version, unassigned=unassigned), ensure_ascii=False, indent=1) + "\n"
    return found | {"全部数据.json": data.encode("utf-8", "replace")}


def everything(season: Season, *, version: str, unassigned: Iterable[Plain] = ()) -> dict[str, Any]:
    """All numbers and all worksheets as JSON values; units without a report have null, never 0."""
    rubric = season.rubric
    return {
        "format": FORMAT,
        "program": {"version": version},
        "rubric": {"id": rubric.id, "sha256": rubric.sha256, "title": rubric.title},
        "units": [{**_standing(s), "worksheet": season.sheets.get(s.unit)} for s in season.standings],
        "unassigned": list(unassigned),
    }


def _standing(s: Standing) -> dict[str, Any]:
    return {
        "unit": s.unit,
        "group": s.group,
        "order": s.order,
        "state": s.state,
        "self_total": _plain(s.self_total),
        "suggested": _total(s.suggested),
        "confirmed": _total(s.confirmed),
        "current": _total(s.current),
        "confirmed_items": s.confirmed_items if s.current else None,
        "items": s.items if s.current else None,
        "rank": s.rank,
        "tied": s.tied,
    }


def _total(total: Total | None) -> dict[str, Any] | None:
    if total is None:
        return None
    names = ("base", "base_max", "bonus", "total", "scaled", "scaled_total", "converted")
    return {name: _plain(getattr(total, name)) for name in names}


def _plain(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _about(season: Season, version: str) -> list[tuple[str, str]]:
    rubric = season.rubric
    received = sum(s.state != "not_received" for s in season.standings)
    done = sum(s.state == "confirmed" for s in season.standings)
    found = [
        ("细则", f"{rubric.title}（{rubric.id}）"),
        ("细则校验码", rubric.sha256),
        ("程序版本", f"自查 {version}"),
        ("单位", f"共{len(season.standings)}个；已报{received}个，未报{len(season.standings) - received}个；全部确认的{done}个"),
        ("空白", "没有分数的格为空白；未报的单位没有任何分数，不是0分；“—”为不适用"),
        ("撇号", "文字以等号、加号、减号等开头的，前面加了撇号，以免被当成公式运行"),
        ("小数", "计算不取整，只在显示时保留两位小数"),
    ]
    if rubric.weight is not None:
        found.append(("权重", f"100分折合年度目标考核{number(rubric.weight)}分"))
    return found
