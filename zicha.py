"""The command line: `zicha watch|once|process|status|check`. It knows every room; each command loads only what it needs."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.rules import Rules
    from ingest.settings import Settings

PROGRAM = "自查：把各单位邮件报送的自查报告和佐证材料目录变成审核工作单。"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 something is wrong with the installation or settings, 2 wrong arguments or paths."""
    options = _parser().parse_args(arguments)
    os.umask(0o077)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    from ingest.settings import SettingsError
    from ingest.work import WorkerError
    from scoring.rubric import RubricError

    try:
        return int(options.run(options))
    except (SettingsError, RubricError, WorkerError) as error:
        return _fail(1, error)
    except KeyboardInterrupt:
        return 130


def process(options: argparse.Namespace) -> int:
    """Read paths, print worksheets."""
    from ingest.casework import as_json
    from ingest.oneshot import UnreadablePath, process

    settings, rules = _setup(options)
    try:
        results = process(options.paths, settings, rules, say=_say if sys.stderr.isatty() else _silent)
    except UnreadablePath as error:
        return _fail(2, error)
    sheets = [r.sheet for r in results]
    if options.json:
        sys.stdout.write(as_json(sheets[0]) if len(sheets) == 1 else json.dumps(sheets, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write("\n".join(_summary(s) for s in sheets))
    return 0


def check(options: argparse.Namespace) -> int:
    """Validate settings, rubric and roster; say which files are in use."""
    settings, rules = _setup(options)
    rubric, roster = rules.rubric, rules.roster
    found = {
        "home": str(settings.home), "settings": str(settings.home / "zicha.toml") if (settings.home / "zicha.toml").is_file() else None,
        "rubric": rubric.id, "sha256": rubric.sha256, "files": dict(rules.files), "sections": len(rubric.sections), "items": len(rubric.items),
        "units": len(roster.units), "inbox": str(settings.inbox), "inbox_exists": settings.inbox.is_dir(), "ok": settings.inbox.is_dir(),
    }
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0 if found["ok"] else 1
    print(f"工作目录：{settings.home}")
    print(f"设置：{found['settings'] or '未建 zicha.toml，全部采用默认值'}")
    print(f"细则：{rubric.title}（{len(rubric.sections)}个部分、{len(rubric.items)}个条目，{rubric.base}分，加分{rubric.bonus}分）")
    print(f"名单：{len(roster.units)}个单位")
    for name, place in rules.files:
        print(f"  {name}：{place}")
    print(f"收件目录：{settings.inbox}{'' if found['ok'] else '（不存在，请先建立）'}")
    print("检查通过" if found["ok"] else "检查未通过")
    return 0 if found["ok"] else 1


def _setup(options: argparse.Namespace) -> tuple[Settings, Rules]:
    from ingest.rules import load_rules
    from ingest.settings import load_settings

    settings = load_settings(_home(options))
    return settings, load_rules(settings)


def _home(options: argparse.Namespace) -> Path:
    return Path(options.home or os.environ.get("ZICHA_HOME") or ".")


def _summary(sheet: dict[str, Any]) -> str:
    """A worksheet in a few lines, gaps first."""
    submission, gaps = sheet["submission"], sheet["gaps"]
    late = {True: "（迟报）", False: "", None: ""}[submission["late"]]
    lines = [f"单位：{sheet['unit']['name'] or '未能识别'}", f"收到：{submission['received_at'] or '不详'}{late}", f"缺口：{len(gaps)}处"]
    lines += [f"  · {g['message']}" for g in gaps]
    lines += [f"文件：{f['name']}" + "".join(f"——{p}" for p in f["problems"]) for f in submission["files"]]
    return "\n".join(lines) + "\n"


def _fail(code: int, error: object) -> int:
    print(" ".join(str(error).split("\n")), file=sys.stderr)
    return code


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _silent(line: str) -> None:
    """Nobody is looking."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="zicha", description=PROGRAM, epilog="例：zicha once --home /srv/zicha", add_help=False)
    _common(parser, default=None)
    parser.add_argument("--version", action="version", version=f"zicha {_version()}", help="显示版本")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True)
    one = _command(commands, "process", process, "一次性读取邮件或文件，打印工作单，不改动任何目录", "zicha process 来信.eml --json")
    one.add_argument("paths", nargs="+", type=Path, metavar="路径", help="邮件（.eml）、报告、目录清单或文件夹")
    _json(one)
    _json(_command(commands, "check", check, "校验设置、细则和名单，列出正在使用的文件", "zicha check"))
    return parser


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], what: str, example: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=what, description=what, epilog=f"例：{example}", add_help=False)
    _common(parser, default=argparse.SUPPRESS)
    parser.set_defaults(run=run)
    return parser


def _common(parser: argparse.ArgumentParser, *, default: Any) -> None:
    """Options that stand before or after the command; the later one wins."""
    parser.add_argument("-h", "--help", action="help", help="显示帮助")
    parser.add_argument("--home", metavar="目录", default=default, help="工作目录（默认：环境变量 ZICHA_HOME，否则当前目录）")


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序读取")


def _version() -> str:
    try:
        return version("zicha")
    except PackageNotFoundError:
        return "0.1.0"


if __name__ == "__main__":
    sys.exit(main())
