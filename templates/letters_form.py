"""A page as GB/T 9704—2012 wants it: margins, fonts, line spacing, headings, signature and page number of an official letter."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import combinations, pairwise
from typing import Any

import docx
from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as Align
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from templates.letters_texts import Texts
from templates.package import stable
from templates.plaintext import clean

CENTER, RIGHT, LEFT = Align.CENTER, Align.RIGHT, Align.LEFT
BODY, TITLE, NUMBER, SMALL = 16.0, 22.0, 14.0, 12.0
"""Sizes in points: 3号, 2号, 4号, 小4号."""
PITCH = 579
"""Line spacing in twips (28.95 pt): 22 lines on a page of 225 mm."""
WIDTH = 156
"""Width of the text in mm: 28 characters."""
_NARROWING = -5
"""Twips between characters of the body, so that 28 of 16 pt fit 156 mm. A character grid would say the same to Word, but other
programs give a character that is wider than its cell two of them."""
_WRITING = 600
"""Distance in twips of lines that people write on."""
_TITLE_WIDTH = 19
"""Characters of a title on one line."""


class Letter:
    """A document that is written from top to bottom."""

    def __init__(self, texts: Texts, *, title: str) -> None:
        self.texts = texts
        self.document: Document = docx.Document()
        _page(self.document)
        _defaults(self.document, self.font("body"))
        _fonts(self.document, texts)
        _numbers(self.document, self.font("number"))
        _properties(self.document, title)

    def font(self, use: str) -> str:
        """The name of the font for a use: title, body, heading, second, number."""
        return str(self.texts.parts["page"][f"{use}_font"][0])

    def title(self, text: str) -> None:
        """The title, centred; a long one breaks between words into lines of like length."""
        bold = self.texts.flag("page", "title_bold")
        for part in balanced(clean(text), self.texts.lines("page", "break_before"), _TITLE_WIDTH):
            self.line(part, font="title", size=TITLE, align=CENTER, bold=bold, pitch=640)

    def docno(self) -> None:
        """The blank that the office fills with its 文号."""
        self.line(self.texts.say("page", "docno"), align=CENTER)

    def addressee(self, name: str) -> None:
        """Flush left, with a full-width colon."""
        self.line(f"{name}：")

    def heading(self, text: str) -> None:
        """一、 in 黑体."""
        self.line(text, font="heading", indent=2, keep=True)

    def body(self, text: str) -> None:
        """A paragraph in 仿宋, its first line two characters in."""
        self.line(text, indent=2, align=Align.JUSTIFY)

    def blank(self) -> None:
        """An empty line."""
        self.line("")

    def signature(self, office: str, date: str) -> None:
        """The office two characters from the right, the date four."""
        for text, characters in ((office, 2), (date, 4)):
            paragraph = self.line(text, align=RIGHT, keep=characters == 2)
            _indent(paragraph, rightChars=characters * 100, right=round(characters * BODY * 20))

    def new_page(self) -> None:
        """What follows starts on a page of its own."""
        self.document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)

    def line(
        self,
        text: str,
        *,
        font: str = "body",
        size: float = BODY,
        align: Align | None = None,
        bold: bool = False,
        indent: int = 0,
        keep: bool = False,
        pitch: int = PITCH,
    ) -> Paragraph:
        """One paragraph; `indent` counts characters of the first line."""
        paragraph = self.document.add_paragraph()
        write(paragraph, text, font=self.font(font), size=size, bold=bold, spacing=_NARROWING if size == BODY else 0)
        if align is not None:
            paragraph.alignment = align
        _spacing(paragraph, pitch)
        if pitch != PITCH:
            _off_grid(paragraph)
        if indent:
            _indent(paragraph, firstLineChars=indent * 100, firstLine=round(indent * size * 20))
        if keep:
            paragraph.paragraph_format.keep_with_next = True
        return paragraph

    def table(self, heads: Sequence[str], widths: Sequence[float]) -> Grid:
        """A ruled table with a head that repeats; widths in mm."""
        return Grid(self, heads, widths)

    def as_bytes(self) -> bytes:
        """The DOCX; the same letter always gives the same bytes."""
        out = io.BytesIO()
        self.document.save(out)
        return stable(out.getvalue())


class Grid:
    """A ruled table whose rows stay whole on a page."""

    def __init__(self, letter: Letter, heads: Sequence[str], widths: Sequence[float]) -> None:
        self.letter, self.widths = letter, widths
        self.table: Any = letter.document.add_table(0, len(widths))
        self.table.style = "Table Grid"
        self.table.alignment = WD_TABLE_ALIGNMENT.CENTER
        self.table.autofit = False
        _cell_margins(self.table)
        for column, width in zip(self.table.columns, widths, strict=True):
            column.width = Mm(width)
        if heads:
            self.row(heads, font="heading", align=[CENTER] * len(heads))
            _mark_row(self.table.rows[0], "w:tblHeader")

    def row(
        self,
        texts: Sequence[str],
        *,
        font: str = "body",
        align: Sequence[Align | None] = (),
        bold: bool = False,
        keep: bool = False,
        height: float | None = None,
    ) -> None:
        """A row; line breaks in a text become paragraphs. `keep` holds it on the page of the next row; `height` is the least, in mm."""
        row = self.table.add_row()
        _mark_row(row, "w:cantSplit")
        if height:
            row.height = Mm(height)
        for k, (cell, text, width) in enumerate(zip(row.cells, texts, self.widths, strict=True)):
            cell.width = Mm(width)
            self._fill(cell, text, font=font, align=align[k] if align else None, bold=bold, keep=keep)

    def band(self, text: str, *, more: str = "") -> None:
        """A row over the whole width that tells what the following rows are about; it is never the last on a page."""
        row = self.table.add_row()
        _mark_row(row, "w:cantSplit")
        cell = row.cells[0].merge(row.cells[-1])
        self._fill(cell, text, font="heading", align=None, bold=False, keep=True)
        if more:
            paragraph = cell.add_paragraph()
            write(paragraph, more, font=self.letter.font("body"), size=SMALL)
            _tight(paragraph, keep=True)
        _shade(cell)

    def sum(self, name: str, value: str) -> None:
        """A row of a sum: its name over all columns but the last, and the value."""
        row = self.table.add_row()
        _mark_row(row, "w:cantSplit")
        cell = row.cells[0].merge(row.cells[-2])
        self._fill(cell, name, font="heading", align=RIGHT, bold=False, keep=True)
        self._fill(row.cells[-1], value, font="heading", align=CENTER, bold=False, keep=True)

    def foot(self, lines: Sequence[str]) -> None:
        """The last row, over the whole width and never apart: a remark, and lines to write on."""
        row = self.table.add_row()
        _mark_row(row, "w:cantSplit")
        self._fill(row.cells[0].merge(row.cells[-1]), "\n".join(lines), font="body", align=None, bold=False, keep=False)
        for paragraph in row.cells[0].paragraphs[1:]:
            _spacing(paragraph, _WRITING)

    def _fill(self, cell: _Cell, text: str, *, font: str, align: Align | None, bold: bool, keep: bool) -> None:
        for k, part in enumerate(clean(text).split("\n")):
            paragraph = cell.paragraphs[0] if k == 0 else cell.add_paragraph()
            write(paragraph, part, font=self.letter.font(font), size=SMALL, bold=bold)
            if align is not None:
                paragraph.alignment = align
            _tight(paragraph, keep=keep)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def write(paragraph: Paragraph, text: str, *, font: str, size: float, bold: bool = False, spacing: int = 0) -> None:
    """A run in one font for all scripts; the hint makes quotation marks Chinese ones. `spacing`: twips between characters."""
    run = paragraph.add_run(clean(text))
    run.font.size, run.font.bold = Pt(size), bold
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)
    fonts.set(qn("w:hint"), "eastAsia")
    if spacing:
        run._r.get_or_add_rPr().insert_element_before(_element("w:spacing", val=spacing), "w:w", "w:kern", "w:position", "w:sz")


def balanced(text: str, before: Sequence[str], most: float) -> tuple[str, ...]:
    """The text in as few lines of at most `most` characters as breaks before these words allow, the longest as short as possible."""
    cuts = sorted({k for word in before for k in range(1, len(text)) if text.startswith(word, k)})
    best: tuple[str, ...] = (text,)
    for count in range(0 if width(text) <= most else 1, 4):
        ways = [tuple(text[a:b] for a, b in pairwise((0, *chosen, len(text)))) for chosen in combinations(cuts, count)]
        best = min(ways, key=lambda parts: max(map(width, parts)), default=best)
        if max(map(width, best)) <= most:
            break
    return best


def width(text: str) -> float:
    """Width in Chinese characters; a letter or digit takes half of one."""
    return sum(0.5 if ord(c) < 0x2000 else 1.0 for c in text)


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(22)
    properties = section._sectPr
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    properties.append(_element("w:docGrid", type="lines", linePitch=PITCH))


def _defaults(document: Document, font: str) -> None:
    """The style that everything starts from: the body's font, no space around paragraphs."""
    normal = document.styles["Normal"]
    normal.font.size = Pt(BODY)
    normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.widow_control = False
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")


