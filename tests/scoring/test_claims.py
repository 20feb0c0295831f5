"""From tags to claims: where a claim starts and ends, what its name is, and which entries of a list are claims."""

from __future__ import annotations

import pytest

from extract.chinese import key
from scoring.claim_tokens import ClaimTokenizer, Token
from scoring.claims import (
    LONGEST,
    ClaimFinder,
    Mention,
    Passage,
    claim_context,
    fitted_to,
    half_believed,
    lexicon_of,
    listed,
    make_tokenizer,
    name_of,
    parts,
    printed,
    standing_alone,
    tagged_spans,
    widen,
)
from scoring.roster import load_roster
from scoring.rubric import Rubric, builtin, load_rubric

NOTICE = "关于成立“互联网+政务服务”领导小组的通知"
ROWS = (
    ("1", NOTICE, f"{NOTICE} 集政办发〔2017〕12号"),
    ("2", "2017年工作方案", "2017年工作方案"),
    ("3", "网上预审登记簿", "网上预审登记簿"),
)


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric(builtin())


@pytest.fixture(scope="module")
def tokenizer(rubric: Rubric) -> ClaimTokenizer:
    return make_tokenizer(rubric)


@pytest.fixture(scope="module")
def finder(rubric: Rubric) -> ClaimFinder:
    return ClaimFinder(rubric, claim_context(rubric, load_roster(builtin()["roster.toml"]).unit("集贤县"), ROWS))


def sure(finder: ClaimFinder, text: str, section: int = 1) -> list[Mention]:
    return [m for m in finder.find([Passage(text, section)]) if m.sure]


def span(tokens: list[Token], text: str, words: str) -> tuple[int, int]:
    """Token span of `words` in `text`."""
    at = text.index(words)
    inside = [i for i, t in enumerate(tokens) if at <= t.start and t.end <= at + len(words)]
    return inside[0], inside[-1] + 1


# ------------------------------------------------------------------ the tagger's claims
def test_a_document_of_ones_own_is_found_with_its_number_and_a_basis_is_not(finder: ClaimFinder) -> None:
    basis = "按照《国务院关于加快推进“互联网+政务服务”工作的指导意见》（国发〔2016〕55号）要求"
    text = f"{basis}，印发了《{NOTICE}》（集政办发〔2017〕12号）。"
    (found,) = sure(finder, text)
    assert (found.text, found.kind) == (f"《{NOTICE}》（集政办发〔2017〕12号）", "record")
    assert (found.title, found.docno, found.ref) == (f"《{NOTICE}》", "集政办发〔2017〕12号", None)
    assert text[found.start : found.end] == found.text
    assert 0.5 < found.probability <= 1


def test_two_documents_with_different_names_are_two_claims(finder: ClaimFinder) -> None:
    found = sure(finder, "印发了《2017年工作方案》和《网上预审工作制度》。")
    assert [m.text for m in found] == ["《2017年工作方案》", "《网上预审工作制度》"]


def test_two_titles_that_one_row_carries_are_one_claim(rubric: Rubric) -> None:
    unit = load_roster(builtin()["roster.toml"]).unit("集贤县")
    both = "《2017年工作方案》和《网上预审工作制度》"
    finder = ClaimFinder(rubric, claim_context(rubric, unit, [("1", both, both)]))
    assert [m.text for m in sure(finder, f"印发了{both}。")] == [both]


def test_a_sentence_without_a_paper_has_no_claim(finder: ClaimFinder) -> None:
    assert sure(finder, "我县高度重视，多次召开会议研究部署，群众满意度明显提高。") == []
    assert sure(finder, "") == []


def test_mentions_know_their_block_and_stand_in_reading_order(finder: ClaimFinder) -> None:
    found = finder.find([Passage("印发了《2017年工作方案》。", 1), Passage("", 0), Passage("建立了《网上预审登记簿》。", 3)])
    assert [(m.block, m.text) for m in found if m.sure] == [(0, "《2017年工作方案》"), (2, "《网上预审登记簿》")]


