"""The overview of one unit: what needs a person first, how far its items are, its mails and files, who has it, what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from scoring.journal import Entry, live
from scoring.workflow import workflow
from templates import wording
from templates.dossier_view import Part as Mail
from templates.dossier_view import parts as mails_of
from templates.history_view import Line, history
from templates.item_view import Part, Progress, next_open, parts_of, progress_of
from templates.unit_state import REVIEWS, unit_state
from templates.wording import MARKS, GapKind, Mark
from templates.worksheet_page import Page

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GapLink:
    """A gap with the item where it is dealt with and the place that it came from, as addresses below the unit's own."""

    message: str
    quote: str
    item: str
    work: str
    """"" where no page of an item deals with it."""
    source: str
    place: str


@dataclass(frozen=True, slots=True)
class GapGroup:
    """The gaps of one kind."""

    kind: GapKind
    mark: Mark
    gaps: tuple[GapLink, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that waits for a person's word."""

    id: str
    mail: str
    told: str
    link: str
    """Address of its own worksheet, "" if there is none."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the unit and what it is taken for."""

    name: str
    sha256: str
    role: str
    state: str
    told: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """How far the second check is."""

    key: str
    word: str
    by: str
    at: str
    reason: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitView:
    """The whole page; without anything sent most of it is empty."""

    scored: bool
    zone: tzinfo | None
    parts: tuple[Part, ...]
    progress: Progress
    next_open: str
    review: Review
    reviewer: str
    item_reviewers: tuple[tuple[str, str], ...]
    stale: tuple[tuple[str, tuple[str, ...]], ...]
    """(item, what changed) of confirmations that rest on something else now."""
    gaps: tuple[GapGroup, ...]
    gap_count: int
    claims: tuple[tuple[Mark, int], ...]
    rows: int
    self_total: str
    waiting: tuple[Waiting, ...]
    mails: tuple[Mail, ...]
    submissions: tuple[tuple[str, str], ...]
    """(id, name) of the mails that can be given to another unit."""
    files: tuple[File, ...]
    outside: tuple[tuple[str, str], ...]
    """(anchor in the source, words) of claims that stand in no section; no page of an item shows them."""
    paper: tuple[str, ...]
    """What is open about the evidence on paper."""
    removed: int
    history: tuple[Line, ...]


def unit_view(worksheet: Plain | None, rubric: Plain, entries: Iterable[Entry], loose: Sequence[tuple[str, Plain]] = ()) -> UnitView:
    """Arrange a unit's worksheet, None where it sent nothing that counts; `entries` are all of the unit's.

    `loose`: (address, worksheet) of mails that wait for a word whether they are this unit's.
    """
    entries = tuple(entries)
    sheet = worksheet or _nothing(entries)
    page = Page(sheet, rubric)
    state = unit_state(sheet, rubric, {})
    score = sheet.get("score") or {}
    groups = tuple(_groups(page))
    own = score.get("self_total")
    return UnitView(
        scored=bool(score),
        zone=page.zone,
        parts=parts_of(page, rubric, sheet),
        progress=progress_of(sheet),
        next_open=next_open(sheet, rubric),
        review=_review(sheet, state.review),
        reviewer=state.reviewer,
        item_reviewers=tuple(((sheet.get("reviewers") or {}).get("items") or {}).items()),
        stale=tuple((line.item, line.changed) for line in state.lines if line.changed),
        gaps=groups,
        gap_count=len(page.gaps),
        claims=tuple((MARKS[k], sum(1 for c in page.claims if c["status"] == k)) for k in ("matched", "uncertain", "missing")),
        rows=len(page.rows),
        self_total=f"{float(own):g}" if own is not None else "",
        waiting=waiting_mails(sheet, loose),
        mails=mails_of(sheet, rubric),
        submissions=_submissions(sheet),
        files=tuple(_file(f) for f in sheet["submission"]["files"]),
        outside=_outside(page),
        paper=state.paper,
        removed=len(sheet.get("removed_claims") or ()),
        history=history(entries, worksheet),
    )


def _nothing(entries: Sequence[Entry]) -> Plain:
    """The worksheet of a unit that sent nothing; somebody may have been given it all the same."""
    nothing = {"unit": {"name": next((e.unit for e in entries if e.unit), None)}, "submission": {"files": (), "id": ""}, "score": None}
    return {**nothing, **workflow(nothing, live(entries))}


def _outside(page: Page) -> tuple[tuple[str, str], ...]:
    return tuple((f"k{n}", str(c["text"])) for n, c in enumerate(page.claims, 1) if not c.get("section"))


def _groups(page: Page) -> Iterable[GapGroup]:
    for group in page.gap_groups():
        yield GapGroup(group.kind, group.mark, tuple(_gap(page, g) for g in group.gaps))


def _gap(page: Page, gap: Any) -> GapLink:
    work = f"items/{gap.item}" if gap.item in page.known else ""
    if work and gap.target[:1] == "k":
        work += f"#{gap.target}"
    source = gap.sentence or gap.target
    return GapLink(gap.message, gap.quote, gap.item, work, f"source#{source}" if source else "", gap.place or ("目录" if source else ""))


def _review(sheet: Plain, key: str) -> Review:
    said = sheet.get("review") or {}
    items = tuple(str(i) for i in said.get("items") or ())
    return Review(key, REVIEWS[key], str(said.get("by") or ""), str(said.get("at") or ""), str(said.get("reason") or ""), items)


def waiting_mails(worksheet: Plain | None, loose: Sequence[tuple[str, Plain]]) -> tuple[Waiting, ...]:
    """Mails of the unit that wait: those of its dossier, and where it has none yet those that may begin it."""
    sheet = worksheet or {}
    found = {s["submission"]["id"]: (link, s) for link, s in loose}
    known = {p["id"]: p for p in sheet.get("dossier") or () if p["state"] == "waiting"}
    lines = []
    for id in dict.fromkeys([*known, *found]):
        link, other = found.get(id, ("", {}))
        said = known.get(id) or {"mail": _mail_of(other), **other["waiting"]}
        told = "；".join(t for t in (said["cause"], said["next_step"]) if t)
        lines.append(Waiting(id, said["mail"], told, link))
    return tuple(lines)


def _mail_of(sheet: Plain) -> str:
    sources = sheet["submission"].get("sources") or ()
    return str(sources[0]["mail"]) if sources else str(sheet["submission"].get("subject") or "")


def _submissions(sheet: Plain) -> tuple[tuple[str, str], ...]:
    """The mails of the unit that count."""
    parts = [(str(p["id"]), str(p["mail"])) for p in sheet.get("dossier") or () if p["counts"]]
    return tuple(parts) or (((str(sheet["submission"]["id"]), _mail_of(sheet)),) if sheet["submission"]["id"] else ())


def _file(file: Plain) -> File:
    told = "，".join(t for t in (f"{file['pages']}页" if file.get("pages") else "", "扫描识别" if file.get("ocr") else "") if t)
    state = str(wording.FILE_STATES.get(file["state"], file["state"]))
    return File(file["name"], file.get("sha256") or "", file["role"], state, told, tuple(file.get("problems") or ()))
