"""Drafts of mails and the letters beside them: to the roster's address and to no other, nothing sent, nothing invented."""

from __future__ import annotations

import datetime
import email
import email.policy
import io
from email.message import EmailMessage
from types import ModuleType
from typing import Any

import docx
import pytest

from templates.letters import needs_reminder, reminder_list, unit_letters
from templates.letters_draft import draft
from templates.letters_receipt import Came, Received, receipt
from templates.letters_texts import load_texts
from templates.letters_words import Occasion

TEXTS, BLANK = load_texts(), Occasion()
MOMENT = datetime.datetime(2018, 1, 19, 2, 36, tzinfo=datetime.UTC)


def parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(data: bytes) -> str:
    part = parsed(data).get_body()
    assert part is not None
    return str(part.get_content())


def written(office: ModuleType, sheet: Any, *, mail: str | None = None, occasion: Occasion = BLANK) -> dict[str, bytes]:
    unit = office.roster_with(mail).unit("集贤县")
    standing = next(s for s in office.season(*([sheet] if sheet else [])).standings if s.unit == "集贤县")
    return unit_letters("05-集贤县", sheet, unit, office.rubric(), standing, TEXTS, occasion)


def mail_of(files: Received | tuple[Came, ...], **changes: Any) -> Received:
    values: dict[str, Any] = {"received_at": MOMENT, "late": False, "deadline": None, "files": files}
    return Received(**(values | changes))


def test_a_draft_goes_to_the_address_of_the_roster_never_to_that_of_the_sender(office: ModuleType) -> None:
    files = written(office, office.sheet(gaps=[office.no_evidence("1.2")]), mail="office@county.example")
    mail = parsed(files["05-集贤县-补正通知.eml"])
    assert mail["To"] == "office@county.example"
    assert b"evil.example" not in b"".join(files.values())


def test_a_draft_has_no_sender_and_no_date_and_is_marked_as_not_sent(office: ModuleType) -> None:
    mail = parsed(draft(office.roster_with("a@b.example").unit("集贤县"), "题", ["文"], TEXTS))
    assert (mail["From"], mail["Date"], mail["Message-ID"], mail["X-Unsent"]) == (None, None, None, "1")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (None, "单位名单中没有登记该单位的邮箱"),
        ("不是邮箱", "单位名单中登记的邮箱写法不对"),
        ("a@b.example, c@d.example", "单位名单中登记的邮箱写法不对"),
        ("a@b.example\r\nBcc: thief@evil.example", "单位名单中登记的邮箱写法不对"),
    ],
)
def test_without_a_usable_address_to_stays_empty_and_the_draft_says_so(office: ModuleType, address: str | None, said: str) -> None:
    data = draft(office.roster_with(address).unit("集贤县"), "题", ["文"], TEXTS)
    assert (parsed(data)["To"], parsed(data)["Bcc"]) == ("", None)
    assert said in body(data).splitlines()[0]


def test_a_draft_carries_the_letter_as_it_stands_beside_it(office: ModuleType) -> None:
    files = written(office, office.sheet(gaps=[office.no_evidence("1.2")]))
    (attachment,) = parsed(files["05-集贤县-补正通知.eml"]).iter_attachments()
    assert attachment.get_filename() == "05-集贤县-补正通知.docx"
    assert attachment.get_content() == files["05-集贤县-补正通知.docx"]


def test_the_same_unit_gets_the_same_files(office: ModuleType) -> None:
    sheet = office.sheet(gaps=office.thirty_gaps())
    assert written(office, sheet) == written(office, sheet)


def test_a_unit_with_gaps_gets_a_supplement_letter_and_its_score_form(office: ModuleType) -> None:
    names = set(written(office, office.sheet(gaps=[office.no_evidence("1.2")])))
    assert names == {"05-集贤县-补正通知.docx", "05-集贤县-补正通知.eml", "05-集贤县-量化评分表.docx"}


def test_a_unit_without_gaps_gets_its_score_form_alone(office: ModuleType) -> None:
    assert set(written(office, office.sheet())) == {"05-集贤县-量化评分表.docx"}


@pytest.mark.parametrize(("catalog", "missing"), [(True, "自查报告"), (False, "自查报告和佐证材料目录清单")])
def test_a_unit_without_a_report_is_reminded_of_what_has_not_come(office: ModuleType, catalog: bool, missing: str) -> None:
    files = written(office, office.no_report(catalog=catalog), occasion=Occasion(until=datetime.date(2018, 1, 25)))
    assert set(files) == {"05-集贤县-催报通知.docx", "05-集贤县-催报通知.eml"}
    text = "\n".join(p.text for p in docx.Document(io.BytesIO(files["05-集贤县-催报通知.docx"])).paragraphs)
    assert f"尚未收到贵单位的{missing}。" in text and "2018年1月20日24时" in text and "请于2018年1月25日前" in text
    assert f"尚未收到贵单位的{missing}。" in body(files["05-集贤县-催报通知.eml"])