def test_a_text_of_hundreds_of_pages_is_tagged_in_parts_and_a_mention_knows_its_place_in_the_whole(finder: ClaimFinder) -> None:
    sentence = "印发了《关于成立“互联网+政务服务”领导小组的通知》（集政办发〔2017〕12号）。"
    text = sentence * (3 * LONGEST // len(sentence))
    found = finder.find([Passage(text, 1)])
    assert len(found) == text.count("《")
    assert all(text[m.start : m.end] == m.text for m in found)


@pytest.mark.parametrize("text", ["", "短。", "长" * (2 * LONGEST + 7), "句子。" * LONGEST, "一行\n" * LONGEST])
def test_parts_make_up_the_whole_and_are_cut_behind_sentences_where_there_are_such(text: str) -> None:
    found = list(parts(Passage(text, 1, evidence=((3, LONGEST + 2),))))
    assert "".join(p.text for p, _ in found) == text
    assert all(len(p.text) <= LONGEST and text.startswith(p.text, at) for p, at in found)
    assert "。" not in text or all(p.text.endswith("。") for p, _ in found)
    marked = [text[at + s : at + e] for p, at in found for s, e in p.evidence]
    assert "".join(marked) == text[3 : LONGEST + 2]


def test_every_entry_in_a_column_for_evidence_is_found(finder: ClaimFinder) -> None:
    text = "2017年工作方案；会议签到簿；附件3"
    found = finder.find([Passage(text, 1, evidence=((0, len(text)),))])
    assert [m.text for m in found if m.sure] == ["2017年工作方案", "会议签到簿", "附件3"]


# ------------------------------------------------------------------ the name
@pytest.mark.parametrize(
    ("text", "name", "reference"),
    [
        pytest.param("《工作方案》（附件3）", "《工作方案》", "附件3", id="a title and its reference"),
        pytest.param("《工作方案》（集政发〔2017〕3号）", "《工作方案》", "", id="a title and its 文号"),
        pytest.param("网上预审登记簿", "网上预审登记簿", "", id="plain words"),
        pytest.param("附件3、附件5", None, "附件3、附件5", id="bare references"),
        pytest.param("集政发〔2017〕3号文件", None, "", id="a bare 文号"),
    ],
)
def test_a_claim_is_taken_apart_into_its_name_and_its_number(rubric: Rubric, text: str, name: str | None, reference: str) -> None:
    assert name_of(text, rubric) == (name, reference)


@pytest.mark.parametrize("words", ["见附件3", "详见佐证材料第5、6项", "佐证材料目录第3项"])
def test_words_for_lists_are_no_name(rubric: Rubric, words: str) -> None:
    name, reference = name_of(words, rubric)
    assert name is None
    assert reference


# ------------------------------------------------------------------ tags and spans
@pytest.mark.parametrize(
    ("labels", "spans"),
    [
        ("OBIIO", [(1, 4)]), ("BIBI", [(0, 2), (2, 4)]), ("OOO", []), ("IIO", [(0, 2)]), ("OB", [(1, 2)]), ("", []),
    ],
)  # fmt: skip
def test_labels_become_spans(labels: str, spans: list[tuple[int, int]]) -> None:
    assert tagged_spans(list(labels)) == spans


def test_half_believed_tokens_run_together_until_one_rather_begins() -> None:
    assert half_believed([0.4, 0.0, 0.3, 0.0], [0.4, 0.4, 0.4, 0.1]) == [(0, 2), (2, 3)]
    assert half_believed([0.0, 0.0], [0.1, 0.2]) == []


@pytest.mark.parametrize(
    ("text", "tagged", "wanted"),
    [
        pytest.param("《工作方案》（附件3）已印发", "《工作方案》", "《工作方案》（附件3）", id="its reference in brackets"),
        pytest.param("《工作方案》（集政发〔2017〕3号）", "《工作方案》", "《工作方案》（集政发〔2017〕3号）", id="its 文号 in brackets"),
        pytest.param("督办单（共3份）齐全", "督办单", "督办单（共3份）", id="a count in brackets"),
        pytest.param("《工作方案》（征求意见稿）", "《工作方案》", "《工作方案》（征求意见稿）", id="an edition"),
        pytest.param("签到簿3份齐全", "签到簿", "签到簿", id="a bare count stays outside"),
        pytest.param("签到簿（由办公室保管）", "签到簿", "签到簿", id="a remark stays outside"),
        pytest.param("签到簿（第一次）齐全", "签到簿（第一次", "签到簿（第一次）", id="a bracket left open"),
    ],
)
def test_brackets_that_belong_to_a_name_are_inside_its_span(tokenizer: ClaimTokenizer, text: str, tagged: str, wanted: str) -> None:
    tokens = tokenizer.tokens(text)
    s, e = widen(tokens, *span(tokens, text, tagged), text)
    assert text[tokens[s].start : tokens[e - 1].end] == wanted


def test_a_catalog_title_is_found_in_the_text_word_for_word_and_short_ones_are_not(tokenizer: ClaimTokenizer) -> None:
    tokens = tokenizer.tokens("窗口设有网上预审登记簿，逐件登记；会议有记录。")
    ((s, e),) = printed(tokens, ["网上预审登记簿", "会议"])
    assert "".join(t.text for t in tokens[s:e]) == "网上预审登记簿"


def test_entries_of_a_list_are_papers_numbers_and_references_but_not_remarks(rubric: Rubric, tokenizer: ClaimTokenizer) -> None:
    text = "1.工作方案；2.会议签到簿（3份）；无；附件5；《通知》"
    tokens = tokenizer.tokens(text)
    found = listed(tokens, [], [(0, len(text))], lexicon_of(rubric))
    assert [text[tokens[s].start : tokens[e - 1].end] for s, e, _ in found] == ["工作方案", "会议签到簿（3份）", "附件5", "《通知》"]


def test_a_reference_that_stands_alone_counts_where_the_catalog_has_its_number(rubric: Rubric, tokenizer: ClaimTokenizer) -> None:
    context = claim_context(rubric, None, ROWS)
    text = "全部事项已办结，附件3。附件9，另有安排。"
    tokens = tokenizer.tokens(text)
    assert [text[tokens[s].start : tokens[e - 1].end] for s, e, _ in standing_alone(tokens, [], context)] == ["附件3"]


# ------------------------------------------------------------------ what is known of unit and catalog
def test_codes_in_the_catalog_are_the_units_own_unless_a_higher_authoritys(rubric: Rubric) -> None:
    rows = [("1", "通知", "通知 集政办发〔2017〕12号"), ("2", "意见", "意见 国发〔2016〕55号")]
    context = claim_context(rubric, load_roster(builtin()["roster.toml"]).unit("集贤县"), rows)
    assert "集政办发" in context.own_codes
    assert "国发" not in context.own_codes
    assert "国发" in context.superior_codes
    assert context.row_numbers == {(1,), (2,)}


@pytest.mark.parametrize(
    ("before", "tagged", "row", "wanted"),
    [
        pytest.param("另有报送", "邮件截图", "报送邮件截图", "报送邮件截图", id="a word more in front"),
        pytest.param("另有", "汇总报送邮件截图", "报送邮件截图", "报送邮件截图", id="a word less in front"),
        pytest.param("另有报送", "邮件截图", "会议照片", "邮件截图", id="no row says so"),
    ],
)
def test_a_name_without_brackets_is_as_long_as_the_catalog_says(
    tokenizer: ClaimTokenizer, before: str, tagged: str, row: str, wanted: str
) -> None:
    tokens = tokenizer.tokens(f"{before}{tagged}。")
    start = next(i for i, t in enumerate(tokens) if t.start >= len(before))
    a, b = fitted_to(tokens, start, len(tokens) - 1, [key(row)])
    assert "".join(t.text for t in tokens[a:b]) == wanted
