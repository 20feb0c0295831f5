"""A submission and the readings of its files -> what `assess` takes, and the list of all its files for the worksheet."""

from __future__ import annotations

import mimetypes
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from extract.errors import EmptyFile
from ingest.documents import Reading
from ingest.expanding import Part
from ingest.leftovers import leftover
from ingest.photos import in_order, merge
from ingest.submission import Submission, is_junk
from scoring.assess import Incoming, IncomingFile
from scoring.worksheet import Role, Source

CLOUD = "application/x-cloud-link"
UNKNOWN = "application/octet-stream"


def unneeded(submission: Submission) -> dict[str, tuple[str, str]]:
    """Place -> state and why, for the files that need no reading: repetitions within the submission, what programs leave behind."""
    seen: set[str] = set()
    found: dict[str, tuple[str, str]] = {}
    for part in submission.files:
        why = "程序自动生成的文件，不需要" if is_junk(part.name) else leftover(part.name, part.data)
        if why:
            found[part.place] = "not_needed", why
        elif part.sha256 in seen and not part.problem:
            found[part.place] = "duplicate", "与同一次报送中的另一文件内容完全相同"
        else:
            seen.add(part.sha256)
    return found


def incoming_alone(
    submission: Submission,
    readings: Mapping[str, Reading],
    *,
    role: Role | None = None,
    roles: Mapping[str, Role] = MappingProxyType({}),
    unit: str | None = None,
) -> Incoming:
    """What one submission brought; `readings` by place, of every file that is not unneeded.

    `role`: what the caller says its files are, those inside them left out; their whole text is wanted then. `roles` by SHA-256 and
    `unit`: what a person decided.
    """
    files = []
    for p in _read(submission, readings):
        given = role if p.parent is None else None
        files.append(replace(_file(p, readings[p.place], roles.get(p.sha256, given), roles), whole=given is not None))
    if any(f.document for f in files):
        blank = {p.place for p in submission.files if p.place in readings and _is_blank_picture(p, readings[p.place])}
        files = [f if p.place not in blank else _unneeded_picture(f) for p, f in zip(_read(submission, readings), files, strict=True)]
    if not any(f.document and not _is_photo(f) and not _is_table(f) for f in files):
        files = _photos_as_pages(files, [f for f in files if _is_photo(f)])
    return _incoming(submission, [submission], _body(submission), tuple([*files, *_cloud(submission)]), unit=unit)


def incoming_together(
    sources: Sequence[Submission],
    readings: Mapping[str, Reading],
    roles: Mapping[str, Role],
    *,
    first_report_at: datetime | None,
    unit: str | None = None,
    said: Collection[str] = (),
) -> Incoming:
    """The files in use from one or two submissions, the report's first; `roles` by place; `unit` where a person said whose it is.

    `said`: SHA-256 of the files of which a person said what they are.
    """
    found = [_file(p, readings[p.place], roles[p.place], said) for s in sources for p in s.files if p.place in roles]
    files = tuple(_photos_as_pages(found, [f for f in found if _is_photo(f) and f.role == "report"]))
    last = sources[-1]
    body_of = last if not any(p.place in roles and roles[p.place] == "catalog" for p in last.files) else sources[0]
    return _incoming(sources[0], sources, _body(body_of), files, first_report_at, unit=unit)


