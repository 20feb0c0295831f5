"""What goes out on command: tables and letters into folders of the outbox, remembered so that they can be made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ingest.files import sha256_of, write_if_changed
from ingest.outbox import concluded, program
from ingest.receipts import receipts
from ingest.rules import Rules
from ingest.settings import Settings
from ingest.store import Store
from scoring.conclude import conclude
from scoring.deadlines import deadlines_of
from scoring.journal import live
from scoring.paper import is_kept, open_paper
from scoring.roster import RosterUnit
from scoring.rubric import RubricError
from scoring.totals import standings
from templates.letters import asks, needs_reminder, reminder_list, unit_letters
from templates.letters_receipt import receipt
from templates.letters_texts import FILE, Texts, load_texts
from templates.letters_words import Occasion
from templates.tables import season_files
from templates.tables_rows import Season

TABLES, LETTERS = "tables", "letters"
"""Kinds of export, and the folders of the outbox they go to."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an export's files, by name."""

    folder: Path
    files: tuple[str, ...]
    """As they should stand there."""
    left: tuple[str, ...]
    """Left as they are, because a person changed them after they were written."""
    held: tuple[str, ...] = ()
    """Units that get no 补正通知 or 催报 yet, each with what has to be decided first, as a sentence."""


def write_tables(settings: Settings, rules: Rules, store: Store) -> Written:
    """The season as tables."""
    return _write(settings, store, TABLES, {}, _tables(rules, store))


def write_letters(
    settings: Settings, rules: Rules, store: Store, occasion: Occasion, *, say: Callable[[str], None] = lambda _: None
) -> Written:
    """All letters and drafts; `say` hears how far it is."""
    wishes = {key: day.isoformat() for key, day in (("date", occasion.dated), ("until", occasion.until)) if day}
    files, held = _letters(rules, store, own_texts(settings), occasion, say)
    return replace(_write(settings, store, LETTERS, wishes, files), held=held)


def write_again(settings: Settings, rules: Rules, store: Store) -> tuple[Written, ...]:
    """Everything that was ever written on command, as it was asked for last, from what is known now."""
    found: list[Written] = []
    known = store.exported()
    if TABLES in known:
        found.append(write_tables(settings, rules, store))
    if LETTERS in known:
        found.append(write_letters(settings, rules, store, _occasion(known[LETTERS][0])))
    return tuple(found)


def own_texts(settings: Settings) -> Texts:
    """The words of letters, the home folder's own first; raises RubricError."""
    path = settings.home / FILE
    try:
        return load_texts(path.read_text("utf-8-sig"), file=str(path))
    except FileNotFoundError:
        return load_texts()
    except (OSError, UnicodeDecodeError) as error:
        raise RubricError(str(path), "文件", f"无法读取，须为 UTF-8 文本（{error}）") from error


def _occasion(wishes: Mapping[str, str]) -> Occasion:
    dated, until = (date.fromisoformat(wishes[key]) if key in wishes else None for key in ("date", "until"))
    return Occasion(dated, until)


def _tables(rules: Rules, store: Store) -> dict[str, bytes]:
    decided = live(store.entries())
    unknown = [conclude(k.sheet, rules.rubric, decided) for k in store.kept_results() if k.sheet["unit"]["name"] is None]
    return season_files(_season(rules, store), version=program(), unassigned=unknown)


def _season(rules: Rules, store: Store) -> Season:
    sheets = concluded(rules, store)
    return Season(standings(sheets, rules.rubric, rules.roster, weight=rules.rubric.weight), sheets, rules.rubric)


