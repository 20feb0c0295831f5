"""The items of the rubric with how far each is, and one item over all units side by side: outliers first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from statistics import median
from typing import Any

from templates import wording
from templates.marking import Stretch, stretches
from templates.plaintext import number
from templates.unit_state import WORK, Line, UnitState
from templates.wording import MARKS, TRUST, Mark

Plain = Mapping[str, Any]

ORDERS = {"outliers": "异常在前", "roster": "名单次序", "points": "分数低的在前"}
FAR = Decimal("0.2")
"""Points that lie this part of the maximum or more from the middle of all units are worth a second look."""
QUOTES, LETTERS = 3, 420
"""So many passages and characters of a report are shown at once; the rest is one click away."""


# ---- all items


@dataclass(frozen=True, slots=True)
class Item:
    """One item with how far it is over all units."""

    id: str
    name: str
    points: str
    bonus: bool
    units: int
    """To which it applies."""
    done: int
    bar: int
    """Width of the confirmed part of the bar, of 96."""
    returned: int
    changed: int
    safe: int
    """Units in which it can be confirmed without a look."""
    marks: tuple[tuple[Mark, int], ...]
    """What the evidence says, worst first."""
    far: int
    """Units whose points are far from the middle."""
    middle: str
    reviewers: tuple[str, ...]
    """Who has it; with how many units where not all."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the rubric."""

    no: str
    title: str
    points: str
    bonus: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class All:
    """The page of all items."""

    sections: tuple[Section, ...]
    done: int
    total: int
    open: int


def all_items(states: Sequence[UnitState], rubric: Plain) -> All:
    """Every item of the rubric in its order."""
    lines: dict[str, list[Line]] = {i["id"]: [] for s in rubric["sections"] for i in s["items"]}
    for state in states:
        for line in state.lines:
            lines[line.item].append(line)
    sections = tuple(
        Section(str(s["no"]), s["title"], number(s["points"]), bool(s.get("bonus")), tuple(_item(i, lines[i["id"]]) for i in s["items"]))
        for s in rubric["sections"]
    )
    every = [i for s in sections for i in s.items]
    done, total = sum(i.done for i in every), sum(i.units for i in every)
    return All(sections, done, total, sum(len(s.todo) for s in states))


def _item(item: Plain, lines: Sequence[Line]) -> Item:
    mine = [line for line in lines if line.work != "none"]
    works = Counter(line.work for line in mine)
    marks = Counter(line.mark.key for line in mine)
    given = Counter(line.reviewer for line in mine if line.reviewer)
    done = sum(line.confirmed is not None for line in mine)
    middle = _middle(mine)
    return Item(
        id=item["id"],
        name=item.get("name") or item["text"],
        points=number(item["points"]),
        bonus=bool(item.get("bonus")),
        units=len(mine),
        done=done,
        bar=round(96 * done / len(mine)) if mine else 0,
        returned=works["returned"],
        changed=works["changed"],
        safe=sum(not line.unsafe for line in mine),
        marks=tuple((MARKS[k], marks[k]) for k in TRUST[:4] if marks[k]),
        far=sum(_is_far(line, middle) for line in mine),
        middle=number(middle),
        reviewers=tuple(who if n == len(mine) else f"{who} {n}" for who, n in given.items()),
    )


# ---- one item over all units


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage of a report."""

    anchor: str
    place: str
    text: tuple[Stretch, ...]
    cut: bool = False
    """Whether it goes on."""


@dataclass(frozen=True, slots=True)
class Row:
    """One unit's answer to the item."""

    unit: str
    number: int
    line: Line
    work: str
    why: tuple[str, ...]
    """Why it stands where it does: what is unusual about it."""
    quotes: tuple[Quote, ...]
    more: int
    """Passages that are not shown."""
    value: str
    """What the field for points holds before anybody types: points that were given or proposed."""
    suggested: str
    confirmed: str
    self: str
    max: str
    locked: bool
    at: str


@dataclass(frozen=True, slots=True)
class Given:
    """A unit whose report is there."""

    number: int
    state: UnitState
    sheet: Plain


@dataclass(frozen=True, slots=True)
class Across:
    """The page of one item."""

    id: str
    name: str
    text: str
    clause: tuple[str, ...]
    points: str
    bonus: bool
    section: str
    before: str
    after: str
    rows: tuple[Row, ...]
    none: tuple[str, ...]
    """Units to which it does not apply."""
    absent: int
    """Units without a report."""
    done: int
    todo: int
    far: int
    safe: int
    middle: str
    spread: tuple[tuple[str, int, int], ...]
    """(points, units, width of 160): how often each number of points occurs."""
    order: str
    zone: tzinfo | None


