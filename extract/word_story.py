"""Walk the body of a DOCX in true order: paragraphs, tables, text boxes and what wraps them -> elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from lxml import etree

from extract.errors import DocumentError
from extract.model import Element, Location, Paragraph, Table
from extract.numbering import Counter, Instance, read_numbering
from extract.word_chunk import Numbering, read_chunk
from extract.word_names import MC, VAL, WRAPPERS, M, R, W, is_on, named, whole
from extract.word_package import XML_LIMIT, Package, main_root, open_package, optional_part
from extract.word_shapes import DIAGRAM, DIAGRAM_TEXT, DRAWN_TEXT, TEXT_BOX, WORD_ART, chosen, drawn_lines, is_watermark
from extract.word_styles import Properties, Style, Styles, is_centered, outline_of, read_styles
from extract.word_table import read_table
from extract.word_text import Line, TextReader, formula, unmatched_fields

_K = TypeVar("_K")


@dataclass(slots=True)
class Story:
    """The walk through the body; what is read goes into `_sink`, the list of the innermost container."""

    package: Package
    root: etree._Element
    styles: Styles
    lists: dict[str, Instance]
    text: TextReader
    counter: Counter
    box_counter: Counter
    """Text boxes are a story of their own: their lists neither continue the body's nor advance it."""
    embedded: bool = False
    _sink: list[Element] = field(default_factory=list)
    _count: int = 0
    _tables: int = 0
    _place: tuple[int | None, int | None, int | None] = (None, None, None)
    _carried: Line | None = None
    """The rest of a paragraph whose end was deleted: it goes on in the next one."""
    _bare: str = ""
    """The label of the last empty numbered paragraph: in a cell of its own it is the row's number."""

    @classmethod
    def of(cls, package: Package, root: etree._Element, *, embedded: bool = False) -> Story:
        def part(kind: str, default: str) -> etree._Element | None:
            return optional_part(package, package.related(kind, default))

        styles = read_styles(part("styles", "styles.xml"), part("theme", "theme/theme1.xml"))
        lists = read_numbering(part("numbering", "numbering.xml"), styles.numbering_lists())
        return cls(package, root, styles, lists, TextReader(styles, unmatched_fields(root)), Counter(lists), Counter(lists), embedded)

    def elements(self) -> tuple[Element, ...]:
        """All elements of the body."""
        body = self.root if self.root.tag == W + "body" else self.root.find(W + "body")
        return () if body is None else self._container(body)

    def _container(self, node: etree._Element) -> tuple[Element, ...]:
        outer, self._sink = self._sink, []
        self._blocks(node)
        self._flush()
        inner, self._sink = self._sink, outer
        return tuple(inner)

    def _blocks(self, node: etree._Element) -> None:
        for child in node:
            tag = child.tag
            if tag == W + "p":
                self._paragraph(child)
            elif tag == W + "tbl":
                self._flush()
                self._table(child)
            elif tag == W + "sdt":
                self._control(child)
            elif tag in WRAPPERS:
                self._blocks(child)
            elif tag == MC + "AlternateContent":
                branch = chosen(child)
                if branch is not None:
                    self._blocks(branch)
            elif tag in (M + "oMathPara", M + "oMath"):
                self._emit(formula(child).strip())
            elif tag == W + "altChunk":
                self._flush()
                self._chunk(child)

    def _chunk(self, node: etree._Element) -> None:
        """A whole document embedded in this one; one inside that one is not followed."""
        _, name = self.package.relations(self.package.main).get(node.get(R + "id", ""), ("", ""))
        data = self.package.bytes(name, XML_LIMIT) if name else None
        if not data:
            return
        archived = data.startswith(b"PK")
        elements = read_chunk(data) if not archived else () if self.embedded else _embedded(data)
        numbers = Numbering(self._count, self._tables)
        self._sink.extend(numbers.moved(elements))
        self._count, self._tables = numbers.paragraphs, numbers.tables

    def _control(self, control: etree._Element) -> None:
        gallery = control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
        if gallery is not None and gallery.get(VAL) == "Table of Contents":
            return
        for content in control.iterchildren(W + "sdtContent"):
            self._blocks(content)

    def _paragraph(self, node: etree._Element) -> None:
        properties = named(node.find(W + "pPr"))
        style = self.styles.paragraph(_value(properties, "pStyle"))
        end = properties.get(W + "rPr")
        line, self._carried = self._carried or Line(), None
        outside = not self.text.in_contents
        self.text.read(node, line, style.look.over(self.styles.default))
        drawings, line.drawings = line.drawings, []
        text = line.text
        if _lists_contents(style, line, text):
            text = ""
        elif end is not None and (_says(end, "del") or _says(end, "moveFrom")):
            self._carried = line if text else None
        elif text or drawings or (outside and _takes_a_number(properties)):
            self._finish(properties, style, line, text)
        for drawing in drawings:
            self._drawing(drawing)

    def _finish(self, properties: Properties, style: Style, line: Line, text: str) -> None:
        label = self._label(properties, style)
        if not text:
            self._bare = label or self._bare
            return
        outline, centered = outline_of(properties), is_centered(properties)
        level = style.outline if outline is None else outline or None
        self._emit(text, label, line, outline=level, centered=style.centered if centered is None else centered)

    def _label(self, properties: Properties, style: Style) -> str:
        place = _list_place(properties, style, self.lists)
        return self.counter.draw(*place) if place else ""

    def _emit(self, text: str, label: str = "", line: Line | None = None, **hints: Any) -> None:
        if not text:
            return
        self._count += 1
        table, row, column = self._place
        location = Location(paragraph=self._count, table=table, row=row, column=column)
        if line is not None:
            hints.update(bold=line.plain == 0, size=_commonest(line.sizes), font=_commonest(line.fonts))
        self._sink.append(Paragraph(text, location, label, **hints))

    def _flush(self) -> None:
        line, self._carried = self._carried, None
        if line is not None:
            self._emit(line.text, line=line)

    def _drawing(self, node: etree._Element) -> None:
        if node.tag == TEXT_BOX:
            self._text_box(node)
        elif node.tag == DRAWN_TEXT:
            for text in drawn_lines(node):
                self._emit(text.strip())
        elif node.tag == WORD_ART and not is_watermark(node):
            self._emit(node.get("string", "").strip())
        elif node.tag == DIAGRAM:
            self._diagram(node)

    def _diagram(self, node: etree._Element) -> None:
        """SmartArt keeps its words in a part of its own."""
        _, name = self.package.relations(self.package.main).get(node.get(R + "dm", ""), ("", ""))
        data = optional_part(self.package, name) if name else None
        for body in data.iter(DIAGRAM_TEXT) if data is not None else ():
            for text in drawn_lines(body):
                self._emit(text.strip())

    def _text_box(self, node: etree._Element) -> None:
        body_counter, body_text, carried = self.counter, self.text, self._carried
        self.counter, self.text, self._carried = self.box_counter, TextReader(self.styles, self.text.broken), None
        self._blocks(node)
        self._flush()
        self.counter, self.text, self._carried = body_counter, body_text, carried

    def _table(self, node: etree._Element) -> None:
        self._tables += 1
        number, outer, before = self._tables, self._place, self._count
        read = read_table(node, lambda tc, row, column, seen: self._cell(tc, (number, row + 1, column + 1), seen=seen))
        self._place = outer
        if any(cell.content for row in read.rows for cell in row):
            self._sink.append(Table(read.rows, Location(paragraph=before + 1, table=number), header_rows=read.header_rows))

    def _cell(self, tc: etree._Element, place: tuple[int, int, int], *, seen: bool) -> tuple[Element, ...]:
        """A cell under a merged one is not seen, but its numbered paragraphs count."""
        before, self._place, self._bare = (self._count, self._tables), place, ""
        content = self._container(tc)
        if not content and self._bare:
            content = (self._bare_number(self._bare),)
        if not seen:
            self._count, self._tables = before
        return content

    def _bare_number(self, label: str) -> Paragraph:
        self._count += 1
        table, row, column = self._place
        return Paragraph("", Location(paragraph=self._count, table=table, row=row, column=column), label)


