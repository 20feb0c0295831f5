"""A mail as it arrived: bytes -> Message, however its program wrote headers, names and parts."""

from __future__ import annotations

import email
import email.message
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.generator import BytesGenerator
from io import BytesIO
from typing import Literal

from ingest.mailbody import CloudFile, cloud_files, html_text
from ingest.mailparts import leaf_bytes, parse, unpack
from ingest.mailtext import Decoded, decode, decode_bytes, decode_header, file_name, header, parameters
from ingest.mailtime import moment
from ingest.smime import KINDS, signed_content
from ingest.uuencoded import Written, split

HEADERS = frozenset({"from", "to", "subject", "date", "received", "message-id", "mime-version", "content-type", "return-path"})
MAX_PARTS = 2000
_START = re.compile(rb"\A(?:\xef\xbb\xbf|[\r\n])+")
"""What editors and gateways put before the first header."""
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
STRANGE = (RecursionError, ValueError, LookupError, TypeError, AttributeError, KeyError, IndexError)
"""What the parser raises over mails that break every rule."""
TOO_MANY = f"邮件的组成部分超过{MAX_PARTS}个，其余未打开；请办公室人工查看，或请单位拆分后重新报送（办公室处理）"
PARTLY = "邮件被发件程序拆成了几封，这是其中一封，不能单独打开；请单位用一封邮件重新发送（单位补报）"
EXTENSIONS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "message/rfc822": ".eml",
    "text/html": ".html",
    "text/plain": ".txt",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """One part of a mail that is a file."""

    name: str
    data: bytes
    media_type: str
    doubt: str = ""
    """One sentence where the name had to be guessed."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a mail says. `received_from` tells which header gave `received_at`; both are None where no header tells a time."""

    subject: str = ""
    sender: str = ""
    received_at: datetime | None = None
    received_from: Literal["Received", "Date"] | None = None
    body: str = ""
    attachments: tuple[Attachment, ...] = ()
    cloud: tuple[CloudFile, ...] = ()
    """Files that stayed in the mailer's cloud: only a link arrived."""
    problems: tuple[str, ...] = ()
    lost: str = ""
    """Why not all of its parts were opened, and whose move it is, in one sentence; "" where they were."""


def read_mail(data: bytes) -> Message:
    """The mail in `data`. Never raises: what is strange becomes a problem, one Chinese sentence each."""
    data = _START.sub(b"", data)
    if not data.strip():
        return Message(problems=("邮件是空的，没有任何内容",))
    try:
        return _message(parse(data))
    except STRANGE:
        return _headers_alone(data)


def _headers_alone(data: bytes) -> Message:
    """Whom it is from and when it came, where its parts cannot be taken apart."""
    lost = "邮件结构异常，附件未能拆开；请办公室人工查看，或请单位重新发送（办公室处理）"
    try:
        return replace(_message(parse(_EMPTY_LINE.split(data, maxsplit=1)[0] + b"\n\n")), body="", attachments=(), cloud=(), lost=lost)
    except STRANGE:
        return Message(lost=lost)


def with_words(mail: Message, plain: str, html: str) -> Message:
    """The mail with those words for its body, where it has none of its own (they came in a winmail.dat)."""
    if mail.body.strip() or not (plain.strip() or html.strip()):
        return mail
    page = html_text(html)
    body = page.text if page.rows >= 2 or not plain.strip() else plain.strip().replace("\r\n", "\n")
    return replace(mail, body=body, cloud=cloud_files(body, page.links))


def looks_like_mail(data: bytes) -> bool:
    """Whether the first lines are headers of a mail."""
    head = _EMPTY_LINE.split(_START.sub(b"", data[:65536]), maxsplit=1)[0]
    names = {m.decode("ascii").lower() for m in re.findall(rb"(?m)^([A-Za-z][A-Za-z-]{1,40}):", head)}
    return len(names & HEADERS) >= 2


def _message(mail: email.message.Message) -> Message:
    parts = list(_walk(mail))
    bodies = [p for p in parts[:MAX_PARTS] if _is_body(p)]
    files = [_attachment(p, k) for k, p in enumerate(p for p in parts[:MAX_PARTS] if not _is_body(p))]
    files += [_written(w) for p in bodies if p.get_content_type() == "text/plain" for w in split(_data(p))[1]]
    words, links = _body(bodies)
    received_at, received_from, doubt = _received(mail)
    return Message(
        subject=decode_header(_raw(mail, "subject")),
        sender=_sender(mail),
        received_at=received_at,
        received_from=received_from,
        body=words,
        attachments=tuple(files),
        cloud=cloud_files(words, links),
        problems=doubt,
        lost=PARTLY if mail.get_content_type() == "message/partial" else TOO_MANY if len(parts) > MAX_PARTS else "",
    )


def _raw(mail: email.message.Message, name: str) -> bytes:
    """The first header of that name, byte for byte; b"" if there is none."""
    return next(iter(_raws(mail, name)), b"")


