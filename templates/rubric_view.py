"""The rubric as the plain values that pages show."""

from __future__ import annotations

from typing import Any

from scoring.rubric import Item, Rubric, Section


def plain_rubric(rubric: Rubric) -> dict[str, Any]:
    """A Rubric as the `rubric` value of the pages (see the package's docstring)."""
    sections = tuple(_section(s) for s in rubric.sections)
    return {
        "id": rubric.id, "name": rubric.title, "deadline": rubric.deadline.isoformat(), "sections": sections,
        "groups": dict(rubric.group_names),
    }


def _section(section: Section) -> dict[str, Any]:
    items = tuple(_item(i) for i in section.items)
    return {"no": section.number, "title": section.name, "points": section.points, "bonus": section.bonus, "items": items}


def _item(item: Item) -> dict[str, Any]:
    words = {"id": item.id, "no": item.number, "name": item.name, "text": item.text, "clause": item.rule}
    return words | {"points": item.points, "bonus": item.bonus}
