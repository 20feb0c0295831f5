"""原文: the report as it was read beside the pages it was read from, the originals to download, and pages as pictures."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary, finalize

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from extract.errors import DocumentError
from extract.model import Leaf
from ingest.casework import Sheet
from ingest.files import Archive
from ingest.originals import Originals, as_read
from ingest.papers import Paper, paper
from ingest.pictures import Pictures
from ingest.places import Spot
from ingest.store import Arrival, Kept
from review.choosing import outdated, shut
from review.state import State
from review.web import Ask, Missing, page, refusal, view
from templates.source_view import Shown, Spots, source_view

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PAPERS = 48
"""Files whose pages are remembered: what reviewers have open."""
_LEAVES = 256
_MAILS = {"mail": "原始邮件", "archive": "压缩包"}


class Desk:
    """What this page keeps between requests: pages that were looked up, and the child that draws them."""

    def __init__(self, state: State) -> None:
        settings = state.settings
        self.store = state.store
        self.originals = Originals(state.store, Archive(settings.var / "archive"))
        self.pictures = Pictures(settings.var / "pages")
        self._lock = threading.Lock()
        self._papers: OrderedDict[tuple[Any, ...], Paper] = OrderedDict()
        self._leaves: OrderedDict[str, tuple[Leaf, ...]] = OrderedDict()

    def paper(self, sheet: Sheet, index: int) -> Paper:
        """The pages behind a file of the worksheet."""
        files = sheet["submission"]["files"]
        key = (index, *((f["sha256"], f["role"], f["state"]) for f in files))
        with self._lock:
            if key in self._papers:
                self._papers.move_to_end(key)
                return self._papers[key]
        found = paper(files, index, lambda sha256, name: as_read(self.store, sha256, name))
        if not found.places.leaves:  # its reading may come yet
            return found
        with self._lock:
            self._papers[key] = found
            while len(self._papers) > _PAPERS:
                self._papers.popitem(last=False)
        return found

    def leaf(self, arrival: Arrival, number: int) -> Leaf:
        """How page `number` of a file was turned to be read; as it is shown where that is not known."""
        leaves = self._leaves.get(arrival.sha256)
        if leaves is None:
            document = as_read(self.store, arrival.sha256, arrival.name)
            leaves = document.leaves if document else ()
        if leaves:
            with self._lock:
                self._leaves[arrival.sha256] = leaves
                while len(self._leaves) > _LEAVES:
                    self._leaves.popitem(last=False)
        return next((leaf for leaf in leaves if leaf.page == number), Leaf(number, 0, 0))


_DESKS: WeakKeyDictionary[State, Desk] = WeakKeyDictionary()
_OPENING = threading.Lock()


def desk(state: State) -> Desk:
    """The one of that home folder."""
    with _OPENING:
        found = _DESKS.get(state)
        if found is None:
            found = _DESKS[state] = Desk(state)
            finalize(state, found.pictures.close)  # its child ends with what it draws for
        return found


@view()
def source(ask: Ask) -> Response:
    """The report as read; with ?file= the pages of another file of the unit beside it."""
    unit, n = ask.unit().name, int(ask.path["n"])
    sheet = ask.state.sheet(unit)
    base = f"/units/{n}"
    if re.fullmatch(r"b[1-9]\d{0,5}", ask.query.get("at", "")):  # back from a form, which may lose what stands behind #
        asked = f"?file={_wanted(ask, sheet) + 1}" if sheet and "file" in ask.query else ""
        return RedirectResponse(f"{base}/source{asked}#{ask.query['at']}", status_code=303)
    if sheet is None:
        return page(ask, "app_source.html", view=None, waiting=_waiting(ask, unit), unit=unit, base=base, **_neighbours(ask, n), locked="")
    at, rules = desk(ask.state), ask.state.rules.rubric
    locked = shut(sheet, rules.deadline.tzinfo) or outdated(sheet, rules)
    asked = f"file={_wanted(ask, sheet) + 1}&" if "file" in ask.query else ""
    return page(
        ask,
        "app_source.html",
        view=source_view(sheet, ask.state.rubric, base, _shown(at, sheet, base, _wanted(ask, sheet)), _paged(sheet), _wrappers(at, sheet)),
        unit=unit,
        n=n,
        base=base,
        **_neighbours(ask, n),
        back=f"{base}/source?{asked}at=",
        can=ask.user.may("初核") and not locked and sheet["score"] is not None,
        locked=locked,
        active="worksheet",
    )


def _neighbours(ask: Ask, n: int) -> dict[str, Any]:
    """Numbers of the units before and after that have sent something."""
    others = [ask.state.number(name) for name in ask.state.sheets()]
    return {"before": max((m for m in others if m < n), default=None), "after": min((m for m in others if m > n), default=None)}


def _waiting(ask: Ask, unit: str) -> list[Kept]:
    """What came for the unit and waits for a person's word."""
    return [k for k in ask.state.loose() if (k.sheet.get("unit") or {}).get("name") == unit]


