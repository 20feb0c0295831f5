"""Mails signed or encrypted as a whole (S/MIME, smime.p7m): the bytes of the CMS message -> the mail in a signed one."""

from __future__ import annotations

from collections.abc import Iterator

SIGNED = bytes.fromhex("2a864886f70d010702")
ENVELOPED = (bytes.fromhex("2a864886f70d010703"), bytes.fromhex("2a864886f70d010910010017"))
KINDS = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SEQUENCE, _OID, _OCTETS, _OCTETS_IN_PIECES, _EXPLICIT = 0x30, 0x06, 0x04, 0x24, 0xA0
_PIECES = 100_000

Item = tuple[int, bytes]
"""Tag and content."""


def signed_content(data: bytes) -> bytes | None:
    """What was signed; None where it is no signed message, or one without its content."""
    try:
        kind, explicit = _two(_only(data, _SEQUENCE))
        if kind != (_OID, SIGNED) or explicit[0] != _EXPLICIT:
            return None
        content = next(body for tag, body in list(_items(_only(explicit[1], _SEQUENCE)))[2:3] if tag == _SEQUENCE)
        inside = [body for tag, body in _items(content) if tag == _EXPLICIT]
        return b"".join(_octets(tag, body) for tag, body in _items(inside[0]))
    except (IndexError, ValueError, StopIteration):
        return None


def is_encrypted(data: bytes) -> bool:
    """Whether it is a message that only the owner of a certificate can open."""
    try:
        return data[:1] == b"\x30" and next(_items(_only(data, _SEQUENCE)))[1] in ENVELOPED
    except (IndexError, ValueError, StopIteration):
        return False


def _two(data: bytes) -> tuple[Item, Item]:
    first, second, *_ = _items(data)
    return first, second


def _only(data: bytes, tag: int) -> bytes:
    found, body = next(_items(data))
    if found != tag:
        raise ValueError
    return body


def _octets(tag: int, body: bytes) -> bytes:
    """A string of bytes, whole or in pieces."""
    if tag == _OCTETS:
        return body
    return b"".join(piece for kind, piece in _items(body) if kind == _OCTETS) if tag == _OCTETS_IN_PIECES else b""


def _items(data: bytes) -> Iterator[Item]:
    """The items of a BER encoding one after another. Raises ValueError, IndexError."""
    at = 0
    for _ in range(_PIECES):
        if at >= len(data) or data[at : at + 2] == b"\0\0":
            return
        tag, start, end, at = _measured(data, at, 0)
        yield tag, data[start:end]


def _measured(data: bytes, at: int, depth: int) -> tuple[int, int, int, int]:
    """Tag, begin and end of the content, and where the next item begins; one without a length ends with two zeros."""
    if depth > 12:
        raise ValueError
    tag, length, start = data[at], data[at + 1], at + 2
    if length != 0x80:
        size = length
        if length > 0x80:
            start += length & 0x7F
            size = int.from_bytes(data[at + 2 : start], "big")
        return tag, start, start + size, start + size
    end = start
    while data[end : end + 2] != b"\0\0":
        end = _measured(data, end, depth + 1)[3]
    return tag, start, end, end + 2
