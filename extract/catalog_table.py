"""The rows of a catalog that is a table: group headings, merged cells, bundled and continued rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extract.catalog_grammar import looks_like_item, looks_like_number, split_number
from extract.catalog_grid import Columns, Field, Grid, columns_by_values, columns_of, docno_of_parts, grid_of, joined, repeats_header
from extract.catalog_model import Custody, Row
from extract.catalog_words import column_says_kept, is_catalog_title, is_evidence, is_note, is_nothing, is_total, plain, says_kept
from extract.chinese import number_key
from extract.docno import find_docnos
from extract.model import Location, Table

_HEADING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十\d]{1,3}[部卷盒册类项章]|[卷盒册]|[Ⅰ-Ⅻ])"
)
_HAN_NO = re.compile(r"^(?:[（(]?[一二三四五六七八九十]{1,3}[）)]?[、.．]?|第.+[部卷章类].*|[Ⅰ-Ⅻ]|[IVX]+)$")
_KEPT_ASIDE = re.compile(r"[（(][^（）()]*(?:留存|备查|现场查)[^（）()]*[）)]$")
_DITTO = re.compile(r"^(?:同上|〃|″|”|\"|''|〝|…|同前)$")
_NEW_TITLE = re.compile(r"^(?:《|[（(]?\d{1,2}[）).、．]|[①-⑳])")
_ENDS = ("；", ";", "。", "》", "号", "）")
_PROSE = 70


@dataclass(frozen=True, slots=True)
class TableReading:
    """The rows of one table, how it was read, and how much of it looks like a catalog (0–1)."""

    rows: tuple[Row, ...]
    columns: Columns
    title: str | None
    evidence: float
    headed: bool
    """It has a header of its own."""
    continued: bool = False
    """Its first row is the rest of the last row of the table before."""
    group: str | None = None
    """The heading that is open at its end."""


def read_table(
    table: Table, index: int, *, before: Columns | None = None, width: int = 0, group: str | None = None, last: Row | None = None
) -> TableReading | None:
    """The rows of `table`, the `index`-th of the document, or None if it is no catalog.

    `before`, `width`, `last`: columns, width and last row of the catalog table that it may continue; `group`: the heading it stands under.
    """
    grid = grid_of(table)
    columns = columns_of(grid)
    headed = columns is not None
    if columns is None and before is not None and grid.width == width:
        columns = replace(before, header=0, first=0)
    columns = columns or columns_by_values(grid)
    if columns is None:
        return None
    title, above = _above(grid, columns.first)
    reader = _Reader(grid, columns, index, above or group, last)
    rows, open_ = reader.read()
    continued = bool(rows) and last is not None and columns.no is not None and not rows[0].no and _mostly_numbered(rows[1:])
    evidence = sum(is_evidence(r.title) or bool(r.docno) for r in rows) / max(1, len(rows))
    return TableReading(tuple(rows), columns, title, evidence, headed, continued, open_)


def _mostly_numbered(rows: Sequence[Row]) -> bool:
    return not rows or sum(bool(r.no) for r in rows) >= 0.8 * len(rows)


def _above(grid: Grid, first: int) -> tuple[str | None, str | None]:
    """Title and heading in the rows above the header (unit, contact and date lines are neither)."""
    title = heading = None
    for r in range(first):
        texts = [joined(t) for t in grid.texts(r) if t.strip()]
        for text in texts:
            if is_catalog_title(text):
                title = text
            elif len(texts) == 1 and not is_note(text) and not is_total(text) and len(plain(text)) <= 60:
                heading = text
    return title, heading


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row of the grid taken apart by its columns."""

    at: int
    cells: dict[int, str]
    fields: tuple[Field | None, ...]

    @property
    def filled(self) -> list[int]:
        return [c for c, t in self.cells.items() if t]


