"""Take one PDF page apart: its characters with their places, its drawn lines, and how much of it is picture."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as raw

MAX_EDGES = 6000
"""Above this many drawn lines a page is a map or a drawing, not a form."""
MAX_OBJECTS = 50_000
_MAX_DEPTH = 8
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


def take_apart(page: pdfium.PdfPage, number: int) -> RawPage:
    """Page `number` (from 1) as values; the caller closes the page."""
    textpage = page.get_textpage()
    try:
        chars = _chars(textpage)
    finally:
        textpage.close()
    rotation = _reading_direction(chars, page.get_rotation())
    turn = _Turn(page.get_bbox(), rotation)
    shapes = _Shapes(turn)
    shapes.collect(page)
    glyphs = _glyphs(chars, turn)
    sideways = tuple((more, part) for more in (90, 180, 270) if (part := _glyphs(chars, _Turn(page.get_bbox(), (rotation + more) % 360))))
    oblique = "".join(c.char for c in chars if not c.straight).strip()
    edges = tuple(shapes.edges) if len(shapes.edges) <= MAX_EDGES else ()
    return RawPage(number, turn.width, turn.height, glyphs, sideways, oblique, edges, shapes.picture / (turn.width * turn.height), rotation)


class _Turn:
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
class _Char:
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

    def glyph(self, turn: _Turn) -> Glyph | None:
        x0, top, x1, bottom = turn.box(*self.box)
        _, base = turn.point(*self.origin)
        if x1 - x0 < 0.01:
            x1 = x0 + self.size * 0.5
        if not (-2 <= (x0 + x1) / 2 <= turn.width + 2 and -2 <= (top + bottom) / 2 <= turn.height + 2):
            return None
        return Glyph(self.char, x0, base - self.size * 0.88, x1, base + self.size * 0.12, base, self.size, self.bold, self.font, self.order)


def _chars(textpage: pdfium.PdfTextPage) -> list[_Char]:
    count = raw.FPDFText_CountChars(textpage)
    found: list[_Char] = []
    rect, matrix, flags = raw.FS_RECTF(), raw.FS_MATRIX(), ctypes.c_int()
    x, y, buffer = ctypes.c_double(), ctypes.c_double(), ctypes.create_string_buffer(128)
    high = 0
    for k in range(count):
        code = raw.FPDFText_GetUnicode(textpage, k)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
        if raw.FPDFText_IsGenerated(textpage, k) or not _visible(code):
            continue
        raw.FPDFText_GetMatrix(textpage, k, matrix)
        raw.FPDFText_GetLooseCharBox(textpage, k, rect)
        raw.FPDFText_GetCharOrigin(textpage, k, x, y)
        size = raw.FPDFText_GetFontSize(textpage, k) * math.hypot(matrix.c, matrix.d)
        if size < 0.5:
            size = max(abs(rect.top - rect.bottom), 1.0)
        raw.FPDFText_GetFontInfo(textpage, k, buffer, 128, flags)
        font = buffer.value.decode("utf-8", "replace").split("+")[-1]
        owner = raw.FPDFText_GetTextObject(textpage, k)
        stroked = bool(owner) and raw.FPDFTextObj_GetTextRenderMode(owner) == raw.FPDF_TEXTRENDERMODE_FILL_STROKE
        bold = stroked or raw.FPDFText_GetFontWeight(textpage, k) >= 600 or any(w in font for w in ("Bold", "Black", "Heavy"))
        left, right = rect.left, rect.right
        if left > x.value + 0.03 * size and 0x2E80 <= code < 0xA000 and abs(matrix.b) < 0.01 < matrix.a:
            # browsers leave out the width of some glyphs, and pdfium gives the inked part of them
            left, right = x.value, max(right, x.value + size * matrix.a / max(abs(matrix.d), 0.01))
        box = (left, rect.bottom, right, rect.top)
        angle = math.degrees(math.atan2(matrix.b, matrix.a)) % 360
        found.append(_Char("-" if code == 2 else chr(code), box, (x.value, y.value), size, angle, bold, font, k))
    return found


def _glyphs(chars: list[_Char], turn: _Turn) -> tuple[Glyph, ...]:
    return _once([g for c in chars if c.upright(turn.rotation) and (g := c.glyph(turn)) is not None])


def _visible(code: int) -> bool:
    """A character that can be shown; 2 is how pdfium reports a hyphen at the end of a line."""
    return code == 2 or (code >= 32 and not 0x7F <= code < 0xA0 and code not in (0xAD, 0xFFFE, 0xFFFF, 0xFEFF, 0x200B))


def _reading_direction(chars: list[_Char], stored: int) -> int:
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


class _Shapes:
    """Drawn lines and pictures of a page, form objects included."""

    def __init__(self, turn: _Turn) -> None:
        self.turn = turn
        self.edges: list[Edge] = []
        self.tints: list[tuple[float, float, float, float]] = []
        """Coloured rectangles without an outline: cells, or the stripes of a table."""
        self.picture = 0.0
        self.left = MAX_OBJECTS

    def collect(self, page: pdfium.PdfPage) -> None:
        for k in range(raw.FPDFPage_CountObjects(page)):
            self._visit(raw.FPDFPage_GetObject(page, k), (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), 0)
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

    def _visit(self, item: raw.FPDF_PAGEOBJECT, outer: tuple[float, ...], depth: int) -> None:
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return
        kind = raw.FPDFPageObj_GetType(item)
        if kind not in (raw.FPDF_PAGEOBJ_FORM, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH):
            return
        own = raw.FS_MATRIX()
        raw.FPDFPageObj_GetMatrix(item, own)
        matrix = _product((own.a, own.b, own.c, own.d, own.e, own.f), outer)
        if kind == raw.FPDF_PAGEOBJ_FORM:
            for k in range(raw.FPDFFormObj_CountObjects(item)):
                self._visit(raw.FPDFFormObj_GetObject(item, k), matrix, depth + 1)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            x0, top, x1, bottom = self._placed([(0, 0), (1, 0), (0, 1), (1, 1)], matrix)
            width = min(x1, self.turn.width) - max(x0, 0)
            height = min(bottom, self.turn.height) - max(top, 0)
            self.picture = max(self.picture, max(width, 0) * max(height, 0))
        elif len(self.edges) + 4 * len(self.tints) <= MAX_EDGES:
            self._path(item, matrix)

    def _placed(self, points: list[tuple[float, float]], m: tuple[float, ...]) -> tuple[float, float, float, float]:
        placed = [self.turn.point(x * m[0] + y * m[2] + m[4], x * m[1] + y * m[3] + m[5]) for x, y in points]
        xs, ys = [p[0] for p in placed], [p[1] for p in placed]
        return min(xs), min(ys), max(xs), max(ys)

    def _path(self, item: raw.FPDF_PAGEOBJECT, matrix: tuple[float, ...]) -> None:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(item, fill, stroke)
        if not fill.value and not stroke.value:
            return
        for points in _subpaths(item):
            x0, top, x1, bottom = self._placed(points, matrix)
            if x1 - x0 <= _THIN or bottom - top <= _THIN:
                self._line(x0, top, x1, bottom)
            elif stroke.value or not _white(item):
                placed = [self._placed([p], matrix)[:2] for p in points]
                if not stroke.value:
                    if _rectangular(placed):
                        self.tints.append((x0, top, x1, bottom))
                    continue
                for (ax, ay), (bx, by) in pairwise(placed):
                    if abs(ax - bx) <= 1 or abs(ay - by) <= 1:
                        self._line(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def _line(self, x0: float, top: float, x1: float, bottom: float) -> None:
        if max(x1 - x0, bottom - top) < 3:
            return
        if x1 - x0 >= bottom - top:
            top = bottom = (top + bottom) / 2
        else:
            x0 = x1 = (x0 + x1) / 2
        self.edges.append(Edge(x0, top, x1, bottom))


def _subpaths(item: raw.FPDF_PAGEOBJECT) -> list[list[tuple[float, float]]]:
    """Straight subpaths as point lists, closed ones ending where they began; curved ones are left out."""
    paths: list[list[tuple[float, float]]] = []
    curved: set[int] = set()
    x, y = ctypes.c_float(), ctypes.c_float()
    for k in range(min(raw.FPDFPath_CountSegments(item), 4000)):
        segment = raw.FPDFPath_GetPathSegment(item, k)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO or not paths:
            paths.append([])
        elif kind == raw.FPDF_SEGMENT_BEZIERTO:
            curved.add(len(paths) - 1)
        paths[-1].append((x.value, y.value))
        if raw.FPDFPathSegment_GetClose(segment):
            paths[-1].append(paths[-1][0])
    return [p for k, p in enumerate(paths) if len(p) > 1 and k not in curved]


def _rectangular(points: list[tuple[float, float]]) -> bool:
    return len(points) <= 6 and all(abs(ax - bx) <= 1 or abs(ay - by) <= 1 for (ax, ay), (bx, by) in pairwise(points))


def _white(item: raw.FPDF_PAGEOBJECT) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    raw.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
    return alpha.value < 8 or min(red.value, green.value, blue.value) > 250


def _product(inner: tuple[float, ...], outer: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)
