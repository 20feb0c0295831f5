"""The report as read: every block with its section in a word, claims that lead to their item, boxes on the pages, and nothing that acts."""

from __future__ import annotations

import copy
import re
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from lxml import html

import templates
from templates.source_view import Shown, source_view

Json = dict[str, Any]
BASE = "/units/3"
PAGE = f"{BASE}/files/{'a' * 64}/pages/1.png?0+0"
WHO = {"by": "甲", "at": "2018-01-22T09:00:00+08:00", "seq": 7, "reason": "", "was": None}


def shown(**more: Any) -> Shown:
    """One page of A4 with a box for the third block and one for its first claim."""
    values: Json = {
        "pages": [(1, 595.0, 842.0, PAGE, "报告.pdf")],
        "blocks": {2: [(1, (90, 100, 500, 140))]},
        "claims": {0: [(1, (100, 100, 200, 116))]},
    }
    return Shown(0, **{**values, **more})


def page(worksheet: Json, rubric: Json, seen: Shown | None = None, *, can: bool = True) -> Any:
    view = source_view(
        worksheet, rubric, BASE, seen or Shown(0), [0], [{"name": "来信.eml", "sha256": "b" * 64, "bytes": 2048, "what": "原始邮件"}]
    )
    return rendered(rubric, view=view, can=can)


def rendered(rubric: Json, **values: Any) -> Any:
    user = SimpleNamespace(name="初核甲", role="初核", may=lambda _: True)
    shared: Json = {"user": user, "csrf": "t0ken", "flash": None, "head": 12, "here": f"{BASE}/source", "active": "", "version": "1"}
    place: Json = {"unit": "某县", "n": 3, "foot": 3, "base": BASE, "before": None, "after": 4, "back": f"{BASE}/source?at=", "locked": ""}
    text = templates.app_page("app_source.html", rubric=rubric, now=datetime(2018, 1, 22, tzinfo=UTC), **shared, **place, **values)
    return html.document_fromstring(text)


def words(node: Any) -> str:
    return " ".join(node.text_content().split())


def test_every_block_stands_in_order_with_its_section_as_a_word(worksheet: Json, rubric: Json) -> None:
    document = page(worksheet, rubric)
    read = document.xpath("//article[contains(@class, 'read')]")
    assert [r.get("id") for r in read] == [f"b{n}" for n in range(1, len(worksheet["blocks"]) + 1)]
    for r, block in zip(read, worksheet["blocks"], strict=True):
        expected = block["item"] or (str(block["section"]) if block["section"] else "其他")
        assert words(r.xpath(".//*[@class='edge']")[0]) == expected


def test_a_section_that_the_report_lacks_is_said_to_lack(worksheet: Json, rubric: Json) -> None:
    sheet = copy.deepcopy(worksheet)
    sheet["blocks"] = [b for b in sheet["blocks"] if b["section"] != 2]
    sheet["claims"] = [c for c in sheet["claims"] if c["section"] != 2]
    legend = [words(n) for n in page(sheet, rubric).xpath("//nav[@class='legend']/*")]
    assert any(t.startswith("2 创新服务机制") and t.endswith("未写到") for t in legend)


def test_a_claim_leads_to_itself_on_the_page_of_its_item_and_shows_its_state_without_colour(worksheet: Json, rubric: Json) -> None:
    document = page(worksheet, rubric)
    for n, claim in enumerate(worksheet["claims"], 1):
        (link,) = document.xpath(f"//a[@id='s{n}']")
        assert link.get("href") == f"{BASE}/items/{claim['item']}#k{n}"
        assert link.getparent().get("id") == f"k{n}"
        shapes = {"matched": "", "uncertain": "?", "missing": "✗"}
        assert words(link) == claim["text"] + shapes[claim["status"]]


def test_a_block_leads_to_its_box_and_the_box_back(worksheet: Json, rubric: Json) -> None:
    document = page(worksheet, rubric, shown())
    (link,) = document.xpath("//article[@id='b3']/a[@class='at']")
    (box,) = document.xpath("//*[local-name()='rect'][@id='x3']")
    assert link.get("href") == "#x3" and box.getparent().get("href") == "#b3"
    assert [box.get(k) for k in ("x", "y", "width", "height")] == ["90.0", "100.0", "410.0", "40.0"]
    (claim,) = document.xpath("//*[local-name()='rect'][@class='claim']")
    assert claim.get("data-of") == "b3"
    (image,) = document.xpath("//figure//img")
    assert image.get("src") == PAGE and image.get("loading") == "lazy"


def test_a_block_on_two_pages_has_a_box_on_each(worksheet: Json, rubric: Json) -> None:
    pages = [(1, 595.0, 842.0, PAGE, "报告.pdf"), (2, 842.0, 595.0, PAGE, "报告.pdf")]
    seen = shown(pages=pages, blocks={2: [(1, (0, 800, 9, 842)), (2, (0, 0, 9, 30))]})
    boxes = page(worksheet, rubric, seen).xpath("//*[local-name()='rect'][@data-of='b3'][@id]")
    assert [b.get("id") for b in boxes] == ["x3", "x3-2"]
    assert [b.xpath("ancestor::figure/@id")[0] for b in boxes] == ["p1", "p2"]


