"""Old formats by LibreOffice: alone, in time, without a network."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import docx
import pytest

from extract.errors import DamagedFile, NeedsConversion, TooLarge
from ingest import convert

pytestmark = pytest.mark.slow
RTF = rb"{\rtf1\ansi\ansicpg936 {\b \'d7\'d4\'b2\'e9\'b1\'a8\'b8\'e6}\par second\par}"


def paragraphs(data: bytes) -> list[str]:
    return [p.text for p in docx.Document(io.BytesIO(data)).paragraphs if p.text]


def test_rtf_becomes_docx(needs_program: Callable[..., str]) -> None:
    needs_program("soffice", package="libreoffice-writer-nogui")
    assert paragraphs(convert.to_docx(RTF, "a.rtf")) == ["自查报告", "second"]


def test_a_real_old_word_file_becomes_docx(needs_program: Callable[..., str], corpus: Path) -> None:
    needs_program("soffice", package="libreoffice-writer-nogui")
    path = min((corpus / "legacy").rglob("*.doc"), key=lambda p: p.stat().st_size)
    assert convert.to_docx(path.read_bytes(), path.name).startswith(b"PK")


def test_two_conversions_at_once_do_not_disturb_each_other(needs_program: Callable[..., str]) -> None:
    needs_program("soffice", package="libreoffice-writer-nogui")
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(paragraphs(convert.to_docx(RTF, "a.rtf")))) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == [["自查报告", "second"]] * 2


def test_what_it_cannot_make_sense_of_is_damaged_though_it_exits_with_0(needs_program: Callable[..., str], corpus: Path) -> None:
    needs_program("soffice", package="libreoffice-writer-nogui")
    whole = min((corpus / "legacy").rglob("*.doc"), key=lambda p: p.stat().st_size).read_bytes()
    with pytest.raises((DamagedFile, NeedsConversion)):
        convert.to_docx(whole[:3000], "a.doc")


def test_a_timeout_ends_the_whole_group(needs_program: Callable[..., str]) -> None:
    needs_program("soffice", package="libreoffice-writer-nogui")
    started = time.monotonic()
    with pytest.raises(TooLarge):
        convert.to_docx(RTF, "a.rtf", seconds=0.05)
    assert time.monotonic() - started < 5
    assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if b"zicha-" in _read(p) and b"soffice" in _read(p)]


def test_a_linked_picture_is_not_fetched(needs_program: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    needs_program("soffice", package="libreoffice-writer-nogui")
    asked: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Trap)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(convert, "isolation", lambda: ())  # the profile alone has to be enough where no namespace can be had
    link = b"http://127.0.0.1:%d/x.png" % server.server_port
    convert.to_docx(rb'{\rtf1 {\field{\*\fldinst INCLUDEPICTURE "' + link + rb'" \\d}{\fldrslt x}}\par text\par}', "a.rtf")
    server.shutdown()
    server.server_close()
    assert asked == []


def test_without_libreoffice_the_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert, "soffice", lambda: None)
    with pytest.raises(NeedsConversion) as caught:
        convert.to_docx(RTF, "a.rtf")
    assert "LibreOffice" in caught.value.next_step


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
