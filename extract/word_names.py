"""The XML names that the DOCX reader speaks of, spelled once in lxml's notation."""

from __future__ import annotations

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
V = "{urn:schemas-microsoft-com:vml}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
VAL = W + "val"
WRAPPERS = frozenset(W + name for name in ("customXml", "ins", "moveTo", "smartTag", "sdtContent", "body"))
"""Wrappers of blocks, rows and cells that read as if they were not there."""


def named(node: etree._Element | None) -> dict[str, etree._Element]:
    """The children of a property element by tag: one pass instead of a search for each of them."""
    return {} if node is None else {child.tag: child for child in node}


def is_on(value: str | None) -> bool:
    """An on/off property that is present: on unless it says otherwise."""
    return value is None or value.lower() not in ("0", "false", "off", "none")


def whole(value: str | None) -> int | None:
    """An integer attribute, None where it is missing or no number."""
    try:
        return int(value) if value is not None else None
    except ValueError:
        return None
