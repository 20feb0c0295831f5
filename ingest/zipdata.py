"""The content of one file of a zip archive: decrypted, decompressed piece by piece, checked; never more than a piece in memory.

The standard library decompresses what it read of a bzip2 or LZMA entry in one go, however much comes out, and knows no AES.
"""

from __future__ import annotations

import bz2
import hashlib
import hmac
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from Cryptodome.Cipher import AES as CIPHER
from Cryptodome.Util import Counter

from extract.errors import EncryptedFile, TooLarge, UnsupportedFormat

CHUNK = 1 << 16
_TABLE = tuple(zlib.crc32(bytes([k]), 0xFFFFFFFF) ^ 0xFFFFFFFF for k in range(256))
AES = 99
"""The method of an entry that WinZip's AES covers; the real one stands in its extra field."""
MAX_DICTIONARY = 256 << 20


class Unreadable(Exception):
    """The bytes are not what the archive promises."""


class WrongPassword(Exception):
    """The password does not fit."""


def content(data: bytes, info: zipfile.ZipInfo, password: str | None = None) -> Iterator[bytes]:
    """Pieces of at most CHUNK bytes; raises Unreadable, WrongPassword, or a DocumentError with its own sentence."""
    raw, method, checked = _packed(data, info), info.compress_type, True
    if password is not None:
        raw, method, checked = _decrypted(raw, info, password)
    crc = 0
    try:
        for piece in _pieces(raw, method):
            crc = zlib.crc32(piece, crc)
            yield piece
    except (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, struct.error, Unreadable) as error:
        raise (Unreadable if password is None else WrongPassword) from error
    except MemoryError as error:
        raise TooLarge("压缩包中的文件解开时内存不足") from error
    if checked and crc != info.CRC:
        raise Unreadable if password is None else WrongPassword


def _packed(data: bytes, info: zipfile.ZipInfo) -> bytes:
    """The entry's bytes as they lie in the archive; its local header says where they begin."""
    head = data[info.header_offset : info.header_offset + 30] if info.header_offset >= 0 else b""
    if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        raise Unreadable
    start = info.header_offset + 30 + sum(struct.unpack("<HH", head[26:30]))
    if start + info.compress_size > len(data):
        raise Unreadable
    return data[start : start + info.compress_size]


def _pieces(raw: bytes, method: int) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        return (raw[k : k + CHUNK] for k in range(0, len(raw), CHUNK))
    if method == zipfile.ZIP_DEFLATED:
        return _inflated(raw)
    if method == zipfile.ZIP_BZIP2:
        return _fed(raw, bz2.BZ2Decompressor())
    if method == zipfile.ZIP_LZMA:
        return _lzma(raw)
    raise UnsupportedFormat("压缩包采用了不能识别的压缩方法", "请单位改用普通 ZIP 格式重新报送（单位补报）")


def _inflated(raw: bytes) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(0, len(raw), CHUNK):
        rest = raw[at : at + CHUNK]
        while rest and not stream.eof:
            yield stream.decompress(rest, CHUNK)
            rest = stream.unconsumed_tail
    while not stream.eof:
        piece = stream.decompress(b"", CHUNK)
        if not piece:
            raise Unreadable
        yield piece


def _fed(raw: bytes, stream: bz2.BZ2Decompressor | lzma.LZMADecompressor, *, endless: bool = False) -> Iterator[bytes]:
    """`endless`: an LZMA stream without an end mark ends with its bytes; their checksum says whether all came."""
    for at in range(0, len(raw), CHUNK):
        rest = raw[at : at + CHUNK]
        while not stream.eof:
            yield stream.decompress(rest, CHUNK)
            rest = b""
            if stream.needs_input:
                break
    if not stream.eof and not endless:
        raise Unreadable


def _lzma(raw: bytes) -> Iterator[bytes]:
    if len(raw) < 9 or raw[2:4] != b"\x05\x00" or raw[4] >= 225:
        raise Unreadable
    lc, rest = raw[4] % 9, raw[4] // 9
    (size,) = struct.unpack("<I", raw[5:9])
    if size > MAX_DICTIONARY:
        raise TooLarge("压缩包中的文件解开时需要的内存过多")
    one = {"id": lzma.FILTER_LZMA1, "dict_size": max(size, 4096), "lc": lc, "lp": rest % 5, "pb": rest // 5}
    return _fed(raw[9:], lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[one]), endless=True)


def _decrypted(raw: bytes, info: zipfile.ZipInfo, password: str) -> tuple[bytes, int, bool]:
    """Plain bytes, their method, and whether the checksum is there to be compared. Both charsets of Chinese zip programs are tried."""
    if info.flag_bits & 0x40:
        raise EncryptedFile("压缩包采用了不能识别的加密方法")
    opener = _aes if info.compress_type == AES else _classic
    for key in dict.fromkeys((password.encode("gb18030", "replace"), password.encode("utf-8", "replace"))):
        found = opener(raw, info, key)
        if found is not None:
            return found
    raise WrongPassword


def _aes(raw: bytes, info: zipfile.ZipInfo, key: bytes) -> tuple[bytes, int, bool] | None:
    """WinZip's AES: salt, two bytes that tell a wrong password, the content, ten bytes that tell a changed content."""
    version, strength, method = _aes_field(info.extra)
    size = 8 + 8 * strength
    salt = size // 2
    if len(raw) < salt + 12:
        raise Unreadable
    keys = hashlib.pbkdf2_hmac("sha1", key, raw[:salt], 1000, 2 * size + 2)
    body, mark = raw[salt + 2 : -10], raw[-10:]
    if keys[2 * size :] != raw[salt : salt + 2] or hmac.digest(keys[size : 2 * size], body, "sha1")[:10] != mark:
        return None
    cipher = CIPHER.new(keys[:size], CIPHER.MODE_CTR, counter=Counter.new(128, initial_value=1, little_endian=True))
    return cipher.decrypt(body), method, version == 1


def _aes_field(extra: bytes) -> tuple[int, int, int]:
    """(version, strength 1–3, method) of the extra field 0x9901."""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x9901 and size >= 7 and len(extra) >= 11 and 1 <= extra[8] <= 3:
            version, _, strength, method = struct.unpack("<H2sBH", extra[4:11])
            return version, strength, method
        extra = extra[4 + size :]
    raise Unreadable


def _classic(raw: bytes, info: zipfile.ZipInfo, key: bytes) -> tuple[bytes, int, bool] | None:
    """The cipher of PKZIP 2: weak, and what most programs still write."""
    decrypt = _keystream(key)
    head = decrypt(raw[:12])
    expected = info._raw_time >> 8 & 0xFF if info.flag_bits & 8 else info.CRC >> 24  # type: ignore[attr-defined]
    if len(head) < 12 or head[11] != expected:
        return None
    return decrypt(raw[12:]), info.compress_type, True


def _keystream(key: bytes) -> Callable[[bytes], bytes]:
    a, b, c = 0x12345678, 0x23456789, 0x34567890

    def step(byte: int) -> None:
        nonlocal a, b, c
        a = (a >> 8) ^ _TABLE[(a ^ byte) & 0xFF]
        b = ((b + (a & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        c = (c >> 8) ^ _TABLE[(c ^ (b >> 24)) & 0xFF]

    def decrypt(data: bytes) -> bytes:
        out = bytearray(len(data))
        for at, byte in enumerate(data):
            k = c | 2
            out[at] = plain = byte ^ ((k * (k ^ 1)) >> 8 & 0xFF)
            step(plain)
        return bytes(out)

    for byte in key:
        step(byte)
    return decrypt
