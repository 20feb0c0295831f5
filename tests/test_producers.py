"""Mails whose files other programs wrote (bench/producers.py drew them): read and assessed, each figure held above its floor."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from extract.errors import NeedsConversion
from extract.model import Document
from extract.read import read
from ingest.convert import to_docx
from ingest.mail import read_mail
from scoring.assess import Incoming, IncomingFile, assess
from scoring.roster import load_roster
from scoring.rubric import builtin, load_rubric

CASES = Path(__file__).resolve().parent / "cases" / "producers"
RUBRIC, ROSTER = load_rubric(builtin()), load_roster(builtin()["roster.toml"])
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="needs libreoffice-writer-nogui")

FLOORS = {"text": 0.98, "section": 0.95, "item": 0.9, "catalog_f1": 0.97, "link_accuracy": 0.85}
"""What every producer has to reach, so far as the case has anything to count."""

PRODUCERS = [
    pytest.param("odt-a03", id="LibreOffice: counted headings, table styles, counted rows"),
    pytest.param("web-a08", id="web editor through LibreOffice"),
    pytest.param("doc-a12", id="Word 97 and Excel 97", marks=[needs_office, pytest.mark.slow]),
    pytest.param("browser-a17", id="printed by a browser: CSS tables, date and address around the page"),
    pytest.param("fpdf-a03", id="PDF library: no rules, page numbers"),
    pytest.param("word-a18", id="Word: text boxes, changes, controls, footnotes, contents; workbook with merged cells"),
    pytest.param("boxes-a08", id="Word: nested tables"),
    pytest.param("suite-a01", id="other office suite: levels without numbers, floating tables, counted rows"),
    pytest.param("merged-a01", id="workbook with its groups in a merged column"),
    pytest.param("scan-a02", id="bad grey scan with a seal", marks=pytest.mark.slow),
    pytest.param("photos-a17", id="photos of the pages", marks=pytest.mark.slow),
]


def document(data: bytes, name: str) -> Document:
    try:
        return read(data, name)
    except NeedsConversion:
        return read(to_docx(data, name, seconds=300), "converted.docx")


@cache
def worksheet(case: str) -> str:
    """The worksheet of a mail as JSON."""
    mail = read_mail((CASES / case / "mail.eml").read_bytes())
    files = tuple(IncomingFile(a.name, str(k), len(a.data), a.media_type, document(a.data, a.name)) for k, a in enumerate(mail.attachments))
    incoming = Incoming(case, mail.sender, mail.subject, mail.body, mail.received_at, mail.received_from, files=files)
    return assess(incoming, rubric=RUBRIC, roster=ROSTER)[0].as_json()


@pytest.mark.parametrize("case", PRODUCERS)
def test_a_report_is_read_whoever_wrote_it(case: str, bench_module: Callable[[str], ModuleType]) -> None:
    evaluation = bench_module("evaluate")
    gold = json.loads((CASES / case / "gold.json").read_text("utf-8"))
    missed: list[str] = []
    figures = evaluation.figures(evaluation.evaluate(gold, json.loads(worksheet(case)), missed.append))
    short = {k: figures[k] for k, floor in FLOORS.items() if figures[k] is not None and figures[k] < floor}
    assert not short, "\n".join(missed)
    assert figures["unit"] == figures["late"] == 1
    assert figures["text_extra"] <= 0.11


def test_every_producer_has_a_mail_and_every_mail_a_producer() -> None:
    assert {p.values[0] for p in PRODUCERS} == {folder.name for folder in CASES.iterdir()}
