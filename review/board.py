"""看板: who has sent what, and what is left to do."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ingest.actions import Refused
from review.digests import assigned, deadlines, loose_rows, unit_states
from review.pinyin import findable
from review.state import State
from review.web import Ask, Form, action, done, page, view
from templates.app_board_parts import SHOW, SORTS, Given, Wish
from templates.app_board_view import view as board_view
from templates.wording import UNIT_STATES

ASSIGNS = "复核"
"""The role that says who looks at what."""


@view()
def board(ask: Ask) -> Response:
    """All units, filtered and sorted as the address says."""
    state = ask.state
    loose = loose_rows(state)
    counts = {
        "unassigned": sum(not m["unit"] for m in loose),
        "waiting": sum(bool(m["unit"]) for m in loose),
        "arrived": len(state.store.submissions()),
    }
    may_assign = ask.user.may(ASSIGNS)
    wish = _wish(ask)
    arranged = board_view(given(state), counts, state.rubric, now=state.clock(), wish=wish)
    return page(
        ask,
        "app_board.html",
        active="board",
        view=arranged,
        loose=loose,
        inbox=str(state.settings.inbox),
        may_assign=may_assign,
        assign=wish.assign,
        people=reviewers(state) if may_assign else [],
    )


@action(ASSIGNS)
def assign(ask: Ask, form: Form) -> Response:
    """Give the ticked units to a reviewer, or to nobody."""
    numbers = [int(n) for n in form.all("unit") if n.isascii() and n.isdecimal()]
    units = [ask.state.units[n - 1].name for n in numbers if 1 <= n <= len(ask.state.units)]
    if not units:
        raise Refused("没有勾选单位")
    to = form.get("to")
    if to and to not in reviewers(ask.state):
        raise Refused(f"没有可以审核的用户“{to}”")
    for unit in units:
        ask.state.actions.reviewer(unit, (), to, by=ask.user.name)
    said = f"{len(units)} 个单位已分配给{to}" if to else f"{len(units)} 个单位已取消分配"
    return done(ask, form.get("back") or "/board", said)


def given(state: State) -> list[Given]:
    """Every unit of the roster with what is known of it."""
    rows, states, late = state.rows(), unit_states(state), deadlines(state)
    waits = {m["unit"] for m in loose_rows(state)}
    return [
        Given(
            unit=u.name,
            group=u.group,
            number=n,
            names=findable(u),
            row=rows.get(u.name),
            state=states.get(u.name),
            deadline=late.get(u.name),
            waiting=u.name in waits,
            reviewers=assigned(state, u.name, states.get(u.name)),
        )
        for n, u in enumerate(state.units, 1)
    ]


def reviewers(state: State) -> list[str]:
    """Everybody who may confirm."""
    return [u.name for u in state.accounts.all() if u.may("初核")]


def _wish(ask: Ask) -> Wish:
    asked: dict[str, Any] = dict(ask.query)
    show, sort = asked.get("show", ""), asked.get("sort", "number")
    return Wish(
        show=show if show in SHOW or show in UNIT_STATES else "",
        who=asked.get("who", ""),
        q=asked.get("q", "")[:60],
        sort=sort if sort in SORTS else "number",
        down=asked.get("down") == "1",
        assign=asked.get("assign") == "1" and ask.user.may(ASSIGNS),
    )


routes: list[BaseRoute] = [Route("/board", board), Route("/board/assign", assign, methods=["POST"])]
