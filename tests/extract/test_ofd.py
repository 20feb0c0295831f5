"""OFD (GB/T 33190): text with its places, tables, templates; pictures and outlines recognised; odd, broken and hostile packages."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import ofdkit
import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTCollection
from PIL import Image, ImageDraw, ImageFont

from extract.errors import DamagedFile, DocumentError, EmptyFile, EncryptedFile, HostileFile, TooLarge
from extract.model import Document, Paragraph, Table, paragraphs
from extract.ofd import read_ofd
from extract.pages import MAX_PAGES
from extract.read import read

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "ofd"
FONT = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
needs_font = pytest.mark.skipif(not FONT.exists(), reason="needs fonts-noto-cjk")
NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
SIZE = 5.6
"""Millimetres: 16 points, the usual size of a report."""
FONTS = '<ofd:Fonts><ofd:Font ID="1" FontName="仿宋"/></ofd:Fonts>'


def text(words: str, x: float, y: float, *, size: float = SIZE, more: str = "", delta: str | None = None) -> str:
    """A line of text whose baseline starts at x, y (millimetres)."""
    steps = delta if delta is not None else f"g {len(words) - 1} {size}"
    return (
        f'<ofd:TextObject ID="1" Boundary="{x} {y - size} 200 {size * 1.3}" Font="1" Size="{size}" {more}>'
        f'<ofd:TextCode X="0" Y="{size}" DeltaX="{steps}">{words}</ofd:TextCode></ofd:TextObject>'
    )


def line(x0: float, y0: float, x1: float, y1: float) -> str:
    return (
        f'<ofd:PathObject ID="2" Boundary="0 0 210 297" LineWidth="0.3"><ofd:StrokeColor Value="0 0 0"/>'
        f"<ofd:AbbreviatedData>M {x0} {y0} L {x1} {y1}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def content(*objects: str, before: str = "") -> str:
    return f'<ofd:Page {NS}>{before}<ofd:Content><ofd:Layer ID="9">{"".join(objects)}</ofd:Layer></ofd:Content></ofd:Page>'


def ofd(*pages: Iterable[str] | str, resources: str = "", common: str = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A package with those pages: each its objects, or the whole part."""
    listed = "".join(f'<ofd:Page ID="{k}" BaseLoc="Pages/Page_{k}/Content.xml"/>' for k in range(len(pages)))
    parts: dict[str, str | bytes] = {
        "OFD.xml": f"<ofd:OFD {NS}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {NS}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>"
        f"</ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>{common}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
        "Doc_0/PublicRes.xml": f'<ofd:Res {NS} BaseLoc="Res">{FONTS}{resources}</ofd:Res>',
        **{f"Doc_0/Pages/Page_{k}/Content.xml": p if isinstance(p, str) else content(*p) for k, p in enumerate(pages)},
    }
    return packed({**parts, **(more or {})})


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


def texts(document: Document) -> list[str]:
    return [p.text for p in paragraphs(document.elements)]


REPORT = [
    text("关于政务服务工作的自查报告", 60, 40, size=7.5),
    text("一、完善组织和制度保障", 42, 60),
    text("我县成立了领导小组，印发了工作方案，明确各单", 42, 70),
    text("位职责，全年召开会议三次。", 31, 80),
]


def test_lines_become_paragraphs_with_their_place_on_the_page() -> None:
    document = read_ofd(ofd(REPORT))
    assert texts(document)[:2] == ["关于政务服务工作的自查报告", "一、完善组织和制度保障"]
    assert texts(document)[2:] == ["我县成立了领导小组，印发了工作方案，明确各单位职责，全年召开会议三次。"]
    last = document.elements[-1]
    assert isinstance(last, Paragraph) and last.font == "仿宋"
    assert (last.location.page, last.location.paragraph, document.pages, document.ocr) == (1, 3, 1, False)
    assert last.location.box is not None
    assert last.location.box[0] == pytest.approx(31 * 72 / 25.4, abs=1)


