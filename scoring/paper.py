"""The evidence on paper: what the office has in hand, which originals were checked, and what is open of it (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from scoring import sentences
from scoring.anchors import Plain, Record, find_row
from scoring.journal import PAPER, PAPER_RECEIVED, PAPER_ROW, PAPER_STAMP, Entry
from scoring.rubric import Rubric


@dataclass(frozen=True, slots=True)
class OpenPaper:
    """One thing that is open of a unit's paper."""

    kind: Literal["received", "stamped", "rows"]
    message: str
    """A Chinese sentence without its full stop."""


def paper(sheet: Plain, rubric: Rubric, entries: Iterable[Entry]) -> Record:
    """What a sheet gains from its unit's live entries: `paper`, only where something was recorded.

    {"received": {"date", "by", "at", "seq"}|None, "stamped": {"by", "at", "seq"}|None, "rows": {row id: {"by", "at", "seq"}},
    "open": [sentences], "lost": [{"title", "by", "at", "seq"}]}; `lost` are ticks whose row is not in the catalog in use.
    """
    mine = [e for e in entries if e.kind in PAPER]
    if not mine:
        return {}
    rows, lost = _ticks(sheet, [e for e in mine if e.kind == PAPER_ROW])
    received, stamped = ([e for e in mine if e.kind == k] for k in (PAPER_RECEIVED, PAPER_STAMP))
    found: Record = {
        "received": {"date": received[-1].body["date"], **_who(received[-1])} if received and received[-1].body["received"] else None,
        "stamped": _who(stamped[-1]) if stamped and stamped[-1].body["stamped"] else None,
        "rows": rows,
        "lost": lost,
    }
    found["open"] = [p.message for p in open_paper({**sheet, "paper": found}, rubric)]
    return {"paper": found}


def open_paper(sheet: Plain, rubric: Rubric) -> tuple[OpenPaper, ...]:
    """What the unit still owes on paper, by its concluded sheet; nothing where the rubric wants none.

    A sheet without `paper` is of a unit of which nothing was recorded: nothing has come.
    """
    if rubric.paper is None:
        return ()
    known = sheet.get("paper") or {"received": None, "stamped": None, "rows": {}}
    found: list[OpenPaper] = []
    if not known["received"]:
        found.append(OpenPaper("received", sentences.paper("received")))
    elif not known["stamped"]:  # of paper that has not come nobody can tell
        found.append(OpenPaper("stamped", sentences.paper("stamped")))
    rows = [r for r in sheet["catalog"] if r["custody"] == "kept" and r["id"] not in known["rows"]]
    if rows:
        titles = "、".join(_named(r) for r in rows)
        found.append(OpenPaper("rows", sentences.paper("rows", count=len(rows), titles=titles)))
    return tuple(found)


def is_kept(entries: Iterable[Entry]) -> bool:
    """Whether the office keeps records of paper at all."""
    return any(e.kind in PAPER for e in entries)


def _ticks(sheet: Plain, entries: Sequence[Entry]) -> tuple[Record, list[Record]]:
    """(row id -> who checked its original, ticks without a row); the latest word about a row counts."""
    rows: Record = {}
    lost: dict[str, Record] = {}
    for e in entries:
        anchor = e.body["row"]
        row = find_row(sheet["catalog"], anchor)
        place, key = (rows, row["id"]) if row else (lost, f"{anchor.get('no')} {anchor['title']} {anchor.get('docno')}")
        place.pop(key, None)
        if e.body["checked"]:
            place[key] = _who(e) | ({} if row else {"title": anchor["title"]})
    return rows, list(lost.values())


def _named(row: Plain) -> str:
    return sentences.paper("row" if row["no"] else "row_unnumbered", no=row["no"], title=row["title"])


def _who(entry: Entry) -> Record:
    return {"by": entry.by, "at": entry.at, "seq": entry.seq}
