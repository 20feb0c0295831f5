"""Pages as pictures: turned as they were read, so that boxes lie on the print; drawn by a real child, bounded, kept within bounds."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from extract.errors import DamagedFile, EmptyFile, TooLarge, UnsupportedFormat
from extract.model import Document, Leaf, paragraphs
from ingest.picture import MAX_SIDE, WIDTH
from ingest.pictures import Pictures
from ingest.places import places
from ingest.work import Limits, Workers

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
needs_font = pytest.mark.skipif(not FONT.exists(), reason="needs fonts-noto-cjk")
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # fpdf2 leaves its fonts open
LINES = [
    "二、推进政务服务事项标准化建设",
    "1.及时部署任务。印发《政务服务事项标准化工作年度实施方案》",
    "（某政办发〔2017〕21号），召开业务布置会2次，对录入人员",
    "开展了上机培训，全区录入政务服务事项687项，按时完成。",
]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(Limits(memory=3 << 30, seconds=60)) as found:
        yield found


def paper() -> Image.Image:
    """The upper part of a page that holds LINES."""
    image = Image.new("RGB", (1240, 900), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(str(FONT), 34, index=2)
    for k, text in enumerate(LINES):
        draw.text((150 if k in (0, 1) else 82, 130 + 62 * k), text, "black", font)
    return image


def saved(image: Image.Image, form: str, *more: Image.Image, turned: int = 1) -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    exif[274] = turned
    values = {"save_all": True, "append_images": list(more)} if more else {}
    image.save(out, form, exif=exif, **values)
    return out.getvalue()


def written(rotation: int) -> bytes:
    """A PDF with stored text whose page a viewer is told to turn by so many degrees."""
    page = FPDF()
    page.add_font("han", fname=str(FONT), collection_font_number=2)
    page.set_font("han", size=16)
    page.add_page()
    for text in LINES:
        page.cell(0, 10, text, new_x="LMARGIN", new_y="NEXT")
    pdf = pdfium.PdfDocument(bytes(page.output()))
    pdf[0].set_rotation(rotation)
    out = io.BytesIO()
    pdf.save(out)
    pdf.close()
    return out.getvalue()


def empty_pdf(*sizes: tuple[float, float]) -> bytes:
    pdf = pdfium.PdfDocument.new()
    for width, height in sizes:
        pdf.new_page(width, height)
    out = io.BytesIO()
    pdf.save(out)
    pdf.close()
    return out.getvalue()


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return image


def ink_in_boxes(png: bytes, document: Document, leaf: Leaf) -> tuple[float, float]:
    """(share of the page's dark dots that lie inside a box, share of the boxes that hold dark dots)."""
    dark = np.asarray(opened(png).convert("L")) < 100
    scale = dark.shape[1] / leaf.width
    assert dark.shape[0] / leaf.height == pytest.approx(scale, rel=0.01)
    inside, filled = np.zeros_like(dark), []
    found = places(document)
    for p in paragraphs(document.elements):
        for spot in found.block({"kind": "paragraph", "text": p.full, "paragraph": p.location.paragraph}):
            if spot.page == leaf.page:
                x0, top, x1, bottom = (round(v * scale) for v in spot.box)
                inside[top:bottom, x0:x1] = True
                filled.append(dark[top:bottom, x0:x1].any())
    assert filled
    return float((dark & inside).sum() / dark.sum()), sum(filled) / len(filled)


# ---- turned as they were read


@needs_font
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_lie_on_the_print_however_a_pdf_says_its_page_is_to_be_turned(rotation: int, workers: Workers) -> None:
    data = written(rotation)
    document = workers.read(data, "a.pdf")
    (leaf,) = document.leaves
    on, filled = ink_in_boxes(workers.picture(data, "a.pdf", leaf), document, leaf)
    assert leaf.turn == -rotation % 360 and on > 0.97 and filled == 1


@needs_font
def test_boxes_lie_on_the_print_of_a_photo_that_lies_on_its_side_and_of_a_page_that_lay_askew(workers: Workers) -> None:
    askew = paper().rotate(1.5, fillcolor="white")
    data = saved(paper().transpose(Image.Transpose.ROTATE_90), "TIFF", askew)
    document = workers.read(data, "传真.tif")
    sideways, tilted = document.leaves
    assert (sideways.turn, sideways.width > sideways.height) == (90, True)
    assert tilted.turn == 0 and abs(tilted.skew) == pytest.approx(1.5, abs=0.3)
    for leaf in document.leaves:
        on, filled = ink_in_boxes(workers.picture(data, "传真.tif", leaf), document, leaf)
        assert on > 0.97 and filled == 1


@needs_font
def test_a_photo_stands_upright_as_the_camera_says(workers: Workers) -> None:
    data = saved(paper().transpose(Image.Transpose.ROTATE_90), "JPEG", turned=6)
    document = workers.read(data, "照片.jpg")
    (leaf,) = document.leaves
    on, filled = ink_in_boxes(workers.picture(data, "照片.jpg", leaf), document, leaf)
    assert leaf.turn == 0 and on > 0.97 and filled == 1


@needs_font
def test_words_of_a_paragraph_are_found_on_their_own_line(workers: Workers) -> None:
    data = saved(paper(), "PNG")
    document = workers.read(data, "扫描.png")
    found = places(document)
    p = next(p for p in paragraphs(document.elements) if "21号" in p.text)
    block = {"kind": "paragraph", "text": p.full, "paragraph": p.location.paragraph}
    at = p.full.index("召开业务")
    (spot,) = found.words(block, at, at + 4)
    dark = np.asarray(opened(workers.picture(data, "扫描.png", document.leaves[0])).convert("L")) < 100
    scale = dark.shape[1] / document.leaves[0].width
    left, top = spot.box[0] * scale, spot.box[1] * scale
    assert abs(left - (82 + 13 * 34)) < 34 and abs(top - (130 + 62 * 2)) < 20


# ---- how they look


def test_a_page_without_colour_is_drawn_in_greys_and_its_paper_is_white(workers: Workers) -> None:
    image = Image.new("RGB", (1240, 1754), "white")
    ImageDraw.Draw(image).rectangle((100, 100, 600, 160), "black")
    drawn = opened(workers.picture(saved(image, "PNG"), "a.png", Leaf(1, 595, 842))).convert("RGB")
    assert drawn.getpixel((5, 5)) == (255, 255, 255) and drawn.getpixel((300, 130)) == (0, 0, 0)


def test_a_red_seal_stays_red(workers: Workers) -> None:
    image = Image.new("RGB", (1240, 1754), "white")
    ImageDraw.Draw(image).ellipse((700, 1300, 1000, 1600), outline=(210, 30, 30), width=14)
    red, green, _ = opened(workers.picture(saved(image, "PNG"), "a.png", Leaf(1, 595, 842))).convert("RGB").getpixel((707, 1450))
    assert red > 150 > green


# ---- what is sent to break it


def test_a_huge_page_is_drawn_within_bounds(workers: Workers) -> None:
    data = empty_pdf((14400, 14400), (3, 14400), (14400, 3))
    for page in (1, 2, 3):
        image = opened(workers.picture(data, "a.pdf", Leaf(page, 0, 0)))
        assert image.width <= WIDTH + 1 and image.height <= MAX_SIDE + 1


def test_a_picture_that_claims_more_dots_than_memory_holds_is_refused(workers: Workers) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    with pytest.raises(TooLarge):
        workers.picture(bomb, "a.png", Leaf(1, 595, 842))


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"%PDF-1.7\n1 0 obj<</Type/Catalog", "a.pdf", DamagedFile),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, "a.jpg", DamagedFile),
        (b"just words", "a.txt", UnsupportedFormat),
    ],
    ids=["broken PDF", "broken photo", "no pages"],
)
def test_what_cannot_be_drawn_says_so_and_the_child_lives_on(data: bytes, name: str, error: type[Exception], workers: Workers) -> None:
    with pytest.raises(error):
        workers.picture(data, name, Leaf(1, 595, 842))
    assert opened(workers.picture(empty_pdf((595, 842)), "b.pdf", Leaf(1, 595, 842))).width == WIDTH


