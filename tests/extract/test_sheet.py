"""Spreadsheets: one table a sheet, values as a person sees them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from extract.errors import DamagedFile, DocumentError, EmptyFile, TooLarge
from extract.model import Table
from extract.numformat import displayed
from extract.sheet import MAX_ROWS, read_sheet


def book(*sheets: tuple[str, list[list[object]]]) -> Workbook:
    made = Workbook()
    assert made.active is not None
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return made


def saved(made: Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def texts(table: object) -> list[list[str]]:
    assert isinstance(table, Table)
    return [[cell.text for cell in row] for row in table.rows]


def test_every_sheet_is_a_table_with_its_name() -> None:
    document = read_sheet(saved(book(("一、组织", [["序号", "材料名称"], [1, "会议纪要"]]), ("二、事项", [["序号"], [1]]))))
    assert [t.name for t in document.elements if isinstance(t, Table)] == ["一、组织", "二、事项"]
    assert texts(document.elements[0]) == [["序号", "材料名称"], ["1", "会议纪要"]]


def test_a_merged_range_stands_once() -> None:
    made = book(("目录", [["佐证材料目录清单", None, None], ["序号", "名称", "备注"], [1, "甲", None], [2, None, "乙"]]))
    sheet = made["目录"]
    assert isinstance(sheet, Worksheet)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("B3:B4")
    table = read_sheet(saved(made)).elements[0]
    assert isinstance(table, Table)
    assert [(c.text, c.row_span, c.column_span) for c in table.rows[0]] == [("佐证材料目录清单", 1, 3)]
    assert [(c.text, c.column, c.row_span) for c in table.rows[2]] == [("1", 0, 1), ("甲", 1, 2), ("", 2, 1)]
    assert [(c.text, c.column) for c in table.rows[3]] == [("2", 0), ("乙", 2)]


def test_blank_rows_keep_their_place_and_trailing_ones_go() -> None:
    made = book(("目录", [["1", "甲"], [None], ["2", "乙"], [None], [None]]))
    table = read_sheet(saved(made)).elements[0]
    assert texts(table) == [["1", "甲"], [], ["2", "乙"]]
    assert isinstance(table, Table)
    assert table.rows[2][0].content[0].location.row == 3


def test_a_hidden_sheet_is_left_out_and_named() -> None:
    made = book(("目录", [["甲"]]), ("旧目录", [["乙"]]))
    made["旧目录"].sheet_state = "hidden"
    document = read_sheet(saved(made))
    assert "乙" not in document.text
    assert [n.code for n in document.notes] == ["hidden_sheet"]
    assert "旧目录" in document.notes[0].message


def test_hidden_rows_are_read_and_named() -> None:
    made = book(("目录", [["甲"], ["乙"]]))
    sheet = made["目录"]
    assert isinstance(sheet, Worksheet)
    sheet.row_dimensions[2].hidden = True
    document = read_sheet(saved(made))
    assert "乙" in document.text
    assert [n.code for n in document.notes] == ["hidden_rows"]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.979, "0.0%", "97.9%"),
        (1, "0%", "100%"),
        (1234567.5, "#,##0.00", "1,234,567.50"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (7, "000", "007"),
        (3, '"第"0"号"', "第3号"),
        (-3.5, "0.0", "-3.5"),
        (2.5, "0", "3"),
        (1.5, "0.##", "1.5"),
        (datetime(2017, 11, 3), 'yyyy"年"m"月"d"日"', "2017年11月3日"),
        (datetime(2017, 11, 3), 'yyyy"年"m"月"', "2017年11月"),
        (datetime(2017, 11, 3, 9, 5), "yyyy-mm-dd hh:mm", "2017-11-03 09:05"),
        (date(2017, 11, 3), "General", "2017-11-03"),
        ("  会议纪要 ", "@", "会议纪要"),
        (True, "General", "TRUE"),
    ],
)
def test_values_are_shown_as_in_the_cell(value: object, number_format: str, shown: str) -> None:
    assert displayed(value, number_format) == shown


def test_a_percent_format_survives_the_file() -> None:
    made = book(("表", [[0.979]]))
    made["表"]["A1"].number_format = "0.0%"
    assert read_sheet(saved(made)).text == "97.9%"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_csv_in_any_encoding_and_with_any_separator(encoding: str, mark: str) -> None:
    data = f"序号{mark}材料名称{mark}文号\r\n1{mark}会议纪要{mark}〔2017〕3号\r\n".encode(encoding)
    assert texts(read_sheet(data).elements[0]) == [["序号", "材料名称", "文号"], ["1", "会议纪要", "〔2017〕3号"]]


def test_a_quoted_csv_value_keeps_its_comma_and_line_break() -> None:
    assert texts(read_sheet('1,"甲,乙\n丙"\n2,丁\n'.encode()).elements[0]) == [["1", "甲,乙\n丙"], ["2", "丁"]]


def test_an_empty_book_is_empty() -> None:
    with pytest.raises(EmptyFile):
        read_sheet(saved(book(("Sheet1", []))))


def test_a_book_cut_in_half_is_damaged() -> None:
    whole = saved(book(("目录", [[f"材料{k}"] for k in range(500)])))
    with pytest.raises(DamagedFile):
        read_sheet(whole[: len(whole) // 2])


def test_a_csv_beyond_the_bound_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read_sheet(b"1,2\n" * (MAX_ROWS + 2))


def with_sheet(data: bytes, change: Callable[[str], str]) -> bytes:
    """The workbook with the XML of its first sheet changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part.decode()) if name == "xl/worksheets/sheet1.xml" else part)
    return out.getvalue()


