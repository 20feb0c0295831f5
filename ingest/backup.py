"""A home folder in one file and back: database, archive, settings and rules, whole or not at all."""

from __future__ import annotations

import calendar
import hashlib
import json
import os
import re
import shutil
import sqlite3
import tempfile
import time
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ingest.files import alone, atomic, flush_folder, sweep
from ingest.settings import FILE as SETTINGS
from ingest.settings import Settings
from ingest.store import DAMAGED, Store, Unusable
from scoring.journal import PURGE
from templates.letters_texts import FILE as LETTERS

FORMAT = "zicha.backup/1"
MANIFEST = "backup.json"
DATABASE = "var/zicha.db"
_NAMES = re.compile(
    rf"{re.escape(DATABASE)}|{re.escape(SETTINGS)}|{re.escape(LETTERS)}|var/archive/[0-9a-f]{{2}}/[0-9a-f]{{64}}|rubrics/[^/\\.][^/\\]*/[^/\\.][^/\\]*"
)
"""What a backup may hold; any other name in it means that it is none of ours."""
_ARCHIVE = "var/archive/"
_SCRATCH = ".zicha-restore-"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Packed:
    """What a backup holds."""

    originals: int
    damaged: tuple[str, ...]
    """SHA-256 of originals that are no longer what they were when they arrived: the disk is failing, or someone changed them."""
    missing: int = 0
    """How many originals the database speaks of and the archive no longer has."""


class BackupError(Exception):
    """A backup that cannot be made or taken back; the message says why in one sentence."""


def backup(settings: Settings, file: Path) -> Packed:
    """Write everything that cannot be made again into one file. Raises BackupError, OSError.

    May run while another zicha works: the database is copied as it stands at one moment, and originals reach the archive before
    the database speaks of them, so that everything the copy speaks of is there.
    """
    database = settings.var / "zicha.db"
    if not database.is_file():
        raise BackupError(f"{settings.home} 中还没有可备份的数据（没有 var/zicha.db）")
    if settings.inbox in file.absolute().parents:
        raise BackupError(f"备份文件不能放在收件目录中：{file}")
    if file.exists() and not _is_backup(file):
        raise BackupError(f"{file} 已存在，且不是自查的备份文件，不予覆盖")
    with _beside(file, settings) as (stream, snapshot):
        try:
            _copy_database(database, snapshot)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise BackupError(f"没有备份：{DAMAGED}") from error
        members = _members(settings, snapshot)
        missing = sum(f"{_ARCHIVE}{sha256[:2]}/{sha256}" not in members for sha256 in _spoken_of(snapshot))
        hashes = _pack(stream, members)
    originals = [name for name in hashes if name.startswith(_ARCHIVE)]
    return Packed(len(originals), tuple(n.rpartition("/")[2] for n in originals if hashes[n] != n.rpartition("/")[2]), missing)


def restore(settings: Settings, file: Path) -> int:
    """Put a backup into an empty home folder; returns how many originals came back. Raises BackupError, OSError.

    Everything is unpacked beside its place and checked first: after a failure the home folder is as empty as before.
    """
    home = settings.home
    if _is_filled(home):
        raise BackupError(f"{home} 不是空目录，不能恢复到其中；请指定一个空的工作目录")
    home.mkdir(parents=True, exist_ok=True)
    for left in home.glob(f"{_SCRATCH}*"):  # a restore that was killed got no further than this
        shutil.rmtree(left)
    scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=home))
    try:
        names = _unpack(file, scratch)
        _check_database(scratch / DATABASE, file)
        _move(scratch, home, names)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    settings.inbox.mkdir(exist_ok=True)
    return sum(name.startswith(_ARCHIVE) for name in names)


@contextmanager
def _beside(file: Path, settings: Settings) -> Iterator[tuple[IO[bytes], Path]]:
    """A stream whose content becomes the file in one step at the end, and a place for the copy of the database.

    What backups left that were killed is removed first: it may be as large as all that is kept.
    """
    sweep(file.parent)
    with _the_only_one(settings.var / "backup.lock"):
        for left in settings.var.glob("backup-*/"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.var) as folder, atomic(file) as stream:
            yield stream, Path(folder) / "zicha.db"


@contextmanager
def _the_only_one(path: Path) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(alone(path, wait=False))
        except BlockingIOError:
            raise BackupError("另一次备份正在进行，请等它结束") from None
        yield


