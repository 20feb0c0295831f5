"""What a person can do about what arrived: have it read again, give a file's password, bring files in through the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any

from extract.errors import DocumentError
from ingest.book import Book
from ingest.copies import is_packed, unpacked
from ingest.deciding import Deciding, Refused
from ingest.documents import reading_key_of
from ingest.files import Archive, TooBig
from ingest.orders import ROLES, orders_of
from ingest.originals import Originals
from ingest.picking import Unpicked, pick_arrivals, pick_file
from ingest.store import Arrival
from ingest.uploads import PREFIX
from ingest.work import Limits, Workers
from scoring.journal import PASSWORD, RETRY, UPLOAD, Draft, Entry, live

LONGEST = 255
"""Signs of a password, and of a file's name."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as a person sent it."""

    name: str
    stream: IO[bytes]
    role: str = ""
    """What it is, where the person said so."""


class Intake(Deciding):
    """Decisions about arrivals. What has to be read or judged for them is done by whoever holds the home folder."""

    # ---- read again

    def retry(self, places: Sequence[str] = (), *, by: str, reason: str = "") -> list[Arrival]:
        """Have what could not be dealt with read and judged again; returns what.

        `places`: of files, mails or archives in the ledger, or names, or beginnings of SHA-256; none: everything that was not given up.
        Raises Refused where there is nothing to read again.
        """
        ledger, current = self.store.arrivals(), {s.number: s.digest for s in self.store.submissions() if s.current}
        found = _named(ledger, places) if places else self._not_given_up(ledger)
        wanted = [a for a in found if a.submission in current and a.sha256]
        if not wanted:
            raise Refused("没有可以重试的来件" if not places else f"{'、'.join(places)}没有处于“未能处理”状态的文件，不需要重试")
        drafts = []
        for a in wanted:
            body = {"place": a.place, "name": a.name, "sha256": a.sha256, "submission": current[a.submission]}
            drafts.append(Draft(by, RETRY, None, body, reason))
        self.record(drafts)
        return wanted

    def _not_given_up(self, ledger: Sequence[Arrival]) -> list[Arrival]:
        """What is quarantined, but for the files over which a child died too often: those are read again only by name."""
        orders = orders_of(live(self.store.entries()))
        kept = []
        for a in (a for a in ledger if a.state == "quarantined"):
            key = reading_key_of(orders.opened.get(a.sha256, a.sha256), a.name, orders.again.get(a.sha256, 0))
            if self.store.deaths(key)[0] < self.settings.tries:
                kept.append(a)
        return _innermost(kept)

    # ---- passwords

    def password(self, file: str, password: str, *, by: str, reason: str = "") -> Arrival:
        """Open a file (its place, its name or the beginning of its SHA-256) with its password and go on with what is in it.

        The password is used once, in a child, and kept nowhere; what is kept is the file without it, beside the originals.
        Raises Refused where it does not open.
        """
        try:
            found = pick_file(self.store.arrivals(), file)
        except Unpicked as error:
            raise Refused(str(error)) from error
        if not password or len(password) > LONGEST:
            raise Refused("请输入密码" if not password else "密码过长")
        shut = self._shut(found)
        opened, packed = self._opened(shut, password)
        body = {"sha256": shut.sha256, "opened": self._archive.put(opened), "name": shut.name, "place": shut.place, "archive": packed}
        self.record([Draft(by, PASSWORD, None, body, reason)])
        return found

    def _shut(self, found: Arrival) -> Arrival:
        """What the password is of: the file, or the archive that keeps it shut."""
        if found.bytes or not found.parent:
            return found
        return next((a for a in self.store.arrivals() if a.place == found.parent and a.kind == "archive"), found)

    def _opened(self, found: Arrival, password: str) -> tuple[bytes, bool]:
        """The file without its password, and whether it is an archive."""
        data = Originals(self.store, self._archive).content(found)
        try:
            if is_packed(data, found.name):
                return unpacked(data, found.name, password), True
            with self._reading() as workers:
                return workers.unlock(data, found.name, password), False
        except DocumentError as error:
            raise Refused(f"{found.name}：{error.cause}；{error.next_step}") from None  # what was tried stays out of every trace

    @contextmanager
    def _reading(self) -> Iterator[Workers]:
        """A child of our own where none is lent to us: the watcher's is the watcher's."""
        if self.workers:
            yield self.workers
            return
        with Workers(Limits(self.settings.memory << 20, self.settings.read_seconds)) as workers:
            yield workers

    # ---- files brought in by hand

    def upload(self, files: Sequence[Sent], *, by: str, unit: str | None = None, reason: str = "") -> str:
        """Take files in as one arrival (a mail among them is one by itself), of that unit if one is named. Returns its place.

        Each is on the disk before the journal speaks of it; whoever holds the home folder enters them into the ledger.
        Raises Refused for no file, one that is too large, an unknown role or unit.
        """
        name = self.unit(unit) if unit else None
        if not files:
            raise Refused("没有选择文件")
        for f in files:
            if f.role and f.role not in ROLES:
                raise Refused(f"没有“{f.role}”这种文件；可用：{'、'.join(ROLES)}")
        kept = [self._kept(f) for f in files]
        while True:
            base = self._next_place()
            drafts = [Draft(by, UPLOAD, name, body, reason) for body in _bodies(base, kept)]

            def check(book: Book, base: str = base) -> None:
                if any(e.body.get("upload") == base for e in _uploads(book)):
                    raise _Taken

            try:
                self.settle(self.write(drafts, check=check))
            except _Taken:
                continue
            return base

    @property
    def _archive(self) -> Archive:
        return Archive(self.settings.var / "archive")

    def _kept(self, sent: Sent) -> dict[str, Any]:
        """The file in the archive, and what the journal says of it."""
        shown = display_name(sent.name)
        try:
            sha256, size = self._archive.take(sent.stream, self.settings.max_file << 20)
        except TooBig:
            raise Refused(f"{shown}超过{self.settings.max_file} MB，没有收下任何文件；请拆分后再传") from None
        return {"name": shown, "sha256": sha256, "bytes": size} | ({"role": sent.role} if sent.role else {})

    def _next_place(self) -> str:
        with self.store.reading() as book:
            known = {e.body.get("upload") for e in _uploads(book)}
        return f"{PREFIX}{len(known) + 1}-{datetime.now().astimezone().date().isoformat()}/"


