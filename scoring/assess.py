"""The one door: what arrived for a unit + rubric + roster -> worksheets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from extract.model import Document
from scoring.worksheet import Source, State


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file as it was read; `document` is None where it could not be."""

    name: str
    sha256: str
    bytes: int
    media_type: str
    document: Document | None
    problems: tuple[str, ...] = ()
    state: State = "used"
    """"quarantined" where it could not be read; assess decides used / not_needed for the rest."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What one dossier holds: the mail's own words and its files, in order."""

    id: str
    sender: str = ""
    """Display name and address as decoded, e.g. 集贤县政府办公室 <a@b.example>."""
    subject: str = ""
    body: str = ""
    received_at: datetime | None = None
    received_from: str | None = None
    """"Received" or "Date": which header told the time."""
    first_report_at: datetime | None = None
    """Arrival of the unit's first report, if earlier than this one's; decides `late`."""
    sources: tuple[Source, ...] = ()
    files: tuple[IncomingFile, ...] = ()
