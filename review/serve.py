"""`zicha serve`: the pages in one process, and beside it one that lets the outbox follow what is decided."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import uvicorn

from ingest.logs import end_log, log_to
from ingest.rules import load_rules
from ingest.scratch import scratch
from ingest.settings import Settings, load_settings
from ingest.store import Store, failure
from review.app import create_app
from review.follow import follow
from review.state import State

GRACE = 5
"""Seconds that answers under way get at the end."""
TAKEN = 3
"""Exit code: the address is in use."""
AGAIN, LONGEST = 1.0, 60.0
"""Seconds before what broke down is started again: twice as many each time, up to the second."""
log = logging.getLogger("zicha")


def serve(settings: Settings, *, say: Callable[[str], None], watcher: int | None = None) -> int:
    """Serve until a signal ends it; returns the exit code: 0, or `TAKEN` where the address is in use.

    `watcher`: number of the parent process, which publishes; the pages end when it is gone.
    """
    rules = load_rules(settings)
    try:
        listening = _listen(settings.host, settings.port)
    except OSError as error:
        where = f"{settings.host}:{settings.port} 已被占用或不可用（{error.strerror or error}）"
        say(f"网页未能打开：{where}；可用 --port 另选端口（管理员处理）")
        return TAKEN
    logged = log_to(settings.var / "zicha-web.log")
    store = Store(settings.var / "zicha.db")
    state = State(settings, rules, store)
    server = server_of(state)
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn ends well and then raises the signal again
        signal.signal(number, lambda *_: None)
    host, port = listening.getsockname()[:2]
    say(f"网页：http://{f'[{host}]' if ':' in host else host}:{port}/" + ("，按 Ctrl+C 结束" if watcher is None else ""))
    if not any(not u.disabled for u in state.accounts.all()):
        say("还没有用户：zicha user add 姓名 --role 管理 --password-stdin")
    if watcher is not None:
        threading.Thread(target=_end_with, args=(watcher, server), daemon=True).start()
        helper: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
    else:
        helper = _kept_alive(follow, (str(settings.home),))
    try:
        with scratch(settings.var / "tmp" / "pages"), helper:
            server.run(sockets=[listening])
    finally:
        store.close()
        end_log(logged)
    return 0


def server_of(state: State, **options: Any) -> uvicorn.Server:
    """The server of a home folder's pages; `options` as uvicorn.Config takes them."""
    settings = {"log_level": "critical", "access_log": False, "server_header": False, "lifespan": "off", "timeout_graceful_shutdown": GRACE}
    return uvicorn.Server(uvicorn.Config(create_app(state), **{**settings, **options}))


@contextmanager
def pages_beside(settings: Settings) -> Iterator[None]:
    """The pages in a process of their own, for as long as a watcher runs; none if the port is 0."""
    if settings.port == 0:
        yield
        return
    with _kept_alive(_pages, (str(settings.home), settings.host, settings.port)):
        yield


def _pages(watcher: int, home: str, host: str, port: int) -> None:
    import dataclasses

    os.umask(0o077)
    settings = dataclasses.replace(load_settings(Path(home)), host=host, port=port)
    sys.exit(serve(settings, say=lambda line: print(line, file=sys.stderr, flush=True), watcher=watcher))


@contextmanager
def _kept_alive(run: Callable[..., None], arguments: tuple[object, ...]) -> Iterator[None]:
    """A process that runs beside this one, is started again if it breaks down, and ends with it: it is told this one's number first."""
    ended = threading.Event()
    running: list[BaseProcess] = []

    def tend() -> None:
        context = multiprocessing.get_context("spawn")
        pause = AGAIN
        while not ended.is_set():
            process = context.Process(target=_told, args=(run, os.getpid(), *arguments), daemon=True)
            begun = time.monotonic()
            process.start()
            running[:] = [process]
            process.join()
            if process.exitcode in (0, TAKEN):
                return
            pause = AGAIN if time.monotonic() - begun > LONGEST else min(2 * pause, LONGEST)
            ended.wait(pause)

    tender = threading.Thread(target=tend, daemon=True)
    tender.start()
    try:
        yield
    finally:
        ended.set()
        for process in running:
            process.terminate()
        tender.join(GRACE + 2)
        for process in running:
            if process.is_alive():
                process.kill()


def _told(run: Callable[..., None], *arguments: object) -> None:
    """Run it; what breaks it is one sentence."""
    try:
        run(*arguments)
    except Exception as error:
        log.exception("broke off")
        with contextlib.suppress(OSError):
            print(failure(error), file=sys.stderr, flush=True)
        sys.exit(1)


def _end_with(parent: int, server: uvicorn.Server) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    server.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # told so, asyncio sends without waiting for more (40 ms)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except BaseException:
        listening.close()
        raise
    return listening


__all__ = ["pages_beside", "serve", "server_of"]
