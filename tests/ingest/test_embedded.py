"""Files inside documents are arrivals with their parent named; documents with a password that the mail tells are opened."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from fpdf import FPDF
from msoffcrypto.format.ooxml import OOXMLFile

from extract.read import read
from extract.sniff import Format, sniff
from extract.unlock import unlock
from ingest.embedded import embedded_files
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.submission import Root, Submission, from_files, from_mail
from ingest.telltale import may_be_locked
from ingest.unpack import Bounds, Budget
from ingest.watch import once

Maker = Callable[..., bytes]
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


Tree = Mapping[str, "bytes | Tree"]


def compound(tree: Tree) -> bytes:
    """An OLE file with those streams and storages; streams are made as long as those outside of the small streams have to be."""
    entries: list[tuple[str, int, int, int, bytes]] = [("Root Entry", 5, FREE, FREE, b"")]  # name, kind, next, first below, data

    def add(branch: Tree) -> int:
        first = FREE
        for name, value in reversed(list(branch.items())):
            below = FREE if isinstance(value, bytes) else add(value)
            entries.append((name, 2, first, FREE, value.ljust(4096, b"\0")) if isinstance(value, bytes) else (name, 1, first, below, b""))
            first = len(entries) - 1
        return first

    entries[0] = ("Root Entry", 5, FREE, add(tree), b"")
    body, table, directory = b"", list[int](), b""

    def store(data: bytes) -> int:
        nonlocal body
        start, count = len(table), -(-len(data) // 512)
        body += data.ljust(count * 512, b"\0")
        table.extend([*range(start + 1, start + count), END])
        return start

    for name, kind, following, below, data in entries:
        start, coded = store(data) if data else 0 if kind == 1 else END, name.encode("utf-16-le")
        place = (kind, 1, FREE, following, below, b"", 0, 0, 0, start, len(data))
        directory += struct.pack("<64sHBBIII16sIQQIQ", coded, len(coded) + 2, *place)
    start = store(directory)
    fats = next(n for n in range(1, 100) if n * 128 >= len(table) + n)
    at = len(table)
    table += [FAT] * fats
    table += [FREE] * (fats * 128 - len(table))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, fats, start, 0, 4096, END, 0, END, 0)
    return head + struct.pack("<109I", *range(at, at + fats), *[FREE] * (109 - fats)) + body + struct.pack(f"<{len(table)}I", *table)


def packager(name: str, data: bytes) -> dict[str, bytes]:
    """What Word writes for a file that was inserted as an icon."""
    told = name.encode("gb18030") + b"\0"
    body = b"\2\0" + told + b"C:\\" + told + struct.pack("<HHI", 0, 3, len(told)) + told + struct.pack("<I", len(data)) + data
    return {"\x01Ole10Native": struct.pack("<I", len(body)) + body}


def holding(report: bytes, *objects: tuple[str, str, bytes]) -> bytes:
    """The DOCX with those objects: (kind of relationship, file name, bytes)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(report)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/_rels/document.xml.rels":
                more = "".join(
                    f'<Relationship Id="o{k}" Type="{OFFICE}/{kind}" Target="embeddings/{file}"/>'
                    for k, (kind, file, _) in enumerate(objects)
                )
                part = part.replace(b"</Relationships>", more.encode() + b"</Relationships>")
            new.writestr(name, part)
        for _, file, data in objects:
            new.writestr(f"word/embeddings/{file}", data)
    return out.getvalue()


def pdf(files: dict[str, bytes], folder: Path, *, password: str = "") -> bytes:
    page = FPDF()
    page.add_page()
    page.set_font("helvetica")
    page.cell(text="Please open this portfolio with a newer reader.")
    for name, data in files.items():
        (folder / name).write_bytes(data)
        page.embed_file(folder / name)
    if password:
        page.set_encryption(owner_password="owner", user_password=password)
    return bytes(page.output())


def locked(data: bytes, password: str) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, out)
    return out.getvalue()


def tree(found: Submission) -> list[tuple[str, str, str]]:
    return [(p.place, p.name, p.kind) for p in found.parts]


