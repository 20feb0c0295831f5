"""回执: what came with one mail, what could not be used and what to do about it, in time or late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from scoring.roster import RosterUnit
from scoring.rubric import Rubric
from templates import wording
from templates.letters_draft import draft
from templates.letters_texts import Texts
from templates.letters_words import deadline
from templates.plaintext import line


@dataclass(frozen=True, slots=True)
class Came:
    """One file of the mail: its name, its role if known, and what became of it."""

    name: str
    role: str
    state: str
    cause: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """One mail as it arrived."""

    received_at: datetime | None
    """In the office's own time zone."""
    late: bool | None
    deadline: datetime | None
    """Where it was extended for the unit; else the rubric's holds."""
    files: tuple[Came, ...]
    cause: str = ""
    """What was wrong with the mail itself."""
    next_step: str = ""


def receipt(mail: Received, unit: RosterUnit | None, rubric: Rubric, texts: Texts) -> bytes:
    """The draft as .eml; it goes to the roster's address, for a sender's header proves nothing."""
    return draft(unit, texts.say("receipt", "subject"), tuple(_lines(mail, unit, rubric, texts)), texts)


def _lines(mail: Received, unit: RosterUnit | None, rubric: Rubric, texts: Texts) -> Iterator[str]:
    yield f"{unit.full if unit else texts.say('draft', 'anyone')}："
    if mail.received_at:
        yield texts.say("receipt", "opening", moment=wording.moment(mail.received_at, rubric.deadline.tzinfo))
    else:
        yield texts.say("receipt", "opening_undated")
    yield from _files(mail.files, texts)
    troubles = [(f.name, f.cause, f.next_step) for f in mail.files if _is_theirs(f.state, f.next_step)]
    if not mail.files and _is_theirs("quarantined" if mail.cause else "", mail.next_step):
        troubles = [("邮件", mail.cause, mail.next_step)]
    if troubles:
        yield texts.say("receipt", "trouble")
        for n, (name, cause, step) in enumerate(troubles, 1):
            yield f"　　{n}. {line(name)}：{'；'.join(t for t in (cause, step) if t)}"
    yield texts.say("receipt", {True: "late", False: "in_time", None: "untold"}[mail.late], deadline=deadline(rubric, mail.deadline))
    yield texts.say("receipt", "closing")
    yield ""
    yield f"　　{rubric.office}"


def _is_theirs(state: str, next_step: str) -> bool:
    """Whether the unit can do something about it; what office or administrator have to do is none of its business."""
    return state == "quarantined" and wording.UNIT in next_step


def _files(files: Sequence[Came], texts: Texts) -> Iterator[str]:
    if not files:
        yield texts.say("receipt", "nothing")
        return
    yield texts.say("receipt", "came")
    for n, f in enumerate(files, 1):
        words = "，".join(w for w in (wording.ROLES.get(f.role, "") if f.role != "other" else "", _fate(f)) if w)
        yield f"　　{n}. {line(f.name)}" + (f"（{words}）" if words else "")


def _fate(f: Came) -> str:
    """What the unit is told; nothing where the file was simply taken in."""
    return STATES["waiting"] if f.state == "quarantined" and not _is_theirs(f.state, f.next_step) else STATES.get(f.state, "")


STATES = {
    "waiting": "正在处理",
    "duplicate": "与先前收到的文件内容完全相同",
    "superseded": "已有更新的文件",
    "quarantined": "未能处理",
}
