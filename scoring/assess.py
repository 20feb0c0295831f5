"""The one door: what arrived for a unit + rubric + roster -> worksheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from extract.catalog import Catalog, find_catalog
from extract.chinese import Tokenizer
from extract.model import Block, Document, Element, Location, Paragraph
from extract.outline import outline
from scoring.evidence import SourceRow, match_evidence
from scoring.facts import intake_facts
from scoring.gaps import applicable, denied_items, find_gaps, gap_alone, ordered
from scoring.identify import identify_unit
from scoring.photos import IMAGE, joined, series
from scoring.points import score
from scoring.roles import calls_itself_report, is_notice, rank_reports, role_of
from scoring.roster import Roster, RosterUnit
from scoring.rubric import Rubric
from scoring.segment import Label, segment, self_scores, vocabulary
from scoring.self_check import above_maximum, self_gaps
from scoring.worksheet import Claim, File, Gap, LabelledBlock, Role, SelfScore, Source, State, Unit, Worksheet, plain
from scoring.worksheet import Submission as SubmissionRecord


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
    role: Role | None = None
    """What the caller knows the file to be (a single file given to `process` is the report); None: assess tells."""
    said: bool = False
    """Whether a person said so; then nobody asks again whose catalog it is."""
    whole: bool = False
    """As the report, its blocks hold all its text: an appended catalog, too, in its place and in section 0."""


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
    unit: str | None = None
    """The roster's name of the unit where a person said whose it is; None: told by clues."""
    sources: tuple[Source, ...] = ()
    files: tuple[IncomingFile, ...] = ()


