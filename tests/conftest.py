"""What all tests share: asking for system programs, and the repository's own places."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def skip_or_fail(reason: str) -> None:
    """A machine without the means skips; the build machine has to have them."""
    if os.environ.get("ZICHA_CI") == "1":
        pytest.fail(f"{reason}（ZICHA_CI=1：不得跳过）", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def needs_program() -> Callable[..., str]:
    """needs_program("soffice", package="libreoffice-writer-nogui") -> its path; skips without it, fails in CI."""

    def find(*names: str, package: str) -> str:
        found = next((path for name in names if (path := shutil.which(name))), None)
        if not found:
            skip_or_fail(f"缺少 {names[0]}，请安装 {package}")
        return str(found)

    return find


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Files of public projects that lie beside the checkout and are never part of it; skips where they are not."""
    folder = SHARED / "corpus"
    if not folder.is_dir():
        pytest.skip("没有公共语料目录")
    return folder


@pytest.fixture(scope="session")
def make_docx() -> Callable[..., bytes]:
    """make_docx("一、……", "……", rows=[["序号", "材料名称"], …]) -> a DOCX with those paragraphs and one table."""

    def make(*paragraphs: str, rows: Sequence[Sequence[str]] = ()) -> bytes:
        document = docx.Document()
        for text in paragraphs:
            document.add_paragraph(text)
        if rows:
            table = document.add_table(len(rows), len(rows[0]))
            for k, row in enumerate(rows):
                for cell, text in zip(table.rows[k].cells, row, strict=True):
                    cell.text = text
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    return make


@pytest.fixture(scope="session")
def make_xlsx() -> Callable[..., bytes]:
    """make_xlsx([["序号", "材料名称"], …]) -> an XLSX with one sheet."""

    def make(rows: Sequence[Sequence[str]]) -> bytes:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in rows:
            sheet.append(list(row))
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    return make


@pytest.fixture(scope="session")
def make_mail() -> Callable[..., bytes]:
    """make_mail({"自查报告.docx": b"…"}, subject=…, sender=…, date=…, received=…, body=…) -> a mail."""

    def make(
        files: dict[str, bytes] | None = None,
        *,
        subject: str = "报送自查报告",
        sender: str = "某县政府办公室 <office@county.example>",
        date: str = "Fri, 19 Jan 2018 10:36:00 +0800",
        received: Sequence[str] = (),
        body: str = "现将材料报上，请查收。",
    ) -> bytes:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, "assessment-office@city.example", subject, date
        mail.set_content(body)
        for name, data in (files or {}).items():
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        hops = "".join(f"Received: from a.example by b.example with ESMTP id 1;\r\n\t{when}\r\n" for when in received)
        return hops.encode() + mail.as_bytes()

    return make


REPORT = (
    "{unit}2017年“互联网+政务服务”工作自查报告",
    "根据通知要求，现将自查情况报告如下。",
    "一、完善组织和制度保障",
    "成立领导小组，印发了《{unit}关于成立“互联网+政务服务”领导小组的通知》（办发〔2017〕12号），明确了工作机构和人员。",
    "二、规范网上服务事项",
    "编制了《{unit}政务服务事项目录》，{extra}按要求公开。",
    "三、存在问题和下一步打算",
    "一是部分单位对网上办理重视不够，工作力量薄弱；二是业务培训次数偏少，人员更换后衔接不及时；三是宣传渠道单一，群众知晓率有待提高。",
    "下一步将加强督导，定期通报，组织专题培训，扩大宣传范围，确保各项任务按期完成。",
    "{unit}人民政府",
    "2018年1月18日",
)
ROWS = (
    ("序号", "材料名称", "文号"),
    ("1", "{unit}关于成立“互联网+政务服务”领导小组的通知", "办发〔2017〕12号"),
    ("2", "{unit}政务服务事项目录", ""),
)


@pytest.fixture(scope="session")
def make_report(make_docx: Callable[..., bytes]) -> Callable[..., bytes]:
    """make_report("集贤县", extra="并") -> the report of a unit; other words make other bytes."""

    def make(unit: str = "集贤县", extra: str = "") -> bytes:
        return make_docx(*(line.format(unit=unit, extra=extra) for line in REPORT))

    return make


@pytest.fixture(scope="session")
def make_catalog(make_xlsx: Callable[..., bytes]) -> Callable[..., bytes]:
    """make_catalog("集贤县", more=["签到簿"]) -> its catalog of evidence."""

    def make(unit: str = "集贤县", more: Sequence[str] = ()) -> bytes:
        rows = [[cell.format(unit=unit) for cell in row] for row in ROWS]
        return make_xlsx([*rows, *([str(k), title, ""] for k, title in enumerate(more, 3))])

    return make