class _Reader:
    """Walks the rows of one grid from the header down."""

    def __init__(self, grid: Grid, columns: Columns, index: int, group: str | None, last: Row | None) -> None:
        self.last = last
        self.grid, self.columns, self.index, self.group = grid, columns, index, group
        self.kept = bool(group) and says_kept(group or "")
        self.rows: list[Row] = []
        self.numbered = self._numbered_share()
        self.item_carries = _omits_repeats(grid, columns.item, columns.header)
        self.group_carries = _omits_repeats(grid, columns.group, columns.header)
        self.item = self.box = ""
        self.marks: set[str] = set()
        titles = [t for t in self._column(columns.title) if t]
        self.typed = columns.no is None and sum(split_number(t) is not None for t in titles) >= 0.6 * len(titles)

    def read(self) -> tuple[list[Row], str | None]:
        for r in range(self.columns.header, len(self.grid.rows)):
            self._take(_Entry(r, {c: joined(t) for c, t in enumerate(self.grid.texts(r))}, self.grid.rows[r]))
        return [self._with_marks(row) for row in self.rows], self.group

    def _take(self, entry: _Entry) -> None:
        filled = entry.filled
        if not filled:
            return
        first = entry.cells[filled[0]]
        if is_total(first) or (len(filled) == 1 and is_note(first)) or repeats_header(self.grid, entry.at, self.columns):
            self._note(first)
            return
        if self._completes(entry):
            self.rows[-1] = replace(self.rows[-1], title=self.rows[-1].title + entry.cells[self.columns.title])
            return
        if self._is_rest(entry):
            self._append(entry)
            return
        heading = self._heading(entry)
        if heading:
            self.group, self.kept = heading, says_kept(heading)
            self.item = ""
        elif not all(looks_like_number(entry.cells[c]) for c in filled) or len(filled) > 2:
            self._row(entry)

    def _note(self, text: str) -> None:
        mark = re.search(r"(?:标|带|注|打|画|有)?[“\"]?([*＊★☆※▲△#●])[”\"]?", text)
        if mark and says_kept(text):
            self.marks.add(mark[1])

    def _with_marks(self, row: Row) -> Row:
        return replace(row, custody="kept") if any(m in row.no + row.title + (row.remark or "") for m in self.marks) else row

    def _completes(self, entry: _Entry) -> bool:
        """A lone text without number that makes a record of the row above: a row cut in two by a page break."""
        c = self.columns
        if not self.rows or c.no is None or entry.filled != [c.title] or self.numbered < 0.6:
            return False
        text, before = entry.cells[c.title], self.rows[-1].title
        adjoins = self.rows[-1].row == self.grid.numbers[entry.at] - 1
        return adjoins and not _HEADING.match(text) and not is_evidence(before) and is_evidence(before + text)

    def _is_rest(self, entry: _Entry) -> bool:
        """The title cell of the row above reaches down to here: what else stands here belongs to that row."""
        place = entry.fields[self.columns.title]
        return bool(self.rows) and place is not None and not place.origin and place.rows > 1 and bool(place.text) and place.columns == 1

    def _append(self, entry: _Entry) -> None:
        row, c = self.rows[-1], self.columns
        docno = entry.cells.get(c.docno, "") if c.docno is not None else ""
        pages = entry.cells.get(c.pages, "") if c.pages is not None else ""
        self.rows[-1] = replace(row, docno=_plus(row.docno, docno), pages=_plus(row.pages, pages))

    def _heading(self, entry: _Entry) -> str | None:
        """The text of a group heading, if this row is one."""
        c = self.columns
        filled = entry.filled
        texts = [entry.cells[k] for k in filled]
        place = entry.fields[filled[0]]
        if len(filled) == 1 and place is not None:
            text = texts[0]
            if looks_like_number(text) and not looks_like_item(text):
                return None
            if place.columns > 1 and place.columns >= min(self.grid.width, 3) - 1 and self.grid.width > 1:
                return text if place.columns >= self.grid.width - 1 or not is_evidence(text) or _HEADING.match(text) else None
            if filled[0] == c.title:
                if self._is_cut_off(text):
                    return None
                return text if self._titles_as_heading(text, entry) else None
            if filled[0] in (c.no, c.other_no, c.group, c.item, 0):
                return text if place.rows == 1 else None
            return None
        if c.no is not None and c.no in filled and c.title in filled and len(filled) == 2 and self._numbers_as_heading(entry):
            return f"{entry.cells[c.no]} {entry.cells[c.title]}"
        return None

    def _is_cut_off(self, text: str) -> bool:
        """The end of a title that a page break has parted from its beginning on the page before."""
        if self.last is None or self.rows or _HEADING.match(text):
            return False
        return text[0] in "（(）)》〉”、，的及和与" or not is_evidence(self.last.title)

    def _titles_as_heading(self, text: str, entry: _Entry) -> bool:
        """A lone text in the title column: a heading by its number, or because rows have numbers and this is no record."""
        if self.grid.width == 1:
            return bool(_HEADING.match(text)) and not is_evidence(text)
        if _HEADING.match(text):
            return not find_docnos(text) and "《" not in text
        others = [k for k in (self.columns.no, self.columns.docno, self.columns.pages) if k is not None]
        return bool(others) and self.numbered > 0.6 and not is_evidence(text) and self._is_followed(entry)

    def _is_followed(self, entry: _Entry) -> bool:
        return any(any(t.strip() for t in self.grid.texts(r)) for r in range(entry.at + 1, len(self.grid.rows)))

    def _numbers_as_heading(self, entry: _Entry) -> bool:
        """一 | 完善组织和制度保障 above rows numbered 1, 2, 3; 1 | 组织机构 above 1-1, 1-2."""
        c = self.columns
        assert c.no is not None
        no, title = entry.cells[c.no], entry.cells[c.title]
        if find_docnos(title) or "《" in title:
            return False
        following = self._next_number(entry)
        mine, next_ = number_key(no), number_key(following)
        if next_ and len(next_) > len(mine) and next_[: len(mine)] == mine and not is_evidence(title):
            return True
        return bool(_HAN_NO.match(no)) and bool(following) and not _HAN_NO.match(following)

    def _next_number(self, entry: _Entry) -> str:
        c = self.columns
        later = (self.grid.texts(r)[c.no] for r in range(entry.at + 1, len(self.grid.rows)) if c.no is not None)
        return next((joined(t) for t in later if t.strip()), "")

    def _column(self, column: int | None) -> list[str]:
        if column is None:
            return []
        return [joined(self.grid.texts(r)[column]) for r in range(self.columns.header, len(self.grid.rows))]

    def _numbered_share(self) -> float:
        rows = [r for r in range(self.columns.header, len(self.grid.rows)) if any(self.grid.texts(r))]
        return sum(bool(v) for v in self._column(self.columns.no)) / max(1, len(rows))

    def _row(self, entry: _Entry) -> None:
        c = self.columns
        raw = self.grid.texts(entry.at)
        title = _title(raw[c.title])
        docno = self._docno(entry)
        if is_nothing(title):
            title = docno or ""
        if not title:
            self._to_remark(entry)
            return
        no = re.sub(r"[\s.．、]+$", "", self._value(entry, c.no) or "")
        if self.typed:
            no, title = _typed_number(title)
        other = self._value(entry, c.other_no)
        if not no and other:
            no, other = other, None
        remarks = [t for k in c.remark if (t := self._value(entry, k))]
        place = entry.fields[c.title]
        group = self._group(entry)
        row = Row(
            no=no,
            group=group,
            printed_item=self._item(entry),
            title=title,
            docno=docno or "；".join(d.text for d in find_docnos(title)) or None,
            pages=self._value(entry, c.pages),
            custody=self._custody(entry, title),
            date=self._value(entry, c.date),
            remark="；".join(remarks) or None,
            location=place.location if place is not None else Location(),
            row=self.grid.numbers[entry.at],
            table=self.index,
            other_no=other,
            box=self.box or None,
        )
        self.rows.append(row)

    def _to_remark(self, entry: _Entry) -> None:
        """Text beside an empty title cell adds to the row above."""
        if self.rows and self.columns.no is not None and not entry.cells[self.columns.no]:
            extra = "；".join(entry.cells[k] for k in entry.filled)
            self.rows[-1] = replace(self.rows[-1], remark=_plus(self.rows[-1].remark, extra))

    def _value(self, entry: _Entry, column: int | None) -> str | None:
        if column is None:
            return None
        text = entry.cells[column]
        return None if is_nothing(text) else text

    def _docno(self, entry: _Entry) -> str | None:
        c = self.columns
        if c.docno is None or not c.docno_rest:
            return self._value(entry, c.docno)
        cells = [self._value(entry, k) or "" for k in (c.docno, *c.docno_rest)]
        return docno_of_parts(cells) or None

    def _carried(self, entry: _Entry, column: int, old: str, carries: bool) -> str:
        place = entry.fields[column]
        text = joined(place.text) if place is not None else ""
        if _DITTO.match(text) or (not text and carries):
            return old
        return "" if is_nothing(text) else text

    def _item(self, entry: _Entry) -> str | None:
        if self.columns.item is None:
            return None
        self.item = self._carried(entry, self.columns.item, self.item, self.item_carries)
        return self.item or None

    def _group(self, entry: _Entry) -> str | None:
        if self.columns.group is not None:
            self.box = self._carried(entry, self.columns.group, self.box, self.group_carries)
        return self.group or self.box or None

    def _custody(self, entry: _Entry, title: str) -> Custody:
        c = self.columns
        by_column = any(column_says_kept(c.names[k] if k < len(c.names) else "", entry.cells[k]) for k in c.custody)
        by_note = any(says_kept(entry.cells[k]) for k in c.remark) or bool(_KEPT_ASIDE.search(title))
        return "kept" if by_column or by_note or self.kept else "submitted"


