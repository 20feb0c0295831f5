"""The report as it was read, beside the pages that it was read from: blocks with section, item and claims, and boxes on the pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Any

from templates import wording
from templates.item_view import place_choices, row_choices
from templates.wording import MARKS, Mark
from templates.worksheet_page import Page
from templates.worksheet_parts import Block, Row

Plain = Mapping[str, Any]
Box = tuple[float, float, float, float]
Spots = Sequence[tuple[int, Box]]
"""(page, x0, top, x1, bottom in points): where something stands."""
POOR = 0.88
"""Below this certainty of recognition a sentence is to be compared with its picture."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A block of the report with what belongs to it."""

    block: Block
    section: int
    """0: belongs to none."""
    opens: bool
    """The block before belongs to another section."""
    label: str
    """1.1, 第1部分, 其他."""
    href: str
    """The page of its item, "" if it has none."""
    page: int | None
    box: str
    """Anchor of its box on the page, "" where it has none."""
    poor: str
    """How sure the recognition is, in hundredths, where that is little; else ""."""
    claims: tuple[Named, ...]
    removed: tuple[tuple[str, Plain], ...]
    """(words, who) of what a person said is no evidence."""


@dataclass(frozen=True, slots=True)
class Named:
    """A claim in a passage."""

    index: int
    id: str
    """What its addresses call it: k3."""
    words: str
    mark: Mark
    href: str
    why: str
    corrected: Plain | None


@dataclass(frozen=True, slots=True)
class Frame:
    """A stretch of a page that a passage or a claim stands on, in points."""

    id: str
    of: str
    """Anchor of the passage."""
    title: str
    section: int
    x: str
    y: str
    width: str
    height: str
    claim: str = ""
    """Anchor of the claim that stands there, "" for a whole passage."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page as a picture with its boxes."""

    number: int
    src: str
    name: str
    """Of the file it is in, where that is not the one shown: several photos may be one report."""
    width: str
    height: str
    blocks: tuple[Frame, ...]
    claims: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Original:
    """A file that was sent, to download; `pages` is the address that shows its pages here, "" if it has none."""

    name: str
    href: str
    role: str
    state: str
    size: str
    pages: str
    shown: bool
    problems: tuple[str, ...]
    lost: bool = False
    """It could not be read: the problems say why."""


@dataclass(frozen=True, slots=True)
class Legend:
    """A section with the number of its blocks and the first of them."""

    no: int
    title: str
    count: int
    anchor: str


@dataclass(frozen=True, slots=True)
class View:
    """The whole page."""

    passages: tuple[Passage, ...]
    claims: tuple[Named, ...]
    titles: Mapping[int, str]
    """Of the sections, by number."""
    legend: tuple[Legend, ...]
    leaves: tuple[Leaf, ...]
    originals: tuple[Original, ...]
    catalog: tuple[tuple[Row, str], ...]
    """(row, the address that shows the page it is printed on, "" where there is none)."""
    claim_counts: tuple[tuple[Mark, int], ...]
    poor: tuple[str, ...]
    """Anchors of the passages that were recognised badly."""
    recognised: bool
    zone: tzinfo | None
    places: tuple[str, ...]
    """What a block can be moved to, as it is chosen from a list."""
    rows: tuple[str, ...]
    shown: Original | None
    """The file whose pages stand beside the text."""
    aside: bool
    """It is another file than the report."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of the pages of the file that is shown."""

    file: int
    pages: Sequence[tuple[int, float, float, str, str]] = ()
    """(number, width and height in points, address of its picture, name of the file it is in)."""
    blocks: Mapping[int, Spots] = field(default_factory=dict)
    claims: Mapping[int, Spots] = field(default_factory=dict)
    confidence: Mapping[int, float] = field(default_factory=dict)
    """Certainty of recognition by block, 0–1."""


def source_view(worksheet: Plain, rubric: Plain, base: str, shown: Shown, paged: Iterable[int], mails: Sequence[Plain]) -> View:
    """Arrange a worksheet as it reads; `base` is the address of the unit's pages, `paged` the files whose pages can be shown.

    `mails`: {"name", "sha256", "bytes"} of the mails and archives that the files came in.
    """
    page = Page(worksheet, rubric)
    passages = _passages(page, worksheet, base, shown)
    files = _files(worksheet, base, shown, frozenset(paged))
    count = Counter(c["status"] for c in page.claims)
    return View(
        passages=passages,
        claims=tuple(_named(page, n, base) for n in range(len(page.claims))),
        titles={int(s["no"]): s["title"] for s in rubric["sections"]},
        legend=_legend(passages, rubric),
        leaves=_leaves(page, passages, shown),
        originals=(*files, *_mails(mails, base)),
        catalog=tuple((page.row(n), _printed(row, files)) for n, row in enumerate(page.rows)),
        claim_counts=tuple((MARKS[k], count[k]) for k in ("matched", "uncertain", "missing")),
        poor=tuple(p.block.anchor for p in passages if p.poor),
        recognised=bool(shown.confidence),
        zone=page.zone,
        places=tuple(place_choices(rubric)),
        rows=tuple(row_choices(worksheet)),
        shown=files[shown.file] if shown.file < len(files) else None,
        aside=any(b["file"] != shown.file for b in page.blocks),
    )


