"""Bad input: each ends in a visible state with one clear sentence, and the rest of the inbox goes on."""

from __future__ import annotations

import email
import email.policy
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msoffcrypto
import pytest
from fpdf import FPDF
from msoffcrypto.format.ooxml import OOXMLFile
from PIL import Image

from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.watch import once

LABELLED = Path(__file__).resolve().parent / "cases" / "shared"
Maker = Callable[..., bytes]
State = tuple[str, str]


def pdf(*, password: str = "") -> bytes:
    page = FPDF()
    page.add_page()
    page.set_font("helvetica")
    page.cell(text="report")
    if password:
        page.set_encryption(owner_password="o" + password, user_password=password)
    return bytes(page.output())


def encrypted(data: bytes) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt("geheim", out)
    assert msoffcrypto.OfficeFile(out).is_encrypted()
    return out.getvalue()


def entity_bomb(data: bytes) -> bytes:
    """The DOCX with entities that would grow to gigabytes."""
    levels = "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a0 "自查自查">{levels}]>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/document.xml":
                part = bomb.encode() + part.split(b"?>", 1)[1].replace("自查".encode(), b"&a11;", 1)
            new.writestr(name, part)
    return out.getvalue()


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(out, "PNG")
    return out.getvalue()


def real_pdf() -> bytes:
    """The report of 岭东区, a PDF that a word processor printed."""
    mail = email.message_from_bytes((LABELLED / "d03" / "mail.eml").read_bytes(), policy=email.policy.default)
    (data,) = (part.get_content() for part in mail.iter_attachments())
    assert isinstance(data, bytes) and data.startswith(b"%PDF")
    return data


def as_html(mail: bytes, html: str) -> bytes:
    """The mail with that HTML as its only text."""
    message = email.message_from_bytes(mail, policy=email.policy.default)
    body = message.get_body()
    assert body is not None
    body.set_content(html, subtype="html")
    return message.as_bytes()


QQ = "从QQ邮箱发来的超大附件\n佐证材料目录清单.docx (120M, 2018年02月18日 10:21 到期)\nhttp://mail.qq.com/cgi-bin/ftnExs_download?k=1"
NETEASE = (
    "<p>材料请查收。</p><div>通过网易163邮箱发送的云附件</div><div><b>目录清单.rar</b>(55.3M, 2018-02-03 12:00 到期)"
    "<a href='http://fs.163.com/fs/display/?file=1'>下载</a></div>"
)


