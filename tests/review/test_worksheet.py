"""The pages of a unit: what a reviewer sees, corrects and confirms there, and what they are kept from."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from templates.wording import moment

UNIT = "集贤县"


@pytest.fixture
def site(restored: Any) -> Any:
    """One office for the whole file."""
    return restored


@pytest.fixture
def login(site: Any) -> Callable[[str], Any]:
    """login("初核甲") -> that person, who logs in once."""
    return site.person


@pytest.fixture
def n(site) -> int:
    """The unit's number."""
    return site.number(UNIT)


@pytest.fixture
def send(site, n: int) -> Callable[..., Any]:
    """send(client, "items/1.1/confirm", points="4") posts as the page of 1.1 would, with what it showed."""

    def post(client: Any, below: str, page: str = "items/1.1", **values: Any) -> Any:
        shown = client.get(f"/units/{n}/{page}".rstrip("/")).text
        hidden = {k: re.search(rf'name="{k}" value="([^"]*)"', shown) for k in ("seen", "back", "ground", "suggested")}
        return client.post(f"/units/{n}/{below}", {**{k: unescape(m[1]) for k, m in hidden.items() if m}, **values})

    return post


def item(site, id: str, unit: str = UNIT) -> dict[str, Any]:
    return next(s for s in site.state.sheet(unit)["score"]["items"] if s["item"] == id)


def claim(site, id: str) -> dict[str, Any] | None:
    return next((c for c in site.state.sheet(UNIT)["claims"] if c["id"] == id), None)


# ---- looking


def test_the_overview_opens_with_what_needs_a_person_and_leads_to_the_first_open_item(site, login, n: int) -> None:
    page = login("初核甲").get(f"/units/{n}").text
    assert f'href="/units/{n}/items/1.1" data-key="n"' in page
    assert page.index("自查报告未写到的部分") < page.index("目录清单中有、报告未引用的材料")
    assert "单位补报" in page and "办公室处理" in page and "0/25" in page


def test_a_gap_leads_to_the_item_that_deals_with_it(site, login, n: int, send) -> None:
    send(login("初核甲"), "claims/k1/missing")
    page = login("初核甲").get(f"/units/{n}").text
    assert f'<a href="/units/{n}/items/1.1#k1">' in page
    assert 'id="k1"' in login("初核乙").get(f"/units/{n}/items/1.1").text


def test_a_unit_that_sent_nothing_says_so_and_has_no_points_to_give(site, login) -> None:
    other = next(u.name for u in site.state.units if site.state.sheet(u.name) is None)
    page = login("初核甲").get(f"/units/{site.number(other)}")
    assert page.status_code == 200 and "还没有收到本单位的自查报告" in page.text
    assert login("初核甲").get(f"/units/{site.number(other)}/items/1.1").status_code == 404


@pytest.mark.parametrize("path", ["/units/0", "/units/999", "/units/5/items/9.9", "/units/5/items/nix"])
def test_an_address_of_nothing_is_not_found(login, path: str) -> None:
    assert login("初核甲").get(path).status_code == 404


def test_an_item_shows_gaps_clause_quote_claims_and_rows_in_this_order(site, login, n: int) -> None:
    page = login("初核甲").get(f"/units/{n}/items/1.1").text
    places = [page.index(t) for t in ('class="clause"', "报告怎么说", "第4段", "佐证核对", 'class="state"', "扣分事实", "本条目的记录")]
    assert places == sorted(places)
    assert f'href="/units/{n}/source#b4"' in page


def test_a_person_who_may_only_look_gets_no_forms_but_everything_else(site, login, n: int, send) -> None:
    client = login("查看甲")
    page = client.get(f"/units/{n}/items/1.1").text
    assert "佐证核对" in page and "/confirm" not in page and "/claims/" not in page
    assert send(client, "items/1.1/confirm", points="4").status_code == 403


# ---- points


def test_confirming_leads_to_the_next_open_item_with_a_way_back(site, login, n: int, send) -> None:
    client = login("初核甲")
    answer = send(client, "items/1.1/confirm", points="4.5", note="另有会议纪要", do="next")
    assert answer.headers["location"] == f"/units/{n}/items/1.2"
    word = item(site, "1.1")["confirmed"]
    assert (word["points"], word["by"], word["note"]) == (4.5, "初核甲", "另有会议纪要")
    page = client.get(answer.headers["location"]).text
    assert "1.1 确认4.5分" in page and f'action="/undo/{word["seq"]}"' in page


