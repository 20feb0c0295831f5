"""What belongs together: mails, loose files, folders, and everything inside them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.submission import Root, Submission, from_files, from_mail, is_junk, read_roots, submissions
from ingest.unpack import Bounds


def pack(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tree(submission: Submission) -> list[tuple[str, str, str | None]]:
    return [(p.place, p.name, p.parent) for p in submission.parts]


def causes(submission: Submission) -> list[str]:
    return [p.problem.cause for p in submission.parts if p.problem]


def test_a_mail_is_one_submission_with_its_files_numbered(make_mail: Callable[..., bytes]) -> None:
    (found,) = submissions([Root("a.eml", make_mail({"报告.docx": b"1", "目录.xlsx": b"2"}))])
    assert tree(found) == [("a.eml", "a.eml", None), ("a.eml#1", "报告.docx", "a.eml"), ("a.eml#2", "目录.xlsx", "a.eml")]
    assert [p.kind for p in found.parts] == ["mail", "file", "file"]


def test_a_mail_is_a_mail_without_its_ending_too(make_mail: Callable[..., bytes]) -> None:
    assert [s.message is not None for s in submissions([Root("信", make_mail())])] == [True]


def test_all_loose_files_of_a_call_are_one(make_mail: Callable[..., bytes]) -> None:
    found = submissions([Root("b.docx", b"1"), Root("m.eml", make_mail()), Root("a.xlsx", b"2")])
    assert [(s.place, len(s.parts)) for s in found] == [("m.eml", 1), ("a.xlsx", 2)]


def test_the_same_mail_has_the_same_id_wherever_it_lies(make_mail: Callable[..., bytes]) -> None:
    one, two = (from_mail(Root(place, make_mail())) for place in ("a.eml", "b/c.eml"))
    assert one.id == two.id


def test_an_archive_in_a_mail_is_opened_and_an_archive_in_it_again(make_mail: Callable[..., bytes]) -> None:
    inner = pack({"目录.xlsx": b"2"})
    found = from_mail(Root("a.eml", make_mail({"材料.zip": pack({"报告.docx": b"1", "内层.zip": inner})})))
    assert [(p.place, p.kind) for p in found.parts] == [
        ("a.eml", "mail"), ("a.eml#1", "archive"), ("a.eml#1#1", "file"), ("a.eml#1#2", "archive"), ("a.eml#1#2#1", "file"),
    ]  # fmt: skip


def test_a_docx_is_no_archive(make_docx: Callable[..., bytes]) -> None:
    assert len(from_files([Root("a.docx", make_docx("一"))]).parts) == 1


def test_nesting_is_bounded() -> None:
    data = b"1"
    for _ in range(8):
        data = pack({"x.zip": data})
    assert causes(from_files([Root("a.zip", data)], Bounds(depth=3))) == ["压缩包层层嵌套过深，未再打开"]


def test_a_forwarded_mail_gives_its_files_and_its_words(make_mail: Callable[..., bytes]) -> None:
    inner = make_mail({"报告.docx": b"1"}, subject="原信", body="原来的正文")
    found = from_mail(Root("a.eml", make_mail({"转发.eml": inner}, subject="转发")))
    assert [p.name for p in found.files] == ["报告.docx"]
    assert [m.subject for m in found.messages] == ["转发", "原信"]


EMPTY = [
    pytest.param("a.eml", b"", "邮件是空的，没有任何内容", id="a mail of no bytes"),
    pytest.param("a.eml", b"\x00\x01\x02", "不是有效的邮件文件，或邮件已损坏", id="a mail that is none"),
    pytest.param("a.zip", pack({}), "压缩包是空的", id="an empty archive"),
    pytest.param("a.zip", pack({"a": b"1"})[:-30], "压缩包已损坏或传输不完整", id="a truncated archive"),
    pytest.param("a.rar", b"Rar!\x1a\x07\x01\x00x", "压缩包已损坏或传输不完整", id="a truncated RAR archive"),
    pytest.param("b.7z", b"7z\xbc\xaf\x27\x1cx", "压缩包已损坏或传输不完整", id="a truncated 7z archive"),
]


@pytest.mark.parametrize(("name", "data", "cause"), EMPTY)
def test_what_cannot_be_opened_is_a_file_with_a_cause(name: str, data: bytes, cause: str) -> None:
    (found,) = submissions([Root(name, data)])
    assert causes(found) == [cause]
    assert found.files


@pytest.mark.parametrize(
    "name", ["~$报告.docx", ".DS_Store", "Thumbs.db", "报告.docx.part", "a.crdownload", "__MACOSX/a", "a/.x", "报告.docx~"]
)
def test_what_programs_leave_behind_is_known(name: str) -> None:
    assert is_junk(name)


@pytest.mark.parametrize("name", ["报告.docx", "a.b.docx", "临时tmp.docx", "目录/报告.docx", "party.docx"])
def test_what_people_send_is_no_junk(name: str) -> None:
    assert not is_junk(name)


def test_a_folder_is_read_with_everything_below_it(tmp_path: Path, make_mail: Callable[..., bytes]) -> None:
    (tmp_path / "box" / "cur").mkdir(parents=True)
    (tmp_path / "box" / "new").mkdir()
    (tmp_path / "box" / "tmp").mkdir()
    (tmp_path / "box" / "cur" / "1.host:2,S").write_bytes(make_mail())
    (tmp_path / "box" / "tmp" / "2.host").write_bytes(b"half")
    (tmp_path / "报告.docx").write_bytes(b"1")
    (tmp_path / "~$报告.docx").write_bytes(b"lock")
    found = submissions(read_roots([tmp_path]))
    assert [(s.message is not None, len(s.parts)) for s in found] == [(True, 1), (False, 1)]


@pytest.mark.parametrize("folder", ["word", "Word", "xl", "ppt/presentation"])
def test_an_archive_with_a_folder_that_office_uses_too_is_an_archive(folder: str) -> None:
    found = from_files([Root("材料.zip", pack({f"{folder}/document.docx": b"1", f"{folder}/自查.docx": b"2"}))])
    assert [p.data for p in found.files] == [b"1", b"2"]
