"""The board of the web application: what is left to do, then every unit of the roster in its group, then units × items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from templates import wording
from templates.app_board_parts import SHOW, SORTS, Choice, Given, Group, Left, Plain, Row, Tag, View, Wish
from templates.app_map_view import maps
from templates.board_view import absent_row, count
from templates.finding import find, packed
from templates.plaintext import number
from templates.unit_state import REVIEWS, UnitState
from templates.wording import GAP_COLUMNS, MARKS, OTHER_COLUMN, TRUST, GapColumn


def view(given: Sequence[Given], loose: Plain, rubric: Plain, *, now: datetime, wish: Wish) -> View:
    """`loose`: {"unassigned": n, "waiting": n, "arrived": n}; `given` in the roster's order."""
    limit = wording.parsed(rubric.get("deadline"))
    zone = limit.tzinfo if limit else None
    found = set(find(wish.q, {g.unit: g.names for g in given}))
    columns = tuple(c for c in (*GAP_COLUMNS, OTHER_COLUMN) if any(g.row and count(g.row, c) for g in given))
    rows = [_row(g, columns, wish, found, zone) for g in given]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.given.group, []).append(row)
    return View(
        wish=wish,
        groups=tuple(_group(name, _sorted(members, wish), rubric) for name, members in groups.items()),
        shown=sum(r.shown for r in rows),
        units=len(rows),
        columns=columns,
        deadline=wording.deadline(rubric.get("deadline")),
        remaining=remaining(limit, now),
        left=_left(rows, loose),
        states=_choices(rows, {k: w for k, w in wording.UNIT_STATES.items() if k != "problem"}, wish.show),
        works=_choices(rows, SHOW, wish.show),
        people=_people(rows, wish.who),
        arrived=int(loose["arrived"]),
        maps=maps([r for r in rows if r.given.state and r.given.state.lines], rubric),
        legend=tuple(MARKS[k] for k in (*TRUST, "blank", "none")),
        zone=zone,
    )


def remaining(limit: datetime | None, now: datetime) -> str:
    """还有 3 天, 今天截止, 已过 12 天."""
    if limit is None:
        return ""
    last = (limit - timedelta(microseconds=1)).date()
    days = (last - now.astimezone(limit.tzinfo).date()).days
    return f"还有 {days} 天" if days > 0 else "今天截止" if now < limit else f"已过 {max(1, -days)} 天"


def _row(g: Given, columns: Sequence[GapColumn], wish: Wish, found: set[str], zone: tzinfo | None) -> Row:
    row: Plain = g.row or absent_row(g.unit)
    state = g.state
    has = _has(g, row)
    shown = g.unit in found and (not wish.show or wish.show in has) and (not wish.who or wish.who in (g.reviewers or ("—",)))
    counts = tuple(count(row, c) for c in columns)
    items, done = (state.applicable, state.done) if state else (0, 0)
    review = _review(state)
    return Row(
        given=g,
        row=row,
        received=clock(row["received_at"], zone),
        find=packed(g.names),
        has=has,
        shown=shown,
        tags=_tags(g, row),
        counts=counts,
        gap_total=sum(row["gaps"].values()),
        suggested=number(state.suggested) if state else "",
        confirmed=number(state.confirmed) if state else "",
        done=done,
        items=items,
        bar=round(48 * done / items) if items else 0,
        review=review,
        sort={
            "number": g.number,
            "unit": g.unit,
            "state": _order(row["state"], tuple(wording.UNIT_STATES)),
            "received": str(row["received_at"] or "~"),
            "files": int(bool(row["report"])) * 2 + int(bool(row["catalog"])),
            "gaps": sum(row["gaps"].values()),
            "suggested": _float(state.suggested if state else None),
            "confirmed": _float(state.confirmed if state else None),
            "progress": done / items if items else -1,
            "who": "、".join(g.reviewers) or "~",
            "review": _order(state.review if state else "unreported", tuple(REVIEWS)),
        },
    )


