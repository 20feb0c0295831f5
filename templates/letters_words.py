"""What all letters say alike: the work they are about, dates or blanks for them, places in a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scoring.rubric import Item, Rubric
from templates import wording
from templates.letters_texts import Texts


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a person says about the letters; whatever is None is left blank for the pen."""

    dated: date | None = None
    until: date | None = None
    deadline: datetime | None = None
    """Where it was extended for the unit; else the rubric's holds."""

    def date_text(self, texts: Texts) -> str:
        """The date under the signature."""
        return day(self.dated) if self.dated else texts.say("page", "blank_date")

    def until_text(self, texts: Texts) -> str:
        """The day by which something has to arrive."""
        return day(self.until) if self.until else texts.say("page", "blank_until")


def day(value: date) -> str:
    """2018年1月22日."""
    return f"{value.year}年{value.month}月{value.day}日"


def work(rubric: Rubric) -> str:
    """What is assessed: the rubric's title without 考核细则."""
    return rubric.title.removesuffix("细则").removesuffix("考核")


def deadline(rubric: Rubric, extended: datetime | None = None) -> str:
    """The deadline as people say it."""
    return wording.deadline(extended or rubric.deadline)


def place(block: Mapping[str, Any]) -> str:
    """（第3页第12段）; a format without pages has only paragraphs."""
    page, paragraph = block.get("page"), block.get("paragraph")
    found = (f"第{page}页" if page else "") + (f"第{paragraph}段" if paragraph else "")
    return f"（{found}）" if found else ""


def clause(item: Item) -> str:
    """The item as the notice prints it: what is asked, and in brackets what it is worth and what lowers it."""
    return f"{item.text}（{item.rule}）" if item.rule else item.text
