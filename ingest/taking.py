"""Take files in from the inbox: archive first, then the ledger; what cannot be read costs itself only."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from ingest.expanding import Copies
from ingest.fates import FAILED
from ingest.files import WHY, Archive, Lost, sha256_of
from ingest.listing import read_stable, survey
from ingest.plan import Plan, Seen, Still, plan
from ingest.settings import Settings
from ingest.store import MACHINE, Fate, Member, Store
from ingest.submission import Root, Submission, submissions
from ingest.work import Stopped

LARGEST = 2
"""A file in the inbox may be so many times `max_file`: a mail is larger than what is in it."""
log = logging.getLogger("zicha")


class Unreadable(Exception):
    """The bytes of a file cannot be had; the ledger says why."""


class Taker:
    """The inbox of one home folder, and what is remembered of it from one look to the next."""

    def __init__(self, settings: Settings, store: Store, archive: Archive, say: Callable[[str], None]) -> None:
        self.settings, self.store, self.archive, self.say = settings, store, archive, say
        self.stills: dict[str, Still] = {}
        self.unreadable: set[str] = set()
        self.closed: set[str] = set()
        """Folders of the inbox that cannot be looked into."""
        self.broken: set[Seen] = set()
        """Files over which the program failed when they were taken."""

    def plan(self) -> Plan:
        """Look at the inbox and decide; nothing is touched. Raises OSError where the inbox itself is not there."""
        listing, besides = survey(self.settings.inbox)
        closed = {p.place: p.error for p in besides if p.why == "closed"}
        for place in sorted(closed.keys() - self.closed):
            shown = place if len(place) < 200 else f"{place[:100]}…"
            self.say(f"{shown}：文件夹无法读取（{closed[place]}），其中的文件没有收下；请检查权限或磁盘（管理员处理）")
        self.closed = set(closed)
        found = plan(listing, self.store.taken(), self.stills, now=time.monotonic(), settle=self.settings.settle)
        self.stills = dict(found.stills)
        return found

    def take(self, found: Plan, copies: Copies, stop: threading.Event) -> int:
        """Take in the settled groups until asked to stop; returns how many. `copies` as `submissions` takes them."""
        taken = 0
        with contextlib.suppress(Stopped):
            for place, members in found.take:
                if not stop.is_set():
                    taken += self._take(place, members, copies)
        return taken

    def record(self, submission: Submission) -> None:
        """Enter what is in the archive into the ledger."""
        members = [Member(p.place, p.sha256, submission.message is not None) for p in submission.parts if p.parent is None]
        self.store.record(submission, members, submission.parts)
        size = sum(len(p.data) for p in submission.parts)
        log.info("taken submission=%s arrivals=%d bytes=%d", submission.id[:12], len(submission.parts), size)

    def _take(self, group: str, members: Sequence[Seen], copies: Copies) -> bool:
        """Archive first, on the disk; then the ledger; only then the file counts as taken."""
        read = self._read(members)
        if not read:
            return False
        roots = [Root(seen.place, data, seen.is_mail) for seen, data in read]
        for root in roots:
            self.archive.put(root.data)
        kept = self._earlier(group, {r.place for r in roots})
        try:
            found = submissions([*roots, *kept], place=group if group.endswith("/") else None, copies=copies)
        except (*MACHINE, Stopped):
            raise
        except Exception:  # a fault of ours in one file must not stop the rest
            log.exception("failed intake originals=%s", ",".join(sha256_of(r.data)[:12] for r in roots))
            self.say(f"{group}：处理时程序出错，已记入 var/zicha.log，其余来件继续处理")
            self.broken.update(seen for seen, _ in read)
            for seen, _ in read:
                self.store.refuse(seen.place, FAILED)
            return False
        for submission in found:
            self.record(submission)
        self.store.sight((seen.place, seen.size, seen.mtime_ns, sha256_of(data)) for seen, data in read)
        for seen, _ in read:
            self.stills.pop(seen.place, None)
        return True

    def _read(self, members: Sequence[Seen]) -> list[tuple[Seen, bytes]]:
        """A group's files with their bytes; none if one has to be looked at again, or nothing of it is new and can be read."""
        new = [s for s in members if s.place in self.stills and s not in self.broken]
        read: list[tuple[Seen, bytes]] = []
        for some in (new, [s for s in members if s.place not in self.stills]):
            for seen in some:
                with contextlib.suppress(Unreadable):  # costs the others nothing
                    data = self._bytes(seen, new=some is new)
                    if data is None:
                        return []
                    read.append((seen, data))
            if not read:
                return []
        return sorted(read, key=lambda r: r[0].place)

    def _bytes(self, seen: Seen, *, new: bool) -> bytes | None:
        """The file's bytes; None if it has to be looked at again. Raises Unreadable; of a new file that is entered into the ledger."""
        most = LARGEST * self.settings.max_file << 20
        if seen.size > most:
            self._refuse(seen, new, f"文件过大（超过{most >> 20} MB），没有收下", "请拆分后重新报送（单位补报）")
        try:
            data = read_stable(self.settings.inbox, seen)
        except FileNotFoundError:
            return None
        except OSError as error:
            why = WHY.get(error.errno or 0, error.strerror)
            self._refuse(seen, new, f"文件无法读取：{why}", "请检查文件权限或磁盘（管理员处理）")
        self.unreadable.discard(seen.place)
        if data is None:
            self.stills.pop(seen.place, None)
        return data

    def _refuse(self, seen: Seen, new: bool, cause: str, next_step: str) -> NoReturn:
        if seen.place not in self.unreadable:
            self.say(f"{seen.place}：{cause}；{next_step}")
        self.unreadable.add(seen.place)
        if new:
            self.store.refuse(seen.place, Fate("quarantined", cause, next_step))
        raise Unreadable

    def _earlier(self, group: str, present: set[str]) -> list[Root]:
        """Files that were taken with this subfolder before and have since been removed: they arrived, so they count."""
        known = [s for s in self.store.submissions(place=group) if s.current] if group.endswith("/") else []
        roots: list[Root] = []
        for m in (m for s in known for m in s.members if m.place not in present):
            with contextlib.suppress(Lost):
                roots.append(Root(m.place, self.archive.get(m.sha256), m.is_mail))
        return roots
