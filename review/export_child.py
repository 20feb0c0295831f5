"""The process that writes tables or letters, so that no page waits for it: one JSON line for every step, the last one with the outcome."""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

from ingest.exports import TABLES, write_letters, write_tables
from ingest.files import reason
from ingest.rules import load_rules
from ingest.settings import load_settings
from ingest.store import MACHINE, Store
from templates.letters_words import Occasion


def main() -> None:
    """`HOME KIND DATE UNTIL`; the dates may be empty."""
    os.umask(0o077)
    home, kind, dated, until = sys.argv[-4:]
    try:
        tell(**export(Path(home), kind, dated, until))
    except (ValueError, *MACHINE) as error:
        tell(error=str(error) if isinstance(error, ValueError) else reason(error))


def export(home: Path, kind: str, dated: str, until: str) -> dict[str, Any]:
    """Write them; returns what became of the files."""
    settings = load_settings(home)
    rules, store = load_rules(settings), Store(settings.var / "zicha.db")
    try:
        if kind == TABLES:
            written = write_tables(settings, rules, store)
        else:
            occasion = Occasion(date.fromisoformat(dated) if dated else None, date.fromisoformat(until) if until else None)
            written = write_letters(settings, rules, store, occasion, say=step)
    finally:
        store.close()
    return {"files": len(written.files), "left": list(written.left), "held": list(written.held)}


def step(text: str) -> None:
    """[3/53] 集贤县 -> one line for the page."""
    found = re.match(r"\[(\d+)/(\d+)\]\s*(.*)", text)
    if found:
        tell(done=int(found[1]) - 1, of=int(found[2]), at=found[3])


def tell(**values: Any) -> None:
    """One line to whoever started this."""
    print(json.dumps(values), flush=True)
