"""Mail headers as Chinese programs write them: each shape with the name or subject its sender saw, and how sure we are of it."""

from __future__ import annotations

import base64
import quopri
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.mail import Attachment, read_mail
from ingest.mailtext import LOST, Decoded, decode, header

SURE = ""
GUESSED = "编码不明，按 GB18030 推断"
POOR = "编码不明，按 GB18030 推断，把握不大"
LIED = "编码与标注不符，按 GB18030 推断"
NAME = "自查报告.docx"
GB = NAME.encode("gb18030")


def b(data: bytes, label: str = "gb18030", *, pad: bool = True) -> bytes:
    """A word in B encoding."""
    packed = base64.b64encode(data)
    return b"=?" + label.encode() + b"?B?" + (packed if pad else packed.rstrip(b"=")) + b"?="


def q(data: bytes, label: str = "gb18030") -> bytes:
    """A word in Q encoding."""
    return b"=?" + label.encode() + b"?Q?" + quopri.encodestring(data, header=True).replace(b"=\n", b"").replace(b"?", b"=3F") + b"?="


def pct(data: bytes) -> bytes:
    return "".join(f"%{byte:02X}" for byte in data).encode()


def mail(*headers: bytes, part: tuple[bytes, ...] = ()) -> bytes:
    """A mail with those headers, and one file with those headers of its own."""
    lines = [b"From: a@county.example", *headers]
    if part:
        lines += [b"MIME-Version: 1.0", b'Content-Type: multipart/mixed; boundary="X"', b"", b"--X", *part, b"", b"ZGF0YQ==", b"--X--", b""]
    return b"\r\n".join([*lines, b"", b""] if not part else lines)


def attachment(disposition: bytes = b"", content_type: bytes = b"application/octet-stream") -> Attachment:
    headers = [b"Content-Type: " + content_type, b"Content-Transfer-Encoding: base64"]
    if disposition:
        headers.append(b"Content-Disposition: " + disposition)
    (found,) = read_mail(mail(b"Subject: x", part=tuple(headers))).attachments
    assert found.data == b"data"
    return found


