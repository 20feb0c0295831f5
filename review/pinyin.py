"""Names as search wants them: each character with every letter its reading may begin with."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, pinyin

from scoring.roster import RosterUnit


def findable(unit: RosterUnit) -> tuple[tuple[str, ...], ...]:
    """Every name of the unit, longest first, as `templates.finding` searches it."""
    return tuple(tokens(name) for name in unit.names)


@lru_cache(maxsize=20_000)
def tokens(name: str) -> tuple[str, ...]:
    """市民政局 -> ("市fs", "民m", "政z", "局j"); 长 is both "c" and "z". Anything but Chinese stands for itself."""
    return tuple(_token(char) for char in name.lower() if not char.isspace())


@lru_cache(maxsize=20_000)
def _token(char: str) -> str:
    if char.isascii():
        return char
    readings = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore", strict=False)
    letters = {reading[0] for reading in readings[0] if reading} if readings else set()
    return char + "".join(sorted(c for c in letters if c.isascii()))
