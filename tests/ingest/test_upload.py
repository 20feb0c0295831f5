"""Files that a person brings in through the pages are arrivals like any other: kept first, journalled, in the sum, judged."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.actions import Actions, Refused
from ingest.intake import Sent, display_name
from ingest.ledger import ledger_now
from ingest.outbox import summary
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.store import Store
from ingest.watch import once
from ingest.work import Workers
from scoring.journal import UPLOAD

Maker = Callable[..., bytes]


class Home:
    """A home folder; `beside` are the pages' own actions, which leave all judging to whoever holds the folder."""

    def __init__(self, path: Path, workers: Workers) -> None:
        self.path, self.workers = path, workers
        self.settings = load_settings(path, {"ZICHA_SETTLE": "0", "ZICHA_MAX_FILE": "1"})
        self.rules = load_rules(self.settings)
        self.settings.inbox.mkdir()
        self.store = Store(self.settings.var / "zicha.db")
        self.actions = Actions(self.settings, self.rules, self.store, workers=workers)
        self.beside = Actions(self.settings, self.rules, self.store, publish=False)

    def service(self) -> Service:
        return Service(self.settings, self.rules, say=lambda _: None, workers=self.workers)

    def run(self) -> None:
        with self.service() as service:
            once(service)

    def states(self) -> dict[str, str]:
        return {a.place.partition("//")[2].partition("/")[2]: a.state for a in self.store.arrivals()}

    def out(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in self.settings.outbox.iterdir()}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, workers: Workers) -> Iterator[Home]:
    opened = Home(tmp_path, workers)
    yield opened
    opened.store.close()


def sent(name: str, data: bytes, role: str = "") -> Sent:
    return Sent(name, io.BytesIO(data), role)


def test_report_and_catalog_of_one_upload_are_one_submission(home: Home, make_report: Maker, make_catalog: Maker) -> None:
    place = home.actions.upload([sent("报告.docx", make_report()), sent("目录.xlsx", make_catalog())], by="张三", reason="U盘")
    assert place.startswith("上传//1-") and place.endswith("/")
    assert home.states() == {"报告.docx": "used", "目录.xlsx": "used"}
    (submission,) = home.store.submissions()
    assert submission.place == place
    sheet = home.actions.sheet("集贤县")
    assert sheet is not None and len(sheet["catalog"]) == 2


def test_the_journal_says_who_brought_what(home: Home, make_report: Maker) -> None:
    place = home.actions.upload([sent("报告.docx", make_report())], by="张三", reason="U盘")
    (entry,) = home.store.entries()
    assert (entry.kind, entry.by, entry.reason, entry.body["place"]) == (UPLOAD, "张三", "U盘", f"{place}报告.docx")


def test_the_person_says_whose_it_is_and_what_each_file_is(home: Home, make_docx: Maker) -> None:
    files = [sent("扫描件.docx", make_docx("今年完成了各项工作。"), "report"), sent("附件.txt", "其他说明".encode(), "other")]
    home.actions.upload(files, unit="饶河县", by="张三")
    sheet = home.actions.sheet("饶河县")
    assert sheet is not None
    assert {f["name"]: f["role"] for f in sheet["submission"]["files"]} == {"扫描件.docx": "report", "附件.txt": "other"}


def test_a_later_word_about_whose_it_is_counts(home: Home, make_report: Maker) -> None:
    place = home.actions.upload([sent("报告.docx", make_report())], unit="饶河县", by="张三")
    home.actions.assign(place, "宝清县", by="李四")
    assert home.actions.sheet("饶河县") is None and home.actions.sheet("宝清县") is not None


def test_a_mail_among_the_files_is_a_submission_by_itself(home: Home, make_mail: Maker, make_report: Maker) -> None:
    mail = make_mail({"自查报告.docx": make_report("宝清县")})
    home.actions.upload([sent("来信.eml", mail), sent("报告.docx", make_report())], by="张三")
    assert home.states() == {"来信.eml": "used", "来信.eml#1": "used", "报告.docx": "used"}
    assert len(home.store.submissions()) == 2


def test_beside_a_watcher_it_waits_in_the_sum_until_the_watcher_enters_it(home: Home, make_report: Maker) -> None:
    with home.service() as watcher:
        watcher.follow()
        home.beside.upload([sent("报告.docx", make_report())], by="张三")
        assert summary(ledger_now(home.settings))["states"]["waiting"] == 1
        watcher.follow()
        assert summary(ledger_now(home.settings))["states"] == summary(home.store.arrivals())["states"]
        assert home.states() == {"报告.docx": "used"}


