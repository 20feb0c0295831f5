"""Text for office programs: what XML cannot hold goes, what a spreadsheet would run becomes text, numbers read as people write them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_RUNS = re.compile(r"[\s\u200b\ufeff\u3000]*[=+\-@＝＋－＠|%]")
"""What makes a program take a cell for a formula or a command; blanks before it are skipped by some programs."""


def clean(text: object) -> str:
    """The text without control characters, lone surrogates and marks that turn the direction of writing; None is empty."""
    return "" if text is None else _UNPRINTABLE.sub("", str(text).replace("\r\n", "\n").replace("\r", "\n"))


def line(text: object) -> str:
    """Clean and on one line."""
    return " ".join(clean(text).split())


def harmless(text: object) -> str:
    """Clean, and with an apostrophe before whatever a spreadsheet could take for a formula."""
    plain = clean(text)
    return f"'{plain}" if _RUNS.match(plain) or plain.startswith(("\t", "\n")) else plain


def number(value: object, places: int = 2) -> str:
    """A number as it is written: 5, 4.5, 93.33, rounded half up only here; None is empty."""
    if value is None:
        return ""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded:f}".rstrip("0").rstrip(".") if places else f"{rounded:f}"


def shortened(text: str, start: int, end: int, around: int) -> str:
    """The stretch from start to end with some of what stands around it; dots where something is left out."""
    first, last = max(0, start - around), min(len(text), max(end, start) + around)
    return ("……" if first else "") + text[first:last] + ("……" if last < len(text) else "")
