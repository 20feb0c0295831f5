"""An afternoon in the office, played: `python bench/afternoon.py [UNITS [SEED]]` (53 units, 25 items each).

Three reviewers go through the units at once, confirm, correct, undo, come in each other's way, and decide for or against the other; the
server is killed (kill -9) three times in between. Whatever was answered as done must be in the journal exactly once, the chain
must hold, and the totals must equal those counted here from the journal alone. The exit code says whether they do.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import httpx
from office import ROOT, Person, Server, furnish, served
from office import field as hidden

from ingest.rules import load_rules
from ingest.settings import load_settings
from ingest.store import Store
from scoring.journal import POINTS, live

PEOPLE = ("甲", "乙", "丙")
KILLS = 3
OVERLAP = 0.06
"""How many of a reviewer's items lie in another's units."""


REFUSED = "/help"
"""Where a form is led back to that asks for what cannot be done."""


@dataclass
class Day:
    """What happened, as the people saw it."""

    random: random.Random
    said: list[str] = field(default_factory=list)
    """Marks of the confirmations that were answered as done."""
    tried: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, kind: str) -> None:
        """One more of that kind."""
        with self.lock:
            self.kinds[kind] += 1


def main() -> None:
    """Play the afternoon, print what happened, check it."""
    units = int(sys.argv[1]) if len(sys.argv) > 1 else 53
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 2018
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        names = furnish(home, units, [(n, "初核") for n in PEOPLE])
        items = [i.id for i in load_rules(load_settings(home, {})).rubric.items]
        day = Day(random.Random(seed))
        start = time.monotonic()
        with served(home) as server:
            play(server, day, units, items)
        print(
            f"{units}个单位 × {len(items)}条，三名审核人，{time.monotonic() - start:.0f}秒："
            + "，".join(f"{k} {n}" for k, n in day.kinds.most_common())
        )
        waits = sorted(day.waits)
        print(
            f"确认的答复：中位 {1000 * waits[len(waits) // 2]:.0f}，p95 {1000 * waits[len(waits) * 95 // 100]:.0f} 毫秒（共{len(waits)}次）"
        )
        sys.exit(1 if check(home, day, names) else 0)


def play(server: Server, day: Day, units: int, items: list[str]) -> None:
    """Everybody at once, and somebody who pulls the plug."""
    work: list[list[tuple[int, str]]] = [[] for _ in PEOPLE]
    for n in range(1, units + 1):
        for item in items:
            owner = n % len(PEOPLE)
            work[owner].append((n, item))
            if day.random.random() < OVERLAP:
                work[(owner + 1) % len(PEOPLE)].append((n, item))
    threads = []
    for name, todo in zip(PEOPLE, work, strict=True):
        day.random.shuffle(todo)
        reviewer = Reviewer(server, day, name, random.Random(day.random.random()))
        threads.append(threading.Thread(target=reviewer.work, args=(todo,)))
    total = sum(len(w) for w in work)
    killer = threading.Thread(target=_kill, args=(server, day, total, threads))
    for t in (*threads, killer):
        t.start()
    for t in (*threads, killer):
        t.join()


def _kill(server: Server, day: Day, total: int, threads: list[threading.Thread]) -> None:
    """kill -9 after a quarter, a half and three quarters of the work, each at a moment that nobody chose."""
    for part in range(1, KILLS + 1):
        while day.kinds["确认"] < total * part / (KILLS + 1) and any(t.is_alive() for t in threads):
            time.sleep(0.05)
        time.sleep(day.random.random())
        server.kill()
        day.count("kill -9")
        server.process = server.again().process


class Reviewer:
    """One of the three."""

    def __init__(self, server: Server, day: Day, name: str, dice: random.Random) -> None:
        self.server, self.day, self.name, self.dice = server, day, name, dice
        self.person = self._patient(lambda: Person(server.url, name))
        self.number = 0

    def work(self, todo: list[tuple[int, str]]) -> None:
        """Item after item. Pages of other people's units were opened in the morning and are old by the time they are decided."""
        old = {(n, item): self._seen(n, item) for n, item in todo if n % len(PEOPLE) != PEOPLE.index(self.name)}
        for n, item in todo:
            seen = old[n, item] if (n, item) in old else self._seen(n, item)
            if seen is not None:
                self._decide(n, item, seen)

    def _seen(self, n: int, item: str) -> str | None:
        page = self._patient(lambda: self.person.http.get(f"/units/{n}/items/{item}"))
        if "/confirm" not in page.text:  # does not apply to this unit
            self.day.count("不适用")
            return None
        return hidden(page.text, "seen")

    def _decide(self, n: int, item: str, seen: str) -> None:
        if self.dice.random() < 0.08:
            self._correct(n, item)
        self.number += 1
        mark = f"{self.name}{self.number}"
        points = str(self.dice.choice(("0", "0.5", "1", "1.5", "2")))
        answer = self._confirm(n, item, points, mark, seen)
        if answer.status_code == 409:
            self.day.count("冲突")
            if self.dice.random() < 0.5 or mark not in self.day.tried:
                answer = self._confirm(n, item, points, mark, hidden(answer.text, "seen"))
        if answer.status_code == 303 and answer.headers["location"] != REFUSED:
            self._done(n, item, mark)
        elif answer.status_code == 303:
            self.day.count("不能这样给分")

    def _done(self, n: int, item: str, mark: str) -> None:
        with self.day.lock:
            self.day.said.append(mark)
        self.day.count("确认")
        if self.dice.random() < 0.03:
            self._undo(n, item)

    def _confirm(self, n: int, item: str, points: str, mark: str, seen: str) -> httpx.Response:
        """Sent again where no answer came: what was written the first time must not stand there twice."""

        def send() -> httpx.Response:
            with self.day.lock:
                self.day.tried[mark] += 1
            start = time.perf_counter()
            answer = self.person.post(f"/units/{n}/items/{item}/confirm", points=points, note=mark, seen=seen, back=REFUSED)
            self.day.waits.append(time.perf_counter() - start)
            return answer

        return self._patient(send)

    def _correct(self, n: int, item: str) -> None:
        verb = self.dice.choice(("missing", "present", "none", "link"))
        claim = f"k{self.dice.randint(1, 10)}"
        seen = self._seen(n, item)
        rows = {"rows": f"c{self.dice.randint(1, 10)}"} if verb == "link" else {}
        if seen is None:
            return
        answer = self._patient(lambda: self.person.post(f"/units/{n}/claims/{claim}/{verb}", seen=seen, back=REFUSED, **rows))
        done = answer.status_code == 303 and answer.headers["location"] != REFUSED
        self.day.count("更正" if done else "更正未成")

    def _undo(self, n: int, item: str) -> None:
        page = self._patient(lambda: self.person.http.get(f"/units/{n}/items/{item}")).text
        found = page.rsplit('action="/undo/', 1)
        if len(found) == 2:
            seq = found[1].split('"')[0]
            self._patient(lambda: self.person.post(f"/undo/{seq}", back="/board"))
            self.day.count("撤销")

    def _patient(self, act: Callable[[], httpx.Response]) -> httpx.Response:
        """Until the server is there again."""
        for _ in range(600):
            try:
                answer = act()
            except httpx.HTTPError:
                self.day.count("没有答复")
                time.sleep(0.1)
                continue
            if isinstance(answer, Person) or answer.status_code < 500:
                return answer
            self.day.count(f"{answer.status_code}")
            time.sleep(0.1)
        raise SystemExit(f"{self.name}：服务器没有恢复")


