"""Scan, plan, perform, wait: once, or for ever. The scan is the truth; an event is only a reason to scan sooner."""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from ingest.files import reason
from ingest.outbox import is_whole
from ingest.service import Service
from ingest.store import MACHINE

POLL = 5.0
"""Seconds between looks where events do not come."""
PATIENCE = 600.0
"""Seconds that a single run waits for files that go on changing."""
SILENT_FINDS = 2
"""So many looks in a row that find what no event announced mean that events do not come."""

log = logging.getLogger("zicha")


def once(service: Service, *, patience: float = PATIENCE) -> None:
    """Take everything that lies there as it settles, then judge it; what has not settled after `patience` seconds is left for later."""
    waiting, end = 0, time.monotonic() + patience
    while not service.stop.is_set():
        found = service.taker.plan()
        service.take(found)
        left = [s for s in found.wait if s.place not in service.taker.unreadable]
        if not left:
            break
        if time.monotonic() > end and not found.take:
            service.say(f"{len(left)}个文件一直在变动，留待下次：{'、'.join(s.place for s in left[:3])}")
            break
        if len(left) != waiting:
            waiting = len(left)
            service.say(f"等待{waiting}个文件传完……")
        service.stop.wait(_pause(found.due, 1.0))
    service.judge()


def watch(service: Service) -> None:
    """Run until the service is asked to stop. An error of the machine (disk full, database locked) is said and tried again."""
    bell = Bell(polling=service.settings.polling == "always")
    with _events(service, bell):
        service.say(f"正在看守 {service.settings.inbox}，按 Ctrl+C 结束")
        unjudged = True
        trouble = ""
        while not service.stop.is_set():
            due = None
            try:
                before = service.taker.stills
                found = service.taker.plan()
                due = found.due
                bell.looked(news=any(before.get(place) != still for place, still in found.stills.items()))
                unjudged = bool(service.take(found)) or unjudged or not is_whole(service.settings.outbox, service.store)
                if unjudged:
                    service.judge()
                    unjudged = service.stop.is_set()
                service.follow()
                if trouble:
                    service.say("已恢复正常")
                trouble = ""
            except MACHINE as error:
                if reason(error) != trouble:  # once, not at every look
                    trouble = reason(error)
                    service.say(f"暂时无法处理（{trouble}），稍后再试")
                log.exception("machine error")
            bell.wait(service, _pause(due, POLL if bell.polling else service.settings.rescan))


class Bell(FileSystemEventHandler):
    """Rings when something moved, and notices when it should have rung but did not."""

    def __init__(self, *, polling: bool) -> None:
        self.polling = polling
        self._rung = threading.Event()
        self._heard = False
        self._silent = 0
        self._first = True

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Something moved; opening and reading do not count."""
        if event.event_type not in ("opened", "closed_no_write"):
            self._rung.set()

    def looked(self, *, news: bool) -> None:
        """A look was taken; `news` tells whether a file was there that was not, or looked other, the time before.

        One that has only stood still for long enough by now was announced when it came.
        """
        if self._first or self._heard or not news:
            self._silent = self._silent if not self._heard else 0
        else:
            self._silent += 1
        self._first = False

    def wait(self, service: Service, seconds: float) -> None:
        """Sleep until it rings, someone writes into the journal, the time is over or the service stops."""
        end = time.monotonic() + seconds
        while not service.stop.is_set() and not self._rung.is_set() and time.monotonic() < end and not service.has_news():
            self._rung.wait(min(0.2, max(0.0, end - time.monotonic())))
        self._heard = self._rung.is_set()
        self._rung.clear()
        if self._silent >= SILENT_FINDS and not self.polling:
            self.polling = True
            service.say("收件目录没有变动通知（多见于网络共享），改为定时查看")


@contextmanager
def _events(service: Service, bell: Bell) -> Iterator[None]:
    """Ask the system for events; without them the rescan is enough."""
    if bell.polling:
        yield
        return
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="watchdog")  # kilobytes for each new nested folder
    logging.getLogger("watchdog").setLevel(logging.CRITICAL)
    observer = Observer()
    threading.excepthook = lambda failed: _deaf(bell, failed)
    try:
        observer.schedule(bell, str(service.settings.inbox), recursive=True)
        observer.start()
    except (OSError, RecursionError):
        bell.polling = True
        service.say("系统不提供变动通知，改为定时查看")
        yield
        return
    try:
        yield
    finally:
        threading.excepthook = threading.__excepthook__
        observer.stop()
        observer.join(5)


def _deaf(bell: Bell, failed: threading.ExceptHookArgs) -> None:
    """A thread broke down. Of ours none can (they hand errors over): it listened for events, and from now on there are none."""
    bell.polling = True
    error = failed.exc_value
    log.error("thread broke down", exc_info=(type(error), error, failed.exc_traceback) if error else None)


def _pause(due: float | None, longest: float) -> float:
    return longest if due is None else max(0.05, min(longest, due - time.monotonic()))
