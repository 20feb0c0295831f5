"""A report's evidence against its catalog: claims, links, what each row supports, and what a person should see besides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from extract.catalog_model import Row
from extract.chinese import Tokenizer
from extract.model import Block, Cell, Location, Paragraph, Table
from extract.outline import outline
from scoring.evidence import Evidence, SourceRow, bare_title, match_evidence, passages
from scoring.roster import load_roster
from scoring.rubric import Rubric, builtin, load_rubric
from scoring.segment import segment, vocabulary
from scoring.worksheet import Claim

Reader = Callable[..., Evidence]
Printed = tuple[str, str] | tuple[str, str, dict[str, str]]
OPENING = (
    "集贤县2017年“互联网+政务服务”工作自查报告",
    "市政府办公室：",
    "按照通知要求，我县对照《考核细则》逐条自查，现将有关情况报告如下：",
)
ORGANISED = "一、完善组织和制度保障"
TAIL = ("集贤县人民政府", "2018年1月18日")
DONE = "成立领导小组，配备专职人员，建立了分工明确的工作机制。"
NOTICE = "关于成立“互联网+政务服务”领导小组的通知"
CATALOG: tuple[Printed, ...] = (
    ("1", NOTICE, {"docno": "集政办发〔2017〕12号"}),
    ("2", "2017年工作方案"),
    ("3", "会议签到簿"),
    ("4", "网上预审登记簿"),
    ("5", "政务信息资源目录"),
)


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric(builtin())


@pytest.fixture(scope="module")
def tokens(rubric: Rubric) -> Tokenizer:
    return Tokenizer(vocabulary(rubric))


@pytest.fixture(scope="module")
def read(rubric: Rubric, tokens: Tokenizer) -> Reader:
    """read("一、……", "……", rows=(("1", "通知", {"docno": …}), …)) -> the evidence of 集贤县's report."""
    unit = load_roster(builtin()["roster.toml"]).unit("集贤县")

    def evidence(*lines: str, rows: tuple[Printed, ...] = CATALOG) -> Evidence:
        blocks = outline(tuple(Paragraph(t, Location(paragraph=n)) for n, t in enumerate((*OPENING, *lines, *TAIL), 1)))
        labels = segment(blocks, rubric, tokens)
        return match_evidence(blocks, labels, _rows(rows), rubric=rubric, unit=unit, tokens=tokens)

    return evidence


def _rows(rows: tuple[Printed, ...]) -> list[SourceRow]:
    out = []
    for n, (no, title, *more) in enumerate(rows, 1):
        v = more[0] if more else {}
        stands = (no, v.get("group"), v.get("item"), title, v.get("docno"), v.get("pages"))
        out.append(SourceRow(Row(*stands, "submitted", v.get("date"), None, Location(), n, 0), 1))
    return out


def links(found: Evidence) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(c.text, c.status, c.catalog) for c in found.claims]


def only(found: Evidence) -> Claim:
    (claim,) = found.claims
    return claim


def statuses(found: Evidence) -> dict[str, str]:
    return {r.id: r.status for r in found.catalog}


# ------------------------------------------------------------------ claims
def test_a_named_document_is_a_claim_from_its_name_to_its_number(read: Reader) -> None:
    claim = only(read(ORGANISED, f"印发了《{NOTICE}》（集政办发〔2017〕12号），明确了分工。"))
    assert claim.text == f"《{NOTICE}》（集政办发〔2017〕12号）"
    assert (claim.kind, claim.title, claim.docno, claim.ref) == ("record", NOTICE, "集政办发〔2017〕12号", None)
    assert (claim.section, claim.item) == (1, "1.1")
    assert (claim.status, claim.catalog, claim.why) == ("matched", ("c1",), "文号一致，题名相符")


def test_the_span_is_the_place_of_the_claim_in_its_block(read: Reader) -> None:
    line = f"印发了《{NOTICE}》，建立了工作机制（附件2）。"
    for claim in read(ORGANISED, line).claims:
        assert claim.block == 4
        assert line[slice(*claim.span)] == claim.text


def test_claims_are_numbered_in_reading_order(read: Reader) -> None:
    found = read(ORGANISED, f"印发了《{NOTICE}》，配备了专职人员（附件3）。", "年初召开动员会，部署全年任务（附件2）。")
    assert [c.id for c in found.claims] == ["k1", "k2", "k3"]
    assert sorted((c.block, c.span) for c in found.claims) == [(c.block, c.span) for c in found.claims]


def test_documents_of_higher_authorities_cited_as_a_basis_are_no_claims(read: Reader) -> None:
    basis = "按照国务院《关于加快推进“互联网+政务服务”工作的指导意见》（国发〔2016〕55号）和《考核细则》要求，我县成立了领导小组。"
    assert read(ORGANISED, basis).claims == ()


def test_what_is_only_planned_is_no_claim(read: Reader) -> None:
    assert read("三、存在的问题和下一步打算", "下一步，拟修订《网上预审办法》，进一步完善制度。").claims == ()


