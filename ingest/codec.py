"""Documents as JSON bytes and back: how a child hands them over and how the store keeps them."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from extract.model import Cell, Document, Element, Leaf, Location, Note, Paragraph, PrintedLine, Table


def dump(document: Document) -> bytes:
    """The document as JSON; what equals its default is left out."""
    parts: dict[str, Any] = {"elements": _elements(document.elements), "notes": [_record(n) for n in document.notes]}
    if document.leaves:
        parts["leaves"] = [_record(leaf) for leaf in document.leaves]
    body = {**_record(document, "elements", "notes", "leaves"), **parts}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def load(data: bytes) -> Document:
    """What `dump` wrote; ValueError or KeyError if it is something else."""
    body = json.loads(data.decode("utf-8", "surrogatepass"))
    body["elements"] = _load_elements(body["elements"])
    body["notes"] = tuple(Note(**n) for n in body["notes"])
    body["leaves"] = tuple(Leaf(**leaf) for leaf in body.get("leaves", ()))
    return Document(**body)


def _record(value: Any, *without: str) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in fields(value) if f.name not in without and getattr(value, f.name) != f.default}


def _elements(elements: tuple[Element, ...]) -> list[dict[str, Any]]:
    return [_paragraph(e) if isinstance(e, Paragraph) else _table(e) for e in elements]


def _paragraph(p: Paragraph) -> dict[str, Any]:
    lines = {"lines": [[n.start, n.page, *n.box] for n in p.lines]} if p.lines else {}
    return {**_record(p, "location", "lines"), "location": _record(p.location), **lines}


def _table(t: Table) -> dict[str, Any]:
    rows = [[{**_record(c, "content"), "content": _elements(c.content)} for c in row] for row in t.rows]
    return {**_record(t, "rows", "location"), "location": _record(t.location), "rows": rows}


def _load_elements(values: list[dict[str, Any]]) -> tuple[Element, ...]:
    return tuple(_load_table(v) if "rows" in v else _load_paragraph(v) for v in values)


def _load_paragraph(value: dict[str, Any]) -> Paragraph:
    lines = tuple(PrintedLine(start, page, (x0, top, x1, bottom)) for start, page, x0, top, x1, bottom in value.get("lines", ()))
    return Paragraph(**{**value, "location": _location(value["location"]), "lines": lines})


def _load_table(value: dict[str, Any]) -> Table:
    rows = tuple(tuple(Cell(**{**c, "content": _load_elements(c["content"])}) for c in row) for row in value["rows"])
    return Table(**{**value, "location": _location(value["location"]), "rows": rows})


def _location(value: dict[str, Any]) -> Location:
    box = value.get("box")
    return Location(**{**value, "box": tuple(box) if box else None})
