"""Judged submissions -> the one state of every arrival, with its cause and whose move it is (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ingest.casework import WHY, Result
from ingest.store import Arrival, Fate

NOBODY = Fate("quarantined", "无法确定是哪个单位报送的", "请办公室核对来件并指定单位（办公室处理）")
BARE = Fate("quarantined", "邮件没有附件，正文中也没有可识别的报告或目录清单", "请单位核对后重新报送（单位补报）")
UNRELATED = Fate("not_needed", "其中没有自查报告或佐证材料目录清单")
REPLACED = Fate("superseded", "同一位置的文件已被新内容替换")
FAILED = Fate("quarantined", "处理时程序出错，未能生成工作单", "请将来件和 var/zicha.log 交管理员（管理员处理）")
LOST = Fate("quarantined", "存档中的原件丢失或已损坏", "请用备份恢复，再运行 zicha rebuild（管理员处理）")
REPEATED = Fate("duplicate", WHY["duplicate"])
RANK = ("used", "waiting", "superseded", "duplicate", "quarantined", "not_needed")
"""What a mail or archive is, told by the best that is in it."""


Record = tuple[str, str, bool]
"""(state, problems, unit known) of a file in one worksheet."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A submission's results: the worksheets it went into, or none where it could not be judged."""

    number: int
    place: str
    results: tuple[Result, ...]


def fates(
    ledger: Sequence[Arrival],
    judged: Iterable[Judged],
    *,
    failed: Iterable[int] = (),
    lost: Iterable[int] = (),
    tried: Mapping[int, int] = MappingProxyType({}),
    repeated: Iterable[int] = (),
    replaced: Iterable[int] = (),
) -> dict[tuple[str, str], Fate]:
    """State of every arrival of these submissions, by (place, sha256); numbers are those of submissions.

    `lost`: those whose originals the archive no longer has.
    `tried`: how often the program failed on those that it no longer tries.
    """
    given_up = {number: replace(FAILED, cause=f"{FAILED.cause}（已试{count}次，不再自动重试）") for number, count in tried.items()}
    whole = {**dict.fromkeys(failed, FAILED), **given_up, **dict.fromkeys(lost, LOST)}
    whole |= {**dict.fromkeys(repeated, REPEATED), **dict.fromkeys(replaced, REPLACED)}
    by_number = {j.number: j for j in judged}
    rows: dict[int, list[Arrival]] = {}
    for arrival in ledger:
        rows.setdefault(arrival.submission, []).append(arrival)
    found: dict[tuple[str, str], Fate] = {}
    for number, arrivals in rows.items():
        if number in whole:
            found |= {(a.place, a.sha256): whole[number] for a in arrivals}
        elif number in by_number:
            found |= _submission(arrivals, by_number[number])
    return found


def _submission(arrivals: Sequence[Arrival], judged: Judged) -> dict[tuple[str, str], Fate]:
    records = _records(judged)
    found: dict[str, Fate] = {}
    for arrival in sorted(arrivals, key=lambda a: a.place.count("#"), reverse=True):  # what is inside first
        if arrival.kind == "file":
            found[arrival.place] = _file(records.get(arrival.place, []))
        else:
            found[arrival.place] = _container([found[a.place] for a in arrivals if a.parent == arrival.place], arrival, judged)
    return {(a.place, a.sha256): found[a.place] for a in arrivals}


def _records(judged: Judged) -> Mapping[str, list[Record]]:
    """Place -> what each worksheet that lists it says."""
    records: dict[str, list[Record]] = {}
    for result in judged.results:
        for f in result.sheet["submission"]["files"]:
            problems = f["problems"]
            if f["state"] == "waiting":  # what reading it noticed stands before why it waits
                problems = problems[-1:]
            elif f["state"] == "quarantined":  # what is odd about its name stands behind why it cannot be read
                problems = problems[:1]
            records.setdefault(f["place"], []).append((f["state"], "；".join(problems), result.unit is not None))
    return records


def _file(records: Sequence[Record]) -> Fate:
    if not records:
        return UNRELATED
    state, problems, _ = min(records, key=lambda r: RANK.index(r[0]) if r[0] in RANK else len(RANK))
    if state == "used" and not any(k for s, _, k in records if s == "used"):
        return NOBODY
    if state in ("quarantined", "waiting"):
        cause, _, step = problems.partition("；")
        return Fate(state, cause, step)
    return Fate(state, "" if state == "used" else problems)


def _container(inside: Sequence[Fate], arrival: Arrival, judged: Judged) -> Fate:
    """A mail or an archive, by what is in it; a mail may also carry a catalog in its own words."""
    sheets = [r for r in judged.results if any(c.place == judged.place for c in r.cases)]
    if (
        arrival.kind == "mail"
        and arrival.parent is None
        and any(r.unit and r.kind == "dossier" and _in_words(r, judged.place) for r in sheets)
    ):
        return Fate("used")
    waiting = next((r for r in sheets if r.kind == "waiting" and r.sheet["catalog"]), None)
    if waiting and arrival.kind == "mail" and arrival.parent is None and not any(f.state in ("used", "waiting") for f in inside):
        return Fate("waiting", waiting.cause, waiting.next_step)
    if not inside:
        return _cloud(sheets) or BARE if arrival.kind == "mail" else UNRELATED
    best = min(inside, key=lambda f: RANK.index(f.state))
    if best.state == "used":
        return Fate("used")
    if best.state == "not_needed":
        return _cloud(sheets) or UNRELATED
    return Fate(best.state, best.cause, best.next_step)


def _in_words(result: Result, place: str) -> bool:
    """Whether the worksheet's catalog stands in this mail's own words."""
    return bool(result.sources) and result.sources[-1] == place and any(row["file"] < 0 for row in result.sheet["catalog"])


def _cloud(results: Iterable[Result]) -> Fate | None:
    """The fate of a mail that only brought a link."""
    for result in results:
        for f in result.sheet["submission"]["files"]:
            if f["media_type"] == "application/x-cloud-link":
                cause, _, step = "；".join(f["problems"]).partition("；")
                return Fate("quarantined", cause, step)
    return None