def _copy_database(source: Path, target: Path) -> None:
    """The database as it stands at one moment, in one file without a log beside it."""
    with closing(sqlite3.connect(source, timeout=30)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")


def _members(settings: Settings, snapshot: Path) -> dict[str, Path]:
    """Name in the backup -> file."""
    home, archive = settings.home, settings.var / "archive"
    single = {name: home / name for name in (SETTINGS, LETTERS) if (home / name).is_file()}
    rules = {f"rubrics/{p.parent.name}/{p.name}": p for p in sorted((home / "rubrics").glob("*/*")) if p.is_file()}
    kept = {f"var/archive/{p.parent.name}/{p.name}": p for p in sorted(archive.glob("??/*")) if p.is_file()}
    return {DATABASE: snapshot} | {name: path for name, path in (single | rules | kept).items() if _NAMES.fullmatch(name)}


def _spoken_of(database: Path) -> set[str]:
    """SHA-256 of the originals that should be there, whichever program wrote the database."""
    with closing(sqlite3.connect(database)) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        members = dict(db.execute("SELECT id, members FROM submissions")) if "submissions" in tables else {}
        purges = db.execute("SELECT body FROM journal WHERE kind = ?", [PURGE]) if "journal" in tables else []
        gone = {number for (body,) in purges for number in json.loads(body)["submissions"]}
    return {sha256 for number, text in members.items() if number not in gone for _, sha256, _ in json.loads(text)}


def _pack(stream: IO[bytes], members: dict[str, Path]) -> dict[str, str]:
    """The members, and at the end the list of their hashes, without which a backup is not whole; gives that list."""
    hashes: dict[str, str] = {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
        for name, path in members.items():
            digest = hashlib.sha256()
            with path.open("rb") as source, package.open(zipfile.ZipInfo(name, _time(path)), "w", force_zip64=True) as target:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    target.write(chunk)
            hashes[name] = digest.hexdigest()
        package.writestr(zipfile.ZipInfo(MANIFEST), json.dumps({"format": FORMAT, "files": hashes}, ensure_ascii=False, indent=1))
    return hashes


def _time(path: Path) -> tuple[int, int, int, int, int, int]:
    """When it was written, in UTC: of an original, when it was taken in, which the retention time counts from."""
    year, month, day, hour, minute, second = time.gmtime(path.stat().st_mtime)[:6]
    return (year, month, day, hour, minute, second) if 1980 <= year <= 2107 else (1980, 1, 1, 0, 0, 0)  # what a zip file can say


def _is_backup(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as package:
            return MANIFEST in package.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def _is_filled(home: Path) -> bool:
    """Whether anything is there but empty folders and what a killed restore left."""
    if not home.is_dir():
        return home.exists()
    own = (p for p in home.rglob("*") if not p.relative_to(home).parts[0].startswith(_SCRATCH))
    return any(not p.is_dir() or p.is_symlink() for p in own)


def _unpack(file: Path, scratch: Path) -> list[str]:
    """Every member into the scratch folder, compared with its hash."""
    try:
        with zipfile.ZipFile(file) as package:
            hashes = _manifest(package, file)
            for name, digest in hashes.items():
                if _extract(package, name, scratch / name) != digest:
                    raise BackupError(f"{file} 已损坏（{name} 与校验值不符），没有恢复任何内容")
    except FileNotFoundError as error:
        raise BackupError(f"没有这个文件：{file}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, NotImplementedError) as error:
        raise BackupError(f"{file} 已损坏或不是自查的备份文件，没有恢复任何内容") from error
    return list(hashes)


def _manifest(package: zipfile.ZipFile, file: Path) -> dict[str, str]:
    listed: Any = json.loads(package.read(MANIFEST))
    if not isinstance(listed, dict) or listed.get("format") != FORMAT:
        raise BackupError(f"{file} 不是本版本能恢复的备份文件，没有恢复任何内容")
    hashes: dict[str, str] = dict(listed["files"])
    strange = [name for name in hashes if not _NAMES.fullmatch(name)]
    if strange or set(package.namelist()) != {*hashes, MANIFEST} or DATABASE not in hashes:
        raise BackupError(f"{file} 的内容与其清单不符，没有恢复任何内容")
    return hashes


def _extract(package: zipfile.ZipFile, name: str, path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with package.open(name) as source, path.open("wb") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    when = calendar.timegm(package.getinfo(name).date_time)
    os.utime(path, (when, when))
    return digest.hexdigest()


def _check_database(database: Path, file: Path) -> None:
    """Open it as the program will; a newer program's is refused before anything is in its place."""
    try:
        with closing(sqlite3.connect(database)) as connection:
            (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
        if answer != "ok":
            raise BackupError(f"{file} 中的数据库已损坏，没有恢复任何内容")
        Store(database).close()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{file} 中的数据库已损坏，没有恢复任何内容") from error
    except Unusable as error:
        raise BackupError(f"{file} 不能恢复：{error}；没有恢复任何内容") from error


def _move(scratch: Path, home: Path, names: Collection[str]) -> None:
    """Into place, the database last: without it a home folder holds nothing that anyone would work on."""
    for name in sorted(names, key=lambda n: n == DATABASE):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).replace(home / name)
    for folder in {(home / name).parent for name in names}:
        flush_folder(folder)
