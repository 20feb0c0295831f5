"""PDFs as printing programs write them: glyph for character, marks raised, radicals in the place of characters, contents with leaders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from fpdf import FPDF

from extract.model import Document, Table, paragraphs
from extract.pdf import read_pdf

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # fpdf2 leaves its fonts open
needs_font = pytest.mark.skipif(not FONT.exists(), reason="needs fonts-noto-cjk")

Text = tuple[float, float, float, str]
"""x and y of its first baseline in points from the lower left corner, size, words."""


def printed(*pages: Sequence[Text], stored: Mapping[str, str] | None = None, drawn: str = "", filled: Sequence[Text] = ()) -> bytes:
    """A PDF of A4 pages, every character one em wide (half for ASCII).

    `stored`: characters whose ToUnicode entry says another; `drawn`: operators put before the text of each page;
    `filled`: words in fields of a form that lie on each page.
    """
    signs = sorted({c for page in (*pages, filled) for *_, text in page for c in text})
    codes = {c: k + 1 for k, c in enumerate(signs)}
    widths = " ".join(f"{codes[c]} [{500 if c.isascii() else 1000}]" for c in signs)
    pairs = "".join(f"<{codes[c]:04x}> <{(stored or {}).get(c, c).encode('utf-16-be').hex()}>\n" for c in signs)
    to_unicode = (
        "/CIDInit /ProcSet findresource begin begincmap /CMapType 2 def 1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(signs)} beginbfchar\n{pairs}endbfchar endcmap end"
    )
    box = "/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 80"
    system = "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{7 + 2 * k} 0 R' for k in range(len(pages)))}]>>",
        "<</Type/Font/Subtype/Type0/BaseFont/Song/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 5 0 R>>",
        f"<</Type/Font/Subtype/CIDFontType2/BaseFont/Song{system}/FontDescriptor 6 0 R/DW 1000/W[{widths}]>>",
        _stream(to_unicode),
        f"<</Type/FontDescriptor/FontName/Song/Flags 4{box}>>",
    ]

    def set_words(size: float, x: float, y: float, text: str) -> str:
        return f"BT /F1 {size} Tf {x} {y} Td <{''.join(f'{codes[c]:04x}' for c in text)}> Tj ET\n"

    first_field = 7 + 2 * len(pages)
    fields = " ".join(f"{first_field + 2 * k} 0 R" for k in range(len(filled)))
    for k, page in enumerate(pages):
        words = "".join(set_words(size, x, y, text) for x, y, size, text in page)
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {8 + 2 * k} 0 R/Resources<</Font<</F1 3 0 R>>>>/Annots[{fields}]>>"
        )
        objects.append(_stream(drawn + words))
    for k, (x, y, size, text) in enumerate(filled):
        shown = first_field + 2 * k + 1
        objects.append(f"<</Type/Annot/Subtype/Widget/FT/Tx/F 4/Rect[{x} {y - 4} {x + 200} {y + 16}]/AP<</N {shown} 0 R>>>>")
        form = "/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F1 3 0 R>>>>"
        objects.append(_stream(set_words(size, 0, 4, text), form))
    return _file(objects)


def _stream(content: str, more: str = "") -> str:
    return f"<</Length {len(content)}{more}>>stream\n{content}\nendstream"


def _file(objects: Sequence[str]) -> bytes:
    out, starts = "%PDF-1.5\n", []
    for k, text in enumerate(objects, 1):
        starts.append(len(out))
        out += f"{k} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{start:010d} 00000 n \n" for start in starts)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>"
    return f"{out}{head}\nstartxref\n{len(out)}\n%%EOF\n".encode("latin-1")


def lines(document: Document) -> list[str]:
    """Its paragraphs; none of them stands in a table."""
    assert not any(isinstance(element, Table) for element in document.elements)
    return [p.text for p in paragraphs(document.elements)]


def test_radicals_that_a_browser_stored_are_read_as_characters() -> None:
    data = printed([(80, 760, 16, "一、工作方案文件的门类")], stored={"一": "⼀", "文": "⽂", "门": "⻔", "方": "⽅"})
    assert lines(read_pdf(data)) == ["一、工作方案文件的门类"]


def test_a_footnote_mark_inside_a_line_stays_there_and_parts_no_paragraph() -> None:
    first, second, third = "全年共办理行政许可事项一千四百余件", "群众满意率达到百分之九十六，各项工", "作任务全部按期完成。"
    page = [
        (112, 760, 16, first), (112 + 16 * 17, 766, 9, "1"), (112 + 16 * 17 + 5, 760, 16, "，其中当场办结七百余"),
        (80, 732, 16, second + "作进展顺利稳步推进取得成"), (80, 704, 16, third),
    ]  # fmt: skip
    assert lines(read_pdf(printed(page))) == [f"{first}1，其中当场办结七百余{second}作进展顺利稳步推进取得成{third}"]


def test_raised_and_lowered_figures_stand_where_they_are_printed() -> None:
    page = [
        (80, 760, 16, "面积1200m"), (80 + 16 * 2 + 8 * 5, 766, 9, "2"), (80 + 16 * 2 + 8 * 5 + 5, 760, 16, "，减排CO"),
        (80 + 16 * 5 + 8 * 7 + 5, 757, 9, "2"), (80 + 16 * 5 + 8 * 7 + 10, 760, 16, "五吨。"),
    ]  # fmt: skip
    assert lines(read_pdf(printed(page))) == ["面积1200m2，减排CO2五吨。"]


SENTENCE = "各部门对照权责清单逐项梳理编制办事指南明确受理条件申请材料办理流程办理时限和收费标准"


def column(x: float, y: float, *texts: str) -> list[Text]:
    """Paragraphs of 10 characters a line, first lines indented by two, one under another."""
    rows: list[str] = []
    for text in texts:
        rows += [f"  {text[:8]}"] + [text[k : k + 10] for k in range(8, len(text), 10)]
    return [(x + 32 * row.startswith("  "), y - 24 * k, 16, row.strip()) for k, row in enumerate(rows)]


def test_columns_below_a_table_and_lines_over_the_whole_width_are_read_one_after_another() -> None:
    table = "80 760 435 30 re S 290 760 m 290 790 l S\n"
    cells = [(90, 770, 16, "责任单位"), (300, 770, 16, "完成时限")]
    wide = [(80, 730 - 24 * k, 16, SENTENCE[k : k + 26]) for k in range(12)]
    left, right = column(80, 420, "甲" + SENTENCE, "乙" + SENTENCE[:10]), column(310, 420, "丙" + SENTENCE, "丁" + SENTENCE[:10])
    ruled, *rest = read_pdf(printed([*cells, *wide, *left, *right], drawn=table)).elements
    assert isinstance(ruled, Table)
    assert [p.text for p in paragraphs(tuple(rest))][-4:] == ["甲" + SENTENCE, "乙" + SENTENCE[:10], "丙" + SENTENCE, "丁" + SENTENCE[:10]]


def test_a_paragraph_that_begins_a_column_does_not_go_on_from_the_one_before() -> None:
    texts = [name + SENTENCE[:37] for name in "甲乙丙丁戊己庚辛壬癸子丑"]
    pages = [[*column(80, 760, *texts[k : k + 3]), *column(310, 760, *texts[k + 3 : k + 6])] for k in (0, 6)]
    assert lines(read_pdf(printed(*pages))) == texts


def test_the_short_columns_at_the_end_are_columns_where_those_before_were() -> None:
    texts = [name + SENTENCE[:25] for name in "甲乙丙丁戊己庚辛"]
    first = [*column(80, 760, *texts[:3]), *column(310, 760, *texts[3:6])]
    pages = [first, [*column(80, 760, texts[6]), *column(310, 760, texts[7])]]
    assert lines(read_pdf(printed(*pages))) == texts


def test_every_line_of_a_table_of_contents_is_a_paragraph() -> None:
    names = ["组织领导情况", "制度建设情况", "存在的主要问题及下步打算"]
    page = [(80, 760 - 28 * k, 16, name + "." * (54 - 2 * len(name)) + str(k + 2)) for k, name in enumerate(names)]
    assert [text.rstrip(".234") for text in lines(read_pdf(printed(page)))] == names


def test_page_numbers_one_under_another_make_no_table_of_the_contents() -> None:
    names, numbers = ["范围", "规范性引用文件", "术语和定义", "评价要求"], ["I", "II", "13", "14"]
    page = [(80 + 16 * 2, 760 - 28 * k, 16, name + "." * (44 - 2 * len(name))) for k, name in enumerate(names)]
    page += [(80, 760 - 28 * k, 16, f"{k}.") for k in range(4)] + [(500, 760 - 28 * k, 16, number) for k, number in enumerate(numbers)]
    assert [text[-2:].strip(". ") for text in lines(read_pdf(printed(page)))] == numbers


def test_numbered_paragraphs_of_several_levels_are_no_table_though_their_numbers_are_set_apart() -> None:
    page: list[Text] = []
    for k in range(3):
        y = 760 - 112 * k
        page += [(80, y, 16, f"{k + 1}."), (144, y, 16, SENTENCE[k : k + 12])]
        page += [(144, y - 28, 16, "（一）"), (240, y - 28, 16, SENTENCE[k : k + 9])]
        page += [(240, y - 56, 16, "1."), (304, y - 56, 16, SENTENCE[k + 3 : k + 12])]
    assert lines(read_pdf(printed(page)))[:3] == [f"1. {SENTENCE[:12]}", f"（一） {SENTENCE[:9]}", f"1. {SENTENCE[3:12]}"]


def test_a_paragraph_goes_on_over_the_footnotes_at_the_end_of_a_page() -> None:
    begin = [(112, 300, 16, SENTENCE[:25]), (80, 272, 16, SENTENCE[10:37])]
    notes = [(80, 200, 9, "1 数据来源：统计月报第一期，由责任单位按月汇总后报送。"), (80, 180, 9, "2 见前述通知第三条。")]
    end = [(80, 760, 16, SENTENCE[5:32]), (80, 732, 16, "完成全部任务。"), (112, 704, 16, "下一段由此开始。")]
    assert lines(read_pdf(printed([*begin, *notes], end))) == [
        f"{SENTENCE[:25]}{SENTENCE[10:37]}{SENTENCE[5:32]}完成全部任务。",
        "1 数据来源：统计月报第一期，由责任单位按月汇总后报送。",
        "2 见前述通知第三条。",
        "下一段由此开始。",
    ]


def test_small_text_of_an_annex_is_no_footnote() -> None:
    body = [(80, 760 - 28 * k, 16, SENTENCE[k : k + 27]) for k in range(10)]
    annex = [(80, 300 - 14 * k, 9, f"{'填表说明' if k == 0 else '第'}{SENTENCE[k : k + 30]}") for k in range(4)]
    end = [(80, 760, 9, "续完填表说明。")]
    assert lines(read_pdf(printed([*body, *annex], end)))[-1] == "续完填表说明。"


def ruled(levels: Sequence[float], uprights: Sequence[float], *, bottom: float, top: float, left: float, right: float) -> str:
    """Level lines from left to right, upright ones from bottom to top."""
    rules = [f"{left} {y} m {right} {y} l S" for y in levels] + [f"{x} {bottom} m {x} {top} l S" for x in uprights]
    return "\n".join(rules) + "\n"


def texts_of(table: object) -> list[list[str]]:
    assert isinstance(table, Table)
    return [["".join(p.text for p in paragraphs(cell.content)) for cell in row] for row in table.rows]


def test_the_last_row_of_a_page_belongs_to_its_table_though_no_line_closes_it() -> None:
    lines_drawn = ruled([760, 730], [80, 200, 400, 500], bottom=640, top=760, left=80, right=500)
    head = [(90, 740, 12, "序号"), (210, 740, 12, "重点任务"), (410, 740, 12, "责任单位")]
    row = [(90, 710, 12, "第一"), (210, 710, 12, "逐项梳理权责清单并编"), (210, 690, 12, "制办事指南向社会公布"), (410, 710, 12, "审改办")]
    (table,) = read_pdf(printed([*head, *row], drawn=lines_drawn)).elements
    assert texts_of(table) == [["序号", "重点任务", "责任单位"], ["第一", "逐项梳理权责清单并编制办事指南向社会公布", "审改办"]]


def test_a_table_open_at_its_sides_keeps_its_outer_columns() -> None:
    lines_drawn = ruled([760, 730, 700, 670], [200, 400], bottom=670, top=760, left=80, right=500)
    rows = [("指标", "全年合计", "同比增长"), ("受理件数", "一千四百", "百分之五"), ("办结件数", "一千三百", "百分之六")]
    page = [(x, 740 - 30 * k, 12, text) for k, row in enumerate(rows) for x, text in zip((90, 210, 410), row, strict=True)]
    (table,) = read_pdf(printed(page, drawn=lines_drawn)).elements
    assert texts_of(table) == [list(row) for row in rows]


def test_text_below_a_closed_table_is_outside_it() -> None:
    lines_drawn = ruled([760, 730, 700], [80, 200, 400, 500], bottom=700, top=760, left=80, right=500)
    page = [(90, 740, 12, "序号"), (210, 740, 12, "重点任务"), (210, 710, 12, "梳理清单"), (80, 680, 12, "表后的正文。")]
    table, after = read_pdf(printed(page, drawn=lines_drawn)).elements
    assert isinstance(table, Table) and not isinstance(after, Table) and after.text == "表后的正文。"


def test_what_was_filled_into_a_form_stands_behind_its_question() -> None:
    questions = [(80, 760, 14, "单位名称："), (80, 720, 14, "办结件数：")]
    answers = [(160, 760, 14, "某某县商务局"), (160, 720, 14, "1476件")]
    assert lines(read_pdf(printed(questions, filled=answers))) == ["单位名称：某某县商务局", "办结件数：1476件"]


def test_lines_set_far_apart_on_a_page_of_a_dense_document_are_one_paragraph() -> None:
    dense = [[(80, 780 - 18 * k, 12, SENTENCE[k % 5 : k % 5 + 36]) for k in range(36)] for _ in range(2)]
    first, *more = [SENTENCE[3:37], SENTENCE[1:37], SENTENCE[2:38], SENTENCE[:36], SENTENCE[4:40], SENTENCE[5:41], "全部完成。"]
    loose = [(104, 780, 12, first), *((80, 780 - 33 * (k + 1), 12, text) for k, text in enumerate(more))]
    assert lines(read_pdf(printed(loose, *dense)))[0] == first + "".join(more)


WORDS = ["关于印发依法行政考核办法的通知", "全年共受理行政许可事项一千四百件", "群众满意率达到百分之九十六以上"]


@needs_font
def test_a_page_whose_fonts_do_not_say_what_they_draw_is_recognised() -> None:
    page = FPDF()
    page.add_font("han", fname=str(FONT), collection_font_number=2)
    page.set_font("han", size=16)
    page.add_page()
    for words in WORDS:
        page.cell(0, 12, words, new_x="LMARGIN", new_y="NEXT")
    document = read_pdf(bytes(page.output()).replace(b"/ToUnicode ", b"/ToNothing "))
    assert document.ocr
    assert "".join(lines(document)) == "".join(WORDS)


@needs_font
def test_a_page_that_draws_the_outlines_of_its_characters_is_recognised() -> None:
    document = read_pdf(printed([], drawn="".join(outlined(words, 80, 760 - 40 * k, 18) for k, words in enumerate(WORDS))))
    assert document.ocr
    assert "".join(lines(document)) == "".join(WORDS)


def outlined(words: str, x: float, y: float, size: float) -> str:
    """Filled paths in the shape of the characters, as programs store them that make curves of text."""
    font = TTFont(FONT, fontNumber=2, lazy=True)
    glyphs, names, unit = font.getGlyphSet(), font.getBestCmap(), size / 1000
    operators = {"moveTo": "m", "lineTo": "l", "curveTo": "c"}
    out: list[str] = []
    for k, word in enumerate(words):
        pen = DecomposingRecordingPen(glyphs)
        glyphs[names[ord(word)]].draw(pen)
        for command, points in pen.value:
            places = [f"{x + k * size + px * unit:.2f} {y + py * unit:.2f}" for px, py in points]
            out.append(f"{' '.join(places)} {operators[command]}" if command in operators else "h")
        out.append("f")
    font.close()
    return "\n".join(out) + "\n"
