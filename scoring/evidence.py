"""One unit's report against its catalog: passages -> claims -> links, and what the rows support."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from extract.catalog_model import Row
from extract.chinese import Tokenizer
from extract.docno import find_docnos
from extract.model import Block
from scoring import sentences
from scoring.claims import ClaimFinder, Mention, Passage, claim_context, title_reader
from scoring.gaps import Findings
from scoring.match import Link, Matcher, Named, RowView, Weights, read_named, read_row
from scoring.references import references
from scoring.roster import RosterUnit
from scoring.rubric import Rubric
from scoring.segment import Label, classify
from scoring.segment_structure import printed_item
from scoring.titles import TitleReader
from scoring.worksheet import CatalogEntry, Claim

_EVIDENCE_COLUMN = re.compile(r"佐证|证明材料|支撑材料|印证|附件|依据材料|备查材料|材料名称")
_POINTER = re.compile(r"^(?:佐证材料?|证明材料|支撑材料|附件|附|材料)[:：]")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A catalog row and the file it came from."""

    row: Row
    file: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """The claims, the catalog with what each row supports, and what matching noticed besides."""

    claims: tuple[Claim, ...]
    catalog: tuple[CatalogEntry, ...]
    findings: Findings


def match_evidence(
    blocks: Sequence[Block],
    labels: Sequence[Label],
    rows: Sequence[SourceRow],
    *,
    rubric: Rubric,
    unit: RosterUnit | None,
    tokens: Tokenizer,
) -> Evidence:
    """Everything about evidence that a report and a catalog tell."""
    reader = title_reader(rubric, unit)
    items = row_items(rows, rubric, tokens)
    context = claim_context(
        rubric, unit, [(r.row.no, r.row.title, f"{r.row.title} {r.row.docno or ''}") for r in rows], [r.row.group or "" for r in rows]
    )
    mentions = ClaimFinder(rubric, context).find(passages(blocks, labels))
    named = [(m, _named(m, labels[m.block], reader)) for m in mentions]
    views = _views(rows, items, reader)
    matcher = Matcher(views, reader, _weights(), year=rubric.year)
    sure = [(m, n) for m, n in named if m.sure]
    links = [(m, n, link) for (m, n), link in zip(sure, matcher.link_all([n for _, n in sure]), strict=True)]
    items = settled_items(items, links, rows, rubric)
    views = [replace(v, item=_best(items[v.index])) for v in views]
    matcher = Matcher(views, reader, _weights(), year=rubric.year)
    answers = matcher.link_all([n for _, n in named])
    pieces = [p for (m, n), link in zip(named, answers, strict=True) if m.sure or believed(link, m) for p in _pieces(m, n, link, matcher)]
    return _evidence(pieces, labels, rows, items, matcher, rubric)


def passages(blocks: Sequence[Block], labels: Sequence[Label]) -> tuple[Passage, ...]:
    """The blocks as the claim finder reads them, with the parts that stand in a column for evidence."""
    first: dict[int, int] = {}
    heads: dict[tuple[int, int], str] = {}
    for b in blocks:
        if b.table is None or b.row is None or b.column is None:
            continue
        if b.row == first.setdefault(b.table, b.row):
            heads[b.table, b.column] = heads.get((b.table, b.column), "") + b.text
    out = []
    for b, label in zip(blocks, labels, strict=True):
        head = heads.get((b.table, b.column), "") if b.table is not None and b.column is not None else ""
        out.append(Passage(b.text, label.section, b.kind in ("heading", "title"), _evidence_spans(b, head, first)))
    return tuple(out)