class _Taken(Exception):
    """Someone else's upload got that number meanwhile."""


def display_name(name: str) -> str:
    """A file's name as it was given, without the folders that some browsers send, and without what no one can see or type."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(c for c in last.encode("utf-8", "replace").decode() if c.isprintable()).strip()
    if len(shown) > LONGEST // 3:  # bytes of UTF-8: a name that any disk takes, should it be saved again
        ending = PurePosixPath(shown).suffix[:16]
        shown = shown[: LONGEST // 3 - len(ending)] + ending
    return shown if shown.strip(".") else "未命名文件"


def _uploads(book: Book) -> tuple[Entry, ...]:
    return tuple(e for e in book.all() if e.kind == UPLOAD)


def _bodies(base: str, kept: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Bodies of the entries of one upload; two files of one name stand in folders of their own."""
    names: set[str] = set()
    for number, file in enumerate(kept, 1):
        folder = f"{number}/" if file["name"] in names else ""
        names.add(file["name"])
        yield {**file, "upload": base, "place": f"{base}{folder}{file['name']}"}


def _named(ledger: Sequence[Arrival], places: Sequence[str]) -> list[Arrival]:
    found: list[Arrival] = []
    for text in places:
        picked = pick_arrivals(ledger, text)
        if not picked:
            raise Refused(f"没有“{text}”这样的来件")
        if all(not a.sha256 for a in picked):
            raise Refused(f"{text}无法从收件目录读取，程序每次查看收件目录时都会再试")
        found += [a for a in picked if a.state == "quarantined"]
    return _innermost(list(dict.fromkeys(found)))


def _innermost(found: Sequence[Arrival]) -> list[Arrival]:
    """Without mails and archives that are quarantined only for what is in them."""
    parents = {a.parent for a in found}
    return [a for a in found if a.kind == "file" or a.place not in parents]
