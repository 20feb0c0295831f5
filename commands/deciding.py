"""The commands that write down what people decide, and those that read it back: confirm, applies, correct, …, undo, audit."""

from __future__ import annotations

import argparse
import json
from typing import Any

from commands.arguments import by_whom, command, day, json_option, whole
from commands.common import acting, fail

ENTRY = ("seq", "at", "by", "kind", "unit", "body", "reason", "previous", "hash")


def add(commands: Any) -> None:
    """Their arguments."""
    one = command(commands, "confirm", confirm, "确认某单位某条目的得分", 'zicha confirm 民政局 1.1 5 --by 张三 --note "机构文件已核"')
    for name, what in (("unit", "单位"), ("item", "条目"), ("points", "得分")):
        one.add_argument(name, metavar=what)
    by_whom(one, "--note", "备注")
    one.add_argument("--draft", action="store_true", help="只暂记分数和备注，不确认")
    one = command(commands, "applies", applies, "设定某条目对某单位是否适用", "zicha applies 国税局 6.2 no --by 张三 --reason 无此职能")
    one.add_argument("unit", metavar="单位")
    one.add_argument("item", metavar="条目")
    one.add_argument("answer", choices=("yes", "no"), metavar="yes|no", help="yes 适用，no 不适用")
    by_whom(one, "--reason", "理由")
    one = command(commands, "contents", contents, "列出工作单上的佐证、目录项和段落及其编号，供更正时引用", "zicha contents 民政局")
    one.add_argument("unit", metavar="单位")
    _corrections(command(commands, "correct", correct, "更正工作单", "zicha correct 民政局 link k3 c5 --by 张三"))
    one = command(commands, "assign", assign, "指定来件属于哪个单位", "zicha assign 来信.eml 民政局 --by 张三")
    one.add_argument("submission", metavar="来件", help="来件在收件目录中的名称，或来件编号的开头几位")
    one.add_argument("unit", metavar="单位")
    by_whom(one, "--reason", "理由")
    for name, run, what in (("accept", accept, "采用等待决定的来件"), ("refuse", refuse, "不采用某来件，等待的或已采用的均可")):
        one = command(commands, name, run, what, f"zicha {name} 来信.eml --by 张三")
        one.add_argument("submission", metavar="来件", help="来件在收件目录中的名称，或来件编号的开头几位")
        by_whom(one, "--reason", "理由")
    one = command(commands, "extend", extend, "给某单位延长截止日期", "zicha extend 饶河县 2018-01-25 --by 张三 --reason 网络故障")
    one.add_argument("unit", metavar="单位")
    one.add_argument("day", type=day, metavar="日期", help="可以报送的最后一天，如 2018-01-25")
    by_whom(one, "--reason", "理由")
    one = command(commands, "role", role, "更正文件的用途", "zicha role 附件1.docx catalog --by 张三")
    one.add_argument("file", metavar="文件", help="文件名称，或其校验值的开头几位")
    one.add_argument("role", choices=("report", "catalog", "evidence", "other"), metavar="用途", help="report、catalog、evidence 或 other")
    by_whom(one, "--reason", "理由")
    one = command(commands, "undo", undo, "撤销一条记录（撤销也可以再撤销）", "zicha undo 12 --by 张三")
    one.add_argument("seq", type=whole, metavar="第几条")
    by_whom(one, "--reason", "理由")
    one = command(commands, "audit", audit, "列出全部决定记录，或校验其完整", "zicha audit verify")
    one.add_argument("what", nargs="?", choices=("list", "verify"), default="list", metavar="list|verify")
    for flag, what in (("--unit", "单位"), ("--item", "条目"), ("--by", "姓名")):
        one.add_argument(flag, metavar=what, help=f"只列该{what}的记录")
    json_option(one)


def _corrections(parser: argparse.ArgumentParser) -> None:
    """The kinds of corrections and what each names."""
    parser.add_argument("unit", metavar="单位")
    kinds = parser.add_subparsers(title="更正", metavar="更正", required=True, dest="what")
    claim = ("claim", "佐证", "编号（k3）或其中几个字，见 zicha contents")
    block = ("block", "段落", "编号（b12）或其中几个字，见 zicha contents")
    for name, what, places in (
        ("link", "佐证对应目录中的这些项", (claim,)),
        ("missing", "目录中没有这一佐证", (claim,)),
        ("present", "已核见这一佐证，目录未列", (claim,)),
        ("none", "这处文字不是佐证", (claim,)),
        ("add", "补登一处佐证", (block, ("text", "文字", "段落中指称佐证的文字"))),
        ("move", "把段落改归某部分或条目", (block, ("target", "条目", "3.2；3 表示第3部分，0 表示不属于任何部分"))),
    ):
        one = command(kinds, name, correct, what, f"zicha correct 民政局 {name} … --by 张三")
        for key, metavar, help in places:
            one.add_argument(key, metavar=metavar, help=help)
        if name in ("link", "add"):
            one.add_argument("rows", nargs="+" if name == "link" else "*", metavar="目录项", help="编号（c5）、所印序号或题名中几个字")
        if name == "add":
            one.add_argument("--nth", type=whole, default=1, metavar="N", help="该段中第几处相同文字（默认第1处）")
        by_whom(one, "--reason", "理由")


def confirm(options: argparse.Namespace) -> int:
    """Give an item its points."""
    with acting(options) as actions:
        sheet = actions.confirm(options.unit, options.item, options.points, by=options.by, note=options.note, confirmed=not options.draft)
    items = [s for s in sheet["score"]["items"] if s["applies"]]
    done = sum(1 for s in items if s["confirmed"])
    word = "暂记" if options.draft else "确认"
    print(f"{sheet['unit']['name']} {options.item}：{word}{options.points}分（{options.by}）；已确认{done}/{len(items)}条")
    return 0


