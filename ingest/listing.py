"""A look at the inbox: every regular file below it, with its lasting place and what it belongs to."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ingest.plan import Seen
from ingest.submission import is_junk, is_mail_name

BOXES = frozenset({"cur", "new", "tmp"})
SYNC = re.compile(r"dovecot|subscriptions$|maildirfolder$|maildirsize$|courier", re.I)
"""What mail programs keep for themselves beside cur, new and tmp."""


def look(inbox: Path) -> list[Seen]:
    """What lies in the inbox, in the order of places. Links, pipes and what programs leave behind are not arrivals."""
    return sorted(_walk(inbox), key=lambda s: s.place)


def read_stable(inbox: Path, seen: Seen) -> bytes | None:
    """Its bytes; None if it changed since the look. Raises OSError, FileNotFoundError included."""
    handle = os.open(inbox / seen.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as stream:
        data = stream.read()
        state = os.fstat(handle)
    return data if (state.st_size, state.st_mtime_ns, len(data)) == (seen.size, seen.mtime_ns, seen.size) else None


def _walk(inbox: Path) -> Iterator[Seen]:
    for folder, folders, names in os.walk(inbox):
        inside = PurePosixPath(Path(folder).relative_to(inbox).as_posix())
        maildir = set(folders) >= BOXES
        folders[:] = sorted(f for f in folders if not (maildir and f == "tmp") and (maildir or not is_junk(f"{f}/x")))
        in_box = inside.name in ("cur", "new") and all((Path(folder).parent / b).is_dir() for b in BOXES)
        own = SYNC if maildir else None
        yield from (s for n in names if not (own and own.match(n)) and (s := _seen(inbox, inside / n, in_box)))


def _seen(inbox: Path, path: PurePosixPath, in_box: bool) -> Seen | None:
    try:
        state = (inbox / path).lstat()
    except OSError:
        return None
    if not stat.S_ISREG(state.st_mode) or (path.name.startswith(".") if in_box else is_junk(path.as_posix())):
        return None
    place = (path.parent.parent / re.split(r"[:;!]2,", path.name)[0]).as_posix() if in_box else path.as_posix()
    group = place if in_box or is_mail_name(path.name) or len(path.parts) == 1 else path.parts[0] + "/"
    return Seen(place, path.as_posix(), group, state.st_size, state.st_mtime_ns, in_box)
