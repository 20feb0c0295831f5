"""What mail programs wrap around files: signatures, text encodings, Apple's halves, folders in one file, marks before the first header."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Callable

import pytest

from ingest import mbox, smime, uuencoded
from ingest.leftovers import leftover
from ingest.mail import looks_like_mail, read_mail
from ingest.mailtext import Decoded, file_name
from ingest.submission import Root, Submission, from_files, from_mail, submissions

Maker = Callable[..., bytes]
HEAD = b"From: office@county.example\r\nTo: office@city.example\r\nSubject: 1\r\nMIME-Version: 1.0\r\n"


def tree(found: Submission) -> list[tuple[str, str, str]]:
    return [(p.place, p.name, p.kind) for p in found.parts]


def uu(name: str, data: bytes) -> bytes:
    lines = b"".join(binascii.b2a_uu(data[k : k + 45]) for k in range(0, len(data), 45))
    return f"begin 644 {name}\n".encode("gb18030") + lines + b"`\nend\n"


TEXT = "请查收附件。\r\n".encode("gb18030")


@pytest.mark.parametrize("data", [b"", b"1", bytes(range(256)) * 9], ids=["empty", "a byte", "long"])
def test_a_file_written_into_the_text_is_a_file_and_no_text(data: bytes) -> None:
    mail = read_mail(HEAD + b"Content-Type: text/plain; charset=gb2312\r\n\r\n" + TEXT + uu("自查报告.doc", data) + b"\r\n-- \r\n")
    assert [(a.name, a.data) for a in mail.attachments] == [("自查报告.doc", data)]
    assert mail.body.split() == ["请查收附件。", "--"]


def test_two_of_them_and_lines_that_lost_their_blanks() -> None:
    first, second = uu("a", b"\0" * 45), uu("b", b"2")
    _, found = uuencoded.split(b"x\n" + first.replace(b"    ", b"````") + b"y\n" + second.rstrip(b"\n"))
    assert [(f.name, f.data) for f in found] == [(b"a", b"\0" * 45), (b"b", b"2")]


@pytest.mark.parametrize("text", [b"begin 644 a\nwords that are none\nend\n", b"begin 644 a\n", b"begin here\nend\n", uu("a", b"1")[:-5]])
def test_what_only_begins_like_one_stays_text(text: bytes) -> None:
    assert uuencoded.split(text) == (text, ())


def der(tag: int, *parts: bytes, endless: bool = False) -> bytes:
    body = b"".join(parts)
    if endless:
        return bytes([tag, 0x80]) + body + b"\0\0"
    size = len(body).to_bytes(4, "big")
    return bytes([tag, 0x84]) + size + body


def cms(kind: bytes, content: bytes, *, endless: bool = False) -> bytes:
    """A message of that kind as CMS lays it out, with lengths or, as Outlook streams it, without, in pieces."""
    pieces = der(0x24, der(4, content[:100]), der(4, content[100:]), endless=True) if endless else der(4, content)
    data = der(0x30, bytes.fromhex("06092a864886f70d010701"), der(0xA0, pieces, endless=endless), endless=endless)
    signed = der(0x30, der(2, b"\1"), der(0x31), data, der(0x31), endless=endless)
    return der(0x30, bytes([6, len(kind)]) + kind, der(0xA0, signed, endless=endless), endless=endless)


def sealed(data: bytes) -> bytes:
    kind = b'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\r\n'
    return HEAD + kind + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data)


@pytest.mark.parametrize("endless", [False, True], ids=["with lengths", "streamed"])
def test_a_mail_in_its_signature_is_read_like_one_without(make_mail: Maker, endless: bool) -> None:
    inner = make_mail({"自查报告.docx": b"1"}).split(b"MIME-Version")[1]
    found = from_mail(Root("a.eml", sealed(cms(smime.SIGNED, b"MIME-Version" + inner, endless=endless))))
    assert tree(found) == [("a.eml", "a.eml", "mail"), ("a.eml#1", "自查报告.docx", "file")]
    assert found.message is not None and "请查收" in found.message.body
    assert found.message.subject == "1"


def test_one_that_is_encrypted_says_so() -> None:
    found = from_mail(Root("a.eml", sealed(cms(smime.ENVELOPED[0], b"x"))))
    assert [p.problem.cause for p in found.parts if p.problem] == ["邮件用数字证书加密（S/MIME），没有收件人的证书不能打开"]


def test_no_bytes_make_the_signature_s_reader_fail() -> None:
    whole = cms(smime.SIGNED, b"x" * 300, endless=True)
    for k in range(len(whole)):
        smime.signed_content(whole[:k])
        smime.signed_content(whole[:k] + bytes([whole[k] ^ 0xFF]) + whole[k + 1 :])
    assert smime.signed_content(b"\x30\x80" * 5000) is None


def test_a_folder_in_one_file_is_its_mails(make_mail: Maker) -> None:
    mails = make_mail({"自查报告.docx": b"1"}, body="x\n\nFrom here on\n"), make_mail({"目录.xlsx": b"2"})
    data = b"".join(b"From - Fri Jan 19 10:36:00 2018\n" + m.replace(b"\nFrom here", b"\n>From here") + b"\n\n" for m in mails)
    found = from_files([Root("导出.mbox", data)])
    assert tree(found) == [
        ("导出.mbox", "导出.mbox", "archive"), ("导出.mbox#1", "邮件1.eml", "mail"), ("导出.mbox#1#1", "自查报告.docx", "file"),
        ("导出.mbox#2", "邮件2.eml", "mail"), ("导出.mbox#2#1", "目录.xlsx", "file"),
    ]  # fmt: skip
    assert found.messages[0].body.splitlines()[2] == "From here on"


@pytest.mark.parametrize("text", [b"", b"From here 2018\nwe go\n", b"From - Fri Jan 19 2018\n", "自查\n\nFrom a 2018\nTo: b\n".encode()])
def test_a_text_is_no_folder(text: bytes) -> None:
    assert mbox.mails_in(text) == ()


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\r\n\r\n", b"\xef\xbb\xbf\n", b"From a@b.example Fri Jan 19 10:36:00 2018\n"])
def test_what_stands_before_the_first_header_hides_none(make_mail: Maker, mark: bytes) -> None:
    data = mark + make_mail({"自查报告.docx": b"1"})
    assert looks_like_mail(data)
    (found,) = submissions([Root("a.eml", data)])
    assert tree(found) == [("a.eml", "a.eml", "mail"), ("a.eml#1", "自查报告.docx", "file")]


BLANK = b"<html><head><style>p{}</style></head><body>&nbsp;</body></html>"
LEFT = [
    ("自查报告.docx", b"\0\5\x16\7\0\2\0\0Mac OS X", True), ("smime.p7s", b"\x30\x82", True), ("报告.files/filelist.xml", b"<xml/>", True),
    ("ATT00001.htm", BLANK, True), ("ATT00002.txt", b"\r\n", True), ("ATT00004.dat", b"", True),
    ("报告.files/image001.jpg", b"\xff\xd8\xff", False), ("filelist.xml", b"<xml/>", False), ("自查报告.docx", b"PK", False),
    ("ATT00003.txt", "一、".encode(), False), ("空白.txt", b"\r\n", False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "left"), LEFT)
def test_what_programs_add_by_themselves_is_told_from_what_people_send(name: str, data: bytes, left: bool) -> None:
    assert bool(leftover(name, data)) is left


@pytest.mark.parametrize("sign", ["\u2066", "\u2069", "\u202e", "\u061c", "\x85", "\u2028", "\xad"])
def test_a_name_has_no_signs_that_nobody_sees(sign: str) -> None:
    assert file_name(Decoded(f"自查{sign}xcod.exe")).text == "自查xcod.exe"


def test_of_a_mail_with_too_many_parts_the_rest_is_named(make_mail: Maker) -> None:
    part = b'--B\r\nContent-Type: application/octet-stream; name="%d.bin"\r\n\r\n1\r\n'
    data = HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + b"".join(part % k for k in range(2005)) + b"--B--\r\n"
    found = from_mail(Root("a.eml", data))
    assert [(p.name, p.problem.cause) for p in found.parts if p.problem] == [("其余部分", "邮件的组成部分超过2000个，其余未打开")]
    assert len(found.parts) == 2002


def test_of_a_mail_that_cannot_be_taken_apart_sender_and_time_are_known() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=B%d\r\n\r\n--B%d\r\n" % (k, k) for k in range(3000))
    found = from_mail(Root("a.eml", HEAD + b"Date: Fri, 19 Jan 2018 10:36:00 +0800\r\n" + nested))
    assert [p.problem.cause for p in found.parts if p.problem] == ["邮件结构异常，附件未能拆开"]
    assert found.message is not None
    assert (found.message.subject, found.message.received_from) == ("1", "Date")


def test_of_an_attachment_that_was_cut_off_the_bytes_before_are_kept() -> None:
    whole = bytes(range(256))
    coded = base64.encodebytes(whole)
    for cut in range(1, 9):
        mail = read_mail(HEAD + b"Content-Type: application/msword; name=a.doc\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded[:-cut])
        (found,) = mail.attachments
        assert whole.startswith(found.data)
        assert len(found.data) > 240


def zipped(*, disk: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("自查报告.docx", b"1" * 3000)
    data = out.getvalue()
    end = data.rfind(b"PK\5\6")
    return data[: end + 4] + bytes([disk, 0]) + data[end + 6 :]


VOLUMES = [
    ("材料.z01", b"PK\x07\x08" + zipped()[:2000], True), ("材料.zip", zipped(disk=1)[2000:], True), ("材料.zip.001", zipped()[:2000], True),
    ("材料.7z.002", bytes(range(128, 256)) * 9, True), ("材料.zip", zipped(), False), ("材料.zip.001", zipped(), False),
    ("材料.zip", zipped()[:2000], False), ("材料.r01", "一、自查".encode(), False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "is_one"), VOLUMES)
def test_one_volume_of_several_says_so(name: str, data: bytes, is_one: bool) -> None:
    causes = [p.problem.cause for p in from_files([Root(name, data)]).parts if p.problem]
    assert (causes == ["这是分卷压缩包的一部分，需要全部分卷才能打开"]) is is_one


def test_one_of_the_mails_that_a_program_made_of_one_says_so() -> None:
    data = HEAD + b"Content-Type: message/partial; id=x; number=2; total=3\r\n\r\n" + base64.encodebytes(bytes(300))
    problems = [p.problem for p in from_mail(Root("a.eml", data)).parts if p.problem]
    assert [p.cause for p in problems] == ["邮件被发件程序拆成了几封，这是其中一封，不能单独打开"]
    assert problems[0].next_step == "请单位用一封邮件重新发送（单位补报）"


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_an_attachment_whose_every_line_ends_as_if_nothing_followed_is_whole(size: int) -> None:
    whole = bytes(range(256)) * 9
    coded = b"\r\n".join(base64.b64encode(whole[k : k + size]) for k in range(0, len(whole), size))
    mail = read_mail(HEAD + b"Content-Type: application/msword; name=a.doc\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded)
    assert [a.data for a in mail.attachments] == [whole]


def test_words_that_a_gateway_adds_behind_an_attachment_are_not_part_of_it() -> None:
    coded = base64.b64encode(b"1234") + b"\r\n\r\nThis mail was scanned.\r\n"
    mail = read_mail(HEAD + b"Content-Type: application/msword; name=a.doc\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded)
    assert [a.data for a in mail.attachments] == [b"1234"]
