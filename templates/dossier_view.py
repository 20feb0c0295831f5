"""The submissions of one unit as its worksheet lists them: which is in use, which waits and for whom, what changed between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from templates import wording
from templates.wording import MARKS, Mark

Plain = Mapping[str, Any]
STATE_MARKS = {"used": "matched", "waiting": "uncertain", "quarantined": "conflict"}
SIGNS = {"added": "增", "removed": "减"}


@dataclass(frozen=True, slots=True)
class Part:
    """One submission."""

    mail: str
    sender: str
    subject: str
    received_at: str | None
    mark: Mark
    state: str
    """The state's word, with what of it is in use."""
    told: str
    """Why, and whose move it is."""
    changed: str
    """How much changed, in one line; "" where nothing was compared."""
    changes: tuple[tuple[str, str], ...]
    """(what, in which way) one by one."""


def parts(worksheet: Plain, rubric: Plain) -> tuple[Part, ...]:
    """All submissions in order of arrival; none where there is only one."""
    titles = {int(s["no"]): f"{s['no']} {s['title']}" for s in rubric["sections"]}
    return tuple(_part(p, titles) for p in worksheet.get("dossier") or ())


def _part(part: Plain, titles: Mapping[int, str]) -> Part:
    use = "、".join(wording.ROLES[role] for role in part["use"])
    state = str(wording.FILE_STATES.get(part["state"], part["state"])) + (f"（{use}）" if use else "")
    told = "；".join(t for t in (part["cause"], part["next_step"]) if t)
    found = part.get("changes")
    waits = part["state"] == "waiting"
    changes = tuple(_changes(found, titles)) if found else ()
    changed = "" if found is None else _summary(found, waits=waits) if changes else "与现用件内容相同"
    mark = MARKS[STATE_MARKS.get(part["state"], "none")]
    return Part(part["mail"], part["sender"], part["subject"], part["received_at"], mark, state, told, changed, changes)


def _summary(found: Plain, *, waits: bool) -> str:
    """现用件与此件相比：报告增2段、减1段；佐证增1处；目录增3项"""
    paragraphs = {k: sum(s[k] for s in found["sections"]) for k in SIGNS}
    told = [_counted("报告", paragraphs, "段")]
    told += [_counted(what, _by_sign(found[key]), unit) for key, what, unit in (("claims", "佐证", "处"), ("rows", "目录", "项"))]
    return ("若采用，与现用件相比：" if waits else "现用件与此件相比：") + "；".join(t for t in told if t)


def _counted(what: str, numbers: Mapping[str, int], unit: str) -> str:
    told = "、".join(f"{SIGNS[k]}{n}{unit}" for k, n in numbers.items() if n)
    return what + told if told else ""


def _by_sign(things: Sequence[Plain]) -> dict[str, int]:
    return {k: sum(1 for t in things if t["change"] == k) for k in SIGNS}


def _changes(found: Plain, titles: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    for s in found["sections"]:
        yield titles.get(s["section"], "其他内容"), "、".join(f"{SIGNS[k]}{s[k]}段" for k in SIGNS if s[k])
    for c in found["claims"]:
        yield c["text"], f"{SIGNS[c['change']]}佐证" + (f"（{c['item']}）" if c["item"] else "")
    for r in found["rows"]:
        number = f"第{r['no']}项 " if r["no"] else ""
        yield f"{number}{r['title']}{r['docno'] or ''}", f"{SIGNS[r['change']]}目录项"
