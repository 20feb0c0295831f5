"""Standings and worksheets -> tables as rows of values, before any file format: what each column means stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring.gaps import printed
from scoring.rubric import Rubric
from scoring.totals import Standing, Total
from templates import wording
from templates.plaintext import number
from templates.score_lines import ScoreLine, score_lines

Plain = Mapping[str, Any]
Value = str | int | Decimal | None

STATES = {"not_received": "未报", "open": "审核中", "confirmed": "已确认"}
REVIEWS = {"open": "未复核", "returned": "已退回", "approved": "已复核", "stale": "有变化"}
NOT_APPLICABLE = "—"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, what it means, its width in characters; `places`: decimals of a number that may be rounded."""

    head: str
    meaning: str
    width: float
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table; None in a row is an empty cell, never 0."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    fixed: int
    """Columns that stay in sight and are printed on every page."""


@dataclass(frozen=True, slots=True)
class Season:
    """Everything that the tables are made of."""

    standings: tuple[Standing, ...]
    sheets: Mapping[str, Plain]
    """Unit -> concluded worksheet."""
    rubric: Rubric

    def group(self, standing: Standing) -> str:
        """The unit's group as it is printed."""
        return wording.group_name(standing.group, self.rubric.group_names)

    def lines(self, unit: str) -> tuple[ScoreLine, ...]:
        """The unit's items; none where there is no report."""
        return score_lines(self.sheets.get(unit), self.rubric)


def all_tables(season: Season) -> tuple[Table, ...]:
    """The tables in the order of their sheets."""
    return summary(season), ranking(season), matrix(season), items(season), deductions(season)


def summary(season: Season) -> Table:
    """A row for every unit of the roster, in its order."""
    weighted = any(s.current and s.current.converted is not None for s in season.standings)
    columns = (
        Column("序号", "名单中的次序", 6),
        Column("单位", "考核单位名单中的名称", 25),
        Column("组别", "名次在组内排", 16),
        Column("状态", "未报：没有收到自查报告，不计分、不排名；审核中：还有条目未确认；已确认：适用条目全部确认", 8),
        Column("迟报", "第一份自查报告在截止时间之后收到", 6),
        Column("自评总分", "自查报告所印的自评总分，只供对照", 9, 2),
        Column("适用满分", "适用于该单位的基础分条目满分之和；不适用的条目不在其内", 9, 2),
        *_totals("建议", "按细则条款和已知情况算出，未经人确认", weighted),
        *_totals("确认", "由审核人员确认；适用条目全部确认后才列出", weighted),
        Column("排名依据总分", "百分制加加分；已确认的条目用确认分，其余用建议分", 9, 2),
        Column("名次", "按排名依据总分在组内排；分数相同名次相同，下一名次空出", 6),
        Column("并列", "名次与组内其他单位相同", 6),
        Column("已确认条目", "已确认的适用条目数", 8),
        Column("适用条目", "适用于该单位的条目数，含加分条目", 8),
        Column("复核", "已复核：由另一人复核通过并锁定；有变化：其后材料或规则有变化；已退回：复核人退回重新审核", 8),
        Column("复核人", "谁复核通过或退回的", 10),
        Column("复核时间", "什么时候复核的", 18),
    )
    return Table("汇总", "汇总表", columns, tuple(_summary_row(s, season, weighted) for s in season.standings), 2)


def _totals(word: str, meaning: str, weighted: bool) -> tuple[Column, ...]:
    found = (
        Column(f"{word}基础分", f"适用的基础分条目得分之和；{meaning}", 9, 2),
        Column(f"{word}百分制", "基础分 × 100 ÷ 适用满分", 9, 2),
        Column(f"{word}加分", "加分条目得分之和，另列，不在基础分内", 9, 2),
        Column(f"{word}总分", "百分制加加分", 9, 2),
    )
    return (*found, Column(f"{word}折算分", "（百分制 ＋ 加分）× 权重 ÷ 100，计入年度目标考核", 9, 2)) if weighted else found


