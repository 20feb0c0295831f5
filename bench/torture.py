"""Everything at once: `python bench/torture.py [FOLDER] [--files N] [--kills N] [--seed N] [--keep HOME]`.

Drops every file of a folder (../shared/corpus if not said) into an inbox, as a mail's attachment and as a loose file, each twice, in
random order, some written slowly, while `zicha watch` works and is killed (kill -9) at random moments. Afterwards: every file in
exactly one state, the sum right, no traceback, nothing outside the home folder, the inbox as it was, and the outbox equal to what one
undisturbed run makes of the same inbox. Prints the highest memory and the slowest submission. The exit code says whether all holds.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
SLOW = 0.15
"""How many of the files are written in pieces, with pauses."""
GONE = 10
"""Seconds that children have to notice that the service is gone."""


def main() -> None:
    """Drop, kill, wait, check."""
    options = _options()
    dice = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        home = options.keep or place / "home"
        (home / "inbox").mkdir(parents=True)
        (home / "zicha.toml").write_text("settle = 0.5\nrescan = 2\nport = 0\n", "utf-8")
        drops = _drops(options, dice)
        print(f"{len(drops)}件（{options.folder}），随机种子 {options.seed}")
        faults = torture(home, place, drops, options.kills, dice)
        faults += [] if options.alone else _compare(home, place)
    for fault in faults:
        print(f"✗ {fault}")
    print("全部成立" if not faults else f"{len(faults)}处不成立")
    sys.exit(1 if faults else 0)


@dataclass(frozen=True, slots=True)
class Drop:
    """A file that is to appear in the inbox: as it is, or as a mail's attachment. Its bytes are read when it does."""

    name: str
    path: Path

    def content(self) -> bytes:
        data = self.path.read_bytes()
        return data if self.name.endswith(f"-{self.path.name}") else _mail(self.path.name, data)


def torture(home: Path, place: Path, drops: list[Drop], kills: int, dice: random.Random) -> list[str]:
    """Let it happen; returns what does not hold."""
    start = time.monotonic()
    service = Watched(home, place)
    dropper = threading.Thread(target=_drop, args=(home / "inbox", drops, random.Random(dice.random())))
    dropper.start()
    service.start()
    for _ in range(kills):
        time.sleep(dice.uniform(0.3, min(60.0, max(1.0, len(drops) / 60))))
        service.kill()
        service.start()
    dropper.join()
    before = _checksums(home / "inbox")
    service.wait_until_done(len(drops))
    service.end()
    print(f"{kills}次 kill -9，共{time.monotonic() - start:.0f}秒")
    print(f"内存最高：服务与子进程合计 {service.peak >> 20} MiB，其中服务 {service.own >> 20} MiB")
    _slowest(home)
    return _check(home, place, drops, before, service)


