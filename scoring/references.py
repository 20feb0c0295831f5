"""References to catalog rows by number: 附件3-1至3-4, 佐证材料第5、6项, 卷②-7."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from extract.chinese import fold, number_key

NumberKey = tuple[int | str, ...]

_ONE = (
    r"(?:[A-Za-z]{1,4}[-—－]?[0-9]{1,3}|[0-9]{1,3}[A-Za-z]?(?![A-Za-z])|[IVXⅠ-Ⅻ]{1,4}|[①-⑳㉑-㊿⑴-⒇]"
    r"|[（(][一二三四五六七八九十0-9]{1,3}[)）]|[一二三四五六七八九十]{1,3}|[甲乙丙丁戊己庚辛](?=[-—－第0-9]))"
)
_PIECE = re.compile(
    rf"(?P<word>[^0-9A-Za-zIVXⅠ-Ⅻ①-⑳㉑-㊿⑴-⒇一二三四五六七八九十甲乙丙丁戊己庚辛第(（、,，;；和及与至到~～〜—–－-]*)第?\s*"
    rf"(?P<code>{_ONE}(?:\s*(?:[-.．·—–－/]|(?:号?[卷盒册袋辑组篇章类柜夹]|部分|分册)\s*[-—－之]?\s*第?|之|(?<=[)）])|(?<=[Ⅰ-Ⅻ])|(?<=[①-⑳㉑-㊿])(?![①-⑳㉑-㊿]))\s*{_ONE}){{0,3}})\s*(?P<unit>项|号|条|件|页|份|款|目)?"
)
_CIRCLED = re.compile(r"[①-⑳㉑-㊿]")
_RANGE = re.compile(r"^\s*(?:至|到|~|～|--|——|—|－|-)\s*$")


@dataclass(frozen=True, slots=True)
class Reference:
    """One number referred to; `word` is what stands before it (附件, 影像类, 卷)."""

    word: str
    key: NumberKey
    text: str
    start: int = 0
    end: int = 0
    """Its span in the text, in characters; numbers filled into a range have the range's end."""
    page: bool = False
    """It is a page of the bound evidence (第12页, P12), not a row's number."""
    ranged: bool = False
    """It is a member of a range written with 至 (3-1至3-4), so that its own hyphen is none of a range."""


def references(text: str) -> tuple[Reference, ...]:
    """Every number that `text` refers to, ranges filled in (at most 60 numbers a range), in order."""
    out: list[Reference] = []
    word, end, unit = "", 0, ""
    volume: NumberKey = ()
    for m in _PIECE.finditer(text):
        own = m["word"].strip()
        word = own or word
        key = number_key(m["code"])
        between = fold(text[end : m.start()]).strip()
        if out and m.start() == end and _counts_within(out[-1], unit, own, m[0]):
            volume = out.pop().key  # 卷一第5件, 表六4号, 2.3条佐证2: the number before it is the volume's
        elif own:
            volume = ()
        elif out and m.start() == end and _CIRCLED.match(m["code"]) and _CIRCLED.match(out[-1].text[-1:]):
            key = (*out[-1].key[:-1], *key)  # 2-3-①②: the second of a run
        unit = m["unit"] or ""
        page = m["unit"] == "页" or key[:1] == ("P",)
        if page and key[:1] != ("P",):
            key = ("P", *key)  # page 12 is never row 12
        found = Reference(word, (*volume, *key), m["code"], m.start(), m.end(), page)
        if out and between and _RANGE.match(between):
            filled = _fill(out[-1], found)
            out[-1:] = filled if filled[0].page else [replace(out[-1], ranged=True), *filled]
        else:
            out.append(found)
        end = m.end()
    return tuple(out)


def _counts_within(first: Reference, unit: str, word: str, text: str) -> bool:
    """Whether a number that stands right behind another one is counted within it."""
    if word:
        return unit == "条"
    return text.startswith("第") or bool(first.word and not unit and text[0].isdecimal())


def _fill(first: Reference, last: Reference) -> list[Reference]:
    """The numbers after `first` up to `last`: 3-1 至 3-4, or 1-9至12 where the head is left out; of pages one for all of them."""
    a, b = first.key, last.key
    if first.page or last.page:
        return [replace(last, key=("P", *(n for n in (*a, *b) if isinstance(n, int))), page=True)]
    if len(b) < len(a):
        b = a[: len(a) - len(b)] + b
    low, high = a[-1], b[-1]
    if a[:-1] == b[:-1] and isinstance(low, int) and isinstance(high, int) and low < high <= low + 60:
        return [
            replace(last, key=(*a[:-1], n), text=last.text if n == high else "-".join(map(str, (*a[:-1], n))), ranged=True)
            for n in range(low + 1, high + 1)
        ]
    return [last]
