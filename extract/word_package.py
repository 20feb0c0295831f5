"""Open a DOCX package, bounded: bytes -> parsed parts and their relationships, however oddly they are named."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import msoffcrypto
import olefile
from lxml import etree

from extract.errors import DamagedFile, EmptyFile, EncryptedFile, HostileFile, NeedsConversion, TooLarge, UnsupportedFormat
from extract.ooxml_strict import usual

XML_LIMIT = 96 << 20
"""Bytes of one XML part, unpacked: some forty times a report of 100 pages, and its tree still fits in memory."""
PICTURE_LIMIT = 64 << 20
SUSPICIOUS_RATIO = 200
"""Unpacked to packed size of a part beyond SUSPICIOUS_SIZE that no word processor writes: text packs 10 to 60 fold."""
SUSPICIOUS_SIZE = 16 << 20
ENTRY_LIMIT = 20_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError)
_INVALID_CHARACTER = (9, 96, 201, 203)
"""libxml2 codes that word processors forgive: control characters, version, undeclared prefixes."""


@dataclass(slots=True)
class Package:
    """The parts of one DOCX; parts are parsed when asked for."""

    archive: zipfile.ZipFile
    names: dict[str, str] = field(default_factory=dict)
    """Part name in lower case, forward slashes -> name in the archive."""
    main: str = ""
    _relations: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def xml(self, name: str) -> etree._Element | None:
        """The root of an XML part, None where it is missing. Raises DamagedFile, HostileFile, TooLarge."""
        data = self.bytes(name, XML_LIMIT)
        return parse(data) if data and data.strip() else None

    def bytes(self, name: str, limit: int) -> bytes | None:
        """The unpacked bytes of a part, None where it is missing."""
        stored = self.names.get(name.lower())
        return None if stored is None else _unpack(self.archive, stored, limit)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id -> (last word of the type, part name) of the relationships inside the package; broken ones are left out."""
        if part not in self._relations:
            self._relations[part] = self._read_relations(part)
        return self._relations[part]

    def _read_relations(self, part: str) -> dict[str, tuple[str, str]]:
        folder, name = posixpath.split(part)
        try:
            root = self.xml(posixpath.join(folder, "_rels", name + ".rels"))
        except DamagedFile:
            return {}
        found: dict[str, tuple[str, str]] = {}
        for relation in root if root is not None else ():
            target = relation.get("Target", "") if isinstance(relation.tag, str) else ""
            if target and relation.get("TargetMode") != "External":
                found[relation.get("Id", "")] = (relation.get("Type", "").rsplit("/", 1)[-1], _resolve(folder, target))
        return found

    def related(self, kind: str, default: str) -> str:
        """The name of the main part's related part of that kind (styles, numbering, theme …)."""
        for found, target in self.relations(self.main).values():
            if found == kind and target.lower() in self.names:
                return target
        return posixpath.join(posixpath.dirname(self.main), default)


def open_package(data: bytes) -> Package:
    """Raises EmptyFile, EncryptedFile, NeedsConversion, UnsupportedFormat, DamagedFile, HostileFile or TooLarge."""
    if not data.strip(b"\0 \r\n\t"):
        raise EmptyFile
    if data.startswith(_OLE):
        raise _ole_error(data)
    if data.lstrip()[:5] in (b"%PDF-", b"{\\rtf"):
        raise UnsupportedFormat("文件内容不是 DOCX 文档")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _UNREADABLE as error:
        raise DamagedFile from error
    if len(archive.namelist()) > ENTRY_LIMIT:
        raise HostileFile
    package = Package(archive, {_normal(name): name for name in archive.namelist()})
    package.main = _main_part(package)
    return package


def main_root(package: Package) -> etree._Element:
    """The root of the body's part. Raises DamagedFile where there is none."""
    root = package.xml(package.main)
    if root is None:
        raise DamagedFile("文件不完整，缺少正文部分")
    return root


def optional_part(package: Package, name: str) -> etree._Element | None:
    """A helper part; a broken one is done without, as word processors do."""
    try:
        return package.xml(name)
    except DamagedFile:
        return None


def parse(data: bytes) -> etree._Element:
    """An XML part's root, strict names turned into the usual ones. Raises DamagedFile or HostileFile."""
    data = usual(data)
    parser = _parser(recover=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        root = _second_try(data, error)
    declared: Any = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise HostileFile
    return root


def _second_try(data: bytes, error: etree.XMLSyntaxError) -> etree._Element:
    if b"<!ENTITY" in data or "depth" in str(error).lower() or "huge" in str(error).lower():
        raise HostileFile from error
    if getattr(error, "code", None) not in _INVALID_CHARACTER:
        raise DamagedFile from error
    root: etree._Element | None = etree.fromstring(data, _parser(recover=True))
    if root is None:
        raise DamagedFile from error
    return root


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True, recover=recover
    )


def _unpack(archive: zipfile.ZipFile, stored: str, limit: int) -> bytes:
    info = archive.getinfo(stored)
    if info.flag_bits & 1:
        raise EncryptedFile
    if info.file_size > SUSPICIOUS_SIZE and info.file_size > SUSPICIOUS_RATIO * max(info.compress_size, 1):
        raise HostileFile
    if info.file_size > limit:
        raise TooLarge
    try:
        with archive.open(info) as stream:
            return stream.read(limit)
    except _UNREADABLE as error:
        raise DamagedFile from error


def _main_part(package: Package) -> str:
    """By the package's relationships; by name where they are missing or point nowhere."""
    for kind, target in package.relations("").values():
        if kind == "officeDocument" and target.lower() in package.names:
            return target
    for name in sorted(package.names, key=lambda n: (n != "word/document.xml", n)):
        if re.fullmatch(r"word/document\d*\.xml", name):
            return name
    raise DamagedFile("文件不完整，缺少正文部分")


def _ole_error(data: bytes) -> Exception:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            if ole.exists("EncryptedPackage"):
                return EncryptedFile()
            if not ole.exists("WordDocument"):
                return UnsupportedFormat("文件内容不是 DOCX 文档")
        office = msoffcrypto.OfficeFile(io.BytesIO(data))
        return EncryptedFile() if office.is_encrypted() else NeedsConversion()
    except Exception as error:  # noqa: BLE001 - two libraries with their own error families; whatever fails, the file is damaged
        damaged = DamagedFile()
        damaged.__cause__ = error
        return damaged


def _resolve(folder: str, target: str) -> str:
    target = unquote(target.replace("\\", "/"))
    joined = target if target.startswith("/") else posixpath.join("/", folder, target)
    return posixpath.normpath(joined).lstrip("/")


def _normal(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