def all_files(submission: Submission, listed: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The worksheet's files with their places, followed by those that needed no reading."""
    skipped = unneeded(submission)
    places = {p.sha256: p.place for p in reversed(submission.files) if p.place not in skipped}
    rest = [_record(p, *skipped[p.place]) for p in submission.files if p.place in skipped]
    return [*({**f, "place": places.get(f["sha256"], f"{submission.place}~{f['name']}")} for f in listed), *rest]


def page_of(files: Sequence[IncomingFile]) -> dict[int, int]:
    """Index of a photo that is a page of another's document -> index of that other."""
    whole = next((k for k, f in enumerate(files) if _is_photo(f) and f.document and (f.document.pages or 1) > 1), None)
    return {k: whole for k, f in enumerate(files) if whole is not None and f.document is None and f.state == "used"}


def _photos_as_pages(files: list[IncomingFile], photos: list[IncomingFile]) -> list[IncomingFile]:
    """Several photos are the pages of one report: the first in page order carries the document, the others none."""
    if len(photos) < 2:
        return files
    ordered = [photos[k] for k in in_order([f.name for f in photos])]
    whole = merge([f.document for f in ordered if f.document])
    return [replace(f, document=whole if f is ordered[0] else None) if f in photos else f for f in files]


def _read(submission: Submission, readings: Mapping[str, Reading]) -> list[Part]:
    return [p for p in submission.files if p.place in readings]


def _is_blank_picture(part: Part, reading: Reading) -> bool:
    return isinstance(reading.problem, EmptyFile) and bool(part.data) and media_type(part.name).startswith("image/")


def _unneeded_picture(file: IncomingFile) -> IncomingFile:
    """A logo or a photo beside a document that was read: nobody has to send it again."""
    return replace(file, state="not_needed", problems=("图片上没有识别出文字，不作为报告或目录",))


def _is_photo(file: IncomingFile) -> bool:
    return file.document is not None and file.media_type.startswith("image/")


def _is_table(file: IncomingFile) -> bool:
    return any(word in file.media_type for word in ("sheet", "excel", "csv"))


def _incoming(
    first: Submission,
    sources: Sequence[Submission],
    body: str,
    files: tuple[IncomingFile, ...],
    first_report_at: datetime | None = None,
    *,
    unit: str | None,
) -> Incoming:
    message = first.message
    return Incoming(
        id=first.id,
        sender=message.sender if message else "",
        subject=message.subject if message else "",
        body=body,
        received_at=message.received_at if message else None,
        received_from=message.received_from if message else None,
        first_report_at=first_report_at,
        unit=unit,
        files=files,
        sources=tuple(Source(PurePosixPath(s.place).name, s.message.received_at if s.message else None) for s in sources),
    )


def _body(submission: Submission) -> str:
    """The mail's own words, and those of the mails inside it as a forward quotes them."""
    return "\n\n".join(
        m.body if k == 0 else f"发件人：{m.sender}\n主题：{m.subject}\n\n{m.body}" for k, m in enumerate(submission.messages)
    )


def _file(part: Part, reading: Reading, role: Role | None, said: Collection[str]) -> IncomingFile:
    document, problem = reading.document, reading.problem
    return IncomingFile(
        name=part.name,
        sha256=part.sha256,
        bytes=len(part.data),
        media_type=document.media_type if document else media_type(part.name),
        document=document,
        problems=_problems(part, reading),
        state="quarantined" if problem else "used",
        role=role,
        said=part.sha256 in said,
    )


def _problems(part: Part, reading: Reading) -> tuple[str, ...]:
    """Why it cannot be read stands first; what reading noticed stands behind what is odd about its name."""
    doubt = (part.doubt,) if part.doubt else ()
    if reading.problem:
        return (f"{reading.problem.cause}；{reading.problem.next_step}", *doubt)
    return tuple(dict.fromkeys([*doubt, *(n.message for n in reading.document.notes)])) if reading.document else doubt


def _cloud(submission: Submission) -> list[IncomingFile]:
    return [
        IncomingFile(c.name, "", 0, CLOUD, None, (c.problem,), "quarantined")
        for m in submission.messages
        for c in m.cloud
        if c.name not in {p.name for p in submission.files}
    ]


def _record(part: Part, state: str, why: str) -> dict[str, Any]:
    return {
        "name": part.name,
        "sha256": part.sha256,
        "bytes": len(part.data),
        "media_type": media_type(part.name),
        "role": "other",
        "state": state,
        "pages": None,
        "ocr": False,
        "problems": [why],
        "place": part.place,
    }


def media_type(name: str) -> str:
    """By the name alone: for files that were not read."""
    return mimetypes.guess_type(name)[0] or UNKNOWN
