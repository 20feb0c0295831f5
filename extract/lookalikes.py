"""Characters stored for others that look the same, as printing programs do: radicals, compatibility forms, signs of symbol fonts."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType

from extract.word_symbols import drawn

_SUPPLEMENT = MappingProxyType(
    dict(
        zip(
            map(ord, "⺁⺎⺝⺟⺠⺩⺫⺬⺯⺶⺷⺼⻁⻂⻄⻅⻆⻉⻋⻌⻐⻒⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻪⻬⻮⻰⻳"),
            "厂兀月母民王目示糸羊羊月虎衤西见角贝车辶钅镸长门青韦页风飞食马骨鬼鱼鸟麦黄黾齐齿龙龟",
            strict=True,
        )
    )
)
"""Radicals for which Unicode names no character; the others and the compatibility forms it folds itself."""
_SYMBOL_FONT = re.compile(r"(wingdings|webdings|symbol)(?:itc)?\s*-?(2|3)?(?:mt|-?regular)?|(?:open|star)symbol", re.I)


def as_written(char: str, font: str = "") -> str:
    """The character that a person typed: ⼀ stored by a program whose font draws 一 for both, a private one of a symbol font as drawn."""
    code = ord(char)
    if 0x2E80 <= code < 0x2FE0:
        return _SUPPLEMENT.get(code) or unicodedata.normalize("NFKC", char)
    if 0xF900 <= code < 0xFB00 or 0x2F800 <= code < 0x2FA20:
        return unicodedata.normalize("NFKC", char)
    if 0xF000 <= code < 0xF100 and (known := _SYMBOL_FONT.fullmatch(font)):
        return drawn(char, " ".join(part for part in known.groups() if part).lower())
    return char
