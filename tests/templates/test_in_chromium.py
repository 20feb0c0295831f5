"""The pages in a real browser: nothing overflows, links arrive, contrast suffices, print has its foot."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pypdfium2
import pytest

from scoring.roster import load_roster
from scoring.rubric import builtin, load_rubric
from templates import absent_row, board_row, plain_rubric, render
from templates.wording import GAP_KINDS

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
             "arrivals": {"arrived": 1, "states": {"used": 1}}, "inbox": "inbox", "generated_from": ""}  # fmt: skip
    return render("board.html", board=board, rubric=rubric, version="0.1.0")


def full_board_page(worksheet: Json) -> str:
    """The real roster and rubric; every unit has something in every column and the longest words there are."""
    rubric = plain_rubric(load_rubric(builtin()))
    row = board_row(worksheet, rubric, "x.html") | {"state": "report_missing", "corrected_late": True}
    row |= {"received_at": "2018-11-29T08:00:00Z", "gaps": dict.fromkeys([*GAP_KINDS, "brand_new"], 138), "claims": {"matched": 1234}}
    groups: dict[str, list[Json]] = {}
    for unit in load_roster(builtin()["roster.toml"]).units:
        groups.setdefault(unit.group, []).append(row | {"unit": unit.name})
    file = {"name": "2017年度“互联网+政务服务”工作自查报告及佐证材料目录清单（终稿）.docx" * 2, "parent": "20180119-2241_材料.eml"}
    file |= {"state": "quarantined", "cause": "文件已损坏"}
    board = {"groups": [{"group": g, "rows": rows} for g, rows in groups.items()], "unassigned": [], "inbox": "inbox", "generated_from": "",
             "arrivals": {"arrived": 1, "states": {"quarantined": 1}, "arrivals": [file]}}  # fmt: skip
    return render("board.html", board=board, rubric=rubric, version="0.1.0")


OVERLAPS = """() => {
  const boxes = [];
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (!node.textContent.trim() || node.parentElement.closest('title')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const r of range.getClientRects()) {
      const edge = r.height * 0.3;
      if (r.width > 1) boxes.push([r.left, r.right, r.top + edge, r.bottom - edge, node.textContent]);
    }
  }
  boxes.sort((a, b) => a[2] - b[2]);
  const found = [];
  for (let i = 0; i < boxes.length; i++)
    for (let j = i + 1; j < boxes.length && boxes[j][2] < boxes[i][3]; j++)
      if (boxes[j][0] < boxes[i][1] - 1 && boxes[j][1] > boxes[i][0] + 1) found.push([boxes[i][4], boxes[j][4]]);
  return found;
}"""


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_a_full_board_fits_the_screen_and_no_words_overlap(width: int, height: int, worksheet: Json, open_page: Callable[..., Any]) -> None:
    page = open_page(full_board_page(worksheet), width, height)
    assert page.locator(".units tbody tr").count() == 53
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.querySelectorAll('.units, .map')].filter((e) => e.scrollWidth > e.clientWidth).length") == 0
    assert page.evaluate(OVERLAPS) == []
    lines = page.evaluate("[...document.querySelectorAll('td.u a')].map((a) => a.getClientRects().length)")
    assert set(lines) == {1}, "a name of the roster stands on one line"


def test_the_longest_unit_name_takes_some_lines_of_the_board_and_overlaps_nothing(
    worksheet: Json, rubric: Json, samples: ModuleType, open_page: Callable[..., Any]
) -> None:
    page = open_page(board_page(samples.long_unit(worksheet), rubric))
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate("document.querySelector('td.u a').getClientRects().length") <= 4


def test_a_full_board_prints_within_the_page_and_repeats_its_head(worksheet: Json, open_page: Callable[..., Any]) -> None:
    page = open_page(full_board_page(worksheet), 1032, 700)
    pages = [w for _, w in printed(page)]
    assert sum("序号单位状态收到" in w for w in pages) >= 3
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1032, "the width of A4 landscape between its margins"
    assert set(page.evaluate("[...document.querySelectorAll('td.u a')].map((a) => a.getClientRects().length)")) == {1}
    assert page.evaluate(OVERLAPS) == []


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
    samples: ModuleType, worksheet: Json, rubric: Json, chromium: Any, tmp_path: Any
) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(worksheet_page(samples.hostile(worksheet), rubric), encoding="utf-8")
    page = chromium.new_page()
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
