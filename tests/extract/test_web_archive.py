"""A page saved as one file says what its page says, by whatever program it was saved."""

from __future__ import annotations

import base64
import quopri

import pytest

from extract.errors import EmptyFile
from extract.model import Table, paragraphs
from extract.read import read
from extract.sniff import Format, sniff

PAGE = (
    "<html><head><meta http-equiv=Content-Type content='text/html; charset=gb2312'><style>p{x:y}</style></head><body>"
    "<p class=MsoNormal>集贤县自查报告</p><table><tr><td>1</td><td>领导小组文件</td></tr></table></body></html>"
)
HEADS = {
    "Word": b"MIME-Version: 1.0\r\n",
    "WPS": b"From: <Saved by WPS>\r\nSubject: \r\nDate: Fri, 19 Jan 2018 09:00:00\r\nMIME-Version: 1.0\r\n",
    "Internet Explorer": b"From: =?gb2312?B?08kgV2luZG93cw==?=\r\nSubject: =?gb2312?B?sai45g==?=\r\nMIME-Version: 1.0\r\n",
    "Chrome": b"From: <Saved by Blink>\r\nSnapshot-Content-Location: http://x.example/\r\nMIME-Version: 1.0\r\n",
}


def archive(head: bytes, *parts: tuple[str, str, bytes]) -> bytes:
    """Parts: (place, encoding, what stands there)."""
    body = b"".join(
        b"------=_P\r\nContent-Location: " + place.encode() + b"\r\nContent-Transfer-Encoding: " + coding.encode()
        + b"\r\nContent-Type: text/html; charset=\"gb2312\"\r\n\r\n" + data + b"\r\n"
        for place, coding, data in parts
    )  # fmt: skip
    return head + b'Content-Type: multipart/related;\r\n\tboundary="----=_P"\r\n\r\nThis is a web page.\r\n' + body + b"------=_P--\r\n"


def quoted(text: str) -> bytes:
    return quopri.encodestring(text.encode("gb18030"))


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("coding", ["quoted-printable", "base64"])
def test_its_words_and_tables_are_read(head: bytes, coding: str) -> None:
    coded = quoted(PAGE) if coding == "quoted-printable" else base64.encodebytes(PAGE.encode("gb18030"))
    document = read(archive(head, ("file:///C:/1.htm", coding, coded)), "自查报告.doc")
    assert [p.text for p in paragraphs(document.elements)] == ["集贤县自查报告", "1", "领导小组文件"]
    assert isinstance(document.elements[1], Table)


def test_heads_and_feet_that_word_keeps_as_a_page_of_their_own_are_left_out() -> None:
    parts = (
        ("file:///C:/1.htm", "quoted-printable", quoted(PAGE)),
        ("file:///C:/1.files/header.htm", "quoted-printable", quoted("<p>页眉</p>")),
    )
    assert "页眉" not in read(archive(HEADS["Word"], *parts)).text


def test_of_a_workbook_with_frames_every_sheet_is_read() -> None:
    frames = "<html><frameset rows='*,39'><frame src='1.files/sheet001.htm'></frameset></html>"
    parts = [
        ("1.htm", frames),
        ("1.files/tabstrip.htm", "<p>目录</p>"),
        ("1.files/sheet001.htm", PAGE),
        ("1.files/sheet002.htm", "<p>第二张</p>"),
    ]
    text = read(archive(HEADS["Word"], *((place, "quoted-printable", quoted(page)) for place, page in parts))).text
    assert "领导小组文件" in text
    assert "第二张" in text
    assert not text.startswith("目录")


def test_one_without_a_page_is_empty() -> None:
    with pytest.raises(EmptyFile):
        read(
            b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: image/png\r\n\r\n1\r\n--x--\r\n"
        )


@pytest.mark.parametrize("more", [b"From: a@b.example\r\n", b"To: x\r\n", b"Received: from a\r\n", b"Message-ID: <1>\r\n"])
def test_what_was_sent_is_a_mail(more: bytes) -> None:
    assert sniff(more + archive(HEADS["Word"], ("1.htm", "7bit", b"<p>x</p>"))) is Format.EML
