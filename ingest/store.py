"""What zicha remembers: the ledger of arrivals, the journal, and derived readings and worksheets, in var/zicha.db."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError, OperationalError

import extract.errors
from extract.errors import DocumentError
from ingest import migrations
from ingest.book import Book, entry_in, values_of
from ingest.codec import dump, load
from ingest.documents import Reading
from ingest.expanding import Part
from ingest.files import alone, reason
from ingest.logs import described
from ingest.schema import (
    arrivals,
    exports,
    journal,
    journal_head,
    outputs,
    readings,
    results,
    sheets,
    sightings,
    submissions,
    tries,
    versions,
)
from ingest.submission import Submission
from scoring.journal import Break, Draft, Entry, UnreadableJournal, sealed
from scoring.journal import check as well_formed
from scoring.journal import verify as broken_at
from scoring.workflow import guard

QUEUED = "已收到，等待处理"
BUSY_SECONDS = 30.0
"""How long a database that another program holds is waited for."""
DAMAGED = "数据库已损坏，原件仍在 var/archive 中；请停止运行，用备份恢复（管理员处理）"
MACHINE = (OSError, OperationalError)
"""What is the machine's fault (a full disk, a locked database): said, and tried again; never blamed on a file."""


class Unusable(Exception):
    """A database that this program cannot work with; the message says why, and whose move it is, in one sentence."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the inbox that belongs to a submission."""

    place: str
    sha256: str
    is_mail: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """A submission in the ledger; `number` is its running number."""

    number: int
    place: str
    digest: str
    members: tuple[Member, ...]
    received_at: datetime | None
    current: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """One row of the ledger."""

    place: str
    parent: str | None
    name: str
    kind: str
    sha256: str
    bytes: int
    submission: int
    state: str
    cause: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What was judged last for a unit, or for a submission of a unit nobody could tell."""

    stem: str
    """The name of its files in the outbox."""
    unit: str | None
    place: str
    """Of its first submission."""
    sheet: dict[str, Any]
    """The worksheet as the machine judged it."""
    row: dict[str, Any]
    """Its row on the board, as published."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an arrival."""

    state: str
    cause: str = ""
    next_step: str = ""


