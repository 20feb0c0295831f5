"""Archives: names as their writer saw them, and no trick gets through."""

from __future__ import annotations

import contextlib
import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.errors import DamagedFile, EncryptedFile, HostileFile, TooLarge
from ingest.unpack import Bounds, Budget, Entry, unzip


def pack(*files: tuple[bytes | str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip; names given as bytes are written as they are, without the UTF-8 flag."""
    out = io.BytesIO()
    renamed: list[tuple[bytes, bytes]] = []
    with zipfile.ZipFile(out, "w", method) as archive:
        for k, (name, data) in enumerate(files):
            if isinstance(name, bytes):
                holder = chr(0x41 + k) * len(name)
                renamed.append((holder.encode(), name))
                archive.writestr(holder, data)
            else:
                archive.writestr(name, data)
    packed = out.getvalue()
    for holder, name in renamed:
        packed = packed.replace(holder, name)
    return packed


def entries(data: bytes, **bounds: int) -> list[Entry]:
    return list(unzip(data, Budget(Bounds(**bounds))))


def names(data: bytes) -> list[str]:
    return [e.name for e in entries(data)]


def test_names_in_gbk_are_read() -> None:
    assert names(pack(("自查报告.docx".encode("gb18030"), b"1"), ("目录㙓.xlsx".encode("gb18030"), b"2"))) == [
        "自查报告.docx",
        "目录㙓.xlsx",
    ]


def test_names_in_utf8_without_a_flag_are_read() -> None:
    assert names(pack(("自查报告.docx".encode(), b"1"), ("目录.xlsx".encode(), b"2"))) == ["自查报告.docx", "目录.xlsx"]


def test_one_gbk_name_decides_for_the_archive() -> None:
    assert names(pack(("联通".encode("gb18030"), b"1"), ("自查报告".encode("gb18030"), b"2"))) == ["联通", "自查报告"]


def test_names_say_how_sure_they_are() -> None:
    packed = pack(("目录.xlsx".encode("gb18030"), b"1"), ("a.txt", b"2"))
    assert [(e.name, e.doubt) for e in entries(packed)] == [("目录.xlsx", "文件名编码不明，按 GB18030 推断"), ("a.txt", "")]
    assert [e.doubt for e in entries(pack(("自查报告.docx".encode(), b"1")))] == [""]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_method_gives_the_same_bytes(method: int) -> None:
    data = bytes(range(256)) * 3000
    assert [e.data for e in entries(pack(("a", data), ("b", b""), method=method))] == [data, b""]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bomb_of_any_method_takes_no_memory(method: int) -> None:
    packed = pack(("a.txt", bytes(48 << 20)), method=method)
    tracemalloc.start()
    (entry,) = entries(packed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(entry.problem, HostileFile)
    assert peak < 16 << 20


def test_flagged_names_stay_what_they_are() -> None:
    assert names(pack(("自查报告.docx", b"1"))) == ["自查报告.docx"]


ESCAPES = ["../../x.docx", "/etc/x.docx", "C:\\x.docx", "a/../../x.docx", "..\\x.docx"]


@pytest.mark.parametrize("name", ESCAPES)
def test_a_name_never_leads_outside(name: str) -> None:
    (shown,) = names(pack((name, b"1")))
    assert ".." not in shown
    assert not shown.startswith("/")
    assert ":" not in shown


def test_links_and_folders_are_passed_over() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("folder/", "")
        archive.writestr("folder/a.txt", "1")
    assert names(out.getvalue()) == ["folder/a.txt"]


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    (entry,) = entries(pack(("a.txt", bytes(50 << 20))), ratio=200)
    assert isinstance(entry.problem, HostileFile)
    assert not entry.data


def test_a_file_beyond_the_bound_is_refused_the_rest_goes_on() -> None:
    big, small = entries(pack(("a.txt", bytes(range(256)) * 100), ("b.txt", b"1")), one=10_000)
    assert isinstance(big.problem, TooLarge)
    assert small.data == b"1"


def test_all_files_together_are_bounded() -> None:
    with pytest.raises(TooLarge):
        entries(pack(("a", b"x" * 600), ("b", b"x" * 600)), total=1000)


def test_the_number_of_files_is_bounded() -> None:
    with pytest.raises(TooLarge):
        entries(pack(*((f"{k}", b"") for k in range(12))), count=10)


def test_a_truncated_archive_is_damaged() -> None:
    with pytest.raises(DamagedFile):
        entries(pack(("a.txt", b"x" * 1000), method=zipfile.ZIP_STORED)[:500])


def test_one_broken_file_leaves_the_others() -> None:
    packed = pack(("a.txt", b"x" * 1000), ("b.txt", b"y" * 1000), method=zipfile.ZIP_STORED)
    at = packed.index(b"x" * 1000)
    first, second = entries(packed[:at] + b"z" + packed[at + 1 :])
    assert isinstance(first.problem, DamagedFile)
    assert second.data == b"y" * 1000


def test_a_file_with_a_password_is_named() -> None:
    packed = bytearray(pack(("a.txt", b"secret")))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    (entry,) = entries(bytes(packed))
    assert isinstance(entry.problem, EncryptedFile)


@given(st.binary(max_size=300), st.integers(0, 200), st.binary(min_size=1, max_size=8))
def test_no_bytes_make_it_fail_otherwise(data: bytes, at: int, change: bytes) -> None:
    packed = pack(("a/自查.txt".encode("gb18030"), b"x" * 50), ("b.txt", b"y"))
    for candidate in (data, packed[:at] + change + packed[at + len(change) :]):
        with contextlib.suppress(DamagedFile):
            entries(candidate)


def test_archives_of_public_projects_end_in_files_or_one_sentence(corpus: Path) -> None:
    for path in sorted((corpus / "archive").iterdir()):
        try:
            found = entries(path.read_bytes())
        except (DamagedFile, TooLarge) as error:
            assert error.cause
        else:
            assert all(e.name and not e.name.startswith("/") and ".." not in e.name.split("/") for e in found), path.name
