"""The web application: its addresses, and what holds for every answer."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

import templates
from ingest.accounts import AccountError
from ingest.logs import described
from ingest.outbox import program
from review import board, bulk, intake, items, mine, paper, source, totals, worksheet
from review import log as journal
from review.state import State
from review.web import Ask, Forbidden, Form, TooMuch, action, done, local, page, read_form, refusal, render, view
from scoring.journal import APPROVE, RETURN, REVIEWER, UNLOCK

COOKIE, FIRST = "zicha", "zicha_login"
"""Names of the cookies: of a session, and of the form that begins one."""
PAGES = (mine, board, items, worksheet, source, paper, bulk, intake, totals, journal)
"""The modules of this room that carry pages."""
SECOND = frozenset({APPROVE, RETURN, UNLOCK, REVIEWER})
"""What only those who approve may take back."""
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
log = logging.getLogger("zicha")
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]


def create_app(state: State) -> Starlette:
    """The application of one home folder."""
    routes = [*_own_routes(), *(route for module in PAGES for route in module.routes)]
    app = Starlette(routes=routes, exception_handlers={404: _missing, 405: _missing, 500: _failed})
    app.state.zicha = state
    app.add_middleware(Guard, state=state)
    return app


class Guard:
    """Around every answer: who asks is found out, a foreign page's form is turned away, safe headers go out."""

    def __init__(self, app: Any, state: State) -> None:
        self.app, self.state = app, state

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """One request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        static = scope["path"].startswith("/static/")

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {k for k, _ in message["headers"]}
                extra = [h for h in HEADERS if h[0] not in present]
                if b"cache-control" not in present:
                    extra.append((b"cache-control", b"no-store"))
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        scope.setdefault("state", {})["session"] = None
        cookie = request.cookies.get(COOKIE)
        if cookie and not static and scope["path"] != "/healthz":
            scope["state"]["session"] = await run_in_threadpool(self.state.accounts.session, cookie, time.time())
        if scope["method"] not in ("GET", "HEAD") and not _own_origin(request):
            answer: Response = refusal(request, 403, "请求来自其他网站，未处理", "请在本系统的页面上操作")
            await answer(scope, receive, guarded)
            return
        await self.app(scope, receive, guarded)


def _own_origin(request: Request) -> bool:
    origin = request.headers.get("origin")
    if origin in (None, ""):
        return True
    return urlsplit(origin).netloc == request.headers.get("host")


def _own_routes() -> list[BaseRoute]:
    return [
        Route("/", _front),
        Route("/login", _login_page, methods=["GET"]),
        Route("/login", _login, methods=["POST"]),
        Route("/logout", _logout, methods=["POST"]),
        Route("/account", _account, methods=["GET"]),
        Route("/account", _new_password, methods=["POST"]),
        Route("/undo/{seq:int}", _undo, methods=["POST"]),
        Route("/help", _help),
        Route("/healthz", _healthz),
        Route("/static/{name}", _static),
        Route("/foot/{n:int}.css", _foot),
    ]


@view()
def _front(ask: Ask) -> Response:
    return RedirectResponse("/mine" if ask.user.role == "初核" else "/board", status_code=303)


async def _login_page(request: Request) -> Response:
    if request.state.session is not None:
        return RedirectResponse("/", status_code=303)
    return await run_in_threadpool(_login_form, request, local(request.query_params.get("next", "/")))


def _login_form(request: Request, after: str, *, said: str = "", name: str = "", status: int = 200) -> Response:
    state: State = request.app.state.zicha
    token = secrets.token_urlsafe(24)
    people = any(not u.disabled for u in state.accounts.all())
    html = render(request, "app_login.html", said=said, name=name, after=after, csrf=token, people=people)
    answer = HTMLResponse(html, status_code=status)
    answer.set_cookie(FIRST, token, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/login")
    return answer


async def _login(request: Request) -> Response:
    try:
        form = await read_form(request)
    except (TooMuch, ValueError):
        return refusal(request, 400, "提交的内容不完整，未处理", "请返回重试")
    return await run_in_threadpool(_enter, request, form)


def _enter(request: Request, form: Form) -> Response:
    state: State = request.app.state.zicha
    name, after, now = form.get("name")[:64], local(form.get("next") or "/"), time.time()
    first = request.cookies.get(FIRST, "")
    if not first or not secrets.compare_digest(first.encode(), form["csrf"].encode()):
        return _login_form(request, after, said="登录页面已过期，请再登录一次", name=name, status=403)
    address = request.client.host if request.client else ""
    wait = state.accounts.blocked(name, address, now)
    if wait > 0:
        said = f"登录失败次数过多，请约{int(wait // 60) + 1}分钟后再试；忘记密码的请找管理员"
        return _login_form(request, after, said=said, name=name, status=429)
    entered = state.accounts.log_in(name, form["password"], address, now)
    if entered is None:
        return _login_form(request, after, said="用户名或密码不对", name=name, status=401)
    answer = RedirectResponse(after, status_code=303)
    answer.set_cookie(COOKIE, entered[0], httponly=True, samesite="lax", secure=request.url.scheme == "https")
    answer.delete_cookie(FIRST, path="/login")
    return answer


@action("查看")
def _logout(ask: Ask, form: Form) -> Response:
    ask.state.accounts.log_out(ask.session.key)
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer


@view()
def _account(ask: Ask) -> Response:
    return page(ask, "app_account.html", said="", active="account")


@action("查看")
def _new_password(ask: Ask, form: Form) -> Response:
    state, now = ask.state, time.time()
    address = ask.request.client.host if ask.request.client else ""
    if state.accounts.blocked(ask.user.name, address, now) > 0 or not state.accounts.right(ask.user.name, form["old"]):
        return page(ask, "app_account.html", status=403, said="原密码不对", active="account")
    if form["password"] != form["again"]:
        return page(ask, "app_account.html", status=400, said="两次输入的新密码不一致", active="account")
    try:
        state.accounts.set_password(ask.user.name, form["password"], keep=ask.session.key)
    except AccountError as error:
        return page(ask, "app_account.html", status=400, said=str(error), active="account")
    return done(ask, "/account", "密码已修改；在其他地方的登录已退出")


@action("初核")
def _undo(ask: Ask, form: Form) -> Response:
    seq = int(ask.path["seq"])
    entry = next((e for e in ask.state.entries() if e.seq == seq), None)
    if entry is not None and entry.kind in SECOND and not ask.user.may("复核"):
        raise Forbidden("复核、退回、解锁和分派只能由复核及以上角色撤销")
    ask.state.actions.undo(seq, by=ask.user.name, reason=form.get("reason"))
    return done(ask, form["back"], f"已撤销第{seq}条记录", undo=ask.state.head())


@view()
def _help(ask: Ask) -> Response:
    return page(ask, "app_help.html", active="help")


def _healthz(request: Request) -> Response:
    """The web process answers; does the database, too?"""
    state: State = request.app.state.zicha
    try:
        state.store.journal_head()
        found, status = {"web": "ok", "database": "ok"}, 200
    except (SQLAlchemyError, OSError):
        found, status = {"web": "ok", "database": "failed"}, 503
    return Response(json.dumps(found), status_code=status, media_type="application/json")


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    found = templates.asset(name)
    if found is None:
        return Response(status_code=404)
    return Response(found.data, media_type=found.media_type, headers={"cache-control": "public, max-age=31536000, immutable"})


def _foot(request: Request) -> Response:
    """The printed foot of a unit's page, or of one that belongs to no unit: a sheet of its own, for pages carry no style."""
    state, n = request.app.state.zicha, request.path_params["n"]
    who = state.units[n - 1].name if request.state.session and 1 <= n <= len(state.units) else ""
    style = templates.foot_style(who, state.rubric["name"], program())
    return Response(style, media_type="text/css")


async def _missing(request: Request, error: Exception) -> Response:
    return await run_in_threadpool(_nothing_here, request)


def _nothing_here(request: Request) -> Response:
    session = request.state.session
    ask = Ask(request, request.app.state.zicha, session) if session else None
    return refusal(request, 404, "没有这一页", "请从导航中重新进入" if ask else "", ask=ask)


async def _failed(request: Request, error: Exception) -> Response:
    route = request.scope.get("route")  # the form of the address: what stands in it may be somebody's words
    log.error("web failed route=%s %s", getattr(route, "path", "-"), described(error))
    return HTMLResponse(templates.app_page("app_failed.html", version=program()), status_code=500)
