"""The labelled paragraphs again with other names in them, so that the tagger learns how evidence is mentioned and not what it is called."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence

NAME = re.compile(r"\{\{(.+?)\}\}", re.S)
_TAIL = re.compile(r"(?:[（(][^（）()]*[）)]|[\[［][^\]］]*[\]］])$")
_REFERENCE = re.compile(r"(?:见|详见)?(?:附件|附|佐证|材料|目录|第|证|卷|表|[A-Z0-9①-⑳Ⅰ-Ⅻ甲乙丙丁（(\[])")

Unit = tuple[str, Sequence[str]]
"""A unit's name and its lines with {{marked names}}."""


def swapped(units: Sequence[Unit], seed: int, rate: float = 0.6) -> Iterator[Unit]:
    """The units with about `rate` of their names replaced by names of any of them; a 文号 or number behind a name mostly stays."""
    chance = random.Random(seed)
    pool = [p for _, lines in units for line in lines for m in NAME.finditer(line) if (p := _parts(m[1]))]

    def other(m: re.Match[str]) -> str:
        own = _parts(m[1])
        if own is None or chance.random() > rate:
            return m[0]
        tail = own[1] if chance.random() < 0.6 else chance.choice(pool)[1]
        return "{{" + chance.choice(pool)[0] + tail + "}}"

    for unit, lines in units:
        yield unit, [NAME.sub(other, line) for line in lines]


def marked(passages: Iterable[tuple[str, Sequence[tuple[int, int]], Sequence[tuple[int, int]]]], section: int) -> Iterator[str]:
    """(text, marks, evidence spans) of a case as lines of a labelled text."""
    for text, marks, evidence in passages:
        if not text.strip():
            continue
        out, at = "", 0
        for start, end in sorted(marks):
            out += text[at:start] + "{{" + text[start:end] + "}}"
            at = end
        yield ("E " if evidence and evidence[0][0] == 0 else "" if section else "0 ") + out + text[at:]


def _parts(name: str) -> tuple[str, str] | None:
    """A name and the bracket behind it; None for a bare reference."""
    m = _TAIL.search(name)
    core, tail = (name[: m.start()], m[0]) if m and m.start() > 2 else (name, "")
    bare = len(core) < 4 or (_REFERENCE.match(core) and "《" not in core and len(core) < 12)
    return None if bare else (core, tail)
