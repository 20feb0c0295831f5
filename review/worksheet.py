"""The pages of one unit, its overview and each item at work, and every form on them; shown by `templates`, done by `ingest`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ingest.actions import Conflict, Refused
from ingest.casework import Sheet
from review.choosing import chosen_day, chosen_place, chosen_rows, outdated, same_ground, sent_back, shut, unchanged, written
from review.web import Ask, Form, Missing, action, done, page, view
from scoring.journal import Entry, live
from scoring.rubric import Item
from scoring.workflow import why_not_approved
from templates.decisions_wording import sentence
from templates.item_view import item_view, next_open
from templates.unit_view import unit_view, waiting_mails
from templates.wording import ROLES, group_name

NOTE = 500
"""So many characters of a note come back with a page that says why it was not taken."""


@view()
def unit_page(ask: Ask) -> Response:
    """The overview of one unit."""
    state, unit, n, rules = ask.state, ask.unit(), int(ask.path["n"]), ask.state.rules.rubric
    sheet = state.sheet(unit.name)
    locked = shut(sheet or {}, rules.deadline.tzinfo)
    entries, approver = _entries(ask), ask.user.may("复核")
    return page(
        ask,
        "app_unit.html",
        view=unit_view(sheet, state.rubric, entries, _waiting(ask, sheet)),
        sheet=sheet,
        unit=unit.name,
        group=group_name(unit.group, state.rubric["groups"]),
        n=n,
        before=n - 1 if n > 1 else None,
        after=n + 1 if n < len(state.units) else None,
        scored=bool(sheet and sheet["score"]),
        locked=locked,
        outdated=outdated(sheet, rules) if sheet else "",
        can_order=ask.user.may("初核") and not locked,
        approver=approver,
        not_yet=why_not_approved(sheet, live(entries), ask.user.name) if sheet and approver and not locked else "",
        people=[u.name for u in state.accounts.all() if u.may("初核")],
        units=[u.name for u in state.units],
        active="worksheet",
    )


@view()
def item_page(ask: Ask) -> Response:
    """One item of one unit."""
    unit, item, sheet = ask.unit().name, _item(ask), _sheet(ask)
    n, rules = int(ask.path["n"]), ask.state.rules.rubric
    locked = shut(sheet, rules.deadline.tzinfo) or outdated(sheet, rules)
    if ask.request.headers.get("x-purpose") == "prefetch":  # what the next page says once is not for a page that nobody looks at yet
        ask = replace(ask, session=replace(ask.session, key=""))
    judged = [ask.state.number(name) for name, other in ask.state.sheets().items() if other["score"]]
    return page(
        ask,
        "app_item.html",
        view=item_view(sheet, ask.state.rubric, item, _entries(ask)),
        unit=unit,
        n=n,
        before=max((m for m in judged if m < n), default=None),
        after=min((m for m in judged if m > n), default=None),
        scored=sheet["score"] is not None,
        locked=locked,
        can=ask.user.may("初核") and not locked and sheet["score"] is not None,
        returned=sent_back(sheet, item.id),
        typed=ask.query.get("points", "")[:8],
        noted=ask.query.get("note", "")[:NOTE],
        active="worksheet",
    )


# ---- points


@action("初核", mine=lambda form: f"{form.get('points') or form.get('suggested')}分")
def confirm(ask: Ask, form: Form) -> Response:
    """确认并到下一条, 确认, 暂记; 取建议 only fills the field of a page that has no script."""
    unit, item, sheet, here, do = ask.unit().name, _item(ask), _sheet(ask), _here(ask), form.get("do") or "next"
    points = written(form.get("points")) or form.get("suggested")
    if do == "take":
        return RedirectResponse(f"{here}?points={form.get('suggested')[:8]}#points", status_code=303)
    if unchanged(sheet, item, points, form.get("note")) and do != "draft":
        return done(ask, _onward(ask, sheet, item.id) if do == "next" else here, f"{item.id} 已是{points}分，没有变化")
    try:
        same_ground(sheet, item.id, form.get("ground"))
        sheet = ask.state.actions.confirm(
            unit, item.id, points, by=ask.user.name, note=form.get("note"), confirmed=do != "draft", seen=form.number("seen")
        )
    except Conflict:
        raise
    except Refused as error:  # what was written is not lost
        written_so_far = urlencode({"points": form.get("points")[:8], "note": form.get("note")[:NOTE]})
        return done(ask, f"{here}?{written_so_far}#points", str(error), kind="refused")
    return _done(ask, _onward(ask, sheet, item.id) if do == "next" else here)


@action("初核", mine=lambda form: "适用" if form.get("applies") == "yes" else "不适用")
def applies(ask: Ask, form: Form) -> Response:
    """适用 or 不适用, with the reason."""
    yes, item = form.get("applies") == "yes", _item(ask)
    ask.state.actions.applies(ask.unit().name, item.id, yes, by=ask.user.name, reason=form.get("reason"), seen=form.number("seen"))
    return _done(ask, _here(ask))


@action("初核")
def fact(ask: Ask, form: Form) -> Response:
    """A clause was met so many times, as the reviewer knows it."""
    count = form.number("count")
    ask.state.actions.fact(
        ask.unit().name,
        form.get("clause"),
        1 if count is None else count,
        by=ask.user.name,
        note=form.get("note"),
        seen=form.number("seen"),
    )
    return _done(ask, _here(ask))


# ---- what belongs together


VERDICTS = {"missing": "目录无此件", "present": "已核见", "none": "不是佐证"}


def _claim_action(verb: str) -> Callable[[Request], object]:
    @action("初核", mine=lambda form: VERDICTS[verb])
    def act(ask: Ask, form: Form) -> Response:
        getattr(ask.state.actions, verb)(
            ask.unit().name, ask.path["claim"], by=ask.user.name, reason=form.get("reason"), seen=form.number("seen")
        )
        return _done(ask, form["back"], anchor=_claim_anchor(ask))

    return act


@action("初核", mine=lambda form: f"对应目录项 {form.get('row') or '、'.join(form.all('rows'))}")
def link(ask: Ask, form: Form) -> Response:
    """The claim's evidence is the row that was chosen; with `also` beside those that it has."""
    rows = chosen_rows(_sheet(ask), form, ask.path["claim"])
    ask.state.actions.link(ask.unit().name, ask.path["claim"], rows, by=ask.user.name, reason=form.get("reason"), seen=form.number("seen"))
    return _done(ask, form["back"], anchor=_claim_anchor(ask))


