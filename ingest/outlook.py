"""Outlook's own forms: .msg -> the same mail as any program would have sent it; winmail.dat -> the files and words in it.

Runs in a process of its own (see opener).
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote_from_bytes

import olefile
from oxmsg.storage import Storage
from tnefparse.mapi import IMESSAGE_SIG
from tnefparse.tnef import TNEF, TNEFObject

from extract.errors import DamagedFile, HostileFile
from extract.sniff import Format, sniff
from ingest.mail import Attachment
from ingest.mailtext import Decoded, decode, file_name

DEPTH = 12
BEIJING = timezone(timedelta(hours=8))
SUBJECT, SENDER, SENDER_ADDRESS, SENDER_SMTP, HEADERS = 0x0037, 0x0C1A, 0x0C1F, 0x5D01, 0x007D
BODY, HTML, RTF = 0x1000, 0x1013, 0x1009
DELIVERED, SENT = 0x0E06, 0x0039
INTERNET_CODEPAGE, MESSAGE_CODEPAGE = 0x3FDE, 0x3FFD
LONG_NAME, SHORT_NAME, DISPLAY_NAME, MEDIA_TYPE, DATA = 0x3707, 0x3704, 0x3001, 0x370E, 0x3701
CODEPAGES = {
    936: "gb18030", 54936: "gb18030", 20936: "gb18030", 52936: "hz", 950: "big5", 65001: "utf-8", 20127: "us-ascii", 1200: "utf-16-le",
    20866: "koi8-r", 28591: "iso-8859-1",
}  # fmt: skip
BY_DELIVERY = "Outlook 邮件中没有收信记录，以 Outlook 记录的送达时间为准"
BY_SENDING = "Outlook 邮件中没有收信记录，以 Outlook 记录的发送时间为准"
ONLY_RTF = "邮件正文只有 Outlook 的 RTF 格式，未能读取"
OF_MIME = re.compile(rb"^(content-[\w-]+|mime-version):", re.I)


@dataclass(frozen=True, slots=True)
class Contents:
    """What an Outlook file holds besides its files: words, and what is strange about it."""

    attachments: tuple[Attachment, ...]
    more: dict[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """Plain values for the pipe: problems, plain, html."""
        return self.more


def read_msg(data: bytes) -> Contents:
    """An Outlook message as one file, a mail in the usual form, so that it is read like any other; no file where it is none.

    Raises DamagedFile, HostileFile.
    """
    if sniff(data) is not Format.MSG:
        return Contents(())
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            item = _Item(Storage.from_ole(ole), 32)
        mail, problems = _as_mail(item, 0)
    except (OSError, ValueError, struct.error, KeyError, IndexError, AttributeError, TypeError) as error:
        raise DamagedFile("Outlook 邮件文件已损坏") from error
    return Contents((Attachment("message.eml", mail, "message/rfc822"),), {"problems": problems})


class _Item:
    """A message or an attachment: its properties by number. `start` is where they begin in their stream."""

    def __init__(self, storage: Storage, start: int, codepage: int | None = None) -> None:
        self.storage = storage
        self.streams = {s.name.upper(): s.bytes_ for s in storage.streams}
        entries = self.streams.get("__PROPERTIES_VERSION1.0", b"")[start:]
        self.fixed = {struct.unpack_from("<H", entries, k + 2)[0]: entries[k + 8 : k + 16] for k in range(0, len(entries) - 15, 16)}
        self.codepage = self.number(MESSAGE_CODEPAGE) or self.number(INTERNET_CODEPAGE) or codepage

    def number(self, pid: int) -> int | None:
        value = self.fixed.get(pid)
        return struct.unpack_from("<I", value)[0] if value else None

    def moment(self, pid: int) -> datetime | None:
        """Outlook counts units of 100 ns from 1601, without a time zone."""
        value = self.fixed.get(pid)
        ticks = struct.unpack("<Q", value)[0] if value else 0
        try:
            return (datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)).astimezone(BEIJING) if ticks else None
        except OverflowError:
            return None

    def raw(self, pid: int, kind: int = 0x0102) -> bytes:
        return self.streams.get(f"__SUBSTG1.0_{pid:04X}{kind:04X}", b"")

    def text(self, pid: int) -> Decoded:
        """A text property: Unicode, or in a code page that is written somewhere, or in one that is not."""
        wide = self.raw(pid, 0x001F)
        if wide:
            return Decoded(wide.decode("utf-16-le", "replace").rstrip("\0"))
        return decode(self.narrow(pid), self.label)

    def narrow(self, pid: int) -> bytes:
        return self.raw(pid, 0x001E).rstrip(b"\0")

    @property
    def label(self) -> str:
        return _charset(self.codepage)

    def below(self, prefix: str) -> Iterator[Storage]:
        return (s for s in sorted(self.storage.storages, key=lambda s: str(s.name).upper()) if s.name.upper().startswith(prefix.upper()))


def _as_mail(item: _Item, depth: int) -> tuple[bytes, list[str]]:
    """The message in the usual form, and what is strange about it."""
    if depth > DEPTH:
        raise HostileFile("邮件层层转发过深，未予打开")
    headers, problems = _headers(item)
    html = item.raw(HTML) or item.text(HTML).text.encode("utf-8")
    html_label = (_charset(item.number(INTERNET_CODEPAGE)) or item.label) if item.raw(HTML) else "utf-8"
    parts = [_part("text/plain; charset=utf-8", item.text(BODY).text.encode("utf-8"))] if item.text(BODY).text.strip() else []
    if html.strip():
        parts.append(_part(f"text/html; charset={html_label or 'default'}", html))
    if not parts and item.raw(RTF):
        problems.append(ONLY_RTF)
    parts += [_attachment(_Item(s, 8, item.codepage), depth) for s in item.below("__attach_version1.0_#")]
    mark = b"=_" + hashlib.sha256(b"".join(parts)).hexdigest()[:32].encode()
    opening = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="' + mark + b'"\r\n\r\n'
    body = b"".join(b"--" + mark + b"\r\n" + p + b"\r\n" for p in parts)
    return headers + opening + body + b"--" + mark + b"--\r\n", problems


def _headers(item: _Item) -> tuple[bytes, list[str]]:
    """As they came over the wire, where Outlook kept them; else what Outlook knows, and which clock that is."""
    kept = _kept_headers(item)
    written = [kept] if kept else []
    present = {m[1].lower() for m in re.finditer(rb"(?m)^([\w-]+):", kept)}
    if b"subject" not in present:
        written.append(b"Subject: " + _word(item.text(SUBJECT).text) + b"\r\n")
    if b"from" not in present:
        address = item.text(SENDER_SMTP).text or item.text(SENDER_ADDRESS).text
        written.append(b"From: " + _word(item.text(SENDER).text) + b" <" + re.sub(rb"[^!-~]", b"", address.encode()) + b">\r\n")
    if b"received" in present:
        return b"".join(written), []
    delivered, sent = item.moment(DELIVERED), item.moment(SENT)
    if delivered:
        written.append(b"Received: from Outlook;\r\n\t" + format_datetime(delivered).encode() + b"\r\n")
        return b"".join(written), [BY_DELIVERY]
    if sent and b"date" not in present:
        written.append(b"Date: " + format_datetime(sent).encode() + b"\r\n")
        return b"".join(written), [BY_SENDING]
    return b"".join(written), []


def _kept_headers(item: _Item) -> bytes:
    """Without those that speak of the body's former form."""
    raw = item.narrow(HEADERS) or item.text(HEADERS).text.encode("utf-8")
    block = re.split(rb"\r?\n\r?\n", raw.strip(b"\r\n\0"), maxsplit=1)[0]
    lines = re.sub(rb"\r?\n(?=[ \t])", b"\0", block)  # folded lines stay with their header
    fields = [line for line in re.split(rb"\r?\n", lines) if re.match(rb"[!-9;-~]+:", line) and not OF_MIME.match(line)]
    return b"".join(f.replace(b"\0", b"\r\n") + b"\r\n" for f in fields)


