"""DOCX packages that are broken, hostile or merely odd."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from docx import Document as new_docx
from msoffcrypto.format.ooxml import OOXMLFile

from extract.errors import DamagedFile, DocumentError, EmptyFile, EncryptedFile, HostileFile, NeedsConversion, TooLarge, UnsupportedFormat
from extract.model import paragraphs
from extract.read import read
from extract.word import read_word
from extract.word_package import XML_LIMIT

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return stream.getvalue()


def main_part(text: str = "正文") -> str:
    return f"<w:document {W}><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"


def relations(target: str, kind: str = "officeDocument") -> str:
    return f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>'


def by_python_docx(text: str = "正文") -> bytes:
    document, stream = new_docx(), io.BytesIO()
    document.add_paragraph(text)
    document.save(stream)
    return stream.getvalue()


def text_of(data: bytes) -> str:
    return "|".join(q.full for q in paragraphs(read_word(data).elements))


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"word/document.xml": main_part()}, id="no relationships at all"),
        pytest.param({"_rels/.rels": relations("word/document.xml"), "Word\\Document.xml": main_part()}, id="other case and backslashes"),
        pytest.param(
            {"_rels/.rels": relations("/word/document2.xml"), "word/document2.xml": main_part()}, id="another name, an absolute target"
        ),
        pytest.param({"_rels/.rels": relations("NULL"), "word/document.xml": main_part()}, id="a relationship to NULL"),
        pytest.param(
            {
                "_rels/.rels": relations("word/document.xml"),
                "word/document.xml": main_part(),
                "word/_rels/document.xml.rels": relations("NULL", "image"),
            },
            id="a picture that is NULL",
        ),
        pytest.param(
            {"word/document.xml": main_part(), "word/styles.xml": "<w:styles", "word/numbering.xml": ""},
            id="broken styles, empty numbering",
        ),
        pytest.param({"word/document.xml": main_part("正\x0b文")}, id="a control character"),
        pytest.param(
            {"word/document.xml": '<?xml version="1.0" encoding="UTF-16"?>'.encode("utf-16") + main_part().encode("utf-16")[2:]},
            id="UTF-16",
        ),
        pytest.param(
            {
                "word/document.xml": main_part().replace(
                    "http://schemas.openxmlformats.org/wordprocessingml/2006/main", "http://purl.oclc.org/ooxml/wordprocessingml/main"
                )
            },
            id="strict OOXML",
        ),
        pytest.param({"word/document.xml": main_part().replace("<w:p>", "<x:mark/><w:p>")}, id="a prefix that nobody declared"),
    ],
)
def test_odd_packages_that_word_opens_are_read(parts: dict[str, str | bytes]) -> None:
    assert text_of(zipped(parts)) == "正文"


def test_bytes_in_front_of_the_archive_do_no_harm() -> None:
    assert text_of(b"junk" + by_python_docx()) == "正文"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "哈哈哈哈哈哈哈哈哈哈">'
    + "".join(f'<!ENTITY {chr(98 + k)} "{f"&{chr(97 + k)};" * 10}">' for k in range(8))
    + f"]>{main_part('&i;')}"
)
OUTSIDE = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>{main_part("&x;")}'


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(b"", EmptyFile, id="0 bytes"),
        pytest.param(b"\0" * 4096, EmptyFile, id="nothing but zeros"),
        pytest.param(by_python_docx(""), EmptyFile, id="no text and no picture"),
        pytest.param(by_python_docx()[:-300], DamagedFile, id="truncated at the end"),
        pytest.param(by_python_docx()[:5000], DamagedFile, id="truncated in the middle"),
        pytest.param(b"PK\x03\x04", DamagedFile, id="a header alone"),
        pytest.param(zipped({"a.txt": "x"}), DamagedFile, id="another archive"),
        pytest.param(zipped({"word/document.xml": ""}), DamagedFile, id="an empty main part"),
        pytest.param(zipped({"word/document.xml": main_part()[:-20]}), DamagedFile, id="a main part cut off"),
        pytest.param(zipped({"word/document.xml": BOMB}), HostileFile, id="an entity bomb"),
        pytest.param(zipped({"word/document.xml": OUTSIDE}), HostileFile, id="an entity that points outside"),
        pytest.param(zipped({"word/document.xml": main_part("<w:t>" * 3000 + "</w:t>" * 3000)}), HostileFile, id="nested without end"),
        pytest.param(b"%PDF-1.7\n", UnsupportedFormat, id="a PDF"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(data: bytes, error: type[DocumentError]) -> None:
    with pytest.raises(error) as caught:
        read_word(data)
    assert type(caught.value) is error
    assert caught.value.cause and caught.value.next_step


def test_a_decompression_bomb_is_not_unpacked() -> None:
    packed = zipped({"word/document.xml": b" " * (64 << 20)})
    begun = time.process_time()
    with pytest.raises(HostileFile):
        read_word(packed)
    assert time.process_time() - begun < 0.5


def test_a_part_that_lies_about_its_size_is_not_unpacked_beyond_it() -> None:
    packed = zipped({"word/document.xml": b" " * (8 << 20)})
    start = packed.rindex(b"PK\x01\x02")
    lying = packed[: start + 24] + struct.pack("<I", 100) + packed[start + 28 :]
    with pytest.raises(DamagedFile):
        read_word(lying)


def test_a_part_beyond_the_limit_is_too_large() -> None:
    packed = zipped({"word/document.xml": main_part()})
    start = packed.rindex(b"PK\x01\x02")
    claimed = packed[: start + 20] + struct.pack("<II", XML_LIMIT // 20, XML_LIMIT + 1) + packed[start + 28 :]
    with pytest.raises(TooLarge):
        read_word(claimed)


def test_a_password_is_told() -> None:
    encrypted = io.BytesIO()
    OOXMLFile(io.BytesIO(by_python_docx())).encrypt("secret", encrypted)
    with pytest.raises(EncryptedFile):
        read_word(encrypted.getvalue())


def test_an_encrypted_archive_entry_is_told() -> None:
    packed = bytearray(zipped({"word/document.xml": main_part()}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(signature) + offset] |= 1
    with pytest.raises(EncryptedFile):
        read_word(bytes(packed))


def test_an_old_doc_named_docx_asks_for_conversion(corpus: Path) -> None:
    with pytest.raises(NeedsConversion):
        read_word((corpus / "encrypted" / "tests__inputs__plain.doc").read_bytes())
    with pytest.raises(EncryptedFile):
        read_word((corpus / "encrypted" / "tests__inputs__rc4cryptoapi_password.doc").read_bytes())


@pytest.mark.parametrize("kind", ["document.macroEnabled", "template", "template.macroEnabledTemplate"])
def test_templates_and_documents_with_macros_are_read_like_documents(kind: str) -> None:
    """DOCM, DOTX and DOTM differ from DOCX in what they call the main part, and bring macros that nobody runs."""
    content = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with zipfile.ZipFile(io.BytesIO(by_python_docx("自查报告"))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    types = parts["[Content_Types].xml"].replace(content.encode(), f"application/vnd.ms-word.{kind}.main+xml".encode())
    data = zipped({**parts, "[Content_Types].xml": types, "word/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"\0" * 600})
    assert "自查报告" in "".join(q.full for q in paragraphs(read(data, "报告.docm").elements))