class Watched:
    """`zicha watch` on the home folder, its memory looked at several times a second."""

    def __init__(self, home: Path, place: Path) -> None:
        self.home, self.place = home, place
        self.peak = self.own = 0
        self.orphans: list[str] = []
        """What a killed service had started and was still there `GONE` seconds later."""
        self.said = place / "said.txt"
        self.process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._meter = threading.Thread(target=self._measure, daemon=True)
        self._meter.start()

    def start(self) -> None:
        """Start it, in a folder of its own for temporary files."""
        with self.said.open("ab") as out:
            self.process = subprocess.Popen(_command("watch", self.home), stdout=out, stderr=out, env=_environment(self.place), cwd="/")

    def kill(self) -> None:
        """kill -9, the service alone: its children have to notice."""
        assert self.process
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        threading.Thread(target=self._bury, args=(children,)).start()

    def _bury(self, children: list[psutil.Process]) -> None:
        _, left = psutil.wait_procs(children, timeout=GONE)
        self.orphans += [str(p) for p in left if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]

    def end(self) -> None:
        """Ask it to end."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self._ended.set()

    def wait_until_done(self, count: int) -> None:
        """Until everything that was dropped is settled."""
        while True:
            assert self.process and self.process.poll() is None, "zicha watch has ended by itself"
            status = _status(self.home)
            if status["arrived"] >= count and not status["states"].get("waiting"):
                return
            time.sleep(2)

    def _measure(self) -> None:
        started: set[psutil.Process] = set()  # those of a killed service, too
        while not self._ended.wait(0.2):
            if not self.process:
                continue
            with contextlib.suppress(psutil.Error):
                top = psutil.Process(self.process.pid)
                started.update((top, *top.children(recursive=True)))
                self.own = max(self.own, top.memory_info().rss)
            sizes = {p: _size(p) for p in started}
            self.peak = max(self.peak, sum(sizes.values()))
            started = {p for p, size in sizes.items() if size}


def _size(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss) if process.is_running() else 0
    return 0


def _drops(options: argparse.Namespace, dice: random.Random) -> list[Drop]:
    """In random order."""
    files = sorted(p for p in options.folder.rglob("*") if p.is_file())
    if options.files:
        files = dice.sample(files, min(options.files, len(files)))
    names = [(f"{n:04d}-{again}", path) for n, path in enumerate(files) for again in (1, 2)]
    found = [Drop(name, path) for start, path in names for name in (f"{start}-{path.name}", f"{start}.eml")]
    dice.shuffle(found)
    return found


def _mail(name: str, data: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@unit.example", "b@office.example", "自查报告"
    mail["Date"] = "Fri, 19 Jan 2018 10:36:00 +0800"
    mail.set_content("见附件。")
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    mail.set_boundary(hashlib.sha256(data).hexdigest())  # so that the same again is the same bytes
    return mail.as_bytes()


def _drop(inbox: Path, drops: list[Drop], dice: random.Random) -> None:
    """One after another; a slow writer lets the watcher see half a file."""
    for drop in drops:
        name, data = drop.name, drop.content()
        if dice.random() < SLOW and len(data) > 10:
            cut = sorted(dice.sample(range(1, len(data)), 2))
            with (inbox / name).open("wb") as out:
                for piece in (data[: cut[0]], data[cut[0] : cut[1]], data[cut[1] :]):
                    out.write(piece)
                    out.flush()
                    time.sleep(0.1)
        else:
            (inbox / name).write_bytes(data)


def _check(home: Path, place: Path, drops: list[Drop], before: dict[str, str], service: Watched) -> list[str]:
    faults = []
    status = _status(home)
    states = Counter(a["state"] for a in status["arrivals"])
    print("，".join(f"{k} {n}" for k, n in states.most_common()) + f"；共{status['arrived']}件")
    if sum(status["states"].values()) != status["arrived"] or len(status["arrivals"]) != status["arrived"]:
        faults.append("各状态相加不等于收到的件数")
    if states["waiting"]:
        faults.append(f"{states['waiting']}件还在等待")
    roots = Counter(a["name"] for a in status["arrivals"] if a["parent"] is None)
    junk = [d.name for d in drops if roots[d.name] != 1]
    if junk:
        faults.append(f"{len(junk)}件不是恰好登记一次：{'、'.join(junk[:5])}")
    silent = [a["name"] for a in status["arrivals"] if a["state"] == "quarantined" and not (a["cause"] and a["next_step"])]
    if silent:
        faults.append(f"{len(silent)}件未能处理而没有原因或下一步：{'、'.join(silent[:5])}")
    log = b"".join(p.read_bytes() for p in (home / "var").glob("zicha.log*"))
    for name, text in (("zicha.log", log), ("输出", service.said.read_bytes())):
        if b"Traceback" in text or b'File "' in text:
            faults.append(f"{name} 中有 traceback")
    if _checksums(home / "inbox") != before:
        faults.append("收件目录有变动")
    known = {home.name, "tmp", "elsewhere", "said.txt"}
    strangers = [p for p in place.iterdir() if p.name not in known] + list((place / "elsewhere").iterdir())
    if strangers:
        faults.append(f"工作目录之外多出 {strangers}")
    left = [p.name for p in (place / "tmp").iterdir()]
    if left:
        faults.append(f"临时目录留下{len(left)}项：{'、'.join(left[:5])}")
    if (home / "var" / "tmp").is_dir() and any((home / "var" / "tmp").rglob("*")):
        faults.append("工作目录中留下了临时文件")
    if service.orphans:
        faults.append(f"{len(service.orphans)}个子进程在主程序被结束{GONE}秒后仍在运行：{'、'.join(service.orphans[:3])}")
    return faults


def _compare(home: Path, place: Path) -> list[str]:
    """One undisturbed run over the same inbox in an empty home."""
    other = place / "undisturbed" / home.name
    other.parent.mkdir()
    other.mkdir()
    shutil.copytree(home / "inbox", other / "inbox", copy_function=shutil.copy2)
    shutil.copy(home / "zicha.toml", other)
    start = time.monotonic()
    done = subprocess.run(_command("once", other), capture_output=True, env=_environment(place), cwd="/")
    print(f"不受干扰地处理一遍：{time.monotonic() - start:.0f}秒，退出码 {done.returncode}")
    here, there = _checksums(home / "outbox", str(home)), _checksums(other / "outbox", str(other))
    wrong = sorted(n for n in here.keys() | there.keys() if here.get(n) != there.get(n))
    return [f"{len(wrong)}个文件与不受干扰时不同：{'、'.join(wrong[:5])}"] if wrong else []


def _slowest(home: Path) -> None:
    """The submission that took longest, as the log tells."""
    text = "".join(p.read_text("utf-8") for p in sorted((home / "var").glob("zicha.log*"), reverse=True))
    found = [(float(m[2]), m[1]) for m in re.finditer(r"judged submission=(\w+) seconds=([\d.]+)", text)]
    with sqlite3.connect(home / "var" / "zicha.db") as db:
        places = {digest[:12]: place for place, digest in db.execute("SELECT place, digest FROM submissions")}
    for seconds, digest in sorted(found, reverse=True)[:5]:
        print(f"最慢：{seconds:.1f}秒　{places.get(digest, digest)}")


def _checksums(folder: Path, own: str = "") -> dict[str, str]:
    """Name -> SHA-256 of every file; a page may name its own home folder, which is left out of it."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes().replace(own.encode(), b"") if own else p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def _status(home: Path) -> dict[str, object]:
    out = subprocess.run(_command("status", home, "--json"), capture_output=True, check=True, cwd="/").stdout
    return json.loads(out)  # type: ignore[no-any-return]


def _command(name: str, home: Path, *more: str) -> list[str]:
    return [sys.executable, str(ROOT / "zicha.py"), name, "--home", str(home), *more]


def _environment(place: Path) -> dict[str, str]:
    for name in ("tmp", "elsewhere"):
        (place / name).mkdir(exist_ok=True)
    return {**os.environ, "TMPDIR": str(place / "tmp"), "HOME": str(place / "elsewhere")}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--files", type=int, default=0, help="only so many of them, drawn at random")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=2018)
    parser.add_argument("--keep", type=Path, help="home folder to make and keep")
    parser.add_argument("--alone", action="store_true", help="no undisturbed run to compare with")
    return parser.parse_args()


if __name__ == "__main__":
    main()
