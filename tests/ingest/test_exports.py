"""Tables and letters on command: remembered, made again byte for byte, and never written over a person's work."""

from __future__ import annotations

import email
import email.policy
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

import docx
import openpyxl
import pytest

from ingest.actions import acting
from ingest.exports import Written, write_again, write_letters, write_tables
from ingest.rules import Rules, load_rules
from ingest.service import Service
from ingest.settings import Settings, load_settings
from ingest.store import Store
from ingest.watch import once
from ingest.work import Workers
from scoring.rubric import RubricError, builtin
from templates.letters_words import Occasion

T = TypeVar("T")
Maker = Callable[..., bytes]
BLANK = Occasion()
LATE = ("Mon, 22 Jan 2018 09:00:00 +0800",)
IN_TIME = ("Fri, 19 Jan 2018 10:36:05 +0800",)
UNITS = ("尖山区", "集贤县", "饶河县")


class Home:
    """A home folder in which everything was judged; exports are asked of it as the commands do."""

    def __init__(self, path: Path) -> None:
        self.settings: Settings = load_settings(path, {"ZICHA_SETTLE": "0"})
        self.rules: Rules = load_rules(self.settings)
        self.tables, self.letters = self.settings.outbox / "tables", self.settings.outbox / "letters"

    def export(self) -> Written:
        return self._with(lambda store: write_tables(self.settings, self.rules, store))

    def write(self, occasion: Occasion = BLANK) -> Written:
        return self._with(lambda store: write_letters(self.settings, self.rules, store, occasion))

    def again(self) -> tuple[Written, ...]:
        return self._with(lambda store: write_again(self.settings, self.rules, store))

    def confirm(self, item: str, points: str) -> None:
        with acting(self.settings, self.rules) as actions:
            actions.confirm("集贤县", item, points, by="甲审核员")

    def judge(self, workers: Workers) -> None:
        with Service(self.settings, self.rules, say=lambda _: None, workers=workers) as service:
            once(service)

    def rebuild(self, workers: Workers) -> None:
        with Service(self.settings, self.rules, say=lambda _: None, workers=workers) as service:
            service.store.forget_derived()
            service.judge()
            write_again(self.settings, self.rules, service.store)

    def everything(self) -> dict[str, bytes]:
        outbox = self.settings.outbox
        return {p.relative_to(outbox).as_posix(): p.read_bytes() for p in outbox.rglob("*") if p.is_file()}

    def mail(self, name: str) -> tuple[str, str]:
        """(To, body) of a draft."""
        found = email.message_from_bytes((self.letters / name).read_bytes(), policy=email.policy.default)
        body = found.get_body()  # type: ignore[attr-defined]
        return found["To"], body.get_content()

    def _with(self, do: Callable[[Store], T]) -> T:
        store = Store(self.settings.var / "zicha.db")
        try:
            return do(store)
        finally:
            store.close()


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers() as running:
        yield running


def small_roster() -> str:
    """Three units of the shipped roster, one of them with an address: letters for fifty would only take longer."""
    entries = builtin()["roster.toml"].split("[[units]]")
    found = "".join(f"[[units]]{e}" for e in entries if any(f'name = "{unit}"' in e for unit in UNITS))
    return found.replace('name = "集贤县"\n', 'name = "集贤县"\nmail = "office@jixian.example"\n')


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, workers: Workers, make_mail: Maker, make_report: Maker, make_catalog: Maker) -> Path:
    """One unit in time with report and catalog, one late without a catalog, one of which only a broken file came, and a stranger."""
    path = tmp_path_factory.mktemp("judged")
    (path / "rubrics" / "shuangyashan-2017").mkdir(parents=True)
    (path / "rubrics" / "shuangyashan-2017" / "roster.toml").write_text(small_roster(), "utf-8")
    thief = "集贤县政府办公室 <thief@evil.example>"
    raohe = "饶河县人民政府办公室 <x@y.example>"
    mails = {
        "a.eml": make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}, sender=thief, received=IN_TIME),
        "b.eml": make_mail({"自查报告.docx": make_report("饶河县")}, sender=raohe, subject="饶河县自查报告", received=LATE),
        "c.eml": make_mail({"饶河县补充.docx": b"PK\x03\x04 broken"}, sender=raohe, subject="饶河县2017年自查报告", received=LATE),
        "d.eml": make_mail({}, sender="谁 <who@who.example>", subject="你好", body="随便写写。"),
    }
    (path / "inbox").mkdir()
    for name, data in mails.items():
        (path / "inbox" / name).write_bytes(data)
    Home(path).judge(workers)
    return path


