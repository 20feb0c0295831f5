"""Very many files at once: `python bench/flood.py [FILES]` (20,000 if not said), moved into the inbox while `zicha watch` runs.

Half are small mails in the inbox's root, half small files in subfolders; every fifth repeats the bytes of another. Prints how long it
takes until all are seen and until all are settled, and the highest memory. The exit code says whether every file stands in the ledger
once, in the order of its place where it was seen in one look, and every repetition, and nothing else, as a duplicate.
"""

from __future__ import annotations

import hashlib
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from torture import Watched, _mail, _status

FOLDER = 100
"""Files in one subfolder."""


def main() -> None:
    """Make the files aside, move them in, wait, check."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        home, aside = place / "home", place / "aside"
        (home / "inbox").mkdir(parents=True)
        (home / "zicha.toml").write_text("settle = 1\nrescan = 5\nport = 0\n", "utf-8")
        expected = _make(aside, count)
        service = Watched(home, place)
        service.start()
        while not (home / "var" / "zicha.db").exists():
            time.sleep(0.1)
        time.sleep(2)
        start = time.monotonic()
        for path in sorted(aside.iterdir()):
            path.rename(home / "inbox" / path.name)
        print(f"{count}个文件移入收件目录：{time.monotonic() - start:.1f}秒")
        while (seen := _roots(home)) < count:
            time.sleep(1)
        print(f"全部登记：{time.monotonic() - start:.0f}秒")
        service.wait_until_done(count)
        print(f"全部有去向：{time.monotonic() - start:.0f}秒；内存最高：服务 {service.own >> 20} MiB，连子进程 {service.peak >> 20} MiB")
        service.end()
        sys.exit(_check(home, expected, seen))


def _make(aside: Path, count: int) -> dict[str, str]:
    """Place -> SHA-256."""
    found = {}
    for n in range(count):
        told = n - 8 if n % 10 >= 8 else n  # the last two of ten repeat the first two
        data = f"第{told}份材料，内容各不相同。\n".encode()
        if n % 2:
            data = _mail(f"材料{told}.txt", data)
            name = f"{n:06d}.eml"
        else:
            name = f"包{n // 2 // FOLDER:04d}/{n:06d}.txt"
        path = aside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        found[name] = hashlib.sha256(data).hexdigest()
    return found


def _roots(home: Path) -> int:
    with sqlite3.connect(f"file:{home / 'var' / 'zicha.db'}?mode=ro", uri=True) as db:
        return int(db.execute("SELECT count(*) FROM arrivals WHERE parent IS NULL").fetchone()[0])


def _check(home: Path, expected: dict[str, str], seen: int) -> int:
    with sqlite3.connect(home / "var" / "zicha.db") as db:
        rows = db.execute("SELECT place, sha256, state FROM arrivals WHERE parent IS NULL ORDER BY id").fetchall()
    status = _status(home)
    print(f"登记{seen}件；" + "，".join(f"{k} {n}" for k, n in status["states"].items() if n))
    faults = []
    if {p: s for p, s, _ in rows} != expected or len(rows) != len(expected):
        faults.append("登记的与移入的不一致")
    if sum(status["states"].values()) != status["arrived"]:
        faults.append("各状态相加不等于收到的件数")
    first: dict[str, str] = {}
    for place, sha256, state in rows:
        if first.setdefault(sha256, place) == place and state == "duplicate":
            faults.append(f"{place} 不是重复件")
    repeated = sum(state == "duplicate" for _, _, state in rows)
    wanted = len(expected) - len(set(expected.values()))
    if repeated != wanted:
        faults.append(f"重复件应为{wanted}，登记{repeated}")
    for fault in faults[:10]:
        print(f"✗ {fault}")
    print("全部成立" if not faults else f"{len(faults)}处不成立")
    return 1 if faults else 0


if __name__ == "__main__":
    main()
