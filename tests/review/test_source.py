"""原文: the report beside its pages, boxes that lead there and back, corrections where they are read, and originals as they arrived."""

from __future__ import annotations

import hashlib
import io
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from PIL import Image

from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.watch import once
from review.source import disposition

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
pytestmark = [
    pytest.mark.skipif(not FONT.exists(), reason="缺少 fonts-noto-cjk"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # fpdf2 leaves its fonts open
]
UNIT, WORD_UNIT = "宝清县", "集贤县"
NAME = "宝清县“自查”报告；(1) .pdf"
LINES = (
    f"{UNIT}2017年“互联网+政务服务”工作自查报告",
    "根据通知要求，现将自查情况报告如下。",
    "一、完善组织和制度保障",
    f"成立领导小组，印发了《{UNIT}关于成立领导小组的通知》（办发〔2017〕12号），明确机构。",
    "二、规范网上服务事项",
    f"编制了《{UNIT}政务服务事项目录》，按要求公开，另有培训签到簿。",
    f"{UNIT}人民政府",
    "2018年1月18日",
)


def report() -> bytes:
    page = FPDF()
    page.add_font("han", fname=str(FONT), collection_font_number=2)
    page.set_font("han", size=13)
    for part in (LINES[:4], LINES[4:]):
        page.add_page()
        for text in part:
            page.cell(0, 12, text, new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def packed(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture(scope="module")
def sent(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory, make_mail: Callable[..., bytes], make_catalog: Callable[..., bytes]
) -> tuple[Path, bytes, bytes, bytes]:
    """(home folder, the report as PDF, the mail that it came in, the archive in that mail)."""
    home = shutil.copytree(prepared, tmp_path_factory.mktemp("sent") / "home")
    pdf = report()
    archive = packed(NAME, pdf)
    files = {"材料.zip": archive, "佐证材料目录清单.xlsx": make_catalog(UNIT)}
    mail = make_mail(files, subject=f"{UNIT}自查报告")
    (home / "inbox" / "宝清.eml").write_bytes(mail)
    settings = load_settings(home)
    with Service(settings, load_rules(settings), say=lambda _: None) as service:
        once(service)
    return home, pdf, mail, archive


@pytest.fixture
def home(sent: tuple[Path, bytes, bytes, bytes], tmp_path: Path) -> Path:
    return shutil.copytree(sent[0], tmp_path / "home")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def block_with(site: Any, text: str) -> int:
    """The block that holds the text, counted from 1."""
    return next(n for n, b in enumerate(site.state.sheet(UNIT)["blocks"], 1) if text in b["text"])


def inside(box: Any, pane: Any) -> bool:
    return bool(pane["y"] <= box["y"] and box["y"] + box["height"] <= pane["y"] + pane["height"])


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


# ---- looking


def test_the_report_stands_beside_its_pages_with_a_box_for_every_block(site: Any, login: Callable[[str], Any]) -> None:
    n, sheet = site.number(UNIT), site.state.sheet(UNIT)
    page = login("查看甲").get(f"/units/{n}/source").text
    assert sheet["blocks"] and all(f'id="b{k}"' in page and f'id="x{k}"' in page for k in range(1, len(sheet["blocks"]) + 1))
    assert page.count('<figure class="leaf"') == 2 and "/blocks/" not in page


def test_a_word_file_is_shown_by_paragraphs_and_a_unit_that_sent_nothing_as_such(site: Any, login: Callable[[str], Any]) -> None:
    person = login("查看甲")
    page = person.get(f"/units/{site.number(WORD_UNIT)}/source").text
    assert "<figure" not in page and "第4段" in page and "没有页面图像" in page
    assert "没有收到岭东区的材料" in person.get(f"/units/{site.number('岭东区')}/source").text
    assert person.get("/units/999/source").status_code == 404


def test_a_page_is_a_picture_that_the_browser_may_keep(site: Any, login: Callable[[str], Any], sent: Any) -> None:
    answer = login("查看甲").get(f"/units/{site.number(UNIT)}/files/{sha(sent[1])}/pages/2.png")
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff" and "private" in answer.headers["cache-control"]
    assert Image.open(io.BytesIO(answer.content)).width == 1240


def test_a_page_that_is_not_there_is_a_page_that_says_so(site: Any, login: Callable[[str], Any], sent: Any) -> None:
    person = login("查看甲")
    for page in ("0", "3", "99999999", "-1", "x"):
        answer = person.get(f"/units/{site.number(UNIT)}/files/{sha(sent[1])}/pages/{page}.png")
        assert answer.status_code == 404 and "没有这一页" in answer.text


# ---- originals


def test_a_file_inside_an_archive_inside_a_mail_comes_back_as_it_was_sent(site: Any, login: Callable[[str], Any], sent: Any) -> None:
    answer = login("查看甲").get(f"/units/{site.number(UNIT)}/files/{sha(sent[1])}")
    assert answer.content == sent[1]
    assert answer.headers["content-type"] == "application/octet-stream" and answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == disposition(NAME) and "sandbox" in answer.headers["content-security-policy"]


def test_the_mail_and_the_archive_themselves_can_be_had(site: Any, login: Callable[[str], Any], sent: Any) -> None:
    n, person = site.number(UNIT), login("查看甲")
    page = person.get(f"/units/{n}/source").text
    for data in sent[2:]:
        assert f"/units/{n}/files/{sha(data)}" in page
        assert person.get(f"/units/{n}/files/{sha(data)}").content == data


def test_only_what_the_unit_sent_is_given_out(site: Any, login: Callable[[str], Any]) -> None:
    person = login("管理甲")
    others = site.state.sheet(WORD_UNIT)["submission"]["files"][0]["sha256"]
    nobodys = sha((site.home / "inbox" / "无名.eml").read_bytes())
    for wanted in (others, nobodys, "0" * 64, "A" * 64, "..%2f..%2fzicha.db"):
        answer = person.get(f"/units/{site.number(UNIT)}/files/{wanted}")
        assert answer.status_code == 404 and "content-disposition" not in answer.headers


def test_nobody_gets_anything_without_logging_in(site: Any, sent: Any) -> None:
    base = f"/units/{site.number(UNIT)}"
    for path in (f"{base}/source", f"{base}/files/{sha(sent[1])}", f"{base}/files/{sha(sent[1])}/pages/1.png"):
        answer = site.client().get(path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/login")


def test_a_lost_original_is_said_and_whose_move_it_is(site: Any, login: Callable[[str], Any], sent: Any) -> None:
    (site.home / "var" / "archive" / sha(sent[2])[:2] / sha(sent[2])).unlink()
    answer = login("查看甲").get(f"/units/{site.number(UNIT)}/files/{sha(sent[1])}")
    assert answer.status_code == 404 and "管理员处理" in answer.text


@pytest.mark.parametrize(
    ("name", "plain", "encoded"),
    [
        ("自查报告.docx", "file.docx", "%E8%87%AA%E6%9F%A5%E6%8A%A5%E5%91%8A.docx"),
        ('a";\r\nSet-Cookie: x=1.pdf', "file.pdf", "a%22%3BSet-Cookie%3A%20x%3D1.pdf"),
        ("../../etc/passwd", "file", "passwd"),
        ("", "file", "file"),
    ],
)
def test_a_name_cannot_break_out_of_its_header(name: str, plain: str, encoded: str) -> None:
    assert disposition(name) == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


# ---- correcting where it is read


def test_a_block_is_moved_and_the_page_comes_back_to_it(site: Any, login: Callable[[str], Any]) -> None:
    n, block, person = site.number(UNIT), block_with(site, "另有培训"), login("初核甲")
    back = f"/units/{n}/source?at=b{block}"
    answer = person.post(f"/units/{n}/blocks/b{block}/move", {"place": "2.3", "back": back, "seen": str(site.state.head())})
    assert answer.status_code == 303 and site.state.sheet(UNIT)["blocks"][block - 1]["item"] == "2.3"
    again = person.get(answer.headers["location"])
    assert again.status_code == 303 and again.headers["location"] == f"/units/{n}/source#b{block}"
    page = person.get(again.headers["location"]).text
    assert "改归" in page and "已更正 初核甲" in page


def test_words_are_marked_as_evidence_and_unmarked_again(site: Any, login: Callable[[str], Any]) -> None:
    n, block, person = site.number(UNIT), block_with(site, "另有培训"), login("初核甲")
    form = {"text": "按要求公开", "occurrence": "0", "row": "", "back": f"/units/{n}/source?at=b{block}", "seen": str(site.state.head())}
    assert person.post(f"/units/{n}/blocks/b{block}/add", form).status_code == 303
    claim = next(c for c in site.state.sheet(UNIT)["claims"] if c["text"] == "按要求公开")
    assert f"/units/{n}/claims/{claim['id']}/none" in person.get(f"/units/{n}/source").text
    form = {"back": form["back"], "seen": str(site.state.head())}
    assert person.post(f"/units/{n}/claims/{claim['id']}/none", form).status_code == 303
    assert not [c for c in site.state.sheet(UNIT)["claims"] if c["text"] == "按要求公开"]


# ---- in a browser


def test_a_sentence_shows_its_box_and_a_box_its_sentence(site: Any, browse: Callable[..., Any]) -> None:
    page, block = browse("查看甲"), block_with(site, "另有培训")
    page.goto(f"/units/{site.number(UNIT)}/source")
    page.click(f"#b{block} p.serif", position={"x": 5, "y": 8})
    page.wait_for_selector(f"#x{block}.on", state="attached")
    pane = page.locator(".pane").bounding_box()
    until(lambda: inside(page.locator(f"#x{block}").bounding_box(), pane))
    page.locator("#x1").scroll_into_view_if_needed()
    page.click("#x1")
    assert page.eval_on_selector(".read.on", "e => e.id") == "b1" and page.url.endswith("#b1")
    page.click(f"#b{block} a.at")
    assert page.url.endswith(f"#b{block}")


def test_a_selection_becomes_a_claim_and_nothing_scrolls_away(site: Any, browse: Callable[..., Any]) -> None:
    page, block = browse("初核甲"), block_with(site, "另有培训")
    page.goto(f"/units/{site.number(UNIT)}/source")
    page.evaluate(
        """([id, words]) => {
          const p = document.querySelector('#' + id + ' p.serif');
          const node = [...p.childNodes].find((n) => n.nodeType === 3 && n.data.includes(words));
          const range = document.createRange();
          range.setStart(node, node.data.indexOf(words));
          range.setEnd(node, node.data.indexOf(words) + words.length);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
          p.dispatchEvent(new MouseEvent('mouseup', { bubbles: true }));
        }""",
        [f"b{block}", "按要求公开"],
    )
    page.click("text=标为佐证…")
    assert page.input_value(f"#b{block} [name=text]") == "按要求公开"
    top = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#b{block} .said:has-text('按要求公开')")
    assert abs(page.evaluate("scrollY") - top) < 80 and "撤销" in page.inner_text(".flash")


def test_without_a_script_a_place_leads_to_its_box_and_a_form_back_to_its_block(site: Any, browse: Callable[..., Any]) -> None:
    page, block = browse("初核甲", script=False), block_with(site, "另有培训")
    page.goto(f"/units/{site.number(UNIT)}/source")
    page.click(f"#b{block} a.at")
    assert page.url.endswith(f"#x{block}")
    page.click(f"#b{block} summary")
    page.fill(f"#b{block} [name=place]", "其他内容（不属任何条目）")
    page.click(f"#b{block} button:has-text('改归')")
    page.wait_for_url(f"**/source#b{block}")
    assert site.state.sheet(UNIT)["blocks"][block - 1]["section"] == 0
