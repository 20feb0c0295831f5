"""One document read in a child process with limits; a child that dies or hangs costs its own job and is replaced."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import extract.errors
from extract.errors import DamagedFile, DocumentError, TooLarge
from extract.model import Document, Leaf
from ingest.child import PAGE_SECONDS, receive, send
from ingest.codec import load

ROOT = str(Path(__file__).resolve().parent.parent)


def program(module: str) -> str:
    """What `python -I -c PROGRAM ROOT …` runs: `main` of that module, in this checkout or installation."""
    return f"import sys; sys.argv[1] in sys.path or sys.path.insert(0, sys.argv[1]); from {module} import main; main()"


PROGRAM = program("ingest.child")
MOST_PAGES = 1000
"""Signs of life that are believed: two for each page of the longest document."""
JOBS_PER_CHILD = 200
"""A child is replaced now and then: libraries leak."""


class WorkerError(RuntimeError):
    """The reading program itself does not run; no file is to blame."""


class TimedOut(TooLarge):
    """The child was still reading when its time was over."""


class Killed(TooLarge):
    """The system ended the child: memory ran out somewhere on the machine."""


class Crashed(DamagedFile):
    """The child broke down over the file."""


DEATHS = (TimedOut, Killed, Crashed)
"""What may be the moment's fault and not the file's: worth another try."""


class Stopped(RuntimeError):
    """The reading was given up because the program ends; it says nothing about the file."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may use: bytes of address space, seconds by the clock and of one processor (PAGE_SECONDS more for each page)."""

    memory: int = 3 << 30
    seconds: float = 300.0


class Workers:
    """Reads documents, a child for each that is read at the same time. Use it from any thread; close it at the end."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self._children: set[Child] = set()
        self._idle: list[Child] = []
        self._lock = threading.Lock()
        self._closed = False

    def read(self, data: bytes, name: str) -> Document:
        """The document; raises DocumentError, also where the child ran out of time or memory, or died."""
        return load(self._ask({"name": name}, data))

    def picture(self, data: bytes, name: str, leaf: Leaf) -> bytes:
        """A page of the file as PNG (`ingest.picture.draw`); raises DocumentError as `read` does."""
        return self._ask({"name": name, "picture": dataclasses.asdict(leaf)}, data)

    def unlock(self, data: bytes, name: str, password: str) -> bytes:
        """The file without its password (`extract.unlock`), which goes to the child by the pipe; raises DocumentError as `read` does."""
        return self._ask({"name": name, "password": password}, data)

    def _ask(self, request: dict[str, Any], data: bytes) -> bytes:
        child = self._take()
        try:
            return child.ask(request, data, self.limits)
        except (DocumentError, WorkerError):
            if self._closed:
                raise Stopped from None
            raise
        finally:
            self._give_back(child)

    def rest(self) -> None:
        """End the children that have nothing to do: what a recogniser has loaded is hundreds of megabytes."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._children.difference_update(idle)
        for child in idle:
            child.kill()

    def close(self) -> None:
        """End all children, whatever they are doing."""
        with self._lock:
            self._closed = True
            children, self._children, self._idle = self._children, set(), []
        for child in children:
            child.kill()

    def _take(self) -> Child:
        """A child that nobody else asks meanwhile."""
        with self._lock:
            if self._closed:
                raise Stopped
            if self._idle:
                return self._idle.pop()
            child = Child()
            self._children.add(child)
            return child

    def _give_back(self, child: Child) -> None:
        with self._lock:
            if child.usable and not self._closed:
                self._idle.append(child)
                return
            self._children.discard(child)
        child.kill()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Child:
    """A reading process and the pipe to it."""

    def __init__(self) -> None:
        self.jobs = 0
        self.usable = True
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", PROGRAM, ROOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            cwd="/",
            start_new_session=True,
        )

    def ask(self, request: dict[str, Any], data: bytes, limits: Limits) -> bytes:
        """What the child makes of one file; raises DocumentError, WorkerError."""
        self.jobs += 1
        deadline = Deadline(limits.seconds, self.kill)
        deadline.start()
        try:
            answer = self._exchange(request, data, limits, deadline)
        finally:
            deadline.met.set()
        if answer is None:
            self.usable = False
            raise self._death(deadline.missed)
        self.usable = not answer[0].get("exhausted") and self.jobs < JOBS_PER_CHILD
        return _outcome(*answer)

    def _exchange(
        self, request: dict[str, Any], data: bytes, limits: Limits, deadline: Deadline
    ) -> tuple[dict[str, Any], bytes] | None:
        assert self.process.stdin and self.process.stdout
        try:
            send(self.process.stdin, {**request, "memory": limits.memory, "seconds": limits.seconds}, data)
            while (message := receive(self.process.stdout)) and message[0].get("page"):
                deadline.move()
            return message
        except (OSError, ValueError):
            return None

    def _death(self, timed_out: bool) -> DocumentError:
        with contextlib.suppress(subprocess.TimeoutExpired):  # it closed its pipe: let it end by itself, its exit code tells why
            self.process.wait(5)
        self.kill()
        code = self.process.returncode
        if timed_out or code in (-signal.SIGXCPU, -signal.SIGALRM):
            return TimedOut("读取超时，文件过大或结构异常")
        if code == 1:
            raise WorkerError("读取程序无法启动，请重新安装（管理员处理）")
        if code == -signal.SIGKILL:
            return Killed("读取时内存不足，文件过大或结构异常")
        return Crashed("文件结构异常，读取程序中断")

    def kill(self) -> None:
        """End the process and what it started; safe to call twice and from any thread."""
        self.usable = False
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):  # not while another thread reads: that read ends by itself
            if stream and not isinstance(threading.current_thread(), Deadline):
                _close(stream)


class Deadline(threading.Thread):
    """Calls `late` once the time is over; each page that is done moves it on, so many at most."""

    def __init__(self, seconds: float, late: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.at, self.late, self.pages = time.monotonic() + seconds, late, 0
        self.met, self.missed = threading.Event(), False

    def move(self) -> None:
        """One more page is done."""
        self.pages += 1
        if self.pages <= MOST_PAGES:
            self.at += PAGE_SECONDS

    def run(self) -> None:
        """Wait."""
        while (left := self.at - time.monotonic()) > 0:
            if self.met.wait(left):
                return
        self.missed = True
        self.late()


def _close(stream: Any) -> None:
    with contextlib.suppress(OSError):
        stream.close()


def environment() -> dict[str, str]:
    """What a child may know: a path, a language, a place for temporary files; no secret of the parent's."""
    kept = {k: os.environ[k] for k in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if k in os.environ}
    return {**kept, "LANG": "C.UTF-8", "HOME": "/nonexistent", "OMP_NUM_THREADS": "2", "PYTHONDONTWRITEBYTECODE": "1"}


def _outcome(head: dict[str, Any], body: bytes) -> bytes:
    if "error" not in head:
        return body
    kind = getattr(extract.errors, head["error"], DocumentError)
    raise kind(head["cause"], head["next_step"])
