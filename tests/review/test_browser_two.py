"""Two people at one unit, in two real browsers: nobody is overwritten, another approves, and what is approved is locked."""

from __future__ import annotations

from typing import Any

UNIT = "集贤县"


def test_of_two_who_confirm_one_item_the_second_sees_both_words_and_chooses(site: Any, browse: Any) -> None:
    path = f"/units/{site.number(UNIT)}/items/1.1"
    first, second = browse("初核甲"), browse("初核乙")
    first.goto(path)
    second.goto(path)
    first.fill("[name=points]", "4")
    first.keyboard.press("Enter")
    first.wait_for_url("**/items/1.2")
    second.fill("[name=points]", "3")
    second.keyboard.press("Enter")
    second.wait_for_selector("text=您的没有记下")
    assert "初核甲" in second.inner_text(".theirs") and "4分" in second.inner_text(".theirs")
    assert "3分" in second.inner_text(".mine")
    (word,) = [s["confirmed"] for s in site.state.sheet(UNIT)["score"]["items"] if s["item"] == "1.1"]
    assert (word["by"], word["points"]) == ("初核甲", 4)
    second.keyboard.press("2")
    second.wait_for_selector(".versus", state="detached")
    (word,) = [s["confirmed"] for s in site.state.sheet(UNIT)["score"]["items"] if s["item"] == "1.1"]
    assert (word["by"], word["points"]) == ("初核乙", 3)
    assert [e.by for e in site.state.entries(UNIT) if e.kind == "points"] == ["初核甲", "初核乙"], "both stay in the log"


def test_another_person_approves_which_locks_and_unlocking_needs_a_reason(site: Any, browse: Any) -> None:
    n, state = site.number(UNIT), site.state
    items = [(UNIT, s["item"]) for s in state.sheet(UNIT)["score"]["items"] if s["applies"]]
    state.actions.confirm_all(items, by="初核甲")
    page = browse("复核甲")
    page.goto(f"/units/{n}")
    page.click("text=同意，并锁定")
    page.wait_for_selector("text=已复核同意")
    page.goto(f"/units/{n}/items/1.1")
    assert page.locator("[name=points]").count() == 0
    assert "锁定" in page.inner_text("main")
    page.goto(f"/units/{n}")
    page.click("button:text-is('解锁')")  # the browser asks for the reason
    assert state.sheet(UNIT)["review"]["state"] == "approved"
    page.fill("form[action$='/unlock'] [name=reason]", "补报了会议纪要")
    page.click("button:text-is('解锁')")
    page.wait_for_selector("text=同意，并锁定")
    page.goto(f"/units/{n}/items/1.1")
    assert page.locator("[name=points]").count() == 1