def _attachment(item: _Item, depth: int) -> bytes:
    inner = next(item.below(f"__substg1.0_{DATA:04X}000D"), None)
    if inner is not None and any(s.name.lower() == "__properties_version1.0" for s in inner.streams):
        mail, _ = _as_mail(_Item(inner, 24, item.codepage), depth + 1)
        return _part("message/rfc822", mail, _named(item, ending=b".eml"), encoded=False)
    return _part(_media_type(item), item.raw(DATA), _named(item))


def _media_type(item: _Item) -> str:
    kind = item.text(MEDIA_TYPE).text.strip().lower()
    return (
        kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) and not kind.startswith(("multipart/", "message/")) else "application/octet-stream"
    )


def _named(item: _Item, ending: bytes = b"") -> bytes:
    """The name as it is stored: bytes in an unknown code page stay bytes, so that reading them says how sure the name is."""
    for pid in (LONG_NAME, SHORT_NAME, DISPLAY_NAME):
        found = item.text(pid)
        if found.text.strip():
            end = ending if not found.text.lower().endswith(ending.decode()) else b""
            if found.doubt:
                return b'; filename="' + re.sub(rb'[\r\n"]', b"_", item.narrow(pid)) + end + b'"'
            return b"; filename*=utf-8''" + quote_from_bytes(found.text.encode("utf-8", "replace")).encode() + end
    return b""


def _part(kind: str, data: bytes, name: bytes = b"", *, encoded: bool = True) -> bytes:
    disposition = b"Content-Disposition: attachment" + name + b"\r\n" if name or not kind.startswith("text/") else b""
    head = b"Content-Type: " + kind.encode() + b"\r\n" + disposition
    if not encoded:
        return head + b"\r\n" + data
    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data).replace(b"\n", b"\r\n")


def _word(text: str) -> bytes:
    return b"=?utf-8?B?" + base64.b64encode(text.encode("utf-8", "replace")) + b"?=" if text else b""


