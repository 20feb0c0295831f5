"""The rubric (考核细则) as data: TOML texts in, one validated frozen value out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib import resources
from types import MappingProxyType
from typing import Any

from scoring.rules import Reading, Rule, check_rules, load_readings, load_rule
from scoring.toml_table import RubricError as RubricError
from scoring.toml_table import TomlTable as TomlTable
from scoring.toml_table import parse as parse

GROUPS = ("county", "municipal", "provincial")
"""Groups of units where the rubric names none of its own."""
SCOPES = ("all", "related")
DOCUMENT_KINDS = ("notice", "basis", "rubric", "roster")
MAIN = "rubric.toml"


@dataclass(frozen=True, slots=True)
class Clause:
    """One scoring clause of an item as printed, e.g. 未建立相关工作机制的扣3分; its rule, if any, has the same id."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item (条目) of the rubric; `id` is "section.number"."""

    id: str
    section: int
    number: int
    name: str
    """Short name for pages and headings."""
    text: str
    rule: str
    """The bracket that follows the text in the notice."""
    points: Decimal
    clauses: tuple[Clause, ...]
    groups: tuple[str, ...]
    """Groups of units the item applies to."""
    evidence: tuple[str, ...]
    """What evidence it expects, in the words of catalogs."""
    bonus: bool = False
    rules: tuple[Rule, ...] = ()
    """What the clauses do to the points; none where the rubric names its clauses only."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section (部分) of the rubric."""

    number: int
    name: str
    points: Decimal
    bonus: bool
    headings: tuple[str, ...]
    """Headings it arrives under: the rubric's wording first, then the notice's and common rewordings."""
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class BasisDocument:
    """A document of the notice itself: cited as a basis, never evidence."""

    title: str
    kind: str
    docno: str | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Superior:
    """A higher authority: the ways it is named and the codes of its 文号."""

    name: str
    names: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """What the notice wants on paper."""

    requirement: str
    """The sentence of the notice that says so."""
    place: str
    """Where it has to be brought; "" where the notice does not say."""


