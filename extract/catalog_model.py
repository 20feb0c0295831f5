"""What a catalog of evidence is once it has been read: rows of records, nothing of the rubric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from extract.model import Location

Custody = Literal["submitted", "kept"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the catalog; texts as printed, "" or None where nothing is."""

    no: str
    group: str | None
    """Heading row, heading above the table, sheet, box or volume it stands under."""
    printed_item: str | None
    """考核条目 as printed, e.g. （一）1."""
    title: str
    docno: str | None
    pages: str | None
    custody: Custody
    """kept: 留存备查, to be inspected on site."""
    date: str | None
    remark: str | None
    location: Location
    row: int
    """Row of the table or sheet, from 1; in a list the running number of its line."""
    table: int | None
    """Index of the table, counted over the document from 0; None in a list."""
    other_no: str | None = None
    """A second number column (序号 beside 档号), as printed."""
    box: str | None = None
    """Value of a column 盒号, 卷号 or 类别; it is the group as well where no heading stands above."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """A catalog and the part of its document that it takes up."""

    rows: tuple[Row, ...]
    start: int
    end: int
    """It occupies the elements [start, end) of the document."""
    title: str | None
    confidence: float
    """0–1; from 0.5 on it may be taken for a catalog."""
    notes: tuple[str, ...] = ()
