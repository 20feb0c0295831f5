"""The time in a mail's header, as programs in China write it: text -> moment with its zone."""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
"""Also where no zone is told: the mails of one city."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CHINESE = {word: k for k, word in enumerate(["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"], 1)}
_ZONE_BY_NAME = re.compile(r"\b(?:GMT|UTC)\s*([+-])(\d{1,2})(?::?(\d\d))?\b", re.I)
_CHINA = re.compile(r"\b(?:CST|HKT|China Standard Time|中国标准时间)\b", re.I)
"""CST is US Central to the standard; in these mails it is China's."""
_ZONE = re.compile(r"[+-]\d\d:?\d\d\s*$|\b(?:GMT|UTC?|Z)\s*$|\d[Zz]\s*$")
_WEEKDAY = re.compile(r"^\s*(?:星期|周)[一二三四五六日天]\s*[,，]?\s*")
_MONTH = re.compile(r"(?<=\s)(十[一二]|[一二三四五六七八九十]|1[0-2]|[1-9])月(?=\s)")
_NUMBERS = re.compile(
    r"^\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?[T\s]*(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2}))?(.*)$", re.S
)


def moment(text: str) -> datetime | None:
    """The moment, always with a zone: Beijing's where none is told (-0000 is UTC by the standard); None where no time is told."""
    plain = re.sub(r"\s*\([^()]*\)\s*$", "", text.strip())
    plain = _ZONE_BY_NAME.sub(lambda m: f"{m[1]}{int(m[2]):02d}{m[3] or '00'}", plain)
    plain = _CHINA.sub("+0800", plain)
    plain = _MONTH.sub(lambda m: _MONTHS[(_CHINESE.get(m[1]) or int(m[1])) - 1], _WEEKDAY.sub("", plain))
    found = _by_numbers(plain) or _by_standard(plain)
    if found is None or found.tzinfo:
        return found
    return found.replace(tzinfo=UTC if _ZONE.search(plain) else BEIJING)


def _by_standard(text: str) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _by_numbers(text: str) -> datetime | None:
    """2018-01-19 10:36:00, 2018/1/19 10:36, 2018年1月19日 10:36, with or without an offset behind."""
    match = _NUMBERS.match(text)
    if not match:
        return None
    offset = re.search(r"([+-])(\d\d):?(\d\d)\s*$|([Zz])\s*$", match[7])
    try:
        found = datetime(*(int(n or 0) for n in match.groups()[:6]))  # type: ignore[arg-type]
        if offset is None:
            return found
        east = timedelta() if offset[4] else timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return found.replace(tzinfo=timezone(-east if offset[1] == "-" else east))
    except (ValueError, OverflowError):
        return None