def far_out(place: str) -> bytes:
    """Two cells: one at the top, one at `place`; and a style that makes openpyxl give up."""
    cell = f'<row r="{place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{place}"><v>1</v></c></row></sheetData>'
    return with_sheet(saved(book(("目录", [["序号"]]))), lambda xml: xml.replace("</sheetData>", cell).replace('r="A1"', 'r="A1" s="99"'))


@pytest.mark.parametrize(
    ("place", "error"),
    [pytest.param("A2147483647", DamagedFile, id="row 2^31"), pytest.param("XFD1048576", TooLarge, id="the last cell of all")],
)
def test_a_cell_far_out_does_not_ask_for_all_between(place: str, error: type[DocumentError]) -> None:
    with pytest.raises(error):
        read_sheet(far_out(place))


def test_a_merge_of_all_columns_and_rows_is_one_cell() -> None:
    merge = '</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    document = read_sheet(with_sheet(saved(book(("目录", [["标题", ""], ["", ""]]))), lambda xml: xml.replace("</sheetData>", merge)))
    assert document.text == "标题"


def ole(cut: int) -> bytes:
    """A compound file with an empty Workbook stream, cut off after so many bytes."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<10I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    fat = struct.pack("<2I", 0xFFFFFFFD, 0xFFFFFFFE)

    def entry(name: str, kind: int, child: int) -> bytes:
        letters = name.encode("utf-16-le") + b"\0\0"
        node = letters.ljust(64, b"\0") + struct.pack("<HBB3i", len(letters), kind, 1, -1, -1, child)
        return node.ljust(116, b"\0") + struct.pack("<IQ", 0xFFFFFFFE, 0)

    directory = entry("Root Entry", 5, 1) + entry("Workbook", 2, -1)
    return (header.ljust(512, b"\xff") + fat.ljust(512, b"\xff") + directory.ljust(512, b"\0"))[:cut]


def test_an_old_workbook_cut_off_is_damaged_though_its_library_panics() -> None:
    with pytest.raises(EmptyFile):
        read_sheet(ole(1536))
    with pytest.raises(DamagedFile):
        read_sheet(ole(1336))


@pytest.mark.parametrize("kind", ["sheet.macroEnabled.main+xml", "template.main+xml", "template.macroEnabled.main+xml"])
def test_workbooks_with_macros_and_templates_are_read_like_workbooks(kind: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(book(("目录", [["序号", "材料名称"]]))))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            usual = b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
            new.writestr(name, old.read(name).replace(usual, b"vnd.ms-excel." + kind.encode()))
    assert read_sheet(out.getvalue()).text == "序号\n材料名称"


def test_a_strict_workbook_is_read() -> None:
    usual = (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://schemas.openxmlformats.org/officeDocument/2006/relationships")
    strict = (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://purl.oclc.org/ooxml/officeDocument/relationships")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(book(("目录", [["序号", 0.979]]))))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            for one, other in zip(usual, strict, strict=True):
                part = part.replace(one, other)
            new.writestr(name, part)
    assert read_sheet(out.getvalue()).text == "序号\n0.979"
