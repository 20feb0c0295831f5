"""Mail as Chinese programs write it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.mail import looks_like_mail, read_mail

BEIJING = timezone(timedelta(hours=8))
GBK = "自查报告"
B = base64.b64encode


def word(text: str, charset: str = "gb18030", label: str | None = None) -> bytes:
    return b"=?" + (label or charset).encode() + b"?B?" + B(text.encode(charset)) + b"?="


def with_file(disposition: bytes, content_type: bytes = b"application/octet-stream") -> bytes:
    return b"\r\n".join(
        [
            b"From: a@b.example", b"Subject: x", b"MIME-Version: 1.0", b'Content-Type: multipart/mixed; boundary="X"', b"", b"--X",
            b"Content-Type: " + content_type, b"Content-Disposition: " + disposition, b"Content-Transfer-Encoding: base64", b"",
            B(b"data"), b"--X--", b"",
        ]
    )  # fmt: skip


def name_of(mail: bytes) -> str:
    (attachment,) = read_mail(mail).attachments
    assert attachment.data == b"data"
    return attachment.name


SPLIT = "关于报送自查报告及佐证材料目录的函".encode("gb18030")
SUBJECTS = [
    pytest.param(word("自查报告"), "自查报告", id="an encoded word"),
    pytest.param(word("自查", label="gb2312") + b"\r\n " + word("报告", label="gb2312"), "自查报告", id="adjacent words are one text"),
    pytest.param(
        b"=?gb2312?B?" + B(SPLIT[:7]) + b"?=\r\n =?gb2312?B?" + B(SPLIT[7:]) + b"?=", SPLIT.decode("gb18030"), id="split inside a character"
    ),
    pytest.param(word("镕㙓𠮷", label="gb2312"), "镕㙓𠮷", id="gb2312 that carries GB18030"),
    pytest.param(word("自查", "gb18030", "x-gbk"), "自查", id="X-GBK"),
    pytest.param(word("自查", "gb18030", "cp936"), "自查", id="cp936"),
    pytest.param(word("自查报告", "gb18030", "utf-8"), "自查报告", id="utf-8 that is GBK"),
    pytest.param(word("自查报告", "utf-8", "gb2312"), "自查报告", id="gb2312 that is UTF-8"),
    pytest.param("自查报告".encode("gb18030"), "自查报告", id="raw GBK bytes"),
    pytest.param("自查报告".encode(), "自查报告", id="raw UTF-8 bytes"),
    pytest.param(b"Fw:" + word("自查"), "Fw:自查", id="a prefix without a space"),
    pytest.param("转发：".encode("gb18030") + word("自查"), "转发：自查", id="a raw prefix before a word"),
    pytest.param(b"=?gb18030?Q?=D7=D4=B2=E9_2017?=", "自查 2017", id="Q encoding"),
    pytest.param(b"=?utf-8?B?6Ieq5p+l\r\n 5oql5ZGK?=", "自查报告", id="base64 broken by a fold"),
    pytest.param(b"=?utf-8?B?6Ieq5p+l5oql5ZGK5LqM?=".replace(b"5LqM", b"5Lq"), "自查报告", id="base64 without its end"),
    pytest.param(b"", "", id="empty"),
    pytest.param(b"plain", "plain", id="plain ASCII"),
]


@pytest.mark.parametrize(("raw", "shown"), SUBJECTS)
def test_a_subject_is_read_as_its_writer_saw_it(raw: bytes, shown: str) -> None:
    assert read_mail(b"From: a@b.example\r\nSubject: " + raw + b"\r\n\r\nx").subject.rstrip("\ufffd") == shown


NAME = "自查报告.docx".encode("gb18030")
NAMES = [
    pytest.param(b'attachment; filename="' + word("自查报告.docx") + b'"', "自查报告.docx", id="RFC 2047 in quotes"),
    pytest.param(b'attachment; filename="' + word("自查报告") + b'.docx"', "自查报告.docx", id="encoded stem, plain extension"),
    pytest.param(b"attachment; filename=" + word("自查报告.docx"), "自查报告.docx", id="RFC 2047 without quotes"),
    pytest.param(
        b'attachment; filename="=?gbk?B?' + B(NAME[:3]) + b"?=\r\n =?gbk?B?" + B(NAME[3:]) + b'?="',
        "自查报告.docx", id="folded, split inside a character",
    ),
    pytest.param(b"attachment; filename*=gb2312''%D7%D4%B2%E9.xls", "自查.xls", id="RFC 2231 with gb2312"),
    pytest.param(b"attachment; filename*0*=gb2312''%D7%D4%B2; filename*1*=%E9.xls", "自查.xls", id="RFC 2231 cut inside a character"),
    pytest.param(b"attachment; filename*1*=%E9.xls; filename*0*=gb2312''%D7%D4%B2", "自查.xls", id="RFC 2231 in the wrong order"),
    pytest.param(b"attachment; filename*=utf-8''%E8%87%AA%E6%9F%A5.xls; filename=\"zc.xls\"", "自查.xls", id="the extended name wins"),
    pytest.param(b"attachment; filename=\"%E8%87%AA%E6%9F%A5.docx\"", "自查.docx", id="percent-encoded without RFC 2231"),
    pytest.param(b'attachment; filename="100%.docx"', "100%.docx", id="a percent sign is no encoding"),
    pytest.param('attachment; filename="自查报告.docx"'.encode("gb18030"), "自查报告.docx", id="raw GBK"),
    pytest.param('attachment; filename="自查报告.docx"'.encode(), "自查报告.docx", id="raw UTF-8"),
    pytest.param("attachment; filename=附件 1 报告.docx; size=4".encode("gb18030"), "附件 1 报告.docx", id="unquoted with spaces, raw GBK"),
    pytest.param('attachment; filename="刓乗.docx"'.encode("gb18030"), "刓乗.docx", id="a GBK character whose second byte is a backslash"),
    pytest.param(b'attachment; filename="a;b.docx"', "a;b.docx", id="a semicolon in quotes"),
    pytest.param(b'attachment; filename="a\\"b.docx"', 'a"b.docx', id="an escaped quote"),
    pytest.param(b'attachment; filename="C:\\\\docs\\\\a.docx"', "a.docx", id="a Windows path"),
    pytest.param(b'attachment; filename="../../etc/a.docx"', "a.docx", id="a path that climbs"),
    pytest.param(b"attachment; filename*0=\"=?gbk?B?1w==\"; filename*1=\"?=.docx\"", "\ufffd.docx", id="half a character stays half"),
]  # fmt: skip


@pytest.mark.parametrize(("disposition", "shown"), NAMES)
def test_an_attachment_has_the_name_its_sender_gave_it(disposition: bytes, shown: str) -> None:
    assert name_of(with_file(disposition)) == shown


def test_the_content_type_names_a_file_that_the_disposition_does_not() -> None:
    assert name_of(with_file(b"attachment", b'application/msword; name="' + word("自查.doc") + b'"')) == "自查.doc"


def test_a_broken_name_gives_way_to_a_good_one() -> None:
    assert (
        name_of(with_file(b'attachment; filename="=?gbk?B?1w==?=.doc"', b'application/msword; name="' + word("自查.doc") + b'"'))
        == "自查.doc"
    )


@given(
    st.text(
        st.characters(
            codec="gb18030", exclude_categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Co", "Cs"], exclude_characters="/\\\"'%=?*:;"
        ),
        min_size=2,
        max_size=40,
    )
)
def test_any_name_survives_every_encoding(stem: str) -> None:
    name = stem + ".docx"
    quoted = "".join(f"%{b:02X}" for b in name.encode("gb18030")).encode()
    cut = len(quoted) // 3 // 2 * 3
    shapes = [
        b'attachment; filename="' + word(name) + b'"', b'attachment; filename="' + word(name, "utf-8") + b'"',
        b"attachment; filename*=gb2312''" + quoted, b"attachment; filename*0*=gb18030''" + quoted[:cut] + b"; filename*1*=" + quoted[cut:],
    ]  # fmt: skip
    assert {name_of(with_file(s)) for s in shapes} == {name}


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    read_mail(data)
    read_mail(b"From: a@b\r\nSubject: " + data + b"\r\nContent-Type: " + data + b"\r\n\r\n" + data)


def test_a_mail_of_thousands_of_nested_parts_is_named_as_strange() -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (k, k) for k in range(3000))
    assert read_mail(b"From: a@b.example\r\nSubject: x\r\n" + deep + b"\r\nx").problems


SENDERS = [
    pytest.param(b'"' + word("某县政府办") + b'" <a@b.example>', "某县政府办 <a@b.example>", id="an encoded word in quotes"),
    pytest.param("某县政府办 <a@b.example>".encode("gb18030"), "某县政府办 <a@b.example>", id="raw GBK"),
    pytest.param(b"a@b.example", "a@b.example", id="an address alone"),
    pytest.param(b"<a@b.example>", "<a@b.example>", id="an address in brackets"),
]


@pytest.mark.parametrize(("raw", "shown"), SENDERS)
def test_a_sender_is_name_and_address(raw: bytes, shown: str) -> None:
    assert read_mail(b"From: " + raw + b"\r\nSubject: x\r\n\r\nx").sender == shown


def test_the_topmost_received_header_tells_the_time(make_mail: Callable[..., bytes]) -> None:
    mail = read_mail(make_mail(received=["Sat, 20 Jan 2018 23:59:00 +0800 (CST)", "Sat, 20 Jan 2018 08:00:00 +0800"]))
    assert (mail.received_at, mail.received_from) == (datetime(2018, 1, 20, 23, 59, tzinfo=BEIJING), "Received")


def test_the_date_counts_only_where_no_received_header_stands(make_mail: Callable[..., bytes]) -> None:
    mail = read_mail(make_mail(date="Sun, 21 Jan 2018 00:26:00 +0800"))
    assert (mail.received_at, mail.received_from) == (datetime(2018, 1, 21, 0, 26, tzinfo=BEIJING), "Date")


def test_a_received_header_without_a_time_gives_way_to_the_next_and_says_so(make_mail: Callable[..., bytes]) -> None:
    mail = read_mail(make_mail(received=["", "Sat, 20 Jan 2018 08:00:00 +0800"]))
    assert mail.received_at == datetime(2018, 1, 20, 8, tzinfo=BEIJING)
    assert mail.problems == ("最近一次收信记录没有可用的时间，改用前一次的",)


def test_a_mail_without_any_time_has_none() -> None:
    mail = read_mail(b"From: a@b.example\r\nSubject: x\r\nDate: yesterday\r\n\r\nx")
    assert (mail.received_at, mail.received_from) == (None, None)


BODIES = [
    pytest.param(b"gb2312", "镕基附件".encode("gb18030"), "镕基附件", id="gb2312 that carries GBK"),
    pytest.param(b"utf-8", "请查收".encode("gb18030"), "请查收", id="utf-8 that is GBK"),
    pytest.param(b"iso-8859-1", "请查收附件".encode("gb18030"), "请查收附件", id="latin that is GBK"),
    pytest.param(b"no-such-charset", "请查收".encode(), "请查收", id="an unknown label"),
]


@pytest.mark.parametrize(("charset", "data", "shown"), BODIES)
def test_a_body_is_decoded_whatever_its_label_says(charset: bytes, data: bytes, shown: str) -> None:
    raw = (
        b"From: a@b.example\r\nSubject: x\r\nContent-Type: text/plain; charset="
        + charset
        + b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + data
    )
    assert read_mail(raw).body == shown


def html_mail(page: str, plain: str = "") -> bytes:
    parts = [b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + plain.encode()] if plain else []
    parts.append(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page.encode())
    head = b'From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="Y"\r\n\r\n'
    return head + b"".join(b"--Y\r\n" + p + b"\r\n" for p in parts) + b"--Y--\r\n"


def test_a_table_in_html_keeps_its_rows_and_cells() -> None:
    table = "<table><tr><td><p>序号</p></td><td>材料名称</td></tr><tr><td>1</td><td>实施<br>方案</td></tr></table>"
    assert (
        read_mail(html_mail(f"<style>p{{}}</style><p>请查收</p>{table}", "序号\n材料名称")).body == "请查收\n序号\t材料名称\n1\t实施\n方案"
    )


def test_plain_text_is_preferred_where_html_holds_no_table() -> None:
    assert read_mail(html_mail("<p>请<b>查收</b></p>", "请查收。")).body == "请查收。"


def test_a_mail_inside_a_mail_is_an_attachment_with_its_own_bytes(make_mail: Callable[..., bytes]) -> None:
    inner = make_mail({"自查报告.docx": b"data"}, subject="自查")
    outer = b"\r\n".join(
        [
            b"From: a@b.example",
            b"Subject: fw",
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/mixed; boundary="X"',
            b"",
            b"--X",
            b"Content-Type: message/rfc822",
            b"",
            inner,
            b"--X--",
        ]
    )
    (attachment,) = read_mail(outer).attachments
    assert attachment.name == "自查.eml"
    assert [a.name for a in read_mail(attachment.data).attachments] == ["自查报告.docx"]


def test_a_mail_without_its_end_still_gives_its_attachment(make_mail: Callable[..., bytes]) -> None:
    mail = make_mail({"自查报告.docx": b"x" * 3000})
    (attachment,) = read_mail(mail[: mail.rindex(b"--=")]).attachments
    assert attachment.data == b"x" * 3000


CLOUD = [
    pytest.param(
        "您好，材料见附件。\n从QQ邮箱发来的超大附件\n佐证材料目录清单.docx (120.00M, 2018年02月18日 10:21 到期)\n进入下载页面：http://mail.qq.com/cgi-bin/ftnExs_download?k=1",
        [("佐证材料目录清单.docx", "120.00M", "2018年02月18日 10:21")], id="QQ",
    ),
    pytest.param(
        "通过网易163邮箱发送的云附件\n目录清单.rar(55.3M, 2018-02-03 12:00 到期)\n附件二.xlsx(1.2M, 无限期)\n下载：http://fs.163.com/fs/display/?file=1",
        [("目录清单.rar", "55.3M", "2018-02-03 12:00"), ("附件二.xlsx", "1.2M", "无限期")], id="163, two files",
    ),
    pytest.param(
        "Coremail 超大附件\n目录清单.rar (55.3 MB) 过期时间：2018-02-03 12:00\n下载：https://mail.county.example/coremail/s?func=nf:download",
        [("目录清单.rar", "55.3MB", "2018-02-03 12:00")], id="Coremail",
    ),
    pytest.param(
        "文件中转站文件\n目录清单.docx(9.5M) 有效期：2018年2月3日\n", [("目录清单.docx", "9.5M", "2018年2月3日")], id="a transfer station",
    ),
    pytest.param("https://m.county.example/coremail/nf/?id=1 2018-02-03 到期", [("超大附件", "", "2018-02-03")], id="Coremail, link only"),
    pytest.param("超大附件请点击 https://wx.mail.qq.com/ftn/download?func=3 下载", [("超大附件", "", "")], id="only a link"),
    pytest.param("附件：目录清单.docx（共3页），请查收。", [], id="an attachment that is named is none"),
    pytest.param("超大附件的发送方法见办公室说明", [], id="the word alone is none"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "files"), CLOUD)
def test_a_file_that_stayed_in_the_cloud_is_named_with_its_expiry(
    body: str, files: list[tuple[str, str, str]], make_mail: Callable[..., bytes]
) -> None:
    assert [(c.name, c.size, c.expires) for c in read_mail(make_mail(body=body)).cloud] == files


def test_the_problem_of_a_cloud_file_says_until_when_and_whose_move_it_is(make_mail: Callable[..., bytes]) -> None:
    (cloud,) = read_mail(
        make_mail(body="超大附件 目录.docx (9M, 2018年2月18日 10:21 到期) http://mail.qq.com/cgi-bin/ftnExs_download")
    ).cloud
    assert "2018年2月18日 10:21到期" in cloud.problem
    assert "单位补报" in cloud.problem


def test_bytes_that_are_no_mail_are_told_apart(make_mail: Callable[..., bytes], make_docx: Callable[..., bytes]) -> None:
    assert looks_like_mail(make_mail())
    assert not looks_like_mail(make_docx("一"))
    assert not looks_like_mail("一、完善组织保障：\n二、事项：".encode())
    assert not looks_like_mail(b"")


def test_mails_of_public_projects_are_all_read(corpus: object) -> None:
    from pathlib import Path

    folder = Path(str(corpus)) / "mail"
    mails = [p for p in sorted(folder.iterdir()) if p.suffix in (".eml", ".txt", ".msg") and p.stat().st_size < 2_000_000]
    assert mails
    for path in mails:
        read_mail(path.read_bytes())
