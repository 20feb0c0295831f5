"""A home folder in one file and back: consistent while others write, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ingest.backup import BackupError, Packed, backup, restore
from ingest.files import Archive
from ingest.settings import Settings, load_settings
from ingest.store import Member, Store
from ingest.submission import Root, submissions
from scoring.journal import POINTS, Draft

Maker = Callable[..., bytes]


def note(store: Store, points: str = "5") -> None:
    body = {"item": "1.1", "points": points, "confirmed": True, "ground": "x"}
    store.append([Draft("甲审核员", POINTS, "集贤县", body, "")])


def take(settings: Settings, store: Store, name: str, data: bytes) -> None:
    """Bytes first, then the ledger, as the service does it."""
    Archive(settings.var / "archive").put(data)
    (submission,) = submissions([Root(name, data, True)])
    members = [Member(p.place, p.sha256, True) for p in submission.parts if p.parent is None]
    store.record(submission, members, submission.parts)


def spoken_of(settings: Settings) -> set[str]:
    store = Store(settings.var / "zicha.db")
    try:
        return {m.sha256 for s in store.submissions() for m in s.members}
    finally:
        store.close()


def kept(settings: Settings) -> set[str]:
    return {p.name for p in (settings.var / "archive").glob("??/*")}


@pytest.fixture
def home(tmp_path: Path, make_mail: Maker) -> Settings:
    """A home folder with two mails, a decision, settings, own rules and own words."""
    path = tmp_path / "home"
    (path / "inbox").mkdir(parents=True)
    (path / "rubrics" / "county").mkdir(parents=True)
    (path / "rubrics" / "county" / "roster.toml").write_text("# 名单", "utf-8")
    (path / "zicha.toml").write_text("workers = 1\n", "utf-8")
    (path / "letters.toml").write_text("", "utf-8")
    settings = load_settings(path, {})
    store = Store(settings.var / "zicha.db")
    for n in range(2):
        take(settings, store, f"{n}.eml", make_mail({"a.txt": b"%d" % n}))
    note(store)
    store.close()
    return settings


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    return load_settings(tmp_path / "other", {})


def test_what_is_restored_is_what_was_there(home: Settings, empty: Settings, tmp_path: Path) -> None:
    assert backup(home, tmp_path / "b.zip") == Packed(2, ())
    assert restore(empty, tmp_path / "b.zip") == 2
    assert spoken_of(empty) == spoken_of(home) == kept(empty) == kept(home)
    for name in ("zicha.toml", "letters.toml", "rubrics/county/roster.toml"):
        assert (empty.home / name).read_bytes() == (home.home / name).read_bytes()
    store = Store(empty.var / "zicha.db")
    assert [e.body["points"] for e in store.entries()] == ["5"] and store.verify() is None
    store.close()
    assert {p.name for p in empty.home.iterdir()} == {"inbox", "letters.toml", "rubrics", "var", "zicha.toml"}


def test_a_backup_taken_while_others_write_speaks_of_nothing_that_it_does_not_hold(
    home: Settings, empty: Settings, tmp_path: Path, make_mail: Maker
) -> None:
    stop, wrote = threading.Event(), threading.Event()

    def writer() -> None:
        store = Store(home.var / "zicha.db")
        n = 0
        while not stop.is_set() and n < 400:
            n += 1
            take(home, store, f"new{n}.eml", make_mail({"a.txt": b"new %d" % n}))
            note(store, str(n % 6))
            if n == 3:
                wrote.set()
        store.close()

    thread = threading.Thread(target=writer)
    thread.start()
    try:
        assert wrote.wait(20)
        backup(home, tmp_path / "b.zip")
    finally:
        stop.set()
        thread.join()
    restore(empty, tmp_path / "b.zip")
    assert spoken_of(empty) <= kept(empty) and spoken_of(empty) <= spoken_of(home)
    assert len(spoken_of(empty)) >= 5
    store = Store(empty.var / "zicha.db")
    assert store.verify() is None and len(store.entries()) >= 4
    store.close()


@pytest.mark.parametrize("there", ["inbox/a.eml", "zicha.toml", "var/zicha.db", ".hidden"])
def test_a_home_that_holds_anything_is_refused_and_stays_as_it_is(home: Settings, empty: Settings, tmp_path: Path, there: str) -> None:
    backup(home, tmp_path / "b.zip")
    (empty.home / there).parent.mkdir(parents=True, exist_ok=True)
    (empty.home / there).write_bytes(b"mine")
    with pytest.raises(BackupError, match="不是空目录"):
        restore(empty, tmp_path / "b.zip")
    assert [p for p in empty.home.rglob("*") if p.is_file()] == [empty.home / there]


def test_empty_folders_are_no_hindrance(home: Settings, empty: Settings, tmp_path: Path) -> None:
    backup(home, tmp_path / "b.zip")
    empty.inbox.mkdir(parents=True)
    assert restore(empty, tmp_path / "b.zip") == 2


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flip(data: bytes) -> bytes:
    """One bit of the first member's content."""
    at = data.index(b"zicha.db") + 2000
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    "damage",
    [cut, flip, lambda data: b"", lambda data: b"no archive at all" * 100, lambda data: data[:-30]],
    ids=["cut", "bit", "empty", "other", "tail"],
)
def test_a_damaged_backup_is_refused_in_one_sentence_and_leaves_nothing(
    home: Settings, empty: Settings, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    file = tmp_path / "b.zip"
    backup(home, file)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(BackupError) as error:
        restore(empty, file)
    assert "没有恢复任何内容" in str(error.value) and "\n" not in str(error.value)
    assert not [p for p in empty.home.rglob("*") if p.is_file()]


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None], *, honest: bool = True) -> None:
    """The same backup with other members; an honest one lists their right hashes."""
    with zipfile.ZipFile(file) as package:
        members = {n: package.read(n) for n in package.namelist()}
    listed = json.loads(members.pop("backup.json"))
    change(members)
    if honest:
        listed["files"] = {n: hashlib.sha256(d).hexdigest() for n, d in members.items()}
    with zipfile.ZipFile(file, "w") as package:
        for name, data in members.items():
            package.writestr(name, data)
        package.writestr("backup.json", json.dumps(listed))


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/tmp/evil.txt", "var/zicha.log", "rubrics/../../evil", "var/archive/aa/short", "outbox/a.html"]
)
def test_a_name_that_no_backup_of_ours_holds_is_refused(home: Settings, empty: Settings, tmp_path: Path, name: str) -> None:
    backup(home, tmp_path / "b.zip")
    rewritten(tmp_path / "b.zip", lambda members: members.update({name: b"evil"}))
    with pytest.raises(BackupError, match="与其清单不符"):
        restore(empty, tmp_path / "b.zip")
    assert not (tmp_path / "evil.txt").exists() and not [p for p in empty.home.rglob("*") if p.is_file()]


