"""Lists whose columns come in any order: the whole list tells which field is what."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from extract.catalog import Catalog, find_catalog
from extract.catalog_pattern import code_shape, learn
from extract.model import Document, Paragraph

TITLES = ["关于成立工作专班的通知", "人员花名册（2人）", "7月推进会会议纪要", "3月至9月办件统计表", "热线工单截图", "三部门会商制度"]
DOCNOS = ["某政办发〔2017〕8号", "", "", "某发〔2017〕9号", "", "某政发〔2017〕12号"]
DATES = ["2017.4.6", "2017.4", "2017.7.3", "", "2017.11.20", "2017.5.2"]
PAGES = ["3页", "1页", "4页", "12页", "2页", "5页"]
OFFICES = ["办公室", "审批科", "办公室", "审批科", "审批科", "办公室"]

SERIES = {
    "letters": ["XZ-2017-01", "XZ-2017-02", "BZ-2017-01", "BZ-2017-02", "BZ-2017-03", "WS-2017-01"],
    "volumes": ["卷1-1", "卷1-2", "卷2-1", "卷2-2", "卷2-3", "卷3-1"],
    "stems": ["甲-1", "甲-2", "乙-1", "乙-2", "丙-1", "丙-2"],
    "circles": ["①-1", "①-2", "②-1", "②-2", "②-3", "③-1"],
    "boxes": ["盒1第1件", "盒1第2件", "盒2第1件", "盒2第2件", "盒2第3件", "盒3第1件"],
    "digits": ["1-1", "1-2", "2-1", "2-2", "2-3", "3-1"],
    "count": ["1", "2", "3", "4", "5", "6"],
    "archive": [f"2017-Y-{k:04d}" for k in (31, 12, 55, 7, 19, 40)],
}
ORDERS = ["code date title pages", "date title docno code", "title docno code pages", "office title docno code", "title code",
          "docno title code", "pages title code", "code docno title office", "title docno date code"]  # fmt: skip


def lines(order: str, codes: Sequence[str], sign: str) -> list[str]:
    columns = {"code": codes, "title": TITLES, "docno": DOCNOS, "date": DATES, "pages": PAGES, "office": OFFICES}
    return [sign.join(v for name in order.split() if (v := columns[name][k])) for k in range(len(TITLES))]


def read(texts: Sequence[str]) -> Catalog:
    catalog = find_catalog(Document(tuple(Paragraph(t) for t in ["某局佐证材料目录清单", *texts]), "text/plain"))
    assert catalog is not None
    return catalog


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("order", ORDERS)
def test_the_code_is_found_wherever_it_stands(order: str, series: str) -> None:
    rows = read(lines(order, SERIES[series], " ")).rows
    assert [(r.no, r.title) for r in rows] == list(zip(SERIES[series], TITLES, strict=True))


@pytest.mark.parametrize("sign", ["\t", "  ", "；", "，", "、", "……", "|"], ids=["tab", "blank", "semi", "comma", "dun", "dots", "bar"])
@pytest.mark.parametrize("order", ORDERS)
def test_any_sign_may_part_the_columns(order: str, sign: str) -> None:
    rows = read(lines(order, SERIES["letters"], sign)).rows
    assert [(r.no, r.title) for r in rows] == list(zip(SERIES["letters"], TITLES, strict=True))


@pytest.mark.parametrize(("left", "right"), ["（）", "()", "[]", "【】"])
def test_a_code_in_brackets_is_a_code(left: str, right: str) -> None:
    rows = read([f"{t}{left}{c}{right}" for t, c in zip(TITLES, SERIES["volumes"], strict=True)]).rows
    assert [(r.no, r.title) for r in rows] == list(zip(SERIES["volumes"], TITLES, strict=True))


def test_what_stands_beside_code_and_title_keeps_its_meaning() -> None:
    row = read(lines("date title docno code pages", SERIES["volumes"], " ")).rows[0]
    assert (row.date, row.docno, row.pages) == ("2017.4.6", "某政办发〔2017〕8号", "3页")


def test_a_running_number_beside_a_code_is_kept() -> None:
    rows = read([f"{k}.{line}" for k, line in enumerate(lines("code title docno", SERIES["letters"], " "), 1)]).rows
    assert [(r.no, r.other_no) for r in rows[:2]] == [("XZ-2017-01", "1"), ("XZ-2017-02", "2")]


def test_a_date_behind_a_running_number_is_no_part_of_it() -> None:
    rows = read([f"{k}.{d or '2017.1'} {t}" for k, (d, t) in enumerate(zip(DATES, TITLES, strict=True), 1)]).rows
    assert [(r.no, r.title) for r in rows] == [(str(k), t) for k, t in enumerate(TITLES, 1)]


def test_pages_that_do_not_count_up_are_no_numbers() -> None:
    rows = read([f"{t} {p}" for t, p in zip(TITLES, ["1-3", "4-7", "8-8", "9-15", "16-20", "21-30"], strict=True)]).rows
    assert [(r.no, r.pages) for r in rows[:2]] == [("", "1-3"), ("", "4-7")]


def test_a_plain_list_has_no_pattern() -> None:
    assert learn([f"{k}.{t}" for k, t in enumerate(TITLES, 1)]) is None
    assert learn(TITLES) is None


@pytest.mark.parametrize("text", ["2017.4.6", "2017年4月", "3页", "2份", "某发〔2017〕3号", "关于成立专班的通知", "办公室", "复印件"])
def test_other_columns_do_not_look_like_codes(text: str) -> None:
    assert code_shape(text) is None
