"""One byte stream and all that is in it: mails, archives, documents with files inside, each taken apart in its turn, within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from extract.errors import DamagedFile, DocumentError, EmptyFile, EncryptedFile, TooLarge
from extract.sniff import Format, sniff
from ingest.files import sha256_of
from ingest.mail import Message, looks_like_mail, read_mail, with_words
from ingest.mailbody import passwords
from ingest.mbox import mails_in
from ingest.opening import Found, opened
from ingest.pasted import NAME, pasted_report
from ingest.smime import is_encrypted
from ingest.telltale import may_be_locked, may_hold_files
from ingest.unpack import Bounds, Budget, has_locked, unzip
from ingest.volumes import PART_NAME, VOLUME, is_volume

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

    def inner(self, number: int, name: str, data: bytes, *, problem: DocumentError | None = None, doubt: str = "") -> Part:
        """What stood in it, as its file of that number."""
        return Part(f"{self.place}#{number}", self.place, name, data, problem=problem, sha256=sha256_of(data), doubt=doubt)


class Expander:
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
        elif is_outlook(part.data) or (depth and is_mail(part.name, part.data) and looks_like_mail(part.data)):
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
            yield from self.file(part.inner(number, f.name, f.data, problem=f.problem, doubt=f.doubt), depth + 1)

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
            yield from self.file(part.inner(number, a.name, a.data, doubt=a.doubt), depth + 1)
        yield from self._pasted(part, message)
        if message.lost:
            number = len(message.attachments) + 2  # one behind what may have been pasted
            cause, _, step = message.lost.partition("；")
            yield _with(
                Part(f"{part.place}#{number}", part.place, "其余部分", b"", sha256=sha256_of(part.data + b"+")), DamagedFile(cause, step)
            )

    def _pasted(self, part: Part, message: Message) -> Iterator[Part]:
        """A report that stands in the mail's own words is a file of it like any other, behind those that were attached."""
        words = pasted_report(message.body, [a.name for a in message.attachments])
        if words:
            data = words.encode("utf-8", "replace")
            yield part.inner(len(message.attachments) + 1, NAME, data)

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
                inner.append(part.inner(number, f.name, f.data, problem=f.problem, doubt=f.doubt))
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


def is_mail_name(name: str) -> bool:
    """Whether a file of that name is a mail, in a form we read or not: it stands alone wherever it lies."""
    return name.lower().endswith((".eml", ".msg"))


def is_mail(name: str, data: bytes) -> bool:
    """Whether it is a mail by its name or its content."""
    return (
        name.lower().endswith(".eml")
        or is_outlook(data)
        or (data[:64].lstrip(b"\xef\xbb\xbf\r\n")[:1].isalpha() and sniff(data[:65536], name) is Format.EML)
    )


def is_outlook(data: bytes) -> bool:
    """Whether it may be a .msg: an OLE file with the stream that each has. A document that holds one looks the same from here."""
    return data.startswith(OUTLOOK) and OF_MSG in data
