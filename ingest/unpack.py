"""A zip archive taken apart in memory, within bounds, names as their writer saw them."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from extract.errors import DamagedFile, DocumentError, EncryptedFile, HostileFile, TooLarge, UnsupportedFormat

CHUNK = 1 << 16
RATIO_FLOOR = 1 << 20
"""Below this size no ratio is suspicious: a page of blanks packs a thousandfold, too."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one submission may unpack to, all its archives together."""

    total: int = 400 << 20
    one: int = 200 << 20
    count: int = 2000
    ratio: int = 200
    depth: int = 4


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

    def spend(self, amount: int) -> None:
        self.total += amount
        if self.total > self.bounds.total:
            raise TooLarge("压缩包解开后过大，超出处理上限")


def unzip(data: bytes, budget: Budget) -> Iterator[Entry]:
    """The files of a zip archive in its own order; folders and links are passed over.

    Raises DamagedFile if the archive cannot be opened at all, TooLarge when the budget is used up.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError) as error:
        raise DamagedFile("压缩包已损坏或传输不完整") from error
    with archive:
        infos = [i for i in archive.infolist() if not i.filename.endswith("/") and not stat.S_ISLNK(i.external_attr >> 16)]
        names = _names(infos)
        for info, name in zip(infos, names, strict=True):
            budget.count += 1
            if budget.count > budget.bounds.count:
                raise TooLarge(f"压缩包中的文件超过{budget.bounds.count}个")
            yield _entry(archive, info, name, budget)


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, budget: Budget) -> Entry:
    if info.flag_bits & 1:
        return Entry(name, problem=EncryptedFile("压缩包中的文件设有密码"))
    try:
        return Entry(name, _inflate(archive, info, budget))
    except DocumentError as error:
        if isinstance(error, TooLarge) and budget.total > budget.bounds.total:
            raise
        return Entry(name, problem=error)
    except NotImplementedError:
        return Entry(name, problem=UnsupportedFormat("压缩包采用了不能识别的压缩方法", "请单位改用普通 ZIP 格式重新报送（单位补报）"))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, struct.error):
        return Entry(name, problem=DamagedFile("压缩包中的文件已损坏"))


def _inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> bytes:
    """Bytes counted while they come: what the header says about sizes proves nothing."""
    out = bytearray()
    with archive.open(info) as stream:
        while chunk := stream.read(CHUNK):
            out += chunk
            budget.spend(len(chunk))
            if len(out) > budget.bounds.one:
                raise TooLarge("压缩包中的文件解开后过大，超出处理上限")
            if len(out) > RATIO_FLOOR and len(out) > budget.bounds.ratio * max(1, info.compress_size):
                raise HostileFile("压缩比异常，疑为压缩炸弹，未予打开")
    return bytes(out)


def _names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Names without a UTF-8 flag are UTF-8 if all of them can be, else GB18030: one archive, one writer."""
    raw = [b"" if i.flag_bits & 0x800 else _raw(i.orig_filename) for i in infos]
    charset = "utf-8" if all(_is_utf8(r) for r in raw) else "gb18030"
    return [
        _base(_extra(i) or (i.orig_filename if i.flag_bits & 0x800 else r.decode(charset, "replace")))
        for i, r in zip(infos, raw, strict=True)
    ]


def _raw(name: str) -> bytes:
    """zipfile reads an unflagged name as cp437, which loses nothing."""
    try:
        return name.encode("cp437")
    except UnicodeEncodeError:
        return name.encode("utf-8")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _extra(info: zipfile.ZipInfo) -> str:
    """The name of an Info-ZIP unicode path field (0x7075), where one stands."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x7075 and size > 5:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return ""


def _base(name: str) -> str:
    """The path inside the archive as a label: nothing is ever written under it."""
    parts = [p for p in name.replace("\\", "/").split("/") if p not in ("", ".", "..") and not p.endswith(":")]
    return "/".join("".join(c for c in p if c.isprintable()) for p in parts)[-255:] or "未命名文件"
