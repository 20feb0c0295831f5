"""Paths or mails -> submissions: every byte stream that arrived, with its name, its place and what it came in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from extract.errors import DamagedFile, DocumentError, EmptyFile, TooLarge, UnsupportedFormat
from extract.sniff import Format, sniff
from ingest.mail import Message, looks_like_mail, read_mail
from ingest.unpack import Bounds, Budget, unzip

JUNK = re.compile(r"(^|/)(__MACOSX/|\.|~\$|thumbs\.db$|desktop\.ini$)|\.(part|partial|crdownload|tmp|filepart|download|lock|swp)$|~$", re.I)
"""Names of what programs leave behind: never an arrival in a folder, not needed in an archive or a mail."""

Kind = Literal["mail", "archive", "file"]
BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Part:
    """One byte stream. `place` is its path, or its parent's place and its number; mails and archives stand before what is in them."""

    place: str
    parent: str | None
    name: str
    data: bytes = field(repr=False)
    kind: Kind = "file"
    problem: DocumentError | None = None
    sha256: str = ""
    doubt: str = ""
    """One sentence where its name had to be guessed."""


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


def submissions(roots: Iterable[Root], bounds: Bounds = BOUNDS, *, place: str | None = None) -> tuple[Submission, ...]:
    """Each mail is one submission; all files that are no mails together are one, under `place` (default: the first file's)."""
    alone: list[Root] = []
    loose: list[Root] = []
    for root in roots:
        (alone if _is_mail(root) or is_mail_name(root.place) else loose).append(root)
    found = [from_mail(root, bounds) if _is_mail(root) else from_files([root], bounds) for root in alone]
    return tuple([*found, from_files(loose, bounds, place=place)] if loose else found)


def from_mail(root: Root, bounds: Bounds = BOUNDS) -> Submission:
    """A mail and everything in it."""
    expander = _Expander(bounds)
    parts = tuple(expander.mail(Part(root.place, None, PurePosixPath(root.place).name, root.data, "mail", sha256=_sha(root.data)), depth=0))
    return Submission(
        _sha(root.data)[:16], root.place, expander.messages[0] if expander.messages else None, parts, tuple(expander.messages)
    )


def from_files(roots: Iterable[Root], bounds: Bounds = BOUNDS, *, place: str | None = None) -> Submission:
    """Files that arrived together outside of any mail."""
    roots = sorted(roots, key=lambda r: r.place)
    expander = _Expander(bounds)
    parts = tuple(
        p for r in roots for p in expander.file(Part(r.place, None, PurePosixPath(r.place).name, r.data, sha256=_sha(r.data)), depth=0)
    )
    digest = _sha("\n".join(sorted(f"{_sha(r.data)} {PurePosixPath(r.place).name}" for r in roots)).encode())
    return Submission(digest[:16], place or roots[0].place, None, parts, tuple(expander.messages))


def is_mail_name(name: str) -> bool:
    """Whether a file of that name is a mail, in a form we read or not: it stands alone wherever it lies."""
    return name.lower().endswith((".eml", ".msg"))


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


def _is_mail(root: Root) -> bool:
    return (
        root.is_mail
        or root.place.lower().endswith(".eml")
        or (root.data[:1].isalpha() and sniff(root.data[:65536], root.place) is Format.EML)
    )


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _Expander:
    """Takes mails and archives apart; one budget for a whole submission."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.budget = Budget(bounds)
        self.messages: list[Message] = []

    def file(self, part: Part, depth: int) -> Iterator[Part]:
        """The part itself, and what is in it if it is a mail or an archive."""
        if part.problem:
            yield part
        elif part.data.startswith(b"PK") and sniff(part.data, part.name) is Format.ZIP:
            yield from self.archive(part, depth)
        elif depth and _is_mail(Root(part.name, part.data)) and looks_like_mail(part.data):
            yield from self.mail(part, depth)
        elif part.data.startswith((b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")):
            yield _with(part, UnsupportedFormat("RAR、7Z 压缩包暂不能打开", "请单位改用 ZIP 格式，或不压缩直接报送（单位补报）"))
        else:
            yield part

    def mail(self, part: Part, depth: int) -> Iterator[Part]:
        if depth > self.bounds.depth:
            yield _with(part, TooLarge("邮件层层转发过深，未再打开"))
            return
        if not part.data.strip():
            yield _with(part, EmptyFile("邮件是空的，没有任何内容"))
            return
        if not looks_like_mail(part.data):
            yield _with(part, DamagedFile("不是有效的邮件文件，或邮件已损坏"))
            return
        message = read_mail(part.data)
        self.messages.append(message)
        yield replace(part, kind="mail")
        for number, a in enumerate(message.attachments, 1):
            inner = Part(f"{part.place}#{number}", part.place, a.name, a.data, sha256=_sha(a.data), doubt=a.doubt)
            yield from self.file(inner, depth + 1)

    def archive(self, part: Part, depth: int) -> Iterator[Part]:
        if depth > self.bounds.depth:
            yield _with(part, TooLarge("压缩包层层嵌套过深，未再打开"))
            return
        inner: list[Part] = []
        try:
            for number, e in enumerate(unzip(part.data, self.budget), 1):
                inner.append(Part(f"{part.place}#{number}", part.place, e.name, e.data, problem=e.problem, sha256=_sha(e.data), doubt=e.doubt))
        except DocumentError as error:  # what came out before it broke still counts
            yield _with(part, error)
        else:
            problem = None if inner else EmptyFile("压缩包是空的")
            yield replace(part, kind="file" if problem else "archive", problem=problem)
        for found in inner:
            yield from self.file(found, depth + 1)


def _with(part: Part, problem: DocumentError) -> Part:
    return replace(part, kind="file", problem=problem)


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