def _embedded(data: bytes) -> tuple[Element, ...]:
    try:
        package = open_package(data)
        return Story.of(package, main_root(package), embedded=True).elements()
    except DocumentError:  # the document around it is worth reading all the same
        return ()


def _list_place(properties: Properties, style: Style, lists: dict[str, Instance]) -> tuple[str, int] | None:
    """List instance and level (from 0) of a paragraph: its own, completed by its style's."""
    own = named(properties.get(W + "numPr"))
    num_id, ilvl = _value(own, "numId"), whole(_value(own, "ilvl"))
    number = num_id or style.num_id
    if number is None or number not in lists:
        return None
    if ilvl is not None:
        return number, ilvl
    if num_id is None:
        for style_id in style.chain:
            tied = lists[number].level_of_style(style_id)
            if tied is not None:
                return number, tied
            if style_id == style.num_owner:
                break
    return number, style.ilvl or 0


def _takes_a_number(properties: Properties) -> bool:
    """An empty paragraph takes a number, unless it only carries a section break or is hidden."""
    end = properties.get(W + "rPr")
    return W + "sectPr" not in properties and not (end is not None and _says(end, "vanish"))


def _lists_contents(style: Style, line: Line, text: str) -> bool:
    """A line of a table of contents outside its field: its style, with a page number or a link to the heading."""
    return style.of_contents and (line.contents_link or text[-1:].isdigit() or "\t" in text)


def _says(properties: etree._Element, name: str) -> bool:
    node = properties.find(W + name)
    return node is not None and is_on(node.get(VAL))


def _value(properties: Properties, name: str) -> str | None:
    child = properties.get(W + name)
    return None if child is None else child.get(VAL)


def _commonest(counts: dict[_K, int]) -> _K | None:
    return max(counts, key=lambda key: counts[key]) if counts else None
