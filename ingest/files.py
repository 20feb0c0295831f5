"""Files written so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO


@contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """A stream beside the file that becomes it at the end: flushed to the disk, renamed, the folder flushed; left out on an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".zicha-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
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


def reason(error: Exception) -> str:
    """Why the machine refuses, in Chinese, with the file it is about."""
    if not isinstance(error, OSError):
        return "数据库暂时不能写入，可能磁盘已满或被其他程序占用"
    name = f"（{error.filename}）" if error.filename else ""
    return WHY.get(error.errno or 0, error.strerror or str(error)) + name


WHY = {
    errno.ENOENT: "文件不存在", errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.ENOSPC: "磁盘已满", errno.EDQUOT: "磁盘配额已用完",
    errno.EROFS: "磁盘是只读的", errno.EIO: "磁盘读写出错", errno.EISDIR: "这是文件夹", errno.ELOOP: "这是链接，不予打开",
    errno.ENAMETOOLONG: "文件名过长", errno.EMFILE: "打开的文件过多",
}  # fmt: skip


def flush_folder(folder: Path) -> None:
    """Make a rename in it last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class TooBig(Exception):
    """More bytes than are taken."""


class Archive:
    """Original bytes by their SHA-256; once there, never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep the bytes, on the disk when this returns; gives their SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if not path.is_file() or path.stat().st_size != len(data):
            write_atomically(path, data)
            flush_folder(self.folder)
        else:
            os.utime(path)  # taken in again: it is kept from now on
        return sha256

    def take(self, stream: IO[bytes], most: int) -> tuple[str, int]:
        """Keep what the stream gives, never whole in memory, on the disk when this returns; gives its SHA-256 and size.

        Raises TooBig beyond `most` bytes.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, temporary = tempfile.mkstemp(prefix=".zicha-", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as target:
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
            if not path.is_file() or path.stat().st_size != size:
                Path(temporary).replace(path)
                flush_folder(path.parent)
                flush_folder(self.folder)
        finally:
            Path(temporary).unlink(missing_ok=True)
        return digest.hexdigest(), size

    def get(self, sha256: str) -> bytes:
        """The bytes kept under that SHA-256; FileNotFoundError if there are none."""
        return self._path(sha256).read_bytes()

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

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256
