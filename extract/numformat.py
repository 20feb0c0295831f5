"""Show a spreadsheet value by its number format, as a person sees it in the cell."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

_DIGITS = re.compile(r"[#0?](?:[#0?,]*)(?:\.[#0?]+)?(?:E[+-]0+)?")
_DATE_TOKEN = re.compile(r"y+|m+|d+|h+|s+|a/p|am/pm|上午/下午|.", re.I | re.S)


def displayed(value: Any, number_format: str) -> str:
    """`value` as shown with `number_format` (an Excel format code). Dates with an unknown code are shown as ISO dates."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (datetime, date, time)):
        return _moment(value, number_format)
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, (int, float)):
        return _number(value, number_format)
    return str(value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _number(value: int | float, number_format: str) -> str:
    code = _section(value, number_format)
    pattern = _DIGITS.search(_unquoted(code))
    if number_format in ("General", "@", "") or code.strip().lower() == "general" or pattern is None:
        return _general(value)
    shown = _general(value) if "E" in pattern.group() else _digits(Decimal(repr(value)), pattern.group(), "%" in _unquoted(code))
    before, after = _literals(code)
    sign = "-" if shown.startswith("-") else ""
    return (sign + before + shown.removeprefix("-") + after).strip()


def _section(value: int | float, number_format: str) -> str:
    """The part of a;b;c that applies; a negative section of its own already says that it is negative."""
    parts = number_format.split(";")
    if value == 0 and len(parts) > 2:
        return parts[2]
    if value < 0 and len(parts) > 1 and re.search(r"[-(]", parts[1]) is None:
        return "-" + parts[1] if "[" not in parts[1] else parts[0]
    return parts[0]


def _general(value: int | float) -> str:
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e15):
        return str(int(value))
    return f"{value:.11g}"


def _digits(value: Decimal, pattern: str, percent: bool) -> str:
    whole, _, fraction = pattern.partition(".")
    value = value * 100 if percent else value
    shown = value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    text = f"{shown:,f}" if "," in whole.rstrip(",") else f"{shown:f}"
    optional = len(fraction) - len(fraction.rstrip("#"))
    if fraction and optional:
        head, _, tail = text.partition(".")
        kept = tail[: len(tail) - optional] + tail[len(tail) - optional :].rstrip("0")
        text = head + ("." + kept if kept else "")
    least = whole.count("0")
    sign, body = ("-", text[1:]) if text.startswith("-") else ("", text)
    missing = least - len(re.sub(r"\D", "", body.partition(".")[0]))
    return sign + "0" * max(missing, 0) + body


def _unquoted(code: str) -> str:
    return re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code)


def _literals(code: str) -> tuple[str, str]:
    """Text printed before and after the number."""
    code = re.sub(r"\[[^\]]*\]|_.|\*.", "", code)
    before, after, seen = "", "", False
    for token in re.findall(r'"[^"]*"|\\.|[#0?][#0?,.]*|.', code, re.S):
        if re.match(r"[#0?]", token):
            seen = True
            continue
        text = token[1:-1] if token.startswith('"') and token.endswith('"') and len(token) > 1 else token.removeprefix("\\")
        if seen:
            after += text
        else:
            before += text
    return before.replace("-", ""), after


def _moment(value: datetime | date | time, number_format: str) -> str:
    code = re.sub(r"\[\$[^\]]*\]|\[[^\]]*\]|_.|\*.", "", number_format.split(";")[0])
    if not re.search(r"[ymdhs]", re.sub(r'"[^"]*"', "", code), re.I):
        return str(value.date() if isinstance(value, datetime) and value.time() == time() else value)
    out, hours = [], False
    for part in re.findall(r'"[^"]*"|\\.|[^"\\]+', code):
        if part.startswith('"') or part.startswith("\\"):
            out.append(part.strip('"').removeprefix("\\"))
            continue
        tokens = _DATE_TOKEN.findall(part)
        for k, token in enumerate(tokens):
            kind = token[0].lower()
            if kind == "h":
                hours = True
            near_seconds = any(t[0].lower() == "s" for t in tokens[k + 1 : k + 3])
            out.append(_date_part(value, token, minutes=kind == "m" and (hours or near_seconds)))
            if kind in "yd":
                hours = False
    return "".join(out).strip()


def _date_part(value: datetime | date | time, token: str, *, minutes: bool) -> str:
    kind, two = token[0].lower(), len(token) >= 2
    if len(set(token.lower())) != 1 or kind not in "ymdhs":
        return "" if "/" in token and len(token) > 1 else token
    if minutes:
        number = getattr(value, "minute", 0)
    else:
        number = getattr(value, {"y": "year", "m": "month", "d": "day", "h": "hour", "s": "second"}[kind], 0)
    if kind == "y":
        return f"{number:04d}" if len(token) > 2 else f"{number % 100:02d}"
    return f"{number:02d}" if two and len(token) < 3 else str(number)
