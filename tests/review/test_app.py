"""What holds for every page: who gets in, what a foreign page cannot do, what an answer carries, and when a session ends."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ingest.accounts import Accounts
from ingest.logs import end_log, log_to
from review.web import local
from scoring.journal import POINTS, REVIEWER, Draft

PASSWORD = "kaohe-2018"


def token(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def try_login(http: httpx.Client, name: str, password: str) -> httpx.Response:
    return http.post("/login", data={"name": name, "password": password, "csrf": token(http.get("/login"))})


def test_nobody_sees_a_page_without_logging_in_and_is_led_back_afterwards(site) -> None:
    http = site.client()
    answer = http.get("/board?group=county")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fboard%3Fgroup%3Dcounty")
    login = http.get(answer.headers["location"])
    assert 'value="/board?group=county"' in login.text


@pytest.mark.parametrize("path", ["/help", "/account", "/undo/1", "/nowhere"])
def test_without_a_session_nothing_is_shown_or_done(site, path: str) -> None:
    http = site.client()
    assert "初核甲" not in http.get(path).text
    assert http.post(path, data={"csrf": ""}).status_code in (401, 404, 405)


def test_a_right_password_opens_a_session_and_a_wrong_one_says_no_more_than_that(site) -> None:
    http = site.client()
    for name, password in (("初核甲", "falsch-2018"), ("没有此人", PASSWORD)):
        answer = try_login(http, name, password)
        assert answer.status_code == 401
        assert "用户名或密码不对" in answer.text
    answer = try_login(http, "初核甲", PASSWORD)
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert http.get("/").headers["location"] == "/mine"


def test_after_five_failures_a_name_waits_even_with_the_right_password(site) -> None:
    http = site.client()
    assert [try_login(http, "初核甲", f"falsch-{k}-xyz").status_code for k in range(5)] == [401] * 5
    answer = try_login(http, "初核甲", PASSWORD)
    assert answer.status_code == 429
    assert "15分钟" in answer.text or "分钟后再试" in answer.text
    assert try_login(http, "初核乙", PASSWORD).status_code == 303


def test_a_login_form_from_another_page_opens_nothing(site) -> None:
    http = site.client()
    answer = http.post("/login", data={"name": "初核甲", "password": PASSWORD, "csrf": "x"})
    assert answer.status_code == 403
    assert "zicha=" not in answer.headers.get("set-cookie", "")


def test_a_form_without_the_sessions_token_does_nothing(site, login) -> None:
    client = login("初核甲")
    answer = client.http.post("/undo/1", data={"csrf": login("初核乙").csrf, "back": "/help"})
    assert answer.status_code == 403
    assert "没有记下" in answer.text
    assert site.state.head() == 0


def test_a_form_that_another_site_sends_is_turned_away(site, login) -> None:
    client = login("初核甲")
    answer = client.post("/undo/1", {"back": "/help"}, headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/login", "/help", "/static/app.css", "/static/nothing.css", "/nowhere", "/healthz"])
def test_every_answer_forbids_what_pages_do_not_need(login, path: str) -> None:
    headers = login("查看甲").get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers
    assert headers["cache-control"] == ("public, max-age=31536000, immutable" if path.endswith("app.css") else "no-store")


def test_no_page_of_the_frame_carries_inline_script_or_style(login) -> None:
    client = login("查看甲")
    for path in ("/help", "/account", "/nowhere"):
        text = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)


def test_a_session_ends_on_logging_out(login) -> None:
    client = login("初核甲")
    assert client.post("/logout").headers["location"] == "/login"
    assert client.get("/help").status_code == 303


def test_a_new_password_ends_all_other_sessions_of_that_person(login, site) -> None:
    here, there, other = login("初核甲"), login("初核甲"), login("初核乙")
    sent = {"old": PASSWORD, "password": "neu-kaohe-2018", "again": "neu-kaohe-2018"}
    assert here.post("/account", sent).status_code == 303
    assert (here.get("/help").status_code, there.get("/help").status_code, other.get("/help").status_code) == (200, 303, 200)
    assert try_login(site.client(), "初核甲", PASSWORD).status_code == 401
    assert try_login(site.client(), "初核甲", "neu-kaohe-2018").status_code == 303


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"old": "falsch-2018", "password": "neu-kaohe-2018", "again": "neu-kaohe-2018"}, "原密码不对"),
        ({"old": PASSWORD, "password": "neu-kaohe-2018", "again": "neu-kaohe-2019"}, "不一致"),
        ({"old": PASSWORD, "password": "kurz", "again": "kurz"}, "8至256"),
        ({"old": PASSWORD, "password": "aaaaaaaaaa", "again": "aaaaaaaaaa"}, "过于简单"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(login, site, sent: dict[str, str], said: str) -> None:
    answer = login("初核甲").post("/account", sent)
    assert said in answer.text
    assert try_login(site.client(), "初核甲", PASSWORD).status_code == 303


def test_a_session_ends_after_idling_and_at_the_end_of_a_working_day(home: Path, serve: Callable) -> None:
    store = serve(home).state.store
    accounts = Accounts(store, idle=600)
    now = time.time()
    entered = accounts.log_in("初核甲", PASSWORD, "", now)
    assert entered is not None
    cookie = entered[0]
    assert accounts.session(cookie, now + 599) is not None  # which is a sign of life
    assert accounts.session(cookie, now + 599 + 599) is not None
    assert accounts.session(cookie, now + 599 + 599 + 601) is None
    entered = accounts.log_in("初核甲", PASSWORD, "", now)
    assert entered is not None
    for minute in range(0, 12 * 60, 9):
        assert accounts.session(entered[0], now + minute * 60) is not None
    assert accounts.session(entered[0], now + 12 * 3600 + 1) is None


def test_who_is_disabled_is_out_at_once_and_a_role_counts_from_the_next_click_on(login, site) -> None:
    client = login("初核甲")
    site.state.accounts.set_role("初核甲", "查看")
    answer = client.post("/undo/1", {"back": "/help"})
    assert answer.status_code == 403 and "初核" in answer.text
    site.state.accounts.set_disabled("初核甲", True)
    assert client.get("/help").status_code == 303
    assert try_login(site.client(), "初核甲", PASSWORD).status_code == 401


def test_no_password_and_no_cookie_stands_in_the_database(login, home: Path) -> None:
    client = login("初核甲")
    cookie = client.http.cookies["zicha"]
    data = b"".join(p.read_bytes() for p in (home / "var").glob("zicha.db*"))
    assert PASSWORD.encode() not in data
    assert cookie.encode() not in data


def test_only_those_who_approve_take_a_second_checks_word_back(site, login) -> None:
    written = site.state.store.append([Draft("复核甲", REVIEWER, None, {"to": "初核甲", "items": []})])
    assert login("初核甲").post(f"/undo/{written[0].seq}", {"back": "/help"}).status_code == 403
    assert login("复核甲").post(f"/undo/{written[0].seq}", {"back": "/help"}).status_code == 303


def test_what_was_done_is_said_once_with_a_way_back(site, login) -> None:
    body = {"item": "1.1", "points": "5", "confirmed": True, "ground": ""}
    (entry,) = site.state.store.append([Draft("初核甲", POINTS, "集贤县", body)])
    client = login("初核甲")
    client.post(f"/undo/{entry.seq}", {"back": "/help"})
    page = client.get("/help").text
    assert f"已撤销第{entry.seq}条记录" in page
    assert f'action="/undo/{entry.seq + 1}"' in page
    assert "已撤销" not in client.get("/help").text


def test_what_cannot_be_done_is_said_where_the_person_was(login) -> None:
    client = login("初核甲")
    assert client.post("/undo/99", {"back": "/help"}).headers["location"] == "/help"
    assert "没有第99条记录" in client.get("/help").text


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", "board", "/a\r\nb", ""]
)
def test_a_form_leads_nowhere_but_to_our_own_pages(address: str) -> None:
    assert local(address) == "/"


def test_a_form_that_is_too_large_or_no_form_is_refused_in_one_sentence(login) -> None:
    client = login("初核甲")
    answer = client.post("/undo/1", {"back": "x" * (2 << 20)})
    assert answer.status_code == 413 and "过大" in answer.text
    answer = client.http.post("/undo/1", content=b"csrf=%ff%fe&x=" + b"\xff", headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code in (400, 403)
    answer = client.http.post("/undo/1", content=b"--x\r\nbroken", headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.status_code in (400, 403)


def test_nothing_is_read_from_who_may_not_send_it(site, login) -> None:
    cookie = login("查看甲").http.cookies["zicha"]
    host = site.url.removeprefix("http://")
    for carried, status in (("", b"401"), (f"Cookie: zicha={cookie}\r\n", b"403")):
        kind = "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 67108864\r\n\r\n"
        head = f"POST /intake/upload HTTP/1.1\r\nHost: {host}\r\n{carried}{kind}"
        with socket.create_connection(tuple(host.split(":")), timeout=20) as line:
            line.sendall(head.encode() + b"--x\r\n")  # the rest never comes
            assert line.recv(64).split(b" ")[1] == status


def test_healthz_speaks_of_the_process_and_of_the_database(site) -> None:
    http = site.client()
    assert json.loads(http.get("/healthz").text) == {"web": "ok", "database": "ok"}
    for path in (site.home / "var").glob("zicha.db*"):
        path.unlink()
    (site.home / "var" / "zicha.db").mkdir()
    site.state.store.engine.dispose()
    answer = http.get("/healthz")
    assert (answer.status_code, json.loads(answer.text)) == (503, {"web": "ok", "database": "failed"})


def test_a_fault_of_ours_is_one_sentence_on_the_page_and_one_line_in_the_log(home: Path, serve: Callable) -> None:
    with sqlite3.connect(home / "var" / "zicha.db") as db:
        db.execute("UPDATE results SET sheet = x'00' WHERE unit = '集贤县'")
    handler = log_to(home / "var" / "web.log")
    site = serve(home)
    answer = site.login("查看甲").get(f"/units/{site.number('集贤县')}")
    end_log(handler)
    assert answer.status_code == 500
    assert "管理员处理" in answer.text and "Traceback" not in answer.text
    (line,) = [t for t in (home / "var" / "web.log").read_text("utf-8").splitlines() if "web failed" in t]
    assert "route=/units/{n:int} error=error at=store:" in line
    assert "集贤" not in line and str(home) not in line


def test_a_home_without_users_says_how_to_make_one(site) -> None:
    for user in site.state.accounts.all():
        site.state.accounts.set_disabled(user.name, True)
    assert "zicha user add" in site.client().get("/login").text


def test_a_printed_page_has_a_foot_of_its_own(login, site) -> None:
    client = login("查看甲")
    n = site.number("集贤县")
    assert f'media="print" href="/foot/{n}.css"' in client.get(f"/units/{n}").text
    foot = client.get(f"/foot/{n}.css")
    assert foot.headers["content-type"].startswith("text/css")
    assert "集贤县" in foot.text and "counter(pages)" in foot.text
    assert "集贤县" not in site.client().get(f"/foot/{n}.css").text
