"""批量确认: a previewed set of items without gaps is confirmed at once, exactly as it was shown, and taken back at once."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from urllib.parse import quote
from weakref import WeakKeyDictionary

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ingest.actions import Conflict, Refused
from review.choosing import outdated_of
from review.digests import unit_states
from review.mine import item_names
from review.state import State
from review.web import Ask, Form, Missing, action, done, local, page, view
from scoring.journal import UNDO, Draft, live, root_of
from templates.app_bulk_view import Given, Left, Outcome, Pair, preview, still_safe

KEPT = 200
"""Outcomes that are kept in memory; the journal keeps what was done for ever."""
_lock = threading.Lock()
_outcomes: WeakKeyDictionary[State, OrderedDict[str, Outcome]] = WeakKeyDictionary()


@view("初核")
def bulk(ask: Ask) -> Response:
    """The preview."""
    scope = ask.query.get("scope", "mine")
    found = preview(_given(ask.state), item_names(ask.state), scope=scope, person=ask.user.name)
    if found is None:
        raise Missing
    scopes = (("mine", "分配给我的"), ("all", "全部单位"))
    return page(ask, "app_bulk.html", active="mine", view=found, scopes=scopes, back=_home(scope), outdated=outdated_of(ask.state))


@action("初核")
def confirm(ask: Ask, form: Form) -> Response:
    """Confirm what was previewed and ticked, as far as it is still as it was; what is not is named."""
    pairs = _pairs(ask.state, form.all("pair"))
    if not pairs:
        raise Refused("没有勾选条目")
    outcome = confirm_pairs(ask.state, pairs, by=ask.user.name, seen=form.number("seen"))
    token = secrets.token_urlsafe(9)
    with _lock:
        kept = _outcomes.setdefault(ask.state, OrderedDict())
        kept[token] = outcome
        while len(kept) > KEPT:
            kept.popitem(last=False)
    said = f"已确认 {len(outcome.done)} 条" + (f"，{len(outcome.left)} 条没有确认" if outcome.left else "")
    return done(ask, f"/bulk/done/{token}", said, kind="done" if outcome.done else "refused")


@view()
def outcome(ask: Ask) -> Response:
    """What became of a bulk confirmation; after a restart of the program the log tells."""
    token = str(ask.path["token"])
    found = _outcomes.get(ask.state, OrderedDict()).get(token)
    if found is None:
        return RedirectResponse(f"/log?by={quote(ask.user.name)}", status_code=303)
    standing = _standing(ask.state, found)
    may_undo = ask.user.may("初核")
    return page(ask, "app_bulk_done.html", active="mine", outcome=found, token=token, undone=not standing, may_undo=may_undo)


@action("初核")
def undo(ask: Ask, form: Form) -> Response:
    """Take the whole set back in one go."""
    token = form.get("outcome")
    found = _outcomes.get(ask.state, OrderedDict()).get(token)
    if found is None:
        raise Missing
    standing = _standing(ask.state, found)
    if not standing:
        raise Refused("已经撤销过了")
    units = {e.seq: e.unit for e in ask.state.entries() if e.seq in standing}
    ask.state.actions.record([Draft(ask.user.name, UNDO, units[seq], {"of": seq}, "批量确认全部撤销") for seq in standing])
    return done(ask, f"/bulk/done/{token}", f"已撤销 {len(standing)} 条")


def confirm_pairs(state: State, pairs: Sequence[Pair], *, by: str, seen: int | None) -> Outcome:
    """All in one transaction; a pair about which somebody said something meanwhile is left out, and the others are tried again."""
    states = unit_states(state)
    left: list[Left] = []
    wanted: list[Pair] = []
    for pair in pairs:
        unit = state.units[pair.unit - 1].name
        why = still_safe(pair, states.get(unit))
        if why:
            left.append(Left(unit, pair.unit, pair.item, why))
        else:
            wanted.append(pair)
    seqs: tuple[int, ...] = ()
    while wanted:
        try:
            seqs = state.actions.confirm_all([(state.units[p.unit - 1].name, p.item, p.points) for p in wanted], by=by, seen=seen)
            break
        except Conflict as conflict:
            theirs = conflict.theirs
            about = root_of(theirs, {e.seq: e for e in state.entries()}.get) or theirs
            lost = [p for p in wanted if (state.units[p.unit - 1].name, p.item) == (about.unit, about.body.get("item"))]
            if not lost:
                raise
            left += [Left(about.unit or "", p.unit, p.item, f"{theirs.by}已先作出决定") for p in lost]
            wanted = [p for p in wanted if p not in lost]
    confirmed = tuple((state.units[p.unit - 1].name, p.unit, p.item, p.points) for p in wanted)
    return Outcome(by, seqs, confirmed, tuple(left))


def _standing(state: State, found: Outcome) -> list[int]:
    """Those of its entries that nobody took back."""
    mine = set(found.seqs)
    return [e.seq for e in live(state.entries()) if e.seq in mine]


def _given(state: State) -> list[Given]:
    return [Given(state.number(u), known) for u, known in unit_states(state).items() if known.lines]


def _pairs(state: State, keys: Sequence[str]) -> list[Pair]:
    """What the form sent; anything odd was not in any preview."""
    found = []
    for key in dict.fromkeys(keys):
        match = re.fullmatch(r"(\d{1,6})/([\w.]{1,20})/(\d{1,4}(?:\.\d{1,2})?)", key, re.ASCII)
        if match and 1 <= int(match[1]) <= len(state.units):
            found.append(Pair(int(match[1]), match[2], match[3]))
    return found


def _home(scope: str) -> str:
    kind, _, what = scope.partition(":")
    return local({"unit": f"/units/{what}", "item": f"/items/{quote(what)}", "all": "/board"}.get(kind, "/mine"))


routes: list[BaseRoute] = [
    Route("/bulk", bulk, methods=["GET"]),
    Route("/bulk", confirm, methods=["POST"]),
    Route("/bulk/done/{token}", outcome),
    Route("/bulk/undo", undo, methods=["POST"]),
]
