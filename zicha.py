"""The command line: `zicha watch|once|process|status|init|check|…`. It knows every room; each command loads only what it needs."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ingest.actions import Actions
    from ingest.exports import Written
    from ingest.rules import Rules
    from ingest.settings import Settings
    from ingest.store import Arrival, Store

PROGRAM = "自查：把各单位邮件报送的自查报告和佐证材料目录变成审核工作单。"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 installation or settings are wrong, 2 arguments or paths are wrong."""
    options = _parser().parse_args(arguments)
    os.umask(0o077)
    from ingest.settings import SettingsError
    from ingest.work import WorkerError
    from scoring.journal import JournalError, UnreadableJournal
    from scoring.rubric import RubricError

    try:
        return int(options.run(options))
    except (SettingsError, RubricError, WorkerError) as error:
        return _fail(1, error)
    except UnreadableJournal as error:
        return _fail(1, f"决定记录已损坏：{error}；请用备份恢复（管理员处理）")
    except JournalError as error:  # what was asked for cannot be done; nothing was written
        return _fail(2, error)
    except BrokenPipeError:  # whoever reads our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
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


def once(options: argparse.Namespace) -> int:
    """Take in and judge what lies in the inbox, then end."""
    return _serve(options, "once")


def watch(options: argparse.Namespace) -> int:
    """Keep doing it until asked to stop."""
    return _serve(options, "watch")


def _serve(options: argparse.Namespace, name: str) -> int:
    from ingest import watch as loops
    from ingest.files import reason
    from ingest.service import MACHINE, Busy, Service

    settings, rules = _setup(options)
    if not settings.inbox.is_dir():
        return _fail(1, f"收件目录不存在：{settings.inbox}；请先建立，或用 --home 指定工作目录")
    try:
        with Service(settings, rules, say=_say) as service:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: service.halt())
            {"once": loops.once, "watch": loops.watch}[name](service)
            if service.stop.is_set():
                _say("已停止；未处理完的来件下次继续")
                return 0 if name == "watch" else 130
            _say(_outcome(service.store.arrivals(), settings))
    except Busy as error:
        return _fail(1, error)
    except MACHINE as error:
        return _fail(1, f"无法完成：{reason(error)}；排除后重新运行即可")
    return 0


def rebuild(options: argparse.Namespace) -> int:
    """Make everything derived again from the archive and the ledger, and write again what was written on command."""
    from ingest.exports import write_again
    from ingest.files import reason
    from ingest.service import MACHINE, Busy, Service

    settings, rules = _setup(options)
    _inhabited(settings)
    try:
        with Service(settings, rules, say=_say) as service:
            service.store.forget_derived()
            service.judge()
            for written in write_again(settings, rules, service.store):
                _say_left(written)
            _say(_outcome(service.store.arrivals(), settings))
    except Busy as error:
        return _fail(1, error)
    except MACHINE as error:
        return _fail(1, f"无法完成：{reason(error)}；排除后重新运行即可")
    return 0


def export(options: argparse.Namespace) -> int:
    """Write the tables."""
    from ingest.exports import write_tables

    return _write_out(options, write_tables, "份表格")


def letters(options: argparse.Namespace) -> int:
    """Write letters and drafts."""
    from ingest.exports import write_letters
    from templates.letters_words import Occasion

    occasion = Occasion(options.date, options.until)
    say = _say if sys.stderr.isatty() else _silent

    def write(settings: Settings, rules: Rules, store: Store) -> Written:
        return write_letters(settings, rules, store, occasion, say=say)

    return _write_out(options, write, "份通知、回执和评分表")


def _write_out(options: argparse.Namespace, write: Callable[[Settings, Rules, Store], Written], what: str) -> int:
    """Write an export from what is known now; needs no lock, for it only adds to the outbox."""
    from ingest.files import reason
    from ingest.service import MACHINE
    from ingest.store import Store

    settings, rules = _setup(options)
    if not (settings.var / "zicha.db").is_file():
        return _fail(1, f"{settings.home} 中还没有处理过来件；请先运行 zicha once")
    store = Store(settings.var / "zicha.db")
    try:
        written = write(settings, rules, store)
        waiting = sum(a.state == "waiting" for a in store.arrivals())
    except MACHINE as error:
        return _fail(1, f"无法完成：{reason(error)}；排除后重新运行即可")
    finally:
        store.close()
    _say_left(written)
    print(f"已生成{len(written.files)}{what}，在 {written.folder}" + (f"；另有{waiting}件来件等待处理，不在其中" if waiting else ""))
    return 0


