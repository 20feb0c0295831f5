"""Take red seals off a page, only where their shape says seal: a red letterhead stays."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

_RED = 25
"""How much the red channel must stand above the others."""
_SMALLEST_MM, _LARGEST_MM = 18, 62


def without_seals(picture: Picture, dots_per_mm: float) -> tuple[Picture, int]:
    """The page (BGR) with seals faded to paper, black text under them kept; and how many seals there were."""
    boxes = _seals(picture, dots_per_mm)
    if not boxes:
        return picture, 0
    out = picture.copy()
    red = picture[:, :, 2]
    paper, ink = float(np.percentile(red, 80)), float(np.percentile(red, 0.5))
    for x0, y0, x1, y1 in boxes:
        part = red[y0:y1, x0:x1].astype(np.float32)
        grey = np.clip((part - ink) / max(0.72 * paper - ink, 1.0), 0, 1) * 255
        out[y0:y1, x0:x1] = grey.astype(np.uint8)[:, :, None]
    return out, len(boxes)


def _seals(picture: Picture, dots_per_mm: float) -> list[tuple[int, int, int, int]]:
    small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA).astype(np.int16)
    mask = ((small[:, :, 2] - np.maximum(small[:, :, 0], small[:, :, 1])) > _RED).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    found = []
    for k in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[k])
        wide, high = w * 4 / dots_per_mm, h * 4 / dots_per_mm
        sized = _SMALLEST_MM <= wide <= _LARGEST_MM and _SMALLEST_MM <= high <= _LARGEST_MM
        if sized and 0.55 < w / h < 1.8 and area / (w * h) > 0.12:
            found.append((max(x * 4 - 8, 0), max(y * 4 - 8, 0), (x + w) * 4 + 8, (y + h) * 4 + 8))
    return found
