"""What arrived, as people are told it: the ledger, and what lies in the inbox and is not in it, or not yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ingest.listing import PassedOver, survey
from ingest.plan import Seen
from ingest.settings import Settings
from ingest.store import Arrival, Store
from ingest.uploads import unentered
from scoring.journal import live

PASSED_OVER = {
    "leftover": ("临时文件或系统文件，不予处理", "如是报送材料，请改名后重新放入收件目录（办公室处理）"),
    "folder": ("系统文件夹，其中的文件不予处理", "如有报送材料，请移出后放入收件目录（办公室处理）"),
    "closed": ("文件夹无法读取，其中的文件没有收下", "请检查文件夹权限或磁盘（管理员处理）"),
    "special": ("不是普通文件（链接、管道等），不予处理", "如是报送材料，请把文件本身放入收件目录（办公室处理）"),
}


def ledger_now(settings: Settings) -> list[Arrival]:
    """The ledger, and what lies in the inbox but is not in it yet; takes nothing in and needs no lock."""
    database = settings.var / "zicha.db"
    if not database.is_file():
        return _lying_there(settings, {}, set())
    store = Store(database)
    try:
        return ledger_of(store, settings)
    finally:
        store.close()


def ledger_of(store: Store, settings: Settings) -> list[Arrival]:
    """`ledger_now`, of a database that is open."""
    ledger, taken = store.arrivals(), store.taken()
    ledger += unentered(live(store.entries()), {a.place for a in ledger})
    known = {a.place for a in ledger if not a.sha256}
    return ledger + _lying_there(settings, taken, known)


def _lying_there(settings: Settings, taken: Mapping[str, tuple[int, int]], known: Collection[str]) -> list[Arrival]:
    """What lies in the inbox and is not in the ledger; nothing where it cannot be looked into."""
    try:
        listing, besides = survey(settings.inbox)
    except OSError:
        return []
    fresh = [s for s in listing if taken.get(s.place) != (s.size, s.mtime_ns) and s.place not in known]
    return [_just_there(s) for s in fresh] + [_passed_over(p) for p in besides]


def _just_there(seen: Seen) -> Arrival:
    name = seen.place.rsplit("/", 1)[-1]
    return Arrival(seen.place, None, name, "file", "", seen.size, 0, "waiting", "刚到收件目录，等待传完后处理", "")


def _passed_over(found: PassedOver) -> Arrival:
    name = found.place.rsplit("/", 1)[-1]
    state = "quarantined" if found.why == "closed" else "not_needed"
    return Arrival(found.place, None, name, "file", "", found.size, 0, state, *PASSED_OVER[found.why])
