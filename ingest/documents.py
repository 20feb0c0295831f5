"""Bytes and a name -> Document or what is wrong with it: kept results first, then a child, then LibreOffice and a child again."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Protocol

import extract
import scoring
from extract.errors import DocumentError, NeedsConversion, TooLarge
from extract.model import Document
from ingest.convert import soffice, to_docx
from ingest.expanding import Part
from ingest.work import DEATHS, Workers

LIBRARIES = ("python-docx", "lxml", "pdfplumber", "pypdfium2", "python-calamine", "rapidocr", "onnxruntime", "msoffcrypto-tool")


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a file came to: exactly one of the two is there."""

    document: Document | None = None
    problem: DocumentError | None = None


@dataclass(slots=True)
class Turn:
    """Whose turn it is to read a file, and how many want to."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    wanted: int = 0


class Shelf(Protocol):
    """Where readings are kept by key."""

    def get_reading(self, key: str) -> Reading | None: ...

    def put_reading(self, key: str, reading: Reading) -> None: ...

    def deaths(self, key: str) -> tuple[int, str]: ...

    def died(self, key: str, reason: str) -> int: ...


class Desk:
    """Reads the parts of submissions; safe to call from several threads."""

    def __init__(
        self,
        workers: Workers,
        *,
        shelf: Shelf | None = None,
        max_bytes: int = 200 << 20,
        convert_seconds: float = 90.0,
        tries: int = 3,
        fetch: Callable[[str], bytes] | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.workers, self.shelf, self.max_bytes, self.convert_seconds, self.say = workers, shelf, max_bytes, convert_seconds, say
        self.tries = tries
        """So many children may die over one file."""
        self.again: Mapping[str, int] = MappingProxyType({})
        """SHA-256 of the files that a person ordered to be read again -> number of that order."""
        self.opened: Mapping[str, str] = MappingProxyType({})
        """SHA-256 of a file that needs a password -> SHA-256 of its copy without one."""
        self.fetch = fetch
        self._lock = threading.Lock()
        self._turns: dict[str, Turn] = {}

    def read(self, part: Part) -> Reading:
        """The reading of one file, its kept one if it was read before by this version."""
        if part.problem:
            return Reading(problem=part.problem)
        again = self.again.get(part.sha256, 0)
        part = self._without_password(part)
        key = reading_key(part, again)
        with self._one_at_a_time(key):
            kept = self.shelf.get_reading(key) if self.shelf else None
            if kept:
                return kept
            self.say(f"正在读取：{part.name}")
            reading = self._read(part, key)
            if self.shelf and _lasting(reading):
                self.shelf.put_reading(key, reading)
            return reading

    @contextmanager
    def _one_at_a_time(self, key: str) -> Iterator[None]:
        """The same bytes sent twice are read once: whoever comes second waits for what the first one keeps."""
        with self._lock:
            turn = self._turns.setdefault(key, Turn())
            turn.wanted += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.wanted -= 1
                if not turn.wanted:
                    del self._turns[key]

    def _without_password(self, part: Part) -> Part:
        """The part with the bytes of its opened copy, where a person gave its password."""
        opened = self.opened.get(part.sha256)
        if opened is None or self.fetch is None:
            return part
        try:
            return replace(part, data=self.fetch(opened), sha256=opened)
        except FileNotFoundError:  # the copy was lost: the file says again that it needs a password
            return part

    def _read(self, part: Part, key: str) -> Reading:
        if len(part.data) > self.max_bytes:
            return Reading(problem=TooLarge(f"文件超过{self.max_bytes >> 20} MB，未予打开"))
        try:
            return Reading(self._patiently(part, key))
        except DocumentError as problem:
            return Reading(problem=problem)

    def _patiently(self, part: Part, key: str) -> Document:
        """Read it, with a fresh child if one dies over it; raises DocumentError, also where that happened too often."""
        count, reason = self.shelf.deaths(key) if self.shelf else (0, "")
        while count < self.tries:
            try:
                return self._document(part)
            except DEATHS as death:
                reason = f"{death.cause}；{death.next_step}"
                count = self.shelf.died(key, reason) if self.shelf else count + 1
        raise given_up(count, reason)

    def _document(self, part: Part) -> Document:
        try:
            return self.workers.read(part.data, part.name)
        except NeedsConversion:
            converted = to_docx(part.data, part.name, seconds=self.convert_seconds)
            return self.workers.read(converted, PurePosixPath(part.name).stem + ".docx")


def given_up(count: int, reason: str) -> TooLarge:
    """What is said of a file over which so many children died; not lasting: the count of tries is what is remembered."""
    cause, _, step = reason.partition("；")
    return TooLarge(f"{cause}（已试{count}次，不再自动重试）", step)


def reading_key(part: Part, again: int = 0) -> str:
    """Under which the reading of a part is kept."""
    return reading_key_of(part.sha256, part.name, again)


def reading_key_of(sha256: str, name: str, again: int = 0) -> str:
    """Content, the ending of its name (it breaks ties between formats), who read it, and a person's order to read it again."""
    return f"{sha256}{PurePosixPath(name).suffix.lower()}@{reader_version()}" + (f"#{again}" if again else "")


@functools.cache
def reader_version() -> str:
    """Changes with every change of a reader, so that nobody has to remember it."""
    versions = [f"{name} {_version(name)}" for name in LIBRARIES]
    return _digest(Path(extract.__file__).parent, *versions, "soffice" if soffice() else "")


@functools.cache
def program_version() -> str:
    """Changes with every change of a reader or of the judgement."""
    return _digest(Path(scoring.__file__).parent, reader_version())


def _digest(folder: Path, *more: str) -> str:
    h = hashlib.sha256("\n".join(more).encode())
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        h.update(path.relative_to(folder).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return h.hexdigest()[:16]


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _lasting(reading: Reading) -> bool:
    """Whether it would come out the same next time: a deadline or a full memory need not."""
    return reading.document is not None or not isinstance(reading.problem, TooLarge)
