"""Totals over all units: base, bonus, scaled to 100, converted by the weight, ranked within each group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from typing import Any, Literal

from scoring.roster import Roster, RosterUnit
from scoring.rubric import Rubric

EXACT = Context(prec=50)
"""Quotients have no end; equal quotients are still equal at 50 digits, different ones different. Rounding is for printing."""


@dataclass(frozen=True, slots=True)
class Total:
    """Points of one unit, added up."""

    base: Decimal
    """Points of the applicable items, bonus apart."""
    base_max: Decimal
    """What these items can give: 100, less where items do not apply."""
    bonus: Decimal
    total: Decimal
    """base + bonus, as the worksheet prints it."""
    scaled: Decimal | None
    """base × 100 ÷ base_max (百分制，不含加分项); None where no item applies."""
    converted: Decimal | None
    """(scaled + bonus) × weight ÷ 100: what goes into the annual target score; None where no weight is set."""

    @property
    def scaled_total(self) -> Decimal | None:
        """scaled + bonus (考核总分，含加分项): what units are ranked by and what is converted."""
        return None if self.scaled is None else self.scaled + self.bonus


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit of the roster among the others."""

    unit: str
    group: str
    order: int
    """Place in the roster, from 1."""
    state: Literal["not_received", "open", "confirmed"]
    """not_received: 未报, without any number; confirmed: every applicable item is."""
    suggested: Total | None
    confirmed: Total | None
    """Of the confirmed points alone; None until every applicable item is confirmed."""
    self_total: Decimal | None
    confirmed_items: int
    items: int
    """Applicable items, bonus items included."""
    rank: int | None
    """Within the group by `current`: 1, 2, 2, 4."""
    tied: bool
    current: Total | None = None
    """Confirmed points where an item is confirmed, suggested ones elsewhere."""


def standings(sheets: Mapping[str, Mapping[str, Any]], rubric: Rubric, roster: Roster, *, weight: Decimal | None) -> tuple[Standing, ...]:
    """One Standing for every unit of the roster, in its order. `sheets`: unit name -> (concluded) worksheet as its JSON reads."""
    bonus = frozenset(i.id for i in rubric.items if i.bonus)
    found = [_standing(u, n, sheets.get(u.name), bonus, weight) for n, u in enumerate(roster.units, 1)]
    return tuple(_ranked(s, [o for o in found if o.group == s.group]) for s in found)


def total_of(points: Mapping[str, tuple[Decimal, Decimal]], bonus: frozenset[str], weight: Decimal | None) -> Total:
    """{applicable item: (points, maximum)} -> Total; `bonus` names the bonus items."""
    base = sum((p for i, (p, _) in points.items() if i not in bonus), Decimal(0))
    base_max = sum((m for i, (_, m) in points.items() if i not in bonus), Decimal(0))
    extra = sum((p for i, (p, _) in points.items() if i in bonus), Decimal(0))
    scaled = EXACT.divide(base * 100, base_max) if base_max else None
    converted = None if weight is None or scaled is None else EXACT.divide(EXACT.multiply(scaled + extra, weight), Decimal(100))
    return Total(base, base_max, extra, base + extra, scaled, converted)


def _standing(unit: RosterUnit, order: int, sheet: Mapping[str, Any] | None, bonus: frozenset[str], weight: Decimal | None) -> Standing:
    score = sheet["score"] if sheet else None
    if score is None:
        return Standing(unit.name, unit.group, order, "not_received", None, None, None, 0, 0, None, False)
    items = [i for i in score["items"] if i["applies"]]
    suggested = {i["item"]: (exact(i["suggested"]), exact(i["max"])) for i in items}
    confirmed = {i["item"]: (exact(i["confirmed"]["points"]), exact(i["max"])) for i in items if i["confirmed"]}
    done = bool(items) and len(confirmed) == len(items)
    own = score["self_total"]
    return Standing(
        unit=unit.name,
        group=unit.group,
        order=order,
        state="confirmed" if done else "open",
        suggested=total_of(suggested, bonus, weight),
        confirmed=total_of(confirmed, bonus, weight) if done else None,
        self_total=None if own is None else exact(own),
        confirmed_items=len(confirmed),
        items=len(items),
        rank=None,
        tied=False,
        current=total_of({**suggested, **confirmed}, bonus, weight),
    )


def _ranked(standing: Standing, group: Sequence[Standing]) -> Standing:
    own = _mark(standing)
    if own is None:
        return standing
    marks = Counter(m for s in group if (m := _mark(s)) is not None)
    better = sum(n for mark, n in marks.items() if mark > own)
    return replace(standing, rank=better + 1, tied=marks[own] > 1)


def _mark(standing: Standing) -> Decimal | None:
    return standing.current.scaled_total if standing.current else None


def exact(value: Any) -> Decimal:
    """A number of the worksheet's JSON as it is printed there, without what binary fractions add."""
    return Decimal(str(value))
