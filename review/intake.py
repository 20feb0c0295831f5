"""收件: the ledger that adds up; what a person decides about arrivals, gives passwords for, has read again, and brings in by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

import templates
from ingest.actions import Refused
from ingest.casework import Sheet
from ingest.fates import NOBODY
from ingest.intake import Sent
from ingest.ledger import ledger_of
from ingest.outbox import program
from ingest.store import QUEUED, Kept
from review.pinyin import findable
from review.state import State
from review.web import Ask, Form, Missing, action, done, page, view
from templates.app_intake_view import MARKS, Filed, Wish, readable
from templates.app_intake_view import view as intake_view
from templates.dossier_view import parts
from templates.finding import find
from templates.worksheet_view import view as worksheet_view

FIELDS = {"report": "report", "catalog": "catalog", "evidence": "evidence", "file": ""}
"""Name of a file field of the form -> the role that the person gives by using it."""
BACK = "/intake"


@view()
def intake(ask: Ask) -> Response:
    """Everything that arrived, filtered as the address says; what needs a person stands first."""
    state = ask.state
    ledger = ledger_of(state.store, state.settings)
    changed = _changed(state) if any(a.state == "superseded" for a in ledger) else {}
    arranged = intake_view(ledger, _wish(ask), queued=QUEUED, unassigned=NOBODY.cause, filed=_filed(state), changed=changed)
    return page(
        ask,
        "app_intake.html",
        active="intake",
        view=arranged,
        loose=[_decision(k) for k in state.loose()],
        marks=MARKS,
        can=ask.user.may("初核"),
        units=[u.name for u in state.units],
        inbox=str(state.settings.inbox),
        max_file=state.settings.max_file,
        zone=state.rules.rubric.deadline.tzinfo,
    )


@view()
def sheet(ask: Ask) -> Response:
    """A mail that is nobody's or waits: what it says, and the forms to decide about it."""
    kept = _kept(ask)
    arranged = worksheet_view(kept.sheet, ask.state.rubric)
    return page(
        ask,
        "app_sheet.html",
        active="intake",
        view=arranged,
        sheet=kept.sheet,
        m=_decision(kept),
        stem=kept.stem,
        can=ask.user.may("初核"),
        units=[u.name for u in ask.state.units],
        zone=ask.state.rules.rubric.deadline.tzinfo,
    )


@view()
def whole_sheet(ask: Ask) -> Response:
    """The whole worksheet of such a mail, as it lies in the outbox."""
    html = templates.render("worksheet.html", worksheet=_kept(ask).sheet, rubric=ask.state.rubric, version=program())
    style = re.search(r"'(sha256-[A-Za-z0-9+/=]+)'", html)
    policy = f"default-src 'none'; style-src '{style[1] if style else 'none'}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return HTMLResponse(html, headers={"content-security-policy": policy})


@action("初核", upload=True)
def upload(ask: Ask, form: Form) -> Response:
    """Take files in as one arrival."""
    sent = [
        Sent(f.filename or "", f.file, role) for name, role in FIELDS.items() for f in form.files.get(name, ()) if f.filename or f.size
    ]
    unit = _unit(ask.state, form.get("unit")) if form.get("unit") else None
    place = ask.state.actions.upload(sent, unit=unit, by=ask.user.name, reason=form.get("reason")[:200])
    return done(ask, BACK, f"已收下 {len(sent)} 个文件{f'，归入{unit}' if unit else ''}（{readable(place)}），读取后在此显示去向")


@action("初核")
def retry(ask: Ask, form: Form) -> Response:
    """Have one arrival, or all that were not given up, read again."""
    places = [form["place"]] if form.get("place") else []
    wanted = ask.state.actions.retry(places, by=ask.user.name, reason=form.get("reason"))
    said = f"{wanted[0].name}：已安排重试" if len(wanted) == 1 else f"已安排重试 {len(wanted)} 件"
    return done(ask, form["back"] or BACK, f"{said}，读完后在此显示结果")


@action("初核")
def password(ask: Ask, form: Form) -> Response:
    """Open a document with its password."""
    found = ask.state.actions.password(form["place"], form["password"], by=ask.user.name)
    return done(ask, form["back"] or BACK, f"{found.name}：已打开，随即处理；密码没有保存")


@action("初核")
def accept(ask: Ask, form: Form) -> Response:
    """A submission that waits counts."""
    return _decide(ask, form, ask.state.actions.accept, "已采用，归入")


@action("初核")
def refuse(ask: Ask, form: Form) -> Response:
    """A submission does not count."""
    return _decide(ask, form, ask.state.actions.refuse, "不采用，")