def _say_left(written: Written) -> None:
    if written.left:
        _say(f"{'、'.join(written.left)}：生成之后有人改过，未予覆盖；需要重新生成的，请先移走")
    for line in written.held:
        _say(f"{line}；决定之前不出具补正和催报通知（办公室处理）")


def backup(options: argparse.Namespace) -> int:
    """Write everything that cannot be made again into one file."""
    from ingest.backup import BackupError, backup
    from ingest.files import reason
    from ingest.service import MACHINE
    from ingest.settings import load_settings

    try:
        packed = backup(load_settings(_home(options)), options.file)
    except BackupError as error:
        return _fail(2, error)
    except MACHINE as error:
        return _fail(1, f"无法完成备份：{reason(error)}")
    print(f"已备份到 {options.file}：数据库、{packed.originals}个原件、设置和细则")
    if packed.damaged:
        return _fail(1, f"其中{len(packed.damaged)}个原件与收到时不同，磁盘可能有故障：{'、'.join(packed.damaged)}（管理员处理）")
    return 0


def restore(options: argparse.Namespace) -> int:
    """Put a backup into an empty home folder."""
    from ingest.backup import BackupError, restore
    from ingest.files import reason
    from ingest.service import MACHINE
    from ingest.settings import load_settings

    settings = load_settings(_home(options))
    try:
        count = restore(settings, options.file)
    except BackupError as error:
        return _fail(2, error)
    except MACHINE as error:
        return _fail(1, f"无法恢复：{reason(error)}")
    print(f"已恢复到 {settings.home}：数据库、{count}个原件、设置和细则；运行 zicha rebuild 重新生成工作单、表格和通知")
    return 0


def status(options: argparse.Namespace) -> int:
    """What arrived and what became of it."""
    from ingest.outbox import summary
    from ingest.service import ledger_now
    from ingest.settings import load_settings
    from templates.wording import FILE_STATES

    found = summary(ledger_now(load_settings(_home(options))))
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    print(f"共收到{found['arrived']}件：" + "，".join(f"{FILE_STATES[k]}{n}" for k, n in found["states"].items() if n))
    for a in found["arrivals"]:
        where = f"（{a['parent']}）" if a["parent"] else ""
        print(f"  {FILE_STATES[a['state']]}　{a['name']}{where}" + "".join(f"——{t}" for t in (a["cause"], a["next_step"]) if t))
    return 0


def _outcome(ledger: Sequence[Arrival], settings: Settings) -> str:
    """The sentence a run ends with."""
    from collections import Counter

    from templates.wording import FILE_STATES

    states = Counter(a.state for a in ledger)
    parts = "，".join(f"{FILE_STATES[s]}{states[s]}" for s in FILE_STATES if states[s])
    return f"处理完毕：共{len(ledger)}件（{parts or '收件目录中没有来件'}）；结果在 {settings.outbox}"


def init(options: argparse.Namespace) -> int:
    """Copy what may be edited into the home folder."""
    from ingest.files import reason
    from ingest.settings import FILE, load_settings
    from ingest.starting import start

    settings = load_settings(_home(options))
    try:
        done = start(settings, options.rubric)
    except OSError as error:
        return _fail(1, f"无法写入：{reason(error)}")
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

    settings, rules = _setup(options)
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
        _say(line)
    print("检查通过" if found["ok"] else "检查未通过")
    return 0 if found["ok"] else 1


def confirm(options: argparse.Namespace) -> int:
    """Give an item its points."""
    with _acting(options) as actions:
        sheet = actions.confirm(options.unit, options.item, options.points, by=options.by, note=options.note, confirmed=not options.draft)
    items = [s for s in sheet["score"]["items"] if s["applies"]]
    done = sum(1 for s in items if s["confirmed"])
    word = "暂记" if options.draft else "确认"
    print(f"{sheet['unit']['name']} {options.item}：{word}{options.points}分（{options.by}）；已确认{done}/{len(items)}条")
    return 0


