"""Mutated documents through the whole reader: only a Document or a DocumentError may come out, in time and within memory.

    python bench/mutations.py FOLDER… [--seconds 900] [--seed 1] [--keep DIR]

The folders hold documents to mutate, at any depth (../shared/corpus). Each mutation is told by its number: `--only N` repeats one.
Prints what each kind came to and every finding; exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import resource
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from extract.errors import DocumentError  # noqa: E402
from ingest.work import Limits, Workers  # noqa: E402

ENDINGS = (".docx", ".pdf", ".xlsx", ".ofd", ".doc", ".xls", ".ods", ".rtf", ".odt")
LARGEST = 400_000
"""Bytes: larger files give fewer mutations an hour, not other ones."""
LIMITS = Limits(memory=2 << 30, seconds=60.0)
BROKEN = ("读取程序中断", "读取超时", "内存不足")
"""Parts of the sentences that a child's death, a hang and a full memory come to."""
NUMBERS = (b"0", b"-1", b"1", b"65536", b"2147483647", b"-2147483648", b"99999999999999999999", b"1e308", b"NaN", b"")


def samples(*folders: Path) -> list[Path]:
    """The documents to start from, in a fixed order."""
    found = (p for folder in folders for p in folder.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
    return sorted(p for p in found if 0 < p.stat().st_size <= LARGEST)


def pictured(data: bytes) -> bool:
    """It may have to be recognised, which takes seconds."""
    return data.startswith(b"%PDF") and b"/Image" in data


def mutated(data: bytes, seed: int, other: bytes = b"") -> bytes:
    """One of the file's mutations; the same seed makes the same. `other`: a second file to take pieces from."""
    dice = random.Random(seed)
    if data[:2] == b"PK" and dice.random() < 0.75:
        inside = _in_package(data, dice)
        if inside is not None:
            return inside
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        data = dice.choice(_BYTES if dice.random() < 0.6 else _WORDS)(data, dice, other)
    return data


def outcome(workers: Workers, data: bytes, name: str) -> str:
    """What reading came to: `read`, the error's name, or a finding (it begins with an exclamation mark)."""
    try:
        workers.read(data, name)
    except DocumentError as error:
        found = next((word for word in BROKEN if word in error.cause), None)
        return f"!{found}" if found else type(error).__name__
    except Exception as error:  # noqa: BLE001 - what must not come out is what is looked for
        return f"!{type(error).__name__}: {error}"
    return "read"


def _weight(path: Path) -> float:
    return 0.05 if pictured(path.read_bytes()) else 1.0


def _in_package(data: bytes, dice: random.Random) -> bytes | None:
    """The package with one or two of its parts mutated, well packed: the damage reaches the readers behind the unpacking."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old:
            parts = {info.filename: old.read(info) for info in old.infolist() if info.file_size < 4 << 20}
    except Exception:  # noqa: BLE001 - some samples are no whole packages
        return None
    names = [n for n in parts if n.lower().endswith((".xml", ".rels"))]
    if not names:
        return None
    weights = [1 + 3 * any(word in name.lower() for word in _TELLING) for name in names]
    for name in dice.choices(names, weights, k=dice.choice((1, 1, 2))):
        for _ in range(dice.choice((1, 2, 8))):
            parts[name] = dice.choice(_ELEMENTS if dice.random() < 0.7 else _WORDS)(parts[name], dice, b"")
    if dice.random() < 0.1:
        del parts[dice.choice(list(parts))]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return out.getvalue()


_TELLING = ("document", "content", "sheet1", "styles", "numbering", "sharedstrings")

Mutation = Callable[[bytes, random.Random, bytes], bytes]


def _flip(data: bytes, dice: random.Random, _: bytes) -> bytes:
    if not data:
        return data
    out = bytearray(data)
    for _k in range(dice.choice((1, 4, 32))):
        out[dice.randrange(len(out))] = dice.randrange(256)
    return bytes(out)


def _cut(data: bytes, dice: random.Random, _: bytes) -> bytes:
    start = dice.randrange(len(data) + 1)
    return data[:start] if dice.random() < 0.3 else data[:start] + data[start + dice.choice((1, 10, 200, 5000)) :]


def _repeat(data: bytes, dice: random.Random, _: bytes) -> bytes:
    start = dice.randrange(len(data) + 1)
    piece = data[start : start + dice.choice((4, 100, 3000))]
    return data[:start] + piece * dice.choice((2, 3, 50)) + data[start:]


def _splice(data: bytes, dice: random.Random, other: bytes) -> bytes:
    start, there = dice.randrange(len(data) + 1), dice.randrange(len(other) + 1)
    return data[:start] + other[there : there + dice.choice((10, 500, 20_000))] + data[start:]


def _number(data: bytes, dice: random.Random, _: bytes) -> bytes:
    """Another number in place of one in the text of the file: lengths, offsets, sizes, counts, matrices."""
    found = [m.span() for m in re.finditer(rb"\d+(?:\.\d+)?", data[: 1 << 20])]
    if not found:
        return data
    start, end = dice.choice(found)
    return data[:start] + dice.choice(NUMBERS) + data[end:]


def _swap_words(data: bytes, dice: random.Random, _: bytes) -> bytes:
    found = [m.span() for m in re.finditer(rb"[A-Za-z]{2,20}", data[: 1 << 20])]
    if len(found) < 2:
        return data
    (a, b), (c, d) = sorted(dice.sample(found, 2))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _element(data: bytes, dice: random.Random) -> tuple[int, int] | None:
    starts = [m for m in re.finditer(rb"<([\w:]+)[^<>]*?(/?)>", data[: 1 << 20])]
    if not starts:
        return None
    first = dice.choice(starts)
    if first.group(2):
        return first.span()
    end = data.find(b"</" + first.group(1) + b">", first.end())
    return (first.start(), end + len(first.group(1)) + 3) if end >= 0 else first.span()


def _drop_element(data: bytes, dice: random.Random, _: bytes) -> bytes:
    span = _element(data, dice)
    return data[: span[0]] + data[span[1] :] if span else data


def _repeat_element(data: bytes, dice: random.Random, _: bytes) -> bytes:
    span = _element(data, dice)
    return data[: span[1]] + data[span[0] : span[1]] * dice.choice((1, 5, 300)) + data[span[1] :] if span else data


def _nest_element(data: bytes, dice: random.Random, _: bytes) -> bytes:
    """An element inside itself, again and again."""
    first, span = None, _element(data, dice)
    if span:
        first = re.match(rb"<([\w:]+)[^<>]*>", data[span[0] : span[1]])
    if span is None or first is None or first.group().endswith(b"/>"):
        return data
    times = dice.choice((2, 30, 200))
    inner = data[span[0] + first.end() : span[1]]
    return data[: span[0]] + first.group() * times + inner + (b"</" + first.group(1) + b">") * (times - 1) + data[span[1] :]


def _move_element(data: bytes, dice: random.Random, _: bytes) -> bytes:
    one, two = _element(data, dice), _element(data, dice)
    if not one or not two or one[1] > two[0]:
        return data
    return data[: one[0]] + data[one[1] : two[0]] + data[one[0] : one[1]] + data[two[0] :]


_BYTES: Sequence[Mutation] = (_flip, _cut, _repeat, _splice)
_WORDS: Sequence[Mutation] = (_number, _swap_words)
_ELEMENTS: Sequence[Mutation] = (_drop_element, _repeat_element, _nest_element, _move_element, _number)


def main() -> int:
    """Mutate until the time is over; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--seconds", type=float, default=900.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this mutation and no other")
    parser.add_argument("--keep", type=Path, help="where files with findings are written")
    given = parser.parse_args()
    paths = samples(*given.folders)
    weights = [_weight(path) for path in paths]
    came_to: dict[str, Counter[str]] = {}
    slowest: list[tuple[float, int, str]] = []
    started, count, findings = time.monotonic(), 0, 0
    with Workers(LIMITS) as workers:
        while time.monotonic() - started < given.seconds:
            number = given.only if given.only is not None else given.seed * 1_000_000 + count
            dice = random.Random(number)
            path, other = dice.choices(paths, weights, k=2)
            data = mutated(path.read_bytes(), number, other.read_bytes())
            began = time.monotonic()
            result = outcome(workers, data, path.name)
            slowest = sorted([*slowest, (time.monotonic() - began, number, path.name)], reverse=True)[:5]
            came_to.setdefault(path.suffix.lower(), Counter())[result] += 1
            count += 1
            if result.startswith("!"):
                findings += 1
                print(f"{number} {path.name}: {result[1:]}", flush=True)
                if given.keep:
                    given.keep.mkdir(parents=True, exist_ok=True)
                    (given.keep / f"{number}{path.suffix}").write_bytes(data)
            if given.only is not None:
                break
    for ending, results in sorted(came_to.items()):
        print(ending, sum(results.values()), dict(results.most_common()))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"{count} mutations in {time.monotonic() - started:.0f} s, {findings} findings, largest child {peak} MiB")
    print("slowest:", *(f"{seconds:.1f} s {number} {name}" for seconds, number, name in slowest), sep="\n  ")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