def _decide(ask: Ask, form: Form, decide: Callable[..., list[str]], said: str) -> Response:
    mail = _mail(ask.state, form["submission"])
    units = decide(form["submission"], by=ask.user.name, reason=form.get("reason"), seen=form.number("seen"))
    undo = ask.state.actions.seq if len(units) == 1 else None
    return done(ask, _after(form), f"{mail}：{said}{'、'.join(units)}", undo=undo)


@action("初核")
def assign(ask: Ask, form: Form) -> Response:
    """A submission is that unit's."""
    unit, mail = _unit(ask.state, form.get("unit")), _mail(ask.state, form["submission"])
    ask.state.actions.assign(form["submission"], unit, by=ask.user.name, reason=form.get("reason"), seen=form.number("seen"))
    return done(ask, _after(form), f"{mail}：已归入{unit}", undo=ask.state.actions.seq)


@action("初核")
def role(ask: Ask, form: Form) -> Response:
    """A file is a report, a catalog, evidence or something else."""
    ask.state.actions.role(form["file"], form["role"], by=ask.user.name, reason=form.get("reason"), seen=form.number("seen"))
    said = f"{_called(ask.state, form['file'])}：用途已更正为{templates.wording.ROLES[form['role']]}"
    return done(ask, form["back"] or BACK, said, undo=ask.state.actions.seq)


def _mail(state: State, submission: str) -> str:
    """The name of a mail that is nobody's or waits, while it does."""
    return next((readable(k.place) for k in state.loose() if k.sheet["submission"]["id"] == submission), "来件")


def _called(state: State, sha256: str) -> str:
    """The name under which a file arrived."""
    return next((a.name for a in state.store.arrivals() if a.sha256 == sha256), "该文件")


def _after(form: Form) -> str:
    """The page of a mail that was decided about is no more."""
    return BACK if not form["back"] or form["back"].startswith("/sheets/") else form["back"]


def _wish(ask: Ask) -> Wish:
    state, at = ask.query.get("state", ""), ask.query.get("page", "")
    number = int(at) if at.isascii() and at.isdecimal() and len(at) < 7 else 1
    return Wish(state if state in MARKS else "", ask.query.get("q", "")[:100].strip(), number)


def _unit(state: State, text: str) -> str:
    """The unit that is meant: by one of its names, a part of one, or the initials of its pinyin; raises Refused."""
    if not text:
        raise Refused("请填写单位")
    named = state.rules.roster.named(text)
    if named is not None:
        return named.name
    found = find(text, {u.name: findable(u) for u in state.units})
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(f"“{text}”对应不止一个单位：{'、'.join(found[:8])}")
    raise Refused(f"名单中没有“{text}”")


def _kept(ask: Ask) -> Kept:
    stem = ask.path["stem"]
    found = next((k for k in ask.state.loose() if k.stem == stem), None)
    if found is None:
        raise Missing
    return found


def _decision(kept: Kept) -> dict[str, Any]:
    """A mail to decide about, as the lists show it."""
    submission = kept.sheet["submission"]
    about = {"stem": kept.stem, "unit": kept.sheet["unit"]["name"], "id": submission["id"], "shown": readable(kept.place)}
    return {"next_step": "", **kept.row, **about}


def _filed(state: State) -> dict[str, Filed]:
    """Place of a file -> the worksheet that it went into."""
    found: dict[str, Filed] = {}
    for kept in state.loose():
        found |= _files(kept.sheet, f"/sheets/{quote(kept.stem)}")
    for unit, worksheet in state.sheets().items():
        found |= _files(worksheet, f"/units/{state.number(unit)}")
    return found


def _files(worksheet: Sheet, link: str) -> dict[str, Filed]:
    unit = worksheet["unit"]["name"]
    return {f["place"]: Filed(unit, link, f["role"]) for f in worksheet["submission"]["files"] if f.get("place")}


def _changed(state: State) -> dict[int, str]:
    """Number of a submission -> how what is in use now differs from it, in one line."""
    told = dict(line for worksheet in state.sheets().values() for line in _differences(worksheet, state.rubric))
    return {s.number: told[s.digest] for s in state.store.submissions() if s.digest in told}


def _differences(worksheet: Sheet, rubric: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for part, arranged in zip(worksheet.get("dossier") or (), parts(worksheet, rubric), strict=True):
        if arranged.changed:
            yield part["id"], arranged.changed


routes: list[BaseRoute] = [
    Route("/intake", intake),
    Route("/sheets/{stem}", sheet),
    Route("/sheets/{stem}/whole", whole_sheet),
    *(Route(f"/intake/{f.__name__}", f, methods=["POST"]) for f in (upload, retry, password, accept, refuse, assign, role)),
]
