"""The text of one paragraph: runs, fields, tracked changes and symbols -> what a person reads in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from extract.word_names import MC, VAL, A, M, W, is_on, whole
from extract.word_numerals import FORMS
from extract.word_shapes import chosen, contents
from extract.word_styles import Look, Styles
from extract.word_symbols import PRIVATE, drawn

_CIRCLED_NUMBER = re.compile(r"EQ\s*\\o\s*(?:\\a[clr]\s*)?\(\s*[○〇◯]\s*[,，;；]\s*(?:\\s\\\w+\d*\s*\()?(\d{1,2})\)?\s*\)", re.I)
_SYMBOL_FIELD = re.compile(r'SYMBOL\s+(0x[0-9a-f]+|\d+)(?:.*?\\f\s+"?([^"\\]+?)"?\s*(?:\\|$))?', re.I)

TRANSPARENT = frozenset(
    W + name for name in ("hyperlink", "ins", "moveTo", "smartTag", "customXml", "sdt", "sdtContent", "fldSimple", "dir", "bdo", "subDoc")
)
"""Wrappers whose content reads as if they were not there."""


@dataclass(slots=True)
class Line:
    """A paragraph under way: its pieces with their looks, and what hangs in it."""

    pieces: list[str] = field(default_factory=list)
    drawings: list[etree._Element] = field(default_factory=list)
    sizes: Counter[float] = field(default_factory=Counter)
    fonts: Counter[str] = field(default_factory=Counter)
    plain: int = 0
    """Visible characters that are not bold."""
    contents_link: bool = False
    """A link to a heading's page number, as tables of contents have."""

    def add(self, text: str, look: Look) -> None:
        """Append visible text."""
        self.pieces.append(text)
        weight = len(text) - text.count(" ") - text.count("\u3000")
        if weight and not text.isspace():
            self.plain += 0 if look.bold else weight
            if look.size:
                self.sizes[look.size] += weight
            if look.font:
                self.fonts[look.font] += weight

    @property
    def text(self) -> str:
        """What has been gathered, blank lines and blanks at both ends left off."""
        return "".join(self.pieces).strip()


@dataclass(slots=True)
class _Field:
    shown: bool = False
    """Between separate and end: its result."""
    code: str = ""

    @property
    def of_contents(self) -> bool:
        return self.code.split(None, 1)[:1] == ["TOC"]


@dataclass(slots=True)
class TextReader:
    """Reads the paragraphs of one story in order; fields may begin in one and end in another."""

    styles: Styles
    broken: set[etree._Element] = field(default_factory=set)
    """Field characters without their counterpart: read as if they were not there."""
    _fields: list[_Field] = field(default_factory=list)

    @property
    def hidden(self) -> bool:
        """Inside a field's code or a table of contents."""
        return any(not f.shown or f.of_contents for f in self._fields)

    @property
    def in_contents(self) -> bool:
        """Inside a table of contents."""
        return any(f.of_contents for f in self._fields)

    def read(self, paragraph: etree._Element, line: Line, look: Look) -> None:
        """Append what `paragraph` says to `line`; `look` is that of its style."""
        self._inline(paragraph, line, look)

    def _inline(self, node: etree._Element, line: Line, look: Look) -> None:
        for child in node:
            tag = child.tag
            if tag == W + "r":
                self._run(child, line, look)
            elif tag in TRANSPARENT and not _is_contents_field(child):
                line.contents_link |= child.get(W + "anchor", "").startswith("_Toc")
                self._inline(child, line, look)
            elif tag == MC + "AlternateContent":
                branch = chosen(child)
                if branch is not None:
                    self._inline(branch, line, look)
            elif tag in (M + "oMath", M + "oMathPara") and not self.hidden:
                line.add(formula(child), look)

    def _run(self, run: etree._Element, line: Line, below: Look) -> None:
        properties = run[0] if len(run) else None
        stated = properties is not None and properties.tag == W + "rPr"
        look = self.styles.look(properties).over(below) if stated else below
        self._run_content(run, line, look)

    def _run_content(self, run: etree._Element, line: Line, look: Look) -> None:
        for child in run:
            tag = child.tag
            if tag == W + "fldChar":
                self._field_character(child, line, look)
            elif tag == W + "instrText":
                if self._fields and not self._fields[-1].shown:
                    self._fields[-1].code = (self._fields[-1].code + (child.text or "")).lstrip()
            elif look.hidden or self.hidden:
                continue
            elif tag == W + "t":
                line.add(_stored(child), look)
            elif tag in _SIGNS:
                line.add(_SIGNS[tag](child), look)
            elif tag == MC + "AlternateContent":
                branch = chosen(child)
                if branch is not None:
                    self._run_content(branch, line, look)
            elif tag == W + "ruby":
                for base in child.iterchildren(W + "rubyBase"):
                    self._inline(base, line, look)
            elif tag in _DRAWINGS:
                line.drawings.extend(contents(child))

    def _field_character(self, node: etree._Element, line: Line, look: Look) -> None:
        if node in self.broken:
            return
        kind = node.get(W + "fldCharType")
        if kind == "begin":
            self._fields.append(_Field(code=_form_field(node)))
        elif kind == "separate" and self._fields:
            self._fields[-1].shown = True
            line.contents_link |= self._fields[-1].code.startswith("PAGEREF")
        elif kind == "end" and self._fields:
            ended = self._fields.pop()
            if not ended.shown and not look.hidden and not self.hidden:
                line.add(_drawn_by_code(ended.code), look)


