"""Lists that a PDF prints with tabs and wraps: rows are found by numbers that count up, whatever the lines became."""

from __future__ import annotations

from collections.abc import Sequence

from extract.catalog import find_catalog
from extract.catalog_stream import StreamRow, read_stream
from extract.model import Cell, Document, Element, Paragraph, Table


def scraps(*parts: str | list[list[str]]) -> tuple[Element, ...]:
    """Paragraphs, and scattered tables as a reader makes them of what happens to be aligned."""
    return tuple(Paragraph(p) if isinstance(p, str) else grid(p) for p in parts)


def grid(rows: Sequence[Sequence[str]]) -> Table:
    return Table(tuple(tuple(Cell((Paragraph(t),), r, c) for c, t in enumerate(row)) for r, row in enumerate(rows)))


def brief(rows: Sequence[StreamRow]) -> list[tuple[str, str, str | None]]:
    return [(r.line.no, r.line.title, r.line.docno) for r in rows]


WRAPPED = scraps(
    "1 关于成立某局工作领导小",
    [["组的通知", "某政办发"], ["〔2017〕29号", "3-4"], ["2", ""], ["人员通讯录", "5-6"]],
    "3 会议纪要（第4次） 7",
    [["4", "事项标准化实施方案", "某发〔2017〕5号"], ["5", "培训签到表", "9"]],
    "6 办事指南汇编 10",
)


def test_a_row_is_what_stands_from_one_number_to_the_next() -> None:
    assert brief(read_stream(WRAPPED)) == [
        ("1", "关于成立某局工作领导小组的通知", "某政办发〔2017〕29号"),
        ("2", "人员通讯录", None),
        ("3", "会议纪要（第4次）", None),
        ("4", "事项标准化实施方案", "某发〔2017〕5号"),
        ("5", "培训签到表", None),
        ("6", "办事指南汇编", None),
    ]


def test_a_number_run_together_with_the_word_before_is_found() -> None:
    rows = read_stream(scraps("1 甲通知", "2 乙方案 某发〔2017〕5号3", "丙名册", "4 丁截图", "5 戊纪要", "6 己台账"))
    assert [r.line.no for r in rows] == ["1", "2", "3", "4", "5", "6"]


def test_codes_of_several_series_count_up_each_for_itself() -> None:
    rows = read_stream(scraps("甲-1 甲通知", [["甲-2", "乙方案"], ["乙-1", "丙名册"]], "乙-2 丁截图", "丙-1 戊纪要", "丙-2 己台账"))
    assert [r.line.no for r in rows] == ["甲-1", "甲-2", "乙-1", "乙-2", "丙-1", "丙-2"]


def test_headings_between_the_rows_are_their_groups() -> None:
    parts = ("第一部分 组织", "1 甲通知", "2 乙方案", "3 丙名册", [["第二部分 标准化", ""], ["1", "丁截图"]], "2 戊纪要", "3 己台账")
    assert [(r.line.no, r.group) for r in read_stream(scraps(*parts))] == [
        *((n, "第一部分 组织") for n in "123"),
        *((n, "第二部分 标准化") for n in "123"),
    ]


def test_numbers_may_come_last() -> None:
    rows = read_stream(scraps(*(f"{t} A-{k}" for k, t in enumerate(["甲通知", "乙方案", "丙名册", "丁截图", "戊纪要", "己台账"], 1))))
    assert brief(rows)[0] == ("A-1", "甲通知", None)
    assert len(rows) == 6


def test_prose_with_figures_is_no_list() -> None:
    assert read_stream(scraps(*(f"{k} 我单位今年办理业务{k}00件，群众满意，工作有序推进，成效明显" for k in range(1, 9)))) == ()


def test_only_a_pdf_loses_its_lines() -> None:
    whole = (Paragraph("佐证材料目录清单"), *WRAPPED)
    catalog = find_catalog(Document(whole, "application/pdf", pages=1))
    assert catalog is not None
    assert [r.no for r in catalog.rows] == ["1", "2", "3", "4", "5", "6"]
    assert (catalog.title, catalog.start, catalog.end) == ("佐证材料目录清单", 0, len(whole))
    assert catalog.confidence >= 0.5
