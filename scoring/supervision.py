"""A table of online supervision (网上监察通报, 上报统计) -> facts, or everything that is wrong with it by row and column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from scoring.facts import Fact, what_is_wrong
from scoring.gaps import printed
from scoring.roster import Roster, RosterUnit
from scoring.rubric import Rubric

Grid = Sequence[Sequence[str]]
"""Cells as a person sees them, row by row from the sheet's first; rows may be of different length."""

_CLAUSE = re.compile(r"(\d+\.\d+[a-z]{1,2})(?![0-9a-z])")
_UNIT_HEAD = re.compile(r"(?:考核|被考核)?单位(?:名称)?")
_NOTE_HEAD = re.compile(r"备注|说明")
_IDLE_HEAD = re.compile(r"序号|编号|组别|类别|名次")
_PERIOD_HEAD = re.compile(r"统计(?:期间|时间|月份|年度)|期间")
_PERIOD = re.compile(r"(\d{4})(?:年度?|)(?:[-./]?(\d{1,2})(?:月份?|)(?:[-./]\d{1,2}日?)?)?")
_SUM_ROW = re.compile(r"合计|总计|小计")
_FOOT = re.compile(r"(?:注|备注|说明|填表|制表|填报|审核|负责人|联系)")
_COUNT = re.compile(r"(\d{1,6})(?:\.0+)?(?:件次|人次|次|件|项|个|个节点)?")
_YES, _NO, _BLANK = ("是", "有", "√", "✓"), ("否", "无", "×", "没有"), ("", "-", "—", "——", "/", "／")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where; row and column count from 1, 0 where it is the whole table."""

    row: int
    column: int
    message: str

    def __str__(self) -> str:
        where = (f"第{self.row}行" if self.row else "") + (f"{letters(self.column)}列" if self.column else "")
        return f"{where}：{self.message}" if where else self.message


@dataclass(frozen=True, slots=True)
class Form:
    """A table as it was read: facts or problems, never both."""

    period: str
    """"2017-11" or "2017"."""
    facts: tuple[tuple[str, Fact], ...]
    """(unit name, fact), row by row; a count of 0 says that there was none."""
    problems: tuple[Problem, ...] = ()


def read_form(grid: Grid, rubric: Rubric, roster: Roster, *, origin: str, period: str = "") -> Form:
    """One row a unit with a column for each clause, or one row a fact (单位, 条款, 次数, 说明). `period` wins over the table's own."""
    head = header_row(grid)
    if head is None:
        return Form("", (), (Problem(0, 0, "没有找到表头：须有“单位”一列，可用 zicha facts template 生成样表"),))
    stated = period or _stated_period(grid[:head])
    when = period_of(stated)
    problems = [] if when and when[:4] == str(rubric.year) else [_period_problem(stated, rubric)]
    columns, wrong = _columns(grid, head, rubric)
    problems += wrong
    facts: list[tuple[str, Fact]] = []
    for unit, fact, problem in _cells(grid, head, columns, rubric, roster):
        if problem is not None:
            problems.append(problem)
        elif unit is not None and fact is not None:
            facts.append((unit.name, replace(fact, period=when or "", origin=f"{origin} {fact.origin}")))
    if not problems and not facts:
        problems.append(Problem(0, 0, "表中没有填写任何次数"))
    return Form(when or "", () if problems else tuple(facts), tuple(sorted(problems, key=lambda p: (p.row, p.column))))


def header_row(grid: Grid) -> int | None:
    """The row, from 0, that names the columns; None in a sheet that is no such table."""
    return next((r for r, row in enumerate(grid) if any(_UNIT_HEAD.fullmatch(plain(c)) for c in row)), None)


def period_of(text: str) -> str | None:
    """2017年11月, 2017.11, 2017-11 -> "2017-11"; 2017年度 -> "2017"; None for anything else."""
    m = _PERIOD.fullmatch(plain(text))
    if m is None:
        return None
    year, month = m.groups()
    return year if month is None else f"{year}-{int(month):02d}" if 1 <= int(month) <= 12 else None


def plain(text: str) -> str:
    """A cell without blanks, signs in one form."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def letters(column: int) -> str:
    """1 -> A, 27 -> AA."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


@dataclass(frozen=True, slots=True)
class _Columns:
    """What stands in which column, from 0."""

    unit: int
    clauses: Mapping[int, str]
    """Column -> clause, where each clause has its own column."""
    clause: int | None
    """The column that names the clause, where each row is one fact."""
    count: int | None
    note: int | None


def _stated_period(above: Grid) -> str:
    """What stands behind or after 统计期间."""
    for row in above:
        cells = [plain(c) for c in row]
        for k, cell in enumerate(cells):
            m = _PERIOD_HEAD.match(cell)
            if m:
                rest = cell[m.end() :].lstrip(":")
                return rest or next((c for c in cells[k + 1 :] if c and not c.startswith("(")), "")  # in brackets: the form's own hint
    return ""


