"""The commands that keep a home folder: backup, restore."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from commands.arguments import command
from commands.common import fail, home_of


def add(commands: Any) -> None:
    """Their arguments."""
    one = command(commands, "backup", backup, "备份数据库、原件、设置和细则；看守时也可以运行", "zicha backup /mnt/usb/zicha.zip")
    one.add_argument("file", type=Path, metavar="文件", help="备份文件")
    one = command(commands, "restore", restore, "把备份恢复到空的工作目录", "zicha restore /mnt/usb/zicha.zip --home /srv/zicha")
    one.add_argument("file", type=Path, metavar="文件", help="备份文件")


def backup(options: argparse.Namespace) -> int:
    """Write everything that cannot be made again into one file."""
    from ingest.backup import BackupError, backup
    from ingest.files import reason
    from ingest.service import MACHINE
    from ingest.settings import load_settings

    try:
        packed = backup(load_settings(home_of(options)), options.file)
    except BackupError as error:
        return fail(2, error)
    except MACHINE as error:
        return fail(1, f"无法完成备份：{reason(error)}")
    print(f"已备份到 {options.file}：数据库、{packed.originals}个原件、设置和细则")
    if packed.damaged:
        return fail(1, f"其中{len(packed.damaged)}个原件与收到时不同，磁盘可能有故障：{'、'.join(packed.damaged)}（管理员处理）")
    return 0


def restore(options: argparse.Namespace) -> int:
    """Put a backup into an empty home folder."""
    from ingest.backup import BackupError, restore
    from ingest.files import reason
    from ingest.service import MACHINE
    from ingest.settings import load_settings

    settings = load_settings(home_of(options))
    try:
        count = restore(settings, options.file)
    except BackupError as error:
        return fail(2, error)
    except MACHINE as error:
        return fail(1, f"无法恢复：{reason(error)}")
    print(f"已恢复到 {settings.home}：数据库、{count}个原件、设置和细则；运行 zicha rebuild 重新生成工作单、表格和通知")
    return 0
