"""The pages in a real browser: nothing overflows, links arrive, contrast suffices, print has its foot."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pypdfium2
import pytest

from templates import absent_row, board_row, render

Json = dict[str, Any]
pytestmark = pytest.mark.slow  # a browser starts
SAMPLES = ("many_claims", "no_claims", "long_claim", "no_catalog", "no_report", "unknown_unit", "long_unit", "hostile")

CONTRAST = """() => {
  const light = (c) => {
    const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (node) => {
    for (let e = node; e; e = e.parentElement) {
      const [r, g, b, a = 1] = parts(getComputedStyle(e).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  let worst = [21, ''];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || node.closest('svg, .skip') || !node.getClientRects().length) continue;
    const [a, b] = [light(parts(getComputedStyle(node).color).slice(0, 3)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, walk.currentNode.textContent.trim().slice(0, 40)];
  }
  return worst;
}"""

MAP_CONTRAST = """() => [...document.querySelectorAll('.map g')].map((g) => [
  getComputedStyle(g.querySelector('rect')).fill, getComputedStyle(g.querySelector('text')).fill])"""


def worksheet_page(worksheet: Json, rubric: Json) -> str:
    return render("worksheet.html", worksheet=worksheet, rubric=rubric, version="0.1.0")


def board_page(worksheet: Json, rubric: Json) -> str:
    board = {"groups": [{"group": "county", "rows": [board_row(worksheet, rubric, "x.html"), absent_row("乙县")]}], "unassigned": [],
             "arrivals": {"arrived": 1, "states": {"used": 1}}, "inbox": "inbox", "generated_from": "", "days_left": -1}  # fmt: skip
    return render("board.html", board=board, rubric=rubric, version="0.1.0")


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_content_makes_the_page_scroll_sideways(
    sample: str, samples: ModuleType, worksheet: Json, rubric: Json, open_page: Callable[..., Any]
) -> None:
    html = worksheet_page(getattr(samples, sample)(worksheet), rubric)
    page = open_page(html)
    for width, height in ((1366, 768), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_hostile_page_runs_nothing_and_breaks_no_rule_of_its_policy(
    samples: ModuleType, worksheet: Json, rubric: Json, browser: Any, tmp_path: Any
) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(worksheet_page(samples.hostile(worksheet), rubric), encoding="utf-8")
    page = browser.new_page()
    said: list[str] = []
    page.on("dialog", lambda d: said.append(d.message) or d.dismiss())
    page.on("console", lambda m: said.append(m.text))
    page.on("request", lambda r: said.append(r.url) if not r.url.startswith("file:") else None)
    page.goto(file.as_uri())
    page.wait_for_load_state("load")
    assert said == []
    assert page.evaluate("getComputedStyle(document.querySelector('main')).paddingTop") != "0px", "the style was refused"
    page.close()


def test_a_gap_leads_to_its_sentence_and_back_to_the_same_place(worksheet: Json, rubric: Json, open_page: Callable[..., Any]) -> None:
    page = open_page(worksheet_page(worksheet, rubric))
    page.evaluate("scrollTo(0, 40)")
    page.click("#gaps tr:has-text('名册有两行相近') td:last-child a")
    assert page.url.endswith("#s3")
    assert 0 <= page.evaluate("document.getElementById('s3').getBoundingClientRect().top") < 700
    page.go_back()
    page.wait_for_function("scrollY === 40")


def test_every_word_has_a_contrast_of_at_least_4_5(
    worksheet: Json, rubric: Json, samples: ModuleType, open_page: Callable[..., Any]
) -> None:
    worksheet["score"]["items"][1]["confirmed"] = {"points": 4, "by": "审核员一", "at": None}
    for html in (worksheet_page(worksheet, rubric), worksheet_page(samples.long_unit(worksheet), rubric), board_page(worksheet, rubric)):
        ratio, words = open_page(html).evaluate(CONTRAST)
        assert ratio >= 4.5, words


def test_the_letters_of_the_heat_map_have_a_contrast_of_at_least_4_5(worksheet: Json, rubric: Json, open_page: Callable[..., Any]) -> None:
    pairs = open_page(board_page(worksheet, rubric)).evaluate(MAP_CONTRAST)
    assert len(pairs) == 4
    for ground, ink in pairs:
        assert ratio(ground, ink) >= 4.5


def test_a_filter_of_the_board_shows_only_the_units_in_that_state(worksheet: Json, rubric: Json, open_page: Callable[..., Any]) -> None:
    page = open_page(board_page(worksheet, rubric))
    page.click("label[for=f-unreported]")
    assert page.locator(".units tbody tr:visible td.u").all_inner_texts() == ["乙县"]
    page.click("label[for=f-all]")
    assert page.locator(".units tbody tr:visible").count() == 2


def test_print_is_a4_with_unit_rubric_version_and_page_in_the_foot(
    worksheet: Json, rubric: Json, samples: ModuleType, open_page: Callable[..., Any]
) -> None:
    pages = printed(open_page(worksheet_page(samples.many_claims(worksheet), rubric)))
    total = len(pages)
    assert total > 3
    for number, (size, words) in enumerate(pages, 1):
        assert size == (595, 842)
        assert f"甲县·某市2017年“互联网+政务服务”工作考核细则自查0.1.0第{number}页，共{total}页" in words


def test_print_leaves_navigation_out_and_repeats_the_head_of_the_catalog(
    worksheet: Json, rubric: Json, samples: ModuleType, open_page: Callable[..., Any]
) -> None:
    words = [w for _, w in printed(open_page(worksheet_page(samples.many_claims(worksheet), rubric)))]
    assert "返回看板" not in "".join(words) and "跳到缺口" not in "".join(words)
    assert sum("核对序号材料名称文号页码条目报告引用" in w for w in words) >= 2


def test_an_item_that_fits_a_page_is_not_split(worksheet: Json, rubric: Json, open_page: Callable[..., Any]) -> None:
    worksheet["blocks"][2]["text"] += "各项工作有序推进。" * 60
    worksheet["blocks"][3]["text"] = "考核工作已经开展。" * 150 + "结尾"
    pages = [w for _, w in printed(open_page(worksheet_page(worksheet, rubric)))]
    own = [n for n, w in enumerate(pages) if "1.2纳入考核" in w]
    assert len(own) == 1 and "结尾" in pages[own[0]]


def test_the_board_prints_in_landscape(worksheet: Json, rubric: Json, open_page: Callable[..., Any]) -> None:
    assert {size for size, _ in printed(open_page(board_page(worksheet, rubric)))} == {(842, 595)}


def printed(page: Any) -> list[tuple[tuple[int, int], str]]:
    """Size in points and text without blanks of every printed page."""
    pdf = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    pages = [((round(p.get_width()), round(p.get_height())), re.sub(r"\s", "", p.get_textpage().get_text_bounded())) for p in pdf]
    pdf.close()
    return pages


def ratio(ground: str, ink: str) -> float:
    """Contrast of two rgb() colours by WCAG."""
    lights = sorted(_light([int(v) for v in re.findall(r"\d+", c)[:3]]) for c in (ground, ink))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _light(rgb: list[int]) -> float:
    r, g, b = (v / 3294.6 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in rgb)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