def test_the_front_door_reads_it_whatever_its_name() -> None:
    assert texts(read(ofd(REPORT), "自查报告.pdf"))[0] == "关于政务服务工作的自查报告"


def test_drawn_lines_around_text_are_a_table() -> None:
    rows = [("序号", "材料名称"), ("1", "会议纪要"), ("2", "工作方案")]
    xs = (20, 50, 150)
    objects = [line(xs[0], 50 + 12 * k, xs[-1], 50 + 12 * k) for k in range(4)] + [line(x, 50, x, 86) for x in xs]
    objects += [text(word, x + 3, 58 + 12 * k) for k, row in enumerate(rows) for word, x in zip(row, xs, strict=False)]
    (table,) = read_ofd(ofd(objects)).elements
    assert isinstance(table, Table)
    assert [tuple(c.text for c in row) for row in table.rows] == rows


def test_a_page_shows_its_template_and_the_units_that_it_names() -> None:
    template = '<ofd:TemplatePage ID="7" BaseLoc="Tpls/T/Content.xml"/>'
    unit = f'<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="8" Width="9" Height="9"><ofd:Content>{text("组合内的文字", 0, 6)}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits>'  # noqa: E501
    shown = '<ofd:PageBlock><ofd:CompositeObject ID="3" Boundary="30 100 90 20" ResourceID="8"/></ofd:PageBlock>'
    page = content(text("页面的文字", 30, 60), shown, before='<ofd:Template TemplateID="7"/>')
    data = ofd(page, resources=unit, common=template, more={"Doc_0/Tpls/T/Content.xml": content(text("模板的文字", 30, 30))})
    assert texts(read_ofd(data)) == ["模板的文字", "页面的文字", "组合内的文字"]


def test_text_across_the_page_turns_it() -> None:
    across = [text(words, 0, 0, more=f'CTM="0 1 -1 0 {x} 40"') for words, x in (("第一行从上往下书写的文字", 150), ("第二行也是一样", 135))]
    assert "".join(texts(read_ofd(ofd(across)))) == "第一行从上往下书写的文字第二行也是一样"


def test_what_is_printed_twice_for_boldness_is_read_once_and_what_is_not_shown_not_at_all() -> None:
    objects = [text("加粗标题", 30, 40), text("加粗标题", 30.05, 40), text("看不见", 30, 60, more='Visible="false"')]
    assert texts(read_ofd(ofd(objects))) == ["加粗标题"]


def test_steps_of_zero_or_none_do_not_lose_a_character() -> None:
    assert texts(read_ofd(ofd([text("没有步长", 30, 40, delta="")]))) == ["没有步长"]
    assert "".join(texts(read_ofd(ofd([text("坏步长的字", 30, 40, delta="g x nan 1e999")])))) == "坏步长的字"


def test_a_longer_step_than_a_character_is_no_space() -> None:
    assert texts(read_ofd(ofd([text("分散对齐的一行", 30, 40, delta=f"g 6 {SIZE * 1.3}")]))) == ["分散对齐的一行"]


def test_other_namespaces_backslashes_and_other_case_do_not_matter() -> None:
    whole = ofd(REPORT)
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        parts = {name.replace("/", "\\").replace("Doc_0", "DOC_0"): package.read(name).decode() for name in package.namelist()}
    plain = {name: part.replace(NS, "").replace("ofd:", "") for name, part in parts.items()}
    other = {name: part.replace("http://www.ofdspec.org/2016", "http://www.ofdspec.org") for name, part in parts.items()}
    assert texts(read_ofd(packed(plain))) == texts(read_ofd(packed(other))) == texts(read_ofd(whole))