def test_a_workbook_and_an_icon_in_a_report_are_arrivals_below_it(make_report: Maker, make_catalog: Maker) -> None:
    objects = (
        ("package", "Microsoft_Excel_Sheet1.xlsx", make_catalog()),
        ("oleObject", "oleObject1.bin", compound(packager("佐证材料目录.doc", b"{\\rtf1 x}"))),
    )
    found = from_files([Root("a.docx", holding(make_report(), *objects))])
    assert tree(found) == [
        ("a.docx", "a.docx", "file"), ("a.docx#1", "Microsoft_Excel_Sheet1.xlsx", "file"), ("a.docx#2", "佐证材料目录.doc", "file"),
    ]  # fmt: skip
    assert found.parts[2].data == b"{\\rtf1 x}"
    assert [p.parent for p in found.parts] == [None, "a.docx", "a.docx"]


def test_formulas_and_the_numbers_of_charts_are_no_files(make_report: Maker, make_catalog: Maker) -> None:
    formula = holding(
        make_report(), ("oleObject", "oleObject1.bin", compound({"Equation Native": b"1"})), ("image", "1.xlsx", make_catalog())
    )
    assert tree(from_files([Root("a.docx", formula)])) == [("a.docx", "a.docx", "file")]


def workbook(text: str) -> bytes:
    """A workbook of Excel 97 with that text in its first cell, in its records."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    end, named = record(0x0A, b""), struct.pack("<HBB", 0, 6, 0) + b"Sheet1"
    head = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    cell = record(0x0204, struct.pack("<HHHHB", 0, 0, 0, len(text), 1) + text.encode("utf-16-le"))
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0)) + cell + end
    offset = len(head) + len(record(0x85, bytes(4) + named)) + len(end)
    return head + record(0x85, struct.pack("<I", offset) + named) + end + sheet


def test_so_are_those_in_an_old_word_document(make_catalog: Maker) -> None:
    packed, book = packager("目录.doc", b"{\\rtf1 x}"), {"Workbook": workbook("签到表")}
    pool: Tree = {"_1": packed, "_2": {"Package": make_catalog()}, "_3": book, "_4": {"Equation Native": b"1"}}
    found = from_files([Root("a.doc", compound({"WordDocument": b"\xec\xa5", "ObjectPool": pool}))])
    assert [(p.place, p.name) for p in found.parts[1:]] == [
        ("a.doc#1", "目录.doc"), ("a.doc#2", "嵌入对象2.xlsx"), ("a.doc#3", "嵌入对象3.xls"),
    ]  # fmt: skip
    assert read(found.parts[3].data).text == "签到表"


def test_files_attached_to_a_pdf_are_arrivals_below_it(tmp_path: Path, make_report: Maker) -> None:
    data = pdf({"report.docx": make_report(), "invoice.xml": b'<?xml version="1.0"?><invoice/>'}, tmp_path)
    assert tree(from_files([Root("a.pdf", data)])) == [("a.pdf", "a.pdf", "file"), ("a.pdf#1", "report.docx", "file")]


def test_a_report_in_a_document_in_a_document_stops_at_the_bound(make_report: Maker) -> None:
    data = make_report()
    for _ in range(4):
        data = holding(make_report(), ("package", "a.docx", data))
    assert max(p.place.count("#") for p in from_files([Root("a.docx", data)], Bounds(depth=2)).parts) == 3


def test_what_they_hold_spends_the_same_budget_as_archives(make_report: Maker) -> None:
    data = holding(make_report(), ("package", "a.docx", make_report()), ("package", "b.docx", make_report("友谊县")))
    found = from_files([Root("a.docx", data)], Bounds(count=1))
    assert [p.problem.cause for p in found.parts if p.problem] == ["压缩包中的文件超过1个"]
    assert found.parts[0].problem is None


@pytest.mark.parametrize("cut", [200, 2000, 5000])
def test_a_broken_one_gives_what_it_can_or_nothing(make_report: Maker, make_catalog: Maker, cut: int) -> None:
    data = holding(make_report(), ("package", "1.xlsx", make_catalog()), ("oleObject", "1.bin", compound(packager("a", b"1"))[:-cut]))
    assert tree(from_files([Root("a.docx", data)]))[0] == ("a.docx", "a.docx", "file")
    assert len(list(embedded_files(data, Budget(Bounds())))) in (1, 2)


def test_files_that_cannot_be_taken_out_are_named(make_report: Maker) -> None:
    data = holding(make_report(), ("package", "1.xlsx", bytes(30 << 20)))
    found = from_files([Root("a.docx", data)])
    assert [(p.name, type(p.problem).__name__) for p in found.parts] == [("a.docx", "NoneType"), ("1.xlsx", "HostileFile")]


BODY = "报告设有打开密码：jx@2018，请查收。"


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_a_password_that_the_mail_tells_opens_its_document(tmp_path: Path, make_mail: Maker, make_report: Maker, kind: str) -> None:
    data = locked(make_report(), "jx@2018") if kind == "docx" else pdf({}, tmp_path, password="jx@2018")
    mail = make_mail({f"报告.{kind}": data}, body=BODY)
    found, again = (from_mail(Root("a.eml", mail)) for _ in range(2))
    assert tree(found)[1:] == [("a.eml#1", f"报告.{kind}", "archive"), ("a.eml#1#1", f"报告.{kind}", "file")]
    assert read(found.parts[2].data)
    assert [p.sha256 for p in found.parts] == [p.sha256 for p in again.parts]


def test_a_wrong_one_leaves_it_as_it_came(make_mail: Maker, make_report: Maker) -> None:
    data = locked(make_report(), "other")
    found = from_mail(Root("a.eml", make_mail({"报告.docx": data}, body=BODY)))
    assert [(p.kind, sniff(p.data)) for p in found.parts[1:]] == [("file", Format.ENCRYPTED_OFFICE)]


def test_what_is_in_a_document_that_a_person_opened_is_below_it(make_report: Maker, make_catalog: Maker) -> None:
    whole = holding(make_report(), ("package", "1.xlsx", make_catalog()))
    data = locked(whole, "jx@2018")
    found = from_files([Root("a.docx", data)], copies={hashlib.sha256(data).hexdigest(): whole}.get)
    assert tree(found) == [("a.docx", "a.docx", "file"), ("a.docx#1", "1.xlsx", "file")]
    assert found.parts[0].data == data


def test_a_document_without_a_password_beside_one_is_not_touched(make_mail: Maker, make_report: Maker, corpus: Path) -> None:
    old = min((corpus / "legacy").rglob("*.doc"), key=lambda p: p.stat().st_size).read_bytes()
    found = from_mail(Root("a.eml", make_mail({"a.docx": make_report(), "b.doc": old}, body=BODY)))
    assert [p.kind for p in found.parts] == ["mail", "file", "file"]
    assert found.parts[2].data == old


def test_a_pdf_comes_out_as_the_same_bytes_every_time(tmp_path: Path) -> None:
    data = pdf({}, tmp_path, password="jx@2018")
    assert unlock(data, "a.pdf", "jx@2018") == unlock(data, "a.pdf", "jx@2018")


def test_report_and_catalog_inside_it_are_judged_together_and_a_rebuild_says_the_same(
    tmp_path: Path, make_mail: Maker, make_report: Maker, make_catalog: Maker
) -> None:
    report = locked(holding(make_report(), ("package", "1.xlsx", make_catalog())), "jx@2018")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.eml").write_bytes(make_mail({"集贤县自查报告.docx": report}, body=BODY))
    settings = load_settings(tmp_path, {"ZICHA_SETTLE": "0"})
    with Service(settings, load_rules(settings), say=lambda _: None) as service:
        once(service)
        states = {a.place: a.state for a in service.store.arrivals()}
    assert states == dict.fromkeys(["a.eml", "a.eml#1", "a.eml#1#1", "a.eml#1#1#1"], "used")
    (sheet,) = (tmp_path / "outbox").glob("*集贤县*.json")
    assert '"missing"' not in sheet.read_text("utf-8").split('"claims"')[1].split('"catalog"')[0]


def test_a_mere_look_tells_a_locked_office_document_from_an_open_one(corpus: Path) -> None:
    old = [p.read_bytes() for p in sorted(corpus.rglob("*")) if p.is_file()]
    told = [(may_be_locked(d), sniff(d) is Format.ENCRYPTED_OFFICE) for d in old if d.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")]
    assert {(True, True), (False, False)} == set(told)


def test_so_it_does_with_a_workbook() -> None:
    locked_book = bytes.fromhex("0908100000060500") + bytes(12) + bytes.fromhex("2f00")
    assert may_be_locked(compound({"Workbook": locked_book}))
    assert not may_be_locked(compound({"Workbook": workbook("签到表")}))