def unmatched_fields(root: etree._Element) -> set[etree._Element]:
    """Field characters of a part that have no counterpart within their story, deleted ones left out of account."""
    open_ones: dict[etree._Element | None, list[list[etree._Element]]] = {}
    broken: set[etree._Element] = set()
    for node in root.iter(W + "fldChar"):
        story, deleted = _story(node)
        if deleted:
            continue
        stack, kind = open_ones.setdefault(story, []), node.get(W + "fldCharType")
        if kind == "begin":
            stack.append([node])
        elif not stack:
            broken.add(node)
        elif kind == "separate":
            stack[-1].append(node)
        else:
            stack.pop()
    broken.update(node for stack in open_ones.values() for nodes in stack for node in nodes)
    return broken


def formula(node: etree._Element) -> str:
    """A formula on one line: its characters in order, a fraction with a slash."""
    parts = []
    for child in node:
        if child.tag in (M + "t", W + "t"):
            parts.append(child.text or "")
        elif child.tag == M + "f":
            over = [formula(part) for part in child if part.tag in (M + "num", M + "den")]
            parts.append("/".join(over))
        elif child.tag in (M + "d", M + "nary"):
            parts.append(_bracketed(child))
        elif isinstance(child.tag, str) and not child.tag.endswith("Pr"):
            parts.append(formula(child))
    return "".join(parts)


def _is_contents_field(node: etree._Element) -> bool:
    return node.tag == W + "fldSimple" and node.get(W + "instr", "").split(None, 1)[:1] == ["TOC"]


def _bracketed(node: etree._Element) -> str:
    def sign(name: str, default: str) -> str:
        found = node.find(f"{M}{'dPr' if node.tag == M + 'd' else 'naryPr'}/{M}{name}")
        return default if found is None else found.get(M + "val", "")

    if node.tag == M + "nary":
        return sign("chr", "∫") + "".join(formula(part) for part in node if part.tag in (M + "sub", M + "sup", M + "e"))
    return sign("begChr", "(") + sign("sepChr", "|").join(formula(e) for e in node.iterchildren(M + "e")) + sign("endChr", ")")


def _story(node: etree._Element) -> tuple[etree._Element | None, bool]:
    deleted = False
    for above in node.iterancestors():
        if above.tag in (W + "del", W + "moveFrom"):
            deleted = True
        elif above.tag == W + "txbxContent":
            return above, deleted
    return None, deleted


def _stored(node: etree._Element) -> str:
    """Word drops blanks at the ends of a w:t unless told to keep them; a line end inside is a blank."""
    text = node.text or ""
    if node.get("{http://www.w3.org/XML/1998/namespace}space") != "preserve":
        text = text.strip(" \t\r\n")
    text = text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ") if "\n" in text or "\r" in text else text
    return drawn(text, "")


def _break(node: etree._Element) -> str:
    """A page or column break parts the text as a line break does; at either end of the paragraph it is stripped with the blanks."""
    return "\n"


def _symbol(node: etree._Element) -> str:
    try:
        code = int(node.get(W + "char", ""), 16)
    except ValueError:
        return ""
    return drawn(chr(code), node.get(W + "font", "")) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _form_field(begin: etree._Element) -> str:
    """The drawn state of a legacy check box or drop-down list, written as a code that shows itself."""
    box = begin.find(f"{W}ffData/{W}checkBox")
    if box is not None:
        state = box.find(W + "checked")
        state = box.find(W + "default") if state is None else state
        return "\0☒" if state is not None and is_on(state.get(VAL)) else "\0☐"
    choices = begin.find(f"{W}ffData/{W}ddList")
    if choices is not None:
        entries = [entry.get(VAL, "") for entry in choices.iterchildren(W + "listEntry")]
        result = choices.find(W + "result")
        place = (whole(result.get(VAL)) if result is not None else None) or 0
        return "\0" + entries[place] if 0 <= place < len(entries) else ""
    return ""


def _drawn_by_code(code: str) -> str:
    """Fields without a stored result that Word draws all the same: circled numbers, symbols, form fields."""
    if code.startswith("\0"):
        return code[1:].split("FORM", 1)[0].rstrip()
    circled = _CIRCLED_NUMBER.match(code)
    if circled:
        return FORMS["decimalEnclosedCircle"](int(circled[1]))
    symbol = _SYMBOL_FIELD.match(code)
    if symbol:
        value = int(symbol[1], 0)
        return drawn(chr(PRIVATE + value if value < 0x100 and symbol[2] else value), symbol[2] or "") if 0 < value < 0xD800 else ""
    return ""


_SIGNS: Mapping[str, Callable[[etree._Element], str]] = {
    W + "tab": lambda node: "\t",
    W + "ptab": lambda node: "\t",
    W + "br": _break,
    W + "cr": lambda node: "\n",
    W + "noBreakHyphen": lambda node: "-",
    W + "sym": _symbol,
}
_DRAWINGS = frozenset((W + "drawing", W + "pict", W + "object", A + "graphic"))
