"""A report in a mail's own words: found where a person would see one, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.pasted import NAME, pasted_report
from ingest.rules import load_rules
from ingest.service import Service
from ingest.settings import load_settings
from ingest.watch import once

TITLE = "集贤县2017年“互联网+政务服务”工作自查报告"
TEXT = "一、完善组织和制度保障\n成立了领导小组，印发了文件，明确了工作机构和人员，按月调度，按季通报。\n" * 12
PAGE = f"市政府办公室：\n    现将自查情况报上，请审阅。\n\n　　{TITLE}\n{TEXT}"


def test_the_report_begins_with_its_title() -> None:
    assert pasted_report(PAGE, []) == f"{TITLE}\n{TEXT}".strip()


def test_a_title_with_blanks_in_it_is_one() -> None:
    assert pasted_report(PAGE.replace("自查报告", "自 查 报 告"), []).startswith("集贤县")


@pytest.mark.parametrize("name", ["目录.xlsx", "佐证材料目录.docx", "image001.png", "smime.p7s", "签到表.jpg"])
def test_a_catalog_or_a_picture_may_be_attached_to_it(name: str) -> None:
    assert pasted_report(PAGE, [name])


@pytest.mark.parametrize("name", ["集贤县自查报告.docx", "1.pdf", "材料.zip", "winmail.dat", "自查报告和目录.doc"])
def test_any_other_file_may_be_the_report(name: str) -> None:
    assert pasted_report(PAGE, ["目录.xlsx", name]) == ""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("现将自查报告报上，请查收。", id="a covering note"),
        pytest.param(f"{TITLE}\n请查收。", id="a title and nothing behind it"),
        pytest.param(f"主题：{TITLE}\n{TEXT}", id="the subject line of a forwarded mail"),
        pytest.param(f"> {TITLE}\n{TEXT}", id="a quoted line"),
        pytest.param(f"关于报送自查报告的通知\n{TEXT}", id="the notice"),
        pytest.param(f"{TITLE}.docx\n{TEXT}", id="the name of a file"),
    ],
)
def test_nothing_else_is_taken_for_one(body: str) -> None:
    assert pasted_report(body, []) == ""


def test_it_is_judged_like_an_attached_one(tmp_path: Path, make_mail: Callable[..., bytes], make_catalog: Callable[..., bytes]) -> None:
    (tmp_path / "inbox").mkdir()
    mail = make_mail({"目录.xlsx": make_catalog()}, subject="集贤县自查报告", body=PAGE)
    (tmp_path / "inbox" / "a.eml").write_bytes(mail)
    settings = load_settings(tmp_path, {"ZICHA_SETTLE": "0"})
    with Service(settings, load_rules(settings), say=lambda _: None) as service:
        once(service)
        assert {a.place: (a.name, a.state) for a in service.store.arrivals()} == {
            "a.eml": ("a.eml", "used"), "a.eml#1": ("目录.xlsx", "used"), "a.eml#2": (NAME, "used"),
        }  # fmt: skip
