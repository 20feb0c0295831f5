"""One run over given paths: what a single file is read as."""

from __future__ import annotations

from pathlib import Path

import pytest
from fpdf import FPDF

from ingest.oneshot import process
from ingest.rules import load_rules
from ingest.settings import load_settings


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_single_pdf_with_a_file_attached_inside_it_is_read_whole(tmp_path: Path) -> None:
    page = FPDF()
    page.set_font("helvetica", size=12)
    page.add_page()
    page.cell(0, 10, "Summary of the year")
    page.embed_file(basename="quality.txt", bytes=b"settings of the printing program")
    path = tmp_path / "summary.pdf"
    page.output(str(path))
    settings = load_settings(tmp_path, {})
    (result,) = process([path], settings, load_rules(settings))
    assert [block["text"] for block in result.sheet["blocks"]] == ["Summary of the year"]
    assert [file["role"] for file in result.sheet["submission"]["files"]] == ["report", "other"]
