"""The commands that work on what arrives: watch, once, process, status, rebuild."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.arguments import command, json_option
from commands.common import at_work, fail, home_of, inhabited, loaded, printable, progress, say
from commands.exporting import say_left
from commands.web import web_options

if TYPE_CHECKING:
    from ingest.service import Service
    from ingest.settings import Settings
    from ingest.store import Arrival

STOP_SECONDS = 20.0
"""The longest time from being asked to end until the end; systemd waits longer than that."""


def add(commands: Any) -> None:
    """Their arguments."""
    web_options(command(commands, "watch", watch, "持续看守收件目录，来件随到随处理，并打开网页", "zicha watch --home /srv/zicha"))
    command(commands, "once", once, "处理收件目录中现有的来件，处理完即结束", "zicha once --home /srv/zicha")
    one = command(commands, "process", process, "一次性读取邮件或文件，打印工作单，不改动任何目录", "zicha process 来信.eml --json")
    one.add_argument("paths", nargs="+", type=Path, metavar="路径", help="邮件（.eml）、报告、目录清单或文件夹")
    json_option(one)
    json_option(command(commands, "status", status, "列出收到的每一件及其去向", "zicha status --json"))
    command(commands, "rebuild", rebuild, "由存档重新生成全部工作单、看板和已出具的表格通知", "zicha rebuild")


def process(options: argparse.Namespace) -> int:
    """Read paths, print worksheets."""
    from ingest.casework import as_json
    from ingest.oneshot import UnreadablePath, process

    settings, rules = loaded(options)
    try:
        results = process(options.paths, settings, rules, say=progress())
    except UnreadablePath as error:
        return fail(2, error)
    sheets = [r.sheet for r in results]
    if options.json:
        sys.stdout.write(as_json(sheets[0]) if len(sheets) == 1 else json.dumps(sheets, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write("\n".join(_summary(s) for s in sheets))
    return 0


def once(options: argparse.Namespace) -> int:
    """Take in and judge what lies in the inbox, then end."""
    from ingest.watch import once

    return _serve(options, once, stopped=130)


def watch(options: argparse.Namespace) -> int:
    """Keep doing it until asked to stop."""
    from ingest.watch import watch
    from review.serve import pages_beside

    settings, _ = loaded(options)
    port = settings.port if options.port is None else options.port

    def loop(service: Service) -> None:
        with pages_beside(replace(settings, host=options.host or settings.host, port=port)):
            watch(service)

    return _serve(options, loop, stopped=0)


def _serve(options: argparse.Namespace, loop: Callable[[Service], None], *, stopped: int) -> int:
    """Run a loop until it ends (0) or a signal ends it (`stopped`)."""
    settings, rules = loaded(options)
    if not settings.inbox.is_dir():
        return fail(1, f"收件目录不存在：{settings.inbox}；请先建立，或用 --home 指定工作目录")

    def work(service: Service) -> int:
        _end_on_signals(service, stopped)
        loop(service)
        if service.stop.is_set():
            say("已停止；未处理完的来件下次继续")
            return stopped
        say(_outcome(service.store.arrivals(), settings))
        return 0

    return at_work(settings, rules, work)


def _end_on_signals(service: Service, code: int) -> None:
    """SIGTERM or SIGINT: give up what is being read, finish what is being written, end; in STOP_SECONDS at the latest.

    In threads of their own, for a signal may come while this very thread holds a lock. To end hard is safe: so is a kill.
    """

    def end(*_: object) -> None:
        bound = threading.Timer(STOP_SECONDS, os._exit, (code,))
        bound.daemon = True
        bound.start()
        threading.Thread(target=service.halt, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


def rebuild(options: argparse.Namespace) -> int:
    """Make everything derived again from the archive and the ledger, and write again what was written on command."""
    from ingest.exports import write_again

    settings, rules = loaded(options)
    inhabited(settings)

    def work(service: Service) -> int:
        service.store.forget_derived()
        service.judge()
        for written in write_again(settings, rules, service.store):
            say_left(written)
        say(_outcome(service.store.arrivals(), settings))
        return 0

    return at_work(settings, rules, work)


def status(options: argparse.Namespace) -> int:
    """What arrived and what became of it."""
    from ingest.ledger import ledger_now
    from ingest.outbox import summary
    from ingest.settings import load_settings
    from templates.wording import FILE_STATES

    settings = load_settings(home_of(options))
    inhabited(settings)
    found = summary(ledger_now(settings))
    if not settings.inbox.is_dir():
        say(f"收件目录 {settings.inbox} 不在或没有挂载，以下只是已收到的（管理员处理）")
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    print(f"共收到{found['arrived']}件：" + "，".join(f"{FILE_STATES[k]}{n}" for k, n in found["states"].items() if n))
    for a in found["arrivals"]:
        where = f"（{a['parent']}）" if a["parent"] else ""
        print(printable(f"  {FILE_STATES[a['state']]}　{a['name']}{where}" + "".join(f"——{t}" for t in (a["cause"], a["next_step"]) if t)))
    return 0


def _outcome(ledger: Sequence[Arrival], settings: Settings) -> str:
    """The sentence a run ends with."""
    from collections import Counter

    from templates.wording import FILE_STATES

    states = Counter(a.state for a in ledger)
    parts = "，".join(f"{FILE_STATES[s]}{states[s]}" for s in FILE_STATES if states[s])
    return f"处理完毕：共{len(ledger)}件（{parts or '收件目录中没有来件'}）；结果在 {settings.outbox}"


def _summary(sheet: dict[str, Any]) -> str:
    """A worksheet in a few lines, gaps first."""
    submission, gaps = sheet["submission"], sheet["gaps"]
    late = {True: "（迟报）", False: "", None: ""}[submission["late"]]
    lines = [f"单位：{sheet['unit']['name'] or '未能识别'}", f"收到：{submission['received_at'] or '不详'}{late}", f"缺口：{len(gaps)}处"]
    lines += [f"  · {g['message']}" for g in gaps]
    lines += [f"文件：{f['name']}" + "".join(f"——{p}" for p in f["problems"]) for f in submission["files"]]
    return "\n".join(lines) + "\n"
