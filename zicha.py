"""The front door: the command line. Each command loads only what it needs, so that `zicha --help` is there at once."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from commands import arrivals, checking, deciding, doctor, exporting, facts, keeping, running, setup, web
from commands.arguments import Parser, common
from commands.common import as_owner, fail, failure

PROGRAM = "自查：把各单位邮件报送的自查报告和佐证材料目录变成审核工作单。"
COMMANDS = (running, web, exporting, keeping, deciding, checking, arrivals, facts, setup, doctor)
"""In the order of the help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 installation or settings are wrong, 2 arguments or paths are wrong."""
    options = _parser().parse_args(arguments)
    os.umask(0o077)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that knows fewer characters shows the others spelled out
        sys.stdout.reconfigure(errors="backslashreplace")
    from ingest.settings import SettingsError
    from ingest.work import WorkerError
    from scoring.journal import JournalError, UnreadableJournal
    from scoring.rubric import RubricError

    try:
        if not options.stays_root:
            as_owner(options)
        code = int(options.run(options))
        sys.stdout.flush()  # nobody may be there to read it any more: better known here than when all is over
        return code
    except (SettingsError, RubricError, WorkerError) as error:
        return fail(1, error)
    except UnreadableJournal as error:
        return fail(1, f"决定记录已损坏：{error}；请用备份恢复（管理员处理）")
    except JournalError as error:  # what was asked for cannot be done; nothing was written
        return fail(2, error)
    except BrokenPipeError:  # whoever reads our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - whoever runs it gets a sentence, with the place for whoever mends it
        return fail(1, failure(error))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="zicha", description=PROGRAM, epilog="例：zicha once --home /srv/zicha", add_help=False)
    common(parser, default=None)
    parser.add_argument("--version", action="version", version=f"zicha {_version()}", help="显示版本")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True)
    for module in COMMANDS:
        module.add(commands)
    return parser


def _version() -> str:
    try:
        return version("zicha")
    except PackageNotFoundError:
        return "0.1.0"


if __name__ == "__main__":
    sys.exit(main())