def _letters(
    rules: Rules, store: Store, texts: Texts, occasion: Occasion, say: Callable[[str], None]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    season, rubric, decided = _season(rules, store), rules.rubric, live(store.entries())
    deadlines = deadlines_of(decided, rubric)
    on_paper = is_kept(decided)  # an office that does not record it cannot know what has not come
    found: dict[str, bytes] = {}
    silent, held = [], []
    waiting = {k.sheet["unit"]["name"] for k in store.kept_results() if "waiting" in k.sheet}
    for standing, unit in zip(season.standings, rules.roster.units, strict=True):
        sheet = season.sheets.get(unit.name)
        if sheet is not None and on_paper:
            sheet = {**sheet, "paper_due": open_paper(sheet, rubric)}
        first = _to_decide(sheet, unit.name in waiting) if asks(sheet, standing) else ""
        for_it = replace(occasion, deadline=deadlines.get(unit.name))
        say(f"[{standing.order}/{len(season.standings)}] {unit.name}")
        found |= unit_letters(_stem(standing.order, unit), sheet, unit, rubric, standing, texts, for_it, ask=not first)
        if first:
            held.append(f"{unit.name}：{first}")
        elif needs_reminder(sheet, standing):
            silent.append((standing, unit, sheet))
    if silent:
        found["催报名单.xlsx"] = reminder_list(silent, rubric, texts, program())
    return found | _receipts(rules, store, texts), tuple(held)


def _to_decide(sheet: Mapping[str, Any] | None, waits: bool) -> str:
    """What a person has to decide before the unit is asked for anything: a unit is told once and for all, and of nothing that is here."""
    if waits:
        return "有来件等待决定采用与否"
    if sheet is not None and any(g["kind"] == "catalog_of_other_unit" for g in sheet["gaps"]):
        return "目录清单写的是另一单位，待核实是否误附"
    return ""


def _receipts(rules: Rules, store: Store, texts: Texts) -> dict[str, bytes]:
    deadlines = deadlines_of(live(store.entries()), rules.rubric)
    orders = {u.name: (n, u) for n, u in enumerate(rules.roster.units, 1)}
    counts: dict[str | None, int] = {}
    found: dict[str, bytes] = {}
    for r in receipts(store.submissions(), store.arrivals(), store.kept_results(), rules.rubric, deadlines):
        counts[r.unit] = counts.get(r.unit, 0) + 1
        order, unit = orders.get(r.unit or "", (0, None))
        name = f"{_stem(order, unit)}-回执-{counts[r.unit]}.eml" if unit else f"00-未识别单位-{r.digest[:8]}-回执.eml"
        found[name] = receipt(r.mail, unit, rules.rubric, texts)
    return found


def _stem(order: int, unit: RosterUnit) -> str:
    return f"{order:02d}-{unit.name}".replace("/", "／")


def _write(settings: Settings, store: Store, kind: str, wishes: Mapping[str, str], files: Mapping[str, bytes]) -> Written:
    """Write what is new, remove what is no longer true, leave what a person changed."""
    folder = settings.outbox / kind
    new = {name: sha256_of(data) for name, data in files.items()}
    with store.publishing():
        before = store.exported().get(kind, ({}, {}))[1]
        left = [name for name, sha in new.items() if _changed(folder / name, sha, before.get(name, ""))]
        # Both hashes until all is written: after a crash in between neither is taken for a person's work.
        store.note_export(kind, wishes, {name: f"{before.get(name, '')} {sha}".strip() for name, sha in {**before, **new}.items()})
        store.own(f"{kind}/{name}" for name in new)
        _remove(folder, {name: shas for name, shas in before.items() if name not in new}, store, kind)
        for name, data in files.items():
            if name not in left:
                write_if_changed(folder / name, data)
        store.note_export(kind, wishes, {name: before.get(name, "") if name in left else sha for name, sha in new.items()})
    return Written(folder, tuple(new), tuple(left))


def _remove(folder: Path, gone: Mapping[str, str], store: Store, kind: str) -> None:
    for name, shas in gone.items():
        if not _changed(folder / name, "", shas):
            (folder / name).unlink(missing_ok=True)
    store.disown(f"{kind}/{name}" for name in gone)


def _changed(path: Path, new: str, ours: str) -> bool:
    """Whether something stands there that is neither what is to be written nor what was written last."""
    try:
        there = sha256_of(path.read_bytes())
    except FileNotFoundError:
        return False
    return there != new and there not in ours.split()