def applies(options: argparse.Namespace) -> int:
    """Say whether an item counts for a unit."""
    with _acting(options) as actions:
        sheet = actions.applies(options.unit, options.item, options.answer == "yes", by=options.by, reason=options.reason)
    print(f"{sheet['unit']['name']} {options.item}：{'适用' if options.answer == 'yes' else '不适用'}（{options.by}，{options.reason}）")
    return 0


def correct(options: argparse.Namespace) -> int:
    """Correct what a worksheet says about the report."""
    who = {"by": options.by, "reason": options.reason}
    with _acting(options) as actions:
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
                    return _fail(2, f"“{options.target}”不是部分或条目；应写作 3 或 3.2，0 表示不属于任何部分")
                sheet = actions.move(options.unit, options.block, int(section), options.target if number else None, **who)
    print(f"{sheet['unit']['name']}：已更正（{options.by}）；现有缺口{len(sheet['gaps'])}处")
    return 0


def contents(options: argparse.Namespace) -> int:
    """List a worksheet's claims, rows and blocks with the numbers that corrections name them by."""
    with _acting(options) as actions:
        sheet = actions.sheet(options.unit)
    if sheet is None:
        return _fail(2, f"{options.unit}尚未报送（未报）")
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
    with _acting(options) as actions:
        actions.assign(options.submission, options.unit, by=options.by, reason=options.reason)
        print(f"{options.submission}：归入{actions.unit(options.unit)}（{options.by}）")
    return 0


def accept(options: argparse.Namespace) -> int:
    """Let a submission that waits count."""
    with _acting(options) as actions:
        units = actions.accept(options.submission, by=options.by, reason=options.reason)
    print(f"{options.submission}：采用，归入{'、'.join(units)}（{options.by}）")
    return 0


def refuse(options: argparse.Namespace) -> int:
    """Keep a submission out."""
    with _acting(options) as actions:
        units = actions.refuse(options.submission, by=options.by, reason=options.reason)
    print(f"{options.submission}：不采用，不归入{'、'.join(units)}（{options.by}）")
    return 0


def extend(options: argparse.Namespace) -> int:
    """Give a unit more time."""
    with _acting(options) as actions:
        sheet = actions.extend(options.unit, options.day, by=options.by, reason=options.reason)
        name = actions.unit(options.unit)
    late = {True: "；已收到的报告仍为迟报", False: "；已收到的报告按时", None: ""}[sheet["submission"]["late"] if sheet else None]
    print(f"{name}：截止日期延至{options.day.isoformat()}（{options.by}，{options.reason}）{late}")
    return 0


def role(options: argparse.Namespace) -> int:
    """Say what a file is."""
    from templates.wording import ROLES

    with _acting(options) as actions:
        actions.role(options.file, options.role, by=options.by, reason=options.reason)
    print(f"{options.file}：作为{ROLES[options.role]}（{options.by}）")
    return 0


def facts_template(options: argparse.Namespace) -> int:
    """Write the form for supervision tables."""
    from ingest.files import reason, write_atomically
    from templates.supervision_form import supervision_form

    _, rules = _setup(options)
    try:
        write_atomically(options.file, supervision_form(rules.rubric, rules.roster))
    except OSError as error:
        return _fail(2, f"{options.file}：无法写入（{reason(error)}）")
    print(f"样表已写到 {options.file}；填好后用 zicha facts import 导入")
    return 0


def facts_import(options: argparse.Namespace) -> int:
    """Take in a supervision table, whole or not at all."""
    from ingest.facts import BadForm, import_form
    from ingest.files import reason

    try:
        data = options.file.read_bytes()
    except OSError as error:
        return _fail(2, f"{options.file}：无法读取（{reason(error)}）")
    try:
        with _acting(options) as actions:
            done = import_form(actions, options.file.name, data, by=options.by, period=options.period)
    except BadForm as error:
        for problem in error.problems:
            _say(f"{options.file.name} {problem}")
        return _fail(2, f"有{len(error.problems)}处问题，整张未导入")
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


