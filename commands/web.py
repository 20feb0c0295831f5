"""The commands of the pages: serve, user."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from commands.arguments import command, whole
from commands.common import fail, inhabited, loaded, say

if TYPE_CHECKING:
    from ingest.accounts import Accounts

COMMAND_LINE = "管理员（命令行）"
"""Who changes accounts: whoever may run commands on this machine."""


def add(commands: Any) -> None:
    """Their arguments."""
    one = command(commands, "serve", serve, "打开网页，供审核人确认评分", "zicha serve --home /srv/zicha --port 8017")
    web_options(one)
    what = "网页的用户：增加、改密码、改角色、停用"
    people = command(commands, "user", people_list, what, "zicha user add 张三 --role 初核 --password-stdin")
    kinds = people.add_subparsers(title="用户", metavar="操作", required=True)
    one = _person(kinds, "add", people_add, "增加用户", "zicha user add 张三 --role 初核 --password-stdin")
    one.add_argument("--role", required=True, metavar="角色", help="查看、初核、复核或管理")
    _password(one)
    _password(_person(kinds, "password", people_password, "改密码，已登录的随即退出", "zicha user password 张三 --password-stdin"))
    one = _person(kinds, "role", people_role, "改角色", "zicha user role 张三 复核")
    one.add_argument("role", metavar="角色", help="查看、初核、复核或管理")
    _person(kinds, "disable", people_disable, "停用，其记录保留", "zicha user disable 张三")
    _person(kinds, "enable", people_enable, "重新启用", "zicha user enable 张三")
    command(kinds, "list", people_list, "列出用户", "zicha user list")


def web_options(parser: argparse.ArgumentParser) -> None:
    """Where the pages are served."""
    parser.add_argument("--port", type=whole, metavar="端口", help="网页的端口（默认：设置中的 port，8017）")
    parser.add_argument("--host", metavar="地址", help="网页的地址（默认只在本机：127.0.0.1）")


def serve(options: argparse.Namespace) -> int:
    """Serve the pages until asked to stop."""
    from review.serve import serve as run

    settings, _ = loaded(options)
    inhabited(settings)
    port = settings.port if options.port is None else options.port
    return 1 if run(dataclasses.replace(settings, host=options.host or settings.host, port=port), say=say) else 0


def people_add(options: argparse.Namespace) -> int:
    """A new user."""
    password = _typed(options)
    return _change(options, lambda a: a.add(options.name, options.role, password), f"增加用户，角色{options.role}")


def people_password(options: argparse.Namespace) -> int:
    """Another password."""
    password = _typed(options)
    return _change(options, lambda a: a.set_password(options.name, password), "改密码")


def people_role(options: argparse.Namespace) -> int:
    """Another role."""
    return _change(options, lambda a: a.set_role(options.name, options.role), f"角色改为{options.role}")


def people_disable(options: argparse.Namespace) -> int:
    """No more logging in."""
    return _change(options, lambda a: a.set_disabled(options.name, True), "停用")


def people_enable(options: argparse.Namespace) -> int:
    """Logging in again."""
    return _change(options, lambda a: a.set_disabled(options.name, False), "重新启用")


def people_list(options: argparse.Namespace) -> int:
    """Who there is."""
    from ingest.accounts import Accounts
    from ingest.store import Store

    settings, _ = loaded(options)
    inhabited(settings)
    store = Store(settings.var / "zicha.db")
    try:
        found = Accounts(store).all()
    finally:
        store.close()
    for user in found:
        print(f"{user.name}　{user.role}{'　已停用' if user.disabled else ''}")
    if not found:
        print("还没有用户：zicha user add 姓名 --role 管理 --password-stdin")
    return 0


def _change(options: argparse.Namespace, change: Callable[[Accounts], object], what: str) -> int:
    """Change an account and write down that it was changed, never with the password."""
    from ingest.accounts import AccountError, Accounts
    from ingest.store import Store
    from scoring.journal import USER, Draft

    settings, _ = loaded(options)
    inhabited(settings)
    store = Store(settings.var / "zicha.db")
    try:
        change(Accounts(store))
        store.append([Draft(COMMAND_LINE, USER, None, {"name": options.name, "what": what})])
    except AccountError as error:
        return fail(2, error)
    finally:
        store.close()
    print(f"{options.name}：{what}")
    return 0


def _typed(options: argparse.Namespace) -> str:
    """The password: a line of standard input, or typed unseen, twice."""
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    from getpass import getpass

    first = getpass("密码：")
    if getpass("再输一次：") != first:
        raise SystemExit(fail(2, "两次输入的密码不一致"))
    return first


def _person(kinds: Any, name: str, run: Callable[[argparse.Namespace], int], what: str, example: str) -> argparse.ArgumentParser:
    one = command(kinds, name, run, what, example)
    one.add_argument("name", metavar="姓名")
    return one


def _password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--password-stdin", action="store_true", help="从标准输入读一行密码；不写则提示输入")