def test_a_unit_of_which_nothing_came_is_reminded(office: ModuleType) -> None:
    assert set(written(office, None)) == {"05-集贤县-催报通知.docx", "05-集贤县-催报通知.eml"}


def test_an_extended_deadline_is_the_one_that_is_named(office: ModuleType) -> None:
    extended = datetime.datetime(2018, 1, 26, tzinfo=office.rubric().deadline.tzinfo)
    files = written(office, None, occasion=Occasion(deadline=extended))
    assert "2018年1月25日24时" in body(files["05-集贤县-催报通知.eml"])


def test_the_list_of_reminders_names_address_and_what_is_missing(office: ModuleType) -> None:
    import openpyxl

    standing = next(s for s in office.season().standings if s.unit == "集贤县")
    unit = office.roster_with("office@county.example").unit("集贤县")
    book = openpyxl.load_workbook(io.BytesIO(reminder_list([(standing, unit, None)], office.rubric(), TEXTS, "0.1.0")))
    assert needs_reminder(None, standing)
    assert [c.value for c in book["催报名单"][2]] == [5, "集贤县", "县区", "自查报告和佐证材料目录清单", "office@county.example"]


def test_a_receipt_tells_what_came_when_and_in_time(office: ModuleType) -> None:
    files = (Came("自查报告.docx", "report", "used"), Came("目录.xlsx", "catalog", "duplicate"), Came("照片.jpg", "other", "not_needed"))
    lines = body(receipt(mail_of(files), office.roster().unit("集贤县"), office.rubric(), TEXTS)).splitlines()
    assert "　　贵单位于2018年1月19日 10:36发来的邮件已经收到。" in lines
    assert "　　1. 自查报告.docx（自查报告）" in lines
    assert "　　2. 目录.xlsx（佐证材料目录清单，与先前收到的文件内容完全相同）" in lines
    assert "　　3. 照片.jpg" in lines
    assert "　　这封邮件在截止时间（2018年1月20日24时）之前到达。" in lines


def test_a_receipt_tells_what_could_not_be_opened_and_what_to_do(office: ModuleType) -> None:
    files = (Came("自查报告.docx", "other", "quarantined", "文件有密码", "请去掉密码后重新报送（单位补报）"),)
    text = body(receipt(mail_of(files), office.roster().unit("集贤县"), office.rubric(), TEXTS))
    assert "1. 自查报告.docx：文件有密码；请去掉密码后重新报送（单位补报）" in text


def test_what_the_office_has_to_do_is_not_asked_of_the_unit(office: ModuleType) -> None:
    files = (Came("报告.docx", "other", "quarantined", "无法确定是哪个单位报送的", "请指定单位（办公室处理）"),)
    text = body(receipt(mail_of(files), office.roster().unit("集贤县"), office.rubric(), TEXTS))
    assert "1. 报告.docx（正在处理）" in text and "无法确定" not in text


def test_a_late_mail_is_said_to_be_late_and_one_without_a_time_is_left_to_the_office(office: ModuleType) -> None:
    unit = office.roster().unit("集贤县")
    assert "按迟报登记" in body(receipt(mail_of((), late=True), unit, office.rubric(), TEXTS))
    undated = body(receipt(mail_of((), received_at=None, late=None), unit, office.rubric(), TEXTS))
    assert "是否迟报由办公室核定" in undated and "发来的邮件已经收到" in undated


def test_a_mail_without_anything_in_it_is_told_so(office: ModuleType) -> None:
    mail = mail_of((), cause="邮件没有附件", next_step="请重新报送（单位补报）")
    text = body(receipt(mail, office.roster().unit("集贤县"), office.rubric(), TEXTS))
    assert "邮件中没有附件。" in text and "1. 邮件：邮件没有附件；请重新报送（单位补报）" in text


def test_a_receipt_for_nobody_knows_whom_has_no_address(office: ModuleType) -> None:
    data = receipt(mail_of(()), None, office.rubric(), TEXTS)
    assert parsed(data)["To"] == "" and body(data).startswith("【草稿：未能识别报送单位。")


def test_a_file_name_cannot_break_out_of_its_line(office: ModuleType) -> None:
    files = (Came("a\r\nBcc: thief@evil.example\r\n\r\nb.docx", "report", "used"),)
    data = receipt(mail_of(files), office.roster().unit("集贤县"), office.rubric(), TEXTS)
    assert parsed(data)["Bcc"] is None and "1. a Bcc: thief@evil.example b.docx（自查报告）" in body(data)