def _period_problem(stated: str, rubric: Rubric) -> Problem:
    if not stated:
        return Problem(0, 0, f"没有写明统计期间：请在表头上方写“统计期间”和年月（例如 {rubric.year}-11）或年度（{rubric.year}）")
    if period_of(stated) is None:
        return Problem(0, 0, f"统计期间“{stated}”不能识别，请写成 {rubric.year}-11 或 {rubric.year}")
    return Problem(0, 0, f"统计期间“{stated}”不在考核年度{rubric.year}年内")


def _columns(grid: Grid, head: int, rubric: Rubric) -> tuple[_Columns, list[Problem]]:
    cells = [plain(c) for c in grid[head]]
    unit = next(k for k, c in enumerate(cells) if _UNIT_HEAD.fullmatch(c))
    clause = next((k for k, c in enumerate(cells) if c in ("条款", "条款编号")), None)
    count = next((k for k, c in enumerate(cells) if c in ("次数", "件次", "数量")), None)
    note = next((k for k, c in enumerate(cells) if _NOTE_HEAD.fullmatch(c)), None)
    clauses = {k: m.group(1) for k, c in enumerate(cells) if (m := _CLAUSE.match(c))}
    problems = [Problem(head + 1, k + 1, wrong) for k, id in clauses.items() if (wrong := what_is_wrong(rubric, id, 0))]
    problems += [Problem(head + 1, k + 1, f"{id} 有不止一列") for k, id in clauses.items() if id in [clauses[o] for o in clauses if o < k]]
    known = {unit, clause, count, note, *clauses}
    width = max(len(row) for row in grid[head:])
    for k in (k for k in range(width) if k not in known):
        name = cells[k] if k < len(cells) else ""
        filled = any(plain(row[k]) for row in grid[head + 1 :] if k < len(row))
        if filled and (not name or not _IDLE_HEAD.fullmatch(name)):
            problems.append(Problem(head + 1, k + 1, f"不认识的列“{name}”：列名须以条款编号开头，例如 {_example(rubric)}"))
    if clause is not None and count is None:
        problems.append(Problem(head + 1, 0, "有“条款”列而没有“次数”列"))
    if clause is None and not clauses:
        problems.append(Problem(head + 1, 0, f"没有条款的列：列名须以条款编号开头，例如 {_example(rubric)}"))
    sound = {k: id for k, id in clauses.items() if what_is_wrong(rubric, id, 0) is None}  # a wrong column is told once, not in every row
    return _Columns(unit, sound, clause, count, note), problems


def _example(rubric: Rubric) -> str:
    return next((f"{r.id} {r.label}" for r in rubric.rules if r.supervision), "1.1a")


Found = tuple[RosterUnit | None, Fact | None, Problem | None]


def _cells(grid: Grid, head: int, columns: _Columns, rubric: Rubric, roster: Roster) -> Iterator[Found]:
    seen: dict[str, int] = {}
    for r, row in enumerate(grid[head + 1 :], head + 2):
        cells = [plain(c) for c in row]
        name = cells[columns.unit] if columns.unit < len(cells) else ""
        stated = list(_stated(cells, columns))
        if not any(cells) or _SUM_ROW.fullmatch(name) or (not stated and (_FOOT.match("".join(cells)))):
            continue
        unit = roster.named(name)
        if unit is None:
            yield None, None, Problem(r, columns.unit + 1, f"名单中没有“{name}”" if name else "没有写单位")
            continue
        if columns.clause is None and seen.setdefault(unit.name, r) != r:
            yield None, None, Problem(r, columns.unit + 1, f"{unit.name}已在第{seen[unit.name]}行")
            continue
        note = row[columns.note].strip() if columns.note is not None and columns.note < len(row) else ""
        for column, clause, text in stated:
            yield _one(r, column, clause, text, unit, note, rubric)


def _stated(cells: Sequence[str], columns: _Columns) -> Iterator[tuple[int, str, str]]:
    """(column, clause, count as written) of a row, blank ones left out."""
    if columns.clause is None:
        for k, clause in columns.clauses.items():
            if k < len(cells) and cells[k] not in _BLANK:
                yield k, clause, cells[k]
    elif columns.count is not None:
        clause = cells[columns.clause] if columns.clause < len(cells) else ""
        count = cells[columns.count] if columns.count < len(cells) else ""
        if clause or count:
            m = _CLAUSE.match(clause)
            yield columns.count, m.group(1) if m else clause, count


def _one(row: int, column: int, clause: str, text: str, unit: RosterUnit, note: str, rubric: Rubric) -> Found:
    count = count_of(text)
    if count is None:
        return None, None, Problem(row, column + 1, f"“{text}”不是次数，须为0或正整数（可写“是”“否”）")
    wrong = what_is_wrong(rubric, clause, count)
    if wrong is None and count and not rubric.applies(rubric.item(rubric.rule(clause).item), unit.group):
        wrong = f"{unit.name}不考核{printed(rubric.rule(clause).item)}"
    if wrong is not None:
        return None, None, Problem(row, column + 1, wrong)
    return unit, Fact(clause, count, "supervision", note, f"第{row}行"), None


def count_of(text: str) -> int | None:
    """2, 2.0, 2次 -> 2; 是 -> 1; 否 and 无 -> 0; None for anything else."""
    if text in _YES or text in _NO:
        return int(text in _YES)
    m = _COUNT.fullmatch(text)
    return int(m.group(1)) if m else None