@dataclass(frozen=True, slots=True)
class Rubric:
    """Everything that is asked of a unit. `sha256` covers all the texts it was made from."""

    id: str
    title: str
    year: int
    deadline: datetime
    """First moment that is too late: midnight after the last day, in the rubric's own time zone."""
    office: str
    scopes: Mapping[str, str]
    """Group -> "all" (every applicable item counts) or "related" (only what the unit says is its task)."""
    base: Decimal
    bonus: Decimal
    sections: tuple[Section, ...]
    documents: tuple[BasisDocument, ...]
    superiors: tuple[Superior, ...]
    sha256: str
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The other files (words.toml, thresholds.toml, segment.json …), parsed, by file name."""
    readings: tuple[Reading, ...] = ()
    """Clauses that can be read in more than one way, with the way in use."""
    weight: Decimal | None = None
    """Points of the annual target score that 100 points here are worth (按比例折算); None where it is not set."""
    group_names: Mapping[str, str] = field(default_factory=dict)
    """Group -> how it is printed, where the rubric says so."""
    paper: Paper | None = None
    """None where nothing is wanted on paper."""

    @property
    def groups(self) -> tuple[str, ...]:
        """All groups of units."""
        return tuple(self.scopes)

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in order."""
        return tuple(i for s in self.sections for i in s.items)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules in order."""
        return tuple(r for i in self.items for r in i.rules)

    def rule(self, id: str) -> Rule:
        """The rule with that id; KeyError if there is none."""
        for rule in self.rules:
            if rule.id == id:
                return rule
        raise KeyError(id)

    @property
    def superior_codes(self) -> frozenset[str]:
        """文号 codes of all higher authorities."""
        return frozenset(c for s in self.superiors for c in s.codes)

    def item(self, id: str) -> Item:
        """The item with that id; KeyError if there is none."""
        for item in self.items:
            if item.id == id:
                return item
        raise KeyError(id)

    def section(self, number: int) -> Section:
        """The section with that number; KeyError if there is none."""
        for section in self.sections:
            if section.number == number:
                return section
        raise KeyError(number)

    def applies(self, item: Item, group: str | None) -> bool:
        """Whether the item can count for a unit of this group; an unknown group gets what every group gets."""
        return group in item.groups if group else set(item.groups) == set(self.groups)

    def is_late(self, moment: datetime) -> bool:
        """Whether something received at that (aware) moment came after the deadline."""
        return moment >= self.deadline


def builtin(id: str = "shuangyashan-2017") -> Mapping[str, str]:
    """The texts (file name -> text) of a rubric that ships with the program, roster.toml included; KeyError if there is none."""
    folder = resources.files("scoring") / "rubrics" / id
    if not folder.is_dir():
        raise KeyError(id)
    return {f.name: f.read_text("utf-8") for f in sorted(folder.iterdir(), key=lambda f: f.name) if f.name.endswith((".toml", ".json"))}


def load_rubric(texts: Mapping[str, str]) -> Rubric:
    """Texts by file name -> Rubric; raises RubricError. rubric.toml is needed; every other *.toml and *.json is kept in `tables`."""
    if MAIN not in texts:
        raise RubricError(MAIN, "文件", "缺少此文件")
    table = TomlTable(MAIN, "", parse(MAIN, texts[MAIN]))
    readings, changes = load_readings(table)
    scopes, names = _groups(table)
    sections = tuple(_section(t, changes, tuple(scopes)) for t in table.tables("sections"))
    _unique(MAIN, "sections.number", [s.number for s in sections])
    points = table.table("points")
    rubric = Rubric(
        id=table.text("id"), title=table.text("title"), year=table.number("year"), deadline=_deadline(table),
        office=table.text("office", ""), scopes=scopes, base=points.decimal("base"),
        bonus=points.decimal("bonus", Decimal(0)), sections=sections,
        documents=tuple(_document(t) for t in table.tables("documents", optional=True)),
        superiors=tuple(_superior(t) for t in table.tables("superiors", optional=True)),
        sha256=digest(texts),
        tables=MappingProxyType({n: MappingProxyType(plain_table(n, t)) for n, t in texts.items() if _is_extra(n)}),
        readings=readings, weight=points.decimal("weight") if "weight" in points.values else None,
        group_names=names,
        paper=_paper(table.table("paper")) if "paper" in table.values else None,
    )
    _check_sums(rubric)
    check_rules(MAIN, rubric.rules, [i.id for i in rubric.items], [i.id for i in rubric.items if i.bonus], readings)
    return rubric


def _is_extra(name: str) -> bool:
    return name.endswith((".toml", ".json")) and name not in (MAIN, "roster.toml")


def plain_table(name: str, text: str) -> dict[str, Any]:
    """One of the other files, parsed; raises RubricError."""
    if name.endswith(".toml"):
        return parse(name, text)
    try:
        value = json.loads(text)
    except ValueError as error:
        raise RubricError(name, "JSON 语法", str(error)) from error
    if not isinstance(value, dict):
        raise RubricError(name, "JSON", "须为一个对象")
    return value


def digest(texts: Mapping[str, str]) -> str:
    """SHA-256 over names and texts, in name order."""
    h = hashlib.sha256()
    for name in sorted(texts):
        for part in (name, texts[name]):
            data = part.encode()
            h.update(len(data).to_bytes(8, "big") + data)
    return h.hexdigest()


def _section(t: TomlTable, changes: Mapping[str, dict[str, Any]], groups: tuple[str, ...]) -> Section:
    number, bonus = t.number("number"), t.flag("bonus")
    items = tuple(_item(i, number, bonus, changes, groups) for i in t.tables("items"))
    _unique(t.file, t.path + "items.number", [i.number for i in items])
    return Section(number, t.text("name"), t.decimal("points"), bonus, t.texts("headings", optional=True), items)


def _item(t: TomlTable, section: int, bonus: bool, changes: Mapping[str, dict[str, Any]], known: tuple[str, ...]) -> Item:
    number = t.number("number")
    id = f"{section}.{number}"
    groups = t.texts("groups", optional=True) or known
    for group in groups:
        t.allowed("groups", group, known)
    text, rule = t.text("text"), t.text("rule", "")
    rules = tuple(load_rule(r, id, (text, rule), changes) for r in t.tables("rules", optional=True))
    if rules and "clauses" in t.values:
        raise t.error("clauses", "条款已写在 rules 中，二者只能写一个")
    clauses = tuple(Clause(r.id, r.clause) for r in rules) or tuple(
        Clause(id + _letter(k), c) for k, c in enumerate(t.texts("clauses", optional=True))
    )
    return Item(id, section, number, t.text("name"), text, rule, t.decimal("points"), clauses, tuple(groups),
                t.texts("evidence", optional=True), bonus, rules)


def _letter(k: int) -> str:
    return chr(ord("a") + k) if k < 26 else f"-{k + 1}"


def _document(t: TomlTable) -> BasisDocument:
    kind = t.text("kind")
    t.allowed("kind", kind, DOCUMENT_KINDS)
    return BasisDocument(t.text("title"), kind, t.text("docno", "") or None, t.text("ref", "") or None)


def _paper(t: TomlTable) -> Paper:
    t.known(("requirement", "place"))
    return Paper(t.text("requirement"), t.text("place", ""))


def _superior(t: TomlTable) -> Superior:
    return Superior(t.text("name"), t.texts("names"), t.texts("codes", optional=True))


def _groups(t: TomlTable) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """[groups] -> (group -> scope, group -> printed name). An office that names groups of its own has those it lists and no others."""
    table = t.table("groups", optional=True)
    scopes = {} if any(isinstance(v, dict) and g not in GROUPS for g, v in table.values.items()) else dict.fromkeys(GROUPS, "all")
    names: dict[str, str] = {}
    for group, value in table.values.items():
        if not isinstance(value, dict):
            t.allowed("groups", group, GROUPS)
            scopes[group] = table.text(group)
            table.allowed(group, scopes[group], SCOPES)
            continue
        one = table.table(group)
        one.known(("scope", "name"))
        scopes[group] = one.text("scope", "all")
        one.allowed("scope", scopes[group], SCOPES)
        if "name" in value or group not in GROUPS:
            names[group] = one.text("name")
    return MappingProxyType(scopes), MappingProxyType(names)


def _deadline(t: TomlTable) -> datetime:
    day = t.values.get("deadline_day")
    if isinstance(day, datetime) or not isinstance(day, date):
        raise t.error("deadline_day", "须为日期，例如 2018-01-20")
    offset = t.text("utc_offset", "+08:00")
    try:
        zone = datetime.strptime(offset, "%z").tzinfo
    except ValueError as error:
        raise t.error("utc_offset", "须为时差，例如 \"+08:00\"") from error
    return datetime.combine(day + timedelta(days=1), time(), zone or UTC)


def _check_sums(rubric: Rubric) -> None:
    for s in rubric.sections:
        total = sum((i.points for i in s.items), Decimal(0))
        if total != s.points:
            raise RubricError(MAIN, f"sections[{s.number}].points", f"为 {s.points}，与各条目分值之和 {total} 不符")
    for key, bonus, want in (("points.base", False, rubric.base), ("points.bonus", True, rubric.bonus)):
        total = sum((s.points for s in rubric.sections if s.bonus == bonus), Decimal(0))
        if total != want:
            raise RubricError(MAIN, key, f"为 {want}，与各部分分值之和 {total} 不符")


def _unique(file: str, key: str, values: Sequence[object]) -> None:
    double = next((v for k, v in enumerate(values) if v in values[:k]), None)
    if double is not None:
        raise RubricError(file, key, f"{double} 重复")
