"""What a unit sends shows as text on every page, whatever it holds: words of the report, names of files, subjects, sheets, aliases."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ingest.accounts import Accounts
from ingest.rules import load_rules, shipped
from ingest.service import Service
from ingest.settings import load_settings
from ingest.store import Store
from ingest.watch import once

PASSWORD = "kaohe-2018"
SCRIPT = "<script>window.struck=1</script>"
PICTURE = '"><img src=x onerror="window.struck=1">'
SHEET = "<img src=x onerror=struck=1>"


@pytest.fixture(scope="module")
def hostile(
    tmp_path_factory: pytest.TempPathFactory,
    make_mail: Callable[..., bytes],
    make_docx: Callable[..., bytes],
    make_report: Callable[..., bytes],
) -> Path:
    home = tmp_path_factory.mktemp("hostile") / "home"
    (home / "inbox").mkdir(parents=True)
    (home / "zicha.toml").write_text("settle = 0\n", "utf-8")
    own = home / "rubrics" / "shuangyashan-2017"
    own.mkdir(parents=True)
    roster = shipped("shuangyashan-2017")["roster.toml"]
    assert roster.count('name = "集贤县"') == 1
    roster = roster.replace('name = "集贤县"', f"name = \"集贤县\"\nmail = '{PICTURE}@x.example'", 1)
    (own / "roster.toml").write_text(roster.replace('short = ["集贤"', f"short = ['集贤', '{SCRIPT}'", 1), "utf-8")
    book = openpyxl.Workbook()
    book.active.title = SHEET
    for row in (
        ["序号", "材料名称", "文号"],
        ["1", f"关于成立领导小组的通知{SCRIPT}", "集政办发〔2017〕1号"],
        ["2", f"服务指南{PICTURE}", ""],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    report = make_docx(
        "集贤县2017年“互联网+政务服务”工作自查报告",
        "一、完善组织和制度保障",
        f"成立领导小组，印发了《关于成立领导小组的通知{SCRIPT}》（集政办发〔2017〕1号）{PICTURE}，明确了机构和人员。",
        "二、规范网上服务事项",
        f"编制了《{PICTURE}服务目录》，按要求公开。{SCRIPT}",
        "集贤县人民政府",
        "2018年1月18日",
    )
    files = {f"自查报告{PICTURE}.docx": report, f"目录清单{SCRIPT}.xlsx": out.getvalue(), f"{PICTURE}.exe": b"MZ"}
    mail = make_mail(files, subject=f"集贤县自查报告{SCRIPT}{PICTURE}", sender=f'"{SCRIPT}" <a@jixian.example>')
    (home / "inbox" / "一.eml").write_bytes(mail)
    nobody = make_mail({f"材料{SCRIPT}.docx": make_docx(f"材料{PICTURE}")}, subject=PICTURE, sender=f'"{PICTURE}" <b@x.example>')
    (home / "inbox" / f"{SCRIPT.replace('/', '∕')}.eml").write_bytes(nobody)
    settings = load_settings(home)
    with Service(settings, load_rules(settings), say=lambda _: None) as service:
        once(service)
    store = Store(settings.var / "zicha.db")
    Accounts(store).add("管理甲", "管理", PASSWORD)
    store.close()
    return home


@pytest.fixture
def home(hostile: Path, tmp_path: Path) -> Path:
    return shutil.copytree(hostile, tmp_path / "home")


@pytest.mark.slow
def test_nothing_that_a_unit_sends_runs_on_any_page(site: Any, browse: Callable[..., Any]) -> None:
    state = site.state
    n = site.number("集贤县")
    state.actions.confirm("集贤县", "1.1", "4", by="管理甲", note=SCRIPT + PICTURE)
    state.actions.confirm("集贤县", "1.2", "4", by=f"{SCRIPT}", note="")
    page = browse("管理甲")
    struck: list[str] = []
    page.on("dialog", lambda dialog: (struck.append(dialog.message), dialog.dismiss()))
    stems = [k.stem for k in state.loose()]
    paths = ["/mine", "/board", "/items", "/items/1.1", "/items/2.1", "/intake", "/totals", "/log", "/help", "/bulk", f"/units/{n}"]
    paths += [f"/units/{n}/{rest}" for rest in ("items/1.1", "items/2.1", "items/3.1", "source", "paper")]
    paths += [f"/sheets/{stem}" for stem in stems]
    paths += [f"/board?q={SCRIPT}", f"/log?by={PICTURE}", f"/login?next={SCRIPT}", f"/{SCRIPT.replace('/', '')}"]
    seen = ""
    for path in paths:
        answer = page.goto(path)
        assert answer.status < 500, path
        page.wait_for_timeout(30)
        assert page.evaluate("window.struck") is None, path
        assert page.locator("img[onerror]").count() == 0, path
        assert page.locator("script:not([src])").count() == 0, path
        seen += page.inner_text("body")
    assert SCRIPT in seen and PICTURE in seen, "it is shown, as text"
    assert SHEET in seen or "img src=x" in seen
    for path in sorted((site.home / "outbox").glob("*.html")):
        page.goto(path.as_uri())
        assert page.evaluate("window.struck") is None, path.name
        assert page.locator("img").count() == 0, path.name
    assert struck == []


def test_a_hostile_name_goes_out_as_an_attachment_and_splits_no_header(site: Any, login: Callable[..., Any]) -> None:
    client = login("管理甲")
    n = site.number("集贤县")
    sheet = site.state.sheet("集贤县")
    for file in sheet["submission"]["files"]:
        answer = client.get(f"/units/{n}/files/{file['sha256']}")
        assert answer.status_code == 200, file["name"]
        assert answer.headers["content-disposition"].startswith("attachment"), file["name"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "text/html" not in answer.headers["content-type"]