def read_tnef(data: bytes) -> Contents:
    """The files of a winmail.dat, and its words (plain, html); raises DamagedFile."""
    view, at, label = memoryview(data), 6, ""
    found: list[_TnefFile] = []
    words: dict[str, str] = {}
    while at + TNEF.MIN_OBJ_SIZE <= len(data):
        try:
            piece = TNEFObject(view[at:])
        except (struct.error, IndexError):
            break
        if piece.length < 11:
            break
        at += piece.length
        body = bytes(piece.data)
        if piece.name == TNEF.ATTOEMCODEPAGE and len(body) >= 4:
            label = _charset(struct.unpack_from("<I", body)[0])
        elif piece.name == TNEF.ATTATTACHRENDDATA:
            found.append(_TnefFile())
        elif piece.level == TNEF.LVL_ATTACHMENT and found:
            found[-1].add(piece.name, body, label)
        elif piece.name == TNEF.ATTBODY:
            words["plain"] = decode(body.rstrip(b"\0"), label).text
        elif piece.name == TNEF.ATTMAPIPROPS:
            words = {**words, **_words(body, label)}
    if at <= 6:
        raise DamagedFile("winmail.dat 已损坏")
    return Contents(tuple(f.attachment(k) for k, f in enumerate(found, 1)), dict(words))


def _charset(page: int | None) -> str:
    """Windows code page -> charset; "" for none."""
    return CODEPAGES.get(page, f"cp{page}") if page else ""


def _words(body: bytes, label: str) -> dict[str, str]:
    properties = dict(_mapi(body))
    page = properties.get(INTERNET_CODEPAGE)
    html = _charset(page) if isinstance(page, int) else label
    found = {"plain": _text(properties.get(BODY), label).text, "html": _text(properties.get(HTML), html).text}
    return {key: text for key, text in found.items() if text.strip()}


def _mapi(body: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each property: int, str where it is Unicode, bytes otherwise. Ends where the bytes end, whatever they promise."""
    try:
        (count,), at = struct.unpack_from("<I", body), 4
        for _ in range(min(count, len(body) // 4)):
            kind, name = struct.unpack_from("<HH", body, at)
            at = _named_end(body, at + 4, name)
            value, at = _value(body, at, kind)
            if value is not None:
                yield name, value
    except struct.error:
        return


def _named_end(body: bytes, at: int, name: int) -> int:
    """Where the name of a property that has one besides its number ends."""
    if name < 0x8000:
        return at
    (form,) = struct.unpack_from("<I", body, at + 16)
    (size,) = struct.unpack_from("<I", body, at + 20)
    return at + 24 + (size + 3 & ~3 if form else 0)


def _value(body: bytes, at: int, kind: int) -> tuple[Any, int]:
    """A property's first value and where its last one ends; None for kinds that are of no use here."""
    count, many, kind = 1, kind & 0x1000, kind & ~0x1000
    if many or kind in VARIABLE:
        (count,), at = struct.unpack_from("<I", body, at), at + 4
    if kind not in VARIABLE:
        if kind not in FIXED:
            raise struct.error  # nobody knows how long it is
        value = struct.unpack_from("<i", body, at)[0] if kind == 0x0003 else None
        return value, at + (FIXED[kind] * count + 3 & ~3)
    found = None
    for _ in range(min(count, len(body) // 4)):
        (size,) = struct.unpack_from("<I", body, at)
        found = body[at + 4 : at + 4 + size] if found is None else found
        at += 4 + (size + 3 & ~3)
    return found.decode("utf-16-le", "replace") if found is not None and kind == 0x001F else found, at


VARIABLE = frozenset({0x0000, 0x000D, 0x001E, 0x001F, 0x0102})
FIXED = {0x0002: 2, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 2, 0x0014: 8, 0x0040: 8, 0x0048: 16}


def _text(value: Any, label: str) -> Decoded:
    if isinstance(value, str):
        return Decoded(value.rstrip("\0"))
    return decode(value.rstrip(b"\0"), label) if isinstance(value, bytes) else Decoded("")


class _TnefFile:
    """One attachment of a winmail.dat, put together from its pieces."""

    def __init__(self) -> None:
        self.names: dict[int, Decoded] = {}
        self.data = b""
        self.kind = ""

    def add(self, number: int, body: bytes, label: str) -> None:
        if number == TNEF.ATTATTACHTITLE:
            self.names[0] = decode(body.rstrip(b"\0"), label)
        elif number == TNEF.ATTATTACHDATA:
            self.data = body
        elif number == TNEF.ATTATTACHMENT:
            for name, value in _mapi(body):
                if name in (LONG_NAME, SHORT_NAME, DISPLAY_NAME):
                    self.names[name] = _text(value, label)
                elif name == MEDIA_TYPE:
                    self.kind = _text(value, label).text
                elif name == DATA and isinstance(value, bytes):
                    self.data = value.removeprefix(IMESSAGE_SIG)

    def attachment(self, number: int) -> Attachment:
        name = file_name(*(self.names.get(n) for n in (LONG_NAME, 0, SHORT_NAME, DISPLAY_NAME)))
        return Attachment(name.text or f"未命名附件{number}", self.data, self.kind or "application/octet-stream", name.about("文件名"))
