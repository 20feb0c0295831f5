"""A block's text as tokens: titles, 文号 and references stay whole, everything else is words."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.claim_tokens import ClaimTokenizer, number_shapes, title_spans
from scoring.claims import make_tokenizer
from scoring.rubric import builtin, load_rubric

steady = settings(derandomize=True, deadline=None, max_examples=60)
Cut = Callable[..., list[tuple[str, str]]]


@pytest.fixture(scope="module")
def tokenizer() -> ClaimTokenizer:
    return make_tokenizer(load_rubric(builtin()))


@pytest.fixture(scope="module")
def whole(tokenizer: ClaimTokenizer) -> Cut:
    """whole("印发了《…》") -> [("T", "《…》"), …]: what is not cut into words."""

    def cut(text: str, numbers: tuple[str, ...] = ()) -> list[tuple[str, str]]:
        return [(t.kind, t.text) for t in tokenizer.tokens(text, number_shapes(numbers)) if t.kind in "TDR"]

    return cut


def test_titles_document_numbers_and_references_stay_whole(whole: Cut) -> None:
    assert whole("印发了《关于成立领导小组的通知》（集政办发〔2017〕12号），见附件3-1至3-4。") == [
        ("T", "《关于成立领导小组的通知》"),
        ("D", "集政办发〔2017〕12号"),
        ("R", "附件3-1至3-4"),
    ]


@pytest.mark.parametrize(
    "reference",
    [
        "附件3", "附件三", "附件3-1", "佐证材料第12项", "佐证材料第5、6项", "附件5、附件6", "附件1～3", "附件1—4", "第8、9项", "卷②-7",
        "盒3-05", "6.1.1-1", "Ⅲ-1-2-①", "第4项至第6项",
    ],
)  # fmt: skip
def test_a_reference_is_one_token_however_it_is_written(whole: Cut, reference: str) -> None:
    assert whole(f"已按要求完成（{reference}）。") == [("R", reference)]


@pytest.mark.parametrize("text", ["收到答复526份，满意率97.5%。", "2017年3月15日召开会议。", "共3人参加，用时20天。", "全年办结1.2万件。"])
def test_counts_and_dates_are_no_references(whole: Cut, text: str) -> None:
    assert whole(text) == []


def test_a_number_inside_a_title_is_no_token_of_its_own(whole: Cut) -> None:
    assert whole("形成《附件3清单（集政发〔2017〕3号）》。") == [("T", "《附件3清单（集政发〔2017〕3号）》")]


def test_numbers_are_known_by_the_way_the_catalog_writes_its_own(whole: Cut) -> None:
    assert whole("台账齐全，B03、B04。") == []
    assert whole("台账齐全，B03、B04。", ("B01", "B02", "B17")) == [("R", "B03、B04")]
    assert whole("登记在册，甲-2。", ("甲-1", "甲-12")) == [("R", "甲-2")]


def test_a_catalog_of_mere_digits_has_no_shape_of_its_own() -> None:
    assert number_shapes(["1", "12", "第3", "（4）", ""]) is None


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        pytest.param("《甲》和《乙》", ["《甲》", "《乙》"], id="two"),
        pytest.param("《关于转发《方案》的通知》", ["《关于转发《方案》的通知》"], id="nested"),
        pytest.param("《关于转发《方案》的通知，另见《乙》", ["《关于转发《方案》", "《乙》"], id="one that is not closed"),
        pytest.param("《没有写完。下一句《乙》", ["《乙》"], id="ends with its sentence"),
        pytest.param("没有书名号》", [], id="closed only"),
    ],
)
def test_titles_are_the_outermost_marks(text: str, titles: list[str]) -> None:
    assert [text[s:e] for s, e in title_spans(text)] == titles


@given(text=st.text("《》（）〔〕附件第项3至、。集政发2017号见 工作方案①Ⅲ-", max_size=40))
@steady
def test_tokens_stand_in_order_and_are_the_text_at_their_place(tokenizer: ClaimTokenizer, text: str) -> None:
    tokens = tokenizer.tokens(text)
    assert all(text[t.start : t.end] == t.text for t in tokens)
    assert all(a.end <= b.start for a, b in pairwise(tokens))
    assert "".join(t.text for t in tokens).replace(" ", "") == text.replace(" ", "")
