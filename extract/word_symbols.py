"""Symbol fonts: the private characters of Wingdings and Symbol as the Unicode characters that they draw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

PRIVATE = 0xF000
_HELD_PRIVATE = re.compile("[\uf000-\uf0ff]")


def drawn(text: str, font: str) -> str:
    """`text` as drawn in `font`: private-use characters (and all of them in a symbol font) turned into what a person sees.

    A private character that no table knows becomes • in a symbol font and stays as it is elsewhere.
    """
    name = font.lower()
    table = SYMBOL_FONTS.get(name)
    if table is None and not _HELD_PRIVATE.search(text):
        return text
    return "".join(_sign(c, table, name) for c in text)


def _sign(sign: str, table: Mapping[int, str] | None, font: str) -> str:
    code = ord(sign)
    private = PRIVATE <= code <= PRIVATE + 0xFF
    if table is None:
        return WINGDINGS.get(code - PRIVATE, sign) if private else sign
    if not private and (code > 0xFF or (font == "symbol" and code < 0x80)):
        return sign
    return table.get(code & 0xFF, "•" if private else sign)


def _table(*rows: tuple[int, str]) -> Mapping[int, str]:
    return MappingProxyType({first + k: sign for first, signs in rows for k, sign in enumerate(signs)})


WINGDINGS = _table(
    (0x22, "✂"), (0x28, "☎✆✉"), (0x3F, "✍"), (0x41, "✌"), (0x46, "☞"), (0x4A, "☺"), (0x4C, "☹"), (0x51, "✈☼"), (0x52, "☑"),
    (0x6C, "●❍■□"), (0x70, "□❑❒⬧⧫◆❖⬥"), (0x80, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿"), (0x9E, "·•"), (0xA0, "▪○"), (0xA7, "▪□"), (0xAA, "✦★✶✴✹✵"),
    (0xB2, "✧"), (0xB6, "☆"), (0xD8, "➢"), (0xDC, "➲"), (0xDF, "←→↑↓"), (0xE8, "➔"), (0xE0, "→"), (0xEF, "⇦⇨⇧⇩⬄⇳"),
    (0xFB, "✗✓☒☑"), (0x76, "❖"), (0xFC, "✔"),
)  # fmt: skip
_WINGDINGS_2 = _table(
    (0x4F, "✗✓☒☑"), (0x52, "☑"), (0x54, "☒"), (0x69, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿"), (0x95, "•"), (0x97, "●"),
    (0xA2, "■□"), (0xA3, "□"), (0xAE, "◆◇"),
)  # fmt: skip
_WINGDINGS_3 = _table((0x70, "▲▼△▽◀▶◁▷"), (0x7D, "▶"), (0x22, "→"))
_SYMBOL = _table(
    (0x61, "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"), (0x41, "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"), (0x2D, "−"), (0xA3, "≤"), (0xA5, "∞"),
    (0xAC, "←↑→↓°±″≥×∝∂•÷≠≡≈"),
    (0xB7, "•"), (0xD7, "⋅"), (0xDE, "⇒"), (0xE5, "∑"), (0x20, " !∀#∃%&∍()∗+,"), (0x2E, "./0123456789:;<=>?"),
    (0x5B, "["), (0x5D, "]"), (0x7B, "{|}∼"),
)  # fmt: skip
_WEBDINGS = _table((0x3D, "■"), (0x61, "✔"), (0x63, "□"), (0x67, "■"), (0x6E, "●"), (0x34, "▶"))

SYMBOL_FONTS: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {"wingdings": WINGDINGS, "wingdings 2": _WINGDINGS_2, "wingdings 3": _WINGDINGS_3, "symbol": _SYMBOL, "webdings": _WEBDINGS}
)
