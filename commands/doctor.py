"""The command that examines an installation: doctor."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from commands.arguments import command, json_option
from commands.common import home_of

if TYPE_CHECKING:
    from ingest.doctor import Check

SIGNS = {"ok": "✓", "warning": "!", "error": "✗"}


def add(commands: Any) -> None:
    """Its arguments."""
    json_option(command(commands, "doctor", doctor, "检查安装和工作目录是否一切正常，逐项说明由谁处理", "zicha doctor --home /srv/zicha"))


def doctor(options: argparse.Namespace) -> int:
    """Examine everything, and tell line by line; 1 if something does not run."""
    found: list[Check] = []
    for check in _examined(options):
        found.append(check)
        if not options.json:
            print(f"{SIGNS[check.state]} {check.title}：{check.told}" + (f"（{check.move}）" if check.move else ""), flush=True)
    wrong, odd = (sum(c.state == state for c in found) for state in ("error", "warning"))
    if options.json:
        told = {"home": str(home_of(options).resolve()), "ok": not wrong, "checks": [asdict(c) for c in found]}
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        sums = [f"{count}项{word}" for count, word in ((wrong, "不正常"), (odd, "请留意")) if count]
        print(f"共{len(found)}项，{'，'.join(sums) or '均正常'}")
    return 1 if wrong else 0


def _examined(options: argparse.Namespace) -> Iterator[Check]:
    """Wrong settings or rules are a line of their own; the rest is examined all the same, by the defaults."""
    from ingest.doctor import ADMIN, BAD, OK, Check, examine
    from ingest.doctor_tools import examine_tools
    from ingest.rules import load_rules
    from ingest.settings import Settings, SettingsError, load_settings
    from scoring.rubric import RubricError

    try:
        settings = load_settings(home_of(options))
        rules = load_rules(settings)
        yield Check("settings", "设置和细则", OK, f"{rules.rubric.title}，名单{len(rules.roster.units)}个单位")
    except SettingsError as error:
        settings = Settings(home=home_of(options).resolve())
        yield Check("settings", "设置和细则", BAD, str(error), ADMIN)
    except RubricError as error:
        yield Check("settings", "设置和细则", BAD, str(error), ADMIN)
    yield from examine(settings, now=datetime.now().astimezone())
    yield from examine_tools(settings)
