"""Styles of a DOCX: what a paragraph or run inherits through basedOn, document defaults and theme."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from extract.word_names import VAL, A, W, is_on, named, whole

_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])$", re.I)
_CONTENTS = re.compile(r"(?:toc|(?:WPSOffice)?(?:手动)?目录)\s*[1-9]$", re.I)
_BODY_TEXT = 9
"""outlineLvl of text that is no heading."""

Properties = Mapping[str, etree._Element]
"""The children of a w:pPr by tag."""


@dataclass(frozen=True, slots=True)
class Look:
    """How characters look, and whether they are seen at all. None: said nowhere yet."""

    bold: bool | None = None
    hidden: bool | None = None
    size: float | None = None
    font: str | None = None
    """East Asian font."""
    symbol_font: str | None = None
    """Font of Latin characters: tells Wingdings letters from real ones."""

    def over(self, below: Look) -> Look:
        """This look where it says something, `below` elsewhere."""
        return Look(
            below.bold if self.bold is None else self.bold,
            below.hidden if self.hidden is None else self.hidden,
            self.size or below.size,
            self.font or below.font,
            self.symbol_font or below.symbol_font,
        )


@dataclass(frozen=True, slots=True)
class Style:
    """A style with everything it inherits."""

    name: str = ""
    look: Look = Look()
    outline: int | None = None
    """1 to 9; None for body text."""
    centered: bool = False
    num_id: str | None = None
    ilvl: int | None = None
    num_owner: str = ""
    """Id of the style in the chain that says num_id; its level in the list may be tied by pStyle."""
    chain: tuple[str, ...] = ()
    """Ids from this style down to its root."""

    @property
    def of_contents(self) -> bool:
        """One of the styles toc 1 to toc 9."""
        return _CONTENTS.match(self.name) is not None


@dataclass(slots=True)
class Styles:
    """Styles by id, resolved when asked for."""

    nodes: dict[str, etree._Element] = field(default_factory=dict)
    default: Look = Look()
    default_paragraph: str = ""
    theme: dict[str, str] = field(default_factory=dict)
    """Theme font slot (minorEastAsia …) -> font."""
    _resolved: dict[str, Style] = field(default_factory=dict)
    _looks: dict[bytes, Look] = field(default_factory=dict)

    def paragraph(self, style_id: str | None) -> Style:
        """The named style, the default paragraph style where it is unknown."""
        return self._resolve(style_id if style_id in self.nodes and style_id is not None else self.default_paragraph, ())

    def character(self, style_id: str | None) -> Look:
        """What a character style says."""
        return self._resolve(style_id, ()).look if style_id in self.nodes and style_id is not None else Look()

    def look(self, properties: etree._Element | None) -> Look:
        """What a w:rPr says by itself and through its character style."""
        if properties is None or not len(properties):
            return _NOTHING
        own, style = _own_look(properties, self.theme), properties.find(W + "rStyle")
        return own if style is None else own.over(self.character(style.get(VAL)))

    def numbering_lists(self) -> dict[str, str]:
        """Style id -> numId that its own numPr names."""
        found = {}
        for style_id, node in self.nodes.items():
            num = node.find(f"{W}pPr/{W}numPr/{W}numId")
            if num is not None:
                found[style_id] = num.get(VAL, "")
        return found

    def _resolve(self, style_id: str, seen: tuple[str, ...]) -> Style:
        if style_id in self._resolved:
            return self._resolved[style_id]
        node = self.nodes.get(style_id)
        if node is None or style_id in seen:
            return Style()
        based = node.find(W + "basedOn")
        parent = Style() if based is None else self._resolve(based.get(VAL, ""), (*seen, style_id))
        style = self._derived(style_id, node, parent)
        self._resolved[style_id] = style
        return style

    def _derived(self, style_id: str, node: etree._Element, parent: Style) -> Style:
        name_node = node.find(W + "name")
        name = (name_node.get(VAL, "") if name_node is not None else style_id).strip()
        own = _own_look(node.find(W + "rPr"), self.theme)
        style = replace(parent, name=name, look=own.over(parent.look), chain=(style_id, *parent.chain))
        heading = _HEADING.match(name)
        if heading:
            style = replace(style, outline=int(heading[1]))
        return _with_paragraph_properties(style, style_id, named(node.find(W + "pPr")))


def read_styles(root: etree._Element | None, theme: etree._Element | None) -> Styles:
    """From styles.xml and theme1.xml; either may be missing."""
    styles = Styles(theme=_theme_fonts(theme))
    for node in root.iterchildren(W + "style") if root is not None else ():
        style_id = node.get(W + "styleId", "")
        styles.nodes[style_id] = node
        if node.get(W + "type") == "paragraph" and node.get(W + "default") is not None and is_on(node.get(W + "default")):
            styles.default_paragraph = style_id
    if root is not None:
        styles.default = _own_look(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"), styles.theme)
    return styles


def is_centered(properties: Properties) -> bool | None:
    """What a w:pPr says about centring, None if nothing."""
    alignment = properties.get(W + "jc")
    return None if alignment is None else alignment.get(VAL) == "center"


def outline_of(properties: Properties) -> int | None:
    """Outline level of a w:pPr: 1 to 9, 0 for "body text", None if it says nothing."""
    node = properties.get(W + "outlineLvl")
    level = whole(node.get(VAL)) if node is not None else None
    if level is None:
        return None
    return level + 1 if 0 <= level < _BODY_TEXT else 0


def _with_paragraph_properties(style: Style, style_id: str, properties: Properties) -> Style:
    centered, outline = is_centered(properties), outline_of(properties)
    if centered is not None:
        style = replace(style, centered=centered)
    if outline is not None:
        style = replace(style, outline=outline or None)
    numbers = named(properties.get(W + "numPr"))
    num_id, ilvl = numbers.get(W + "numId"), numbers.get(W + "ilvl")
    if ilvl is not None:
        style = replace(style, ilvl=whole(ilvl.get(VAL)), num_owner=style_id)
    if num_id is not None:
        style = replace(style, num_id=num_id.get(VAL), num_owner=style_id)
    return style


def _own_look(properties: etree._Element | None, theme: dict[str, str]) -> Look:
    if properties is None:
        return _NOTHING
    bold = hidden = None
    size = font = symbol = None
    for child in properties:
        if child.tag == W + "b":
            bold = is_on(child.get(VAL))
        elif child.tag == W + "vanish":
            hidden = is_on(child.get(VAL))
        elif child.tag == W + "sz":
            half_points = whole(child.get(VAL))
            size = half_points / 2 if half_points else None
        elif child.tag == W + "rFonts":
            themed = theme.get(child.get(W + "eastAsiaTheme", ""))
            font = themed or child.get(W + "eastAsia")
            symbol = child.get(W + "ascii") or child.get(W + "hAnsi")
    return Look(bold, hidden, size, font, symbol)


def _theme_fonts(theme: etree._Element | None) -> dict[str, str]:
    found = {}
    for slot, tag in (("major", "majorFont"), ("minor", "minorFont")):
        node = next(theme.iter(A + tag), None) if theme is not None else None
        if node is not None:
            found[slot + "EastAsia"] = next(_east_asian(node), "")
    return {slot: font for slot, font in found.items() if font}


def _east_asian(fonts: etree._Element) -> Iterator[str]:
    node = fonts.find(A + "ea")
    if node is not None and node.get("typeface"):
        yield node.get("typeface", "")
    for font in fonts.iterchildren(A + "font"):
        if font.get("script") == "Hans":
            yield font.get("typeface", "")


_NOTHING = Look()
