"""Mails of one unit from several people: what counts, what waits for whom, and that a person decides it and can take it back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from ingest.actions import Actions, Refused
from ingest.exports import write_letters
from ingest.oneshot import process
from ingest.outbox import BOARD
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.store import Store
from ingest.watch import once
from ingest.work import Workers
from templates.letters_words import Occasion

Maker = Callable[..., bytes]
Sheet = dict[str, Any]
OFFICE, STRANGER = "集贤县政府办公室 <office@county.example>", "张某 <someone@else.example>"
EARLY, LATER, LATEST = (f"{day}, {n} Jan 2018 10:00:00 +0800" for day, n in (("Wed", 17), ("Thu", 18), ("Fri", 19)))
OVERDUE = "Tue, 23 Jan 2018 10:00:00 +0800"
EXTRA = "印发了《集贤县政务公开工作方案》（办发〔2017〕20号），"


class Home:
    """A home folder; `receive` is a mail and `zicha once` after it, `act` what a person does."""

    def __init__(self, path: Path, workers: Workers) -> None:
        self.path, self.workers = path, workers
        self.settings = load_settings(path, {"ZICHA_SETTLE": "0"})
        self.settings.inbox.mkdir()

    def receive(self, **mails: bytes) -> None:
        for name, data in mails.items():
            (self.settings.inbox / f"{name}.eml").write_bytes(data)
        self.run()

    def run(self) -> None:
        with Service(self.settings, load_rules(self.settings), say=lambda _: None, workers=self.workers) as service:
            once(service)

    def rebuild(self) -> None:
        with Service(self.settings, load_rules(self.settings), say=lambda _: None, workers=self.workers) as service:
            service.store.forget_derived()
            service.judge()

    def act(self, what: Callable[[Actions], Any]) -> Any:
        store = Store(self.settings.var / "zicha.db")
        try:
            return what(Actions(self.settings, load_rules(self.settings), store, workers=self.workers))
        finally:
            store.close()

    def undo(self, seq: int) -> None:
        self.act(lambda a: a.undo(seq, by="王五"))

    def fate(self, place: str) -> tuple[str, str, str]:
        return next((a.state, a.cause, a.next_step) for a in self.act(lambda a: a.store.arrivals()) if a.place == place)

    def states(self) -> dict[str, str]:
        return {a.place: a.state for a in self.act(lambda a: a.store.arrivals())}

    def sheet(self, unit: str = "05-集贤县") -> Sheet:
        found: Sheet = json.loads((self.settings.outbox / f"{unit}-工作单.json").read_text("utf-8"))
        return found

    def page(self, name: str = "05-集贤县-工作单.html") -> str:
        return (self.settings.outbox / name).read_text("utf-8")

    def files(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in self.settings.outbox.iterdir() if p.is_file()}

    def names(self) -> list[str]:
        return sorted(p.name for p in self.settings.outbox.glob("*.json"))


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, workers: Workers) -> Home:
    return Home(tmp_path, workers)


@pytest.fixture
def first(make_mail: Maker, make_report: Maker, make_catalog: Maker) -> bytes:
    return make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}, sender=OFFICE, date=EARLY)


@pytest.fixture
def corrected(make_mail: Maker, make_report: Maker) -> Callable[..., bytes]:
    """corrected(sender, date) -> a report that names one thing more, alone."""

    def make(sender: str = STRANGER, date: str = LATER) -> bytes:
        return make_mail({"自查报告.docx": make_report(extra=EXTRA)}, sender=sender, date=date, subject="集贤县自查报告（更正）")

    return make


def test_the_first_mail_of_a_unit_is_used_at_once_whoever_sent_it(home: Home, corrected: Callable[..., bytes]) -> None:
    home.receive(a=corrected())
    assert home.states() == {"a.eml": "used", "a.eml#1": "used"}
    assert "dossier" not in home.sheet()


def test_a_newer_report_from_a_stranger_waits_and_the_older_one_stays_in_use(
    home: Home, first: bytes, corrected: Callable[..., bytes]
) -> None:
    home.receive(a=first)
    before = home.sheet()
    home.receive(b=corrected())
    assert home.states() == {"a.eml": "used", "a.eml#1": "used", "a.eml#2": "used", "b.eml": "waiting", "b.eml#1": "waiting"}
    for place in ("b.eml", "b.eml#1"):
        _, cause, step = home.fate(place)
        assert cause == "发件人未知" and "zicha accept b.eml" in step and "zicha refuse b.eml" in step
    after = home.sheet()
    for part in ("unit", "blocks", "claims", "catalog", "gaps", "score"):
        assert after[part] == before[part]
    assert [(p["mail"], p["state"], p["use"]) for p in after["dossier"]] == [
        ("a.eml", "used", ["report", "catalog"]),
        ("b.eml", "waiting", []),
    ]


def test_board_and_page_show_first_what_waits_and_whose_move_it_is(home: Home, first: bytes, corrected: Callable[..., bytes]) -> None:
    home.receive(a=first, b=corrected())
    board = home.page(BOARD)
    assert board.index("等待决定的来件") < board.index('id="arrivals"')
    assert "发件人未知" in board and "zicha accept b.eml" in board and "办公室处理" in board
    (waiting,) = [n for n in home.names() if n.startswith("00-等待-集贤县")]
    assert waiting.replace(".json", ".html") in home.files()
    assert "另有 1 件来件等待决定" in home.page() and "若采用，与现用件相比" in home.page()
    assert "此件没有采用：发件人未知" in home.page(waiting.replace(".json", ".html"))


@pytest.mark.slow
def test_accepted_it_counts_and_its_sender_is_known_from_then_on(
    home: Home, first: bytes, corrected: Callable[..., bytes], make_mail: Maker, make_catalog: Maker
) -> None:
    home.receive(a=first, b=corrected())
    before = home.files()
    assert home.act(lambda a: a.accept("b.eml", by="王五", reason="已电话核实")) == ["集贤县"]
    assert home.states()["b.eml#1"] == "used" and home.states()["a.eml#1"] == "superseded"
    sheet = home.sheet()
    assert any("政务公开工作方案" in c["text"] for c in sheet["claims"]) and sheet["catalog"], "with the catalog that was there"
    assert home.names() == ["05-集贤县-工作单.json"]
    home.receive(c=make_mail({"目录清单.xlsx": make_catalog(more=["签到簿"])}, sender=STRANGER, date=LATEST, subject="集贤县目录清单"))
    assert home.states()["c.eml#1"] == "used" and len(home.sheet()["catalog"]) == 3
    (home.settings.inbox / "c.eml").unlink()
    with pytest.raises(Refused, match="没有在等待"):
        home.act(lambda a: a.accept("a.eml", by="王五"))
    home.undo(1)
    assert home.states()["b.eml#1"] == "waiting" and home.states()["c.eml#1"] == "waiting"
    assert home.sheet()["claims"] == json.loads(before["05-集贤县-工作单.json"])["claims"]


@pytest.mark.slow
def test_accept_then_undo_is_the_state_before(home: Home, first: bytes, corrected: Callable[..., bytes]) -> None:
    home.receive(a=first, b=corrected())
    before = home.files(), home.states()
    home.act(lambda a: a.accept("b.eml", by="王五"))
    assert (home.files(), home.states()) != before
    home.act(lambda a: a.undo(1, by="王五"))
    assert (home.files(), home.states()) == before
    home.act(lambda a: a.refuse("b.eml", by="王五"))
    home.act(lambda a: a.undo(3, by="王五"))
    assert (home.files(), home.states()) == before


def test_refused_it_is_out_of_the_way_but_in_sight_and_can_still_be_accepted(
    home: Home, first: bytes, corrected: Callable[..., bytes]
) -> None:
    home.receive(a=first, b=corrected())
    assert home.act(lambda a: a.refuse("b.eml", by="王五", reason="非该县人员")) == ["集贤县"]
    assert home.fate("b.eml#1") == ("not_needed", "王五决定不采用（非该县人员）", "")
    assert home.names() == ["05-集贤县-工作单.json"] and 'id="waiting"' not in home.page(BOARD)
    assert [p["cause"] for p in home.sheet()["dossier"]] == ["", "王五决定不采用（非该县人员）"]
    with pytest.raises(Refused, match="已决定不采用"):
        home.act(lambda a: a.refuse("b.eml", by="王五"))
    home.act(lambda a: a.accept("b.eml", by="李四"))
    assert home.states()["b.eml#1"] == "used"


def test_a_mail_in_use_can_be_refused_then_the_next_one_starts_the_dossier(
    home: Home, first: bytes, corrected: Callable[..., bytes]
) -> None:
    home.receive(a=corrected(date=EARLY), b=first.replace(EARLY.encode(), LATER.encode()))
    assert home.states()["b.eml"] == "waiting"
    home.act(lambda a: a.refuse("a.eml", by="王五"))
    assert (home.states()["a.eml#1"], home.states()["b.eml#1"]) == ("not_needed", "used")
    home.act(lambda a: a.refuse("b.eml", by="王五"))
    assert home.names() == [] and "未报" in home.page(BOARD)


@pytest.mark.slow
def test_from_the_rosters_address_it_counts_though_another_was_first(home: Home, corrected: Callable[..., bytes], first: bytes) -> None:
    rules = load_rules(home.settings)
    roster = "".join(
        f'[[units]]\nname = "{u.name}"\ngroup = "{u.group}"\nfull = "{u.full}"\n'
        + ('mail = "Office@County.example"\n' if u.name == "集贤县" else "")
        for u in rules.roster.units
    )
    own = home.path / "rubrics" / rules.rubric.id
    own.mkdir(parents=True)
    (own / "roster.toml").write_text(roster, "utf-8")
    home.receive(a=corrected(date=EARLY), b=first.replace(EARLY.encode(), LATER.encode()))
    assert home.states()["b.eml#1"] == "used" and home.states()["a.eml#1"] == "superseded"


@pytest.mark.slow
def test_nothing_is_asked_of_a_unit_while_something_of_it_waits(
    home: Home, make_mail: Maker, make_report: Maker, make_catalog: Maker
) -> None:
    report = make_mail({"自查报告.docx": make_report()}, sender=OFFICE, date=EARLY)
    home.receive(a=report, b=make_mail({"集贤县目录清单.xlsx": make_catalog()}, sender=STRANGER, date=LATER, subject="集贤县佐证材料目录"))

    def asked() -> tuple[bool, tuple[str, ...]]:
        written = home.act(lambda a: write_letters(home.settings, a.rules, a.store, Occasion()))
        return any("集贤县-补正通知" in name for name in written.files), written.held

    assert "catalog_missing" in {g["kind"] for g in home.sheet()["gaps"]}
    assert asked() == (False, ("集贤县：有来件等待决定采用与否",))
    home.act(lambda a: a.refuse("b.eml", by="王五", reason="不是该县的"))
    assert asked() == (True, ())


@pytest.mark.slow
def test_a_wrong_units_catalog_in_the_same_mail_is_asked_about_until_a_person_says_what_it_is(
    home: Home, make_mail: Maker, make_report: Maker, make_docx: Maker
) -> None:
    table = [("序号", "材料名称", "文号"), ("1", "关于成立领导小组的通知", "宝政办发〔2017〕3号"), ("2", "网上预审登记簿", "")]
    other = make_docx("宝清县2017年“互联网+政务服务”工作佐证材料目录清单", rows=table)
    home.receive(a=make_mail({"自查报告.docx": make_report(), "宝清县目录清单.docx": other}, sender=OFFICE, date=EARLY))

    def told() -> bool:
        return "catalog_of_other_unit" in {g["kind"] for g in home.sheet()["gaps"]}

    assert told() and "目录清单写的是另一单位" in home.page()
    written = home.act(lambda a: write_letters(home.settings, a.rules, a.store, Occasion()))
    assert any("集贤县：目录清单写的是另一单位" in line for line in written.held)
    home.act(lambda a: a.role("宝清县目录清单.docx", "catalog", by="王五", reason="表头写错"))
    assert not told()
    home.undo(1)
    assert told()
    home.act(lambda a: a.role("宝清县目录清单.docx", "other", by="王五", reason="误附"))
    assert not told() and "catalog_missing" in {g["kind"] for g in home.sheet()["gaps"]}


def test_a_catalog_that_another_unit_sent_under_this_ones_name_waits(
    home: Home, first: bytes, make_mail: Maker, make_report: Maker, make_catalog: Maker
) -> None:
    other = make_mail({"自查报告.docx": make_report("饶河县")}, sender="饶河县 <b@raohe.example>", subject="饶河县自查报告", date=EARLY)
    wrong = make_mail(
        {"集贤县目录清单.xlsx": make_catalog("集贤县", more=["签到簿"])}, sender="b@raohe.example", subject="集贤县目录清单", date=LATER
    )
    home.receive(a=first, b=other, c=wrong)
    assert home.states()["c.eml#1"] == "waiting" and len(home.sheet()["catalog"]) == 2
    home.act(lambda a: a.assign("c.eml", "饶河县", by="王五"))
    assert home.states()["c.eml#1"] == "used" and len(home.sheet("08-饶河县")["catalog"]) == 3
    assert "dossier" not in home.sheet()


def test_hardly_recognised_it_waits_even_as_the_first_and_the_unit_stays_unreported(home: Home, make_mail: Maker, make_docx: Maker) -> None:
    lines = ("2017年“互联网+政务服务”工作自查报告", "一、完善组织和制度保障", "印发了《关于成立领导小组的通知》。")
    report = make_docx(*lines, "二、规范网上服务事项")
    home.receive(a=make_mail({"集贤县自查报告.docx": report}, sender="x@y.example", subject="材料", body="集贤县的材料见附件。"))
    assert home.fate("a.eml")[:2] == ("waiting", "单位识别把握不大")
    (only,) = home.names()
    assert only.startswith("00-等待-集贤县")
    assert "单位识别把握不大" in home.page(BOARD)
    home.act(lambda a: a.accept("a.eml", by="王五"))
    assert home.states() == {"a.eml": "used", "a.eml#1": "used"} and home.names() == ["05-集贤县-工作单.json"]


@pytest.mark.slow
def test_how_sure_one_must_be_is_the_rubrics_to_say(home: Home, first: bytes) -> None:
    own = home.path / "rubrics" / load_rules(home.settings).rubric.id
    own.mkdir(parents=True)
    (own / "thresholds.toml").write_text("[dossier]\nunit = 0.9999\n", "utf-8")
    home.receive(a=first)
    assert home.fate("a.eml")[1] == "单位识别把握不大"


@pytest.mark.slow
def test_the_same_mail_forwarded_by_a_stranger_has_nothing_to_wait_for(
    home: Home, first: bytes, make_mail: Maker, make_report: Maker, make_catalog: Maker, corrected: Callable[..., bytes]
) -> None:
    again = make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}, sender=STRANGER, date=LATER)
    home.receive(a=first, b=again)
    assert home.states()["b.eml"] == "duplicate"
    home.receive(c=corrected(date=LATEST))
    assert home.states()["c.eml"] == "waiting", "and its sender is not known by it"


@pytest.mark.slow
def test_rows_in_the_words_of_a_strangers_mail_wait(home: Home, first: bytes, make_mail: Maker) -> None:
    rows = ("集贤县关于成立领导小组的通知（办发〔2017〕12号）", "集贤县政务服务事项目录", "集贤县签到簿", "会议纪要")
    body = "\n".join(["集贤县佐证材料目录清单：", *(f"{n}. {row}" for n, row in enumerate(rows, 1))])
    mail = make_mail({}, sender=STRANGER, subject="集贤县佐证材料目录清单", body=body, date=LATER)
    home.receive(a=first, b=mail)
    assert home.states()["b.eml"] == "waiting"
    home.act(lambda a: a.accept("b.eml", by="王五"))
    assert home.states()["b.eml"] == "used" and len(home.sheet()["catalog"]) == 4


def test_what_is_superseded_stays_in_sight_with_what_changed(home: Home, first: bytes, corrected: Callable[..., bytes]) -> None:
    home.receive(a=first, b=corrected(sender=OFFICE))
    old, new = home.sheet()["dossier"]
    assert (old["state"], old["use"], new["use"]) == ("used", ["catalog"], ["report"])
    assert [(c["change"], "政务公开工作方案" in c["text"]) for c in old["changes"]["claims"]] == [("added", True)]
    assert old["changes"]["sections"] == [{"section": 2, "added": 1, "removed": 1}] and old["changes"]["rows"] == []
    page = home.page()
    assert "现用件与此件相比：报告增1段、减1段；佐证增1处" in page and "规范网上服务事项" in page


def test_decisions_on_what_did_not_change_stay_when_a_waiting_report_is_accepted(
    home: Home, first: bytes, corrected: Callable[..., bytes]
) -> None:
    home.receive(a=first, b=corrected())
    claim = home.sheet()["claims"][0]
    home.act(lambda a: a.missing("集贤县", claim["id"], by="李四"))
    home.act(lambda a: a.confirm("集贤县", "1.1", "4", by="张三"))
    home.act(lambda a: a.confirm("集贤县", "2.1", "3", by="张三"))
    home.act(lambda a: a.accept("b.eml", by="王五"))
    sheet = home.sheet()
    assert sheet["claims"][0]["corrected"]["by"] == "李四" and sheet["claims"][0]["status"] == "missing"
    words = {s["item"]: s["confirmed"] for s in sheet["score"]["items"] if s["confirmed"]}
    assert {i: (w["points"], w["by"]) for i, w in words.items()} == {"1.1": (4, "张三"), "2.1": (3, "张三")}
    assert not words["1.1"]["stale"], "its ground is the same"


@pytest.mark.slow
def test_rebuild_makes_the_same_again(home: Home, first: bytes, corrected: Callable[..., bytes]) -> None:
    home.receive(a=first, b=corrected(), c=corrected(sender="c@c.example", date=LATEST))
    home.act(lambda a: a.accept("b.eml", by="王五"))
    home.act(lambda a: a.extend("集贤县", date(2018, 1, 25), by="王五", reason="网络故障"))
    before = home.files(), home.states()
    for name in before[0]:
        (home.settings.outbox / name).unlink()
    home.rebuild()
    assert (home.files(), home.states()) == before


@pytest.mark.slow
def test_an_extended_deadline_is_what_lateness_is_judged_by_everywhere(home: Home, first: bytes) -> None:
    home.receive(a=first.replace(EARLY.encode(), OVERDUE.encode()))
    late_rules = {r.id for r in load_rules(home.settings).rubric.rules if r.intake == "late"}

    def counted() -> set[str]:
        return {d["rule"] for s in home.sheet()["score"]["items"] for d in s["deductions"] if d["source"] == "intake"}

    def receipt() -> str:
        home.act(lambda a: write_letters(home.settings, a.rules, a.store, Occasion()))
        (path,) = (home.settings.outbox / "letters").glob("*回执*.eml")
        body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body()
        assert body is not None
        return str(body.get_content())

    assert home.sheet()["submission"]["late"] and counted() == late_rules and "迟报" in home.page(BOARD)
    before, letter = home.files(), receipt()
    home.act(lambda a: a.confirm("集贤县", "1.1", "4", by="张三"))
    sheet = home.act(lambda a: a.extend("集贤县", date(2018, 1, 25), by="王五", reason="网络故障"))
    assert sheet["submission"]["late"] is False and counted() == set() and home.sheet() == sheet
    assert "延至 2018年1月25日24时" in home.page() and "网络故障" in home.page()
    assert "延至 2018年1月25日24时" in home.page(BOARD)
    assert receipt() != letter and "2018年1月25日" in receipt()
    home.act(lambda a: a.extend("集贤县", date(2018, 1, 22), by="王五", reason="另定"))
    assert home.sheet()["submission"]["late"] is True, "the last word counts"
    for seq in (3, 2, 1):
        home.undo(seq)
    assert home.files() == before
    with pytest.raises(Refused, match="不是延期"):
        home.act(lambda a: a.extend("集贤县", date(2018, 1, 20), by="王五", reason="提前"))


@pytest.mark.slow
def test_a_correction_after_the_deadline_is_late_by_the_extended_one(home: Home, first: bytes, corrected: Callable[..., bytes]) -> None:
    home.receive(a=first, b=corrected(sender=OFFICE, date=OVERDUE))
    assert home.sheet()["submission"]["corrected_late"] and home.sheet()["submission"]["late"] is False
    home.act(lambda a: a.extend("集贤县", date(2018, 1, 25), by="王五", reason="网络故障"))
    assert not home.sheet()["submission"]["corrected_late"] and home.sheet()["submission"]["late"] is False


def test_a_unit_that_sent_nothing_can_be_given_more_time(home: Home, first: bytes) -> None:
    home.receive(a=first)
    assert home.act(lambda a: a.extend("饶河县", date(2018, 1, 25), by="王五", reason="网络故障")) is None
    assert "延至 2018年1月25日24时" in home.page(BOARD)


def test_reading_paths_without_a_home_folder_lets_nothing_wait(tmp_path: Path, first: bytes, corrected: Callable[..., bytes]) -> None:
    (tmp_path / "a.eml").write_bytes(first)
    (tmp_path / "b.eml").write_bytes(corrected())
    settings = load_settings(tmp_path, {})
    (found,) = process([tmp_path / "a.eml", tmp_path / "b.eml"], settings, load_rules(settings))
    assert any("政务公开工作方案" in c["text"] for c in found.sheet["claims"])


@pytest.mark.slow
def test_a_name_that_cannot_be_typed_is_called_by_its_number(home: Home, first: bytes, corrected: Callable[..., bytes]) -> None:
    home.receive(a=first)
    (home.settings.inbox / "1516341600.M1P2.host:2,S").write_bytes(corrected())
    home.run()
    (number,) = [p["id"][:12] for p in home.sheet()["dossier"] if p["state"] == "waiting"]
    assert f"zicha accept {number} --by" in home.page(BOARD)
    assert home.act(lambda a: a.accept(number, by="王五")) == ["集贤县"]
