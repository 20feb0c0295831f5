"""How long a confirmation takes that only writes the journal, as the pages make it: `python bench/confirming.py [UNITS…]` (53 530).

Every unit has a worksheet of real size, every item of it one record already; the database is on the disk. Printed for each number of
units: wall time and, since other programs may be at work, processor time.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ingest.rules import load_rules  # noqa: E402
from ingest.settings import load_settings  # noqa: E402
from ingest.store import Kept, Store  # noqa: E402
from review.state import State  # noqa: E402
from scoring.rubric import Rubric  # noqa: E402

ROUNDS = 100


def main() -> None:
    """Measure with each number of units."""
    for count in [int(a) for a in sys.argv[1:]] or [53, 530]:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), count)


def measure(home: Path, count: int) -> None:
    """Fill a home folder and confirm in it."""
    names = [f"第{n}单位" for n in range(1, count + 1)]
    own = home / "rubrics" / "shuangyashan-2017"
    own.mkdir(parents=True)
    (own / "roster.toml").write_text("".join(f'[[units]]\nname = "{name}"\ngroup = "municipal"\n' for name in names), "utf-8")
    settings = load_settings(home, {})
    rules = load_rules(settings)
    store = Store(settings.var / "zicha.db")
    store.keep_results(Kept(name, name, f"{name}.eml", sheet, {}) for name, sheet in worksheets(names, rules.rubric).items())
    state = State(settings, rules, store)
    items = [s["item"] for s in (state.sheet(names[0]) or {})["score"]["items"] if s["applies"]]
    for name in names:
        state.actions.confirm_all([(name, item) for item in items], by="甲")
    wall, cpu = [], []
    for n in range(ROUNDS):
        unit, item, seen = names[n * 7 % count], items[n % len(items)], state.head()
        state.sheet(unit)  # the page that the person has before them
        start, busy = time.perf_counter(), time.thread_time()
        state.actions.confirm(unit, item, "1", by="乙", seen=seen)
        wall.append(1000 * (time.perf_counter() - start))
        cpu.append(1000 * (time.thread_time() - busy))
    print(f"{count}个单位，{store.journal_head()[0]}条记录：{said(wall)}；其中处理器 {said(cpu)}")
    store.close()


def worksheets(names: list[str], rubric: Rubric) -> dict[str, Any]:
    """Unit -> a worksheet of real size."""
    (path,) = (ROOT / "tests" / "golden").glob("08-*.json")
    golden: dict[str, Any] = json.loads(path.read_text("utf-8"))
    golden["rubric"] |= {"id": rubric.id, "sha256": rubric.sha256}
    return {name: {**golden, "unit": {**golden["unit"], "name": name, "group": "municipal"}} for name in names}


def said(times: list[float]) -> str:
    """Middle and slowest of twenty, in milliseconds."""
    return f"中位 {statistics.median(times):.1f}，p95 {statistics.quantiles(times, n=20)[-1]:.1f} 毫秒"


if __name__ == "__main__":
    main()
