"""Read DOCX: bytes -> Document, in the order a person reads it, with the numbers that Word draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from lxml import etree

from extract.errors import DamagedFile, EmptyFile, HostileFile
from extract.model import Cell, Document, Element, Location, Note, Paragraph, Table, paragraphs
from extract.numbering import Counter, Instance, read_numbering
from extract.word_names import MC, VAL, M, W, is_on, whole
from extract.word_package import PICTURE_LIMIT, Package, open_package
from extract.word_shapes import DRAWN_TEXT, TEXT_BOX, WORD_ART, chosen, contents, drawn_lines, picture_id
from extract.word_styles import Style, Styles, is_centered, outline_of, read_styles
from extract.word_text import Line, TextReader, formula, unmatched_fields

_K = TypeVar("_K")

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_WRAPPERS = frozenset(W + name for name in ("customXml", "ins", "moveTo", "smartTag", "sdtContent", "body"))
_CONTENTS_TITLES = ("目录", "目次", "CONTENTS")
_RASTER = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")


def read_word(data: bytes) -> Document:
    """Everything a DOCX says in its body, headers, footers, notes, comments and tables of contents left out.

    A document that holds only pictures comes back without elements and with a Note "pictures_only".
    Raises EmptyFile, DamagedFile, EncryptedFile, NeedsConversion, UnsupportedFormat, HostileFile or TooLarge.
    """
    package = open_package(data)
    root = _main_root(package)
    try:
        elements = _Story.of(package, root).elements()
    except RecursionError as error:
        raise HostileFile from error
    if any(p.text for p in paragraphs(elements)):
        return Document(elements, MEDIA_TYPE)
    if not any(True for _ in _picture_ids(root)):
        raise EmptyFile
    return Document((), MEDIA_TYPE, notes=(Note("pictures_only", "文档中只有图片，没有文字"),))


def pictures(data: bytes) -> tuple[bytes, ...]:
    """The raster pictures of the body in reading order, each where it stands first. Raises as read_word does."""
    package = open_package(data)
    relations = package.relations(package.main)
    targets = (relations[i][1] for i in _picture_ids(_main_root(package)) if i in relations)
    found = (package.bytes(target, PICTURE_LIMIT) for target in dict.fromkeys(targets))
    return tuple(picture for picture in found if picture and picture.startswith(_RASTER))


def _main_root(package: Package) -> etree._Element:
    root = package.xml(package.main)
    if root is None:
        raise DamagedFile("文件不完整，缺少正文部分")
    return root


def _picture_ids(root: etree._Element) -> Iterator[str]:
    for node in contents(root):
        identifier = picture_id(node)
        if identifier:
            yield identifier
        elif node.tag == TEXT_BOX:
            yield from _picture_ids(node)


@dataclass(slots=True)
class _Story:
    """The walk through the body; what is read goes into `_sink`, the list of the innermost container."""

    package: Package
    root: etree._Element
    styles: Styles
    lists: dict[str, Instance]
    text: TextReader
    counter: Counter
    box_counter: Counter
    """Text boxes are a story of their own: their lists neither continue the body's nor advance it."""
    _sink: list[Element] = field(default_factory=list)
    _count: int = 0
    _tables: int = 0
    _place: tuple[int | None, int | None, int | None] = (None, None, None)
    _carried: Line | None = None
    """The rest of a paragraph whose end was deleted: it goes on in the next one."""
    _contents_seen: bool = False

    @classmethod
    def of(cls, package: Package, root: etree._Element) -> _Story:
        styles = read_styles(
            _optional(package, package.related("styles", "styles.xml")), _optional(package, package.related("theme", "theme/theme1.xml"))
        )
        lists = read_numbering(_optional(package, package.related("numbering", "numbering.xml")), styles.numbering_lists())
        return cls(package, root, styles, lists, TextReader(styles, unmatched_fields(root)), Counter(lists), Counter(lists))

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
            elif tag in _WRAPPERS:
                self._blocks(child)
            elif tag == MC + "AlternateContent":
                branch = chosen(child)
                if branch is not None:
                    self._blocks(branch)
            elif tag in (M + "oMathPara", M + "oMath"):
                self._emit(Paragraph(formula(child).strip()))

    def _control(self, control: etree._Element) -> None:
        gallery = control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
        if gallery is not None and gallery.get(VAL) == "Table of Contents":
            return
        for content in control.iterchildren(W + "sdtContent"):
            self._blocks(content)

    def _paragraph(self, node: etree._Element) -> None:
        properties = node.find(W + "pPr")
        style = self.styles.paragraph(_style_id(properties))
        line, self._carried = self._carried or Line(), None
        outside = not self.text.in_contents
        self.text.read(node, line, style.look.over(self.styles.default))
        drawings, line.drawings = line.drawings, []
        text = line.text
        if self._lists_contents(style, line, text):
            self._drop_contents_title()
        elif _mark_says(properties, "del") or _mark_says(properties, "moveFrom"):
            self._carried = line if text else None
        elif text or (outside and not drawings and self._counts(properties)) or drawings:
            self._finish(properties, style, line, text)
        if not outside and not text:
            self._drop_contents_title()
        for drawing in drawings:
            self._drawing(drawing)

    def _finish(self, properties: etree._Element | None, style: Style, line: Line, text: str) -> None:
        label = self._label(properties, style)
        if not text:
            return
        outline, centered = outline_of(properties), is_centered(properties)
        self._emit(
            Paragraph(
                text,
                label=label,
                outline=style.outline if outline is None else outline or None,
                bold=line.plain == 0,
                centered=style.centered if centered is None else centered,
                size=_commonest(line.sizes),
                font=_commonest(line.fonts),
            )
        )

    def _label(self, properties: etree._Element | None, style: Style) -> str:
        place = _list_place(properties, style, self.lists)
        return self.counter.draw(*place) if place else ""

    def _counts(self, properties: etree._Element | None) -> bool:
        """An empty paragraph takes a number, unless it only carries a section break or is hidden."""
        return properties is None or (properties.find(W + "sectPr") is None and not _mark_says(properties, "vanish"))

    def _lists_contents(self, style: Style, line: Line, text: str) -> bool:
        """A line of a table of contents outside its field: its style, with a page number or a link to the heading."""
        return style.of_contents and (line.contents_link or text[-1:].isdigit() or "\t" in text)

    def _drop_contents_title(self) -> None:
        last = self._sink[-1] if self._sink else None
        if isinstance(last, Paragraph) and "".join(last.text.split()).upper() in _CONTENTS_TITLES:
            self._sink.pop()
            self._count -= 1

    def _emit(self, paragraph: Paragraph) -> None:
        if not paragraph.text:
            return
        self._count += 1
        table, row, column = self._place
        location = Location(paragraph=self._count, table=table, row=row, column=column)
        self._sink.append(_located(paragraph, location))

    def _flush(self) -> None:
        line, self._carried = self._carried, None
        if line is not None and line.text:
            self._emit(Paragraph(line.text, bold=line.plain == 0, size=_commonest(line.sizes), font=_commonest(line.fonts)))

    def _drawing(self, node: etree._Element) -> None:
        if node.tag == TEXT_BOX:
            self._text_box(node)
        elif node.tag == DRAWN_TEXT:
            for text in drawn_lines(node):
                self._emit(Paragraph(text.strip()))
        elif node.tag == WORD_ART:
            self._emit(Paragraph(node.get("string", "").strip()))

    def _text_box(self, node: etree._Element) -> None:
        body_counter, body_text, carried = self.counter, self.text, self._carried
        self.counter, self.text, self._carried = self.box_counter, TextReader(self.styles, self.text.broken), None
        self._blocks(node)
        self._flush()
        self.counter, self.text, self._carried = body_counter, body_text, carried

    def _table(self, node: etree._Element) -> None:
        self._tables += 1
        number, outer, before = self._tables, self._place, self._count
        rows: list[list[_OpenCell]] = []
        merged: dict[int, _OpenCell] = {}
        header_rows, heading = 0, True
        for tr in _flat(node, W + "tr"):
            properties = tr.find(W + "trPr")
            if properties is not None and properties.find(W + "del") is not None:
                continue
            heading = heading and _says(properties, "tblHeader")
            header_rows += heading
            rows.append(self._row(tr, properties, len(rows), number, merged))
        self._place = outer
        if any(cell.content for row in rows for cell in row):
            closed = tuple(tuple(cell.closed() for cell in row) for row in rows)
            self._sink.append(Table(closed, Location(paragraph=before + 1, table=number), header_rows=header_rows))

    def _row(
        self, tr: etree._Element, properties: etree._Element | None, row: int, number: int, merged: dict[int, _OpenCell]
    ) -> list[_OpenCell]:
        before = properties.find(W + "gridBefore") if properties is not None else None
        column = (whole(before.get(VAL)) if before is not None else None) or 0
        cells: list[_OpenCell] = []
        for tc in _flat(tr, W + "tc"):
            look = tc.find(W + "tcPr")
            if look is not None and look.find(W + "cellDel") is not None:
                continue
            span = _span(look)
            if _continues(look, "hMerge") and cells:
                cells[-1].column_span += span
            elif _continues(look, "vMerge") and column in merged and merged[column].row < row:
                merged[column].row_span = row - merged[column].row + 1
            else:
                self._place = (number, row + 1, column + 1)
                cell = _OpenCell(row, column, span)
                cells.append(cell)
                cell.content = self._container(tc)
                merged[column] = cell
            column += span
        return cells