def _has(g: Given, row: Plain) -> tuple[str, ...]:
    state = g.state
    reviews = {state.review} & set(SHOW) if state else set()
    facts = (
        ("todo", bool(state and state.todo)),
        ("changed", bool(state and state.changed)),
        ("gaps", any(n for kind, n in row["gaps"].items() if kind != "catalog_unclaimed")),
        ("extended", bool(g.deadline)),
        ("waiting", g.waiting),
        *((key, True) for key in reviews),
    )
    return (row["state"], *(key for key, true in facts if true))


def _tags(g: Given, row: Plain) -> tuple[Tag, ...]:
    found = (
        (row["corrected_late"], Tag("late", "迟", "更正件迟报")),
        (bool(g.deadline), Tag("extended", "延", f"延至{_day(g.deadline)}", wording.deadline(g.deadline))),
        (g.waiting, Tag("waiting", "?", "有来件待决定")),
    )
    return tuple(tag for true, tag in found if true)


def _review(state: UnitState | None) -> Tag | None:
    if state is None or state.review == "unreported":
        return None
    match state.review:
        case "approved":
            return Tag("locked", "锁", "已复核", f"{state.review_by} {wording.moment(state.review_at)}")
        case "returned":
            return Tag("returned", "退", "已退回", state.review_reason)
        case "ready":
            return Tag("ready", "▷", "待复核")
    return Tag("open", "", "审核中")


def clock(iso: object, zone: tzinfo | None) -> str:
    """1月19日 16:02: a moment of the season."""
    text = wording.moment(iso, zone)
    return text.partition("年")[2] or text


def _day(iso: str | None) -> str:
    """1月25日: the day that a deadline ends."""
    text = wording.deadline(iso)
    return text.partition("年")[2].removesuffix("24时") or text


def _order(key: str, keys: Sequence[str]) -> int:
    return keys.index(key) if key in keys else len(keys)


def _float(value: Decimal | None) -> float:
    return -1.0 if value is None else float(value)


def _group(name: str, rows: Sequence[Row], rubric: Plain) -> Group:
    return Group(wording.group_name(name, rubric.get("groups", {})), tuple(rows), sum(bool(r.row["report"]) for r in rows))


def _sorted(rows: Iterable[Row], wish: Wish) -> list[Row]:
    if wish.sort not in SORTS:
        return list(rows)
    key: Any = wish.sort
    return sorted(rows, key=lambda r: r.sort[key], reverse=wish.down)


def _choices(rows: Sequence[Row], words: Mapping[str, str], on: str) -> tuple[Choice, ...]:
    numbers = Counter(key for r in rows for key in r.has)
    return tuple(Choice(key, word, numbers[key], key == on) for key, word in words.items() if numbers[key] or key == on)


def _people(rows: Sequence[Row], on: str) -> tuple[Choice, ...]:
    names = Counter(n for r in rows for n in (r.given.reviewers or ("—",)))
    if set(names) <= {"—"}:
        return ()
    words = {n: n for n in sorted(names) if n != "—"} | ({"—": "未分配"} if names["—"] else {})
    return tuple(Choice(name, word, names[name], name == on) for name, word in words.items())


def _left(rows: Sequence[Row], loose: Plain) -> tuple[Left, ...]:
    """What is left to do, in the order in which it is in the way; nothing that is done."""
    todo = [len(r.given.state.todo) for r in rows if r.given.state and r.given.state.todo]
    units = Counter(key for r in rows for key in r.has)
    changed = sum(r.given.state.changed for r in rows if r.given.state)
    found = (
        Left("来件不能确定单位", int(loose["unassigned"]), "件", "办公室处理", "#loose"),
        Left("来件等待决定", int(loose["waiting"]), "件", "办公室处理", "#loose"),
        Left("未报", units["unreported"], "个单位", "单位补报", "?show=unreported"),
        Left("被退回", units["returned"], "个单位", "重新确认", "?show=returned"),
        Left("确认后有变化", changed, "条", f"{units['changed']} 个单位", "?show=changed"),
        Left("待确认", sum(todo), "条", f"{len(todo)} 个单位", "?show=todo"),
        Left("待复核", units["ready"], "个单位", "", "?show=ready"),
    )
    return tuple(entry for entry in found if entry.number)
