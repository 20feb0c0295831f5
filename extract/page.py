"""What a page consists of, whatever format stored it: characters with their places, drawn lines and pictures, as it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extract.lookalikes import as_written

MAX_EDGES = 6000
"""Above this many drawn lines a page is a map or a drawing, not a form."""
MAX_TINTS = 1500
_TOUCH = 3.0
_THIN = 2.5
"""Points: a filled rectangle thinner than this is a drawn line."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character; lengths in points from the page's top left corner, as the page is read (rotation undone)."""

    char: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    """Height of the baseline: the same for all characters of a line, whatever their fonts."""
    size: float
    bold: bool
    font: str
    order: int
    """Place in the content stream."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A drawn horizontal or vertical line."""

    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def horizontal(self) -> bool:
        return self.x1 - self.x0 >= self.bottom - self.top


@dataclass(frozen=True, slots=True)
class RawPage:
    """Everything of a page that later steps work on."""

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    sideways: tuple[tuple[int, tuple[Glyph, ...]], ...]
    """Text that runs across the reading direction: the degrees to turn the page further, and its characters on the page so turned."""
    oblique: str
    """Text that runs askew: a watermark."""
    edges: tuple[Edge, ...]
    picture: float
    """Share of the page that its largest picture covers, 0–1."""
    rotation: int
    """Degrees clockwise by which the stored page was turned to be read."""
    meaningless: bool = False
    """What is drawn on it tells no text: characters without a meaning, or their outlines only. It has to be recognised."""


def put_together(
    chars: list[Char], bbox: tuple[float, float, float, float], *, number: int, stored: int, shapes: Callable[[Turn], Shapes]
) -> RawPage:
    """Page `number` (from 1), turned to be read; `bbox` in PDF coordinates; `stored`: the rotation that counts where no character tells.

    `shapes` collects what is drawn, told how the page was turned.
    """
    rotation = _reading_direction(chars, stored)
    turn = Turn(bbox, rotation)
    drawn = shapes(turn)
    glyphs = _glyphs(chars, turn)
    sideways = tuple((more, part) for more in (90, 180, 270) if (part := _glyphs(chars, Turn(bbox, (rotation + more) % 360))))
    oblique = "".join(c.char for c in chars if not c.straight).strip()
    edges = tuple(drawn.edges) if len(drawn.edges) <= MAX_EDGES else ()
    return RawPage(number, turn.width, turn.height, glyphs, sideways, oblique, edges, drawn.picture / (turn.width * turn.height), rotation)


class Turn:
    """From PDF coordinates (y upwards) to those of the page as it is read (y downwards)."""

    def __init__(self, bbox: tuple[float, float, float, float], rotation: int) -> None:
        self.left, self.bottom, self.right, self.top = bbox
        self.rotation = rotation
        width, height = max(self.right - self.left, 1.0), max(self.top - self.bottom, 1.0)
        self.width, self.height = (height, width) if rotation in (90, 270) else (width, height)

    def point(self, x: float, y: float) -> tuple[float, float]:
        if self.rotation == 90:
            return y - self.bottom, x - self.left
        if self.rotation == 180:
            return self.right - x, y - self.bottom
        if self.rotation == 270:
            return self.top - y, self.right - x
        return x - self.left, self.top - y

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        (ax, ay), (bx, by) = self.point(x0, y0), self.point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


@dataclass(frozen=True, slots=True)
class Char:
    char: str
    box: tuple[float, float, float, float]
    origin: tuple[float, float]
    size: float
    angle: float
    """Degrees counter-clockwise in PDF coordinates."""
    bold: bool
    font: str
    order: int

    @property
    def straight(self) -> bool:
        return abs((self.angle + 45) % 90 - 45) < 3

    def upright(self, rotation: int) -> bool:
        return abs((self.angle - rotation + 180) % 360 - 180) < 3

    def glyph(self, turn: Turn) -> Glyph | None:
        x0, top, x1, bottom = turn.box(*self.box)
        _, base = turn.point(*self.origin)
        if x1 - x0 < 0.01:
            x1 = x0 + self.size * 0.5
        if not (-2 <= (x0 + x1) / 2 <= turn.width + 2 and -2 <= (top + bottom) / 2 <= turn.height + 2):
            return None
        char = as_written(self.char, self.font)
        return Glyph(char, x0, base - self.size * 0.88, x1, base + self.size * 0.12, base, self.size, self.bold, self.font, self.order)