def _fonts(document: Document, texts: Texts) -> None:
    """What to show instead where a font is missing."""
    part = next(p for p in document.part.package.iter_parts() if p.partname == "/word/fontTable.xml")
    pairs = [value for key, value in texts.parts["page"].items() if key.endswith("_font")]
    entries = "".join(
        f'<w:font w:name="{_attribute(name)}"><w:altName w:val="{_attribute(other)}"/><w:charset w:val="86"/>'
        '<w:family w:val="auto"/><w:pitch w:val="default"/></w:font>'
        for name, other in dict(pairs).items()
    )
    xml = f'<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{entries}</w:fonts>'
    part._blob = ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + xml).encode()


def _attribute(text: str) -> str:
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _numbers(document: Document, font: str) -> None:
    """— 1 — in 宋体 14 pt: odd pages right, even pages left, one character in."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, align, side in (
        (section.footer, RIGHT, "right"),
        (section.even_page_footer, LEFT, "left"),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = document.styles["Normal"]
        paragraph.alignment = align
        _indent(paragraph, **{f"{side}Chars": 100, side: round(NUMBER * 20)})
        write(paragraph, "— ", font=font, size=NUMBER)
        for piece in (_field("begin"), _instruction(), _field("separate"), None, _field("end")):
            write(paragraph, "1" if piece is None else "", font=font, size=NUMBER)
            if piece is not None:
                paragraph.runs[-1]._r.append(piece)
        write(paragraph, " —", font=font, size=NUMBER)


def _properties(document: Document, title: str) -> None:
    """Nothing of the template's own stays in what the file says about itself."""
    core = document.core_properties
    core.title, core.author, core.comments, core.keywords, core.last_modified_by = clean(title), "", "", "", ""
    core.revision = 1
    core.created = core.modified = datetime(2018, 1, 1, tzinfo=UTC)
    package = document.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[key]


