"""Files written so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

UNFINISHED = ".zicha-"
"""How the names of files begin that are still being written."""


@contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """A stream beside the file that becomes it at the end: flushed to the disk, renamed, the folder flushed; left out on an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)  # as long as it is held, nobody takes the file for what a killed process left
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def write_atomically(path: Path, data: bytes) -> None:
    """Write the whole of a file in one step."""
    with atomic(path) as stream:
        stream.write(data)


def write_if_changed(path: Path, data: bytes) -> bool:
    """Write only what is new; returns whether it was."""
    try:
        if path.read_bytes() == data:
            return False
    except FileNotFoundError:
        pass
    write_atomically(path, data)
    return True


def write_new(path: Path, data: bytes) -> bool:
    """Write what is not there yet; returns whether it was written. Whatever has that name, a broken link too, stays."""
    if path.exists() or path.is_symlink():
        return False
    write_atomically(path, data)
    return True


@contextmanager
def alone(path: Path, *, wait: bool = True) -> Iterator[None]:
    """One process at a time, told apart by that file; raises BlockingIOError where another is at it and `wait` is False."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove from the folder what processes that were killed left half written; what one is writing right now stays."""
    for path in folder.glob(f"{UNFINISHED}*"):
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(handle)


def reason(error: Exception) -> str:
    """Why the machine refuses, in Chinese, with the file it is about."""
    if isinstance(error, Lost):
        return "存档中的原件丢失或已损坏，请用备份恢复"
    if not isinstance(error, OSError):
        return "数据库暂时不能写入，可能磁盘已满或被其他程序占用"
    name = f"（{error.filename}）" if error.filename else ""
    return WHY.get(error.errno or 0, error.strerror or str(error)) + name


WHY = {
    errno.ENOENT: "文件不存在", errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.ENOSPC: "磁盘已满", errno.EDQUOT: "磁盘配额已用完",
    errno.EROFS: "磁盘是只读的", errno.EIO: "磁盘读写出错", errno.EISDIR: "这是文件夹", errno.ELOOP: "这是链接，不予打开",
    errno.ENAMETOOLONG: "路径过长", errno.EMFILE: "打开的文件过多", errno.ENFILE: "打开的文件过多", errno.EEXIST: "已有同名的文件或文件夹",
    errno.ENOTDIR: "应是文件夹，却是文件", errno.ESTALE: "网络盘已断开", errno.ENOTCONN: "网络盘已断开", errno.EHOSTDOWN: "网络盘已断开",
    errno.EHOSTUNREACH: "网络盘已断开", errno.ETIMEDOUT: "网络盘没有响应", errno.ENODEV: "磁盘已断开", errno.ENXIO: "磁盘已断开",
    errno.ENOMEM: "内存不足",
}  # fmt: skip


def flush_folder(folder: Path) -> None:
    """Make a rename in it last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(data: bytes) -> str:
    """What the same bytes are known by, wherever they lie: 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


class Lost(FileNotFoundError):
    """The archive has lost an original, or holds other bytes in its place: the disk failed, or someone was at it."""


class TooBig(Exception):
    """More bytes than are taken."""


class Archive:
    """Original bytes by their SHA-256; once there, never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep the bytes, on the disk when this returns; gives their SHA-256."""
        sha256 = sha256_of(data)
        path = self._path(sha256)
        if _holds(path, sha256):
            os.utime(path)  # taken in again: it is kept from now on
        else:
            write_atomically(path, data)
            flush_folder(self.folder)
        return sha256

    def take(self, stream: IO[bytes], most: int) -> tuple[str, int]:
        """Keep what the stream gives, never whole in memory, on the disk when this returns; gives its SHA-256 and size.

        Raises TooBig beyond `most` bytes.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, temporary = tempfile.mkstemp(prefix=UNFINISHED, dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as target:
                fcntl.flock(target, fcntl.LOCK_EX)
                while chunk := stream.read(1 << 20):
                    size += len(chunk)
                    if size > most:
                        raise TooBig
                    digest.update(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
                path = self._path(digest.hexdigest())
                path.parent.mkdir(exist_ok=True)
                if not _holds(path, digest.hexdigest()):
                    Path(temporary).replace(path)
                    flush_folder(path.parent)
                    flush_folder(self.folder)
        finally:
            Path(temporary).unlink(missing_ok=True)
        return digest.hexdigest(), size

    def get(self, sha256: str) -> bytes:
        """The bytes kept under that SHA-256; raises Lost if there are none, or others."""
        path = self._path(sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            data = None
        if data is None or sha256_of(data) != sha256:
            raise Lost(errno.ENOENT, "", str(path))
        return data

    def holds(self, sha256: str) -> bool:
        """Whether these very bytes are there."""
        return _holds(self._path(sha256), sha256)

    def size(self, sha256: str) -> int | None:
        """How many bytes are kept under that SHA-256; None if there are none."""
        try:
            return self._path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def time(self, sha256: str) -> datetime | None:
        """When they were last taken in; None if there are none."""
        try:
            return datetime.fromtimestamp(self._path(sha256).stat().st_mtime).astimezone()
        except FileNotFoundError:
            return None

    def remove(self, sha256: str) -> None:
        """Let them go, for good when this returns."""
        path = self._path(sha256)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            flush_folder(path.parent)

    def sweep(self) -> None:
        """Remove what processes that were killed left half written."""
        for folder in (self.folder, *(p for p in self.folder.glob("??") if p.is_dir())):
            sweep(folder)

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256


def _holds(path: Path, sha256: str) -> bool:
    """Whether the file is there with these bytes."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False
