"""A home folder of any earlier version opens in this one: its ledger and journal as they were, and everything works on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from ingest import migrations
from ingest.schema import metadata
from ingest.store import Fate, Store
from scoring.journal import EXTEND, Draft, sealed

FOLDER = Path(migrations.__file__).parent
REVISIONS = [s.revision for s in reversed(list(ScriptDirectory(str(FOLDER)).walk_revisions()))]
HASH = "ab" * 32
VALUES: dict[str, Any] = {"INTEGER": 1, "FLOAT": 1.5, "VARCHAR": "x", "BLOB": b"x"}


def at(path: Path, revision: str) -> None:
    """A database as that revision leaves it."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def filled(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Put a row into every table that is there, a true one into those that people rely on; returns table -> rows."""
    with closing(sqlite3.connect(path)) as db, db:
        db.row_factory = sqlite3.Row
        tables = [r["name"] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in sorted(set(tables) - {"alembic_version"}):
            columns = db.execute(f"PRAGMA table_info({table})").fetchall()
            row = {c["name"]: VALUES[c["type"].split("(")[0]] for c in columns} | _true(table)
            db.execute(f"INSERT INTO {table} ({','.join(map(_quoted, row))}) VALUES ({','.join('?' * len(row))})", list(row.values()))
    return rows_of(path)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _true(table: str) -> dict[str, Any]:
    entry = sealed(Draft("张三", EXTEND, "集贤县", {"deadline": "2018-01-25"}, "网络故障"), at="2018-01-20T09:00:00+08:00", before=None)
    body = {"journal": {k: getattr(entry, k) for k in ("seq", "at", "by", "kind", "unit", "reason", "previous", "hash")}}
    return {
        "arrivals": {"place": "a.eml", "sha256": HASH, "parent": None, "kind": "mail", "submission": 1, "state": "used", "cause": ""},
        "submissions": {"place": "a.eml", "digest": HASH, "members": f'[["a.eml", "{HASH}", true]]', "received_at": "2018-01-19"},
        "sightings": {"place": "a.eml", "size": 3, "mtime_ns": 5, "sha256": HASH},
        "journal": body["journal"] | {"body": '{"deadline":"2018-01-25"}'},
        "journal_head": {"seq": 1, "hash": entry.hash},
        "exports": {"wishes": "{}", "files": "{}"},
    }.get(table, {})  # fmt: skip


def rows_of(path: Path) -> dict[str, list[dict[str, Any]]]:
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        tables = [r["name"] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {t: [dict(r) for r in db.execute(f"SELECT * FROM {t}")] for t in tables if t != "alembic_version"}


@pytest.fixture(scope="module", params=REVISIONS)
def old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, list[dict[str, Any]]]]]:
    """A database at each revision with rows in it, and those rows."""
    path = tmp_path_factory.mktemp("old") / "zicha.db"
    at(path, request.param)
    yield path, filled(path)


Old = tuple[Path, dict[str, list[dict[str, Any]]]]


@pytest.fixture
def opened(old: Old, tmp_path: Path) -> Iterator[tuple[Store, dict[str, list[dict[str, Any]]]]]:
    shutil.copy(old[0], tmp_path / "zicha.db")
    store = Store(tmp_path / "zicha.db")
    yield store, old[1]
    store.close()


Opened = tuple[Store, dict[str, list[dict[str, Any]]]]


def test_no_row_is_lost_or_changed_by_the_way_to_the_newest_form(opened: Opened) -> None:
    store, before = opened
    after = rows_of(store.path)
    for table, rows in before.items():
        assert len(after[table]) == len(rows), table
        for one, other in zip(rows, after[table], strict=True):
            assert {k: other[k] for k in one} == one, table


def test_the_form_is_that_of_a_new_database_and_of_the_program(opened: Opened, tmp_path: Path) -> None:
    store, _ = opened
    Store(tmp_path / "new.db").close()

    def form(path: Path) -> set[tuple[str, str, str]]:
        with closing(sqlite3.connect(path)) as db:
            return {
                (t, n, " ".join(s.split())) for t, n, s in db.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
            }

    assert form(store.path) == form(tmp_path / "new.db")
    described = sa.inspect(store.engine)
    for table in metadata.tables.values():
        assert [c["name"] for c in described.get_columns(table.name)] == [c.name for c in table.columns]
        assert {i["name"] for i in described.get_indexes(table.name)} >= {i.name for i in table.indexes}


def test_ledger_and_journal_read_as_before_and_are_written_on(opened: Opened) -> None:
    store, before = opened
    assert [(a.place, a.state) for a in store.arrivals()] == [("a.eml", "used")]
    assert store.taken() == {"a.eml": (3, 5)}
    store.settle({("a.eml", HASH): Fate("superseded", "x")})
    assert [a.state for a in store.arrivals()] == ["superseded"]
    store.append([Draft("李四", EXTEND, "宝清县", {"deadline": "2018-01-26"}, "停电")])
    assert [e.by for e in store.entries()] == (["张三", "李四"] if "journal" in before else ["李四"])
    assert store.verify() is None


def test_opening_it_again_changes_nothing(opened: Opened) -> None:
    store, _ = opened
    before = rows_of(store.path)
    Store(store.path).close()
    assert rows_of(store.path) == before


def test_the_revisions_are_one_chain_from_the_first() -> None:
    assert [f"{k:04d}" for k in range(1, len(REVISIONS) + 1)] == REVISIONS
    assert len(ScriptDirectory(str(FOLDER)).get_heads()) == 1
