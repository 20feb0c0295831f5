"""The bytes of anything that arrived, as it arrived: a mail, what was attached to it, what was in an archive in it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from pathlib import PurePosixPath

import sqlalchemy as sa

from extract.model import Document
from ingest.copies import copies_in
from ingest.documents import reading_key_of
from ingest.expanding import Copies
from ingest.files import Archive
from ingest.orders import opened_by, orders_of
from ingest.schema import readings
from ingest.store import Arrival, Recorded, Store
from ingest.submission import Root, Submission, from_files, submissions
from scoring.journal import PASSWORD, RETRY, UNDO, live

_REMEMBERED = 64 << 20
"""Bytes of files taken out of mails that are remembered: pages of one scan are asked for one after another."""


class Originals:
    """Originals of one home folder; safe to use from several threads."""

    def __init__(self, store: Store, archive: Archive) -> None:
        self.store, self.archive = store, archive
        self._lock = threading.Lock()
        self._recent: OrderedDict[str, bytes] = OrderedDict()

    def arrived(self, digests: Collection[str]) -> dict[str, Arrival]:
        """SHA-256 -> entry in the ledger, of everything in the submissions of these numbers, the mails themselves included."""
        numbers = {s.number for s in self.store.submissions() if s.digest in digests}
        return {a.sha256: a for a in reversed(self.store.arrivals()) if a.submission in numbers and a.sha256}

    def content(self, arrival: Arrival) -> bytes:
        """Its bytes; FileNotFoundError where the archive has lost them."""
        with self._lock:
            if arrival.sha256 in self._recent:
                self._recent.move_to_end(arrival.sha256)
                return self._recent[arrival.sha256]
        recorded = self.store.submission(arrival.submission)
        if any(m.sha256 == arrival.sha256 for m in recorded.members):
            return self.archive.get(arrival.sha256)
        found = next((p.data for p in restored(recorded, self.archive, self._copies()).parts if p.sha256 == arrival.sha256), None)
        if found is None:
            raise FileNotFoundError(arrival.place)
        self._remember(arrival.sha256, found)
        return found

    def readable(self, arrival: Arrival) -> bytes:
        """Its bytes without the password, where a person gave that; else as they arrived."""
        copy = self._copies()(arrival.sha256)
        return self.content(arrival) if copy is None else copy

    def _copies(self) -> Copies:
        with self.store.reading() as book:
            return copies_in(self.archive, opened_by(live(book.of_unit(None, (PASSWORD, UNDO)))))

    def _remember(self, sha256: str, data: bytes) -> None:
        with self._lock:
            self._recent[sha256] = data
            while len(self._recent) > 1 and sum(map(len, self._recent.values())) > _REMEMBERED:
                self._recent.popitem(last=False)


def restored(recorded: Recorded, archive: Archive, copies: Copies = lambda _: None) -> Submission:
    """A submission of the ledger, taken apart again from the archive."""
    roots = [Root(m.place, archive.get(m.sha256), m.is_mail) for m in recorded.members]
    if recorded.place.endswith("/"):
        return from_files(roots, place=recorded.place, copies=copies)
    return submissions(roots, copies=copies)[0]


def as_read(store: Store, sha256: str, name: str) -> Document | None:
    """The file as it was read last: by this program, else by the one before it, from which its worksheet still is."""
    with store.reading() as book:
        orders = orders_of(live(book.of_unit(None, (PASSWORD, RETRY, UNDO))))
    content = orders.opened.get(sha256, sha256)
    now = reading_key_of(content, name, orders.again.get(sha256, 0))
    before = f"{content}{PurePosixPath(name).suffix.lower()}@"
    with store.engine.connect() as db:
        newest = sa.select(readings.c.key).where(readings.c.key.startswith(before, autoescape=True)).order_by(sa.text("rowid desc"))
        keys = [now, *db.execute(newest).scalars()]
    for key in dict.fromkeys(keys):
        try:
            reading = store.get_reading(key)
        except (ValueError, KeyError, TypeError):  # another program kept it in another form
            continue
        if reading is not None:
            return reading.document
    return None
