"""How right the worksheets are, as Markdown: the product beside the plain script, by set and by kind of submission.

    python bench/accuracy.py [--run 'zicha process {mail} --json']

Runs both on every labelled mail of tests/cases, two at a time, and scores them with evaluate.py. docs/accuracy.md is its output.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml
from evaluate import evaluate
from evaluate import figures as figures_of

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
PLAIN = f"{sys.executable} {ROOT / 'bench' / 'plain_script.py'} {{mail}}"
SETS = {"shared": "came with the brief", "tune": "to tune on", "held": "held back"}
FIGURES = (
    "text", "section", "item", "catalog_f1", "claim_f1", "link_accuracy", "missing_recall", "missing_precision", "item_gap_f1",
    "wrong_link_rate", "uncertain_rate", "text_extra",
)  # fmt: skip
MORE = ("unit", "late", "row_item", "missing_recall_strict", "unclaimed_f1", "section_gap_f1", "self_score_f1", "na_flagged")


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled mail and what it is like."""

    mail: Path
    set: str
    report: str
    catalog: str


def main(command: str) -> None:
    """Run, score, print the tables."""
    cases = list(all_cases())
    ours, theirs = scores(cases, command), scores(cases, PLAIN)
    print(f"| pooled over | | {' | '.join(FIGURES)} |\n|---|---|{'---|' * len(FIGURES)}")
    for title, chosen in slices(cases):
        for who, counts in (("zicha", ours), ("plain script", theirs)):
            print(f"| {title} ({len(chosen)}) | {who} | {line([counts[c] for c in chosen], FIGURES)} |")
    print(f"\n| pooled over | | {' | '.join(MORE)} |\n|---|---|{'---|' * len(MORE)}")
    for title, chosen in slices(cases)[: len(SETS)]:
        for who, counts in (("zicha", ours), ("plain script", theirs)):
            print(f"| {title} ({len(chosen)}) | {who} | {line([counts[c] for c in chosen], MORE)} |")


def all_cases() -> Iterator[Case]:
    """Every labelled mail with the style its source names."""
    for source in (p for pattern in ("shared/*/case.yaml", "tune/*.yaml", "held/*.yaml") for p in sorted(CASES.glob(pattern))):
        style = yaml.safe_load(source.read_text("utf-8"))["style"]
        own = source.stem == "case"
        folder = source.parent if own else CASES / "rendered" / source.parent.name / source.stem
        layout = f"{style['report']}, {'table' if style.get('layout') == 'table' else 'running text'}"
        yield Case(folder / "mail.eml", "shared" if own else source.parent.name, layout, style.get("catalog", "none"))


def slices(cases: list[Case]) -> list[tuple[str, list[Case]]]:
    """The sets, then the kinds of report, then the kinds of catalog."""
    views: tuple[tuple[str, Callable[[Case], str]], ...] = (
        ("", lambda c: SETS[c.set]),
        ("report: ", lambda c: c.report),
        ("catalog: ", lambda c: c.catalog),
    )
    return [(prefix + value, [c for c in cases if view(c) == value]) for prefix, view in views for value in dict.fromkeys(map(view, cases))]


def scores(cases: list[Case], command: str) -> dict[Case, Counter[str]]:
    """The evaluation's counts for each case; where nothing is printed, all is missed."""

    def score(case: Case) -> Counter[str]:
        words = [w.replace("{mail}", str(case.mail)) for w in shlex.split(command)]
        done = subprocess.run(words, capture_output=True, check=False)
        sheet = json.loads(done.stdout) if done.stdout else {}
        gold = json.loads(case.mail.with_name("gold.json").read_text("utf-8"))
        counts: Counter[str] = evaluate(gold, (sheet or [{}])[0] if isinstance(sheet, list) else sheet, lambda _: None)
        return counts

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(cases, pool.map(score, cases), strict=True))


def line(counts: list[Counter[str]], names: tuple[str, ...]) -> str:
    """Pooled figures as cells."""
    pooled = figures_of(sum(counts, Counter()))
    return " | ".join("–" if pooled[n] is None else f"{pooled[n]:.3f}" for n in names)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default=f"{sys.executable} {ROOT / 'zicha.py'} process {{mail}} --json")
    main(parser.parse_args().run)
