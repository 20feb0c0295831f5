"""Put recognised text into the form in which it was written, where that is safe; numbers and brackets of 文号 stay as they were seen."""

from __future__ import annotations

import re

from extract.pdf_lines import is_cjk

_HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
_BEFORE = rf"(?<=[{_HAN}》〉）〕】”’])"
_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}


def tidy(text: str) -> str:
    """Without spaces beside Chinese characters; , ; : ? ! ( ) " after Chinese text as ， ； ： ？ ！ （ ） “ ”."""
    text = re.sub(r"\s+", " ", text).strip()
    text = "".join(c for k, c in enumerate(text) if c != " " or not (is_cjk(text[k - 1]) or is_cjk(text[k + 1])))
    text = re.sub(_BEFORE + r"[,;:?!]", lambda m: _FULL[m.group()], text)
    text = re.sub(rf"{_BEFORE}\.(?=[{_HAN}]|$)", "。", text)
    text = _brackets(text)
    return _quotes(text)


def _brackets(text: str) -> str:
    """A pair becomes full-width where Chinese stands in it or beside it."""

    def widened(match: re.Match[str]) -> str:
        near = match.group(2) + text[max(match.start() - 1, 0) : match.start()] + text[match.end() : match.end() + 1]
        return f"（{match.group(2)}）" if re.search(rf"[{_HAN}]", near) else match.group()

    text = re.sub(r"([(（])([^()（）]*)([)）])", widened, text)
    text = re.sub(rf"\((?=[{_HAN}])", "（", text)
    return re.sub(rf"(?<=[{_HAN}》])\)", "）", text)


def _quotes(text: str) -> str:
    """Straight quotation marks in pairs, in Chinese text."""
    if text.count('"') % 2 or not re.search(rf"[{_HAN}]", text):
        return text
    parts = text.split('"')
    return "".join(part + ("“" if k % 2 == 0 else "”") for k, part in enumerate(parts[:-1])) + parts[-1]
