"""RAR, 7z, tar, gzip and zip with passwords: opened in a child, within bounds, every file an arrival with its parent named."""

from __future__ import annotations

import base64
import bz2
import contextlib
import gzip
import hashlib
import hmac
import io
import lzma
import struct
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import py7zr
import pytest
from Cryptodome.Cipher import AES
from Cryptodome.Util import Counter

from extract.errors import DocumentError
from ingest import archives, opening, unpack
from ingest.archives import open_archive
from ingest.mailbody import passwords
from ingest.opening import Opened, opened
from ingest.submission import Root, Submission, submissions
from ingest.unpack import Bounds, Budget, Entry, unzip

MAIN_HEAD = b"Rar!\x1a\x07\x00"
SOLID = base64.b64decode(
    "UmFyIRoHADvQcwgADQAAAAAAAAArNHSAkCwAXAAAAAAIAAADoua3xbBmzD4dMwoApIEAAHN0ZXN0MS50eHQAwBEMzP6MnrD+MYGrrLG7QHeoCmTWSzeDwQe8AeCFku77"
    "th0ACCAACIjpeAzSDAdhOkF4S7Nun1IK2sonQLrnC2SKYnH7uACRnlAv2FX/+sZY6+vE14h+VJaHH03s2RZ0kJAsAA4AAAAACAAAA6Lmt8WwZsw+HTMKAKSBAABzdGVz"
    "dDIudHh0AMCxIACIB+vyCmn6/JTe0MQ9ewBABwA="
)
LOCKED = base64.b64decode(
    "UmFyIRoHAL0BcwIAMwAAAAAAAAD4BXUAACYACgAUNO5QEABMAAAAAAABCm2gqCufB5X+B6ujga2pgBACdAyAQgAgAAAABwAAAAC6fRl6bgNjPRQzCQAgAAAARklMRTEu"
    "VFhUIVF1AAAZAAwADzDeWWZpbGUxY29tbWVudFPmfX5zzgYruwTthRwQKva/q0wthOc1jNdnNS+MxrznJeJ0DIBCACAAAAAHAAAAAOPDX3hxA2M9FDMJACAAAABGSUxF"
    "Mi5UWFStZHUAABkADAAPMD1eZmlsZTJjb21tZW5005C+HUPv1L95WpV8La7DSRITBPuX1rf553cSqgZewKg="
)
LINK = base64.b64decode(
    "UmFyIRoHAQAzkrXlCgEFBgAFAQGAgAAu1g9EJQIDEgAEAO3DAgAAAACAAAECdXAKAxM+UQJqEzImFwYFAQECLi5/IjYIKgIDC5cABJcApIMCR30ywIAAAQx1cC9wd25l"
    "ZC50eHQKAxM+UQJqrNEsF1pJUFNMSVAtVklBLVNZTUxJTkstT0sKHXdWUQMFBAA="
)
"""Archives that only WinRAR can write: from the tests of rarfile (ISC licence). The second one's password is "password"."""


def rar(*files: tuple[bytes, bytes]) -> bytes:
    """A RAR 4 archive of stored files; names as bytes, in whatever code page."""
    out = MAIN_HEAD + _block(0x73, 0, bytes(6))
    for name, data in files:
        fixed = struct.pack("<IIBIIBBHI", len(data), len(data), 2, zlib.crc32(data), 0x4C348000, 29, 0x30, len(name), 0x20)
        out += _block(0x74, 0x8000, fixed + name) + data
    return out + _block(0x7B, 0x4000, b"")


def _block(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def rar5(name: str, data: bytes, password: str) -> bytes:
    """A RAR 5 archive of one stored file with a password."""
    salt, iv = bytes(range(16)), bytes(range(16, 32))
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1 << 4)
    sealed = AES.new(key, AES.MODE_CBC, iv).encrypt(data + bytes(-len(data) % 16))
    record = b"\x01\x00\x00\x04" + salt + iv
    extra = bytes([len(record)]) + record
    fixed = bytes([4, len(data), 0x20]) + struct.pack("<I", zlib.crc32(data)) + bytes([0, 0, len(name.encode())]) + name.encode()
    return b"Rar!\x1a\x07\x01\x00" + b"".join(
        [_block5(b"\x01\x00\x00"), _block5(bytes([2, 3, len(extra), len(sealed)]) + fixed + extra), sealed, _block5(b"\x05\x00\x00")]
    )


