#!/usr/bin/env python3
"""Labels of the segmenter against case YAML files, without rendering: a loop of seconds.

usage: segment_eval.py [--quiet] CASE.yaml...      every miss, figures per case and pooled (--quiet: pooled only)
Figures are weighted by characters, as the evaluation of whole worksheets does it.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from extract.chinese import Tokenizer
from extract.model import Block, Cell, Element, Location, Paragraph, Table
from extract.outline import outline
from scoring.rubric import builtin, load_rubric
from scoring.segment import classify, segment, self_scores, vocabulary

MARK = re.compile(r"\{\{(.+?)\|([^{}|]+)\}\}", re.S)
LIST_KEYS = ("序号", "编号", "号")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="+", type=Path)
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    rubric = load_rubric(builtin())
    tokens = Tokenizer(vocabulary(rubric))
    total: Counter[str] = Counter()
    for path in options.cases:
        case = yaml.safe_load(path.read_text("utf-8"))
        n = evaluate(case, rubric, tokens, options.quiet)
        total.update(n)
        if not options.quiet:
            print(case["id"], figures(n))
    print("POOLED", len(options.cases), "cases", figures(total))


def figures(n: Counter[str]) -> str:
    ratios = (
        ("section", "s_ok", "s"),
        ("item", "i_ok", "i"),
        ("row_item", "r_ok", "r"),
        ("self", "self_ok", "self"),
        ("kinds", "k_ok", "k"),
    )
    return " ".join(f"{name}={n[a] / n[b]:.3f}" for name, a, b in ratios if n[b])


def evaluate(case: dict[str, Any], rubric: Any, tokens: Tokenizer, quiet: bool) -> Counter[str]:
    n: Counter[str] = Counter()
    blocks = outline(elements_of(case))
    labels = segment(blocks, rubric, tokens)
    gold = gold_of(case, blocks)
    for block, label, g in zip(blocks, labels, gold, strict=True):
        if g is None or g["t"] == "title":
            continue
        weight = len(re.sub(r"[\s\W_]+", "", block.text))
        n["s"] += weight
        good = label.section == g.get("s", 0)
        n["s_ok"] += weight * good
        n["k"] += 1
        n["k_ok"] += (block.kind == "heading") == (g["t"] == "h")
        item_wrong = False
        if g.get("i") and g["t"] != "h":
            n["i"] += weight
            n["i_ok"] += weight * (label.item == str(g["i"]))
            item_wrong = label.item != str(g["i"])
        if not quiet and (not good or item_wrong):
            print(
                f"  {label.section}/{label.item} ({label.confidence:.2f}) for {g.get('s', 0)}/{g.get('i')} [{block.kind}] {block.text[:70]}"
            )
    for row in (case.get("catalog") or {}).get("rows") or []:
        if row.get("item"):
            title = title_of(row)
            extra = " ".join(str(row.get(k) or "") for k in ("group",) if row.get(k))
            ranked = classify(
                title,
                rubric,
                tokens,
                printed=next((str(row[k]) for k in row if isinstance(k, str) and "条目" in k), None),
                group=extra or None,
            )
            n["r"] += 1
            good = bool(ranked) and ranked[0][0] == str(row["item"])
            n["r_ok"] += good
            if not quiet and not good:
                print(f"  row {ranked[:2]} for {row['item']}: {title[:50]}")
    scores, printed_total = self_scores(blocks, labels, rubric)
    want = {(str(k), float(v)) for k, v in (case.get("self_scores") or {}).items()}
    want |= {("total", float(case["self_total"]))} if case.get("self_total") is not None else set()
    have = {(k, float(v)) for k, (v, _) in scores.items()} | ({("total", float(printed_total))} if printed_total is not None else set())
    n["self"] += len(want | have)
    n["self_ok"] += len(want & have)
    if not quiet and want != have:
        print("  self: missed", sorted(want - have), "invented", sorted(have - want))
    return n


def title_of(row: dict[str, Any]) -> str:
    for word in ("名称", "题名", "标题", "材料", "内容"):
        for k, v in row.items():
            if isinstance(k, str) and word in k and v:
                return str(v)
    return ""


def gold_of(case: dict[str, Any], blocks: tuple[Block, ...]) -> list[dict[str, Any] | None]:
    """For each block the report entry it comes from (by the paragraph number that elements_of gave it)."""
    entries = case["report"]
    return [entries[b.location.paragraph - 1] if b.location.paragraph else None for b in blocks]


def elements_of(case: dict[str, Any]) -> tuple[Element, ...]:
    """The report as a reader would return it, by the same drawing rules as the renderer of mails."""
    style = case["style"]
    auto, weight, framed = style.get("numbering") == "auto", style.get("heading_style", "bold"), style.get("layout") == "table"
    out: list[Element] = []
    rows: list[list[list[Paragraph]]] = []

    def flush() -> None:
        if rows:
            head = tuple(cell([Paragraph(t)], 0, c) for c, t in enumerate(("考核内容", "完成情况", "佐证材料")))
            body = [tuple(cell(c, r + 1, k) for k, c in enumerate(row) if k == 0 or any(row[1:])) for r, row in enumerate(rows)]
            out.append(Table((head, *body)))
            rows.clear()

    for k, b in enumerate(case["report"], 1):
        at = Location(paragraph=k)
        text = strip(str(b.get("text", ""))).rstrip("\n")
        if b["t"] == "table":
            flush()
            out.append(
                Table(
                    tuple(tuple(cell([Paragraph(strip(str(v)), at)], r, c) for c, v in enumerate(row)) for r, row in enumerate(b["rows"]))
                )
            )
        elif framed and b["t"] != "title" and b.get("s", 0):
            if b["t"] == "h":
                rows.append([[Paragraph(b.get("n", "") + text, at)], [], []])
            else:
                if not rows:
                    rows.append([[], [], []])
                column = b.get("col", 2 if text.startswith("佐证材料") and rows[-1][1] else 1)
                if rows[-1][column] and column == 1 and b.get("newrow"):
                    rows.append([[], [], []])
                rows[-1][column].append(Paragraph(text, at))
        else:
            flush()
            out.append(flow(b, text, at, auto, weight))
    flush()
    return tuple(out)


def flow(b: dict[str, Any], text: str, at: Location, auto: bool, weight: str) -> Paragraph:
    if b["t"] == "title":
        return Paragraph(text, at, bold=True, centered=True, size=22)
    n = b.get("n") or ""
    if b["t"] != "h":
        return Paragraph(n + text, at, size=16)
    word = weight == "word"
    return Paragraph(text if auto else n + text, at, label=n if auto else "", outline=min(b.get("l", 1), 3) if word else None,
                     bold=weight != "plain" and not word, size=16)  # fmt: skip


def cell(content: list[Paragraph], row: int, column: int) -> Cell:
    return Cell(tuple(content), row, column)


def strip(text: str) -> str:
    return MARK.sub(lambda m: m.group(1), text)


if __name__ == "__main__":
    main()
