"""Chinese text for comparing: folding variants, reading numerals, cutting into words. The original is what people see."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

_BRACKETS = {"[": "〔", "【": "〔", "﹝": "〔", "［": "〔", "]": "〕", "】": "〕", "﹞": "〕", "］": "〕"}
_SIGNS = {
    "（": "(", "）": ")", "﹙": "(", "﹚": ")",
    "“": '"', "”": '"', "„": '"', "‟": '"', "＂": '"', "「": '"', "」": '"', "『": '"', "』": '"',
    "‘": "'", "’": "'", "，": ",", "：": ":", "；": ";", "﹕": ":", "﹔": ";", "！": "!", "？": "?",
    "—": "-", "–": "-", "―": "-", "－": "-", "‐": "-", "‑": "-", "−": "-", "─": "-",
    "～": "~", "〜": "~", "∼": "~", "﹏": "~", "·": "·", "•": "·", "・": "·", "．": ".", "､": "、",
    "〈": "<", "〉": ">", "＜": "<", "＞": ">", "＋": "+", "﹢": "+", "\u3000": " ", "\xa0": " ",
}  # fmt: skip
_FOLD = str.maketrans({**_BRACKETS, **_SIGNS})

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "Ｏ": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3,
           "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TENS = {"廿": 20, "卅": 30, "卌": 40}
HAN_NUMERAL = "〇零○一二三四五六七八九十百千两廿卅壹贰叁肆伍陆柒捌玖拾佰仟"
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_NUMBER = re.compile(rf"[0-9]+|[{HAN_NUMERAL}]+|[IVX]+(?![A-Za-z])|[A-Za-z]+|[甲乙丙丁戊己庚辛](?=[-—－第0-9]|$)")
_CHINESE = r"\u2e80-\u9fff\uff00-\uffef《》〔〕“”，。；：、（）"
_BLANKS = r"[ \t\u3000]+"
_SPACE_BETWEEN_HAN = re.compile(rf"(?<=[{_CHINESE}]){_BLANKS}(?=[{_CHINESE}0-9])|(?<=[0-9]){_BLANKS}(?=[{_CHINESE}])")


def fold(text: str) -> str:
    """`text` with variants of brackets, quotes, dashes and full-width letters unified, character for character.

    The result has the same length, so that a position in it is a position in the original. 〔〕 stands for
    every square bracket, ( ) for every round one.
    """
    return "".join(_fold_character(c) for c in text)


@lru_cache(maxsize=65536)
def _fold_character(c: str) -> str:
    mapped = c.translate(_FOLD)
    if mapped != c:
        return mapped
    normal = unicodedata.normalize("NFKC", c)
    return normal if len(normal) == 1 else c


def key(text: str) -> str:
    """`text` reduced to letters, digits and Chinese characters, lower case: equal keys are the same words."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def tidy(text: str) -> str:
    """`text` without the spaces that layouts and scanners leave between Chinese characters and digits."""
    return _SPACE_BETWEEN_HAN.sub("", text).strip()


def number(text: str) -> int | None:
    """The value of one numeral in any script (3, ３, 三, 十二, Ⅲ, ③, ㈢); None if it is none."""
    plain = unicodedata.normalize("NFKC", text).strip("()（）.、 ")
    if plain.isdigit() and plain.isascii():
        return int(plain)
    if plain and all(c in _ROMAN for c in plain.upper()) and plain.upper() == plain:
        return _roman(plain)
    return han_number(plain)


def han_number(text: str) -> int | None:
    """The value of a Chinese numeral (二十三, 一百零五, 二〇一七); None if it is none."""
    if not text or any(c not in _DIGITS and c not in _UNITS and c not in _TENS for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, digit = 0, None
    for c in text:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c in _TENS:
            total, digit = total + _TENS[c], None
        else:
            total, digit = total + (1 if digit is None else digit or 0) * _UNITS[c], None
    return total + (digit or 0)


def _roman(text: str) -> int:
    values = [_ROMAN[c] for c in text]
    return sum(-v if i + 1 < len(values) and v < values[i + 1] else v for i, v in enumerate(values))


def number_key(no: str) -> tuple[int | str, ...]:
    """A number as printed (Ⅲ-1-2-①, 卷④, 6.1.1-1, 盒3-05) as its parts; Ⅲ = III = 3, ① = 1, other letters stay letters.

    Words around the numerals (卷, 盒, 第, 号, 附件) are dropped.
    """
    plain = unicodedata.normalize("NFKC", "".join(f" {c.upper()} " if c in _CIRCLED else c for c in no))  # ⅲ is Ⅲ
    return tuple(_part(p) for p in _NUMBER.findall(plain.replace("О", "0")))


_STEMS = "甲乙丙丁戊己庚辛壬癸"
_CIRCLED = {chr(c) for c in (*range(0x2460, 0x24FF), *range(0x2776, 0x2794), *range(0x3220, 0x322A), *range(0x2160, 0x2180))}


def _part(text: str) -> int | str:
    if text.isdigit():
        return int(text)
    if text in _STEMS:
        return _STEMS.index(text) + 1
    han = han_number(text)
    if han is not None:
        return han
    return _roman(text) if all(c in "IVX" for c in text) else text.upper()


class Tokenizer:
    """Jieba with the caller's own words; silent, and without a cache file that other users could plant."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._cutter = _jieba().Tokenizer()
        frequencies, self._cutter.total = _dictionary()
        self._cutter.FREQ = dict(frequencies)
        self._cutter.initialized = True
        for word in words:
            self._cutter.add_word(word)

    def cut(self, text: str) -> list[str]:
        """The words of `text` in order, punctuation and blanks left out, letters folded."""
        return [w.lower() for w in self._cutter.lcut(fold(text)) if any(c.isalnum() for c in w)]

    def words(self, text: str) -> list[str]:
        """Every piece of `text` in order, nothing left out: joined they are `text` again."""
        return list(self._cutter.lcut(text))

    @property
    def tags(self) -> Mapping[str, str]:
        """Part of speech of every dictionary word (n, v, p, c, u …)."""
        return _tags()


@lru_cache(maxsize=1)
def _dictionary() -> tuple[dict[str, int], int]:
    """Jieba's own dictionary, read once a process: it costs more than cutting a report."""
    cutter = _jieba().Tokenizer()
    frequencies, total = cutter.gen_pfdict(cutter.get_dict_file())
    return frequencies, total


@lru_cache(maxsize=1)
def _tags() -> dict[str, str]:
    with _jieba().Tokenizer().get_dict_file() as lines:
        fields = (line.decode("utf-8").split() for line in lines)
        return {f[0]: f[2][:1] for f in fields if len(f) == 3}


def _jieba() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba  # takes a while: only who cuts pays
    jieba.setLogLevel(60)
    return jieba
