"""How long a decision takes until worksheet, page and board show it: `python bench/corrections.py [UNITS]` (53 if not said).

The units are copies of a golden worksheet; every decision goes through `ingest.actions`, with the database on the disk.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ingest.actions import Actions  # noqa: E402
from ingest.casework import Case, Result  # noqa: E402
from ingest.outbox import publish  # noqa: E402
from ingest.rules import Rules, load_rules  # noqa: E402
from ingest.settings import load_settings  # noqa: E402
from ingest.store import Store  # noqa: E402

ROUNDS = 20


def main() -> None:
    """Print the slowest, the middle and the mean of each kind of decision, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(Path(folder), {})
        rules = load_rules(settings)
        store = Store(settings.var / "zicha.db")
        results = units(rules, int(sys.argv[1]) if len(sys.argv) > 1 else 53)
        start = time.perf_counter()
        publish(settings.outbox, results, rules, store, inbox=str(settings.inbox))
        print(f"全部发布一次：{len(results)}个单位 {1000 * (time.perf_counter() - start):.0f} 毫秒")
        actions = Actions(settings, rules, store)
        unit = results[0].unit or ""
        claim = results[0].sheet["claims"][0]["id"]
        timed("确认得分", lambda n: actions.confirm(unit, "1.1", str(n % 5), by="甲"))
        timed("改连目录项", lambda n: actions.link(unit, claim, [f"c{n % 9 + 1}"], by="甲"))
        timed("移动段落", lambda n: actions.move(unit, f"b{n + 2}", 3, "3.2", by="甲"))
        timed("撤销", lambda n: actions.undo(n + 1, by="甲"))
        start = time.perf_counter()
        assert store.verify() is None
        print(f"校验记录链：{store.journal_head()[0]}条 {1000 * (time.perf_counter() - start):.0f} 毫秒")
        store.close()


def units(rules: Rules, count: int) -> list[Result]:
    """As many units of the roster, each with a worksheet of real size."""
    (path,) = (ROOT / "tests" / "golden").glob("08-*.json")
    golden: dict[str, Any] = json.loads(path.read_text("utf-8"))
    golden["rubric"]["sha256"] = rules.rubric.sha256
    names = [(u.name, u.group) for u in rules.roster.units][:count]
    sheets = [{**golden, "unit": {**golden["unit"], "name": name, "group": group}} for name, group in names]
    return [Result(s, (Case(f"{n:064d}", f"{n}.eml", None),), {}, (f"{n}.eml",)) for n, s in enumerate(sheets)]


def timed(what: str, act: Callable[[int], object]) -> None:
    """Do it some times and print how long it took."""
    found = []
    for n in range(ROUNDS):
        start = time.perf_counter()
        act(n)
        found.append(1000 * (time.perf_counter() - start))
    print(f"{what}：最慢 {max(found):.0f}，中位 {statistics.median(found):.0f}，平均 {statistics.mean(found):.0f} 毫秒")


if __name__ == "__main__":
    main()