def _passages(page: Page, worksheet: Plain, base: str, shown: Shown) -> tuple[Passage, ...]:
    claims: dict[int, list[Named]] = {}
    for index, claim in enumerate(page.claims):
        claims.setdefault(claim["block"], []).append(_named(page, index, base))
    removed: dict[int, list[tuple[str, Plain]]] = {}
    for claim in worksheet.get("removed_claims") or ():
        removed.setdefault(claim["block"], []).append((claim["text"], claim["corrected"]))
    found: list[Passage] = []
    for index, entry in enumerate(page.blocks):
        section, item = page.place_of(entry)
        sure = shown.confidence.get(index)
        found.append(
            Passage(
                block=page.block(index),
                section=section,
                opens=not found or found[-1].section != section,
                label=item or (f"第{section}部分" if section else "其他"),
                href=f"{base}/items/{item}" if item else "",
                page=entry.get("page"),
                box=f"x{index + 1}" if shown.blocks.get(index) else "",
                poor=f"{sure * 100:.0f}" if sure is not None and sure < POOR else "",
                claims=tuple(claims.get(index, ())),
                removed=tuple(removed.get(index, ())),
            )
        )
    return tuple(found)


def _named(page: Page, index: int, base: str) -> Named:
    claim = page.claims[index]
    item = page.place_of(claim)[1]
    return Named(
        index=index,
        id=claim["id"],
        words=claim["text"],
        mark=MARKS[claim["status"]],
        href=f"{base}/items/{item}#k{index + 1}" if item else f"{base}#k{index + 1}",
        why=claim.get("why") or "",
        corrected=claim.get("corrected"),
    )


def _legend(passages: Sequence[Passage], rubric: Plain) -> tuple[Legend, ...]:
    titles = {int(s["no"]): s["title"] for s in rubric["sections"]} | {0: "其他内容"}
    count = Counter(p.section for p in passages)
    first = {p.section: p.block.anchor for p in reversed(passages)}
    return tuple(Legend(no, titles[no], count[no], first.get(no, "")) for no in (*sorted(n for n in titles if n), 0))


def _leaves(page: Page, passages: Sequence[Passage], shown: Shown) -> tuple[Leaf, ...]:
    blocks: dict[int, list[Frame]] = {}
    claims: dict[int, list[Frame]] = {}
    for index, passage in enumerate(passages):
        for n, (number, box) in enumerate(shown.blocks.get(index, ())):
            name = f"x{index + 1}" + (f"-{n + 1}" if n else "")
            blocks.setdefault(number, []).append(_box(name, passage, _start(passage), box))
    for index, claim in enumerate(page.claims):
        passage = passages[claim["block"]]
        for number, box in shown.claims.get(index, ()):
            frame = _box("", passage, f"{MARKS[claim['status']].word}：{claim['text']}", box)
            claims.setdefault(number, []).append(replace(frame, claim=f"s{index + 1}"))
    apart = len({name for *_, name in shown.pages}) > 1
    return tuple(
        Leaf(n, src, name if apart else "", f"{width:g}", f"{height:g}", tuple(blocks.get(n, ())), tuple(claims.get(n, ())))
        for n, width, height, src, name in shown.pages
    )


def _box(name: str, passage: Passage, title: str, box: Box) -> Frame:
    x0, top, x1, bottom = box
    return Frame(name, passage.block.anchor, title, passage.section, f"{x0:.1f}", f"{top:.1f}", f"{x1 - x0:.1f}", f"{bottom - top:.1f}")


def _start(passage: Passage) -> str:
    text = "".join(s.text for s in passage.block.text)
    return f"{passage.label}　{text[:30]}{'…' if len(text) > 30 else ''}"


def _files(worksheet: Plain, base: str, shown: Shown, paged: frozenset[int]) -> tuple[Original, ...]:
    found = []
    for index, file in enumerate(worksheet["submission"]["files"]):
        found.append(
            Original(
                name=file["name"],
                href=f"{base}/files/{file['sha256']}" if file["sha256"] else "",
                role=wording.ROLES.get(file["role"], wording.ROLES["other"]),
                state=wording.FILE_STATES.get(file["state"], file["state"]),
                size=_size(file["bytes"]),
                pages=f"{base}/source?file={index + 1}" if index in paged else "",
                shown=index == shown.file,
                problems=tuple(file.get("problems") or ()),
                lost=file["state"] == "quarantined",
            )
        )
    return tuple(found)


def _printed(row: Plain, files: Sequence[Original]) -> str:
    """Where a row of the catalog can be seen as it is printed."""
    index, number = row.get("file"), row.get("page")
    pages = files[index].pages if index is not None and 0 <= index < len(files) else ""
    return f"{pages}#p{number}" if pages and number else ""


def _mails(mails: Sequence[Plain], base: str) -> tuple[Original, ...]:
    return tuple(Original(m["name"], f"{base}/files/{m['sha256']}", m["what"], "", _size(m["bytes"]), "", False, ()) for m in mails)


def _size(count: int) -> str:
    return f"{count / (1 << 20):.1f} MB" if count >= 1 << 20 else f"{max(count / 1024, 0.1):.0f} KB" if count else ""
