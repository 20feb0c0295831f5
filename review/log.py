"""记录: who did what, and the proof that nothing in it was changed."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from review.pinyin import findable
from review.state import State
from review.web import Ask, page, view
from templates.app_log_view import KINDS, Wish
from templates.app_log_view import view as log_view


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the whole chain found."""

    count: int
    hash: str
    broken: str
    """Where it breaks, as a sentence; "" where it holds."""


@view()
def log(ask: Ask) -> Response:
    """The journal, filtered as the address says; with `verify` the chain is recomputed."""
    state, asked = ask.state, ask.query
    number = asked.get("page", "1")
    wish = Wish(
        unit=asked.get("unit", "").strip()[:60],
        item=asked.get("item", ""),
        by=asked.get("by", ""),
        kind=asked.get("kind", "") if asked.get("kind") in KINDS else "",
        page=int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else 1,
    )
    numbers = {u.name: n for n, u in enumerate(state.units, 1)}
    arranged = log_view(state.entries(), {u.name: findable(u) for u in state.units}, numbers, wish, state.sheets())
    verified = verify(state) if asked.get("verify") == "1" else None
    zone = state.rules.rubric.deadline.tzinfo
    return page(ask, "app_log.html", active="log", view=arranged, verified=verified, units=tuple(numbers), zone=zone)


def verify(state: State) -> Verified:
    """Recompute every hash of the chain."""
    found = state.store.verify()
    count, digest = state.store.journal_head()
    return Verified(count, digest, found.message if found else "")


routes: list[BaseRoute] = [Route("/log", log)]
