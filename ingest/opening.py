"""Opens what hostile hands may have packed, in a child process with limits: archives, Outlook messages, winmail.dat."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, Literal

import extract.errors
from extract.errors import DamagedFile, DocumentError, TooLarge
from ingest.child import HEADER, send
from ingest.convert import isolation
from ingest.group import end, group
from ingest.unpack import Budget
from ingest.work import ROOT, WorkerError, environment, program

PROGRAM = program("ingest.opener")
MEMORY = 2 << 30
"""Address space of the child and of each program that it starts, in bytes."""
SECONDS = 120.0
"""By the clock, for one archive."""
HEAD = 64 << 20
"""A head holds a name, or the text of a mail."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that came out, or why it could not."""

    name: str
    data: bytes
    media_type: str = ""
    doubt: str = ""
    problem: DocumentError | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What came out of a container, and why it ended early; `more` holds what a mail says besides its files."""

    files: tuple[Found, ...]
    problem: DocumentError | None = None
    more: dict[str, Any] = dataclasses.field(default_factory=dict)


def opened(
    kind: Literal["archive", "msg", "tnef", "embedded", "locked"],
    data: bytes,
    name: str,
    budget: Budget,
    passwords: Sequence[str] = (),
    *,
    seconds: float = SECONDS,
) -> Opened:
    """What is in it. Raises WorkerError where the program itself does not run, Stopped where `halt` ended it; spends the budget.

    Passwords go through the pipe; they are written nowhere.
    """
    left = min(seconds, budget.bounds.seconds - budget.seconds)
    if left <= 0:
        return Opened((), TooLarge("解压用时过长，超出处理上限"))
    request = {
        "kind": kind, "name": name, "memory": MEMORY, "seconds": left, "passwords": list(passwords),
        "bounds": dataclasses.asdict(budget.bounds), "total": budget.total, "count": budget.count,
    }  # fmt: skip
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="zicha-") as folder:
            return _run(request, data, budget, folder, left)
    finally:
        budget.seconds += time.monotonic() - started


def _run(request: dict[str, Any], data: bytes, budget: Budget, folder: str, seconds: float) -> Opened:
    command = [*isolation(), sys.executable, "-I", "-c", PROGRAM, ROOT]
    late = threading.Event()
    with group(command, stdout=subprocess.PIPE, env={**environment(), "TMPDIR": folder}, cwd=folder) as process:

        def expire() -> None:
            late.set()
            end(process)

        timer = threading.Timer(seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            return _exchange(process, request, data, budget) or Opened((), _death(process, late.is_set()))
        finally:
            timer.cancel()


def _exchange(process: subprocess.Popen[bytes], request: dict[str, Any], data: bytes, budget: Budget) -> Opened | None:
    """What the child says, counted here once more; None where it ends before it said all."""
    assert process.stdin and process.stdout
    files: list[Found] = []
    try:
        send(process.stdin, request, data)
        while message := _receive(process.stdout, budget.bounds.one):
            head, body = message
            if head.get("end"):
                return Opened(tuple(files), _problem(head), {k: v for k, v in head.items() if k not in ("end", *ERROR)})
            budget.enter()
            budget.spend(len(body))
            files.append(Found(head["name"], body, head.get("media_type", ""), head.get("doubt", ""), _problem(head)))
    except DocumentError as problem:
        return Opened(tuple(files), problem)
    except (OSError, ValueError):
        return None
    return None


ERROR = ("error", "cause", "next_step")


def _receive(stream: IO[bytes], most: int) -> tuple[dict[str, Any], bytes] | None:
    """One message, unless it is larger than anything that was asked for."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    sizes = HEADER.unpack(header)
    if sizes[0] > HEAD or sizes[1] > most:
        return None
    line, body = stream.read(sizes[0]), stream.read(sizes[1])
    return (json.loads(line), body) if (len(line), len(body)) == sizes else None


def _problem(head: dict[str, Any]) -> DocumentError | None:
    if "error" not in head:
        return None
    kind = getattr(extract.errors, head["error"], DocumentError)
    problem: DocumentError = kind(head["cause"], head["next_step"])
    return problem


def _death(process: subprocess.Popen[bytes], late: bool) -> DocumentError:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)
    end(process)
    code = process.wait()
    if late or code in (-signal.SIGXCPU, -signal.SIGALRM):
        return TooLarge("解压用时过长，超出处理上限")
    if code == 1:
        raise WorkerError("解压程序无法启动，请重新安装（管理员处理）")
    if code == -signal.SIGKILL:
        return TooLarge("解压时内存不足，文件过大或结构异常")
    return DamagedFile("文件结构异常，解压程序中断")


__all__ = ["Found", "Opened", "opened"]
