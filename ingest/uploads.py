"""What the journal tells of files that came through the pages: which belong together, and which the ledger does not know yet (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ingest.store import QUEUED, Arrival
from scoring.journal import UPLOAD, Entry

PREFIX = "上传//"
"""Begins the place of what was uploaded; nothing below an inbox can be called so."""


def readable(place: str) -> str:
    """A place as people read and type it."""
    return place.replace(PREFIX, PREFIX[:-1], 1) if place.startswith(PREFIX) else place


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload: its place, whose it is if that was said, and its files: place -> SHA-256."""

    place: str
    unit: str | None
    files: Mapping[str, str]


def uploads_of(entries: Iterable[Entry]) -> tuple[Upload, ...]:
    """The uploads that the journal tells of, oldest first."""
    found: dict[str, Upload] = {}
    for e in entries:
        if e.kind == UPLOAD and e.body.get("upload"):
            before = found.get(e.body["upload"])
            files = {**(before.files if before else {}), e.body["place"]: e.body["sha256"]}
            found[e.body["upload"]] = Upload(e.body["upload"], e.unit, files)
    return tuple(found.values())


def unentered(entries: Iterable[Entry], known: Collection[str]) -> list[Arrival]:
    """What the journal tells of and the ledger (places of its arrivals) does not know yet."""
    fresh = [e.body for e in entries if e.kind == UPLOAD and e.body["place"] not in known]
    return [Arrival(b["place"], None, b["name"], "file", b["sha256"], b["bytes"], 0, "waiting", QUEUED, "") for b in fresh]
