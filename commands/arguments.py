"""Command lines in Chinese: the parser, and the options that several commands have."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from datetime import date
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """argparse that speaks Chinese."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._positionals.title, self._optionals.title = "参数", "选项"

    def format_help(self) -> str:
        """The help, with a Chinese first word."""
        return super().format_help().replace("usage: ", "用法：", 1)

    def error(self, message: str) -> NoReturn:
        """One line saying what is wrong with the arguments; exit code 2."""
        for english, chinese in ERRORS:
            message = re.sub(english, chinese, message)
        self.exit(2, f"{message}；运行 {self.prog} --help 查看用法\n")


ERRORS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"the following arguments are required: (.*)", r"缺少参数：\1"),
    (r"argument (\S+): ", r"\1："),
    (r"invalid choice: '([^']*)' \(choose from (.*)\)", lambda m: f"没有“{m[1]}”；可用：{m[2].replace(chr(39), '').replace(', ', '、')}"),
    (r"ignored explicit argument '(.*)'", r"后面不能写“\1”"),
    (r"ambiguous option: (\S+) could match (.*)", r"\1 不明确，可能是 \2"),
    (r"unrecognized arguments: (.*)", r"不认识的参数：\1"),
    (r"expected one argument", "缺少值"),
    (r"expected at least one argument", "至少要有一个"),
)


def command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], what: str, example: str) -> argparse.ArgumentParser:
    """Add a command that runs `run`; returns its parser for the arguments of its own."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=what, description=what, epilog=f"例：{example}", add_help=False)
    common(parser, default=argparse.SUPPRESS)
    parser.set_defaults(run=run, stays_root=False)
    return parser


def common(parser: argparse.ArgumentParser, *, default: Any) -> None:
    """Options that stand before or after the command; the later one wins."""
    parser.add_argument("-h", "--help", action="help", help="显示帮助")
    parser.add_argument("--home", metavar="目录", default=default, help="工作目录（默认：环境变量 ZICHA_HOME，否则当前目录）")


def by_whom(parser: argparse.ArgumentParser, flag: str, what: str) -> None:
    """Who says it, and a word about why."""
    parser.add_argument("--by", required=True, metavar="姓名", help="作出决定的人")
    parser.add_argument(flag, default="", metavar="文字", help=what)


def json_option(parser: argparse.ArgumentParser) -> None:
    """The option that asks for JSON."""
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序读取")


def day(text: str) -> date:
    """A day as people type it, 2018-01-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} 不是日期，应写作 2018-01-31") from None


def whole(text: str) -> int:
    """A whole number of up to nine digits."""
    if not re.fullmatch(r"\d{1,9}", text):
        raise argparse.ArgumentTypeError(f"“{text}”不是整数")
    return int(text)
