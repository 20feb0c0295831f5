"""Scans and photos: seals, skew, grey, wrong way up, ruled tables; and the safe tidying of recognised text."""

from __future__ import annotations

import io
import struct
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from extract.errors import EmptyFile, TooLarge, UnsupportedFormat
from extract.model import Document, Paragraph, Table
from extract.pdf import read_pdf
from extract.scan import read_images
from extract.scan_text import tidy

FONT = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
needs_font = pytest.mark.skipif(not FONT.exists(), reason="needs fonts-noto-cjk")

WIDTH, HEIGHT = 1654, 2339
LINES = [
    (200, "二、推进政务服务事项标准化建设"),
    (200, "1.及时部署任务。印发《政务服务事项标准化工作年度实施方案》"),
    (112, "（某政办发〔2017〕21号），召开业务布置会2次，对录入人员开展了"),
    (112, "上机培训，全区录入政务服务事项687项，经审核后上网公布，按时完"),
    (112, "成率达到98.5%。"),
    (200, "2.强化部门协作。编制、法制、政务服务三家单位集中办公20天。"),
]
PARAGRAPHS = ["二、推进政务服务事项标准化建设", "".join(t for _, t in LINES[1:5]), LINES[5][1]]


def page() -> Image.Image:
    """An A4 page at 200 dpi with three paragraphs and a page number."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(FONT), 44, index=2)
    for k, (x, text) in enumerate(LINES):
        draw.text((x, 300 + 84 * k), text, "black", font)
    draw.text((780, 2180), "— 3 —", "black", ImageFont.truetype(str(FONT), 34, index=2))
    return image


def with_table() -> Image.Image:
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(FONT), 34, index=2)
    xs = (150, 290, 1080, 1500)
    rows = [("序号", "材料名称", "文号"), ("1", "领导小组会议纪要", "〔2017〕3号"), ("2", "窗口工作人员登记表", "")]
    for k in range(len(rows) + 1):
        draw.line((xs[0], 300 + 90 * k, xs[-1], 300 + 90 * k), "black", 3)
    for x in xs:
        draw.line((x, 300, x, 300 + 90 * len(rows)), "black", 3)
    for k, row in enumerate(rows):
        for x, text in zip(xs, row, strict=False):
            draw.text((x + 25, 318 + 90 * k), text, "black", font)
    return image


def sealed(image: Image.Image) -> Image.Image:
    """A round red seal with a star and words over the text."""
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    box = (700, 380, 1030, 710)
    draw.ellipse(box, outline=(215, 30, 30, 200), width=12)
    draw.text((760, 500), "某区人民政府", (215, 30, 30, 200), ImageFont.truetype(str(FONT), 36, index=2))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def underlined(image: Image.Image) -> Image.Image:
    draw = ImageDraw.Draw(image)
    for y in (450, 534, 618):
        draw.line((220, y, 1400, y + 4), (230, 40, 40), 5)
    return image


def worn(image: Image.Image, angle: float = 1.2) -> Image.Image:
    """Grey, skewed, noisy, dim, stored as a poor JPEG."""
    grey = image.convert("L").rotate(angle, fillcolor=235, resample=Image.Resampling.BICUBIC)
    pixels = np.asarray(grey).astype(np.float32) * 0.85 + 20 + np.random.default_rng(7).normal(0, 9, (HEIGHT, WIDTH))
    out = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=55)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def turned(image: Image.Image) -> Image.Image:
    return image.rotate(180)


def on_its_side(image: Image.Image) -> Image.Image:
    return image.rotate(90, expand=True)


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def lines(document: Document) -> list[str]:
    return [e.text for e in document.elements if isinstance(e, Paragraph)]


def folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


@needs_font
@pytest.mark.slow
@pytest.mark.parametrize(
    "treat",
    [
        pytest.param(lambda image: image, id="clean"),
        pytest.param(sealed, id="seal over the text"),
        pytest.param(underlined, id="red underlining"),
        pytest.param(worn, id="grey, skewed, noisy"),
        pytest.param(turned, id="upside down"),
        pytest.param(on_its_side, id="on its side"),
    ],
)
def test_paragraphs_come_back_from_a_picture(treat: Callable[[Image.Image], Image.Image]) -> None:
    document = read_images([png(treat(page()))])
    got = lines(document)
    assert len(got) == len(PARAGRAPHS), got
    for found, written in zip(got, PARAGRAPHS, strict=True):
        assert Levenshtein.normalized_similarity(folded(found), folded(written)) > 0.97
    assert document.ocr and document.pages == 1
    assert all(e.confidence is not None and e.confidence > 0.8 for e in document.elements if isinstance(e, Paragraph))


@needs_font
def test_a_ruled_table_in_a_scanned_pdf_keeps_its_cells() -> None:
    out = io.BytesIO()
    worn(with_table(), angle=-0.7).save(out, "PDF", resolution=200)
    document = read_pdf(out.getvalue())
    (table,) = document.elements
    assert isinstance(table, Table)
    got = [[folded(cell.text) for cell in row] for row in table.rows]
    assert got == [["序号", "材料名称", "文号"], ["1", "领导小组会议纪要", folded("〔2017〕3号")], ["2", "窗口工作人员登记表", ""]]
    assert [n.code for n in document.notes] == ["ocr"]
    assert table.location.page == 1


@needs_font
def test_photos_are_pages_in_order_and_turned_as_the_camera_says() -> None:
    first, second = page().crop((0, 250, WIDTH, 480)), page().crop((0, 700, WIDTH, 800))
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 3  # the camera was held upside down
    second.rotate(180).save(out, "JPEG", quality=90, exif=exif)
    document = read_images([png(first), out.getvalue()])
    assert document.pages == 2
    assert [p.location.page for p in document.elements if isinstance(p, Paragraph)][-1] == 2
    assert folded(LINES[5][1]) in folded(document.text)


WORDS = "规范网上服务事项并按期公开"


def strip() -> Image.Image:
    """A line of text, as it would be cut out of a page."""
    image = Image.new("RGB", (1000, 140), "white")
    ImageDraw.Draw(image).text((60, 40), WORDS, "black", ImageFont.truetype(str(FONT), 44, index=2))
    return image


def stored(image: Image.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def deep() -> Image.Image:
    """16 bits a pixel, as scanners make them."""
    return Image.fromarray(np.asarray(strip().convert("L")).astype(np.uint16) * 257)


@needs_font
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lambda: stored(strip(), "BMP"), id="bmp"),
        pytest.param(lambda: stored(strip(), "WEBP", lossless=True), id="webp"),
        pytest.param(lambda: stored(strip(), "GIF"), id="gif"),
        pytest.param(lambda: stored(strip().convert("CMYK"), "JPEG"), id="jpeg for print"),
        pytest.param(lambda: stored(strip().convert("1"), "TIFF", compression="group4"), id="fax"),
        pytest.param(lambda: stored(deep(), "TIFF"), id="tiff of 16 bits"),
        pytest.param(lambda: stored(deep(), "PNG"), id="png of 16 bits"),
    ],
)
def test_every_usual_kind_of_picture_is_opened(data: Callable[[], bytes]) -> None:
    assert folded(read_images([data()]).text) == WORDS


@needs_font
def test_each_frame_of_a_tiff_is_a_page() -> None:
    document = read_images([stored(strip(), "TIFF", save_all=True, append_images=[Image.new("1", (300, 40), 1), strip()])])
    assert [p.location.page for p in document.elements if isinstance(p, Paragraph)] == [1, 3]
    assert (document.pages, [n.code for n in document.notes]) == (3, ["ocr", "page_blank", "ocr"])


def test_a_photo_of_an_iphone_is_named() -> None:
    with pytest.raises(UnsupportedFormat, match="HEIC"):
        read_images([b"\0\0\0\x18ftypheic" + b"\0" * 40])


def test_a_frame_of_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    """The first frame is small; the size of the second is written to the file after the fact."""
    whole = bytearray(stored(Image.new("L", (100, 100)), "TIFF", save_all=True, append_images=[Image.new("L", (123, 77))]))
    for tag, side in ((256, 123), (257, 77)):
        entry = struct.pack("<HHII", tag, 4, 1, side)
        assert whole.count(entry) == 1
        whole = whole.replace(entry, struct.pack("<HHII", tag, 4, 1, 40_000))
    with pytest.raises(TooLarge):
        read_images([bytes(whole)])


def test_a_blank_picture_is_empty() -> None:
    with pytest.raises(EmptyFile):
        read_images([png(Image.new("RGB", (600, 800), "white"))])


@pytest.mark.parametrize(
    ("seen", "written"),
    [
        ("成立领导小组, 印发方案", "成立领导小组，印发方案"),
        ("本 采 购 项目", "本采购项目"),
        ("情况如下:", "情况如下："),
        ("工作方案(试行)的通知", "工作方案（试行）的通知"),
        ("某政办发(2017)21号", "某政办发（2017）21号"),
        ("某政办发[2017]21号", "某政办发[2017]21号"),
        ("某政办发〔2017〕21号", "某政办发〔2017〕21号"),
        ("达到98.5%, 时间9:30", "达到98.5%,时间9:30"),
        ("使用 Windows Server 系统", "使用Windows Server系统"),
        ("1.健全机构.", "1.健全机构。"),
        ('开展"互联网+政务服务"工作', "开展“互联网+政务服务”工作"),
        ("f(x)", "f(x)"),
    ],
)
def test_recognised_text_is_tidied_only_where_it_is_safe(seen: str, written: str) -> None:
    assert tidy(seen) == written
