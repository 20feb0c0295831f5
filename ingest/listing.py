"""A look at the inbox: every regular file below it, with its lasting place and what it belongs to."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from ingest.expanding import is_mail_name
from ingest.files import WHY
from ingest.mailtext import decode
from ingest.plan import Seen
from ingest.submission import is_junk

BOXES = frozenset({"cur", "new", "tmp"})
SYNC = re.compile(r"dovecot|subscriptions$|maildirfolder$|maildirsize$|courier", re.I)
"""What mail programs keep for themselves beside cur, new and tmp."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What lies in the inbox and is no arrival."""

    place: str
    size: int
    why: Literal["leftover", "folder", "special", "closed"]
    """What a program left behind or hides, a folder of such, a link, pipe or device, or a folder that cannot be looked into."""
    error: str = ""
    """Why it cannot be looked into."""


def look(inbox: Path) -> list[Seen]:
    """What lies in the inbox, in the order of places. Links, pipes and what programs leave behind are not arrivals.

    Raises OSError where the inbox itself cannot be looked into.
    """
    return survey(inbox)[0]


def passed_over(inbox: Path) -> list[PassedOver]:
    """What lies there besides, a mail program's own files excepted, in the order of places. Raises OSError as `look` does."""
    return survey(inbox)[1]


def survey(inbox: Path) -> tuple[list[Seen], list[PassedOver]]:
    """Both in one look."""
    found = sorted(_walk(inbox), key=lambda s: s.place)
    return [s for s in found if isinstance(s, Seen)], [s for s in found if isinstance(s, PassedOver)]


def read_stable(inbox: Path, seen: Seen) -> bytes | None:
    """Its bytes; None if it changed since the look. Raises OSError, FileNotFoundError included."""
    handle = os.open(inbox / seen.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as stream:
        data = stream.read(seen.size + 1)
        state = os.fstat(handle)
    return data if (state.st_size, state.st_mtime_ns, len(data)) == (seen.size, seen.mtime_ns, seen.size) else None


def _walk(inbox: Path) -> Iterator[Seen | PassedOver]:
    """Folder by folder, however deep they are; what vanishes meanwhile is not there."""
    ahead = [(".", PurePosixPath())]
    while ahead:
        path, inside = ahead.pop()
        try:
            with os.scandir(inbox / path) as listing:
                entries = list(listing)
        except OSError as error:
            if path == ".":
                raise
            if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
                yield PassedOver(inside.as_posix(), 0, "closed", WHY.get(error.errno or 0, error.strerror or ""))
            continue
        names = {e.name for e in entries}
        folders = {e.name for e in entries if _is_folder(e)}
        maildir = folders >= BOXES
        in_box = inside.name in ("cur", "new") and all((inbox / path).parent.joinpath(b).is_dir() for b in BOXES)
        for entry in entries:
            here = inside / _as_text(entry.name, names)
            if entry.name not in folders:
                seen = _seen(entry, f"{path}/{entry.name}".removeprefix("./"), here, in_box)
                if seen and not (maildir and (SYNC.match(entry.name) or isinstance(seen, PassedOver))):
                    yield seen
            elif not maildir and is_junk(f"{entry.name}/x"):
                yield PassedOver(here.as_posix(), 0, "folder")
            elif not (maildir and entry.name == "tmp"):
                ahead.append((f"{path}/{entry.name}", here))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _as_text(name: str, beside: Collection[str]) -> str:
    """A name as people read it: its bytes may be GBK. Where it cannot be told, or another file has that name, its bytes are spelled."""
    try:
        name.encode()
    except UnicodeEncodeError:
        data = os.fsencode(name)
        text = decode(data).text
        doubtful = "\ufffd" in text or "/" in text or text in beside
        return data.decode("utf-8", "backslashreplace") if doubtful else text
    return name


def _seen(entry: os.DirEntry[str], path: str, here: PurePosixPath, in_box: bool) -> Seen | PassedOver | None:
    try:
        state = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    if not stat.S_ISREG(state.st_mode):
        return PassedOver(here.as_posix(), 0, "special")
    if entry.name.startswith(".") if in_box else is_junk(here.as_posix()):
        return None if in_box else PassedOver(here.as_posix(), state.st_size, "leftover")
    place = (here.parent.parent / re.split(r"[:;!]2,", here.name)[0]).as_posix() if in_box else here.as_posix()
    group = place if in_box or is_mail_name(here.name) or len(here.parts) == 1 else here.parts[0] + "/"
    return Seen(place, path, group, state.st_size, state.st_mtime_ns, in_box)