@action("初核")
def add(ask: Ask, form: Form) -> Response:
    """Words of a block that name evidence, too."""
    rows = chosen_rows(_sheet(ask), form) if form.get("row") else []
    ask.state.actions.add(
        ask.unit().name,
        ask.path["block"],
        form.get("text"),
        rows,
        occurrence=form.number("occurrence") or 0,
        by=ask.user.name,
        reason=form.get("reason"),
        seen=form.number("seen"),
    )
    return _done(ask, form["back"], anchor=ask.path["block"])


@action("初核", mine=lambda form: f"改归 {form.get('place')}")
def move(ask: Ask, form: Form) -> Response:
    """A block belongs to another item or section."""
    section, item = chosen_place(ask.state.rubric, form.get("place"))
    ask.state.actions.move(
        ask.unit().name, ask.path["block"], section, item, by=ask.user.name, reason=form.get("reason"), seen=form.number("seen")
    )
    return _done(ask, form["back"])


# ---- the unit as a whole


@action("复核")
def approve(ask: Ask, form: Form) -> Response:
    """同意: the unit is locked."""
    ask.state.actions.approve(ask.unit().name, by=ask.user.name, seen=form.number("seen"))
    return _done(ask, _here(ask))


@action("复核")
def send_back(ask: Ask, form: Form) -> Response:
    """退回, of some items or of all, with the reason."""
    ask.state.actions.return_(ask.unit().name, form.all("items"), by=ask.user.name, reason=form.get("reason"), seen=form.number("seen"))
    return _done(ask, _here(ask))


@action("复核")
def unlock(ask: Ask, form: Form) -> Response:
    """解锁, with the reason."""
    ask.state.actions.unlock(ask.unit().name, by=ask.user.name, reason=form.get("reason"), seen=form.number("seen"))
    return _done(ask, _here(ask))


@action("复核")
def reviewer(ask: Ask, form: Form) -> Response:
    """Who is to review the unit, or some items of it."""
    items = re.split(r"[\s,，、;；]+", form.get("items")) if form.get("items") else []
    ask.state.actions.reviewer(ask.unit().name, items, form.get("to"), by=ask.user.name, seen=form.number("seen"))
    return _done(ask, _here(ask))


@action("复核")
def extend(ask: Ask, form: Form) -> Response:
    """延期 to the end of a day."""
    day = chosen_day(form.get("day"))
    ask.state.actions.extend(ask.unit().name, day, by=ask.user.name, reason=form.get("reason"), seen=form.number("seen"))
    return _done(ask, _here(ask))


@action("初核")
def assign(ask: Ask, form: Form) -> Response:
    """A mail of this unit is another unit's."""
    unit = ask.state.actions.unit(form.get("unit"))
    ask.state.actions.assign(form.get("submission"), unit, by=ask.user.name, reason=form.get("reason"), seen=form.number("seen"))
    return done(ask, f"/units/{ask.state.number(unit)}", f"来件已改归{unit}；重新核对需要几秒钟，请稍后刷新", undo=ask.state.head())


@action("初核")
def role(ask: Ask, form: Form) -> Response:
    """What a file is."""
    ask.state.actions.role(form.get("file"), form.get("role"), by=ask.user.name, seen=form.number("seen"))
    said = f"{_file(ask, form.get('file'))}已认定为{ROLES.get(form.get('role'), '')}；重新核对需要几秒钟，请稍后刷新"
    return done(ask, _here(ask), said, undo=ask.state.head())


