"""How far a score can be believed: of the links and doubts of one score, how many are right, as Markdown and as docs/reliability.svg.

    python bench/reliability.py [--run 'zicha process {mail} --json']

Every labelled mail is read once. A claim counts where its words are those of a labelled claim of that report; it is right
where its first row is the labelled one (for a missing claim: where the label names no row).
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from evaluate import key, norm

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
SETS = {"to tune on": CASES / "rendered" / "tune", "held back": CASES / "rendered" / "held"}
BINS = ((0.0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 0.99), (0.99, 1.01))
SIDE, EDGE = 320, 40


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--run", default="zicha process {mail} --json")
    run = options.parse_args().run
    tables = {name: _bins(list(_answers(folder, run))) for name, folder in SETS.items()}
    print("| score | " + " | ".join(f"{name}: right of" for name in tables) + " |\n|---" * 1 + "|---" * len(tables) + "|")
    for n, (low, high) in enumerate(BINS):
        cells = (f"{right / of:.3f} of {of}" if of else "–" for right, of, _ in (t[n] for t in tables.values()))
        print(f"| {low:.2f}–{min(high, 1):.2f} | " + " | ".join(cells) + " |")
    (ROOT / "docs" / "reliability.svg").write_text(_drawn(tables), "utf-8")


def _answers(folder: Path, run: str) -> Iterator[tuple[float, bool]]:
    cases = sorted(p.parent for p in folder.glob("*/mail.eml"))
    with ThreadPoolExecutor(2) as pool:
        for case, sheet in zip(cases, pool.map(lambda c: _sheet(c / "mail.eml", run), cases), strict=True):
            yield from _judged(json.loads((case / "gold.json").read_text("utf-8")), sheet)


def _sheet(mail: Path, run: str) -> dict:  # type: ignore[type-arg]
    done = subprocess.run(
        [w.replace("{mail}", str(mail)).replace("{case}", mail.parent.name) for w in shlex.split(run)], capture_output=True, check=True
    )
    printed = json.loads(done.stdout)
    return printed[0] if isinstance(printed, list) else printed


def _judged(gold: dict, sheet: dict) -> Iterator[tuple[float, bool]]:  # type: ignore[type-arg]
    """(score, right) of every link or doubt with a row whose claim is labelled, in order of mention."""
    titles = {r.get("key", r["no"]): norm(r["title"]) for r in gold["catalog"]}
    labelled: dict[str, list[set[str]]] = {}
    for claim in gold["claims"]:
        labelled.setdefault(key(claim["text"]), []).append({titles[n] for n in claim["catalog"] if n in titles})
    rows = {r["id"]: norm(r["title"]) for r in sheet["catalog"]}
    for claim in sheet["claims"]:
        waiting = labelled.get(key(claim["text"]))
        if waiting:
            wanted = waiting.pop(0)
            if claim["catalog"]:
                first = rows[claim["catalog"][0]]
                yield claim["score"], any(first in t or t in first for t in wanted)


def _bins(answers: list[tuple[float, bool]]) -> list[tuple[int, int, float]]:
    """(right, of, mean score) of each bin."""
    out = []
    for low, high in BINS:
        inside = [(s, ok) for s, ok in answers if low <= s < high]
        out.append((sum(ok for _, ok in inside), len(inside), sum(s for s, _ in inside) / len(inside) if inside else low))
    return out


def _drawn(tables: dict[str, list[tuple[int, int, float]]]) -> str:
    """The share that is right over the score; the diagonal is a score that says what it means."""
    whole = SIDE + 2 * EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{whole + 30}" font-family="sans-serif" font-size="12">',
        f'<rect width="{whole}" height="{whole + 30}" fill="#fff"/>',
        f'<rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>',
        f'<line x1="{EDGE}" y1="{EDGE + SIDE}" x2="{EDGE + SIDE}" y2="{EDGE}" stroke="#ccc"/>',
        f'<text x="{EDGE}" y="{whole - 14}">0</text><text x="{EDGE + SIDE - 6}" y="{whole - 14}">1</text>',
        f'<text x="{EDGE + SIDE / 2}" y="{whole - 14}" text-anchor="middle">score</text>',
        f'<text x="14" y="{EDGE + SIDE / 2}" transform="rotate(-90 14 {EDGE + SIDE / 2})" text-anchor="middle">share right</text>',
    ]
    for k, (name, table) in enumerate(tables.items()):
        colour, points = ("#888", "#0b5394")[k], [(EDGE + SIDE * s, EDGE + SIDE * (1 - r / n), n) for r, n, s in table if n]
        parts.append(f'<polyline fill="none" stroke="{colour}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2 + n**0.5 / 5:.1f}" fill="{colour}" fill-opacity=".6"/>' for x, y, n in points]
        parts.append(f'<text x="{EDGE + 150 * k}" y="{whole + 14}" fill="{colour}">● {name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    main()
