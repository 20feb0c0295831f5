"""What a person chose in a form of a worksheet: a row, a place, points; and what stands against it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any

from ingest.actions import Refused
from ingest.casework import Sheet
from review.state import State
from review.web import Form
from scoring.decisions import points_in
from scoring.rubric import Item, Rubric
from templates.item_view import place_choices, row_choices
from templates.unit_state import is_returned
from templates.wording import moment


def shut(sheet: Mapping[str, Any], zone: tzinfo | None) -> str:
    """Why nothing can be changed in the unit, as a sentence; "" where it can."""
    review = sheet.get("review") or {}
    if review.get("state") != "approved":
        return ""
    return f"{review['by']}于{moment(review['at'], zone)}复核同意，本单位已锁定；需要修改的，由复核人员在单位概况页解锁（须写理由）。"


def outdated(sheet: Mapping[str, Any], rubric: Rubric) -> str:
    """Why its points and links cannot be decided about: it was made with other rules than those of the pages; "" where it can."""
    if sheet["rubric"]["sha256"] == rubric.sha256:
        return ""
    return "细则或名单修改过，与本工作单所依据的不一致，暂不能确认和更正；请运行 zicha once 重新核对，再重启网页（管理员处理）。"


def outdated_of(state: State) -> str:
    """The same for the pages of several units, where one of them is so."""
    return next((told for sheet in state.sheets().values() if (told := outdated(sheet, state.rules.rubric))), "")


def written(points: str) -> str:
    """Points as an input method writes them: ４．５ is 4.5."""
    return unicodedata.normalize("NFKC", points).strip()


def same_ground(sheet: Sheet, item: str, ground: str) -> None:
    """Raise Refused if the item rests on something else by now than on the page that the person looked at."""
    score = next((s for s in (sheet["score"] or {"items": ()})["items"] if s["item"] == item), None)
    if ground and score is not None and score["ground"] != ground:
        raise Refused(f"{item} 的依据在打开页面以后有变化，没有记下；请看过现在的内容后再确认")


def sent_back(sheet: Sheet, item: str) -> Mapping[str, Any] | None:
    """The second check's word if it sent the item back and nobody has confirmed it since."""
    review = sheet.get("review") or {}
    score = next((s for s in (sheet["score"] or {"items": ()})["items"] if s["item"] == item), None)
    word = score.get("confirmed") if score else None
    return review if word and is_returned(review, item, word) else None


def unchanged(sheet: Sheet, item: Item, points: str, note: str) -> bool:
    """Whether the item is confirmed just so already."""
    score = next((s for s in (sheet["score"] or {"items": ()})["items"] if s["item"] == item.id), None)
    word = score and score.get("confirmed")
    if not word or word["stale"] or word["note"] != note or sent_back(sheet, item.id):
        return False
    try:
        return points_in(points, item) == Decimal(str(word["points"]))
    except ValueError:
        return False


def chosen_rows(sheet: Sheet, form: Form, claim: str = "") -> list[str]:
    """The rows that were clicked (`rows`), else the one that was typed or chosen from the list (`row`); raises Refused for none.

    With `also` the rows that the claim has stay; `all` takes every candidate.
    """
    mine = next((c for c in sheet["claims"] if c["id"] == claim), {"catalog": [], "status": ""})
    typed = form.get("row")
    if form.get("all") and mine["catalog"]:
        return list(mine["catalog"])
    rows = form.all("rows") or [r for r in [row_choices(sheet).get(typed, typed)] if r]
    if not rows:
        raise Refused("请先写明或选定目录中的哪一项")
    return [*mine["catalog"], *rows] if form.get("also") and mine["status"] == "matched" else rows


def chosen_place(rubric: Mapping[str, Any], text: str) -> tuple[int, str | None]:
    """(section, item) of what was chosen or typed: 1.2, 第1部分, 其他内容, or words that fit one place only; raises Refused."""
    places = place_choices(rubric)
    if text in places:
        return places[text]
    found = [p for said, p in places.items() if said.split(" ")[0] == text or (p[1] is None and said.split(" ")[0] == f"第{text}部分")]
    if not found and text and not re.fullmatch(r"[\d.]+", text):
        found = [p for said, p in places.items() if text in said]
    if len(found) != 1:
        raise Refused(f"“{text}”不是条目或部分，请从列出的条目中选" if text else "请先选定此段改归哪个条目")
    return found[0]


def chosen_day(text: str) -> date:
    """The day that was chosen; raises Refused."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"“{text}”不是日期，应写作 2018-01-25") from None
