"""The worksheet as records: what a unit's dossier becomes, exactly as the contract `zicha.worksheet/1` prints it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

FORMAT = "zicha.worksheet/1"

Role = Literal["report", "catalog", "evidence", "other"]
State = Literal["waiting", "used", "duplicate", "superseded", "not_needed", "quarantined"]
Status = Literal["matched", "uncertain", "missing"]


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit that sent it; name and group are None where it cannot be told."""

    name: str | None
    group: str | None
    confidence: float
    clues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """One file of the submission and what became of it."""

    name: str
    sha256: str
    bytes: int
    media_type: str
    role: Role
    state: State
    pages: int | None = None
    ocr: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A mail or path that contributed to the dossier."""

    mail: str
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Submission:
    """When, from whom and in which files it arrived."""

    id: str
    received_at: datetime | None
    received_from: str | None
    late: bool | None
    corrected_late: bool
    sources: tuple[Source, ...]
    files: tuple[File, ...]
    sender: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class LabelledBlock:
    """A block of the report in use with its section (0–n) and item."""

    file: int
    page: int | None
    paragraph: int | None
    kind: str
    text: str
    section: int
    item: str | None
    confidence: float
    level: int | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Evidence the unit says it has, and what the catalog answers."""

    id: str
    block: int
    span: tuple[int, int]
    text: str
    kind: Literal["record", "reference", "statement"]
    title: str | None
    docno: str | None
    ref: str | None
    section: int
    item: str | None
    status: Status
    catalog: tuple[str, ...]
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One row of the evidence catalog."""

    id: str
    no: str
    group: str | None
    item: str | None
    printed_item: str | None
    title: str
    docno: str | None
    pages: str | None
    custody: Literal["submitted", "kept"]
    file: int
    page: int | None
    row: int | None
    status: Literal["claimed", "unclaimed"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something a reviewer must look at."""

    kind: str
    section: int | None
    item: str | None
    claim: str | None
    catalog: str | None
    message: str


@dataclass(frozen=True, slots=True)
class SelfScore:
    """自评分 as printed; never a ground for points."""

    points: Decimal
    block: int


@dataclass(frozen=True, slots=True)
class ItemScore:
    """What is proposed for one item: its points less what the facts cost by the rules."""

    item: str
    max: Decimal
    applies: bool
    self: SelfScore | None
    suggested: Decimal | None
    ground: str
    deductions: tuple[dict[str, Any], ...] = ()
    proposals: tuple[dict[str, Any], ...] = ()
    confirmed: dict[str, Any] | None = None
    awards: tuple[dict[str, Any], ...] = ()
    """Like deductions, for bonus items."""
    sum: str = ""
    """The sum as a person checks it: 10 − 5（未落实机构和人员）= 5; "" where nothing was taken or given."""


@dataclass(frozen=True, slots=True)
class Score:
    """The score block: null without a report."""

    items: tuple[ItemScore, ...]
    base: dict[str, Decimal | None]
    bonus: dict[str, Decimal | None]
    total: dict[str, Decimal | None]
    self_total: Decimal | None


@dataclass(frozen=True, slots=True)
class Worksheet:
    """Everything that one unit sent for one rubric."""

    program: dict[str, str]
    rubric: dict[str, str]
    unit: Unit
    submission: Submission
    blocks: tuple[LabelledBlock, ...] = ()
    claims: tuple[Claim, ...] = ()
    catalog: tuple[CatalogEntry, ...] = ()
    gaps: tuple[Gap, ...] = ()
    score: Score | None = None
    notes: tuple[str, ...] = field(default=())
    findings: dict[str, Any] = field(default_factory=dict)
    """What matching noticed besides the links (`scoring.gaps.Findings`): with it the gaps can be found again after a correction."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, keys in the contract's order."""
        body: dict[str, Any] = plain({f.name: getattr(self, f.name) for f in dataclasses.fields(self)})
        return {"format": FORMAT, **body}

    def as_json(self) -> str:
        """The document that is stored and printed: UTF-8 text, one final newline, no clock in it."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n"


def plain(value: Any) -> Any:
    """A record as plain JSON values, keys in the order of its fields."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return round(value, 4) if isinstance(value, float) else value