def test_a_named_statement_is_a_claim_of_its_own_kind(read: Reader) -> None:
    claim = only(read("六、打通信息孤岛", "对全县信息系统开展清理，出具了《无僵尸信息系统情况说明》。"))
    assert (claim.kind, claim.text, claim.status) == ("statement", "《无僵尸信息系统情况说明》", "missing")


def test_a_plain_sentence_that_there_is_nothing_is_no_claim(read: Reader) -> None:
    assert read("六、打通信息孤岛", "对全县信息系统开展清理，没有僵尸系统。").claims == ()


def test_every_entry_after_the_word_for_evidence_is_a_claim(read: Reader) -> None:
    found = read(ORGANISED, "年初制定方案，召开动员会，部署全年任务。", "佐证材料：2017年工作方案、会议签到簿")
    assert [x for x in links(found) if x[0] in ("2017年工作方案", "会议签到簿")] == [
        ("2017年工作方案", "matched", ("c2",)),
        ("会议签到簿", "matched", ("c3",)),
    ]


# ------------------------------------------------------------------ references
@pytest.mark.parametrize("reference", ["附件1至3", "附件1～3", "附件1—3"])
def test_a_range_of_references_is_one_claim_with_several_rows(read: Reader, reference: str) -> None:
    claim = only(read(ORGANISED, DONE, f"佐证材料：{reference}"))
    assert (claim.kind, claim.text, claim.title, claim.ref) == ("reference", reference, None, reference)
    assert (claim.status, claim.catalog) == ("matched", ("c1", "c2", "c3"))
    assert claim.why == "编号一致：目录第1、2、3项"


def test_a_member_that_no_row_has_is_a_missing_claim_of_its_own(read: Reader) -> None:
    found = read(ORGANISED, DONE, "佐证材料：附件2、附件9")
    assert links(found) == [("附件2、附件9", "matched", ("c2",)), ("附件9", "missing", ())]
    assert found.claims[1].why == "目录中没有编号9"


def test_a_range_with_a_dash_in_a_run_tells_of_no_missing_member(read: Reader) -> None:
    assert links(read(ORGANISED, DONE, "佐证材料：附件1—3、附件5")) == [
        ("附件1—3、附件5", "matched", ("c1", "c2", "c3", "c5"))
    ]


def test_an_absent_member_inside_a_range_is_named_by_its_own_number(read: Reader) -> None:
    rows = (("3-1", "通知"), ("3-2", "方案"), ("3-4", "签到簿"))
    whole, absent = read(ORGANISED, DONE, "佐证材料：附件3-1至3-4", rows=rows).claims
    assert (whole.status, whole.catalog) == ("matched", ("c1", "c2", "c3"))
    assert (absent.status, absent.ref, absent.why) == ("missing", "附件3-3", "目录中没有编号3-3")


def test_a_run_of_which_no_member_exists_is_one_missing_claim(read: Reader) -> None:
    assert links(read(ORGANISED, DONE, "佐证材料：附件8、附件9")) == [("附件8、附件9", "missing", ())]


# ------------------------------------------------------------------ what a person should see besides
def test_a_title_with_a_wrong_number_keeps_its_row_and_tells_of_the_other(read: Reader) -> None:
    found = read(ORGANISED, f"成立了领导小组，印发了《{NOTICE}》（附件3）。")
    assert links(found) == [(f"《{NOTICE}》（附件3）", "matched", ("c1",))]
    assert found.findings.conflicts == {"k1": "c3"}


@pytest.mark.parametrize(
    ("text", "twin", "says"),
    [
        ("《2016年工作方案》", "c2", "年份不同"),
        (f"《{NOTICE}》（集政办发〔2017〕13号）", "c1", "文号不同"),
        ("《2017年工作方案（征求意见稿）》", "c2", "稿本不同"),
    ],
)
def test_a_near_twin_is_told_in_words_and_not_linked(read: Reader, text: str, twin: str, says: str) -> None:
    found = read(ORGANISED, f"成立了领导小组，印发了{text}。")
    assert links(found) == [(text, "missing", ())]
    assert found.findings.twins["k1"][0] == twin
    assert says in found.findings.twins["k1"][1]
    assert says in only(found).why
    assert f"第{twin[1:]}项" in only(found).why


def test_without_a_catalog_every_claim_is_missing_and_nothing_else_is_told(read: Reader) -> None:
    named = f"印发了《{NOTICE}》（集政办发〔2017〕12号），召开了会议，形成了会议纪要。"
    found = read(ORGANISED, named, "佐证材料：附件3", rows=())
    assert "附件3" in {c.text for c in found.claims}
    assert {(c.status, c.why) for c in found.claims} == {("missing", "没有佐证材料目录可核对")}
    assert found.catalog == ()
    assert found.findings.twins == found.findings.conflicts == {}


