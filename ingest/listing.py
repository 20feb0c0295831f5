"""A look at the inbox: every regular file below it, with its lasting place and what it belongs to."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from ingest.plan import Seen
from ingest.submission import is_junk, is_mail_name

BOXES = frozenset({"cur", "new", "tmp"})
SYNC = re.compile(r"dovecot|subscriptions$|maildirfolder$|maildirsize$|courier", re.I)
"""What mail programs keep for themselves beside cur, new and tmp."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What lies in the inbox and is no arrival."""

    place: str
    size: int
    why: Literal["leftover", "folder", "special"]
    """What a program left behind or hides, a folder of such, or a link, pipe or device."""


def look(inbox: Path) -> list[Seen]:
    """What lies in the inbox, in the order of places. Links, pipes and what programs leave behind are not arrivals."""
    return sorted((s for s in _walk(inbox) if isinstance(s, Seen)), key=lambda s: s.place)


def passed_over(inbox: Path) -> list[PassedOver]:
    """What lies there besides, a mail program's own files excepted, in the order of places."""
    return sorted((s for s in _walk(inbox) if isinstance(s, PassedOver)), key=lambda s: s.place)


def read_stable(inbox: Path, seen: Seen) -> bytes | None:
    """Its bytes; None if it changed since the look. Raises OSError, FileNotFoundError included."""
    handle = os.open(inbox / seen.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as stream:
        data = stream.read()
        state = os.fstat(handle)
    return data if (state.st_size, state.st_mtime_ns, len(data)) == (seen.size, seen.mtime_ns, seen.size) else None


def _walk(inbox: Path) -> Iterator[Seen | PassedOver]:
    for folder, folders, names in os.walk(inbox):
        inside = PurePosixPath(Path(folder).relative_to(inbox).as_posix())
        maildir = set(folders) >= BOXES
        hidden = {f for f in folders if not maildir and is_junk(f"{f}/x")}
        yield from (PassedOver((inside / f).as_posix(), 0, "folder") for f in hidden)
        folders[:] = sorted(f for f in folders if f not in hidden and not (maildir and f == "tmp"))
        in_box = inside.name in ("cur", "new") and all((Path(folder).parent / b).is_dir() for b in BOXES)
        for name in names:
            seen = _seen(inbox, inside / name, in_box)
            if seen and not (maildir and (SYNC.match(name) or isinstance(seen, PassedOver))):
                yield seen


def _seen(inbox: Path, path: PurePosixPath, in_box: bool) -> Seen | PassedOver | None:
    try:
        state = (inbox / path).lstat()
    except OSError:
        return None
    if not stat.S_ISREG(state.st_mode):
        return PassedOver(path.as_posix(), 0, "special")
    if path.name.startswith(".") if in_box else is_junk(path.as_posix()):
        return None if in_box else PassedOver(path.as_posix(), state.st_size, "leftover")
    place = (path.parent.parent / re.split(r"[:;!]2,", path.name)[0]).as_posix() if in_box else path.as_posix()
    group = place if in_box or is_mail_name(path.name) or len(path.parts) == 1 else path.parts[0] + "/"
    return Seen(place, path.as_posix(), group, state.st_size, state.st_mtime_ns, in_box)
