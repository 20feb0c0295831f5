"""Find the catalog of evidence (佐证材料目录清单) in a document, whatever its form, and read its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extract.catalog_grammar import split_number
from extract.catalog_grid import Columns, columns_of, grid_of
from extract.catalog_list import ListReading, ListRow, Printed, printed_lines, read_list
from extract.catalog_model import Catalog, Row
from extract.catalog_stream import read_stream
from extract.catalog_table import TableReading, is_prose, read_table
from extract.catalog_words import is_catalog_title, is_evidence, is_lead_in, is_note, is_total, plain
from extract.model import Document, Element, Paragraph, Table, paragraphs

__all__ = ["Catalog", "Row", "find_catalog"]

_ATTACHMENTS = re.compile(r"^附件?[:：]?$|^附件[:：]\s*1[.、．]")
_ATTACHMENT_MARK = re.compile(r"^附(?:件|表|录)?[\d一二三四五六七八九十]{0,2}[:：]?$")
_UPPER_HALF = re.compile(r"互联网|政务服务|20\d\d年|自查|考核|二〇")
_OWN_PAPERS = re.compile(r"自查报告|目录|佐证材料(?:清单)?$")
_GENERIC_SHEET = re.compile(r"^(?:sheet\s*\d*|工作表\s*\d*)$", re.I)
_MOST_BETWEEN = 10
_MOST_CUT = 3
"""Lines of a cell that a page break may leave on the next page."""
_CERTAIN, _LIKELY = 0.95, 0.77
_ATTACHED = 0.5
"""Confidence of a list of attachments (附件：1.… 2.…): a catalog if nothing better turns up."""
_FEWEST_ATTACHED = 5


@dataclass(frozen=True, slots=True)
class _Unit:
    """A line or a table, with its place in the document."""

    element: int
    line: Printed | None = None
    table: Table | None = None
    index: int = 0


@dataclass(frozen=True, slots=True)
class _Start:
    """A place from which a catalog may run, and what speaks for it (0–1)."""

    at: int
    weight: float
    title: bool


@dataclass(frozen=True, slots=True)
class _Found:
    rows: tuple[Row, ...]
    first: int
    """Unit of the first row's table or line."""
    last: int
    """Unit behind the last one."""
    likeness: float
    title: str | None = None
    notes: tuple[str, ...] = ()


def find_catalog(document: Document) -> Catalog | None:
    """The catalog that `document` is or holds, or None; `confidence` below 0.5 means that it may well be something else."""
    units = _units(document.elements)
    candidates = [c for start in _starts(units) if (c := _candidate(units, start)) is not None]
    stream = _stream(document, units) if document.media_type == "application/pdf" else None
    if not candidates:
        return stream
    best = max(candidates, key=lambda c: (c.confidence > _ATTACHED, c.confidence == _ATTACHED, len(c.rows), c.confidence, c.start))
    if stream is not None and _sound(stream) > _sound(best) + _margin(best):
        return stream
    return _with_sheet_names(best, document)


def _sound(catalog: Catalog) -> float:
    """How many rows look as they should, a number and one name; those that do not speak against it."""
    good = sum(bool(r.no) and len(r.title) <= 60 and (is_evidence(r.title) or bool(r.docno)) for r in catalog.rows)
    return good - 0.5 * (len(catalog.rows) - good)


def _margin(catalog: Catalog) -> float:
    """By how many rows the numbers alone must do better than tables and lines: columns with names are believed."""
    if catalog.confidence >= _CERTAIN:
        return float("inf")
    return 1 + 0.05 * _sound(catalog) if catalog.confidence >= _LIKELY else 0.5


