"""PDFs with stored text: paragraphs re-flowed, furniture gone, tables whole, rows in order. Written by three producers."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path

import pdfplumber
import pytest
import yaml
from fpdf import FPDF

from extract.errors import DamagedFile, EmptyFile, EncryptedFile, TooLarge
from extract.model import Document, Paragraph, Table
from extract.pages import MAX_PAGES
from extract.pdf import read_pdf
from extract.pdf_flow import margins
from extract.pdf_lines import Line

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
SHARED = Path(__file__).parents[3] / "shared"
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # fpdf2 leaves its fonts open
needs_font = pytest.mark.skipif(not FONT.exists(), reason="needs fonts-noto-cjk")

LONG = (
    "2017年，我区认真贯彻上级关于加快推进政务服务工作的部署，成立领导小组，印发《关于成立领导小组的通知》（某政办发〔2017〕11号），"
    "配备专职人员3名，全年受理1476件，办结1469件，满意率达到96.8%，群众平均跑动次数由3次减少到1次，各项工作取得了明显成效。"
)


class Page(FPDF):
    """An A4 document with a running head and a page number."""

    def __init__(self, head: str = "", numbers: bool = False) -> None:
        super().__init__()
        self.head, self.numbers = head, numbers
        self.add_font("han", fname=str(FONT), collection_font_number=2)
        self.add_font("han", style="B", fname=str(FONT), collection_font_number=2)
        self.set_font("han", size=16)
        self.set_margins(28, 30, 26)
        self.set_auto_page_break(True, 30)
        self.add_page()

    def header(self) -> None:
        if self.head:
            self.set_font("han", size=10)
            self.set_y(12)
            self.cell(0, 6, self.head)
            self.set_y(30)
            self.set_font("han", size=16)

    def footer(self) -> None:
        if self.numbers:
            self.set_y(-18)
            self.set_font("han", size=12)
            self.cell(0, 8, f"— {self.page_no()} —", align="C")
            self.set_font("han", size=16)

    def para(self, text: str, indent: bool = True) -> None:
        self.multi_cell(0, 10, ("\u3000\u3000" if indent else "") + text, new_x="LMARGIN", new_y="NEXT", wrapmode="CHAR")

    def headline(self, text: str) -> None:
        self.set_font("han", size=22)
        self.multi_cell(0, 14, text, align="C", new_x="LMARGIN", new_y="NEXT", wrapmode="CHAR")
        self.set_font("han", size=16)

    def bytes(self) -> bytes:
        return bytes(self.output())


def lines(document: Document) -> list[str]:
    return [e.text for e in document.elements if isinstance(e, Paragraph)]


def tables(document: Document) -> list[list[list[str]]]:
    return [[[c.text for c in row] for row in e.rows] for e in document.elements if isinstance(e, Table)]


@needs_font
def test_lines_become_paragraphs_again() -> None:
    page = Page()
    page.headline("某区2017年工作自查报告")
    page.para("一、加强组织领导")
    page.para(LONG)
    page.para("1.健全机构。" + LONG)
    assert lines(read_pdf(page.bytes())) == ["某区2017年工作自查报告", "一、加强组织领导", LONG, "1.健全机构。" + LONG]


@needs_font
def test_a_paragraph_goes_on_over_the_page_and_furniture_stays_out() -> None:
    page = Page("某区政务服务工作自查报告", numbers=True)
    texts = [f"{k}.{LONG}" for k in range(1, 12)]
    for text in texts:
        page.para(text)
    document = read_pdf(page.bytes())
    assert document.pages is not None and document.pages > 2
    assert lines(document) == texts


@needs_font
def test_a_page_number_alone_at_the_foot_is_no_paragraph_but_a_year_in_the_text_is() -> None:
    page = Page(numbers=True)
    page.para("2017")
    assert lines(read_pdf(page.bytes())) == ["2017"]


@needs_font
def test_every_paragraph_knows_its_page_and_box() -> None:
    page = Page()
    page.para("甲")
    page.add_page()
    page.para("乙")
    first, second = read_pdf(page.bytes()).elements
    assert isinstance(first, Paragraph) and isinstance(second, Paragraph)
    assert (first.location.page, first.location.paragraph, second.location.page, second.location.paragraph) == (1, 1, 2, 2)
    assert first.location.box is not None and 70 < first.location.box[0] < 120 and first.location.box[1] < first.location.box[3] < 160


ROWS = [("序号", "材料名称", "文号", "备注")] + [
    (str(k), f"关于成立第{k}个专项工作领导小组并明确职责分工的通知", f"某政办发〔2017〕{k}号" if k % 3 else "", "" if k % 4 else "复印件")
    for k in range(1, 31)
]


def catalog(page: Page, borders: str) -> bytes:
    page.set_font("han", size=11)
    with page.table(borders_layout=borders, col_widths=(10, 45, 30, 15), text_align="L", num_heading_rows=1) as table:
        for row in ROWS:
            cells = table.row()
            for value in row:
                cells.cell(value)
    return page.bytes()


@needs_font
def test_a_ruled_table_over_pages_is_one_table_without_its_repeated_header() -> None:
    assert tables(read_pdf(catalog(Page(numbers=True), "ALL"))) == [[list(row) for row in ROWS]]


@needs_font
@pytest.mark.parametrize("borders", ["NONE", "HORIZONTAL_LINES", "SINGLE_TOP_LINE"])
def test_rows_of_a_table_without_rules_are_not_scrambled(borders: str) -> None:
    found = tables(read_pdf(catalog(Page(numbers=True), borders)))
    rows = [row for table in found for row in table]
    assert rows == [list(row) for row in ROWS]


@needs_font
def test_a_merged_cell_stands_once() -> None:
    page = Page()
    page.set_font("han", size=12)
    with page.table(col_widths=(20, 40, 40)) as table:
        first = table.row()
        first.cell("（一）组织机构", colspan=3)
        for k in (1, 2):
            row = table.row()
            row.cell(str(k))
            row.cell("会议纪要")
            row.cell("")
    (element,) = read_pdf(page.bytes()).elements
    assert isinstance(element, Table)
    assert [(c.text, c.column_span) for c in element.rows[0]] == [("（一）组织机构", 3)]
    assert [c.text for c in element.rows[2]] == ["2", "会议纪要", ""]


@needs_font
def test_text_in_two_columns_is_read_column_by_column() -> None:
    page = Page()
    page.set_font("han", size=11)
    left = [f"左栏第{k}行文字一二三四五六七" for k in range(20)]
    right = [f"右栏第{k}行文字一二三四五六七" for k in range(20)]
    for x, column in ((28, left), (112, right)):
        for k, text in enumerate(column):
            page.set_xy(x, 40 + k * 7)
            page.cell(70, 7, text)
    text = read_pdf(page.bytes()).text.replace("\n", "")
    assert text == "".join(left + right)


@needs_font
def test_a_watermark_is_left_out_and_named() -> None:
    page = Page()
    page.para(LONG)
    with page.rotation(45, 100, 150):
        page.text(60, 150, "内部资料")
    document = read_pdf(page.bytes())
    assert document.text == LONG
    assert [n.code for n in document.notes] == ["watermark"]


@needs_font
def test_a_watermark_that_runs_straight_through_the_lines_leaves_them_whole_and_is_named() -> None:
    class Marked(Page):
        def header(self) -> None:
            self.set_font("han", size=44)
            self.text(30, 140, "内部资料 严禁外传")
            self.set_font("han", size=16)

    page = Marked()
    texts = [f"{k}.{LONG}" for k in range(1, 12)]
    for text in texts:
        page.para(text)
    document = read_pdf(page.bytes())
    assert lines(document) == texts
    assert [n.message for n in document.notes] == ["文字“内部资料严禁外传”按水印略去"]


@needs_font
def test_a_stamp_between_the_lines_of_every_page_stays_out_and_a_line_that_two_pages_share_does_not() -> None:
    page = Page()
    heads = ("机构设置", "网上预审的办理情况", "事项清单", "宣传", "监督检查的开展情况", "经费")
    for head in heads:
        page.para(head)
        page.text(30, 140, "某某办公室编制" if head != "宣传" else "另有一行")
        if head != heads[-1]:
            page.add_page()
    assert lines(read_pdf(page.bytes())) == [*heads[:4], "另有一行", *heads[4:]]


@needs_font
def test_the_number_in_a_foot_counts_up_beside_a_date_that_does_not() -> None:
    page = Page()
    for number in range(1, 8):
        page.para(LONG[7 * number :])
        page.set_font("han", size=8)
        page.text(28, 285, f"自查报告.indd {70 + number}")
        page.text(150, 285, "2018/1/14 10:37")
        page.set_font("han", size=16)
        if number < 7:
            page.add_page()
    assert "indd" not in read_pdf(page.bytes()).text


@needs_font
def test_a_landscape_page_stored_upright_is_read_along_its_text() -> None:
    page = Page()
    with page.rotation(90, 105, 148):
        for k in range(5):
            page.text(20, 100 + 10 * k, f"第{k}行横向排列的文字内容")
    assert lines(read_pdf(page.bytes()))[0].startswith("第0行横向排列的文字内容")


@needs_font
def test_spaces_stay_between_words_and_go_elsewhere() -> None:
    page = Page()
    page.para("使用 Windows Server 系统3套")
    assert read_pdf(page.bytes()).text == "使用 Windows Server 系统3套"


@needs_font
@pytest.mark.parametrize("owner_only", [True, False])
def test_only_a_password_for_opening_locks_a_file(owner_only: bool) -> None:
    page = Page()
    page.para("正文内容")
    page.set_encryption(owner_password="o", user_password="" if owner_only else "u")
    if owner_only:
        assert read_pdf(page.bytes()).text == "正文内容"
    else:
        with pytest.raises(EncryptedFile):
            read_pdf(page.bytes())


@needs_font
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_file_cut_off_is_damaged(share: float) -> None:
    page = Page()
    for _ in range(6):
        page.para(LONG)
    data = page.bytes()
    with pytest.raises(DamagedFile):
        read_pdf(data[: int(len(data) * share)])


def test_a_file_without_text_or_picture_is_empty() -> None:
    blank = FPDF()
    blank.add_page()
    with pytest.raises(EmptyFile):
        read_pdf(bytes(blank.output()))


def test_too_many_pages_are_refused() -> None:
    thick = FPDF()
    for _ in range(MAX_PAGES + 1):
        thick.add_page()
    with pytest.raises(TooLarge):
        read_pdf(bytes(thick.output()))


@needs_font
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_what_a_browser_prints_keeps_rows_and_loses_its_head_and_foot(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>{n}<td>{t}<td>{d}<td>{r}" for n, t, d, r in ROWS)
    body = f"<h2 style='text-align:center'>自查报告</h2><p style='text-indent:2em'>{LONG}</p><table>{rows}</table>"
    (tmp_path / "x.html").write_text(f"<meta charset=utf-8><style>td{{padding:4px 12px}}</style>{body}", "utf-8")
    target = tmp_path / "x.pdf"
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", f"--print-to-pdf={target}"]
    subprocess.run([*command, str(tmp_path / "x.html")], check=True, capture_output=True, timeout=60)
    document = read_pdf(target.read_bytes())
    assert lines(document) == ["自查报告", LONG]
    assert [row for table in tables(document) for row in table] == [list(row) for row in ROWS]


@needs_font
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_stripes_of_a_printed_table_are_no_rules_and_its_gaps_are_spaces(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>{n}<td>{t}<td>{d}<td>{r}" for n, t, d, r in ROWS[:9])
    line = "1.《关于成立领导小组的通知》 某政办发〔2017〕9号 2017年3月"
    style = "tr:nth-child(even){background:#eee}td{padding:4px 5px}"
    (tmp_path / "x.html").write_text(f"<meta charset=utf-8><style>{style}</style><p>{line}</p><table>{rows}</table>", "utf-8")
    target = tmp_path / "x.pdf"
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", f"--print-to-pdf={target}"]
    subprocess.run([*command, str(tmp_path / "x.html")], check=True, capture_output=True, timeout=60)
    document = read_pdf(target.read_bytes())
    assert lines(document) == [line]
    assert tables(document) == [[list(row) for row in ROWS[:9]]]


@needs_font
def test_cells_of_several_lines_beside_each_other_stay_apart_without_rules() -> None:
    page = Page()
    page.set_font("han", size=11)
    prose = "成立由局长任组长的领导小组，明确专职人员三名，每月召开一次例会研究有关工作。"
    evidence = "《关于调整政务服务领导小组的通知》（某局发〔2017〕9号）、《人员岗位一览表》"
    rows = [("考核内容", "完成情况", "佐证材料")] + [(f"{k}.工作机构与人员机制", prose, evidence) for k in range(1, 5)]
    with page.table(borders_layout="NONE", col_widths=(20, 40, 40), text_align="L", first_row_as_headings=False, wrapmode="CHAR") as table:
        for row in rows:
            drawn = table.row()
            for value in row:
                drawn.cell(value)
    (found,) = tables(read_pdf(page.bytes()))
    assert [[c.replace("\n", "") for c in row] for row in found] == [list(row) for row in rows]


@needs_font
def test_no_row_of_a_table_without_rules_belongs_to_the_table_below_it_as_well() -> None:
    page = Page()
    page.set_font("han", size=10)
    for x, y, text in (  # a head whose narrow cells wrap, over rows that are centred in their height, written cell by cell
        (67, 120, "序"), (67, 134, "号"), (88, 127, "名称"), (220, 127, "内容"), (516, 120, "数"), (516, 134, "量"),
        (67, 163, "1"), (88, 156, "办理事项的全部"), (88, 170, "流程"), (220, 163, "按照要求逐项公布"), (516, 156, "1"), (516, 170, "份"),
        (67, 206, "2"), (88, 192, "网上预审的登记"), (88, 206, "与反馈以及"), (88, 220, "归档备查"),
        (220, 206, "登记簿按月归档并由专人保管"), (516, 199, "2"), (516, 213, "份"),
    ):  # fmt: skip
        page.text(x * 25.4 / 72, y * 25.4 / 72, text)
    found = read_pdf(page.bytes()).text
    assert [found.count(word) for word in ("序", "号", "名称", "内容", "数", "量")] == [1] * 6


@needs_font
def test_a_repeated_head_begins_a_new_table() -> None:
    page = Page()
    page.set_font("han", size=11)
    head = ("考核条目", "自查情况", "佐证", "自评得分")
    for number in (1, 2):
        with page.table(borders_layout="NONE", text_align="L", first_row_as_headings=False) as table:
            for row in (head, (f"（一）{number}", "已设立机构", "花名册", "5")):
                drawn = table.row()
                for value in row:
                    drawn.cell(value)
    assert tables(read_pdf(page.bytes())) == [[list(head), [f"（一）{k}", "已设立机构", "花名册", "5"]] for k in (1, 2)]


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
def test_a_report_printed_by_libreoffice_gives_its_paragraphs_back() -> None:
    case = yaml.safe_load((SHARED / "cases/d03/case.yaml").read_text("utf-8"))
    (path,) = (SHARED / "cases/d03").glob("*.pdf")
    document = read_pdf(path.read_bytes())
    written = [b["text"] for b in case["report"] if b["t"] != "table"]
    plain = [_unmarked(b.get("n", "") + t) for b, t in zip([b for b in case["report"] if b["t"] != "table"], written, strict=True)]
    assert set(plain) <= set(lines(document))
    assert [r[1] for r in tables(document)[-1][1:]] == [r["材料名称"] for r in case["catalog"]["rows"]]


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
def test_ruled_tables_are_those_that_pdfplumber_sees() -> None:
    path = next(p for p in (SHARED / "cases/d06").glob("*.pdf") if "扫描" not in p.name)
    with pdfplumber.open(path) as oracle:
        expected = [["".join((c or "").split()) for c in row] for page in oracle.pages for t in page.extract_tables() for row in t]
    got = [["".join(c.split()) for c in row] for t in tables(read_pdf(path.read_bytes())) for row in t]
    assert got == expected


def _unmarked(text: str) -> str:
    return re.sub(r"\{\{(.+?)\|[^{}|]+\}\}", r"\1", text)


def test_margins_of_many_lines_take_a_moment() -> None:
    """A document of 500 pages has 20,000 lines; looking at all of them for each took a minute."""
    lines = [Line("各单位要按期报送", 90, 20 * k, 500 - k % 7, 20 * k + 12, 20 * k + 10, 12, k, 12) for k in range(20_000)]
    started = time.process_time()
    assert margins(lines).right == 500
    assert time.process_time() - started < 3