@action("初核")
def accept(ask: Ask, form: Form) -> Response:
    """A mail that waits counts."""
    mail = _mail(ask, form)
    ask.state.actions.accept(form.get("submission"), by=ask.user.name, reason=form.get("reason"), seen=form.number("seen"))
    return done(ask, _here(ask), f"{mail}已采用；重新核对需要几秒钟，请稍后刷新", undo=ask.state.head())


@action("初核")
def refuse(ask: Ask, form: Form) -> Response:
    """A mail that waits does not count."""
    mail = _mail(ask, form)
    ask.state.actions.refuse(form.get("submission"), by=ask.user.name, reason=form.get("reason"), seen=form.number("seen"))
    return done(ask, _here(ask), f"{mail}不采用", undo=ask.state.head())


# ---- what they share


def _item(ask: Ask) -> Item:
    found = next((i for i in ask.state.rules.rubric.items if i.id == ask.path["item"]), None)
    if found is None:
        raise Missing
    return found


def _sheet(ask: Ask) -> Sheet:
    sheet = ask.state.sheet(ask.unit().name)
    if sheet is None:
        raise Missing
    return sheet


def _file(ask: Ask, sha256: str) -> str:
    """The name of a file of the unit."""
    return next((str(f["name"]) for f in _sheet(ask)["submission"]["files"] if f.get("sha256") == sha256), "文件")


def _mail(ask: Ask, form: Form) -> str:
    """The name of a mail that waits to be the unit's, while it does."""
    sheet = ask.state.sheet(ask.unit().name)
    found = {w.id: w.mail for w in waiting_mails(sheet, _waiting(ask, sheet))}
    return found.get(form.get("submission"), "来件")


def _waiting(ask: Ask, sheet: Sheet | None) -> list[tuple[str, Sheet]]:
    """(address, worksheet) of the mails that wait to be this unit's."""
    if sheet is not None and not any(p["state"] == "waiting" for p in sheet.get("dossier", ())):
        return []
    name = ask.unit().name
    return [(f"/sheets/{k.stem}", k.sheet) for k in ask.state.loose() if "waiting" in k.sheet and k.sheet["unit"]["name"] == name]


def _entries(ask: Ask) -> tuple[Entry, ...]:
    """The journal's entries about the unit."""
    name = ask.unit().name
    return tuple(e for e in ask.state.entries(name) if e.unit == name)


def _here(ask: Ask) -> str:
    return f"/units/{ask.path['n']}" + (f"/items/{ask.path['item']}" if "item" in ask.path else "")


def _onward(ask: Ask, sheet: Sheet, item: str) -> str:
    """The page of the next open item; the unit's own where none is left."""
    after = next_open(sheet, ask.state.rubric, item)
    return f"/units/{ask.path['n']}" + (f"/items/{after}" if after else "")


def _claim_anchor(ask: Ask) -> str:
    """Where the claim stands now; "" if it is none any more."""
    claims = [c["id"] for c in _sheet(ask)["claims"]]
    return f"k{claims.index(ask.path['claim']) + 1}" if ask.path["claim"] in claims else ""


def _done(ask: Ask, address: str, *, anchor: str = "") -> Response:
    """Go on, with what was just decided in a sentence, and the way back."""
    entry = next(e for e in reversed(_entries(ask)) if e.by == ask.user.name)
    said = f"{entry.unit}：{sentence(entry)}"
    return done(ask, address.partition("#")[0] + (f"#{anchor}" if anchor else ""), said, undo=entry.seq)


ITEM = "/units/{n:int}/items/{item}"
UNIT = "/units/{n:int}"
DECISIONS = {
    "approve": approve,
    "return": send_back,
    "unlock": unlock,
    "reviewer": reviewer,
    "extend": extend,
    "assign": assign,
    "role": role,
    "accept": accept,
    "refuse": refuse,
}
routes = [
    Route(UNIT, unit_page),
    *(Route(f"{UNIT}/{verb}", decide, methods=["POST"]) for verb, decide in DECISIONS.items()),
    Route(ITEM, item_page),
    Route(f"{ITEM}/confirm", confirm, methods=["POST"]),
    Route(f"{ITEM}/applies", applies, methods=["POST"]),
    Route(f"{ITEM}/fact", fact, methods=["POST"]),
    Route("/units/{n:int}/claims/{claim}/link", link, methods=["POST"]),
    *(Route(f"/units/{{n:int}}/claims/{{claim}}/{verb}", _claim_action(verb), methods=["POST"]) for verb in VERDICTS),
    Route("/units/{n:int}/blocks/{block}/add", add, methods=["POST"]),
    Route("/units/{n:int}/blocks/{block}/move", move, methods=["POST"]),
]