# ------------------------------------------------------------------ rows
def test_a_row_is_claimed_by_a_sure_link_only(read: Reader) -> None:
    found = read(ORGANISED, f"印发了《{NOTICE}》，配备了专职人员（附件9）。")
    assert statuses(found) == {"c1": "claimed", "c2": "unclaimed", "c3": "unclaimed", "c4": "unclaimed", "c5": "unclaimed"}


def test_of_an_uncertain_claim_only_the_first_candidate_is_claimed(read: Reader) -> None:
    rows = (("1", "会议签到簿", {"group": "甲"}), ("2", "会议签到簿", {"group": "乙"}), ("3", NOTICE))
    found = read(ORGANISED, "年初召开动员会，形成了《会议签到簿》。", rows=rows)
    claim = only(found)
    assert (claim.status, set(claim.catalog)) == ("uncertain", {"c1", "c2"})
    assert statuses(found) == {"c1": "claimed", "c2": "unclaimed", "c3": "unclaimed"}


def test_a_row_supports_the_item_of_its_words_and_of_what_cites_it(read: Reader) -> None:
    found = read(ORGANISED, "成立领导小组，建立了分工明确的工作机制。")
    assert [r.item for r in found.catalog][3:] == ["3.4", "6.2"]


def test_a_row_printed_under_another_item_than_it_supports_is_told(read: Reader) -> None:
    report = ("三、政务服务事项网上办理", "建立网上预审制度，需要补正的一次性告知，形成了《网上预审登记簿》。")
    found = read(*report, rows=(("1", "网上预审登记簿", {"item": "（六）2"}), ("2", "政务信息资源目录", {"item": "（六）2"})))
    assert [(r.printed_item, r.item) for r in found.catalog] == [("（六）2", "3.4"), ("（六）2", "6.2")]
    assert found.findings.misplaced == ("c1",)


@pytest.mark.parametrize(
    ("row", "outside"),
    [
        pytest.param(("1", "2016年工作方案"), True, id="year in the title"),
        pytest.param(("1", "2017年工作方案"), False, id="the assessed year"),
        pytest.param(("1", "2016—2017年工作总结"), False, id="reaches into the year"),
        pytest.param(("1", "2018年工作方案"), False, id="written after the year's end"),
        pytest.param(("1", "工作方案"), False, id="no date at all"),
        pytest.param(("1", "工作方案", {"docno": "集政办发〔2016〕3号"}), True, id="year of the 文号"),
        pytest.param(("1", "工作方案", {"date": "2016年12月1日"}), True, id="year in the date column"),
        pytest.param(("1", "2016年工作总结", {"docno": "集政办发〔2017〕3号"}), False, id="the 文号 goes before the title"),
    ],
)
def test_evidence_dated_wholly_before_the_assessed_year_is_told(read: Reader, row: Printed, outside: bool) -> None:
    assert read(ORGANISED, "成立领导小组。", rows=(row,)).findings.outside == (("c1",) if outside else ())


# ------------------------------------------------------------------ parts that stand in a column for evidence
def test_a_column_headed_evidence_is_read_as_a_list_of_claims(rubric: Rubric, tokens: Tokenizer) -> None:
    blocks = outline((_table((("考核条目", "自查情况", "佐证材料"), ("（一）3", "已制定", "工作方案；签到簿")), "layout"),))
    found = [p.text[slice(*span)] for p in passages(blocks, segment(blocks, rubric, tokens)) for span in p.evidence]
    assert found == ["工作方案；签到簿"]


def test_what_follows_the_word_for_evidence_is_read_as_a_list(rubric: Rubric, tokens: Tokenizer) -> None:
    blocks = outline((Paragraph("佐证材料：工作方案、签到簿"), Paragraph("制定了工作方案。")))
    first, second = passages(blocks, segment(blocks, rubric, tokens))
    assert [first.text[slice(*span)] for span in first.evidence] == ["工作方案、签到簿"]
    assert second.evidence == ()


def _table(rows: tuple[tuple[str, ...], ...], name: str) -> Table:
    return Table(tuple(tuple(Cell((Paragraph(t),), r, c) for c, t in enumerate(row)) for r, row in enumerate(rows)), name=name)


@pytest.mark.parametrize(
    ("printed", "bare"),
    [("《通知》", "通知"), ("《甲》和《乙》", "《甲》和《乙》"), ("通知", "通知"), ("", ""), (None, None)],
)
def test_a_title_is_shown_without_the_marks_around_it(printed: str | None, bare: str | None) -> None:
    assert bare_title(printed) == bare


def test_the_same_report_gives_the_same_evidence(read: Reader) -> None:
    lines = (ORGANISED, f"印发了《{NOTICE}》，配备了专职人员（附件3、附件9）。")
    assert read(*lines) == read(*lines)


def test_a_report_without_a_word_has_no_claims(rubric: Rubric, tokens: Tokenizer) -> None:
    nothing: tuple[Block, ...] = ()
    found = match_evidence(nothing, (), _rows(CATALOG), rubric=rubric, unit=None, tokens=tokens)
    assert found.claims == ()
    assert set(statuses(found).values()) == {"unclaimed"}
