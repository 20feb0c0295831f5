"""What a unit's evidence on paper looks like: what came, what is open of it, each catalog row with its original, the list for the visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring.paper import open_paper
from scoring.rubric import Rubric
from templates.letters_words import work

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Who:
    """A person's word with its moment."""

    by: str
    at: str
    seq: int


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One row of the catalog."""

    id: str
    no: str
    title: str
    docno: str
    item: str
    """The item that it is listed under, "" where the catalog does not say."""
    kept: bool
    """留存备查: it stays with the unit."""
    checked: Who | None


@dataclass(frozen=True, slots=True)
class PaperView:
    """The page's values."""

    open: tuple[str, ...]
    """What the unit still owes, in a sentence each."""
    requirement: str
    """The notice's own sentence; "" where the rubric wants nothing on paper."""
    day: str
    """When it came, 2018-01-19; "" if it did not."""
    received: Who | None
    stamped: Who | None
    rows: tuple[PaperRow, ...]
    lost: tuple[tuple[str, Who], ...]
    """Originals that were checked and are not in the catalog in use: title, who."""
    work: str

    @property
    def kept(self) -> tuple[PaperRow, ...]:
        """The rows to be looked at where they are."""
        return tuple(r for r in self.rows if r.kept)

    @property
    def checked(self) -> int:
        """How many originals were checked."""
        return sum(r.checked is not None for r in self.rows)


def paper_view(sheet: Plain, rubric: Rubric) -> PaperView:
    """`sheet`: a concluded worksheet; of a unit without one, {"catalog": []} with `paper` where something was recorded."""
    known = sheet.get("paper") or {"received": None, "stamped": None, "rows": {}, "lost": []}
    return PaperView(
        open=tuple(p.message for p in open_paper(sheet, rubric)),
        requirement=rubric.paper.requirement if rubric.paper else "",
        day=known["received"]["date"] if known["received"] else "",
        received=_who(known["received"]),
        stamped=_who(known["stamped"]),
        rows=tuple(_row(r, known["rows"].get(r["id"])) for r in sheet["catalog"]),
        lost=tuple((t["title"], Who(t["by"], t["at"], t["seq"])) for t in known["lost"]),
        work=work(rubric),
    )


def _row(row: Plain, tick: Plain | None) -> PaperRow:
    item = row["item"] or row["printed_item"] or ""
    return PaperRow(row["id"], row["no"] or "", row["title"], row["docno"] or "", item, row["custody"] == "kept", _who(tick))


def _who(word: Plain | None) -> Who | None:
    return Who(word["by"], word["at"], word["seq"]) if word else None
