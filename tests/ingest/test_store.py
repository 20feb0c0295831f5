"""What is remembered: the ledger, once for each place and content; and the database's form, from the first on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from extract.errors import EncryptedFile
from extract.model import Document, Paragraph
from ingest.documents import Reading
from ingest.files import Archive, write_atomically, write_if_changed
from ingest.schema import metadata
from ingest.store import Fate, Member, Store
from ingest.submission import Root, Submission, from_files


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "var" / "zicha.db")
    yield opened
    opened.close()


def record(store: Store, place: str, data: bytes) -> Submission:
    submission = from_files([Root(place, data)])
    store.record(submission, [Member(p.place, p.sha256, False) for p in submission.parts], submission.parts)
    return submission


def test_the_migrations_make_exactly_the_form_the_program_expects(store: Store) -> None:
    with store.engine.connect() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []


def test_the_database_is_opened_again_as_it_is(tmp_path: Path) -> None:
    for _ in range(2):
        store = Store(tmp_path / "zicha.db")
        record(store, "a.docx", b"1")
        assert len(store.arrivals()) == 1
        store.close()


def test_it_writes_ahead_so_that_a_reader_waits_for_nobody(store: Store) -> None:
    with store.engine.connect() as db:
        assert db.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"


def test_the_same_place_and_bytes_are_one_arrival(store: Store) -> None:
    record(store, "a.docx", b"1")
    record(store, "a.docx", b"1")
    assert [(a.place, a.state) for a in store.arrivals()] == [("a.docx", "waiting")]


def test_other_bytes_at_the_same_place_are_another_arrival_and_the_first_is_no_longer_current(store: Store) -> None:
    record(store, "a.docx", b"1")
    record(store, "a.docx", b"2")
    assert len(store.arrivals()) == 2
    assert [s.current for s in store.submissions()] == [False, True]


def test_the_same_bytes_at_another_place_are_another_arrival(store: Store) -> None:
    record(store, "a.docx", b"1")
    record(store, "b.docx", b"1")
    assert [a.place for a in store.arrivals()] == ["a.docx", "b.docx"]


def test_an_unreadable_file_gives_way_to_its_bytes(store: Store) -> None:
    store.refuse("a.docx", Fate("quarantined", "没有读取权限"))
    assert [(a.state, a.sha256) for a in store.arrivals()] == [("quarantined", "")]
    record(store, "a.docx", b"1")
    assert [a.state for a in store.arrivals()] == ["waiting"]


def test_a_state_is_written_for_its_place_and_content(store: Store) -> None:
    first, second = record(store, "a.docx", b"1"), record(store, "a.docx", b"2")
    store.settle({("a.docx", second.parts[0].sha256): Fate("used"), ("a.docx", first.parts[0].sha256): Fate("superseded", "已被替换")})
    assert [(a.state, a.cause) for a in store.arrivals()] == [("superseded", "已被替换"), ("used", "")]


def test_readings_come_back_the_same(store: Store) -> None:
    document = Reading(Document((Paragraph('{"error"'),), "text/plain"))
    store.put_reading("a", document)
    store.put_reading("b", Reading(problem=EncryptedFile()))
    assert store.get_reading("a") == document
    kept = store.get_reading("b")
    assert kept is not None
    assert isinstance(kept.problem, EncryptedFile)
    assert store.get_reading("c") is None


def test_what_is_derived_can_be_forgotten_and_the_ledger_stays(store: Store) -> None:
    record(store, "a.docx", b"1")
    store.put_sheets("k", "[]")
    store.forget_derived()
    assert store.get_sheets("k") is None
    assert len(store.arrivals()) == 1


def test_several_threads_write_at_once(store: Store) -> None:
    threads = [threading.Thread(target=lambda k=k: [store.put_sheets(f"{k}-{n}", "[]") for n in range(20)]) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(store.get_sheets(f"{k}-{n}") == "[]" for k in range(4) for n in range(20))


def test_the_archive_keeps_bytes_by_their_hash_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    sha256 = archive.put(b"x")
    assert archive.put(b"x") == sha256
    assert archive.get(sha256) == b"x"
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [sha256]


def test_a_half_written_original_is_written_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    sha256 = archive.put(b"whole")
    (tmp_path / sha256[:2] / sha256).write_bytes(b"who")
    archive.put(b"whole")
    assert archive.get(sha256) == b"whole"


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"1")
    assert write_if_changed(tmp_path / "a", b"2")
    assert not write_if_changed(tmp_path / "a", b"2")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"2")]
