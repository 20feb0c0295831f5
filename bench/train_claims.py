"""Trains the claim tagger on labelled cases (case.yaml) and writes scoring/models/claims.crf.

usage: python bench/train_claims.py [--out FILE] FILE... [--test FILE...] [--show]

A FILE is a labelled case (case.yaml) or a text of labelled paragraphs (bench/training/*.txt): `# unit: NAME` begins a
unit, `E ` stands before the content of a column for evidence, `0 ` before preamble, problems, plans and closing,
`T ` before a row of a table.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pycrfsuite
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
from claim_swaps import marked, swapped

from scoring.claim_features import features
from scoring.claims import claim_context, lexicon_of, make_tokenizer, tagged_spans, widen
from scoring.roster import load_roster
from scoring.rubric import builtin, load_rubric

OPEN = re.compile(r"\{\{(.+?)\}\}", re.S)
MARK = re.compile(r"\{\{(.+?)\|([^{}|]+)\}\}", re.S)


def main() -> None:
    a = argparse.ArgumentParser()
    a.add_argument("cases", nargs="+", type=Path)
    a.add_argument("--test", nargs="*", type=Path, default=[])
    a.add_argument("--out", type=Path, default=Path("scoring/models/claims.crf"))
    a.add_argument("--c1", type=float, default=0.0)
    a.add_argument("--c2", type=float, default=1.5)
    a.add_argument("--swaps", type=int, default=3, help="how many times the names are swapped")
    a.add_argument("--show", action="store_true")
    o = a.parse_args()
    o.out.parent.mkdir(exist_ok=True, parents=True)
    train(o.cases, o.out, swaps=o.swaps, c1=o.c1, c2=o.c2)
    for name, paths in (("train", o.cases), ("test", o.test)):
        if paths:
            report(name, o.out, paths, o.show and name == "test")


def train(
    cases: list[Path], out: Path, *, swaps: int = 3, c1: float = 0.0, c2: float = 1.5, keep: Callable[[str], bool] = lambda _: True
) -> None:
    """The model of these cases, written to `out`; `swaps` times more with other names, only with the features that `keep` keeps."""
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": c1, "c2": c2, "max_iterations": 200, "feature.possible_transitions": True, "feature.minfreq": 2})
    shares = (1.0, 0.5, 0.0)  # a tagger that has also seen thin and absent catalogs leans on the grammar
    for path in cases:
        for share in shares:
            for x, y, _, _ in sequences(path, share):
                trainer.append([[f for f in token if keep(f)] for token in x], y)
    labelled = [u for path in cases for u in lines_of(path)]
    for n in range(swaps):
        for unit, lines in swapped(labelled, n):
            for x, y, _, _ in from_lines(unit, list(lines), shares[n % 3]):
                trainer.append([[f for f in token if keep(f)] for token in x], y)
    trainer.train(str(out))


def report(name: str, model: Path, paths: list[Path], show: bool) -> None:
    tagger = pycrfsuite.Tagger()
    tagger.open(str(model))
    good = predicted = gold = 0
    for path in paths:
        for x, y, tokens, text in sequences(path):
            g, p = set(tagged_spans(y)), {widen(tokens, s, e, text) for s, e in tagged_spans(tagger.tag(x))}
            near = {q for q in p for w in g if q[0] < w[1] and q[1] > w[0]}
            hit = {w for w in g for q in p if q[0] < w[1] and q[1] > w[0]}
            good += len(hit)
            predicted += len(p)
            gold += len(g)
            if show:
                for w in g - hit:
                    print(
                        path.stem,
                        "MISS",
                        text[tokens[w[0]].start : tokens[w[1] - 1].end],
                        "|",
                        text[max(0, tokens[w[0]].start - 30) : tokens[w[1] - 1].end + 15],
                    )
                for w in p - near:
                    print(
                        path.stem,
                        "FALSE",
                        text[tokens[w[0]].start : tokens[w[1] - 1].end],
                        "|",
                        text[max(0, tokens[w[0]].start - 30) : tokens[w[1] - 1].end + 15],
                    )
                for w in p & near - g:
                    print(
                        path.stem,
                        "SPAN",
                        text[tokens[w[0]].start : tokens[w[1] - 1].end],
                        "for",
                        [text[tokens[v[0]].start : tokens[v[1] - 1].end] for v in g if v[0] < w[1] and v[1] > w[0]],
                    )
    print(f"{name}: recall {good / gold:.3f} precision {good / predicted:.3f} of {gold}")


def sequences(path: Path, keep: float = 1.0) -> list[tuple[list[list[str]], list[str], Any, str]]:
    """(features, labels, tokens, text) of every block of a case or of a text; `keep` is the share of catalog rows left in."""
    if path.suffix == ".txt":
        return [s for unit, lines in units(path) for s in from_lines(unit, lines, keep)]
    case = yaml.safe_load(path.read_text("utf-8"))
    rubric, roster = load_rubric(builtin()), load_roster(builtin()["roster.toml"])
    lexicon, tokenizer = lexicon_of(rubric), make_tokenizer(rubric)
    rows = case["catalog"].get("rows") or []
    chance = random.Random(path.stem)
    rows = [r for r in rows if chance.random() < keep]
    column = next((c for k in ("名称", "题名", "标题", "材料", "内容") for c in case["catalog"].get("columns", []) if k in c), None)
    unit = next((u for u in roster.units if u.name == case["unit"]), None)
    context = claim_context(
        rubric,
        unit,
        [
            (
                str(r.get("no", r.get(False, ""))),
                str(r.get(column) or next((v for k, v in r.items() if "名称" in str(k) or "题名" in str(k)), "")),
                " ".join(str(v) for v in r.values()),
            )
            for r in rows
        ],
    )
    out = []
    for b in case["report"]:
        for text, marks, evidence in passages(b, case["style"].get("layout") == "table"):
            tokens = tokenizer.tokens(text, context.shapes)
            if tokens:
                x = features(tokens, lexicon, context, section=b.get("s", 0), heading=b["t"] in ("h", "title"), evidence=evidence)
                out.append((x, labels(tokens, marks), tokens, text))
    return out


def lines_of(path: Path) -> list[tuple[str, list[str]]]:
    """(unit, its marked lines) of a case or of a text."""
    if path.suffix == ".txt":
        return units(path)
    case = yaml.safe_load(path.read_text("utf-8"))
    table = case["style"].get("layout") == "table"
    return [(case["unit"] or "", [line for b in case["report"] for line in marked(passages(b, table), b.get("s", 0))])]


def units(path: Path) -> list[tuple[str, list[str]]]:
    """(unit, its lines) of a text of labelled paragraphs."""
    out: list[tuple[str, list[str]]] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("#"):
            out.append((line.partition(":")[2].strip() or line.partition("：")[2].strip(), []))
        elif line.strip() and out:
            out[-1][1].append(line.rstrip())
    return out


def from_lines(name: str, lines: list[str], keep: float) -> Any:
    """Sequences of one unit's paragraphs; its catalog is made of some of the marked names, some of them dressed differently."""
    rubric, roster = load_rubric(builtin()), load_roster(builtin()["roster.toml"])
    lexicon, tokenizer = lexicon_of(rubric), make_tokenizer(rubric)
    chance = random.Random(name + lines[0][:20] + str(keep))
    names = [m[1] for line in lines for m in OPEN.finditer(line)]
    rows = [(str(n), dressed(t, chance), t) for n, t in enumerate(names, 1) if chance.random() < keep * 0.85]
    unit = next((u for u in roster.units if u.name == name), None)
    context = claim_context(rubric, unit, rows)
    out = []
    for line in lines:
        evidence, section = line.startswith("E "), 0 if line.startswith("0 ") else 1
        raw = line[2:] if line[:2] in ("E ", "0 ", "T ") else line
        text, marks = strip(OPEN.sub(lambda m: "{{" + m[1] + "|-}}", raw))
        tokens = tokenizer.tokens(text, context.shapes)
        if tokens:
            x = features(tokens, lexicon, context, section=section, heading=False, evidence=[(0, len(text))] if evidence else [])
            out.append((x, labels(tokens, marks), tokens, text))
    return out


