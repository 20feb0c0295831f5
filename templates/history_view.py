"""What was decided about a unit or one item of it, newest first, each entry in a sentence and with the undo that took it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.anchors import find_block, find_claim
from scoring.journal import BLOCK_MOVE, CLAIM_ADD, CORRECTIONS, UNDO, Entry, standing
from templates.decisions_wording import sentence

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the journal."""

    seq: int
    at: str
    by: str
    sentence: str
    undone: str
    """Who took it back, "" while it holds."""
    item: str
    """The item it speaks of, "" for the unit as a whole."""


def history(entries: Iterable[Entry], sheet: Plain | None = None, item: str | None = None) -> tuple[Line, ...]:
    """The entries of one unit, or of one item of it, newest first. An undo stands with what it took back, not by itself."""
    known, dead = standing(entries)
    found = (_line(e, dead.get(e.seq), item_of(e, sheet)) for e in reversed(known) if e.kind != UNDO)
    return tuple(line for line in found if item in (None, line.item))


def item_of(entry: Entry, sheet: Plain | None) -> str:
    """The item that an entry speaks of: named by it, by its clause, or by where its words now stand in the worksheet; "" if none."""
    body = entry.body
    if entry.kind in CORRECTIONS:
        return _place(entry, sheet) if sheet else str(body.get("item") or "")
    named = body.get("item") or str(body.get("clause") or "").rstrip("abcdefghijklmnopqrstuvwxyz")
    return named if isinstance(named, str) else ""


def _place(entry: Entry, sheet: Plain) -> str:
    if entry.kind == BLOCK_MOVE:
        return str(entry.body.get("item") or "")
    if entry.kind == CLAIM_ADD:
        index = find_block(sheet, entry.body["block"])
        return str(sheet["blocks"][index]["item"] or "") if index is not None else ""
    claims: Sequence[Any] = [*sheet.get("claims", ()), *sheet.get("removed_claims", ())]
    claim = find_claim(sheet, claims, entry.body["claim"])
    return str(claim["item"] or "") if claim else ""


def _line(entry: Entry, undo: Entry | None, item: str) -> Line:
    return Line(entry.seq, entry.at, entry.by, sentence(entry), undo.by if undo else "", item)
