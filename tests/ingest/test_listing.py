"""A look at the inbox: lasting places, Maildirs, and what is no arrival."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.listing import look, passed_over, read_stable


def put(inbox: Path, *paths: str) -> None:
    for path in paths:
        (inbox / path).parent.mkdir(parents=True, exist_ok=True)
        (inbox / path).write_bytes(b"x")


def test_loose_files_stand_alone_and_a_subfolder_stands_together(tmp_path: Path) -> None:
    put(tmp_path, "a.docx", "某县/1.docx", "某县/附件/2.docx", "某县/信.eml")
    assert {s.place: s.group for s in look(tmp_path)} == {
        "a.docx": "a.docx", "某县/1.docx": "某县/", "某县/附件/2.docx": "某县/", "某县/信.eml": "某县/信.eml",
    }  # fmt: skip


def test_a_maildir_message_keeps_its_place_when_it_is_read(tmp_path: Path) -> None:
    put(tmp_path, "box/new/1.a.host", "box/tmp/3.half", "box/.mbsyncstate", "box/dovecot-uidlist")
    (tmp_path / "box/cur").mkdir()
    (before,) = look(tmp_path)
    (tmp_path / "box/new/1.a.host").rename(tmp_path / "box/cur/1.a.host:2,S")
    (after,) = look(tmp_path)
    assert (before.place, before.is_mail) == (after.place, after.is_mail) == ("box/1.a.host", True)
    assert after.path == "box/cur/1.a.host:2,S"


def test_the_inbox_itself_may_be_a_maildir(tmp_path: Path) -> None:
    put(tmp_path, "cur/1.host:2,", "loose.docx", "tmp/2", ".Sent/cur/3.host", ".Sent/new/.keep", ".Sent/tmp/.keep")
    (tmp_path / "new").mkdir()
    assert [s.place for s in look(tmp_path)] == [".Sent/3.host", "1.host", "loose.docx"]


def test_links_pipes_and_leftovers_are_no_arrivals(tmp_path: Path) -> None:
    put(tmp_path, "~$a.docx", ".hidden", "b.docx.part", "Thumbs.db")
    (tmp_path / "link.docx").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe.docx")
    put(tmp_path, ".sync/a.docx", "某县/.DS_Store", "box/new/1.host", "box/cur/.x", "box/tmp/2", "box/.mbsyncstate", "box/dovecot.log")
    assert [s.place for s in look(tmp_path)] == ["box/1.host"]
    assert [(p.place, p.why) for p in passed_over(tmp_path)] == [
        (".hidden", "leftover"), (".sync", "folder"), ("Thumbs.db", "leftover"), ("b.docx.part", "leftover"),
        ("link.docx", "special"), ("pipe.docx", "special"), ("~$a.docx", "leftover"), ("某县/.DS_Store", "leftover"),
    ]  # fmt: skip


def test_a_file_that_changed_since_the_look_is_not_taken(tmp_path: Path) -> None:
    put(tmp_path, "a.docx")
    (seen,) = look(tmp_path)
    assert read_stable(tmp_path, seen) == b"x"
    (tmp_path / "a.docx").write_bytes(b"xy")
    assert read_stable(tmp_path, seen) is None


def test_a_file_swapped_for_a_link_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "a.docx")
    (seen,) = look(tmp_path)
    (tmp_path / "a.docx").unlink()
    (tmp_path / "a.docx").symlink_to("/etc/hostname")
    with pytest.raises(OSError):
        read_stable(tmp_path, seen)