def facts_undo(options: argparse.Namespace) -> int:
    """Take a whole table back."""
    from ingest.facts import undo_import

    with _acting(options) as actions:
        period, count = undo_import(actions, options.seq, by=options.by, reason=options.reason)
    print(f"{period}：已撤销整张表的{count}条（{options.by}）；它所替代的恢复有效")
    return 0


def facts_add(options: argparse.Namespace) -> int:
    """State a fact of a unit."""
    from ingest.facts import add_fact

    with _acting(options) as actions:
        name = actions.unit(options.unit)
        sheet = add_fact(actions, name, options.clause, options.count, by=options.by, note=options.note)
        rule = actions.rules.rubric.rule(options.clause)
    print(f"{name} {rule.id}：{rule.label}{options.count}{rule.unit or '次'}（{options.by}）" + _sum_of(sheet, rule.item))
    return 0


def _sum_of(sheet: dict[str, Any] | None, item: str) -> str:
    """What the item is worth by now, as a sum."""
    score = next((i for i in sheet["score"]["items"] if i["item"] == item), None) if sheet and sheet["score"] else None
    return f"；{item} {score['sum']}" if score and score["sum"] else ""


def facts_list(options: argparse.Namespace) -> int:
    """List the facts, those in force and those replaced."""
    from ingest.facts import listed
    from templates.wording import FACT_SOURCES

    with _acting(options) as actions:
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


def undo(options: argparse.Namespace) -> int:
    """Take a record back."""
    with _acting(options) as actions:
        actions.undo(options.seq, by=options.by, reason=options.reason)
    print(f"已撤销第{options.seq}条（{options.by}）")
    return 0


def audit(options: argparse.Namespace) -> int:
    """List the journal, or prove that it is whole."""
    with _acting(options) as actions:
        if options.what == "verify":
            found = actions.store.verify()
            count, head = actions.store.journal_head()
            if found:
                return _fail(1, f"记录链在第{found.seq}条处断开：{found.message}")
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


ENTRY = ("seq", "at", "by", "kind", "unit", "body", "reason", "previous", "hash")


def _acting(options: argparse.Namespace) -> AbstractContextManager[Actions]:
    from ingest.actions import acting

    settings, rules = _setup(options)
    _inhabited(settings)
    return acting(settings, rules, say=_say)


def _inhabited(settings: Settings) -> None:
    """Refuse a folder that is no home folder: a mistyped one would get a database of its own, with decisions that nobody finds again."""
    from ingest.settings import SettingsError

    if not settings.inbox.is_dir() and not (settings.var / "zicha.db").is_file():
        where = f"请用 --home 指定工作目录，或先建立 {settings.inbox}"
        raise SettingsError(f"{settings.home} 不是工作目录：既没有收件目录，也没有处理记录；{where}")


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


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="zicha", description=PROGRAM, epilog="例：zicha once --home /srv/zicha", add_help=False)
    _common(parser, default=None)
    parser.add_argument("--version", action="version", version=f"zicha {_version()}", help="显示版本")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True)
    _command(commands, "watch", watch, "持续看守收件目录，来件随到随处理", "zicha watch --home /srv/zicha")
    _command(commands, "once", once, "处理收件目录中现有的来件，处理完即结束", "zicha once --home /srv/zicha")
    one = _command(commands, "process", process, "一次性读取邮件或文件，打印工作单，不改动任何目录", "zicha process 来信.eml --json")
    one.add_argument("paths", nargs="+", type=Path, metavar="路径", help="邮件（.eml）、报告、目录清单或文件夹")
    _json(one)
    _json(_command(commands, "status", status, "列出收到的每一件及其去向", "zicha status --json"))
    _command(commands, "rebuild", rebuild, "由存档重新生成全部工作单、看板和已出具的表格通知", "zicha rebuild")
    _command(commands, "export", export, "汇总成表格（XLSX、CSV、JSON），写入 outbox/tables", "zicha export")
    one = _command(commands, "letters", letters, "出具通知、催报、回执和评分表，写入 outbox/letters", "zicha letters --until 2018-01-31")
    one.add_argument("--date", type=_day, metavar="日期", help="落款日期，如 2018-01-22；不写则留空待填")
    one.add_argument("--until", type=_day, metavar="日期", help="补正或补报的最后一天，如 2018-01-31；不写则留空待填")
    one = _command(commands, "backup", backup, "备份数据库、原件、设置和细则；看守时也可以运行", "zicha backup /mnt/usb/zicha.zip")
    one.add_argument("file", type=Path, metavar="文件", help="备份文件")
    one = _command(commands, "restore", restore, "把备份恢复到空的工作目录", "zicha restore /mnt/usb/zicha.zip --home /srv/zicha")
    one.add_argument("file", type=Path, metavar="文件", help="备份文件")
    _decisions(commands)
    _facts(_command(commands, "facts", facts_list, "网上监察、上报统计和审核人认定的事实", "zicha facts list"))
    one = _command(commands, "init", init, "把细则、名单、用词、通知文字和设置复制到工作目录，供修改", "zicha init --home /srv/zicha")
    one.add_argument("--rubric", metavar="名称", help="新建一部自己的细则，如 ours-2018；不写则复制采用中的细则")
    _json(_command(commands, "check", check, "校验设置、细则和名单，列出正在使用的文件", "zicha check"))
    return parser