def test_a_crash_after_it_was_journalled_loses_nothing(home: Home, make_report: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(Store, "record", dies)
        with pytest.raises(Killed):
            home.actions.upload([sent("报告.docx", make_report())], by="张三")
    home.run()
    assert home.states() == {"报告.docx": "used"}


def test_a_rebuild_comes_out_the_same(home: Home, make_report: Maker) -> None:
    home.actions.upload([sent("报告.docx", make_report())], unit="饶河县", by="张三")
    before = home.out()
    with home.service() as service:
        service.store.forget_derived()
        service.judge()
    assert home.out() == before


def test_the_same_files_twice_are_duplicates(home: Home, make_report: Maker) -> None:
    report = make_report()
    for _ in range(2):
        home.actions.upload([sent("报告.docx", report)], by="张三")
    assert sorted(a.state for a in home.store.arrivals()) == ["duplicate", "used"]
    assert [s.place[:6] for s in home.store.submissions()] == ["上传//1-", "上传//2-"]


def test_two_files_of_one_name_are_two_arrivals(home: Home, make_report: Maker, make_catalog: Maker) -> None:
    home.actions.upload([sent("附件.docx", make_report()), sent("附件.docx", make_catalog())], by="张三")
    assert [a.name for a in home.store.arrivals()] == ["附件.docx", "附件.docx"]


def test_an_empty_file_arrived_and_says_so(home: Home) -> None:
    home.actions.upload([sent("空.docx", b"")], by="张三")
    (arrival,) = home.store.arrivals()
    assert (arrival.state, arrival.cause) == ("quarantined", "文件是空的，没有任何内容")


def test_a_file_beyond_the_bound_is_refused_with_everything_beside_it(home: Home, make_report: Maker) -> None:
    with pytest.raises(Refused, match=r"大\.pdf超过1 MB"):
        home.actions.upload([sent("报告.docx", make_report()), sent("大.pdf", b"x" * ((1 << 20) + 1))], by="张三")
    assert home.store.entries() == () and home.store.arrivals() == []
    assert not [p for p in (home.settings.var / "archive").iterdir() if p.is_file()]


def test_a_full_disk_leaves_nothing_behind(home: Home, make_report: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("ingest.files.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            home.actions.upload([sent("报告.docx", make_report())], by="张三")
    assert home.store.entries() == () and not [p for p in (home.settings.var / "archive").rglob("*") if p.is_file()]


@pytest.mark.parametrize(("files", "unit"), [([], None), ([("a.docx", "novel")], None), ([("a.docx", "")], "没有这个单位")])
def test_what_makes_no_sense_is_refused(home: Home, files: list[tuple[str, str]], unit: str | None) -> None:
    with pytest.raises(Refused):
        home.actions.upload([sent(n, b"x", r) for n, r in files], unit=unit, by="张三")
    assert home.store.entries() == ()


@pytest.mark.parametrize(("given", "shown"), [
    ("报告.docx", "报告.docx"),
    ("C:\\Users\\某人\\桌面\\报告 (1).docx", "报告 (1).docx"),
    ("../../etc/passwd", "passwd"),
    ("<script>alert(1)</script>.docx", "script>.docx"),
    ("<img src=x onerror=alert(1)>.docx", "<img src=x onerror=alert(1)>.docx"),
    ("报\x00告\u202excod.exe\n.docx", "报告xcod.exe.docx"),
    ("..", "未命名文件"),
    ("", "未命名文件"),
    ("\ud800.docx", "?.docx"),
    ("长" * 300 + ".docx", "长" * 80 + ".docx"),
])  # fmt: skip
def test_a_name_is_kept_as_given_but_for_folders_and_what_nobody_can_see(given: str, shown: str) -> None:
    assert display_name(given) == shown


def test_an_upload_is_found_as_people_read_it(home: Home, make_docx: Maker) -> None:
    place = home.actions.upload([sent("说明.docx", make_docx("一份材料，请查收。")), sent("空.docx", b"")], by="张三")
    read = place.replace("//", "/")
    assert [a.name for a in home.actions.retry([read], by="张三")] == ["空.docx"]
    home.actions.role(f"{read}说明.docx", "report", by="张三")
    home.actions.assign(read.rstrip("/").rpartition("/")[2], "宝清县", by="张三")
    home.actions.assign(read, "饶河县", by="张三")
    assert home.actions.sheet("饶河县") is not None
    assert "//" not in "".join(str(row.get("name")) for _, _, row in home.store.board_rows())
