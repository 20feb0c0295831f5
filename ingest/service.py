"""Perform what the plan says: take files in, judge what is new, publish, write down what became of everything."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from ingest import group
from ingest.casework import Case, Office, Result
from ingest.copies import copies_in
from ingest.documents import Desk
from ingest.fates import FAILED, Judged, fates
from ingest.files import Archive, Lost, sha256_of, sweep
from ingest.listing import look, read_stable
from ingest.logs import end_log, log_to, note_states
from ingest.orders import Orders, orders_of
from ingest.originals import restored
from ingest.outbox import publish, republish
from ingest.plan import Plan
from ingest.rules import Rules
from ingest.settings import Settings
from ingest.store import MACHINE, Recorded, Store
from ingest.submission import Root, Submission, submissions
from ingest.taking import Taker
from ingest.touched import touched
from ingest.uploads import Upload, uploads_of
from ingest.work import Limits, Stopped, WorkerError, Workers
from scoring.journal import PASSWORD, live, purged

log = logging.getLogger("zicha")


class Busy(Exception):
    """Another zicha works in this home folder."""


class Service:
    """One home folder at work. Use as a context manager: it holds the folder's lock and the reading children."""

    def __init__(self, settings: Settings, rules: Rules, *, say: Callable[[str], None], workers: Workers | None = None) -> None:
        self.settings, self.rules, self.say = settings, rules, say
        self.stop = threading.Event()
        self.lost: set[int] = set()
        """Numbers of the submissions whose originals the archive has lost."""
        self.seen_entries = self.noticed = 0
        """Number of the journal's last entry that the outbox was published with."""
        settings.var.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(settings.var / "lock")
        self._log = log_to(settings.var / "zicha.log")
        self.store = Store(settings.var / "zicha.db")
        self.archive = Archive(settings.var / "archive")
        self.archive.sweep()
        self.taker = Taker(settings, self.store, self.archive, say)
        for folder in (settings.outbox, *(p for p in settings.outbox.glob("*") if p.is_dir())):
            sweep(folder)
        self.workers = workers or Workers(Limits(settings.memory << 20, settings.read_seconds))
        self.own_workers = workers is None
        self.desk = Desk(
            self.workers,
            shelf=self.store,
            max_bytes=settings.max_file << 20,
            convert_seconds=settings.convert_seconds,
            tries=settings.tries,
            fetch=self.archive.get,
        )
        self.copies = copies_in(self.archive, {})
        """Of archives that people opened with their password."""
        self.office = Office(rules, self.desk, self._load, binder=self.store, guarded=True)

    def __enter__(self) -> Service:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.own_workers:
            self.workers.close()
        self.store.close()
        log.info("stopped")
        end_log(self._log)
        os.close(self._lock)

    def halt(self) -> None:
        """Ask for the end, from any thread: what is being read, opened or converted is given up and done again next time."""
        self.stop.set()
        self.workers.close()
        group.halt()

    def take(self, found: Plan) -> int:
        """Take in what was planned; returns how many groups."""
        return self.taker.take(found, self.copies, self.stop)

    def _load(self, case: Case) -> Submission:
        """A submission back from the archive. What is found in it now counts: at intake it may have taken too long to be opened."""
        recorded = self.store.submission(case.seen)
        try:
            submission = restored(recorded, self.archive, self.copies)
        except Lost:
            if not self._brought_back(recorded):
                self.lost.add(case.seen)
                raise
            submission = restored(recorded, self.archive, self.copies)
        self.store.fit(case.seen, submission.parts)
        return submission

    def _brought_back(self, recorded: Recorded) -> bool:
        """Take from the inbox once more what the archive has lost; whether all of it was still there."""
        gone = [m for m in recorded.members if not self.archive.holds(m.sha256)]
        with contextlib.suppress(OSError):
            lying = {s.place: s for s in look(self.settings.inbox)}
            for m in gone:
                data = read_stable(self.settings.inbox, lying[m.place]) if m.place in lying else None
                if data is not None and sha256_of(data) == m.sha256:
                    self.archive.put(data)
                    log.warning("original taken once more arrival=%s", m.sha256[:12])
        return all(self.archive.holds(m.sha256) for m in gone)

    def judge(self) -> tuple[Result, ...]:
        """Judge everything that is current, publish it, settle the ledger. What was judged before costs nothing.

        Asked to end meanwhile it does nothing of that.
        """
        try:
            return self._judge()
        except Stopped:
            return ()

    def _judge(self) -> tuple[Result, ...]:
        self.seen_entries = self.store.journal_head()[0]
        self.lost = set()
        self._follow_orders()
        gone = purged(self.store.entries())
        recorded = [s for s in self.store.submissions() if s.number not in gone]
        first: dict[str, Recorded] = {}
        for s in sorted((s for s in recorded if s.current), key=lambda s: _case(s).order):
            first.setdefault(s.digest, s)
        distinct = list(first.values())
        new = [s for s in distinct if not self.office.is_judged(_case(s))]
        tried = self._given_up(new)
        failed = {*tried, *self._judge_alone([s for s in new if s.number not in tried])}
        self.workers.rest()
        if self.stop.is_set():
            return ()
        results = self._results([s for s in distinct if s.number not in failed], failed)
        for s in (s for s in distinct if s.number in self.lost):
            log.error("original lost submission=%s", s.digest[:12])
            self.say(f"{s.place}：存档中的原件丢失或已损坏，其余来件继续处理；请用备份恢复（管理员处理）")
        judged = [Judged(s.number, s.place, tuple(r for r in results if any(c.seen == s.number for c in r.cases))) for s in distinct]
        repeated = [s.number for s in recorded if s.current and s not in distinct]
        replaced = [s.number for s in recorded if not s.current]
        ledger = self.store.arrivals()
        found = fates(ledger, judged, failed=failed, lost=self.lost, tried=tried, repeated=repeated, replaced=replaced)
        self.store.settle(found)
        note_states(ledger, found, {s.number: s.digest for s in recorded})
        publish(self.settings.outbox, results, self.rules, self.store, inbox=str(self.settings.inbox))
        return results

    def _follow_orders(self) -> None:
        """Take in what people ordered about whose a submission is, and how its files are read."""
        everything = self.store.entries()
        entries = live(everything)
        orders = orders_of(entries)
        self.copies = copies_in(self.archive, orders.opened)
        orders = self._with_uploads(orders, uploads_of(entries))
        self._fit_ledger({e.body["sha256"] for e in everything if e.kind == PASSWORD and e.body.get("archive")}, purged(everything))
        contents: dict[int, set[str]] = {}
        if orders.again or orders.opened:
            for a in self.store.arrivals():
                contents.setdefault(a.submission, set()).add(a.sha256)
        marks = [(s.digest, orders.mark(s.digest, contents.get(s.number, ()))) for s in self.store.submissions() if contents]
        self.office.orders, self.office.marks = orders, {digest: mark for digest, mark in marks if mark}
        self.desk.again, self.desk.opened = orders.again, orders.opened

    def _fit_ledger(self, archives: Collection[str], gone: Collection[int]) -> None:
        """What came out of these archives, or is shut in them again, is what the ledger says is in them."""
        numbers = {a.submission for a in self.store.arrivals() if a.sha256 in archives} - set(gone) if archives else set()
        for number in sorted(numbers):
            with contextlib.suppress(FileNotFoundError):
                self.store.fit(number, restored(self.store.submission(number), self.archive, self.copies).parts)

    def _with_uploads(self, orders: Orders, uploads: Sequence[Upload]) -> Orders:
        """Enter the files that came through the pages meanwhile; the orders with whose they are, where nobody said otherwise later."""
        known = {m.place for s in self.store.submissions() for m in s.members} if uploads else set()
        for upload in uploads:
            if not known.issuperset(upload.files):
                self._enter(upload)
        units = {place: u.unit for u in uploads if u.unit for place in (u.place, *u.files)}
        said = {s.digest: units[s.place] for s in self.store.submissions() if s.place in units} if units else {}
        return replace(orders, units={**said, **orders.units})

    def _enter(self, upload: Upload) -> None:
        try:
            roots = [Root(place, self.archive.get(sha256)) for place, sha256 in upload.files.items()]
        except FileNotFoundError:  # purged since, or lost with the disk: there is nothing left to enter
            log.error("upload without its originals place=%s", sha256_of(upload.place.encode())[:12])
            return
        for submission in submissions(roots, place=upload.place, copies=self.copies):
            self.taker.record(submission)

    def _given_up(self, new: Sequence[Recorded]) -> dict[int, int]:
        """Number of a submission on which the program failed too often -> how often."""
        counts = {s.number: self.store.deaths(self.office.key(_case(s)))[0] for s in new}
        return {number: count for number, count in counts.items() if count >= self.settings.tries}

    def has_news(self) -> bool:
        """Whether the journal grew since the last time this was asked."""
        try:
            head, _ = self.store.journal_head()
        except MACHINE:  # said when it is acted upon
            return False
        grown, self.noticed = head != self.noticed, head
        return grown

    def follow(self) -> None:
        """Bring the outbox up to what people wrote into the journal meanwhile, by whatever program; judge again where that asks for it."""
        head, _ = self.store.journal_head()
        if head == self.seen_entries:
            return
        with self.store.reading() as book:
            units, again = touched(book.since(self.seen_entries), book, [u.name for u in self.rules.roster.units])
        if again:
            self.judge()
            return
        self.seen_entries = head
        republish(self.settings.outbox, units, self.rules, self.store, inbox=str(self.settings.inbox))

    def _results(self, good: Sequence[Recorded], failed: set[int]) -> tuple[Result, ...]:
        """The worksheets; a unit on which the program fails, or of which an original was lost, costs the others nothing."""
        while True:
            lost = set(self.lost)
            try:
                return self._results_of([s for s in good if s.number not in lost], failed)
            except Lost:
                if self.lost == lost:
                    raise

    def _results_of(self, good: Sequence[Recorded], failed: set[int]) -> tuple[Result, ...]:
        results: list[Result] = []
        for members in self.office.groups(_case(s) for s in good):
            try:
                results += self.office.results_of(members)
            except (*MACHINE, Stopped):
                raise
            except Exception:
                failed |= {case.seen for case, _ in members}
                log.exception("failed dossier submissions=%s", ",".join(case.id[:12] for case, _ in members))
                self.say(f"{members[0][0].place}：处理时程序出错，已记入 var/zicha.log，其余来件继续处理")
        return tuple(results)

    def _judge_alone(self, new: Sequence[Recorded]) -> set[int]:
        """Judge each submission by itself, several at a time; returns the numbers of those the program failed on."""
        failed: set[int] = set()
        with ThreadPoolExecutor(self.settings.workers) as executor:
            started = itertools.count(1)
            jobs = {executor.submit(self._alone, s, started, len(new)): s for s in new}
            for job in as_completed(jobs):
                error = job.exception()
                if error and not self.stop.is_set() and jobs[job].number not in self.lost:
                    if isinstance(error, (*MACHINE, WorkerError)):
                        raise error
                    failed.add(jobs[job].number)
                    self.store.died(self.office.key(_case(jobs[job])), FAILED.cause)
                    log.error("failed submission=%s", jobs[job].digest[:12], exc_info=error)
                    self.say(f"{jobs[job].place}：处理时程序出错，已记入 var/zicha.log，其余来件继续处理")
        return failed

    def _alone(self, recorded: Recorded, started: Iterator[int], count: int) -> None:
        if self.stop.is_set():
            raise Stopped
        self.say(f"[{next(started)}/{count}] 正在处理：{recorded.place}")
        begun = time.monotonic()
        self.office.alone(_case(recorded))
        log.info("judged submission=%s seconds=%.1f", recorded.digest[:12], time.monotonic() - begun)


def _case(s: Recorded) -> Case:
    return Case(s.digest, s.place, s.received_at, s.number, not any(m.is_mail for m in s.members))


def _lock(path: Path) -> int:
    """One zicha at a time: two would read everything twice and write over each other."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Busy("另一个 zicha 正在这个工作目录中运行") from None
    return handle
