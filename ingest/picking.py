"""What a person means: an id, a printed number or a few words -> the one claim, row, block, file or submission that fits (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ingest.casework import Sheet
from ingest.store import Arrival, Recorded
from ingest.uploads import readable

Thing = TypeVar("Thing")


class Unpicked(ValueError):
    """Nothing fits, or more than one thing does; the message (Chinese) says what does."""


def pick_claim(sheet: Sheet, text: str) -> dict[str, Any]:
    """k3, 佐证3, or words of the claim. Claims that a person struck out count, too."""
    claims = [*sheet["claims"], *sheet.get("removed_claims", ())]
    number = re.fullmatch(r"(?:k|佐证)?(\d+)", text)
    if number:
        return _one([c for c in claims if c["id"] == f"k{number[1]}"], text, "佐证", _claim)
    return _one(_fitting(claims, text, lambda c: c["text"]), text, "佐证", _claim)


def pick_row(sheet: Sheet, text: str) -> dict[str, Any]:
    """c5, the number printed in the catalog, or words of the title."""
    rows = sheet["catalog"]
    if re.fullmatch(r"c\d+", text):
        return _one([r for r in rows if r["id"] == text], text, "目录中的材料", _row)
    numbered = [r for r in rows if r["no"] == text]
    return _one(numbered or _fitting(rows, text, lambda r: f"{r['title']} {r['docno'] or ''}"), text, "目录中的材料", _row)


def pick_block(sheet: Sheet, text: str) -> int:
    """b12 (the twelfth block of the report) or words of it -> its index."""
    blocks = sheet["blocks"]
    number = re.fullmatch(r"b(\d+)", text)
    if number and 1 <= int(number[1]) <= len(blocks):
        return int(number[1]) - 1
    found = _fitting(list(enumerate(blocks)), text, lambda b: b[1]["text"])
    return _one(found, text, "报告中的段落", lambda b: f"b{b[0] + 1} {_short(b[1]['text'])}")[0]


def pick_submission(submissions: Sequence[Recorded], text: str) -> Recorded:
    """Its place in the inbox, the last part of it, or the beginning of its number (6 signs or more)."""
    current = list({s.digest: s for s in submissions if s.current}.values())
    whole = [s for s in current if text in (s.place, readable(s.place))]
    exact = whole or [s for s in current if s.place.rstrip("/").rsplit("/", 1)[-1] == text.rstrip("/")]
    found = exact or [s for s in current if len(text) >= 6 and s.digest.startswith(text)]
    return _one(found, text, "来件", lambda s: s.place)


def pick_file(arrivals: Sequence[Arrival], text: str) -> Arrival:
    """Its place, its name, or the beginning of its SHA-256 (6 signs or more)."""
    files = [a for a in arrivals if a.kind == "file" and a.sha256]
    exact = [a for a in files if text in (a.place, readable(a.place))] or [a for a in files if a.name == text]
    found = exact or [a for a in files if len(text) >= 6 and a.sha256.startswith(text)]
    return _one(list({a.sha256: a for a in found}.values()), text, "文件", lambda a: f"{a.name}（{a.place}）")


def pick_arrivals(arrivals: Sequence[Arrival], text: str) -> list[Arrival]:
    """What stands at that place and in it; else what is called so, or whose SHA-256 begins so (6 signs or more). May be nothing."""
    place = readable(text).rstrip("/")
    found = [a for a in arrivals if a.place == text or f"{readable(a.place)}/".startswith((f"{place}/", f"{place}#"))] if place else []
    if not found and text:
        named = [a.place for a in arrivals if a.name == text or (len(text) >= 6 and a.sha256.startswith(text))]
        found = [a for a in arrivals if a.place in named or a.place.startswith(tuple(f"{p}#" for p in named))] if named else []
    return found


def _fitting(things: Sequence[Thing], text: str, words: Callable[[Thing], str]) -> list[Thing]:
    """Those that say exactly this; else those that hold it."""
    if not text:
        return []
    return [t for t in things if words(t) == text] or [t for t in things if text in words(t)]


def _one(found: Sequence[Thing], text: str, what: str, say: Callable[[Thing], str]) -> Thing:
    if len(found) == 1:
        return found[0]
    if not found:
        raise Unpicked(f"没有“{text}”这样的{what}")
    raise Unpicked(f"“{text}”对应不止一处{what}，请指明：" + "；".join(say(t) for t in found[:8]))


def _claim(claim: dict[str, Any]) -> str:
    return f"{claim['id']} {_short(claim['text'])}"


def _row(row: dict[str, Any]) -> str:
    return f"{row['id']} 第{row['no'] or row['row']}项{_short(row['title'])}"


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"
