"""The journal as a page: each entry in one sentence, newest first, with what took it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from scoring.journal import NOTES, UNDO, Entry, root_of, standing
from templates.decisions_wording import sentence
from templates.finding import Name, find
from templates.history_view import item_of

PAGE = 100
"""Entries on one page."""

KINDS = {
    "points": "确认得分",
    "claim": "更正佐证",
    "move": "改归段落",
    "applies": "适用与否",
    "fact": "扣分事实",
    "mail": "来件和文件",
    "review": "复核",
    "paper": "纸质材料",
    "reviewer": "分配",
    "extend": "延期",
    "undo": "撤销",
    "other": "用户和保存",
}
"""What entries are filtered by."""
_KIND_OF = {
    "block_move": "move",
    "assign_unit": "mail",
    "file_role": "mail",
    "accept": "mail",
    "refuse": "mail",
    "retry": "mail",
    "upload": "mail",
    "password": "mail",
    "approve": "review",
    "return": "review",
    "unlock": "review",
    "user": "other",
    "purge": "other",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for."""

    unit: str = ""
    """Typed as people search for units."""
    item: str = ""
    by: str = ""
    kind: str = ""
    page: int = 1

    def link(self, **changes: object) -> str:
        """The address of the log with these things asked for otherwise."""
        plain = {"unit": self.unit, "item": self.item, "by": self.by, "kind": self.kind, "page": self.page, **changes}
        asked = {k: v for k, v in plain.items() if v and (k, v) != ("page", 1)}
        return "/log" + (f"?{urlencode(asked)}" if asked else "")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry."""

    seq: int
    at: str
    by: str
    unit: str
    number: int
    """The unit's place in the roster, 0 for what concerns no single one."""
    item: str
    kind: str
    sentence: str
    undone: Entry | None
    undoable: bool
    hash: str


@dataclass(frozen=True, slots=True)
class View:
    """The whole page."""

    wish: Wish
    lines: tuple[Line, ...]
    found: int
    total: int
    pages: int
    people: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]
    units: tuple[str, ...]
    """That the search means; empty if it was not asked."""


Sheets = Mapping[str, Mapping[str, Any]]
NONE: Sheets = MappingProxyType({})


def view(
    entries: Sequence[Entry], names: Mapping[str, Iterable[Name]], numbers: Mapping[str, int], wish: Wish, sheets: Sheets = NONE
) -> View:
    """`entries`: the whole journal, oldest first; `sheets`: worksheets, where the words of corrections are looked for."""
    known, dead = standing(entries)
    by_seq = {e.seq: e for e in known}
    roots = {e.seq: root_of(e, by_seq.get) or e for e in known if e.kind == UNDO}
    units = set(find(wish.unit, names)) if wish.unit else None
    found = [e for e in reversed(known) if _is_wanted(e, roots.get(e.seq, e), wish, units, sheets)]
    pages = max(1, -(-len(found) // PAGE))
    at = min(max(1, wish.page), pages)
    lines = tuple(_line(e, roots.get(e.seq, e), dead.get(e.seq), numbers, sheets) for e in found[(at - 1) * PAGE : at * PAGE])
    kinds = {kind_of(e.kind) for e in known}
    return View(
        wish=Wish(wish.unit, wish.item, wish.by, wish.kind, at),
        lines=lines,
        found=len(found),
        total=len(known),
        pages=pages,
        people=tuple(sorted({e.by for e in known})),
        kinds=tuple((k, w) for k, w in KINDS.items() if k in kinds or k == wish.kind),
        units=tuple(sorted(units, key=lambda u: numbers.get(u, 0))) if units is not None else (),
    )


def kind_of(kind: str) -> str:
    """The filter that shows entries of that kind."""
    if kind in KINDS:
        return kind
    return "claim" if kind.startswith("claim_") else "paper" if kind.startswith("paper_") else _KIND_OF.get(kind, "other")


def _is_wanted(entry: Entry, root: Entry, wish: Wish, units: set[str] | None, sheets: Sheets) -> bool:
    return (
        (units is None or root.unit in units or bool(units & set(root.body.get("units", ()))))
        and wish.by in ("", entry.by)
        and wish.kind in ("", kind_of(entry.kind))
        and (not wish.item or wish.item == item_of(root, sheets.get(root.unit or "")))
    )


def _line(entry: Entry, root: Entry, undo: Entry | None, numbers: Mapping[str, int], sheets: Sheets) -> Line:
    unit = entry.unit or root.unit or ""
    said = sentence(entry) + (f"：{sentence(root)}" if root is not entry else "")
    return Line(
        seq=entry.seq,
        at=entry.at,
        by=entry.by,
        unit=unit,
        number=numbers.get(unit, 0),
        item=item_of(root, sheets.get(unit)),
        kind=KINDS[kind_of(entry.kind)],
        sentence=said,
        undone=undo,
        undoable=undo is None and entry.kind not in NOTES,
        hash=entry.hash[:10],
    )