def dressed(name: str, chance: random.Random) -> str:
    """A name as a catalog might print it: without brackets and 文号, or a little longer."""
    plain = re.sub(r"[（(][^（）()]*[）)]", "", name).strip("《》")
    return chance.choice(("", "", "", "2017年", "关于")) + (plain or name) + chance.choice(("", "", "", "（复印件）", "汇总"))


def passages(b: dict[str, Any], table: bool) -> Any:
    """(text, marked spans, evidence spans) of every passage of a report entry, as the reader will cut it."""
    if b["t"] == "table":
        header = [strip(str(v))[0] for v in b["rows"][0]]
        for row in b["rows"]:
            text, marks, evidence = "", [], []
            for n, cell in enumerate(row):
                plain, spans = strip(str(cell).replace("\n", " "))
                text += " " * bool(text and plain)
                marks += [(s + len(text), e + len(text)) for s, e in spans]
                if n < len(header) and re.search("佐证|证明材料|支撑|印证|附件", header[n]) and row is not b["rows"][0]:
                    evidence.append((len(text), len(text) + len(plain)))
                text += plain
            yield text, marks, evidence
        return
    for line in b.get("text", "").split("\n"):
        text, marks = strip(line)
        pointer = re.match(r"佐证材料?[:：]", text)
        cell = table and b.get("s", 0) != 0 and b["t"] == "p" and (b.get("col") == 2 or text.startswith("佐证材料"))
        yield text, marks, [(pointer.end() if pointer else 0, len(text))] if cell or pointer else []


def strip(raw: str) -> tuple[str, list[tuple[int, int]]]:
    text, marks, at = "", [], 0
    for m in MARK.finditer(raw):
        text += raw[at : m.start()]
        marks.append((len(text), len(text) + len(m[1])))
        text += m[1]
        at = m.end()
    return text + raw[at:], marks


def labels(tokens: Any, marks: list[tuple[int, int]]) -> list[str]:
    out = ["O"] * len(tokens)
    for s, e in marks:
        inside = [i for i, t in enumerate(tokens) if t.start < e and t.end > s]
        for n, i in enumerate(inside):
            out[i] = "I" if n else "B"
    return out


if __name__ == "__main__":
    main()