def test_a_label_of_gb2312_holds_gb18030() -> None:
    page = '<?xml version="1.0" encoding="GB2312"?>' + content(text("㙓镇政务服务", 30, 40))
    assert texts(read_ofd(ofd((), more={"Doc_0/Pages/Page_0/Content.xml": page.encode("gb18030")}))) == ["㙓镇政务服务"]


def test_a_damaged_page_is_noted_and_the_others_are_read() -> None:
    document = read_ofd(ofd(REPORT, content(*REPORT)[:-40], [text("第三页的文字", 30, 40)]))
    assert texts(document)[-1] == "第三页的文字"
    assert [(n.code, n.page) for n in document.notes] == [("page_damaged", 2)]
    assert document.elements[-1].location.page == 3


def test_attached_files_are_named() -> None:
    attachments = f'<ofd:Attachments {NS}><ofd:Attachment ID="1" Name="目录清单"/></ofd:Attachments>'
    document = read_ofd(ofd(REPORT, more={"Doc_0/Attachs/Attachments.xml": attachments}))
    assert [n.message for n in document.notes] == ["文件内附有1个文件（目录清单），未读取"]


def scanned(words: str = "完善组织和制度保障") -> bytes:
    image = Image.new("RGB", (1240, 400), "white")
    ImageDraw.Draw(image).text((150, 150), words, "black", ImageFont.truetype(str(FONT), 60, index=2))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


PICTURE = '<ofd:MultiMedias><ofd:MultiMedia ID="5" Type="Image"><ofd:MediaFile>scan.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>'
BOX = "<ofd:Area><ofd:PhysicalBox>0 0 {} {}</ofd:PhysicalBox></ofd:Area>"


@needs_font
@pytest.mark.parametrize(
    ("ctm", "box"), [pytest.param("210 0 0 70 0 0", (210, 70), id="upright"), pytest.param("0 210 -70 0 70 0", (70, 210), id="turned")]
)
def test_a_page_that_is_a_picture_is_recognised(ctm: str, box: tuple[int, int]) -> None:
    shown = f'<ofd:ImageObject ID="4" CTM="{ctm}" Boundary="0 0 {box[0]} {box[1]}" ResourceID="5"/>'
    page = content(shown, text("3", 5, 6), before=BOX.format(*box))
    document = read_ofd(ofd(page, resources=PICTURE, more={"Doc_0/Res/scan.png": scanned()}))
    assert document.ocr
    assert "完善组织和制度保障" in "".join(texts(document))


@needs_font
def test_characters_drawn_as_outlines_are_recognised() -> None:
    drawn = outlines("完善组织和制度保障情况", 20, 40, 8)
    document = read_ofd(ofd(content(drawn, before=BOX.format(210, 70))))
    assert document.ocr
    assert texts(document) == ["完善组织和制度保障情况"]


def outlines(words: str, x: float, y: float, size: float) -> str:
    """Each character as a filled path."""
    with TTCollection(str(FONT)) as fonts:
        font = fonts.fonts[2]
        glyphs, names, scale = font.getGlyphSet(), font.getBestCmap(), size / font["head"].unitsPerEm
        letters = {"moveTo": "M", "lineTo": "L", "curveTo": "B", "closePath": "C", "endPath": ""}
        out = []
        for k, char in enumerate(words):
            pen = DecomposingRecordingPen(glyphs)
            glyphs[names[ord(char)]].draw(pen)
            steps = (letters[step] + "".join(f" {px * scale:.3f} {-py * scale:.3f}" for px, py in points) for step, points in pen.value)
            out.append(
                f'<ofd:PathObject ID="2" Boundary="{x + k * size} {y} {size} {size}" Stroke="false" Fill="true">'
                f"<ofd:AbbreviatedData>{' '.join(steps)}</ofd:AbbreviatedData></ofd:PathObject>"
            )
    return "".join(out)


