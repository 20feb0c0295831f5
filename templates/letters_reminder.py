"""催报: a letter and a draft for a unit whose report has not come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scoring.roster import RosterUnit
from scoring.rubric import Rubric
from templates.letters_form import Letter
from templates.letters_texts import Texts
from templates.letters_words import Occasion, deadline, work

Plain = Mapping[str, Any]


def missing_of(sheet: Plain | None, texts: Texts) -> str:
    """What has not come: the report, and the catalog unless that one is here."""
    return texts.say("reminder", "report" if sheet and sheet.get("catalog") else "both")


def reminder(sheet: Plain | None, unit: RosterUnit, rubric: Rubric, texts: Texts, occasion: Occasion) -> bytes:
    """The letter as DOCX."""
    values = reminder_values(sheet, unit, rubric, texts, occasion)
    letter = Letter(texts, title=texts.say("reminder", "title", **values))
    letter.docno()
    letter.blank()
    letter.title(texts.say("reminder", "title", **values))
    letter.blank()
    letter.addressee(unit.full)
    letter.body(texts.say("reminder", "opening", **values))
    letter.body(texts.say("reminder", "request", **values))
    letter.blank()
    letter.blank()
    letter.signature(rubric.office, occasion.date_text(texts))
    return letter.as_bytes()


def reminder_values(sheet: Plain | None, unit: RosterUnit, rubric: Rubric, texts: Texts, occasion: Occasion) -> dict[str, str]:
    """What is filled into letter and draft."""
    until, missing = occasion.until_text(texts), missing_of(sheet, texts)
    return {"work": work(rubric), "full": unit.full, "deadline": deadline(rubric, occasion.deadline), "until": until, "missing": missing}
