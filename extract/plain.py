"""Read plain text and HTML (mail bodies, web pages saved as .doc) into paragraphs and tables."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

import lxml.html
from lxml import etree

from extract.errors import DamagedFile, EmptyFile
from extract.model import Cell, Document, Element, Location, Paragraph, Table

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center dd details div dl dt fieldset figcaption figure "
        "footer form h1 h2 h3 h4 h5 h6 header hr html "
        "li main nav ol p pre section summary ul caption",
    )
)
_SILENT = frozenset(re.findall(r"\w+", "script style head title meta link noscript template object iframe svg select"))
_MAX_SPAN = 200
_MAX_DEPTH = 200


def decode_text(data: bytes, *, cut: bool = False) -> str | None:
    """Text of `data` by BOM, then UTF-8, then GB18030, then UTF-16 without BOM; None if it is none of them.

    `cut`: the bytes may end inside a character.
    """
    for bom, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    high, low = data[0:2000:2].count(0), data[1:2000:2].count(0)  # half of each ASCII character in UTF-16 is zero
    if max(high, low) > len(data[:2000]) * 0.04:
        return _decoded(data, "utf-16-be" if high > low else "utf-16-le", cut)
    return _decoded(data, "utf-8", cut) or _decoded(data, "gb18030", cut)


def read_text(data: bytes) -> Document:
    """A text file: each line that is not blank is a paragraph."""
    text = decode_text(data)
    if text is None:
        raise DamagedFile("文本文件的编码不能识别")
    lines = [line.strip() for line in re.split(r"\r\n|[\r\n\f\u2028\u2029]", text)]
    elements = tuple(Paragraph(line, Location(paragraph=k)) for k, line in enumerate(filter(None, lines), 1))
    if not elements:
        raise EmptyFile
    return Document(elements, "text/plain")


def read_html(data: bytes) -> Document:
    """An HTML page or mail body: block elements are paragraphs, <br> a line break inside one, tables stay tables."""
    text = html_text(data)
    try:
        root = lxml.html.document_fromstring(text.replace("\0", ""))
    except (etree.ParserError, ValueError) as error:
        raise EmptyFile if not re.sub(r"<[^>]*>|\s", "", text) else DamagedFile from error
    flow = _Flow()
    _walk(root, flow, 0)
    flow.close()
    if not flow.elements:
        raise EmptyFile
    return Document(tuple(flow.elements), "text/html")


def _decoded(data: bytes, encoding: str, cut: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=not cut)
    except UnicodeDecodeError:
        return None


def html_text(data: bytes) -> str:
    """The source of a page by the charset it names, where that holds."""
    named = re.search(rb"charset\s*=\s*[\"']?\s*([\w-]+)", data[:4000], re.I)
    label = named.group(1).decode("ascii", "replace").lower() if named else ""
    encoding = "gb18030" if label in ("gb2312", "gbk", "gb18030", "x-gbk", "cp936") else label
    if encoding and not encoding.startswith("utf-16"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            pass  # the label lies, as it often does
    text = decode_text(data)
    return text if text is not None else data.decode("gb18030", "replace")


@dataclass(slots=True)
class _Counter:
    """Running numbers shared by a page and the cells inside it."""

    paragraph: int = 0
    table: int = 0


@dataclass(slots=True)
class _Flow:
    """Collects the text between block borders."""

    counter: _Counter = field(default_factory=_Counter)
    elements: list[Element] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    outline: int | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None

    def add(self, text: str | None, keep: bool) -> None:
        if text:
            self.parts.append(text if keep else re.sub(r"[ \t\r\n\f]+", " ", text))

    def close(self) -> None:
        text = "".join(self.parts).replace("\u200b", "")
        self.parts = []
        text = "\n".join(line.strip(" \t\xa0") for line in text.split("\n")).strip("\n").strip()
        if text:
            self.counter.paragraph += 1
            place = Location(paragraph=self.counter.paragraph, table=self.table, row=self.row, column=self.column)
            self.elements.append(Paragraph(text, place, outline=self.outline))


def _walk(node: etree._Element, flow: _Flow, depth: int) -> None:
    tag = node.tag.lower() if isinstance(node.tag, str) else ""
    if not tag or tag in _SILENT or depth > _MAX_DEPTH or _hidden(node):
        return
    if tag == "br":
        flow.parts.append("\n")
        return
    if tag == "table":
        flow.close()
        _table(node, flow, depth)
        return
    block = tag in _BLOCKS
    if block:
        flow.close()
        flow.outline = int(tag[1]) if re.fullmatch(r"h[1-6]", tag) else None
    keep = tag == "pre"
    flow.add(node.text, keep)
    for child in node:
        _walk(child, flow, depth + 1)
        flow.add(child.tail, keep)
    if block:
        flow.close()
        flow.outline = None


def _hidden(node: etree._Element) -> bool:
    return bool(re.search(r"display\s*:\s*none", node.get("style") or "", re.I)) or node.get("hidden") is not None


def _table(node: etree._Element, flow: _Flow, depth: int) -> None:
    caption = node.find("caption")
    if caption is not None:
        _walk(caption, flow, depth + 1)
    flow.counter.table += 1
    number = flow.counter.table
    taken: set[tuple[int, int]] = set()
    rows: list[tuple[Cell, ...]] = []
    for r, line in enumerate(_rows_of(node)):
        cells = []
        column = 0
        for data in line:
            if not isinstance(data.tag, str) or data.tag.lower() not in ("td", "th"):
                continue
            while (r, column) in taken:
                column += 1
            down, across = _span(data, "rowspan"), _span(data, "colspan")
            taken |= {(r + i, column + j) for i in range(down) for j in range(across)}
            cells.append(Cell(_cell(data, flow.counter, number, r, column, depth), r, column, down, across))
            column += across
        rows.append(tuple(cells))
    if any(cell.content for row in rows for cell in row):
        flow.elements.append(Table(tuple(rows), Location(table=number)))


def _rows_of(table: etree._Element) -> list[etree._Element]:
    found = []
    for child in table:
        tag = child.tag.lower() if isinstance(child.tag, str) else ""
        if tag == "tr":
            found.append(child)
        elif tag in ("thead", "tbody", "tfoot"):
            found += [row for row in child if isinstance(row.tag, str) and row.tag.lower() == "tr"]
    return found


def _span(cell: etree._Element, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(max(int(value), 1), _MAX_SPAN) if value.isdigit() else 1


def _cell(node: etree._Element, counter: _Counter, table: int, row: int, column: int, depth: int) -> tuple[Element, ...]:
    flow = _Flow(counter, table=table, row=row + 1, column=column + 1)
    flow.add(node.text, False)
    for child in node:
        _walk(child, flow, depth + 2)
        flow.add(child.tail, False)
    flow.close()
    return tuple(flow.elements)
