"""An office to measure with: a home folder with as many units as wanted, worksheets of real size, people, and its pages served."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ingest.accounts import Accounts  # noqa: E402
from ingest.casework import Case, Result  # noqa: E402
from ingest.outbox import publish  # noqa: E402
from ingest.rules import load_rules  # noqa: E402
from ingest.settings import load_settings  # noqa: E402
from ingest.store import Store  # noqa: E402

PASSWORD = "kaohe-2018"
RUBRIC = "shuangyashan-2017"


def furnish(home: Path, count: int, people: Sequence[tuple[str, str]]) -> list[str]:
    """Make a home folder in which `count` units have sent; returns their names. Their worksheets are the golden ones in turn."""
    (home / "inbox").mkdir(parents=True)
    settings = load_settings(home, {})
    rules = load_rules(settings)
    if count > len(rules.roster.units):
        folder = home / "rubrics" / RUBRIC
        folder.mkdir(parents=True)
        (folder / "roster.toml").write_text(_roster(count), "utf-8")
        rules = load_rules(settings)
    golden = [json.loads(p.read_text("utf-8")) for p in sorted((ROOT / "tests" / "golden").glob("*.json"))]
    whole = [g for g in golden if isinstance(g, dict) and g.get("score") and len(g["claims"]) > 10]
    results = []
    for n, unit in enumerate(rules.roster.units[:count]):
        sheet = {**whole[n % len(whole)], "unit": {"name": unit.name, "group": unit.group, "confidence": 1.0, "clues": []}}
        sheet["rubric"] = {**sheet["rubric"], "sha256": rules.rubric.sha256}
        results.append(Result(sheet, (Case(f"{n:064d}", f"{n}.eml", None),), {}, (f"{n}.eml",)))
    store = Store(settings.var / "zicha.db")
    publish(settings.outbox, results, rules, store, inbox=str(settings.inbox))
    accounts = Accounts(store)
    for name, role in people:
        accounts.add(name, role, PASSWORD)
    store.close()
    return [u.name for u in rules.roster.units[:count]]


def _roster(count: int) -> str:
    groups = ("county", "municipal", "provincial")
    units = (f'[[units]]\nname = "第{n}局"\ngroup = "{groups[n % 3]}"\nfull = "某市第{n}局"\n' for n in range(1, count + 1))
    return "\n".join(units)


@dataclass
class Server:
    """The pages of a home folder, in processes of their own."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """kill -9, at once."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def again(self) -> Server:
        """The same pages, started anew."""
        return replace(self, process=_started(self.home, self.port))

    def end(self) -> None:
        """Ask it to end, and wait."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


@contextmanager
def served(home: Path) -> Iterator[Server]:
    """`zicha serve` on a free port."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = int(s.getsockname()[1])
    server = Server(home, port, _started(home, port))
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end()


def _started(home: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ROOT / "zicha.py"), "serve", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                return process
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("zicha serve 没有启动")


class Person:
    """Somebody with a browser, without the browser."""

    def __init__(self, url: str, name: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60)
        self.name = name
        page = self.http.get("/login").text
        self.http.post("/login", data={"name": name, "password": PASSWORD, "csrf": field(page, "csrf")})
        self.csrf = field(self.http.get("/account").text, "csrf")

    def get(self, path: str) -> httpx.Response:
        """A page; what is no page ends the run."""
        answer = self.http.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path}：{answer.status_code}")
        return answer

    def post(self, path: str, **data: Any) -> httpx.Response:
        """What a form sends."""
        return self.http.post(path, data={"csrf": self.csrf, **data})


def field(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    if found is None:
        raise SystemExit(f"页面上没有字段 {name}")
    return found[1]
