"""What counts for a unit: everything it sent, in order of arrival -> newest report, newest catalog, what waits, and the rest (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from scoring.worksheet import Role, State

Word = Literal["", "accept", "refuse"]
"""What a person said about a contribution; "" nothing."""
Standing = Literal["counts", "stranger", "weak", "refused"]
"""Whether it takes part; `stranger` (发件人未知) and `weak` (单位识别把握不大) wait for a person."""


@dataclass(frozen=True, slots=True)
class Trust:
    """By what a contribution is let in."""

    addresses: frozenset[str] = frozenset()
    """The unit's own, by the roster; lower case."""
    least: float = 0.0
    """How sure (0–1) one must be of the unit."""


@dataclass(frozen=True, slots=True)
class Held:
    """A file of a contribution, with the role and state it has when its mail is judged alone."""

    place: str
    sha256: str
    role: Role
    state: State


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one submission holds for one unit."""

    place: str
    """Of the submission."""
    received_at: datetime | None
    """As the mail says; None for loose files."""
    order: tuple[bool, float, int, str]
    """Sorts by arrival; see `in_order`."""
    files: tuple[Held, ...]
    catalog_rows: bool = False
    """It holds catalog rows, in a file of its own or not (appended to the report, in the mail's body)."""
    sender: str = ""
    """Address, lower case; "" where the mail names none."""
    by_hand: bool = False
    """Laid into the inbox as files, without a mail: the office did that."""
    confidence: float = 1.0
    """How sure it is that it is the unit's (0–1); 1 where a person said so."""
    word: Word = ""

    @property
    def report(self) -> tuple[Held, ...]:
        """The files that are its report (several photos may be one)."""
        return self._used("report")

    @property
    def catalog(self) -> tuple[Held, ...]:
        return self._used("catalog")

    def _used(self, role: Role) -> tuple[Held, ...]:
        return tuple(f for f in self.files if f.role == role and f.state == "used")


@dataclass(frozen=True, slots=True)
class Dossier:
    """The decision for a unit."""

    report: Contribution | None
    catalog: Contribution | None
    """The same contribution as `report` where both came together."""
    states: Mapping[str, State]
    """Place -> state, for every file of every contribution."""
    first_report_at: datetime | None
    """Arrival of the first report, where that is not the one in use."""
    corrected_late: bool
    standings: Mapping[str, Standing] = field(default_factory=dict)
    """Place of a contribution -> whether it takes part."""

    @property
    def sources(self) -> tuple[Contribution, ...]:
        """The contributions in use, the report's first."""
        found = [c for c in (self.report, self.catalog) if c]
        return tuple(dict.fromkeys(found))

    @property
    def chosen(self) -> tuple[Held, ...]:
        """The files of report and catalog in use."""
        return (*(self.report.report if self.report else ()), *(self.catalog.catalog if self.catalog else ()))


def in_order(received_at: datetime | None, seen: int, place: str) -> tuple[bool, float, int, str]:
    """The order of arrival: mails by their time; what was laid down by hand is newer than any mail."""
    return received_at is None, received_at.timestamp() if received_at else 0.0, seen, place


def decide(contributions: Iterable[Contribution], *, is_late: Callable[[datetime], bool], trust: Trust | None = None) -> Dossier:
    """The dossier of a unit; `is_late` tells whether a moment lies after the deadline. There must be at least one contribution.

    Without `trust` everything takes part.
    """
    everything = sorted(contributions, key=lambda c: c.order)
    standings = standings_of(everything, trust)
    arrived = [c for c in everything if standings[c.place] == "counts"]
    repeated = _repeated(arrived)
    report = _newest(arrived, lambda c: c.report, repeated)
    catalog = _newest_catalog(arrived, repeated)
    states = {f.place: _state(f, c, report, catalog, repeated) for c in arrived for f in c.files}
    states |= {f.place: _kept_out(f, standings[c.place]) for c in everything if standings[c.place] != "counts" for f in c.files}
    times = [c.received_at for c in arrived if c.report and c.received_at]
    first = min(times, default=None)
    own = report.received_at if report else None
    used = [c.received_at for c in (report, catalog) if c and c.received_at]
    return Dossier(
        report=report,
        catalog=catalog,
        states=states,
        first_report_at=first if first != own else None,
        corrected_late=bool(first and not is_late(first) and any(is_late(m) for m in used if m > first)),
        standings=standings,
    )


def standings_of(arrived: Iterable[Contribution], trust: Trust | None) -> dict[str, Standing]:
    """Place -> standing of each contribution, given in order of arrival.

    What a person accepted or refused is settled. Of the rest, one that is hardly the unit's waits; the first that counts makes its
    sender known, and so does every further one; from anyone else than a known sender or the roster's address it waits. What
    brings nothing, or only what the unit has sent already, has nothing to wait for and makes nobody known.
    """
    found: dict[str, Standing] = {}
    known = set(trust.addresses) if trust else set()
    sent: set[str] = set()
    started = False
    for c in arrived:
        offers = _offers(c, sent)
        standing = _standing(c, trust, known, offers=offers, started=started)
        found[c.place] = standing
        if standing == "counts":
            sent |= {f.sha256 for f in c.files}
            started = started or offers
            if c.sender and (offers or c.word):
                known.add(c.sender)
    return found


def _standing(c: Contribution, trust: Trust | None, known: set[str], *, offers: bool, started: bool) -> Standing:
    if c.word == "refuse":
        return "refused"
    if trust is None or c.word == "accept" or not offers:
        return "counts"
    if c.confidence < trust.least:
        return "weak"
    return "counts" if c.by_hand or c.sender in known or not started else "stranger"


def _offers(c: Contribution, sent: set[str]) -> bool:
    """Whether it brings a report or a catalog that the unit has not sent before."""
    if any(f.sha256 not in sent for f in (*c.report, *c.catalog)):
        return True
    return c.catalog_rows and not c.catalog and not (c.files and all(f.sha256 in sent for f in c.files))


def _repeated(arrived: list[Contribution]) -> frozenset[str]:
    """Places of files whose bytes the unit had sent before."""
    seen: set[str] = set()
    repeated: set[str] = set()
    for contribution in arrived:
        repeated |= {f.place for f in contribution.files if f.sha256 in seen}
        seen |= {f.sha256 for f in contribution.files}
    return frozenset(repeated)


def _newest(arrived: list[Contribution], what: Callable[[Contribution], tuple[Held, ...]], repeated: frozenset[str]) -> Contribution | None:
    """The last one that has files of that kind which are not all repetitions."""
    found = [c for c in arrived if any(f.place not in repeated for f in what(c))]
    return found[-1] if found else None


def _newest_catalog(arrived: list[Contribution], repeated: frozenset[str]) -> Contribution | None:
    """A catalog file sent again unchanged stays the old one; rows without a file of their own count with their submission."""
    found = [
        c
        for c in arrived
        if any(f.place not in repeated for f in c.catalog) or (c.catalog_rows and not c.catalog and not _all_repeated(c, repeated))
    ]
    return found[-1] if found else None


def _all_repeated(contribution: Contribution, repeated: frozenset[str]) -> bool:
    return bool(contribution.files) and all(f.place in repeated for f in contribution.files)


def _state(file: Held, of: Contribution, report: Contribution | None, catalog: Contribution | None, repeated: frozenset[str]) -> State:
    if file.state != "used":
        return file.state
    in_use = {"report": report, "catalog": catalog}.get(file.role)
    if file.place in repeated and in_use is not of:  # what is sent again as one part of something new is part of it
        return "duplicate"
    return "used" if in_use is of or file.role not in ("report", "catalog") else "superseded"


def _kept_out(file: Held, standing: Standing) -> State:
    """A file that is the report, the catalog or evidence of what waits waits, too; of what was refused it is not needed."""
    if file.state != "used":
        return file.state
    return "not_needed" if standing == "refused" else "waiting"
