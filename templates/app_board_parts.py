"""What the board of the web application is made of, and what its address asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from templates.board_view import Count
from templates.finding import Name
from templates.unit_state import UnitState
from templates.wording import GapColumn, Mark

Plain = Mapping[str, Any]

SHOW = {
    "todo": "有待确认",
    "returned": "已退回",
    "changed": "确认后有变化",
    "ready": "待复核",
    "approved": "已复核",
    "gaps": "有缺口",
    "extended": "已延期",
    "waiting": "有来件待决定",
}
"""What the rows can be filtered by, besides the states of arrival."""

SORTS = ("number", "unit", "state", "received", "files", "gaps", "suggested", "confirmed", "progress", "who", "review")
"""Columns to sort by."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for."""

    show: str = ""
    who: str = ""
    q: str = ""
    sort: str = "number"
    down: bool = False
    assign: bool = False
    """Whether units are being handed out: boxes to tick."""

    def link(self, **changes: str) -> str:
        """The address of the board with these things asked for otherwise."""
        flags = {"down": "1" if self.down else "", "assign": "1" if self.assign else ""}
        plain = {"show": self.show, "who": self.who, "q": self.q, "sort": self.sort, **flags}
        asked = {k: v for k, v in {**plain, **changes}.items() if v and (k, v) != ("sort", "number")}
        return "/board" + (f"?{urlencode(asked)}" if asked else "")


@dataclass(frozen=True, slots=True)
class Given:
    """A unit with everything that is known of it; `state` and `row` None where nothing of it was judged."""

    unit: str
    group: str
    number: int
    names: Sequence[Name]
    row: Plain | None = None
    state: UnitState | None = None
    deadline: str | None = None
    """ISO 8601 where it was extended."""
    waiting: bool = False
    """Whether one of its mails waits for a person's word."""
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tag:
    """A circumstance of a unit: shape and word."""

    key: str
    shape: str
    word: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One unit on the board."""

    given: Given
    row: Plain
    received: str
    """1月19日 16:02; the year goes without saying."""
    find: str
    has: tuple[str, ...]
    """Keys of the filters that show it."""
    shown: bool
    tags: tuple[Tag, ...]
    counts: tuple[Count | None, ...]
    gap_total: int
    suggested: str
    confirmed: str
    done: int
    items: int
    bar: int
    """Width of the confirmed part of the bar, of 48."""
    review: Tag | None
    sort: Mapping[str, str | float]


@dataclass(frozen=True, slots=True)
class Group:
    """One group of the roster."""

    name: str
    rows: tuple[Row, ...]
    reported: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter as a link: key, word, how many units, whether it is on."""

    key: str
    word: str
    number: int
    on: bool


@dataclass(frozen=True, slots=True)
class Left:
    """One kind of work that is left: how much, of what, and where it is."""

    word: str
    number: int
    unit: str
    more: str
    link: str


@dataclass(frozen=True, slots=True)
class MapLine:
    """One unit of the map."""

    unit: str
    label: str
    number: int
    y: int
    shown: bool
    cells: Markup
    """Drawn here: a thousand cells are too many for a template."""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Units × items, as many as fit on a printed page."""

    width: int
    height: int
    heads: tuple[tuple[int, str], ...]
    lines: tuple[MapLine, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The whole page."""

    wish: Wish
    groups: tuple[Group, ...]
    shown: int
    units: int
    columns: tuple[GapColumn, ...]
    deadline: str
    remaining: str
    left: tuple[Left, ...]
    states: tuple[Choice, ...]
    works: tuple[Choice, ...]
    people: tuple[Choice, ...]
    arrived: int
    maps: tuple[HeatMap, ...]
    legend: tuple[Mark, ...]
    zone: tzinfo | None
