"""`zicha doctor`: is this home folder in order? Folders, events, disk, clock, database; nothing is ever written into the inbox."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DatabaseError
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from ingest import migrations
from ingest.files import Archive, reason
from ingest.listing import survey
from ingest.settings import Settings
from ingest.store import Store
from scoring.journal import purged

OK, NOTE, BAD = "ok", "warning", "error"
ADMIN = "管理员处理"
FIRST_YEAR = 2025
"""The program is no older: a clock before it is wrong."""
SCARCE, LOW = 256 << 20, 2 << 30
"""Bytes free on a disk: below the first nothing can be relied on; below the second someone should make room."""
FEW_NODES = 1000
AHEAD = timedelta(hours=1)
"""So far may times of files lie ahead: other machines' clocks, too, are never quite right."""
IDLE = timedelta(days=400)
"""An office works with the program every year."""
REMOTE = ("nfs", "cifs", "smb", "9p", "fuse", "vboxsf", "ncp", "afs", "ceph", "gluster", "virtiofs", "davfs")
"""Kinds of file systems on which others write without this machine hearing of it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the examination."""

    key: str
    title: str
    state: str
    """ok, warning (it runs, but someone should look), error (it does not run or something may get lost)."""
    told: str
    move: str = ""
    """Whose move it is; "" where nothing is to be done."""


def examine(settings: Settings, *, now: datetime, seconds: float = 3.0) -> Iterator[Check]:
    """The home folder's checks, one after another as they end; `seconds` is how long an event is waited for."""
    if not settings.home.is_dir():  # nothing is tried out in a folder that is not ours
        yield Check("home", "工作目录", BAD, f"{settings.home} 不存在；请用 --home 指定，或运行 zicha init 建立", ADMIN)
        return
    yield inbox(settings.inbox)
    for key, title, folder in (("outbox", "结果目录", settings.outbox), ("var", "数据目录", settings.var)):
        yield writable(key, title, folder)
    yield events(settings, seconds)
    yield from disks({"数据": settings.var, "结果": settings.outbox})
    yield clock(now, _newest(settings))
    yield from database(settings.var / "zicha.db")
    yield running(settings)


def inbox(folder: Path) -> Check:
    """Whether everything that lies there can be read; opens files, but reads and changes none."""
    if not folder.is_dir():
        return Check("inbox", "收件目录", BAD, f"{folder} 不存在，请先建立", ADMIN)
    try:
        found, besides = survey(folder)
    except OSError as error:
        return Check("inbox", "收件目录", BAD, f"无法读取：{reason(error)}", ADMIN)
    shut = [p for p in besides if p.why == "closed"]
    if shut:
        return Check("inbox", "收件目录", BAD, f"其中{len(shut)}个文件夹无法读取，如 {shut[0].place[:100]}（{shut[0].error}）", ADMIN)
    closed = [s.place for s in found if not os.access(folder / s.path, os.R_OK)]
    if closed:
        return Check("inbox", "收件目录", BAD, f"共{len(found)}个文件，其中{len(closed)}个没有权限读取，如 {closed[0]}", ADMIN)
    return Check("inbox", "收件目录", OK, f"可以读取，现有{len(found)}个文件")


def writable(key: str, title: str, folder: Path) -> Check:
    """Whether a file can be made there, or where the folder will be made."""
    place = _existing(folder)
    if folder.exists() and not folder.is_dir():
        return Check(key, title, BAD, f"{folder} 应是文件夹，却是文件；请移走", ADMIN)
    try:
        with tempfile.NamedTemporaryFile(prefix=".zicha-", dir=place) as file:
            file.write(b"0")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Check(key, title, BAD, f"{place} 不能写入：{reason(error)}", ADMIN)
    return Check(key, title, OK, f"{folder} 可以写入")


