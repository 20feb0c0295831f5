"""The copies without a password of what people opened: their bytes, and how one is made of an archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from extract.errors import EncryptedFile
from extract.sniff import Format, sniff
from extract.unlock import AGAIN, WRONG
from ingest.expanding import BOUNDS, Copies
from ingest.files import Archive
from ingest.opening import opened
from ingest.unpack import Bounds, Budget

PACKED = frozenset({Format.ZIP, Format.RAR, Format.SEVEN_ZIP})

def copies_in(archive: Archive, known: Mapping[str, str]) -> Copies:
    """The copies as they lie in the archive; one that was lost counts as none."""

    def copy(sha256: str) -> bytes | None:
        try:
            return archive.get(known[sha256]) if sha256 in known else None
        except FileNotFoundError:
            return None

    return copy


def is_packed(data: bytes, name: str) -> bool:
    """Whether it is an archive."""
    return sniff(data, name) in PACKED


def unpacked(data: bytes, name: str, password: str, bounds: Bounds = BOUNDS) -> bytes:
    """What is in an archive with a password, as a plain zip in the same order. The password goes to a child by a pipe.

    Raises EncryptedFile for a wrong password, the DocumentError of what is wrong otherwise.
    """
    found = opened("archive", data, name, Budget(bounds), [password])
    problems = [p for p in (found.problem, *(f.problem for f in found.files)) if p]
    if any(isinstance(p, EncryptedFile) for p in problems):
        raise EncryptedFile(WRONG, AGAIN)
    if problems:
        raise problems[0]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for f in found.files:
            package.writestr(zipfile.ZipInfo(f.name), f.data)
    return out.getvalue()
