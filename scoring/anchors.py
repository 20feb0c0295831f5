"""Where a person's words belong: claims, blocks and rows named by what they say, so that a newer reading finds them again."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Plain = Mapping[str, Any]
"""A worksheet, or a part of one, as its JSON reads."""
Record = dict[str, Any]
"""A part of a worksheet that is being worked on."""


def block_anchor(sheet: Plain, index: int) -> dict[str, Any]:
    """{"file": SHA-256, "text", "occurrence": n-th block of that text in that file} of a block by its index."""
    block = sheet["blocks"][index]
    twins = [n for n, b in enumerate(sheet["blocks"]) if b["file"] == block["file"] and b["text"] == block["text"]]
    return {"file": _sha(sheet, block), "text": block["text"], "occurrence": twins.index(index)}


def claim_anchor(sheet: Plain, claim: Plain) -> dict[str, Any]:
    """{"file", "block": text, "text": claim's, "occurrence": n-th such text in such a block} of a claim.

    Members of one range share their words; "ref" then tells them apart.
    """
    block = sheet["blocks"][claim["block"]]
    places = _places(sheet, _blocks(sheet, _sha(sheet, block), block["text"]), claim["text"])
    at = (claim["block"], claim["span"][0])
    anchor = {
        "file": _sha(sheet, block),
        "block": block["text"],
        "text": claim["text"],
        "occurrence": places.index(at) if at in places else 0,
    }
    claims = [*sheet["claims"], *sheet.get("removed_claims", ())]
    twins = [c for c in claims if c["block"] == claim["block"] and list(c["span"]) == list(claim["span"])]
    return anchor | ({"ref": claim["ref"]} if len(twins) > 1 else {})


def row_anchor(sheet: Plain, row: Plain) -> dict[str, Any]:
    """{"no", "title", "docno", "group"} of a catalog row; "occurrence" where several rows are alike in all of these."""
    anchor = {key: row[key] for key in ROW}
    twins = [r["id"] for r in sheet["catalog"] if all(r[k] == row[k] for k in ROW)]
    return anchor | ({"occurrence": twins.index(row["id"])} if len(twins) > 1 else {})


def find_block(sheet: Plain, anchor: Plain) -> int | None:
    """Index of the block that the anchor means; None if there is none."""
    found = _blocks(sheet, anchor["file"], anchor["text"])
    return found[anchor["occurrence"]] if anchor["occurrence"] < len(found) else None


def find_span(sheet: Plain, anchor: Plain) -> tuple[int, int, int] | None:
    """(block index, start, end) of the words of a claim's anchor; None if they are nowhere."""
    places = _places(sheet, _blocks(sheet, anchor["file"], anchor["block"]), anchor["text"])
    if anchor["occurrence"] >= len(places):
        return None
    block, start = places[anchor["occurrence"]]
    return block, start, start + len(anchor["text"])


def find_claim(sheet: Plain, claims: Sequence[Record], anchor: Plain) -> Record | None:
    """The one of the claims that the anchor means; None if there is none."""
    place = find_span(sheet, anchor)
    if place is None:
        return None
    here = [c for c in claims if c["block"] == place[0] and tuple(c["span"]) == place[1:]]
    if "ref" in anchor:  # another member of its range is another thing
        here = [c for c in here if c["ref"] == anchor["ref"]] or [c for c in here if not c["ref"]]
    return next(iter(here), None)


def find_row(catalog: Sequence[Plain], anchor: Plain) -> Plain | None:
    """The row that the anchor means: equal in all, else the only one of that title and 文号; None if that leaves none or several."""
    alike = [r for r in catalog if all(r[k] == anchor.get(k) for k in ROW)]
    if alike:
        return alike[min(int(anchor.get("occurrence", 0)), len(alike) - 1)]
    named = [r for r in catalog if _squeezed(r["title"]) == _squeezed(anchor["title"]) and r["docno"] == anchor.get("docno")]
    numbered = [r for r in named if r["no"] == anchor["no"]]
    found: list[Plain | None] = [rows[0] for rows in (named, numbered) if len(rows) == 1]
    return found[0] if found else None


ROW = ("no", "title", "docno", "group")


def _blocks(sheet: Plain, sha256: str, text: str) -> list[int]:
    """Indexes of the blocks of that text: in that file; else in another one; else written with other spaces or widths."""
    blocks = sheet["blocks"]
    exact = [n for n, b in enumerate(blocks) if b["text"] == text]
    mine = [n for n in exact if _sha(sheet, blocks[n]) == sha256]
    if mine or exact:
        return mine or exact
    squeezed = _squeezed(text)
    return [n for n, b in enumerate(blocks) if _squeezed(b["text"]) == squeezed]


def _places(sheet: Plain, blocks: Iterable[int], text: str) -> list[tuple[int, int]]:
    """(block index, start) of every occurrence of the text in these blocks, in reading order."""
    found: list[tuple[int, int]] = []
    for n in blocks:
        words = sheet["blocks"][n]["text"]
        at = words.find(text)
        while at >= 0 and text:
            found.append((n, at))
            at = words.find(text, at + 1)
    return found


def _sha(sheet: Plain, block: Plain) -> str:
    files = sheet["submission"]["files"]
    return str(files[block["file"]]["sha256"]) if 0 <= block["file"] < len(files) else ""


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
