"""Results -> files in the outbox: a worksheet as HTML and JSON for each unit, and the board."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import templates
from ingest.casework import Result, as_json
from ingest.files import write_if_changed
from ingest.rules import Rules
from ingest.store import Arrival, Store

BOARD = "看板.html"
log = logging.getLogger("zicha")


def publish(outbox: Path, results: Sequence[Result], rules: Rules, store: Store, *, inbox: str) -> int:
    """Make the outbox show these results: what changed is written, what is no longer true is removed.

    Returns how many files changed.
    """
    rubric = templates.plain_rubric(rules.rubric)
    stems = _stems(results, rules)
    pages = {f"{stem}.json": as_json(r.sheet) for stem, r in stems.items()}
    values: dict[str, dict[str, Any]] = {f"{stem}.html": {"worksheet": r.sheet, "back": BOARD} for stem, r in stems.items()}
    values[BOARD] = {"board": board(stems, rules, rubric, store.arrivals(), inbox)}
    pages |= {name: text for name, v in values.items() if (text := _page(name, v, rubric)) is not None}
    store.own(pages)
    changed = sum(write_if_changed(outbox / name, text.encode("utf-8", "replace")) for name, text in pages.items())
    stale = {name for name in store.outputs() if "/" not in name} - set(pages)  # what lies in folders was written on command
    for name in stale:
        (outbox / name).unlink(missing_ok=True)
    store.disown(stale)
    return changed + len(stale)


def _page(name: str, values: dict[str, Any], rubric: dict[str, Any]) -> str | None:
    """A page, or nothing where its template fails: the JSON and the other pages are still written."""
    template = "board.html" if name == BOARD else "worksheet.html"
    try:
        return templates.render(template, rubric=rubric, version=program(), **values)
    except Exception:  # a fault of ours in one page must not stop the rest
        log.exception("no page from %s", template)
        return None


def board(stems: dict[str, Result], rules: Rules, rubric: dict[str, Any], ledger: Sequence[Arrival], inbox: str) -> dict[str, Any]:
    """The board's values: a row for every unit of the roster, the mails nobody could assign, the sum of the ledger."""
    known = {r.unit: (stem, r) for stem, r in stems.items() if r.unit}
    groups: dict[str, list[dict[str, Any]]] = {}
    for unit in rules.roster.units:
        found = known.get(unit.name)
        row = templates.board_row(found[1].sheet, rubric, f"{found[0]}.html") if found else templates.absent_row(unit.name)
        groups.setdefault(unit.group, []).append(row)
    return {
        "groups": [{"group": g, "rows": rows} for g, rows in groups.items()],
        "unassigned": [_unassigned(stem, r) for stem, r in stems.items() if not r.unit],
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


def _stems(results: Sequence[Result], rules: Rules) -> dict[str, Result]:
    numbers = {u.name: k for k, u in enumerate(rules.roster.units, 1)}
    named = {f"{numbers.get(r.unit, 0):02d}-{r.unit}-工作单": r for r in results if r.unit}
    others: dict[str, Result] = {}
    for r in results:
        if not r.unit:
            stem = f"00-未识别单位-{r.cases[0].id[:8]}"
            twins = sum(k.startswith(stem) for k in others)
            others[f"{stem}-{twins + 1}-工作单" if twins else f"{stem}-工作单"] = r
    return dict(sorted({**named, **others}.items()))


def _unassigned(stem: str, result: Result) -> dict[str, Any]:
    submission = result.sheet["submission"]
    return {
        "name": result.cases[0].place,
        "sender": submission.get("sender") or "",
        "subject": submission.get("subject") or "",
        "received_at": submission["received_at"],
        "cause": "无法确定是哪个单位报送的",
        "link": f"{stem}.html",
    }
