"""Text files and HTML bodies."""

from __future__ import annotations

import pytest

from extract.errors import EmptyFile
from extract.model import Paragraph, Table
from extract.plain import read_html, read_text


def html_texts(markup: str) -> list[str]:
    return [e.text for e in read_html(markup.encode()).elements if isinstance(e, Paragraph)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_each_line_of_a_text_is_a_paragraph(encoding: str) -> None:
    document = read_text("一、组织保障\r\n\r\n　　成立领导小组 plain ascii words\r\n".encode(encoding))
    assert [e.text for e in document.elements if isinstance(e, Paragraph)] == ["一、组织保障", "成立领导小组 plain ascii words"]


def test_a_blank_text_is_empty() -> None:
    with pytest.raises(EmptyFile):
        read_text(b" \n\n ")


def test_blocks_are_paragraphs_and_breaks_stay_inside() -> None:
    assert html_texts("<div>一、<b>组织</b>保障</div><p>甲<br>乙</p>尾") == ["一、组织保障", "甲\n乙", "尾"]


def test_scripts_styles_and_hidden_parts_are_no_text() -> None:
    assert html_texts("<style>p{}</style><script>x()</script><p style='display:none'>藏</p><p>见</p>") == ["见"]


def test_headings_carry_their_level() -> None:
    first = read_html("<h2>一、组织</h2><p>正文</p>".encode()).elements
    assert [e.outline for e in first if isinstance(e, Paragraph)] == [2, None]


def test_a_table_keeps_rows_and_spans() -> None:
    markup = "<p>目录</p><table><tr><th colspan=2>清单</th></tr><tr><td rowspan=2>1</td><td>甲</td></tr><tr><td>乙</td></tr></table>"
    table = read_html(markup.encode()).elements[1]
    assert isinstance(table, Table)
    assert [(c.text, c.row, c.column, c.row_span, c.column_span) for row in table.rows for c in row] == [
        ("清单", 0, 0, 1, 2),
        ("1", 1, 0, 2, 1),
        ("甲", 1, 1, 1, 1),
        ("乙", 2, 1, 1, 1),
    ]


@pytest.mark.parametrize("label", ["gb2312", "utf-8", "x-unknown"])
def test_a_wrong_charset_label_does_no_harm(label: str) -> None:
    assert read_html(f"<meta charset={label}><p>双鸭山市㙓</p>".encode("gb18030")).text == "双鸭山市㙓"
