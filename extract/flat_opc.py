"""An Office file as one XML file (Flat OPC, Word's “Word XML 文档”): bytes -> the same package as a zip."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile

from lxml import etree

from extract.errors import DamagedFile, HostileFile

_PKG = "{http://schemas.microsoft.com/office/2006/xmlPackage}"


def as_package(data: bytes) -> bytes:
    """The zip that Word would have written. Raises DamagedFile, HostileFile."""
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise HostileFile
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)  # a picture may be one long text
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DamagedFile from error
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {part.get(_PKG + "name", "").lstrip("/"): _content(part) for part in root.iter(_PKG + "part")}.items():
            package.writestr(name, content)
    return out.getvalue()


def _content(part: etree._Element) -> bytes:
    xml, packed = part.find(_PKG + "xmlData"), part.find(_PKG + "binaryData")
    if xml is not None and len(xml):
        return etree.tostring(xml[0], xml_declaration=True, encoding="UTF-8", with_tail=False)
    try:
        return base64.b64decode(packed.text or "") if packed is not None else b""
    except binascii.Error as error:
        raise DamagedFile from error