def check(home: Path, day: Day, names: list[str]) -> int:
    """What does not hold, printed; returns how much."""
    settings = load_settings(home, {})
    rules = load_rules(settings)
    store = Store(settings.var / "zicha.db")
    entries, broken = store.entries(), store.verify()
    written = Counter(e.reason for e in entries if e.kind == POINTS)
    lost = [m for m in day.said if not written[m]]
    unasked = [m for m in written if m not in day.tried]
    last: dict[tuple[str | None, str], Decimal] = {}
    for e in live(entries):
        if e.kind == POINTS and e.body["confirmed"]:
            last[e.unit, e.body["item"]] = Decimal(e.body["points"])
    store.close()
    wrong = _totals(home, names, last, {i.id for s in rules.rubric.sections if s.bonus for i in s.items})
    checks = {
        "决定记录链": 0 if broken is None else 1,
        "答复已确认而没有记下的": len(lost),
        "没有人作过而记下的": len(unasked),
        "合计与逐条重算不符的单位": wrong,
    }
    twice = sum(n - 1 for m, n in written.items() if n > 1 and m in day.tried and day.tried[m] < n)
    checks["同一决定记了两遍的"] = twice
    print(f"记录{len(entries)}条；" + "，".join(f"{k} {n}" for k, n in checks.items()))
    return sum(checks.values())


def _totals(home: Path, names: list[str], last: dict[tuple[str | None, str], Decimal], bonus: set[str]) -> int:
    """Units whose exported points are others than those counted from the journal."""
    subprocess.run([sys.executable, str(ROOT / "zicha.py"), "export", "--home", str(home)], check=True, stdout=subprocess.DEVNULL)
    exported = json.loads((home / "outbox" / "tables" / "全部数据.json").read_text("utf-8"))
    wrong = 0
    for unit in exported["units"]:
        if unit["unit"] not in names:
            continue
        items = unit["worksheet"]["score"]["items"]
        mine = {s["item"]: last.get((unit["unit"], s["item"])) for s in items if s["applies"]}
        theirs = {s["item"]: Decimal(str(s["confirmed"]["points"])) if s["confirmed"] else None for s in items if s["applies"]}
        whole = all(v is not None for v in mine.values())
        base = sum((v for k, v in mine.items() if v is not None and k not in bonus), Decimal(0))
        told = unit["confirmed"]["base"] if unit["confirmed"] else None
        if mine != theirs or (whole and told is not None and Decimal(str(told)) != base):
            wrong += 1
    return wrong


if __name__ == "__main__":
    main()
