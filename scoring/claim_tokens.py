"""A block's text as tokens: titles in 《》, 文号 and references whole, everything else as words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from extract.chinese import fold
from extract.docno import find_docnos

_NUM = r"(?:[A-Z]{1,3}-?[0-9]{1,3}|[0-9]{1,3}|[IVXⅠ-Ⅻ]{1,4}|[①-⑳㉑-㊿⑴-⒇]|[一二三四五六七八九十]{1,3}|\([一二三四五六七八九十0-9]{1,3}\))"
_CODE = rf"{_NUM}(?:[-.·]{_NUM}){{0,3}}"
_JOIN = r"\s*(?:至|到|~|--|-|—|、|,|和|及|以及|与)\s*"
_WORD = re.compile(r"[0-9]+(?:\.[0-9]+)?%?|[A-Za-z]+|[\u3400-\u9fff]+|\S")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Token:
    """One token and its span in the block's text, in characters.

    `kind`: T a title in 《》, D a 文号, R a reference (附件3-1至3-4), A a web address or file name, N a number, W a word, P punctuation.
    """

    kind: str
    text: str
    start: int
    end: int
    tag: str = ""
    """Part of speech of a word by the dictionary, "" where it has none."""


class ClaimTokenizer:
    """Cuts blocks into tokens; `cut_words` is the word cutter, prefixes and suffixes are those of references."""

    def __init__(
        self, cut_words: Callable[[str], list[str]], tags: Mapping[str, str], prefixes: Sequence[str], suffixes: Sequence[str]
    ) -> None:
        self._cut = cut_words
        self._tags = tags
        self._references = _reference_pattern(prefixes, suffixes)

    def tokens(self, text: str, numbers: re.Pattern[str] | None = None) -> list[Token]:
        """The tokens of `text`, in order, without blanks. `numbers` is how this catalog writes its own (`number_shapes`)."""
        folded = fold(text)
        whole: list[Token] = [Token("T", text[s:e], s, e) for s, e in title_spans(text)]
        whole += _free([Token("A", text[s:e], s, e) for s, e in address_spans(text)], whole)
        whole += _free([Token("D", text[d.start : d.end], d.start, d.end) for d in find_docnos(text)], whole)
        if numbers is not None:
            whole += _free([Token("R", m[0], m.start(), m.end()) for m in numbers.finditer(text)], whole)
        whole += _free([Token("R", text[m.start() : m.end()], m.start(), m.end()) for m in self._references.finditer(folded)], whole)
        whole.sort(key=lambda t: t.start)
        out: list[Token] = []
        at = 0
        for token in [*whole, Token("", "", len(text), len(text))]:
            out += self._words(text[at : token.start], at)
            if token.kind:
                out.append(token)
            at = token.end
        return out

    def _words(self, text: str, offset: int) -> Iterable[Token]:
        for m in _WORD.finditer(text):
            start = offset + m.start()
            if not _HAN.match(m[0]):
                yield Token("N" if m[0][0].isdigit() else "W" if m[0][0].isalpha() else "P", m[0], start, start + len(m[0]))
                continue
            for word in self._cut(m[0]):
                yield Token("W", word, start, start + len(word), self._tags.get(word, ""))
                start += len(word)


def number_shapes(numbers: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern for numbers written the way the catalog writes its own (卷②-7, B03, 甲-2); None where they are mere digits."""
    shapes = {_shape(n) for n in numbers if len(n) > 1 and not re.fullmatch(r"[0-9（）()第.、\s]+", n) and len(n) < 16}
    if not shapes:
        return None
    one = "(?:" + "|".join(sorted(shapes, key=len, reverse=True)) + ")"
    return re.compile(rf"(?<![0-9A-Za-z]){one}(?:\s*(?:至|到|[~～—－-]|、|，|和|及)\s*{one})*(?![0-9])")


