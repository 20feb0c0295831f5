"""What the bytes are decides; a name only breaks ties."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from extract.sniff import Format, sniff

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def package(*names: str, mimetype: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "<x/>")
    return out.getvalue()


def broken_ole(stream: str) -> bytes:
    """The head of an OLE file that was cut off, with one directory name left in it."""
    return OLE + b"\0" * 500 + stream.encode("utf-16-le") + b"\0" * 40


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", Format.EMPTY, id="nothing"),
        pytest.param(b" \r\n\t", Format.EMPTY, id="only white space"),
        pytest.param(package("[Content_Types].xml", "word/document.xml"), Format.DOCX, id="docx"),
        pytest.param(package("[Content_Types].xml", "xl/workbook.xml"), Format.XLSX, id="xlsx"),
        pytest.param(package("[Content_Types].xml", "xl/workbook.bin"), Format.XLSB, id="xlsb"),
        pytest.param(package("ppt/presentation.xml"), Format.PPTX, id="pptx"),
        pytest.param(package("OFD.xml", "Doc_0/Document.xml"), Format.OFD, id="ofd"),
        pytest.param(package("content.xml", mimetype="application/vnd.oasis.opendocument.text"), Format.ODT, id="odt"),
        pytest.param(package("content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet"), Format.ODS, id="ods"),
        pytest.param(package("自查报告.docx"), Format.ZIP, id="zip that holds a docx"),
        pytest.param(broken_ole("WordDocument"), Format.DOC, id="doc or wps, cut off"),
        pytest.param(broken_ole("Workbook"), Format.XLS, id="xls or et, cut off"),
        pytest.param(broken_ole("EncryptedPackage"), Format.ENCRYPTED_OFFICE, id="encrypted docx"),
        pytest.param(b"%PDF-1.5\n...", Format.PDF, id="pdf"),
        pytest.param(b"\xef\xbb\xbf\n%PDF-1.4\n", Format.PDF, id="pdf behind junk"),
        pytest.param(b"{\\rtf1\\ansi}", Format.RTF, id="rtf"),
        pytest.param(b"\xff\xd8\xff\xe0JFIF", Format.IMAGE, id="jpeg"),
        pytest.param(b"\x89PNG\r\n\x1a\n....", Format.IMAGE, id="png"),
        pytest.param(b"II*\x00....", Format.IMAGE, id="tiff"),
        pytest.param(b"Rar!\x1a\x07\x01\x00", Format.RAR, id="rar"),
        pytest.param(b"7z\xbc\xaf\x27\x1c\x00\x04", Format.SEVEN_ZIP, id="7z"),
        pytest.param(b"\x1f\x8b\x08\x00", Format.GZIP, id="gzip"),
        pytest.param("<!DOCTYPE html><html><body>自查</body></html>".encode(), Format.HTML, id="html"),
        pytest.param("<html><meta charset=gbk>自查</html>".encode("gb18030"), Format.HTML, id="html in gbk"),
        pytest.param(b"Received: from a by b;\r\n Fri\r\nFrom: a@b.example\r\nSubject: x\r\n\r\nhi", Format.EML, id="mail"),
        pytest.param(b"MIME-Version: 1.0\nContent-Type: multipart/related;\n\tboundary=x\n\n", Format.WEB_ARCHIVE, id="web archive"),
        pytest.param('<?xml version="1.0"?><uof:UOF xmlns:uof="x">自查</uof:UOF>'.encode(), Format.XML, id="uof"),
        pytest.param(b'<?xml version="1.0"?><list><name>x</name></list>', Format.XML, id="some xml"),
        pytest.param(b'<?xml version="1.0"?><!DOCTYPE html><html><body>x</body></html>', Format.HTML, id="html written as xml"),
        pytest.param("一、组织保障\n成立领导小组".encode(), Format.TEXT, id="text in utf-8"),
        pytest.param("一、组织保障\n成立领导小组".encode("gb18030"), Format.TEXT, id="text in gbk"),
        pytest.param("一、组织保障".encode("utf-16"), Format.TEXT, id="text in utf-16"),
        pytest.param(package("Index/Document.iwa", "preview.jpg"), Format.IWORK, id="pages or numbers of Apple"),
        pytest.param(b"L\0\0\0\x01\x14\x02\0" + bytes(68), Format.SHORTCUT, id="a shortcut"),
        pytest.param(b"MZ\x90\0\3\0\0\0" + bytes(56), Format.PROGRAM, id="a program"),
        pytest.param(b"MZ and BM are letters", Format.TEXT, id="a text that begins like a program"),
        pytest.param(bytes(range(256)) * 4, Format.UNKNOWN, id="noise"),
    ],
)
def test_content_tells_the_format(data: bytes, expected: Format) -> None:
    assert sniff(data) is expected


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        pytest.param(b"%PDF-1.5\n", "自查报告.docx", Format.PDF, id="a docx that is a pdf"),
        pytest.param(b"\xff\xd8\xff\xe0", "扫描件.pdf", Format.IMAGE, id="an image named pdf"),
        pytest.param(b"<html><body><table></table></body></html>", "报告.doc", Format.HTML, id="html named doc"),
        pytest.param("自查报告".encode(), "报告.doc", Format.TEXT, id="text named doc"),
        pytest.param(package("word/document.xml"), "报告.doc", Format.DOCX, id="docx named doc"),
        pytest.param(package("xl/workbook.xml"), "目录.xls", Format.XLSX, id="xlsx named xls"),
        pytest.param("<table><tr><td>1</td></tr></table>".encode("gb18030"), "目录.xls", Format.HTML, id="html named xls"),
    ],
)
def test_an_impostor_is_what_it_is(data: bytes, name: str, expected: Format) -> None:
    assert sniff(data, name) is expected


def test_only_the_name_can_tell_a_csv_from_a_text() -> None:
    data = "序号,材料名称\n1,会议纪要\n".encode()
    assert sniff(data, "目录.csv") is Format.CSV
    assert sniff(data, "目录.txt") is Format.TEXT


def test_a_package_cut_in_half_is_still_what_it_was_meant_to_be() -> None:
    whole = package("[Content_Types].xml", "word/document.xml", "word/styles.xml")
    assert sniff(whole[: len(whole) // 2], "报告.docx") is Format.DOCX


ODT = "application/vnd.oasis.opendocument.text"
LOCKED = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'


def opendocument(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {"mimetype": ODT, **parts}.items():
            archive.writestr(name, text)
    return out.getvalue()


def workbook(method: int) -> bytes:
    """An old workbook that is encrypted: its stream begins with BOF and FILEPASS."""
    stream = struct.pack("<HH2H8x", 0x809, 12 + 4 - 4, 0x600, 5) + struct.pack("<HHH4x", 0x2F, 6, method)
    stream = stream.ljust(4096, b"\0")
    header = OLE + b"\0" * 16 + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<10I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    sectors = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 10), 0xFFFFFFFE]

    def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
        letters = name.encode("utf-16-le") + b"\0\0"
        node = letters.ljust(64, b"\0") + struct.pack("<HBB3i", len(letters), kind, 1, -1, -1, child)
        return node.ljust(116, b"\0") + struct.pack("<IQ", first, size)

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, -1, 2, 4096)
    fat = struct.pack(f"<{len(sectors)}I", *sectors)
    return header.ljust(512, b"\xff") + fat.ljust(512, b"\xff") + directory.ljust(512, b"\0") + stream


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(opendocument(**{"META-INF/manifest.xml": LOCKED, "content.xml": "x"}), id="odt, its parts encrypted"),
        pytest.param(opendocument(**{"META-INF/manifest.xml": "", "encrypted-package": "x"}), id="odt, encrypted as a whole"),
        pytest.param(workbook(1), id="xls, RC4"),
        pytest.param(workbook(0), id="xls, XOR"),
    ],
)
def test_what_needs_a_password_is_told_from_what_is_damaged(data: bytes) -> None:
    assert sniff(data) is Format.ENCRYPTED_OFFICE


def test_every_encrypted_public_file_is_named_and_no_other(corpus: Path) -> None:
    found = {path.name: sniff(path.read_bytes(), path.name) for path in (corpus / "encrypted").iterdir()}
    locked = {name for name, kind in found.items() if kind is Format.ENCRYPTED_OFFICE}
    assert locked == {name for name in found if name.endswith(("_password.docx", "_password.doc"))}


def test_a_part_that_unpacks_to_gigabytes_is_not_unpacked_to_tell_the_format() -> None:
    data = opendocument(mimetype=ODT + " " * (200 << 20))
    tracemalloc.start()
    assert sniff(data) is Format.ODT
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()
