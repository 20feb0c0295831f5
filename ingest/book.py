"""Reading the journal through one connection of the database: as it stands, or as it stands while nobody else can write."""

from __future__ import annotations

import json
from collections.abc import Collection

import sqlalchemy as sa

from ingest.schema import journal
from scoring.journal import REVIEWER, UNDO, Entry, UnreadableJournal

FIELDS = ("seq", "at", "by", "kind", "unit", "body", "reason", "previous", "hash")
COMMON = (UNDO, REVIEWER)
"""Kinds that concern a unit though they may name none."""


class Book:
    """The journal; each method asks the database for no more than it returns. All raise UnreadableJournal."""

    def __init__(self, db: sa.Connection) -> None:
        self._db = db

    def all(self) -> tuple[Entry, ...]:
        """Everything, oldest first."""
        return self._read(sa.true())

    def since(self, seq: int, unit: str | None = None) -> tuple[Entry, ...]:
        """What was written behind that number, oldest first; of one unit if it is named."""
        return self._read((journal.c.seq > seq) & (sa.true() if unit is None else _about(unit)))

    def of_unit(self, unit: str | None, kinds: Collection[str] = ()) -> tuple[Entry, ...]:
        """What concerns the unit, or (None) no single one, oldest first; of these kinds if any are named."""
        of = journal.c.unit.is_(None) if unit is None else _about(unit)
        return self._read(of & journal.c.kind.in_(sorted(kinds)) if kinds else of)

    def entry(self, seq: int) -> Entry | None:
        """The entry of that number."""
        return next(iter(self._read(journal.c.seq == seq)), None)

    def _read(self, wanted: sa.ColumnElement[bool]) -> tuple[Entry, ...]:
        rows = self._db.execute(sa.select(journal).where(wanted).order_by(journal.c.seq)).mappings()
        return tuple(entry_in(row) for row in rows)


def _about(unit: str) -> sa.ColumnElement[bool]:
    return (journal.c.unit == unit) | (journal.c.unit.is_(None) & journal.c.kind.in_(COMMON))


def entry_in(row: sa.RowMapping) -> Entry:
    """A row of the table as an entry."""
    try:
        body = json.loads(row["body"])
    except ValueError as error:
        raise UnreadableJournal(f"第{row['seq']}条的内容已损坏，无法读取") from error
    if not isinstance(body, dict):
        raise UnreadableJournal(f"第{row['seq']}条的内容已损坏，无法读取")
    return Entry(**{**{k: row[k] for k in FIELDS}, "body": body})


def values_of(entry: Entry) -> dict[str, object]:
    """An entry as a row of the table."""
    return {k: getattr(entry, k) for k in FIELDS} | {"body": json.dumps(entry.body, ensure_ascii=False, sort_keys=True)}
