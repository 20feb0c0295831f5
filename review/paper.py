"""The page of a unit's evidence on paper: what came and when, the stamp, each original; and the list for a visit, to be printed."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from review.choosing import shut
from review.web import Ask, Form, Missing, action, done, page, view
from scoring.journal import PAPER, UNDO, live
from scoring.paper import paper
from templates.history_view import history
from templates.paper_view import PaperView, paper_view


@view()
def paper_page(ask: Ask) -> Response:
    """What there is on paper of one unit, and the forms to record it."""
    n, locked = int(ask.path["n"]), shut(ask.state.sheet(ask.unit().name) or {}, ask.state.rules.rubric.deadline.tzinfo)
    return page(
        ask,
        "app_paper.html",
        before=n - 1 if n > 1 else None,
        after=n + 1 if n < len(ask.state.units) else None,
        locked=locked,
        can=ask.user.may("初核") and not locked,
        recorded=any(e.kind in PAPER for e in ask.state.entries()),
        today=ask.state.clock().date().isoformat(),
        history=history(e for e in ask.state.entries(ask.unit().name) if e.kind in PAPER or e.kind == UNDO),
        **_shown(ask),
    )


@view()
def inspection_page(ask: Ask) -> Response:
    """现场查验清单 of one unit: what stays with it, with room for signatures."""
    return page(ask, "app_paper_list.html", **_shown(ask))


def _shown(ask: Ask) -> dict[str, Any]:
    state, unit = ask.state, ask.unit()
    return {
        "view": _view(ask),
        "unit": unit.name,
        "full": unit.full,
        "n": int(ask.path["n"]),
        "zone": state.rules.rubric.deadline.tzinfo,
        "reported": bool((state.sheet(unit.name) or {}).get("score")),
        "active": "worksheet",
    }


def _view(ask: Ask) -> PaperView:
    state, unit = ask.state, ask.unit().name
    sheet = state.sheet(unit)
    if sheet is None:  # paper may come before the mail
        nothing: dict[str, Any] = {"catalog": []}
        sheet = {**nothing, **paper(nothing, state.rules.rubric, live(state.entries(unit)))}
    return paper_view(sheet, state.rules.rubric)


@action("初核", mine=lambda form: f"{form['date']}已收" if form.get("do") != "none" else "未收到")
def received(ask: Ask, form: Form) -> Response:
    """The paper came on that day; `do` = none: it did not come after all."""
    day = None if form.get("do") == "none" else form.get("date")
    ask.state.actions.paper_received(ask.unit().name, day, by=ask.user.name, seen=form.number("seen"))
    return _done(ask, f"纸质材料{day}已收" if day else "纸质材料未收到")


@action("初核", mine=lambda form: "已盖章" if form.get("yes") == "1" else "未盖章")
def stamped(ask: Ask, form: Form) -> Response:
    """The catalog's first page bears the seal (`yes` = 1), or does not."""
    yes = form.get("yes") == "1"
    ask.state.actions.paper_stamp(ask.unit().name, yes, by=ask.user.name, seen=form.number("seen"))
    return _done(ask, "目录清单首页已盖章" if yes else "目录清单首页未盖章")


@action("初核", mine=lambda form: "原件已核" if form.get("yes") == "1" else "原件未核")
def row(ask: Ask, form: Form) -> Response:
    """The originals of these rows (`row`, several if several are sent) were checked (`yes` = 1), or were not."""
    rows, yes = form.all("row"), form.get("yes") == "1"
    sheet = ask.state.sheet(ask.unit().name)
    known = {r["id"]: r for r in (sheet or {"catalog": ()})["catalog"]}
    if not rows or not set(rows) <= set(known):
        raise Missing
    ask.state.actions.paper_rows(ask.unit().name, rows, yes, by=ask.user.name, seen=form.number("seen"))
    what = f"“{known[rows[0]]['title']}”" if len(rows) == 1 else f"{len(rows)}项材料"
    return _done(ask, f"{what}{'原件已核' if yes else '原件未核'}", one=len(rows) == 1, at=f"#{rows[0]}" if len(rows) == 1 else "")


def _done(ask: Ask, said: str, *, one: bool = True, at: str = "") -> Response:
    return done(ask, f"/units/{ask.path['n']}/paper{at}", f"{ask.unit().name}：{said}", undo=ask.state.actions.seq if one else None)


routes = [
    Route("/units/{n:int}/paper", paper_page),
    Route("/units/{n:int}/paper/list", inspection_page),
    Route("/units/{n:int}/paper/received", received, methods=["POST"]),
    Route("/units/{n:int}/paper/stamped", stamped, methods=["POST"]),
    Route("/units/{n:int}/paper/row", row, methods=["POST"]),
]