def _summary_row(s: Standing, season: Season, weighted: bool) -> tuple[Value, ...]:
    late = ((season.sheets.get(s.unit) or {}).get("submission") or {}).get("late")
    current = s.current
    return (
        s.order, s.unit, season.group(s), STATES[s.state], "迟报" if late and current else None, s.self_total,
        current.base_max if current else None, *_numbers(s.suggested, weighted), *_numbers(s.confirmed, weighted),
        current.scaled_total if current else None, s.rank, "并列" if s.tied else None,
        s.confirmed_items if current else None, s.items if current else None, *_second_check(s, season),
    )  # fmt: skip


def _second_check(s: Standing, season: Season) -> tuple[Value, Value, Value]:
    """复核, who, when; empty where there is nothing to check."""
    if s.current is None:
        return None, None, None
    review = (season.sheets.get(s.unit) or {}).get("review") or {"state": "open"}
    if review["state"] == "open":
        return REVIEWS["open"], None, None
    word = REVIEWS["stale" if review["stale"] else review["state"]]
    return word, review["by"], wording.moment(review["at"], season.rubric.deadline.tzinfo)


def _numbers(total: Total | None, weighted: bool) -> tuple[Value, ...]:
    if total is None:
        return (None,) * (5 if weighted else 4)
    found = (total.base, total.scaled, total.bonus, total.scaled_total)
    return (*found, total.converted) if weighted else found


def ranking(season: Season) -> Table:
    """The units of each group by rank; 未报 last, without one."""
    columns = (
        Column("组别", "名次在组内排", 16),
        Column("名次", "分数相同名次相同，下一名次空出；未报没有名次", 8),
        Column("并列", "名次与组内其他单位相同", 8),
        Column("单位", "考核单位名单中的名称", 30),
        Column("排名依据总分", "百分制加加分；已确认的条目用确认分，其余用建议分", 12, 2),
        Column("其中加分", "加分条目得分之和", 10, 2),
        Column("状态", "未报、审核中、已确认", 10),
        Column("未确认条目", "还没有确认的适用条目数；不为0时名次可能变动", 10),
        Column("复核", "、".join(REVIEWS.values()) + "；未复核和有变化的，名次可能变动", 10),
    )
    groups = list(dict.fromkeys(s.group for s in season.standings))
    ordered = sorted(season.standings, key=lambda s: (groups.index(s.group), s.rank is None, s.rank or 0, s.order))
    return Table("排名", "分组排名", columns, tuple(_ranking_row(s, season) for s in ordered), 0)


def _ranking_row(s: Standing, season: Season) -> tuple[Value, ...]:
    group, tied = season.group(s), "并列" if s.tied else None
    if s.current is None:
        return group, None, None, s.unit, None, None, STATES[s.state], None, None
    review, _, _ = _second_check(s, season)
    return group, s.rank, tied, s.unit, s.current.scaled_total, s.current.bonus, STATES[s.state], s.items - s.confirmed_items, review


KINDS: tuple[tuple[str, Callable[[ScoreLine], Decimal | None], Callable[[Standing], Decimal | None]], ...] = (
    ("自评", lambda line: line.self, lambda s: s.self_total),
    ("建议", lambda line: line.suggested, lambda s: s.suggested.total if s.suggested else None),
    ("确认", lambda line: line.confirmed, lambda s: s.confirmed.total if s.confirmed else None),
)
"""What stands one below the other for each unit: word, points of an item, total."""


def matrix(season: Season) -> Table:
    """Units × items: self, suggested and confirmed points one below the other; filtered by 类别 each is a matrix of its own."""
    heads = tuple(
        Column(f"{printed(i.id)}\n{number(i.points)}分", f"{i.name}（{'加分，' if i.bonus else ''}满分{number(i.points)}分）", 8.5, 2)
        for i in season.rubric.items
    )
    columns = (
        Column("单位", "考核单位名单中的名称", 25),
        Column("组别", "考核单位名单中的组", 16),
        Column("类别", "自评：自查报告所印；建议：程序按条款算出；确认：审核人员确认", 6),
        *heads,
        Column("合计", "各条目之和，含加分；自评为所印总分；确认在全部确认后列出", 8, 2),
        Column("状态", "未报、审核中、已确认", 8),
    )
    rows = tuple(row for s in season.standings for row in _matrix_rows(s, season))
    return Table("条目得分", "条目得分表", columns, rows, 3)


