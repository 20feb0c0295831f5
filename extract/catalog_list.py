"""A catalog written as a list of lines: which lines are rows, which are headings, and where the list ends."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from extract.catalog_line import Line, read_line, read_line_by
from extract.catalog_pattern import Pattern, learn, without_leaders
from extract.catalog_words import header_role, is_catalog_title, is_evidence, is_note, is_total, plain, says_kept
from extract.chinese import fold
from extract.docno import find_docnos
from extract.model import Location, Paragraph

Kind = Literal["row", "heading", "note", "join", "stop"]

_RUN_IN = re.compile(
    r"(?<![\d.〔(第-])(?:\((?P<a>\d{1,3})\)|(?P<b>\d{1,3})(?:[、)]|\.(?!\d)|\.(?=(?:19|20)\d\d年))|(?<=[;。:])(?P<c>\d{1,3})\.)\s*"
)
_OWN = re.compile(r"\s*\(?(?P<no>\d{1,3})(?:[、)]|\.(?!\d))")
_CLOSED = re.compile(r"[)〕》;。号]\s*$|(?:通知|方案|办法|制度|名单|名册|台账|截图|照片|报告|记录|纪要|机制|目录|清单|表)\s*$")
_HAN_STYLE = re.compile(r"^(?:\(?一\)?|第一.*|\(一\)[-.]?1|一[-.]1|[卷盒册].*|第.[卷盒册].*)$")
_PROSE = re.compile(r"。.")
_CLOSING = re.compile(
    r"特此|以上|上述|妥否|请.{0,6}(?:查收|审阅|审核|审示|指正)|联系(?:人|电话)|此致|敬礼"
    r"|^.{0,24}(?:人民政府(?:办公室)?|委员会|办公室|局|中心|总站|处)$"
)
_LONG = 110


@dataclass(frozen=True, slots=True)
class Printed:
    """A line as it stands in the document: a paragraph, or the part of one up to a line break."""

    element: int
    text: str
    label: str = ""
    bold: bool = False
    location: Location = field(default_factory=Location)

    @property
    def full(self) -> str:
        """Label and text."""
        return self.label + self.text


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of a list and the heading it stands under."""

    line: Line
    group: str | None
    printed: Printed


@dataclass(frozen=True, slots=True)
class ListReading:
    """The rows, how many of the given lines they take up, and how much of it looks like a catalog (0–1)."""

    rows: tuple[ListRow, ...]
    used: int
    evidence: float
    numbered: float
    group: str | None = None
    """The heading that is open at the end."""


def printed_lines(element: int, paragraph: Paragraph) -> list[Printed]:
    """The lines of a paragraph: hard line breaks part them, and so do the numbers of a list that is run in."""
    lines: list[Printed] = []
    for part in paragraph.text.split("\n"):
        for piece in _run_in(part):
            if piece.strip() or (paragraph.label and not lines):
                lines.append(Printed(element, piece.strip(), "" if lines else paragraph.label, paragraph.bold, paragraph.location))
    return lines


def _run_in(text: str) -> list[str]:
    """目录如下：1.…；2.…；3.… in one paragraph, cut before each number; the text alone if there is no such run."""
    folded = fold(text)
    own = _OWN.match(folded)
    first = int(own["no"]) + 1 if own else 1
    starts, expected = [0], first
    for m in _RUN_IN.finditer(folded, own.end() if own else 0):
        if int(m["a"] or m["b"] or m["c"]) == expected and (not own or _CLOSED.search(folded[: m.start()])):
            starts.append(m.start())
            expected += 1
    if expected < (first + 1 if own else 4):
        return [text]
    ends = [*starts[1:], len(text)]
    return [text[a:b] for a, b in zip(starts, ends, strict=True)]


@dataclass(frozen=True, slots=True)
class _Entry:
    printed: Printed
    line: Line
    evidence: bool
    style: tuple[str, bool]


def read_list(lines: Sequence[Printed], group: str | None = None, *, titled: bool) -> ListReading:
    """The rows of `lines`, which start where the list starts; `titled`: the heading of a catalog stands above."""
    entries = _in_sequence([_entry(p) for p in lines])
    pattern = learn([without_leaders(e.printed.text) for e in entries])
    if pattern is not None:
        entries = [_entry(p, pattern) for p in lines]
    kinds = _kinds(entries, titled)
    rows, used, last = _assemble(entries, kinds, group, pattern)
    evidence = sum(is_evidence(r.line.title) or r.line.has_fields for r in rows)
    numbered = sum(bool(r.line.no) for r in rows)
    n = max(1, len(rows))
    return ListReading(tuple(rows), used, evidence / n, numbered / n, last)