def applies(options: argparse.Namespace) -> int:
    """Say whether an item counts for a unit."""
    with acting(options) as actions:
        sheet = actions.applies(options.unit, options.item, options.answer == "yes", by=options.by, reason=options.reason)
    print(f"{sheet['unit']['name']} {options.item}：{'适用' if options.answer == 'yes' else '不适用'}（{options.by}，{options.reason}）")
    return 0


def correct(options: argparse.Namespace) -> int:
    """Correct what a worksheet says about the report."""
    who = {"by": options.by, "reason": options.reason}
    with acting(options) as actions:
        match options.what:
            case "link":
                sheet = actions.link(options.unit, options.claim, options.rows, **who)
            case "missing" | "present" | "none":
                sheet = getattr(actions, options.what)(options.unit, options.claim, **who)
            case "add":
                sheet = actions.add(options.unit, options.block, options.text, options.rows, occurrence=options.nth - 1, **who)
            case _:
                section, _, number = options.target.partition(".")
                if not section.isdecimal():
                    return fail(2, f"“{options.target}”不是部分或条目；应写作 3 或 3.2，0 表示不属于任何部分")
                sheet = actions.move(options.unit, options.block, int(section), options.target if number else None, **who)
    print(f"{sheet['unit']['name']}：已更正（{options.by}）；现有缺口{len(sheet['gaps'])}处")
    return 0


def contents(options: argparse.Namespace) -> int:
    """List a worksheet's claims, rows and blocks with the numbers that corrections name them by."""
    with acting(options) as actions:
        sheet = actions.sheet(options.unit)
    if sheet is None:
        return fail(2, f"{options.unit}尚未报送（未报）")
    from templates.wording import MARKS

    for c in [*sheet["claims"], *sheet.get("removed_claims", ())]:
        state = MARKS[c["status"]].word if c in sheet["claims"] else "不是佐证"
        rows = "、".join(c["catalog"])
        print(f"{c['id']}　{c['item'] or c['section']}　{state}{f'（{rows}）' if rows else ''}　{c['text']}" + _marked(c))
    for r in sheet["catalog"]:
        print(f"{r['id']}　第{r['no'] or r['row']}项　{r['item'] or '—'}　{r['title']}{r['docno'] or ''}")
    for n, b in enumerate(sheet["blocks"], 1):
        print(f"b{n}　{b['item'] or b['section']}　{b['text']}" + _marked(b))
    return 0


def _marked(thing: dict[str, Any]) -> str:
    mark = thing.get("corrected")
    return f"　〔{mark['by']}已更正，第{mark['seq']}条〕" if mark else ""


def assign(options: argparse.Namespace) -> int:
    """Say whose a submission is."""
    with acting(options) as actions:
        actions.assign(options.submission, options.unit, by=options.by, reason=options.reason)
        print(f"{options.submission}：归入{actions.unit(options.unit)}（{options.by}）")
    return 0


def accept(options: argparse.Namespace) -> int:
    """Let a submission that waits count."""
    with acting(options) as actions:
        units = actions.accept(options.submission, by=options.by, reason=options.reason)
    print(f"{options.submission}：采用，归入{'、'.join(units)}（{options.by}）")
    return 0


def refuse(options: argparse.Namespace) -> int:
    """Keep a submission out."""
    with acting(options) as actions:
        units = actions.refuse(options.submission, by=options.by, reason=options.reason)
    print(f"{options.submission}：不采用，不归入{'、'.join(units)}（{options.by}）")
    return 0


def extend(options: argparse.Namespace) -> int:
    """Give a unit more time."""
    with acting(options) as actions:
        sheet = actions.extend(options.unit, options.day, by=options.by, reason=options.reason)
        name = actions.unit(options.unit)
    late = {True: "；已收到的报告仍为迟报", False: "；已收到的报告按时", None: ""}[sheet["submission"]["late"] if sheet else None]
    print(f"{name}：截止日期延至{options.day.isoformat()}（{options.by}，{options.reason}）{late}")
    return 0


def role(options: argparse.Namespace) -> int:
    """Say what a file is."""
    from templates.wording import ROLES

    with acting(options) as actions:
        actions.role(options.file, options.role, by=options.by, reason=options.reason)
    print(f"{options.file}：作为{ROLES[options.role]}（{options.by}）")
    return 0


def undo(options: argparse.Namespace) -> int:
    """Take a record back."""
    with acting(options) as actions:
        actions.undo(options.seq, by=options.by, reason=options.reason)
    print(f"已撤销第{options.seq}条（{options.by}）")
    return 0


def audit(options: argparse.Namespace) -> int:
    """List the journal, or prove that it is whole."""
    with acting(options) as actions:
        if options.what == "verify":
            found = actions.store.verify()
            count, head = actions.store.journal_head()
            if found:
                return fail(1, f"记录链在第{found.seq}条处断开：{found.message}")
            print(f"记录完整：共{count}条" + (f"，末条校验值 {head}" if count else ""))
            return 0
        listed = actions.history(unit=options.unit, item=options.item, by=options.by)
        zone = actions.rules.rubric.deadline.tzinfo
    if options.json:
        rows = [{k: getattr(e, k) for k in ENTRY} | {"undone_by": u.seq if u else None} for e, u in listed]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    from templates.decisions_wording import sentence
    from templates.wording import moment

    for entry, undone in listed:
        print(
            f"{entry.seq}　{moment(entry.at, zone)}　{entry.by}　{entry.unit or '—'}　{sentence(entry)}"
            + (f"　〔第{undone.seq}条撤销〕" if undone else "")
        )
    return 0
