"""收件: the sum adds up on the page, what needs a person stands first, and every decision about an arrival can be made here."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from ingest.rules import load_rules
from ingest.schema import arrivals
from ingest.service import Service
from ingest.settings import load_settings
from ingest.store import Store
from ingest.watch import once
from ingest.work import Workers
from scoring.journal import PASSWORD, RETRY, UPLOAD

Maker = Callable[..., bytes]
EVIL = '<img src=x onerror="alert(1)">&amp;'
SECRET = "kaohe-7391"


def locked(data: bytes) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(SECRET, out)
    return out.getvalue()


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers() as running:
        yield running


@pytest.fixture(scope="module")
def messy(prepared: Path, tmp_path_factory: pytest.TempPathFactory, workers: Workers, make_mail: Maker, make_report: Maker) -> Path:
    """The prepared home folder with a locked report, a report that replaces another, hostile names, a mail that nobody can assign."""
    home = Path(shutil.copytree(prepared, tmp_path_factory.mktemp("messy") / "home"))
    inbox = home / "inbox"
    later = "Sat, 20 Jan 2018 09:00:00 +0800"
    (inbox / "密.eml").write_bytes(make_mail({"锁.docx": locked(make_report("宝清县"))}, subject="宝清县自查报告"))
    corrected = {"集贤县自查报告.docx": make_report("集贤县", extra="并")}
    (inbox / "集贤县更正.eml").write_bytes(make_mail(corrected, subject="集贤县更正", date=later))
    broken = {f"{EVIL}.docx": b"PK\x03\x04broken", "空.docx": b""}
    (inbox / "恶.eml").write_bytes(make_mail(broken, subject=EVIL, sender=f"{EVIL} <a@b.example>"))
    (inbox / "谁.eml").write_bytes(make_mail({"自查报告.docx": make_report("某某某")}, subject=f"材料{EVIL}", body="请查收"))
    stranger = {"饶河县自查报告.docx": make_report("饶河县", extra="另")}
    (inbox / "外.eml").write_bytes(make_mail(stranger, subject="饶河县自查报告", sender="某人 <a@elsewhere.example>", date=later))
    judge(home, workers, look=True)
    return home


@pytest.fixture
def home(messy: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(messy, tmp_path / "home"))


def judge(home: Path, workers: Workers, *, look: bool = False) -> None:
    """What the watcher beside the pages does."""
    settings = load_settings(home)
    with Service(settings, load_rules(settings), say=lambda _: None, workers=workers) as service:
        once(service) if look else service.judge()


def sum_line(page: str) -> list[int]:
    """收到 and the states, in the order of the page."""
    line = re.search(r'<nav class="sum".*?</nav>', page, re.S)
    assert line is not None
    return [int(n) for n in re.findall(r"<b>(\d+)</b>", line[0])]


def arrival(site: Any, name: str) -> Any:
    return next(a for a in site.state.store.arrivals() if a.name == name)


def test_the_sum_adds_up_and_what_lies_in_the_inbox_counts(site: Any, login: Any) -> None:
    arrived, *states = sum_line(login("查看甲").get("/intake").text)
    assert arrived == sum(states) == len(site.state.store.arrivals())
    (site.home / "inbox" / "新.docx").write_bytes(b"x")
    assert sum_line(login("查看甲").get("/intake").text)[0] == arrived + 1


def test_every_arrival_that_was_not_processed_is_accounted_for_beside_the_sum(login: Any) -> None:
    page = login("初核甲").get("/intake").text
    told = page[page.index('id="elsewhere"') :].split("</p>")[0]
    whole, *parts = [int(n) for n in re.findall(r"(\d+)(?:</b>)? 件", told)]
    assert whole == sum(parts) == sum_line(page)[-1] and len(parts) == 3
    listed = login("初核甲").get("/intake?state=quarantined").text
    assert listed[listed.index('id="ledger"') :].count('<tr><td class="nb">') == whole


def test_what_waits_is_decided_with_buttons_and_no_page_tells_of_commands(login: Any, site: Any) -> None:
    client = login("初核甲")
    pages = [client.get(p).text for p in ("/intake", f"/units/{site.number('饶河县')}")]
    for page in pages:
        assert "请核对后决定采用或不采用（办公室处理）" in page and "zicha accept" not in page and "不采用</button>" in page


def test_what_could_not_be_dealt_with_stands_first_with_cause_next_step_and_whose_move(login: Any) -> None:
    page = login("初核甲").get("/intake").text
    top = page[page.index('id="troubles"') : page.index('id="ledger"')]
    for words in ("文件设有打开密码", "文件是空的，没有任何内容", "单位补报", "重试", "锁.docx"):
        assert words in top
    assert top.count('type="password"') == 1


def test_every_filter_shows_its_state_and_nothing_else(login: Any) -> None:
    client = login("查看甲")
    for state in ("used", "superseded", "quarantined", "duplicate", "waiting", "not_needed"):
        page = client.get("/intake", params={"state": state}).text
        rows = page[page.index('id="ledger"') :].count("<tr><td class=\"nb\"><span class=\"mark")
        number = sum_line(page)[["used", "waiting", "duplicate", "superseded", "not_needed", "quarantined"].index(state) + 1]
        assert rows == number, state


def test_what_was_replaced_says_what_changed(login: Any) -> None:
    page = login("查看甲").get("/intake", params={"state": "superseded"}).text
    assert "现用件与此件相比：" in page


def test_the_search_finds_by_name_unit_and_cause(login: Any) -> None:
    client = login("查看甲")
    for q, name in (("饶河县", "饶河县自查报告.docx"), ("打开密码", "锁.docx")):
        assert name in client.get("/intake", params={"q": q}).text
    assert "没有符合条件的来件" in client.get("/intake", params={"q": "不存在的东西"}).text


def test_hostile_names_subjects_and_senders_are_text(login: Any, site: Any) -> None:
    client = login("初核甲")
    stems = [k.stem for k in site.state.loose()]
    assert stems
    for path in ("/intake", "/intake?state=quarantined", *(f"/sheets/{s}" for s in stems), *(f"/sheets/{s}/whole" for s in stems)):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "<img" not in answer.text, path
    assert "&lt;img src=x" in client.get("/intake").text
    assert "<script>" not in client.get("/intake", params={"q": "<script>alert(1)</script>"}).text


def test_whoever_only_looks_has_no_forms_and_is_turned_away(login: Any, site: Any) -> None:
    client = login("查看甲")
    page = client.get("/intake").text
    assert "/intake/retry" not in page and "/intake/upload" not in page
    for path in ("retry", "password", "upload", "accept", "refuse", "assign", "role"):
        assert client.post(f"/intake/{path}", {"place": "x"}).status_code == 403
    assert site.state.head() == 0


def test_a_retry_is_written_down_and_done_by_whoever_reads(login: Any, site: Any, workers: Workers) -> None:
    answer = login("初核甲").post("/intake/retry", {"place": arrival(site, "空.docx").place, "back": "/intake"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/intake")
    (entry,) = site.state.store.entries()
    assert (entry.kind, entry.by, entry.body["name"]) == (RETRY, "初核甲", "空.docx")
    judge(site.home, workers)
    assert arrival(site, "空.docx").state == "quarantined"


def test_a_retry_of_what_needs_none_is_refused_with_a_sentence(login: Any, site: Any) -> None:
    client = login("初核甲")
    client.post("/intake/retry", {"place": arrival(site, "饶河县自查报告.docx").place, "back": "/intake"})
    assert "不需要重试" in client.get("/intake").text and site.state.head() == 0


def test_a_password_opens_the_report_and_stays_nowhere(login: Any, site: Any, workers: Workers) -> None:
    client = login("初核甲")
    place = arrival(site, "锁.docx").place
    client.post("/intake/password", {"place": place, "password": "falsch", "back": "/intake"})
    assert "密码不正确" in client.get("/intake").text and site.state.head() == 0
    client.post("/intake/password", {"place": place, "password": SECRET, "back": "/intake"})
    page = client.get("/intake").text
    assert "已打开" in page and SECRET not in page
    (entry,) = site.state.store.entries()
    assert entry.kind == PASSWORD and SECRET not in json.dumps(entry.body)
    judge(site.home, workers)
    assert arrival(site, "锁.docx").state == "used"
    assert site.state.sheet("宝清县") is not None


def test_files_are_uploaded_with_unit_and_roles_and_wait_in_the_sum(login: Any, site: Any, workers: Workers, make_docx: Maker) -> None:
    client = login("初核甲")
    before = sum_line(client.get("/intake").text)
    files = [
        ("report", (f"扫描{EVIL}.docx", make_docx("今年完成了各项工作。"))),
        ("file", ("附注.txt", "另附".encode())),
        ("evidence", ("", b"")),
    ]
    answer = client.http.post("/intake/upload", data={"csrf": client.csrf, "unit": "bqx", "reason": "U盘", "back": "/intake"}, files=files)
    assert answer.status_code == 303
    page = client.get("/intake").text
    assert "已收下 2 个文件" in page and 'id="queued"' in page and "<img" not in page
    after = sum_line(page)
    assert (after[0], after[2]) == (before[0] + 2, before[2] + 2)
    assert {(e.kind, e.unit, e.body.get("role"), e.reason) for e in site.state.store.entries()} == {
        (UPLOAD, "宝清县", "report", "U盘"),
        (UPLOAD, "宝清县", None, "U盘"),
    }
    judge(site.home, workers)
    sheet = site.state.sheet("宝清县")
    assert sheet is not None
    assert any(f["role"] == "report" and "扫描" in f["name"] for f in sheet["submission"]["files"])
    assert sum_line(client.get("/intake").text)[0] == after[0]


def test_an_upload_without_files_or_with_a_foreign_token_is_refused(login: Any, site: Any) -> None:
    client = login("初核甲")
    client.http.post("/intake/upload", data={"csrf": client.csrf, "back": "/intake"}, files=[("file", ("", b""))])
    assert "没有选择文件" in client.get("/intake").text
    assert client.http.post("/intake/upload", data={"csrf": "x"}, files=[("file", ("a.docx", b"x"))]).status_code == 403
    assert site.state.head() == 0


def test_an_upload_beyond_the_bound_is_refused(home: Path, serve: Any) -> None:
    (home / "zicha.toml").write_text("settle = 0\nmax_file = 1\n", "utf-8")
    site = serve(home)
    client = site.login("初核甲")
    sent = {"data": {"csrf": client.csrf, "back": "/intake"}}
    client.http.post("/intake/upload", **sent, files=[("file", ("大.docx", b"x" * 1_500_000))])
    assert "大.docx超过1 MB" in client.get("/intake").text
    assert client.http.post("/intake/upload", **sent, files=[("file", ("巨.docx", b"x" * 3_000_000))]).status_code == 413
    assert site.state.head() == 0


def test_a_mail_of_nobody_is_shown_and_assigned(login: Any, site: Any, workers: Workers) -> None:
    client = login("初核甲")
    kept = next(k for k in site.state.loose() if "谁.eml" in k.place)
    page = client.get(f"/sheets/{kept.stem}").text
    assert "无法确定是哪个单位报送的" in page and "自查报告.docx" in page
    client.post("/intake/assign", {"submission": kept.sheet["submission"]["id"], "unit": "没有", "back": f"/sheets/{kept.stem}"})
    assert "名单中没有“没有”" in client.get("/intake").text
    client.post("/intake/assign", {"submission": kept.sheet["submission"]["id"], "unit": "友谊县", "back": f"/sheets/{kept.stem}"})
    assert "已归入友谊县" in client.get("/intake").text
    judge(site.home, workers)
    assert client.get(f"/sheets/{kept.stem}").status_code == 404
    assert site.state.sheet("友谊县") is not None


def test_the_role_of_a_file_is_corrected_and_taken_back(login: Any, site: Any, workers: Workers) -> None:
    client = login("初核甲")
    report = arrival(site, "饶河县自查报告.docx")
    client.post("/intake/role", {"file": report.sha256, "role": "other", "back": "/intake"})
    page = client.get("/intake").text
    assert "饶河县自查报告.docx：用途已更正为其他文件" in page and "/undo/1" in page
    judge(site.home, workers)
    sheet = site.state.sheet("饶河县")
    assert sheet is None or sheet["score"] is None
    client.post("/undo/1", {"back": "/intake"})
    judge(site.home, workers)
    assert site.state.sheet("饶河县")["score"] is not None


def test_ten_thousand_arrivals_come_page_by_page(login: Any, site: Any) -> None:
    store: Store = site.state.store
    with store.engine.begin() as db:
        row = {"sha256": "0" * 64, "bytes": 1, "kind": "file", "submission": 1, "state": "duplicate", "cause": "", "next_step": ""}
        db.execute(arrivals.insert(), [{**row, "place": f"多/{k}.docx", "name": f"{k}.docx"} for k in range(10_000)])
    client = login("查看甲")
    page = client.get("/intake", params={"state": "duplicate"}).text
    assert len(page) < 200_000 and re.search(r"第 1 页，共 1\d\d 页", page)
    last = client.get("/intake", params={"state": "duplicate", "page": "999999"}).text
    assert "9999.docx" in page + last and "下一页" not in last
    assert sum(sum_line(page)[1:]) == sum_line(page)[0]
