"""var/zicha.log: one line for each event, with ids and places in the program; never a text, a name, an address or a path."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import traceback
from collections.abc import Iterable, Mapping
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ingest.files import alone

if TYPE_CHECKING:
    from ingest.store import Arrival, Fate

SIZE, FILES = 5 << 20, 4
"""Bytes of one file, and how many older ones are kept."""
DEEP = 6
"""So many places in the program are told of an error, from where it arose upward."""
log = logging.getLogger("zicha")


class LogFile(RotatingFileHandler):
    """The log; where it cannot be written (a full disk) the work goes on without it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=SIZE, backupCount=FILES, encoding="utf-8", delay=True)
        self.setFormatter(Lines())

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, into the file that has the name now: another process may have begun a new one."""
        try:
            with alone(Path(self.baseFilename).with_name("log.lock")):  # one process at a time writes and begins new files
                if self.stream and not _is_named(self.stream, Path(self.baseFilename)):
                    self.stream.close()
                    self.stream = None
                super().emit(record)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: what went wrong is said by whoever needs the disk for more than a log."""

    def close(self) -> None:
        """Let go of the file, whether or not its last line could be written."""
        with contextlib.suppress(OSError):
            super().close()


def _is_named(stream: IO[str], path: Path) -> bool:
    """Whether it is the open file that has the name now."""
    try:
        mine, named = os.fstat(stream.fileno()), path.stat()
    except OSError:
        return False
    return (mine.st_dev, mine.st_ino) == (named.st_dev, named.st_ino)


class Lines(logging.Formatter):
    """`2026-11-20T10:00:00+08:00 ERROR failed submission=1f2e error=ValueError at=extract.word:31<extract.read:58 digest=9c01`"""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line; an error by its kind and where it arose."""
        when = datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")
        error = record.exc_info[1] if record.exc_info else None
        line = f"{when} {record.levelname} {record.getMessage()}" + (f" {described(error)}" if error else "")
        return "".join(c if c.isprintable() else "?" for c in line)


def described(error: BaseException) -> str:
    """An error in a few words that cannot carry anything of a file: kinds, places in the program, and a digest.

    The digest is the same for the same message at the same place, so that one can see whether it is one trouble or many.
    """
    kinds: list[str] = []
    places: list[str] = []
    current: BaseException | None = error
    while current is not None and len(kinds) < DEEP:
        kinds.append(type(current).__name__)
        places += [f"{Path(f.filename).stem}:{f.lineno}" for f in reversed(traceback.extract_tb(current.__traceback__))]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    digest = hashlib.sha256("\n".join([str(error), *places]).encode("utf-8", "replace")).hexdigest()
    return f"error={'<'.join(kinds)} at={'<'.join(places[:DEEP])} digest={digest[:12]}"


def note_states(ledger: Iterable[Arrival], fates: Mapping[tuple[str, str], Fate], digests: Mapping[int, str]) -> None:
    """A line for each arrival whose state is another from now on; `digests` by the submissions' numbers."""
    for a in ledger:
        fate = fates.get((a.place, a.sha256))
        if fate and fate.state != a.state:
            submission = digests.get(a.submission, "")[:12]
            log.info("settled arrival=%s submission=%s state=%s before=%s", a.sha256[:12], submission, fate.state, a.state)


def log_to(path: Path) -> LogFile:
    """Begin to write the log into that file; give it back with `end_log`."""
    handler = LogFile(path)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    return handler


def end_log(handler: LogFile) -> None:
    """Stop writing into that file."""
    log.removeHandler(handler)
    handler.close()
