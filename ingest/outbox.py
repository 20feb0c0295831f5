"""Results and what people decided -> files in the outbox: a worksheet as HTML and JSON for each unit, and the board."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import templates
from ingest.casework import Result, Sheet, as_json
from ingest.files import write_if_changed
from ingest.rules import Rules
from ingest.store import Arrival, Kept, Store
from ingest.uploads import readable
from scoring.conclude import conclude
from scoring.deadlines import deadlines_of
from scoring.journal import live

BOARD = "看板.html"
log = logging.getLogger("zicha")


def publish(outbox: Path, results: Sequence[Result], rules: Rules, store: Store, *, inbox: str) -> int:
    """Make the outbox show these results and what people decided: what changed is written, what is no longer true is removed.

    Returns how many files changed.
    """
    rubric = templates.plain_rubric(rules.rubric)
    stems = _stems(results, rules)
    with store.publishing():
        decided = live(store.entries())
        sheets = {stem: conclude(r.sheet, rules.rubric, decided if _owner(r) else ()) for stem, r in stems.items()}
        rows = {stem: _row(stem, r, sheets[stem], rubric) for stem, r in stems.items()}
        store.keep_results(Kept(stem, _owner(r), r.cases[0].place, r.sheet, rows[stem]) for stem, r in stems.items())
        pages = {name: text for stem in stems for name, text in _worksheet(stem, sheets[stem], rubric).items()}
        pages |= _board(rules, rubric, store, inbox)
        store.own(pages)
        changed = _write(outbox, pages)
        stale = {name for name in store.outputs() if "/" not in name} - set(pages)  # those below a folder are not ours to judge
        for name in stale:
            (outbox / name).unlink(missing_ok=True)
        store.disown(stale)
    return changed + len(stale)


def republish(outbox: Path, units: Iterable[str], rules: Rules, store: Store, *, inbox: str) -> dict[str, Sheet]:
    """Make the outbox show what people decided about these units; nothing is judged again.

    Returns unit -> the worksheet as it stands now, for those of which there is one.
    """
    rubric = templates.plain_rubric(rules.rubric)
    found: dict[str, Sheet] = {}
    with store.publishing():
        pages: dict[str, str] = {}
        for unit in units:
            for kept in store.kept_results(unit=unit):
                sheet = conclude(kept.sheet, rules.rubric, live(store.entries(unit=unit)))
                pages |= _worksheet(kept.stem, sheet, rubric)
                store.put_board_row(kept.stem, templates.board_row(sheet, rubric, f"{kept.stem}.html"))
                found[unit] = sheet
        if pages or store.outputs():
            _write(outbox, pages | _board(rules, rubric, store, inbox))
    return found


def is_whole(outbox: Path, store: Store) -> bool:
    """Whether every worksheet that was published is still there; someone may have removed them, or a disk is not mounted."""
    try:
        there = {p.name for p in outbox.iterdir()}
    except OSError:
        there = set()
    return all(name in there for name in store.outputs() if "/" not in name)


def concluded(rules: Rules, store: Store) -> dict[str, Sheet]:
    """Unit -> worksheet as it goes out, of every unit from which something was judged; in the order of the outbox."""
    decided = live(store.entries())
    return {k.unit: conclude(k.sheet, rules.rubric, decided) for k in store.kept_results() if k.unit}


def _write(outbox: Path, pages: Mapping[str, str]) -> int:
    return sum(write_if_changed(outbox / name, text.encode("utf-8", "replace")) for name, text in pages.items())


def _worksheet(stem: str, sheet: Sheet, rubric: dict[str, Any]) -> dict[str, str]:
    """Name -> text of a worksheet's files."""
    page = _page(f"{stem}.html", {"worksheet": sheet, "back": BOARD}, rubric)
    return {f"{stem}.json": as_json(sheet)} | ({f"{stem}.html": page} if page is not None else {})


def _board(rules: Rules, rubric: dict[str, Any], store: Store, inbox: str) -> dict[str, str]:
    deadlines = {unit: moment.isoformat() for unit, moment in deadlines_of(live(store.entries()), rules.rubric).items()}
    page = _page(BOARD, {"board": board(store.board_rows(), rules, store.arrivals(), inbox, deadlines)}, rubric)
    return {BOARD: page} if page is not None else {}


