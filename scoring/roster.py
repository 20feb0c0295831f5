"""The roster (考核单位名单) as data: TOML text in, validated frozen values out."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scoring.rubric import GROUPS, RubricError, TomlTable, parse

FILE = "roster.toml"
PLACES = ("县", "区", "市", "旗", "乡", "镇", "街道")
"""What names of places end in."""


@dataclass(frozen=True, slots=True)
class RosterUnit:
    """One assessed unit."""

    name: str
    """As the notice's 附件2 prints it: 尖山区, 市发展和改革委员会."""
    group: str
    """county, municipal or provincial."""
    full: str
    """As it signs: 尖山区人民政府, 双鸭山市发展和改革委员会."""
    short: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    """How its 文号 begin: 双发改 for 双发改发〔2017〕36号."""
    mail: str | None = None

    @property
    def territorial(self) -> bool:
        """Whether it governs a place (尖山区, 饶河县, 某某镇) instead of being a body."""
        return self.name.endswith(PLACES)

    @property
    def names(self) -> tuple[str, ...]:
        """Every way it is named, longest first."""
        return tuple(sorted({self.name, self.full, *self.short}, key=lambda n: (-len(n), n)))


@dataclass(frozen=True, slots=True)
class Roster:
    """All assessed units, in the notice's order."""

    units: tuple[RosterUnit, ...]

    def unit(self, name: str) -> RosterUnit:
        """The unit printed under that name; KeyError if there is none."""
        for unit in self.units:
            if unit.name == name:
                return unit
        raise KeyError(name)

    def named(self, text: str) -> RosterUnit | None:
        """The unit that is called so, by any of its names; blanks and full-width signs make no difference. None if there is none."""
        called = _plain(text)
        return next((u for u in self.units if called in {_plain(n) for n in u.names}), None)

    def group(self, group: str) -> tuple[RosterUnit, ...]:
        """The units of one group."""
        return tuple(u for u in self.units if u.group == group)


def load_roster(text: str, file: str = FILE, groups: Sequence[str] = GROUPS) -> Roster:
    """TOML text -> Roster of units in these groups; raises RubricError naming file, key and what is allowed."""
    units = tuple(_unit(t, groups) for t in TomlTable(file, "", parse(file, text)).tables("units"))
    counts = Counter(n for u in units for n in u.names)
    double = [n for n, c in counts.items() if c > 1]
    if double:
        raise RubricError(file, "units.name/full/short", f"“{double[0]}”属于不止一个单位")
    codes = Counter(c for u in units for c in set(u.codes))
    double = [c for c, k in codes.items() if k > 1]
    if double:
        raise RubricError(file, "units.codes", f"发文代字“{double[0]}”属于不止一个单位")
    return Roster(units)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _unit(t: TomlTable, groups: Sequence[str]) -> RosterUnit:
    group = t.text("group")
    t.allowed("group", group, groups)
    name = t.text("name")
    short, codes = t.texts("short", optional=True), t.texts("codes", optional=True)
    return RosterUnit(name, group, t.text("full", name), short, codes, t.text("mail", "") or None)
