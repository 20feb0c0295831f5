"""Take one OFD page apart: its characters with their places, what is drawn, and its pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from extract.errors import TooLarge
from extract.ofd_package import child, children, local, words
from extract.page import Char, RawPage, Shapes, Turn, put_together
from extract.pdf_lines import is_cjk

MAX_OBJECTS = 50_000
"""Of a page, the contents of composite objects counted each time they are shown."""
MAX_PAGE_CHARS = 100_000
MAX_POINTS = 400_000
_MAX_DEPTH = 32
_POINTS = 72 / 25.4
"""OFD measures in millimetres."""
_A4 = (0.0, 0.0, 210.0, 297.0)
_LARGEST = 14_400 / _POINTS
"""Millimetres: no page is wider or higher than 200 inches."""

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]
"""x' = a x + c y + e, y' = b x + d y + f."""
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Font:
    """A font as the resources declare it."""

    name: str
    bold: bool


@dataclass(frozen=True, slots=True)
class Resources:
    """What the contents of pages refer to by ID."""

    fonts: Mapping[str, Font] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    """ID -> the name of the part that holds the picture."""
    units: Mapping[str, etree._Element] = field(default_factory=dict)
    """Composite graphic units."""

    def with_those_of(self, other: Resources) -> Resources:
        """Both; those of `other` come first."""
        return Resources({**self.fonts, **other.fonts}, {**self.pictures, **other.pictures}, {**self.units, **other.units})


@dataclass(frozen=True, slots=True)
class Path:
    """Something drawn: its subpaths as points of the page (points, y downwards), curves as short lines."""

    lines: tuple[tuple[Point, ...], ...]
    curved: tuple[bool, ...]
    fill: int | None
    """Grey 0–255; None where it is not filled."""
    stroke: int | None
    width: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture: the part that holds it, and how the unit square is placed on the page (points, y downwards)."""

    part: str
    matrix: Matrix