def _decisions(commands: Any) -> None:
    """The commands that write into the journal, and those that read it."""
    one = _command(commands, "confirm", confirm, "确认某单位某条目的得分", 'zicha confirm 民政局 1.1 5 --by 张三 --note "机构文件已核"')
    for name, what in (("unit", "单位"), ("item", "条目"), ("points", "得分")):
        one.add_argument(name, metavar=what)
    _who(one, "--note", "备注")
    one.add_argument("--draft", action="store_true", help="只暂记分数和备注，不确认")
    one = _command(commands, "applies", applies, "设定某条目对某单位是否适用", "zicha applies 国税局 6.2 no --by 张三 --reason 无此职能")
    one.add_argument("unit", metavar="单位")
    one.add_argument("item", metavar="条目")
    one.add_argument("answer", choices=("yes", "no"), metavar="yes|no", help="yes 适用，no 不适用")
    _who(one, "--reason", "理由")
    one = _command(commands, "contents", contents, "列出工作单上的佐证、目录项和段落及其编号，供更正时引用", "zicha contents 民政局")
    one.add_argument("unit", metavar="单位")
    _corrections(_command(commands, "correct", correct, "更正工作单", "zicha correct 民政局 link k3 c5 --by 张三"))
    one = _command(commands, "assign", assign, "指定来件属于哪个单位", "zicha assign 来信.eml 民政局 --by 张三")
    one.add_argument("submission", metavar="来件", help="来件在收件目录中的名称，或来件编号的开头几位")
    one.add_argument("unit", metavar="单位")
    _who(one, "--reason", "理由")
    for name, run, what in (("accept", accept, "采用等待决定的来件"), ("refuse", refuse, "不采用某来件，等待的或已采用的均可")):
        one = _command(commands, name, run, what, f"zicha {name} 来信.eml --by 张三")
        one.add_argument("submission", metavar="来件", help="来件在收件目录中的名称，或来件编号的开头几位")
        _who(one, "--reason", "理由")
    one = _command(commands, "extend", extend, "给某单位延长截止日期", "zicha extend 饶河县 2018-01-25 --by 张三 --reason 网络故障")
    one.add_argument("unit", metavar="单位")
    one.add_argument("day", type=_day, metavar="日期", help="可以报送的最后一天，如 2018-01-25")
    _who(one, "--reason", "理由")
    one = _command(commands, "role", role, "更正文件的用途", "zicha role 附件1.docx catalog --by 张三")
    one.add_argument("file", metavar="文件", help="文件名称，或其校验值的开头几位")
    one.add_argument("role", choices=("report", "catalog", "evidence", "other"), metavar="用途", help="report、catalog、evidence 或 other")
    _who(one, "--reason", "理由")
    one = _command(commands, "undo", undo, "撤销一条记录（撤销也可以再撤销）", "zicha undo 12 --by 张三")
    one.add_argument("seq", type=_whole, metavar="第几条")
    _who(one, "--reason", "理由")
    one = _command(commands, "audit", audit, "列出全部决定记录，或校验其完整", "zicha audit verify")
    one.add_argument("what", nargs="?", choices=("list", "verify"), default="list", metavar="list|verify")
    for flag, what in (("--unit", "单位"), ("--item", "条目"), ("--by", "姓名")):
        one.add_argument(flag, metavar=what, help=f"只列该{what}的记录")
    _json(one)


