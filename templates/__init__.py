"""How it looks: every page as one self-contained HTML file, values in, text out.

`render("worksheet.html", worksheet=…, rubric=…, version=…)`

    worksheet   `scoring.worksheet.Worksheet.as_dict()`
    rubric      {"id", "name", "deadline": ISO 8601, "sections": [{"no", "title", "points", "bonus",
                "items": [{"id": "1.1", "no", "name" (short, optional), "text", "clause": text or list of texts,
                "points", "bonus"}]}], "groups": {group of units: how it is printed} (optional)}
                `plain_rubric(rubric)` makes it of a `scoring.rubric.Rubric`
    version     the program's version
    back        optional relative link to the board

`render("board.html", board=…, rubric=…, version=…)`, with `rubric` as above and

    board       {"groups": [{"group": "county|municipal|provincial" or a heading, "rows": [Row, …]}],
                 "waiting": optional, as `unassigned` with "unit" and "next_step",
                 "unassigned": [{"name", "sender", "subject", "received_at", "cause", "link"}],
                 "arrivals": {"arrived": n, "states": {"used": n, …}, "arrivals": [{"name", "parent", "state", "cause", "next_step"}]},
                 "inbox": where mail must arrive, "generated_from": one sentence on what the page was made from}
    Row         {"unit", "state": see `wording.UNIT_STATES`, "received_at", "late", "corrected_late", "report": bool,
                 "catalog": bool, "claims": {"matched": n, …}, "gaps": {kind: n}, "items": {"1.1": mark key},
                 "link": relative address of the worksheet file or None, "deadline": ISO 8601 where it was extended (optional)};
                 `board_row(worksheet, rubric, link)` makes one of a worksheet, `absent_row(unit)` one for 未报.

Whatever comes out of a document is escaped, and never becomes part of an id, a link or a style.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from templates import app_pages, wording
from templates.app_pages import asset
from templates.board_view import absent_row, board_row
from templates.board_view import count as board_count
from templates.board_view import view as board_view
from templates.rubric_view import plain_rubric
from templates.worksheet_view import item_marks
from templates.worksheet_view import view as worksheet_view

__all__ = ["absent_row", "app_page", "asset", "board_row", "foot_style", "item_marks", "plain_rubric", "render"]


def render(page: str, **values: Any) -> str:
    """The page as HTML. Raises jinja2.TemplateNotFound for an unknown page, KeyError for a value that is missing."""
    template = _ENVIRONMENT.get_template(page)
    if page in _VIEWS:
        values["view"] = _VIEWS[page](values)
    style = _style(page, values)
    # The style is ours and goes in as it is; CSP names its hash, so that no other style can act.
    return template.render(style=Markup(style), style_hash=_digest(style), **values)


def app_page(page: str, **values: Any) -> str:
    """A page of the web application (`app_….html`) as HTML; `linked` says which style sheets and scripts come with it."""
    styles, scripts = app_pages.linked(page)
    return _ENVIRONMENT.get_template(page).render(styles=styles, scripts=scripts, static=app_pages.address, **values)


def prose(text: str) -> Markup:
    """Escaped text in which a 文号 and a short title in 《》 never break across lines."""
    parts = _TOGETHER.split(str(text))
    out = [escape(p) if n % 2 == 0 else Markup('<span class="nb">{}</span>').format(p) for n, p in enumerate(parts)]
    return Markup("").join(out)


def address(path: str) -> str:
    """A relative link to a file beside the page; a scheme, a host or a root in it lose their meaning."""
    return "./" + quote(str(path).lstrip("/\\."), safe="/")


def css_string(text: str) -> str:
    """A CSS string literal; everything but letters, digits and Chinese is written as an escape."""
    return '"' + "".join(c if c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'


_TOGETHER = re.compile(r"([（(]?[\u4e00-\u9fff]{2,7}[〔［\[【（(]\d{4}[〕］\]】）)]\s?第?\d{1,4}号[）)]?|《[^《》]{1,10}》)")

_VIEWS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "worksheet.html": lambda v: worksheet_view(v["worksheet"], v["rubric"]),
    "board.html": lambda v: board_view(v["board"], v["rubric"]),
}


def _style(page: str, values: dict[str, Any]) -> str:
    loader, name = _ENVIRONMENT.loader, page.removesuffix(".html") + ".css"
    assert loader is not None
    sheets = [loader.get_source(_ENVIRONMENT, n)[0] for n in ("page.css", name)]
    return "\n".join([*sheets, _foot(page, values)])


def _foot(page: str, values: dict[str, Any]) -> str:
    who = values["view"].unit or "单位未确认" if page == "worksheet.html" else "看板"
    return foot_style(who, values["rubric"]["name"], values["version"])


def foot_style(who: str, rubric: str, version: str) -> str:
    """A style sheet for the printed foot: unit, rubric, version, page n of m. Engines without margin boxes print their own."""
    left = css_string(" · ".join(t for t in (who, rubric) if t))
    right = f'{css_string("自查 " + version)} "　第 " counter(page) " 页，共 " counter(pages) " 页"'
    return f"@page {{ @bottom-left {{ content: {left} }} @bottom-right {{ content: {right} }} }}\n"


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("templates", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"prose": prose, "moment": wording.moment, "deadline": wording.deadline, "address": address}
    environment.filters |= {"fact_source": wording.fact_source, "on_page": wording.on_page}
    environment.globals |= {"wording": wording, "MARKS": wording.MARKS, "gap_count": board_count}
    return environment


_ENVIRONMENT = _environment()
