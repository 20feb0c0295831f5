"""Large attachments stay out of the parser, and nobody can tell but by the memory it takes."""

from __future__ import annotations

import base64
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest import mailparts
from ingest.mail import Message, read_mail


def both_ways(data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[Message, Message]:
    """The mail with every base64 body kept out of the parser, and with none."""
    found = []
    for large in (1, 1 << 40):
        monkeypatch.setattr(mailparts, "LARGE", large)
        found.append(read_mail(data))
    return found[0], found[1]


def mail(body: bytes, *, end: bytes = b"\r\n--X--\r\n", kind: bytes = b"application/octet-stream", encoding: bytes = b"base64") -> bytes:
    head = b'From: a@county.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="X"\r\n\r\n--X\r\n'
    return head + b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body + end


CODED = base64.encodebytes(bytes(range(256)) * 3).replace(b"\n", b"\r\n")
INNER = mail(CODED).replace(b'"X"', b'"Y"').replace(b"--X", b"--Y")
SHAPES = [
    pytest.param(mail(CODED), id="plain"),
    pytest.param(mail(CODED + b"\r\n\r\n"), id="empty lines at its end"),
    pytest.param(mail(CODED).replace(b"\r\n", b"\n"), id="line feeds only"),
    pytest.param(mail(CODED.rstrip().rstrip(b"=") + b"\r\n"), id="no padding"),
    pytest.param(mail(CODED + b"A"), id="a letter too many"),
    pytest.param(mail(CODED[:400] + b"==" + CODED[400:]), id="padding in the middle"),
    pytest.param(mail(CODED + b"!?"), id="other letters"),
    pytest.param(mail(CODED, end=b""), id="no end"),
    pytest.param(mail(CODED, encoding=b"7bit"), id="base64 that is meant as it stands"),
    pytest.param(mail(CODED, kind=b"text/plain"), id="a text"),
    pytest.param(mail(INNER, kind=b"message/rfc822", encoding=b"7bit"), id="in a mail inside the mail"),
    pytest.param(mail(base64.encodebytes(INNER), kind=b"message/rfc822"), id="a mail inside the mail in base64"),
    pytest.param(b"Subject: x\r\nFrom: a@county.example\r\nContent-Transfer-Encoding: base64\r\n\r\n" + CODED, id="no parts"),
    pytest.param(b"Subject: x\r\nFrom: a@county.example\r\n\r\nabcd\r\n--", id="next to nothing"),
]


@pytest.mark.parametrize("data", SHAPES)
def test_a_body_kept_out_of_the_parser_gives_the_same_mail(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_out, parsed = both_ways(data, monkeypatch)
    assert kept_out == parsed


def test_mails_of_public_projects_are_the_same_either_way(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in sorted((corpus / "mail").iterdir()):
        if path.stat().st_size < 200_000:
            kept_out, parsed = both_ways(path.read_bytes(), monkeypatch)
            assert kept_out == parsed, path.name


def test_labelled_mails_are_the_same_either_way(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mails = sorted((root / "tests" / "cases").glob("shared/*/mail.eml"))
    assert mails
    for path in sorted(mails, key=lambda p: p.stat().st_size)[:4]:
        kept_out, parsed = both_ways(path.read_bytes(), monkeypatch)
        assert kept_out == parsed, path.name


def test_a_large_mail_takes_little_more_than_its_attachment(make_mail: Callable[..., bytes]) -> None:
    data = make_mail({"a.bin": bytes(8 << 20)})
    tracemalloc.start()
    (found,) = read_mail(data).attachments
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.data == bytes(8 << 20)
    assert peak < 2 * len(found.data)
