"""A table as a grid, and what each of its columns holds: by its header if it has one, else by its values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extract.catalog_grammar import looks_like_item, looks_like_number, looks_like_pages
from extract.catalog_words import Role, header_role, is_evidence, is_nothing, plain
from extract.chinese import number_key
from extract.docno import find_docnos
from extract.model import Cell, Element, Location, Paragraph, Table, paragraphs

_HEADER_WITHIN = 14
_MAY_NUMBER: tuple[Role | None, ...] = (None, "item", "head", "remark", "office", "group", "report")
"""What a column may be called and still turn out to hold the numbers."""
_ASCII_SEAM = re.compile(r"[A-Za-z0-9]$")


@dataclass(frozen=True, slots=True)
class Field:
    """A cell where it stands; a merged cell fills every place it covers, `origin` is true at its top left corner."""

    text: str
    origin: bool
    rows: int
    columns: int
    location: Location
    own: int
    """Identity of the cell within its grid."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of equal length; None where the table has no cell."""

    rows: tuple[tuple[Field | None, ...], ...]
    numbers: tuple[int, ...]
    """Row number of each row as the table counts it, from 1."""
    width: int

    def texts(self, row: int) -> list[str]:
        """The text at every column, "" where a merged cell only reaches into this row or nothing stands."""
        return [f.text if f is not None and f.origin else "" for f in self.rows[row]]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what (None: no such column), and how many rows from the top are header."""

    title: int
    no: int | None = None
    other_no: int | None = None
    item: int | None = None
    docno: int | None = None
    docno_rest: tuple[int, ...] = ()
    """Columns behind `docno` that hold its year and its number, where 文号 is split over columns (字, 年, 号)."""
    pages: int | None = None
    date: int | None = None
    remark: tuple[int, ...] = ()
    custody: tuple[int, ...] = ()
    group: int | None = None
    header: int = 0
    """Index of the first row below the header."""
    first: int = 0
    """Index of the first header row; rows above it are title and unit."""
    names: tuple[str, ...] = ()
    plain: bool = False
    """The title column is called just 名称 or 内容, or there is no header: values and context must decide."""
    report: bool = False
    """A column belongs to a report or a self-scoring table (完成情况, 自评分)."""

    @property
    def telling(self) -> int:
        """How many columns that a catalog has were found beside the title."""
        return sum(c is not None for c in (self.no, self.item, self.docno, self.pages, self.date)) + bool(self.custody) + bool(self.remark)


def joined(text: str) -> str:
    """The lines of a cell as one: wrapped words run on, Latin ones keep a blank."""
    out = ""
    for line in (part.strip() for part in text.split("\n")):
        if line:
            out += (" " if out and _ASCII_SEAM.search(out) and re.match(r"[A-Za-z]", line) else "") + line
    return out


def grid_of(table: Table) -> Grid:
    """The grid of `table`; a frame of a single cell with one table in it is that table."""
    table = _unframed(table)
    cells = [c for row in table.rows for c in row]
    if not cells:
        return Grid((), (), 0)
    top, left = min(c.row for c in cells), min(c.column for c in cells)
    height = max(c.row + c.row_span for c in cells) - top
    width = max(c.column + c.column_span for c in cells) - left
    places: list[list[Field | None]] = [[None] * width for _ in range(height)]
    for own, cell in enumerate(cells):
        _place(places, cell, cell.row - top, cell.column - left, own)
    first = min((p.location.row for c in cells if c.row == top for p in paragraphs(c.content) if p.location.row), default=1)
    return Grid(tuple(tuple(r) for r in places), tuple(first + k for k in range(height)), width)


def _unframed(table: Table) -> Table:
    cells = [c for row in table.rows for c in row]
    inner: list[Element] = [e for e in cells[0].content if isinstance(e, Table)] if len(cells) == 1 else []
    return inner[0] if len(inner) == 1 and isinstance(inner[0], Table) else table


def _place(places: list[list[Field | None]], cell: Cell, row: int, column: int, own: int) -> None:
    text = "\n".join(p.full for p in paragraphs(cell.content)).strip()
    location = next((p.location for p in paragraphs(cell.content) if p.full.strip()), _location(cell))
    for r in range(row, min(len(places), row + cell.row_span)):
        for c in range(column, min(len(places[0]), column + cell.column_span)):
            places[r][c] = Field(text, (r, c) == (row, column), cell.row_span, cell.column_span, location, own)


def _location(cell: Cell) -> Location:
    first = next((e for e in cell.content if isinstance(e, Paragraph)), None)
    return first.location if first is not None else Location()


def columns_of(grid: Grid) -> Columns | None:
    """What the columns hold by the header, wherever it stands in the first rows; None if no header names a title."""
    for first in range(min(len(grid.rows), _HEADER_WITHIN)):
        last = _header_end(grid, first)
        if last is not None:
            columns = _from_header(grid, first, last)
            if columns is not None:
                return columns
    return None


def is_header_row(grid: Grid, row: int) -> bool:
    """True if most of what stands in `row` are names of columns, two at least."""
    texts = [t for t in grid.texts(row) if t.strip()]
    roles = [header_role(joined(t)) for t in texts]
    named = sum(r is not None for r in roles)
    return named >= 2 and named >= 0.6 * len(texts) and not any(find_docnos(t) for t in texts)


def repeats_header(grid: Grid, row: int, columns: Columns) -> bool:
    """True if `row` shows the names of the columns once more, as at the top of a page."""
    texts = [plain(t) for t in grid.texts(row) if t.strip()]
    names = [plain(n) for n in columns.names if n]
    return len(texts) >= 2 and sum(any(t in n for n in names) for t in texts) >= 0.7 * len(texts) and is_header_row(grid, row)


def _header_end(grid: Grid, first: int) -> int | None:
    """Index behind the header that starts at row `first`; None if none starts there."""
    texts = [joined(t) for t in grid.texts(first) if t.strip()]
    spanning = max((f.rows for f in grid.rows[first] if f is not None and f.origin and f.text), default=1)
    single = len(texts) == 1 and grid.width == 1 and header_role(texts[0]) == "title"
    if not (single or is_header_row(grid, first)):
        return None
    last = first + 1
    while last < min(len(grid.rows), first + 3) and (last < first + spanning or _continues_header(grid, first, last)):
        last += 1
    return last


def _continues_header(grid: Grid, first: int, row: int) -> bool:
    texts = [joined(t) for t in grid.texts(row)]
    if not any(texts):
        return False
    if row == first + 1 and [t for t in texts if t] == [joined(t) for t in grid.texts(first) if t.strip()]:
        return True
    above = grid.rows[first]
    open_above = any(t and ((f := above[c]) is None or not f.text or f.columns > 1) for c, t in enumerate(texts))
    named = all(header_role(t) is not None and len(plain(t)) <= 10 for t in texts if t)
    return open_above and named and not any(looks_like_number(t) for t in texts)


def _from_header(grid: Grid, first: int, last: int) -> Columns | None:
    roles: list[Role | None] = []
    names: list[str] = []
    for c in range(grid.width):
        stack: list[str] = []
        for r in range(first, last):
            f = grid.rows[r][c]
            text = joined(f.text) if f is not None else ""
            if text and text not in stack:
                stack.append(text)
        names.append("".join(stack))
        roles.append(_role(stack))
    return _columns(grid, roles, names, first, last)


def _role(stack: Sequence[str]) -> Role | None:
    """The role of a column by its names from top to bottom: the lowest decides, unless it says little."""
    for text in reversed(stack):
        role = header_role(text)
        if role in ("plain_title", "plain_no", "no", "item", None, "head"):
            whole = header_role("".join(stack)) if len(stack) > 1 else None
            if role in ("plain_title", "plain_no", None) and whole not in (None, "report", "head"):
                return whole
        if role not in (None, "head"):
            return role
    return None


def _columns(grid: Grid, roles: list[Role | None], names: list[str], first: int, last: int) -> Columns | None:
    def at(*wanted: Role) -> list[int]:
        return [c for c, role in enumerate(roles) if role in wanted]

    parts = _docno_parts(grid, last)
    if parts:
        roles = [("docno" if c == parts[0] else "head") if c in parts else role for c, role in enumerate(roles)]
    titles = at("title")
    weak = not titles
    titles = titles or at("plain_title")
    items, groups = at("item"), at("group")
    if not titles and items and (at("no") or at("docno")):
        titles, weak = [c for c in items if _evidence_share(grid, last, c) >= 0.6], True
    if not titles:
        return None
    title = max(titles, key=lambda c: (_evidence_share(grid, last, c), -c)) if len(titles) > 1 else titles[0]
    items = [c for c in items if c != title]
    numbers = at("no") or at("plain_no")
    no = _main_number(grid, last, numbers)
    if no is None:  # a name nobody has thought of, or 条目号: what counts up in front of the titles is the number
        spare = [c for c in range(grid.width) if roles[c] in _MAY_NUMBER]
        no = next((c for c in spare if c != title and _all_numbers(grid, last, c)), None)
        items = [c for c in items if c != no]
    if no is None and groups and not items and _all_numbers(grid, last, groups[-1]):
        no = groups.pop()
    if len(items) > 1 and not groups:
        groups, items = items[:1], items[-1:]
    others = [c for c in titles if c != title]
    return Columns(
        title=title,
        no=no,
        other_no=next((c for c in numbers if c != no), None),
        item=items[-1] if items else None,
        docno=next(iter(at("docno")), None),
        docno_rest=parts[1:],
        pages=next(iter(at("pages")), None),
        date=next(iter(at("date")), None),
        remark=tuple(sorted([*at("remark", "office", "copies"), *others])),
        custody=tuple(at("custody")),
        group=groups[0] if groups else None,
        header=last,
        first=first,
        names=tuple(names),
        plain=weak,
        report=bool(at("report")),
    )


def _docno_parts(grid: Grid, header: int) -> tuple[int, ...]:
    """Three neighbouring columns that together hold a 文号: 双某发 | 2017 | 12; () if there are none."""
    rows = [[joined(t) for t in grid.texts(r)] for r in range(header, len(grid.rows))]
    for c in range(grid.width - 2):
        filled = [row[c : c + 3] for row in rows if row[c + 1] and row[c + 2]]
        if filled and sum(map(_are_docno_parts, filled)) >= 0.8 * len(filled) and not any(find_docnos(row[c]) for row in rows):
            return (c, c + 1, c + 2)
    return ()


def _are_docno_parts(cells: Sequence[str]) -> bool:
    issuer, year, serial = map(plain, cells)
    year_fits = re.fullmatch(r"[〔(]?(?:19|20)\d\d[〕)]?年?", year)
    return bool(re.fullmatch(r"[\u4e00-\u9fff]{2,10}字?", issuer) and year_fits and re.fullmatch(r"第?\d{1,4}号?", serial))


def docno_of_parts(cells: Sequence[str]) -> str:
    """双某发, 2017, 12 as one 文号: 双某发〔2017〕12号; what is no 文号 is put together as it is."""
    if not _are_docno_parts(cells):
        return " ".join(c for c in cells if c)
    year, serial = (re.sub(r"\D", "", plain(c)) for c in cells[1:])
    return f"{cells[0].strip()}〔{year}〕{serial}号"


def _main_number(grid: Grid, header: int, numbers: list[int]) -> int | None:
    """Of several number columns the one by which a report would cite: parts joined (1-2, 盒3-05) before a running count."""
    if len(numbers) < 2:
        return numbers[0] if numbers else None
    return max(numbers, key=lambda c: (_filled(grid, header, c) > 0.5, _mean_parts(grid, header, c), -c))


def _mean_parts(grid: Grid, header: int, column: int) -> float:
    values = [number_key(v) for v in _values(grid, header, column)]
    return min(2.0, sum(map(len, values)) / max(1, len(values)))


def _values(grid: Grid, header: int, column: int) -> list[str]:
    return [t for r in range(header, len(grid.rows)) if (t := joined(grid.texts(r)[column]))]


def _filled(grid: Grid, header: int, column: int) -> float:
    return len(_values(grid, header, column)) / max(1, len(grid.rows) - header)


def _evidence_share(grid: Grid, header: int, column: int) -> float:
    values = _values(grid, header, column)
    return sum(map(is_evidence, values)) / max(1, len(values))


def _all_numbers(grid: Grid, header: int, column: int) -> bool:
    """Groups and notes, alone in their rows, are left out of account."""
    rows = [[joined(t) for t in grid.texts(r)] for r in range(header, len(grid.rows))]
    values = [row[column] for row in rows if row[column] and len(set(filter(None, row))) > 1]
    distinct = len(set(values)) > 0.8 * len(values) if len(values) > 1 else bool(values)
    return distinct and sum(map(looks_like_number, values)) >= 0.9 * len(values)


def columns_by_values(grid: Grid) -> Columns | None:
    """What the columns of a table without header hold; None if no column reads like names of records."""
    if not grid.rows:
        return None
    values = {c: _values(grid, 0, c) for c in range(grid.width)}
    scored = {c: sum(map(is_evidence, v)) / len(v) * min(1.0, sum(len(plain(t)) for t in v) / len(v) / 8) for c, v in values.items() if v}
    docnos = {c for c, v in values.items() if v and sum(_is_docno(t) for t in v) >= 0.35 * len(v)}
    candidates = {c: s for c, s in scored.items() if c not in docnos}
    if not candidates:
        return None
    title = max(candidates, key=lambda c: (candidates[c], -c))
    if candidates[title] < 0.5:
        return None
    rest = [c for c in range(grid.width) if c != title and c not in docnos and values[c]]
    no = next((c for c in rest if c < title and _share(values[c], looks_like_number) and len(set(values[c])) > 0.7 * len(values[c])), None)
    item = next((c for c in rest if c != no and _share(values[c], looks_like_item)), None)
    pages = next((c for c in rest if c not in (no, item) and _share(values[c], looks_like_pages)), None)
    remark = tuple(c for c in rest if c not in (no, item, pages))
    return Columns(title=title, no=no, item=item, docno=min(docnos, default=None), pages=pages, remark=remark, plain=True)


def _is_docno(text: str) -> bool:
    return bool(find_docnos(text)) and len(plain(text)) < 30 and "《" not in text


def _share(values: Sequence[str], test: Callable[[str], bool]) -> bool:
    real = [v for v in values if not is_nothing(v)]
    return bool(real) and sum(test(v) for v in real) >= 0.75 * len(real)