@pytest.fixture
def home(judged: Path, tmp_path: Path) -> Home:
    shutil.copytree(judged, tmp_path / "home")
    return Home(tmp_path / "home")


def test_tables_go_to_a_folder_of_their_own(home: Home) -> None:
    written = home.export()
    assert written.folder == home.tables and {p.name for p in home.tables.iterdir()} == set(written.files)
    book = openpyxl.load_workbook(home.tables / "汇总表.xlsx")
    rows = {r[1]: r for r in book["汇总"].iter_rows(min_row=2, values_only=True)}
    assert [rows[u][3:5] for u in ("集贤县", "饶河县", "尖山区")] == [("审核中", None), ("审核中", "迟报"), ("未报", None)]


def test_confirmed_points_are_in_the_tables_the_next_time(home: Home) -> None:
    home.export()
    home.confirm("1.1", "3.5")
    home.export()
    data = json.loads((home.tables / "全部数据.json").read_text("utf-8"))
    unit = next(u for u in data["units"] if u["unit"] == "集贤县")
    assert (unit["confirmed_items"], unit["current"]["total"]) == (1, 98.5)


def test_every_unit_gets_the_letters_that_it_needs(home: Home) -> None:
    names = set(home.write().files)
    assert {n for n in names if n.startswith("03-饶河县-")} == {
        "03-饶河县-补正通知.docx", "03-饶河县-补正通知.eml", "03-饶河县-量化评分表.docx", "03-饶河县-回执-1.eml", "03-饶河县-回执-2.eml",
    }  # fmt: skip
    assert {n for n in names if n.startswith("01-")} == {"01-尖山区-催报通知.docx", "01-尖山区-催报通知.eml"}
    assert "催报名单.xlsx" in names and "催报通知" not in "".join(n for n in names if n.startswith(("02-", "03-")))


def test_paper_is_asked_for_from_the_first_record_of_it_on(home: Home) -> None:
    def asked(unit: str) -> str:
        name = next(home.letters.glob(f"*-{unit}-补正通知.docx"), None)
        return "".join(c.text for r in docx.Document(str(name)).tables[0].rows for c in r.cells) if name else ""

    home.write()
    assert "纸质" not in asked("集贤县")
    with acting(home.settings, home.rules) as actions:
        actions.paper_received("饶河县", "2018-01-19", by="赵六")
    home.write()
    assert "纸质佐证材料未收到" in asked("集贤县") and "报市政府804室" in asked("集贤县")
    assert "纸质佐证材料未收到" not in asked("饶河县") and "目录清单首页未加盖单位公章" in asked("饶河县")
    with acting(home.settings, home.rules) as actions:
        actions.undo(actions.store.journal_head()[0], by="赵六")
    home.write()
    assert "纸质佐证材料未收到" not in asked("集贤县")


def test_drafts_go_to_the_roster_and_no_senders_address_is_in_any_file(home: Home) -> None:
    home.write()
    assert home.mail("02-集贤县-回执-1.eml")[0] == home.mail("02-集贤县-补正通知.eml")[0] == "office@jixian.example"
    assert home.mail("03-饶河县-回执-1.eml")[0] == ""
    written = b"".join(p.read_bytes() for p in home.letters.iterdir())
    assert not any(word in written for word in (b"evil.example", b"y.example", b"who.example"))


def test_every_mail_gets_a_receipt_that_tells_what_came_and_whether_it_was_late(home: Home) -> None:
    home.write()
    assert "之前到达" in home.mail("02-集贤县-回执-1.eml")[1] and "自查报告.docx（自查报告）" in home.mail("02-集贤县-回执-1.eml")[1]
    assert "按迟报登记" in home.mail("03-饶河县-回执-1.eml")[1]
    receipts = [home.mail(p.name)[1] for p in home.letters.glob("03-*-回执-*.eml")]
    assert any("饶河县补充.docx（未能处理）" in text and "1. 饶河县补充.docx：" in text for text in receipts)


