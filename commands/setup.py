"""The commands that set a home folder up: init, check."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from commands.arguments import command, json_option
from commands.common import fail, home_of, loaded, say


def add(commands: Any) -> None:
    """Their arguments."""
    one = command(commands, "init", init, "把细则、名单、用词、通知文字和设置复制到工作目录，供修改", "zicha init --home /srv/zicha")
    one.add_argument("--rubric", metavar="名称", help="新建一部自己的细则，如 ours-2018；不写则复制采用中的细则")
    json_option(command(commands, "check", check, "校验设置、细则和名单，列出正在使用的文件", "zicha check"))


def init(options: argparse.Namespace) -> int:
    """Copy what may be edited into the home folder."""
    from ingest.files import reason
    from ingest.settings import FILE, load_settings
    from ingest.starting import start

    settings = load_settings(home_of(options))
    try:
        done = start(settings, options.rubric)
    except OSError as error:
        return fail(1, f"无法写入：{reason(error)}")
    for path in done.written:
        print(f"已写入 {path}")
    for path in done.kept:
        print(f"已有，未改动 {path}")
    if not done.in_use:
        print(f'要采用这部细则，请在 {settings.home / FILE} 中写 rubric = "{done.rubric}"')
    print(f"改好后运行 zicha check --home {settings.home} 校验" if done.written else "没有需要写入的文件")
    return 0


def check(options: argparse.Namespace) -> int:
    """Validate settings, rubric, roster and the words of letters; say which files are in use."""
    from ingest.exports import own_texts
    from ingest.rules import builtin_tables
    from scoring.rubric_check import by_hand, problems, without_words
    from templates.letters_texts import FILE as LETTERS

    settings, rules = loaded(options)
    own_texts(settings)
    rubric, roster = rules.rubric, rules.roster
    own = {name: place for name, place in rules.files if Path(place).is_file()}
    wrong = [f"{own.get(p.file, p.file)}：{p.key}：{p.problem}" for p in problems(rubric, builtin_tables())]
    hand, untold = [i.id for i in by_hand(rubric)], [i.id for i in without_words(rubric)]
    found = {
        "home": str(settings.home),
        "settings": str(settings.home / "zicha.toml") if (settings.home / "zicha.toml").is_file() else None,
        "letters": str(settings.home / LETTERS) if (settings.home / LETTERS).is_file() else None,
        "rubric": rubric.id,
        "sha256": rubric.sha256,
        "files": dict(rules.files),
        "sections": len(rubric.sections),
        "items": len(rubric.items),
        "rules": len(rubric.rules),
        "readings": {r.id: r.use for r in rubric.readings},
        "units": len(roster.units),
        "inbox": str(settings.inbox),
        "inbox_exists": settings.inbox.is_dir(),
        "problems": wrong,
        "items_without_rules": hand,
        "items_without_words": untold,
        "ok": settings.inbox.is_dir() and not wrong,
    }
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0 if found["ok"] else 1
    print(f"工作目录：{settings.home}")
    print(f"设置：{found['settings'] or '未建 zicha.toml，全部采用默认值'}")
    print(f"细则：{rubric.title}（{len(rubric.sections)}个部分、{len(rubric.items)}个条目，{rubric.base}分，加分{rubric.bonus}分）")
    worth = f"，100分折合{rubric.weight}分" if rubric.weight is not None else ""
    print(f"条款：{len(rubric.rules)}条规则{'' if wrong else '，分值相符'}{worth}")
    for r in rubric.readings:
        print(f"  {r.rule} {r.id}：{r.use}（可选：{'、'.join(r.choices)}）")
    print(f"名单：{len(roster.units)}个单位")
    for name, place in rules.files:
        print(f"  {name}：{place}")
    if found["letters"]:
        print(f"通知文字：{found['letters']}")
    if hand:
        print(f"没有规则、须逐项人工给分的条目：{'、'.join(hand)}")
    if untold:
        print(f"words.toml 中没有用词、只凭细则原文辨认的条目：{'、'.join(untold)}")
    print(f"收件目录：{settings.inbox}{'' if found['inbox_exists'] else '（不存在，请先建立）'}")
    for line in wrong:
        say(line)
    print("检查通过" if found["ok"] else "检查未通过")
    return 0 if found["ok"] else 1
