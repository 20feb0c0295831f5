"""The unit's mails on its worksheet, and what waits on the board."""

from __future__ import annotations

from typing import Any

from templates import render
from templates.dossier_view import parts

Json = dict[str, Any]


def part(mail: str, state: str, **more: Any) -> Json:
    base = {"id": mail, "mail": mail, "sender": "甲 <a@b.example>", "subject": "材料", "received_at": "2018-01-18T10:00:00+08:00"}
    return {**base, "counts": state != "waiting", "state": state, "use": [], "cause": "", "next_step": "", **more}


CHANGES: Json = {
    "sections": [{"section": 1, "added": 2, "removed": 1}, {"section": 0, "added": 1, "removed": 0}],
    "claims": [{"text": "《通知》", "item": "1.1", "change": "added"}],
    "rows": [{"no": "3", "title": "签到簿", "docno": None, "change": "removed"}],
}


def test_what_changed_is_summed_up_and_named(worksheet: Json, rubric: Json) -> None:
    sheet = {**worksheet, "dossier": [part("a.eml", "superseded", changes=CHANGES), part("b.eml", "used", use=["report"])]}
    old, new = parts(sheet, rubric)
    assert old.changed == "现用件与此件相比：报告增3段、减1段；佐证增1处；目录减1项"
    assert [how for _, how in old.changes] == ["增2段、减1段", "增1段", "增佐证（1.1）", "减目录项"]
    assert (new.state, new.changes) == ("采用（自查报告）", ())
    page = render("worksheet.html", worksheet=sheet, rubric=rubric, version="1")
    assert "第3项 签到簿" in page and "其他内容" in page and old.changed in page


def test_what_waits_says_why_and_whose_move_it_is(worksheet: Json, rubric: Json) -> None:
    step = "请核对后运行 zicha accept b.eml --by 姓名（办公室处理）"
    waits = part("b.eml", "waiting", cause="发件人未知", next_step=step, changes=CHANGES)
    page = render("worksheet.html", worksheet={**worksheet, "dossier": [part("a.eml", "used"), waits]}, rubric=rubric, version="1")
    assert "另有 1 件来件等待决定" in page and f"发件人未知；{step}" in page and "若采用，与现用件相比" in page


def test_nothing_changed_is_said_too(worksheet: Json, rubric: Json) -> None:
    same = part("a.eml", "superseded", changes={"sections": [], "claims": [], "rows": []})
    (only,) = parts({**worksheet, "dossier": [same]}, rubric)
    assert only.changed == "与现用件内容相同"


def test_one_mail_alone_makes_no_list(worksheet: Json, rubric: Json) -> None:
    assert 'id="dossier"' not in render("worksheet.html", worksheet=worksheet, rubric=rubric, version="1")


def test_what_a_mail_says_is_text_and_nothing_else(worksheet: Json, rubric: Json) -> None:
    evil = part("<b>.eml", "waiting", sender="<script>", subject="<q>", cause="<u>", changes={**CHANGES, "rows": []})
    page = render("worksheet.html", worksheet={**worksheet, "dossier": [evil]}, rubric=rubric, version="1")
    assert not any(tag in page for tag in ("<b>.eml", "<script>", "<q>", "<u>"))
