"""Strict Office Open XML: its schemas under the names that everybody else uses, so that one reader knows both."""

from __future__ import annotations

import io
import zipfile

_NAMES = (
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)


def usual(part: bytes) -> bytes:
    """An XML part with the usual names."""
    for strict, name in _NAMES if b"purl.oclc.org" in part else ():
        part = part.replace(strict, name)
    return part


def usual_package(data: bytes) -> bytes:
    """The package with all its XML parts so, itself where it is not strict; the caller has bounded what it unpacks to."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if not any(b"purl.oclc.org/ooxml" in package.read(n) for n in package.namelist() if n.lower().endswith("workbook.xml")):
            return data
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
            for name in dict.fromkeys(package.namelist()):
                part = package.read(name)
                new.writestr(name, usual(part) if name.lower().endswith((".xml", ".rels")) else part)
    return out.getvalue()
