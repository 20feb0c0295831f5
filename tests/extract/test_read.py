"""The list of readers: every file ends in a Document or in one of our errors."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest
from docx import Document as NewDocument
from PIL import Image

from extract.errors import DamagedFile, DocumentError, EmptyFile, NeedsConversion, UnsupportedFormat
from extract.read import READERS, REFUSED, read
from extract.sniff import Format

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def test_every_format_is_read_or_refused() -> None:
    assert READERS.keys() | REFUSED.keys() == set(Format)
    assert not READERS.keys() & REFUSED.keys()


def test_nothing_is_an_empty_file() -> None:
    with pytest.raises(EmptyFile):
        read(b"", "自查报告.docx")


@pytest.mark.parametrize("data", [b"{\\rtf1 x}", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le")])
def test_old_formats_ask_for_conversion(data: bytes) -> None:
    with pytest.raises(NeedsConversion):
        read(data, "报告.doc")


@pytest.mark.parametrize("data", [b"Rar!\x1a\x07\x01\x00", bytes(range(256)) * 4])
def test_what_no_reader_takes_is_refused_with_a_next_step(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        read(data, "报告.docx")
    assert caught.value.cause and caught.value.next_step


def test_a_docx_without_a_word_or_picture_is_empty() -> None:
    out = io.BytesIO()
    NewDocument().save(out)
    with pytest.raises(EmptyFile):
        read(out.getvalue(), "报告.docx")


def test_a_package_that_only_looks_like_a_docx_is_damaged() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "not xml at all")
    with pytest.raises(DamagedFile):
        read(out.getvalue(), "报告.docx")


def test_a_picture_cut_in_half_is_damaged() -> None:
    out = io.BytesIO()
    Image.effect_noise((400, 400), 50).save(out, "PNG")
    with pytest.raises(DamagedFile):
        read(out.getvalue()[:3000], "扫描件.png")


FOLDERS = ("pdf", "chinese", "ofd", "encrypted", "legacy", "archive", "docx")
WHOLE = os.environ.get("ZICHA_WHOLE_CORPUS") == "1"
"""Reads every scan, too, which takes minutes."""
EVERY_NTH_SCAN = 10


def public_files(folder: str) -> list[Path]:
    """Every file, equal ones once; of the PDFs that may have to be recognised one in ten, spread over them by size."""
    different = {hashlib.sha256(path.read_bytes()).digest(): path for path in sorted((CORPUS / folder).iterdir(), reverse=True)}
    pictured = [p for p in different.values() if folder == "pdf" and b"/Image" in p.read_bytes()]
    spread = sorted(pictured, key=lambda p: (p.stat().st_size, p.name))
    left_out = set() if WHOLE else set(spread) - set(spread[::EVERY_NTH_SCAN])
    return sorted(set(different.values()) - left_out)


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.exists(), reason="needs ../shared/corpus")
@pytest.mark.parametrize("folder", FOLDERS)
def test_files_nobody_here_wrote_never_surprise(folder: str) -> None:
    for path in public_files(folder):
        try:
            read(path.read_bytes(), path.name)
        except DocumentError as error:
            assert error.next_step
