"""A home folder at work: what lies in the inbox becomes worksheets, and every arrival ends in one state."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

import ingest.casework
import ingest.files
import ingest.taking
from ingest import opening
from ingest.expanding import Part
from ingest.ledger import ledger_now
from ingest.outbox import BOARD, summary
from ingest.rules import load_rules
from ingest.service import Busy, Service
from ingest.settings import load_settings
from ingest.watch import once
from ingest.work import Workers

Maker = Callable[..., bytes]
Sheet = dict[str, Any]


class Home:
    """A home folder; `run` is `zicha once`."""

    def __init__(self, path: Path, workers: Workers) -> None:
        self.path = path
        self.workers = workers
        self.inbox = path / "inbox"
        self.outbox = path / "outbox"
        self.inbox.mkdir()
        self.said: list[str] = []

    def service(self) -> Service:
        settings = load_settings(self.path, {"ZICHA_SETTLE": "0"})
        return Service(settings, load_rules(settings), say=self.said.append, workers=self.workers)

    def put(self, path: str, data: bytes) -> None:
        (self.inbox / path).parent.mkdir(parents=True, exist_ok=True)
        (self.inbox / path).write_bytes(data)

    def run(self) -> None:
        with self.service() as service:
            once(service)

    def sheet(self, part: str) -> Sheet:
        (path,) = [p for p in self.outbox.glob("*.json") if part in p.name]
        found: Sheet = json.loads(path.read_text("utf-8"))
        return found

    def states(self) -> dict[str, str]:
        with self.service() as service:
            return {a.place: a.state for a in service.store.arrivals()}

    def causes(self) -> dict[str, str]:
        with self.service() as service:
            return {a.place: a.cause for a in service.store.arrivals()}

    def everything(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in self.outbox.iterdir()}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, workers: Workers) -> Home:
    return Home(tmp_path, workers)


def test_a_mail_becomes_a_worksheet_in_html_and_json_and_the_board(
    home: Home, make_mail: Maker, make_report: Maker, make_catalog: Maker
) -> None:
    home.put("a.eml", make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}))
    home.run()
    assert sorted(p.name for p in home.outbox.iterdir()) == ["05-集贤县-工作单.html", "05-集贤县-工作单.json", BOARD]
    assert home.states() == {"a.eml": "used", "a.eml#1": "used", "a.eml#2": "used"}
    assert [c["status"] for c in home.sheet("集贤县")["claims"]] == ["matched", "matched"]


def test_running_again_changes_nothing(home: Home, make_mail: Maker, make_report: Maker) -> None:
    home.put("a.eml", make_mail({"自查报告.docx": make_report()}))
    home.run()
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in home.outbox.iterdir()}
    home.run()
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in home.outbox.iterdir()} == before
    assert len(home.states()) == 2


def test_the_inbox_is_never_changed(home: Home, make_mail: Maker, make_report: Maker) -> None:
    home.put("a.eml", make_mail({"自查报告.docx": make_report()}))
    home.put("某县/坏.docx", b"x")
    before = {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in home.inbox.rglob("*")}
    home.run()
    assert {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in home.inbox.rglob("*")} == before


@pytest.mark.slow
def test_only_the_owner_can_read_what_is_kept(home: Home, make_report: Maker) -> None:
    home.put("报告.docx", make_report())
    old = os.umask(0o077)
    try:
        home.run()
    finally:
        os.umask(old)
    kept = [p for folder in (home.path / "var", home.outbox) for p in folder.rglob("*")]
    assert kept
    assert not [p for p in kept if stat.S_IMODE(p.stat().st_mode) & 0o077]


def test_the_same_bytes_sent_twice_at_once_are_read_once(home: Home, make_report: Maker) -> None:
    said: list[str] = []
    report, together = make_report(), threading.Barrier(3)
    with home.service() as service:
        service.desk.say = said.append

        def read(name: str) -> str:
            together.wait()
            reading = service.desk.read(Part(name, None, "自查报告.docx", report, sha256=hashlib.sha256(report).hexdigest()))
            return reading.document.text if reading.document else ""

        with ThreadPoolExecutor(3) as executor:
            texts = set(executor.map(read, ["a", "b", "c"]))
    assert len(said) == len(texts) == 1
    assert texts != {""}


def test_an_archive_that_could_not_be_opened_in_time_counts_with_all_that_is_in_it_once_it_opens(
    home: Home, make_mail: Maker, make_report: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("自查报告.docx")
        info.size = len(make_report())
        archive.addfile(info, io.BytesIO(make_report()))
    home.put("a.eml", make_mail({"材料.tar": out.getvalue()}))
    with home.service() as service:
        with monkeypatch.context() as patched:
            patched.setattr(opening, "PROGRAM", "import os; os.kill(os.getpid(), 9)")
            take_all(service)
        assert [a.kind for a in service.store.arrivals()] == ["mail", "file"]
        service.judge()
    assert home.states() == {"a.eml": "used", "a.eml#1": "used", "a.eml#1#1": "used"}


def take_all(service: Service) -> None:
    while found := service.taker.plan():
        service.take(found)
        if not found.wait:
            return


def test_report_and_catalog_in_two_mails_become_one_worksheet(
    home: Home, make_mail: Maker, make_report: Maker, make_catalog: Maker
) -> None:
    home.put("1.eml", make_mail({"集贤县自查报告.docx": make_report()}, subject="集贤县自查报告"))
    home.put("2.eml", make_mail({"集贤县目录清单.xlsx": make_catalog()}, subject="集贤县目录清单", date="Sat, 20 Jan 2018 09:00:00 +0800"))
    home.run()
    sheet = home.sheet("集贤县")
    assert len(sheet["submission"]["sources"]) == 2
    assert [(f["name"], f["state"]) for f in sheet["submission"]["files"]] == [
        ("集贤县自查报告.docx", "used"),
        ("集贤县目录清单.xlsx", "used"),
    ]
    assert {c["status"] for c in sheet["claims"]} == {"matched"}


def test_a_corrected_report_supersedes_the_older_one(home: Home, make_mail: Maker, make_report: Maker, make_catalog: Maker) -> None:
    home.put("1.eml", make_mail({"自查报告.docx": make_report(), "目录.xlsx": make_catalog()}))
    home.run()
    home.put("2.eml", make_mail({"自查报告（修改）.docx": make_report(extra="并已")}, date="Mon, 22 Jan 2018 09:00:00 +0800"))
    home.run()
    sheet = home.sheet("集贤县")
    assert "并已" in "".join(b["text"] for b in sheet["blocks"])
    assert (sheet["submission"]["late"], sheet["submission"]["corrected_late"]) == (False, True)
    assert home.states() == {"1.eml": "used", "1.eml#1": "superseded", "1.eml#2": "used", "2.eml": "used", "2.eml#1": "used"}


@pytest.mark.slow
def test_the_same_mail_again_is_a_duplicate(home: Home, make_mail: Maker, make_report: Maker) -> None:
    mail = make_mail({"自查报告.docx": make_report()})
    home.put("1.eml", mail)
    home.put("再次/2.eml", mail)
    home.run()
    assert home.states() == {"1.eml": "used", "1.eml#1": "used", "再次/2.eml": "duplicate", "再次/2.eml#1": "duplicate"}


def test_the_same_report_in_another_mail_is_a_duplicate(home: Home, make_mail: Maker, make_report: Maker) -> None:
    report = make_report()
    home.put("1.eml", make_mail({"自查报告.docx": report}))
    home.put("2.eml", make_mail({"自查报告.docx": report}, date="Sat, 20 Jan 2018 09:00:00 +0800"))
    home.run()
    assert home.states() == {"1.eml": "used", "1.eml#1": "used", "2.eml": "duplicate", "2.eml#1": "duplicate"}


@pytest.mark.slow
def test_a_subfolder_is_one_submission_and_grows(home: Home, make_report: Maker, make_catalog: Maker) -> None:
    home.put("集贤县/自查报告.docx", make_report())
    home.run()
    assert not home.sheet("集贤县")["catalog"]
    home.put("集贤县/目录清单.xlsx", make_catalog())
    home.run()
    assert len(home.sheet("集贤县")["catalog"]) == 2
    assert set(home.states().values()) == {"used"}


def test_a_loose_file_in_the_root_stands_alone_and_has_no_time(home: Home, make_report: Maker) -> None:
    home.put("自查报告.docx", make_report())
    home.run()
    submission = home.sheet("集贤县")["submission"]
    assert (submission["received_at"], submission["late"]) == (None, None)


@pytest.mark.slow
def test_a_file_replaced_in_place_is_a_new_arrival(home: Home, make_report: Maker) -> None:
    home.put("自查报告.docx", make_report()[:2000])
    home.run()
    home.put("自查报告.docx", make_report())
    home.run()
    with home.service() as service:
        assert [(a.state, bool(a.cause)) for a in service.store.arrivals()] == [("superseded", True), ("used", False)]


def test_a_file_removed_after_it_arrived_still_counts(home: Home, make_report: Maker) -> None:
    home.put("自查报告.docx", make_report())
    home.run()
    before = home.everything()
    (home.inbox / "自查报告.docx").unlink()
    home.run()
    assert home.everything() == before


@pytest.mark.slow
def test_a_maildir_message_that_is_read_by_somebody_is_the_same_arrival(home: Home, make_mail: Maker, make_report: Maker) -> None:
    for box in ("cur", "tmp"):
        (home.inbox / "box" / box).mkdir(parents=True)
    home.put("box/new/1.host", make_mail({"自查报告.docx": make_report()}))
    home.run()
    (home.inbox / "box/new/1.host").rename(home.inbox / "box/cur/1.host:2,S")
    home.run()
    assert home.states() == {"box/1.host": "used", "box/1.host#1": "used"}


@pytest.mark.slow
def test_everything_derived_comes_back_byte_for_byte(home: Home, make_mail: Maker, make_report: Maker, make_catalog: Maker) -> None:
    home.put("1.eml", make_mail({"自查报告.docx": make_report()}))
    home.put("2.eml", make_mail({"目录.xlsx": make_catalog(), "坏.docx": b"PK\x03\x04"}, subject="集贤县目录"))
    home.run()
    before = home.everything()
    shutil.rmtree(home.outbox)
    with home.service() as service:
        service.store.forget_derived()
        service.judge()
    assert home.everything() == before


def test_a_worksheet_nobody_can_assign_is_shown_and_quarantined(home: Home, make_mail: Maker, make_docx: Maker) -> None:
    report = make_docx("2017年“互联网+政务服务”工作自查报告", "一、完善组织和制度保障", "成立了领导小组。")
    home.put("a.eml", make_mail({"自查报告.docx": report}, subject="自查报告", sender="x@mail.example"))
    home.run()
    assert [p.name[:8] for p in home.outbox.glob("*.json")] == ["00-未识别单位"]
    assert home.causes() == {"a.eml": "无法确定是哪个单位报送的", "a.eml#1": "无法确定是哪个单位报送的"}


@pytest.mark.slow
def test_a_page_that_is_no_longer_true_is_removed_and_nothing_else(home: Home, make_report: Maker, make_docx: Maker) -> None:
    home.put("报告.docx", make_docx("2017年“互联网+政务服务”工作自查报告", "一、完善组织和制度保障"))
    home.run()
    (home.outbox / "说明.txt").write_text("别人的文件", "utf-8")
    home.put("报告.docx", make_report())
    home.run()
    assert sorted(p.name for p in home.outbox.iterdir()) == ["05-集贤县-工作单.html", "05-集贤县-工作单.json", "看板.html", "说明.txt"]


def test_two_at_once_in_one_home_are_refused(home: Home) -> None:
    with home.service(), pytest.raises(Busy):
        home.service()


def test_what_has_not_been_taken_yet_is_waiting(home: Home, make_report: Maker) -> None:
    home.put("报告.docx", make_report())
    found = summary(ledger_now(load_settings(home.path, {})))
    assert (found["arrived"], found["states"]["waiting"]) == (1, 1)
    assert found["arrivals"][0]["cause"]


def test_what_is_passed_over_is_said_for_as_long_as_it_lies_there(home: Home, make_report: Maker) -> None:
    home.put("自查报告.docx.part", make_report())
    home.run()
    settings = load_settings(home.path, {})
    (left,) = summary(ledger_now(settings))["arrivals"]
    assert (left["name"], left["state"]) == ("自查报告.docx.part", "not_needed")
    assert "改名" in left["next_step"]
    (home.inbox / "自查报告.docx.part").rename(home.inbox / "自查报告.docx")
    home.run()
    assert {a["name"]: a["state"] for a in summary(ledger_now(settings))["arrivals"]} == {"自查报告.docx": "used"}


def test_the_states_add_up_to_what_arrived(home: Home, make_mail: Maker, make_report: Maker) -> None:
    home.put("1.eml", make_mail({"自查报告.docx": make_report(), "坏.pdf": b"%PDF-1.4", "通知.docx": b""}))
    home.put("空.docx", b"")
    home.run()
    with home.service() as service:
        found = summary(service.store.arrivals())
    assert found["arrived"] == sum(found["states"].values()) == len(found["arrivals"]) == 5
    assert found["states"]["waiting"] == 0


def test_a_file_nobody_may_read_is_one_line_and_the_rest_goes_on(home: Home, make_report: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ingest.taking.read_stable

    def guarded(inbox: Path, seen: Any) -> bytes | None:
        if seen.place == "锁.docx":
            raise PermissionError(13, "Permission denied", seen.path)
        return real(inbox, seen)

    monkeypatch.setattr(ingest.taking, "read_stable", guarded)  # tests may run as root, who may read everything
    home.put("锁.docx", b"x")
    home.put("报告.docx", make_report())
    home.run()
    assert home.states() == {"锁.docx": "quarantined", "报告.docx": "used"}


BODY = """佐证材料目录清单
1. 集贤县关于成立“互联网+政务服务”领导小组的通知（办发〔2017〕12号）
2. 集贤县政务服务事项目录
3. 政务服务工作会议签到簿
"""


@pytest.mark.slow
def test_a_catalog_in_the_words_of_a_later_mail_is_used(home: Home, make_mail: Maker, make_report: Maker) -> None:
    home.put("1.eml", make_mail({"自查报告.docx": make_report()}, subject="集贤县自查报告"))
    home.put("2.eml", make_mail(subject="集贤县佐证材料目录清单", body=BODY, date="Sat, 20 Jan 2018 09:00:00 +0800"))
    home.run()
    assert home.states() == {"1.eml": "used", "1.eml#1": "used", "2.eml": "used"}
    assert {c["status"] for c in home.sheet("集贤县")["claims"]} == {"matched"}


@pytest.mark.slow
def test_an_outlook_mail_stands_alone_and_says_what_to_do(home: Home) -> None:
    home.put("集贤县/来信.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    home.put("集贤县/附注.txt", "请查收".encode())
    home.run()
    with home.service() as service:
        assert {s.place for s in service.store.submissions()} == {"集贤县/来信.msg", "集贤县/"}
        assert {a.place: a.state for a in service.store.arrivals()}["集贤县/来信.msg"] == "quarantined"


@pytest.mark.slow
def test_a_fault_of_ours_in_one_submission_costs_only_that_one(
    home: Home, make_mail: Maker, make_report: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.put("1.eml", make_mail({"自查报告.docx": make_report()}))
    home.put("2.eml", make_mail({"自查报告.docx": make_report("宝清县")}, subject="宝清县自查报告"))
    real = ingest.casework.assess

    def failing(incoming: Any, **values: Any) -> Any:
        if "宝清" in incoming.subject:
            raise ZeroDivisionError
        return real(incoming, **values)

    monkeypatch.setattr(ingest.casework, "assess", failing)
    home.run()
    assert home.states() == {"1.eml": "used", "1.eml#1": "used", "2.eml": "quarantined", "2.eml#1": "quarantined"}
    assert any("var/zicha.log" in line for line in home.said)
    monkeypatch.undo()
    home.run()
    assert set(home.states().values()) == {"used"}


@pytest.mark.slow
def test_a_full_disk_is_said_and_nothing_is_lost(home: Home, make_report: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    home.put("报告.docx", make_report())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(ingest.files, "write_atomically", full)
        with pytest.raises(OSError, match="No space"):
            home.run()
    assert home.states() == {}
    home.run()
    assert home.states() == {"报告.docx": "used"}


@pytest.mark.slow
def test_photos_of_one_report_are_its_pages(home: Home, make_mail: Maker, make_catalog: Maker, needs_font: str) -> None:
    pages = {"报告2.png": drawn(needs_font, PAGES[1]), "报告1.png": drawn(needs_font, PAGES[0]), "目录清单.xlsx": make_catalog()}
    home.put("a.eml", make_mail(pages, subject="集贤县自查报告"))
    home.run()
    sheet = home.sheet("集贤县")
    assert [(f["name"], f["role"], f["state"]) for f in sheet["submission"]["files"]] == [
        ("报告2.png", "report", "used"), ("报告1.png", "report", "used"), ("目录清单.xlsx", "catalog", "used"),
    ]  # fmt: skip
    assert sorted({b["page"] for b in sheet["blocks"]}) == [1, 2]
    assert "".join(b["text"] for b in sheet["blocks"]).index("完善组织") < "".join(b["text"] for b in sheet["blocks"]).index("存在问题")


PAGES = (
    [
        "集贤县2017年“互联网+政务服务”",
        "工作自查报告",
        "一、完善组织和制度保障",
        "成立领导小组，印发了《集贤县政务服务事项",
        "目录》，明确了工作机构和人员，制定年度",
        "计划并抓好落实，定期召开会议研究工作。",
    ],
    [
        "二、存在问题和下一步打算",
        "一是部分单位重视不够，力量薄弱；二是业务",
        "培训次数偏少，人员更换后衔接不及时。下一",
        "步将加强督导，定期通报，确保任务完成。",
        "集贤县人民政府",
        "2018年1月18日",
    ],
)


def drawn(font: str, lines: list[str]) -> bytes:
    """A page as a phone would take it."""
    page = Image.new("L", (1240, 900), 255)
    pen = ImageDraw.Draw(page)
    for k, line in enumerate(lines):
        pen.text((90, 80 + k * 110), line, font=ImageFont.truetype(font, 48), fill=0)
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def needs_font(needs_program: Callable[..., str]) -> str:
    fc_match = needs_program("fc-match", package="fontconfig fonts-noto-cjk")
    found = subprocess.run([fc_match, "-f", "%{file}", "Noto Serif CJK SC"], capture_output=True, text=True, check=True).stdout
    if "CJK" not in found:
        pytest.skip("缺少中文字体，请安装 fonts-noto-cjk")
    return found


@pytest.mark.slow
def test_a_picture_without_words_beside_a_report_is_not_needed_alone_it_is_quarantined(
    home: Home, make_mail: Maker, make_report: Maker
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(out, "PNG")
    home.put("1.eml", make_mail({"自查报告.docx": make_report(), "徽标.png": out.getvalue()}))
    home.put("2.eml", make_mail({"徽标.png": out.getvalue()}, subject="宝清县自查报告"))
    home.run()
    assert home.states() == {"1.eml": "used", "1.eml#1": "used", "1.eml#2": "not_needed", "2.eml": "quarantined", "2.eml#1": "quarantined"}
    assert "file_quarantined" not in {g["kind"] for g in home.sheet("集贤县")["gaps"]}