def events(settings: Settings, seconds: float = 3.0) -> Check:
    """Whether the system tells of new files; tried out beside the inbox, for nobody but the mail program writes into that."""
    title = "变动通知"
    if settings.polling == "always":
        return Check("events", title, OK, f"设置为定时查看，每{settings.rescan:g}秒一次，不依赖变动通知")
    logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # it calls it an error to be ended before it has begun
    if not settings.inbox.is_dir():
        return Check("events", title, NOTE, "没有收件目录，未作检测", ADMIN)
    kind = file_system(settings.inbox)
    if kind.startswith(REMOTE):
        told = f'收件目录在网络盘（{kind}）上，别处写入时没有通知；请在 zicha.toml 中写 polling = "always"'
        return Check("events", title, NOTE, told, ADMIN)
    refused = _watch_refused(settings.inbox)
    if refused:
        return Check("events", title, NOTE, f"系统不接受看守收件目录（{refused}），只能定时查看", ADMIN)
    place = _existing(settings.var)
    if place.stat().st_dev != settings.inbox.stat().st_dev:
        return Check("events", title, OK, f"系统接受看守收件目录（{kind}）；它与数据目录不在同一磁盘，未试放文件")
    try:
        heard = hears(place, seconds)
    except OSError as error:
        return Check("events", title, NOTE, f"在 {place} 中不能试放文件：{reason(error)}", ADMIN)
    if not heard:
        return Check("events", title, NOTE, f"在 {place} 中试放文件，{seconds:g}秒内没有收到通知；将改为定时查看", ADMIN)
    return Check("events", title, OK, f"在 {place} 中试放文件，收到了通知；收件目录在同一磁盘（{kind}），未放入任何文件")


def hears(place: Path, seconds: float) -> bool:
    """Whether a file that is put into a new folder in that place is told of in time."""
    heard = threading.Event()
    with tempfile.TemporaryDirectory(prefix=".zicha-probe-", dir=place) as folder:
        observer = Observer()
        try:
            observer.schedule(_Ear(heard), folder, recursive=True)
            observer.start()
        except OSError:
            return False
        try:
            (Path(folder) / "probe").write_bytes(b"0")
            return heard.wait(seconds)
        finally:
            observer.stop()
            observer.join(5)


class _Ear(FileSystemEventHandler):
    def __init__(self, heard: threading.Event) -> None:
        self._heard = heard

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._heard.set()


def _watch_refused(folder: Path) -> str:
    """Why the system will not watch the folder ("" if it will): the number of watches is limited."""
    observer = Observer()
    try:
        observer.schedule(FileSystemEventHandler(), str(folder), recursive=True)
        observer.start()
    except OSError as error:
        return error.strerror or str(error)
    observer.stop()
    observer.join(5)
    return ""


def file_system(folder: Path, mounts: str | None = None) -> str:
    """The kind of file system a folder lies on, as the system calls it (ext4, nfs4, …); "" if that cannot be told."""
    try:
        text = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape") if mounts is None else mounts
    except OSError:
        return ""
    best, kind = "", ""
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        point = left.split()[4].replace("\\040", " ")
        if folder.is_relative_to(point) and len(point) >= len(best):  # a later mount hides an earlier one
            best, kind = point, right.split()[0]
    return kind


def disks(folders: dict[str, Path]) -> Iterator[Check]:
    """Room where we write, once for each disk."""
    seen: set[int] = set()
    for name, folder in folders.items():
        place = _existing(folder)
        device = place.stat().st_dev
        if device not in seen:
            seen.add(device)
            usage, nodes = shutil.disk_usage(place), os.statvfs(place)
            yield room(name, usage.free, usage.total, nodes.f_favail if nodes.f_files else None)


def room(name: str, free: int, total: int, nodes: int | None) -> Check:
    """What that much free room means; `nodes` is how many files can still be made, None where there is no bound."""
    told = f"{name}所在磁盘余{_size(free)}（共{_size(total)}）"
    few = nodes is not None and nodes < FEW_NODES
    if free < SCARCE or few:
        why = f"，只能再建{nodes}个文件" if few else ""
        return Check("disk", "磁盘", BAD, f"{told}{why}，来件可能无法存档", ADMIN)
    return Check("disk", "磁盘", NOTE, f"{told}，请及时清理", ADMIN) if free < LOW else Check("disk", "磁盘", OK, told)


def clock(now: datetime, newest: datetime | None) -> Check:
    """Whether the time can be right: not before the program was made, not before what was written last."""
    told = f"{now:%Y-%m-%d %H:%M}（{now.strftime('%z') or '无时区'}）"
    if now.year < FIRST_YEAR:
        return Check("clock", "时钟", BAD, f"系统时间为{told}，早于本程序发布，请校准", ADMIN)
    if newest and newest > now + AHEAD:
        return Check("clock", "时钟", BAD, f"系统时间为{told}，但已有文件或记录写于{newest:%Y-%m-%d %H:%M}，时钟可能被拨回", ADMIN)
    return Check("clock", "时钟", OK, told)