def _matrix_rows(s: Standing, season: Season) -> tuple[tuple[Value, ...], ...]:
    lines = {line.item.id: line for line in season.lines(s.unit)}
    group, state = season.group(s), STATES[s.state]

    def cell(item: str, of: Callable[[ScoreLine], Decimal | None]) -> Value:
        line = lines.get(item)
        return None if line is None else of(line) if line.applies else NOT_APPLICABLE

    return tuple(
        (s.unit, group, word, *(cell(i.id, of) for i in season.rubric.items), total(s) if lines else None, state)
        for word, of, total in KINDS
    )


def items(season: Season) -> Table:
    """A row for every unit and item: self beside suggested beside confirmed, and who confirmed it."""
    columns = (
        Column("单位", "考核单位名单中的名称", 25),
        Column("组别", "考核单位名单中的组", 16),
        Column("条目", "考核细则中的编号", 8),
        Column("条目名称", "条目的简称", 24),
        Column("满分", "条目满分", 7, 2),
        Column("适用", "是：计入该单位得分；否：不适用", 6),
        Column("自评分", "自查报告所印，只供对照", 8, 2),
        Column("建议分", "按条款和已知情况算出，未经人确认", 8, 2),
        Column("确认分", "审核人员确认的分数；空白为尚未确认", 8, 2),
        Column("计算", "满分减去哪几项，可逐项核对", 36),
        Column("确认人", "谁确认的", 10),
        Column("确认时间", "什么时候确认的", 18),
        Column("说明", "确认时写的说明，或不适用的理由", 30),
        Column("依据变动", "确认之后，所依据的材料或规则有变化，请复核", 8),
    )
    rows = tuple(_item_row(s, line, season) for s in season.standings for line in season.lines(s.unit))
    return Table("条目明细", "条目得分明细", columns, rows, 4)


def _item_row(s: Standing, line: ScoreLine, season: Season) -> tuple[Value, ...]:
    group, moment = season.group(s), wording.moment(line.at, season.rubric.deadline.tzinfo) if line.at else None
    note = "；".join(t for t in (line.note, line.ruled) if t)
    return (
        s.unit, group, printed(line.item.id), line.item.name, line.max, "是" if line.applies else "否", line.self,
        line.suggested if line.applies else None, line.confirmed, line.sum, line.by, moment, note, "是" if line.stale else None,
    )  # fmt: skip


def deductions(season: Season) -> Table:
    """Every deduction and award with its clause, count, source and reason."""
    columns = (
        Column("单位", "考核单位名单中的名称", 25),
        Column("组别", "考核单位名单中的组", 16),
        Column("条目", "考核细则中的编号", 8),
        Column("条目名称", "条目的简称", 22),
        Column("类别", "扣分或加分", 6),
        Column("条款号", "规则编号", 8),
        Column("条款原文", "考核细则原文", 40),
        Column("次数", "发生几次、几件次或几项", 6),
        Column("分值", "扣去或加上的分数", 7, 2),
        Column("来源", "、".join(wording.FACT_SOURCES.values()), 10),
        Column("理由", "具体情况", 40),
        Column("依据", "认定时的说明，以及事实出自哪个文件哪一行，或由谁认定", 30),
        Column("确认分", "该条目的确认分；空白为尚未确认", 8, 2),
    )
    rows = tuple(row for s in season.standings for line in season.lines(s.unit) for row in _deduction_rows(s, line, season))
    return Table("扣分明细", "扣分加分明细", columns, rows, 4)


def _deduction_rows(s: Standing, line: ScoreLine, season: Season) -> Sequence[tuple[Value, ...]]:
    group = season.group(s)
    return [
        (
            s.unit, group, printed(line.item.id), line.item.name, word, d.rule, d.clause, d.count, d.points, d.source, d.reason,
            "；".join((*d.notes, *d.origins)), line.confirmed,
        )
        for word, entries in (("扣分", line.deductions), ("加分", line.awards))
        for d in entries
    ]  # fmt: skip
