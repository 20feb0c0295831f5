"""The commands that write tables and letters: export, letters."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from commands.arguments import command, day
from commands.common import fail, loaded, progress, say

if TYPE_CHECKING:
    from ingest.exports import Written
    from ingest.rules import Rules
    from ingest.settings import Settings
    from ingest.store import Store


def add(commands: Any) -> None:
    """Their arguments."""
    command(commands, "export", export, "汇总成表格（XLSX、CSV、JSON），写入 outbox/tables", "zicha export")
    one = command(commands, "letters", letters, "出具通知、催报、回执和评分表，写入 outbox/letters", "zicha letters --until 2018-01-31")
    one.add_argument("--date", type=day, metavar="日期", help="落款日期，如 2018-01-22；不写则留空待填")
    one.add_argument("--until", type=day, metavar="日期", help="补正或补报的最后一天，如 2018-01-31；不写则留空待填")


def export(options: argparse.Namespace) -> int:
    """Write the tables."""
    from ingest.exports import write_tables

    return _write_out(options, write_tables, "份表格")


def letters(options: argparse.Namespace) -> int:
    """Write letters and drafts."""
    from ingest.exports import write_letters
    from templates.letters_words import Occasion

    occasion = Occasion(options.date, options.until)

    def write(settings: Settings, rules: Rules, store: Store) -> Written:
        return write_letters(settings, rules, store, occasion, say=progress())

    return _write_out(options, write, "份通知、回执和评分表")


def _write_out(options: argparse.Namespace, write: Callable[[Settings, Rules, Store], Written], what: str) -> int:
    """Write an export from what is known now; needs no lock, for it only adds to the outbox."""
    from ingest.store import Store

    settings, rules = loaded(options)
    if not (settings.var / "zicha.db").is_file():
        return fail(1, f"{settings.home} 中还没有处理过来件；请先运行 zicha once")
    store = Store(settings.var / "zicha.db")
    try:
        written = write(settings, rules, store)
        waiting = sum(a.state == "waiting" for a in store.arrivals())
    finally:
        store.close()
    say_left(written)
    print(f"已生成{len(written.files)}{what}，在 {written.folder}" + (f"；另有{waiting}件来件等待处理，不在其中" if waiting else ""))
    return 0


def say_left(written: Written) -> None:
    """Tell what was not written, and why."""
    if written.left:
        say(f"{'、'.join(written.left)}：生成之后有人改过，未予覆盖；需要重新生成的，请先移走")
    for line in written.held:
        say(f"{line}；决定之前不出具补正和催报通知（办公室处理）")
