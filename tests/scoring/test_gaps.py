"""Gaps: what a reviewer must look at, which items count for a unit, and what is worst."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from scoring.gaps import ORDER, Findings, applicable, denied_items, find_gaps, ordered, printed
from scoring.rubric import Rubric, builtin, load_rubric
from scoring.worksheet import CatalogEntry, Claim, Gap, LabelledBlock

NOTHING = Findings({}, {}, (), ())


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric(builtin())


def block(item: str | None, text: str = "已经完成。", *, section: int | None = None, kind: str = "paragraph") -> LabelledBlock:
    own = section if section is not None else int(item.split(".")[0]) if item else 0
    return LabelledBlock(0, None, 1, kind, text, own, item, 0.9)


def claim(id: str, item: str | None = "1.1", *, status: str = "matched", catalog: tuple[str, ...] = (), text: str = "《通知》") -> Claim:
    section = int(item.split(".")[0]) if item else 0
    return Claim(id, 0, (0, len(text)), text, "record", text, None, None, section, item, status, catalog, 0.9, "题名一致")  # type: ignore[arg-type]


def row(
    id: str, item: str | None = "1.1", *, title: str = "通知", status: str = "claimed", no: str = "", stated: str | None = None
) -> CatalogEntry:
    return CatalogEntry(id, no or id[1:], None, item, stated, title, None, None, "submitted", 1, None, 1, status)  # type: ignore[arg-type]


def everything(rubric: Rubric) -> list[LabelledBlock]:
    return [block(i.id) for i in rubric.items]


def covered(rubric: Rubric) -> list[CatalogEntry]:
    return [row(f"c{n}", i.id) for n, i in enumerate(rubric.items, 1)]


def kinds(gaps: Iterable[Gap]) -> list[tuple[str, str | None]]:
    return [(g.kind, g.item) for g in gaps]


# ------------------------------------------------------------------ what applies
def test_item_1_2_counts_for_counties_only(rubric: Rubric) -> None:
    assert "1.2" in applicable(rubric, "county", (), frozenset())
    assert "1.2" not in applicable(rubric, "municipal", (), frozenset())


@pytest.mark.parametrize("group", ["county", "municipal"])
def test_everything_else_counts_for_every_county_and_municipal_unit_whatever_it_reports(rubric: Rubric, group: str) -> None:
    assert applicable(rubric, group, (), frozenset()) | {"1.2"} == {i.id for i in rubric.items}


def test_an_unknown_unit_is_asked_for_all_but_1_2(rubric: Rubric) -> None:
    assert applicable(rubric, None, (), frozenset()) == {i.id for i in rubric.items} - {"1.2"}


def test_for_a_provincial_unit_only_what_its_report_takes_up_counts(rubric: Rubric) -> None:
    blocks = [block("1.1"), block("3.4"), block(None)]
    assert applicable(rubric, "provincial", blocks, frozenset()) == {"1.1", "3.4"}


def test_what_a_provincial_unit_denies_is_not_its_task(rubric: Rubric) -> None:
    blocks = [block("1.1"), block("2.2", "此项工作不属于我局职责范围。")]
    denied = denied_items(blocks)
    assert denied == {"2.2"}
    assert applicable(rubric, "provincial", blocks, denied) == {"1.1"}


def test_a_county_cannot_deny_an_item_away(rubric: Rubric) -> None:
    assert "2.2" in applicable(rubric, "county", [block("2.2", "不涉及。")], frozenset({"2.2"}))


@pytest.mark.parametrize("text", ["本项不涉及我局。", "我局不承担此项任务。", "该项由市编办统一负责，我局不作说明。", "无此项业务。"])
def test_a_plain_denial_is_told_from_a_report(text: str) -> None:
    assert denied_items([block("2.2", text)]) == {"2.2"}
    assert denied_items([block("2.2", "编制了事项目录。")]) == frozenset()


def test_an_item_of_which_the_report_says_more_than_no_is_not_denied() -> None:
    assert denied_items([block("2.2", "部分事项不涉及。"), block("2.2", "其余事项已编制目录并公布。")]) == frozenset()


# ------------------------------------------------------------------ sections and items
def test_a_report_that_says_and_shows_everything_has_no_gap(rubric: Rubric) -> None:
    applies = applicable(rubric, "county", (), frozenset())
    assert find_gaps(rubric, applies, everything(rubric), (), covered(rubric), NOTHING) == ()


def test_a_section_that_the_report_addresses_nowhere_is_missing_and_named(rubric: Rubric) -> None:
    applies = applicable(rubric, "county", (), frozenset())
    blocks = [b for b in everything(rubric) if b.section != 6]
    (gap,) = find_gaps(rubric, applies, blocks, (), covered(rubric), NOTHING)
    assert (gap.kind, gap.section, gap.item) == ("section_missing", 6, None)
    assert gap.message.startswith(f"（六）{rubric.section(6).name}")


def test_a_section_of_which_no_item_applies_is_not_missed(rubric: Rubric) -> None:
    assert find_gaps(rubric, frozenset({"1.1"}), [block("1.1")], (), [row("c1", "1.1")], NOTHING) == ()


def test_an_item_that_nothing_in_its_section_speaks_of_is_unaddressed(rubric: Rubric) -> None:
    applies = frozenset({"1.1", "1.3"})
    gaps = find_gaps(rubric, applies, [block("1.1")], (), [row("c1", "1.1"), row("c2", "1.3")], NOTHING)
    assert kinds(gaps) == [("item_unaddressed", "1.3")]
    assert "（一）3" in gaps[0].message
    assert rubric.item("1.3").name in gaps[0].message


def test_an_item_with_neither_claim_nor_row_is_without_evidence(rubric: Rubric) -> None:
    gaps = find_gaps(rubric, frozenset({"2.4"}), [block("2.4")], (), (), NOTHING)
    assert kinds(gaps) == [("item_without_evidence", "2.4")]
    assert gaps[0].message.startswith("（二）4 ")
    assert "未提供佐证材料" in gaps[0].message


def test_a_claim_is_enough_evidence_to_ask_no_more(rubric: Rubric) -> None:
    assert find_gaps(rubric, frozenset({"2.4"}), [block("2.4")], [claim("k1", "2.4")], (), NOTHING) == ()


def test_a_row_alone_is_enough_evidence_too(rubric: Rubric) -> None:
    assert find_gaps(rubric, frozenset({"2.4"}), [block("2.4")], (), [row("c1", "2.4")], NOTHING) == ()


def test_bonus_items_are_never_asked_for(rubric: Rubric) -> None:
    bonus = frozenset(i.id for i in rubric.items if i.bonus)
    assert bonus == {"7.1", "7.2", "7.3"}
    assert find_gaps(rubric, bonus, [block(None, section=7)], (), (), NOTHING) == ()


def test_an_item_that_does_not_apply_is_never_asked_for(rubric: Rubric) -> None:
    applies = applicable(rubric, "municipal", (), frozenset())
    gaps = find_gaps(rubric, applies, [], (), (), NOTHING)
    assert "1.2" not in {g.item for g in gaps}
    assert ("item_without_evidence", "1.1") in kinds(gaps)


# ------------------------------------------------------------------ claims
def test_a_missing_claim_is_a_gap_that_quotes_it(rubric: Rubric) -> None:
    gaps = find_gaps(rubric, frozenset(), [], [claim("k1", status="missing", text="会议签到簿")], [row("c1")], NOTHING)
    (gap,) = gaps
    assert (gap.kind, gap.claim, gap.catalog) == ("claim_not_in_catalog", "k1", None)
    assert "（一）1" in gap.message
    assert "“会议签到簿”" in gap.message


def test_without_a_catalog_no_claim_is_a_gap_of_its_own(rubric: Rubric) -> None:
    claims = [claim(f"k{n}", status="missing") for n in (1, 2, 3)]
    assert find_gaps(rubric, frozenset(), [], claims, (), NOTHING) == ()


def test_an_uncertain_claim_points_to_its_first_candidate(rubric: Rubric) -> None:
    claims = [claim("k1", status="uncertain", catalog=("c2", "c1")), claim("k2", status="uncertain")]
    gaps = find_gaps(rubric, frozenset(), [], claims, [row("c1"), row("c2")], NOTHING)
    assert [(g.kind, g.claim, g.catalog) for g in gaps] == [("claim_uncertain", "k1", "c2"), ("claim_uncertain", "k2", None)]


def test_a_near_twin_is_one_gap_that_names_both_papers_and_the_difference(rubric: Rubric) -> None:
    findings = Findings({"k1": ("c1", "年份不同")}, {}, (), ())
    claims = [claim("k1", status="missing", text="《2017年方案》")]
    (gap,) = find_gaps(rubric, frozenset(), [], claims, [row("c1", title="2016年方案", no="8")], findings)
    assert (gap.kind, gap.claim, gap.catalog) == ("docno_mismatch", "k1", "c1")
    assert all(words in gap.message for words in ("《2017年方案》", "第8项", "2016年方案", "年份不同"))


def test_a_wrong_number_beside_a_title_names_both_rows(rubric: Rubric) -> None:
    findings = Findings({}, {"k1": "c2"}, (), ())
    claims = [claim("k1", catalog=("c1",), text="《通知》（附件2）")]
    (gap,) = find_gaps(rubric, frozenset(), [], claims, [row("c1", title="通知"), row("c2", title="签到簿")], findings)
    assert (gap.kind, gap.claim, gap.catalog) == ("ref_conflict", "k1", "c2")
    assert all(words in gap.message for words in ("《通知》（附件2）", "第1项", "签到簿"))


# ------------------------------------------------------------------ rows
@pytest.mark.parametrize(
    ("entry", "findings", "kind", "words"),
    [
        pytest.param(row("c1", status="unclaimed", title="签到簿"), NOTHING, "catalog_unclaimed", "签到簿", id="not cited"),
        pytest.param(row("c1"), Findings({}, {}, ("c1",), ()), "evidence_outside_year", "2017年", id="outside the year"),
        pytest.param(row("c1", stated="（二）2"), Findings({}, {}, (), ("c1",)), "item_mismatch", "（二）2", id="under another item"),
    ],
)
def test_a_row_that_needs_a_look_is_a_gap_with_its_number(
    rubric: Rubric, entry: CatalogEntry, findings: Findings, kind: str, words: str
) -> None:
    (gap,) = find_gaps(rubric, frozenset(), [], (), [entry], findings)
    assert (gap.kind, gap.item, gap.claim, gap.catalog) == (kind, "1.1", None, "c1")
    assert "第1项" in gap.message
    assert words in gap.message


def test_a_row_that_supports_no_item_has_neither_section_nor_item(rubric: Rubric) -> None:
    (gap,) = find_gaps(rubric, frozenset(), [], (), [row("c1", None, status="unclaimed")], NOTHING)
    assert (gap.section, gap.item) == (None, None)


# ------------------------------------------------------------------ order and wording
def test_the_worst_comes_first_and_equals_stand_in_the_rubrics_order() -> None:
    mixed = [
        Gap("catalog_unclaimed", 1, "1.1", None, "c1", ""),
        Gap("item_without_evidence", 2, "2.1", None, None, ""),
        Gap("item_without_evidence", 1, "1.4", None, None, ""),
        Gap("report_missing", None, None, None, None, ""),
        Gap("something_new", None, None, None, None, ""),
    ]
    assert kinds(ordered(mixed)) == [
        ("report_missing", None),
        ("item_without_evidence", "1.4"),
        ("item_without_evidence", "2.1"),
        ("catalog_unclaimed", "1.1"),
        ("something_new", None),
    ]


def test_every_gap_of_the_contract_has_its_place_in_the_order() -> None:
    contract = "report_missing catalog_missing section_missing item_without_evidence claim_not_in_catalog docno_mismatch ref_conflict"
    assert [k for k in ORDER if k in contract.split()] == contract.split()
    assert len(set(ORDER)) == len(ORDER)


@pytest.mark.parametrize(("item", "shown"), [("1.1", "（一）1"), ("7.3", "（七）3"), ("12.1", "12.1"), (None, "（未归条目）")])
def test_an_item_is_printed_as_the_notice_prints_it(item: str | None, shown: str) -> None:
    assert printed(item) == shown
