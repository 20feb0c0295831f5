"""A program started for one file, with whatever it starts: ended as a whole, by whoever started it or all of them at once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ingest.work import Stopped

_running: set[subprocess.Popen[bytes]] = set()
_halted: set[subprocess.Popen[bytes]] = set()
_lock = threading.Lock()


@contextmanager
def group(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """The program at work, with a pipe to its input; `options` as Popen takes them. Behind the block nothing of it is left.

    Raises Stopped, whatever else happened, where `halt` ended it.
    """
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, **options)
    with _lock:
        _running.add(process)
    try:
        yield process
    finally:
        end(process)
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        with _lock:
            _running.discard(process)
            halted = process in _halted
            _halted.discard(process)
        if halted:
            raise Stopped


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and what it started; killing the starter alone would leave the rest running."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def halt() -> None:
    """End all that are running, from any thread; it says nothing about their files."""
    with _lock:
        _halted.update(_running)
        for process in _running:
            end(process)
