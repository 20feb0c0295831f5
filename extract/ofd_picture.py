"""Draw what an OFD page shows besides stored text, for the recogniser: scanned pictures, and characters drawn as outlines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np

from extract.errors import DamagedFile
from extract.ofd_page import OfdPage, Path, Placed
from extract.scan import MAX_SIDE, frames
from extract.scan_engine import Picture

_DPI = 200
_STEPS = 16
"""OpenCV places points to a sixteenth of a pixel."""


def drawn_page(page: OfdPage, load: Callable[[str], bytes | None]) -> tuple[Picture, float, int]:
    """The page's picture (BGR), its pixels a point, and how many pictures on it cannot be shown; `load`: a part's bytes."""
    scale = min(_DPI / 72, MAX_SIDE / max(page.width, page.height))
    canvas = np.full((max(round(page.height * scale), 1), max(round(page.width * scale), 1), 3), 255, np.uint8)
    missing = 0
    for item in page.drawn:
        if isinstance(item, Path):
            _draw(canvas, item, scale)
        elif not _paste(canvas, item, scale, load):
            missing += 1
    return canvas, scale, missing


def _draw(canvas: Picture, path: Path, scale: float) -> None:
    lines = [np.round(np.clip(np.array(line) * scale, -1e4, 1e4) * _STEPS).astype(np.int32) for line in path.lines if len(line) > 1]
    if path.fill is not None and lines:
        cv2.fillPoly(canvas, lines, (path.fill,) * 3, cv2.LINE_AA, 4)
    if path.stroke is not None and lines:
        cv2.polylines(canvas, lines, False, (path.stroke,) * 3, min(max(round(path.width * scale), 1), 20), cv2.LINE_AA, 4)


def _paste(canvas: Picture, placed: Placed, scale: float, load: Callable[[str], bytes | None]) -> bool:
    picture = next(_opened(load(placed.part)), None)
    if picture is None:
        return False
    height, width = picture.shape[:2]
    a, b, c, d, e, f = (v * scale for v in placed.matrix)
    turn = np.array([[a / width, c / height, e], [b / width, d / height, f]])
    shrinks = width > 1.5 * abs(a + c) or height > 1.5 * abs(b + d)
    if shrinks and abs(b) + abs(c) < 1e-6 and a > 1 and d > 1:  # upright: averaging keeps thin strokes that picking would lose
        size = (min(round(a), MAX_SIDE), min(round(d), MAX_SIDE))
        picture = np.ascontiguousarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        turn = np.array([[a / size[0], 0.0, e], [0.0, d / size[1], f]])
    cv2.warpAffine(picture, turn, (canvas.shape[1], canvas.shape[0]), canvas, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    return True


def _opened(data: bytes | None) -> Iterator[Picture]:
    if data:
        try:
            yield from frames(data)
        except DamagedFile:
            return