def _facts(parser: argparse.ArgumentParser) -> None:
    """The commands about facts."""
    kinds = parser.add_subparsers(title="事实", metavar="事实", required=True)
    one = _command(kinds, "template", facts_template, "生成网上监察和上报情况统计样表", "zicha facts template 统计表.xlsx")
    one.add_argument("file", type=Path, metavar="文件", help="要写的 XLSX 文件")
    one = _command(kinds, "import", facts_import, "导入统计表（XLSX、CSV）；有错则整张不导入", "zicha facts import 统计表.xlsx --by 张三")
    one.add_argument("file", type=Path, metavar="文件", help="填好的统计表")
    one.add_argument("--by", required=True, metavar="姓名", help="导入的人")
    one.add_argument("--period", default="", metavar="期间", help="统计期间，如 2017-11 或 2017；不写则取表中所写")
    one = _command(kinds, "undo", facts_undo, "撤销整张导入的统计表", "zicha facts undo 12 --by 张三")
    one.add_argument("seq", type=_whole, metavar="第几条", help="该表中任何一条的序号，见 zicha facts list")
    _who(one, "--reason", "理由")
    one = _command(kinds, "add", facts_add, "记下审核人认定的一项事实", "zicha facts add 民政局 4.2b --count 2 --by 张三")
    one.add_argument("unit", metavar="单位")
    one.add_argument("clause", metavar="条款", help="条款编号，如 4.2b")
    one.add_argument("--count", type=_whole, default=1, metavar="次数", help="次数（默认1）")
    _who(one, "--note", "说明")
    one = _command(kinds, "list", facts_list, "列出全部事实及其是否有效", "zicha facts list --unit 民政局")
    one.add_argument("--unit", metavar="单位", help="只列该单位")
    _json(one)


def _corrections(parser: argparse.ArgumentParser) -> None:
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
        one = _command(kinds, name, correct, what, f"zicha correct 民政局 {name} … --by 张三")
        for key, metavar, help in places:
            one.add_argument(key, metavar=metavar, help=help)
        if name in ("link", "add"):
            one.add_argument("rows", nargs="+" if name == "link" else "*", metavar="目录项", help="编号（c5）、所印序号或题名中几个字")
        if name == "add":
            one.add_argument("--nth", type=_whole, default=1, metavar="N", help="该段中第几处相同文字（默认第1处）")
        _who(one, "--reason", "理由")


def _who(parser: argparse.ArgumentParser, flag: str, what: str) -> None:
    """Who says it, and a word about why."""
    parser.add_argument("--by", required=True, metavar="姓名", help="作出决定的人")
    parser.add_argument(flag, default="", metavar="文字", help=what)


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], what: str, example: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=what, description=what, epilog=f"例：{example}", add_help=False)
    _common(parser, default=argparse.SUPPRESS)
    parser.set_defaults(run=run)
    return parser


def _common(parser: argparse.ArgumentParser, *, default: Any) -> None:
    """Options that stand before or after the command; the later one wins."""
    parser.add_argument("-h", "--help", action="help", help="显示帮助")
    parser.add_argument("--home", metavar="目录", default=default, help="工作目录（默认：环境变量 ZICHA_HOME，否则当前目录）")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} 不是日期，应写作 2018-01-31") from None


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise argparse.ArgumentTypeError(f"“{text}”不是整数")
    return int(text)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序读取")


def _version() -> str:
    try:
        return version("zicha")
    except PackageNotFoundError:
        return "0.1.0"


if __name__ == "__main__":
    sys.exit(main())