def _wanted(ask: Ask, sheet: Sheet) -> int:
    """Index of the file whose pages are shown: the one asked for, else the report's."""
    asked = ask.query.get("file", "")
    files = sheet["submission"]["files"]
    if asked.isascii() and asked.isdecimal() and 1 <= int(asked[:6]) <= len(files):
        return int(asked[:6]) - 1
    return int(sheet["blocks"][0]["file"]) if sheet["blocks"] else 0


def _shown(at: Desk, sheet: Sheet, base: str, index: int) -> Shown:
    files = sheet["submission"]["files"]
    if not files or not files[index]["sha256"]:
        return Shown(index)
    found = at.paper(sheet, index)
    pages = [(s.number, s.leaf.width, s.leaf.height, _address(base, s.sha256, s.leaf), s.name) for s in found.sheets]
    if not found.places.leaves:
        return Shown(index, pages)
    mine = [(n, b) for n, b in enumerate(sheet["blocks"]) if b["file"] == index]
    blocks = {n: _spots(found.places.block(b)) for n, b in mine}
    known = dict(mine)
    claims = {k: _spots(found.places.words(known[c["block"]], *c["span"])) for k, c in enumerate(sheet["claims"]) if c["block"] in known}
    confidence = {n: sure for n, b in mine if (sure := found.places.confidence(b)) is not None}
    return Shown(index, pages, blocks, claims, confidence)


def _spots(found: tuple[Spot, ...]) -> Spots:
    return [(s.page, s.box) for s in found]


def _address(base: str, sha256: str, leaf: Leaf) -> str:
    """How it is turned is part of the address, so that a browser does not show an older picture."""
    return f"{base}/files/{sha256}/pages/{leaf.page}.png?{leaf.turn}{leaf.skew:+g}"


def _paged(sheet: Sheet) -> list[int]:
    """Files whose pages can be shown."""
    files = sheet["submission"]["files"]
    return [
        n for n, f in enumerate(files) if f["sha256"] and (f["media_type"] == "application/pdf" or f["media_type"].startswith("image/"))
    ]


def _wrappers(at: Desk, sheet: Sheet) -> list[dict[str, Any]]:
    """The mails and archives that the unit's files came in."""
    return [
        {"name": a.name, "sha256": a.sha256, "bytes": a.bytes, "what": _MAILS[a.kind]}
        for a in at.originals.arrived(_submissions(sheet)).values()
        if a.kind in _MAILS
    ]


def _submissions(sheet: Mapping[str, Any]) -> set[str]:
    """Numbers of all submissions of the unit."""
    return {sheet["submission"]["id"], *(part["id"] for part in sheet.get("dossier") or ())}


# ---- originals


@view()
def file(ask: Ask) -> Response:
    """A file of the unit as it arrived, to download."""
    at, arrival = desk(ask.state), _arrival(ask)
    try:
        data = at.originals.content(arrival)
    except FileNotFoundError:
        return refusal(ask.request, 404, f"归档中找不到原件“{arrival.name}”", "请用备份恢复归档（管理员处理）", ask=ask)
    headers = {
        "content-disposition": disposition(arrival.name),
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": "private, no-store",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


def disposition(name: str) -> str:
    """Content-Disposition of a download: the name by RFC 5987, and in plain letters for what does not know that."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(c for c in last if c.isprintable())[:180] or "file"
    ending = "".join(c for c in PurePosixPath(clean).suffix if c.isascii() and (c.isalnum() or c == "."))
    return f"attachment; filename=\"file{ending}\"; filename*=UTF-8''{quote(clean, safe='')}"


@view()
def picture(ask: Ask) -> Response:
    """A page of a file as PNG, turned as it was read."""
    at, arrival, number = desk(ask.state), _arrival(ask), int(ask.path["page"])
    try:
        data = at.pictures.get(arrival.sha256, arrival.name, at.leaf(arrival, number), lambda: at.originals.readable(arrival))
    except (DocumentError, FileNotFoundError):
        raise Missing from None
    return Response(data, media_type="image/png", headers={"cache-control": "private, max-age=3600"})


def _arrival(ask: Ask) -> Arrival:
    """The ledger's entry of {sha256}, if it came with one of the unit's submissions; else Missing."""
    sha256, unit = ask.path["sha256"], ask.unit().name
    if not _SHA256.fullmatch(sha256):
        raise Missing
    sheet = ask.state.sheet(unit)
    at = desk(ask.state)
    found = at.originals.arrived(_submissions(sheet)).get(sha256) if sheet else None
    if found is None:  # of a mail that waits for a person's word
        waiting = {k.sheet["submission"]["id"] for k in _waiting(ask, unit)}
        found = at.originals.arrived(waiting).get(sha256) if waiting else None
    if found is None:
        raise Missing
    return found


FILE = "/units/{n:int}/files/{sha256}"
routes = [
    Route("/units/{n:int}/source", source),
    Route(FILE, file),
    Route(FILE + "/pages/{page:int}.png", picture),
]
