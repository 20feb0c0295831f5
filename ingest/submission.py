"""Paths or mails -> submissions: every byte stream that arrived, with its name, its place and what it came in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from extract.errors import DamagedFile, DocumentError, EmptyFile, EncryptedFile, TooLarge
from extract.sniff import Format, sniff
from ingest.mail import Message, looks_like_mail, read_mail, with_words
from ingest.mailbody import passwords
from ingest.mbox import mails_in
from ingest.opening import Found, opened
from ingest.pasted import NAME, pasted_report
from ingest.smime import is_encrypted
from ingest.telltale import may_be_locked, may_hold_files
from ingest.unpack import Bounds, Budget, has_locked, unzip
from ingest.volumes import PART_NAME, VOLUME, is_volume

JUNK = re.compile(r"(^|/)(__MACOSX/|\.|~\$|thumbs\.db$|desktop\.ini$)|\.(part|partial|crdownload|tmp|filepart|download|lock|swp)$|~$", re.I)
"""Names of what programs leave behind: never an arrival in a folder, not needed in an archive or a mail."""

OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OF_MSG = "__properties_version1.0".encode("utf-16-le")
PACKED = {
    b"Rar!\x1a\x07": "archive",
    b"7z\xbc\xaf\x27\x1c": "archive",
    b"\x1f\x8b\x08": "archive",
    b"BZh91AY&SY": "archive",
    b"\xfd7zXZ\x00": "archive",
    b"\x78\x9f\x3e\x22": "tnef",
}
"""How what a child process opens begins; the child looks closer."""
SEALED = EncryptedFile("邮件用数字证书加密（S/MIME），没有收件人的证书不能打开", "请单位不加密重新发送（单位补报）")

Kind = Literal["mail", "archive", "file"]
BOUNDS = Bounds()
Copies = Callable[[str], bytes | None]


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


def submissions(
    roots: Iterable[Root], bounds: Bounds = BOUNDS, *, place: str | None = None, copies: Copies = lambda _: None
) -> tuple[Submission, ...]:
    """Each mail is one submission; all files that are no mails together are one, under `place` (default: the first file's).

    `copies`: SHA-256 of an archive that a person opened with its password -> a plain zip of what is in it.
    """
    alone: list[Root] = []
    loose: list[Root] = []
    for root in roots:
        (alone if _is_mail(root) or is_mail_name(root.place) else loose).append(root)
    found = [(from_mail(root, bounds, copies) if _is_mail(root) else from_files([root], bounds, copies=copies)) for root in alone]
    return tuple([*found, from_files(loose, bounds, place=place, copies=copies)] if loose else found)


def from_mail(root: Root, bounds: Bounds = BOUNDS, copies: Copies = lambda _: None) -> Submission:
    """A mail and everything in it."""
    expander = _Expander(bounds, copies)
    parts = tuple(expander.mail(Part(root.place, None, PurePosixPath(root.place).name, root.data, "mail", sha256=_sha(root.data)), depth=0))
    return Submission(
        _sha(root.data)[:16], root.place, expander.messages[0] if expander.messages else None, parts, tuple(expander.messages)
    )


def from_files(roots: Iterable[Root], bounds: Bounds = BOUNDS, *, place: str | None = None, copies: Copies = lambda _: None) -> Submission:
    """Files that arrived together outside of any mail."""
    roots = sorted(roots, key=lambda r: r.place)
    expander = _Expander(bounds, copies)
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
        or is_outlook(root.data)
        or (root.data[:64].lstrip(b"\xef\xbb\xbf\r\n")[:1].isalpha() and sniff(root.data[:65536], root.place) is Format.EML)
    )


def is_outlook(data: bytes) -> bool:
    """Whether it may be a .msg: an OLE file with the stream that each has. A document that holds one looks the same from here."""
    return data.startswith(OUTLOOK) and OF_MSG in data


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _Expander:
    """Takes mails and archives apart; one budget for a whole submission, and the passwords that its mails tell."""

    def __init__(self, bounds: Bounds, copies: Copies) -> None:
        self.bounds, self.copies = bounds, copies
        self.budget = Budget(bounds)
        self.messages: list[Message] = []

    def file(self, part: Part, depth: int) -> Iterator[Part]:
        """The part itself, and what is in it if it is a mail or an archive."""
        packed = next((kind for magic, kind in PACKED.items() if part.data.startswith(magic)), None)
        if part.problem:
            yield part
        elif is_volume(part.data, part.name):
            yield _with(part, VOLUME)
        elif part.data.startswith(b"PK") and sniff(part.data, part.name) is Format.ZIP:
            yield from self.archive(part, depth, self._zip)
        elif packed == "archive" or part.data[257:262] == b"ustar":
            yield from self.archive(part, depth, self._packed)
        elif packed:
            yield from self.archive(part, depth, self._winmail)
        elif is_outlook(part.data) or (depth and _is_mail(Root(part.name, part.data)) and looks_like_mail(part.data)):
            yield from self.mail(part, depth)
        elif mails := mails_in(part.data):
            yield from self.archive(part, depth, lambda _: self._folder(mails))
        elif part.name.lower().endswith(".p7m") and is_encrypted(part.data):
            yield _with(part, SEALED)
        else:
            yield from self._document(part, depth)

    def _folder(self, mails: Sequence[bytes]) -> Iterator[Found]:
        for number, mail in enumerate(mails, 1):
            self.budget.enter()
            yield Found(f"邮件{number}.eml", mail)

    def _document(self, part: Part, depth: int) -> Iterator[Part]:
        """A document; one with a password that its mail tells is what is in it, one with files in it stands before them."""
        copy = self.copies(part.sha256)
        words = self._passwords() if may_be_locked(part.data) and copy is None else ()
        found = opened("locked", part.data, part.name, self.budget, words) if words else None
        if found and found.files:
            yield from self.archive(part, depth, lambda _: iter(found.files))
            return
        yield part
        opened_part = part if copy is None else replace(part, data=copy)
        if depth <= self.bounds.depth and may_hold_files(opened_part.data):
            yield from self._embedded(opened_part, depth)

    def _embedded(self, part: Part, depth: int) -> Iterator[Part]:
        found = opened("embedded", part.data, part.name, self.budget)
        files = list(found.files)
        if found.problem:
            files.append(Found(f"{part.name}中附带的文件", b"", problem=found.problem))
        for number, f in enumerate(files, 1):
            place = f"{part.place}#{number}"
            yield from self.file(Part(place, part.place, f.name, f.data, problem=f.problem, sha256=_sha(f.data), doubt=f.doubt), depth + 1)

    def mail(self, part: Part, depth: int) -> Iterator[Part]:
        if depth > self.bounds.depth:
            yield _with(part, TooLarge("邮件层层转发过深，未再打开"))
            return
        if not part.data.strip():
            yield _with(part, EmptyFile("邮件是空的，没有任何内容"))
            return
        try:
            message = self._message(part)
        except DocumentError as problem:
            yield _with(part, problem)
            return
        if message is None:
            yield replace(part, kind="file")
            return
        self.messages.append(message)
        yield replace(part, kind="mail")
        for number, a in enumerate(message.attachments, 1):
            inner = Part(f"{part.place}#{number}", part.place, a.name, a.data, sha256=_sha(a.data), doubt=a.doubt)
            yield from self.file(inner, depth + 1)
        yield from self._pasted(part, message)
        if message.lost:
            number = len(message.attachments) + 2  # one behind what may have been pasted
            cause, _, step = message.lost.partition("；")
            yield _with(
                Part(f"{part.place}#{number}", part.place, "其余部分", b"", sha256=_sha(part.data + b"+")), DamagedFile(cause, step)
            )

    def _pasted(self, part: Part, message: Message) -> Iterator[Part]:
        """A report that stands in the mail's own words is a file of it like any other, behind those that were attached."""
        words = pasted_report(message.body, [a.name for a in message.attachments])
        if words:
            data = words.encode("utf-8", "replace")
            yield Part(f"{part.place}#{len(message.attachments) + 1}", part.place, NAME, data, sha256=_sha(data))

    def _message(self, part: Part) -> Message | None:
        """None for a document that only looked like an Outlook message."""
        if not part.data.startswith(OUTLOOK):
            if looks_like_mail(part.data):
                return read_mail(part.data)
            raise DamagedFile("不是有效的邮件文件，或邮件已损坏")
        found = opened("msg", part.data, part.name, self.budget)
        if found.problem:
            raise found.problem
        if not found.files:
            if is_mail_name(part.name):
                raise DamagedFile("不是有效的邮件文件，或邮件已损坏")
            return None
        message = read_mail(found.files[0].data)
        return replace(message, problems=(*message.problems, *found.more.get("problems", ())))

    def archive(self, part: Part, depth: int, contents: Callable[[Part], Iterator[Found]]) -> Iterator[Part]:
        if depth > self.bounds.depth:
            yield _with(part, TooLarge("压缩包层层嵌套过深，未再打开"))
            return
        inner: list[Part] = []
        copy = self.copies(part.sha256)
        try:
            for number, f in enumerate(contents(part) if copy is None else self._zip(replace(part, data=copy)), 1):
                place = f"{part.place}#{number}"
                inner.append(Part(place, part.place, f.name, f.data, problem=f.problem, sha256=_sha(f.data), doubt=f.doubt))
        except DocumentError as error:  # what came out before it broke still counts
            yield _with(part, VOLUME if isinstance(error, DamagedFile) and PART_NAME.search(part.name) else error)
        else:
            problem = None if inner or contents == self._winmail else EmptyFile("压缩包是空的")
            yield replace(part, kind="file" if problem else "archive", problem=problem)
        for found in inner:
            yield from self.file(found, depth + 1)

    def _zip(self, part: Part) -> Iterator[Found]:
        """Opened right here: plain zip has no more memory than a piece of 64 KiB to hurt us with. Deciphering takes its time, elsewhere."""
        if has_locked(part.data) and self._passwords():
            yield from self._packed(part)
            return
        for e in unzip(part.data, self.budget):
            yield Found(e.name, e.data, doubt=e.doubt, problem=e.problem)

    def _packed(self, part: Part) -> Iterator[Found]:
        found = opened("archive", part.data, part.name, self.budget, self._passwords())
        yield from found.files
        if found.problem:
            raise found.problem

    def _winmail(self, part: Part) -> Iterator[Found]:
        """Outlook's own wrapping of attachments; the words in it stand for a mail that has none of its own."""
        found = opened("tnef", part.data, part.name, self.budget)
        if self.messages:
            words = found.more.get("plain", ""), found.more.get("html", "")
            self.messages[-1] = with_words(self.messages[-1], *words)
        yield from found.files
        if found.problem:
            raise found.problem

    def _passwords(self) -> tuple[str, ...]:
        return passwords("\n".join(text for m in self.messages for text in (m.subject, m.body)))


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
