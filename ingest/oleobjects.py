"""OLE objects as files: what was packed into one, what an old Word document holds, and one written out as a file of its own."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import olefile

from extract.sniff import Format, sniff
from ingest.mailtext import decode, file_name
from ingest.unpack import Entry, label

POOL = "ObjectPool"
_ENDING = {
    Format.DOC: ".doc", Format.DOCX: ".docx", Format.XLS: ".xls", Format.XLSX: ".xlsx", Format.XLSB: ".xlsb", Format.PDF: ".pdf",
    Format.ENCRYPTED_OFFICE: ".docx", Format.ODT: ".odt", Format.ODS: ".ods",
}  # fmt: skip
"""What an object without a name of its own may be; formulas, charts and drawings are no files."""
_PACKAGER, _MAIN = "\x01Ole10Native", ("Workbook", "Book")
"""A workbook is the one kind of document that is whole in one stream."""
_SECTOR, _END, _FREE, _FAT = 512, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_MOST = 100
"""Sectors of the table that a file's head has room for: 6 MB."""


def packed_in(content: bytes, name: str) -> Entry | None:
    """The file that an OLE object is, or that was packed into one; None for anything else."""
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            return _file(ole, [], name, content)
    except Exception:  # noqa: BLE001 - an object that the library cannot take apart is none that a reader could open
        return None


def of_old_word(data: bytes) -> Iterator[Entry]:
    """The objects in a DOC or WPS, in the order of their numbers."""
    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        places = sorted({tuple(entry[:2]) for entry in ole.listdir() if entry[0] == POOL and len(entry) > 2})
        for number, place in enumerate(places, 1):
            try:
                entry = _file(ole, list(place), f"嵌入对象{number}", None)
            except Exception:  # noqa: BLE001 - as above
                continue
            if entry:
                yield entry


def _file(ole: olefile.OleFileIO, place: list[str], name: str, whole: bytes | None) -> Entry | None:
    """What is at that place; `whole`: the object's bytes where it is a file of its own already."""

    def stream(part: str) -> bytes | None:
        return ole.openstream([*place, part]).read() if ole.exists([*place, part]) else None

    native = stream(_PACKAGER)
    if native is not None:
        return _native(native, name)
    content = stream("Package") or stream("CONTENTS") or whole  # CONTENTS is how Acrobat packs a PDF
    main = next((m for m in _MAIN if content is None and ole.exists([*place, m])), None)
    if main:
        content = alone(main, stream(main) or b"")
    ending = _ENDING.get(sniff(content)) if content else None
    return Entry(name + ending, content) if ending and content else None


def _native(stream: bytes, name: str) -> Entry | None:
    """The file of a packager object: name, place it came from, place it was copied to, bytes."""
    try:
        told, at = _text(stream, 6)
        _, at = _text(stream, at)
        (size,) = struct.unpack_from("<I", stream, at + 4)
        at += 8 + size
        (size,) = struct.unpack_from("<I", stream, at)
    except (struct.error, ValueError):
        return None
    found = decode(told)
    return Entry(label(file_name(found).text or name), stream[at + 4 : at + 4 + size], doubt=found.about("文件名"))


def _text(stream: bytes, at: int) -> tuple[bytes, int]:
    end = stream.index(b"\0", at)
    return stream[at:end], end + 1


def alone(name: str, stream: bytes) -> bytes | None:
    """An OLE file with that one stream, as MS-CFB lays it out; None where it is too long for so simple a file."""
    stream = stream.ljust(4096, b"\0")  # shorter ones would have to lie among the small streams
    count = -(-len(stream) // _SECTOR)
    tables = next((n for n in range(1, _MOST) if n * 128 >= count + 1 + n), None)
    if tables is None:
        return None
    entries = [("Root Entry", 5, 1, _END, 0), (name, 2, _FREE, 0, len(stream)), ("", 0, _FREE, 0, 0), ("", 0, _FREE, 0, 0)]
    directory = b"".join(_entry(*e) for e in entries)
    table = [*range(1, count), _END, _END, *[_FAT] * tables]
    table += [_FREE] * (tables * 128 - len(table))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, tables, count, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", *range(count + 1, count + 1 + tables), *[_FREE] * (109 - tables))
    return head + stream.ljust(count * _SECTOR, b"\0") + directory + struct.pack(f"<{len(table)}I", *table)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    coded = name.encode("utf-16-le")
    return struct.pack("<64sHBBIII16sIQQIQ", coded, len(coded) + 2 if name else 0, kind, 1, _FREE, _FREE, child, b"", 0, 0, 0, start, size)