@dataclass(slots=True)
class OfdPage:
    """What a page shows. Lengths in points."""

    width: float
    height: float
    chars: list[Char] = field(default_factory=list)
    drawn: list[Path | Placed] = field(default_factory=list)
    """In the order in which it is drawn."""

    def raw(self, number: int) -> RawPage:
        """The page as the steps that are shared with the PDF reader take it."""

        def upwards(points: Sequence[Point]) -> list[Point]:
            return [(x, self.height - y) for x, y in points]

        def shapes(turn: Turn) -> Shapes:
            found = Shapes(turn)
            for item in self.drawn:
                if isinstance(item, Placed):
                    found.add_picture(upwards([_at(item.matrix, x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]))
                    continue
                white = item.fill is None or item.fill > 250
                if white and item.stroke is None:
                    continue
                for line, curved in zip(item.lines, item.curved, strict=True):
                    if not curved and len(line) > 1 and not found.full:
                        found.add_path(upwards(line), stroked=item.stroke is not None, white=lambda: False)
            found.outline_cells()
            return found

        return put_together(self.chars, (0.0, 0.0, self.width, self.height), number=number, stored=0, shapes=shapes)


def take_apart(contents: Sequence[etree._Element], resources: Resources, box: tuple[float, float, float, float]) -> OfdPage:
    """The page that the roots in `contents` (templates first) show together; `box`: x, y, width, height in millimetres.

    Raises TooLarge where it holds more characters or points than any page can show.
    """
    x, y, width, height = box
    page = OfdPage(width * _POINTS, height * _POINTS)
    walk = _Walk(page, resources)
    for root in contents:
        for layer in children(child(root, "Content"), "Layer"):
            walk.visit(layer, (_POINTS, 0.0, 0.0, _POINTS, -x * _POINTS, -y * _POINTS), 0)
    return page


def page_box(*areas: etree._Element | None) -> tuple[float, float, float, float]:
    """The first physical box that is one, A4 where none is."""
    for area in areas:
        numbers = floats(words(child(area, "PhysicalBox")))
        if len(numbers) == 4 and 1 < numbers[2] <= _LARGEST and 1 < numbers[3] <= _LARGEST:
            return numbers[0], numbers[1], numbers[2], numbers[3]
    return _A4


def floats(text: str | None) -> list[float]:
    """The numbers of a list; empty where one is none or beyond all bounds."""
    try:
        numbers = [float(word) for word in (text or "").replace(",", " ").split()]
    except ValueError:
        return []
    return numbers if all(abs(n) < 1e6 for n in numbers) else []  # NaN compares false, too


class _Walk:
    """Goes through the objects of a page in the order in which they are drawn."""

    def __init__(self, page: OfdPage, resources: Resources) -> None:
        self.page, self.resources = page, resources
        self.left = MAX_OBJECTS
        self.points = MAX_POINTS

    def visit(self, holder: etree._Element, outer: Matrix, depth: int) -> None:
        if depth > _MAX_DEPTH:
            return
        for node in holder:
            self.left -= 1
            if self.left < 0:
                return
            if (node.get("Visible") or "").lower() == "false" or node.get("Alpha") == "0":
                continue
            name = local(node)
            if name == "PageBlock":
                self.visit(node, outer, depth + 1)
            elif name in ("TextObject", "PathObject", "ImageObject", "CompositeObject"):
                self._show(name, node, _product(_own(node), outer), depth)

    def _show(self, name: str, node: etree._Element, matrix: Matrix, depth: int) -> None:
        if name == "TextObject":
            self._text(node, matrix)
        elif name == "PathObject":
            self._path(node, matrix)
        elif name == "ImageObject":
            picture = self.resources.pictures.get((node.get("ResourceID") or "").strip())
            if picture:
                self.page.drawn.append(Placed(picture, matrix))
        else:
            content = child(self.resources.units.get((node.get("ResourceID") or "").strip()), "Content")
            if content is not None:
                self.visit(content, matrix, depth + 1)

    def _text(self, node: etree._Element, m: Matrix) -> None:
        size = _number(node.get("Size"), 0.0)
        stretch = _number(node.get("HScale"), 1.0) or 1.0
        font = self.resources.fonts.get((node.get("Font") or "").strip(), Font("", False))
        weight = _number(node.get("Weight"), 400.0)
        stroked = (node.get("Stroke") or "").lower() == "true" and (node.get("Fill") or "").lower() != "false"
        bold = font.bold or weight >= 600 or stroked
        shown = size * math.hypot(m[2], m[3]) or 1.0
        angle = math.degrees(math.atan2(-m[1], m[0])) % 360
        x = y = 0.0
        for code in children(node, "TextCode"):
            x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
            text = code.text or ""
            if len(self.page.chars) + len(text) > MAX_PAGE_CHARS:
                raise TooLarge("一页上的文字过多，超出处理上限")
            for char, left, base, advance in _places(text, x, y, size * stretch, code):
                if char >= " " and char not in "\x7f\ufeff\u200b\ufffe\uffff":
                    self._char(char, (left, base), advance, size, m, (shown, angle, bold, font.name))

    def _char(self, char: str, at: Point, advance: float, size: float, m: Matrix, look: tuple[float, float, bool, str]) -> None:
        height = self.page.height
        corners = [_at(m, at[0] + dx, at[1] + dy) for dx in (0.0, advance) for dy in (-0.88 * size, 0.12 * size)]
        xs, ys = [p[0] for p in corners], [height - p[1] for p in corners]
        origin = _at(m, *at)
        shown, angle, bold, font = look
        box = (min(xs), min(ys), max(xs), max(ys))
        self.page.chars.append(Char(char, box, (origin[0], height - origin[1]), shown, angle, bold, font, len(self.page.chars)))

    def _path(self, node: etree._Element, m: Matrix) -> None:
        stroked = (node.get("Stroke") or "true").lower() != "false"
        filled = (node.get("Fill") or "false").lower() == "true"
        if not stroked and not filled:
            return
        lines, curved = [], []
        for points, bent in _subpaths(words(child(node, "AbbreviatedData"))):
            self.points -= len(points)
            if self.points < 0:
                raise TooLarge("一页上的图形过多，超出处理上限")
            lines.append(tuple(_at(m, x, y) for x, y in points))
            curved.append(bent)
        width = abs(_number(node.get("LineWidth"), 0.353)) * math.sqrt(abs(m[0] * m[3] - m[1] * m[2]))
        fill, stroke = (_grey(child(node, name)) if on else None for name, on in (("FillColor", filled), ("StrokeColor", stroked)))
        self.page.drawn.append(Path(tuple(lines), tuple(curved), fill, stroke, width))


def _places(text: str, x: float, y: float, size: float, code: etree._Element) -> Iterator[tuple[str, float, float, float]]:
    """Each character with its place and width."""
    across, down = _deltas(code.get("DeltaX"), len(text)), _deltas(code.get("DeltaY"), len(text))
    for k, char in enumerate(text):
        usual = size if is_cjk(char) else size / 2
        step = across[k] if k < len(across) else (0.0 if k < len(down) and not across else usual)
        # a line is filled by setting Chinese characters wider apart; the widths of Latin letters differ
        width = min(step, usual) if is_cjk(char) else min(step, size)
        yield char, x, y, width if width > 0 else usual
        x += step
        y += down[k] if k < len(down) else 0.0


def _deltas(text: str | None, most: int) -> list[float]:
    """A list of steps; `g 3 1.5` stands for 1.5 1.5 1.5."""
    tokens = iter((text or "").replace(",", " ").split())
    out: list[float] = []
    for token in tokens:
        if len(out) >= most:
            break
        if token == "g":
            count, step = _number(next(tokens, None), 0.0), _number(next(tokens, None), 0.0)
            out += [step] * int(min(max(count, 0), most))
        else:
            out.append(_number(token, 0.0))
    return out[:most]


_STEPS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


def _subpaths(data: str) -> Iterator[tuple[list[Point], bool]]:
    """Straight stretches and short lines in place of curves; and whether there was a curve."""
    tokens = data.replace(",", " ").split()
    points: list[Point] = []
    bent = False
    k = 0
    while k < len(tokens):
        letter = tokens[k]
        count = _STEPS.get(letter)
        values = floats(" ".join(tokens[k + 1 : k + 1 + count])) if count else []
        k += 1 + (count or 0)
        if count is None or len(values) != count:
            continue
        if letter in "SM":
            if points:
                yield points, bent
            points, bent = [(values[0], values[1])], False
        elif letter == "C":
            if points:
                points.append(points[0])
        elif points:
            bent = bent or letter != "L"
            points += _reached(points[-1], letter, values)
    if points:
        yield points, bent


def _reached(start: Point, letter: str, v: Sequence[float]) -> list[Point]:
    end = (v[-2], v[-1])
    if letter == "Q":
        return [_bezier((start, (v[0], v[1]), end), t / 6) for t in range(1, 7)]
    if letter == "B":
        return [_bezier((start, (v[0], v[1]), (v[2], v[3]), end), t / 8) for t in range(1, 9)]
    return [end]  # the chord of an arc


def _bezier(points: Sequence[Point], t: float) -> Point:
    while len(points) > 1:
        points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(points)]
    return points[0]


def _grey(color: etree._Element | None) -> int:
    """How light it is; black where nothing is said."""
    values = floats(color.get("Value")) if color is not None else []
    if color is not None and color.get("Alpha") == "0":
        return 255
    if len(values) == 4:  # CMYK
        return int(max(0.0, 255 - max(values[:3]) - values[3]))
    return int(min(max(sum(values) / len(values), 0.0), 255.0)) if values else 0


def _own(node: etree._Element) -> Matrix:
    """From an object's own measures to those of what holds it."""
    box = floats(node.get("Boundary"))
    m = floats(node.get("CTM"))
    a, b, c, d, e, f = m if len(m) == 6 else _SAME
    left, top = (box[0], box[1]) if len(box) == 4 else (0.0, 0.0)
    return a, b, c, d, e + left, f + top


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _at(m: Matrix, x: float, y: float) -> Point:
    return x * m[0] + y * m[2] + m[4], x * m[1] + y * m[3] + m[5]


def _number(text: str | None, default: float) -> float:
    numbers = floats(text)
    return numbers[0] if len(numbers) == 1 else default
