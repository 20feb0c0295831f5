"""The opening child: one archive, Outlook message or winmail.dat from its input, what is in it to its output, then the end."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ingest.child import FORBIDDEN, end_with_parent, limit, receive, send

if TYPE_CHECKING:
    from ingest.unpack import Budget, Entry

Tool = Callable[[dict[str, Any], bytes, IO[bytes]], dict[str, Any]]
ALLOWED = frozenset({"subprocess.Popen"})
"""RAR is opened by a program."""


def main() -> None:
    """Serve one request and end."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("r+b") as nowhere:
        os.dup2(nowhere.fileno(), 0)
        os.dup2(nowhere.fileno(), 1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.addaudithook(_refuse)
    end_with_parent()
    request = receive(requests)
    if request:
        tool = _tool(request[0]["kind"])  # before the limits: a program that cannot start says so before it blames a file
        limit(request[0]["memory"], request[0]["seconds"])
        serve(tool, *request, answers)


def serve(tool: Tool, request: dict[str, Any], data: bytes, answers: IO[bytes]) -> None:
    """One message for each file found: {name, doubt, media_type?, error…} and its bytes; then {end, more…}, perhaps with an error."""
    from extract.errors import DamagedFile, DocumentError, HostileFile, TooLarge

    try:
        more = tool(request, data, answers)
        send(answers, {"end": True, **more})
    except DocumentError as error:
        send(answers, {"end": True, **said(error)})
    except MemoryError:
        send(answers, {"end": True, **said(TooLarge("打开时内存不足，文件过大或结构异常"))})
    except RecursionError:
        send(answers, {"end": True, **said(HostileFile())})
    except Exception:  # noqa: BLE001 - libraries for foreign formats fail in any way on what was made to break them
        send(answers, {"end": True, **said(DamagedFile("文件结构异常，无法打开"))})


def said(error: Any) -> dict[str, Any]:
    """A DocumentError as plain values; {} for none."""
    return {"error": type(error).__name__, "cause": error.cause, "next_step": error.next_step} if error else {}


def _tool(kind: str) -> Tool:
    if kind == "archive":
        import ingest.archives

        return _unpack
    if kind == "embedded":
        import ingest.embedded

        return _embedded
    if kind == "locked":
        import ingest.unlocking

        return _unlock
    import ingest.outlook  # noqa: F401

    return _message


def _unpack(request: dict[str, Any], data: bytes, answers: IO[bytes]) -> dict[str, Any]:
    from ingest.archives import open_archive

    return _told(open_archive(data, request["name"], _budget(request), request["passwords"]), answers)


def _embedded(request: dict[str, Any], data: bytes, answers: IO[bytes]) -> dict[str, Any]:
    from ingest.embedded import embedded_files

    return _told(embedded_files(data, _budget(request)), answers)


def _unlock(request: dict[str, Any], data: bytes, answers: IO[bytes]) -> dict[str, Any]:
    from ingest.unlocking import unlocked

    return _told(unlocked(data, request["name"], _budget(request), request["passwords"]), answers)


def _budget(request: dict[str, Any]) -> Budget:
    from ingest.unpack import Bounds, Budget

    return Budget(Bounds(**request["bounds"]), request["total"], request["count"])


def _told(entries: Iterable[Entry], answers: IO[bytes]) -> dict[str, Any]:
    for entry in entries:
        send(answers, {"name": entry.name, "doubt": entry.doubt, **said(entry.problem)}, entry.data)
    return {}


def _message(request: dict[str, Any], data: bytes, answers: IO[bytes]) -> dict[str, Any]:
    from ingest.outlook import read_msg, read_tnef

    found = (read_msg if request["kind"] == "msg" else read_tnef)(data)
    for a in found.attachments:
        send(answers, {"name": a.name, "doubt": a.doubt, "media_type": a.media_type}, a.data)
    return found.plain()


def _refuse(event: str, _: Any) -> None:
    if event in FORBIDDEN and event not in ALLOWED:
        raise PermissionError(f"{event} is refused in the opening child")
