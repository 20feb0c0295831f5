"""The process beside the pages: what people write into the journal reaches the outbox here, so that no page waits for it."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from pathlib import Path

from ingest.actions import Actions
from ingest.logs import end_log, log_to
from ingest.rules import load_rules
from ingest.settings import load_settings
from ingest.store import MACHINE, Store

LOOK = 0.25
"""Seconds between looks at the journal."""
QUIET = 0.5
"""Seconds without a new entry before the outbox is written: one writing for a burst of confirmations."""
LATEST = 2.0
"""Seconds after which it is written although entries keep coming."""
log = logging.getLogger("zicha")


def follow(parent: int, home: str) -> None:
    """Publish what is decided until the process `parent` is gone or asks for the end."""
    os.umask(0o077)
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which ends this process
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = load_settings(Path(home))
    logged = log_to(settings.var / "zicha-follow.log")
    store = Store(settings.var / "zicha.db")
    actions = Actions(settings, load_rules(settings), store)
    done = 0
    head, since = 0, 0.0
    while not stop.is_set() and os.getppid() == parent:
        try:
            now = store.journal_head()[0]
            if now != head:
                head, moved = now, time.monotonic()
                since = since or moved
            if head != done and (time.monotonic() - moved >= QUIET or time.monotonic() - since >= LATEST):
                actions.settle(store.entries_since(done))
                done, since = head, 0.0
        except MACHINE as error:
            log.error("follow machine error %s", type(error).__name__)
            stop.wait(LATEST)
        stop.wait(LOOK)
    store.close()
    end_log(logged)