VALUES = [
    pytest.param(b'"' + GB + b'"', NAME, GUESSED, id="raw GBK"),
    pytest.param('"目录.xlsx"'.encode("gb18030"), "目录.xlsx", GUESSED, id="raw GBK that is UTF-8 by chance"),
    pytest.param("自查报告".encode("gb18030")[:-1], "自查报\ufffd", LOST, id="raw GBK cut inside a character"),
    pytest.param('"Bérénice.docx"'.encode(), "Bérénice.docx", "编码不明，按 UTF-8 推断", id="raw UTF-8 of other letters"),
    pytest.param('"目录㙓.docx"'.encode("gb18030"), "目录㙓.docx", POOR, id="raw GB18030 with a rare character"),
    pytest.param('"𠮷镇.docx"'.encode("gb18030"), "𠮷镇.docx", POOR, id="raw GB18030 of four bytes"),
    pytest.param(b'"' + NAME.encode() + b'"', NAME, SURE, id="raw UTF-8"),
    pytest.param("自查 报告 (1).docx".encode("gb18030"), "自查 报告 (1).docx", GUESSED, id="raw GBK without quotes, with blanks"),
    pytest.param('"刓乗.docx"'.encode("gb18030"), "刓乗.docx", POOR, id="a second byte that is a backslash"),
    pytest.param(b'"' + b(GB) + b'"', NAME, SURE, id="RFC 2047 B in quotes"),
    pytest.param(b'"' + q(GB, "gb2312") + b'"', NAME, SURE, id="RFC 2047 Q in quotes"),
    pytest.param(b(GB), NAME, SURE, id="RFC 2047 without quotes"),
    pytest.param(b'"' + b("自查报告".encode("gb18030")) + b'.docx"', NAME, SURE, id="encoded stem, plain ending"),
    pytest.param(b'"' + b(GB[:5], "gb2312") + b"\r\n " + b(GB[5:], "gb2312") + b'"', NAME, SURE, id="split inside a character, folded"),
    pytest.param(b'"' + b(GB[:5], "gbk") + b(GB[5:], "gbk") + b'"', NAME, SURE, id="split inside a character, nothing between"),
    pytest.param(b'"' + b(GB[:4]) + b" " + b(GB[4:]) + b'"', NAME, SURE, id="adjacent words"),
    pytest.param(b'"' + b(GB[:4], "gbk") + b" " + q(GB[4:], "GB2312") + b'"', NAME, SURE, id="adjacent words, B and Q, two labels"),
    pytest.param(
        b'"' + b(NAME.encode()[:4], "utf-8") + b"\r\n\t" + b(NAME.encode()[4:], "utf-8") + b'"',
        NAME,
        SURE,
        id="UTF-8 split inside a character",
    ),
    pytest.param(b'"' + b(GB + b" ", pad=False) + b'"', NAME, SURE, id="no padding"),
    pytest.param(
        b'"=?gb18030?B?' + base64.b64encode(GB)[:8] + b"\r\n " + base64.b64encode(GB)[8:] + b'?="', NAME, SURE, id="base64 broken by a fold"
    ),
    pytest.param(b'"' + b("镕㙓𠮷.docx".encode("gb18030"), "gb2312") + b'"', "镕㙓𠮷.docx", SURE, id="gb2312 that carries GB18030"),
    pytest.param(b'"' + b(GB, "x-gbk") + b'"', NAME, SURE, id="x-gbk"),
    pytest.param(b'"' + b(GB, "cp936") + b'"', NAME, SURE, id="cp936"),
    pytest.param(b'"' + b(GB, "GB2312*zh-CN") + b'"', NAME, SURE, id="a label with a language"),
    pytest.param(b'"' + b(b"~{WT2i1(8f~}.docx", "hz-gb-2312") + b'"', NAME, SURE, id="HZ"),
    pytest.param(b'"' + b("自查報告.docx".encode("big5"), "big5") + b'"', "自查報告.docx", SURE, id="Big5"),
    pytest.param(b'"' + b(GB, "x-unknown-charset") + b'"', NAME, GUESSED, id="an unknown label"),
    pytest.param(b'"' + b(GB, "utf-8") + b'"', NAME, LIED, id="utf-8 that is GBK"),
    pytest.param(b'"' + b(GB, "us-ascii") + b'"', NAME, GUESSED, id="us-ascii that is GBK"),
    pytest.param(b'"' + b(NAME.encode(), "gb2312") + b'"', NAME, SURE, id="gb2312 that is UTF-8"),
    pytest.param(b'"' + b(GB, "idna") + b'"', NAME, GUESSED, id="what Python calls an encoding, but no mailer"),
    pytest.param(b'"' + b(b"\xd7", "gbk") + b'.docx"', "\ufffd.docx", LOST, id="half a character stays half"),
    pytest.param(b'"' + pct(NAME.encode()) + b'"', NAME, SURE, id="percent-encoded UTF-8 without RFC 2231"),
    pytest.param(b'"' + pct(GB) + b'"', NAME, GUESSED, id="percent-encoded GBK without RFC 2231"),
    pytest.param(b'"%8Dj.docx"', "%8Dj.docx", "可能经过百分号编码，未予还原", id="a single percent that may be an encoding"),
    pytest.param(b'"report.docx"', "report.docx", SURE, id="plain ASCII"),
]
"""Value of filename= or name=, what its sender saw, what is doubtful about it."""


@pytest.mark.parametrize(("value", "shown", "doubt"), VALUES)
@pytest.mark.parametrize("where", ["filename", "name"])
def test_a_name_is_read_as_its_writer_saw_it_and_marked_where_it_was_guessed(value: bytes, shown: str, doubt: str, where: str) -> None:
    if where == "filename":
        found = attachment(b"attachment; filename=" + value)
    else:
        found = attachment(b"", b"application/octet-stream; name=" + value)
    assert (found.name, found.doubt) == (shown, f"文件名{doubt}" if doubt else "")