def _entry(printed: Printed, pattern: Pattern | None = None) -> _Entry:
    line = _line(printed, pattern)
    return _Entry(printed, line, is_evidence(line.title) or line.has_fields, (line.style, printed.bold))


def _line(printed: Printed, pattern: Pattern | None) -> Line:
    return read_line(printed.text, printed.label) if pattern is None else read_line_by(pattern, printed.text, printed.label)


def _in_sequence(entries: list[_Entry]) -> list[_Entry]:
    """15.24小时自助办税 behind 14 is number 15, not 15.24: a title may start with a figure."""
    out: list[_Entry] = []
    previous: tuple[int | str, ...] = ()
    for entry in entries:
        key, text = entry.line.key, entry.printed.text
        whole = re.match(r"\s*(\d{1,3})\s*[.．]\s*(?=\d)", text)
        if whole and not entry.printed.label and len(key) != 1 and len(previous) <= 1 and _is_next(int(whole[1]), previous):
            line = read_line(text[whole.end() :])
            rest = text[whole.end() :] if line.no else line.title
            entry = replace(entry, line=replace(line, no=whole[1], key=(int(whole[1]),), style="1", title=rest))
            entry = replace(entry, style=(entry.line.style, entry.printed.bold))
        previous = entry.line.key or previous
        out.append(entry)
    return out


def _is_next(number: int | str, previous: tuple[int | str, ...]) -> bool:
    last = previous[0] if previous else None
    return isinstance(number, int) and isinstance(last, int) and number == last + 1


def _assemble(
    entries: list[_Entry], kinds: list[Kind], group: str | None, pattern: Pattern | None
) -> tuple[list[ListRow], int, str | None]:
    rows: list[ListRow] = []
    used = 0
    kept = False
    for k, (entry, kind) in enumerate(zip(entries, kinds, strict=True)):
        if kind == "stop":
            break
        if kind == "heading":
            group, kept = entry.printed.full.strip().rstrip("：:"), says_kept(entry.printed.full)
        elif kind == "row":
            rows.append(ListRow(replace(entry.line, kept=entry.line.kept or kept), group, entry.printed))
        elif kind == "join" and rows:
            rows[-1] = _joined(rows[-1], entry.printed, pattern)
        if kind in ("row", "join"):
            used = k + 1
    return rows, used, group


def _joined(row: ListRow, more: Printed, pattern: Pattern | None) -> ListRow:
    whole = replace(row.printed, text=row.printed.text + more.text)
    return ListRow(_line(whole, pattern), row.group, whole)


def _kinds(entries: list[_Entry], titled: bool) -> list[Kind]:
    kinds: list[Kind | None] = [_plain_kind(e, first=not k) for k, e in enumerate(entries)]
    stop = next((k for k, kind in enumerate(kinds) if kind == "stop"), len(entries))
    open_ = [k for k in range(stop) if kinds[k] is None]
    headings = _heading_styles([entries[k] for k in open_])
    numbered = sum(bool(entries[k].line.no) and entries[k].style not in headings for k in open_)
    unnumbered = sum(not entries[k].line.no for k in open_)
    by_number = numbered >= 2 and (numbered >= unnumbered * 0.5 or not titled)
    for position, k in enumerate(open_):
        following = [entries[j] for j in open_[position + 1 :]]
        before = entries[open_[position - 1]] if position else None
        if entries[k].line.no:
            kinds[k] = "heading" if entries[k].style in headings or _opens(entries[k], following, headings) else "row"
        elif by_number:
            kinds[k] = _between_numbers(entries[k], before, following, entries)
        else:
            kinds[k] = _without_numbers(entries[k], following, headings, first=entries[open_[0]])
    return [kind or "stop" for kind in kinds]


def _plain_kind(entry: _Entry, *, first: bool) -> Kind | None:
    """What can be said of a line by itself."""
    text = entry.printed.full
    folded = plain(text)
    if not folded or is_total(text) or _is_header_line(text):
        return "note"
    if is_note(text) and not (entry.line.no and entry.evidence):
        return "note"
    if is_catalog_title(text) and not entry.line.no and (first or entry.printed.bold):
        return "note"
    if _PROSE.search(folded) and len(folded) > 60 and "《" not in folded[:12]:
        return "stop"
    if len(folded) > _LONG and not entry.evidence:
        return "stop"
    if not entry.line.no and not find_docnos(text) and _CLOSING.search(folded) and "《" not in folded and not entry.evidence:
        return "stop"
    return None


def _is_header_line(text: str) -> bool:
    words = re.split(r"[\s|｜]+", text.strip())
    roles = [header_role(w) for w in words]
    return len(words) >= 2 and all(roles) and len(set(roles)) >= 2


