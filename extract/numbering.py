"""What Word draws and does not store: the automatic number in front of each list paragraph."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from lxml import etree

from extract.word_names import MC, VAL, W, is_on, named, whole
from extract.word_numerals import numeral
from extract.word_symbols import drawn

LEVELS = 9
_PLACEHOLDER = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list as its definition says."""

    start: int = 1
    form: str = "decimal"
    """numFmt; "custom:001" for Word's zero-padded formats."""
    text: str = ""
    """lvlText: %1 stands for the current number of level 1."""
    legal: bool = False
    """All numbers of this label in decimal digits."""
    restart: int | None = None
    """lvlRestart: 0 never, n after level n (counted from 1) or one above it; None: after any level above."""
    style: str | None = None
    """Id of the paragraph style that is tied to this level."""
    font: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Instance:
    """A w:num: a list definition with its overrides."""

    abstract: str
    levels: tuple[Level, ...]
    restarts: frozenset[int] = frozenset()
    """Levels (from 0) that start anew where this instance is first used on them."""

    def level_of_style(self, style: str) -> int | None:
        """The level that is tied to a paragraph style."""
        return next((k for k, level in enumerate(self.levels) if level.style == style), None)


@dataclass(slots=True)
class Counter:
    """Counts through a story in reading order; `draw` is called once for every numbered paragraph."""

    instances: dict[str, Instance]
    _counts: dict[str, list[int | None]] = field(default_factory=dict)
    _started: set[tuple[str, int]] = field(default_factory=set)

    def draw(self, num_id: str, ilvl: int) -> str:
        """The label of the next paragraph of this list instance on this level (from 0), "" where nothing is drawn."""
        instance = self.instances.get(num_id)
        if instance is None or not 0 <= ilvl < len(instance.levels):
            return ""
        counts = self._counts.setdefault(instance.abstract, [None] * LEVELS)
        self._advance(counts, instance, num_id, ilvl)
        level = instance.levels[ilvl]
        return "" if level.hidden else _label(level, instance.levels, counts, ilvl)

    def _advance(self, counts: list[int | None], instance: Instance, num_id: str, ilvl: int) -> None:
        if ilvl in instance.restarts and (num_id, ilvl) not in self._started:
            counts[ilvl] = None
        self._started.add((num_id, ilvl))
        for above in range(ilvl):  # a level that was skipped counts as begun: 1.1 without a 1 before it
            if counts[above] is None:
                counts[above] = instance.levels[above].start
        current = counts[ilvl]
        counts[ilvl] = instance.levels[ilvl].start if current is None else current + 1
        for below in range(ilvl + 1, LEVELS):
            if _restarts(instance.levels[below], ilvl):
                counts[below] = None


def read_numbering(root: etree._Element | None, style_lists: dict[str, str]) -> dict[str, Instance]:
    """numId -> Instance; `style_lists` gives the numId that a numbering style (numStyleLink) points to."""
    if root is None:
        return {}
    abstracts = {a.get(W + "abstractNumId", ""): a for a in root.iterchildren(W + "abstractNum")}
    nums = {n.get(W + "numId", ""): n for n in root.iterchildren(W + "num")}
    targets = {num_id: _value(num, "abstractNumId") or "" for num_id, num in nums.items()}
    links = {key: _linked(key, abstracts, targets, style_lists) for key in abstracts}
    parsed = {key: _levels(abstracts[key]) for key in set(links.values()) if key in abstracts}
    found: dict[str, Instance] = {}
    for num_id, num in nums.items():
        key = links.get(targets[num_id], "")
        if key in parsed:
            levels, restarts = _overridden(num, parsed[key])
            found[num_id] = Instance(key, levels, restarts)
    return found


def _linked(key: str, abstracts: dict[str, etree._Element], targets: dict[str, str], style_lists: dict[str, str]) -> str:
    """Follow numStyleLink to the definition that holds the levels."""
    for _ in range(LEVELS):
        link = _value(abstracts[key], "numStyleLink") if key in abstracts else None
        if link is None:
            return key
        owner = next((k for k, a in abstracts.items() if k != key and _value(a, "styleLink") == link), None)
        following = owner or targets.get(style_lists.get(link, ""), "")
        if following in ("", key):
            return key
        key = following
    return key