def test_a_page_fetched_ahead_does_not_use_up_what_the_next_one_says(site, login, n: int, send) -> None:
    client = login("初核甲")
    answer = send(client, "items/1.1/confirm", points="4", do="next")
    assert "1.1 确认4分" not in client.get(f"/units/{n}/items/1.3", headers={"X-Purpose": "prefetch"}).text
    assert "1.1 确认4分" in client.get(answer.headers["location"]).text


def test_an_empty_field_confirms_the_suggestion_that_the_page_showed(site, login, send) -> None:
    send(login("初核甲"), "items/1.1/confirm", points="", do="next")
    assert item(site, "1.1")["confirmed"]["points"] == 5


def test_points_may_be_typed_in_wide_digits(site, login, send) -> None:
    send(login("初核甲"), "items/1.1/confirm", points=" ４．５ ", do="stay")
    assert item(site, "1.1")["confirmed"]["points"] == 4.5


def test_points_left_open_are_not_confirmed_and_the_item_stays_open(site, login, n: int, send) -> None:
    client = login("初核甲")
    assert send(client, "items/1.1/confirm", points="3", do="draft").headers["location"] == f"/units/{n}/items/1.1"
    assert item(site, "1.1")["confirmed"] is None and item(site, "1.1")["entered"]["points"] == 3
    assert "暂记，尚未确认" in client.get(f"/units/{n}/items/1.1").text


@pytest.mark.parametrize("points", ["6", "-1", "1.234", "abc", "NaN", "1e1"])
def test_points_out_of_range_are_refused_with_the_reason_and_nothing_is_written(site, login, n: int, send, points: str) -> None:
    client, before = login("初核甲"), site.state.head()
    answer = send(client, "items/1.1/confirm", points=points, note="机构未设<专职>人员")
    assert answer.headers["location"].startswith(f"/units/{n}/items/1.1?")
    page = client.get(answer.headers["location"]).text
    assert "flash refused" in page and f'value="{points}"' in page
    assert "机构未设&lt;专职&gt;人员</textarea>" in page  # nobody has to write it again
    assert site.state.head() == before


def test_without_a_script_taking_the_suggestion_fills_the_field_and_confirms_nothing(site, login, send) -> None:
    client = login("初核甲")
    answer = send(client, "items/1.1/confirm", points="", do="take")
    assert 'id="points" name="points" value="5"' in client.get(answer.headers["location"]).text
    assert item(site, "1.1")["confirmed"] is None


def test_confirming_the_same_again_writes_nothing(site, login, n: int, send) -> None:
    client = login("初核甲")
    send(client, "items/1.1/confirm", points="4")
    before = site.state.head()
    assert send(client, "items/1.1/confirm", points="4.0", do="next").headers["location"] == f"/units/{n}/items/1.2"
    assert site.state.head() == before


def test_a_confirmation_whose_ground_moved_while_the_page_was_open_is_not_taken(site, login, n: int) -> None:
    client, other = login("初核甲"), login("初核乙")
    shown = client.get(f"/units/{n}/items/1.1").text
    ground = re.search(r'name="ground" value="([^"]+)"', shown)[1]
    assert other.post(f"/units/{n}/claims/k1/missing", {"back": "/", "seen": site.state.head()}).status_code == 303
    answer = client.post(f"/units/{n}/items/1.1/confirm", {"points": "5", "ground": ground, "back": f"/units/{n}/items/1.1", "seen": "0"})
    assert "有变化，没有记下" in client.get(answer.headers["location"]).text
    assert item(site, "1.1")["confirmed"] is None


def test_two_reviewers_on_one_item_get_both_values_and_nobody_is_overwritten(site, login, n: int, send) -> None:
    one, two = login("初核甲"), login("初核乙")
    seen = re.search(r'name="seen" value="(\d+)"', two.get(f"/units/{n}/items/1.1").text)[1]
    send(one, "items/1.1/confirm", points="4")
    answer = two.post(f"/units/{n}/items/1.1/confirm", {"points": "3", "note": "机构未设", "seen": seen, "back": f"/units/{n}/items/1.1"})
    assert answer.status_code == 409 and "4分" in answer.text and "3分（机构未设）" in answer.text and UNIT in answer.text
    assert item(site, "1.1")["confirmed"]["points"] == 4
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text.split('action="')[-1]))
    assert two.post(f"/units/{n}/items/1.1/confirm", again).status_code == 303
    assert (item(site, "1.1")["confirmed"]["points"], item(site, "1.1")["confirmed"]["by"]) == (3, "初核乙")