def _stream(document: Document, units: list[_Unit]) -> Catalog | None:
    """What a PDF prints as a list behind the last title of a catalog, read by its numbers alone."""
    titles = [u for u in units if u.line is not None and is_catalog_title(u.line.full)]
    first = next((u for u in titles if sum(_is_prose_unit(v) for v in units[units.index(u) :]) < 3), None)
    start = 0 if first is None else first.element
    if first is None and any(map(_is_prose_unit, units)):
        return None
    rows = read_stream(document.elements[start + (first is not None) :])
    if not rows:
        return None
    found = tuple(_list_row(ListRow(r.line, r.group, Printed(0, "", location=r.location)), n) for n, r in enumerate(rows, 1))
    likeness = 0.15 + 0.4 * sum(is_evidence(r.title) for r in found) / len(found)
    title = first.line.full.strip() if first is not None and first.line is not None else None
    return Catalog(found, start, len(document.elements), title, round(min(1.0, likeness + (0.4 if title else 0.15)), 3))


def _units(elements: Sequence[Element]) -> list[_Unit]:
    units: list[_Unit] = []
    index = 0
    for k, element in enumerate(elements):
        if isinstance(element, Paragraph):
            units.extend(_Unit(k, line=line) for line in printed_lines(k, element))
            continue
        if _is_column_of_lines(element):
            units.extend(_Unit(k, line=line) for p in paragraphs((element,)) for line in printed_lines(k, p))
        else:
            units.append(_Unit(k, table=element, index=index))
        index += 1
    return units


def _is_column_of_lines(table: Table) -> bool:
    """A frame or a sheet in which everything stands in one column, without a header: a list in truth."""
    grid = grid_of(table)
    used = {c for r in range(len(grid.rows)) for c, t in enumerate(grid.texts(r)) if t}
    inner = any(isinstance(e, Table) for row in table.rows for cell in row for e in cell.content)
    if len(used) > 1 or inner or columns_of(grid) is not None:
        return False
    texts = [t for r in range(len(grid.rows)) for t in grid.texts(r) if t]
    return not table.name or sum(map(is_evidence, texts)) >= 0.5 * len(texts)


def _starts(units: list[_Unit]) -> list[_Start]:
    starts: list[_Start] = []
    for k, unit in enumerate(units):
        if unit.line is None:
            continue
        text = unit.line.full
        if is_catalog_title(text):
            starts.append(_Start(k, 0.4, True))
        elif is_lead_in(text):
            starts.append(_Start(k, 0.35, False))
        elif _ATTACHMENTS.match(plain(text)):
            starts.append(_Start(k, -0.05, False))
    tables = [k for k, u in enumerate(units) if u.table is not None]
    return [*starts, *(_Start(k, 0.0, False) for k in tables[:40]), _Start(0, 0.0, False)]


def _candidate(units: list[_Unit], start: _Start) -> Catalog | None:
    attached = start.weight < 0
    begin = start.at + 1 if start.weight > 0 or (attached and not _has_row(units[start.at])) else start.at
    found = _walk(units, begin, titled=start.weight > 0)
    if found is None or (attached and (len(found.rows) < 3 or any(_OWN_PAPERS.search(r.title) for r in found.rows))):
        return None
    first = start.at if start.weight > 0 or attached else found.first
    top, title = _title_above(units, first, found.first)
    title = title or found.title
    weight = 0.4 if title and start.weight >= 0 else start.weight
    confidence = min(1.0, max(0.0, weight + found.likeness + _surroundings(units, top, found.last, bool(title) or start.weight > 0)))
    if attached:
        return _of_attachments(found, units[top].element, title, confidence)
    end = units[found.last].element if found.last < len(units) else units[-1].element + 1
    end = max(end, units[found.last - 1].element + 1)
    return Catalog(found.rows, units[top].element, end, title, round(confidence, 3), found.notes)


def _of_attachments(found: _Found, place: int, title: str | None, confidence: float) -> Catalog:
    """A list of attachments belongs to the report that it closes: it takes nothing out of it."""
    first = replace(found.rows[0], no=re.sub(r"^附件?\s*[:：]\s*", "", found.rows[0].no))
    rows = (first, *found.rows[1:])
    names = sum(is_evidence(r.title) for r in rows) >= 0.8 * len(rows) and len(rows) >= _FEWEST_ATTACHED
    return Catalog(rows, place, place, title, _ATTACHED if names and confidence >= 0.3 else min(confidence, 0.45), found.notes)


