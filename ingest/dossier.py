"""What counts for a unit: everything it sent, in order of arrival -> the newest report, the newest catalog, and what became of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from scoring.worksheet import Role, State


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


def decide(contributions: Iterable[Contribution], *, is_late: Callable[[datetime], bool]) -> Dossier:
    """The dossier of a unit; `is_late` tells whether a moment lies after the deadline. There must be at least one contribution."""
    arrived = sorted(contributions, key=lambda c: c.order)
    repeated = _repeated(arrived)
    report = _newest(arrived, lambda c: c.report, repeated)
    catalog = _newest_catalog(arrived, repeated)
    states = {f.place: _state(f, c, report, catalog, repeated) for c in arrived for f in c.files}
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
    )


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
