"""Find the ruling lines of tables in the picture of a page."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extract.page import Edge

_LEAST_ACROSS, _LEAST_DOWN = 36.0, 20.0
"""Points: shorter strokes are parts of characters."""
_THICK = 5.0
_NEAR = 4.0


def drawn_lines(grey: NDArray[np.uint8], scale: float) -> list[Edge]:
    """Horizontal and vertical lines of an upright page; `scale`: pixels a point."""
    ink = cv2.adaptiveThreshold(255 - grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 25, -12)
    across = _strokes(ink.astype(np.uint8), scale, True)
    down = [e for e in _strokes(ink.astype(np.uint8), scale, False) if _ends_on_lines(e, across)]
    return across + down


def _ends_on_lines(edge: Edge, across: list[Edge]) -> bool:
    """A vertical rule begins and ends at horizontal ones; strokes of characters do not."""

    def meets(y: float) -> bool:
        return any(abs(a.top - y) < _NEAR and a.x0 - _NEAR < edge.x0 < a.x1 + _NEAR for a in across)

    return meets(edge.top) and meets(edge.bottom)


def _strokes(ink: NDArray[np.uint8], scale: float, across: bool) -> list[Edge]:
    length = max(int((_LEAST_ACROSS if across else _LEAST_DOWN) * scale), 8)
    bridge = max(int(1.2 * scale), 3)
    kernel = np.ones((1, length) if across else (length, 1), np.uint8)
    # a scanned line is broken by specks and runs a pixel or two askew: thicken across its direction, close along it
    thick = cv2.dilate(ink, np.ones((3, 1) if across else (1, 3), np.uint8))
    closed = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, bridge) if across else (bridge, 1), np.uint8))
    mask = cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    edges = []
    for k in range(1, count):
        x, y, w, h, _ = (float(v) for v in stats[k])
        if (h if across else w) > _THICK * scale + (0.01 * max(w, h)):
            continue
        if across:
            edges.append(Edge(x / scale, (y + h / 2) / scale, (x + w) / scale, (y + h / 2) / scale))
        else:
            edges.append(Edge((x + w / 2) / scale, y / scale, (x + w / 2) / scale, (y + h) / scale))
    return edges