@pytest.mark.parametrize("page", [-1, 0, 2, 10**9])
def test_a_page_that_the_file_does_not_have_is_no_picture(page: int, workers: Workers) -> None:
    for data, name in ((empty_pdf((595, 842)), "a.pdf"), (saved(Image.new("RGB", (60, 60)), "PNG"), "a.png")):
        with pytest.raises(EmptyFile):
            workers.picture(data, name, Leaf(page, 595, 842))


def test_a_page_that_takes_too_long_is_given_up() -> None:
    with Workers(Limits(memory=3 << 30, seconds=0.01)) as hurried, pytest.raises(TooLarge):
        hurried.picture(empty_pdf((595, 842)), "a.pdf", Leaf(1, 595, 842))


# ---- kept


@pytest.fixture
def make_pictures(tmp_path: Path) -> Iterator[Callable[..., Pictures]]:
    made: list[Pictures] = []

    def make(**values: int) -> Pictures:
        made.append(Pictures(tmp_path / "pages", **values))
        return made[-1]

    yield make
    for one in made:
        one.close()


SHA = "ab" * 32


def test_a_page_is_drawn_once_however_many_look_at_it(make_pictures: Callable[..., Pictures]) -> None:
    pictures, asked = make_pictures(), []

    def original() -> bytes:
        asked.append(1)
        return empty_pdf((595, 842))

    with ThreadPoolExecutor(6) as many:
        found = list(many.map(lambda _: pictures.get(SHA, "a.pdf", Leaf(1, 595, 842), original), range(6)))
    assert len(set(found)) == 1 and len(asked) == 1
    assert pictures.get(SHA, "a.pdf", Leaf(1, 595, 842), lambda: pytest.fail("drawn again")) == found[0]


