"""A labelled case -> the pieces that every producer draws in its own way: title, headings, text, tables, catalog."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import yaml

HERE = Path(__file__).resolve().parent
HAN = "一二三四五六七八九十"
FRAME_HEAD = ("考核内容", "完成情况", "佐证材料")
NUMBER_COLUMNS = ("序号", "编号", "号")

Case = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing on the page."""

    kind: Literal["title", "heading", "text", "table"]
    text: str = ""
    """Hard line breaks as "\\n"."""
    number: str = ""
    level: int = 1
    rows: tuple[tuple[str, ...], ...] = ()
    """Of a table; a row of one cell spans it."""
    head: int = 0
    """Rows of its header."""
    frame: bool = False
    """A table that frames running text."""

    @property
    def full(self) -> str:
        return self.number + self.text

    @property
    def columns(self) -> int:
        return max(map(len, self.rows))


def load(path: Path) -> Case:
    """The case as render.py prepares it."""
    case: Case = yaml.safe_load(path.read_text("utf-8"))
    catalog = case["catalog"]
    catalog["rows"] = catalog.get("rows") or []
    for row in catalog["rows"]:
        if False in row:  # an unquoted `no:` is a boolean in YAML 1.1
            row["no"] = row.pop(False)
        row["no"] = str(row["no"])
    return case


def renderer() -> ModuleType:
    """render.py, whose labels and mails we share: the copy beside this file, or the shared one."""
    places = (HERE / "render.py", HERE.parent.parent / "shared" / "eval" / "render.py")
    spec = importlib.util.spec_from_file_location("render", next(p for p in places if p.exists()))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RENDER = renderer()


def report_pieces(case: Case) -> list[Piece]:
    """The report without its appended catalog."""
    framed = case["style"].get("layout") == "table"
    pieces: list[Piece] = []
    rows: list[list[str]] = []
    for block in case["report"]:
        if framed and block.get("s", 0) and block["t"] not in ("title", "table"):
            _into_frame(rows, block)
            continue
        if rows and block["t"] != "table":
            pieces.append(_frame(rows))
            rows = []
        pieces.append(_piece(block))
    return [*pieces, *([_frame(rows)] if rows else [])]


def catalog_pieces(case: Case, *, lines: bool | None = None) -> list[Piece]:
    """Title and tables of the catalog; `lines`: as a list, by default where the case says so."""
    catalog, style = case["catalog"], case["style"]
    columns, groups = RENDER.groups_of(case)
    pieces = [Piece("title", catalog.get("title", "佐证材料目录清单"))]
    if style.get("catalog") == "docx-list" if lines is None else lines:
        for group, rows in groups:
            pieces += [Piece("heading", group)] if group else []
            pieces += [Piece("text", RENDER.list_line(columns, row)) for row in rows]
        return pieces
    head = tuple(tuple(str(v or "") for v in h) for h in catalog.get("header_rows") or [columns])
    if catalog.get("groups_as", "rows") == "rows":
        body = [row for group, rows in groups for row in ([(group,)] if group else []) + list(map(tuple, rows))]
        return [*pieces, Piece("table", rows=(*head, *body), head=len(head))]
    for group, rows in groups:
        pieces += [Piece("heading", group)] if group else []
        pieces.append(Piece("table", rows=(*head, *map(tuple, rows)), head=len(head)))
    return pieces


def countable(pieces: Iterable[Piece]) -> bool:
    """Whether the headings run 一、二、… and （一）（二）… anew under each, so that a program can count them itself."""
    counts = [0, 0]
    headings = [p for p in pieces if p.kind == "heading"]
    for piece in headings:
        if piece.level > 2:
            return False
        counts[piece.level - 1] += 1
        if piece.level == 1:
            counts[1] = 0
        count = counts[piece.level - 1]
        if count > 10 or piece.number != (f"{HAN[count - 1]}、" if piece.level == 1 else f"（{HAN[count - 1]}）"):
            return False
    return bool(headings)


def counts_itself(table: Piece) -> bool:
    """Whether the first column of a table runs 1, 2, 3 …"""
    rows = [row for row in table.rows[table.head :] if len(row) > 1]
    return not table.frame and bool(rows) and [row[0] for row in rows] == [str(k + 1) for k in range(len(rows))]


def spaced(title: str) -> str:
    """A short column title as clerks stretch it: 序  号."""
    return "  ".join(title) if len(title) == 2 else title


def sentences(text: str) -> list[str]:
    """The text cut behind its full stops, nothing lost."""
    return [s for s in re.split(r"(?<=。)", text) if s]


def _piece(block: dict[str, Any]) -> Piece:
    if block["t"] == "table":
        return Piece("table", rows=tuple(tuple(RENDER.strip(str(v)) for v in row) for row in block["rows"]), head=1)
    text = RENDER.strip(block["text"]).rstrip("\n")
    if block["t"] == "title":
        return Piece("title", text)
    return Piece("heading" if block["t"] == "h" else "text", text, block.get("n") or "", min(block.get("l", 1), 3))


def _into_frame(rows: list[list[str]], block: dict[str, Any]) -> None:
    """As render.py fills its three columns."""
    text = RENDER.strip(block["text"]).rstrip("\n")
    if block["t"] == "h":
        rows.append([block.get("n", "") + text, "", ""])
        return
    if not rows:
        rows.append(["", "", ""])
    column = block.get("col", 2 if text.startswith("佐证材料") and rows[-1][1] else 1)
    if rows[-1][column] and column == 1 and block.get("newrow"):
        rows.append(["", "", ""])
    rows[-1][column] = (rows[-1][column] + "\n" + text).strip("\n")


def _frame(rows: list[list[str]]) -> Piece:
    return Piece("table", rows=(FRAME_HEAD, *((r[0],) if not r[1] and not r[2] else tuple(r) for r in rows)), head=1, frame=True)
