"""Board, items, my open items, bulk confirmation, totals and log as people meet them: by links and forms alone."""

from __future__ import annotations

import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from ingest.rules import load_rules
from ingest.settings import load_settings
from ingest.store import Store
from review.serve import server_of
from review.state import State
from scoring.journal import live

UNIT, OTHER, BARE = "集贤县", "饶河县", "尖山区"


def text_of(answer: Any) -> str:
    """What stands on the page, without its tags."""
    plain = re.sub(r"<(script|style|title)\b.*?</\1>", "", answer.text, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", plain)).split())


def shown(answer: Any) -> list[str]:
    """The units in the rows that are not hidden."""
    rows = re.findall(r"<tr data-find=[^>]*?( hidden)?>(.*?)</tr>", answer.text, re.S)
    return [
        unescape(re.sub(r"<[^>]+>", "", re.search(r'<td class="u".*?>(.*?)(?:</a>|</td>| <span)', row, re.S)[1]))
        for hid, row in rows
        if not hid
    ]


class Person:
    """Somebody who is logged in for the whole file."""

    def __init__(self, url: str, name: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=30)
        token = self._token("/login")
        assert self.http.post("/login", data={"name": name, "password": "kaohe-2018", "csrf": token}).status_code == 303
        self.csrf = self._token("/account")

    def _token(self, path: str) -> str:
        return re.search(r'name="csrf" value="([^"]+)"', self.http.get(path).text)[1]

    def get(self, path: str) -> Any:
        return self.http.get(path)

    def post(self, path: str, data: dict[str, Any] | None = None) -> Any:
        return self.http.post(path, data={"csrf": self.csrf, **(data or {})})


@pytest.fixture(scope="module")
def still(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Pages about which nobody says anything: for tests that only look, or are refused."""
    home = shutil.copytree(prepared, tmp_path_factory.mktemp("still") / "home")
    settings = load_settings(home)
    store = Store(settings.var / "zicha.db")
    state = State(settings, load_rules(settings), store)
    server = server_of(state, port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    people: dict[str, Person] = {}

    def enter(name: str) -> Person:
        if name not in people:
            people[name] = Person(url, name)
        return people[name]

    yield SimpleNamespace(state=state, home=home, login=enter, number=state.number)
    assert state.entries() == ()
    for person in people.values():
        person.http.close()
    server.should_exit = True
    thread.join(10)
    store.close()


def flash(client: Any, answer: Any) -> str:
    """The sentence on the page that a form leads to."""
    assert answer.status_code == 303, text_of(answer)
    return re.search(r'class="flash.*?<span>(.*?)</span>', client.get(answer.headers["location"]).text, re.S)[1]


def confirmed(site: Any, unit: str, item: str) -> Any:
    return next(s for s in site.state.sheet(unit)["score"]["items"] if s["item"] == item)["confirmed"]


def head(site: Any) -> int:
    return site.state.head()


# ---- board


def test_the_board_lists_every_unit_of_the_roster_and_what_is_left_to_do(still) -> None:
    page = still.login("初核甲").get("/board")
    assert len(shown(page)) == len(still.state.units)
    words = text_of(page)
    assert "待确认" in words and f"未报 {len(still.state.units) - 3} 个单位" in words
    assert "要办公室处理的来件 1 件" in words and "无名.eml" in words


@pytest.mark.parametrize(
    ("query", "units"),
    [
        pytest.param("?q=集贤", [UNIT], id="short name"),
        pytest.param("?q=jxx", [UNIT], id="initials"),
        pytest.param("?show=todo", [BARE, UNIT, OTHER], id="a filter"),
        pytest.param("?show=todo&q=rhx", [OTHER], id="both"),
        pytest.param("?show=todo&sort=unit&down=1", [OTHER, UNIT, BARE], id="sorted"),
        pytest.param("?q=nobody", [], id="nobody"),
    ],
)
def test_the_boards_address_filters_and_sorts_without_a_script(query: str, units: list[str], still) -> None:
    assert shown(still.login("查看甲").get(f"/board{query}")) == units


def test_an_address_that_makes_no_sense_is_the_plain_board(still) -> None:
    assert len(shown(still.login("查看甲").get("/board?show=%3Cscript%3E&sort=x&down=7&who="))) == len(still.state.units)


def test_whoever_checks_second_hands_units_out(site, login) -> None:
    second = login("复核甲")
    n = site.number(UNIT)
    answer = second.post("/board/assign", {"unit": str(n), "to": "初核乙", "back": "/board?assign=1"})
    assert "1 个单位已分配给初核乙" in flash(second, answer)
    assert shown(second.get("/board?who=初核乙")) == [UNIT]
    assert login("初核甲").post("/board/assign", {"unit": str(n), "to": "初核甲"}).status_code == 403


def test_a_unit_can_be_handed_out_before_it_has_sent_anything(site, login) -> None:
    second = login("复核甲")
    second.post("/board/assign", {"unit": "1", "to": "初核甲"})
    silent = next(u.name for u in site.state.units if u.name not in (UNIT, OTHER, BARE))
    second.post("/board/assign", {"unit": str(site.number(silent)), "to": "初核甲"})
    assert silent in shown(second.get("/board?who=初核甲"))


def test_only_somebody_who_may_confirm_gets_units(still) -> None:
    second = still.login("复核甲")
    answer = second.post("/board/assign", {"unit": "1", "to": "查看甲", "back": "/board"})
    assert "没有可以审核的用户" in flash(second, answer)


# ---- items


def test_one_item_stands_over_all_units_and_is_confirmed_there(site, login) -> None:
    first = login("初核甲")
    page = first.get("/items/1.1")
    assert all(unit in text_of(page) for unit in (UNIT, OTHER, BARE))
    n = site.number(UNIT)
    answer = first.post("/items/1.1/confirm", {"unit": str(n), "points": "4.5", "note": "会议少", "seen": head(site), "back": "/items/1.1"})
    assert answer.headers["location"] == f"/items/1.1#u{n}"
    assert (confirmed(site, UNIT, "1.1")["points"], confirmed(site, UNIT, "1.1")["by"]) == (4.5, "初核甲")
    words = text_of(first.get("/items/1.1"))
    assert "确认 4.5 分 初核甲" in words and "与建议相差 0.5 分" in words


def test_points_outside_the_item_are_refused_with_a_sentence(still) -> None:
    first = still.login("初核甲")
    answer = first.post("/items/1.1/confirm", {"unit": str(still.number(UNIT)), "points": "9", "back": "/items/1.1"})
    assert "须在0至5之间" in flash(first, answer)
    assert confirmed(still, UNIT, "1.1") is None


def test_two_who_confirm_the_same_item_get_both_values(site, login) -> None:
    seen = head(site)
    site.state.actions.confirm(UNIT, "1.1", "3", by="初核乙")
    answer = login("初核甲").post("/items/1.1/confirm", {"unit": str(site.number(UNIT)), "points": "5", "seen": seen, "back": "/items/1.1"})
    assert answer.status_code == 409 and "初核乙" in text_of(answer) and "5分" in text_of(answer)
    assert confirmed(site, UNIT, "1.1")["points"] == 3


def test_who_may_only_look_sees_no_form_and_confirms_nothing(still) -> None:
    viewer = still.login("查看甲")
    assert "/items/1.1/confirm" not in viewer.get("/items/1.1").text
    assert viewer.post("/items/1.1/confirm", {"unit": str(still.number(UNIT)), "points": "5"}).status_code == 403


def test_an_item_or_unit_that_is_none_is_a_page_that_says_so(still) -> None:
    first = still.login("初核甲")
    assert first.get("/items/9.9").status_code == 404
    assert first.post("/items/1.1/confirm", {"unit": "999", "points": "5"}).status_code == 404


def test_an_item_of_all_units_is_handed_out(site, login) -> None:
    second = login("复核甲")
    flash(second, second.post("/items/assign", {"item": "1.1", "to": "初核乙", "back": "/items"}))
    mine = login("初核乙").get("/mine")
    assert "还有 3 条待确认" in text_of(mine)
    assert set(re.findall(r'href="/units/\d+/items/([\d.]+)"', mine.text)) == {"1.1"}


# ---- mine


def test_a_reviewer_lands_on_what_is_next_and_on_what_was_sent_back(site, login) -> None:
    first = login("初核甲")
    assert "没有分配给您的单位或条目" in text_of(first.get("/mine"))
    actions = site.state.actions
    actions.confirm(OTHER, "2.1", "3", by="初核甲")
    actions.return_(OTHER, ["2.1"], by="复核甲", reason="文件没有日期")
    words = text_of(first.get("/mine"))
    assert words.index("下一条") < words.index(f"{OTHER} 2.1") < words.index("文件没有日期")


def test_who_has_nothing_left_is_told_so(site, login) -> None:
    for unit in (UNIT, OTHER, BARE):
        site.state.actions.confirm_all(
            [(unit, s["item"]) for s in site.state.sheet(unit)["score"]["items"] if s["applies"]], by="初核甲")  # fmt: skip
    assert "全部条目已经确认" in text_of(login("初核甲").get("/mine"))
    assert "待复核 3 个单位" in text_of(login("复核甲").get("/mine"))


# ---- bulk confirmation


def pairs_on(page: Any) -> list[str]:
    return re.findall(r'name="pair" value="([^"]+)"', page.text)


def test_exactly_the_previewed_set_is_confirmed_and_taken_back_in_one_go(site, login) -> None:
    first = login("初核甲")
    page = first.get("/bulk?scope=all")
    pairs = pairs_on(page)
    assert pairs and f"{len(pairs)} 条没有缺口" in text_of(page)
    before = head(site)
    answer = first.post("/bulk", {"pair": pairs, "seen": before})
    assert f"已确认 {len(pairs)} 条" in flash(first, answer)
    for pair in pairs:
        n, item, points = pair.split("/")
        assert str(confirmed(site, site.state.units[int(n) - 1].name, item)["points"]) == points
    assert head(site) == before + len(pairs)
    done = first.get(answer.headers["location"])
    token = re.search(r'name="outcome" value="([^"]+)"', done.text)[1]
    assert f"已撤销 {len(pairs)} 条" in flash(first, first.post("/bulk/undo", {"outcome": token, "back": "/mine"}))
    assert [e for e in live(site.state.entries()) if e.seq > before] == []
    assert "已全部撤销" in text_of(first.get(answer.headers["location"]))
    assert "已经撤销过了" in flash(first, first.post("/bulk/undo", {"outcome": token, "back": "/mine"}))


def test_what_somebody_confirmed_after_the_preview_is_left_out_and_named(site, login) -> None:
    first = login("初核甲")
    pairs, seen = pairs_on(first.get("/bulk?scope=all")), head(site)
    n, item, _ = pairs[0].split("/")
    unit = site.state.units[int(n) - 1].name
    site.state.actions.confirm(unit, item, "1", by="初核乙")
    answer = first.post("/bulk", {"pair": pairs, "seen": seen})
    words = text_of(first.get(answer.headers["location"]))
    assert "没有确认 预览之后有变化" in words and f"{unit} {item} 已由初核乙确认 1 分" in words
    assert (confirmed(site, unit, item)["by"], confirmed(site, unit, item)["points"]) == ("初核乙", 1)
    assert len(live(site.state.entries())) == len(pairs)


def test_an_item_that_was_confirmed_and_taken_back_meanwhile_is_left_out_too(site, login) -> None:
    """Its state is again as in the preview, but somebody spoke about it: the person has not seen why."""
    first = login("初核甲")
    pairs = pairs_on(first.get("/bulk?scope=all"))
    n, item, _ = pairs[0].split("/")
    unit = site.state.units[int(n) - 1].name
    site.state.actions.confirm(unit, item, "1", by="初核乙")
    seen = head(site)
    site.state.actions.undo(seen, by="初核乙")
    first.post("/bulk", {"pair": pairs[:2], "seen": seen})
    assert confirmed(site, unit, item) is None and confirmed(site, *_of(site, pairs[1])) is not None


def _of(site: Any, pair: str) -> tuple[str, str]:
    n, item, _ = pair.split("/")
    return site.state.units[int(n) - 1].name, item


def test_nothing_that_was_in_no_preview_is_confirmed_by_a_made_up_form(still) -> None:
    first = still.login("初核甲")
    bad = [
        f"{still.number(BARE)}/1.1/5",
        f"{still.number(UNIT)}/1.1/4",
        "0/1.1/5",
        "999/1.1/5",
        "x",
        f"{still.number(UNIT)}/9.9/5",
        "1/1.1/-5",
    ]
    safe = set(pairs_on(first.get("/bulk?scope=all")))
    first.post("/bulk", {"pair": [b for b in bad if b not in safe], "seen": head(still)})
    assert still.state.entries() == ()


def test_nothing_ticked_is_said(still) -> None:
    first = still.login("初核甲")
    assert "没有勾选条目" in flash(first, first.post("/bulk", {"back": "/bulk?scope=all"}))


@pytest.mark.parametrize("scope", ["unit:999", "item:9.9", "x"])
def test_a_scope_that_is_none_is_no_page(scope: str, still) -> None:
    assert still.login("初核甲").get(f"/bulk?scope={scope}").status_code == 404


def test_an_outcome_that_nobody_remembers_leads_to_the_log(still) -> None:
    answer = still.login("初核甲").get("/bulk/done/unknown")
    assert answer.status_code == 303 and answer.headers["location"].startswith("/log?by=")


# ---- totals and exports


def exported(site: Any, client: Any, address: str, data: dict[str, str]) -> str:
    """Start an export and wait for its end; the totals page then."""
    assert client.post(address, data).status_code == 303
    until = time.monotonic() + 60
    while "data-running" in (page := client.get("/totals")).text:
        assert page.headers["refresh"] == "2" and time.monotonic() < until
        time.sleep(0.2)
    return page.text


def test_tables_are_written_beside_the_pages_and_downloaded_as_attachments(site, login) -> None:
    first = login("初核甲")
    page = exported(site, first, "/totals/export", {})
    links = [unescape(link) for link in re.findall(r'href="(/totals/files/tables/[^"]+)"', page)]
    assert len(links) == 7
    answer = first.get(links[0])
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E6%B1%87%E6%80%BB%E8%A1%A8.xlsx")
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.content[:2] == b"PK"
    assert answer.content == (site.home / "outbox" / "tables" / "汇总表.xlsx").read_bytes()


@pytest.mark.slow
def test_letters_are_written_with_the_dates_that_were_asked_for(site, login) -> None:
    first = login("初核甲")
    page = exported(site, first, "/totals/letters", {"date": "2018-01-22", "until": "2018-01-31"})
    assert "量化评分表" in page and 'value="2018-01-31"' in page
    assert any(p.name.endswith("补正通知.docx") for p in (site.home / "outbox" / "letters").iterdir())
    assert first.get("/totals/files/letters.zip").content[:2] == b"PK"


@pytest.mark.parametrize(
    "path",
    [
        "tables/..%2f..%2fzicha.toml",
        "tables/%2e%2e%2f%2e%2e%2fvar%2fzicha.db",
        "letters/zicha.toml",
        "other/x",
        "tables/汇总表.xlsx",
        "letters.zip",
    ],
)
def test_no_address_leads_to_a_file_that_was_not_exported(path: str, still) -> None:
    assert still.login("初核甲").get(f"/totals/files/{path}").status_code == 404


def test_a_link_that_someone_put_in_a_files_place_is_not_followed(site, login) -> None:
    site.state.store.note_export("tables", {}, {"a.csv": "x"})
    folder = site.home / "outbox" / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.csv").symlink_to(site.home / "zicha.toml")
    assert login("初核甲").get("/totals/files/tables/a.csv").status_code == 404


def test_an_export_that_fails_says_so(site, login) -> None:
    (site.home / "letters.toml").write_text("[receipt\n", "utf-8")
    page = exported(site, login("初核甲"), "/totals/letters", {})
    assert "导出没有完成" in page and "letters.toml" in page


def test_a_day_that_is_none_is_refused(still) -> None:
    first = still.login("初核甲")
    assert "不是日期" in flash(first, first.post("/totals/letters", {"date": "31.1.2018", "back": "/totals"}))


def test_who_may_only_look_downloads_but_starts_nothing(still) -> None:
    viewer = still.login("查看甲")
    assert viewer.post("/totals/export").status_code == 403 and 'action="/totals/export"' not in viewer.get("/totals").text


# ---- log


def test_the_log_tells_who_did_what_and_proves_it(site, login) -> None:
    site.state.actions.confirm(UNIT, "1.1", "4", by="初核甲", note="会议少")
    site.state.actions.confirm(OTHER, "1.2", "5", by="初核乙")
    viewer = login("查看甲")
    words = text_of(viewer.get("/log?verify=1"))
    assert "记录链完整：2 条逐条校验相符" in words and "1.1 确认4分（会议少）" in words
    assert OTHER not in re.search(r"<tbody>.*</tbody>", viewer.get("/log?unit=jxx").text, re.S)[0]
    assert "撤销</button>" not in viewer.get("/log").text


def test_an_entry_is_taken_back_from_the_log(site, login) -> None:
    site.state.actions.confirm(UNIT, "1.1", "4", by="初核甲")
    first = login("初核甲")
    assert 'action="/undo/1"' in first.get("/log").text
    first.post("/undo/1", {"back": "/log"})
    assert confirmed(site, UNIT, "1.1") is None
    assert "初核甲已撤销（ 第2条 ）" in text_of(first.get("/log"))


def test_a_journal_that_was_tampered_with_is_said_aloud(site, login) -> None:
    site.state.actions.confirm(UNIT, "1.1", "4", by="初核甲")
    with sqlite3.connect(Path(site.home) / "var" / "zicha.db") as db:
        for (name,) in db.execute("select name from sqlite_master where type='trigger' and tbl_name='journal'").fetchall():
            db.execute(f'drop trigger "{name}"')
        db.execute("update journal set body = replace(body, '\"4\"', '\"5\"')")
    db.close()
    assert "记录链不完整：第1条" in text_of(login("管理甲").get("/log?verify=1"))


def test_words_of_strangers_stay_text_in_every_list(site, login) -> None:
    hostile = "<script>alert(1)</script>"
    site.state.actions.confirm(UNIT, "1.1", "4", by="初核甲", note=hostile)
    site.state.actions.return_(UNIT, ["1.1"], by="复核甲", reason=hostile)
    first = login("初核甲")
    for path in (
        "/board",
        f"/board?q={hostile}",
        "/items",
        "/items/1.1",
        "/mine",
        "/bulk?scope=all",
        "/totals",
        "/log",
        f"/log?unit={hostile}&by={hostile}",
    ):
        assert "<script>alert" not in first.get(path).text, path
