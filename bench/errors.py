"""See errors instead of guessing them: one page per labelled case, truth and worksheet side by side.

    python bench/errors.py CASES_DIR WORKSHEETS_DIR OUT_DIR

CASES_DIR/<case>/gold.json holds the labels, WORKSHEETS_DIR/<case>.json what `zicha process --json` printed.
OUT_DIR gets <case>.html and index.html, worst case first. Needs evaluate.py beside it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
from evaluate import Stream, norm

Json = dict[str, Any]


@dataclass
class Line:
    """One labelled paragraph beside what the worksheet says of it."""

    text: str
    kind: str
    gold: str
    found: str
    claims: list[Json] = field(default_factory=list)

    @property
    def wrong(self) -> bool:
        return self.gold != self.found


def main(cases: Path, worksheets: Path, out: Path) -> None:
    """Write the pages and an index with the number of differences of each case."""
    out.mkdir(parents=True, exist_ok=True)
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True)
    index = []
    for source in sorted(cases.glob("*/gold.json")):
        case, made = source.parent.name, worksheets / f"{source.parent.name}.json"
        if not made.exists():
            continue
        page = compare(json.loads(source.read_text("utf-8")), worksheet(made))
        index.append((sum(page["counts"].values()), case, page["counts"]))
        (out / f"{case}.html").write_text(environment.get_template("errors.html").render(case=case, **page), encoding="utf-8")
    text = environment.get_template("errors.html").render(index=sorted(index, key=lambda i: (-i[0], i[1])), case=None)
    (out / "index.html").write_text(text, encoding="utf-8")


def worksheet(path: Path) -> Json:
    """The worksheet; of a list the one with most blocks."""
    value = json.loads(path.read_text("utf-8"))
    return max(value, key=lambda w: len(w["blocks"])) if isinstance(value, list) else value


def compare(gold: Json, made: Json) -> Json:
    """Everything the page shows."""
    stream = Stream(made["blocks"])
    lines, places, at = [], [], 0
    for paragraph in gold["paragraphs"]:
        hit = stream.find(paragraph["text"], at)
        at = hit[1] if hit else at
        blocks = set(stream.of[hit[0] : hit[1]]) if hit else set()
        places.append(blocks)
        whole = paragraph["kind"] == "heading"  # a heading is only asked for its section
        found = sorted({label(made["blocks"][b], whole) for b in blocks})
        lines.append(Line(paragraph["text"], paragraph["kind"], label(paragraph, whole), "、".join(found) or "未读到"))
    taken: set[int] = set()
    for claim in gold["claims"]:
        lines[claim["paragraph"]].claims.append(claim_pair(claim, gold, made, places[claim["paragraph"]], taken))
    extra = [predicted(c, made) for n, c in enumerate(made["claims"]) if n not in taken]
    gaps = list(gap_differences(gold, made))
    claims = [c for line in lines for c in line.claims]
    counts = {
        "分部分、分条目": sum(line.wrong for line in lines if line.kind != "title"),
        "漏认佐证": sum(not c["found"] for c in claims),
        "误认佐证": len(extra),
        "对应不同": sum(bool(c["found"]) and c["wrong"] for c in claims),
        "缺口不同": len(gaps),
    }
    return {"lines": lines, "extra": extra, "gaps": gaps, "counts": counts, "unit": (gold["unit"], made["unit"]["name"])}


def label(entry: Json, section_only: bool = False) -> str:
    """1.2, or the section where there is no item."""
    return str(entry["section"]) if section_only or not entry["item"] else entry["item"]


def claim_pair(claim: Json, gold: Json, made: Json, blocks: set[int], taken: set[int]) -> Json:
    """A labelled claim with the worksheet's claim on the same words, if there is one."""
    want = norm(claim["text"])
    near = [(n, c) for n, c in enumerate(made["claims"]) if n not in taken and c["block"] in blocks]
    match = next((x for x in near if norm(x[1]["text"]) == want), None)
    match = match or next((x for x in near if norm(x[1]["text"]) in want or want in norm(x[1]["text"])), None)
    titles = {r["key"]: r["title"] for r in gold["catalog"]}
    truth = [f"{k} {titles[k]}" for k in claim["catalog"]]
    if match is None:
        return {"text": claim["text"], "truth": truth, "found": None, "wrong": True}
    taken.add(match[0])
    found = predicted(match[1], made)
    same = {norm(titles[k]) for k in claim["catalog"]} == {norm(t) for t in found["titles"]} and found["status"] != "uncertain"
    return {"text": claim["text"], "truth": truth, "found": found, "wrong": not same}


def predicted(claim: Json, made: Json) -> Json:
    """A claim of the worksheet with its rows in words."""
    rows = [r for r in made["catalog"] if r["id"] in claim["catalog"]]
    words = [f"{r['no']} {r['title']}" for r in rows]
    own = {k: claim[k] for k in ("text", "status", "score", "why", "section", "item")}
    return own | {"rows": words, "titles": [r["title"] for r in rows]}


def gap_differences(gold: Json, made: Json) -> Iterator[str]:
    """Items, sections and rows that only one side reports."""
    titles = {r["key"]: norm(r["title"]) for r in gold["catalog"]}
    items = {g["item"] for g in made["gaps"] if g["kind"] == "item_without_evidence"}
    sections = {g["section"] for g in made["gaps"] if g["kind"] == "section_missing"}
    rows = {norm(r["title"]) for r in made["catalog"] if r["status"] == "unclaimed"}
    pairs: tuple[tuple[str, set[Any], set[Any]], ...] = (
        ("未提供佐证材料的条目", set(gold["items_without_evidence"]), items),
        ("未写到的部分", set(gold["sections_missing"]), sections),
        ("未引用的材料", {titles[k] for k in gold["unclaimed"]}, rows),
    )
    for words, truth, found in pairs:
        yield from (f"{words}：漏报 {x}" for x in sorted(truth - found))
        yield from (f"{words}：误报 {x}" for x in sorted(found - truth))


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:4]))
