"""Photograph the pages for the user guide: `python bench/guide.py docs/pictures`.

Makes a home folder of the example mails, opens the pages, does what the guide tells, and takes a picture of each step on a screen of
1366×768, in the installed Chromium. The pictures hold nothing but fictional units.
"""

from __future__ import annotations

import dataclasses
import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from office import PASSWORD, ROOT, served
from PIL import Image
from playwright.sync_api import sync_playwright

from ingest.accounts import Accounts
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.store import Store
from ingest.watch import once
from review.state import State

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=zh-CN"]
SIZE = {"width": 1366, "height": 768}
COLOURS = 256
PEOPLE = (("初核甲", "初核"), ("初核乙", "初核"), ("复核甲", "复核"), ("管理甲", "管理"))


def main(folder: Path) -> None:
    """Write the pictures into the folder."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "kaohe"
        state = _home(home)
        with served(home) as server, sync_playwright() as engine:
            browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_context(base_url=server.url, viewport=SIZE, locale="zh-CN").new_page()

            def shoot(name: str, path: str | None = None) -> None:
                if path:
                    page.goto(path)
                page.wait_for_timeout(400)
                _save(page.screenshot(), folder / f"{name}.png")

            _walk(page, shoot, state)
            browser.close()
        state.store.close()


def _walk(page: Any, shoot: Callable[..., None], state: State) -> None:
    """The guide's steps, in its order."""
    unit, scanned = _most_gaps(state), _scanned(state)
    n, item = state.number(unit), _gap_item(state, unit)
    shoot("guide-login", "/login")
    page.fill("[name=name]", "管理甲")
    page.fill("[name=password]", PASSWORD)
    page.click("button.main")
    page.wait_for_url("**/board")
    shoot("guide-intake", "/intake")
    shoot("guide-board", "/board")
    shoot("guide-mine", "/mine")
    shoot("guide-unit", f"/units/{n}")
    shoot("guide-item", f"/units/{n}/items/{item}")
    if scanned:
        page.goto(f"/units/{state.number(scanned)}/source")
        page.wait_for_timeout(4000)
        shoot("guide-source")
    page.goto(f"/units/{n}/items/1.1")
    page.keyboard.press("c")
    page.wait_for_timeout(600)
    shoot("guide-confirmed", f"/units/{n}/items/1.1")
    shoot("guide-items", f"/items/{item}")
    shoot("guide-bulk", "/bulk?scope=all")
    shoot("guide-paper", f"/units/{n}/paper")
    shoot("guide-totals", "/totals")
    shoot("guide-log", "/log")


def _home(home: Path) -> State:
    shutil.copytree(ROOT / "examples", home / "inbox", copy_function=shutil.copy2)
    for name in ("README.md", ".gitattributes"):
        (home / "inbox" / name).unlink(missing_ok=True)
    settings = dataclasses.replace(load_settings(home, {}), settle=0.0)
    rules = load_rules(settings)
    with Service(settings, rules, say=lambda _: None) as service:
        once(service)
    store = Store(settings.var / "zicha.db")
    accounts = Accounts(store)
    for name, role in PEOPLE:
        accounts.add(name, role, PASSWORD)
    return State(settings, rules, store)


def _most_gaps(state: State) -> str:
    sheets = state.sheets()
    return max((u for u in sheets if sheets[u]["score"]), key=lambda u: len(sheets[u]["gaps"]))


def _scanned(state: State) -> str | None:
    return next((u for u, s in state.sheets().items() if any(f["ocr"] and f["role"] == "report" for f in s["submission"]["files"])), None)


def _gap_item(state: State, unit: str) -> str:
    sheet = state.sheets()[unit]
    counts = {i: sum(g["item"] == i for g in sheet["gaps"]) for i in {g["item"] for g in sheet["gaps"] if g["item"]}}
    return max(sorted(counts), key=lambda i: counts[i])


def _save(shot: bytes, path: Path) -> None:
    """Few colours make small files; the pages have few, and those of the marks must stay what they are."""
    whole = Image.open(io.BytesIO(shot)).convert("RGB")
    few = whole.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
