"""One page of a document as a picture, turned as the reader read it: file bytes and a Leaf -> PNG. Runs in the reading child."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator

import pypdfium2 as pdfium
from PIL import Image, ImageChops

from extract.errors import DamagedFile, DocumentError, EmptyFile, EncryptedFile, UnsupportedFormat
from extract.model import Leaf
from extract.scan import frames
from extract.scan_engine import Picture
from extract.sniff import Format, sniff
from extract.word import pictures

WIDTH = 1240
"""Pixels: an A4 page at 150 dots an inch, small print stays legible."""
MAX_SIDE = 4000
"""Pixels: a page longer than this is drawn smaller."""
GREYS, COLOURS = 16, 96
"""Shades kept: a page of text is some hundred kilobytes then, and crisp."""
_TINT = 40
"""Difference of the channels from which on a dot counts as coloured: warm paper and grey ink stay below."""


def draw(data: bytes, name: str, leaf: Leaf, width: int = WIDTH) -> bytes:
    """Page `leaf.page` (from 1) as PNG, `width` pixels wide or less.

    Raises DocumentError where there is no such page, or the file cannot be opened.
    """
    if leaf.page < 1:
        raise EmptyFile("没有这一页")
    found = sniff(data, name)
    if found is Format.PDF:
        image = _pdf_page(data, leaf, width)
    elif found in (Format.IMAGE, Format.DOCX):
        image = _photo(data, found, leaf)
    else:
        raise UnsupportedFormat("此格式没有页面图像")
    image = _fitted(image, width)
    if leaf.skew:
        image = image.rotate(leaf.skew, Image.Resampling.BICUBIC, fillcolor="white")
    return _png(image)


def _pdf_page(data: bytes, leaf: Leaf, width: int) -> Image.Image:
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise EncryptedFile if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD else DamagedFile from error
    try:
        if leaf.page > len(pdf):
            raise EmptyFile(f"文件只有{len(pdf)}页，没有第{leaf.page}页")
        try:
            page = pdf[leaf.page - 1]
        except pdfium.PdfiumError as error:
            raise DamagedFile(f"第{leaf.page}页已损坏") from error
        across, down = page.get_size()
        if leaf.turn in (90, 270):
            across, down = down, across
        scale = min(width / max(across, 1.0), MAX_SIDE / max(down, 1.0))
        bitmap = page.render(scale=scale, rotation=leaf.turn, may_draw_forms=True)
        try:
            image: Image.Image = bitmap.to_pil()
            return image.convert("RGB") if image.mode != "RGB" else image.copy()
        finally:
            bitmap.close()
            page.close()
    finally:
        pdf.close()


def _photo(data: bytes, found: Format, leaf: Leaf) -> Image.Image:
    held = pictures(data) if found is Format.DOCX else (data,)
    page = next(itertools.islice(_all_frames(held), leaf.page - 1, None), None)
    if page is None:
        raise EmptyFile(f"没有第{leaf.page}页")
    image = Image.fromarray(page[:, :, ::-1])
    turn = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}.get(leaf.turn)
    return image.transpose(turn) if turn is not None else image


def _all_frames(held: tuple[bytes, ...]) -> Iterator[Picture]:
    """Pages as the reader counts them: a picture that cannot be opened is none."""
    failure: DocumentError | None = None
    count = 0
    for data in held:
        try:
            for frame in frames(data):
                count += 1
                yield frame
        except DamagedFile as error:
            failure = error
    if not count and failure:
        raise failure


def _fitted(image: Image.Image, width: int) -> Image.Image:
    scale = min(width / image.width, MAX_SIDE / image.height, 1.0)
    if scale == 1.0:
        return image
    return image.resize(
        (max(round(image.width * scale), 1), max(round(image.height * scale), 1)), Image.Resampling.LANCZOS, reducing_gap=2.0
    )


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    if _coloured(image):
        image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG", compress_level=6)
    else:
        _grey(image).save(out, "PNG", compress_level=6, bits=4)
    return out.getvalue()


def _grey(image: Image.Image) -> Image.Image:
    """In 16 shades, paper white and print black among them."""
    shades = image.convert("L").point([round(v * (GREYS - 1) / 255) for v in range(256)])
    found = Image.frombytes("P", shades.size, shades.tobytes())
    found.putpalette([v * 255 // (GREYS - 1) for v in range(GREYS) for _ in "rgb"])
    return found


def _coloured(image: Image.Image) -> bool:
    """Whether a seal, a stamp or a coloured heading stands on the page."""
    small = image.resize((max(image.width // 4, 1), max(image.height // 4, 1)))
    red, green, blue = small.split()
    apart = ImageChops.lighter(ImageChops.difference(red, green), ImageChops.difference(red, blue))
    coloured = sum(apart.histogram()[_TINT:])
    return coloured > 0.0005 * small.width * small.height
