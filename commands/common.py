"""What the commands share: the home folder they work in, one line to the person, one exit code for a failure."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from ingest.actions import Actions
    from ingest.rules import Rules
    from ingest.service import Service
    from ingest.settings import Settings


def loaded(options: argparse.Namespace) -> tuple[Settings, Rules]:
    """Settings and rules of the home folder that the command works in; raises SettingsError, RubricError."""
    from ingest.rules import load_rules
    from ingest.settings import load_settings

    settings = load_settings(home_of(options))
    return settings, load_rules(settings)


def acting(options: argparse.Namespace) -> AbstractContextManager[Actions]:
    """What people may do in that home folder, with its database open as long as the context lasts."""
    from ingest import actions

    settings, rules = loaded(options)
    inhabited(settings)
    return actions.acting(settings, rules, say=say)


def inhabited(settings: Settings) -> None:
    """Refuse a folder that is no home folder: a mistyped one would get a database of its own, with decisions that nobody finds again."""
    from ingest.settings import SettingsError

    if not settings.inbox.is_dir() and not (settings.var / "zicha.db").is_file():
        where = f"请用 --home 指定工作目录，或先建立 {settings.inbox}"
        raise SettingsError(f"{settings.home} 不是工作目录：既没有收件目录，也没有处理记录；{where}")


def home_of(options: argparse.Namespace) -> Path:
    """The home folder: --home, else ZICHA_HOME, else the current folder."""
    return Path(options.home or os.environ.get("ZICHA_HOME") or ".")


def as_owner(options: argparse.Namespace) -> None:
    """Where root works in a home folder that belongs to another account, become that account, for good.

    What root writes there the service could not replace, and what strangers sent is not for root to open. Raises SettingsError where
    that is refused, or the account cannot read the program.
    """
    home = home_of(options)
    if os.geteuid() != 0 or not home.is_dir():
        return
    owner, group = home.stat().st_uid, home.stat().st_gid
    if owner == 0:
        return
    import pwd

    from ingest.settings import SettingsError

    known = None
    with contextlib.suppress(KeyError):  # an account need not have a name
        known = pwd.getpwuid(owner)
    account = known.pw_name if known else owner
    try:
        os.setgroups(os.getgrouplist(known.pw_name, group) if known else [group])
        os.setgid(group)
        os.setuid(owner)
    except OSError as error:
        raise SettingsError(f"{home} 归{account}所有，须以其身份运行：{error.strerror}") from None
    needed = (Path(__file__).parent, Path(os.__file__).parent, Path(argparse.__file__), Path(sys.executable))
    closed = next((p for p in needed if not os.access(p, os.R_OK)), None)
    if closed is not None:
        where = "请把程序和 Python 装到人人可读的位置，见 docs/operations.md（管理员处理）"
        raise SettingsError(f"{home} 归{account}所有，须以其身份运行，而其无权读取 {closed}；{where}")
    os.environ["HOME"] = known.pw_dir if known else str(home.resolve())


def fail(code: int, error: object) -> int:
    """Say in one line what is wrong; returns the exit code."""
    say(" ".join(str(error).split("\n")))
    return code


def failure(error: Exception) -> str:
    """What no command reckons with, in one sentence."""
    from ingest.store import failure

    return failure(error)


def at_work(settings: Settings, rules: Rules, work: Callable[[Service], int]) -> int:
    """Let it work with the home folder to itself."""
    from ingest.scratch import scratch
    from ingest.service import Busy, Service

    try:
        with Service(settings, rules, say=say) as service, scratch(settings.var / "tmp" / "service"):
            try:
                return work(service)
            except Exception:
                logging.getLogger("zicha").exception("broke off")
                raise
    except Busy as error:
        return fail(1, error)


def say(line: str) -> None:
    """One line to the person who runs the command; nobody may be there to read it any more, which is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        print(printable(line), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """Text for a terminal: line breaks and control characters of a file's name spelled out, what cannot be encoded as well."""
    return "".join(c if c.isprintable() or c == "\u3000" else f"\\x{ord(c):02x}" for c in text)


def progress() -> Callable[[str], None]:
    """Where a command that prints its result says how far it is: to a person at a terminal, to nobody else."""
    return say if sys.stderr.isatty() else lambda _: None
