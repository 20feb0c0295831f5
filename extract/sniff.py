"""Tell what a file is by its content; its name only breaks ties (csv or txt)."""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum

import msoffcrypto
import olefile

from extract.plain import decode_text


class Format(StrEnum):
    """What the bytes are, whatever the name says."""

    EMPTY = "empty"
    DOCX = "docx"
    XLSX = "xlsx"
    XLSB = "xlsb"
    PPTX = "pptx"
    ODT = "odt"
    ODS = "ods"
    OFD = "ofd"
    DOC = "doc"
    XLS = "xls"
    PPT = "ppt"
    MSG = "msg"
    RTF = "rtf"
    WORD_XML = "word_xml"
    FLAT_OPC = "flat_opc"
    SHEET_XML = "sheet_xml"
    XML = "xml"
    WEB_ARCHIVE = "web_archive"
    ENCRYPTED_OFFICE = "encrypted_office"
    PDF = "pdf"
    IMAGE = "image"
    HTML = "html"
    TEXT = "text"
    CSV = "csv"
    EML = "eml"
    TNEF = "tnef"
    ZIP = "zip"
    RAR = "rar"
    SEVEN_ZIP = "7z"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    TAR = "tar"
    IWORK = "iwork"
    SHORTCUT = "shortcut"
    PROGRAM = "program"
    UNKNOWN = "unknown"


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"Rar!\x1a\x07", Format.RAR),
    (b"7z\xbc\xaf\x27\x1c", Format.SEVEN_ZIP),
    (b"\x1f\x8b", Format.GZIP),
    (b"BZh91AY&SY", Format.BZIP2),
    (b"\xfd7zXZ\x00", Format.XZ),
    (b"\x78\x9f\x3e\x22", Format.TNEF),
    (b"{\\rtf", Format.RTF),
    (b"\xff\xd8\xff", Format.IMAGE),
    (b"\x89PNG\r\n\x1a\n", Format.IMAGE),
    (b"GIF87a", Format.IMAGE),
    (b"GIF89a", Format.IMAGE),
    (b"BM", Format.IMAGE),
    (b"II*\x00", Format.IMAGE),
    (b"MM\x00*", Format.IMAGE),
    (b"L\x00\x00\x00\x01\x14\x02\x00", Format.SHORTCUT),
    (b"MZ", Format.PROGRAM),
)

_LIKE_WORDS = (b"BM", b"MZ")
"""Marks that a text may begin with: then no zeros follow."""

_ZIP_PARTS: tuple[tuple[str, Format], ...] = (
    ("ofd.xml", Format.OFD),
    ("encryptions.xml", Format.OFD),
    ("word/document", Format.DOCX),
    ("xl/workbook.bin", Format.XLSB),
    ("xl/workbook", Format.XLSX),
    ("ppt/presentation", Format.PPTX),
    ("word/", Format.DOCX),
    ("xl/", Format.XLSX),
)

_OFFICE_PARTS = ("[content_types].xml", "_rels/", "word/document.xml", "xl/workbook.xml", "xl/workbook.bin", "ppt/presentation.xml")
"""What an Office package has; an archive with a folder called word has not."""

_OLE_STREAMS: tuple[tuple[str, Format], ...] = (
    ("EncryptedPackage", Format.ENCRYPTED_OFFICE),
    ("WordDocument", Format.DOC),
    ("Workbook", Format.XLS),
    ("Book", Format.XLS),
    ("PowerPoint Document", Format.PPT),
    ("__properties_version1.0", Format.MSG),
)

_MAIL_HEADER = re.compile(
    r"(received|from|to|date|subject|return-path|delivered-to|message-id|mime-version|content-type|x-[\w-]+|dkim-signature):", re.I
)
_CARRIED = frozenset({"received", "to", "cc", "return-path", "delivered-to", "message-id", "x-mailer"})
"""Headers that no page has which a browser or a word processor saved."""
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]|<(head|body|table|div|meta|p)[\s>]", re.I)


def sniff(data: bytes, name: str = "") -> Format:
    """The format of `data`; `name` decides only between formats whose bytes look alike."""
    if not data:
        return Format.EMPTY
    if data[:2] == b"PK" and data[2:4] in (b"\x03\x04", b"\x05\x06", b"\x07\x08"):
        return _zip(data, name)
    if data.startswith(_OLE):
        return _ole(data)
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        return Format.IMAGE
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Format.IMAGE
    for magic, found in _MAGIC:
        if data.startswith(magic) and (magic not in _LIKE_WORDS or b"\0\0" in data[2:64]):
            return found
    if data[257:262] == b"ustar":
        return Format.TAR
    if b"%PDF-" in data[:1024]:
        return Format.PDF
    return _text(data, name)