def assess(incoming: Incoming, *, rubric: Rubric, roster: Roster) -> tuple[Worksheet, ...]:
    """One worksheet for each recognised unit of the submission; one with an unknown unit where none is recognised."""
    tokens = tokenizer(rubric)
    papers = _papers(incoming)
    roles = _roles(papers, incoming, rubric)
    groups = _by_unit(papers, roles, incoming, roster)
    return tuple(_worksheet(incoming, papers, roles, unit, members, rubric, roster, tokens) for unit, members in groups)


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that could be read, with the catalog it is or holds; or several photos that are its pages."""

    index: int
    """Of the file, the first one of several."""
    file: IncomingFile
    document: Document
    catalog: Catalog | None
    photos: tuple[int, ...] = ()
    """Indexes of all files that are its pages."""


def _papers(incoming: Incoming) -> tuple[Paper, ...]:
    read = {n: f.document for n, f in enumerate(incoming.files) if f.document is not None}
    found = [Paper(n, incoming.files[n], d, find_catalog(d)) for n, d in read.items() if not d.media_type.startswith(IMAGE)]
    for role in dict.fromkeys(f.role for f in incoming.files):
        images = [n for n, d in read.items() if d.media_type.startswith(IMAGE) and incoming.files[n].role == role]
        for members in series([incoming.files[n].name for n in images]):
            photos = tuple(images[k] for k in members)
            document = joined([read[n] for n in photos])
            found.append(Paper(photos[0], incoming.files[photos[0]], document, find_catalog(document), photos))
    return tuple(sorted(found, key=lambda p: p.index))


def _roles(papers: Sequence[Paper], incoming: Incoming, rubric: Rubric) -> dict[int, Role]:
    roles: dict[int, Role] = {p.index: p.file.role or role_of(p.file.name, p.document, p.catalog, rubric) for p in papers}
    if "report" not in roles.values():
        open_to = [p for p in papers if p.file.role is None]  # what the caller says is no report is none
        named = [p for p in open_to if calls_itself_report(p.file.name, p.document) and not is_notice(p.document, rubric)]
        roles.update({p.index: "report" for p in named[:1]})
    return roles


def _by_unit(papers: Sequence[Paper], roles: Mapping[int, Role], incoming: Incoming, roster: Roster) -> list[tuple[Unit, tuple[int, ...]]]:
    """[(unit, indexes of its files)]: all files of one unit, unless the reports name several."""
    if incoming.unit in {u.name for u in roster.units} and incoming.unit is not None:
        told = Unit(incoming.unit, roster.unit(incoming.unit).group, 1.0, ("人工指定",))
        return [(told, tuple(p.index for p in papers))]
    reports = [p for p in papers if roles[p.index] == "report"]
    speaking: list[tuple[str, Document | None]] = [(p.file.name, p.document) for p in reports or papers]
    speaking = speaking or [(f.name, None) for f in incoming.files]  # where nothing could be read, its names still speak
    whole = identify_unit(incoming.sender, incoming.subject, incoming.body, speaking, roster)
    if len(reports) < 2:
        return [(whole, tuple(p.index for p in papers))]
    units: dict[str, tuple[Unit, list[int]]] = {}
    for p in papers:
        if roles[p.index] in ("report", "catalog"):
            own = identify_unit("", "", "", [(p.file.name, p.document)], roster)
            if own.name is not None:
                units.setdefault(own.name, (own, []))[1].append(p.index)
    with_report = {n: u for n, u in units.items() if any(roles[i] == "report" for i in u[1])}
    if len(with_report) < 2:
        return [(whole, tuple(p.index for p in papers))]
    return [(unit, tuple(members)) for unit, members in with_report.values()]


def _worksheet(
    incoming: Incoming,
    papers: Sequence[Paper],
    roles: Mapping[int, Role],
    unit: Unit,
    members: Sequence[int],
    rubric: Rubric,
    roster: Roster,
    tokens: Tokenizer,
) -> Worksheet:
    mine = [p for p in papers if p.index in members]
    report = _report([p for p in mine if roles[p.index] == "report"], rubric)
    used, rows = _catalog(mine, roles, report, incoming)
    first = {n: p.index for p in papers for n in p.photos}
    files = tuple(_file(f, first.get(n, n), roles, report, used, members) for n, f in enumerate(incoming.files))
    late = None if incoming.received_at is None else rubric.is_late(incoming.first_report_at or incoming.received_at)
    submission = SubmissionRecord(
        incoming.id,
        incoming.received_at,
        incoming.received_from,
        late,
        False,
        incoming.sources,
        files,
        incoming.sender,
        incoming.subject,
    )
    base = Worksheet({"version": VERSION}, {"id": rubric.id, "sha256": rubric.sha256}, unit, submission)
    arrival = [*_arrival_gaps(unit, files), *_of_others(mine, used, report, unit, roster)]
    if report is None:
        catalog = tuple(match_evidence((), (), rows, rubric=rubric, unit=_entry(unit, roster), tokens=tokens).catalog)
        return replace(base, catalog=catalog, gaps=ordered([*arrival, gap_alone("report_missing")]))
    return _assessed(base, report, rows, rubric, _entry(unit, roster), tokens, roles, arrival)


def _report(reports: Sequence[Paper], rubric: Rubric) -> Paper | None:
    if not reports:
        return None
    return reports[rank_reports([(p.file.name, p.document) for p in reports], rubric)[0]]


def _assessed(
    base: Worksheet,
    report: Paper,
    rows: Sequence[SourceRow],
    rubric: Rubric,
    unit: RosterUnit | None,
    tokens: Tokenizer,
    roles: Mapping[int, Role],
    arrival: Sequence[Gap],
) -> Worksheet:
    own_catalog = any(r == "catalog" for n, r in roles.items() if n != report.index)
    blocks = outline(_body(report, own_catalog=own_catalog))
    labels = segment(blocks, rubric, tokens)
    evidence = match_evidence(blocks, labels, rows, rubric=rubric, unit=unit, tokens=tokens)
    labelled = tuple(_labelled(b, label, report.index) for b, label in zip(blocks, labels, strict=True))
    applies = applicable(rubric, base.unit.group, labelled, denied_items(labelled))
    gaps = [
        *arrival,
        *find_gaps(rubric, applies, labelled, evidence.claims, evidence.catalog, evidence.findings),
    ]
    if not rows:
        gaps.append(gap_alone("catalog_missing"))
    scores, total = self_scores(blocks, labels, rubric)
    own = {k: SelfScore(*v) for k, v in scores.items()}
    gaps += [*self_gaps(rubric, applies, labelled, own, total), *above_maximum(blocks, labels, rubric, own)]
    facts = intake_facts(rubric, base.submission.late)
    points = score(rubric, applies, evidence.claims, evidence.catalog, gaps, own, total, facts)
    claims = evidence.claims
    if report.file.whole and len(_body(report, own_catalog=own_catalog)) < len(report.document.elements):
        labelled, claims = _with_catalog(report, labels, claims)
    found = replace(base, blocks=labelled, claims=claims, catalog=evidence.catalog, gaps=ordered(gaps), score=points)
    return replace(found, findings=plain(evidence.findings))


def _with_catalog(report: Paper, labels: Sequence[Label], claims: tuple[Claim, ...]) -> tuple[tuple[LabelledBlock, ...], tuple[Claim, ...]]:
    """The blocks of the whole file; the appended catalog's have been judged as a catalog and say nothing about a section."""
    elements = report.document.elements
    blocks = outline(elements)
    at = len(outline(elements[: report.catalog.start])) if report.catalog else 0
    more = len(blocks) - len(labels)
    whole = (*labels[:at], *[Label(0, None, 1.0)] * more, *labels[at:])
    moved = tuple(c if c.block < at else replace(c, block=c.block + more) for c in claims)
    return tuple(_labelled(b, label, report.index) for b, label in zip(blocks, whole, strict=True)), moved