def _heading_styles(entries: list[_Entry]) -> set[tuple[str, bool]]:
    """Styles of number (and boldness) whose lines head the others."""
    count = Counter(e.style for e in entries)
    if len(count) < 2 or not entries:
        return set()
    found: set[tuple[str, bool]] = set()
    for style in count:
        if style != entries[-1].style and style[0] and _heads(style, entries, count):
            found.add(style)
    return found if len(found) < len(count) else set()


def _heads(style: tuple[str, bool], entries: list[_Entry], count: Counter[tuple[str, bool]]) -> bool:
    mine = [k for k, e in enumerate(entries) if e.style == style]
    others = [k for k, e in enumerate(entries) if e.style != style]
    followed = sum(k + 1 < len(entries) and entries[k + 1].style != style for k in mine) / len(mine)
    fields = sum(entries[k].line.has_fields for k in mine) / len(mine)
    evidence = sum(entries[k].evidence for k in mine) / len(mine)
    if followed < 0.8 or fields > 0.25 or len(mine) > len(others):
        return False
    parents = sum(_is_parent(entries[k].line, entries[k + 1].line) for k in mine if k + 1 < len(entries)) / len(mine)
    bolder = style[1] and not any(entries[k].style[1] for k in others if entries[k].line.no)
    looks = bool(_HAN_STYLE.match(style[0])) and any(not _HAN_STYLE.match(entries[k].style[0]) for k in others)
    if bolder or looks:
        return True
    return (len(mine) >= 2 and (evidence <= 0.5 or (parents >= 0.8 and mine[0] == 0))) or (parents >= 0.8 and evidence <= 0.5)


def _is_parent(line: Line, following: Line) -> bool:
    return len(following.key) > len(line.key) and following.key[: len(line.key)] == line.key and bool(line.key)


def _opens(entry: _Entry, following: list[_Entry], headings: set[tuple[str, bool]]) -> bool:
    """A single numbered heading among rows of the same style: 2 事项标准化, followed by 2-1."""
    if entry.evidence or not following or following[0].style in headings:
        return False
    return _is_parent(entry.line, following[0].line)


def _between_numbers(entry: _Entry, before: _Entry | None, following: list[_Entry], entries: list[_Entry]) -> Kind:
    """A line without a number in a list whose rows have one."""
    text = entry.printed.text
    numbered_follows = any(e.line.no for e in following)
    if before is not None and not entry.printed.bold and (_continues(text, before, entries) or _completes(text, before, following)):
        return "join"
    if not numbered_follows:
        return "row" if entry.evidence and "《" in text + entry.line.title and not _CLOSING.search(plain(text)) else "stop"
    if entry.evidence and not entry.printed.bold and (find_docnos(text) or "《" in text) and not text.rstrip().endswith(("：", ":")):
        return "row"
    return "heading" if len(plain(text)) <= 60 else "stop"


def _continues(text: str, before: _Entry, entries: list[_Entry]) -> bool:
    """True if a line that lacks a number is the rest of the line before."""
    if not before.line.no:
        return False
    previous, folded = fold(before.printed.text).rstrip(), plain(text)
    if any(previous.count(a) > previous.count(b) for a, b in ("《》", "()", "〔〕", '""')):
        return True
    if re.match(r"^[)〕》,;、.]", folded) or re.fullmatch(r"\(?[^《]{0,12}[〔(<]\d{4}[〕)>].{0,10}号\)?;?|\d+-\d+;?", folded):
        return True
    longest = max(len(plain(e.printed.full)) for e in entries)
    full = len(plain(before.printed.full)) >= max(24, longest - 3) and not previous.endswith((";", "。"))
    return full and not is_evidence(before.line.title) and len(folded) < longest


def _completes(text: str, before: _Entry, following: list[_Entry]) -> bool:
    """True if only both lines together name a record, and the numbers go on behind them."""
    goes_on = bool(following) and bool(before.line.key) and following[0].line.key[-1:] != (1,)
    return goes_on and not before.evidence and is_evidence(before.printed.text + text) and not find_docnos(text) and "《" not in text[:1]


def _without_numbers(entry: _Entry, following: list[_Entry], headings: set[tuple[str, bool]], *, first: _Entry) -> Kind:
    """A line without a number in a list whose rows have none; a list with headings of the same look starts with one."""
    if entry.style in headings or entry.printed.text.rstrip().endswith(("：", ":")):
        return "heading" if following else "stop"
    if entry.evidence:
        return "heading" if entry.printed.bold and following and not following[0].printed.bold and not entry.line.has_fields else "row"
    headed_otherwise = (bool(headings) or (first.evidence and not first.printed.bold)) and not entry.printed.bold
    if not headed_otherwise and following and (entry.printed.bold or following[0].evidence) and len(plain(entry.printed.text)) <= 40:
        return "heading"
    return "row" if following or headed_otherwise else "stop"
