"""Many mails in one file (mbox), as mail programs export a folder: bytes -> the bytes of each mail."""

from __future__ import annotations

import re

_LINE = rb"From [^\r\n]{1,200}\d{4}[^\r\n]{0,12}\r?\n(?=[A-Za-z][\w-]{1,60}:)"
_FIRST = re.compile(rb"\A[\r\n]*" + _LINE)
_NEXT = re.compile(rb"\r?\n\r?\n" + _LINE)
_QUOTED = re.compile(rb"(?m)^>(>*From )")


def mails_in(data: bytes) -> tuple[bytes, ...]:
    """In the order of the file; nothing where it is no such file."""
    first = _FIRST.match(data)
    if not first:
        return ()
    return tuple(_QUOTED.sub(rb"\1", mail) for mail in _NEXT.split(data[first.end() :]))
