"""What arrived becomes worksheets: roles, units, time, the catalog in use, the gaps that belong to no item, the printed form."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.model import Cell, Document, Location, Paragraph, Table
from scoring.assess import Incoming, IncomingFile, assess
from scoring.gaps import ORDER
from scoring.roster import Roster, load_roster
from scoring.rubric import Rubric, builtin, load_rubric
from scoring.worksheet import FORMAT, Claim, Gap, ItemScore, Score, SelfScore, Submission, Unit, Worksheet

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOTICE = "关于成立“互联网+政务服务”领导小组的通知"
HEADER = ("序号", "材料名称", "文号")
ROWS = (("1", NOTICE, "集政办发〔2017〕12号"), ("2", "网上预审登记簿", ""), ("3", "会议签到簿", ""))
SELF_SCORED = "本项自评5分。"
KEYS = ["format", "program", "rubric", "unit", "submission", "blocks", "claims", "catalog", "gaps", "score"]
Read = Callable[..., tuple[Worksheet, ...]]


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric(builtin())


@pytest.fixture(scope="module")
def roster() -> Roster:
    return load_roster(builtin()["roster.toml"])


@pytest.fixture(scope="module")
def read(rubric: Rubric, roster: Roster) -> Read:
    """read(file, …, received="2018-01-19T16:02:00+08:00") -> the worksheets of one submission."""

    def worksheets(*files: IncomingFile, received: str | None = None, first: str | None = None, body: str = "") -> tuple[Worksheet, ...]:
        times = [datetime.fromisoformat(t) if t else None for t in (received, first)]
        kind = "Received" if received else None
        return assess(
            Incoming("a", body=body, received_at=times[0], received_from=kind, first_report_at=times[1], files=files),
            rubric=rubric,
            roster=roster,
        )

    return worksheets


def report(unit: str = "集贤县", signed: str = "", extra: Sequence[str] = (), appended: Sequence[Sequence[str]] = ()) -> IncomingFile:
    """A report that speaks of sections 1 to 3 only."""
    lines = (
        f"{unit}2017年“互联网+政务服务”工作自查报告",
        "市政府办公室：",
        "按照通知要求，对照《考核细则》逐条自查，现将有关情况报告如下：",
        "一、完善组织和制度保障",
        f"印发了《{NOTICE}》（集政办发〔2017〕12号），明确了分工。{SELF_SCORED}",
        "二、网上政务服务事项标准化建设",
        "按照编委办提供的目录，完成全部事项的录入，编制办事指南并对外公布。",
        "三、政务服务事项网上办理",
        "建立网上预审制度，需要补正的材料一次性告知，有《网上预审登记簿》为证。",
        *extra,
        signed or f"{unit}人民政府",
        "2018年1月18日",
        *(("附件：佐证材料目录清单",) if appended else ()),
    )
    elements = tuple(Paragraph(t, Location(paragraph=n)) for n, t in enumerate(lines, 1))
    return a_file(f"{unit}自查报告.docx", Document((*elements, *((_table(appended),) if appended else ())), DOCX))


def catalog(*rows: tuple[str, str, str], name: str = "佐证材料目录.xlsx") -> IncomingFile:
    return a_file(name, Document((_table((HEADER, *(rows or ROWS))),), XLSX))


def a_file(name: str, document: Document | None, **more: object) -> IncomingFile:
    return IncomingFile(name, "ab" * 32, 100, document.media_type if document else "", document, **more)  # type: ignore[arg-type]


def broken(name: str) -> IncomingFile:
    return a_file(name, None, state="quarantined", problems=("文件已损坏，无法读取",))


def _table(rows: Sequence[Sequence[str]]) -> Table:
    return Table(tuple(tuple(Cell((Paragraph(t),), r, c) for c, t in enumerate(row)) for r, row in enumerate(rows)), name="目录")


def of(sheet: Worksheet, kind: str) -> list[Gap]:
    return [g for g in sheet.gaps if g.kind == kind]


def states(sheet: Worksheet) -> list[tuple[str, str, str]]:
    return [(f.name, f.role, f.state) for f in sheet.submission.files]


# ------------------------------------------------------------------ report and catalog
def test_a_report_and_its_catalog_are_one_worksheet_of_their_unit(read: Read) -> None:
    (sheet,) = read(report(), catalog())
    assert (sheet.unit.name, sheet.unit.group) == ("集贤县", "county")
    assert states(sheet) == [("集贤县自查报告.docx", "report", "used"), ("佐证材料目录.xlsx", "catalog", "used")]
    assert {c.text: (c.status, c.catalog) for c in sheet.claims if c.text.startswith("《")} == {
        f"《{NOTICE}》（集政办发〔2017〕12号）": ("matched", ("c1",)),
        "《网上预审登记簿》": ("matched", ("c2",)),
    }
    assert [(r.no, r.title, r.status, r.file) for r in sheet.catalog] == [
        ("1", NOTICE, "claimed", 1),
        ("2", "网上预审登记簿", "claimed", 1),
        ("3", "会议签到簿", "unclaimed", 1),
    ]


def test_every_block_is_of_the_report_in_reading_order(read: Read) -> None:
    (sheet,) = read(report(), catalog())
    assert {b.file for b in sheet.blocks} == {0}
    assert [b.paragraph for b in sheet.blocks] == list(range(1, 12))
    assert {b.section for b in sheet.blocks} == {0, 1, 2, 3}


def test_a_catalog_that_names_another_unit_is_told_and_stays_in_use_until_a_person_speaks(read: Read) -> None:
    heading = Paragraph("宝清县2017年“互联网+政务服务”工作佐证材料目录清单", Location(paragraph=1))
    of_another = replace(catalog(name="宝清县目录清单.docx"), document=Document((heading, _table((HEADER, *ROWS))), DOCX))
    (sheet,) = read(report(), of_another)
    assert sheet.unit.name == "集贤县"
    (told,) = of(sheet, "catalog_of_other_unit")
    assert told.message.startswith("宝清县目录清单.docx写的是宝清县，报告是集贤县")
    assert len(sheet.catalog) == 3
    (said,) = read(report(), replace(of_another, role="catalog", said=True))
    assert of(said, "catalog_of_other_unit") == []
    (own,) = read(report(), catalog(name="集贤县目录清单.xlsx"))
    assert of(own, "catalog_of_other_unit") == []


def test_an_appended_catalog_gives_the_rows_and_is_no_part_of_the_report(read: Read) -> None:
    (sheet,) = read(report(appended=(HEADER, *ROWS)))
    assert [(r.title, r.file) for r in sheet.catalog] == [(r[1], 0) for r in ROWS]
    assert not any("会议签到簿" in b.text for b in sheet.blocks)
    assert of(sheet, "catalog_missing") == []


def test_of_a_file_that_is_wanted_whole_the_appended_catalog_stays_in_its_place_and_claims_keep_theirs(read: Read) -> None:
    (part,) = read(report(appended=(HEADER, *ROWS), signed="集贤县人民政府办公室"))
    (whole,) = read(replace(report(appended=(HEADER, *ROWS), signed="集贤县人民政府办公室"), role="report", whole=True))
    texts = [b.text for b in whole.blocks]
    assert [t for t in texts if t in {b.text for b in part.blocks}] == [b.text for b in part.blocks]
    assert " ".join(ROWS[0]) in texts
    assert [b.section for b in whole.blocks if "会议签到簿" in b.text] == [0]
    assert [(c.text, whole.blocks[c.block].text) for c in whole.claims] == [(c.text, part.blocks[c.block].text) for c in part.claims]
    assert [(c.text, c.status) for c in whole.claims] == [(c.text, c.status) for c in part.claims]


def test_without_a_catalog_every_claim_is_missing_and_one_gap_says_so(read: Read) -> None:
    (sheet,) = read(report())
    assert sheet.claims
    assert {c.status for c in sheet.claims} == {"missing"}
    assert [g.message for g in of(sheet, "catalog_missing")] == ["未收到佐证材料目录清单，报告所列材料均无从核对（单位补报）"]
    assert of(sheet, "claim_not_in_catalog") == []


def test_a_catalog_that_is_only_announced_is_none(read: Read) -> None:
    (sheet,) = read(report(extra=("佐证材料目录清单另行报送。",)))
    assert len(of(sheet, "catalog_missing")) == 1


def test_without_a_report_only_that_is_told_and_there_is_no_score(read: Read) -> None:
    (sheet,) = read(catalog(name="集贤县佐证材料目录.xlsx"))
    assert sheet.unit.name == "集贤县"
    assert [g.kind for g in sheet.gaps] == ["report_missing"]
    assert (sheet.score, sheet.blocks, sheet.claims) == (None, (), ())
    assert len(sheet.catalog) == 3


# ------------------------------------------------------------------ gaps of sections and items
def test_sections_that_the_report_does_not_address_are_missing(read: Read) -> None:
    (sheet,) = read(report(), catalog())
    assert [g.section for g in of(sheet, "section_missing")] == [4, 5, 6, 7]


def test_a_word_among_the_problems_is_no_address(read: Read) -> None:
    problems = ("四、存在问题和下一步打算", "信息系统整合和信息资源共享不够，网上评议和满意度调查开展较少，下一步将加强。")
    (sheet,) = read(report(extra=problems), catalog())
    assert [g.section for g in of(sheet, "section_missing")] == [4, 5, 6, 7]


def test_items_without_evidence_are_told_for_what_applies_and_never_for_the_bonus(read: Read) -> None:
    (county,), (bureau,) = read(report(), catalog()), read(report("市发展和改革委员会", "双鸭山市发展和改革委员会"), catalog())
    wanted, asked = ({g.item for g in of(s, "item_without_evidence")} for s in (county, bureau))
    assert bureau.unit.group == "municipal"
    assert "1.2" in wanted
    assert wanted - asked == {"1.2"}
    assert not {"7.1", "7.2", "7.3"} & wanted
    assert not {"1.1", "3.4"} & wanted, "they have evidence"


def test_a_provincial_unit_is_asked_only_for_what_its_report_takes_up(read: Read) -> None:
    (sheet,) = read(report("市国税局", "双鸭山市国家税务局"), catalog())
    assert sheet.unit.group == "provincial"
    assert of(sheet, "section_missing") == []
    told = {b.item for b in sheet.blocks if b.item}
    assert {g.item for g in of(sheet, "item_without_evidence")} <= told
    assert sheet.score is not None
    assert {i.item for i in sheet.score.items if i.applies} == told


def test_the_worst_gap_comes_first(read: Read) -> None:
    (sheet,) = read(report())
    assert sheet.gaps[0].kind == "catalog_missing"
    assert [g.kind for g in sheet.gaps] == sorted((g.kind for g in sheet.gaps), key=ORDER.index)


def test_gaps_propose_and_the_units_own_scores_are_only_shown(read: Read) -> None:
    (sheet,) = read(report(), catalog())
    assert sheet.score is not None
    assert sheet.score.base == {"suggested": 100, "max": 100}
    first, second = sheet.score.items[:2]
    assert (first.item, first.self and first.self.points) == ("1.1", 5)
    assert second.item == "1.2"
    assert second.suggested == second.max
    assert any("未提供佐证材料" in p["reason"] for p in second.proposals)


# ------------------------------------------------------------------ units
def test_two_units_in_one_mail_are_two_worksheets(read: Read) -> None:
    sheets = read(report("集贤县"), report("友谊县"))
    assert [s.unit.name for s in sheets] == ["集贤县", "友谊县"]
    assert [[f[2] for f in states(s)] for s in sheets] == [["used", "not_needed"], ["not_needed", "used"]]


def test_the_same_unit_twice_in_a_mail_is_one_worksheet_of_the_fuller_report(read: Read) -> None:
    fuller = ("四、实施电子及审批效能监察", "启动电子监察系统，对审批事项实时监督，发出督办单3份，开展效能评估。")
    short, full = report(), report(extra=fuller)
    (sheet,) = read(short, full)
    assert [f[2] for f in states(sheet)] == ["superseded", "used"]
    assert 4 in {b.section for b in sheet.blocks}


def test_a_unit_that_cannot_be_told_is_null_and_a_gap(read: Read) -> None:
    (sheet,) = read(report("我单位", "办公室"), catalog())
    assert (sheet.unit.name, sheet.unit.group) == (None, None)
    assert len(of(sheet, "unit_unknown")) == 1
    assert sheet.gaps[0].kind == "unit_unknown"


def test_where_nothing_can_be_read_the_name_of_the_file_still_tells_whose_it_is(read: Read) -> None:
    """The unit is asked for its report, and not told that it sent nothing."""
    (sheet,) = read(broken("饶河县自查报告.pdf"), body="现报送自查报告。\n饶河县")
    assert sheet.unit.name == "饶河县"
    (sheet,) = read(broken("饶河县自查报告.pdf"))
    assert sheet.unit.name is None  # one name alone is not enough
    (sheet,) = read(report("集贤县"), broken("饶河县自查报告.pdf"), body="饶河县")
    assert sheet.unit.name == "集贤县"


# ------------------------------------------------------------------ files and time
def test_a_file_that_cannot_be_read_is_quarantined_and_named(read: Read) -> None:
    (sheet,) = read(report(), catalog(), broken("附件.doc"))
    assert states(sheet)[-1] == ("附件.doc", "other", "quarantined")
    assert [g.message for g in of(sheet, "file_quarantined")] == ["附件.doc：文件已损坏，无法读取"]


@pytest.mark.parametrize(
    ("received", "first", "late"),
    [
        pytest.param("2018-01-20T23:59:59+08:00", None, False, id="the last second"),
        pytest.param("2018-01-21T00:00:00+08:00", None, True, id="midnight"),
        pytest.param("2018-01-20T16:00:00+00:00", None, True, id="midnight as another time zone says it"),
        pytest.param("2018-01-25T09:00:00+08:00", "2018-01-19T09:00:00+08:00", False, id="the first report came in time"),
        pytest.param(None, None, None, id="a loose file"),
    ],
)
def test_late_is_told_by_the_arrival_of_the_first_report(read: Read, received: str | None, first: str | None, late: bool | None) -> None:
    (sheet,) = read(report(), received=received, first=first)
    assert sheet.submission.late is late
    assert sheet.submission.received_at == (datetime.fromisoformat(received) if received else None)


# ------------------------------------------------------------------ the printed form
def test_the_document_has_the_contracts_keys_and_no_clock(read: Read, rubric: Rubric) -> None:
    (sheet,) = read(report(), catalog(), received="2018-01-19T16:02:00+08:00")
    printed = json.loads(sheet.as_json())
    assert [k for k in printed if k in KEYS] == KEYS
    assert printed["format"] == FORMAT == "zicha.worksheet/1"
    assert printed["rubric"] == {"id": rubric.id, "sha256": rubric.sha256}
    assert printed["submission"]["received_at"] == "2018-01-19T16:02:00+08:00"
    assert printed == sheet.as_dict()
    assert sheet.as_json() == read(report(), catalog(), received="2018-01-19T16:02:00+08:00")[0].as_json()


def test_every_number_in_the_document_leads_to_what_it_means(read: Read) -> None:
    printed = json.loads(read(report(), catalog())[0].as_json())
    rows, claims = {r["id"] for r in printed["catalog"]}, {c["id"] for c in printed["claims"]}
    for claim in printed["claims"]:
        block = printed["blocks"][claim["block"]]
        assert block["text"][slice(*claim["span"])] == claim["text"]
        assert set(claim["catalog"]) <= rows
        assert (claim["section"], claim["item"]) == (block["section"], block["item"])
        assert any("\u4e00" <= c <= "\u9fff" for c in claim["why"])
    for gap in printed["gaps"]:
        assert {gap["claim"]} <= claims | {None}
        assert {gap["catalog"]} <= rows | {None}
        assert any("\u4e00" <= c <= "\u9fff" for c in gap["message"])
        assert "{" not in gap["message"]


TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
POINTS = st.integers(0, 40).map(lambda n: Decimal(n) / 2)


@given(
    text=TEXT,
    ids=st.lists(st.integers(1, 9).map("c{}".format), max_size=3).map(tuple),
    share=st.floats(0, 1),
    points=POINTS,
    moment=st.none() | st.datetimes(timezones=st.just(UTC)),
)
@settings(derandomize=True, deadline=None, max_examples=40)
def test_what_is_printed_can_be_read_back_whole(
    text: str, ids: tuple[str, ...], share: float, points: Decimal, moment: datetime | None
) -> None:
    item = ItemScore("1.1", points, True, SelfScore(points, 0), points, "")
    sheet = Worksheet(
        {"version": "1"},
        {"id": text},
        Unit(text or None, None, share, (text,)),
        Submission("a", moment, None, None, False, (), ()),
        claims=(Claim("k1", 0, (0, len(text)), text, "record", text, None, None, 1, "1.1", "uncertain", ids, share, text),),
        gaps=(Gap("claim_uncertain", 1, "1.1", "k1", ids[0] if ids else None, text),),
        score=Score((item,), {"suggested": points}, {}, {}, points),
    )
    printed = json.loads(sheet.as_json())
    assert printed == sheet.as_dict()
    assert sheet.as_json().endswith("\n")
    assert printed["claims"][0]["text"] == text
    assert printed["claims"][0]["span"] == [0, len(text)]
    assert printed["claims"][0]["score"] == pytest.approx(share, abs=1e-4)
    assert Decimal(str(printed["score"]["self_total"])) == points
    assert printed["submission"]["received_at"] == (moment.isoformat() if moment else None)


def test_a_short_report_that_names_no_unit_is_still_the_report(read: Read) -> None:
    lines = ("2017年互联网+政务服务工作自查报告", "一、组织。有专人。", "二、办理。全部网上办理。", "2018年1月18日")
    terse = a_file("自查报告.docx", Document(tuple(Paragraph(t, Location(paragraph=n)) for n, t in enumerate(lines, 1)), DOCX))
    (sheet,) = read(terse)
    assert [f.role for f in sheet.submission.files] == ["report"]
    assert not of(sheet, "report_missing")
