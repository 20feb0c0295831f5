"""What all pages look at: every unit's worksheet as it stands now, kept in memory and brought up to date by what was written since."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import templates
from ingest.accounts import Accounts
from ingest.actions import Actions
from ingest.casework import Sheet
from ingest.rules import Rules
from ingest.settings import Settings
from ingest.store import Kept, Store, unpacked
from scoring.conclude import conclude
from scoring.journal import Entry, live
from scoring.roster import RosterUnit


@dataclass(slots=True)
class Standing:
    """A unit's worksheet, and what it was made from."""

    judged: Sheet
    digest: bytes
    seq: int = -1
    """Number of the last entry that it was concluded with."""
    sheet: Sheet | None = None
    row: dict[str, Any] | None = None


class State:
    """One home folder as the pages see it; safe to use from several threads. What it returns must not be changed."""

    def __init__(self, settings: Settings, rules: Rules, store: Store, *, clock: Callable[[], datetime] | None = None) -> None:
        self.settings, self.rules, self.store = settings, rules, store
        self.clock = clock or (lambda: datetime.now().astimezone())
        self.accounts = Accounts(store, idle=settings.idle_minutes * 60)
        self.rubric = templates.plain_rubric(rules.rubric)
        self.units: tuple[RosterUnit, ...] = rules.roster.units
        self.actions = Actions(settings, rules, store, publish=False, sheets=self.sheet)
        self._numbers = {u.name: n for n, u in enumerate(self.units, 1)}
        self._lock = threading.RLock()
        self._version = -1
        self._units: dict[str, Standing] = {}
        self._entries: list[Entry] = []
        self._of: dict[str | None, list[Entry]] = defaultdict(list)

    def number(self, unit: str) -> int:
        """The unit's place in the roster, from 1."""
        return self._numbers[unit]

    def head(self) -> int:
        """Number of the journal's last entry."""
        with self._fresh(results=False):
            return self._entries[-1].seq if self._entries else 0

    def entries(self, unit: str | None = None) -> tuple[Entry, ...]:
        """The journal, oldest first; of one unit with what concerns no single one."""
        with self._fresh(results=False):
            return tuple(self._entries if unit is None else self._about(unit))

    def sheet(self, unit: str) -> Sheet | None:
        """The unit's worksheet as it stands now; None where nothing of it was judged yet."""
        with self._fresh():
            return self._concluded(unit).sheet if unit in self._units else None

    def sheets(self) -> dict[str, Sheet]:
        """Unit -> worksheet, of all units from which something was judged, in the roster's order."""
        with self._fresh():
            found = {u.name: self._concluded(u.name).sheet for u in self.units if u.name in self._units}
            return {name: sheet for name, sheet in found.items() if sheet is not None}

    def rows(self) -> dict[str, dict[str, Any]]:
        """Unit -> its row on the board (`templates.board_row`), of all units from which something was judged."""
        with self._fresh():
            return {u.name: self._row(u.name) for u in self.units if u.name in self._units}

    def loose(self) -> list[Kept]:
        """What was judged of mails that are nobody's, or wait for a person's word."""
        return [k for k in self.store.kept_results() if k.unit is None]

    def _row(self, unit: str) -> dict[str, Any]:
        standing = self._concluded(unit)
        if standing.row is None:
            assert standing.sheet is not None
            standing.row = templates.board_row(standing.sheet, self.rubric, f"units/{self._numbers[unit]}")
        return standing.row

    def _concluded(self, unit: str) -> Standing:
        standing = self._units[unit]
        entries = self._about(unit)
        seq = entries[-1].seq if entries else 0
        if standing.sheet is None or standing.seq != seq:
            standing.sheet, standing.row, standing.seq = conclude(standing.judged, self.rules.rubric, live(entries)), None, seq
        return standing

    def _about(self, unit: str) -> list[Entry]:
        mine, common = self._of.get(unit, []), self._of.get(None, [])
        return sorted([*mine, *common], key=lambda e: e.seq) if common else mine

    def _fresh(self, *, results: bool = True) -> threading.RLock:
        """The lock, to be held while reading, with the journal (and what was judged) taken in as far as it was written meanwhile."""
        with self._lock:
            if self.store.journal_head()[0] != (self._entries[-1].seq if self._entries else 0):
                self._read_on()
            if results and (version := self.store.results_version()) != self._version:
                self._units = dict(self._judged())
                self._version = version
        return self._lock

    def _read_on(self) -> None:
        for entry in self.store.entries_since(self._entries[-1].seq if self._entries else 0):
            self._entries.append(entry)
            self._of[entry.unit].append(entry)

    def _judged(self) -> Iterator[tuple[str, Standing]]:
        """What was judged last; what is the same as before keeps what was concluded from it."""
        for _, unit, packed in self.store.packed_results():
            if unit not in self._numbers:
                continue
            digest, before = hashlib.sha256(packed).digest(), self._units.get(unit)
            yield unit, before if before and before.digest == digest else Standing(unpacked(packed), digest)