def _page(name: str, values: dict[str, Any], rubric: dict[str, Any]) -> str | None:
    """A page, or nothing where its template fails: the JSON and the other pages are still written."""
    template = "board.html" if name == BOARD else "worksheet.html"
    try:
        return templates.render(template, rubric=rubric, version=program(), **values)
    except Exception:  # a fault of ours in one page must not stop the rest
        log.exception("no page from %s", template)
        return None


def board(
    rows: Sequence[tuple[str, str | None, dict[str, Any]]],
    rules: Rules,
    ledger: Sequence[Arrival],
    inbox: str,
    deadlines: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """The board's values: a row for every unit of the roster, the mails that wait or nobody could assign, the sum of the ledger.

    `deadlines`: unit -> ISO 8601, where one was extended.
    """
    known = {unit: row for _, unit, row in rows if unit}
    groups: dict[str, list[dict[str, Any]]] = {}
    for unit in rules.roster.units:
        row = known.get(unit.name) or templates.absent_row(unit.name)
        groups.setdefault(unit.group, []).append({**row, "deadline": deadlines.get(unit.name)})
    others = [row for _, unit, row in rows if not unit]
    return {
        "groups": [{"group": g, "rows": rows} for g, rows in groups.items()],
        "waiting": [row for row in others if row.get("next_step")],
        "unassigned": [row for row in others if not row.get("next_step")],
        "arrivals": summary(ledger),
        "inbox": inbox,
        "generated_from": f"依据收件目录中的{len(ledger)}件来件生成",
    }


def summary(ledger: Sequence[Arrival]) -> dict[str, Any]:
    """The ledger as `status --json` prints it; the states add up to what arrived."""
    states: dict[str, int] = dict.fromkeys(("waiting", "used", "duplicate", "superseded", "not_needed", "quarantined"), 0)
    for a in ledger:
        states[a.state] += 1
    rows = [
        {"name": a.name, "parent": a.parent, "state": a.state, "cause": a.cause, "next_step": a.next_step, "place": a.place} for a in ledger
    ]
    return {"arrived": len(ledger), "states": states, "arrivals": rows}


def program() -> str:
    """The program's version."""
    try:
        return version("zicha")
    except PackageNotFoundError:
        return "0.1.0"


def _owner(result: Result) -> str | None:
    """The unit whose worksheet it is; what waits is nobody's yet."""
    return result.unit if result.kind == "dossier" else None


def _stems(results: Sequence[Result], rules: Rules) -> dict[str, Result]:
    """Name of its files -> result; what was refused has none."""
    numbers = {u.name: k for k, u in enumerate(rules.roster.units, 1)}
    named: dict[str, Result] = {}
    for r in results:
        if r.kind == "waiting":
            named[f"00-等待-{r.unit}-{r.cases[0].id[:8]}-工作单"] = r
        elif r.kind == "dossier" and r.unit:
            named[f"{numbers.get(r.unit, 0):02d}-{r.unit}-工作单"] = r
        elif r.kind == "dossier":
            stem = f"00-未识别单位-{r.cases[0].id[:8]}"
            twins = sum(k.startswith(stem) for k in named)
            named[f"{stem}-{twins + 1}-工作单" if twins else f"{stem}-工作单"] = r
    return dict(sorted(named.items()))


def _row(stem: str, result: Result, sheet: Sheet, rubric: dict[str, Any]) -> dict[str, Any]:
    """The board's row of a worksheet; of a mail that is nobody's yet what its list of such mails shows."""
    if _owner(result):
        return templates.board_row(sheet, rubric, f"{stem}.html")
    submission = sheet["submission"]
    row = {
        "name": readable(result.cases[0].place),
        "sender": submission.get("sender") or "",
        "subject": submission.get("subject") or "",
        "received_at": submission["received_at"],
        "cause": result.cause or "无法确定是哪个单位报送的",
        "link": f"{stem}.html",
    }
    return {**row, "unit": result.unit, "next_step": result.next_step} if result.kind == "waiting" else row
