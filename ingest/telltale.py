"""How a document looks from outside that is worth a closer look by a child: one with a password, one with files in it."""

from __future__ import annotations

import re

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_POOL = "ObjectPool".encode("utf-16-le")
_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_BOOK = re.compile(rb"\x09\x08\x10\x00\x00\x06\x05\x00.{12}\x2f\x00", re.S)
"""A workbook of Excel 97 whose second record says that the rest is encrypted."""
_OBJECTS = re.compile(rb"word[/\\]embeddings[/\\]", re.I)


def may_be_locked(data: bytes) -> bool:
    """Whether it may be an Office document or a PDF with a password; a mere look, for each costs a child."""
    if data.startswith(_OLE):
        return _PACKAGE in data or bool(_BOOK.search(data)) or any(_is_locked_word(data, at) for at in range(512, len(data) - 12, 512))
    return b"%PDF-" in data[:1024] and b"/Encrypt" in data


def _is_locked_word(data: bytes, sector: int) -> bool:
    """Whether the text of a DOC or WPS begins there, with the mark that it is encrypted."""
    return data.startswith(b"\xec\xa5", sector) and bool(data[sector + 11] & 1)


def may_hold_files(data: bytes) -> bool:
    """Whether it may be a DOCX, a DOC or a PDF with files in it."""
    if data.startswith(_OLE):
        return _POOL in data
    if data.startswith(b"PK"):
        return bool(_OBJECTS.search(data))
    return b"%PDF-" in data[:1024] and b"/EmbeddedFile" in data