def _has_row(unit: _Unit) -> bool:
    return unit.line is not None and len(plain(unit.line.full)) > 4


def _title_above(units: list[_Unit], start: int, content: int) -> tuple[int, str | None]:
    """Where the catalog begins: its last heading before the content, with a mark (附件2) and the upper half of a title above it."""
    titles = [k for k in range(start, content) if (line := units[k].line) is not None and is_catalog_title(line.full)]
    if not titles:
        top = start
        while top > 0 and (line := units[top - 1].line) is not None and _is_heading_line(line) and start - top < 2:
            top -= 1
        return (top, None) if units[start].table is not None and top < start and top > 0 and _follows_break(units, top) else (start, None)
    top = titles[-1]
    line = units[top].line
    title = line.full.strip() if line is not None else ""
    while top > 0 and (above := units[top - 1].line) is not None:
        text = plain(above.full)
        if _ATTACHMENT_MARK.match(text):
            top -= 1
        elif title and _is_upper_half(above) and top == titles[-1]:
            title, top = above.full.strip() + title, top - 1
        else:
            break
    return top, title or None


def _is_upper_half(line: Printed) -> bool:
    text = plain(line.full)
    sentence = re.search(r"[。;,:]|月\d+日$|自查报告$", text) or is_note(line.full)
    return len(text) <= 40 and bool(_UPPER_HALF.search(text)) and not sentence


def _is_heading_line(line: Printed) -> bool:
    return len(plain(line.full)) <= 40 and "。" not in line.full


def _follows_break(units: list[_Unit], top: int) -> bool:
    """A date or signature stands right above: the report has ended there."""
    line = units[top - 1].line
    return line is not None and bool(re.search(r"月\d{1,2}日$|[○〇一二三四五六七八九十]日$", plain(line.full)))


def _surroundings(units: list[_Unit], top: int, last: int, titled: bool) -> float:
    """What stands around: nothing speaks for a catalog, a report going on behind it against one."""
    before = sum(_is_prose_unit(u) for u in units[:top])
    after = sum(_is_prose_unit(u) for u in units[last:])
    if titled:
        return -0.1 if after > 6 else 0.0
    if not before and not after:
        return 0.15
    return -0.3 if after >= 2 else -0.05


def _is_prose_unit(unit: _Unit) -> bool:
    return unit.line is not None and len(plain(unit.line.full)) > 60 and "。" in unit.line.full


@dataclass(slots=True)
class _Walk:
    """What has been gathered on the way down."""

    rows: list[Row]
    parts: list[tuple[float, int]]
    """(likeness, rows) of each table or list."""
    group: str | None = None
    columns: Columns | None = None
    width: int = 0
    first: int = -1
    last: int = -1
    title: str | None = None
    named_by_title: bool = False
    """Headings of tables read like titles of catalogs (卷一 … 目录)."""
    title_line: str | None = None
    """The title-like line right above the first table."""


def _walk(units: list[_Unit], begin: int, *, titled: bool) -> _Found | None:
    walk = _Walk([], [])
    k = begin
    while k < len(units):
        stop = next((j for j in range(k, len(units)) if units[j].table is not None), len(units))
        lines = [line for u in units[k:stop] if (line := u.line) is not None]
        if not _take_lines(walk, units, k, stop, lines, titled=titled):
            break
        if stop == len(units):
            break
        if not _take_table(walk, units, stop, titled=titled) and units[stop].table and not (units[stop].table or Table(())).name:
            break
        k = stop + 1
    if not walk.rows:
        return None
    if walk.named_by_title:
        line = units[begin - 1].line if begin else None
        own = walk.title_line or (line.full.strip() if line is not None else None)
        walk.rows = [replace(r, group=own) if r.group is None and r.table == walk.rows[0].table else r for r in walk.rows]
    total = sum(n for _, n in walk.parts)
    likeness = sum(v * n for v, n in walk.parts) / max(1, total)
    return _Found(tuple(walk.rows), walk.first, _past_notes(units, walk.last), likeness, walk.title)


