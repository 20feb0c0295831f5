"""Header values as Chinese mailers write them: raw bytes -> text (RFC 2047, RFC 2231, raw GBK, and everything in between)."""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

GB = frozenset(
    {"gb2312", "gbk", "cp936", "x-gbk", "gb18030", "x-gb18030", "gb_2312-80", "csgb2312", "euc-cn", "euccn", "x-euc-cn", "ms936",
     "windows-936", "x-cp936", "936", "chinese", "gb18030-2000", "x-gb2312", "cn-gb"}
)  # fmt: skip
WEAK = frozenset(
    {"", "us-ascii", "ascii", "iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "windows-1250", "cp1250", "iso-8859-15",
     "cp437", "cp850", "unknown-8bit", "default", "x-unknown", "default_charset"}
)  # fmt: skip
"""Labels that programs write when they do not know better."""
NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
"""What Python also calls encodings: no mail is written in them, and some take for ever."""
PRINTED = {"utf-8": "UTF-8", "gb18030": "GB18030", "latin-1": "ISO-8859-1"}
LOST = "有无法还原的字符"

_WORD = re.compile(rb"=\?([^?\s]{1,40})\?([BbQq])\?([^?]*)\?=")
_FOLD = re.compile(rb"\r?\n[ \t]*|\r[ \t]+")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_CJK = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u2010-\u2030]")
_CHINESE_WORD = re.compile("[\u4e00-\u9fff]{2}")
_SECTION = re.compile(r"^([^*]+)\*(\d+)(\*?)$")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and how sure it is: `doubt` is what to add to the words 文件名 or 主题, "" where the bytes leave none."""

    text: str
    doubt: str = ""

    def about(self, subject: str) -> str:
        """One sentence about it (文件名编码不明，按 GB18030 推断); "" where there is no doubt."""
        return subject + self.doubt if self.doubt else ""


def decode_bytes(data: bytes, label: str = "") -> str:
    """Text of unknown honesty: what is plainly UTF-8, then the label, UTF-8, GB18030; never an error."""
    return decode(data, label).text


def decode(data: bytes, label: str = "") -> Decoded:
    """The same, with how sure it is: a label that holds is believed, so is plain UTF-8; anything else is a guess."""
    charset = label.strip().strip("\"'").lower().split("*")[0]
    if _plainly_utf8(data):
        return Decoded(data.decode("utf-8", "replace"), LOST if _is_cut(data) else "")
    weak = charset in WEAK or not _is_charset(charset)
    candidates = ("utf-8", "gb18030") if weak else ("gb18030" if charset in GB else charset, "utf-8", "gb18030")
    for candidate in candidates:
        try:
            text = data.decode(candidate)
        except (ValueError, LookupError):
            continue
        told = not weak and candidate == candidates[0]
        if candidate == "utf-8" and not told and _is_rather_gb(data, text):
            continue
        return Decoded(text, LOST if "\ufffd" in text else "" if told or data.isascii() else _guess(text, candidate, weak=weak))
    return _patched(data, "gb18030" if charset in GB or weak else "utf-8", weak=weak)


def _is_rather_gb(data: bytes, text: str) -> bool:
    """Whether what UTF-8 takes for Latin letters are Chinese characters in daily use: 目录 is Ŀ¼ to it."""
    if any(_CJK.match(c) for c in text):
        return False
    try:
        chinese = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return _is_common(chinese) and bool(_CHINESE_WORD.search(chinese))


def _patched(data: bytes, charset: str, *, weak: bool) -> Decoded:
    """With gaps where bytes are missing; Latin-1, which takes anything, where there would be little else."""
    text = data.decode(charset, "replace")
    if weak and text.count("\ufffd") > 1 + len(text) // 10:
        latin = data.decode("latin-1")
        return Decoded(latin, _guess(latin, "latin-1", weak=True))
    return Decoded(text, LOST)


def _is_charset(label: str) -> bool:
    if label in GB:
        return True
    try:
        return codecs.lookup(label).name.replace("_", "-") not in NO_CHARSETS
    except (LookupError, ValueError):
        return False


def _guess(text: str, candidate: str, *, weak: bool) -> str:
    """Characters outside the common set make a guess at GB18030 a poor one: other bytes look like rare characters."""
    why = "编码不明" if weak else "编码与标注不符"
    common = candidate != "latin-1" and (candidate != "gb18030" or _is_common(text))
    return f"{why}，按 {PRINTED[candidate]} 推断" + ("" if common else "，把握不大")


def _is_common(text: str) -> bool:
    """Whether it is written in GB2312 (6763 characters in daily use), two or more of them Chinese."""
    try:
        return len(text.encode("gb2312")) - len(text) >= 2
    except UnicodeEncodeError:
        return False


def _is_cut(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def decode_header(raw: bytes) -> str:
    """A header value as a person reads it: encoded words joined before decoding, everything else by its bytes."""
    return header(raw).text


def header(raw: bytes) -> Decoded:
    """The same, with how sure it is."""
    pieces = list(_pieces(raw))
    doubts = [p.doubt for p in pieces if p.doubt]
    return Decoded("".join(p.text for p in pieces).strip(), LOST if LOST in doubts else max(doubts, key=len, default=""))


def parameters(raw: bytes) -> dict[str, Decoded]:
    """The parameters of a Content-Type or Content-Disposition value, decoded, names in lower case."""
    plain: dict[str, Decoded] = {}
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
    return plain | {name: value for name, value in extended.items() if "\ufffd" not in value.text or name not in plain}


def file_name(*candidates: Decoded | None) -> Decoded:
    """The first readable of several spellings of a name, without folders and control characters; "" if there is none.

    Where another spelling says the same without a doubt, there is none.
    """
    names = [Decoded(_clean(c.text), c.doubt) for c in candidates if c and _clean(c.text)]
    readable = [n for n in names if "\ufffd" not in n.text and n.doubt != LOST]
    chosen = (readable or names or [Decoded("")])[0]
    return Decoded(chosen.text) if Decoded(chosen.text) in names else chosen


def _plainly_utf8(data: bytes) -> bool:
    """Two or more Chinese characters in UTF-8, the last one perhaps cut: GB text looks like that only by a freak."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    odd = [c for c in text if c > "\x7f"]
    return len(odd) >= 2 and all(_CJK.match(c) for c in odd)


