"""Header values as Chinese mailers write them: raw bytes -> text (RFC 2047, RFC 2231, raw GBK, and everything in between)."""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

GB = frozenset({"gb2312", "gbk", "cp936", "x-gbk", "gb18030", "gb_2312-80", "csgb2312", "euc-cn", "hz-gb-2312x", "ms936", "windows-936"})
WEAK = frozenset(
    {"", "us-ascii", "ascii", "iso-8859-1", "latin1", "latin-1", "windows-1252", "unknown-8bit", "default", "x-unknown", "default_charset"}
)
"""Labels that programs write when they do not know better."""

_WORD = re.compile(rb"=\?([^?\s]{1,40})\?([BbQq])\?([^?]*)\?=")
_FOLD = re.compile(rb"\r?\n[ \t]*|\r[ \t]+")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_CJK = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u2010-\u2030]")
_SECTION = re.compile(r"^([^*]+)\*(\d+)(\*?)$")


def decode_bytes(data: bytes, label: str = "") -> str:
    """Text of unknown honesty: what is plainly UTF-8, then the label, UTF-8, GB18030; never an error."""
    if _plainly_utf8(data):
        return data.decode("utf-8", "replace")
    charset = label.strip().strip("\"'").lower().split("*")[0]
    candidates = ["gb18030" if charset in GB else charset, "utf-8", "gb18030"]
    if charset in WEAK:
        candidates = ["utf-8", "gb18030", "latin-1"]
    for candidate in candidates:
        try:
            return data.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("gb18030" if charset in GB or charset in WEAK else "utf-8", "replace")


def decode_header(raw: bytes) -> str:
    """A header value as a person reads it: encoded words joined before decoding, everything else by its bytes."""
    return "".join(_pieces(raw)).strip()


def parameters(raw: bytes) -> dict[str, str]:
    """The parameters of a Content-Type or Content-Disposition value, decoded, names in lower case."""
    plain: dict[str, str] = {}
    sections: dict[str, list[tuple[int, bool, bytes]]] = {}
    for name, value in _split(_FOLD.sub(b" ", raw)):
        match = _SECTION.match(name)
        if match:
            sections.setdefault(match[1], []).append((int(match[2]), bool(match[3]), value))
        elif name.endswith("*"):
            sections.setdefault(name[:-1], []).append((0, True, value))
        else:
            plain.setdefault(name, _plain(value))
    extended = {name: _join(parts) for name, parts in sections.items()}
    return plain | {name: value for name, value in extended.items() if "\ufffd" not in value or name not in plain}


def file_name(*candidates: str | None) -> str:
    """The first readable of several spellings of a name, without folders and control characters; "" if there is none."""
    names = [_clean(c) for c in candidates if c and _clean(c)]
    readable = [n for n in names if "\ufffd" not in n]
    return (readable or names or [""])[0]


def _plainly_utf8(data: bytes) -> bool:
    """Two or more Chinese characters in UTF-8, the last one perhaps cut: GB text looks like that only by a freak."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    odd = [c for c in text if c > "\x7f"]
    return len(odd) >= 2 and all(_CJK.match(c) for c in odd)


def _pieces(raw: bytes) -> Iterator[str]:
    """Runs of encoded words with one charset as one piece, text between them as another."""
    at, charset, pending = 0, "", b""
    for match in _WORD.finditer(raw):
        between = _FOLD.sub(b" ", raw[at : match.start()])
        label = match[1].decode("ascii", "replace")
        if pending and (between.strip() or _family(label) != _family(charset)):
            yield decode_bytes(pending, charset)
            pending = b""
            yield "" if not between.strip() else decode_bytes(between)
        elif not pending and (at == 0 or between.strip()):
            yield decode_bytes(between)
        charset, pending, at = label, pending + _payload(match[2], match[3]), match.end()
    if pending:
        yield decode_bytes(pending, charset)
    yield decode_bytes(_FOLD.sub(b" ", raw[at:]))


def _family(label: str) -> str:
    charset = label.lower().split("*")[0]
    return "gb18030" if charset in GB else charset


def _payload(encoding: bytes, data: bytes) -> bytes:
    if encoding in b"Qq":
        return quopri.decodestring(_FOLD.sub(b"", data).replace(b"_", b" "), header=False)
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    data = data[: len(data) - 1] if len(data) % 4 == 1 else data
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return b""


def _split(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """name=value pairs after the first ";". A quote or a semicolon inside quotes, and unquoted spaces, belong to the value."""
    for piece in _semicolons(raw)[1:]:
        name, equals, value = piece.partition(b"=")
        if equals and name.strip():
            yield name.strip().decode("ascii", "replace").lower(), _unquote(value.strip())


def _semicolons(raw: bytes) -> list[bytes]:
    pieces, start, quoted = [], 0, False
    for at, byte in enumerate(raw):
        if byte == 0x22 and not (at and raw[at - 1] == 0x5C and not _tail(raw, at - 1)):
            quoted = not quoted
        elif byte == 0x3B and not quoted:
            pieces.append(raw[start:at])
            start = at + 1
    return [*pieces, raw[start:]]


def _tail(raw: bytes, at: int) -> bool:
    """Whether the byte at `at` is the second half of a GBK character: there a backslash escapes nothing."""
    lead = 0
    while at - 1 - lead >= 0 and raw[at - 1 - lead] >= 0x81:
        lead += 1
    return lead % 2 == 1


def _unquote(value: bytes) -> bytes:
    if not value.startswith(b'"'):
        return value
    value = value[1:-1] if len(value) > 1 and value.endswith(b'"') else value[1:]
    return re.sub(rb'(?<![\x81-\xfe])\\(["\\])', rb"\1", value)


def _plain(value: bytes) -> str:
    if b"=?" in value:
        return decode_header(value)
    unquoted = unquote_to_bytes(value)
    if len(_PERCENT.findall(value)) >= 2 and any(b >= 0x80 for b in unquoted):
        text = decode_bytes(unquoted)
        if "\ufffd" not in text:
            return text
    return decode_bytes(value)


def _join(parts: list[tuple[int, bool, bytes]]) -> str:
    """RFC 2231: continuations in order, joined as bytes before decoding, since a cut may fall inside a character."""
    charset, data = "", b""
    for k, (_, encoded, value) in enumerate(sorted(parts, key=lambda p: p[0])):
        if k == 0 and encoded and value.count(b"'") >= 2:
            label, _, value = value.split(b"'", 2)
            charset = label.decode("ascii", "replace")
        data += unquote_to_bytes(value) if encoded else value
    return decode_header(data) if b"=?" in data else decode_bytes(data, charset)


def _clean(name: str) -> str:
    name = re.split(r"[/\\]", name.strip().strip("\"'"))[-1]
    return re.sub(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\ufeff]", "", name).strip()[:255]
