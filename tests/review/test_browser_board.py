"""The lists of work in a real browser: filtered, sorted and searched at once, confirmed in bulk and taken back, exported."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
UNIT = "集贤县"


def visible(page: Any) -> list[str]:
    """The units in the rows that can be seen."""
    return [text.split()[0] for text in page.locator(".units tbody tr:visible td.u").all_inner_texts()]


def count(site: Any) -> int:
    sheets = site.state.sheets().values()
    return sum(1 for s in sheets for i in s["score"]["items"] if i["confirmed"])


def test_the_board_filters_sorts_and_searches_without_asking_the_server(site, browse) -> None:
    page = browse("复核甲")
    page.goto("/board")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/static/" not in r.url else None)
    page.click(".choices a[data-show=todo]")
    assert visible(page) == ["尖山区", "集贤县", "饶河县"]
    assert "show=todo" in page.url
    page.click("th a[data-sort=gaps]")
    page.click("th a[data-sort=gaps] >> nth=0")
    gaps = [int(t) for t in page.locator(".units .group:not([hidden]) tbody tr:visible td.c").all_inner_texts()]
    assert gaps == sorted(gaps, reverse=True)
    page.click(".choices a[data-show='']")
    page.keyboard.press("/")
    page.keyboard.type("jxx")
    assert visible(page) == [UNIT]
    assert page.inner_text("#shown").startswith("显示 1 个")
    assert asked == [], "all of it without the server"
    page.reload()
    assert visible(page) == [UNIT], "the address says the same to the server"
    page.keyboard.press("/")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/units/{site.number(UNIT)}$"))


def test_typing_with_an_input_method_searches_once_it_is_done(site, browse) -> None:
    page = browse("初核甲")
    page.goto("/board")
    page.evaluate("""() => {
        const q = document.getElementById('q');
        q.value = 'ji';
        q.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: true}));
    }""")
    assert len(visible(page)) == len(site.state.units)
    page.evaluate("""() => {
        const q = document.getElementById('q');
        q.value = '集贤';
        q.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true, data: '集贤'}));
    }""")
    assert visible(page) == [UNIT]


def test_a_cell_of_the_map_leads_to_the_item(site, browse) -> None:
    page, n = browse("查看甲"), site.number(UNIT)
    page.goto("/board")
    page.click(f"svg a[href='/units/{n}/items/2.3']")
    page.wait_for_url(re.compile(rf"/units/{n}/items/2.3$"))


def test_a_previewed_set_is_confirmed_and_taken_back(site, browse) -> None:
    page = browse("初核甲")
    page.goto("/mine")
    page.click("text=批量确认无缺口")
    page.wait_for_url(re.compile(r"/bulk\?scope=mine$"))
    boxes = page.locator("input[name=pair]")
    all_of = boxes.count()
    assert all_of > 2
    boxes.nth(0).uncheck()
    assert page.inner_text("#ticked") == f"勾选 {all_of - 1} 条，共 {all_of} 条"
    page.keyboard.press("c")
    page.wait_for_url(re.compile(r"/bulk/done/"))
    assert count(site) == all_of - 1
    page.keyboard.press("u")
    page.wait_for_selector("text=已全部撤销")
    assert count(site) == 0


def test_one_item_is_confirmed_down_the_list_with_enter(site, browse) -> None:
    page = browse("初核甲")
    page.goto("/items/1.1?order=roster")
    first = page.locator("input.points").nth(0)
    first.fill("4")
    first.press("Enter")
    page.wait_for_selector("text=确认 4 分")
    page.wait_for_function("document.activeElement.classList.contains('points')")
    page.keyboard.type("3.5")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=确认 3.5 分")
    found = {u: next(i for i in s["score"]["items"] if i["item"] == "1.1")["confirmed"] for u, s in site.state.sheets().items()}
    assert [c["points"] for c in found.values() if c] == [4, 3.5]


def test_lists_are_read_and_used_without_a_script(site, browse) -> None:
    page = browse("初核甲", script=False)
    page.goto("/board")
    page.fill("#q", "szmj")
    page.click("text=查找")
    assert visible(page) == ["市民政局", "市民族宗教局"]
    page.goto("/items/1.1?order=roster")
    page.locator("input.points").nth(0).fill("2")
    page.locator(".sidebyside form button").nth(0).click()
    page.wait_for_selector("text=确认 2 分")
    page.goto("/bulk?scope=all")
    page.click("text=确认勾选的条目")
    page.wait_for_url(re.compile(r"/bulk/done/"))
    page.click("text=全部撤销")
    page.wait_for_selector("text=已全部撤销")


def test_tables_are_exported_while_the_page_shows_how_far_it_is(site, browse) -> None:
    page = browse("初核甲")
    page.goto("/totals")
    page.click("text=导出汇总表")
    page.wait_for_selector("[data-running]")
    page.wait_for_selector("a:has-text('汇总表.xlsx')", timeout=60_000)
    with page.expect_download() as got:
        page.click("a:has-text('汇总表.xlsx')")
    assert got.value.suggested_filename == "汇总表.xlsx"


def test_no_list_has_a_serious_fault_for_people_who_cannot_see_it_well(site, browse) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browse("复核甲")
    site.state.actions.confirm(UNIT, "1.1", "4", by="初核甲")
    site.state.actions.return_(UNIT, ["1.1"], by="复核甲", reason="再核")
    for path in ("/board", "/board?assign=1", "/items", "/items/1.1", "/mine", "/bulk?scope=all", "/totals", "/log?verify=1"):
        page.goto(path)
        found = Axe().run(page).response["violations"]
        serious = [(v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found if v["impact"] in ("serious", "critical")]
        assert (path, serious) == (path, [])
