"""How a document looks from outside that is worth a closer look by a child: one with a password, one with files in it."""

from __future__ import annotations

import re

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_POOL = "ObjectPool".encode("utf-16-le")
_OBJECTS = re.compile(rb"word[/\\]embeddings[/\\]", re.I)


def may_be_locked(data: bytes) -> bool:
    """Whether it may be an Office document or a PDF with a password."""
    return data.startswith(_OLE) or (b"%PDF-" in data[:1024] and b"/Encrypt" in data)


def may_hold_files(data: bytes) -> bool:
    """Whether it may be a DOCX, a DOC or a PDF with files in it."""
    if data.startswith(_OLE):
        return _POOL in data
    if data.startswith(b"PK"):
        return bool(_OBJECTS.search(data))
    return b"%PDF-" in data[:1024] and b"/EmbeddedFile" in data
