"""A document with an opening password, and the passwords that its mail tells -> the document without one. Runs in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extract.errors import EncryptedFile, UnsupportedFormat
from extract.unlock import unlock
from ingest.unpack import Budget, Entry


def unlocked(data: bytes, name: str, budget: Budget, passwords: Sequence[str]) -> Iterator[Entry]:
    """The document without its password as one entry; none where no password fits or none is needed. Raises DamagedFile."""
    for password in passwords:
        try:
            content = unlock(data, name, password)
        except EncryptedFile:
            continue
        except UnsupportedFormat:
            return
        budget.enter()
        budget.spend(len(content))
        yield Entry(name, content)
        return