def test_a_page_that_a_newer_reading_turns_otherwise_is_drawn_anew(make_pictures: Callable[..., Pictures]) -> None:
    pictures, leaf = make_pictures(), Leaf(1, 300, 842)
    upright = pictures.get(SHA, "a.pdf", leaf, lambda: empty_pdf((300, 842)))
    turned = pictures.get(SHA, "a.pdf", replace(leaf, turn=90), lambda: empty_pdf((300, 842)))
    assert opened(upright).size != opened(turned).size


def test_the_pictures_least_looked_at_make_room(make_pictures: Callable[..., Pictures], tmp_path: Path) -> None:
    def noise() -> bytes:
        return saved(Image.fromarray(np.random.default_rng(1).integers(0, 255, (300, 300, 3), dtype=np.uint8)), "PNG")

    pictures = make_pictures()
    shas = [f"{k:02x}" * 32 for k in range(4)]
    sizes = [len(pictures.get(sha, "a.png", Leaf(1, 595, 842), noise)) for sha in shas[:3]]
    for age, sha in enumerate(shas[:3]):
        for path in (tmp_path / "pages").glob(f"??/{sha}*"):
            os.utime(path, ns=(age * 10**9, age * 10**9))
    small = make_pictures(most=int(sizes[0] * 3.5))
    small.get(shas[0], "a.png", Leaf(1, 595, 842), lambda: pytest.fail("it is there"))
    small.get(shas[3], "a.png", Leaf(1, 595, 842), noise)
    assert {p.name[:64] for p in (tmp_path / "pages").glob("??/*.png")} == {shas[0], shas[3]}


def test_a_full_disk_costs_the_keeping_and_not_the_picture(
    make_pictures: Callable[..., Pictures], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").write_bytes(b"a file where the folder should be")
    with pytest.raises(NotADirectoryError):
        (tmp_path / "pages" / "ab" / "x").read_bytes()
    assert opened(make_pictures().get(SHA, "a.pdf", Leaf(1, 595, 842), lambda: empty_pdf((595, 842)))).width == WIDTH
