"""A second reading of automatic numbers, straight from ECMA-376 part 1, 17.9, and sharing no line with extract/.

It knows no more than it must to judge the other reading: body paragraphs and table cells in file order, decimal, Chinese, roman
and letter numbers. What it does not know it draws as None, and nobody is judged by it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator

from lxml import etree

_NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_CHINESE = ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand")


def words(data: bytes) -> list[str]:
    """What each paragraph says, boxes and formulas included, each branch of alternatives once."""
    body = _parts(data)("document")
    found = []
    for p in body.iter(_w("p")) if body is not None else ():
        if not any(a.tag == f"{{{_MC}}}Fallback" for a in p.iterancestors()):
            found.append("".join(t.text or "" for t in p.iter(_w("t"), _MATH) if next(t.iterancestors(_w("p"))) is p))
    return [w for w in found if w.strip()]


def labels(data: bytes) -> list[tuple[str | None, str]]:
    """(label, words) of every paragraph of the body in file order; the label None where this reading does not know it."""
    part = _parts(data)
    body = part("document")
    return [] if body is None else list(_Reading(part("styles"), part("numbering")).read(body))


def _parts(data: bytes) -> Callable[[str], etree._Element | None]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist() if name.startswith("word/") and name.endswith(".xml")}

    def part(name: str) -> etree._Element | None:
        held, parser = parts.get(f"word/{name}.xml"), etree.XMLParser(recover=True, huge_tree=True)
        return None if held is None else etree.fromstring(held.replace(_STRICT, _NS.encode()), parser)

    return part


class _Reading:
    def __init__(self, styles: etree._Element | None, numbering: etree._Element | None) -> None:
        self.styles = {} if styles is None else {s.get(_w("styleId")): s for s in styles.findall(_w("style"))}
        self.default = next((k for k, s in self.styles.items() if s.get(_w("type")) == "paragraph" and s.get(_w("default")) == "1"), None)
        root = numbering if numbering is not None else etree.Element("none")
        self.abstracts = {a.get(_w("abstractNumId")): a for a in root.findall(_w("abstractNum"))}
        self.nums = {n.get(_w("numId")): n for n in root.findall(_w("num"))}
        self.counts: dict[str, dict[int, int]] = {}
        self.begun: set[tuple[str, int]] = set()

    def read(self, root: etree._Element) -> Iterator[tuple[str | None, str]]:
        for p in root.iter(_w("p")):
            if any(a.tag in (_w("txbxContent"), f"{{{_MC}}}Fallback") for a in p.iterancestors()):
                continue
            words = "".join(t.text or "" for t in p.iter(_w("t")) if next(t.iterancestors(_w("p"))) is p)
            properties = p.find(_w("pPr"))
            mark = None if properties is None else properties.find(f"{_w('rPr')}/{_w('del')}")
            section = properties is not None and properties.find(_w("sectPr")) is not None
            if mark is not None or (section and not words.strip()):
                yield "", words
                continue
            place = self._place(properties)
            yield (self._draw(*place) if place else ""), words

    def _place(self, properties: etree._Element | None) -> tuple[str, int] | None:
        num = ilvl = None
        if properties is not None:
            num, ilvl = _val(properties, "numPr/numId"), _val(properties, "numPr/ilvl")
        style = (None if properties is None else _val(properties, "pStyle")) or self.default
        own = num is not None
        chain = [*self._chain(style)]
        for style_id in chain:
            found = self.styles[style_id].find(_w("pPr"))
            if found is not None:
                inherited = _val(found, "numPr/numId")
                ilvl = ilvl if ilvl is not None else _val(found, "numPr/ilvl")
                num = num if num is not None else inherited
                if num is not None:
                    break
        if num in (None, "0"):
            return None
        if ilvl is None and not own:
            _, levels = self._levels(str(num))
            tied = [k for s in chain for k, lvl in levels.items() if _val(lvl, "pStyle") == s]
            return str(num), tied[0] if tied else 0
        return str(num), int(ilvl or 0)

    def _chain(self, style: str | None) -> Iterator[str]:
        seen: set[str] = set()
        while style is not None and style in self.styles and style not in seen:
            seen.add(style)
            yield style
            style = _val(self.styles[style], "basedOn")

    def _levels(self, num: str) -> tuple[str, dict[int, etree._Element]]:
        node = self.nums.get(num)
        key = "" if node is None else _val(node, "abstractNumId") or ""
        for _ in range(5):
            link = None if key not in self.abstracts else _val(self.abstracts[key], "numStyleLink")
            if link is None:
                break
            key = next((str(k) for k, a in self.abstracts.items() if _val(a, "styleLink") == link), key)
        found: dict[int, etree._Element] = {}
        for level in self.abstracts[key].findall(_w("lvl")) if key in self.abstracts else ():
            found[int(level.get(_w("ilvl")) or len(found))] = level
        for override in node.findall(_w("lvlOverride")) if node is not None else ():
            own = override.find(_w("lvl"))
            if own is not None:
                found[int(override.get(_w("ilvl")) or 0)] = own
        return key, found

    def _draw(self, num: str, ilvl: int) -> str | None:
        key, levels = self._levels(num)
        if ilvl not in levels:
            return "" if num not in self.nums else None
        counts = self.counts.setdefault(key, {})
        start = self._start(num, ilvl)
        if start is not None and (num, ilvl) not in self.begun:
            counts.pop(ilvl, None)
        self.begun.add((num, ilvl))
        for k in range(ilvl):
            if k not in counts:
                counts[k] = self._first(num, k, levels)
        counts[ilvl] = counts[ilvl] + 1 if ilvl in counts else self._first(num, ilvl, levels)
        for k in range(ilvl + 1, 9):
            restart = _val(levels[k], "lvlRestart") if k in levels else None
            if restart is None or ilvl < int(restart):
                counts.pop(k, None)
        level = levels[ilvl]
        if _val(level, "numFmt") == "bullet":
            return "•"
        legal = level.find(_w("isLgl")) is not None
        pattern, known = _val(level, "lvlText") or "", True

        def number(m: re.Match[str]) -> str:
            nonlocal known
            k = int(m[1]) - 1
            if k not in counts or k > ilvl:
                return ""
            form = "decimal" if legal else (_val(levels[k], "numFmt") or "decimal") if k in levels else "decimal"
            drawn = _numeral(counts[k], form)
            known = known and drawn is not None
            return drawn or ""

        label = re.sub(r"%([1-9])", number, pattern)
        return label if known else None

    def _start(self, num: str, ilvl: int) -> int | None:
        for override in self.nums[num].findall(_w("lvlOverride")) if num in self.nums else ():
            if int(override.get(_w("ilvl")) or 0) == ilvl:
                value = _val(override, "startOverride")
                return None if value is None else int(value)
        return None

    def _first(self, num: str, ilvl: int, levels: dict[int, etree._Element]) -> int:
        start = self._start(num, ilvl)
        if start is not None:
            return start
        return int(_val(levels[ilvl], "start") or 0) if ilvl in levels else 1


def _numeral(number: int, form: str) -> str | None:
    if form == "none":
        return ""
    if form == "decimal":
        return str(number)
    if form == "decimalZero":
        return f"{number:02}"
    if form in ("lowerLetter", "upperLetter"):
        sign = chr(ord("a" if form == "lowerLetter" else "A") + (number - 1) % 26)
        return sign * ((number - 1) // 26 + 1) if number > 0 else None
    if form in ("lowerRoman", "upperRoman") and 0 < number < 40:
        roman = "X" * (number // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number % 10]
        return roman if form == "upperRoman" else roman.lower()
    if form in _CHINESE and 0 < number < 100:
        tens, ones = divmod(number, 10)
        signs = "〇一二三四五六七八九"
        return ("" if not tens else "十" if tens == 1 else signs[tens] + "十") + (signs[ones] if ones else "")
    if form.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    return None


def _val(node: etree._Element, path: str) -> str | None:
    found = node.find("/".join(_w(name) for name in path.split("/")))
    return None if found is None else found.get(_w("val"))


def _w(name: str) -> str:
    return f"{{{_NS}}}{name}"
