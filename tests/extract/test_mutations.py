"""Mutated documents through the whole reader, in a child as in service: a Document or a DocumentError, in time, within memory."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.work import Limits, Workers

pytestmark = pytest.mark.slow
KINDS = ("docx", "pdf", "xlsx", "ofd")
EXAMPLES = 40
"""Of each kind; `python bench/mutations.py ../shared/corpus` goes on for as long as one likes."""


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(Limits(memory=2 << 30, seconds=30.0)) as running:
        yield running


@pytest.fixture(scope="module")
def mutations(bench_module: Callable[[str], ModuleType]) -> ModuleType:
    return bench_module("mutations")


@pytest.fixture(scope="module")
def samples(corpus: Path, mutations: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sequence[Path]]:
    """The public documents by kind, those left out that would have to be recognised; a workbook is made, as there is none."""
    made = tmp_path_factory.mktemp("books")
    book = openpyxl.Workbook()
    sheet = book.create_sheet("目录", 0)
    for row in (("序号", "材料名称", "比例"), (1, "会议纪要", 0.979), (2, "工作方案", 1)):
        sheet.append(row)
    sheet["C2"].number_format = "0.0%"
    sheet.merge_cells("A5:C6")
    book.save(made / "目录.xlsx")
    paths = [p for p in mutations.samples(corpus, made) if p.stat().st_size < 120_000 and not mutations.pictured(p.read_bytes())]
    return {kind: [p for p in paths if p.suffix == f".{kind}"] for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_broken_ends_in_a_document_or_an_error_of_ours(
    kind: str, workers: Workers, mutations: ModuleType, samples: dict[str, Sequence[Path]]
) -> None:
    @settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**32))
    def holds(number: int) -> None:
        dice = random.Random(number)
        path, other = dice.choice(samples[kind]), dice.choice(samples[kind])
        data = mutations.mutated(path.read_bytes(), number, other.read_bytes())
        result = mutations.outcome(workers, data, path.name)
        assert not result.startswith("!"), f"{path.name}, {number}: {result[1:]}"

    holds()


def test_the_same_number_makes_the_same_mutation(mutations: ModuleType, samples: dict[str, Sequence[Path]]) -> None:
    data = samples["docx"][0].read_bytes()
    assert mutations.mutated(data, 7) == mutations.mutated(data, 7) != data
