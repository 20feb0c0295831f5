"""What stands where on a page: tables (ruled or only aligned), columns, and the order in which a reader takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from extract.page import Glyph, RawPage
from extract.pdf_columns import aligned_tables
from extract.pdf_drafts import Draft, DraftCell
from extract.pdf_gutters import text_columns
from extract.pdf_lines import USUAL, Gaps, Line, pieces, whole_lines
from extract.pdf_tables import Grid, grids

Item = Line | Draft
_Held = tuple[dict[tuple[int, int], list[Glyph]], dict[tuple[int, int], list[Line]]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page cut into loose pieces of lines and ruled tables."""

    number: int
    width: float
    height: float
    loose: tuple[Line, ...]
    drafts: tuple[Draft, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """A column of a page (or the whole page): its items top to bottom. Strips with one `key` share their margins."""

    key: tuple[int, int, int]
    items: tuple[Item, ...]


def sheet_of(page: RawPage, *, gaps: Gaps = USUAL) -> Sheet:
    """Characters sorted into the ruled tables they stand in, the rest into pieces of lines; `gaps` as Spacing found them."""
    drafts, rest, loose = _ruled(page.glyphs, _sideways(page), grids(page.edges), page.number, gaps=gaps)
    return Sheet(page.number, page.width, page.height, (*pieces(rest, page.number, gaps=gaps), *loose), tuple(drafts))


def strips(sheet: Sheet, before: Draft | None, gutters: set[int]) -> list[Strip]:
    """The page in reading order; `before`: the unruled table with which the page before ended, if it did.

    `gutters`: where the pages before are parted into columns; those of this page are added.
    """
    width = round(sheet.width)
    bands = text_columns(sheet.loose, sheet.width, sheet.drafts, gutters)
    if not bands:
        tables, loose = aligned_tables(sheet.loose, before)
        return [Strip((width, 0, 1), _ordered(loose, (*sheet.drafts, *tables)))]
    out = []
    for band in bands:
        lines = [item for item in band.items if isinstance(item, Line)]
        drafts = [item for item in band.items if isinstance(item, Draft)]
        out.append(Strip((width, band.column, 2 if band.column else 1), _ordered(lines, drafts)))
    return out


def _ordered(loose: Sequence[Line], drafts: Sequence[Draft]) -> tuple[Item, ...]:
    items: list[Item] = [*whole_lines(loose), *drafts]
    return tuple(sorted(items, key=lambda item: item.middle if isinstance(item, Line) else item.box[1]))


def _sideways(page: RawPage) -> list[Line]:
    """Lines that run up or down the page, with the box that they fill on it."""
    out = []
    for turn, glyphs in page.sideways:
        for line in pieces(glyphs, page.number):
            if turn == 90:
                x0, top, x1, bottom = line.top, page.height - line.x1, line.bottom, page.height - line.x0
            elif turn == 270:
                x0, top, x1, bottom = page.width - line.bottom, line.x0, page.width - line.top, line.x1
            else:
                x0, top, x1, bottom = page.width - line.x1, page.height - line.bottom, page.width - line.x0, page.height - line.top
            out.append(replace(line, x0=x0, top=top, x1=x1, bottom=bottom, base=(top + bottom) / 2))
    return out


def _ruled(
    glyphs: Sequence[Glyph], sideways: Sequence[Line], found: Sequence[Grid], page: int, *, gaps: Gaps
) -> tuple[list[Draft], list[Glyph], list[Line]]:
    """Tables with what stands in their cells (inner tables inside outer cells), and the characters and sideways lines outside."""
    inside: dict[tuple[int, int], list[Glyph]] = {}
    rest: list[Glyph] = []
    by_size = sorted(range(len(found)), key=lambda k: _area(found[k]))
    for g in glyphs:
        x, y = (g.x0 + g.x1) / 2, (g.top + g.bottom) / 2
        place = next((p for k in by_size if found[k].holds(x, y) and (p := _cell_at(found, k, x, y)) is not None), None)
        if place is None:
            rest.append(g)
        else:
            inside.setdefault(place, []).append(g)
    turned: dict[tuple[int, int], list[Line]] = {}
    loose: list[Line] = []
    for line in sideways:
        x, y = (line.x0 + line.x1) / 2, line.middle
        place = next((p for k in by_size if (p := _cell_at(found, k, x, y)) is not None), None)
        if place is None:
            loose.append(line)
        else:
            turned.setdefault(place, []).append(line)
    drafts: dict[int, Draft] = {}
    hosted: set[int] = set()
    for k in by_size:
        inner = {j: _cell_at(found, k, *_middle(found[j])) for j in drafts if j not in hosted and _area(found[j]) < _area(found[k]) * 0.9}
        inner = {j: place for j, place in inner.items() if place is not None}
        filled = sum(1 for place in inside.keys() | turned.keys() if place[0] == k)
        if filled + len(inner) < 2:
            rest += [g for place, held in inside.items() if place[0] == k for g in held]
            loose += [n for place, lines in turned.items() if place[0] == k for n in lines]
            continue
        hosted |= inner.keys()
        drafts[k] = _draft(found[k], k, (inside, turned), {j: (place[1], drafts[j]) for j, place in inner.items() if place}, page, gaps)
    return [drafts[k] for k in sorted(drafts) if k not in hosted], rest, loose


def _cell_at(found: Sequence[Grid], k: int, x: float, y: float) -> tuple[int, int] | None:
    return next(((k, c) for c, cell in enumerate(found[k].cells) if cell.holds(x, y)), None) if found[k].holds(x, y) else None


def _draft(grid: Grid, k: int, held: _Held, inner: dict[int, tuple[int, Draft]], page: int, gaps: Gaps) -> Draft:
    inside, turned = held
    cells = []
    for c, cell in enumerate(grid.cells):
        items: list[Item] = [*whole_lines(pieces(inside.get((k, c), ()), page, gaps=gaps)), *turned.get((k, c), ())]
        items += [d for place, d in inner.values() if place == c]
        items.sort(key=lambda item: item.middle if isinstance(item, Line) else item.box[1])
        cells.append(DraftCell(cell.row, cell.column, cell.row_span, cell.column_span, tuple(items), cell.box[0], cell.box[2]))
    indents = [n.x0 - c.left for c in cells for n in c.items if isinstance(n, Line)]
    padding = min(max(min(indents, default=4.0), 1.0), 8.0)
    cells = [replace(c, left=c.left + padding, right=c.right - padding) for c in cells]
    return Draft(page, grid.box, tuple(cells), grid.xs)


def _area(grid: Grid) -> float:
    return (grid.box[2] - grid.box[0]) * (grid.box[3] - grid.box[1])


def _middle(grid: Grid) -> tuple[float, float]:
    return (grid.box[0] + grid.box[2]) / 2, (grid.box[1] + grid.box[3]) / 2
