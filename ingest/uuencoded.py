"""Files that old mail programs write right into a text (uuencode): the text's bytes -> the text without them, and the files."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

_BEGIN = re.compile(rb"begin [0-7]{3,4} ([^\r\n]{1,255})")


@dataclass(frozen=True, slots=True)
class Written:
    """One file: its name as the bytes of the text, and its content."""

    name: bytes
    data: bytes


def split(text: bytes) -> tuple[bytes, tuple[Written, ...]]:
    """What is no complete file stays text."""
    if not re.search(rb"^begin [0-7]", text, re.M):
        return text, ()
    lines = text.splitlines(keepends=True)
    rest: list[bytes] = []
    found: list[Written] = []
    at = 0
    while at < len(lines):
        begin = _BEGIN.match(lines[at])
        file = _file(lines, at + 1) if begin else None
        if begin is None or file is None:
            rest.append(lines[at])
            at += 1
        else:
            data, at = file
            found.append(Written(begin[1].strip(), data))
    return b"".join(rest), tuple(found)


def _file(lines: list[bytes], at: int) -> tuple[bytes, int] | None:
    """The bytes up to the line `end`, and where the text goes on; None where another line stands between."""
    out = bytearray()
    while at < len(lines):
        line = lines[at].rstrip(b"\r\n")
        at += 1
        if line.strip() == b"end":
            return bytes(out), at
        try:
            out += _decoded(line)
        except (binascii.Error, IndexError):
            return None
    return None


def _decoded(line: bytes) -> bytes:
    if not line.strip(b" `"):
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:  # some programs write more than the length at its beginning says
        return binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3])
