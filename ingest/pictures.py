"""Pictures of pages, drawn by a child when they are first looked at and kept for the next time, within bounds."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from extract.model import Leaf
from ingest.files import write_atomically
from ingest.work import Limits, Workers

FORM = 1
"""Counted up when pages are drawn in another way: those drawn before are then not used."""
LIMITS = Limits(memory=2 << 30, seconds=60.0)
KEPT = 1 << 30
"""Bytes of pictures that are kept: some three thousand pages."""
_AFTER = 0.8
"""Share of it that is left when the oldest are thrown away."""


class Pictures:
    """The page pictures of one home folder; safe to use from several threads. One page is drawn at a time."""

    def __init__(self, folder: Path, *, limits: Limits = LIMITS, most: int = KEPT) -> None:
        self.folder, self.most = folder, most
        self.workers = Workers(limits)
        self._drawing = ThreadPoolExecutor(1, thread_name_prefix="picture")  # one child, however many people look
        self._size: int | None = None

    def get(self, sha256: str, name: str, leaf: Leaf, original: Callable[[], bytes]) -> bytes:
        """The page as PNG; `original` gives the file's bytes if it has to be drawn. Raises DocumentError, and what `original` raises."""
        path = self._path(sha256, leaf)
        try:
            data = path.read_bytes()
        except OSError:
            return self._drawing.submit(self._draw, path, name, leaf, original).result()
        with contextlib.suppress(OSError):  # looked at: it is thrown away last
            os.utime(path)
        return data

    def close(self) -> None:
        """End the child."""
        self.workers.close()
        self._drawing.shutdown(wait=False, cancel_futures=True)

    def _draw(self, path: Path, name: str, leaf: Leaf, original: Callable[[], bytes]) -> bytes:
        with contextlib.suppress(OSError):  # drawn while this waited its turn
            return path.read_bytes()
        data = self.workers.picture(original(), name, leaf)
        with contextlib.suppress(OSError):  # a full disk: it is shown all the same
            write_atomically(path, data)
            self._make_room(len(data))
        return data

    def _make_room(self, added: int) -> None:
        if self._size is None:
            self._size = sum(p.stat().st_size for p in self._all())
        else:
            self._size += added
        if self._size <= self.most:
            return
        found = sorted(((s.st_mtime_ns, s.st_size, p) for p in self._all() for s in (p.stat(),)), key=lambda f: f[0])
        for _, size, path in found:
            if self._size <= self.most * _AFTER:
                break
            path.unlink(missing_ok=True)
            self._size -= size

    def _all(self) -> list[Path]:
        return list(self.folder.glob("??/*.png"))

    def _path(self, sha256: str, leaf: Leaf) -> Path:
        """Named by the file's content and how the page is turned: a newer reading that turns it otherwise has its own picture."""
        drawn = hashlib.sha256(f"{FORM} {leaf.page} {leaf.turn} {leaf.skew}".encode()).hexdigest()[:8]
        return self.folder / sha256[:2] / f"{sha256}-{leaf.page}-{drawn}.png"
