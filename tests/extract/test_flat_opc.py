"""An Office file as one XML file says what its zip says."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable

import pytest

from extract.errors import DamagedFile, DocumentError, HostileFile, UnsupportedFormat
from extract.flat_opc import as_package
from extract.model import Table
from extract.read import read

HEAD = '<?xml version="1.0" standalone="yes"?>\n<?mso-application progid="Word.Document"?>\n'
NAMESPACE = "http://schemas.microsoft.com/office/2006/xmlPackage"


def flat(package: bytes) -> bytes:
    out = [HEAD, f'<pkg:package xmlns:pkg="{NAMESPACE}">']
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name.endswith((".xml", ".rels")):
                inner = f"<pkg:xmlData>{data.decode().split('?>', 1)[-1]}</pkg:xmlData>"
            else:
                inner = f"<pkg:binaryData>{base64.encodebytes(data).decode()}</pkg:binaryData>"
            out.append(f'<pkg:part pkg:name="/{name}">{inner}</pkg:part>')
    return "".join([*out, "</pkg:package>"]).encode()


def test_a_report_is_read(make_docx: Callable[..., bytes]) -> None:
    package = make_docx("自查报告", "一、组织保障", rows=[["序号", "材料"]])
    found = read(flat(package), "自查报告.doc")
    assert found.elements == read(package).elements
    assert isinstance(found.elements[-1], Table)


def test_so_is_a_catalog(make_xlsx: Callable[..., bytes]) -> None:
    package = make_xlsx([["序号", "材料名称"], ["1", "通知"]])
    assert read(flat(package)).elements == read(package).elements


def test_a_picture_longer_than_a_parser_takes_by_itself_is_kept(make_docx: Callable[..., bytes]) -> None:
    picture = bytes(9_000_000)
    long = flat(make_docx("自查报告")).replace(
        b"</pkg:package>",
        b'<pkg:part pkg:name="/word/media/1.png"><pkg:binaryData>'
        + base64.b64encode(picture)
        + b"</pkg:binaryData></pkg:part></pkg:package>",
    )
    with zipfile.ZipFile(io.BytesIO(as_package(long))) as package:
        assert package.read("word/media/1.png") == picture


SLIDES = '<pkg:part pkg:name="/ppt/presentation.xml"><pkg:xmlData><a/></pkg:xmlData></pkg:part>'
BROKEN: list[tuple[str, str, type[DocumentError]]] = [
    ("cut off", f'{HEAD}<pkg:package xmlns:pkg="{NAMESPACE}"><pkg:part', DamagedFile),
    ("without parts", f'{HEAD}<pkg:package xmlns:pkg="{NAMESPACE}"/>', DamagedFile),
    ("entities", f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><pkg:package xmlns:pkg="{NAMESPACE}">&a;</pkg:package>', HostileFile),
    ("slides", f'{HEAD}<pkg:package xmlns:pkg="{NAMESPACE}">{SLIDES}</pkg:package>', UnsupportedFormat),
]


@pytest.mark.parametrize(("text", "error"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_what_is_none_is_refused(text: str, error: type[DocumentError]) -> None:
    with pytest.raises(error):
        read(text.encode())