def database(path: Path) -> Iterator[Check]:
    """Whether the database is whole, of the form this program knows, and whether the journal's chain holds; changes nothing."""
    if not path.is_file():
        yield Check("database", "数据库", OK, "还没有处理过来件")
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            (answer,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            (form,) = db.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.Error, TypeError) as error:
        yield _unopened(path, error)
        return
    if answer != "ok":
        yield Check("database", "数据库", BAD, "已损坏；请用备份恢复", ADMIN)
        return
    yield _form(form)
    if form == _scripts().get_current_head():
        yield from _content(path)


def _unopened(path: Path, error: Exception) -> Check:
    """What it means that it could not be looked into: only one that is damaged asks for a backup."""
    if path.stat().st_size == 0:  # made, and then there was no room to write into it
        return Check("database", "数据库", OK, "还没有处理过来件")
    if isinstance(error, sqlite3.OperationalError) and "no such" not in str(error):
        held = "locked" in str(error)
        told = "正被其他程序占用，未能检查；请稍后再试" if held else "打不开，未能检查；请检查磁盘是否已满或只读，以及文件权限"
        return Check("database", "数据库", NOTE if held else BAD, told, ADMIN)
    return Check("database", "数据库", BAD, "已损坏或不是自查的数据库；请用备份恢复", ADMIN)


def _form(form: str) -> Check:
    """What the database's form means to this program."""
    scripts = _scripts()
    if form == scripts.get_current_head():
        return Check("database", "数据库", OK, f"完好，格式 {form} 为最新")
    try:
        scripts.get_revision(form)
    except CommandError:
        return Check("database", "数据库", BAD, f"格式 {form} 由更新版本的程序写成，请先升级程序", ADMIN)
    return Check("database", "数据库", NOTE, f"完好，格式 {form} 较旧；下次运行时自动升级，请先运行 zicha backup", ADMIN)


def _content(path: Path) -> Iterator[Check]:
    """Whether the journal's chain holds, and whether every original that the ledger speaks of is there."""
    store = Store(path)
    try:
        broken, (count, _) = store.verify(), store.journal_head()
        if broken:
            yield Check("journal", "决定记录", BAD, f"在第{broken.seq}条处断开：{broken.message}；请用备份恢复", ADMIN)
            return
        yield Check("journal", "决定记录", OK, f"完整，共{count}条")
        gone = purged(store.entries())
        originals = {m.sha256 for s in store.submissions() if s.number not in gone for m in s.members}
    except DatabaseError:
        yield Check("journal", "决定记录", NOTE, "数据库正被其他程序占用，未能校验；请稍后再试", ADMIN)
        return
    finally:
        store.close()
    archive = Archive(path.parent / "archive")
    missing = sum(archive.size(sha256) is None for sha256 in originals)
    if missing:
        yield Check("originals", "原件", BAD, f"应有{len(originals)}个，不见了{missing}个；请用备份恢复", ADMIN)
    else:
        yield Check("originals", "原件", OK, f"共{len(originals)}个，都在")


def leap(settings: Settings, now: datetime) -> str:
    """What is odd about the time, for who lets things go by it: one sentence; "" if nothing is. To be asked before anything is written.

    A clock that is ahead makes everything look old. What our own files tell is when this machine last worked here.
    """
    newest = _newest(settings)
    wrong = clock(now, newest)
    if wrong.state == BAD:
        return wrong.told
    if newest and now - newest > IDLE:
        return f"系统时间为{now:%Y-%m-%d %H:%M}，而上次运行是在{newest:%Y-%m-%d}，时钟可能不准，请核对；确属久未运行的，先运行 zicha once"
    return ""


def running(settings: Settings) -> Check:
    """Whether a zicha works in this home folder; asks the system's list of locks, so that nobody is kept from starting."""
    try:
        state = (settings.var / "lock").stat()
        locks = Path("/proc/locks").read_text("utf-8")
    except OSError:
        return Check("running", "运行", OK, "没有看守在运行")
    name = f"{os.major(state.st_dev):02x}:{os.minor(state.st_dev):02x}:{state.st_ino}"
    held = any(name in line.split() and "FLOCK" in line for line in locks.splitlines())
    return Check("running", "运行", OK, "zicha 正在这个工作目录中运行" if held else "没有看守在运行")


def _newest(settings: Settings) -> datetime | None:
    """When one of our own files was last written: this machine's clock dated it."""
    places: Iterable[Path] = (p for folder in (settings.var, settings.outbox) if folder.is_dir() for p in folder.iterdir())
    newest = max((p.lstat().st_mtime for p in places), default=None)
    return datetime.fromtimestamp(newest).astimezone() if newest is not None else None


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(p for p in (folder, *folder.parents) if p.is_dir())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(migrations.__file__).parent))


def _size(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count >> 20} MiB"
