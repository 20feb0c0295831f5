"""Documents taken apart into blocks: headings, levels, cells and rows."""

from __future__ import annotations

import pytest

from extract.model import Cell, Element, Paragraph, Table
from extract.outline import is_date_line, number_style, outline

BODY = "本单位认真落实各项工作要求，明确了责任人和完成时限，全年各项任务均按时完成，没有发生延误的情况。"


def table(*rows: tuple[str, ...]) -> Table:
    return Table(tuple(tuple(Cell((Paragraph(t),), r, c) for c, t in enumerate(row) if t) for r, row in enumerate(rows)))


def shape(*elements: Element) -> list[tuple[str, int | None]]:
    return [(b.kind, b.level) for b in outline(elements)]


def test_levels_follow_the_order_in_which_number_styles_nest() -> None:
    found = shape(
        Paragraph("一、组织"), Paragraph("（一）机构"), Paragraph(BODY), Paragraph("（二）人员"), Paragraph(BODY), Paragraph("二、事项")
    )
    assert [level for _, level in found] == [1, 2, None, 2, None, 1]


def test_a_report_that_begins_with_bracketed_numbers_has_them_as_its_topmost_level() -> None:
    assert shape(Paragraph("（一）组织"), Paragraph("1.机构"), Paragraph(BODY), Paragraph("（二）事项")) == [
        ("heading", 1), ("heading", 2), ("paragraph", None), ("heading", 1)]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("一、组织保障", "han", 1), ("（三）网上办理", "han-bracket", 3), ("(3)其他", "decimal-bracket", 3), ("4.上报", "decimal", 4),
        ("５．公开", "decimal", 5), ("第二部分 事项", "part", 2), ("第三条 监察", "article", 3), ("2.3 录入", "dotted2", 3),
        ("Ⅳ、监察", "roman", 4),
        ("①建立", "circled", 1), ("二是健全", "ordinal", 2), ("㈡事项", "enclosed", 2),
    ],
)  # fmt: skip
def test_number_styles(text: str, style: str, value: int) -> None:
    found = number_style(text)
    assert found is not None
    assert (found.style, found.value) == (style, value)


@pytest.mark.parametrize("text", ["2017年，我局", "3.5万件", "一次性告知", "第一时间处置", "十几项事项", "100%完成"])
def test_what_is_no_number(text: str) -> None:
    assert number_style(text) is None


def test_a_heading_that_runs_into_its_body_stays_one_paragraph() -> None:
    assert shape(Paragraph("（一）健全机构。" + BODY)) == [("paragraph", None)]


def test_the_automatic_label_is_part_of_what_is_read() -> None:
    block = outline((Paragraph("组织保障", label="一、", bold=True), Paragraph(BODY)))[0]
    assert (block.text, block.kind) == ("一、组织保障", "heading")


def test_a_hard_line_break_parts_a_paragraph() -> None:
    assert [b.text for b in outline((Paragraph(BODY + "\n" + BODY),))] == [BODY, BODY]


def test_cells_of_a_frame_are_blocks_of_their_own_and_rows_of_data_are_one() -> None:
    frame = table(("一、组织", ""), ("机构", BODY + "\n" + BODY))
    data = table(("事项", "受理", "办结"), ("许可", "12", "12"))
    blocks = outline((frame, data))
    assert [b.text for b in blocks] == ["一、组织", "机构", BODY, BODY, "事项 受理 办结", "许可 12 12"]
    assert [b.kind for b in blocks][2:] == ["cell", "cell", "table_row", "table_row"]
    assert [b.table for b in blocks] == [0, 0, 0, 0, 1, 1]
    assert blocks[-1].header == ("事项", "受理", "办结")
    assert blocks[-1].cells == ("许可", "12", "12")


def test_a_terse_frame_is_told_from_data_by_its_chapters_and_columns() -> None:
    frame = table(
        ("考核内容", "完成情况", "佐证材料"),
        ("组织", "", ""),
        ("1.机构", "已设。", "分工表"),
        ("事项", "", ""),
        ("1.部署", "已发文。", "方案"),
    )
    kinds = [b.kind for b in outline((frame,))]
    assert "table_row" not in kinds


def test_the_title_is_told_from_headings_and_from_the_address() -> None:
    found = outline((Paragraph("某局2017年自查报告", centered=True, size=22.0), Paragraph("市政府办公室："), Paragraph(BODY, size=16.0)))
    assert [b.kind for b in found] == ["title", "paragraph", "paragraph"]


@pytest.mark.parametrize("text", ["2018年1月19日", "2018.1.19", "二〇一八年一月十九日", "2018-01-20"])
def test_date_lines(text: str) -> None:
    assert is_date_line(text)
    assert not is_date_line("截至" + text + "，全部办结")


def test_every_word_of_the_document_comes_out_once_and_in_order() -> None:
    elements = (Paragraph("甲"), table(("乙", "丙" + BODY), ("丁", "戊")), Paragraph("己\n庚"))
    assert "".join(b.text.replace(" ", "") for b in outline(elements)) == "甲乙丙" + BODY + "丁戊己庚"
