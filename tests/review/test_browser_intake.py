"""收件 in a real browser: bring files in, open one with its password, assign a mail; and the same without JavaScript."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.watch import once

pytestmark = pytest.mark.slow
Maker = Callable[..., bytes]
SECRET = "kaohe-7391"
EVIL = '<img src=x onerror="document.title=1">'


def judge(home: Path) -> None:
    """What the watcher beside the pages does."""
    settings = load_settings(home)
    with Service(settings, load_rules(settings), say=lambda _: None) as service:
        once(service)


@pytest.fixture
def locked(site: Any, make_mail: Maker, make_report: Maker) -> None:
    """A locked report has arrived, in a mail with hostile words."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(make_report("宝清县"))).encrypt(SECRET, out)
    mail = make_mail({f"{EVIL}.docx": out.getvalue()}, subject=EVIL, sender=f"{EVIL} <a@b.example>")
    (site.home / "inbox" / f"{EVIL.replace('/', '')}.eml").write_bytes(mail)
    judge(site.home)


@pytest.mark.parametrize("script", [True, False])
def test_files_are_brought_in_and_end_in_the_sum(browse: Any, site: Any, make_report: Maker, make_catalog: Maker, script: bool) -> None:
    page = browse("初核甲", script=script)
    page.goto("/intake")
    page.fill("#upload-unit", "bqx")
    page.set_input_files("[name=report]", {"name": "扫描 (1).docx", "mimeType": "", "buffer": make_report("宝清县")})
    page.set_input_files("[name=catalog]", {"name": "目录.xlsx", "mimeType": "", "buffer": make_catalog("宝清县")})
    page.click("#upload button")
    page.wait_for_selector(".flash")
    assert "已收下 2 个文件" in page.inner_text(".flash")
    assert page.is_visible("#queued")
    judge(site.home)
    if script:
        page.wait_for_selector("#queued", state="detached")
    else:
        page.click("#queued a")
    assert page.is_hidden("#queued") or not page.query_selector("#queued")
    assert "扫描 (1).docx" in page.inner_text("#ledger")
    assert site.state.sheet("宝清县") is not None


@pytest.mark.parametrize("script", [True, False])
def test_a_password_is_given_once_and_is_in_no_field_afterwards(browse: Any, site: Any, locked: None, script: bool) -> None:
    page = browse("初核甲", script=script)
    page.goto("/intake")
    page.fill("#troubles [name=password]", "falsch")
    page.click("#troubles .key button")
    page.wait_for_selector(".flash.refused")
    assert "密码不正确" in page.inner_text(".flash") and page.input_value("#troubles [name=password]") == ""
    page.fill("#troubles [name=password]", SECRET)
    page.click("#troubles .key button")
    page.wait_for_selector(".flash.done")
    judge(site.home)
    page.goto("/intake")
    assert not page.query_selector("[name=password]")
    assert page.title() == "收件 · 自查" and not page.query_selector("img")


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_nothing_runs_off_the_page(browse: Any, site: Any, locked: None, size: tuple[int, int]) -> None:
    page = browse("初核甲", size=size)
    for path in ("/intake", "/intake?state=quarantined", *(f"/sheets/{k.stem}" for k in site.state.loose())):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
