"""Pieces -> pages: PDF by fpdf2, and what a scanner or a telephone makes of a PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from producer_pieces import Piece

SANS = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
SANS_BOLD = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
SIMPLIFIED = 2
"""The face of the collection that draws simplified Chinese."""


class _Pages(FPDF):
    running = ""

    def header(self) -> None:
        if self.running:
            self.set_font("noto", size=9)
            self.cell(0, 8, self.running, align="R", new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("noto", size=9)
        self.cell(0, 10, f"第 {self.page_no()} 页 共 {{nb}} 页", align="C")


def plain_pdf(pieces: Sequence[Piece], *, running: str) -> bytes:
    """A PDF without tags, its tables without any rule."""
    pdf = _Pages()
    pdf.running = running
    pdf.add_font("noto", "", SANS, collection_font_number=SIMPLIFIED)
    pdf.add_font("noto", "B", SANS_BOLD, collection_font_number=SIMPLIFIED)
    pdf.set_margins(26, 24)
    pdf.add_page()
    for piece in pieces:
        if piece.kind == "table":
            _plain_table(pdf, piece)
            continue
        title, heading = piece.kind == "title", piece.kind == "heading"
        pdf.set_font("noto", "B" if title or heading else "", 20 if title else 14)
        for line in piece.full.split("\n"):
            text = line if title else "　　" + line
            pdf.multi_cell(0, 12 if title else 9, text, align="C" if title else "L", new_x="LMARGIN", new_y="NEXT", wrapmode="CHAR")
    return bytes(pdf.output())


def _plain_table(pdf: FPDF, piece: Piece) -> None:
    pdf.set_font("noto", size=11)
    widest = [max((len(r[c]) for r in piece.rows if len(r) > 1 and c < len(r)), default=1) for c in range(piece.columns)]
    widths = tuple(max(6, min(w, 30)) for w in widest)
    with pdf.table(
        borders_layout=TableBordersLayout.NONE,
        col_widths=widths,
        line_height=7,
        text_align="LEFT",
        first_row_as_headings=False,
        wrapmode="CHAR",  # type: ignore[arg-type]
    ) as table:
        for row in piece.rows:
            drawn = table.row()
            for value in row:
                drawn.cell(value, colspan=piece.columns if len(row) == 1 else 1)


def scanned(pdf: bytes, *, seed: int, photos: bool = False) -> list[bytes]:
    """JPEG pages as a bad scanner gives them (grey, 150–200 dpi, askew, noise, seal, red pencil, fold) or, coloured, a telephone."""
    rnd = Random(seed)
    pages = list(pdfium.PdfDocument(pdf))
    out = []
    for k, page in enumerate(pages):
        image = page.render(scale=rnd.choice((150, 170, 200)) / 72).to_pil().convert("RGB")
        _underline(image, rnd)
        if k == len(pages) - 1:
            image = _sealed(image, rnd)
        image = _shadowed(image, rnd)
        image = image.rotate(rnd.uniform(-2, 2), fillcolor="white", resample=Image.Resampling.BICUBIC)
        image = _noisy(image, seed + k, 5 if photos else 9)
        image = image if photos else image.convert("L")
        data = io.BytesIO()
        image.save(data, "JPEG", quality=rnd.randint(40, 60))
        out.append(data.getvalue())
    return out


def bound(pages: Sequence[bytes]) -> bytes:
    """JPEG pages as one image-only PDF."""
    images = [Image.open(io.BytesIO(page)) for page in pages]
    data = io.BytesIO()
    images[0].save(data, "PDF", save_all=True, append_images=images[1:], resolution=170, quality=50)
    return data.getvalue()


def _ink(image: Image.Image) -> list[tuple[int, int]]:
    """Top and bottom of the printed lines."""
    dark = (np.asarray(image.convert("L")) < 128).sum(axis=1) > 3
    edges = np.flatnonzero(np.diff(np.concatenate(([0], dark.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 8]


def _underline(image: Image.Image, rnd: Random) -> None:
    """A red pencil under a line or two, a little wavy."""
    lines, draw = _ink(image), ImageDraw.Draw(image)
    for _, bottom in rnd.sample(lines, min(2, len(lines))):
        x, width = image.width * rnd.uniform(0.2, 0.4), image.width * rnd.uniform(0.2, 0.4)
        points = [(x + width * t / 10, bottom + 2 + rnd.uniform(-1, 2)) for t in range(11)]
        draw.line(points, fill=(215, 50, 45), width=3)


def _sealed(image: Image.Image, rnd: Random) -> Image.Image:
    """The seal sits over the last lines: signature and date."""
    lines = _ink(image)
    middle = lines[-2:][0][1] if lines else image.height // 2
    side = image.width // 5
    paper = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw, red = ImageDraw.Draw(paper), (214, 32, 32, 150)
    draw.ellipse((4, 4, side - 4, side - 4), outline=red, width=max(4, side // 32))
    draw.text((side // 2, side // 2), "★", font=ImageFont.truetype(SANS, side // 3, index=SIMPLIFIED), fill=red, anchor="mm")
    name = ImageFont.truetype(SANS, side // 9, index=SIMPLIFIED)
    for k, letter in enumerate("考核专用章"):
        draw.text((side * (0.22 + 0.14 * k), side * 0.82 - abs(k - 2) * side * 0.05), letter, font=name, fill=red, anchor="mm")
    left, top = int(image.width * rnd.uniform(0.5, 0.65)), min(max(0, middle - side // 2), image.height - side)
    drawn = image.convert("RGBA")
    drawn.alpha_composite(paper.rotate(rnd.uniform(-15, 15)), (left, top))
    return drawn.convert("RGB")


def _shadowed(image: Image.Image, rnd: Random) -> Image.Image:
    """A fold across the sheet and light that falls off to one side."""
    a: np.ndarray[Any, Any] = np.asarray(image).astype("float32")
    height, width = a.shape[:2]
    fold = height * rnd.uniform(0.4, 0.6)
    rows = 1 - 0.22 * np.exp(-(((np.arange(height) - fold) / (height * 0.012)) ** 2))
    columns = np.linspace(1.0, rnd.uniform(0.8, 0.92), width)
    return Image.fromarray((a * rows[:, None, None] * columns[None, :, None]).clip(0, 255).astype("uint8"))


def _noisy(image: Image.Image, seed: int, strength: float) -> Image.Image:
    a = np.asarray(image.filter(ImageFilter.GaussianBlur(0.6))).astype("float32")
    noise = np.random.default_rng(seed).normal(0, strength, a.shape)
    return Image.fromarray((a + noise).clip(0, 255).astype("uint8"))
