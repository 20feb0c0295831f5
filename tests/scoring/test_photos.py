"""A report photographed page by page arrives as several attachments and is one paper."""

from __future__ import annotations

import pytest

from extract.model import Cell, Document, Location, Paragraph, Table
from scoring.assess import Incoming, IncomingFile, assess
from scoring.photos import joined, series
from scoring.roster import load_roster
from scoring.rubric import builtin, load_rubric


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("报告10.jpg", "报告2.jpg", "报告1.jpg"), ((2, 1, 0),)),
        (("扫描.jpg", "扫描 (3).jpg", "扫描(2).png"), ((0, 2, 1),)),
        (("第二页.jpg", "第一页.jpg"), ((1, 0),)),
        (("微信图片_20180119083011.jpg", "微信图片_20180119083005.jpg"), ((1, 0),)),
        (("自查报告1.jpg", "目录1.jpg", "自查报告2.jpg"), ((0, 2), (1,))),
        (("大厅照片.jpg", "会议照片.jpg"), ((0,), (1,))),
    ],
)
def test_names_that_differ_in_a_number_are_a_series(names: tuple[str, ...], expected: tuple[tuple[int, ...], ...]) -> None:
    assert series(names) == expected


def photo(*texts: str) -> Document:
    rows = ((Cell((Paragraph("表", Location(page=1, paragraph=9)),), 0, 0),),)
    elements = (*(Paragraph(t, Location(page=1, paragraph=k)) for k, t in enumerate(texts, 1)), Table(rows, Location(page=1)))
    return Document(elements, "image/*", 1, ocr=True)


def test_joined_photos_are_numbered_as_pages_tables_included() -> None:
    document = joined([photo("甲"), photo("乙"), photo("丙")])
    assert document.pages == 3 and document.ocr
    assert [e.location.page for e in document.elements] == [1, 1, 2, 2, 3, 3]
    last = document.elements[-1]
    assert isinstance(last, Table) and last.rows[0][0].content[0].location.page == 3


def test_a_report_of_three_photos_is_used_whole_in_the_order_of_its_numbers() -> None:
    pages = {
        "自查报告3.jpg": ("三、政务服务事项网上办理", "全部许可事项进入平台运行。", "集贤县人民政府"),
        "自查报告1.jpg": ("集贤县2017年“互联网+政务服务”工作自查报告", "一、完善组织和制度保障", "成立了领导小组，印发了工作方案。"),
        "自查报告2.jpg": ("二、网上政务服务事项标准化建设", "录入事项二百项，办事指南全部公布。"),
    }
    files = tuple(IncomingFile(n, str(k), 1, "image/jpeg", photo(*t)) for k, (n, t) in enumerate(pages.items()))
    roster = load_roster(builtin()["roster.toml"])
    (worksheet,) = assess(Incoming("x", files=files), rubric=load_rubric(builtin()), roster=roster)
    assert [(f.role, f.state) for f in worksheet.submission.files] == [("report", "used")] * 3
    headings = [b.text for b in worksheet.blocks if b.text[1:2] == "、"]
    assert [h[0] for h in headings] == ["一", "二", "三"]