def _zip(data: bytes, name: str) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = [n.replace("\\", "/").lower().lstrip("/") for n in package.namelist()]
            mimetype = _start(package, "mimetype", 80)
            manifest = _start(package, "META-INF/manifest.xml", 1 << 20) if b"opendocument" in mimetype else b""
    except Exception:  # noqa: BLE001 - a broken package: its first local headers still tell what it was meant to be
        names = [n.decode("latin-1").lower() for n in re.findall(rb"PK\x03\x04.{26}([\w\[\]./ -]{1,60})", data, re.S)[:50]]
        mimetype, manifest = data[38:118] if data[30:38] == b"mimetype" else b"", b""
    if "encrypted-package" in names or b"encryption-data" in manifest:  # OpenDocument, whole or part by part
        return Format.ENCRYPTED_OFFICE
    if "index/document.iwa" in names or ("index.zip" in names and any(n.startswith("quicklook/") for n in names)):
        return Format.IWORK
    if b"opendocument.text" in mimetype:
        return Format.ODT
    if b"opendocument.spreadsheet" in mimetype:
        return Format.ODS
    office = _extension(name)[:3] in ("doc", "dot", "xls", "xlt", "ppt") or any(n.startswith(_OFFICE_PARTS) for n in names)
    for part, found in _ZIP_PARTS:
        if any(n == part or n.startswith(part) for n in names) and (office or found is Format.OFD):
            return found
    if any(n.startswith("[content_types].xml") for n in names):  # cut off before the main part: the name breaks the tie
        return {"docx": Format.DOCX, "xlsx": Format.XLSX}.get(_extension(name), Format.ZIP)
    return Format.ZIP


def _start(package: zipfile.ZipFile, name: str, length: int) -> bytes:
    """The first bytes of a part, and no more is unpacked; b"" where there is none."""
    if name not in package.namelist():
        return b""
    with package.open(name) as stream:
        return stream.read(length)


def _ole(data: bytes) -> Format:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            streams = {entry[0] for entry in ole.listdir()}
    except Exception:  # noqa: BLE001 - truncated: the directory may still be there to look at
        streams = {stream for stream, _ in _OLE_STREAMS if stream.encode("utf-16-le") in data}
    for stream, found in _OLE_STREAMS:
        if stream in streams:
            return Format.ENCRYPTED_OFFICE if found in (Format.DOC, Format.XLS, Format.PPT) and _locked(data) else found
    return Format.UNKNOWN


def _locked(data: bytes) -> bool:
    try:
        return bool(msoffcrypto.OfficeFile(io.BytesIO(data)).is_encrypted())
    except Exception:  # noqa: BLE001 - its parser fails on odd but open files; the reader will say what is wrong
        return False


def _text(data: bytes, name: str) -> Format:
    text = decode_text(data[:200_000], cut=len(data) > 200_000)
    if text is None or _binary(text):
        return Format.UNKNOWN
    head = text[:4000].lstrip("\ufeff \t\r\n")
    if not head and not text.strip():
        return Format.EMPTY
    if found := _xml(head):
        return found
    if _is_web_archive(head):
        return Format.WEB_ARCHIVE
    if _is_mail(head):
        return Format.EML
    if _HTML.match(head) or (head.startswith("<") and _HTML.search(head)):
        return Format.HTML
    if head.startswith("<?xml"):
        return Format.XML
    return Format.CSV if _extension(name) in ("csv", "tsv") else Format.TEXT


def _xml(head: str) -> Format | None:
    """Which office program's own XML it is; None for all else."""
    if not head.startswith("<"):
        return None
    if "http://schemas.microsoft.com/office/2006/xmlPackage" in head:
        return Format.FLAT_OPC
    if "urn:schemas-microsoft-com:office:spreadsheet" in head and re.search(r"<(\w+:)?Workbook[\s>]", head):
        return Format.SHEET_XML
    if head.startswith("<?xml") and 'progid="Word.Document"' in head:
        return Format.WORD_XML
    return Format.XML if re.search(r"<uof:UOF[\s>]", head) else None


def _is_web_archive(head: str) -> bool:
    """Whether these are the headers of a saved page: it was sent by nobody to nobody."""
    lines = re.split(r"\r?\n(?![ \t])", re.split(r"\r?\n\r?\n", head, maxsplit=1)[0])
    told = {
        name.lower(): value for name, colon, value in (line.partition(":") for line in lines) if colon and re.fullmatch(r"[\w-]+", name)
    }
    saved = re.match(r"\s*(multipart/related|text/html)\b", told.get("content-type", ""), re.I)
    return bool(saved) and "mime-version" in told and "@" not in told.get("from", "") and not told.keys() & _CARRIED


def _binary(text: str) -> bool:
    odd = sum(1 for c in text if (c < " " and c not in "\t\r\n\f\x1a") or c == "\ufffd")
    return odd > len(text) * 0.01


def _is_mail(head: str) -> bool:
    lines = re.split(r"\r?\n", head)[:8]
    headers = [bool(_MAIL_HEADER.match(line)) for line in lines]
    return headers[0] and sum(headers) >= 2


def _extension(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""
