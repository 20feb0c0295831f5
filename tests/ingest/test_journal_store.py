"""The journal in the database: one chain, whoever writes; never changed; what is wrong with it is said with its place."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.book import Book
from ingest.store import Store
from scoring.journal import Draft, JournalError

WRITER = """
import sys
from pathlib import Path
from ingest.store import Store
from scoring.journal import Draft
store = Store(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    store.append([Draft(sys.argv[2], "file_role", None, {"sha256": str(n), "role": "report"}), Draft(sys.argv[2], "undo", None, {"of": 1})])
store.close()
"""


def draft(n: int = 1) -> Draft:
    return Draft("张三", "file_role", None, {"sha256": str(n), "role": "report"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "zicha.db")
    yield opened
    opened.close()


def tamper(store: Store, *statements: str) -> None:
    """Someone with the file and a tool removes the guards first."""
    with store.engine.begin() as db:
        for statement in ("DROP TRIGGER journal_no_update", "DROP TRIGGER journal_no_delete", *statements):
            db.execute(sa.text(statement))


def test_what_is_appended_is_read_back_as_it_was_given(store: Store) -> None:
    written = store.append([draft(1), draft(2)])
    assert store.entries() == written
    assert [e.body["sha256"] for e in written] == ["1", "2"]
    assert store.verify() is None


def test_all_of_a_batch_is_written_or_none(store: Store) -> None:
    with pytest.raises(JournalError):
        store.append([draft(), Draft("", "undo", None, {"of": 1})])
    assert store.entries() == () and store.verify() is None


def test_a_check_sees_the_journal_as_it_is_and_can_keep_the_entry_out(store: Store) -> None:
    store.append([draft()])

    def refuse(book: Book) -> None:
        assert [e.seq for e in book.all()] == [1]
        raise JournalError("已有")

    with pytest.raises(JournalError):
        store.append([draft()], check=refuse)
    assert len(store.append([draft()])) == 1 and [e.seq for e in store.entries()] == [1, 2]


@pytest.mark.parametrize("statement", ["UPDATE journal SET reason = 'x'", "DELETE FROM journal"])
def test_the_database_itself_refuses_to_change_or_drop_a_record(store: Store, statement: str) -> None:
    store.append([draft()])
    with pytest.raises(sa.exc.IntegrityError), store.engine.begin() as db:
        db.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("statements", "seq", "kind"),
    [
        (["UPDATE journal SET reason = 'x' WHERE seq = 3"], 3, "changed"),
        (["UPDATE journal SET body = '{}' WHERE seq = 2"], 2, "changed"),
        (["UPDATE journal SET body = '{' WHERE seq = 4"], 4, "unreadable"),
        (["DELETE FROM journal WHERE seq = 2"], 2, "missing"),
        (["DELETE FROM journal WHERE seq = 5"], 5, "missing"),
        (["DELETE FROM journal"], 1, "missing"),
        (
            [
                "UPDATE journal SET seq = 9 WHERE seq = 2",
                "UPDATE journal SET seq = 2 WHERE seq = 4",
                "UPDATE journal SET seq = 4 WHERE seq = 9",
            ],
            2,
            "reordered",
        ),
    ],
)
def test_what_was_done_to_the_chain_is_told_with_its_place(store: Store, statements: list[str], seq: int, kind: str) -> None:
    store.append([draft(n) for n in range(5)])
    tamper(store, *statements)
    found = store.verify()
    assert found is not None and (found.seq, found.kind) == (seq, kind)


def test_two_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "var" / "zicha.db"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, "15"]) for name in ("甲", "乙")]
    assert [w.wait(60) for w in writers] == [0, 0]
    store = Store(path)
    entries = store.entries()
    store.close()
    assert len(entries) == 60 and store.verify() is None
    assert [sum(e.by == name for e in entries) for name in ("甲", "乙")] == [30, 30]
    assert all(a.by == b.by for a, b in zip(entries[::2], entries[1::2], strict=True)), "a batch stays together"
