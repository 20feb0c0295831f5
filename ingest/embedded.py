"""Files inside documents: objects in a DOCX or DOC, attachments of a PDF. Runs in a process of its own (see opener)."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2

from extract.errors import DamagedFile, DocumentError
from extract.sniff import Format, sniff
from extract.word_package import Package, open_package
from ingest.mailtext import decode, file_name
from ingest.oleobjects import of_old_word, packed_in
from ingest.unpack import Budget, Entry, label


def embedded_files(data: bytes, budget: Budget) -> Iterator[Entry]:
    """The files in order, within the budget; a formula or a chart's numbers are none. Raises DocumentError."""
    found = sniff(data)
    if found is Format.DOCX:
        try:
            package = open_package(data)
        except DocumentError:  # reading it says what is wrong
            return
        yield from _of_word(package, budget)
    elif found is Format.DOC:
        for entry in of_old_word(data):
            budget.enter()
            budget.spend(len(entry.data))
            yield entry
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
        entry = _packed(content, target) if content.startswith(b"PK") else packed_in(content, f"嵌入对象{number}")
        if entry:
            budget.enter()
            budget.spend(len(entry.data))
            yield entry


def _packed(content: bytes, target: str) -> Entry:
    return Entry(label(target.rsplit("/", 1)[-1]), content)


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
