"""The commands about what arrived: retry, password."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from commands.arguments import by_whom, command
from commands.common import acting, fail, printable


def add(commands: Any) -> None:
    """Their arguments."""
    one = command(commands, "retry", retry, "重新读取未能处理的来件", "zicha retry 附件1.docx --by 张三")
    one.add_argument("places", nargs="*", metavar="来件", help="文件、邮件的名称或校验值的开头几位；不写则重试全部，多次中断而放弃的除外")
    by_whom(one, "--reason", "理由")
    example = "zicha password 附件1.docx --password-stdin --by 张三"
    one = command(commands, "password", password, "用密码打开一个文件；密码用一次即弃", example)
    one.add_argument("file", metavar="文件", help="文件名称，或其校验值的开头几位")
    one.add_argument("--password-stdin", action="store_true", required=True, help="从标准输入读取密码（一行）")
    by_whom(one, "--reason", "理由")


def retry(options: argparse.Namespace) -> int:
    """Have what could not be dealt with read again, and say what became of it."""
    with acting(options) as actions:
        wanted = {(a.place, a.sha256) for a in actions.retry(options.places, by=options.by, reason=options.reason)}
        _say_states(a for a in actions.store.arrivals() if (a.place, a.sha256) in wanted)
    return 0


def password(options: argparse.Namespace) -> int:
    """Open a file with the password that stands on the standard input."""
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        return fail(2, "标准输入中没有密码")
    with acting(options) as actions:
        found = actions.password(options.file, given, by=options.by, reason=options.reason)
        _say_states(a for a in actions.store.arrivals() if a.sha256 == found.sha256)
    return 0


def _say_states(arrivals: Any) -> None:
    """One line for each: what became of it, why, whose move it is."""
    from templates.wording import FILE_STATES

    for a in arrivals:
        told = "；".join(t for t in (a.cause, a.next_step) if t)
        print(printable(f"{a.name}（{a.place}）：{FILE_STATES[a.state]}" + (f"——{told}" if told else "")))