def test_a_fact_lowers_the_suggestion_and_can_be_taken_back_where_it_stands(site, login, n: int, send) -> None:
    client = login("初核甲")
    send(client, "items/1.4/fact", "items/1.4", clause="1.4a", count="2")
    assert item(site, "1.4")["suggested"] == 1
    page = client.get(f"/units/{n}/items/1.4").text
    assert "5 − 4（未完成相关工作2次，每次扣2分）= 1" in page
    undo = re.search(r'class="fact">.*?action="(/undo/\d+)"', page, re.S)[1]
    client.post(undo, {"back": "/"})
    assert item(site, "1.4")["suggested"] == 5


def test_an_item_that_does_not_apply_needs_a_reason_and_leaves_the_list_of_open_ones(site, login, n: int, send) -> None:
    client = login("初核甲")
    send(client, "items/1.1/applies", applies="no", reason="")
    assert item(site, "1.1")["applies"]
    send(client, "items/1.1/applies", applies="no", reason="机构已撤并")
    assert not item(site, "1.1")["applies"]
    assert f'href="/units/{n}/items/1.2" data-key="n"' in client.get(f"/units/{n}").text
    assert "机构已撤并" in client.get(f"/units/{n}/items/1.1").text


def test_what_changed_since_a_confirmation_is_told_on_the_item_and_on_the_overview(site, login, n: int, send) -> None:
    client = login("初核甲")
    send(client, "items/1.1/confirm", points="5")
    send(client, "claims/k1/missing", reason="目录页码对不上")
    for path in (f"/units/{n}", f"/units/{n}/items/1.1"):
        page = client.get(path).text
        assert "确认后有变化" in page and "目录中没有" in page


# ---- corrections


def test_a_row_is_chosen_by_a_click_by_its_line_or_by_words_of_it(site, login, send) -> None:
    client = login("初核甲")
    for chosen, row in (
        ({"rows": "c3"}, "c3"),
        ({"row": "2 集贤县政务服务事项目录"}, "c2"),
        ({"row": "签到簿"}, "c3"),
        ({"row": "1"}, "c1"),
    ):
        send(client, "claims/k1/link", **chosen)
        assert claim(site, "k1")["catalog"] == [row]


def test_a_second_row_can_stand_beside_the_first(site, login, send) -> None:
    send(login("初核甲"), "claims/k1/link", row="3", also="yes")
    assert claim(site, "k1")["catalog"] == ["c1", "c3"]


def test_pressing_enter_in_an_empty_row_field_chooses_nothing(site, login, n: int, send) -> None:
    client = login("初核甲")
    answer = send(client, "claims/k1/link", row="", reason="随手")
    assert "请先写明或选定" in client.get(answer.headers["location"]).text
    form = re.search(r"<form[^>]*claims/k1/link.*?</form>", client.get(f"/units/{n}/items/1.1").text, re.S)[0]
    assert 'class="enter"' in re.search(r"<button[^>]*>", form)[0]


@pytest.mark.parametrize(("verb", "status"), [("missing", "missing"), ("present", "matched"), ("none", None)])
def test_a_claim_is_judged_by_one_click_and_the_page_comes_back_to_it(site, login, send, verb: str, status: str | None) -> None:
    answer = send(login("初核甲"), f"claims/k1/{verb}", reason="已问过经办人")
    found = claim(site, "k1")
    assert (found and found["status"]) == status
    assert answer.headers["location"].endswith("/items/1.1" + ("" if verb == "none" else "#k1"))


def test_what_was_struck_out_can_be_brought_back_on_the_same_page(site, login, n: int, send) -> None:
    client = login("初核甲")
    send(client, "claims/k1/none")
    page = client.get(f"/units/{n}/items/1.1").text
    assert "已认定不是佐证的文字" in page
    client.post(re.search(r'class="lone">.*?action="(/undo/\d+)"', page, re.S)[1], {"back": "/"})
    assert claim(site, "k1") is not None


