#!/usr/bin/env python3
"""Train the word weights that scoring/segment_model.py reads.

usage: train_segment.py OUT.json CASE.yaml...     labelled cases (never held-back ones), the phrases beside this file,
                                                  and the rubric's own texts
Multinomial logistic regression with L2, full-batch Adam, float64 and a fixed order: the same input gives the same file.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from segment_eval import strip, title_of

from extract.chinese import Tokenizer
from scoring.rubric import Rubric, builtin, load_rubric
from scoring.segment import vocabulary
from scoring.segment_model import features
from scoring.segment_words import without_basis

PHRASES = Path(__file__).with_name("segment_phrases.txt")
L2, STEPS, RATE, MIN_COUNT = 5e-5, 300, 0.1, 2
Sample = tuple[str, str]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("cases", nargs="+", type=Path)
    options = parser.parse_args()
    rubric = load_rubric(builtin())
    tokens = Tokenizer(vocabulary(rubric))
    samples = [s for p in sorted(options.cases) for s in of_case(yaml.safe_load(p.read_text("utf-8")))]
    samples += of_phrases(PHRASES.read_text("utf-8")) + of_rubric(rubric)
    labels = ["0", *(i.id for i in rubric.items)]
    found = [features(without_basis(text), tokens.cut) for text, _ in samples]
    counts = Counter(f for x in found for f in x)
    names = sorted(f for f, n in counts.items() if n >= MIN_COUNT)
    weights, bias = fit(found, [labels.index(y) for _, y in samples], names, len(labels))
    scale = float(np.abs(weights).max()) / 127
    rows = {n: base64.b64encode(np.rint(w / scale).astype(np.int8).tobytes()).decode() for n, w in zip(names, weights, strict=True)}
    table = {"labels": labels, "scale": round(scale, 8), "bias": [round(float(b), 4) for b in bias], "features": rows}
    options.out.write_text(json.dumps(table, ensure_ascii=False, indent=0) + "\n", "utf-8")
    print(f"{len(samples)} samples, {len(names)} features, {options.out.stat().st_size // 1024} KB")


def of_case(case: dict[str, Any]) -> list[Sample]:
    out = []
    for b in case["report"]:
        label = "0" if not b.get("s", 0) else b.get("i")
        if b["t"] != "title" and label:
            text = " ".join(str(v) for row in b["rows"] for v in row) if b["t"] == "table" else str(b["text"])
            out.append((strip(text), str(label)))
    for row in (case.get("catalog") or {}).get("rows") or []:
        if row.get("item"):
            out.append((title_of(row), str(row["item"])))
    return out


def of_phrases(text: str) -> list[Sample]:
    out, label = [], ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            label = line.strip("[]")
        elif line and not line.startswith("#"):
            out.append((line, label))
    return out


def of_rubric(rubric: Rubric) -> list[Sample]:
    return [(t, i.id) for i in rubric.items for t in (i.text, i.name, *(c.text for c in i.clauses), *i.evidence)]


def fit(found: list[frozenset[str]], y: list[int], names: list[str], classes: int) -> tuple[Any, Any]:
    index = {n: k for k, n in enumerate(names)}
    x = np.zeros((len(found), len(names)))
    for k, f in enumerate(found):
        ids = [index[n] for n in f if n in index]
        if ids:
            x[k, ids] = 1 / math.sqrt(len(ids))
    target = np.eye(classes)[y]
    rare = target @ (1 / np.sqrt(target.sum(0) + 5))
    rare = (rare / rare.mean())[:, None] / len(found)
    parameters = [np.zeros((len(names), classes)), np.zeros(classes)]
    first, second = [np.zeros_like(p) for p in parameters], [np.zeros_like(p) for p in parameters]
    for step in range(1, STEPS + 1):
        z = x @ parameters[0] + parameters[1]
        p = np.exp(z - z.max(1, keepdims=True))
        error = (p / p.sum(1, keepdims=True) - target) * rare
        for k, gradient in enumerate((x.T @ error + L2 * parameters[0], error.sum(0))):
            first[k] += 0.1 * (gradient - first[k])
            second[k] += 0.001 * (gradient**2 - second[k])
            parameters[k] -= RATE * (first[k] / (1 - 0.9**step)) / (np.sqrt(second[k] / (1 - 0.999**step)) + 1e-8)
    return parameters[0], parameters[1]


if __name__ == "__main__":
    main()
