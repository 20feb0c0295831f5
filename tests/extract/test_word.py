"""DOCX files as Word and WPS write them, and what a person reads in them."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document as new_docx

from extract.errors import DocumentError
from extract.model import Cell, Document, Paragraph, Table, paragraphs
from extract.word import pictures, read_word
from extract.word_numerals import FORMS

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD_ML = "application/vnd.openxmlformats-officedocument.wordprocessingml"
SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": OFFICE,
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "v": "urn:schemas-microsoft-com:vml",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
}
NS = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in SPACES.items())
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def docx(body: str, *, numbering: str = "", styles: str = "", relations: str = "", parts: dict[str, str | bytes] | None = None) -> bytes:
    """A DOCX package around the XML of a body."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        kinds = "".join(
            f'<Override PartName="/word/{name}.xml" ContentType="{WORD_ML}.{kind}+xml"/>'
            for name, kind in (("document", "document.main"), ("numbering", "numbering"), ("styles", "styles"))
        )
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{kinds}</Types>',
        )
        package.writestr("_rels/.rels", _relations(f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'))
        own = "".join(f'<Relationship Id="{k}" Type="{OFFICE}/{k}" Target="{k}.xml"/>' for k in ("numbering", "styles"))
        package.writestr("word/_rels/document.xml.rels", _relations(own + relations))
        package.writestr("word/document.xml", f"<w:document {NS}><w:body>{body}<w:sectPr/></w:body></w:document>")
        package.writestr("word/numbering.xml", f"<w:numbering {NS}>{numbering}</w:numbering>")
        package.writestr("word/styles.xml", f"<w:styles {NS}>{styles}</w:styles>")
        for name, content in (parts or {}).items():
            package.writestr(name, content)
    return stream.getvalue()


def _relations(inner: str) -> str:
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*inner: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(i if i.startswith('<') else r(i) for i in inner)}</w:p>"


def numbered(text: str, num_id: int = 1, ilvl: int = 0, more: str = "") -> str:
    place = f'<w:numPr><w:ilvl w:val="{ilvl}"/><w:numId w:val="{num_id}"/></w:numPr>{more}'
    return p(*([text] if text else []), properties=place)


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def field(code: str, result: str) -> str:
    return f"{mark('begin')}<w:r><w:instrText>{code}</w:instrText></w:r>{mark('separate')}{r(result)}{mark('end')}"


def cell(*blocks: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{''.join(b if b.startswith('<') else p(b) for b in blocks)}</w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(row if row.startswith('<w:tr') else f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def modern_box(*blocks: str) -> str:
    """A text box as Word 2010 and later store it: twice."""
    inner = f"<w:txbxContent>{''.join(blocks)}</w:txbxContent>"
    choice = f"<w:drawing><a:graphic><a:graphicData><wps:wsp><wps:txbx>{inner}</wps:txbx></wps:wsp></a:graphicData></a:graphic></w:drawing>"
    fallback = f"<w:pict><v:shape><v:textbox>{inner}</v:textbox></v:shape></w:pict>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{choice}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def lines(data: bytes) -> list[str]:
    return [paragraph.full for paragraph in paragraphs(read_word(data).elements)]


def body(*blocks: str) -> list[str]:
    return lines(docx("".join(blocks)))


def only_table(document: Document) -> Table:
    (element,) = document.elements
    assert isinstance(element, Table)
    return element


DECIMAL = (
    '<w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="H2"/><w:isLgl/><w:lvlText w:val="%1.%2"/></w:lvl>'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
)


class TestText:
    @pytest.mark.parametrize(
        ("inner", "expected"),
        [
            pytest.param(r("甲") + r("乙"), "甲乙", id="runs join"),
            pytest.param(r("甲") + "<w:r><w:br/></w:r>" + r("乙"), "甲\n乙", id="a line break stays"),
            pytest.param('<w:r><w:br w:type="page"/></w:r>' + r("乙"), "乙", id="a page break in front leaves nothing"),
            pytest.param(r("甲") + "<w:r><w:tab/></w:r>" + r("乙"), "甲\t乙", id="a tab stays"),
            pytest.param(r("附件3") + "<w:r><w:noBreakHyphen/></w:r>" + r("1"), "附件3-1", id="a hyphen that does not break"),
            pytest.param('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>' + r("是"), "☑是", id="a ticked box"),
            pytest.param("<w:r><w:t> 甲 </w:t></w:r>" + r("乙"), "甲乙", id="blanks that are not to be kept"),
            pytest.param(f"<w:hyperlink>{r('网站')}</w:hyperlink>", "网站", id="a link"),
            pytest.param(f"<w:smartTag>{r('2017年')}</w:smartTag>", "2017年", id="a smart tag"),
            pytest.param(f"<w:sdt><w:sdtContent>{r('控件')}</w:sdtContent></w:sdt>", "控件", id="a content control"),
            pytest.param(f'<w:fldSimple w:instr="DATE">{r("1月")}</w:fldSimple>', "1月", id="a simple field"),
            pytest.param(f"<w:ins>{r('新')}</w:ins><w:del><w:r><w:delText>旧</w:delText></w:r></w:del>", "新", id="tracked changes"),
            pytest.param(f"<w:moveTo>{r('来')}</w:moveTo><w:moveFrom>{r('去')}</w:moveFrom>", "来", id="moved text"),
            pytest.param(r("见") + r("密", "<w:vanish/>") + r("此"), "见此", id="hidden text"),
            pytest.param(r("见") + r("此", '<w:vanish w:val="0"/>'), "见此", id="text that is not hidden after all"),
            pytest.param(r("文") + '<w:r><w:footnoteReference w:id="1"/></w:r>', "文", id="a footnote's mark"),
            pytest.param(field("REF x", "第一章"), "第一章", id="a field shows its result"),
            pytest.param(
                f"{mark('begin')}<w:r><w:instrText>IF </w:instrText></w:r>{field('REF y', '码')}{mark('separate')}{r('果')}{mark('end')}",
                "果",
                id="a field inside a field's code",
            ),
            pytest.param(mark("begin") + r("无终"), "无终", id="a field that never ends"),
            pytest.param(
                f"{mark('begin')}<w:r><w:instrText>EQ \\o\\ac(○,3)</w:instrText></w:r>{mark('end')}{r('查')}",
                "③查",
                id="a number in a drawn circle",
            ),
            pytest.param(
                f"<w:r><w:ruby><w:rt>{r('zì')}</w:rt><w:rubyBase>{r('自')}</w:rubyBase></w:ruby></w:r>{r('查')}", "自查", id="a reading aid"
            ),
            pytest.param(
                "<m:oMath><m:r><m:t>率=</m:t></m:r><m:f><m:num><m:r><m:t>办结</m:t></m:r></m:num>"
                "<m:den><m:r><m:t>受理</m:t></m:r></m:den></m:f></m:oMath>",
                "率=办结/受理",
                id="a formula",
            ),
        ],
    )
    def test_a_paragraph_reads_as_a_person_sees_it(self, inner: str, expected: str) -> None:
        assert body(p(inner)) == [expected]

    def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next(self) -> None:
        assert body(p("前半", properties="<w:rPr><w:del/></w:rPr>"), p("后半")) == ["前半后半"]

    def test_hidden_text_may_come_from_a_style(self) -> None:
        style = '<w:style w:type="character" w:styleId="S"><w:name w:val="s"/><w:rPr><w:vanish/></w:rPr></w:style>'
        assert lines(docx(p(r("密", '<w:rStyle w:val="S"/>'), r("明")), styles=style)) == ["明"]

    def test_blank_paragraphs_are_not_counted(self) -> None:
        document = read_word(docx(p("一") + p() + p("　") + p("二")))
        assert [q.location.paragraph for q in paragraphs(document.elements)] == [1, 2]

    def test_footnotes_are_left_out_and_counted(self) -> None:
        mark = '<w:r><w:footnoteReference w:id="2"/></w:r>'
        line = '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
        notes = f'<w:footnotes {NS}>{line}<w:footnote w:id="2">{p("数据来源：统计月报。")}</w:footnote></w:footnotes>'
        document = read_word(docx(p("全年受理1476件", mark, "。"), parts={"word/footnotes.xml": notes}))
        assert [x.text for x in paragraphs(document.elements)] == ["全年受理1476件。"]
        assert [note.message for note in document.notes] == ["文档有1条脚注或尾注，没有读入正文"]

    def test_tracked_changes_are_told(self) -> None:
        assert [note.code for note in read_word(docx(p(f"<w:ins>{r('新')}</w:ins>"))).notes] == ["tracked_changes"]


class TestOrder:
    def test_paragraphs_tables_and_controls_stand_in_the_order_of_the_file(self) -> None:
        control = f"<w:sdt><w:sdtContent>{p('控件')}{table(cell('格'))}</w:sdtContent></w:sdt>"
        assert body(p("前"), control, table(cell("左", table(cell("里"))) + cell("右")), p("后")) == [
            "前",
            "控件",
            "格",
            "左",
            "里",
            "右",
            "后",
        ]

    def test_a_text_box_is_read_once_after_its_paragraph(self) -> None:
        assert body(p("锚", modern_box(p("框中"), table(cell("格")))), p("后")) == ["锚", "框中", "格", "后"]

    def test_an_old_text_box_and_word_art_are_read(self) -> None:
        old = f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{p('框')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
        art = '<w:r><w:pict><v:shape id="x"><v:textpath string="红头文件"/></v:shape></w:pict></w:r>'
        assert body(p(old), p(art)) == ["框", "红头文件"]

    def test_a_watermark_is_not_read(self) -> None:
        art = '<w:r><w:pict><v:shape id="PowerPlusWaterMarkObject1"><v:textpath string="草稿"/></v:shape></w:pict></w:r>'
        assert body(p("文", art)) == ["文"]

    def test_smart_art_is_read_from_its_own_part(self) -> None:
        relation = f'<Relationship Id="d1" Type="{OFFICE}/diagramData" Target="diagrams/data1.xml"/>'
        data = f"<dgm:dataModel {NS}><dgm:pt><dgm:t><a:p><a:r><a:t>组长</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:dataModel>"
        drawing = '<w:r><w:drawing><dgm:relIds r:dm="d1"/></w:drawing></w:r>'
        assert lines(docx(p("机构图", drawing), relations=relation, parts={"word/diagrams/data1.xml": data})) == ["机构图", "组长"]

    def test_a_web_editors_embedded_page_is_read(self) -> None:
        page = "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<html><body><p>网页一</p><p>网页二</p></body></html>"
        relation = f'<Relationship Id="c1" Type="{OFFICE}/aFChunk" Target="afchunk.mht"/>'
        data = docx(p("前") + '<w:altChunk r:id="c1"/>' + p("后"), relations=relation, parts={"word/afchunk.mht": page.encode()})
        read = list(paragraphs(read_word(data).elements))
        assert [(q.text, q.location.paragraph) for q in read] == [("前", 1), ("网页一", 2), ("网页二", 3), ("后", 4)]

    def test_an_embedded_docx_is_read(self) -> None:
        relation = f'<Relationship Id="c1" Type="{OFFICE}/aFChunk" Target="inner.docx"/>'
        data = docx('<w:altChunk r:id="c1"/>' + p("后"), relations=relation, parts={"word/inner.docx": docx(p("里") + table(cell("格")))})
        assert lines(data) == ["里", "格", "后"]


class TestContents:
    STYLES = '<w:style w:type="paragraph" w:styleId="11"><w:name w:val="toc 1"/></w:style>'

    def test_a_table_of_contents_in_its_control_is_left_out(self) -> None:
        gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        assert body(f"<w:sdt>{gallery}<w:sdtContent>{p('目录')}{p('一、概况 1')}</w:sdtContent></w:sdt>", p("一、概况")) == ["一、概况"]

    def test_a_contents_field_over_several_paragraphs_is_left_out(self) -> None:
        start = mark("begin") + '<w:r><w:instrText> TOC \\o "1-3" </w:instrText></w:r>' + mark("separate")
        assert body(p(start + r("一、概况1")), p("二、成效2"), p(mark("end") + r("正文"))) == ["正文"]

    def test_lines_in_a_contents_style_are_left_out_where_they_name_a_page(self) -> None:
        style = '<w:pStyle w:val="11"/>'
        data = docx(p("一、概况\t3", properties=style) + p("借用目录样式的正文", properties=style), styles=self.STYLES)
        assert lines(data) == ["借用目录样式的正文"]


class TestLists:
    def test_typed_and_automatic_numbers_stand_side_by_side(self) -> None:
        document = read_word(docx(numbered("任务来源") + p("二、过程"), numbering=DECIMAL))
        assert [(q.label, q.text) for q in paragraphs(document.elements)] == [("一、", "任务来源"), ("", "二、过程")]

    def test_a_style_gives_its_paragraphs_their_level(self) -> None:
        styles = (
            '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/>'
            '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
            '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:basedOn w:val="H1"/></w:style>'
            '<w:style w:type="paragraph" w:styleId="X"><w:name w:val="own"/><w:basedOn w:val="H2"/></w:style>'
            '<w:style w:type="paragraph" w:styleId="N"><w:name w:val="off"/><w:basedOn w:val="H2"/>'
            '<w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr></w:style>'
        )
        blocks = "".join(p(s, properties=f'<w:pStyle w:val="{s}"/>') for s in ("H1", "H2", "X", "N", "H1"))
        assert lines(docx(blocks, numbering=DECIMAL, styles=styles)) == ["一、H1", "1.1 H2", "1.2 X", "N", "二、H1"]

    def test_empty_items_count_but_section_breaks_and_deleted_items_do_not(self) -> None:
        deleted = "<w:del><w:r><w:delText>废</w:delText></w:r></w:del>"
        gone = p(deleted, properties='<w:numPr><w:numId w:val="1"/></w:numPr><w:rPr><w:del/></w:rPr>')
        blocks = numbered("甲") + numbered("") + numbered("", more="<w:sectPr/>") + gone + numbered("乙")
        assert lines(docx(blocks, numbering=DECIMAL)) == ["一、甲", "三、乙"]

    def test_text_boxes_count_apart_from_the_body(self) -> None:
        blocks = numbered("甲") + p(modern_box(numbered("框一") + numbered("框二"))) + numbered("乙")
        assert lines(docx(blocks, numbering=DECIMAL)) == ["一、甲", "一、框一", "二、框二", "二、乙"]

    def test_a_label_never_grows_into_a_figure(self) -> None:
        assert lines(docx(numbered("甲") + numbered("2017年", ilvl=1), numbering=DECIMAL)) == ["一、甲", "1.1 2017年"]


class TestTables:
    def test_a_column_that_word_counts_keeps_its_numbers(self) -> None:
        rows = [cell(numbered("")) + cell(title) for title in ("工作方案", "会议纪要")]
        read = only_table(read_word(docx(table(*rows), numbering=DECIMAL)))
        assert [[c.text for c in row] for row in read.rows] == [["一、", "工作方案"], ["二、", "会议纪要"]]

    def test_an_empty_numbered_paragraph_beside_text_is_no_paragraph(self) -> None:
        read = only_table(read_word(docx(table(cell(numbered(""), "工作方案")), numbering=DECIMAL)))
        assert [c.text for c in read.rows[0]] == ["工作方案"]

    def test_merged_cells_stand_once_with_their_spans(self) -> None:
        down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
        data = docx(
            table(
                cell("跨两列", properties='<w:gridSpan w:val="2"/>') + cell("丙"),
                cell("跨两行", properties=down) + cell("乙") + cell("丙二"),
                cell("看不见", properties=on) + cell("乙三") + cell("丙三"),
            )
        )
        cells = [(c.text, c.row, c.column, c.row_span, c.column_span) for row in only_table(read_word(data)).rows for c in row]
        assert cells == [
            ("跨两列", 0, 0, 1, 2), ("丙", 0, 2, 1, 1), ("跨两行", 1, 0, 2, 1), ("乙", 1, 1, 1, 1),
            ("丙二", 1, 2, 1, 1), ("乙三", 2, 1, 1, 1), ("丙三", 2, 2, 1, 1),
        ]  # fmt: skip

    def test_a_span_beyond_all_measure_is_bounded(self) -> None:
        ((wide,),) = only_table(read_word(docx(table(cell("宽", properties='<w:gridSpan w:val="99999999999"/>'))))).rows
        assert wide.column_span == 200

    def test_a_continued_cell_with_nothing_above_it_is_read(self) -> None:
        assert body(table(cell("头"), cell("孤", properties="<w:vMerge/>"))) == ["头", "孤"]

    def test_repeated_header_rows_are_told_and_deleted_rows_left_out(self) -> None:
        head = f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{cell('序号')}</w:tr>"
        gone = f"<w:tr><w:trPr><w:del/></w:trPr>{cell('废')}</w:tr>"
        read = only_table(read_word(docx(table(head, gone, cell("1")))))
        assert (read.header_rows, [[c.text for c in row] for row in read.rows]) == (1, [["序号"], ["1"]])

    def test_rows_and_cells_inside_content_controls_are_read(self) -> None:
        inner = f"<w:sdt><w:sdtContent>{cell('控件格')}</w:sdtContent></w:sdt>"
        row = f"<w:sdt><w:sdtContent><w:tr>{inner}</w:tr></w:sdtContent></w:sdt>"
        assert body(f"<w:tbl>{row}</w:tbl>") == ["控件格"]

    def test_a_paragraph_in_a_cell_says_where_it_is(self) -> None:
        (row,) = only_table(read_word(docx(table(cell("甲") + cell("乙"))))).rows
        (second,) = row[1].content
        assert isinstance(second, Paragraph)
        place = second.location
        assert (place.paragraph, place.table, place.row, place.column) == (2, 1, 1, 2)
        assert row[1] == Cell((second,), 0, 1)


class TestHints:
    STYLES = (
        '<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="32"/><w:rFonts w:eastAsia="仿宋"/></w:rPr></w:rPrDefault></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="标题 1"/><w:pPr><w:jc w:val="center"/></w:pPr>'
        '<w:rPr><w:b/><w:rFonts w:eastAsia="黑体"/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="U"><w:name w:val="mine"/>'
        '<w:basedOn w:val="T"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    )

    def read(self, block: str) -> Paragraph:
        (paragraph,) = paragraphs(read_word(docx(block, styles=self.STYLES)).elements)
        return paragraph

    def test_defaults_reach_plain_text(self) -> None:
        q = self.read(p("正文"))
        assert (q.outline, q.bold, q.centered, q.size, q.font) == (None, False, False, 16.0, "仿宋")

    def test_a_heading_style_gives_level_and_look(self) -> None:
        q = self.read(p("标题", properties='<w:pStyle w:val="T"/>'))
        assert (q.outline, q.bold, q.centered, q.font) == (1, True, True, "黑体")

    def test_a_derived_style_inherits_and_changes(self) -> None:
        q = self.read(p("标题", properties='<w:pStyle w:val="U"/>'))
        assert (q.outline, q.bold) == (2, True)

    def test_the_paragraph_itself_has_the_last_word(self) -> None:
        q = self.read(
            p(
                r("标题", '<w:b w:val="0"/><w:sz w:val="44"/>'),
                properties='<w:pStyle w:val="T"/><w:outlineLvl w:val="9"/><w:jc w:val="left"/>',
            )
        )
        assert (q.outline, q.bold, q.centered, q.size) == (None, False, False, 22.0)

    def test_bold_means_all_of_it(self) -> None:
        assert not self.read(p(r("粗", "<w:b/>"), r("细"))).bold
        assert self.read(p(r("粗", "<w:b/>"), r(" "))).bold


class TestPictures:
    RELATIONS = "".join(f'<Relationship Id="p{k}" Type="{OFFICE}/image" Target="media/{k}.png"/>' for k in (1, 2))
    PARTS: dict[str, str | bytes] = {f"word/media/{k}.png": PNG + bytes([k]) for k in (1, 2)}  # noqa: RUF012 - read only

    def test_a_document_of_pictures_only_says_so(self) -> None:
        shown = "".join(p(f'<w:r><w:drawing><a:blip r:embed="p{k}"/></w:drawing></w:r>') for k in (2, 1))
        data = docx(shown, relations=self.RELATIONS, parts=self.PARTS)
        assert [note.code for note in read_word(data).notes] == ["pictures_only"]
        assert pictures(data) == (PNG + b"\2", PNG + b"\1")

    @pytest.mark.parametrize(("centimetres", "codes"), [((15, 22), ["page_pictures"]), ((10, 6), [])])
    def test_a_page_sized_picture_beside_words_is_told(self, centimetres: tuple[int, int], codes: list[str]) -> None:
        width, height = (cm * 360_000 for cm in centimetres)
        scan = f'<wp:inline><wp:extent cx="{width}" cy="{height}"/><a:blip r:embed="p1"/></wp:inline>'
        data = docx(p("自查报告", f"<w:r><w:drawing>{scan}</w:drawing></w:r>"), relations=self.RELATIONS, parts=self.PARTS)
        assert [note.code for note in read_word(data).notes] == codes

    def test_a_document_of_words_has_no_such_note(self) -> None:
        data = docx(p("文", '<w:r><w:drawing><a:blip r:embed="p1"/></w:drawing></w:r>'), relations=self.RELATIONS, parts=self.PARTS)
        assert read_word(data).notes == ()


def test_python_docx_writes_what_is_read(tmp_path: Path) -> None:
    document = new_docx()
    document.add_heading("一、组织保障", 1)
    document.add_paragraph("成立领导小组", style="List Number")
    document.add_paragraph("明确责任", style="List Number")
    document.save(str(tmp_path / "a.docx"))
    read = list(paragraphs(read_word((tmp_path / "a.docx").read_bytes()).elements))
    assert [(q.full, q.outline) for q in read] == [("一、组织保障", 1), ("1.成立领导小组", None), ("2.明确责任", None)]


def test_every_public_docx_is_read_or_refused_with_a_reason(corpus: Path) -> None:
    files = [f for f in corpus.rglob("*.docx") if f.parent.name in ("docx", "chinese") and f.stat().st_size < 2_000_000]
    outcome = {}
    for file in files:
        try:
            outcome[file.name] = len(list(paragraphs(read_word(file.read_bytes()).elements)))
        except DocumentError as error:
            outcome[file.name] = -1
            assert type(error).__name__ == "EmptyFile", file.name
    assert sum(count > 0 for count in outcome.values()) >= 80


LIKE_LIBREOFFICE = (
    *("decimal", "decimalZero", "upperRoman", "lowerRoman", "upperLetter", "lowerLetter", "chineseCounting", "chineseCountingThousand"),
    *(
        "taiwaneseCountingThousand",
        "japaneseCounting",
        "chineseLegalSimplified",
        "ideographLegalTraditional",
        "ideographTraditional",
        "ordinal",
    ),
)


@pytest.mark.slow
def test_labels_are_those_that_libreoffice_draws(tmp_path: Path, needs_program: Callable[..., str]) -> None:
    soffice = needs_program("soffice", package="libreoffice-writer-nogui")
    assert set(LIKE_LIBREOFFICE) <= set(FORMS)
    numbering = "".join(
        f'<w:abstractNum w:abstractNumId="{k}"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        '<w:lvlText w:val="第%1项"/></w:lvl>'
        f'<w:lvl w:ilvl="1"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl></w:abstractNum>'
        for k, form in enumerate(LIKE_LIBREOFFICE, 1)
    ) + "".join(f'<w:num w:numId="{k}"><w:abstractNumId w:val="{k}"/></w:num>' for k in range(1, len(LIKE_LIBREOFFICE) + 1))
    blocks = "".join(
        numbered(f"{form}=", k, ilvl) for k, form in enumerate(LIKE_LIBREOFFICE, 1) for _ in range(33) for ilvl in (0, 0, 1, 1, 0)
    )
    data = docx(blocks, numbering=numbering)
    (tmp_path / "a.docx").write_bytes(data)
    command = [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "txt:Text (encoded):UTF8"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / "a.docx")], check=True, timeout=120, capture_output=True)
    printed = (tmp_path / "a.txt").read_text("utf-8-sig").splitlines()
    theirs = ["".join(line.split()) for line in printed if line.strip()]
    assert len(theirs) == 33 * 5 * len(LIKE_LIBREOFFICE)
    assert theirs == ["".join(line.split()) for line in lines(data)]