@pytest.fixture(scope="module")
def home(
    tmp_path_factory: pytest.TempPathFactory, make_mail: Maker, make_report: Maker, make_catalog: Maker, make_docx: Maker
) -> Iterator[tuple[dict[str, State], dict[str, Any]]]:
    """An inbox full of bad input and one good mail, processed once: (place -> state and cause, unit -> worksheet)."""
    folder = tmp_path_factory.mktemp("bad")
    report = make_report()
    inbox = {
        "good.eml": make_mail({"自查报告.docx": report, "目录清单.xlsx": make_catalog()}),
        "truncated.docx": report[: len(report) // 2],
        "encrypted.docx": encrypted(report),
        "truncated.pdf": pdf()[:300],
        "encrypted.pdf": pdf(password="geheim"),
        "empty.eml": b"",
        "bare.eml": make_mail(subject="自查报告", sender="x@mail.example", body="请查收。"),
        "zero.docx": b"",
        "really-picture.pdf": picture(),
        "bomb.docx": entity_bomb(report),
        "stranger.eml": make_mail({"自查报告.docx": make_report("某省某县")}, subject="某省某县自查报告"),
        "two.eml": make_mail({"1.docx": make_report("宝清县"), "2.docx": make_report("饶河县")}, subject="自查报告"),
        "only-catalog.eml": make_mail({"目录清单.xlsx": make_catalog("友谊县")}, subject="友谊县佐证材料目录清单"),
        "qq.eml": make_mail({"自查报告.docx": make_report("尖山区")}, subject="尖山区自查报告", body=QQ),
        "163.eml": as_html(make_mail({"自查报告.docx": make_report("四方台区")}, subject="四方台区自查报告"), NETEASE),
        "locked.eml": make_mail({"自查报告.docx": make_report("宝山区"), "目录.docx": encrypted(make_docx("目录"))}, subject="宝山区"),
        "really-pdf.eml": make_mail({"岭东区自查报告.docx": real_pdf()}, subject="岭东区自查报告"),
        "headers-only.eml": b"From: a@mail.example\r\nSubject: \r\nDate: Fri, 19 Jan 2018 10:36:00 +0800\r\n\r\n",
        "noise.bin": bytes(range(256)) * 8,
        "mail.zip": b"PK\x03\x04 nothing",
    }  # fmt: skip
    (folder / "inbox").mkdir()
    for name, data in inbox.items():
        (folder / "inbox" / name).write_bytes(data)
    settings = load_settings(folder, {"ZICHA_SETTLE": "0"})
    with Service(settings, load_rules(settings), say=lambda _: None) as service:
        once(service)
        ledger = {a.place: (a.state, a.cause) for a in service.store.arrivals()}
        assert all(a.next_step for a in service.store.arrivals() if a.state == "quarantined")
    sheets = [json.loads(p.read_text("utf-8")) for p in (folder / "outbox").glob("*.json")]
    yield ledger, {s["unit"]["name"]: s for s in sheets}


QUARANTINED = {
    "truncated.docx": "损坏", "encrypted.docx": "密码", "truncated.pdf": "损坏", "encrypted.pdf": "密码", "empty.eml": "邮件是空的",
    "headers-only.eml": "邮件没有附件", "bare.eml": "邮件没有附件", "zero.docx": "文件是空的",
    "bomb.docx": "异常结构", "noise.bin": "格式", "mail.zip": "损坏",
    "stranger.eml": "哪个单位", "stranger.eml#1": "哪个单位", "really-picture.pdf": "没有",
    "locked.eml#2": "密码",
}  # fmt: skip


@pytest.mark.parametrize(("place", "word"), QUARANTINED.items(), ids=list(QUARANTINED))
def test_it_is_quarantined_with_one_clear_sentence(home: tuple[dict[str, State], dict[str, Any]], place: str, word: str) -> None:
    state, cause = home[0][place]
    assert state == "quarantined"
    assert word in cause
    assert "\n" not in cause
    assert "Error" not in cause


def test_nothing_is_left_without_a_state(home: tuple[dict[str, State], dict[str, Any]]) -> None:
    assert not [place for place, (state, _) in home[0].items() if state == "waiting"]


def test_the_good_mail_is_processed_all_the_same(home: tuple[dict[str, State], dict[str, Any]]) -> None:
    ledger, sheets = home
    assert {ledger[p][0] for p in ("good.eml", "good.eml#1", "good.eml#2")} == {"used"}
    assert {c["status"] for c in sheets["集贤县"]["claims"]} == {"matched"}


def test_a_docx_that_is_a_pdf_is_read_as_what_it_is(home: tuple[dict[str, State], dict[str, Any]]) -> None:
    (file,) = home[1]["岭东区"]["submission"]["files"]
    assert (file["state"], file["media_type"]) == ("used", "application/pdf")
    assert len(home[1]["岭东区"]["blocks"]) > 20


def test_two_reports_in_one_mail_become_two_worksheets(home: tuple[dict[str, State], dict[str, Any]]) -> None:
    ledger, sheets = home
    assert {ledger[p][0] for p in ("two.eml", "two.eml#1", "two.eml#2")} == {"used"}
    assert {"宝清县", "饶河县"} <= set(sheets)


def test_a_catalog_without_a_report_says_that_the_report_is_missing(home: tuple[dict[str, State], dict[str, Any]]) -> None:
    ledger, sheets = home
    assert ledger["only-catalog.eml#1"][0] == "used"
    assert "report_missing" in {g["kind"] for g in sheets["友谊县"]["gaps"]}
    assert sheets["友谊县"]["score"] is None


@pytest.mark.parametrize(("unit", "until"), [("尖山区", "2018年02月18日 10:21"), ("四方台区", "2018-02-03 12:00")], ids=["QQ", "163"])
def test_a_catalog_that_stayed_in_the_cloud_is_a_gap_with_its_expiry(
    home: tuple[dict[str, State], dict[str, Any]], unit: str, until: str
) -> None:
    sheet = home[1][unit]
    assert any(until in g["message"] for g in sheet["gaps"])
    assert "catalog_missing" in {g["kind"] for g in sheet["gaps"]}
    assert [f["state"] for f in sheet["submission"]["files"]] == ["used", "quarantined"]


def test_a_report_is_judged_although_the_catalog_beside_it_cannot_be_opened(home: tuple[dict[str, State], dict[str, Any]]) -> None:
    sheet = home[1]["宝山区"]
    assert home[0]["locked.eml#1"][0] == "used"
    assert any("密码" in problem for f in sheet["submission"]["files"] for problem in f["problems"])
    assert {c["status"] for c in sheet["claims"]} == {"missing"}
