"""Paths or mails -> submissions: every byte stream that arrived, with its name, its place and what it came in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ingest.expanding import BOUNDS, Copies, Expander, Part, is_mail, is_mail_name
from ingest.files import sha256_of
from ingest.mail import Message
from ingest.unpack import Bounds

JUNK = re.compile(r"(^|/)(__MACOSX/|\.|~\$|thumbs\.db$|desktop\.ini$)|\.(part|partial|crdownload|tmp|filepart|download|lock|swp)$|~$", re.I)
"""Names of what programs leave behind: never an arrival in a folder, not needed in an archive or a mail."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What belongs together: a mail, a loose file, or the loose files of one folder."""

    id: str
    """Made from the bytes alone, so that the same mail has the same id wherever it lies."""
    place: str
    message: Message | None
    parts: tuple[Part, ...]
    messages: tuple[Message, ...] = ()
    """The mails inside the mail, outermost first."""

    @property
    def files(self) -> tuple[Part, ...]:
        """The parts that are documents or should have been."""
        return tuple(p for p in self.parts if p.kind == "file")

    @property
    def name(self) -> str:
        """How a person finds it in the inbox."""
        return self.place


@dataclass(frozen=True, slots=True)
class Root:
    """A file as it lies in a folder: where, and its bytes."""

    place: str
    data: bytes = field(repr=False)
    is_mail: bool = False
    """True where the folder says so (a Maildir); else the bytes are asked."""

    @property
    def counts_as_mail(self) -> bool:
        """Whether it is read as a mail."""
        return self.is_mail or is_mail(self.place, self.data)

    @property
    def part(self) -> Part:
        """It as a byte stream that came in nothing."""
        return Part(self.place, None, PurePosixPath(self.place).name, self.data, sha256=sha256_of(self.data))


def submissions(
    roots: Iterable[Root], bounds: Bounds = BOUNDS, *, place: str | None = None, copies: Copies = lambda _: None
) -> tuple[Submission, ...]:
    """Each mail is one submission; all files that are no mails together are one, under `place` (default: the first file's).

    `copies`: SHA-256 of an archive that a person opened with its password -> a plain zip of what is in it.
    """
    alone: list[Root] = []
    loose: list[Root] = []
    for root in roots:
        (alone if root.counts_as_mail or is_mail_name(root.place) else loose).append(root)
    found = [(from_mail(root, bounds, copies) if root.counts_as_mail else from_files([root], bounds, copies=copies)) for root in alone]
    return tuple([*found, from_files(loose, bounds, place=place, copies=copies)] if loose else found)


def from_mail(root: Root, bounds: Bounds = BOUNDS, copies: Copies = lambda _: None) -> Submission:
    """A mail and everything in it."""
    expander = Expander(bounds, copies)
    parts = tuple(expander.mail(root.part, depth=0))
    return Submission(
        sha256_of(root.data)[:16], root.place, expander.messages[0] if expander.messages else None, parts, tuple(expander.messages)
    )


def from_files(roots: Iterable[Root], bounds: Bounds = BOUNDS, *, place: str | None = None, copies: Copies = lambda _: None) -> Submission:
    """Files that arrived together outside of any mail."""
    roots = sorted(roots, key=lambda r: r.place)
    expander = Expander(bounds, copies)
    parts = tuple(p for r in roots for p in expander.file(r.part, depth=0))
    digest = sha256_of("\n".join(sorted(f"{sha256_of(r.data)} {PurePosixPath(r.place).name}" for r in roots)).encode())
    return Submission(digest[:16], place or roots[0].place, None, parts, tuple(expander.messages))


def is_junk(name: str) -> bool:
    """Whether a file of that name is something a program left behind (~$…, Thumbs.db, *.part)."""
    return bool(JUNK.search(name))


def maildir_of(path: PurePosixPath, folders: Iterable[str]) -> str | None:
    """The Maildir folder a file lies in ("" for the top), if the folders cur, new and tmp stand side by side there."""
    if path.parent.name not in ("cur", "new", "tmp"):
        return None
    base = str(path.parent.parent).removeprefix(".").removeprefix("/")
    known = set(folders)
    return base if all(str(PurePosixPath(base, n)) in known for n in ("cur", "new", "tmp")) else None


def read_roots(paths: Iterable[Path]) -> list[Root]:
    """The files at those paths, folders with everything below them; raises OSError with the path that cannot be read."""
    roots: list[Root] = []
    for path in paths:
        roots += _folder(path) if path.is_dir() else [Root(str(path), path.read_bytes(), _in_maildir(path))]
    return roots


def _folder(folder: Path) -> Iterator[Root]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).as_posix()
        if path.is_file() and not is_junk(inside) and not (path.parent.name == "tmp" and _in_maildir(path)):
            yield Root(str(path), path.read_bytes(), _in_maildir(path))


def _in_maildir(path: Path) -> bool:
    box = path.parent.parent
    return path.parent.name in ("cur", "new", "tmp") and all((box / n).is_dir() for n in ("cur", "new", "tmp"))
