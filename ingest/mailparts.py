"""Bytes of a mail -> its tree of parts, long base64 left where it lies: parsed as text a large attachment takes nine times its size."""

from __future__ import annotations

import binascii
import email
import email.message
import hashlib
import re
from collections.abc import Iterator

LARGE = 1 << 20
"""From this many bytes on a base64 body stays out of the parser."""
_CODED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n"

_MIDDLE = re.compile(rb"=\r?\n[A-Za-z0-9+/]{2}")
"""Some programs end each line, not only the last one, as if nothing followed."""
_PIECE = re.compile(rb"[^=]+={0,2}")
_OTHERS = bytes(set(range(256)) - set(_CODED.rstrip(b"=\r\n")))


class Part(email.message.Message):
    """A part of a mail; `packed` is its body where that stayed out of the parser."""

    packed: memoryview | None = None


def parse(data: bytes) -> Part:
    """The mail in `data`, under the only policy that keeps raw bytes of headers; raises what the parser raises."""
    runs = list(_runs(data)) if len(data) >= LARGE else []
    return (_without(data, runs) if runs else None) or email.message_from_bytes(data, Part)


def _without(data: bytes, runs: list[tuple[int, int]]) -> Part | None:
    """The mail with marks in place of these bodies; None where one of them was no body of a part after all."""
    mark, pieces, at = hashlib.sha256(data).hexdigest(), [], 0  # no mail can hold its own
    for number, (start, end) in enumerate(runs):
        pieces += [data[at:start], f"{mark}-{number}".encode()]
        at = end
    mail = email.message_from_bytes(b"".join([*pieces, data[at:]]), Part)
    bodies = {f"{mark}-{number}": memoryview(data)[start:end] for number, (start, end) in enumerate(runs)}
    for part in mail.walk():
        payload = part.get_payload()
        part.packed = bodies.pop(payload, None) if isinstance(payload, str) else None
    return None if bodies else mail


def leaf_bytes(part: email.message.Message) -> bytes | None:
    """The decoded bytes of a leaf; None for what has parts."""
    packed = part.packed if isinstance(part, Part) else None
    payload = packed if packed is not None else part.get_payload()
    if str(part.get("content-transfer-encoding", "")).strip().lower() == "base64" and isinstance(payload, (memoryview, str)):
        return _from_base64(payload.encode("ascii", "ignore") if isinstance(payload, str) else payload)
    if packed is not None:
        unpack(part)
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else None


def _from_base64(coded: bytes | memoryview) -> bytes:
    """Where it was cut off on its way what came before counts: the parser would hand on the letters themselves."""
    if _MIDDLE.search(coded):
        pieces = _PIECE.findall(bytes(coded).translate(None, b"\r\n\t "))
        if all(len(piece) % 4 == 0 for piece in pieces):
            return b"".join(binascii.a2b_base64(piece) for piece in pieces)
    try:
        return binascii.a2b_base64(coded)
    except binascii.Error:
        letters = bytes(coded).translate(None, _OTHERS)
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4])


def unpack(mail: email.message.Message) -> None:
    """Put the bodies that stayed outside back into the tree, before it is written out again."""
    for part in mail.walk():
        if isinstance(part, Part) and part.packed is not None:
            part.set_payload(bytes(part.packed).decode("ascii"))
            part.packed = None


def _runs(data: bytes) -> Iterator[tuple[int, int]]:
    """Where nothing but base64 stands between an empty line and the next boundary."""
    at = 0
    while (end := data.find(b"\n--", at)) >= 0:
        heads = [k + len(empty) for empty in (b"\n\n", b"\n\r\n") if (k := data.find(empty, at, end)) >= 0]
        if heads and end - min(heads) >= LARGE and _is_coded(data, min(heads), end):
            yield min(heads), end - data.endswith(b"\r", min(heads), end)
        at = end + 3


def _is_coded(data: bytes, start: int, end: int) -> bool:
    return not any(data[k : min(k + LARGE, end)].translate(None, _CODED) for k in range(start, end, LARGE))
