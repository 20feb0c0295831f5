"""Read pictures of pages: upright, seals suppressed, text recognised, lines put into order, ruled tables found."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence

from extract.errors import DamagedFile, DocumentError, EmptyFile, TooLarge, UnsupportedFormat
from extract.model import Document, Leaf, Note
from extract.pdf_document import document_elements
from extract.pdf_layout import Sheet
from extract.pdf_tables import Grid, grids
from extract.progress import page_done
from extract.scan_engine import Picture, Seen, read_strip, seen
from extract.scan_rules import drawn_lines
from extract.scan_seal import without_seals
from extract.scan_sheet import Piece, cells_crossed, scanned_sheet

MAX_SIDE = 5000
"""Pixels: larger pictures are made smaller."""
MAX_PIXELS = 120_000_000
MAX_PHOTOS = 120
_APPLE = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
_A4 = (595.0, 842.0)
_DOUBTFUL = 0.8
"""Below this mean score the page may lie on its side or stand on its head: the other directions are tried."""
_POOR = 0.88
"""Below this a person should compare the page with the picture."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A page as recognised; `confidence` is the mean score of its characters, 0–1."""

    sheet: Sheet
    confidence: float
    notes: tuple[Note, ...]
    leaf: Leaf


def read_images(images: Sequence[bytes]) -> Document:
    """Pictures as pages in the order given; each frame of a TIFF is a page; turned as the camera says (EXIF).

    Raises EmptyFile where no text is seen on any of them, DamagedFile where none can be opened, TooLarge.
    """
    if not images:
        raise EmptyFile
    pages: list[Recognised] = []
    notes: list[Note] = []
    failure: DocumentError | None = None
    for data in images:
        try:
            for picture in frames(data):
                if len(pages) >= MAX_PHOTOS:
                    raise TooLarge(f"图片超过{MAX_PHOTOS}页")
                pages.append(recognise(picture, len(pages) + 1, _points_scale(picture)))
                page_done()
        except DamagedFile as error:
            failure = error
            notes.append(Note("picture_damaged", f"第{len(pages) + 1}张图片已损坏，未能读取"))
    if not pages:
        raise failure or EmptyFile()
    elements = document_elements([page.sheet for page in pages])
    if not elements:
        raise EmptyFile("图片上没有识别出文字")
    said = (*notes, *(note for page in pages for note in page.notes))
    return Document(elements, "image/*", len(pages), True, said, tuple(page.leaf for page in pages))


def recognise(picture: Picture, number: int, scale: float) -> Recognised:
    """Page `number` from its picture (BGR); `scale`: pixels a point."""
    clean, seals = without_seals(picture, scale * 72 / 25.4)
    found = seen(clean)
    turn = 0
    if _score(found) < _DOUBTFUL or _on_its_side(found):
        clean, found, turn = _turned(clean, found)
    clean, found, skew = _straightened(clean, found)
    height, width = clean.shape[0] / scale, clean.shape[1] / scale
    tables = grids(drawn_lines(_grey(clean), scale))
    pieces = [part for one in found for part in _cut(_piece(one, scale), tables, clean, scale)]
    sheet = scanned_sheet(number, width, height, pieces, tables)
    leaf = Leaf(number, round(width, 1), round(height, 1), turn, round(skew, 2))
    return Recognised(sheet, _score(found), _notes(number, found, seals), leaf)


def as_picture(pixels: NDArray[Any]) -> Picture:
    """Pixels (grey, BGR or BGRA) as BGR."""
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.shape[2] < 3:
        pixels = np.repeat(pixels[:, :, :1], 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, :3], dtype=np.uint8)


def frames(data: bytes) -> Iterator[Picture]:
    """The pages of one picture file (BGR), upright as the camera says, on white, bounded; raises DamagedFile, TooLarge."""
    if data[4:8] == b"ftyp" and data[8:12] in _APPLE:
        raise UnsupportedFormat("图片是 HEIC 格式（苹果手机照片），不能打开", "请单位转存为 JPG 后重新报送（单位补报）")
    try:
        with Image.open(io.BytesIO(data)) as image:
            held = ImageSequence.Iterator(image) if image.format == "TIFF" else iter((image,))
            for frame in held:
                if frame.width * frame.height > MAX_PIXELS:  # before a pixel of it is unpacked; a later frame may be larger than the first
                    raise TooLarge("图片像素过多，超出处理上限")
                upright = ImageOps.exif_transpose(_shaded(frame))
                if max(upright.size) > MAX_SIDE:
                    upright.thumbnail((MAX_SIDE, MAX_SIDE))
                yield as_picture(np.asarray(_on_white(upright))[:, :, ::-1])
    except DocumentError:
        raise
    except Image.DecompressionBombError as error:
        raise TooLarge("图片像素过多，超出处理上限") from error
    except Exception as error:  # each image format has its own exceptions
        raise DamagedFile("图片已损坏或传输不完整") from error


def _shaded(frame: Image.Image) -> Image.Image:
    """Modes that cannot be made smaller, or would turn white, as shades of grey or as colours."""
    if frame.mode == "1":
        return frame.convert("L")
    if frame.mode.startswith(("I", "F")):  # 16 bits a pixel, of a scanner
        pixels = np.asarray(frame, dtype=np.float32)
        return Image.fromarray((pixels * (255 / max(float(pixels.max(initial=0)), 255.0))).astype(np.uint8))
    return frame


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(paper, rgba).convert("RGB")
    return image.convert("RGB")