def _block5(body: bytes) -> bytes:
    sized = bytes([len(body)]) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized


def seven(files: dict[str, bytes], password: str | None = None, *, hidden: bool = False) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password, header_encryption=hidden) as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return out.getvalue()


def classic_zip(name: str, data: bytes, password: bytes) -> bytes:
    """A zip with the cipher of PKZIP 2, as most Chinese programs write it."""
    a, b, c = 0x12345678, 0x23456789, 0x34567890

    def step(byte: int) -> None:
        nonlocal a, b, c
        a = zlib.crc32(bytes([byte]), a ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
        b = ((b + (a & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        c = zlib.crc32(bytes([b >> 24]), c ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    for byte in password:
        step(byte)
    hidden = bytearray()
    for byte in bytes(11) + bytes([zlib.crc32(data) >> 24]) + data:
        k = c | 2
        hidden.append(byte ^ ((k * (k ^ 1)) >> 8 & 0xFF))
        step(byte)
    return _locked_zip(name, data, bytes(hidden), 0, b"")


def aes_zip(name: str, data: bytes, password: bytes) -> bytes:
    """A zip with WinZip's AES-256, as WinRAR and 7-Zip write it."""
    salt = b"s" * 16
    keys = hashlib.pbkdf2_hmac("sha1", password, salt, 1000, 66)
    counter = Counter.new(128, initial_value=1, little_endian=True)
    body = AES.new(keys[:32], AES.MODE_CTR, counter=counter).encrypt(data)
    mark = hmac.digest(keys[32:64], body, "sha1")[:10]
    return _locked_zip(name, data, salt + keys[64:] + body + mark, 99, struct.pack("<HHH2sBH", 0x9901, 7, 1, b"AE", 3, 0))


def _locked_zip(name: str, data: bytes, packed: bytes, method: int, extra: bytes) -> bytes:
    coded = name.encode()
    common = struct.pack("<HHHHIIIHH", 0x801, method, 0, 33, zlib.crc32(data), len(packed), len(data), len(coded), len(extra))
    local = struct.pack("<4sH", b"PK\3\4", 20) + common + coded + extra + packed
    central = struct.pack("<4sHH", b"PK\1\2", 20, 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + coded + extra
    return local + central + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)


def entries(data: bytes, words: Sequence[str] = (), **bounds: int) -> list[Entry]:
    return list(open_archive(data, "a", Budget(Bounds(**bounds)), words))


def child(data: bytes, words: Sequence[str] = (), *, seconds: float = 120.0, **bounds: int) -> Opened:
    return opened("archive", data, "a", Budget(Bounds(**bounds)), words, seconds=seconds)


def only(mail: bytes) -> Submission:
    (found,) = submissions([Root("a.eml", mail)])
    return found


def told(found: Submission) -> list[tuple[str, str, str]]:
    return [(p.place, p.name, p.problem.cause if p.problem else p.kind) for p in found.parts]


FILES = {"某县/自查报告.docx": b"one" * 500, "目录.xlsx": b"two"}
GB_FILES = [(k.replace("/", "\\").encode("gb18030"), v) for k, v in FILES.items()]


def packed_tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


KINDS = [
    pytest.param(seven(FILES), id="7z"),
    pytest.param(rar(*GB_FILES), id="RAR"),
    pytest.param(packed_tar(FILES), id="tar"),
    pytest.param(gzip.compress(packed_tar(FILES)), id="tar.gz"),
    pytest.param(bz2.compress(packed_tar(FILES)), id="tar.bz2"),
    pytest.param(lzma.compress(packed_tar(FILES)), id="tar.xz"),
]


@pytest.mark.parametrize("data", KINDS)
def test_every_file_of_an_archive_is_an_arrival_with_its_parent_named(data: bytes, make_mail: Callable[..., bytes]) -> None:
    found = only(make_mail({"材料": data}))
    assert [(p.place, p.parent, p.kind, p.name) for p in found.parts[1:]] == [
        ("a.eml#1", "a.eml", "archive", "材料"),
        ("a.eml#1#1", "a.eml#1", "file", "某县/自查报告.docx"),
        ("a.eml#1#2", "a.eml#1", "file", "目录.xlsx"),
    ]
    assert [p.data for p in found.files] == list(FILES.values())


def test_archives_of_different_kinds_are_opened_inside_each_other(make_mail: Callable[..., bytes]) -> None:
    inner = rar(("目录.xlsx".encode("gb18030"), b"2"))
    found = only(make_mail({"外.7z": seven({"内.rar": inner, "1.docx": b"1"})}))
    assert [(p.place, p.name) for p in found.files] == [("a.eml#1#1#1", "目录.xlsx"), ("a.eml#1#2", "1.docx")]


def test_names_of_an_old_rar_in_gbk_are_marked_as_guessed() -> None:
    assert [(e.name, e.doubt) for e in entries(rar(*GB_FILES, (b"a.txt", b"")))] == [
        ("某县/自查报告.docx", "文件名编码不明，按 GB18030 推断"), ("目录.xlsx", "文件名编码不明，按 GB18030 推断"), ("a.txt", ""),
    ]  # fmt: skip


def test_a_single_gzip_file_keeps_its_name_without_the_ending() -> None:
    found = list(open_archive(gzip.compress(b"data"), "报告.docx.gz", Budget(Bounds())))
    assert [(e.name, e.data) for e in found] == [("报告.docx", b"data")]


def test_a_compressed_rar_is_opened_by_a_program(needs_program: Callable[..., str]) -> None:
    needs_program("unar", package="unar")
    assert [(f.name, len(f.data), f.problem) for f in child(SOLID).files] == [("stest1.txt", 2048, None), ("stest2.txt", 2048, None)]


def test_without_that_program_the_sentence_says_whose_move_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(archives.rarfile, "CURRENT_SETUP", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    (first, _) = entries(SOLID)
    assert first.problem is not None
    assert "unar" in first.problem.next_step
    assert "管理员处理" in first.problem.next_step


ESCAPES = [b"..\\..\\x.docx", b"/etc/x.docx", b"C:\\x.docx", b"a/../../x.docx"]


@pytest.mark.parametrize("name", ESCAPES)
def test_a_name_never_leads_outside(name: bytes) -> None:
    (shown,) = [e.name for e in entries(rar((name, b"1")))]
    assert ".." not in shown.split("/")
    assert not shown.startswith("/")
    assert ":" not in shown


def test_links_and_devices_are_passed_over_and_nothing_is_written_through_them() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind, name in ((tarfile.SYMTYPE, "link"), (tarfile.CHRTYPE, "null"), (tarfile.FIFOTYPE, "pipe"), (tarfile.LNKTYPE, "hard")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("link/x")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"1"))
    assert [e.name for e in entries(out.getvalue())] == ["link/x"]
    assert [e.name for e in entries(LINK)] == ["up/pwned.txt"]
    assert not Path("pwned.txt").exists()


BOMBS = [
    pytest.param(seven({"a": bytes(8 << 20)}), id="7z"),
    pytest.param(gzip.compress(bytes(8 << 20)), id="gzip"),
    pytest.param(bz2.compress(bytes(8 << 20)), id="bzip2"),
    pytest.param(lzma.compress(bytes(8 << 20)), id="xz"),
    pytest.param(gzip.compress(packed_tar({"a": bytes(8 << 20)})), id="tar.gz"),
]


@pytest.mark.parametrize("data", BOMBS)
def test_a_bomb_is_refused_before_it_is_unpacked(data: bytes) -> None:
    found = child(data)
    assert found.problem is not None
    assert "压缩炸弹" in found.problem.cause
    assert not any(f.data for f in found.files)


OVER = [
    pytest.param({"total": 1000}, "解开后过大", id="all together"),
    pytest.param({"one": 1000}, "解开后过大", id="one file"),
    pytest.param({"count": 1}, "超过1个", id="their number"),
]


@pytest.mark.parametrize(("bounds", "cause"), OVER)
@pytest.mark.parametrize("data", KINDS)
def test_the_bounds_hold_for_every_kind(data: bytes, bounds: dict[str, int], cause: str) -> None:
    found: list[Entry] = []
    problems: list[DocumentError | None] = []
    try:
        for entry in open_archive(data, "a", Budget(Bounds(**bounds))):
            found.append(entry)
    except DocumentError as error:
        problems.append(error)
    assert any(p and cause in p.cause for p in (*problems, *(e.problem for e in found)))
    assert sum(len(e.data) for e in found) <= bounds.get("total", 1503)


@pytest.mark.parametrize("data", KINDS)
def test_a_truncated_archive_is_named_and_what_came_before_counts(data: bytes) -> None:
    found = child(data[: len(data) // 4])
    assert found.problem or any(f.problem for f in found.files) or len(found.files) < len(FILES)


CIPHERS = [
    pytest.param(classic_zip("自查.docx", b"secret", b"zc2018"), id="zip"),
    pytest.param(aes_zip("自查.docx", b"secret", b"zc2018"), id="zip with AES"),
    pytest.param(seven({"自查.docx": b"secret"}, "zc2018"), id="7z"),
    pytest.param(seven({"自查.docx": b"secret"}, "zc2018", hidden=True), id="7z with its names hidden"),
]


@pytest.mark.parametrize("data", CIPHERS)
def test_a_password_written_in_the_mail_opens_its_archive(data: bytes, make_mail: Callable[..., bytes]) -> None:
    found = only(make_mail({"材料": data}, body="材料见附件，解压密码：zc2018。请查收"))
    assert [(p.name, p.data) for p in found.files] == [("自查.docx", b"secret")]


def causes(data: bytes, words: Sequence[str], **bounds: int) -> set[str]:
    try:
        return {e.problem.cause for e in open_archive(data, "a", Budget(Bounds(**bounds)), words) if e.problem}
    except DocumentError as error:
        return {error.cause}


@pytest.mark.parametrize("data", CIPHERS)
def test_an_archive_that_stays_locked_says_so_and_not_with_what(data: bytes) -> None:
    (without,), (wrong,) = causes(data, []), causes(data, ["0000"])
    assert "没有写明密码" in without
    assert "写的密码打不开" in wrong
    assert "0000" not in wrong


def test_a_locked_archive_in_a_mail_is_a_file_that_says_so(make_mail: Callable[..., bytes]) -> None:
    found = only(make_mail({"材料.7z": seven({"自查.docx": b"secret"}, "zc2018"), "b.zip": classic_zip("a.docx", b"1", b"x")}))
    assert told(found)[1:] == [
        ("a.eml#1", "材料.7z", "压缩包设有密码，邮件正文中没有写明密码"),
        ("a.eml#2", "b.zip", "archive"),
        ("a.eml#2#1", "a.docx", "压缩包中的文件设有密码，邮件正文中没有写明密码"),
    ]


def test_a_locked_rar_is_opened_with_the_password_of_the_mail(needs_program: Callable[..., str]) -> None:
    needs_program("unar", package="unar")
    assert [(e.name, len(e.data)) for e in entries(LOCKED, ["password"])] == [("FILE1.TXT", 7), ("FILE2.TXT", 7)]
    assert causes(LOCKED, ["wrong"]) == {"压缩包中的文件设有密码，邮件正文中写的密码打不开"}


@pytest.mark.parametrize("word", ["zc 2018'\"$x", "自查2018"])
def test_a_newer_rar_opens_with_any_password(word: str, needs_program: Callable[..., str]) -> None:
    needs_program("unar", package="unar")
    (entry,) = entries(rar5("自查.txt", "自查报告".encode(), word), ["wrong", "x\x04y", word])
    assert (entry.name, entry.data.decode(), entry.problem) == ("自查.txt", "自查报告", None)
    assert causes(rar5("a", b"1", word), ["wrong"]) == {"压缩包中的文件设有密码，邮件正文中写的密码打不开"}


def test_a_locked_rar_that_unpacks_to_too_much_is_refused_before(needs_program: Callable[..., str]) -> None:
    needs_program("unar", package="unar")
    assert causes(rar5("a.txt", b"12345678", "x"), ["x"], one=7) == {unpack.TOO_LARGE}


def test_no_password_stands_on_a_command_line(needs_program: Callable[..., str]) -> None:
    """Everyone on the machine can read those."""
    needs_program("unar", package="unar")
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    seen.add(path.read_bytes())

    looker = threading.Thread(target=look)
    looker.start()
    word = "geheim-2018-11"
    for _ in range(5):
        assert [e.data for e in child(rar5("a.txt", b"1", word), words=[word]).files] == [b"1"]
    over.set()
    looker.join()
    assert any(b"unar" in line for line in seen)
    assert not any(word.encode() in line for line in seen)


def test_our_zip_with_the_old_cipher_is_what_the_standard_library_reads() -> None:
    with zipfile.ZipFile(io.BytesIO(classic_zip("a.txt", b"secret", b"zc2018"))) as archive:
        assert archive.read("a.txt", pwd=b"zc2018") == b"secret"


def test_a_zip_with_aes_of_a_public_project_is_opened(corpus: Path) -> None:
    (path,) = (corpus / "archive").glob("*store_compression_made_with_v1.3.3.zip")
    found = list(unzip(path.read_bytes(), Budget(Bounds()), ["wrong", "aaaaaaaa"]))
    assert sum(len(e.data) for e in found) == 56
    assert not any(e.problem for e in found)


def test_a_password_in_chinese_opens_whichever_charset_the_packer_used() -> None:
    for charset in ("gb18030", "utf-8"):
        (entry,) = unzip(classic_zip("a.txt", b"secret", "自查2018".encode(charset)), Budget(Bounds()), ["自查2018"])
        assert entry.data == b"secret"


WORDS = [
    pytest.param("解压密码：zc2018。", ["zc2018"], id="with a full stop"),
    pytest.param("附件密码为abc@123，请注意", ["abc@123"], id="为"),
    pytest.param("压缩包密码是“Zc_2018”", ["Zc_2018"], id="in quotes"),
    pytest.param("密码: 12 34", ["12"], id="a blank ends it"),
    pytest.param("打开密码　　654321", ["654321"], id="blanks instead of a colon"),
    pytest.param("解压密码：zc2018.", ["zc2018", "zc2018."], id="a point that may belong to it"),
    pytest.param("口令：甲乙丙", ["甲乙丙"], id="in Chinese"),
    pytest.param("请查收附件", [], id="none"),
]


@pytest.mark.parametrize(("text", "found"), WORDS)
def test_a_password_is_found_as_people_write_it(text: str, found: list[str]) -> None:
    assert list(passwords(text)) == found


def test_only_so_many_passwords_are_tried() -> None:
    assert len(passwords("\n".join(f"密码：{k}" for k in range(50)))) == 8


def test_a_child_that_takes_too_long_costs_only_its_archive() -> None:
    found = child(seven(FILES), seconds=0.01)
    assert found.problem is not None
    assert found.problem.cause == "解压用时过长，超出处理上限"


def test_the_time_of_all_children_together_is_bounded() -> None:
    budget = Budget(Bounds(seconds=0.5), seconds=0.6)
    assert opened("archive", seven(FILES), "a", budget).problem is not None


def test_a_child_that_is_killed_costs_only_its_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PROGRAM", "import os; os.kill(os.getpid(), 9)")
    found = child(seven(FILES))
    assert found.problem is not None
    assert "内存不足" in found.problem.cause


def test_a_child_has_no_more_memory_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MEMORY", 300 << 20)
    found = child(gzip.compress(bytes(250 << 20), 1), one=1 << 30, ratio=10**6)
    assert found.problem is not None
    assert "内存不足" in found.problem.cause


def test_a_child_knows_no_secrets_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZICHA_SECRET", "geheim")
    monkeypatch.setattr(opening.tempfile, "tempdir", str(tmp_path))
    seen = tmp_path / "seen"
    monkeypatch.setattr(opening, "PROGRAM", f"import os; open({str(seen)!r}, 'w').write(repr(dict(os.environ)))")
    child(seven(FILES))
    assert "geheim" not in seen.read_text("utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["seen"]


def test_what_a_child_says_is_counted_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was taken over might send without end."""
    one = "struct.pack('<QQ', 13, 1000) + b'{\"name\": \"x\"}' + bytes(1000)"
    monkeypatch.setattr(opening, "PROGRAM", f"import sys, struct\nwhile True: sys.stdout.buffer.write({one})")
    found = child(seven(FILES), total=5000)
    assert found.problem is not None
    assert sum(len(f.data) for f in found.files) <= 5000


def test_a_broken_archive_ends_in_one_sentence() -> None:
    for data in (*[p.values[0] for p in KINDS], SOLID, LOCKED, LINK):
        assert isinstance(data, bytes)
        for at in range(20, len(data), max(1, len(data) // 4)):
            try:
                list(open_archive(data[:at] + b"\xff\x00" + data[at + 2 :], "a", Budget(Bounds(total=1 << 20)), ["x"]))
            except DocumentError as error:
                assert error.cause and error.next_step
