"""The page of a unit's paper: what came, the stamp, the originals; the list for a visit; nothing of it needs a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.watch import once

UNIT = "集贤县"


@pytest.fixture
def kept(
    home: Path, make_mail: Callable[..., bytes], make_report: Callable[..., bytes], make_xlsx: Callable[..., bytes], serve: Any
) -> Any:
    """The pages of a home folder in which 集贤县 keeps two of its records."""
    rows = [
        ["序号", "材料名称", "文号", "备注"],
        ["1", "关于印发《集贤县政务服务工作方案》的通知", "集政办发〔2017〕9号", ""],
        ["2", "业务培训签到簿", "", "留存备查"],
        ["3", "窗口值班登记簿<script>alert(1)</script>", "", "留存备查"],
    ]
    files = {f"{UNIT}自查报告.docx": make_report(UNIT), "佐证材料目录清单.xlsx": make_xlsx(rows)}
    (home / "inbox" / f"{UNIT}-2.eml").write_bytes(make_mail(files, subject=f"{UNIT}自查报告（更正）"))
    settings = load_settings(home)
    with Service(settings, load_rules(settings), say=lambda _: None) as service:
        once(service)
    return serve(home)


def sent(page: str, path: str, n: int = 0) -> dict[str, str]:
    """The hidden fields of the n-th form that goes to this path."""
    form = page.split(f'action="{path}"')[n + 1].split("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_paper_is_recorded_on_its_page_and_stands_there_with_who_and_when(kept: Any) -> None:
    person, base = kept.login("初核甲"), f"/units/{kept.number(UNIT)}/paper"
    page = person.get(base).text
    assert "登记过纸质材料后" in page
    assert "纸质佐证材料未收到" in page and "留存备查的2项材料原件尚未核对" in page and "报市政府804室" in page
    answer = person.post(f"{base}/received", {**sent(page, f"{base}/received"), "date": "2018-01-19", "do": "yes"})
    assert answer.status_code == 303
    page = person.get(base).text
    assert "2018-01-19 已收" in page and "初核甲" in page and "目录清单首页未加盖单位公章" in page
    assert "以上各项写入本单位的补正通知" in page
    person.post(f"{base}/stamped", {**sent(page, f"{base}/stamped"), "yes": "1"})
    rows = [r["id"] for r in kept.state.sheet(UNIT)["catalog"] if r["custody"] == "kept"]
    assert len(rows) == 2
    for row in rows:
        answer = person.post(f"{base}/row", {"seen": str(kept.state.head()), "back": base, "row": row, "yes": "1"})
        assert answer.headers["location"] == f"{base}#{row}", "back at the same row"
    page = person.get(base).text
    assert "纸质材料已收齐" in page and "2/3 项已核" in page
    assert set(kept.state.sheet(UNIT)["paper"]["rows"]) == set(rows)


def test_a_tick_is_taken_back_with_the_button_that_stands_beside_what_was_done(kept: Any) -> None:
    person, base = kept.login("初核甲"), f"/units/{kept.number(UNIT)}/paper"
    person.post(f"{base}/stamped", {"seen": "0", "back": base, "yes": "1"})
    page = person.get(base).text
    assert f'action="/undo/{kept.state.head()}"' in page
    person.post(f"/undo/{kept.state.head()}", {"back": base})
    assert "paper" not in kept.state.sheet(UNIT)


def test_two_people_at_the_same_piece_of_paper_see_both_words(kept: Any) -> None:
    one, other = kept.login("初核甲"), kept.login("初核乙")
    base = f"/units/{kept.number(UNIT)}/paper"
    seen = str(kept.state.head())
    one.post(f"{base}/received", {"seen": seen, "back": base, "date": "2018-01-19"})
    answer = other.post(f"{base}/received", {"seen": seen, "back": base, "date": "2018-01-22"})
    assert answer.status_code == 409 and "2018-01-19已收" in answer.text and "2018-01-22已收" in answer.text
    assert kept.state.sheet(UNIT)["paper"]["received"]["date"] == "2018-01-19"


def test_all_submitted_originals_are_ticked_at_once_but_what_stays_with_the_unit_is_not(kept: Any) -> None:
    person, base = kept.login("初核甲"), f"/units/{kept.number(UNIT)}/paper"
    submitted = [r["id"] for r in kept.state.sheet(UNIT)["catalog"] if r["custody"] != "kept"]
    person.post(f"{base}/row", {"seen": str(kept.state.head()), "back": base, "row": submitted, "yes": "1"})
    assert set(kept.state.sheet(UNIT)["paper"]["rows"]) == set(submitted)


def test_who_may_only_look_sees_no_buttons_and_changes_nothing(kept: Any) -> None:
    person, base = kept.login("查看甲"), f"/units/{kept.number(UNIT)}/paper"
    page = person.get(base)
    assert page.status_code == 200 and f'action="{base}' not in page.text
    assert person.post(f"{base}/stamped", {"yes": "1", "back": base}).status_code == 403
    assert "paper" not in kept.state.sheet(UNIT)


def test_a_locked_unit_shows_why_and_offers_nothing(kept: Any) -> None:
    items = [s["item"] for s in kept.state.sheet(UNIT)["score"]["items"] if s["applies"]]
    kept.state.actions.confirm_all([(UNIT, i) for i in items], by="初核甲")
    kept.state.actions.approve(UNIT, by="复核甲")
    person, base = kept.login("初核甲"), f"/units/{kept.number(UNIT)}/paper"
    page = person.get(base).text
    assert "锁定" in page and f'action="{base}' not in page
    person.post(f"{base}/stamped", {"yes": "1", "back": base})
    assert "已复核锁定" in person.get(base).text and "paper" not in kept.state.sheet(UNIT)


def test_a_unit_may_bring_paper_before_its_mail(kept: Any) -> None:
    person, base = kept.login("初核甲"), f"/units/{kept.number('宝清县')}/paper"
    page = person.get(base).text
    assert "没有可用的目录清单" in page and "先催报" in page
    person.post(f"{base}/received", {**sent(page, f"{base}/received"), "date": "2018-01-12", "do": "yes"})
    assert "2018-01-12 已收" in person.get(base).text
    assert person.post(f"{base}/row", {"row": "c1", "yes": "1", "back": base}).status_code == 404


@pytest.mark.parametrize("date", ["", "昨天", "2018-02-30"])
def test_what_is_no_date_is_refused_with_a_sentence(kept: Any, date: str) -> None:
    person, base = kept.login("初核甲"), f"/units/{kept.number(UNIT)}/paper"
    person.post(f"{base}/received", {"date": date, "back": base, "seen": str(kept.state.head())})
    assert "不是日期" in person.get(base).text and "paper" not in kept.state.sheet(UNIT)


def test_the_list_for_a_visit_names_what_stays_with_the_unit_and_leaves_room_for_signatures(kept: Any) -> None:
    person, base = kept.login("查看甲"), f"/units/{kept.number(UNIT)}/paper/list"
    page = person.get(base).text
    assert "现场查验清单" in page and "业务培训签到簿" in page and "查验人（签字）" in page and "单位负责人（签字）" in page
    assert "集政办发〔2017〕9号" not in page, "what was handed in need not be visited"
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert "不需要现场查验" in person.get(f"/units/{kept.number('饶河县')}/paper/list").text


def test_without_a_script_it_is_done_in_a_browser_and_the_list_is_printed_on_one_a4(kept: Any, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1366, "height": 768}, base_url=kept.url)
    window = context.new_page()
    window.goto("/login")
    window.fill("[name=name]", "初核甲")
    window.fill("[name=password]", "kaohe-2018")
    window.click("main button")
    window.goto(f"/units/{kept.number(UNIT)}/paper")
    window.fill("[name=date]", "2018-01-19")
    window.click("text=登记已收")
    window.click("tr:has-text('业务培训签到簿') >> text=原件已核")
    assert window.locator("tr.checked").count() == 1
    assert kept.state.sheet(UNIT)["paper"]["received"]["date"] == "2018-01-19"
    window.click("text=现场查验清单（打印）")
    printed = window.pdf(format="A4")
    context.close()
    document = pypdfium2.PdfDocument(printed)
    text = document[0].get_textpage().get_text_bounded()
    assert len(document) == 1 and "现场查验清单" in text
    assert "退出" not in text and "看板" not in text, "no navigation on paper"
