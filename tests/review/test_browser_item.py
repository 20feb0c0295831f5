"""A unit confirmed, corrected and marked in a real browser: by keyboard alone, under an input method, and without a script."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
UNIT = "集贤县"


@pytest.fixture
def site(restored: Any) -> Any:
    """One office for the whole file."""
    return restored


def scores(site) -> dict[str, Any]:
    return {s["item"]: s["confirmed"] for s in site.state.sheet(UNIT)["score"]["items"]}


def at(page, site, path: str) -> None:
    page.wait_for_url(re.compile(rf"/units/{site.number(UNIT)}{re.escape(path)}(#.*)?$"))


def test_a_whole_unit_is_confirmed_by_keyboard_alone(site, browse) -> None:
    page, n = browse("初核甲"), site.number(UNIT)
    page.goto(f"/units/{n}")
    page.keyboard.press("n")
    at(page, site, "/items/1.1")
    page.keyboard.press("j")
    at(page, site, "/items/1.2")
    page.keyboard.press("k")
    at(page, site, "/items/1.1")
    page.keyboard.type("4.5")
    page.keyboard.press("Enter")
    order = list(scores(site))
    for item in order[1:]:
        at(page, site, f"/items/{item}")
        page.keyboard.press("c")
    at(page, site, "")
    page.wait_for_selector("text=25/25")
    given = scores(site)
    assert given["1.1"]["points"] == 4.5
    assert all(given[item] and given[item]["by"] == "初核甲" for item in order)
    assert [given[item]["points"] for item in ("1.2", "2.3", "7.1")] == [5, 10, 0]


def test_the_next_page_stands_there_before_the_confirmation_is_answered(site, browse) -> None:
    page, n = browse("初核甲"), site.number(UNIT)
    held: list[Any] = []
    with page.expect_response(lambda r: r.url.endswith("/items/1.2")):
        page.goto(f"/units/{n}/items/1.1")
    page.route("**/confirm", lambda route: held.append(route))
    page.keyboard.press("c")
    page.wait_for_selector("main[data-item='1.2']")
    assert scores(site)["1.1"] is None
    held[0].continue_()
    page.wait_for_selector("text=1.1 确认5分")
    assert scores(site)["1.1"]["points"] == 5
    assert page.url.endswith("/items/1.2")


def test_a_confirmation_that_is_not_taken_leads_back_and_says_why(site, browse) -> None:
    page, n = browse("初核甲"), site.number(UNIT)
    with page.expect_response(lambda r: r.url.endswith("/items/1.2")):
        page.goto(f"/units/{n}/items/1.1")
    site.state.actions.confirm(UNIT, "1.1", "3", by="初核乙")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=初核乙")
    page.wait_for_selector("text=3分")
    assert scores(site)["1.1"]["points"] == 3


def test_keys_of_an_input_method_decide_nothing(site, browse) -> None:
    page, n = browse("初核甲"), site.number(UNIT)
    page.goto(f"/units/{n}/items/1.1")
    compose = """([key, code]) => {
        document.body.dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true}));
        const e = new KeyboardEvent('keydown', {key, isComposing: true, bubbles: true, cancelable: true});
        document.body.dispatchEvent(e);
        const old = new KeyboardEvent('keydown', {key, keyCode: 229, bubbles: true, cancelable: true});
        document.body.dispatchEvent(old);
        return e.defaultPrevented || old.defaultPrevented; }"""
    for key in ("c", "j", "n", "u", "5", "?"):
        assert not page.evaluate(compose, [key, key])
    page.focus("[name=note]")
    page.keyboard.type("cj5u已核对n")
    assert page.input_value("[name=note]") == "cj5u已核对n"
    assert page.input_value("#points") == ""
    at(page, site, "/items/1.1")
    assert scores(site)["1.1"] is None
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    at(page, site, "/items/1.2")


def test_a_key_that_is_held_down_confirms_one_item_only(site, browse) -> None:
    page, n = browse("初核甲"), site.number(UNIT)
    page.goto(f"/units/{n}/items/1.1")
    page.keyboard.down("c")
    at(page, site, "/items/1.2")
    for _ in range(5):
        page.keyboard.down("c")
    page.keyboard.up("c")
    page.wait_for_selector(".flash >> text=1.1 确认5分")
    assert [item for item, word in scores(site).items() if word] == ["1.1"]


def test_points_that_cannot_be_are_told_while_they_are_typed_and_not_sent(site, browse) -> None:
    page, n = browse("初核甲"), site.number(UNIT)
    page.goto(f"/units/{n}/items/1.1")
    page.keyboard.type("55")
    assert "0 至 5" in page.inner_text("#points-help")
    page.keyboard.press("Enter")
    at(page, site, "/items/1.1")
    page.fill("#points", "4.5")
    page.keyboard.press("ArrowUp")
    assert page.input_value("#points") == "5"
    page.click("text=取建议")
    assert (page.input_value("#points"), scores(site)["1.1"]) == ("5", None)


def test_u_takes_back_what_was_just_done(site, browse) -> None:
    page, n = browse("初核甲"), site.number(UNIT)
    page.goto(f"/units/{n}/items/1.1")
    page.keyboard.press("c")
    page.wait_for_selector(".flash >> text=1.1 确认5分")
    page.keyboard.press("u")
    page.wait_for_selector(".flash >> text=已撤销")
    assert scores(site)["1.1"] is None


def test_brackets_lead_to_the_same_item_of_the_next_unit(site, browse) -> None:
    page = browse("初核甲")
    page.goto(f"/units/{site.number(UNIT)}/items/2.3")
    page.keyboard.press("]")
    page.wait_for_url(f"**/units/{site.number('饶河县')}/items/2.3")
    page.keyboard.press("[")
    at(page, site, "/items/2.3")


def test_a_wrong_link_is_corrected_from_the_list_of_all_rows(site, browse) -> None:
    page, n = browse("初核甲"), site.number(UNIT)
    page.goto(f"/units/{n}/items/1.1")
    page.click("#k1 summary")
    page.fill("#k1 [name=row]", "3 培训签到簿")
    page.click("#k1 .verdicts >> text=选定")
    page.wait_for_selector("#k1 >> text=培训签到簿")
    claim = site.state.sheet(UNIT)["claims"][0]
    assert (claim["catalog"], claim["corrected"]["by"]) == (["c3"], "初核甲")
    page.click("#k1 summary")
    page.click("#k1 >> text=目录无此件")
    page.wait_for_selector("#k1.t-missing")
    assert page.is_visible(".flash >> text=撤销")


def test_e_leads_from_claim_to_claim_that_needs_a_look_and_corrects_it_without_a_mouse(site, browse) -> None:
    page, n = browse("初核甲"), site.number(UNIT)
    page.goto(f"/units/{n}/items/1.1")
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.name") == "row"
    at_work = page.evaluate("document.activeElement.closest('article').id")
    page.keyboard.type("3 培训签到簿")
    page.keyboard.press("Escape")  # out of the field; the next key is one of the page's own again
    page.keyboard.press("e")
    there = page.evaluate("document.activeElement.closest('article').id")
    assert there != at_work or page.locator("article.claim").count() == 1
    page.fill(f"#{at_work} [name=row]", "3 培训签到簿")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#{at_work} >> text=培训签到簿")
    claim = site.state.sheet(UNIT)["claims"][int(at_work[1:]) - 1]
    assert (claim["catalog"], claim["corrected"]["by"]) == (["c3"], "初核甲")


def test_what_is_folded_on_the_screen_is_printed_and_folded_again(site, browse) -> None:
    page, n = browse("初核甲"), site.number(UNIT)
    page.goto(f"/units/{n}/items/1.1")
    page.evaluate("document.querySelector('.claims').insertAdjacentHTML('beforeend', '<details id=folded><summary>x</summary>y</details>')")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    opened = page.evaluate("[document.getElementById('folded').open, ...[...document.querySelectorAll('.quote .fix')].map(e => e.open)]")
    assert opened[0] and not any(opened[1:])
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert not page.evaluate("document.getElementById('folded').open")


def test_words_selected_in_a_quote_become_a_claim(site, browse) -> None:
    page, n = browse("初核甲"), site.number(UNIT)
    page.goto(f"/units/{n}/items/1.1")
    page.evaluate(
        """() => {
            const words = document.querySelector('#b4 p'), walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
            let node = null; while (walker.nextNode()) if (walker.currentNode.data.includes('明确了工作机构')) node = walker.currentNode;
            const start = node.data.indexOf('明确了工作机构'), range = document.createRange();
            range.setStart(node, start); range.setEnd(node, start + 10);
            getSelection().removeAllRanges(); getSelection().addRange(range); }"""
    )
    page.click("#mark-this")
    assert page.input_value("#b4 [name=text]") == "明确了工作机构和人员"
    page.fill("#b4 [name=row]", "3 培训签到簿")
    page.click("#b4 button >> text=补登佐证")
    page.wait_for_selector(".claim >> text=明确了工作机构和人员")
    added = next(c for c in site.state.sheet(UNIT)["claims"] if c["text"] == "明确了工作机构和人员")
    assert (added["catalog"], added["corrected"]["by"]) == (["c3"], "初核甲")


def test_without_a_script_a_unit_is_read_corrected_and_confirmed(site, browse) -> None:
    page, n = browse("初核甲", script=False), site.number(UNIT)
    page.goto(f"/units/{n}")
    page.click("text=开始审核")
    at(page, site, "/items/1.1")
    assert "领导小组" in page.inner_text("#b4")
    page.click("#k1 summary")
    page.click("#k1 >> text=已核见")
    at(page, site, "/items/1.1")
    page.click("text=取建议")
    assert page.input_value("#points") == "5"
    page.fill("#points", "4")
    page.press("#points", "Enter")
    at(page, site, "/items/1.2")
    assert "1.1 确认4分" in page.inner_text(".flash")
    page.click(".flash >> text=撤销")
    assert scores(site)["1.1"] is None