EXTENDED = [
    pytest.param(b"filename*=gb2312''" + pct(GB), NAME, SURE, id="RFC 2231 with gb2312"),
    pytest.param(
        b"filename*=gb2312''" + pct("镕㙓.docx".encode("gb18030")), "镕㙓.docx", SURE, id="RFC 2231 with gb2312 that carries GB18030"
    ),
    pytest.param(b"filename*0*=gb2312''" + pct(GB[:5]) + b"; filename*1*=" + pct(GB[5:]), NAME, SURE, id="cut inside a character"),
    pytest.param(
        b"filename*1*=" + pct(GB[5:]) + b"; filename*0*=gb2312''" + pct(GB[:5]), NAME, SURE, id="continuations in the wrong order"
    ),
    pytest.param(b"filename*0*=gb2312''" + pct(GB[:8]) + b';\r\n filename*1=".docx"', NAME, SURE, id="a plain continuation"),
    pytest.param(
        b'filename*0="' + b(GB[:4])[:-2] + b'"; filename*1="?=' + b(GB[4:]) + b'"', NAME, SURE, id="2231 continuation with 2047 inside"
    ),
    pytest.param(b"filename*=\"gb2312''" + pct(GB) + b'"', NAME, SURE, id="an extended value in quotes"),
    pytest.param(b"filename*=''" + pct(GB), NAME, GUESSED, id="an empty label"),
    pytest.param(b"filename*=" + pct(GB), NAME, GUESSED, id="no label at all"),
    pytest.param(b"filename*=utf-8''" + pct(NAME.encode()) + b'; filename="zc.docx"', NAME, SURE, id="extended and ASCII fallback"),
    pytest.param(b"filename*=utf-8''" + pct(GB), NAME, LIED, id="utf-8 that is GBK"),
    pytest.param(
        b"filename*0*=gb2312''" + pct(GB[:5]) + b'; filename="' + b(GB) + b'"',
        NAME,
        SURE,
        id="half a continuation gives way to a whole word",
    ),
]


@pytest.mark.parametrize(("parameter", "shown", "doubt"), EXTENDED)
def test_an_extended_parameter_is_joined_before_it_is_decoded(parameter: bytes, shown: str, doubt: str) -> None:
    found = attachment(b"attachment; " + parameter)
    assert (found.name, found.doubt) == (shown, f"文件名{doubt}" if doubt else "")


WORD = b(GB)
PROGRAMS = [
    pytest.param(
        b'application/octet-stream;\r\n\tname="' + WORD + b'"',
        b'attachment;\r\n\tfilename="' + WORD + b'"',
        NAME,
        id="Foxmail: the word in both, quoted",
    ),
    pytest.param(
        b'application/octet-stream;\r\n\tcharset="gb18030";\r\n\tname="' + WORD + b'"',
        b'attachment; filename="' + WORD + b'"',
        NAME,
        id="QQ: a charset on a binary part",
    ),
    pytest.param(
        b'application/msword; name="' + b(GB, "GBK") + b'"',
        b"attachment; filename*=GBK''" + pct(GB),
        NAME,
        id="Coremail: word and extension",
    ),
    pytest.param(
        b'application/vnd.openxmlformats-officedocument.wordprocessingml.document;\r\n\tname="' + b(GB, "gb2312") + b'"',
        b'attachment; filename="' + b(GB, "gb2312") + b'"; size=20480;\r\n\tcreation-date="Fri, 19 Jan 2018 02:36:00 GMT"',
        NAME,
        id="Exchange: sizes and dates beside",
    ),
    pytest.param(
        b'application/octet-stream; name="=?utf-8?B?"',
        b'attachment; filename="' + NAME.encode() + b'"',
        NAME,
        id="a broken word in name=, raw UTF-8 in filename=",
    ),
    pytest.param(
        b'application/octet-stream; name="' + WORD + b'"',
        b'attachment; filename="' + GB + b'"',
        NAME,
        id="raw GBK that a word confirms is no guess",
    ),
]


@pytest.mark.parametrize(("content_type", "disposition", "shown"), PROGRAMS)
def test_the_shapes_of_known_programs_leave_no_doubt(content_type: bytes, disposition: bytes, shown: str) -> None:
    found = attachment(disposition, content_type)
    assert (found.name, found.doubt) == (shown, "")


