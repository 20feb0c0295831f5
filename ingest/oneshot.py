"""`zicha process`: paths -> worksheets, without inbox, outbox or database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from extract.sniff import Format, sniff
from ingest.casework import Office, Result, case_of
from ingest.documents import Desk
from ingest.files import reason
from ingest.rules import Rules
from ingest.settings import Settings
from ingest.submission import Submission, read_roots, submissions
from ingest.work import Limits, Workers
from scoring.conclude import conclude
from scoring.worksheet import Role


class UnreadablePath(Exception):
    """A path that cannot be read at all; the message names it and says why."""


def process(paths: Sequence[Path], settings: Settings, rules: Rules, *, say: Callable[[str], None] = lambda _: None) -> tuple[Result, ...]:
    """One result for each unit that the paths hold; raises UnreadablePath."""
    found = gather(paths)
    cases = {case_of(s, number): s for number, s in enumerate(_distinct(found))}
    limits = Limits(settings.memory << 20, settings.read_seconds)
    with Workers(limits) as workers, ThreadPoolExecutor(settings.workers) as executor:
        desk = Desk(workers, max_bytes=settings.max_file << 20, convert_seconds=settings.convert_seconds, tries=settings.tries, say=say)
        role: Role | None = "report" if _is_one_document(found) else None
        judged = Office(rules, desk, cases.__getitem__, executor=executor, role=role).results(cases)
    return tuple(replace(r, sheet=conclude(r.sheet, rules.rubric, ())) for r in judged)  # as the outbox has it before anyone said anything


def gather(paths: Sequence[Path]) -> tuple[Submission, ...]:
    """The submissions at those paths: each mail is one, all loose files together are one."""
    try:
        roots = read_roots(paths)
    except OSError as error:
        raise UnreadablePath(f"无法读取：{reason(error)}") from error
    if not roots:
        raise UnreadablePath(f"{'、'.join(map(str, paths))}：文件夹中没有文件")
    return submissions(roots)


def _distinct(found: Sequence[Submission]) -> list[Submission]:
    """The same mail given twice is one."""
    return list({s.id: s for s in reversed(found)}.values())[::-1]


def _is_one_document(found: Sequence[Submission]) -> bool:
    """A single Word or PDF file: it is read as the report, whatever it looks like and whatever files are attached inside it."""
    if len(found) != 1 or found[0].message is not None:
        return False
    part, *inside = found[0].parts
    if any(p.parent is None for p in inside):
        return False
    return sniff(part.data, part.name) in DOCUMENTS


DOCUMENTS = frozenset({Format.DOCX, Format.DOC, Format.PDF, Format.RTF, Format.ODT, Format.WORD_XML, Format.FLAT_OPC, Format.WEB_ARCHIVE})
