"""RAR, 7z, tar, gzip, bzip2 and xz taken apart in memory, within the same bounds as zip. Runs in a process of its own (see opener).

RAR needs a program (unar or unrar) for whatever is compressed; it writes to a pipe. What has a password needs unar (see rarlock).
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import py7zr
import py7zr.exceptions
import rarfile
from py7zr.io import MemIO, Py7zIO, WriterFactory

from extract.errors import DamagedFile, DocumentError, EncryptedFile, HostileFile, NeedsConversion, TooLarge, UnsupportedFormat
from extract.sniff import Format, sniff
from ingest.mailtext import LOST, decode
from ingest.rarlock import locked_file
from ingest.unpack import BOMB, CHUNK, RATIO_FLOOR, Budget, Counted, Entry, label, locked, unzip
from ingest.volumes import PART_NAME, VOLUME

BROKEN = "压缩包已损坏或传输不完整"
NO_PROGRAM = NeedsConversion("本机没有安装能打开 RAR 压缩包的程序", "请安装 unar，或请单位改用 ZIP 格式重新报送（管理员处理）")
SOLID = DamagedFile("压缩包中的文件已损坏，或采用了解压程序不支持的压缩方式", "请单位改用 ZIP 格式重新报送（单位补报）")


def open_archive(data: bytes, name: str, budget: Budget, passwords: Sequence[str] = ()) -> Iterator[Entry]:
    """The files of an archive in its own order.

    Raises a DocumentError if it cannot be opened at all, or the budget is used up: what came before that still counts.
    """
    reader = READERS.get(sniff(data, name))
    if reader is None:
        raise UnsupportedFormat("压缩格式不能识别", "请单位改用 ZIP 格式重新报送（单位补报）")
    try:
        yield from reader(data, name, budget, passwords)
    except DamagedFile as error:
        if PART_NAME.search(name):
            raise VOLUME from error
        raise
    except MemoryError as error:
        raise TooLarge("解压时内存不足，压缩包过大或结构异常") from error
    except RecursionError as error:
        raise HostileFile from error


def _zip(data: bytes, _: str, budget: Budget, passwords: Sequence[str]) -> Iterator[Entry]:
    return unzip(data, budget, passwords)


def _rar(data: bytes, _: str, budget: Budget, passwords: Sequence[str]) -> Iterator[Entry]:
    rarfile.TRY_ENCODINGS = ("utf8", "gb18030")  # with its own an even number of GBK bytes becomes UTF-16 garbage
    rarfile.PATH_SEP = "/"
    archive, chosen = _rar_opened(data, passwords)
    with archive:
        for number, info in enumerate(archive.infolist()):
            if not info.is_file() or info.is_symlink():
                continue
            budget.enter()
            if info.needs_password():
                yield _rar_locked(data, number, info, budget, [chosen] if chosen else passwords)
            else:
                yield _rar_entry(archive, info, budget)


def _rar_opened(data: bytes, passwords: Sequence[str]) -> tuple[rarfile.RarFile, str | None]:
    """The archive, and the password that opened its directory where that has one."""
    for password in (None, *passwords):
        try:
            archive = rarfile.RarFile(io.BytesIO(data), errors="strict")
            if archive.needs_password() and not archive.infolist():
                if password is None:
                    continue
                archive.setpassword(password)
            if archive.infolist() or not archive.needs_password():
                return archive, password
        except rarfile.NeedFirstVolume as error:
            raise VOLUME from error
        except (rarfile.PasswordRequired, rarfile.RarWrongPassword):
            continue
        except RAR_TROUBLE as error:
            if password is not None:  # a directory that is decrypted with a wrong password looks broken
                continue
            raise (VOLUME if _is_part(data) else DamagedFile(BROKEN)) from error
    raise EncryptedFile(locked(passwords).cause.replace("压缩包中的文件", "压缩包"))


def _is_part(data: bytes) -> bool:
    """Whether a file in it goes on in another volume."""
    try:
        return any(_split(i) for i in rarfile.RarFile(io.BytesIO(data), part_only=True).infolist())
    except RAR_TROUBLE:
        return False


def _split(info: rarfile.RarInfo) -> bool:
    if isinstance(info, rarfile.Rar5Info):
        return bool(info.block_flags & (rarfile.RAR5_BLOCK_FLAG_SPLIT_BEFORE | rarfile.RAR5_BLOCK_FLAG_SPLIT_AFTER))
    return bool(info.flags & (rarfile.RAR_FILE_SPLIT_BEFORE | rarfile.RAR_FILE_SPLIT_AFTER))


def _rar_locked(data: bytes, number: int, info: rarfile.RarInfo, budget: Budget, passwords: Sequence[str]) -> Entry:
    entry, out = _rar_name(info), Counted(budget, info.compress_size)
    try:
        out.foresee(info.file_size)
        for password in passwords:
            found = locked_file(data, number, password, info.file_size)
            if found is not None:
                out.add(found)
                return replace(entry, data=found)
    except FileNotFoundError:
        return replace(entry, problem=NO_PROGRAM)
    except DocumentError as error:
        if budget.exceeded:
            raise
        return replace(entry, problem=error)
    return replace(entry, problem=locked(passwords))


def _rar_entry(archive: rarfile.RarFile, info: rarfile.RarInfo, budget: Budget) -> Entry:
    entry, out = _rar_name(info), Counted(budget, info.compress_size)
    try:
        with archive.open(info) as stream:
            while chunk := stream.read(CHUNK):
                out.add(chunk)
    except DocumentError as error:
        if budget.exceeded:
            raise
        return replace(entry, problem=error)
    except rarfile.RarCannotExec:
        return replace(entry, problem=NO_PROGRAM)
    except RAR_TROUBLE:
        out.data.clear()
    if len(out.data) != info.file_size:
        return replace(entry, problem=SOLID)
    return replace(entry, data=bytes(out.data))


RAR_TROUBLE = (rarfile.Error, OSError, ValueError, struct.error, EOFError, IndexError, KeyError, TypeError, AttributeError)


def _rar_name(info: rarfile.RarInfo) -> Entry:
    """RAR 5 names are UTF-8; older ones without their Unicode half are in whatever their writer's machine used."""
    raw = info.orig_filename if isinstance(info.orig_filename, bytes) else b""
    if raw and not raw.isascii() and not info.flags & rarfile.RAR_FILE_UNICODE and isinstance(info, rarfile.Rar3Info):
        found = decode(raw)
        return Entry(label(found.text), doubt=found.about("文件名"))
    name = info.filename or ""
    return Entry(label(name), doubt="文件名" + LOST if "\ufffd" in name else "")