SUBJECTS = [
    pytest.param(b"\xbb\xd8\xb8\xb4\xa3\xba" + b("自查报告".encode("gb18030")), "回复：自查报告", id="raw 回复： before a word"),
    pytest.param(b("转发：自查报告".encode("gb18030"), "gb2312"), "转发：自查报告", id="转发： inside the word"),
    pytest.param(
        b("答复: 自查".encode("gb18030"), "gb2312") + b"\r\n " + b("报告".encode("gb18030"), "gb2312"),
        "答复: 自查报告",
        id="答复: of Outlook, two words",
    ),
    pytest.param(b"Fw:" + b("自查报告".encode("gb18030")), "Fw:自查报告", id="Fw: without a blank"),
    pytest.param(b"Re: " + b("自查报告".encode("gb18030")), "Re: 自查报告", id="Re: with a blank"),
    pytest.param("Re：自查报告".encode(), "Re：自查报告", id="Re： of full width, raw UTF-8"),
    pytest.param("关于报送自查报告的函".encode("gb18030"), "关于报送自查报告的函", id="raw GBK"),
    pytest.param(
        b"=?gb2312?B?"
        + base64.b64encode("关于报".encode("gb18030")[:5])
        + b"?=\r\n =?gb2312?B?"
        + base64.b64encode("关于报".encode("gb18030")[5:])
        + b"?=",
        "关于报",
        id="split inside a character",
    ),
    pytest.param(b"a" + b("一".encode("gb18030")) + b"b", "a一b", id="a word amid plain text"),
]


@pytest.mark.parametrize(("raw", "shown"), SUBJECTS)
def test_a_subject_is_read_as_its_writer_saw_it(raw: bytes, shown: str) -> None:
    assert read_mail(mail(b"Subject: " + raw)).subject == shown


def test_a_word_that_is_sure_beside_raw_bytes_is_as_sure_as_they_are() -> None:
    assert header("转发：".encode("gb18030") + b("自查".encode("gb18030"))) == Decoded("转发：自查", GUESSED)


def test_a_mail_inside_a_mail_is_named_after_its_subject_with_its_doubt() -> None:
    inner = b"From: b@county.example\r\nSubject: " + "自查报告".encode("gb18030") + b"\r\n\r\nx"
    head = b'From: a@county.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="X"\r\n\r\n'
    (found,) = read_mail(head + b"--X\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--X--\r\n").attachments
    assert (found.name, found.doubt) == ("自查报告.eml", "文件名" + GUESSED)


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Co", "Cs"], exclude_characters="/\\\"'%=?*:;"),
    min_size=1,
    max_size=30,
).filter(lambda n: n == n.strip())
PLAIN = bytes(range(0x21, 0x7F)).decode()
ENCODERS = {
    "B": lambda data, charset: b'filename="' + b(data, charset) + b'"',
    "Q": lambda data, charset: b'filename="' + q(data, charset) + b'"',
    "2231": lambda data, charset: b"filename*=" + charset.encode() + b"''" + pct(data),
    "2231 cut": lambda data, charset: b"filename*0*=" + charset.encode() + b"''" + pct(data[:3]) + b"; filename*1*=" + pct(data[3:]),
    "B cut": lambda data, charset: b'filename="' + b(data[:3], charset) + b" " + b(data[3:], charset) + b'"',
    "raw": lambda data, charset: b'filename="' + data + b'"',
    "percent": lambda data, charset: b'filename="' + quote_from_bytes(data, PLAIN).encode() + b'"',
}


@settings(max_examples=60, derandomize=True, deadline=None)
@given(NAMES, st.sampled_from(sorted(ENCODERS)), st.sampled_from(["gb18030", "gb2312", "utf-8"]))
def test_any_name_through_any_encoder_comes_back_or_is_marked(stem: str, encoder: str, charset: str) -> None:
    name = stem + ".docx"
    found = attachment(b"attachment; " + ENCODERS[encoder](name.encode("utf-8" if charset == "utf-8" else "gb18030"), charset))
    assert found.name == name or found.doubt


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.binary(max_size=60), st.sampled_from(["", "gb2312", "utf-8", "idna", "punycode", "utf-16", "\x00", "undefined", "hz", "utf-7"]))
def test_no_bytes_under_any_label_make_decoding_fail(data: bytes, label: str) -> None:
    assert isinstance(decode(data, label).text, str)
