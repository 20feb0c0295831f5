"""文号: the grammar of official document numbers (GB/T 9704—2012: 机关代字 + 〔年份〕 + 序号 + 号)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extract.chinese import fold, han_number

_YEAR = r"(?:(?:19|20)\d{2}|二[〇○零0O][〇○零一二三四五六七八九]{2})"
_SERIAL = r"\d{1,4}"
_SEP = r"\s*(?:[-~至到—－]|--)\s*"
_SERIALS = rf"第?\s*{_SERIAL}(?:\s*号)?(?:{_SEP}第?\s*{_SERIAL})?\s*号?(?:\s*[、,]\s*{_SERIAL}(?:{_SEP}{_SERIAL})?\s*号)*"
_ISSUER = r"[\u4e00-\u9fffA-Za-z]{0,14}"
_PATTERN = re.compile(
    rf"(?P<issuer>{_ISSUER})\s*"
    rf"(?:[〔(<{{「]\s*(?P<year>{_YEAR})\s*年?\s*[〕)>}}」Jl1I|]?(?<=[〕)>}}」Jl1I|])"
    # scanners and copies lose one of the two brackets: 双水发〔201741号, 双水发2017〕41号
    rf"|(?<=[发办函字文呈规令通监党纪联])(?:[〔(<]\s*(?P<unclosed>20[0-3]\d)(?=\d{{1,3}}\s*号)|[Cct1lI|]?\s*(?P<unopened>20[0-3]\d)\s*[〕)>]))"
    rf"\s*(?P<serials>{_SERIALS})(?P<end>号|期)?"
)
_ONE = re.compile(rf"({_SERIAL})(?:\s*号)?(?:{_SEP}第?\s*({_SERIAL}))?")


@dataclass(frozen=True, slots=True)
class Docno:
    """One 文号 as found in a text. Two of them are the same if issuer, year and a serial agree."""

    issuer: str
    """机关代字 such as 双政办发; "" where only 〔2017〕14号 is printed."""
    year: int
    serials: tuple[int, ...]
    """Every number it stands for: 1—7号 is 1 … 7 (at most 200 of them)."""
    start: int
    end: int
    """Its span in the text, in characters."""
    text: str = ""

    @property
    def keys(self) -> frozenset[tuple[str, int, int]]:
        """(issuer, year, serial) of every document it names."""
        return frozenset((self.issuer, self.year, s) for s in self.serials)


def find_docnos(text: str) -> tuple[Docno, ...]:
    """Every 文号 in `text`, in order; brackets of any style, half or full width."""
    folded = fold(text)
    found = []
    for m in _PATTERN.finditer(folded):
        serials = _serials(m["serials"])
        if not serials or not _ends_like_number(m, folded):
            continue
        issuer, start = _issuer(m["issuer"], m.start("issuer"))
        end = m.end()
        found.append(Docno(issuer, _year(m["year"] or m["unclosed"] or m["unopened"]), serials, start, end, text[start:end]))
    return tuple(found)


def _ends_like_number(m: re.Match[str], folded: str) -> bool:
    """A number in brackets without 号 or 期 is only one if an issuer stands before it and it counts nothing (问卷（2017）526份)."""
    if m["serials"].rstrip().endswith("号") or m["end"] is not None:
        return True
    after = folded[m.end() : m.end() + 1]
    return bool(m["issuer"]) and not after.isdigit() and after not in _COUNTS


_COUNTS = tuple("份件人次张个项条户")


def _year(text: str) -> int:
    return int(text) if text.isdigit() else han_number(text.replace("○", "〇").replace("0", "〇").replace("O", "〇")) or 0


def _serials(text: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for low, high in _ONE.findall(text):
        first, last = int(low), int(high or low)
        numbers.extend(range(first, last + 1) if first <= last <= first + 199 else [first, last])
    return tuple(numbers)


# Words that run into an issuer where a sentence does: 印发了双政办发〔2017〕3号.
_LEADING = re.compile(
    r".*(?:印发了?|下发了?|制发了?|出台了?|制定了?|转发了?|上报了?|报送了?|发布了?|公布了?|根据|按照|依据|依照|对照|遵照|贯彻落实|贯彻|落实|执行|文件|文号为?|文号是|以及|和|与|及|见|在|以|由|将|的|了|为|是|号|即|按|经|对|该|字号|发文号|编号)"
    r"(?=[\u4e00-\u9fff]{2})"
)


def _issuer(text: str, start: int) -> tuple[str, int]:
    """The 机关代字 proper and where it starts, with the words of the sentence before it cut off."""
    m = _LEADING.match(text)
    cut = m.end() if m else 0
    return text[cut:], start + cut
