"""A password opens a document once; what is kept is the document without it, and nothing ever tells the password."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import py7zr
import pytest
import sqlalchemy as sa
from fpdf import FPDF
from msoffcrypto.format.ooxml import OOXMLFile

import zicha
from ingest.actions import Actions, Refused
from ingest.files import Archive
from ingest.originals import Originals, as_read
from ingest.purge import due, purge
from ingest.rules import load_rules
from ingest.schema import readings
from ingest.service import Service
from ingest.settings import load_settings
from ingest.store import Arrival, Store
from ingest.watch import once
from ingest.work import Workers
from scoring.journal import PASSWORD

Maker = Callable[..., bytes]
SECRET = "Tuán-7391-单位密码"


def locked(data: bytes) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(SECRET, out)
    return out.getvalue()


class Home:
    """A home folder that got one locked report by mail."""

    def __init__(self, path: Path, mail: bytes, workers: Workers) -> None:
        self.path, self.workers = path, workers
        self.settings = load_settings(path, {"ZICHA_SETTLE": "0"})
        self.rules = load_rules(self.settings)
        self.settings.inbox.mkdir()
        (self.settings.inbox / "1.eml").write_bytes(mail)
        self.store = Store(self.settings.var / "zicha.db")
        self.actions = Actions(self.settings, self.rules, self.store, workers=workers)
        with self.service() as service:
            once(service)

    def service(self) -> Service:
        return Service(self.settings, self.rules, say=lambda _: None, workers=self.workers)

    def rebuild(self) -> None:
        with self.service() as service:
            service.store.forget_derived()
            service.judge()

    def report(self) -> Arrival:
        return next(a for a in self.store.arrivals() if a.place == "1.eml#1")

    def out(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in self.settings.outbox.iterdir()}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, workers: Workers, make_mail: Maker, make_report: Maker) -> Iterator[Home]:
    opened = Home(tmp_path, make_mail({"自查报告.docx": locked(make_report())}), workers)
    yield opened
    opened.store.close()


def test_a_locked_report_says_so_until_its_password_is_given(home: Home) -> None:
    assert (home.report().state, home.report().cause) == ("quarantined", "文件设有打开密码")
    home.actions.password("自查报告.docx", SECRET, by="张三")
    assert home.report().state == "used"
    assert home.actions.sheet("集贤县") is not None


def test_the_journal_says_who_and_which_file_and_not_the_password(home: Home) -> None:
    home.actions.password("自查报告.docx", SECRET, by="张三", reason="电话询得")
    (entry,) = home.store.entries()
    assert (entry.kind, entry.by, entry.body["sha256"]) == (PASSWORD, "张三", home.report().sha256)
    assert SECRET not in json.dumps(entry.body, ensure_ascii=False) + entry.reason


def test_a_rebuild_needs_the_password_no_more(home: Home) -> None:
    home.actions.password("自查报告.docx", SECRET, by="张三")
    before = home.out()
    home.rebuild()
    assert home.out() == before


def test_taken_back_the_file_is_locked_again(home: Home) -> None:
    home.actions.password("自查报告.docx", SECRET, by="张三")
    home.actions.undo(1, by="张三")
    assert home.report().cause == "文件设有打开密码"


@pytest.mark.parametrize(("file", "word", "said"), [
    ("自查报告.docx", "wrong", "密码不正确"),
    ("自查报告.docx", "", "请输入密码"),
    ("自查报告.docx", "x" * 999, "密码过长"),
    ("无.docx", SECRET, "没有“无.docx”"),
])  # fmt: skip
def test_what_does_not_open_is_refused_and_nothing_is_written_down(home: Home, file: str, word: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        home.actions.password(file, word, by="张三")
    assert home.store.entries() == () and home.report().state == "quarantined"


def test_a_watcher_beside_it_judges_what_was_opened(home: Home) -> None:
    with home.service() as watcher:
        watcher.follow()
        home.actions.password("自查报告.docx", SECRET, by="张三")
        watcher.follow()
        assert home.report().state == "used"


def test_a_pdf_is_opened_too(tmp_path: Path, workers: Workers, make_mail: Maker) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=14)
    pdf.multi_cell(0, text="Report of nobody in particular")
    pdf.set_encryption(owner_password="owner", user_password="pdf-7391")
    home = Home(tmp_path, make_mail({"report.pdf": bytes(pdf.output())}), workers)
    assert home.report().cause == "文件设有打开密码"
    home.actions.password("report.pdf", "pdf-7391", by="张三")
    assert home.report().state == "not_needed"  # it was read: it is neither report nor catalog
    home.store.close()


def test_a_lost_copy_means_that_the_file_asks_again(home: Home) -> None:
    home.actions.password("自查报告.docx", SECRET, by="张三")
    opened = home.store.entries()[0].body["opened"]
    (home.settings.var / "archive" / opened[:2] / opened).unlink()
    home.rebuild()
    assert home.report().cause == "文件设有打开密码"


def test_the_command_takes_the_password_from_its_input_and_leaves_it_nowhere(home: Home, root: Path) -> None:
    home.store.close()
    command = [sys.executable, str(root / "zicha.py"), "password", "自查报告.docx", "--password-stdin", "--by", "张三"]
    done = subprocess.run([*command, "--home", str(home.path)], input=f"{SECRET}\n".encode(), capture_output=True, check=False)
    assert (done.returncode, done.stdout.decode()) == (0, "自查报告.docx（1.eml#1）：采用\n")
    with sqlite3.connect(home.settings.var / "zicha.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in (p for p in home.path.rglob("*") if p.is_file()):
        assert SECRET.encode() not in path.read_bytes() and SECRET.encode("utf-16-le") not in path.read_bytes(), path
    assert SECRET not in (done.stdout + done.stderr).decode()


def test_the_command_needs_a_password(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert zicha.main(["password", "自查报告.docx", "--password-stdin", "--by", "张三", "--home", str(home.path)]) == 2
    assert "没有密码" in capsys.readouterr().err


def test_after_the_retention_time_the_copy_goes_with_the_original(home: Home) -> None:
    home.actions.password("自查报告.docx", SECRET, by="张三")
    opened = home.store.entries()[0].body["opened"]
    archive = home.settings.var / "archive"
    for path in archive.glob("*/*"):
        os.utime(path, (1_500_000_000, 1_500_000_000))
    with home.service() as service:
        found = due(replace(service.settings, keep_years=1), service.store, now=datetime.now().astimezone())
        assert opened in found.originals
        purge(service, found, by="李四")
    assert not list(archive.glob("*/*"))
    with home.store.engine.connect() as db:
        assert not db.execute(sa.select(readings.c.key)).all()


@pytest.fixture
def packed(tmp_path: Path, workers: Workers, make_mail: Maker, make_report: Maker, make_catalog: Maker) -> Iterator[Home]:
    """A home folder that got report and catalog in a locked archive; the mail does not tell its password."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=SECRET) as archive:
        archive.writef(io.BytesIO(make_report()), "自查报告.docx")
        archive.writef(io.BytesIO(make_catalog()), "目录.xlsx")
    opened = Home(tmp_path, make_mail({"材料.7z": out.getvalue()}, subject="集贤县自查报告"), workers)
    yield opened
    opened.store.close()


