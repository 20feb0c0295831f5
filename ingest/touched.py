"""What new entries of the journal ask of the outbox: the units to write anew, and whether anything has to be judged again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingest.book import Book
from scoring.journal import BEFORE_ASSESSING, REVIEWER, Entry, root_of


def touched(news: Sequence[Entry], book: Book, everybody: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """(units that the entries concern, whether any of them is an order). An undo concerns what it takes back.

    `everybody`: the units of which a word about all of them speaks.
    """
    roots = [root_of(e, book.entry) for e in news]
    units = [e.unit for e in (*news, *roots) if e.unit]
    if any(e.kind == REVIEWER and e.unit is None for e in roots):
        units += everybody
    return tuple(dict.fromkeys(units)), any(e.kind in BEFORE_ASSESSING for e in roots)