class _SevenWriter(Py7zIO):
    """Takes the bytes of one file of a 7z archive and counts them."""

    def __init__(self, out: Counted, done: Callable[[], None]) -> None:
        self.out, self.done = out, done

    def write(self, s: bytes | bytearray) -> int:
        self.out.add(bytes(s))
        return len(s)

    def read(self, size: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        return None

    def size(self) -> int:
        return len(self.out.data)

    def close(self) -> None:
        self.done()


class _SevenFactory(WriterFactory):
    """Gives each file, known by its number in the archive, a writer; nothing touches the disk."""

    def __init__(self, budget: Budget, packed: int) -> None:
        self.budget, self.packed = budget, packed
        self.found: dict[int, bytes] = {}

    def create(self, filename: str) -> Py7zIO:
        number = int(filename)
        out = Counted(self.budget, self.packed)
        return _SevenWriter(out, lambda: self.found.__setitem__(number, bytes(out.data)))


def _seven(data: bytes, _: str, budget: Budget, passwords: Sequence[str]) -> Iterator[Entry]:
    wrong: DocumentError = EncryptedFile(locked(passwords).cause.replace("压缩包中的文件", "压缩包"))
    for password in (None, *passwords):
        before = budget.total, budget.count
        try:
            yield from _seven_files(data, budget, password)
            return
        except py7zr.exceptions.PasswordRequired:
            continue
        except SEVEN_TROUBLE as error:
            if password is None:
                raise _seven_problem(error) from error
            budget.total, budget.count = before  # decrypted with a wrong password it looks broken
    raise wrong


SEVEN_TROUBLE = (py7zr.exceptions.ArchiveError, OSError, ValueError, struct.error, EOFError, IndexError, KeyError, TypeError,
                 AttributeError, lzma.LZMAError, zlib.error, RuntimeError, AssertionError)  # fmt: skip


def _seven_problem(error: Exception) -> DocumentError:
    if isinstance(error, py7zr.exceptions.UnsupportedCompressionMethodError):
        return UnsupportedFormat("压缩包采用了不能识别的压缩方法", "请单位改用普通 ZIP 格式重新报送（单位补报）")
    return DamagedFile(BROKEN)


def _seven_files(data: bytes, budget: Budget, password: str | None) -> list[Entry]:
    with py7zr.SevenZipFile(io.BytesIO(data), password=password) as archive:
        if password is None and archive.needs_password():
            raise py7zr.exceptions.PasswordRequired
        files = [f for f in archive.files if not f.is_directory and not f.is_symlink and not f.is_junction and not f.is_socket]
        for _ in files:
            budget.enter()
        if sum(f.uncompressed or 0 for f in files) > budget.bounds.total:
            raise TooLarge("压缩包解开后过大，超出处理上限")
        factory = _SevenFactory(budget, len(data))
        for f in files:
            archive.worker.register_filelike(f.id, MemIO(str(f.id), factory))
        archive.worker.extract(archive.fp, None, parallel=False)
        return [_seven_entry(f.filename, b"" if f.emptystream else factory.found.get(f.id)) for f in files]


def _seven_entry(name: str, data: bytes | None) -> Entry:
    doubt = "文件名" + LOST if "\ufffd" in name else ""
    return Entry(label(name), data or b"", None if data is not None else DamagedFile("压缩包中的文件已损坏"), doubt)


def _tar(data: bytes, _: str, budget: Budget, __: Sequence[str]) -> Iterator[Entry]:
    """The regular files of a tar archive; links, devices and pipes are passed over."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:", encoding="utf-8", errors="surrogateescape") as archive:
            for member in archive:
                if not member.isreg():
                    continue
                budget.enter()
                yield _tar_entry(archive, member, budget)
    except (tarfile.TarError, EOFError, ValueError, OSError, struct.error) as error:
        raise DamagedFile(BROKEN) from error


def _tar_entry(archive: tarfile.TarFile, member: tarfile.TarInfo, budget: Budget) -> Entry:
    found = decode(member.name.encode("utf-8", "surrogateescape"))
    entry, out = Entry(label(found.text), doubt=found.about("文件名")), Counted(budget, len(member.name) + member.size)
    stream = archive.extractfile(member)
    try:
        while stream and (chunk := stream.read(CHUNK)):
            out.add(chunk)
    except DocumentError as error:
        if budget.exceeded:
            raise
        return replace(entry, problem=error)
    if len(out.data) != member.size:
        return replace(entry, problem=DamagedFile("压缩包中的文件已损坏"))
    return replace(entry, data=bytes(out.data))


def _squeezed(data: bytes, name: str, budget: Budget, passwords: Sequence[str]) -> Iterator[Entry]:
    """The one file in it, or those of the tar archive that it is."""
    out = bytearray()
    try:
        with _stream(data) as stream:
            while chunk := stream.read(CHUNK):
                out += chunk
                if len(out) > budget.bounds.one:
                    raise TooLarge("压缩包中的文件解开后过大，超出处理上限")
                if len(out) > RATIO_FLOOR and len(out) > budget.bounds.ratio * len(data):
                    raise HostileFile(BOMB)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
        raise DamagedFile(BROKEN) from error
    content = bytes(out)
    if sniff(content, name) is Format.TAR:
        yield from _tar(content, name, budget, passwords)
        return
    budget.enter()
    budget.spend(len(content))
    yield Entry(label(re.sub(r"\.(?:gz|bz2|xz)$", "", name, flags=re.I)), content)


def _stream(data: bytes) -> bz2.BZ2File | lzma.LZMAFile | gzip.GzipFile:
    if data.startswith(b"BZh"):
        return bz2.BZ2File(io.BytesIO(data))
    return lzma.LZMAFile(io.BytesIO(data)) if data.startswith(b"\xfd7zXZ") else gzip.GzipFile(fileobj=io.BytesIO(data))


READERS: dict[Format, Callable[[bytes, str, Budget, Sequence[str]], Iterator[Entry]]] = {
    Format.ZIP: _zip,
    Format.RAR: _rar,
    Format.SEVEN_ZIP: _seven,
    Format.TAR: _tar,
    Format.GZIP: _squeezed,
    Format.BZIP2: _squeezed,
    Format.XZ: _squeezed,
}
