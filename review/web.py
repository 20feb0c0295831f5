"""What every page shares: who asks, what was sent, how it is answered, and what becomes of an error."""

from __future__ import annotations

import functools
import hmac
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

import templates
from ingest.accounts import Session, User
from ingest.actions import Conflict
from ingest.files import reason
from ingest.outbox import program
from ingest.store import MACHINE
from review.state import State
from scoring.journal import JournalError
from scoring.roster import RosterUnit
from templates.decisions_wording import sentence

FORM_BYTES = 1 << 20
"""Longest form without files."""
FIELDS = 20_000
log = logging.getLogger("zicha")


class Missing(Exception):
    """There is nothing at that address."""


class Forbidden(Exception):
    """The person may not do that; the message says who may."""


class TooMuch(Exception):
    """What was sent is larger than what is taken."""


class Form(Mapping[str, str]):
    """The fields of a form; a field that was not sent is "" to `get`."""

    def __init__(self, pairs: list[tuple[str, str]], files: Mapping[str, list[UploadFile]] | None = None) -> None:
        self.pairs = pairs
        self.files = files or {}
        self._last = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last.get(name, "")

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def __contains__(self, name: object) -> bool:
        return name in self._last

    def get(self, name: str, default: Any = "") -> Any:
        """The field's text, trimmed."""
        return self._last[name].strip() if name in self._last else default

    def all(self, name: str) -> list[str]:
        """Every value of a field that may come several times."""
        return [v for k, v in self.pairs if k == name]

    def close(self) -> None:
        """Let go of the files."""
        for sent in (f for files in self.files.values() for f in files):
            sent.file.close()

    def number(self, name: str) -> int | None:
        """A whole number, None where there is none."""
        text = self.get(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


@dataclass(slots=True)
class Ask:
    """One request of a person who is logged in."""

    request: Request
    state: State
    session: Session
    path: Mapping[str, Any] = field(default_factory=dict)

    @property
    def user(self) -> User:
        """Who asks."""
        return self.session.user

    @property
    def query(self) -> Mapping[str, str]:
        """What stands behind the question mark."""
        return self.request.query_params

    def unit(self) -> RosterUnit:
        """The unit of {n} in the address; raises Missing."""
        n = int(self.path["n"])
        if not 1 <= n <= len(self.state.units):
            raise Missing
        return self.state.units[n - 1]


Handler = Callable[[Request], Awaitable[Response]]


def view(role: str = "查看") -> Callable[[Callable[[Ask], Response]], Handler]:
    """A page for people who have at least that role; the function runs in a thread."""

    def decorate(function: Callable[[Ask], Response]) -> Handler:
        @functools.wraps(function)
        async def handle(request: Request) -> Response:
            return await run_in_threadpool(_view, request, role, function)

        return handle

    return decorate


def action(
    role: str = "初核", *, upload: bool = False, mine: Callable[[Form], str] | None = None
) -> Callable[[Callable[[Ask, Form], Response]], Handler]:
    """What a form does, for people who have at least that role; the function runs in a thread.

    `upload`: files may come along (`form.files`). `mine`: what the person wanted, for the page that shows a conflict.
    """

    def decorate(function: Callable[[Ask, Form], Response]) -> Handler:
        @functools.wraps(function)
        async def handle(request: Request) -> Response:
            session: Session | None = request.state.session
            if session is None or not session.user.may(role):  # nothing is read from who may not send it
                return await run_in_threadpool(_act, request, role, Form([]), function, mine)
            try:
                form = await read_form(request, upload=upload)
            except TooMuch:
                return refusal(request, 413, "提交的内容过大，未处理", "请分几次提交，或联系管理员")
            except (MultiPartException, ValueError, UnicodeDecodeError, ClientDisconnect):
                return refusal(request, 400, "提交的内容不完整，未处理", "请返回重试")
            try:
                return await run_in_threadpool(_act, request, role, form, function, mine)
            finally:
                form.close()

        return handle

    return decorate


async def read_form(request: Request, *, upload: bool = False) -> Form:
    """The fields of a request, bounded; raises TooMuch, or ValueError for what is no form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        state: State = request.app.state.zicha
        most = (state.settings.max_file << 20) * 2 if upload else FORM_BYTES
        if int(request.headers.get("content-length", most + 1)) > most:
            raise TooMuch
        sent = await request.form(max_files=200 if upload else 0, max_fields=1000, max_part_size=FORM_BYTES)
        files: dict[str, list[UploadFile]] = {}
        pairs: list[tuple[str, str]] = []
        for name, value in sent.multi_items():
            if isinstance(value, UploadFile):
                files.setdefault(name, []).append(value)
            else:
                pairs.append((name, value))
        return Form(pairs, files)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            raise TooMuch
    return Form(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS))


def page(ask: Ask, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page for the person who asks; `values` are the template's own."""
    return HTMLResponse(render(ask.request, template, ask=ask, **values), status_code=status)


def render(request: Request, template: str, *, ask: Ask | None = None, **values: Any) -> str:
    """A page as HTML, with what every page shows: the person, the navigation, what was just done."""
    state: State = request.app.state.zicha
    shared: dict[str, Any] = {
        "user": ask.user if ask else None,
        "csrf": ask.session.csrf if ask else "",
        "flash": state.accounts.flashed(ask.session.key) if ask else None,
        "head": state.head() if ask else 0,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "rubric": state.rubric,
        "now": state.clock(),
        "active": "",
        "foot": request.path_params.get("n", 0),
        "version": program(),
    }
    return templates.app_page(template, **{**shared, **values})


def done(ask: Ask, address: str, said: str, *, undo: int | None = None, kind: str = "done") -> RedirectResponse:
    """Go on to that address, where the sentence is shown once, with a button that takes entry `undo` back."""
    ask.state.accounts.flash(ask.session.key, {"said": said, "undo": undo, "kind": kind})
    return RedirectResponse(local(address), status_code=303)


def local(address: str, default: str = "/") -> str:
    """The address if it is one of ours, else the default: a form must not send people elsewhere."""
    parts = urlsplit(address)
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return address if ours and address.isprintable() and "\\" not in address else default


def refusal(request: Request, status: int, said: str, next_step: str = "", *, ask: Ask | None = None) -> HTMLResponse:
    """A page that says what cannot be done, and whose move it is."""
    return HTMLResponse(render(request, "app_error.html", ask=ask, said=said, next_step=next_step), status_code=status)


def asking(request: Request, role: str) -> Ask:
    """Who asks; raises Forbidden, or SignedOut where nobody is logged in."""
    session: Session | None = request.state.session
    if session is None:
        raise SignedOut
    if not session.user.may(role):
        raise Forbidden(f"此操作须由{role}及以上角色进行，您的角色是{session.user.role}")
    return Ask(request, request.app.state.zicha, session, request.path_params)


class SignedOut(Exception):
    """Nobody is logged in."""


def _view(request: Request, role: str, function: Callable[[Ask], Response]) -> Response:
    ask = None
    try:
        ask = asking(request, role)
        return function(ask)
    except SignedOut:
        return RedirectResponse("/login" if request.url.path == "/" else f"/login?next={_quoted(request)}", status_code=303)
    except (Missing, Forbidden, JournalError, *MACHINE) as error:
        return _answer(request, ask, error)


def _act(
    request: Request, role: str, form: Form, function: Callable[[Ask, Form], Response], mine: Callable[[Form], str] | None
) -> Response:
    ask = None
    try:
        ask = asking(request, role)
        if not form.get("csrf") or not _same(form["csrf"], ask.session.csrf):
            return refusal(request, 403, "页面已过期，刚才的操作没有记下", "请返回并刷新页面后重试", ask=ask)
        return function(ask, form)
    except SignedOut:
        return refusal(request, 401, "登录已失效，刚才的操作没有记下", "请重新登录后再做一次")
    except Conflict as error:
        assert ask is not None
        return conflict(ask, form, error, mine(form) if mine else "")
    except JournalError as error:
        assert ask is not None
        if "back" in form:
            return done(ask, form["back"], str(error), kind="refused")
        return _answer(request, ask, error)
    except (Missing, Forbidden, *MACHINE) as error:
        return _answer(request, ask, error)


def conflict(ask: Ask, form: Form, error: Conflict, mine: str) -> HTMLResponse:
    """Both words side by side; nobody is overwritten."""
    theirs = error.theirs
    again = [(k, v) for k, v in form.pairs if k not in ("csrf", "seen") and (k != "points" or v)]
    return page(
        ask,
        "app_conflict.html",
        status=409,
        theirs=theirs,
        sentence=sentence(theirs),
        unit=theirs.unit or "",
        mine=_with(mine or (f"{form['points']}分" if form.get("points") else "您刚才的操作"), form.get("note") or form.get("reason")),
        again=again,
        seen=theirs.seq,
        zone=ask.state.rules.rubric.deadline.tzinfo,
        to=ask.request.url.path,
        back=local(form["back"]),
    )


def _with(said: str, note: str) -> str:
    """As the journal's sentences add what was written beside a decision."""
    return f"{said}（{note}）" if note else said


def _answer(request: Request, ask: Ask | None, error: Exception) -> Response:
    match error:
        case Missing():
            return refusal(request, 404, "没有这一页", "请从导航中重新进入", ask=ask)
        case Forbidden():
            return refusal(request, 403, str(error), "请找相应的人办理", ask=ask)
        case JournalError():
            return refusal(request, 409, str(error), ask=ask)
        case _:
            log.error("web machine error %s", type(error).__name__)
            return refusal(request, 503, f"暂时无法处理（{reason(error)}）", "稍后再试；反复出现的，请管理员处理", ask=ask)


def _quoted(request: Request) -> str:
    return quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""), safe="")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
