"""What people corrected, laid over a worksheet: claims linked, declared, added or struck out, blocks moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extract.docno import find_docnos
from scoring import sentences
from scoring.anchors import Plain, Record, find_block, find_claim, find_row
from scoring.journal import BLOCK_MOVE, CLAIM_ADD, CLAIM_LINK, CLAIM_MISSING, CLAIM_NONE, CLAIM_PRESENT, CORRECTIONS, Entry


@dataclass(frozen=True, slots=True)
class Corrected:
    """A worksheet's parts with the corrections in them; corrected ones carry {"by", "at", "seq", "reason", "was"}."""

    blocks: tuple[Plain, ...]
    claims: tuple[Plain, ...]
    removed: tuple[Plain, ...]
    """What the machine took for a claim and a person does not."""
    catalog: tuple[Plain, ...]
    decided: frozenset[str]
    """Ids of the claims whose rows a person decided: what matching noticed about them no longer holds."""
    moved: bool
    """A block changed its place, so that what applies to the unit may have changed."""
    unplaced: tuple[Record, ...]
    """Corrections that find nothing to correct in this report and catalog."""


def correct(sheet: Plain, entries: Iterable[Entry], *, items: Iterable[str]) -> Corrected:
    """Lay the live entries over the sheet, oldest first, so that the latest word about something counts.

    `items` are the ids of the rubric; entries of other kinds are passed over.
    """
    desk = _Desk(sheet, frozenset(items))
    unplaced = [unplaced_entry(e, trouble) for e in entries if e.kind in CORRECTIONS and (trouble := desk.lay(e))]
    return desk.result(tuple(unplaced))


def unplaced_entry(entry: Entry, trouble: str) -> Record:
    """How a worksheet lists a decision that has no place in it."""
    return {"seq": entry.seq, "at": entry.at, "by": entry.by, "kind": entry.kind, "reason": entry.reason, "message": trouble}