def _field(part: str) -> Any:
    """Begin, separator or end of a field."""
    return _element("w:fldChar", fldCharType=part)


def _instruction() -> Any:
    element = OxmlElement("w:instrText")
    element.text = " PAGE "
    element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return element


def _element(name: str, **attributes: object) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), str(value))
    return element


def _spacing(paragraph: Paragraph, pitch: int) -> None:
    """A fixed distance of lines, in twips."""
    properties: Any = paragraph._p.get_or_add_pPr()
    spacing = properties.get_or_add_spacing()
    spacing.set(qn("w:line"), str(pitch))
    spacing.set(qn("w:lineRule"), "exact")


def _tight(paragraph: Paragraph, *, keep: bool) -> None:
    """A line in a table: as high as its letters ask for, off the page's grid."""
    _spacing(paragraph, 360)
    paragraph.paragraph_format.keep_with_next = keep or None
    _off_grid(paragraph)


def _off_grid(paragraph: Paragraph) -> None:
    """The page's grid would double a spacing that is not its own."""
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        _element("w:snapToGrid", val=0),
        *("w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textAlignment", "w:rPr"),
    )


def _indent(paragraph: Paragraph, **values: int) -> None:
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    for key, value in values.items():
        indent.set(qn(f"w:{key}"), str(value))


def _cell_margins(table: Table) -> None:
    """Air above, below and beside the words of a cell, in twips."""
    margins = _element("w:tblCellMar")
    for side, value in (("top", 45), ("left", 85), ("bottom", 45), ("right", 85)):
        margins.append(_element(f"w:{side}", w=value, type="dxa"))
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def _mark_row(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(_element(name))


def _shade(cell: _Cell) -> None:
    shade = _element("w:shd", val="clear", color="auto", fill="F2F2F2")
    cell._tc.get_or_add_tcPr().insert_element_before(
        shade, "w:noWrap", "w:tcMar", "w:textDirection", "w:tcFitText", "w:vAlign", "w:hideMark"
    )
