"""A claim against the rows of a catalog: numbers, 文号, titles and the guards that no likeness outweighs."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.claims import name_of, title_reader
from scoring.match import Matcher
from scoring.match_model import Link, Named, RowView, Weights
from scoring.match_read import read_named, read_row
from scoring.roster import load_roster
from scoring.rubric import Rubric, builtin, load_rubric
from scoring.titles import TitleReader

RowMaker = Callable[..., RowView]
Namer = Callable[..., Named]
Linker = Callable[..., Link]
steady = settings(derandomize=True, deadline=None, max_examples=40)


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric(builtin())


@pytest.fixture(scope="module")
def reader(rubric: Rubric) -> TitleReader:
    return title_reader(rubric, load_roster(builtin()["roster.toml"]).unit("集贤县"))


@pytest.fixture(scope="module")
def matcher(reader: TitleReader) -> Callable[..., Matcher]:
    """matcher(("1", "关于……的通知", "1.1", {"docno": …, "group": …, "pages": …}), …) -> the matcher of that catalog."""
    data = json.loads((resources.files("scoring") / "models" / "links.json").read_text("utf-8"))
    weights = Weights(data["weights"], data["matched"], data["uncertain"])

    def make(*rows: tuple[object, ...]) -> Matcher:
        return Matcher([_row(n, reader, *r) for n, r in enumerate(rows)], reader, weights, year=2017)

    return make


@pytest.fixture(scope="module")
def named(reader: TitleReader, rubric: Rubric) -> Namer:
    """named("《……》（附件3）", "1.1") -> what a claim under that item names."""

    def make(text: str, item: str | None = "1.1", section: int | None = None) -> Named:
        title, reference = name_of(text, rubric)
        own = section if section is not None else int((item or "0").split(".")[0])
        return read_named(text, title, reader, section=own, item=item, reference_text=reference)

    return make


@pytest.fixture(scope="module")
def link(matcher: Callable[..., Matcher], named: Namer) -> Linker:
    """link("《……》", "1.1", rows=…) -> what the catalog answers to that one claim."""

    def make(text: str, item: str | None = "1.1", rows: tuple[tuple[object, ...], ...] = ()) -> Link:
        return matcher(*(rows or CATALOG)).link(named(text, item))

    return make


def _row(index: int, reader: TitleReader, no: str, title: str, item: str | None, more: dict[str, str] | None = None) -> RowView:
    values = {"docno": None, "group": None, "printed_item": None, "pages": None, **(more or {})}
    return read_row(index, no=no, title=title, item=item, reader=reader, **values)


CATALOG = (
    ("1", "关于成立领导小组的通知", "1.1", {"docno": "集政办发〔2017〕12号"}),
    ("2", "2017年度工作方案", "1.3"),
    ("3", "网上预审登记簿", "3.4"),
    ("4", "第一次推进会议签到簿", "1.3"),
    ("5", "上半年工作总结", "1.4"),
)


def answer(found: Link) -> tuple[str, tuple[int, ...]]:
    return found.status, found.rows


# ------------------------------------------------------------------ numbers
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param("附件2", (1,), id="附件"),
        pytest.param("佐证材料第3项", (2,), id="第…项"),
        pytest.param("附件五", (4,), id="in Chinese numerals"),
        pytest.param("附件1至3", (0, 1, 2), id="range"),
        pytest.param("附件1—3", (0, 1, 2), id="range with a dash"),
        pytest.param("附件1～3", (0, 1, 2), id="range with a wave"),
        pytest.param("第4、5项", (3, 4), id="run"),
        pytest.param("附件4、附件5", (3, 4), id="run that repeats its word"),
    ],
)
def test_a_bare_reference_links_to_the_rows_of_its_numbers(link: Linker, text: str, rows: tuple[int, ...]) -> None:
    found = link(text)
    assert answer(found) == ("matched", rows)
    assert found.reason == "number"


def test_a_bare_reference_links_to_its_row_whatever_that_rows_item(link: Linker) -> None:
    assert answer(link("附件3", "6.2")) == ("matched", (2,))


def test_a_number_that_no_row_has_is_missing_and_named(link: Linker) -> None:
    found = link("附件9")
    assert answer(found) == ("missing", ())
    assert (found.reason, found.values) == ("number_absent", ("9",))


def test_the_present_members_of_a_run_are_linked_and_the_absent_ones_named(link: Linker) -> None:
    found = link("附件3、附件9")
    assert answer(found) == ("matched", (2,))
    assert found.values == ("9",)


@pytest.mark.parametrize(
    ("no", "text"),
    [("Ⅲ-1-2-①", "佐证材料3-1-2-1"), ("卷④", "卷4"), ("6.1.1-1", "附件6.1.1-1"), ("盒3-05", "盒3-5"), ("附件七", "附件7")],
)
def test_codes_are_numbers_whatever_their_script(link: Linker, no: str, text: str) -> None:
    rows = ((no, "系统清理报告", "6.1"), ("99", "资源目录", "6.2"))
    assert answer(link(text, "6.1", rows)) == ("matched", (0,))


def test_a_number_of_two_levels_is_no_range_where_a_row_has_it(link: Linker) -> None:
    rows = (("1", "通知", "1.1"), ("2", "方案", "1.3"), ("1-2", "会议纪要", "1.3"))
    assert answer(link("附件1-2", "1.3", rows)) == ("matched", (2,))


def test_a_member_of_a_written_range_of_two_levels_is_no_range_itself(link: Linker) -> None:
    assert answer(link("附件3-1至3-4")) == ("missing", ())
    assert answer(link("附件1-3至1-5")) == ("missing", ())


def test_a_row_numbered_five_to_eight_holds_the_numbers_between(link: Linker) -> None:
    rows = (("1—4", "四个季度工作总结", "1.4"), ("5", "工作方案", "1.3"))
    assert answer(link("附件3", "1.4", rows)) == ("matched", (0,))


RESTART = (
    ("1", "关于成立领导小组的通知", "1.1", {"group": "一、组织保障"}),
    ("2", "工作方案", "1.3", {"group": "一、组织保障"}),
    ("1", "电子密钥发放登记簿", "3.3", {"group": "三、网上办理"}),
    ("2", "网上预审登记簿", "3.4", {"group": "三、网上办理"}),
)


@pytest.mark.parametrize(("item", "row"), [("1.1", 0), ("3.3", 2)])
def test_where_numbers_start_again_the_claims_own_section_is_looked_at_first(link: Linker, item: str, row: int) -> None:
    assert answer(link("附件1", item, RESTART)) == ("matched", (row,))


def test_a_number_that_stays_ambiguous_is_uncertain_with_those_rows(link: Linker) -> None:
    found = link("附件2", "6.1", RESTART)
    assert found.status == "uncertain"
    assert set(found.rows) == {1, 3}
    assert found.reason == "number_ambiguous"


def test_the_word_before_a_number_names_the_list_it_is_counted_in(link: Linker) -> None:
    rows = (
        ("1", "会议照片", "1.3", {"group": "影像类"}),
        ("2", "大厅照片", "3.5", {"group": "影像类"}),
        ("1", "工作方案", "1.3", {"group": "文件类"}),
        ("2", "会议纪要", "1.3", {"group": "文件类"}),
    )
    assert answer(link("影像类第2项", "1.3", rows)) == ("matched", (1,))
    assert answer(link("文件类第2项", "1.3", rows)) == ("matched", (3,))


def test_pages_of_the_bound_evidence_link_to_the_rows_on_them(link: Linker) -> None:
    rows = (("1", "通知", "1.1", {"pages": "1-3"}), ("2", "方案", "1.3", {"pages": "4-9"}), ("4", "纪要", "1.3", {"pages": "10-12"}))
    assert answer(link("第4页至第9页", "1.3", rows)) == ("matched", (1,))
    assert answer(link("第4页", "1.3", rows)) == ("matched", (1,)), "page 4, not row 4"


@given(no=st.integers(1, 30), count=st.integers(1, 30))
@steady
def test_number_n_is_row_n_or_missing(matcher: Callable[..., Matcher], named: Namer, no: int, count: int) -> None:
    rows = matcher(*((str(k), "登记簿", "1.1") for k in range(1, count + 1)))
    assert answer(rows.link(named(f"附件{no}"))) == (("matched", (no - 1,)) if no <= count else ("missing", ()))


# ------------------------------------------------------------------ titles and 文号
def test_title_and_document_number_together_are_a_sure_link(link: Linker) -> None:
    found = link("《关于成立领导小组的通知》（集政办发〔2017〕12号）")
    assert answer(found) == ("matched", (0,))
    assert found.reason == "docno_title"
    assert found.score > 0.95


@pytest.mark.parametrize("text", ["集政办发〔2017〕12号", "集政办发[2017]12号", "集政办发（2017）12号文件"])
def test_a_document_number_alone_links_to_its_row(link: Linker, text: str) -> None:
    assert answer(link(text)) == ("matched", (0,))


def test_a_document_number_that_no_row_has_is_missing(link: Linker) -> None:
    found = link("集政办发〔2017〕99号")
    assert answer(found) == ("missing", ())
    assert found.reason == "docno_absent"


def test_a_description_in_plain_words_links_to_the_row_of_that_name(link: Linker) -> None:
    found = link("网上预审登记簿", "3.4")
    assert answer(found) == ("matched", (2,))
    assert found.reason == "title"


@pytest.mark.parametrize(
    ("text", "item", "twin"),
    [
        pytest.param("《关于成立领导小组的通知》（集政办发〔2017〕13号）", "1.1", 0, id="another 文号"),
        pytest.param("《关于成立领导小组的通知》（集政办发〔2016〕12号）", "1.1", 0, id="a 文号 of another year"),
        pytest.param("《2016年度工作方案》", "1.3", 1, id="another year"),
        pytest.param("《2017年度工作方案（征求意见稿）》", "1.3", 1, id="the draft"),
        pytest.param("第二次推进会议签到簿", "1.3", 3, id="another ordinal"),
        pytest.param("下半年工作总结", "1.4", 4, id="the other half-year"),
        pytest.param("《关于成立督查小组的通知》", "1.1", 0, id="another key word"),
    ],
)
def test_a_near_twin_is_missing_and_the_twin_is_told(link: Linker, text: str, item: str, twin: int) -> None:
    found = link(text, item)
    assert answer(found) == ("missing", ())
    assert found.twins == (twin,)


def test_a_name_like_no_row_is_missing_without_a_twin(link: Linker) -> None:
    found = link("《政务信息资源共享交换协议》", "6.2")
    assert answer(found) == ("missing", ())
    assert found.twins == ()


def test_a_named_title_beats_a_wrong_number(link: Linker) -> None:
    found = link("《关于成立领导小组的通知》（附件3）")
    assert answer(found) == ("matched", (0,))
    assert found.conflict == (2,)


def test_a_right_number_beside_a_title_is_no_conflict(link: Linker) -> None:
    found = link("网上预审登记簿（附件3）", "3.4")
    assert answer(found) == ("matched", (2,))
    assert found.conflict == ()


def test_a_named_title_that_no_row_has_is_missing_whatever_its_number(link: Linker) -> None:
    found = link("《政务信息资源共享交换协议》（附件3）", "6.2")
    assert answer(found) == ("missing", ())


def test_several_records_under_one_name_are_one_claim_with_several_rows(link: Linker) -> None:
    rows = (
        ("1", "办事指南汇编（上册）", "2.3"),
        ("2", "办事指南汇编（下册）", "2.3"),
        ("3", "工作方案", "1.3"),
    )
    assert answer(link("《办事指南汇编》（上、下册）", "2.3", rows)) == ("matched", (0, 1))


def test_a_series_named_as_a_range_takes_its_members_and_no_others(link: Linker) -> None:
    rows = tuple((str(n), f"第{h}季度工作总结", "1.4") for n, h in enumerate("一二三四", 1))
    assert answer(link("一至三季度工作总结", "1.4", rows)) == ("matched", (0, 1, 2))


def test_a_paper_bundled_in_a_row_is_found_there(link: Linker) -> None:
    rows = (("1", "《会议纪要》《推进会议签到簿》", "1.3"), ("2", "办事指南汇编", "2.3"))
    assert answer(link("推进会议签到簿", "1.3", rows)) == ("matched", (0,))


def test_two_rows_that_nothing_tells_apart_leave_the_choice_to_a_person(link: Linker) -> None:
    rows = (("1", "会议签到簿", "1.3", {"group": "甲"}), ("2", "会议签到簿", "1.3", {"group": "乙"}), ("3", "资源目录", "6.2"))
    found = link("会议签到簿", "1.3", rows)
    assert answer(found) == ("uncertain", (0, 1))
    assert found.reason == "several"


def test_without_a_catalog_everything_is_missing(matcher: Callable[..., Matcher], named: Namer) -> None:
    for text in ("附件1", "《关于成立领导小组的通知》", "集政办发〔2017〕12号"):
        found = matcher().link(named(text))
        assert (found.status, found.rows, found.reason) == ("missing", (), "no_catalog")


# ------------------------------------------------------------------ a report's claims together
def test_every_claim_gets_its_answer_in_order(matcher: Callable[..., Matcher], named: Namer) -> None:
    texts = [("附件2", "1.3"), ("《关于成立领导小组的通知》", "1.1"), ("附件9", "1.1"), ("网上预审登记簿", "3.4")]
    links = matcher(*CATALOG).link_all([named(t, i) for t, i in texts])
    assert [x.rows for x in links] == [(1,), (0,), (), (2,)]


def test_a_document_number_may_be_a_row_of_its_item_that_prints_none(matcher: Callable[..., Matcher], named: Namer) -> None:
    (found,) = matcher(("1", "关于成立领导小组的通知", "1.1"), ("2", "工作方案", "1.3")).link_all([named("集政办发〔2017〕12号")])
    assert (found.status, found.rows, found.reason) == ("uncertain", (0,), "docno_unprinted")


@given(order=st.permutations(range(len(CATALOG))))
@steady
def test_the_order_of_the_rows_does_not_change_what_is_linked(matcher: Callable[..., Matcher], named: Namer, order: list[int]) -> None:
    mixed = matcher(*(CATALOG[k] for k in order))
    for text, item, row in (("《关于成立领导小组的通知》", "1.1", 0), ("网上预审登记簿", "3.4", 2), ("附件5", "1.4", 4)):
        assert [order[r] for r in mixed.link(named(text, item)).rows] == [row]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("http://www.raohe.example/zwfw/", "专栏网址 www.raohe.example/zwfw", id="without the scheme"),
        pytest.param("change_log_2017.txt", "事项变更日志change_log_2017", id="a file name without its extension"),
    ],
)
def test_a_web_address_or_file_name_links_to_the_row_that_prints_it(link: Linker, text: str, title: str) -> None:
    rows = (("1", "关于成立领导小组的通知", "1.1"), ("2", title, "1.1"))
    assert answer(link(text, rows=rows)) == ("matched", (1,))


def test_an_address_that_no_row_prints_is_no_number(link: Linker) -> None:
    rows = (("1", "关于成立领导小组的通知", "1.1"), ("8", "工作方案", "1.1"))
    assert link("www.raohe.example/8", rows=rows).status != "matched"
