"""A password opens what it was set on: Office documents old and new, and PDF."""

from __future__ import annotations

import io
from collections.abc import Callable

import msoffcrypto
import pytest
from fpdf import FPDF
from msoffcrypto.format.ooxml import OOXMLFile

from extract.errors import DamagedFile, EncryptedFile, UnsupportedFormat
from extract.read import read
from extract.unlock import unlock

Maker = Callable[..., bytes]
PASSWORD = "考核2017"


def locked_office(data: bytes, password: str = PASSWORD) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, out)
    return out.getvalue()


def locked_pdf(password: str, *, owner: str = "owner") -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=14)
    pdf.cell(text="Report 2017")
    pdf.set_encryption(owner_password=owner, user_password=password)
    return bytes(pdf.output())


def test_a_word_document_opens_with_its_password(make_docx: Maker) -> None:
    locked = locked_office(make_docx("自查报告"))
    with pytest.raises(EncryptedFile):
        read(locked, "报告.docx")
    assert read(unlock(locked, "报告.docx", PASSWORD), "报告.docx").text == "自查报告"


def test_a_workbook_opens_with_its_password(make_xlsx: Maker) -> None:
    locked = locked_office(make_xlsx([["序号", "材料名称"], ["1", "工作方案"]]))
    assert "工作方案" in str(read(unlock(locked, "目录.xlsx", PASSWORD), "目录.xlsx"))


def test_a_pdf_opens_with_its_password() -> None:
    opened = unlock(locked_pdf("2017"), "报告.pdf", "2017")
    assert read(opened, "报告.pdf").text == "Report 2017"


@pytest.mark.parametrize("password", ["", "考核2018", "x" * 300, "密码\x00"])
def test_a_wrong_password_is_said(make_docx: Maker, password: str) -> None:
    with pytest.raises(EncryptedFile, match="密码不正确"):
        unlock(locked_office(make_docx("自查报告")), "报告.docx", password)
    with pytest.raises(EncryptedFile, match="密码不正确"):
        unlock(locked_pdf("2017"), "报告.pdf", password)


def test_a_file_without_a_password_needs_none(make_docx: Maker) -> None:
    for data, name in ((make_docx("自查报告"), "报告.docx"), (locked_pdf(""), "报告.pdf"), ("文字".encode(), "说明.txt")):
        with pytest.raises(UnsupportedFormat, match="没有打开密码"):
            unlock(data, name, PASSWORD)


def test_a_locked_file_that_was_cut_off_is_damaged_or_stays_shut(make_docx: Maker) -> None:
    locked = locked_office(make_docx("自查报告"))
    with pytest.raises((DamagedFile, EncryptedFile, UnsupportedFormat)):
        unlock(locked[: len(locked) // 2], "报告.docx", PASSWORD)
    with pytest.raises(DamagedFile):
        unlock(locked_pdf("2017")[:300], "报告.pdf", "2017")
    assert msoffcrypto.OfficeFile(io.BytesIO(locked)).is_encrypted()