def test_words_of_a_quote_become_a_claim_with_its_row(site, login, send) -> None:
    send(login("初核甲"), "blocks/b4/add", text="明确了工作机构和人员", row="培训签到簿", occurrence="0")
    added = next(c for c in site.state.sheet(UNIT)["claims"] if c["text"] == "明确了工作机构和人员")
    assert (added["status"], added["catalog"]) == ("matched", ["c3"])


def test_words_that_do_not_stand_there_are_refused(site, login, n: int, send) -> None:
    client = login("初核甲")
    answer = send(client, "blocks/b4/add", text="从未写过的话")
    assert "该段中没有" in client.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("place", "expected"),
    [("1.2 纳入考核体系", (1, "1.2")), ("2.1", (2, "2.1")), ("第3部分", (3, None)), ("其他内容", (0, None)), ("网上预审", (3, "3.4"))],
)
def test_a_passage_is_moved_to_any_item_or_section_that_is_named_clearly(site, login, send, place: str, expected: Any) -> None:
    send(login("初核甲"), "blocks/b4/move", place=place)
    block = site.state.sheet(UNIT)["blocks"][3]
    assert (block["section"], block["item"]) == expected


@pytest.mark.parametrize("place", ["", "9.9", "政务", "第99部分"])
def test_a_place_that_is_none_or_several_moves_nothing(site, login, n: int, send, place: str) -> None:
    client, before = login("初核甲"), site.state.head()
    answer = send(client, "blocks/b4/move", place=place)
    assert "flash refused" in client.get(answer.headers["location"]).text and site.state.head() == before


# ---- the second check


@pytest.fixture
def confirmed(site, n: int) -> Any:
    """Every item of the unit confirmed by 初核甲."""
    site.state.actions.confirm_all([(UNIT, s["item"]) for s in site.state.sheet(UNIT)["score"]["items"]], by="初核甲")
    return site


def test_another_person_approves_and_the_unit_shows_everything_and_no_forms(confirmed, login, n: int, send) -> None:
    second, first = login("复核甲"), login("初核甲")
    assert "同意，并锁定" in second.get(f"/units/{n}").text
    assert send(second, "approve", "").status_code == 303
    page = first.get(f"/units/{n}/items/1.1").text
    assert "复核甲于" in page and "已锁定" in page and "佐证核对" in page and "确认并到下一条" not in page and "/claims/" not in page
    when = moment(site_review(confirmed)["at"], confirmed.state.rules.rubric.deadline.tzinfo)
    assert f"复核甲于{when}复核同意" in page  # in the office's time, as everywhere on the page
    assert "解锁" not in first.get(f"/units/{n}").text.split("复核</h2>")[1].split("</section>")[0].replace("解锁由", "")
    send(second, "unlock", "", reason="单位补报了材料")
    assert "确认并到下一条" in first.get(f"/units/{n}/items/1.1").text


def site_review(site: Any) -> dict[str, Any]:
    """What the worksheet says of the second check."""
    return site.state.sheet(UNIT)["review"]


def test_after_the_rules_changed_the_pages_say_so_and_offer_nothing_that_would_be_refused(site, login, n: int, monkeypatch) -> None:
    changed = replace(site.state.rules.rubric, sha256="0" * 64)
    monkeypatch.setattr(site.state, "rules", replace(site.state.rules, rubric=changed))
    client = login("初核甲")
    for path in (f"/units/{n}", f"/units/{n}/items/1.1", f"/units/{n}/source", "/items/1.1", "/bulk?scope=all"):
        page = client.get(path).text
        assert "细则或名单修改过" in page and "管理员处理" in page
        assert not re.search(r'action="(/units/\d+/(items|claims|blocks)/|/items/|/bulk")', page), path


def test_a_unit_sent_back_is_not_offered_for_approval_first(confirmed, login, n: int, send) -> None:
    second = login("复核甲")
    send(second, "return", "", items=["1.1"], reason="请核对文号")
    page = second.get(f"/units/{n}").text
    assert "等初核重新确认 1.1" in page and "直接同意，并锁定" in page
    send(login("初核甲"), "items/1.1/confirm", points="5", note="文号已核对", do="stay")
    assert "等初核重新确认" not in second.get(f"/units/{n}").text


def test_who_confirmed_cannot_approve_and_is_told_why(site, login, n: int) -> None:
    site.state.actions.confirm_all([(UNIT, s["item"]) for s in site.state.sheet(UNIT)["score"]["items"]], by="复核甲")
    page = login("复核甲").get(f"/units/{n}").text
    assert "现在不能同意" in page and "同意，并锁定" not in page


