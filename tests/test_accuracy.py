"""How right the worksheets are: the installed command on every labelled mail, scored by the evaluation, held above floors."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

CASES = Path(__file__).resolve().parent / "cases"
SETS = {"shared": CASES / "shared", "held": CASES / "rendered" / "held"}
"""Not the tuning mails: that what was learned is known proves little; bench/accuracy.py prints them, too."""
FLOORS = tomllib.loads((Path(__file__).resolve().parent / "accuracy_floors.toml").read_text("utf-8"))
BOUNDS = [(name, side, figure, bound) for name, both in FLOORS.items() for side, all_ in both.items() for figure, bound in all_.items()]
ReadMails = Callable[[Sequence[Path]], list[bytes]]
Pooled = Callable[[str], dict[str, float | None]]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pooled(bench_module: Callable[[str], ModuleType], read_mails: ReadMails) -> Pooled:
    """pooled("held") -> the evaluation's figures over all cases of the set, from one run of the installed command a mail."""
    evaluation = bench_module("evaluate")
    counts = {name: Counter[str]() for name in SETS}
    every = {name: sorted(p.parent for p in folder.glob("*/mail.eml")) for name, folder in SETS.items()}
    read_mails([case / "mail.eml" for cases in every.values() for case in cases])
    for name, cases in every.items():
        for case in cases:
            gold = json.loads((case / "gold.json").read_text("utf-8"))
            (printed,) = read_mails([case / "mail.eml"])
            counts[name].update(evaluation.evaluate(gold, _first(json.loads(printed)), lambda _: None))

    def figures(name: str) -> dict[str, float | None]:
        found: dict[str, float | None] = evaluation.figures(counts[name])
        return found

    return figures


def _first(printed: Any) -> Any:
    """As the evaluation does: of several worksheets the first counts."""
    return (printed[0] if printed else {}) if isinstance(printed, list) else printed


@pytest.mark.parametrize(("name", "side", "figure", "bound"), BOUNDS, ids=[f"{n}-{f}" for n, _, f, _ in BOUNDS])
def test_a_pooled_figure_stays_within_its_bound(pooled: Pooled, name: str, side: str, figure: str, bound: float) -> None:
    reached = pooled(name)[figure]
    assert reached is not None
    assert reached >= bound if side == "min" else reached <= bound, f"{figure} of {name}: {reached:.4f}, {side} {bound}"


@pytest.mark.parametrize("name", SETS)
def test_no_unit_is_taken_for_another(pooled: Pooled, name: str) -> None:
    assert pooled(name)["unit_wrong"] == 0
