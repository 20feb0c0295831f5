"""我的待办: where a reviewer lands."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from review.digests import unit_states
from review.state import State
from review.web import Ask, page, view
from templates.app_mine_view import Given
from templates.app_mine_view import view as mine_view


@view()
def mine(ask: Ask) -> Response:
    """The person's open items, what was sent back first."""
    state = ask.state
    given = [Given(state.number(u), known) for u, known in unit_states(state).items() if known.lines]
    arranged = mine_view(given, item_names(state), person=ask.user.name, approves=ask.user.may("复核"))
    return page(ask, "app_mine.html", active="mine", view=arranged, inbox=str(state.settings.inbox))


def item_names(state: State) -> dict[str, str]:
    """Item -> how it is called."""
    return {i.id: i.name or i.text for i in state.rules.rubric.items}


routes: list[BaseRoute] = [Route("/mine", mine)]
