"""The pages that a person can look at behind a file of a worksheet: which page of which original, and what stands where on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from extract.model import Document, Leaf
from ingest.photos import in_order, merge
from ingest.places import Places, places

Plain = Mapping[str, Any]
Reread = Callable[[str, str], Document | None]
"""(SHA-256, name) -> the file as it was read, None where that is not kept."""
_A4 = (595.3, 841.9)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: `number` is what the worksheet calls it, `leaf` what it is in the original it is drawn from."""

    number: int
    sha256: str
    name: str
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Paper:
    """All pages of a file, and where its paragraphs stand on them; without pages where its format has none."""

    sheets: tuple[Sheet, ...]
    places: Places


def paper(files: Sequence[Plain], index: int, read: Reread) -> Paper:
    """The pages behind the file; several photos that were read as one document are the pages of the first of them."""
    file = files[index]
    photos = _photos(files, file)
    if len(photos) > 1:
        return _photographed([f for f in photos if f["sha256"]], read)
    document = read(file["sha256"], file["name"])
    if document is None:  # not kept, or read by a program that did not remember its pages: they are shown without boxes
        return Paper(_blank(file), Places({}, {}, {}))
    leaves = document.leaves or tuple(s.leaf for s in _blank(file))
    return Paper(tuple(Sheet(leaf.page, file["sha256"], file["name"], leaf) for leaf in leaves), places(document))


def _photos(files: Sequence[Plain], file: Plain) -> list[Plain]:
    """The photos of which `file` is the first page, in page order; fewer than two where it stands for itself."""
    if not _is_photo(file) or (file.get("pages") or 1) < 2:
        return []
    alike = [f for f in files if _is_photo(f) and f["role"] == file["role"] and f["state"] == file["state"]]
    return [alike[k] for k in in_order([f["name"] for f in alike])]


def _photographed(photos: Sequence[Plain], read: Reread) -> Paper:
    held = [(f, document) for f in photos if (document := read(f["sha256"], f["name"])) is not None]
    sheets = [Sheet(n, f["sha256"], f["name"], _first(document)) for n, (f, document) in enumerate(held, 1)]
    whole = places(merge([document for _, document in held])) if held else Places({}, {}, {})
    return Paper(tuple(sheets), whole)


def _first(document: Document) -> Leaf:
    return replace(document.leaves[0], page=1) if document.leaves else Leaf(1, *_A4)


def _blank(file: Plain) -> tuple[Sheet, ...]:
    """Pages of which only the count is known."""
    paged = file["media_type"] == "application/pdf" or _is_photo(file)
    count = (file.get("pages") or (1 if _is_photo(file) else 0)) if paged else 0
    return tuple(Sheet(n, file["sha256"], file["name"], Leaf(n, *_A4)) for n in range(1, count + 1))


def _is_photo(file: Plain) -> bool:
    return str(file["media_type"]).startswith("image/")
