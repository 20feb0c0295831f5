"""The commands about a unit as a whole: who reviews it, approve, return and unlock it, and what of it is there on paper."""

from __future__ import annotations

import argparse
from typing import Any

from commands.arguments import by_whom, command, day
from commands.common import acting


def add(commands: Any) -> None:
    """Their arguments."""
    one = command(commands, "reviewer", reviewer, "指定由谁审核", "zicha reviewer 民政局 李四 --by 王五")
    one.add_argument("unit", metavar="单位", help="单位；all 表示全部单位")
    one.add_argument("to", metavar="审核人", help='姓名；"" 表示不再指定')
    one.add_argument("items", nargs="*", metavar="条目", help="只指定这些条目（默认全部条目）")
    by_whom(one, "--reason", "理由")
    one = command(commands, "approve", approve, "复核通过并锁定某单位（须全部确认，且由另一人复核）", "zicha approve 民政局 --by 王五")
    one.add_argument("unit", metavar="单位")
    by_whom(one, "--reason", "说明")
    one = command(commands, "return", return_, "退回某单位重新审核", "zicha return 民政局 1.1 2.3 --by 王五 --reason 目录第3项看错")
    one.add_argument("unit", metavar="单位")
    one.add_argument("items", nargs="*", metavar="条目", help="须重新审核的条目（默认整个单位）")
    by_whom(one, "--reason", "理由")
    one = command(commands, "unlock", unlock, "解除某单位的复核锁定", "zicha unlock 民政局 --by 王五 --reason 单位补报")
    one.add_argument("unit", metavar="单位")
    by_whom(one, "--reason", "理由")
    _paper(command(commands, "paper", paper, "登记纸质材料", "zicha paper 民政局 received 2018-01-19 --by 赵六"))


def _paper(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", metavar="单位")
    kinds = parser.add_subparsers(title="登记", metavar="登记", required=True, dest="what")
    one = command(kinds, "received", paper, "纸质材料已收到", "zicha paper 民政局 received 2018-01-19 --by 赵六")
    one.add_argument("day", type=day, metavar="日期", help="收到的日期，如 2018-01-19")
    by_whom(one, "--reason", "说明")
    for name, what in (("missing", "纸质材料未收到"), ("stamped", "目录清单首页已盖章"), ("unstamped", "目录清单首页未盖章")):
        by_whom(command(kinds, name, paper, what, f"zicha paper 民政局 {name} --by 赵六"), "--reason", "说明")
    for name, what in (("checked", "这些材料原件已核"), ("unchecked", "这些材料原件未核")):
        one = command(kinds, name, paper, what, f"zicha paper 民政局 {name} c3 --by 赵六")
        one.add_argument("rows", nargs="+", metavar="目录项", help="编号（c5）、所印序号或题名中几个字")
        by_whom(one, "--reason", "说明")


def reviewer(options: argparse.Namespace) -> int:
    """Say who reviews a unit, or items of it."""
    with acting(options) as actions:
        unit = None if options.unit == "all" else actions.unit(options.unit)
        actions.reviewer(unit, options.items, options.to, by=options.by)
    what = "、".join(options.items) or "全部条目"
    who = f"由{options.to}审核" if options.to else "不再指定审核人"
    print(f"{unit or '全部单位'} {what}：{who}（{options.by}）")
    return 0


def approve(options: argparse.Namespace) -> int:
    """Approve a unit, which locks it."""
    with acting(options) as actions:
        sheet = actions.approve(options.unit, by=options.by, reason=options.reason)
    print(f"{sheet['unit']['name']}：复核通过，已锁定（{options.by}，第{sheet['review']['seq']}条）")
    return 0


def return_(options: argparse.Namespace) -> int:
    """Give a unit back to its reviewer."""
    with acting(options) as actions:
        sheet = actions.return_(options.unit, options.items, by=options.by, reason=options.reason)
    print(f"{sheet['unit']['name']}：退回{'、'.join(sheet['review']['items'])}重新审核（{options.by}，{options.reason}）")
    return 0


def unlock(options: argparse.Namespace) -> int:
    """Open an approved unit again."""
    with acting(options) as actions:
        actions.unlock(options.unit, by=options.by, reason=options.reason)
        print(f"{actions.unit(options.unit)}：已解除锁定（{options.by}，{options.reason}）")
    return 0


def paper(options: argparse.Namespace) -> int:
    """Record what is there on paper."""
    who = {"by": options.by, "reason": options.reason}
    with acting(options) as actions:
        match options.what:
            case "received" | "missing":
                sheet = actions.paper_received(options.unit, options.day if options.what == "received" else None, **who)
            case "stamped" | "unstamped":
                sheet = actions.paper_stamp(options.unit, options.what == "stamped", **who)
            case _:
                sheet = actions.paper_rows(options.unit, options.rows, options.what == "checked", **who)
        name = actions.unit(options.unit)
    still = "；".join(sheet["paper"]["open"]) if sheet else ""
    print(f"{name}：已登记（{options.by}）" + (f"；还差：{still}" if still else ""))
    return 0