def _past_notes(units: list[_Unit], last: int) -> int:
    while last < len(units) and (line := units[last].line) is not None and _is_footnote(plain(line.full)):
        last += 1
    return last


def _is_footnote(text: str) -> bool:
    return len(text) < 120 and (is_total(text) or text.startswith(("注", "备注", "说明")))


def _take_lines(walk: _Walk, units: list[_Unit], k: int, stop: int, lines: list[Printed], *, titled: bool) -> bool:
    """Read the lines before the next table as rows of a list, or as what stands above it; False if the catalog ends among them."""
    table_follows = stop < len(units)
    cut = _title_ends(walk, lines) if lines and walk.last == k and not (table_follows and _has_header(units[stop])) else 0
    if cut:
        rest = "".join(line.text.strip() for line in lines[:cut])
        walk.rows[-1] = replace(walk.rows[-1], title=walk.rows[-1].title + rest)
        walk.last, k, lines = k + cut, k + cut, lines[cut:]
    reading = read_list(lines, walk.group, titled=titled or bool(walk.rows))
    if _is_list(reading, lines, titled=titled, table_follows=table_follows, begun=bool(walk.rows)):
        walk.rows.extend(_list_row(r, n) for n, r in enumerate(reading.rows, len(walk.rows) + 1))
        walk.parts.append((0.15 * reading.numbered + 0.4 * reading.evidence, len(reading.rows)))
        if walk.first < 0:
            walk.first = k + next((n for n, line in enumerate(lines) if line is reading.rows[0].printed), 0)
        walk.last = k + reading.used
        walk.columns = None
        left = lines[reading.used :]
    else:
        left = lines
    if not table_follows:
        return False
    if len(left) > _MOST_BETWEEN or any(len(plain(line.full)) > 60 and "。" in line.full for line in left):
        return not walk.rows and titled and len(left) <= _MOST_BETWEEN
    walk.group = _heading_of(left, walk)
    return True


def _title_ends(walk: _Walk, lines: list[Printed]) -> int:
    """How many lines are the rest of a row that a page break has cut in two: only together they name a record."""
    if not walk.rows or walk.rows[-1].table is None:
        return 0
    title = walk.rows[-1].title
    for n, line in enumerate(lines[:_MOST_CUT], 1):
        counted = line.label or (split_number(line.text) and re.match(r"\W*[\d一二三四五六七八九十]", line.text))
        if is_evidence(title) or counted or len(plain(line.text)) > 30:
            return 0
        title += line.text.strip()
        if is_evidence(title):
            return n
    return 0


def _has_header(unit: _Unit) -> bool:
    """A table that names its columns starts anew: what stands above is no rest of the table before."""
    return unit.table is not None and columns_of(grid_of(unit.table)) is not None


def _heading_of(lines: list[Printed], walk: _Walk) -> str | None:
    """The heading that the next table stands under: the last line above it that is no note; the open one if nothing stands there."""
    texts = [line.full.strip() for line in lines if not (is_note(line.full) or is_total(line.full))]
    last_title = max((n for n, t in enumerate(texts) if is_catalog_title(t) or is_lead_in(t)), default=-1)
    own = texts[last_title + 1 :]
    if own:
        return own[-1].rstrip("：:")
    if texts and walk.rows:
        walk.named_by_title = True
        return texts[-1]
    if texts and is_catalog_title(texts[-1]):
        walk.title_line = texts[-1]
    return walk.group