@dataclass(slots=True)
class _OpenCell:
    """A cell that may still grow downwards."""

    row: int
    column: int
    column_span: int
    row_span: int = 1
    content: tuple[Element, ...] = ()

    def closed(self) -> Cell:
        return Cell(self.content, self.row, self.column, self.row_span, self.column_span)


def _list_place(properties: etree._Element | None, style: Style, lists: dict[str, Instance]) -> tuple[str, int] | None:
    """List instance and level (from 0) of a paragraph: its own, completed by its style's."""
    own = properties.find(W + "numPr") if properties is not None else None
    num_id, ilvl = (None, None) if own is None else (_value(own, "numId"), whole(_value(own, "ilvl")))
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


def _located(paragraph: Paragraph, location: Location) -> Paragraph:
    p = paragraph
    return Paragraph(p.text, location, p.label, p.outline, p.bold, p.centered, p.size, p.font)


def _flat(node: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """Rows of a table or cells of a row, content controls and other wrappers looked through."""
    for child in node:
        if child.tag == wanted:
            yield child
        elif child.tag == MC + "AlternateContent":
            branch = chosen(child)
            if branch is not None:
                yield from _flat(branch, wanted)
        elif child.tag in _WRAPPERS or child.tag == W + "sdt":
            yield from _flat(child, wanted)


def _continues(properties: etree._Element | None, kind: str) -> bool:
    node = properties.find(W + kind) if properties is not None else None
    return node is not None and node.get(VAL, "continue") != "restart"


def _span(properties: etree._Element | None) -> int:
    node = properties.find(W + "gridSpan") if properties is not None else None
    return max((whole(node.get(VAL)) if node is not None else None) or 1, 1)


def _mark_says(properties: etree._Element | None, name: str) -> bool:
    return properties is not None and _says(properties.find(W + "rPr"), name)


def _says(properties: etree._Element | None, name: str) -> bool:
    node = properties.find(W + name) if properties is not None else None
    return node is not None and is_on(node.get(VAL))


def _style_id(properties: etree._Element | None) -> str | None:
    return _value(properties, "pStyle") if properties is not None else None


def _value(node: etree._Element, name: str) -> str | None:
    child = node.find(W + name)
    return None if child is None else child.get(VAL)


def _commonest(counts: dict[_K, int]) -> _K | None:
    return max(counts, key=lambda key: counts[key]) if counts else None


def _optional(package: Package, name: str) -> etree._Element | None:
    """A helper part; a broken one is done without, as word processors do."""
    try:
        return package.xml(name)
    except DamagedFile:
        return None
