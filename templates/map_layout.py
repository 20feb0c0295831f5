"""Where things stand on a map of units × items: the items of every section side by side, one unit below another, in pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAME, STEP, ROW, TOP, GAP = 232, 27, 22, 22, 8
"""Width of the names, of a column, height of a row, of the head, space between sections."""
LETTERS, UNITS = 18, 25
"""As many as fit into the width of the names, and on a page of A4 landscape."""


def columns(rubric: Mapping[str, Any]) -> tuple[list[tuple[str, int]], int]:
    """[(item, where its column begins)], and the width of the whole map."""
    places: list[tuple[str, int]] = []
    x = NAME
    for section in rubric["sections"]:
        for item in section["items"]:
            places.append((item["id"], x))
            x += STEP
        x += GAP
    return places, x


def label(unit: str) -> str:
    """Its name, shortened to what fits."""
    return unit if len(unit) <= LETTERS else unit[: LETTERS - 1] + "…"
