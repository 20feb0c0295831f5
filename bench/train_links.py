"""Trains the link weights on labelled cases and measures the decisions.

usage: python bench/train_links.py [--out FILE] CASE.yaml... [--test CASE.yaml...] [--show]
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
from scoring.claim_tokens import number_shapes
from scoring.claims import name_of, title_reader
from scoring.match import FEATURES, Matcher, Weights, read_named, read_row
from scoring.roster import load_roster
from scoring.rubric import builtin, load_rubric

MATCHED, UNCERTAIN, LEFT_MATCHED, LEFT_UNCERTAIN = 0.8, 0.45, 0.6, 0.15
MARK = re.compile(r"\{\{(.+?)\|([^{}|]+)\}\}", re.S)


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("cases", nargs="+", type=Path)
    a.add_argument("--test", nargs="*", type=Path, default=[])
    a.add_argument("--out", type=Path, default=None)
    a.add_argument("--show", action="store_true")
    a.add_argument("--folds", type=int, default=0)
    a.add_argument("--noise", type=float, default=0.1)
    o = a.parse_args()
    if o.folds:
        tables = []
        for k in range(o.folds):
            train = [p for i, p in enumerate(o.cases) if i % o.folds != k]
            tables.append(measure([p for i, p in enumerate(o.cases) if i % o.folds == k], fit(train, o.noise), o.noise, o.show))
        print("folds", figures(sum(tables, Counter())))
        return
    weights = fit(o.cases, o.noise)
    for name, paths in (("train", o.cases), ("test", o.test)):
        if paths:
            print(name, figures(measure(paths, weights, o.noise, o.show and (name == "test" or not o.test))))
    if o.out:
        o.out.write_text(
            json.dumps(
                {
                    "weights": weights.weights,
                    "matched": weights.matched,
                    "uncertain": weights.uncertain,
                    "left_matched": weights.left_matched,
                    "left_uncertain": weights.left_uncertain,
                },
                indent=1,
            )
            + "\n",
            "utf-8",
        )


def fit(cases: list[Path], noise: float) -> Weights:
    """Weights from every (claim, plausible row) pair of the cases."""
    flat = Weights({"bias": 0.0}, 0.5, 0.5)
    x, y = [], []
    for path in cases:
        for matcher, named, gold in links(path, flat, noise):
            if named.title is None and not named.docnos:
                continue
            cs = [c for c in matcher.candidates(named) if not c.conflict]
            cs.sort(key=lambda c: -matcher.likeness(c.comparison) - c.values["docno"] - 0.3 * c.values["ref"])
            for c in cs[:6]:
                x.append([c.values[f] for f in FEATURES])
                y.append(float(c.row.index in gold))
    w = logistic(np.array(x), np.array(y))
    return Weights({f: round(float(v), 3) for f, v in zip(FEATURES, w, strict=True)}, MATCHED, UNCERTAIN, LEFT_MATCHED, LEFT_UNCERTAIN)


def logistic(x: Any, y: Any, decay: float = 0.3) -> Any:
    """L2-regularised logistic regression by Newton's method."""
    w = np.zeros(x.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-x @ w))
        g = x.T @ (p - y) + decay * w
        h = (x * (p * (1 - p))[:, None]).T @ x + decay * np.eye(len(w))
        step = np.linalg.solve(h, g)
        w -= step
        if abs(step).max() < 1e-7:
            break
    return w


def measure(paths: list[Path], weights: Weights, noise: float, show: bool) -> Counter[str]:
    n: Counter[str] = Counter()
    for path in paths:
        found = list(links(path, weights, noise))
        answers = found[0][0].link_all([n for _, n, _ in found]) if found else []
        for (matcher, named, gold), link in zip(found, answers, strict=True):
            n["claims"] += 1
            n["uncertain"] += link.status == "uncertain"
            n["pred"] += link.status == "missing"
            wrong = link.status == "matched" and not set(link.rows) <= gold
            n["wrong"] += wrong
            good = True
            if gold:
                n["linked"] += 1
                good = link.status == "matched" and not wrong
                n["ok"] += good
            else:
                n["missing"] += 1
                n["flagged"] += link.status != "matched"
                n["strict"] += link.status == "missing"
                n["pred_ok"] += link.status == "missing"
                good = link.status == "missing"
            if show and not good:
                rows = [matcher.rows[i].text for i in link.rows]
                print(
                    path.parent.name if path.stem == "case" else path.stem,
                    link.status,
                    f"{link.score:.2f}",
                    link.reason,
                    "|",
                    named.text,
                    "|",
                    rows,
                    "| gold",
                    [matcher.rows[i].text for i in gold],
                )
    return n


def figures(n: Counter[str]) -> str:
    shares = {
        "link": ("ok", "linked"),
        "wrong": ("wrong", "claims"),
        "uncertain": ("uncertain", "claims"),
        "missing recall": ("flagged", "missing"),
        "missing strict": ("strict", "missing"),
        "missing precision": ("pred_ok", "pred"),
    }
    return f"{n['claims']} claims: " + " ".join(f"{k} {n[a] / max(1, n[b]):.3f}" for k, (a, b) in shares.items())


def links(path: Path, weights: Weights, noise: float) -> Any:
    case = yaml.safe_load(path.read_text("utf-8"))
    rows = case["catalog"].get("rows") or []
    if not rows:
        return
    rubric, roster = load_rubric(builtin()), load_roster(builtin()["roster.toml"])
    unit = next((u for u in roster.units if u.name == case["unit"]), None)
    reader = title_reader(rubric, unit)
    chance = random.Random(path.parent.name + path.stem)
    items = [i.id for i in rubric.items]
    views, where = [], {}
    column = next((c for k in ("名称", "题名", "标题", "材料", "内容") for c in case["catalog"].get("columns", []) if k in c), None)
    for n, r in enumerate(rows):
        no = str(r.get("no", r.get(False)))
        where[str(r.get("key", no))] = n
        item = r.get("item") if chance.random() >= noise else chance.choice(items)
        title = str(r.get(column) or next(str(v) for k, v in r.items() if "名称" in str(k) or "题名" in str(k)))
        docno = next((str(v) for k, v in r.items() if "号" in str(k) and ("文" in str(k) or "字" in str(k)) and v), None)
        views.append(
            read_row(
                n,
                no=no,
                title=title,
                docno=docno,
                group=r.get("group"),
                printed_item=r.get("考核条目"),
                item=item,
                reader=reader,
                pages=next((str(v) for k, v in r.items() if "页" in str(k)), None),
            )
        )
    shapes = number_shapes(v.no for v in views)
    matcher = Matcher(views, reader, weights, year=rubric.year)
    for b in case["report"]:
        for raw in [b.get("text", "")] if b["t"] != "table" else [str(v) for r in b["rows"] for v in r]:
            for m in MARK.finditer(raw):
                gold = {where[k.strip()] for k in re.split("[,，]", m[2])} if m[2].strip() not in ("-", "－") else set()
                title, reference = name_of(m[1], rubric, shapes)
                yield matcher, read_named(m[1], title, reader, section=b.get("s", 0), item=b.get("i"), reference_text=reference), gold


if __name__ == "__main__":
    main()