def test_what_was_recognised_badly_says_so_and_is_counted_at_the_top(worksheet: Json, rubric: Json) -> None:
    document = page(worksheet, rubric, shown(confidence={1: 0.97, 2: 0.61}))
    assert [words(n) for n in document.xpath("//p[@class='unsure']")] == ["! 识别把握 61%，请对照图像"]
    (top,) = document.xpath("//a[@class='poorly']")
    assert top.get("href") == "#b3" and "1 段" in words(top)


def test_without_pages_there_are_paragraph_numbers_and_the_download(worksheet: Json, rubric: Json) -> None:
    sheet = copy.deepcopy(worksheet)
    for block in sheet["blocks"]:
        block["page"] = None
    document = page(sheet, rubric)
    assert not document.xpath("//figure | //*[local-name()='svg'] | //a[@class='at']")
    assert words(document.xpath("//article[@id='b3']/*[@class='at']")[0]) == f"第{sheet['blocks'][2]['paragraph']}段"
    hrefs = document.xpath("//details[@class='originals'][@open]//li/a/@href")
    assert f"{BASE}/files/{sheet['submission']['files'][0]['sha256']}" in hrefs and f"{BASE}/files/{'b' * 64}" in hrefs


def test_a_form_of_a_block_moves_it_marks_words_and_unmarks_claims_and_comes_back_to_it(worksheet: Json, rubric: Json) -> None:
    (form,) = page(worksheet, rubric).xpath("//article[@id='b3']//form")
    fields = dict(form.fields)
    assert form.method == "POST" and form.action == f"{BASE}/blocks/b3/add"
    assert (fields["csrf"], fields["seen"], fields["back"]) == ("t0ken", "12", f"{BASE}/source?at=b3")
    targets = form.xpath(".//button/@formaction")
    assert targets == [f"{BASE}/blocks/b3/move", *(f"{BASE}/claims/{c['id']}/none" for c in worksheet["claims"] if c["block"] == 2)]


def test_a_persons_word_can_be_taken_back_where_it_shows(worksheet: Json, rubric: Json) -> None:
    sheet = copy.deepcopy(worksheet)
    sheet["blocks"][2]["corrected"] = WHO
    sheet["removed_claims"] = [{**sheet["claims"][0], "corrected": {**WHO, "seq": 9}}]
    document = page(sheet, rubric)
    assert "已更正 甲" in words(document.xpath("//article[@id='b3']")[0])
    targets = document.xpath("//article[@id='b3']//button/@formaction")
    assert "/undo/7" in targets and "/undo/9" in targets


def test_a_unit_of_which_nothing_is_in_use_leads_to_what_waits_or_says_that_nothing_came(rubric: Json) -> None:
    kept = {"stem": "00-等待-某县-0a1b2c3d-工作单", "place": "来信.eml", "sheet": {"submission": {"subject": "某县自查报告"}}}
    (link,) = rendered(rubric, view=None, can=True, waiting=[kept]).xpath("//main//li/a")
    assert words(link) == "某县自查报告" and link.get("href").startswith("/sheets/00-%E7%AD%89")
    nothing = rendered(rubric, view=None, can=True, waiting=[])
    assert "没有收到某县的材料" in words(nothing.xpath("//main")[0]) and not nothing.xpath("//main//form")


def test_who_may_not_decide_sees_no_form(worksheet: Json, rubric: Json) -> None:
    assert not page(worksheet, rubric, can=False).xpath("//main//form | //datalist")


@pytest.mark.parametrize("sample", ["many_claims", "no_claims", "long_claim", "no_catalog", "no_report", "unknown_unit", "hostile"])
def test_whatever_it_holds_ids_are_unique_and_nothing_acts(sample: str, samples: ModuleType, worksheet: Json, rubric: Json) -> None:
    sheet = getattr(samples, sample)(worksheet)
    some = {n: [(1, (0.0, 0.0, 9.0, 9.0))] for n in range(len(sheet["blocks"]))}
    document = page(sheet, rubric, shown(blocks=some, claims={}))
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids)) and not [i for i in ids if not re.fullmatch(r"[a-z]+[0-9]*(-[0-9]+)*", i)]
    assert not [h for h in document.xpath("//@href") if h.startswith("#") and h[1:] not in ids]
    assert not [a for a in document.xpath("//@*") if a.attrname.startswith("on")]
    assert not document.xpath("//@style | //script[not(@src)] | //style | //iframe | //img[not(starts-with(@src, '/units/'))]")


def test_markup_in_a_report_stays_text(samples: ModuleType, worksheet: Json, rubric: Json) -> None:
    sheet = copy.deepcopy(worksheet)
    sheet["blocks"][0]["text"] = samples.HOSTILE
    assert samples.HOSTILE in page(sheet, rubric, shown(blocks={0: [(1, (0, 0, 9, 9))]})).xpath("//article[@id='b1']//p")[0].text_content()
