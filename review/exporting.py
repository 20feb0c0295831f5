"""Exports under way: each in a process of its own, with how far it is; a page can be left and come back to."""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from ingest.actions import Refused
from ingest.exports import LETTERS, TABLES
from ingest.work import ROOT, program
from review.state import State

PROGRAM = program("review.export_child")
WORDS = {TABLES: "汇总表", LETTERS: "公文和评分表"}
BROKEN = "导出中断，没有写完；请再导出一次（反复出现的，管理员处理）"
log = logging.getLogger("zicha")


@dataclass(frozen=True, slots=True)
class Job:
    """One export as a page shows it."""

    kind: str
    by: str
    started: datetime
    done: int = 0
    of: int = 0
    at: str = ""
    """What is being written."""
    finished: datetime | None = None
    error: str = ""
    files: int = 0
    left: tuple[str, ...] = field(default=())
    """Files that a person changed and that were left as they are."""
    held: tuple[str, ...] = field(default=())
    """Units that get no letter yet, each with the reason."""

    @property
    def running(self) -> bool:
        """Whether it is still being written."""
        return self.finished is None

    def seconds_left(self, now: datetime) -> int | None:
        """About how long it still takes; None while that cannot be told."""
        passed = (now - self.started).total_seconds()
        return round(passed / self.done * (self.of - self.done)) if self.running and self.done >= 3 else None


class Exports:
    """The exports of one home folder: the last one of each kind."""

    def __init__(self, state: State) -> None:
        self.home, self.clock = state.settings.home, state.clock
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def start(self, kind: str, *, by: str, dated: str = "", until: str = "") -> Job:
        """Begin writing; raises Refused while one of that kind is being written."""
        with self._lock:
            known = self._jobs.get(kind)
            if known and known.running:
                raise Refused(f"{WORDS[kind]}正在导出，请等它写完")
            job = self._jobs[kind] = Job(kind, by, self.clock())
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", PROGRAM, ROOT, str(self.home), kind, dated, until],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._listen, args=(kind, process), name=f"export-{kind}", daemon=True).start()
        return job

    def jobs(self) -> Mapping[str, Job]:
        """Kind -> the last export of it."""
        with self._lock:
            return dict(self._jobs)

    def _listen(self, kind: str, process: subprocess.Popen[str]) -> None:
        told = False
        assert process.stdout is not None
        with contextlib.closing(process.stdout) as lines:
            for line in lines:
                with contextlib.suppress(ValueError):
                    told = self._heard(kind, json.loads(line)) or told
        code = process.wait()
        if not told:
            log.error("export broke kind=%s exit=%s", kind, code)
            self._change(kind, finished=self.clock(), error=BROKEN)

    def _heard(self, kind: str, said: dict[str, Any]) -> bool:
        """Take in one line; whether it was the last."""
        if "of" in said:
            self._change(kind, done=said["done"], of=said["of"], at=said["at"])
            return False
        if "error" in said:
            self._change(kind, finished=self.clock(), error=said["error"])
        else:
            self._change(kind, finished=self.clock(), files=said["files"], left=tuple(said["left"]), held=tuple(said["held"]))
        return True

    def _change(self, kind: str, **values: Any) -> None:
        with self._lock:
            self._jobs[kind] = replace(self._jobs[kind], **values)


_known: WeakKeyDictionary[State, Exports] = WeakKeyDictionary()
_lock = threading.Lock()


def exports_of(state: State) -> Exports:
    """The exports of that home folder."""
    with _lock:
        if state not in _known:
            _known[state] = Exports(state)
        return _known[state]
