"""How long pages take: `python bench/pages.py [UNITS…]` (53 and 530 if not said). Milliseconds at a client on the same machine.

Each page is asked for by one client, then by three at once; confirmations go to the disk before they are answered. Nothing stands
beside these numbers but themselves: no other program does this job.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path

from office import Person, Server, field, furnish, served

ROUNDS = 200
ITEMS = ("1.1", "1.3", "2.1", "2.4", "3.2", "4.2", "5.1", "6.2")


def main() -> None:
    """Print a table for each number of units."""
    for units in [int(a) for a in sys.argv[1:]] or [53, 530]:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            furnish(home, units, [("甲", "复核"), ("乙", "初核"), ("丙", "初核")])
            with served(home) as server:
                print(f"{units}个单位　　　　　一人：中位　p95　最慢　　三人同时：中位　p95　最慢（毫秒，各{ROUNDS}次）")
                measure(server, units)


def measure(server: Server, units: int) -> None:
    """Ask for every kind of page."""
    people = [Person(server.url, name) for name in "甲乙丙"]
    people[0].get("/board")  # the first look reads everything in
    numbers = count()

    def item(person: Person) -> None:
        n = next(numbers)
        person.get(f"/units/{n % units + 1}/items/{ITEMS[n % len(ITEMS)]}")

    confirmed = _fresh(units)
    pages: list[tuple[str, Callable[[Person], float | None]]] = [
        ("条目工作页", item),
        ("单位概况", lambda p: p.get(f"/units/{next(numbers) % units + 1}") and None),
        ("看板", lambda p: p.get("/board") and None),
        ("我的待办", lambda p: p.get("/mine") and None),
        ("条目横比", lambda p: p.get(f"/items/{ITEMS[next(numbers) % len(ITEMS)]}") and None),
        ("确认", lambda p: _confirm(p, *next(confirmed))),
    ]
    for name, ask in pages:
        rounds = ROUNDS if name in ("条目工作页", "确认", "看板") else ROUNDS // 4
        alone = [_timed(ask, people[0]) for _ in range(rounds)]
        with ThreadPoolExecutor(3) as pool:
            together = [t for times in pool.map(partial(_often, ask, rounds // 3), people) for t in times]
        print(f"{name}　" + "　".join(f"{v:7.1f}" for v in (*_figures(alone), *_figures(together))))


def _fresh(units: int) -> Iterator[tuple[int, str]]:
    """Item after item of unit after unit, none twice."""
    for item in ("1.1", "1.3", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "4.1", "4.2", "5.1", "5.2", "6.1", "6.2"):
        for n in range(1, units + 1):
            yield n, item


def _confirm(person: Person, n: int, item: str) -> float:
    """The answer to a confirmation, without the page before it."""
    page = person.get(f"/units/{n}/items/{item}").text
    start = time.perf_counter()
    answer = person.post(f"/units/{n}/items/{item}/confirm", points="1", note="", seen=field(page, "seen"), back="/board")
    taken = time.perf_counter() - start
    if answer.status_code not in (303, 409):
        raise SystemExit(f"确认：{answer.status_code}")
    return 1000 * taken


def _often(ask: Callable[[Person], float | None], rounds: int, person: Person) -> list[float]:
    return [_timed(ask, person) for _ in range(rounds)]


def _timed(ask: Callable[[Person], float | None], person: Person) -> float:
    start = time.perf_counter()
    found = ask(person)
    return 1000 * (time.perf_counter() - start) if found is None else found


def _figures(times: list[float]) -> tuple[float, float, float]:
    return statistics.median(times), statistics.quantiles(times, n=20)[18], max(times)


if __name__ == "__main__":
    main()