def _raws(mail: email.message.Message, name: str) -> list[bytes]:
    return [str(v).encode("utf-8", "surrogateescape") for k, v in mail.raw_items() if k.lower() == name]


def _sender(mail: email.message.Message) -> str:
    """Display name and address, each decoded: the address is cut off first, so that a quoted name cannot hide it."""
    raw = _raw(mail, "from")
    match = re.match(rb"\s*(.*?)\s*<([^<>]*)>\s*$", raw, re.S)
    if not match:
        return decode_header(raw)
    name = decode_header(match[1].strip().strip(b'"').replace(b'\\"', b'"'))
    return f"{name} <{decode_header(match[2])}>" if name else f"<{decode_header(match[2])}>"


def _received(mail: email.message.Message) -> tuple[datetime | None, Literal["Received", "Date"] | None, tuple[str, ...]]:
    """The topmost Received header's time; Date only where none tells one."""
    hops = _raws(mail, "received")
    for k, hop in enumerate(hops):
        told = moment(decode_header(hop.rpartition(b";")[2]))
        if told:
            return told, "Received", ("最近一次收信记录没有可用的时间，改用前一次的",) if k else ()
    told = moment(decode_header(_raw(mail, "date")))
    doubt = ("收信记录中没有可用的时间，改用发件人填写的时间",) if hops and told else ()
    return told, "Date" if told else None, doubt if told else ("邮件中没有可用的时间",)


def _walk(mail: email.message.Message) -> Iterator[email.message.Message]:
    """Leaves in order; a mail inside is a leaf of its own, and what was signed as a whole is taken out of its signature."""
    payload = mail.get_payload()
    if mail.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, email.message.Message):
                yield from _walk(part)
        return
    signed = signed_content(_data(mail)) if mail.get_content_type() in KINDS else None
    if signed is None:
        yield mail
    else:
        yield from _walk(parse(signed))


def _names(part: email.message.Message) -> tuple[Decoded | None, ...]:
    disposition, kind = parameters(_raw(part, "content-disposition")), parameters(_raw(part, "content-type"))
    return disposition.get("filename"), kind.get("name"), disposition.get("name")


def _is_body(part: email.message.Message) -> bool:
    if part.get_content_type() not in ("text/plain", "text/html"):
        return False
    return not _raw(part, "content-disposition").strip().lower().startswith(b"attachment") and not file_name(*_names(part)).text


def _attachment(part: email.message.Message, number: int) -> Attachment:
    kind = part.get_content_type()
    data = _nested(part) if kind == "message/rfc822" else _data(part)
    name = file_name(*_names(part))
    if not name.text and kind == "message/rfc822":
        name = file_name(_subject_as_name(data))
    return Attachment(name.text or f"未命名附件{number + 1}{EXTENSIONS.get(kind, '')}", data, kind, name.about("文件名"))


def _written(file: Written) -> Attachment:
    name = file_name(decode(file.name))
    return Attachment(name.text or "未命名附件", file.data, "application/octet-stream", name.about("文件名"))


def _subject_as_name(data: bytes) -> Decoded:
    found = header(_raw(email.message_from_bytes(data), "subject"))
    return Decoded(re.sub(r"[/\\]", "_", found.text)[:80] + ".eml" if found.text else "", found.doubt)


def _data(part: email.message.Message) -> bytes:
    data = leaf_bytes(part)
    if data is not None:
        return data
    return b"\r\n".join(_flat(p) for p in part.get_payload() if isinstance(p, email.message.Message))  # a delivery report


def _nested(part: email.message.Message) -> bytes:
    """The mail inside, as its own bytes, also where it came in base64 against the rules."""
    unpack(part)
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, email.message.Message):
        return _data(part)
    if not inner.keys() and isinstance(inner.get_payload(), str) and _raw(part, "content-transfer-encoding").strip().lower() == b"base64":
        shell = email.message.Message()
        shell["Content-Transfer-Encoding"] = "base64"
        shell.set_payload(inner.get_payload())
        return bytes(shell.get_payload(decode=True))
    return _flat(inner)


def _flat(mail: email.message.Message) -> bytes:
    unpack(mail)
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, maxheaderlen=0).flatten(mail)
    return out.getvalue()


def _body(parts: list[email.message.Message]) -> tuple[str, tuple[str, ...]]:
    """The mail's own words and the addresses it links to. A table in HTML is read from there: plain text loses its columns."""
    texts = {kind: [_text(p) for p in parts if p.get_content_type() == kind] for kind in ("text/plain", "text/html")}
    pages = [html_text(t) for t in texts["text/html"]]
    plain = "\n\n".join(t.strip() for t in texts["text/plain"] if t.strip())
    rich = "\n\n".join(t.text for t in pages if t.text)
    body = rich if any(t.rows >= 2 for t in pages) or not plain else plain
    return body.replace("\r\n", "\n").replace("\r", "\n"), tuple(link for t in pages for link in t.links)


def _text(part: email.message.Message) -> str:
    return decode_bytes(split(_data(part))[0], parameters(_raw(part, "content-type")).get("charset", Decoded("")).text)
