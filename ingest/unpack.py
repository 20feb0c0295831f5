"""A zip archive taken apart in memory, within bounds, names as their writer saw them; bounds and entries of all archives."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extract.errors import DamagedFile, DocumentError, EncryptedFile, HostileFile, TooLarge
from ingest.mailtext import LOST, decode
from ingest.zipdata import Unreadable, WrongPassword, content

RATIO_FLOOR = 1 << 20
"""Below this size no ratio is suspicious: a page of blanks packs a thousandfold, too."""
CHUNK = 1 << 16
LINK_OR_DEVICE = 0o170000
TOO_LARGE = "压缩包中的文件解开后过大，超出处理上限"
BOMB = "压缩比异常，疑为压缩炸弹，未予打开"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one submission may unpack to, all its archives together; `seconds` for those that need a process of their own."""

    total: int = 400 << 20
    one: int = 200 << 20
    count: int = 2000
    ratio: int = 200
    depth: int = 4
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive: its bytes, or why they could not be had."""

    name: str
    data: bytes = b""
    problem: DocumentError | None = None
    doubt: str = ""
    """One sentence where the name had to be guessed."""


@dataclass(slots=True)
class Budget:
    """What is left of the bounds; runs down as archives are opened."""

    bounds: Bounds
    total: int = 0
    count: int = 0
    seconds: float = 0.0

    def spend(self, amount: int) -> None:
        """Bytes that came out; raises TooLarge when there were too many."""
        self.total += amount
        if self.total > self.bounds.total:
            raise TooLarge("压缩包解开后过大，超出处理上限")

    def enter(self) -> None:
        """One more file; raises TooLarge when there were too many."""
        self.count += 1
        if self.count > self.bounds.count:
            raise TooLarge(f"压缩包中的文件超过{self.bounds.count}个")

    @property
    def exceeded(self) -> bool:
        """Whether nothing more may be opened at all."""
        return self.total > self.bounds.total or self.count > self.bounds.count


class Counted:
    """Collects one file's bytes and counts them as they come: what a header says about sizes proves nothing."""

    def __init__(self, budget: Budget, packed: int) -> None:
        self.budget, self.packed = budget, max(1, packed)
        self.data = bytearray()

    def add(self, chunk: bytes) -> None:
        """Raises TooLarge or HostileFile at the first byte too many."""
        self.data += chunk
        self.budget.spend(len(chunk))
        self.foresee(len(self.data))

    def foresee(self, size: int) -> None:
        """Raises the same if the file is to become that large."""
        if size > self.budget.bounds.one:
            raise TooLarge(TOO_LARGE)
        if size > RATIO_FLOOR and size > self.budget.bounds.ratio * self.packed:
            raise HostileFile(BOMB)


def locked(passwords: Sequence[str]) -> EncryptedFile:
    """What to say of a file that has a password; `passwords` are those that were tried."""
    tried = "，邮件正文中写的密码打不开" if passwords else "，邮件正文中没有写明密码"
    return EncryptedFile("压缩包中的文件设有密码" + tried)


def unzip(data: bytes, budget: Budget, passwords: Sequence[str] = ()) -> Iterator[Entry]:
    """The files of a zip archive in its own order; folders, links and devices are passed over.

    Raises DamagedFile if the archive cannot be opened at all, TooLarge when the budget is used up.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError) as error:
        raise DamagedFile("压缩包已损坏或传输不完整") from error
    infos = [i for i in archive.infolist() if not i.filename.endswith("/") and _is_plain(i)]
    for info, entry in zip(infos, _names(infos), strict=True):
        budget.enter()
        yield _entry(data, info, entry, budget, passwords)


def has_locked(data: bytes) -> bool:
    """Whether a zip archive holds a file with a password."""
    try:
        return any(i.flag_bits & 1 for i in zipfile.ZipFile(io.BytesIO(data)).infolist())
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError):
        return False


def label(name: str) -> str:
    """The path inside an archive as a label: nothing is ever written under it."""
    parts = [p for p in name.replace("\\", "/").split("/") if p not in ("", ".", "..") and not p.endswith(":")]
    return "/".join("".join(c for c in p if c.isprintable()) for p in parts)[-255:].strip("/") or "未命名文件"


def _is_plain(info: zipfile.ZipInfo) -> bool:
    kind = info.external_attr >> 16 & LINK_OR_DEVICE if info.create_system == 3 else 0
    return kind in (0, stat.S_IFREG) and not stat.S_ISLNK(info.external_attr >> 16)


def _entry(data: bytes, info: zipfile.ZipInfo, entry: Entry, budget: Budget, passwords: Sequence[str]) -> Entry:
    if not info.flag_bits & 1:
        return _opened(data, info, entry, budget, None)
    for password in passwords:
        try:
            return _opened(data, info, entry, budget, password)
        except WrongPassword:
            continue
    return replace(entry, problem=locked(passwords))


def _opened(data: bytes, info: zipfile.ZipInfo, entry: Entry, budget: Budget, password: str | None) -> Entry:
    out = Counted(budget, info.compress_size)
    try:
        for chunk in content(data, info, password):
            out.add(chunk)
    except WrongPassword:
        budget.total -= len(out.data)
        raise
    except DocumentError as error:
        if budget.exceeded:
            raise
        return replace(entry, problem=error)
    except Unreadable:
        return replace(entry, problem=DamagedFile("压缩包中的文件已损坏"))
    return replace(entry, data=bytes(out.data))


def _names(infos: list[zipfile.ZipInfo]) -> list[Entry]:
    """Names without a UTF-8 flag are decided together, UTF-8 or GB18030: one archive, one writer."""
    raw = [b"" if i.flag_bits & 0x800 else _raw(i.orig_filename).replace(b"\n", b" ") for i in infos]
    together = decode(b"\n".join(raw))
    if not infos:
        return []
    return [_named(i, r, name, together.doubt) for i, r, name in zip(infos, raw, together.text.split("\n"), strict=True)]


def _named(info: zipfile.ZipInfo, raw: bytes, name: str, doubt: str) -> Entry:
    told = _extra(info) or (info.orig_filename if info.flag_bits & 0x800 else "")
    if told or raw.isascii():
        name, doubt = told or name, ""
    if "\ufffd" in name:
        doubt = LOST
    return Entry(label(name), doubt=f"文件名{doubt}" if doubt else "")


def _raw(name: str) -> bytes:
    """zipfile reads an unflagged name as cp437, which loses nothing."""
    try:
        return name.encode("cp437")
    except UnicodeEncodeError:
        return name.encode("utf-8", "replace")


def _extra(info: zipfile.ZipInfo) -> str:
    """The name of an Info-ZIP unicode path field (0x7075), where one stands."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x7075 and size > 5:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return ""
