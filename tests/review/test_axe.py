"""axe-core finds no serious fault on any page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SERIOUS = ("serious", "critical")


def faults(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{v['id']} ({v['impact']}): {v['nodes'][0]['target']} {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in SERIOUS]


@pytest.mark.slow
def test_a_planted_fault_is_found(chromium: Any) -> None:
    page = chromium.new_page()
    page.set_content('<html lang="zh-CN"><title>x</title><main><img src="x"><p style="color:#aaa">看不清</p></main>')
    assert {f.split(" ")[0] for f in faults(page)} == {"image-alt", "color-contrast"}
    page.close()


@pytest.mark.slow
def test_no_page_has_a_serious_fault(site: Any, browse: Callable[..., Any]) -> None:
    n, without = site.number("集贤县"), site.number("尖山区")
    site.state.actions.confirm("集贤县", "1.1", "4", by="初核甲", note="已核")
    site.state.actions.confirm("集贤县", "1.2", "4", by="初核乙", confirmed=False)
    stem = site.state.loose()[0].stem
    page = browse(None)
    wrong: dict[str, list[str]] = {}

    def look(path: str) -> None:
        page.goto(path)
        found = faults(page)
        if found:
            wrong[path] = found

    look("/login")
    page.fill("[name=name]", "管理甲")
    page.fill("[name=password]", "kaohe-2018")
    page.click("button.main")
    for path in ("/mine", "/board", "/items", "/items/1.1", "/intake", "/totals", "/log", "/help", "/account", "/bulk", "/nowhere"):
        look(path)
    for rest in ("", "/items/1.1", "/items/2.4", "/source", "/paper"):
        look(f"/units/{n}{rest}")
        look(f"/units/{without}{rest}")
    look(f"/units/{site.number('宝清县')}")
    look(f"/sheets/{stem}")
    page.goto(f"/units/{n}/items/1.1")
    for details in page.locator("details").all():
        details.evaluate("e => { e.open = true }")
    wrong |= {"all opened": found} if (found := faults(page)) else {}
    assert wrong == {}
