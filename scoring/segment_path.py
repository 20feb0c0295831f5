"""The best path through the states of a report: Viterbi, with order as a preference that may be broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scoring.rubric import Rubric
from scoring.segment_weights import Weights


@dataclass(frozen=True, slots=True)
class State:
    """One label a block can get."""

    section: int
    item: str | None
    order: int


def states_of(rubric: Rubric) -> tuple[State, ...]:
    """Section 0, then each section without an item and with each of its items, in the rubric's order."""
    states, order = [State(0, None, 0)], 0
    for section in rubric.sections:
        states.append(State(section.number, None, order + 1))
        for item in section.items:
            order += 1
            states.append(State(section.number, item.id, order))
    return tuple(states)


def best_path(
    emissions: Sequence[Sequence[float]], states: tuple[State, ...], weights: Weights, opens: Sequence[bool], after_heading: Sequence[bool]
) -> list[int]:
    """Index of the state of each block; `opens` and `after_heading` tell for each block how dear a change is."""
    score, back = list(emissions[0]), []
    for k in range(1, len(emissions)):
        moves = _transitions(states, weights, opens[k], after_heading[k])
        after, pointers = [], []
        for j, e in enumerate(emissions[k]):
            best = max(range(len(score)), key=[v + m[j] for v, m in zip(score, moves, strict=True)].__getitem__)
            after.append(score[best] + moves[best][j] + e)
            pointers.append(best)
        score = after
        back.append(pointers)
    path = [max(range(len(score)), key=score.__getitem__)]
    for pointers in reversed(back):
        path.append(pointers[path[-1]])
    return path[::-1]


@lru_cache(maxsize=64)
def _transitions(states: tuple[State, ...], w: Weights, opens: bool, after_heading: bool) -> list[list[float]]:
    return [[_move(a, b, w, opens, after_heading) for b in states] for a in states]


def _move(a: State, b: State, w: Weights, opens: bool, after_heading: bool) -> float:
    if a == b:
        return -w.stay_opening if opens and a.item and not after_heading else 0.0
    cost = 0.0 if opens or after_heading else 0.5 * w.move_closed
    if a.section == 0 or b.section == 0:
        return -cost - (w.from_zero if a.section == 0 else w.to_zero)
    if a.section == b.section:
        if a.item is None or b.item is None:
            return -cost
        step = b.order - a.order
        return -cost - (w.next_item + w.skip_item * (step - 1) if step > 0 else w.back_item)
    step = b.section - a.section
    cost = cost if opens else w.move_closed
    return -cost - (w.next_section + w.skip_section * (step - 1) if step > 0 else w.back_section)