def _points_scale(picture: Picture) -> float:
    """Pixels a point if the picture shows an A4 page, upright or on its side."""
    height, width = picture.shape[:2]
    page = _A4 if height >= width else _A4[::-1]
    return max(float(width) / page[0], 0.5)


def _score(found: Sequence[Seen]) -> float:
    chars = sum(len(s.text) for s in found)
    certain = sum(s.score * len(s.text) for s in found)
    return certain / chars if chars else 0.0


def _turned(picture: Picture, found: list[Seen]) -> tuple[Picture, list[Seen], int]:
    """The direction in which most is read with most certainty, and how many degrees clockwise that is."""
    best = (picture, found, 0)
    ways = [(cv2.ROTATE_180, 180), (cv2.ROTATE_90_CLOCKWISE, 90), (cv2.ROTATE_90_COUNTERCLOCKWISE, 270)]
    if _on_its_side(found):  # it would lie on its other side
        ways.append(ways.pop(0))
    for turn, degrees in ways:
        turned = np.ascontiguousarray(cv2.rotate(picture, turn), dtype=np.uint8)
        again = seen(turned)
        if _weight(again) > _weight(best[1]):
            best = (turned, again, degrees)
        if _score(again) > 0.9 and not _on_its_side(again):
            break
    return best


def _weight(found: Sequence[Seen]) -> float:
    """Characters read for certain; those of upright lines count for little."""
    return sum(len(s.text) * max(s.score - 0.5, 0.0) * (0.2 if _tall(s) else 1.0) for s in found)


def _tall(one: Seen) -> bool:
    return len(one.text) > 2 and _height(one) > 1.5 * one.width


def _on_its_side(found: Sequence[Seen]) -> bool:
    """Most of the text stands upright: the recogniser turns such lines and reads them, but their order is lost."""
    chars = sum(len(s.text) for s in found)
    return chars > 10 and sum(len(s.text) for s in found if _tall(s)) > 0.6 * chars


def _straightened(picture: Picture, found: list[Seen]) -> tuple[Picture, list[Seen], float]:
    """Picture and places turned by the small angle at which the page lay, and that angle, counter-clockwise."""
    long = [s for s in found if s.width > 0.12 * picture.shape[1] and s.width > 4 * _height(s)]
    if len(long) < 3:
        return picture, found, 0.0
    angle = float(np.median([np.degrees(np.arctan2(s.corners[1][1] - s.corners[0][1], s.corners[1][0] - s.corners[0][0])) for s in long]))
    if abs(angle) < 0.08 or abs(angle) > 20:
        return picture, found, 0.0
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    paper = tuple(float(v) for v in np.median(picture[::16, ::16].reshape(-1, 3), axis=0))
    upright = cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=paper)

    def placed(corner: tuple[float, float]) -> tuple[float, float]:
        x, y = turn @ np.array([corner[0], corner[1], 1.0])
        return float(x), float(y)

    moved = [Seen(tuple(placed(c) for c in s.corners), s.text, s.score) for s in found]
    return np.ascontiguousarray(upright, dtype=np.uint8), moved, angle


def _height(one: Seen) -> float:
    (ax, ay), (bx, by) = one.corners[0], one.corners[3]
    return float(np.hypot(bx - ax, by - ay))


def _grey(picture: Picture) -> NDArray[np.uint8]:
    """The red channel: red underlining is paper there, black rules stay."""
    return np.ascontiguousarray(picture[:, :, 2])


def _piece(one: Seen, scale: float) -> Piece:
    corners = np.array(one.corners) / scale
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    return Piece(min(ax, dx), (ay + by) / 2, max(bx, cx), (cy + dy) / 2, one.text, one.score)


def _cut(piece: Piece, tables: Sequence[Grid], picture: Picture, scale: float) -> list[Piece]:
    """A piece that was read across the border of cells is read again, cell by cell."""
    out = []
    for cell in cells_crossed(piece, tables):
        x0, x1 = max(piece.x0, cell.box[0] + 1), min(piece.x1, cell.box[2] - 1)
        strip = picture[max(int(piece.top * scale), 0) : int(piece.bottom * scale) + 1, int(x0 * scale) : int(x1 * scale) + 1]
        if min(strip.shape[:2]) < 6:
            continue
        text, score = read_strip(np.ascontiguousarray(strip))
        if text.strip() and score >= 0.5:
            out.append(Piece(x0, piece.top, x1, piece.bottom, text, score))
    return out or [piece]


def _notes(number: int, found: Sequence[Seen], seals: int) -> tuple[Note, ...]:
    score = _score(found)
    if not found:
        return (Note("page_blank", f"第{number}页没有识别出文字", number),)
    notes = [Note("ocr", f"第{number}页为图像识别，平均置信度{score:.2f}", number)]
    if score < _POOR:
        notes.append(Note("ocr_poor", f"第{number}页识别质量较差，请对照原件核对", number))
    if seals:
        notes.append(Note("seal", f"第{number}页有{seals}处印章", number))
    return tuple(notes)
