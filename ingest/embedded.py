"""Files inside documents: what was inserted into a DOCX as an object, or attached to a PDF. Runs in a process of its own (see opener)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import olefile
import pypdfium2

from extract.errors import DamagedFile, DocumentError
from extract.sniff import Format, sniff
from extract.word_package import Package, open_package
from ingest.mailtext import decode, file_name
from ingest.unpack import Budget, Entry, label

_ENDING = {
    Format.DOC: ".doc", Format.DOCX: ".docx", Format.XLS: ".xls", Format.XLSX: ".xlsx", Format.XLSB: ".xlsb", Format.PDF: ".pdf",
    Format.ENCRYPTED_OFFICE: ".docx", Format.ODT: ".odt", Format.ODS: ".ods",
}  # fmt: skip
"""What an object without a name of its own may be; formulas, charts and drawings are no files."""


def embedded_files(data: bytes, budget: Budget) -> Iterator[Entry]:
    """The files in order, within the budget; a formula or a chart's numbers are none. Raises DocumentError."""
    found = sniff(data)
    if found is Format.DOCX:
        try:
            package = open_package(data)
        except DocumentError:  # reading it says what is wrong
            return
        yield from _of_word(package, budget)
    elif found is Format.PDF:
        yield from _of_pdf(data, budget)


def _of_word(package: Package, budget: Budget) -> Iterator[Entry]:
    for number, (kind, target) in enumerate(package.relations(package.main).values(), 1):
        if kind not in ("package", "oleObject"):
            continue
        try:
            content = package.bytes(target, budget.bounds.one) or b""
        except DocumentError as problem:
            yield Entry(label(target.rsplit("/", 1)[-1]), problem=problem)
            continue
        entry = _packed(content, target) if content.startswith(b"PK") else _object(content, f"嵌入对象{number}")
        if entry:
            budget.enter()
            budget.spend(len(entry.data))
            yield entry


def _packed(content: bytes, target: str) -> Entry:
    return Entry(label(target.rsplit("/", 1)[-1]), content)


def _object(content: bytes, name: str) -> Entry | None:
    """The file that an OLE object is, or that was packed into one; None for anything else."""
    if not content.startswith(b"\xd0\xcf\x11\xe0"):
        return None
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            if ole.exists("\x01Ole10Native"):
                return _native(ole.openstream("\x01Ole10Native").read(), name)
            if ole.exists("Package"):
                content = ole.openstream("Package").read()
            elif ole.exists("CONTENTS"):  # how Acrobat packs a PDF
                content = ole.openstream("CONTENTS").read()
    except Exception:  # noqa: BLE001 - an object that the library cannot take apart is none that a reader could open
        return None
    ending = _ENDING.get(sniff(content))
    return Entry(name + ending, content) if ending else None


def _native(stream: bytes, name: str) -> Entry | None:
    """The file of a packager object: name, place it came from, place it was copied to, bytes."""
    try:
        at = 6
        told, at = _text(stream, at)
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


def _of_pdf(data: bytes, budget: Budget) -> Iterator[Entry]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:  # reading it says what is wrong
        return
    try:
        for number in range(document.count_attachments()):
            budget.enter()
            attachment = document.get_attachment(number)
            name = label(file_name(decode(attachment.get_name().encode("utf-8", "replace"))).text or f"未命名附件{number + 1}")
            try:
                content = bytes(attachment.get_data())
            except pypdfium2.PdfiumError:
                yield Entry(name, problem=DamagedFile("文件中附带的文件已损坏"))
                continue
            budget.spend(len(content))
            if sniff(content, name) is not Format.XML:  # what programs attach for programs: an invoice's data
                yield Entry(name, content)
    finally:
        document.close()
