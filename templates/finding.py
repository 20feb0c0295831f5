"""Which units a few typed characters mean: parts of a name, or initials of its pinyin, mixed as people type them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Name = Sequence[str]
"""A name, character by character, each followed by every letter its reading may begin with: ("市s", "民m", "长cz")."""

BEGINNING = 2
"""A name begins at its first character or behind the 市 before it."""


def find(query: str, names: Mapping[str, Iterable[Name]]) -> tuple[str, ...]:
    """The keys that the query means; all for an empty one.

    The first of these that anything fits: a name begins so; a name holds it; its letters in another order (szmj for 市民政局).
    """
    wanted = "".join(query.lower().split())
    if not wanted:
        return tuple(names)
    for mixed in (False, True):
        if mixed and (not wanted.isascii() or len(wanted) < 3):
            break
        places = {key: min((_place(wanted, n, mixed) for n in known), default=None) for key, known in _tuples(names).items()}
        found = {key: at for key, at in places.items() if at is not None and at < NOWHERE}
        if found:
            begin = tuple(key for key, at in found.items() if at < BEGINNING)
            return begin or tuple(found)
    return ()


def packed(names: Iterable[Name]) -> str:
    """Names as one attribute for the script: characters apart by blanks, names by bars."""
    return "|".join(" ".join(name) for name in names)


NOWHERE = 10_000


def _tuples(names: Mapping[str, Iterable[Name]]) -> dict[str, tuple[Name, ...]]:
    return {key: tuple(known) for key, known in names.items()}


def _place(wanted: str, name: Name, mixed: bool) -> int:
    """Where in the name it stands first; NOWHERE if it does not."""
    size = len(wanted)
    fits = _covers if mixed else _reads
    return next((at for at in range(len(name) - size + 1) if fits(wanted, name[at : at + size])), NOWHERE)


def _reads(wanted: str, part: Name) -> bool:
    return all(c in token for c, token in zip(wanted, part, strict=True))


def _covers(wanted: str, part: Name) -> bool:
    left = list(wanted)
    for token in part:
        fitting = next((c for c in left if c in token), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return True
