"""The pages of a document as one flow: furniture removed, paragraphs and tables joined over page breaks, places numbered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from extract.model import Cell, Element, Location, Table
from extract.pdf_drafts import Draft, finished, lines_of, merge_over_pages
from extract.pdf_flow import Margins, Placed, local, margins, paragraph, paragraphs_of, weighted
from extract.pdf_footnotes import footnotes, without_footnotes
from extract.pdf_furniture import without_furniture
from extract.pdf_layout import Sheet, Strip, strips
from extract.pdf_lines import Line


def document_elements(sheets: Sequence[Sheet]) -> tuple[Element, ...]:
    """The pages' contents as one flow: paragraphs and tables joined over page breaks, places numbered."""
    clean = without_furniture(sheets)
    usual = weighted((n.size, n.width) for sheet in clean for n in lines_of((*sheet.loose, *sheet.drafts)))
    parts: list[Strip] = []
    notes: dict[int, tuple[Line, ...]] = {}
    gutters: set[int] = set()
    for sheet in clean:
        text, notes[sheet.number] = without_footnotes(sheet, usual or 0.0)
        last = parts[-1].items[-1] if parts and parts[-1].items else None
        parts += strips(text, last if isinstance(last, Draft) and not last.ruled else None, gutters)
    return _numbered(_with_notes(_flow(parts, usual), notes))


def _with_notes(elements: Sequence[Element], notes: dict[int, tuple[Line, ...]]) -> list[Element]:
    """The footnotes of a page stand behind what begins on it, so that a paragraph over the page's end stays whole."""
    out: list[Element] = []
    waiting = [page for page in sorted(notes) if notes[page]]
    for element in elements:
        while waiting and waiting[0] < (element.location.page or 0):
            out += footnotes(notes[waiting.pop(0)])
        out.append(element)
    return out + [note for page in waiting for note in footnotes(notes[page])]


def _flow(parts: Sequence[Strip], usual: float | None) -> list[Element]:
    grouped: dict[tuple[int, int, int], list[Line]] = {}
    for part in parts:
        grouped.setdefault(part.key, []).extend(item for item in part.items if isinstance(item, Line))
    frames = {key: margins(lines, usual=usual, width=key[0] if key[2] == 1 else None) for key, lines in grouped.items() if lines}
    sequence = merge_over_pages([item for part in parts for item in part.items])
    of_line: dict[int, tuple[Margins, int]] = {}
    for k, part in enumerate(parts):
        lines = [item for item in part.items if isinstance(item, Line)]
        if lines:
            of_line |= {id(n): (frame, k) for n, frame in zip(lines, local(lines, frames[part.key]), strict=True)}
    out: list[Element] = []
    waiting: list[Placed] = []

    def flush() -> None:
        for group in paragraphs_of(waiting):
            out.append(paragraph([p.line for p in group], group[0].frame))
        waiting.clear()

    for item in sequence:
        if isinstance(item, Draft):
            flush()
            out.append(finished(item))
        else:
            frame, strip = of_line[id(item)]
            waiting.append(Placed(item, frame, strip))
    flush()
    return out


def _numbered(elements: Sequence[Element]) -> tuple[Element, ...]:
    """Running numbers of paragraphs and tables, as a person would count them."""
    counts: Counter[str] = Counter()

    def visit(items: Sequence[Element], place: Location) -> tuple[Element, ...]:
        out: list[Element] = []
        for item in items:
            if isinstance(item, Table):
                out.append(table(item, place))
            elif item.text:
                counts["paragraph"] += 1
                where = replace(item.location, paragraph=counts["paragraph"], table=place.table, row=place.row, column=place.column)
                out.append(replace(item, location=where))
        return tuple(out)

    def table(item: Table, place: Location) -> Table:
        counts["table"] += 1
        number = counts["table"]
        where = replace(item.location, table=number)
        rows = tuple(tuple(cell(c, Location(table=number, row=c.row + 1, column=c.column + 1)) for c in row) for row in item.rows)
        return replace(item, location=where, rows=rows)

    def cell(item: Cell, place: Location) -> Cell:
        return replace(item, content=visit(item.content, place))

    return visit(elements, Location())


