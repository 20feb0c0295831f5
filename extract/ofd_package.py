"""Open an OFD package (GB/T 33190), bounded: bytes -> parsed parts, however oddly names, places and encodings are written."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator

from lxml import etree

from extract.errors import DamagedFile, EmptyFile, EncryptedFile, HostileFile
from extract.word_package import ENTRY_LIMIT, XML_LIMIT, Package, parse

_UTF8_NAME = 0x800
_CHINESE = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["'](?:gb2312|gbk|gb18030|cp936|x-gbk)["'][^>]*\?>""", re.I)


def open_ofd(data: bytes) -> Package:
    """The package, its `main` the entry part. Raises EmptyFile, DamagedFile, EncryptedFile or HostileFile."""
    if not data:
        raise EmptyFile
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, EOFError, OSError) as error:
        raise DamagedFile from error
    if len(archive.infolist()) > ENTRY_LIMIT:
        raise HostileFile
    names: dict[str, str] = {}
    for info in archive.infolist():
        if not info.is_dir():
            names.setdefault(_normal(_decoded(info)), info.filename)
    if "encryptions.xml" in names:  # GM/T 0099: it lists the parts that are ciphertext
        raise EncryptedFile
    if "ofd.xml" not in names:
        raise DamagedFile("文件不完整，缺少 OFD.xml")
    return Package(archive, names, "ofd.xml")


def part(package: Package, name: str) -> etree._Element | None:
    """The root of an XML part, None where it is missing. Raises DamagedFile, EncryptedFile, HostileFile, TooLarge."""
    data = package.bytes(name, XML_LIMIT)
    if not data or not data.strip():
        return None
    label = _CHINESE.match(data)
    if label:  # a label of gb2312 or gbk is often short of what the text holds
        data = data[label.end() :].decode("gb18030", "replace").encode()
    return parse(data)


def resolve(package: Package, base: str, location: str | None) -> str | None:
    """The name of the part that `location`, written in part `base`, points to; None where nothing is there.

    Places are relative to the part or start at the root; some producers write them relative to the root without saying so.
    """
    location = (location or "").strip().replace("\\", "/")
    if not location:
        return None
    places = [location] if location.startswith("/") else [posixpath.join(posixpath.dirname(base), location), location]
    for place in places:
        name = posixpath.normpath(_normal(place)).lstrip("/")
        if name in package.names:
            return name
    return None


def local(node: etree._Element) -> str:
    """The name of an element without its namespace: several are in use, and none at all."""
    return node.tag.rsplit("}", 1)[-1] if isinstance(node.tag, str) else ""


def children(node: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """The children of that name."""
    return (child for child in node if local(child) == name) if node is not None else iter(())


def child(node: etree._Element | None, name: str) -> etree._Element | None:
    """The first child of that name."""
    return next(children(node, name), None)


def words(node: etree._Element | None) -> str:
    """The text of an element, "" where there is none."""
    return ((node.text if node is not None else None) or "").strip()


def _decoded(info: zipfile.ZipInfo) -> str:
    """A name without the UTF-8 mark holds the bytes of UTF-8 or GBK, which zipfile took for cp437."""
    if info.flag_bits & _UTF8_NAME or info.filename.isascii():
        return info.filename
    try:
        stored = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return stored.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _normal(name: str) -> str:
    name = name.replace("\\", "/").lower()
    while name.startswith(("/", "./")):
        name = name.lstrip("/") if name.startswith("/") else name[2:]
    return name
