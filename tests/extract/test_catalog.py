"""The catalog of a document: found in any form, read row by row, and not seen where there is none."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from extract.catalog import Catalog, find_catalog
from extract.model import Cell, Document, Element, Location, Paragraph, Table
from extract.read import read

TITLES = [
    "关于成立工作专班的通知",
    "工作人员花名册",
    "7月推进会会议纪要",
    "3月至9月办件统计表（共7张）",
    "12345热线工单截图",
    "三部门会商制度",
]
DOCNOS = ["某政办发〔2017〕8号", "", "〔2017〕第9期", "", "", "某政发〔2017〕12号"]
ITEMS = ["（一）1", "（一）1", "（一）3", "（三）1", "（五）2", "（二）2"]
PROSE = (
    "我单位高度重视此项工作，成立了领导小组，明确了工作职责，建立了分工明确、协调有力的工作机制，"
    "全年共召开会议三次，研究解决了有关问题。各科室按照分工抓好落实。"
)
REPORT = ["某局自查报告", "一、组织保障情况", PROSE, "二、标准化情况", PROSE, "三、网上办理情况", PROSE, "某局", "2018年1月19日"]


def table(rows: Sequence[Sequence[str]], name: str | None = None) -> Table:
    return Table(tuple(tuple(cell(t, r, c) for c, t in enumerate(row)) for r, row in enumerate(rows)), name=name)


def cell(text: str, row: int, column: int, rows: int = 1, columns: int = 1, label: str = "") -> Cell:
    return Cell((Paragraph(text, Location(table=1, row=row + 1), label),), row, column, rows, columns)


def document(*elements: Element | str) -> Document:
    return Document(tuple(Paragraph(e) if isinstance(e, str) else e for e in elements), "text/plain")


def found(*elements: Element | str) -> Catalog:
    catalog = find_catalog(document(*elements))
    assert catalog is not None
    assert catalog.confidence >= 0.5
    return catalog


def none(*elements: Element | str) -> bool:
    catalog = find_catalog(document(*elements))
    return catalog is None or catalog.confidence < 0.5


def titles(catalog: Catalog) -> list[str]:
    return [r.title for r in catalog.rows]


def numbers(catalog: Catalog) -> list[str]:
    return [r.no for r in catalog.rows]


def groups(catalog: Catalog) -> list[str | None]:
    return [r.group for r in catalog.rows]


def plain_rows() -> list[list[str]]:
    return [[str(k), t, d] for k, (t, d) in enumerate(zip(TITLES, DOCNOS, strict=True), 1)]


# ------------------------------------------------------------------ tables


def test_a_table_is_read_by_its_header() -> None:
    catalog = found("某局佐证材料目录清单", table([["序号", "材料名称", "文号"], *plain_rows()]))
    assert titles(catalog) == TITLES
    assert numbers(catalog) == ["1", "2", "3", "4", "5", "6"]
    assert [r.docno for r in catalog.rows] == [d or None for d in DOCNOS]
    assert catalog.title == "某局佐证材料目录清单"
    assert (catalog.start, catalog.end) == (0, 2)


@settings(max_examples=40)
@given(st.permutations(["编号", "对应条款", "佐证材料名称", "发文字号", "起止页", "备注"]))
def test_columns_come_in_any_order(header: list[str]) -> None:
    values = [
        {"编号": f"2-{k}", "对应条款": i, "佐证材料名称": t, "发文字号": d, "起止页": f"{3 * k}-{3 * k + 2}", "备注": ""}
        for k, (t, d, i) in enumerate(zip(TITLES, DOCNOS, ITEMS, strict=True), 1)
    ]
    catalog = found(table([header, *([v[h] for h in header] for v in values)]))
    assert titles(catalog) == TITLES
    assert numbers(catalog) == ["2-1", "2-2", "2-3", "2-4", "2-5", "2-6"]
    assert [r.printed_item for r in catalog.rows] == ITEMS
    assert catalog.rows[0].pages == "3-5"


@pytest.mark.parametrize(
    ("no", "title"),
    [
        ("序 号", "文件题名"),
        ("档号", "题名"),
        ("目录号", "证明材料"),
        ("号", "内容"),
        ("附件号", "资料名称"),
        ("条目号", "证据名称"),
        ("盒-件", "材料"),
    ],
)
def test_columns_are_known_under_many_names(no: str, title: str) -> None:
    catalog = found("佐证材料目录", table([[no, title, "文 号"], *plain_rows()]))
    assert titles(catalog) == TITLES
    assert numbers(catalog)[-1] == "6"


def test_a_header_of_two_lines_is_one_header() -> None:
    top = (cell("序号", 0, 0, rows=2), cell("材料情况", 0, 1, columns=2), cell("归档", 0, 3, columns=2))
    second = (cell("名称", 1, 1), cell("文号", 1, 2), cell("页码", 1, 3), cell("备注", 1, 4))
    body = tuple(tuple(cell(t, r + 2, c) for c, t in enumerate([*row, str(r), "复印件"])) for r, row in enumerate(plain_rows()))
    catalog = found(Table((top, second, *body)))
    assert titles(catalog) == TITLES
    assert [r.pages for r in catalog.rows] == ["0", "1", "2", "3", "4", "5"]
    assert catalog.rows[0].remark == "复印件"


def test_lines_above_the_header_and_below_the_rows_are_no_rows() -> None:
    above = [["佐证材料目录清单", "", ""], ["填报单位：某局", "", "联系人：某某"], ["", "", ""]]
    below = [["", "", ""], ["", "合计", "6"], ["注：以上均为复印件。", "", ""], ["", "以下空白", ""]]
    catalog = found(table([*above, ["序号", "材料名称", "文号"], *plain_rows(), *below]))
    assert titles(catalog) == TITLES
    assert catalog.title == "佐证材料目录清单"


def test_a_note_below_does_not_hide_what_the_numbers_are() -> None:
    rows = [["条目号", "材料名称", "文号"], *([f"Ⅰ-{k}-1", t, d] for k, (t, d) in enumerate(zip(TITLES, DOCNOS, strict=True), 1))]
    assert numbers(found(table([*rows, ["填表说明：本表一式两份。", "", ""]]))) == [f"Ⅰ-{k}-1" for k in range(1, 7)]


def test_a_table_without_header_is_read_by_its_values() -> None:
    catalog = found("佐证材料清单", table([[n, t, d or "—", f"{3 * int(n)}-{3 * int(n) + 2}"] for n, t, d in plain_rows()]))
    assert titles(catalog) == TITLES
    assert (catalog.rows[0].no, catalog.rows[0].docno, catalog.rows[0].pages) == ("1", DOCNOS[0], "3-5")


def test_automatic_numbers_are_the_numbers() -> None:
    rows = tuple((cell("", k, 0, label=f"{k}."), cell(t, k, 1)) for k, t in enumerate(TITLES, 1))
    catalog = found(Table(((cell("序号", 0, 0), cell("材料名称", 0, 1)), *rows)))
    assert numbers(catalog) == ["1", "2", "3", "4", "5", "6"]


def test_a_merged_item_cell_holds_for_all_its_rows() -> None:
    rows = [tuple(cell(t, 0, c) for c, t in enumerate(["考核条目", "序号", "佐证材料"]))]
    for k, title in enumerate(TITLES[:4], 1):
        lead = (cell(f"（一）{(k + 1) // 2}", k, 0, rows=2),) if k % 2 else ()
        rows.append((*lead, cell(str(k), k, 1), cell(title, k, 2)))
    assert [r.printed_item for r in found(Table(tuple(rows))).rows] == ["（一）1", "（一）1", "（一）2", "（一）2"]


def test_an_item_named_once_holds_until_the_next() -> None:
    items = ["（一）1", "", "（一）2", "", "", "同上"]
    catalog = found(
        table([["序号", "考核条目", "材料名称"], *([str(k), i, t] for k, (i, t) in enumerate(zip(items, TITLES, strict=True), 1))])
    )
    assert [r.printed_item for r in catalog.rows] == ["（一）1", "（一）1", "（一）2", "（一）2", "（一）2", "（一）2"]


def test_a_heading_row_is_the_group_of_what_follows() -> None:
    head = (cell("序号", 0, 0), cell("材料名称", 0, 1), cell("文号", 0, 2))
    one = (cell("（一）1 组织机构", 1, 0, columns=3),)
    two = (cell("完善工作机制", 3, 0, columns=3),)
    rows = (
        head,
        one,
        (cell("1", 2, 0), cell(TITLES[0], 2, 1), cell("", 2, 2)),
        two,
        (cell("1", 4, 0), cell(TITLES[1], 4, 1), cell("", 4, 2)),
    )
    assert groups(found(Table(rows))) == ["（一）1 组织机构", "完善工作机制"]


def test_a_numbered_heading_row_is_a_group_and_no_row() -> None:
    rows = [["一", "组织保障", ""], *plain_rows()[:3], ["二", "政务信息资源目录", ""], *plain_rows()[3:]]
    catalog = found("佐证材料目录", table([["序号", "名称", "文号"], *rows]))
    assert titles(catalog) == TITLES
    assert groups(catalog) == ["一 组织保障"] * 3 + ["二 政务信息资源目录"] * 3


def test_rows_numbered_in_chinese_stay_rows() -> None:
    rows = [[n, t] for n, t in zip("一二三四五六", TITLES, strict=True)]
    assert titles(found("佐证材料目录", table([["序号", "材料名称"], *rows]))) == TITLES


def test_a_parent_number_heads_its_children() -> None:
    rows = [["1", "组织机构", ""], ["1-1", TITLES[0], ""], ["1-2", TITLES[1], ""], ["2", "标准化", ""], ["2-1", TITLES[2], ""]]
    catalog = found(table([["序号", "材料名称", "文号"], *rows]))
    assert numbers(catalog) == ["1-1", "1-2", "2-1"]
    assert groups(catalog) == ["1 组织机构", "1 组织机构", "2 标准化"]


@pytest.mark.parametrize("again", [True, False], ids=["header repeated", "header once"])
def test_tables_under_headings_give_their_rows_the_heading(again: bool) -> None:
    header = ["序号", "材料名称", "文号"]
    first, second = table([header, *plain_rows()[:3]]), table([*([header] if again else []), *plain_rows()[:3]])
    catalog = found("佐证材料目录清单", "（一）1 机构人员", first, "（一）3 文件方案", second)
    assert numbers(catalog) == ["1", "2", "3"] * 2
    assert groups(catalog) == ["（一）1 机构人员"] * 3 + ["（一）3 文件方案"] * 3
    assert [r.table for r in catalog.rows] == [0, 0, 0, 1, 1, 1]


def test_volumes_named_like_catalogs_are_groups() -> None:
    header = ["序号", "材料名称", "文号"]
    catalog = found(
        "某局佐证材料目录",
        "卷一 组织保障材料目录",
        table([header, *plain_rows()[:3]]),
        "卷二 标准化材料目录",
        table([header, *plain_rows()[3:]]),
    )
    assert groups(catalog) == ["卷一 组织保障材料目录"] * 3 + ["卷二 标准化材料目录"] * 3


def test_a_table_goes_on_behind_a_page_break() -> None:
    rows = plain_rows()
    cut = [["", "（修订）", ""], *rows[3:]]
    catalog = found("佐证材料目录", table([["序号", "材料名称", "文号"], *rows[:3]]), table([["序号", "材料名称", "文号"], *cut]))
    assert titles(catalog) == [*TITLES[:2], TITLES[2] + "（修订）", *TITLES[3:]]


def test_the_rest_of_a_row_alone_on_the_next_page_is_joined() -> None:
    first = table([["序号", "材料名称", "文号"], ["1", "会议纪要", ""], ["2", "关于平台运行", ""]])
    second = table([["1", "办事指南汇编", ""], ["2", "人员名册", ""]])
    catalog = found("佐证材料目录", "（一）1 上报", first, "问题的报告", "（一）2 事项", second)
    assert titles(catalog) == ["会议纪要", "关于平台运行问题的报告", "办事指南汇编", "人员名册"]
    assert groups(catalog) == ["（一）1 上报"] * 2 + ["（一）2 事项"] * 2


def test_a_row_cut_into_several_lines_is_joined() -> None:
    first = table([["序号", "材料名称", "文号"], ["1", "会议纪要", ""], ["2", "关于平台运行", ""]])
    assert titles(found("佐证材料目录", first, "问题整改落实", "的报告")) == ["会议纪要", "关于平台运行问题整改落实的报告"]


def test_a_line_above_a_table_with_a_header_is_a_heading() -> None:
    first = table([["序号", "材料名称", "文号"], ["1", "会议纪要", ""], ["2", "平台运行情况", ""]])
    second = table([["序号", "材料名称", "文号"], ["1", "人员名册", ""]])
    catalog = found("佐证材料目录", first, "信息中心表", second)
    assert titles(catalog) == ["会议纪要", "平台运行情况", "人员名册"]
    assert groups(catalog)[-1] == "信息中心表"


def test_list_lines_that_a_reader_ran_together_are_parted_by_their_numbers() -> None:
    catalog = found("佐证材料目录", "1.甲名册", "2.乙通知（某发〔2017〕2号）3.丙截图4.2017年办件统计表", "5.丁纪要")
    assert numbers(catalog) == ["1", "2", "3", "4", "5"]
    assert catalog.rows[3].title == "2017年办件统计表"


def test_a_title_broken_into_lines_is_one_title_and_a_bundle_is_one_row() -> None:
    rows = [
        ["1", "关于成立市某局“互联网+\n政务服务”工作专班的通知", ""],
        ["2-3", "《甲办法》\n《乙办法》", "某发〔2017〕1号、2号"],
        ["4", "会议纪要", ""],
    ]
    catalog = found(table([["序号", "材料名称", "文号"], *rows]))
    assert titles(catalog) == ["关于成立市某局“互联网+政务服务”工作专班的通知", "《甲办法》 《乙办法》", "会议纪要"]
    assert numbers(catalog) == ["1", "2-3", "4"]


def test_one_title_beside_several_document_numbers_is_one_row() -> None:
    rows = (
        (cell("序号", 0, 0), cell("材料名称", 0, 1), cell("文号", 0, 2)),
        (cell("1", 1, 0, rows=2), cell("督办通知单", 1, 1, rows=2), cell("某督〔2017〕1号", 1, 2)),
        (cell("某督〔2017〕2号", 2, 2),),
        (cell("2", 3, 0), cell("会议纪要", 3, 1), cell("", 3, 2)),
    )
    catalog = found("佐证材料目录", Table(rows))
    assert [(r.no, r.docno) for r in catalog.rows] == [("1", "某督〔2017〕1号；某督〔2017〕2号"), ("2", None)]


@pytest.mark.parametrize(
    ("header", "kept", "sent"),
    [
        ("备注", "留存备查", "复印件"),
        ("存放地点", "本局档案室", "804室"),
        ("是否留存", "是", "否"),
        ("报送方式", "现场查验", "报送"),
        ("是否报送", "否", "是"),
    ],
)
def test_what_stays_with_the_unit_is_kept(header: str, kept: str, sent: str) -> None:
    catalog = found(table([["序号", "材料名称", "文号", header], ["1", TITLES[0], "", kept], ["2", TITLES[1], "", sent]]))
    assert [r.custody for r in catalog.rows] == ["kept", "submitted"]


def test_a_mark_explained_below_the_table_says_what_is_kept() -> None:
    rows = [["1", "人员名册*", ""], ["2", "会议纪要", ""], ["注：标*的材料留存备查。", "", ""]]
    assert [r.custody for r in found("佐证材料目录", table([["序号", "材料名称", "文号"], *rows])).rows] == ["kept", "submitted"]


def test_of_two_number_columns_the_telling_one_counts() -> None:
    rows = [[str(k), f"盒3-{k:02d}", t] for k, t in enumerate(TITLES, 1)]
    catalog = found(table([["序号", "档号", "题名"], *rows]))
    assert (catalog.rows[4].no, catalog.rows[4].other_no) == ("盒3-05", "5")


@pytest.mark.parametrize("names", [("字", "年", "号"), ("机关代字", "年份", "顺序号"), ("文号", "", "")])
def test_a_document_number_split_over_columns_is_one(names: tuple[str, str, str]) -> None:
    rows = [["1", TITLES[0], "某发", "2017", "12"], ["2", TITLES[1], "", "", ""], ["3", TITLES[2], "某办发", "〔2016〕", "3号"]]
    catalog = found("佐证材料目录", table([["序号", "题名", *names], *rows]))
    assert [(r.no, r.docno) for r in catalog.rows] == [("1", "某发〔2017〕12号"), ("2", None), ("3", "某办发〔2016〕3号")]


def test_a_heading_row_goes_before_a_box_column() -> None:
    rows = [["组织保障类", "", ""], ["盒1", "1", TITLES[0]], ["盒1", "2", TITLES[1]]]
    first = found("佐证材料目录", table([["盒号", "序号", "题名"], *rows])).rows[0]
    assert (first.no, first.group, first.box) == ("1", "组织保障类", "盒1")


# ------------------------------------------------------------------ workbooks


def workbook(sheets: dict[str, list[list[str | int]]]) -> Document:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return read(stream.getvalue(), "目录.xlsx")


def test_sheets_are_groups_and_a_sheet_of_instructions_is_none() -> None:
    header: list[str | int] = ["序号", "材料名称", "文号"]
    catalog = find_catalog(
        workbook(
            {
                "组织保障": [["某局佐证材料目录清单"], header, [1, TITLES[0], DOCNOS[0]], [2, TITLES[1], ""]],
                "填表说明": [["一、本表由各单位填写。"], ["二、请按时报送。"]],
                "标准化": [["某局佐证材料目录清单"], header, [1, TITLES[5], DOCNOS[5]]],
            }
        )
    )
    assert catalog is not None
    assert [(r.no, r.group) for r in catalog.rows] == [("1", "组织保障"), ("2", "组织保障"), ("1", "标准化")]


def test_a_duty_roster_is_no_catalog() -> None:
    roster = workbook(
        {"值班表": [["日期", "值班人员", "联系电话"], ["1月1日", "甲", "1000"], ["1月2日", "乙", "1001"], ["1月3日", "丙", "1002"]]}
    )
    catalog = find_catalog(roster)
    assert catalog is None or catalog.confidence < 0.5


def test_rows_of_a_sheet_count_as_the_sheet_does() -> None:
    catalog = find_catalog(workbook({"目录": [["佐证材料目录"], ["序号", "材料名称"], [1, TITLES[0]], [], [2, TITLES[1]]]}))
    assert catalog is not None
    assert [r.row for r in catalog.rows] == [3, 5]


# ------------------------------------------------------------------ lists


def test_a_list_under_headings_starts_again_under_each() -> None:
    catalog = found("佐证材料目录", "一、组织保障", "1.甲通知", "2.乙名册", "二、政务信息资源目录", "1.丙目录", "2.丁说明")
    assert [(r.no, r.group) for r in catalog.rows] == [
        ("1", "一、组织保障"), ("2", "一、组织保障"), ("1", "二、政务信息资源目录"), ("2", "二、政务信息资源目录")]  # fmt: skip


def test_a_list_with_plain_headings_knows_them() -> None:
    catalog = found("佐证材料目录", "组织保障", "1.甲通知（某发〔2017〕1号）", "2.乙名册", "标准化建设", "1.丙方案", "2.丁截图")
    assert groups(catalog) == ["组织保障", "组织保障", "标准化建设", "标准化建设"]


def test_a_list_without_numbers_is_read() -> None:
    catalog = found("佐证材料目录", *(f"{t} {d}" for t, d in zip(TITLES, DOCNOS, strict=True)))
    assert titles(catalog) == TITLES
    assert catalog.rows[0].docno == DOCNOS[0]


def test_a_wrapped_line_is_joined_to_the_one_before() -> None:
    catalog = found(
        "佐证材料目录", "1.关于成立市某局“互联网+政务服务”工作领导小组的通知（某发", "〔2017〕3号）", "2.人员名册", "3.会议纪要"
    )
    assert (catalog.rows[0].title, catalog.rows[0].docno) == ("关于成立市某局“互联网+政务服务”工作领导小组的通知", "某发〔2017〕3号")
    assert len(catalog.rows) == 3


def test_the_body_of_a_mail_holds_a_catalog_between_greeting_and_signature() -> None:
    body = [
        "市政府办公室：",
        "现将我局自查报告报上，佐证材料目录如下：",
        "1.甲通知 某发〔2017〕1号",
        "2.乙名册",
        "3.丙截图",
        "联系人：某某",
        "某局办公室",
    ]
    catalog = found(*body)
    assert titles(catalog) == ["甲通知", "乙名册", "丙截图"]
    assert (catalog.start, catalog.end) == (1, 5)


def test_a_list_in_one_paragraph_is_cut_at_its_numbers() -> None:
    catalog = found("佐证材料目录如下：1.甲通知（某发〔2017〕1号）；2.乙名册；3.12月办件统计表；4.丁截图。", "某局")
    assert [(r.no, r.title) for r in catalog.rows] == [("1", "甲通知"), ("2", "乙名册"), ("3", "12月办件统计表"), ("4", "丁截图")]


def test_lines_parted_by_breaks_are_lines() -> None:
    catalog = found("各位领导：\n佐证材料目录如下：\n1、甲通知\n2、乙名册\n3、丙截图\n某局办公室")
    assert titles(catalog) == ["甲通知", "乙名册", "丙截图"]


# ------------------------------------------------------------------ appended to a report


def test_an_appended_table_starts_at_its_title_and_the_report_goes_before() -> None:
    rows = table([["序号", "材料名称", "文号", "页码"], *([*r, r[0]] for r in plain_rows())])
    catalog = found(*REPORT[:-2], "附件：佐证材料目录清单", *REPORT[-2:], "附件", "某局2017年“互联网+政务服务”", "佐证材料目录清单", rows)
    assert titles(catalog) == TITLES
    assert catalog.start == len(REPORT) + 1
    assert catalog.title == "某局2017年“互联网+政务服务”佐证材料目录清单"
    assert groups(catalog) == [None] * 6


def test_an_appended_table_without_title_starts_at_the_table() -> None:
    catalog = found(*REPORT, table([["序号", "考核条目", "佐证材料", "文号"], *([n, "（一）1", t, d] for n, t, d in plain_rows())]))
    assert (catalog.start, catalog.end) == (len(REPORT), len(REPORT) + 1)


def test_an_appended_list_ends_where_the_closing_begins() -> None:
    lines = [f"{n}.{t}" for n, t, _ in plain_rows()]
    catalog = found(*REPORT[:-2], "附：佐证材料清单", *lines, "以上报告，请予审核。", *REPORT[-2:])
    assert titles(catalog) == TITLES
    assert (catalog.start, catalog.end) == (len(REPORT) - 2, len(REPORT) + 5)


LAYOUT = table(
    [
        ["考核内容", "完成情况", "佐证材料"],
        ["（一）1", PROSE, "《甲通知》"],
        ["（一）2", PROSE, "《乙方案》"],
        ["（一）3", PROSE, "《丙办法》"],
    ]
)
SCORES = table(
    [
        ["考核内容", "分值", "自评分", "佐证材料"],
        ["（一）1", "5", "5", "甲通知"],
        ["（一）2", "5", "5", "乙方案"],
        ["（一）3", "5", "3", "丙办法"],
    ]
)
FIGURES = table([["事项类别", "数量"], ["行政许可", "128"], ["公共服务", "33"], ["其他", "7"]])
PEOPLE = table([["序号", "姓名", "职务"], ["1", "甲", "组长"], ["2", "乙", "副组长"], ["3", "丙", "成员"]])


@pytest.mark.parametrize("inside", [LAYOUT, SCORES, FIGURES, PEOPLE], ids=["layout", "self-scores", "figures", "people"])
def test_a_table_of_the_report_itself_is_no_catalog(inside: Table) -> None:
    assert none(*REPORT[:5], inside, *REPORT[5:])


@pytest.mark.parametrize("inside", [LAYOUT, SCORES], ids=["layout", "self-scores"])
def test_a_report_that_is_one_table_is_no_catalog(inside: Table) -> None:
    assert none("某局自查报告", inside, "某局", "2018年1月19日")


@pytest.mark.parametrize(
    "words",
    [
        ["附件：佐证材料目录清单", "某局", "2018年1月19日"],
        ["佐证材料目录清单另行报送。", "某局", "2018年1月19日"],
        ["详见佐证材料目录清单。"],
        ["附件：1.某局自查报告", "2.佐证材料目录清单", "某局"],
        [],
    ],
    ids=["announced", "sent apart", "referred to", "attachments", "nothing"],
)
def test_a_catalog_that_is_only_announced_is_none(words: list[str]) -> None:
    assert none(*REPORT[:-2], *words)


ATTACHMENTS = [f"{'附件：' if n == '1' else ''}{n}.{t}" for n, t, _ in plain_rows()]


def test_a_list_of_attachments_serves_as_the_catalog_and_stays_in_the_report() -> None:
    catalog = found(*REPORT[:-2], *ATTACHMENTS, *REPORT[-2:])
    assert (numbers(catalog), titles(catalog)) == (["1", "2", "3", "4", "5", "6"], TITLES)
    assert (catalog.confidence, catalog.end - catalog.start) == (0.5, 0)


def test_a_catalog_goes_before_a_list_of_attachments() -> None:
    rows = table([["序号", "材料名称", "文号"], *plain_rows()[:3]])
    catalog = found(*REPORT[:-2], *ATTACHMENTS, *REPORT[-2:], "佐证材料目录清单", rows)
    assert titles(catalog) == TITLES[:3]


def test_a_few_attachments_are_no_catalog() -> None:
    assert none(*REPORT[:-2], *ATTACHMENTS[:3], *REPORT[-2:])


def test_numbered_sections_of_a_report_are_no_catalog() -> None:
    assert none("某局自查报告", *(f"{k}.{PROSE}" for k in range(1, 8)), "某局", "2018年1月19日")


def test_a_list_of_documents_inside_the_report_is_no_catalog() -> None:
    inside = table([["序号", "文件名称", "文号"], *plain_rows()])
    assert none(*REPORT[:5], inside, *REPORT[5:], PROSE, PROSE)


# ------------------------------------------------------------------ real files


def test_a_catalog_written_with_word_is_read() -> None:
    file = docx.Document()
    file.add_paragraph("某局佐证材料目录清单")
    grid = file.add_table(rows=0, cols=3)
    for row in [["序号", "材料名称", "文号"], *plain_rows()]:
        for place, text in zip(grid.add_row().cells, row, strict=True):
            place.text = text
    stream = io.BytesIO()
    file.save(stream)
    catalog = find_catalog(read(stream.getvalue(), "目录.docx"))
    assert catalog is not None
    assert [(r.no, r.title, r.docno) for r in catalog.rows] == [(n, t, d or None) for n, t, d in plain_rows()]
    assert catalog.rows[0].location.row == 2
