"""Where each block of a report belongs: by content, structure, order and both wordings of the headings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import pytest

from extract.chinese import Tokenizer
from extract.model import Block, Cell, Location, Paragraph, Table
from extract.outline import outline
from scoring.rubric import Rubric, builtin, load_rubric
from scoring.segment import classify, segment, self_scores, vocabulary

Labels = list[tuple[int, str | None]]
HAN = "一二三四五六七"


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric(builtin())


@pytest.fixture(scope="module")
def tokens(rubric: Rubric) -> Tokenizer:
    return Tokenizer(vocabulary(rubric))


@pytest.fixture(scope="module")
def read(rubric: Rubric, tokens: Tokenizer) -> Callable[..., Labels]:
    def labels(*lines: str) -> Labels:
        blocks = outline(tuple(Paragraph(t, Location(paragraph=n)) for n, t in enumerate(lines, 1)))
        return [(x.section, x.item) for x in segment(blocks, rubric, tokens)]

    return labels


OPENING = (
    "某局2017年“互联网+政务服务”工作自查报告",
    "市政府办公室：",
    "按照通知要求，我局对照《考核细则》逐条自查，现将有关情况报告如下：",
)
ORGAN = "成立了由局长任组长的领导小组，配备专职人员2名，建立了分工明确的工作机制。"
PLAN = "年初印发年度工作方案，召开动员部署会，把任务分解到各科室。"
REPORTING = "按时上报工作进展情况和总结，没有漏报、迟报。"
ENTRY = "按照编委办提供的目录，完成全部事项的录入，编制办事指南并对外公布。"
KEYS = "审批人员岗位调整后及时更换电子秘钥，没有损坏和丢失。"
PRE = "建立网上预审制度，需要补正的材料一次性告知。"
SURVEY = "开展网上问卷调查，收回问卷200份，群众满意率97%。"
EXPOSE = "在门户网站设立曝光纠错栏目，群众反映的2件问题均已答复。"
SYSTEMS = "对全局信息系统开展清理，没有僵尸系统和科室独立信息系统。"
RESOURCES = "梳理政务信息资源，编制资源目录并按时上报。"
PARALLEL = "会同规划、国土等部门实行并联审批和联合踏查。"
FASTER = "优化办事流程，减少审批环节6个，承诺时限压缩一半。"
PROBLEMS = "一是网上申报率不高，二是信息系统数据共享不够。下一步我局将加强培训，继续优化流程。"
TAIL = ("双鸭山市某某局", "2018年1月18日")


def test_the_rubrics_own_headings_lead_to_its_sections_and_items(read: Callable[..., Labels]) -> None:
    labels = read(*OPENING, "一、完善组织和制度保障", ORGAN, PLAN, REPORTING, "二、网上政务服务事项标准化建设", ENTRY,
                  "三、政务服务事项网上办理", KEYS, PRE, *TAIL)  # fmt: skip
    assert [s for s, _ in labels] == [0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 3, 0, 0]
    assert [i for _, i in labels if i] and [i for _, i in labels][4:7] == ["1.1", "1.3", "1.4"]
    assert [i for _, i in labels][10:12] == ["3.3", "3.4"]


def test_public_participation_under_the_notices_seventh_heading_is_section_five(read: Callable[..., Labels]) -> None:
    labels = read(*OPENING, "一、完善组织和制度保障", ORGAN, PLAN, "六、政务信息系统整合及政务信息共享", SYSTEMS,
                  "七、建立公众参与机制、创新服务机制", SURVEY, EXPOSE, PARALLEL, FASTER, *TAIL)  # fmt: skip
    assert labels[8:13] == [(7, labels[8][1]), (5, "5.2"), (5, "5.3"), (7, "7.1"), (7, "7.2")]


def test_without_any_heading_content_decides(read: Callable[..., Labels]) -> None:
    labels = read(*OPENING, ORGAN, PLAN, REPORTING, ENTRY, KEYS, PRE, SURVEY, SYSTEMS, RESOURCES, FASTER, *TAIL)
    assert [i for _, i in labels] == [None] * 3 + ["1.1", "1.3", "1.4", "2.3", "3.3", "3.4", "5.2", "6.1", "6.2", "7.2", None, None]


def test_sections_may_come_in_any_order(read: Callable[..., Labels]) -> None:
    labels = read(
        *OPENING, "一、打通信息孤岛", SYSTEMS, RESOURCES, "二、加强组织领导", ORGAN, PLAN, "三、提升服务", PARALLEL, FASTER, *TAIL
    )
    assert [s for s, _ in labels] == [0, 0, 0, 6, 6, 6, 1, 1, 1, 7, 7, 7, 0, 0]


def test_sections_may_stand_one_level_deeper(read: Callable[..., Labels]) -> None:
    labels = read(*OPENING, "一、工作开展情况", "（一）组织保障", ORGAN, "（二）事项标准化", ENTRY, "（三）网上办理", PRE,
                  "（四）系统整合", SYSTEMS,
                  "二、存在的问题和下一步打算", PROBLEMS, *TAIL)  # fmt: skip
    assert [s for s, _ in labels] == [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 6, 6, 0, 0, 0, 0]


def test_problems_are_no_subject_whatever_they_speak_of(read: Callable[..., Labels]) -> None:
    headed = read(*OPENING, "一、组织保障", ORGAN, "二、系统整合", SYSTEMS, "三、存在的问题", PROBLEMS, *TAIL)
    bare = read(*OPENING, "一、组织保障", ORGAN, "二、系统整合", SYSTEMS, "存在问题：" + PROBLEMS, *TAIL)
    assert [s for s, _ in headed][-4:] == [0, 0, 0, 0]
    assert [s for s, _ in bare][-3:] == [0, 0, 0]


def test_a_line_that_points_to_evidence_belongs_to_what_stands_before_it(read: Callable[..., Labels]) -> None:
    labels = read(*OPENING, "一、组织保障", ORGAN, "佐证材料：满意度调查问卷汇总", PLAN, REPORTING, "二、创新服务", PARALLEL, *TAIL)
    assert labels[5] == labels[4] == (1, "1.1")


def test_a_run_in_heading_decides_for_its_paragraph(read: Callable[..., Labels]) -> None:
    labels = read(*OPENING, "一、网上办理", "（一）网上预审。由专人负责，当天看、当天回。", "（二）进驻大厅。6项事项已全部到位。", *TAIL)
    assert [i for _, i in labels][4:6] == ["3.4", "3.5"]


def test_a_merged_heading_is_the_section_it_names_first(read: Callable[..., Labels]) -> None:
    labels = read(*OPENING, "一、信息系统整合与创新服务", SYSTEMS, RESOURCES, PARALLEL, FASTER, *TAIL)
    assert labels[3][0] == 6
    assert [s for s, _ in labels][4:8] == [6, 6, 7, 7]


def test_rows_of_a_self_scoring_table_take_the_item_they_print(rubric: Rubric, tokens: Tokenizer) -> None:
    rows = (
        ("考核条目", "自查情况", "自评得分"),
        ("（一）1", "已落实", "5"),
        ("（三）4", "已落实", "2.5"),
        ("（七）2", "已落实", "0"),
        ("合计", "", "95"),
    )
    blocks = outline((_table(rows),))
    labels = segment(blocks, rubric, tokens)
    assert [x.item for x in labels[1:4]] == ["1.1", "3.4", "7.2"]
    scores, total = self_scores(blocks, labels, rubric)
    assert {k: float(v) for k, (v, _) in scores.items()} == {"1.1": 5, "3.4": 2.5, "7.2": 0}
    assert total == 95


@pytest.mark.parametrize(
    "words", ["自评5分。", "自评得分：5分。", "（自评5分）", "自评为五分。", "本项得分5分。", "自查得5分。", "自评满分。"]
)
def test_self_scores_in_prose(words: str, rubric: Rubric, tokens: Tokenizer) -> None:
    blocks = _blocks(*OPENING, "一、组织保障", ORGAN + words, "二、系统整合", SYSTEMS, "自评总分为97.5分。", *TAIL)
    scores, total = self_scores(blocks, segment(blocks, rubric, tokens), rubric)
    assert {k: float(v) for k, (v, _) in scores.items()} == {"1.1": 5}
    assert float(total or 0) == 97.5


def test_points_of_other_things_are_no_self_scores(rubric: Rubric, tokens: Tokenizer) -> None:
    blocks = _blocks(*OPENING, "一、组织保障", "将网上政务服务纳入考核体系，分值6分。", SURVEY, *TAIL)
    assert self_scores(blocks, segment(blocks, rubric, tokens), rubric) == ({}, None)


@pytest.mark.parametrize("words", ["职责写得十分清楚。", "各项工作做得十分扎实，", "获得五分之一以上群众的好评。"])
def test_very_and_fractions_are_no_self_scores(words: str, rubric: Rubric, tokens: Tokenizer) -> None:
    blocks = _blocks(*OPENING, "一、组织保障", ORGAN + words, "二、系统整合", SYSTEMS, *TAIL)
    assert self_scores(blocks, segment(blocks, rubric, tokens), rubric) == ({}, None)


@pytest.mark.parametrize(
    ("title", "item"),
    [
        ("关于成立工作领导小组的通知", "1.1"), ("2017年目标考核办法", "1.2"), ("网上预审登记簿", "3.4"), ("电子秘钥发放台账", "3.3"),
        ("满意度调查问卷汇总表", "5.2"), ("政务信息资源目录", "6.2"), ("流程优化前后对照表", "7.2"), ("预警督办单", "4.2"),
    ],
)  # fmt: skip
def test_a_short_title_finds_its_item(title: str, item: str, rubric: Rubric, tokens: Tokenizer) -> None:
    ranked = classify(title, rubric, tokens)
    assert ranked[0][0] == item
    assert sum(p for _, p in ranked) == pytest.approx(1)


def test_a_printed_item_outweighs_a_title_that_says_little(rubric: Rubric, tokens: Tokenizer) -> None:
    assert classify("会议签到簿", rubric, tokens, printed="（二）2")[0][0] == "2.2"
    assert classify("照片", rubric, tokens, group="（三）5 进驻大厅")[0][0] == "3.5"


def test_a_rubric_without_trained_weights_still_segments(rubric: Rubric, tokens: Tokenizer) -> None:
    bare = replace(rubric, sha256="0", tables=MappingProxyType({k: v for k, v in rubric.tables.items() if k != "segment.json"}))
    blocks = _blocks(*OPENING, "一、组织保障", ORGAN, "二、系统整合", SYSTEMS, *TAIL)
    assert [x.section for x in segment(blocks, bare, tokens)] == [0, 0, 0, 1, 1, 6, 6, 0, 0]


def test_nothing_has_no_labels(rubric: Rubric, tokens: Tokenizer) -> None:
    assert segment((), rubric, tokens) == ()


def test_the_same_report_gets_the_same_labels(rubric: Rubric, tokens: Tokenizer) -> None:
    blocks = _blocks(*OPENING, ORGAN, PLAN, SURVEY, *TAIL)
    assert segment(blocks, rubric, tokens) == segment(blocks, rubric, Tokenizer(vocabulary(rubric)))


def _blocks(*lines: str) -> tuple[Block, ...]:
    return outline(tuple(Paragraph(t) for t in lines))


def _table(rows: tuple[tuple[str, ...], ...]) -> Table:
    return Table(tuple(tuple(Cell((Paragraph(t),), r, c) for c, t in enumerate(row)) for r, row in enumerate(rows)))
