"""The commands that keep a home folder: backup, restore, purge."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.arguments import command, json_option
from commands.common import at_work, fail, home_of, inhabited, loaded, say

if TYPE_CHECKING:
    from ingest.purge import Due
    from ingest.service import Service


def add(commands: Any) -> None:
    """Their arguments."""
    one = command(commands, "backup", backup, "备份数据库、原件、设置和细则；看守时也可以运行", "zicha backup /mnt/usb/zicha.zip")
    one.add_argument("file", type=Path, metavar="文件", help="备份文件")
    one.set_defaults(stays_root=True)  # the disk for it may be root's alone
    one = command(commands, "restore", restore, "把备份恢复到空的工作目录", "zicha restore /mnt/usb/zicha.zip --home /srv/zicha")
    one.add_argument("file", type=Path, metavar="文件", help="备份文件")
    one.set_defaults(stays_root=True)
    one = command(commands, "purge", purge, "清除保存期满的来件；不加 --yes 只列出，不清除", "zicha purge --yes --by 张三")
    one.add_argument("--yes", action="store_true", help="清除，不能恢复")
    one.add_argument("--by", default="", metavar="姓名", help="清除的人，--yes 时必须写明")
    json_option(one)


def backup(options: argparse.Namespace) -> int:
    """Write everything that cannot be made again into one file."""
    from ingest.backup import BackupError, backup
    from ingest.files import reason
    from ingest.settings import load_settings
    from ingest.store import MACHINE

    try:
        packed = backup(load_settings(home_of(options)), options.file)
    except BackupError as error:
        return fail(2, error)
    except MACHINE as error:
        return fail(1, f"无法完成备份：{reason(error)}")
    print(f"已备份到 {options.file}：数据库、{packed.originals}个原件、设置和细则")
    if packed.missing:
        say(f"另有{packed.missing}个原件不见了，不在备份中；请用更早的备份找回（管理员处理）")
    if packed.damaged:
        return fail(1, f"其中{len(packed.damaged)}个原件与收到时不同，磁盘可能有故障：{'、'.join(packed.damaged)}（管理员处理）")
    return 1 if packed.missing else 0


def restore(options: argparse.Namespace) -> int:
    """Put a backup into an empty home folder."""
    from ingest.backup import BackupError, restore
    from ingest.files import reason
    from ingest.settings import load_settings
    from ingest.store import MACHINE

    settings = load_settings(home_of(options))
    try:
        count = restore(settings, options.file)
    except BackupError as error:
        return fail(2, error)
    except MACHINE as error:
        return fail(1, f"无法恢复：{reason(error)}")
    print(f"已恢复到 {settings.home}：数据库、{count}个原件、设置和细则；运行 zicha rebuild 重新生成工作单、表格和通知")
    return 0


def purge(options: argparse.Namespace) -> int:
    """List what was kept long enough; with --yes let it go."""
    from ingest import purge as retention
    from ingest.doctor import leap
    from ingest.store import Store

    if options.yes and not options.by.strip():
        return fail(2, "清除须写明是谁作出的（--by 姓名）")
    settings, rules = loaded(options)
    inhabited(settings)
    now = datetime.now().astimezone()
    wrong = leap(settings, now)
    if wrong:
        return fail(1, f"没有清除任何内容：{wrong}（管理员处理）")

    def work(service: Service) -> int:
        found = retention.due(settings, service.store, now=now)
        retention.purge(service, found, by=options.by)
        _told(found, options.json, "已清除")
        return 0

    if options.yes:
        return at_work(settings, rules, work)
    store = Store(settings.var / "zicha.db")
    try:
        found = retention.due(settings, store, now=now)
    finally:
        store.close()
    _told(found, options.json, "可以清除")
    if found.submissions and not options.json:
        print("以上只是列出；先运行 zicha backup 备份，再加 --yes --by 姓名 清除。收件目录和另存的备份不由本程序清除")
    return 0


def _told(found: Due, as_json: bool, what: str) -> None:
    if as_json:
        rows = [{"place": s.place, "received": s.received.isoformat(), "bytes": s.bytes} for s in found.submissions]
        told = {"before": found.before.isoformat(), "submissions": rows, "originals": list(found.originals), "bytes": found.bytes}
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for s in found.submissions:
        print(f"  {s.received:%Y-%m-%d}　{s.place}　{s.bytes}字节")
    count = f"{len(found.submissions)}次来件、{len(found.originals)}个原件，共{found.bytes}字节"
    print(f"{found.before:%Y-%m-%d}以前收到、{what}的：{count}")