def _evidence_spans(block: Block, head: str, first: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
    pointer = _POINTER.match(block.text)
    if block.kind == "table_row":
        return tuple(_cell_spans(block))
    if block.table is not None and block.row != first.get(block.table) and len(head) < 16 and _EVIDENCE_COLUMN.search(head):
        return ((pointer.end() if pointer else 0, len(block.text)),)
    return ((pointer.end(), len(block.text)),) if pointer and block.kind != "heading" else ()


def _cell_spans(block: Block) -> Iterable[tuple[int, int]]:
    if block.cells == block.header:
        return
    at = 0
    for n, cell in enumerate(block.cells):
        text = cell.replace("\n", " ").strip()
        start = block.text.find(text, at) if text else -1
        if start < 0:
            continue
        at = start + len(text)
        if n < len(block.header) and len(block.header[n]) < 16 and _EVIDENCE_COLUMN.search(block.header[n]):
            yield start, at


def row_items(rows: Sequence[SourceRow], rubric: Rubric, tokens: Tokenizer) -> list[dict[str, float]]:
    """For each row the items it may support with their probabilities, by its words, its printed item and its group."""
    return [dict(classify(r.row.title, rubric, tokens, printed=r.row.printed_item, group=r.row.group)) for r in rows]


def settled_items(
    items: list[dict[str, float]], links: Iterable[tuple[Mention, Named, Link]], rows: Sequence[SourceRow], rubric: Rubric
) -> list[dict[str, float]]:
    """The items of the claims that surely cite a row are clues to what it supports."""
    cited: dict[int, Counter[str]] = {}
    for _, named, link in links:
        if link.status == "matched" and named.item:
            for i in link.rows:
                cited.setdefault(i, Counter())[named.item] += 1
    out = []
    for i, own in enumerate(items):
        votes = cited.get(i)
        if not votes:
            out.append(own)
            continue
        mixed = {k: own.get(k, 0.01) * (1 + 8 * votes[k]) for k in {*own, *votes}}
        total = sum(mixed.values())
        out.append({k: v / total for k, v in mixed.items()})
    return out


def _best(item: Mapping[str, float], floor: float = 0.0) -> str | None:
    best = max(item.items(), key=lambda p: (p[1], p[0]), default=None)
    return best[0] if best and best[1] >= floor else None


def _views(rows: Sequence[SourceRow], items: Sequence[Mapping[str, float]], reader: TitleReader) -> list[RowView]:
    return [
        read_row(
            n,
            no=r.row.no,
            other_no=r.row.other_no,
            title=r.row.title,
            docno=r.row.docno,
            group=r.row.group,
            pages=r.row.pages,
            printed_item=r.row.printed_item,
            item=_best(items[n]),
            reader=reader,
        )
        for n, r in enumerate(rows)
    ]


@lru_cache(maxsize=1)
def _weights() -> Weights:
    data = json.loads((resources.files("scoring") / "models" / "links.json").read_text("utf-8"))
    return Weights(**data)


def _named(m: Mention, label: Label, reader: TitleReader) -> Named:
    return read_named(m.text, m.title, reader, section=label.section, item=label.item, reference_text=m.ref or "")


def _pieces(m: Mention, named: Named, link: Link, matcher: Matcher) -> Iterable[tuple[Mention, Named, Link]]:
    """A run of references whose members do not share one fate falls apart: a number that no row has is a claim of its own."""
    yield m, named, link
    members = matcher.numbers.expand(references(m.text)) if m.kind == "reference" and link.status != "missing" else ()
    if len(members) < 2:
        return
    for r in members:
        if not r.page and not matcher.numbers.resolve(r, named):
            words = m.text[r.start : r.end]
            own = words if r.text in words else r.word + r.text  # 3-3 of 3-1至3-4 is not written out
            piece = replace(m, start=m.start + r.start, end=m.start + r.end, text=words, ref=own)
            yield piece, named, Link("missing", (), 0.97, "number_absent", (r.text,))


def _evidence(
    pieces: Sequence[tuple[Mention, Named, Link]],
    labels: Sequence[Label],
    rows: Sequence[SourceRow],
    items: Sequence[Mapping[str, float]],
    matcher: Matcher,
    rubric: Rubric,
) -> Evidence:
    claims: list[Claim] = []
    twins: dict[str, tuple[str, str]] = {}
    conflicts: dict[str, str] = {}
    for n, (m, named, link) in enumerate(pieces, 1):
        link = doubtful(m, link)
        claim = _claim(f"k{n}", m, labels[m.block], link, rows)
        if link.twins and claim.status == "missing":
            row, word = rows[link.twins[0]].row, _difference(named, link.twins[0], matcher)
            twins[claim.id] = (f"c{link.twins[0] + 1}", word)
            claim = replace(claim, why=sentences.why("twin", no=row.no or row.row, twin=word))
        claims.append(claim)
        if link.conflict and m.title:
            conflicts[claim.id] = f"c{link.conflict[0] + 1}"
    claimed = {c for k in claims if k.status == "matched" for c in k.catalog} | {
        k.catalog[0] for k in claims if k.status == "uncertain" and k.catalog
    }
    catalog = tuple(_entry(i, r, items[i], f"c{i + 1}" in claimed) for i, r in enumerate(rows))
    outside = tuple(f"c{i + 1}" for i, r in enumerate(rows) if _outside(r.row, rubric.year))
    misplaced = tuple(e.id for e in catalog if _misplaced(e, rubric))
    return Evidence(tuple(claims), catalog, Findings(twins, conflicts, outside, misplaced))


def believed(link: Link, m: Mention) -> bool:
    """Whether a half-believed mention is a claim after all: its row confirms it, or a reviewer had better look."""
    return m.probability >= WORTH_A_LOOK if link.status != "matched" else link.score >= CONFIRMS


CONFIRMS = 0.9
"""Score of a link from which on the row proves that the phrase is evidence."""
WORTH_A_LOOK = 0.42
"""A phrase that is evidence about as likely as not is shown as uncertain rather than passed over."""
UNSURE, UNSURE_UNTITLED = 0.55, 0.75
"""Below this the tagger is not sure that a phrase is evidence at all; of untitled phrases below it every second is none."""


def doubtful(m: Mention, link: Link) -> Link:
    """A phrase that may be no evidence is not called missing: a reviewer looks, unless there is no catalog to look into."""
    if link.reason == "no_catalog":
        return link
    floor = UNSURE if "《" in m.text or m.kind == "reference" else UNSURE_UNTITLED
    return Link("uncertain", (), m.probability, "not_sure_evidence") if link.status == "missing" and m.probability < floor else link


def _claim(id: str, m: Mention, label: Label, link: Link, rows: Sequence[SourceRow]) -> Claim:
    nos = "、".join(rows[i].row.no or str(rows[i].row.row) for i in link.rows)
    why = sentences.why(link.reason, nos=nos, values="、".join(link.values))
    if link.status == "matched" and link.values:
        why += sentences.why("partly", values="、".join(link.values))
    return Claim(
        id,
        m.block,
        (m.start, m.end),
        m.text,
        m.kind,
        bare_title(m.title),
        m.docno,
        m.ref,
        label.section,
        label.item,
        link.status,
        tuple(f"c{i + 1}" for i in link.rows),
        link.score,
        why,
    )


def bare_title(title: str | None) -> str | None:
    """A title without the 《》 around it."""
    whole = bool(title) and title is not None and title.startswith("《") and title.find("》") == len(title) - 1
    return title[1:-1] if whole and title else title


def _entry(i: int, r: SourceRow, items: Mapping[str, float], claimed: bool) -> CatalogEntry:
    return CatalogEntry(
        f"c{i + 1}",
        r.row.no,
        r.row.group,
        _best(items, 0.15),
        r.row.printed_item,
        r.row.title,
        r.row.docno,
        r.row.pages,
        r.row.custody,
        r.file,
        r.row.location.page,
        r.row.row,
        "claimed" if claimed else "unclaimed",
    )


def _difference(named: Named, row: int, matcher: Matcher) -> str:
    comparison, conflict = matcher.compare(named, matcher.rows[row])
    if conflict:
        return sentences.twin(conflict)
    words = f"{'、'.join(comparison.words_a)}／{'、'.join(comparison.words_b)}" if comparison else ""
    return sentences.twin("word", words=words)


def _outside(row: Row, year: int) -> bool:
    """Dated wholly before the assessed year, by 文号, title or date column."""
    years = (
        {d.year for d in find_docnos(f"{row.docno or ''}")}
        or {int(y) for y in _YEAR.findall(row.title)}
        or {int(y) for y in _YEAR.findall(row.date or "")}
    )
    return bool(years) and max(years) < year


def _misplaced(entry: CatalogEntry, rubric: Rubric) -> bool:
    stated = printed_item(entry.printed_item or "", rubric) if entry.printed_item else None
    return bool(stated and entry.item and stated != entry.item)
