"""条目: every item with its progress, and one item over all units, so that the same ruler is used for all."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ingest.actions import Refused
from review.board import ASSIGNS, reviewers
from review.choosing import outdated_of
from review.digests import unit_states
from review.web import Ask, Form, Missing, action, done, page, view
from templates.app_items_view import ORDERS, Given, across, all_items


@view()
def items(ask: Ask) -> Response:
    """All items."""
    state = ask.state
    may_assign = ask.user.may(ASSIGNS)
    people = reviewers(state) if may_assign else []
    arranged = all_items(tuple(unit_states(state).values()), state.rubric)
    return page(ask, "app_items.html", active="items", view=arranged, may_assign=may_assign, people=people)


@view()
def item(ask: Ask) -> Response:
    """One item over all units."""
    state, name = ask.state, str(ask.path["item"])
    sheets = state.sheets()
    given = [Given(state.number(u), known, sheets[u]) for u, known in unit_states(state).items() if known.lines and u in sheets]
    only_open = ask.query.get("open") == "1"
    try:
        arranged = across(name, given, state.rubric, order=ask.query.get("order", "outliers"), only_open=only_open)
    except KeyError as error:
        raise Missing from error
    told = outdated_of(state)
    return page(ask, "app_across.html", active="items", view=arranged, orders=ORDERS, only_open=only_open, outdated=told)


@action("初核")
def confirm(ask: Ask, form: Form) -> Response:
    """Give one unit its points and stay on the page."""
    n, name = form.number("unit"), str(ask.path["item"])
    if n is None or not 1 <= n <= len(ask.state.units):
        raise Missing
    unit = ask.state.units[n - 1].name
    ask.state.actions.confirm(unit, name, form.get("points"), by=ask.user.name, note=form.get("note"), seen=form.number("seen"))
    back = (form.get("back") or f"/items/{name}").partition("#")[0]
    return done(ask, f"{back}#u{n}", f"{unit} {name}：确认 {form.get('points')} 分", undo=ask.state.actions.seq)


@action(ASSIGNS)
def assign(ask: Ask, form: Form) -> Response:
    """Give the ticked items of all units to a reviewer, or to nobody."""
    known = {i.id for i in ask.state.rules.rubric.items}
    chosen = tuple(i for i in form.all("item") if i in known)
    if not chosen:
        raise Refused("没有勾选条目")
    to = form.get("to")
    if to and to not in reviewers(ask.state):
        raise Refused(f"没有可以审核的用户“{to}”")
    ask.state.actions.reviewer(None, chosen, to, by=ask.user.name)
    said = f"{'、'.join(chosen)} 已分配给{to}" if to else f"{'、'.join(chosen)} 已取消分配"
    return done(ask, form.get("back") or "/items", said, undo=ask.state.actions.seq)


routes: list[BaseRoute] = [
    Route("/items", items),
    Route("/items/assign", assign, methods=["POST"]),
    Route("/items/{item}", item),
    Route("/items/{item}/confirm", confirm, methods=["POST"]),
]
