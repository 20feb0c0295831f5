"""An official letter by GB/T 9704—2012, looked up in the XML that Word reads."""

from __future__ import annotations

import io
import zipfile
from types import ModuleType
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from templates.letters_form import Letter, balanced, width
from templates.letters_supplement import supplement
from templates.letters_texts import load_texts
from templates.letters_words import Occasion

MM = 36000
"""EMU in a millimetre."""


@pytest.fixture(scope="module")
def letter(office: ModuleType) -> bytes:
    sheet = office.sheet(gaps=[office.no_evidence("1.2")])
    return supplement(sheet, office.roster().unit("集贤县"), office.rubric(), load_texts(), Occasion())


@pytest.fixture(scope="module")
def document(letter: bytes) -> Any:
    return docx.Document(io.BytesIO(letter))


def paragraph(document: Any, text: str) -> Any:
    return next(p for p in document.paragraphs if text in p.text)


def fonts(paragraph: Any) -> dict[str, str]:
    (run,) = (r for r in paragraph.runs if r.text.strip())
    found = run._r.rPr.find(qn("w:rFonts"))
    return {key: found.get(qn(f"w:{key}")) for key in ("ascii", "hAnsi", "eastAsia", "cs", "hint")}


def test_the_paper_is_a4_with_the_margins_of_the_standard(document: Any) -> None:
    section = document.sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(s / MM) for s in sizes] == [210, 297, 37, 35, 28, 26]


def test_a_page_has_22_lines(document: Any) -> None:
    grid = document.sections[0]._sectPr.find(qn("w:docGrid"))
    pitch = int(grid.get(qn("w:linePitch"))) / 20
    assert (grid.get(qn("w:type")), 28 <= pitch <= 29, int((297 - 37 - 35) / 25.4 * 72 // pitch)) == ("lines", True, 22)


def test_a_line_has_28_characters(document: Any) -> None:
    run = next(r for r in paragraph(document, "现一次性告知如下").runs if r.text)
    between = int(run._r.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    assert 156 / 25.4 * 72 // (run.font.size.pt + between) == 28


def test_the_body_is_fangsong_16_with_two_characters_of_indent_and_a_fixed_pitch(document: Any) -> None:
    body = paragraph(document, "现一次性告知如下")
    assert set(fonts(body).values()) == {"仿宋_GB2312", "eastAsia"}
    assert [r.font.size.pt for r in body.runs] == [16]
    indent, spacing = body._p.pPr.find(qn("w:ind")), body._p.pPr.find(qn("w:spacing"))
    assert (indent.get(qn("w:firstLineChars")), indent.get(qn("w:firstLine"))) == ("200", "640")
    assert (spacing.get(qn("w:lineRule")), 28 <= int(spacing.get(qn("w:line"))) / 20 <= 29) == ("exact", True)


def test_the_title_is_xiaobiaosong_22_in_the_middle(document: Any) -> None:
    title = paragraph(document, "的通知")
    assert (fonts(title)["eastAsia"], title.runs[0].font.size.pt, title.alignment) == ("方正小标宋简体", 22, 1)


def test_a_font_that_is_missing_has_a_substitute(letter: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(letter)) as package:
        table = package.read("word/fontTable.xml").decode()
    for font, other in (("方正小标宋简体", "宋体"), ("仿宋_GB2312", "仿宋"), ("楷体_GB2312", "楷体")):
        assert f'w:name="{font}"><w:altName w:val="{other}"/>' in table


def test_first_headings_are_heiti(document: Any) -> None:
    heading = paragraph(document, "一、需要补正的事项")
    assert (fonts(heading)["eastAsia"], heading.runs[0].font.size.pt) == ("黑体", 16)


def test_the_addressee_stands_flush_left_with_a_full_width_colon(document: Any) -> None:
    addressee = paragraph(document, "集贤县人民政府：")
    assert addressee._p.pPr.find(qn("w:ind")) is None and addressee.alignment is None


def test_office_and_date_stand_right_two_and_four_characters_in(document: Any) -> None:
    office, date = paragraph(document, "双鸭山市人民政府办公室"), paragraph(document, "年　　月　　日")
    assert [p.alignment for p in (office, date)] == [2, 2]
    assert [p._p.pPr.find(qn("w:ind")).get(qn("w:rightChars")) for p in (office, date)] == ["200", "400"]


def test_the_number_of_the_page_stands_right_on_odd_and_left_on_even_pages(document: Any) -> None:
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, alignment in ((section.footer, 2), (section.even_page_footer, 0)):
        (number,) = footer.paragraphs
        assert (number.text, number.alignment) == ("— 1 —", alignment)
        assert [e.text.strip() for e in number._p.iter(qn("w:instrText"))] == ["PAGE"]
        assert {r.font.size.pt for r in number.runs} == {14}
        assert {r._r.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) for r in number.runs} == {"宋体"}


def test_the_parts_of_a_cell_stand_in_the_order_that_word_wants(document: Any) -> None:
    order = [qn(f"w:{name}") for name in ("tcW", "gridSpan", "vMerge", "shd", "vAlign")]
    found = [[e.tag for e in properties] for properties in document.tables[0]._tbl.iter(qn("w:tcPr"))]
    assert all(tags == sorted(tags, key=order.index) for tags in found) and any(qn("w:shd") in tags for tags in found)


def test_no_docno_is_invented(document: Any) -> None:
    assert "〔　　　　〕　　号" in document.paragraphs[0].text


def test_no_moment_and_no_person_is_in_the_file(letter: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(letter)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = package.read("docProps/core.xml").decode()
    assert core.count("2018-01-01T00:00:00Z") == 2 and "python-docx" not in core


def test_the_same_letter_is_the_same_file(letter: bytes, office: ModuleType) -> None:
    sheet = office.sheet(gaps=[office.no_evidence("1.2")])
    assert supplement(sheet, office.roster().unit("集贤县"), office.rubric(), load_texts(), Occasion()) == letter


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("短标题的通知", ("短标题的通知",)),
        (
            "关于补正双鸭山市2017年“互联网+政务服务”工作考核自查材料的通知",
            ("关于补正双鸭山市2017年", "“互联网+政务服务”工作", "考核自查材料的通知"),
        ),
        ("没有可以断开之处的一个非常非常非常非常非常长的标题", ("没有可以断开之处的一个非常非常非常非常非常长的标题",)),
    ],
)
def test_a_long_title_breaks_between_words(text: str, lines: tuple[str, ...]) -> None:
    assert balanced(text, ("“", "考核", "自查"), 19) == lines
    assert "".join(lines) == text


def test_letters_and_digits_are_half_as_wide() -> None:
    assert width("2017年") == 3


def test_what_xml_cannot_hold_does_not_stop_a_letter() -> None:
    letter = Letter(load_texts(), title="题\x00名")
    letter.body("坏\x0b字\ud800符\u202e")
    (body,) = docx.Document(io.BytesIO(letter.as_bytes())).paragraphs
    assert body.text == "坏字符"
