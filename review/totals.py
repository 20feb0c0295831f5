"""汇总: what will be reported, what is still open, tables and letters to write and to download."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ingest.actions import Refused
from ingest.exports import LETTERS, TABLES
from review.digests import loose_rows, unit_states
from review.exporting import WORDS, exports_of
from review.state import State
from review.web import Ask, Form, Missing, action, done, page, view
from scoring.totals import standings
from templates.app_totals_view import KINDS, files
from templates.app_totals_view import view as totals_view

FOLDERS = (TABLES, LETTERS)


@view()
def totals(ask: Ask) -> Response:
    """Every group by rank."""
    state = ask.state
    sheets, loose = state.sheets(), loose_rows(state)
    rubric = state.rules.rubric
    late = {u for u, s in sheets.items() if s["submission"]["late"]}
    waiting = {m["unit"] for m in loose if m["unit"]}
    found = standings(sheets, rubric, state.rules.roster, weight=rubric.weight)
    arranged = totals_view(found, unit_states(state), late, waiting, sum(not m["unit"] for m in loose), state.rubric)
    exported, jobs = state.store.exported(), exports_of(state).jobs()
    answer = page(
        ask,
        "app_totals.html",
        active="totals",
        view=arranged,
        may=ask.user.may("初核"),
        jobs={kind: jobs.get(kind) for kind in FOLDERS},
        files={kind: files(tuple(exported.get(kind, ({}, {}))[1]), kind) for kind in FOLDERS},
        folders={kind: str(state.settings.outbox / kind) for kind in FOLDERS},
        wishes={"date": "", "until": "", **exported.get(LETTERS, ({}, {}))[0]},
        kinds=KINDS,
        zone=rubric.deadline.tzinfo,
    )
    if any(job.running for job in jobs.values()):
        answer.headers["refresh"] = "2"  # for browsers without the script
    return answer


@action("初核")
def export(ask: Ask, form: Form) -> Response:
    """Begin writing the tables."""
    return _start(ask, TABLES)


@action("初核")
def letters(ask: Ask, form: Form) -> Response:
    """Begin writing letters and drafts; blank dates stay blank."""
    return _start(ask, LETTERS, dated=_day(form.get("date")), until=_day(form.get("until")))


@view()
def download(ask: Ask) -> Response:
    """One of the files that were written, as an attachment."""
    kind, name = str(ask.path["kind"]), str(ask.path["name"])
    data = _content(ask.state, kind, name)
    if data is None:
        raise Missing
    return _attachment(name, data)


@view()
def archive(ask: Ask) -> Response:
    """All letters in one file."""
    names = sorted(ask.state.store.exported().get(LETTERS, ({}, {}))[1])
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as out:  # what is in it is packed already
        for name in names:
            data = _content(ask.state, LETTERS, name)
            if data is not None:
                out.writestr(name, data)
    if not names:
        raise Missing
    return _attachment("公文和评分表.zip", held.getvalue())


def _start(ask: Ask, kind: str, *, dated: str = "", until: str = "") -> Response:
    exports_of(ask.state).start(kind, by=ask.user.name, dated=dated, until=until)
    return done(ask, "/totals", f"开始导出{WORDS[kind]}，写完后在本页下载")


def _content(state: State, kind: str, name: str) -> bytes | None:
    """The bytes of a file that we wrote there, or that a person changed since; None for anything else: no path leads elsewhere."""
    if kind not in FOLDERS or name not in state.store.exported().get(kind, ({}, {}))[1] or Path(name).name != name:
        return None
    path = state.settings.outbox / kind / name
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _attachment(name: str, data: bytes) -> Response:
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", "x-content-type-options": "nosniff"}
    return Response(data, media_type="application/octet-stream", headers=headers)


def _day(text: str) -> str:
    """A date of a form, or ""; raises Refused."""
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise Refused(f"“{text}”不是日期，应写作 2018-01-22") from error


routes: list[BaseRoute] = [
    Route("/totals", totals),
    Route("/totals/export", export, methods=["POST"]),
    Route("/totals/letters", letters, methods=["POST"]),
    Route("/totals/files/letters.zip", archive),
    Route("/totals/files/{kind}/{name}", download),
]