def test_a_picture_that_cannot_be_opened_is_noted() -> None:
    shown = '<ofd:ImageObject ID="4" CTM="210 0 0 297 0 0" Boundary="0 0 210 297" ResourceID="5"/>'
    document = read_ofd(ofd([shown], resources=PICTURE, more={"Doc_0/Res/scan.png": b"\x97JB2 not for us"}))
    assert "picture_damaged" in {n.code for n in document.notes}


def entity_bomb() -> bytes:
    levels = "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 12))
    page = f'<!DOCTYPE x [<!ENTITY a0 "自查">{levels}]>' + content(text("&a11;", 30, 40))
    return ofd(page)


def recursive() -> bytes:
    inner = '<ofd:CompositeObject ID="3" Boundary="0 0 9 9" ResourceID="8"/>' * 10
    unit = f'<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="8"><ofd:Content>{inner}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits>'  # noqa: E501
    return ofd([inner], resources=unit)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(b"", EmptyFile, id="no bytes"),
        pytest.param(ofd(), EmptyFile, id="no pages"),
        pytest.param(ofd(()), EmptyFile, id="an empty page"),
        pytest.param(ofd(REPORT)[:700], DamagedFile, id="cut off"),
        pytest.param(packed({"Doc_0/Document.xml": "<x/>"}), DamagedFile, id="no entry"),
        pytest.param(packed({"OFD.xml": f"<ofd:OFD {NS}><ofd:DocBody/></ofd:OFD>"}), DamagedFile, id="no document"),
        pytest.param(ofd(content()[:-9], "<x"), DamagedFile, id="all pages damaged"),
        pytest.param(ofd(REPORT, more={"Encryptions.xml": "<Encryptions/>"}), EncryptedFile, id="encrypted by GM/T 0099"),
        pytest.param(entity_bomb(), HostileFile, id="entity bomb"),
        pytest.param(ofd(content("<ofd:PageBlock>" * 3000 + "</ofd:PageBlock>" * 3000)), HostileFile, id="nested without end"),
        pytest.param(ofd(" " * (50 << 20)), HostileFile, id="a part that unpacks a thousandfold"),
        pytest.param(recursive(), EmptyFile, id="a unit that holds itself ten times"),
        pytest.param(ofd(*[REPORT[:1]] * (MAX_PAGES + 1)), TooLarge, id="too many pages"),
        pytest.param(ofd([text("字" * 100_001, 1, 1)]), TooLarge, id="too many characters on a page"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, error: type[DocumentError]) -> None:
    with pytest.raises(DocumentError) as caught:
        read_ofd(data)
    assert type(caught.value) is error


def test_a_page_larger_than_any_paper_does_not_make_a_picture_of_its_size() -> None:
    shown = '<ofd:ImageObject ID="4" CTM="900000 0 0 900000 0 0" Boundary="0 0 9 9" ResourceID="5"/>'
    page = content(shown, before=BOX.format(900_000, 900_000))
    document = read_ofd(ofd(page, resources=PICTURE, more={"Doc_0/Res/scan.png": tiny()}))
    assert document.leaves[0].width < 700


def tiny() -> bytes:
    out = io.BytesIO()
    Image.new("L", (4, 4), 255).save(out, "PNG")
    return out.getvalue()


def characters(text: str) -> Counter[str]:
    return Counter(c for c in text if not c.isspace())


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.ofd")) or [None], ids=lambda p: p.stem.rsplit("__", 1)[-1] if p else "none")
def test_real_files_give_the_characters_that_another_reader_sees(path: Path | None) -> None:
    if path is None:
        pytest.skip("没有 ../shared 目录")
    other = ofdkit.OFDDocument(path)
    theirs = characters(other.text())
    try:
        ours = characters(read_ofd(path.read_bytes()).text)
    except EmptyFile:
        assert sum(theirs.values()) == 0
        return
    assert not ours - theirs
    lines = Counter(line for page in other.pages for line in set(page.text().splitlines()))
    assert not characters("".join(line for line, pages in lines.items() if pages == 1)) - ours, "only running heads may be left out"
