"""The commands about facts that no report tells: facts template, import, undo, add, list."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from commands.arguments import by_whom, command, json_option, whole
from commands.common import acting, fail, loaded, say


def add(commands: Any) -> None:
    """Their arguments; without one of them `facts` lists what there is."""
    parser = command(commands, "facts", list_, "网上监察、上报统计和审核人认定的事实", "zicha facts list")
    kinds = parser.add_subparsers(title="事实", metavar="事实", required=True)
    one = command(kinds, "template", template, "生成网上监察和上报情况统计样表", "zicha facts template 统计表.xlsx")
    one.add_argument("file", type=Path, metavar="文件", help="要写的 XLSX 文件")
    one = command(kinds, "import", import_, "导入统计表（XLSX、CSV）；有错则整张不导入", "zicha facts import 统计表.xlsx --by 张三")
    one.add_argument("file", type=Path, metavar="文件", help="填好的统计表")
    one.add_argument("--by", required=True, metavar="姓名", help="导入的人")
    one.add_argument("--period", default="", metavar="期间", help="统计期间，如 2017-11 或 2017；不写则取表中所写")
    one = command(kinds, "undo", undo, "撤销整张导入的统计表", "zicha facts undo 12 --by 张三")
    one.add_argument("seq", type=whole, metavar="第几条", help="该表中任何一条的序号，见 zicha facts list")
    by_whom(one, "--reason", "理由")
    one = command(kinds, "add", add_one, "记下审核人认定的一项事实", "zicha facts add 民政局 4.2b --count 2 --by 张三")
    one.add_argument("unit", metavar="单位")
    one.add_argument("clause", metavar="条款", help="条款编号，如 4.2b")
    one.add_argument("--count", type=whole, default=1, metavar="次数", help="次数（默认1）")
    by_whom(one, "--note", "说明")
    one = command(kinds, "list", list_, "列出全部事实及其是否有效", "zicha facts list --unit 民政局")
    one.add_argument("--unit", metavar="单位", help="只列该单位")
    json_option(one)


def template(options: argparse.Namespace) -> int:
    """Write the form for supervision tables."""
    from ingest.files import reason, write_atomically
    from templates.supervision_form import supervision_form

    _, rules = loaded(options)
    try:
        write_atomically(options.file, supervision_form(rules.rubric, rules.roster))
    except OSError as error:
        return fail(2, f"{options.file}：无法写入（{reason(error)}）")
    print(f"样表已写到 {options.file}；填好后用 zicha facts import 导入")
    return 0


def import_(options: argparse.Namespace) -> int:
    """Take in a supervision table, whole or not at all."""
    from ingest.facts import BadForm, import_form
    from ingest.files import reason

    try:
        data = options.file.read_bytes()
    except OSError as error:
        return fail(2, f"{options.file}：无法读取（{reason(error)}）")
    try:
        with acting(options) as actions:
            done = import_form(actions, options.file.name, data, by=options.by, period=options.period)
    except BadForm as error:
        for problem in error.problems:
            say(f"{options.file.name} {problem}")
        return fail(2, f"有{len(error.problems)}处问题，整张未导入")
    if done.known:
        print(f"{done.period}：这份表已经导入，没有变化")
    else:
        instead = f"，替代先前导入的{done.replaced}条（{'；'.join(done.instead_of)}）" if done.replaced else ""
        print(f"{done.period}：{options.by}导入{done.units}个单位的{done.facts}条{instead}")
        if done.silent:
            print(f"新表未列{'、'.join(done.silent)}，其在原表中的各条不再计")
        if done.covered:
            print(f"其中{done.covered}条已有年度统计，以年度统计为准，不重复计")
        print(f"需要整张撤销的，运行 zicha facts undo {done.first} --by 姓名")
    return 0


def undo(options: argparse.Namespace) -> int:
    """Take a whole table back."""
    from ingest.facts import undo_import

    with acting(options) as actions:
        period, count = undo_import(actions, options.seq, by=options.by, reason=options.reason)
    print(f"{period}：已撤销整张表的{count}条（{options.by}）；它所替代的恢复有效")
    return 0


def add_one(options: argparse.Namespace) -> int:
    """State a fact of a unit."""
    from ingest.facts import add_fact

    with acting(options) as actions:
        name = actions.unit(options.unit)
        sheet = add_fact(actions, name, options.clause, options.count, by=options.by, note=options.note)
        rule = actions.rules.rubric.rule(options.clause)
    print(f"{name} {rule.id}：{rule.label}{options.count}{rule.unit or '次'}（{options.by}）" + _sum_of(sheet, rule.item))
    return 0


def _sum_of(sheet: dict[str, Any] | None, item: str) -> str:
    """What the item is worth by now, as a sum."""
    score = next((i for i in sheet["score"]["items"] if i["item"] == item), None) if sheet and sheet["score"] else None
    return f"；{item} {score['sum']}" if score and score["sum"] else ""


def list_(options: argparse.Namespace) -> int:
    """List the facts, those in force and those replaced."""
    from ingest.facts import listed
    from templates.wording import FACT_SOURCES

    with acting(options) as actions:
        found = listed(actions, options.unit)
    if options.json:
        rows = [{"seq": e.seq, "unit": e.unit, "by": e.by, "in_force": counts, **e.body} for e, counts in found]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for e, counts in found:
        told = "　".join(str(e.body.get(k)) for k in ("period", "note", "origin") if e.body.get(k))
        state = "" if counts else "　〔已由新表或年度统计替代〕"
        print(f"{e.seq}　{e.unit}　{e.body['clause']}　{e.body['count']}　{FACT_SOURCES[e.body['source']]}　{told}（{e.by}）{state}")
    return 0