def test_an_original_that_was_exchanged_is_noticed(home: Settings, empty: Settings, tmp_path: Path) -> None:
    backup(home, tmp_path / "b.zip")
    first = f"var/archive/{min(kept(home))[:2]}/{min(kept(home))}"
    rewritten(tmp_path / "b.zip", lambda members: members.update({first: b"exchanged"}), honest=False)
    with pytest.raises(BackupError, match="与校验值不符"):
        restore(empty, tmp_path / "b.zip")


def test_a_backup_of_a_newer_program_is_refused(home: Settings, empty: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(home.var / "zicha.db")) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    backup(home, tmp_path / "b.zip")
    with pytest.raises(BackupError, match="请先升级程序"):
        restore(empty, tmp_path / "b.zip")
    assert not [p for p in empty.home.rglob("*") if p.is_file()]


def test_a_database_that_is_none_is_refused(home: Settings, empty: Settings, tmp_path: Path) -> None:
    backup(home, tmp_path / "b.zip")
    rewritten(tmp_path / "b.zip", lambda members: members.update({"var/zicha.db": b"x" * 5000}))
    with pytest.raises(BackupError, match="数据库已损坏"):
        restore(empty, tmp_path / "b.zip")


def test_there_must_be_something_to_back_up_and_a_file_to_restore(empty: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="还没有可备份的数据"):
        backup(empty, tmp_path / "b.zip")
    with pytest.raises(BackupError, match="没有这个文件"):
        restore(empty, tmp_path / "b.zip")


def test_an_original_that_the_disk_lost_bits_of_is_named_and_the_rest_is_kept(home: Settings, empty: Settings, tmp_path: Path) -> None:
    lost = min(kept(home))
    (home.var / "archive" / lost[:2] / lost).write_bytes(b"bits")
    assert backup(home, tmp_path / "b.zip") == Packed(2, (lost,))
    assert restore(empty, tmp_path / "b.zip") == 2


def test_a_restore_that_was_killed_is_no_hindrance_to_the_next(home: Settings, empty: Settings, tmp_path: Path) -> None:
    backup(home, tmp_path / "b.zip")
    (empty.home / ".zicha-restore-x" / "var").mkdir(parents=True)
    (empty.home / ".zicha-restore-x" / "var" / "zicha.db").write_bytes(b"half")
    assert restore(empty, tmp_path / "b.zip") == 2
    assert not list(empty.home.glob(".zicha-restore-*"))


def test_an_older_backup_is_replaced_and_nothing_else_is(home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    backup(home, file)
    assert backup(home, file).originals == 2
    file.write_bytes("别的文件".encode())
    with pytest.raises(BackupError, match="不予覆盖"):
        backup(home, file)
    assert file.read_bytes() == "别的文件".encode()


def test_a_backup_does_not_go_into_the_inbox_where_it_would_be_an_arrival(home: Settings) -> None:
    with pytest.raises(BackupError, match="收件目录"):
        backup(home, home.inbox / "b.zip")
    assert not list(home.inbox.iterdir())


def test_a_backup_is_for_its_owner_alone_and_a_failed_one_leaves_nothing(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(home, tmp_path / "b.zip")
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0
    (tmp_path / "full").mkdir()

    def full(handle: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("ingest.backup.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        backup(home, tmp_path / "full" / "b.zip")
    assert not list((tmp_path / "full").iterdir()) and not list(home.var.glob("backup-*"))
