"""`zicha serve` and the pages of `zicha watch`, as a person starts and ends them: real processes, real signals, a real proxy."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "kaohe-2018"
Maker = Callable[..., bytes]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def until(holds: Callable[[], object], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def zicha(home: Path, *arguments: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "zicha.py"), *map(str, arguments), "--home", str(home)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=120)


def log_in(http: httpx.Client) -> str:
    """Log in; returns the token for forms."""
    page = http.get("/login").text
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token is not None
    assert http.post("/login", data={"name": "初核甲", "password": PASSWORD, "csrf": token[1]}).status_code == 303
    token = re.search(r'name="csrf" value="([^"]+)"', http.get("/account").text)
    assert token is not None
    return token[1]


@pytest.fixture
def client() -> Iterator[Callable[..., httpx.Client]]:
    with contextlib.ExitStack() as opened:
        yield lambda url, **values: opened.enter_context(httpx.Client(base_url=url, timeout=30, **values))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, make_mail: Maker, make_report: Maker, make_catalog: Maker) -> Path:
    home = tmp_path_factory.mktemp("serve") / "home"
    (home / "inbox").mkdir(parents=True)
    (home / "zicha.toml").write_text("settle = 0\nrescan = 1\n", "utf-8")
    (home / "inbox" / "a.eml").write_bytes(make_mail({"自查报告.docx": make_report(), "佐证材料目录清单.xlsx": make_catalog()}))
    assert zicha(home, "once").returncode == 0
    added = zicha(home, "user", "add", "初核甲", "--role", "初核", "--password-stdin", stdin=PASSWORD + "\n")
    assert (added.returncode, added.stderr) == (0, "")
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    return shutil.copytree(prepared, tmp_path / "home")


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def run(home: Path, command: str, port: int, **values: str) -> subprocess.Popen[str]:
        line = [sys.executable, str(ROOT / "zicha.py"), command, "--home", str(home), "--port", str(port)]
        process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env={**os.environ, **values}, start_new_session=True)
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=20)


def children(pid: int) -> list[int]:
    return [int(p) for task in Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()]


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.mark.slow
def test_a_confirmation_reaches_the_outbox_and_a_killed_server_has_lost_nothing(home: Path, start: Callable, client: Callable) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = start(home, "serve", port)
    until(lambda: answers(url))
    http = client(url)
    csrf = log_in(http)
    number = 1 + [u for u in _units()].index("集贤县")
    answer = http.post(
        f"/units/{number}/items/1.1/confirm", data={"csrf": csrf, "points": "4.5", "note": "已核", "seen": "1", "back": "/board"}
    )
    assert answer.status_code == 303, answer.text
    os.kill(server.pid, signal.SIGKILL)  # the process that publishes dies with it, perhaps before it did
    until(lambda: not answers(url))
    again = start(home, "serve", port)
    until(lambda: answers(url))
    pages = list((home / "outbox").glob("*集贤县*.html"))
    until(lambda: "确认 4.5 分" in re.sub(r"\s+", " ", pages[0].read_text("utf-8")))
    assert "4.5" in zicha(home, "audit").stdout
    assert zicha(home, "audit", "verify").returncode == 0
    beside = children(again.pid)
    again.send_signal(signal.SIGTERM)
    assert again.wait(20) == 0
    until(lambda: not any("spawn_main" in command_of(p) for p in beside), 10)


def _units() -> list[str]:
    from ingest.rules import load_rules
    from ingest.settings import Settings

    return [u.name for u in load_rules(Settings(home=Path("/nonexistent"))).roster.units]


@pytest.mark.slow
def test_a_watcher_serves_pages_restarts_them_and_takes_them_along(home: Path, start: Callable) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    watcher = start(home, "watch", port)
    until(lambda: answers(url))
    (pages,) = [p for p in children(watcher.pid) if "spawn_main" in command_of(p)]
    os.kill(pages, signal.SIGKILL)
    until(lambda: not answers(url), 10)
    until(lambda: answers(url))
    os.kill(watcher.pid, signal.SIGKILL)
    watcher.wait(10)
    until(lambda: not answers(url), 10)


def test_a_port_in_use_is_said_in_one_sentence(home: Path) -> None:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        done = zicha(home, "serve", "--port", port)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in done.stderr and "管理员处理" in done.stderr


def test_the_users_of_a_home_are_managed_on_the_command_line(home: Path) -> None:
    short = zicha(home, "user", "add", "复核甲", "--role", "复核", "--password-stdin", stdin="kurz\n")
    assert (short.returncode, short.stdout) == (2, "") and "8至256" in short.stderr
    wrong = zicha(home, "user", "add", "复核甲", "--role", "局长", "--password-stdin", stdin=PASSWORD + "\n")
    assert wrong.returncode == 2 and "查看、初核、复核、管理" in wrong.stderr
    assert zicha(home, "user", "add", "复核甲", "--role", "复核", "--password-stdin", stdin=PASSWORD + "\n").returncode == 0
    twice = zicha(home, "user", "add", "复核甲", "--role", "复核", "--password-stdin", stdin=PASSWORD + "\n")
    assert twice.returncode == 2 and "已有用户" in twice.stderr
    assert zicha(home, "user", "role", "复核甲", "管理").returncode == 0
    assert zicha(home, "user", "disable", "初核甲").returncode == 0
    assert zicha(home, "user", "list").stdout == "初核甲　初核　已停用\n复核甲　管理\n"
    log = zicha(home, "audit").stdout
    assert "复核甲" in log and PASSWORD not in log
    assert zicha(home, "user", "password", "没有此人", "--password-stdin", stdin=PASSWORD + "\n").returncode == 2


@pytest.mark.slow
def test_behind_nginx_with_tls_the_session_cookie_is_secure(
    home: Path, start: Callable, client: Callable, tmp_path: Path, needs_program: Callable[..., str]
) -> None:
    nginx, openssl = needs_program("nginx", "/usr/sbin/nginx", package="nginx-light"), needs_program("openssl", package="openssl")
    port, tls, plain = free_port(), free_port(), free_port()
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    files = ("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem"))
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files]
    subprocess.run(made, check=True, capture_output=True)
    site = (ROOT / "packaging" / "nginx.conf").read_text("utf-8")
    for documented, ours in (
        ("127.0.0.1:8017", f"127.0.0.1:{port}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{tls} ssl"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("/etc/ssl/zicha", str(tmp_path)),
    ):
        assert documented in site
        site = site.replace(documented, ours)
    places = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    main = f"daemon off;\npid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\n{places}{site}\n}}\n"
    (tmp_path / "nginx.conf").write_text(main, "utf-8")
    start(home, "serve", port)
    proxy = subprocess.Popen([nginx, "-e", str(tmp_path / "early.log"), "-c", str(tmp_path / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}"))
        import ssl

        trust = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        until(lambda: _reached(f"https://127.0.0.1:{tls}", trust))
        http = client(f"https://127.0.0.1:{tls}", verify=trust)
        csrf = log_in(http)
        (cookie,) = [c for c in http.cookies.jar if c.name == "zicha"]
        assert cookie.secure
        assert http.get("/help").status_code == 200
        sent = http.post("/undo/99", data={"csrf": csrf, "back": "/help"}, headers={"origin": f"https://127.0.0.1:{tls}"})
        assert sent.status_code == 303
        assert "max-age" in http.get("/help").headers["strict-transport-security"]
        moved = httpx.get(f"http://127.0.0.1:{plain}/board", follow_redirects=False)
        assert moved.status_code == 301 and moved.headers["location"].startswith("https://")
        assert json.loads(http.get("/healthz").text)["web"] == "ok"
    finally:
        proxy.terminate()
        proxy.communicate(timeout=10)


def _reached(url: str, trust: object) -> bool:
    try:
        return httpx.get(f"{url}/healthz", verify=trust, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
