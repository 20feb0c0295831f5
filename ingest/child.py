"""The reading child: takes one file after another from its input, answers with a Document, a page's picture or what is wrong."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import struct
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

PAGE_SECONDS = 10
"""What each page that is done adds to the time of its file, in seconds: a long scan is not a document that hangs."""
HEADER = struct.Struct("<QQ")
"""Lengths of the two fields that follow: JSON, then bytes."""
FORBIDDEN = frozenset(
    {
        "socket.connect",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.bind",
        "subprocess.Popen",
        "os.system",
    }
)


ALLOCATION = re.compile(r"bad.?alloc|allocate|insufficient memory", re.I)
"""How C libraries say that memory ran out."""


def main() -> None:
    """Serve until the input ends. The answers go out on the real standard output; whatever a library prints goes nowhere."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("r+b") as nowhere:
        os.dup2(nowhere.fileno(), 0)
        os.dup2(nowhere.fileno(), 1)
    sys.addaudithook(_refuse)
    end_with_parent()
    import extract.read  # noqa: F401 - a program that cannot start says so before it blames a file

    serve(requests, answers)


def end_with_parent() -> None:
    """From now on this process ends when whoever started it is gone, also in the middle of a file that nobody waits for any more."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """One request: {name, memory, seconds} and the file's bytes; {page} for each page that is done; one answer: {error…} or {} and the
    document as JSON.

    With "picture" {leaf…} in the request the answer is that page of the file as PNG; with "password" it is the file without it.
    """
    while message := receive(requests):
        limit(message[0]["memory"], message[0]["seconds"])
        send(answers, *_answer(*message, answers))
        signal.alarm(0)


def send(stream: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    """Write one message."""
    line = json.dumps(head).encode()
    stream.write(HEADER.pack(len(line), len(body)) + line)
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next message; None where the stream ends, in the middle of one, too."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    sizes = HEADER.unpack(header)
    line, body = stream.read(sizes[0]), stream.read(sizes[1])
    return (json.loads(line), body) if (len(line), len(body)) == sizes else None


def limit(memory: int, seconds: float) -> None:
    """Bounds for the next file: address space in bytes, processor time, and time by the clock in case the parent is gone."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = usage.ru_utime + usage.ru_stime
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent + seconds * (os.cpu_count() or 1)) + 1, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    signal.alarm(int(seconds) + 5)


def more_time() -> None:
    """A page was done: the bounds of time move on."""
    signal.alarm(signal.alarm(0) + PAGE_SECONDS)
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft + PAGE_SECONDS * (os.cpu_count() or 1), hard))


def _answer(request: dict[str, Any], data: bytes, answers: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    from extract.errors import DamagedFile, DocumentError, TooLarge

    try:
        return {}, _made(request, data, answers)
    except (DocumentError, MemoryError, RecursionError) as error:
        if _exhausted(error):
            return {**_error(TooLarge("读取时内存不足，文件过大或结构异常")), "exhausted": True}, b""
        return _error(error), b""
    except BaseException:  # noqa: BLE001 - what some libraries raise is no Exception; if it ended the child, the program would be blamed
        return {**_error(DamagedFile()), "exhausted": True}, b""


def _made(request: dict[str, Any], data: bytes, answers: IO[bytes]) -> bytes:
    if "picture" in request:
        return _picture(request, data)
    if "password" in request:
        from extract.unlock import unlock

        return unlock(data, request["name"], request["password"])
    return _document(request, data, answers)


def _document(request: dict[str, Any], data: bytes, answers: IO[bytes]) -> bytes:
    from extract.progress import told
    from extract.read import read
    from ingest.codec import dump

    def listener() -> None:
        more_time()
        send(answers, {"page": True})

    with told(listener):
        return dump(read(data, request["name"]))


def _picture(request: dict[str, Any], data: bytes) -> bytes:
    from extract.errors import DamagedFile, DocumentError
    from extract.model import Leaf
    from ingest.picture import draw

    try:
        return draw(data, request["name"], Leaf(**request["picture"]))
    except (DocumentError, MemoryError, RecursionError):
        raise
    except Exception as error:  # as with reading: a library's surprise is the file's fault
        raise DamagedFile from error


def _exhausted(error: BaseException | None) -> bool:
    """Whether memory ran out somewhere below: the next file had better get a fresh child."""
    while error:
        if isinstance(error, (MemoryError, RecursionError)) or ALLOCATION.search(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _error(error: Any) -> dict[str, Any]:
    return {"error": type(error).__name__, "cause": error.cause, "next_step": error.next_step}


def _refuse(event: str, _: Any) -> None:
    """No reader has any business outside its own bytes."""
    if event in FORBIDDEN:
        raise PermissionError(f"{event} is refused in the reading child")