class Shapes:
    """Drawn lines and pictures of a page."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.edges: list[Edge] = []
        self.tints: list[tuple[float, float, float, float]] = []
        """Coloured rectangles without an outline: cells, or the stripes of a table."""
        self.picture = 0.0
        """Area of the largest picture, in square points."""

    @property
    def full(self) -> bool:
        """More was drawn than a form has: further paths need not be looked at."""
        return len(self.edges) + 4 * len(self.tints) > MAX_EDGES

    def add_picture(self, corners: Sequence[tuple[float, float]]) -> None:
        """A picture by its corners, in PDF coordinates."""
        x0, top, x1, bottom = self._placed(corners)
        width = min(x1, self.turn.width) - max(x0, 0)
        height = min(bottom, self.turn.height) - max(top, 0)
        self.picture = max(self.picture, max(width, 0) * max(height, 0))

    def add_path(self, points: Sequence[tuple[float, float]], *, stroked: bool, white: Callable[[], bool]) -> None:
        """A drawn path without curves, in PDF coordinates; closed ones end where they began. `white`: filled with paper's colour."""
        x0, top, x1, bottom = self._placed(points)
        if x1 - x0 <= _THIN or bottom - top <= _THIN:
            self._line(x0, top, x1, bottom)
        elif stroked or not white():
            placed = [self.turn.point(*p) for p in points]
            if not stroked:
                if _rectangular(placed):
                    self.tints.append((x0, top, x1, bottom))
                return
            for (ax, ay), (bx, by) in pairwise(placed):
                if abs(ax - bx) <= 1 or abs(ay - by) <= 1:
                    self._line(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def outline_cells(self) -> None:
        """Coloured cells get their borders as lines; call it once, at the end."""
        drawn = tuple(self.edges)
        for tint in self.tints[:MAX_TINTS]:
            if self._meets(tint, drawn):
                self._outline(tint)

    def _meets(self, tint: tuple[float, float, float, float], drawn: tuple[Edge, ...]) -> bool:
        """A coloured cell has cells above or below it; a stripe, or a coloured head over an unruled table, stands alone.

        The outlines of stripes would cut the table into their own rows and loose lines between them.
        """
        x0, top, x1, bottom = tint
        for a, b, c, d in self.tints[:MAX_TINTS]:
            if a < x1 - 1 and c > x0 + 1 and (abs(b - bottom) < _TOUCH or abs(d - top) < _TOUCH) and (a, b, c, d) != tint:
                return True
        return any(
            not e.horizontal and x0 - _TOUCH < e.x0 < x1 + _TOUCH and e.top < bottom + _TOUCH and e.bottom > top - _TOUCH for e in drawn
        )

    def _outline(self, tint: tuple[float, float, float, float]) -> None:
        x0, top, x1, bottom = tint
        for line in ((x0, top, x1, top), (x0, bottom, x1, bottom), (x0, top, x0, bottom), (x1, top, x1, bottom)):
            self._line(*line)

    def _placed(self, points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
        placed = [self.turn.point(x, y) for x, y in points]
        xs, ys = [p[0] for p in placed], [p[1] for p in placed]
        return min(xs), min(ys), max(xs), max(ys)

    def _line(self, x0: float, top: float, x1: float, bottom: float) -> None:
        if max(x1 - x0, bottom - top) < 3:
            return
        if x1 - x0 >= bottom - top:
            top = bottom = (top + bottom) / 2
        else:
            x0 = x1 = (x0 + x1) / 2
        self.edges.append(Edge(x0, top, x1, bottom))


def _glyphs(chars: list[Char], turn: Turn) -> tuple[Glyph, ...]:
    return _once([g for c in chars if c.upright(turn.rotation) and (g := c.glyph(turn)) is not None])


def _reading_direction(chars: list[Char], stored: int) -> int:
    directions = Counter(round(c.angle / 90) % 4 * 90 for c in chars if c.straight and not c.char.isspace())
    return directions.most_common(1)[0][0] if directions else stored


def _once(glyphs: list[Glyph]) -> tuple[Glyph, ...]:
    """Without the copies that fake a bold face by printing a character twice, a hair apart.

    The letters that one ligature stands for share one place, too, and follow each other.
    """
    seen: dict[tuple[str, int, int], Glyph] = {}
    kept = []
    for g in glyphs:
        near = ((g.char, round(g.x0 / 2) + i, round(g.base / 2) + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
        twin = any((o := seen.get(key)) is not None and _copied(o, g) for key in near)
        if not twin:
            seen[g.char, round(g.x0 / 2), round(g.base / 2)] = g
            kept.append(g)
    return tuple(kept)


def _copied(first: Glyph, g: Glyph) -> bool:
    ligature = g.order - first.order <= 2 and (first.x0, first.base) == (g.x0, g.base)
    return not ligature and abs(first.x0 - g.x0) < g.size * 0.15 and abs(first.base - g.base) < g.size * 0.15


def _rectangular(points: list[tuple[float, float]]) -> bool:
    return len(points) <= 6 and all(abs(ax - bx) <= 1 or abs(ay - by) <= 1 for (ax, ay), (bx, by) in pairwise(points))
