"""What tests of the pages share: a home folder with people in it, its pages on a real port, clients and browsers that are logged in."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.accounts import Accounts
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.store import Store
from ingest.watch import once
from review.serve import server_of
from review.state import State
from scoring.journal import JournalError

PASSWORD = "kaohe-2018"
PEOPLE = {"查看甲": "查看", "初核甲": "初核", "初核乙": "初核", "复核甲": "复核", "管理甲": "管理"}
UNITS = ("集贤县", "饶河县", "尖山区")
"""The units that have sent something; 尖山区 without a catalog."""


@dataclass
class Client:
    """A person's HTTP client, logged in."""

    http: httpx.Client
    csrf: str

    def get(self, path: str, **values: Any) -> httpx.Response:
        """A page."""
        return self.http.get(path, **values)

    def post(self, path: str, data: dict[str, Any] | None = None, **values: Any) -> httpx.Response:
        """What a form sends, with the token of the session."""
        return self.http.post(path, data={"csrf": self.csrf, **(data or {})}, **values)


@dataclass
class Site:
    """A home folder and its pages, served on a port of this machine."""

    home: Path
    url: str
    state: State
    clients: list[httpx.Client] = field(default_factory=list)
    people: dict[str, Client] = field(default_factory=dict)

    def number(self, unit: str) -> int:
        """The unit's number in addresses."""
        return self.state.number(unit)

    def client(self) -> httpx.Client:
        """A client that is nobody yet."""
        made = httpx.Client(base_url=self.url, timeout=30)
        self.clients.append(made)
        return made

    def person(self, name: str) -> Client:
        """That person's client, logged in once."""
        if name not in self.people:
            self.people[name] = self.login(name)
        return self.people[name]

    def login(self, name: str, password: str = PASSWORD) -> Client:
        """A client that is that person; follows no redirect by itself."""
        http = self.client()
        token = csrf_of(http.get("/login").text)
        assert http.post("/login", data={"name": name, "password": password, "csrf": token}).status_code == 303
        return Client(http, csrf_of(http.get("/account").text))


def csrf_of(page: str) -> str:
    """The token in a page's form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture(scope="session")
def prepared(
    tmp_path_factory: pytest.TempPathFactory,
    make_mail: Callable[..., bytes],
    make_report: Callable[..., bytes],
    make_catalog: Callable[..., bytes],
) -> Path:
    """A home folder that three units have sent to, with accounts; copied for each test."""
    home = tmp_path_factory.mktemp("prepared") / "home"
    (home / "inbox").mkdir(parents=True)
    (home / "zicha.toml").write_text("settle = 0\n", "utf-8")
    for unit in UNITS:
        files = {f"{unit}自查报告.docx": make_report(unit)}
        if unit != "尖山区":
            files["佐证材料目录清单.xlsx"] = make_catalog(unit, more=["培训签到簿"])
        (home / "inbox" / f"{unit}.eml").write_bytes(make_mail(files, subject=f"{unit}自查报告"))
    (home / "inbox" / "无名.eml").write_bytes(make_mail({"说明.docx": b"x"}, subject="材料", body="见附件"))
    settings = load_settings(home)
    with Service(settings, load_rules(settings), say=lambda _: None) as service:
        once(service)
    store = Store(settings.var / "zicha.db")
    accounts = Accounts(store)
    for name, role in PEOPLE.items():
        accounts.add(name, role, PASSWORD)
    store.close()
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    """A home folder of the test's own."""
    return shutil.copytree(prepared, tmp_path / "home")


@contextmanager
def served(home: Path, **values: Any) -> Iterator[Site]:
    """The pages of a home folder on a free port."""
    settings = load_settings(home)
    store = Store(settings.var / "zicha.db")
    state = State(settings, load_rules(settings), store, **values)
    server = server_of(state, port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    site = Site(home, f"http://127.0.0.1:{port}", state)
    try:
        yield site
    finally:
        for client in site.clients:
            client.close()
        server.should_exit = True
        thread.join(10)
        store.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Site]]:
    """serve(home, clock=…) -> its pages on a free port, until the test ends."""
    with ExitStack() as running:
        yield lambda home, **values: running.enter_context(served(home, **values))


@pytest.fixture(scope="module")
def office(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One home folder and its pages for all tests of a file; a test takes it from `restored`."""
    with served(shutil.copytree(prepared, tmp_path_factory.mktemp("office") / "home")) as site:
        yield site


@pytest.fixture
def restored(office: Site) -> Iterator[Site]:
    """The office as every test of a file finds it: what the test decided is taken back when it ends."""
    before = office.state.head()
    yield office
    for entry in reversed([e for e in office.state.entries() if e.seq > before]):
        with suppress(JournalError):  # an approval that was unlocked cannot come back, and need not
            office.state.actions.undo(entry.seq, by="试")


@pytest.fixture
def site(home: Path, serve: Callable[..., Site]) -> Site:
    """The pages of a home folder of the test's own."""
    return serve(home)


@pytest.fixture
def login(site: Site) -> Callable[[str], Client]:
    """login("初核甲") -> a client that is that person."""
    return site.login


@pytest.fixture
def browse(chromium: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """browse("初核甲", script=True, size=(1366, 768)) -> a browser page of that person; it must not report an error."""
    contexts, errors = [], []

    def open_page(name: str | None, *, script: bool = True, size: tuple[int, int] = (1366, 768)) -> Any:
        context = chromium.new_context(
            base_url=site.url, java_script_enabled=script, viewport={"width": size[0], "height": size[1]}, locale="zh-CN"
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" and "Content Security" in message.text else None,
        )
        if name is not None:
            page.goto("/login")
            page.fill("[name=name]", name)
            page.fill("[name=password]", PASSWORD)
            page.click("text=登录 >> nth=-1")
            page.wait_for_url(re.compile(r"/(mine|board)$"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, errors
