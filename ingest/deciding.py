"""The way of a person's word into the journal: what it is about as they saw it, nobody else's word overwritten, the outbox behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from ingest.book import Book
from ingest.casework import Sheet
from ingest.outbox import concluded, republish
from ingest.rules import Rules
from ingest.service import Busy, Service
from ingest.settings import Settings
from ingest.store import Store
from ingest.touched import touched
from ingest.work import Workers
from scoring.conclude import conclude
from scoring.journal import POINTS, UNDO, Draft, Entry, JournalError, live
from scoring.rubric import Item
from scoring.subjects import OF_ALL, kinds_like, subject_of
from scoring.workflow import newer_word
from templates.decisions_wording import sentence

Check = Callable[[Book], None]


class Refused(JournalError):
    """What cannot be done; the message says why, in Chinese."""


class Conflict(Refused):
    """Someone else said something about the same thing meanwhile; `theirs` is what."""

    def __init__(self, theirs: Entry) -> None:
        self.theirs = theirs
        super().__init__(f"{theirs.by}已先作出决定（{sentence(theirs)}，第{theirs.seq}条），请看过后再定")


class Deciding:
    """What all decisions of one home folder have in common. It needs no lock of the folder: a watcher may run beside it.

    `publish` False writes the journal only; another process lets the outbox follow. `sheets`: unit -> its worksheet as it stands now,
    where someone keeps them at hand.
    """

    def __init__(
        self,
        settings: Settings,
        rules: Rules,
        store: Store,
        *,
        say: Callable[[str], None] = lambda _: None,
        workers: Workers | None = None,
        publish: bool = True,
        sheets: Callable[[str], Sheet | None] | None = None,
    ) -> None:
        self.settings, self.rules, self.store, self.say, self.workers, self.publish = settings, rules, store, say, workers, publish
        self._at_hand = sheets
        self._written = threading.local()

    # ---- looking

    def unit(self, name: str) -> str:
        """The roster's name of the unit called so, by any of its names; raises Refused."""
        found = self.rules.roster.named(name)
        if found is not None:
            return found.name
        near = [u.name for u in self.rules.roster.units if name and any(name in n for n in u.names)]
        raise Refused(f"名单中没有“{name}”" + (f"；是否指：{'、'.join(near[:5])}" if near else ""))

    def sheet(self, unit: str) -> Sheet | None:
        """The unit's worksheet as it stands now; None where nothing of it was judged yet."""
        name = self.unit(unit)
        return self._at_hand(name) if self._at_hand else self._concluded(name)

    def sheets(self) -> dict[str, Sheet]:
        """Unit -> worksheet as it stands now, of all units from which something was judged."""
        if not self._at_hand:
            return concluded(self.rules, self.store)
        return {u.name: sheet for u in self.rules.roster.units if (sheet := self._at_hand(u.name)) is not None}

    @property
    def seq(self) -> int:
        """Number of the last entry that this thread wrote through here; 0 before the first."""
        return int(getattr(self._written, "seq", 0))

    def _concluded(self, name: str, seen: int | None = None) -> Sheet | None:
        """The worksheet from the database, now or as it was when entry `seen` was the last."""
        kept = self.store.kept_results(unit=name)
        entries = [e for e in self.store.entries(unit=name) if seen is None or e.seq <= seen] if kept else []
        return conclude(kept[0].sheet, self.rules.rubric, live(entries)) if kept else None

    def _judged(self, name: str, seen: int | None = None) -> Sheet:
        """The worksheet to decide about, as the person saw it: ids may mean something else by now.

        Without a report there is nothing to decide: Refused.
        """
        sheet = self._shown(name, seen)
        if sheet is None:
            raise Refused(f"{name}尚未报送（未报），不能审核；来件到齐后先运行 zicha once")
        if sheet["score"] is None:
            raise Refused(f"{name}没有可用的自查报告（未报），不能审核")
        if sheet["rubric"]["sha256"] != self.rules.rubric.sha256:
            raise Refused("细则或名单已修改，请先运行 zicha once 重新生成工作单（正在看守的 zicha 须重新启动）")
        return sheet

    def _shown(self, name: str, seen: int | None) -> Sheet | None:
        return self.sheet(name) if seen is None or not self._grew(name, seen) else self._concluded(name, seen)

    def _grew(self, name: str, seen: int) -> bool:
        with self.store.reading() as book:
            return bool(book.since(seen, name))

    def _item(self, item: str) -> Item:
        found = next((i for i in self.rules.rubric.items if i.id == item), None)
        if found is None:
            raise Refused(f"细则中没有条目“{item}”")
        return found

    # ---- the way into the journal

    def record(self, drafts: Sequence[Draft], *, check: Check | None = None, seen: int | None = None) -> dict[str, Sheet]:
        """Write entries down, all or none, and let the outbox follow. Returns unit -> worksheet of the units that they concern.

        `seen`: number of the journal's last entry when the person's page was made; raises Conflict if someone said something else
        about the same since. Raises JournalError (Refused, Conflict, Locked) where nothing was written.
        """
        return self.settle(self.write(drafts, check=check, seen=seen))

    def write(self, drafts: Sequence[Draft], *, check: Check | None = None, seen: int | None = None) -> tuple[Entry, ...]:
        """`record` without the outbox."""

        def checks(book: Book) -> None:
            if check is not None:
                check(book)
            if seen is not None:
                _nothing_newer(book, drafts, seen)

        written = self.store.append(drafts, check=checks)
        if written:
            self._written.seq = written[-1].seq
        return written

    def settle(self, written: Sequence[Entry]) -> dict[str, Sheet]:
        """Bring the outbox up to these entries; judge again where they ask for it."""
        with self.store.reading() as book:
            units, again = touched(written, book, [u.name for u in self.rules.roster.units] if self.publish else ())
        if self.publish and not again:
            return republish(self.settings.outbox, units, self.rules, self.store, inbox=str(self.settings.inbox))
        if self.publish:
            try:
                with Service(self.settings, self.rules, say=self.say, workers=self.workers) as service:
                    service.judge()
            except Busy:
                self.say("已记下；正在看守的 zicha 随即按此处理")
        return {name: sheet for name in units if (sheet := self.sheet(name)) is not None}

    def _entry(self, seq: int) -> Entry | None:
        with self.store.reading() as book:
            return book.entry(seq)


def _nothing_newer(book: Book, drafts: Iterable[Draft], seen: int) -> None:
    """Raise Conflict if something else is said about the same by now."""
    grown: dict[str | None, bool] = {}
    for draft in drafts:
        subject, kinds = subject_of(draft), {*kinds_like(draft.kind), UNDO}
        if subject is None:
            continue
        if draft.kind in OF_ALL or draft.unit is None:
            theirs = next((e for e in reversed(live(book.since(seen))) if subject_of(e) == subject), None)
        else:
            if draft.unit not in grown:
                grown[draft.unit] = bool(book.since(seen, draft.unit))
            words = book.of_unit(draft.unit, kinds) if grown[draft.unit] else ()
            theirs = newer_word(words, lambda e, about=subject: subject_of(e) == about, seen)  # type: ignore[misc]
        if theirs is not None and not _said_twice(draft, theirs):
            raise Conflict(theirs)


def _said_twice(draft: Draft, theirs: Entry) -> bool:
    """The same person gave the same points: a button was pressed twice."""
    said, same = ("item", "points", "confirmed"), draft.kind == theirs.kind == POINTS
    return same and (draft.by, draft.reason) == (theirs.by, theirs.reason) and all(draft.body[k] == theirs.body[k] for k in said)