def test_a_mail_of_nobody_knows_whom_gets_a_receipt_without_an_address(home: Home) -> None:
    home.write()
    (name,) = (p.name for p in home.letters.glob("00-未识别单位-*-回执.eml"))
    assert home.mail(name)[0] == "" and "未能识别报送单位" in home.mail(name)[1]


@pytest.mark.slow
def test_asking_again_changes_nothing(home: Home) -> None:
    home.export(), home.write()
    before = {p: p.stat().st_mtime_ns for p in home.settings.outbox.rglob("*")}
    home.export(), home.write()
    assert {p: p.stat().st_mtime_ns for p in home.settings.outbox.rglob("*")} == before


@pytest.mark.slow
def test_judging_leaves_them_alone(home: Home, workers: Workers) -> None:
    home.export(), home.write()
    before = home.everything()
    home.judge(workers)
    assert home.everything() == before


@pytest.mark.slow
def test_everything_deleted_comes_back_byte_for_byte(home: Home, workers: Workers) -> None:
    home.confirm("1.1", "3.5")
    home.export(), home.write(Occasion(date(2018, 1, 22), date(2018, 1, 31)))
    before = home.everything()
    shutil.rmtree(home.settings.outbox)
    home.rebuild(workers)
    assert home.everything() == before
    assert "2018年1月31日" in home.mail("02-集贤县-补正通知.eml")[1]


def test_what_was_never_asked_for_is_not_made(home: Home) -> None:
    assert home.again() == () and not home.tables.exists() and not home.letters.exists()


@pytest.mark.slow
def test_what_a_person_changed_is_left_and_named(home: Home) -> None:
    home.write()
    edited = home.letters / "03-饶河县-补正通知.docx"
    edited.write_bytes(b"edited by hand")
    written = home.write(Occasion(until=date(2018, 2, 1)))
    assert written.left == ("03-饶河县-补正通知.docx",) and edited.read_bytes() == b"edited by hand"
    assert home.again()[-1].left == written.left
    edited.unlink()
    assert home.write().left == () and edited.read_bytes()[:2] == b"PK"


@pytest.mark.slow
def test_a_letter_that_is_no_longer_true_goes_unless_a_person_changed_it(
    home: Home, workers: Workers, make_mail: Maker, make_report: Maker
) -> None:
    home.write()
    (home.letters / "01-尖山区-催报通知.docx").write_bytes(b"edited by hand")
    mail = make_mail({"自查报告.docx": make_report("尖山区")}, subject="尖山区自查报告", received=IN_TIME)
    (home.settings.inbox / "e.eml").write_bytes(mail)
    home.judge(workers)
    home.write()
    left = {p.name for p in home.letters.glob("01-*")}
    assert "01-尖山区-催报通知.eml" not in left and "01-尖山区-催报通知.docx" in left and "01-尖山区-补正通知.docx" in left


def test_a_crash_between_two_files_is_not_taken_for_a_persons_work(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.export()
    home.confirm("1.1", "3.5")
    with monkeypatch.context() as broken:
        calls = iter(range(100))

        def failing(path: Path, data: bytes) -> None:
            if next(calls) == 2:
                raise OSError("disk full")
            path.write_bytes(data)

        broken.setattr("ingest.exports.write_if_changed", failing)
        with pytest.raises(OSError, match="disk full"):
            home.export()
    assert home.export().left == ()


def test_an_office_says_it_in_its_own_words(home: Home) -> None:
    (home.settings.home / "letters.toml").write_text('[receipt]\nclosing = "　　特此回执。"\n', "utf-8")
    home.write()
    assert "　　特此回执。" in home.mail("02-集贤县-回执-1.eml")[1]


def test_words_that_cannot_work_are_refused_by_file_and_key(home: Home) -> None:
    (home.settings.home / "letters.toml").write_text("[receipt]\nclosing = 3\n", "utf-8")
    with pytest.raises(RubricError, match=r"letters\.toml：receipt\.closing"):
        home.write()


def test_files_are_for_their_owner_alone(home: Home) -> None:
    home.export()
    assert {p.stat().st_mode & 0o077 for p in home.tables.iterdir()} == {0}