def _omits_repeats(grid: Grid, column: int | None, header: int) -> bool:
    """True if a column names a value once for the rows that follow and leaves the rest blank."""
    if column is None:
        return False
    cells = [grid.rows[r][column] for r in range(header, len(grid.rows)) if any(grid.texts(r))]
    values = [joined(f.text) if f is not None else "" for f in cells]
    blank = sum(not v for v in values)
    repeats = sum(a == b != "" for a, b in pairwise(values))
    merged = any(f is not None and f.origin and f.rows > 1 for f in cells)
    return bool(values) and bool(values[0]) and blank > 0 and repeats <= 0.2 * blank and not merged


def _title(text: str) -> str:
    """The title as one line; several records in one cell stay apart by a blank."""
    lines = [part.strip() for part in text.split("\n") if part.strip()]
    numbered = len(lines) > 1 and all(_NEW_TITLE.match(part) for part in lines[1:])
    names = len(lines) > 1 and all(is_evidence(part) and len(part) > 5 for part in lines)
    if numbered or (names and any(part.endswith(_ENDS) for part in lines[:-1])):
        return " ".join(lines)
    return joined(text)


def _typed_number(title: str) -> tuple[str, str]:
    """A number that is typed before the title where there is no column for it, and the title."""
    found = split_number(title)
    return found if found and not _HEADING.match(title) else ("", title)


def _plus(old: str | None, new: str) -> str | None:
    if not new or is_nothing(new):
        return old
    return f"{old}；{new}" if old else new


def mean_length(rows: Sequence[Row]) -> float:
    """Characters of a title, on average; names of records are short, the text of a report is not."""
    return sum(len(plain(r.title)) for r in rows) / max(1, len(rows))


def is_prose(rows: Sequence[Row]) -> bool:
    """True if the title column holds sentences."""
    sentences = sum("。" in r.title.rstrip("。") or r.title.endswith("。") for r in rows)
    return mean_length(rows) > _PROSE or sentences > 0.3 * len(rows)