def across(item: str, given: Sequence[Given], rubric: Plain, *, order: str = "outliers", only_open: bool = False) -> Across:
    """`given`: all units with a report, in the roster's order. Raises KeyError for an item that the rubric does not have."""
    places = [(s, i) for s in rubric["sections"] for i in s["items"]]
    at = next((n for n, (_, i) in enumerate(places) if i["id"] == item), None)
    if at is None:
        raise KeyError(item)
    section, entry = places[at]
    limit = wording.parsed(rubric.get("deadline"))
    zone = limit.tzinfo if limit else None
    found = [(g, line) for g in given for line in g.state.lines if line.item == item]
    mine = [(g, line) for g, line in found if line.work != "none"]
    middle = _middle([line for _, line in mine])
    rows = [_row(g, line, middle, zone) for g, line in mine if line.todo or not only_open]
    clause = entry.get("clause") or ""
    return Across(
        id=item,
        name=entry.get("name") or entry["text"],
        text=entry["text"],
        clause=(clause,) if isinstance(clause, str) and clause else tuple(clause),
        points=number(entry["points"]),
        bonus=bool(entry.get("bonus")),
        section=f"{section['no']} {section['title']}",
        before=places[at - 1][1]["id"] if at else "",
        after=places[at + 1][1]["id"] if at + 1 < len(places) else "",
        rows=tuple(_ordered(rows, order)),
        none=tuple(g.state.unit for g, line in found if line.work == "none"),
        absent=0,
        done=sum(line.confirmed is not None for _, line in mine),
        todo=sum(line.todo and g.state.review != "approved" for g, line in mine),
        far=sum(_is_far(line, middle) for _, line in mine),
        safe=sum(not line.unsafe for _, line in mine),
        middle=number(middle),
        spread=_spread([line for _, line in mine]),
        order=order if order in ORDERS else "outliers",
        zone=zone,
    )


def _row(g: Given, line: Line, middle: Decimal | None, zone: tzinfo | None) -> Row:
    quotes = _quotes(g.sheet, line.item)
    shown = _shortened(quotes)
    return Row(
        unit=g.state.unit,
        number=g.number,
        line=line,
        work=WORK[line.work],
        why=_why(line, middle),
        quotes=shown,
        more=len(quotes) - len(shown),
        value=number(line.points),
        suggested=number(line.suggested),
        confirmed=number(line.confirmed),
        self=number(line.self),
        max=number(line.max),
        locked=g.state.review == "approved",
        at=wording.moment(line.at, zone) if line.at else "",
    )


def _quotes(sheet: Plain, item: str) -> tuple[Quote, ...]:
    blocks = sheet.get("blocks") or ()
    mine = [n for n, b in enumerate(blocks) if b.get("item") == item]
    spans: dict[int, list[tuple[int, int, int]]] = {n: [] for n in mine}
    for k, claim in enumerate(sheet.get("claims") or ()):
        if claim.get("block") in spans and claim.get("span"):
            spans[claim["block"]].append((claim["span"][0], claim["span"][1], k))
    return tuple(Quote(f"b{n + 1}", _place(blocks[n]), stretches(blocks[n]["text"], spans[n])) for n in mine)


def _shortened(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """The first passages, together no longer than fits beside others; a passage that is cut says so."""
    found: list[Quote] = []
    left = LETTERS
    for quote in quotes[:QUOTES]:
        if left <= 0:
            break
        kept: list[Stretch] = []
        for part in quote.text:
            if left > 0:
                kept.append(Stretch(part.text[:left], part.claim))
            left -= len(part.text)
        whole = sum(len(s.text) for s in kept) == sum(len(s.text) for s in quote.text)
        found.append(Quote(quote.anchor, quote.place, tuple(kept), not whole))
    return tuple(found)


def _place(block: Plain) -> str:
    page, paragraph = block.get("page"), block.get("paragraph")
    return (f"第{page}页" if page else "") + (f"第{paragraph}段" if paragraph else "")


def _middle(lines: Sequence[Line]) -> Decimal | None:
    points = [line.points for line in lines if line.points is not None]
    return median(points) if points else None


def _is_far(line: Line, middle: Decimal | None) -> bool:
    return middle is not None and line.points is not None and line.max > 0 and abs(line.points - middle) >= FAR * line.max


def _why(line: Line, middle: Decimal | None) -> tuple[str, ...]:
    said = []
    if _is_far(line, middle):
        assert middle is not None and line.points is not None
        gap = line.points - middle
        said.append(f"比中位数{'高' if gap > 0 else '低'} {number(abs(gap))} 分")
    if line.confirmed is not None and line.suggested is not None and line.confirmed != line.suggested:
        said.append(f"与建议相差 {number(abs(line.confirmed - line.suggested))} 分")
    return tuple(said)


def _ordered(rows: Sequence[Row], order: str) -> list[Row]:
    if order == "roster":
        return list(rows)
    if order == "points":
        return sorted(rows, key=lambda r: (r.line.points is None, r.line.points or 0))
    return sorted(rows, key=_urgency)


def _urgency(row: Row) -> tuple[int, int, int]:
    """Sent back and changed first, then far points, then gaps by what they mean, then what nobody confirmed."""
    works = ("returned", "changed", "entered", "open", "confirmed")
    first = {"returned": 0, "changed": 1}.get(row.line.work, 2 if row.why else 3)
    key = row.line.mark.key
    return first, works.index(row.line.work) if row.line.work in works[2:] else 0, TRUST.index(key) if key in TRUST else len(TRUST)


def _spread(lines: Sequence[Line]) -> tuple[tuple[str, int, int], ...]:
    counts = Counter(line.points for line in lines if line.points is not None)
    most = max(counts.values(), default=1)
    return tuple((number(points), n, max(2, round(160 * n / most))) for points, n in sorted(counts.items(), reverse=True))