def rows(home: Home) -> dict[str, tuple[str, str]]:
    return {a.place: (a.name, a.state) for a in home.store.arrivals()}


SHUT = {"1.eml": ("1.eml", "quarantined"), "1.eml#1": ("材料.7z", "quarantined")}
OPEN = {
    "1.eml": ("1.eml", "used"),
    "1.eml#1": ("材料.7z", "used"),
    "1.eml#1#1": ("自查报告.docx", "used"),
    "1.eml#1#2": ("目录.xlsx", "used"),
}


def test_a_locked_archive_is_opened_and_what_is_in_it_counts_as_arrived(packed: Home) -> None:
    assert {p: rows(packed)[p] for p in SHUT} == SHUT
    packed.actions.password(next(a.place for a in packed.store.arrivals() if a.state == "quarantined" and a.parent), SECRET, by="张三")
    assert rows(packed) == OPEN
    before = packed.out()
    packed.rebuild()
    assert packed.out() == before and rows(packed) == OPEN
    report = next(a for a in packed.store.arrivals() if a.name == "自查报告.docx")
    assert Originals(packed.store, Archive(packed.settings.var / "archive")).content(report).startswith(b"PK")


def test_taken_back_the_archive_is_shut_again_and_the_sum_with_it(packed: Home) -> None:
    shut = rows(packed)
    packed.actions.password(next(p for p in reversed(shut)), SECRET, by="张三")
    packed.actions.undo(1, by="张三")
    assert rows(packed) == shut


def test_an_archive_with_a_wrong_password_stays_shut(packed: Home) -> None:
    shut = rows(packed)
    with pytest.raises(Refused, match="密码不正确"):
        packed.actions.password(next(p for p in reversed(shut)), "falsch", by="张三")
    assert rows(packed) == shut and packed.store.entries() == ()


def test_pages_show_what_was_opened_and_give_out_what_arrived(home: Home) -> None:
    originals = Originals(home.store, Archive(home.settings.var / "archive"))
    locked_bytes = originals.content(home.report())
    assert originals.readable(home.report()) == locked_bytes
    assert as_read(home.store, home.report().sha256, "自查报告.docx") is None
    home.actions.password("自查报告.docx", SECRET, by="张三")
    document = as_read(home.store, home.report().sha256, "自查报告.docx")
    assert document is not None and "集贤县" in document.text
    assert originals.content(home.report()) == locked_bytes and originals.readable(home.report()).startswith(b"PK")