def _levels(abstract: etree._Element) -> tuple[Level, ...]:
    """Nine levels; a w:lvl without ilvl, as web editors export it, takes the next free place."""
    levels = [Level(form="none")] * LEVELS
    place = 0
    for node in abstract.iterchildren(W + "lvl"):
        ilvl = whole(node.get(W + "ilvl"))
        place = place if ilvl is None else ilvl
        if 0 <= place < LEVELS:
            levels[place] = _level(node)
        place += 1
    return tuple(levels)


def _level(node: etree._Element) -> Level:
    says = _properties(node)
    text, legal, start = says.get(W + "lvlText"), says.get(W + "isLgl"), whole(_said(says, "start"))
    look = says.get(W + "rPr")
    fonts = None if look is None else look.find(W + "rFonts")
    vanish = None if look is None else look.find(W + "vanish")
    return Level(
        start=0 if start is None else start,
        form=_form(says.get(W + "numFmt")),
        text="" if text is None or (text.get(W + "null") and is_on(text.get(W + "null"))) else text.get(VAL, ""),
        legal=legal is not None and is_on(legal.get(VAL)),
        restart=whole(_said(says, "lvlRestart")),
        style=_said(says, "pStyle"),
        font="" if fonts is None else fonts.get(W + "ascii") or fonts.get(W + "hAnsi") or "",
        hidden=vanish is not None and is_on(vanish.get(VAL)),
    )


def _form(node: etree._Element | None) -> str:
    if node is None:
        return "decimal"
    name = node.get(VAL, "decimal")
    first = (node.get(W + "format") or "").split(",")[0].strip()
    return f"custom:{first}" if name == "custom" and first else name


def _overridden(num: etree._Element, levels: tuple[Level, ...]) -> tuple[tuple[Level, ...], frozenset[int]]:
    changed, restarts = list(levels), set()
    for node in num.iterchildren(W + "lvlOverride"):
        ilvl = whole(node.get(W + "ilvl")) or 0
        if not 0 <= ilvl < LEVELS:
            continue
        own = node.find(W + "lvl")
        if own is not None:
            changed[ilvl] = _level(own)
        start = whole(_value(node, "startOverride"))
        if start is not None:
            changed[ilvl] = replace(changed[ilvl], start=start)
            restarts.add(ilvl)
    return tuple(changed), frozenset(restarts)


def _restarts(level: Level, used: int) -> bool:
    return level.restart is None or used < level.restart


def _label(level: Level, levels: tuple[Level, ...], counts: list[int | None], ilvl: int) -> str:
    if level.form == "bullet":
        return drawn(level.text, level.font)

    def number(found: re.Match[str]) -> str:
        place = int(found[1]) - 1
        count = counts[place] if place <= ilvl else None
        return "" if count is None else _written(count, levels[place].form, legal=level.legal)

    return _PLACEHOLDER.sub(number, drawn(level.text, level.font))


def _written(count: int, form: str, *, legal: bool) -> str:
    if form in ("none", "bullet"):
        return ""
    if legal:
        return numeral(count, "decimalZero" if form == "decimalZero" else "decimal")
    if form.startswith("custom:"):
        pattern = form.removeprefix("custom:")
        return str(count).zfill(len(pattern)) if pattern.isdigit() else str(count)
    return numeral(count, form)


def _properties(node: etree._Element) -> dict[str, etree._Element]:
    """The children by tag; inside mc:AlternateContent the first branch counts, which newer Words read."""
    found: dict[str, etree._Element] = {}
    for child in node:
        if child.tag == MC + "AlternateContent":
            for branch in child:
                found = named(branch) | found
        else:
            found[child.tag] = child
    return found


def _said(properties: dict[str, etree._Element], name: str) -> str | None:
    node = properties.get(W + name)
    return None if node is None else node.get(VAL)


def _value(node: etree._Element, name: str) -> str | None:
    child = node.find(W + name)
    return None if child is None else child.get(VAL)
