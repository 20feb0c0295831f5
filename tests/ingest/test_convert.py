"""Old formats by LibreOffice: alone, in time, without a network."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
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


def test_nothing_is_left_in_the_folders_that_all_accounts_share(needs_program: Callable[..., str]) -> None:
    """Where root's first conversion left something there that root alone may read, LibreOffice began for nobody else any more."""
    needs_program("soffice", package="libreoffice-writer-nogui")
    shared = Path("/var/spool/libreoffice")
    cache = shared / "uno_packages" / "cache"
    unshare = needs_program("unshare", package="util-linux")
    if not shared.is_dir() or subprocess.run([unshare, "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("没有共用的文件夹，或系统不允许建立挂载所需的命名空间")
    here = "import sys; from ingest.convert import to_docx; sys.stdout.write(to_docx(sys.argv[1].encode(), 'a.rtf')[:2].decode())"
    lines = f'mount -t tmpfs tmpfs {shared}; mkdir -p {cache}; "$@"; find {cache} -mindepth 1'
    command = [unshare, "-rm", "sh", "-euc", lines, "sh", sys.executable, "-c", here, RTF.decode()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).resolve().parent.parent.parent)
    assert (done.returncode, done.stdout) == (0, "PK"), done.stderr


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


@pytest.mark.parametrize("seconds", [0.05, 0.5])
def test_a_timeout_ends_the_whole_group(
    needs_program: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seconds: float
) -> None:
    needs_program("soffice", package="libreoffice-writer-nogui")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    started = time.monotonic()
    with pytest.raises(TooLarge):
        convert.to_docx(RTF, "a.rtf", seconds=seconds)
    while running := [p for p in Path("/proc").glob("[0-9]*/cmdline") if bytes(tmp_path) in _read(p)]:
        assert time.monotonic() - started < 5, running
        time.sleep(0.05)


@pytest.fixture
def trap() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine: its address, and what it was asked for."""
    asked: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_GET = do_HEAD = do_OPTIONS = do_PROPFIND = answer

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Trap)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/x.png", asked
    server.shutdown()
    server.server_close()


def picture_at(address: str) -> bytes:
    """An ODT that shows a picture from elsewhere."""
    oasis = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = " ".join(f'xmlns:{name}="{oasis}{name}:1.0"' for name in ("office", "text", "drawing"))
    spaces += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    link = f'<drawing:frame><drawing:image xlink:href="{address}" xlink:type="simple" xlink:actuate="onLoad"/></drawing:frame>'
    body = f"<office:body><office:text><text:p>text</text:p><text:p>{link}</text:p></office:text></office:body>"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", f'<office:document-content {spaces} office:version="1.2">{body}</office:document-content>')
        package.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


@pytest.mark.parametrize("protection", ["the profile alone", "the missing network alone"])
def test_a_linked_picture_is_not_fetched(
    needs_program: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    trap: tuple[str, list[str]],
    protection: str,
) -> None:
    """Each protection is enough, so that one holds where the other cannot be had."""
    needs_program("soffice", package="libreoffice-writer-nogui")
    address, asked = trap
    if protection == "the profile alone":
        monkeypatch.setattr(convert, "isolation", lambda: ())
    else:
        if not convert.isolation():
            pytest.skip("本机不允许建立网络命名空间（unshare -rn）")
        monkeypatch.setattr(convert, "FUSED", ())
    assert "text" in paragraphs(convert.to_docx(picture_at(address), "a.odt"))
    assert asked == []


def test_without_both_protections_it_would_be_fetched(
    needs_program: Callable[..., str], monkeypatch: pytest.MonkeyPatch, trap: tuple[str, list[str]]
) -> None:
    """The trap works, and the protections are what keeps it empty."""
    needs_program("soffice", package="libreoffice-writer-nogui")
    address, asked = trap
    monkeypatch.setattr(convert, "isolation", lambda: ())
    monkeypatch.setattr(convert, "FUSED", ())
    convert.to_docx(picture_at(address), "a.odt")
    assert asked


def test_a_libreoffice_that_does_not_work_is_the_administrators_and_no_fault_of_the_sender(
    needs_program: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_program("soffice", package="libreoffice-writer-nogui")
    monkeypatch.setattr(convert, "BOUNDS", convert.BOUNDS.replace("4194304", "131072"))
    with pytest.raises(NeedsConversion) as told:
        convert.to_docx(RTF, "a.rtf")
    assert "管理员处理" in told.value.next_step


def test_what_it_breaks_down_over_is_damaged_where_it_works_otherwise(
    needs_program: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It kills itself over the one document, as over a bomb that fills its memory."""
    real = needs_program("soffice", package="libreoffice-writer-nogui")
    program = tmp_path / "soffice"
    program.write_text(f'#!/bin/sh\nfor last; do :; done\ngrep -q second "$last" && kill -9 $$\nexec {real} "$@"\n', "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(convert, "soffice", lambda: str(program))
    with pytest.raises(DamagedFile):
        convert.to_docx(RTF, "a.rtf")


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