def _is_list(reading: ListReading, lines: list[Printed], *, titled: bool, table_follows: bool, begun: bool) -> bool:
    n = len(reading.rows)
    if not n or reading.evidence < 0.5:
        return False
    if table_follows:
        return n >= 2 and reading.numbered >= 0.8 and reading.evidence >= 0.8
    if titled:
        return n >= 2 or reading.evidence == 1
    enough = n >= 3 and reading.evidence >= 0.7 and reading.used >= 0.7 * len(lines)
    return enough and (not begun or reading.numbered >= 0.8)


def _list_row(found: ListRow, number: int) -> Row:
    line = found.line
    return Row(
        no=line.no,
        group=found.group,
        printed_item=line.item,
        title=line.title,
        docno=line.docno,
        pages=line.pages,
        custody="kept" if line.kept else "submitted",
        date=line.date,
        remark=line.remark,
        location=found.printed.location,
        row=number,
        table=None,
        other_no=line.other_no,
    )


def _take_table(walk: _Walk, units: list[_Unit], k: int, *, titled: bool) -> bool:
    unit = units[k]
    assert unit.table is not None
    above = k > 0 and units[k - 1].table is None
    last = None if above or not walk.rows else walk.rows[-1]
    reading = read_table(unit.table, unit.index, before=walk.columns, width=walk.width, group=walk.group, last=last)
    if reading is None or not reading.rows or not _is_catalog_table(reading, titled=titled or bool(walk.rows)):
        return False
    rows = list(reading.rows)
    if reading.continued and walk.rows and not above:
        walk.rows[-1] = _completed(walk.rows[-1], rows.pop(0))
    walk.rows.extend(rows)
    walk.parts.append((_table_likeness(reading), max(1, len(rows))))
    walk.columns, walk.width = reading.columns, grid_of(unit.table).width
    walk.group = None if unit.table.name else reading.group
    walk.title = walk.title or reading.title
    walk.first = k if walk.first < 0 else walk.first
    walk.last = k + 1
    return True


def _completed(row: Row, rest: Row) -> Row:
    """A row that a page break has cut in two."""
    return replace(
        row,
        title=row.title + rest.title,
        docno="".join(filter(None, (row.docno, rest.docno))) or None,
        pages=row.pages or rest.pages,
        printed_item=row.printed_item or rest.printed_item,
        date=row.date or rest.date,
        remark="".join(filter(None, (row.remark, rest.remark))) or None,
    )


def _is_catalog_table(reading: TableReading, *, titled: bool) -> bool:
    columns = reading.columns
    titled = titled or reading.title is not None
    if is_prose(reading.rows):
        return False
    if columns.report:
        return titled and reading.evidence >= 0.6
    if columns.plain and not titled:
        return reading.evidence >= 0.6 and columns.telling >= 1
    if titled:
        return reading.evidence >= 0.3 or (not columns.plain and columns.telling >= 1)
    return reading.evidence >= 0.4 and (columns.telling >= 1 or reading.evidence >= 0.8)


def _table_likeness(reading: TableReading) -> float:
    columns = reading.columns
    header = 0.0 if columns.plain else 0.35
    return header + min(0.15, 0.05 * columns.telling) + 0.25 * reading.evidence - (0.4 if columns.report else 0)


def _with_sheet_names(catalog: Catalog, document: Document) -> Catalog:
    """Rows of a workbook stand under their sheet where several sheets hold rows and no nearer heading does."""
    tables = [e for e in document.elements if isinstance(e, Table)]
    used = {r.table for r in catalog.rows if r.table is not None and tables[r.table].name}
    if len(used) < 2:
        return catalog
    return replace(catalog, rows=tuple(_under_sheet(r, tables) for r in catalog.rows))


def _under_sheet(row: Row, tables: list[Table]) -> Row:
    name = tables[row.table].name if row.table is not None else None
    return replace(row, group=name) if name and row.group in (None, row.box) and not _GENERIC_SHEET.match(name) else row