def _pieces(raw: bytes) -> Iterator[Decoded]:
    """Runs of encoded words with one charset as one piece, text between them as another."""
    at, charset, pending = 0, "", b""
    for match in _WORD.finditer(raw):
        between = _FOLD.sub(b" ", raw[at : match.start()])
        label = match[1].decode("ascii", "replace")
        if pending and (between.strip() or _family(label) != _family(charset)):
            yield decode(pending, charset)
            pending = b""
            yield Decoded("") if not between.strip() else decode(between)
        elif not pending and (at == 0 or between.strip()):
            yield decode(between)
        charset, pending, at = label, pending + _payload(match[2], match[3]), match.end()
    if pending:
        yield decode(pending, charset)
    yield decode(_FOLD.sub(b" ", raw[at:]))


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


def _plain(value: bytes) -> Decoded:
    if b"=?" in value:
        return header(value)
    unquoted = unquote_to_bytes(value)
    if len(_PERCENT.findall(value)) >= 2 and any(b >= 0x80 for b in unquoted):
        found = decode(unquoted)
        if "\ufffd" not in found.text:
            return found
    if value.isascii() and not unquoted.isascii():  # one alone may well be meant as it stands: 100%CF.docx
        return Decoded(value.decode("ascii"), "可能经过百分号编码，未予还原")
    return decode(value)


def _join(parts: list[tuple[int, bool, bytes]]) -> Decoded:
    """RFC 2231: continuations in order, joined as bytes before decoding, since a cut may fall inside a character."""
    charset, data = "", b""
    for k, (_, encoded, value) in enumerate(sorted(parts, key=lambda p: p[0])):
        if k == 0 and encoded and value.count(b"'") >= 2:
            label, _, value = value.split(b"'", 2)
            charset = label.decode("ascii", "replace")
        data += unquote_to_bytes(value) if encoded else value
    return header(data) if b"=?" in data else decode(data, charset)


def _clean(name: str) -> str:
    name = re.split(r"[/\\]", name.strip().strip("\"'"))[-1]
    return re.sub(r"[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", "", name).strip()[:255]
