"""Workbooks in the XML of Excel 2003 read like any other."""

from __future__ import annotations

import pytest

from extract.errors import DocumentError, EmptyFile, HostileFile, TooLarge
from extract.model import Document, Table
from extract.read import read

S = "urn:schemas-microsoft-com:office:spreadsheet"


def book(
    *rows: str, name: str = "目录", more: str = "", encoding: str = "utf-8", application: str = '<?mso-application progid="Excel.Sheet"?>'
) -> bytes:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n{application}\n<Workbook xmlns="{S}" xmlns:ss="{S}" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><Styles><Style ss:ID="p"><NumberFormat ss:Format="0%"/></Style></Styles>'
        f'<Worksheet ss:Name="{name}"><Table>{"".join(rows)}</Table>{more}</Worksheet></Workbook>'
    ).encode(encoding)


def row(*cells: str, more: str = "") -> str:
    return f"<Row{more}>" + "".join(c if c.startswith("<") else f'<Cell><Data ss:Type="String">{c}</Data></Cell>' for c in cells) + "</Row>"


def texts(document: Document) -> list[list[str]]:
    (table,) = document.elements
    assert isinstance(table, Table)
    return [[cell.text for cell in line] for line in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312", "utf-16"])
@pytest.mark.parametrize("application", ["", '<?mso-application progid="Excel.Sheet"?>'], ids=["plain", "with its program"])
def test_cells_are_read_row_by_row(encoding: str, application: str) -> None:
    data = book(row("序号", "材料名称"), row("1", "领导小组文件"), encoding=encoding, application=application)
    document = read(data, "目录.xls")
    assert texts(document) == [["序号", "材料名称"], ["1", "领导小组文件"]]
    assert document.elements[0].location.sheet == "目录"


def test_indexes_and_merged_cells_put_what_follows_where_it_stands() -> None:
    merged = '<Cell ss:MergeAcross="1"><Data ss:Type="String">甲</Data></Cell>'
    placed = '<Cell ss:Index="3"><Data ss:Type="String">丙</Data></Cell>'
    (table,) = read(book(row(merged, "丁"), row(placed, more=' ss:Index="3"'))).elements
    assert isinstance(table, Table)
    assert [(c.row, c.column, c.column_span, c.text) for line in table.rows for c in line if c.text] == [
        (0, 0, 2, "甲"), (0, 2, 1, "丁"), (2, 2, 1, "丙"),
    ]  # fmt: skip


def test_numbers_dates_and_rich_text_show_as_a_person_sees_them() -> None:
    cells = [
        '<Cell><Data ss:Type="Number">12</Data></Cell>', '<Cell ss:StyleID="p"><Data ss:Type="Number">0.95</Data></Cell>',
        '<Cell><Data ss:Type="DateTime">2018-01-19T00:00:00.000</Data></Cell>',
        '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>办发</B>〔2017〕12号</ss:Data></Cell>',
    ]  # fmt: skip
    assert texts(read(book(row(*cells)))) == [["12", "95%", "2018-01-19", "办发〔2017〕12号"]]


def test_a_hidden_sheet_is_not_read_and_said() -> None:
    options = '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible></WorksheetOptions>'
    with pytest.raises(EmptyFile):
        read(book(row("x"), more=options))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(book(row("x", more=' ss:Index="900000"')), TooLarge, id="a cell far below"),
        pytest.param(book(row("&a;")).replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1), HostileFile, id="entities"),
        pytest.param(book(row("x"))[:-40], DocumentError, id="cut off"),
        pytest.param(book(), EmptyFile, id="nothing in it"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, error: type[DocumentError]) -> None:
    with pytest.raises(error):
        read(data)