class Store:
    """The database of a home folder; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS})
        sa.event.listen(self.engine, "connect", _configure)
        # two that open a new or an old database at once would both change its form
        with alone(path.with_name("migrate.lock")), _usable(), self.engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(Path(migrations.__file__).parent))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    # ---- ledger

    def record(self, submission: Submission, members: Sequence[Member], parts: Sequence[Part]) -> None:
        """Enter a submission with everything in it, once; what stood at its place before is no longer current."""
        received = submission.message.received_at if submission.message else None
        with self.engine.begin() as db:
            db.execute(sa.update(submissions).where(submissions.c.place == submission.place).values(current=0))
            row = {
                "place": submission.place,
                "digest": submission.id,
                "members": json.dumps([[m.place, m.sha256, m.is_mail] for m in members]),
                "received_at": received.isoformat() if received else None,
                "current": 1,
            }
            db.execute(
                insert(submissions).values(row).on_conflict_do_update(["place", "digest"], set_={"current": 1, "members": row["members"]})
            )
            number = db.execute(sa.select(submissions.c.id).filter_by(place=submission.place, digest=submission.id)).scalar_one()
            db.execute(sa.delete(arrivals).where(arrivals.c.place.in_([m.place for m in members]), arrivals.c.sha256 == ""))
            _enter(db, number, parts)

    def fit(self, number: int, parts: Sequence[Part]) -> None:
        """What is in the mails and archives of a submission is this by now: one of them was opened, is shut again, or opened at last."""
        wanted = {(p.place, p.sha256) for p in parts}
        mine = sa.select(arrivals.c.place, arrivals.c.sha256, arrivals.c.kind).filter_by(submission=number)
        with self.engine.connect() as db:
            if {tuple(row) for row in db.execute(mine)} == {(p.place, p.sha256, p.kind) for p in parts}:
                return
        with self.engine.begin() as db:
            known = db.execute(sa.select(arrivals).filter_by(submission=number)).mappings()
            rows = [(r["id"], (r["place"], r["sha256"]), r["parent"]) for r in known]
            db.execute(sa.delete(arrivals).where(arrivals.c.id.in_([id for id, key, parent in rows if parent and key not in wanted])))
            _enter(db, number, [p for p in parts if (p.place, p.sha256) not in {key for _, key, _ in rows}])
            for p in parts:  # an archive that cannot be opened counts as a file
                db.execute(sa.update(arrivals).filter_by(place=p.place, sha256=p.sha256).values(kind=p.kind))

    def refuse(self, place: str, fate: Fate) -> None:
        """Enter a file whose bytes cannot be had."""
        values = {
            "place": place,
            "sha256": "",
            "parent": None,
            "name": place.rsplit("/", 1)[-1],
            "bytes": 0,
            "kind": "file",
            "submission": 0,
            "state": fate.state,
            "cause": fate.cause,
            "next_step": fate.next_step,
        }
        with self.engine.begin() as db:
            known = db.execute(sa.select(arrivals.c.id).where(arrivals.c.place == place, arrivals.c.sha256 == "")).first()
            if not known:
                db.execute(insert(arrivals).values(values))

    def settle(self, fates: Mapping[tuple[str, str], Fate]) -> None:
        """Write down what became of arrivals, by (place, sha256), all at once."""
        with self.engine.begin() as db:
            for (place, sha256), fate in fates.items():
                where = (arrivals.c.place == place) & (arrivals.c.sha256 == sha256)
                db.execute(sa.update(arrivals).where(where).values(state=fate.state, cause=fate.cause, next_step=fate.next_step))

    def arrivals(self) -> list[Arrival]:
        """The whole ledger in the order of entry."""
        with self.engine.connect() as db:
            rows = db.execute(sa.select(arrivals).order_by(arrivals.c.submission, arrivals.c.id)).mappings()
            return [Arrival(**{k: v for k, v in row.items() if k != "id"}) for row in rows]

    def submissions(self, *, place: str | None = None) -> list[Recorded]:
        """All submissions in the order they were seen, or those that stood at one place."""
        wanted = sa.true() if place is None else submissions.c.place == place
        with self.engine.connect() as db:
            return [_recorded(row) for row in db.execute(sa.select(submissions).where(wanted).order_by(submissions.c.id)).mappings()]

    def submission(self, number: int) -> Recorded:
        """The submission with that running number."""
        with self.engine.connect() as db:
            return _recorded(db.execute(sa.select(submissions).where(submissions.c.id == number)).mappings().one())

    def taken(self) -> dict[str, tuple[int, int]]:
        """Place -> size and mtime_ns of the files whose bytes were taken."""
        with self.engine.connect() as db:
            return {r.place: (r.size, r.mtime_ns) for r in db.execute(sa.select(sightings))}

    def sight(self, looks: Iterable[tuple[str, int, int, str]]) -> None:
        """Remember how files looked when their bytes were taken: (place, size, mtime_ns, sha256) of each, all at once."""
        with self.engine.begin() as db:
            for place, size, mtime_ns, sha256 in looks:
                values = {"place": place, "size": size, "mtime_ns": mtime_ns, "sha256": sha256}
                db.execute(insert(sightings).values(values).on_conflict_do_update(["place"], set_=values))

    # ---- journal: only appended to

    def append(self, drafts: Sequence[Draft], *, check: Callable[[Book], None] | None = None) -> tuple[Entry, ...]:
        """Write entries down, all or none, behind whatever any process wrote before; on the disk when this returns.

        `check` sees the journal as it is while nobody else can write; what it raises keeps the entries out.
        Raises JournalError for a draft that says nothing sensible, Locked for one about a unit whose result was approved.
        """
        for draft in drafts:
            well_formed(draft)
        written: list[Entry] = []
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.exec_driver_sql("BEGIN IMMEDIATE")  # the number and hash of the one before stay true until the end
            book = Book(db)
            guard(drafts, book)
            if check is not None:
                check(book)
            last = db.execute(sa.select(journal).order_by(journal.c.seq.desc()).limit(1)).mappings().first()
            before = entry_in(last) if last else None
            for draft in drafts:
                before = sealed(draft, at=datetime.now().astimezone().isoformat(timespec="seconds"), before=before)
                db.execute(sa.insert(journal).values(values_of(before)))
                written.append(before)
            if before is not None:
                head = {"seq": before.seq, "hash": before.hash}
                db.execute(insert(journal_head).values(id=1, **head).on_conflict_do_update(["id"], set_=head))
            db.exec_driver_sql("COMMIT")
        return tuple(written)

    def entries(self, *, unit: str | None = None) -> tuple[Entry, ...]:
        """The whole journal, oldest first, or what of it concerns one unit; raises UnreadableJournal."""
        with self.reading() as book:
            return book.all() if unit is None else book.of_unit(unit)

    @contextmanager
    def reading(self) -> Iterator[Book]:
        """The journal to look things up in."""
        with self.engine.connect() as db:
            yield Book(db)

    def entries_since(self, seq: int) -> tuple[Entry, ...]:
        """The entries behind that number, oldest first; raises UnreadableJournal."""
        with self.reading() as book:
            return book.since(seq)

    def journal_head(self) -> tuple[int, str]:
        """(number, hash) of the last entry; (0, "") before the first."""
        with self.engine.connect() as db:
            head = db.execute(sa.select(journal_head.c.seq, journal_head.c.hash)).first()
        return (head.seq, head.hash) if head else (0, "")

    def verify(self) -> Break | None:
        """Where the journal's chain breaks; None if it holds."""
        with self.engine.connect() as db:
            rows = db.execute(sa.select(journal).order_by(journal.c.seq)).mappings().all()
            head = db.execute(sa.select(journal_head.c.seq, journal_head.c.hash)).first()
        found: list[Entry] = []
        for row in rows:
            try:
                found.append(entry_in(row))
            except UnreadableJournal as error:
                return broken_at(found) or Break(row["seq"], "unreadable", str(error))
        return broken_at(found, head=(head.seq, head.hash) if head else (0, ""))

    # ---- derived: may be lost

    def get_reading(self, key: str) -> Reading | None:
        """A reading kept under that key."""
        value = self._get(readings, key)
        if value is None:
            return None
        if value[:1] == b"{" and b'"error"' in value[:12]:
            body = json.loads(value)
            kind = getattr(extract.errors, body["error"], DocumentError)
            return Reading(problem=kind(body["cause"], body["next_step"]))
        return Reading(load(value))

    def put_reading(self, key: str, reading: Reading) -> None:
        """Keep a reading."""
        if reading.document:
            self._put(readings, key, dump(reading.document))
        elif reading.problem:
            p = reading.problem
            self._put(readings, key, json.dumps({"error": type(p).__name__, "cause": p.cause, "next_step": p.next_step}).encode())

    def died(self, key: str, reason: str) -> int:
        """Count one more try that broke off; returns how many there were."""
        with self.engine.begin() as db:
            again = {"count": tries.c.count + 1, "reason": reason}
            db.execute(insert(tries).values(key=key, count=1, reason=reason).on_conflict_do_update(["key"], set_=again))
            return int(db.execute(sa.select(tries.c.count).where(tries.c.key == key)).scalar_one())

    def deaths(self, key: str) -> tuple[int, str]:
        """(how many tries broke off, why the last one did); (0, "") if none."""
        with self.engine.connect() as db:
            row = db.execute(sa.select(tries.c.count, tries.c.reason).where(tries.c.key == key)).first()
        return (int(row[0]), str(row[1])) if row else (0, "")

    def get_sheets(self, key: str) -> str | None:
        """Worksheets kept under that key."""
        value = self._get(sheets, hashlib.sha256(key.encode()).hexdigest())
        return value.decode() if value is not None else None

    def put_sheets(self, key: str, text: str) -> None:
        """Keep worksheets."""
        self._put(sheets, hashlib.sha256(key.encode()).hexdigest(), text.encode())

    def forget_readings(self, sha256: Iterable[str]) -> None:
        """Drop the readings of these files and, for some are made of them, all worksheets; what is dropped is overwritten."""
        with self.engine.begin() as db:
            db.exec_driver_sql("PRAGMA secure_delete=ON")
            for one in sha256:
                db.execute(sa.delete(readings).where(readings.c.key.startswith(one)))
            db.execute(sa.delete(sheets))

    def compact(self) -> None:
        """Leave nothing of what was dropped in the database's file. Raises OperationalError while another program reads it."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.exec_driver_sql("VACUUM")
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def forget_derived(self) -> None:
        """Drop everything that can be made again."""
        with self.engine.begin() as db:
            for table in (readings, sheets, results):
                db.execute(sa.delete(table))

    def keep_results(self, kept: Iterable[Kept]) -> None:
        """Remember these as what was judged last, in place of all before."""
        with self.engine.begin() as db:
            db.execute(sa.delete(results))
            counted = insert(versions).values(name=results.name, number=1)
            db.execute(counted.on_conflict_do_update(["name"], set_={"number": versions.c.number + 1}))
            for k in kept:
                packed = zlib.compress(json.dumps(k.sheet, ensure_ascii=True).encode("ascii"), 6)
                row = {"stem": k.stem, "unit": k.unit, "place": k.place, "sheet": packed, "row": json.dumps(k.row)}
                db.execute(sa.insert(results).values(row))

    def kept_results(self, *, unit: str | None = None) -> list[Kept]:
        """What was judged last, in the order of the outbox; of one unit if it is named."""
        wanted = sa.true() if unit is None else results.c.unit == unit
        with self.engine.connect() as db:
            rows = db.execute(sa.select(results).where(wanted).order_by(results.c.stem)).mappings().all()
        return [Kept(r["stem"], r["unit"], r["place"], unpacked(r["sheet"]), json.loads(r["row"])) for r in rows]

    def results_version(self) -> int:
        """A number that is another whenever what was judged has been written anew."""
        with self.engine.connect() as db:
            return db.execute(sa.select(versions.c.number).where(versions.c.name == results.name)).scalar() or 0

    def packed_results(self) -> list[tuple[str, str | None, bytes]]:
        """(stem, unit, packed worksheet) of what was judged last; equal bytes are an equal worksheet."""
        with self.engine.connect() as db:
            return [(r.stem, r.unit, r.sheet) for r in db.execute(sa.select(results.c.stem, results.c.unit, results.c.sheet))]

    def board_rows(self) -> list[tuple[str, str | None, dict[str, Any]]]:
        """(stem, unit, row on the board) of what was published last."""
        with self.engine.connect() as db:
            rows = db.execute(sa.select(results.c.stem, results.c.unit, results.c.row).order_by(results.c.stem)).all()
        return [(r.stem, r.unit, json.loads(r.row)) for r in rows]

    def put_board_row(self, stem: str, row: Mapping[str, Any]) -> None:
        """Remember a unit's row after a person's word changed it."""
        with self.engine.begin() as db:
            db.execute(sa.update(results).where(results.c.stem == stem).values(row=json.dumps(dict(row))))

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """One process at a time writes the outbox; who reads the journal inside this writes nothing older than what stands there."""
        with alone(self.path.with_name("publish.lock")):
            yield

    def outputs(self) -> set[str]:
        """Names of the files in the outbox that are ours."""
        with self.engine.connect() as db:
            return set(db.execute(sa.select(outputs.c.name)).scalars())

    def own(self, names: Iterable[str]) -> None:
        """Claim names in the outbox before anything is written under them."""
        with self.engine.begin() as db:
            for name in names:
                db.execute(insert(outputs).values(name=name).on_conflict_do_nothing())

    def disown(self, names: Iterable[str]) -> None:
        """Give up names after their files were removed."""
        with self.engine.begin() as db:
            db.execute(sa.delete(outputs).where(outputs.c.name.in_(list(names))))

    def exported(self) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
        """Kind -> what the command was given, and file name -> SHA-256 of what was last written on command."""
        with self.engine.connect() as db:
            return {r.kind: (json.loads(r.wishes), json.loads(r.files)) for r in db.execute(sa.select(exports))}

    def note_export(self, kind: str, wishes: Mapping[str, str], files: Mapping[str, str]) -> None:
        """Remember what was written on command."""
        values = {"kind": kind, "wishes": json.dumps(dict(wishes)), "files": json.dumps(dict(files), ensure_ascii=False)}
        with self.engine.begin() as db:
            db.execute(insert(exports).values(values).on_conflict_do_update(["kind"], set_=values))

    def _get(self, table: sa.Table, key: str) -> bytes | None:
        with self.engine.connect() as db:
            value = db.execute(sa.select(table.c.value).where(table.c.key == key)).scalar_one_or_none()
        return zlib.decompress(value) if value is not None else None

    def _put(self, table: sa.Table, key: str, value: bytes) -> None:
        packed = zlib.compress(value, 6)
        with self.engine.begin() as db:
            db.execute(insert(table).values(key=key, value=packed).on_conflict_do_update(["key"], set_={"value": packed}))


def unpacked(sheet: bytes) -> dict[str, Any]:
    """A worksheet as it is kept."""
    found: dict[str, Any] = json.loads(zlib.decompress(sheet))
    return found


def _enter(db: sa.Connection, number: int, parts: Sequence[Part]) -> None:
    for p in parts:
        values = {
            "place": p.place,
            "sha256": p.sha256,
            "parent": p.parent,
            "name": p.name,
            "bytes": len(p.data),
            "kind": p.kind,
            "submission": number,
            "state": "waiting",
            "cause": QUEUED,
            "next_step": "",
        }
        db.execute(insert(arrivals).values(values).on_conflict_do_update(["place", "sha256"], set_={"submission": number}))


def is_damage(error: BaseException) -> bool:
    """Whether the database says that its file is none, or no longer whole; what is busy or full is another matter."""
    return type(error) in (DatabaseError, sqlite3.DatabaseError)


def failure(error: Exception) -> str:
    """What nobody reckons with, in one sentence: of the machine, of the database, or of ours, which is told without any text."""
    if isinstance(error, Unusable):
        return str(error)
    if is_damage(error):
        return DAMAGED
    if isinstance(error, MACHINE):
        return f"无法完成：{reason(error)}；排除后重新运行即可（管理员处理）"
    return f"程序出错，没有完成；请将这一行交给维护程序的人：{described(error)}（管理员处理）"


@contextmanager
def _usable() -> Iterator[None]:
    """Raises Unusable for a newer program's database and one that is damaged."""
    try:
        yield
    except CommandError:
        raise Unusable("数据库由更新版本的程序写成，请先升级程序（管理员处理）") from None
    except DatabaseError as error:
        if not is_damage(error):
            raise
        raise Unusable(DAMAGED) from None


def _configure(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _recorded(row: sa.RowMapping) -> Recorded:
    members = tuple(Member(*m) for m in json.loads(row["members"]))
    received = datetime.fromisoformat(row["received_at"]) if row["received_at"] else None
    return Recorded(row["id"], row["place"], row["digest"], members, received, bool(row["current"]))