def _body(report: Paper, *, own_catalog: bool) -> tuple[Element, ...]:
    """The report without the catalog that is appended to it; beside a catalog of its own only one that is titled so."""
    elements = report.document.elements
    if report.catalog is None or report.catalog.confidence < CATALOG or (own_catalog and not report.catalog.title):
        return elements
    return (*elements[: report.catalog.start], *elements[report.catalog.end :])


def _catalog(
    mine: Sequence[Paper], roles: Mapping[int, Role], report: Paper | None, incoming: Incoming
) -> tuple[frozenset[int], tuple[SourceRow, ...]]:
    """(files the catalog comes from, its rows): a file of its own, else what is appended to the report, else the mail's text."""
    own = [p for p in mine if roles[p.index] == "catalog" and p.catalog is not None]
    if own:
        rows: list[SourceRow] = []
        seen: set[tuple[str, str, str]] = set()
        for p in own:
            for r in p.catalog.rows if p.catalog else ():
                mark = (r.no, r.title, r.group or "")
                if mark not in seen:
                    seen.add(mark)
                    rows.append(SourceRow(r, p.index))
        return frozenset(p.index for p in own), tuple(rows)
    if report is not None and report.catalog is not None and report.catalog.confidence >= CATALOG:
        return frozenset({report.index}), tuple(SourceRow(r, report.index) for r in report.catalog.rows)
    lines = tuple(Paragraph(line, Location(paragraph=n)) for n, line in enumerate(incoming.body.splitlines(), 1) if line.strip())
    written = find_catalog(Document(lines, "text/plain")) if lines else None
    if written is not None and written.confidence >= CATALOG:
        return frozenset(), tuple(SourceRow(r, -1) for r in written.rows)
    return frozenset(), ()


def _file(f: IncomingFile, n: int, roles: Mapping[int, Role], report: Paper | None, used: frozenset[int], members: Sequence[int]) -> File:
    role = roles.get(n, "other")
    state: State = f.state
    if f.document is not None:
        state = (
            "used"
            if (report is not None and n == report.index) or n in used or (role == "evidence" and n in members)
            else "superseded"
            if role in ("report", "catalog") and n in members  # another unit's is none of this worksheet's
            else "not_needed"
        )
    return File(
        f.name,
        f.sha256,
        f.bytes,
        f.media_type,
        role,
        state,
        f.document.pages if f.document else None,
        bool(f.document and f.document.ocr),
        f.problems,
    )


def _arrival_gaps(unit: Unit, files: Sequence[File]) -> list[Gap]:
    gaps = [gap_alone("unit_unknown")] if unit.name is None else []
    for f in files:
        if f.state == "quarantined":
            kind = "attachment_not_arrived" if f.bytes == 0 and not f.sha256 else "file_quarantined"
            gaps.append(gap_alone(kind, name=f.name, values="；".join(f.problems)))
    return gaps


def _of_others(mine: Sequence[Paper], used: frozenset[int], report: Paper | None, unit: Unit, roster: Roster) -> list[Gap]:
    """A catalog in use that names another unit of the roster: attached by mistake, perhaps, and only a person can tell."""
    gaps = []
    for p in mine:
        if p.index in used and p is not report and not p.file.said and unit.name is not None:
            other = identify_unit("", "", "", [(p.file.name, p.document)], roster).name
            if other not in (None, unit.name):
                gaps.append(gap_alone("catalog_of_other_unit", name=p.file.name, other=other, unit=unit.name))
    return gaps


def _labelled(b: Block, label: Label, file: int) -> LabelledBlock:
    return LabelledBlock(
        file,
        b.location.page,
        b.location.paragraph,
        b.kind,
        b.text,
        label.section,
        label.item,
        label.confidence,
        b.level,
        b.table,
        b.row,
        b.column,
    )


def _entry(unit: Unit, roster: Roster) -> RosterUnit | None:
    return roster.unit(unit.name) if unit.name else None


@lru_cache(maxsize=4)
def _cutter(words: tuple[str, ...]) -> Tokenizer:
    return Tokenizer(words)


def tokenizer(rubric: Rubric) -> Tokenizer:
    """The word cutter with the rubric's own vocabulary."""
    return _cutter(tuple(vocabulary(rubric)))


CATALOG = 0.5
"""From this confidence on, what looks like a catalog is taken for one."""
VERSION = "0.1.0"
