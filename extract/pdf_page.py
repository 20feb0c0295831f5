"""Take one PDF page apart: its characters with their places, its drawn lines, and how much of it is picture."""

from __future__ import annotations

import ctypes
import math
from dataclasses import replace

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extract.page import Char, RawPage, Shapes, Turn, put_together

MAX_OBJECTS = 50_000
_MAX_DEPTH = 8
_OUTLINES = 60
"""So many letters drawn as outlines are text: some twenty characters."""


def take_apart(page: pdfium.PdfPage, number: int) -> RawPage:
    """Page `number` (from 1) as values; the caller closes the page."""
    textpage = page.get_textpage()
    try:
        chars = _chars(textpage)
        unmapped = _unmapped(textpage)
    finally:
        textpage.close()

    outlines = 0

    def drawn(turn: Turn) -> Shapes:
        nonlocal outlines
        found = _Objects(turn)
        found.collect(page)
        outlines = found.outlines
        return found.shapes

    raw_page = put_together(chars, page.get_bbox(), number=number, stored=page.get_rotation(), shapes=drawn)
    return replace(raw_page, meaningless=unmapped or (not raw_page.glyphs and outlines >= _OUTLINES))


def _unmapped(textpage: pdfium.PdfTextPage) -> bool:
    """Most characters are numbers of glyphs only: the file does not say which characters its fonts draw."""
    seen = lost = 0
    for k in range(raw.FPDFText_CountChars(textpage)):
        error = raw.FPDFText_HasUnicodeMapError(textpage, k) == 1
        lost += error
        seen += error or raw.FPDFText_GetUnicode(textpage, k) > 32
    return lost * 2 > seen


def _chars(textpage: pdfium.PdfTextPage) -> list[Char]:
    count = raw.FPDFText_CountChars(textpage)
    found: list[Char] = []
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
        found.append(Char("-" if code == 2 else chr(code), box, (x.value, y.value), size, angle, bold, font, k))
    return found


def _visible(code: int) -> bool:
    """A character that can be shown; 2 is how pdfium reports a hyphen at the end of a line."""
    return code == 2 or (code >= 32 and not 0x7F <= code < 0xA0 and code not in (0xAD, 0xFFFE, 0xFFFF, 0xFEFF, 0x200B))


class _Objects:
    """Drawn lines and pictures of a page, form objects included."""

    def __init__(self, turn: Turn) -> None:
        self.shapes = Shapes(turn)
        self.left = MAX_OBJECTS
        self.outlines = 0
        """Filled paths with curves: letters, where a program stored their outlines."""

    def collect(self, page: pdfium.PdfPage) -> None:
        for k in range(raw.FPDFPage_CountObjects(page)):
            self._visit(raw.FPDFPage_GetObject(page, k), (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), 0)
        self.shapes.outline_cells()

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
            self.shapes.add_picture(_moved([(0, 0), (1, 0), (0, 1), (1, 1)], matrix))
        elif not self.shapes.full:
            self._path(item, matrix)

    def _path(self, item: raw.FPDF_PAGEOBJECT, matrix: tuple[float, ...]) -> None:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(item, fill, stroke)
        if not fill.value and not stroke.value:
            return
        straight, curved = _subpaths(item)
        self.outlines += curved if fill.value else 0
        for points in straight:
            self.shapes.add_path(_moved(points, matrix), stroked=bool(stroke.value), white=lambda: _white(item))


def _moved(points: list[tuple[float, float]], m: tuple[float, ...]) -> list[tuple[float, float]]:
    return [(x * m[0] + y * m[2] + m[4], x * m[1] + y * m[3] + m[5]) for x, y in points]


def _subpaths(item: raw.FPDF_PAGEOBJECT) -> tuple[list[list[tuple[float, float]]], int]:
    """Straight subpaths as point lists, closed ones ending where they began; how many curved ones were left out."""
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
    return [p for k, p in enumerate(paths) if len(p) > 1 and k not in curved], len(curved)


def _white(item: raw.FPDF_PAGEOBJECT) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    raw.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
    return alpha.value < 8 or min(red.value, green.value, blue.value) > 250


def _product(inner: tuple[float, ...], outer: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)