def test_items_sent_back_are_open_again_until_they_are_confirmed_anew(confirmed, login, n: int, send) -> None:
    first = login("初核甲")
    send(login("复核甲"), "return", "", items=["1.1", "2.3"], reason="请核对文号")
    page = first.get(f"/units/{n}").text
    assert "请核对文号" in page and f'href="/units/{n}/items/1.1" data-key="n"' in page
    page = first.get(f"/units/{n}/items/1.1").text
    assert "已退回，须重新确认" in page and "复核甲退回" in page and "请核对文号" in page
    assert "已退回，须重新确认" not in first.get(f"/units/{n}/items/1.2").text
    answer = send(first, "items/1.1/confirm", points="5", do="next")  # the same points, meant anew
    assert "已退回，须重新确认" not in first.get(f"/units/{n}/items/1.1").text
    assert answer.headers["location"] == f"/units/{n}/items/2.3"


def test_only_the_second_check_approves_returns_unlocks_extends_or_assigns(site, login, n: int, send) -> None:
    for verb in ("approve", "return", "unlock", "extend", "reviewer"):
        assert send(login("初核甲"), verb, "", reason="试", day="2018-02-01", to="初核甲").status_code == 403


def test_a_unit_gets_a_reviewer_and_more_time(site, login, n: int, send) -> None:
    second = login("复核甲")
    send(second, "reviewer", "", to="初核乙")
    send(second, "reviewer", "", to="初核甲", items="1.1、2.3")
    send(second, "extend", "", day="2018-02-01", reason="系统故障")
    page = second.get(f"/units/{n}").text
    assert "审核人：初核乙" in page and "延至 2018年2月1日24时" in page
    assert site.state.sheet(UNIT)["reviewers"] == {"unit": "初核乙", "items": {"1.1": "初核甲", "2.3": "初核甲"}}


def test_a_day_that_is_none_is_refused(site, login, n: int, send) -> None:
    second = login("复核甲")
    answer = send(second, "extend", "", day="下周", reason="系统故障")
    assert "不是日期" in second.get(answer.headers["location"]).text


def test_a_file_taken_for_something_else_is_read_as_that(site, login, n: int, send) -> None:
    sheet = site.state.sheet(UNIT)
    catalog = next(f for f in sheet["submission"]["files"] if f["role"] == "catalog")
    send(login("初核甲"), "role", "", file=catalog["sha256"], role="other")
    entry = site.state.entries()[-1]
    assert (entry.kind, entry.body["role"], entry.body["sha256"]) == ("file_role", "other", catalog["sha256"])


def test_a_mail_goes_to_another_unit_and_the_reviewer_with_it(site, login, n: int, send) -> None:
    other = next(u for u in site.state.units if site.state.sheet(u.name) is None)
    answer = send(login("初核甲"), "assign", "", submission=site.state.sheet(UNIT)["submission"]["id"], unit=other.name)
    assert answer.headers["location"] == f"/units/{site.number(other.name)}"
    entry = site.state.entries()[-1]
    assert (entry.kind, entry.body["unit"]) == ("assign_unit", other.name)


def test_a_mail_that_should_not_count_is_refused_and_one_that_does_not_wait_cannot_be_accepted(site, login, n: int, send) -> None:
    client, mail = login("初核甲"), site.state.sheet(UNIT)["submission"]["id"]
    answer = send(client, "accept", "", submission=mail)
    assert "没有在等待采用" in client.get(answer.headers["location"]).text
    send(client, "refuse", "", submission=mail)
    assert [e.kind for e in site.state.entries()][-1] == "refuse"


def test_what_everybody_writes_is_shown_as_text(site, login, n: int, send) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    client = login("初核甲")
    send(client, "items/1.1/confirm", points="4", note=evil)
    send(client, "claims/k1/missing", reason=evil)
    send(client, "blocks/b4/move", place=evil)
    for path in (f"/units/{n}", f"/units/{n}/items/1.1", f"/units/{n}/items/1.1?points={evil}"):
        page = client.get(path).text
        assert "<script>alert" not in page and "<img src=x" not in page
    assert "&lt;script&gt;" in client.get(f"/units/{n}/items/1.1").text