def _shape(number: str) -> str:
    """One number as a pattern: digits for digits, numerals for numerals, a letter for a letter, the rest as it stands."""
    out = []
    for m in re.finditer(r"[0-9]+|[一二三四五六七八九十]+|[①-⑳]|[Ⅰ-Ⅻ]|[A-Za-z]|.", number.strip()):
        c = m[0]
        out.append(
            "[0-9]{1,3}" if c.isdecimal() and c.isascii()
            else "[一二三四五六七八九十]{1,3}" if c[0] in "一二三四五六七八九十"
            else "[①-⑳]" if "①" <= c <= "⑳"
            else "[Ⅰ-Ⅻ]" if "Ⅰ" <= c <= "Ⅻ"
            else "[A-Z]" if c.isascii() and c.isalpha()
            else "[-—－]" if c in "-—－"
            else re.escape(c)
        )  # fmt: skip
    return "".join(out)


_ADDRESS = re.compile(
    r"(?:https?\s?[:：]\s?/\s?/\s?|www\.)[A-Za-z0-9][A-Za-z0-9./_?=&%#:~+-]*|[A-Za-z0-9_-]*\.(?:docx?|xlsx?|csv|txt|pdf|png|jpe?g|zip|rar|mp4|pptx?|wps|log|xml)(?![A-Za-z])"
)


def address_spans(text: str) -> list[tuple[int, int]]:
    """Spans of web addresses and file names (of these the part in Latin letters), without the full stop behind them."""
    return [(m.start(), m.start() + len(m[0].rstrip(".?:"))) for m in _ADDRESS.finditer(text)]


def title_spans(text: str) -> list[tuple[int, int]]:
    """Spans of the outermost 《…》 in `text`, brackets included; one that never closes ends at the sentence's end."""
    spans, depth, start = [], 0, 0
    for i, c in enumerate(text):
        if c == "《":
            depth, start = (depth + 1, start) if depth else (1, i)
        elif c == "》" and depth:
            depth -= 1
            if not depth or not _closes_later(text, i + 1):
                spans.append((start, i + 1))
                depth = 0
        elif depth and c in "。；！\n":
            depth = 0
    return spans


def _closes_later(text: str, at: int) -> bool:
    """Whether another 》 follows before a new 《 opens."""
    close, opening = text.find("》", at), text.find("《", at)
    return close >= 0 and (opening < 0 or close < opening)


def _free(found: list[Token], taken: list[Token]) -> list[Token]:
    return [t for t in found if all(t.end <= o.start or t.start >= o.end for o in taken)]


def _reference_pattern(prefixes: Sequence[str], suffixes: Sequence[str]) -> re.Pattern[str]:
    """附件3, 佐证材料第5、6项, 卷②-7, 第4项至第6项; a bare code only in brackets or after 见."""
    prefix = "|".join(sorted(map(re.escape, prefixes), key=len, reverse=True))
    suffix = "|".join(map(re.escape, suffixes))
    part = rf"{_CODE}(?:\s*(?:{suffix}))?"
    number = rf"(?:第\s*)?{part}(?:\s*第\s*{part})?(?![0-9%年月日个多余名人家万])"
    follow = rf"(?:{_JOIN}(?:(?:{prefix})\s*)?{number})*"
    led = rf"(?:(?:{prefix})\s*)+#?\s*{number}{follow}"
    row = r"(?:项|号|件|条)"
    run = rf"(?:\s*(?:至|到|-|~|、|,|和|及)\s*第?\s*{_CODE}{row}?)*"
    counted = rf"第\s*{_CODE}{run}\s*{row}(?:{_JOIN}第?\s*{_CODE}\s*{row})*"
    bare = rf"(?<=[(〔见:])(?:[\u3400-\u9fff]{{1,3}})?{_CODE}(?:{_JOIN}{_CODE})*(?=[)〕,。;、,]|$)"
    boxed = rf"(?:第\s*)?{_NUM}号?(?:盒|袋|卷|册|柜|夹)(?:[-—之]|第)?\s*{_CODE}{row}?{run}"
    levels = rf"{_NUM}(?:-{_NUM}){{1,3}}"
    dashed = rf"(?<![0-9A-Za-z.-]){levels}(?:{_JOIN}{levels})*(?![0-9%年月日个多余名人家万天次份时小期级岁层楼周季-])"
    marks = r"(?<=[\u3400-\u9fff》)”])[①-⑳㉑-㊿]+(?:[、,][①-⑳㉑-㊿]+)*"
    return re.compile(rf"(?:{led})|(?:{boxed})|(?:{counted})|(?:{bare})|(?:{dashed})|(?:{marks})")