class _Desk:
    """The sheet's parts while corrections are laid over them."""

    def __init__(self, sheet: Plain, items: frozenset[str]) -> None:
        self.sheet, self.items = sheet, items  # its texts and rows stay as they are
        self.blocks: list[Record] = [dict(b) for b in sheet["blocks"]]
        self.claims: list[Record] = [dict(c) for c in sheet["claims"]]
        self.gone: set[str] = set()
        self.decided: set[str] = set()
        self.moved = False

    def lay(self, entry: Entry) -> str:
        """Lay one correction; returns what stands against it, "" if nothing does."""
        if entry.kind == BLOCK_MOVE:
            return self._move(entry)
        if entry.kind == CLAIM_ADD:
            return self._add(entry)
        claim = find_claim(self.sheet, self.claims, entry.body["claim"])
        if claim is None:
            return sentences.corrected("claim_unplaced", text=entry.body["claim"]["text"])
        return self._decide(claim, entry)

    def _move(self, entry: Entry) -> str:
        index, section, item = find_block(self.sheet, entry.body["block"]), entry.body["section"], entry.body.get("item")
        if index is None:
            return sentences.corrected("block_unplaced", text=_short(entry.body["block"]["text"]))
        if item is not None and item not in self.items:
            return sentences.corrected("item_unplaced", item=item)
        block = self.blocks[index]
        was = block["corrected"]["was"] if "corrected" in block else {"section": block["section"], "item": block["item"]}
        block |= {"section": section, "item": item, "confidence": 1.0, "corrected": _mark(entry, was)}
        self.moved = True
        return ""

    def _add(self, entry: Entry) -> str:
        """A claim that the machine did not see; one that it sees meanwhile, in these words, is linked instead."""
        block, text = entry.body["block"], entry.body["text"]
        index = find_block(self.sheet, block)
        words = self.blocks[index]["text"] if index is not None else ""
        start = _nth(words, text, entry.body["occurrence"])
        if index is None or start < 0:
            return sentences.corrected("claim_unplaced", text=text)
        rows, trouble = self._rows(entry.body["rows"])
        if trouble:
            return trouble
        span = [start, start + len(text)]
        same = next((c for c in self.claims if c["block"] == index and list(c["span"]) == span), None)
        if same is None:
            for claim in (c for c in self.claims if c["block"] == index and c["span"][0] < span[1] and span[0] < c["span"][1]):
                self._mark(claim, entry)
                self.gone.add(claim["id"])
            same = _new_claim(f"k{self._next()}", index, span, text, self.blocks[index])
            self.claims.append(same)
        self._set(same, entry, "matched" if rows else "missing", rows)
        return ""

    def _decide(self, claim: Record, entry: Entry) -> str:
        if entry.kind == CLAIM_NONE:
            self._mark(claim, entry)
            self.gone.add(claim["id"])
            return ""
        rows, trouble = self._rows(entry.body["rows"]) if entry.kind == CLAIM_LINK else ([], "")
        if trouble:
            return trouble
        self._set(claim, entry, "missing" if entry.kind == CLAIM_MISSING else "matched", rows)
        return ""

    def _set(self, claim: Record, entry: Entry, status: str, rows: Sequence[Plain]) -> None:
        self._mark(claim, entry)
        nos = "、".join(str(r["no"] or r["row"]) for r in rows)
        code = "linked" if rows else {CLAIM_MISSING: "missing", CLAIM_PRESENT: "present"}.get(entry.kind, "missing")
        claim |= {
            "status": status,
            "catalog": [r["id"] for r in rows],
            "score": 1.0,
            "why": sentences.corrected(code, by=entry.by, nos=nos),
        }
        self.gone.discard(claim["id"])
        self.decided.add(claim["id"])

    def _mark(self, claim: Record, entry: Entry) -> None:
        machine = {"status": claim["status"], "catalog": claim["catalog"]}
        was = claim["corrected"]["was"] if "corrected" in claim else machine if claim["status"] else None
        claim["corrected"] = _mark(entry, was)

    def _rows(self, anchors: Sequence[Plain]) -> tuple[list[Plain], str]:
        """The rows, or what is wrong: a decision is not carried out by half."""
        found = [(a, find_row(self.sheet["catalog"], a)) for a in anchors]
        lost = [f"“{a['title']}”" for a, row in found if row is None]
        if lost:
            return [], sentences.corrected("row_unplaced", titles="、".join(lost))
        return [row for _, row in found if row is not None], ""

    def _next(self) -> int:
        return 1 + max((int(c["id"][1:]) for c in self.claims if c["id"][1:].isdecimal()), default=0)

    def result(self, unplaced: tuple[Record, ...]) -> Corrected:
        placed = [_with_place(c, self.blocks[c["block"]]) for c in self.claims]
        claims = tuple(c for c in placed if c["id"] not in self.gone)
        removed = tuple(c for c in placed if c["id"] in self.gone)
        cited = {row for c in claims for row in (c["catalog"] if c["status"] == "matched" else c["catalog"][:1])}
        catalog = tuple({**r, "status": "claimed" if r["id"] in cited else "unclaimed"} for r in self.sheet["catalog"])
        return Corrected(tuple(self.blocks), claims, removed, catalog, frozenset(self.decided), self.moved, unplaced)


def _with_place(claim: Record, block: Plain) -> Plain:
    """A claim goes where its block goes."""
    return {**claim, "section": block["section"], "item": block["item"]} if "corrected" in block else claim


def _new_claim(id: str, block: int, span: list[int], text: str, of: Plain) -> Record:
    numbers = find_docnos(text)
    docno = numbers[0].text if numbers else None
    start, end = text.find("《"), text.find("》")
    title = text[start + 1 : end] if 0 <= start < end else None if docno == text else text
    return {"id": id, "block": block, "span": span, "text": text, "kind": "record", "title": title, "docno": docno, "ref": None} | {
        "section": of["section"], "item": of["item"], "status": "", "catalog": [], "score": 1.0, "why": ""}  # fmt: skip


def _nth(words: str, text: str, occurrence: int) -> int:
    """Start of the n-th (0…) occurrence of the text in the words; −1 if there are not so many."""
    at = words.find(text) if text else -1
    for _ in range(occurrence):
        at = words.find(text, at + 1) if at >= 0 else -1
    return at


def _mark(entry: Entry, was: Plain | None) -> Record:
    return {"by": entry.by, "at": entry.at, "seq": entry.seq, "reason": entry.reason, "was": was}


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"
