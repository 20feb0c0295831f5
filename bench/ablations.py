"""What each idea brings: models trained without it, measured on the held-back cases (pooled figures only).

    python bench/ablations.py links
    python bench/ablations.py claims [VARIANT…]

The tagger is measured by the claims it touches (recall, precision), the links on claims as labelled, so that neither
figure depends on the other part. Takes about four minutes for each variant of the tagger.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import train_claims
import train_links

from scoring.match import FEATURES

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
TEXTS = sorted((ROOT / "bench" / "training").glob("*.txt"))
BRIEF = sorted((CASES / "shared").glob("d0*/case.yaml"))
TUNE, TRAIN, HELD = (sorted((CASES / name).glob("*.yaml")) for name in ("tune", "train", "held"))
ALL = [*BRIEF, *TUNE, *TRAIN, *TEXTS]

Keep = Callable[[str], bool]
FRAMES = ("nh=", "nd=", "nb=", "na=", "np=", "first=", "nl=")
CATALOG = ("g=", "gb=", "ge=")

CLAIMS: dict[str, tuple[list[Path], int, Keep]] = {
    "as shipped": (ALL, 3, lambda f: True),
    "without the run of words a name fills": (ALL, 3, lambda f: not f.startswith(FRAMES)),
    "without pieces of catalog titles": (ALL, 3, lambda f: f.split(":")[-1].startswith(CATALOG) is False and ":sim=" not in f),
    "without swapped names": (ALL, 0, lambda f: True),
    "without the seven training authors": ([*BRIEF, *TUNE, *TEXTS], 3, lambda f: True),
    "without the labelled paragraphs": ([*BRIEF, *TUNE, *TRAIN], 3, lambda f: True),
}
LINKS: dict[str, tuple[str, ...]] = {
    "as shipped": (),
    "without the kind of paper": ("kind_same", "kind_other", "kind_other_item"),
    "without shared pairs of characters": ("pairs", "pairs_item"),
    "without words in each other's place": ("swapped", "swapped_named", "swapped_item", "parallel", "parallel_named"),
    "without the item": (
        "item", "item_other", "section_other", "item_unknown", "swapped_item", "contained_item", "kind_other_item", "pairs_item",
    ),
    "without the number": ("ref", "ref_other"),
    "without 文号": ("docno", "docno_one_sided"),
    "without the distance to the next best": ("best", "margin"),
}  # fmt: skip


def main() -> None:
    part, chosen = sys.argv[1:2], set(sys.argv[2:])
    if part == ["links"]:
        for name, dropped in LINKS.items():
            print(f"{name}: {train_links.figures(train_links.measure(HELD, _links_without(dropped), 0.1, False))}", flush=True)
    elif part == ["claims"]:
        for name, (cases, swaps, keep) in CLAIMS.items():
            if chosen and name not in chosen:
                continue
            print(name, end=": ", flush=True)
            _claims(cases, swaps, keep)
    else:
        sys.exit(__doc__)


def _links_without(dropped: tuple[str, ...]) -> train_links.Weights:
    train_links.FEATURES = tuple(f for f in FEATURES if f not in dropped)  # type: ignore[attr-defined]
    return train_links.fit([*BRIEF, *TUNE, *TRAIN], 0.1)


def _claims(cases: list[Path], swaps: int, keep: Keep) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "claims.crf"
        train_claims.train(cases, model, swaps=swaps, keep=keep)
        train_claims.report("held back", model, HELD, False)


if __name__ == "__main__":
    main()
