"""Another office with its own, smaller rubric and roster: from mails to letters, and nothing of the built-in rubric shows through."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path
from types import ModuleType
from typing import Any

import docx
import openpyxl
import pytest

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "tests" / "homes" / "yunling"
CASES = ("y01", "y02", "y03")
UNITS = {"y01": "石桥镇", "y02": "县教育局", "y03": "县税务局"}
Json = dict[str, Any]
pytestmark = pytest.mark.slow


def zicha(*arguments: str, home: Path) -> str:
    """Run a command that has to succeed; gives what it prints."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("ZICHA_")} | {"ZICHA_SETTLE": "0"}
    command = [sys.executable, str(ROOT / "zicha.py"), *arguments, "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd="/", check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Office:
    """The county's home folder after a season."""

    def __init__(self, home: Path, gold: dict[str, Json], judged: dict[str, Json]) -> None:
        self.home, self.gold, self.judged = home, gold, judged

    def sheet(self, unit: str) -> Json:
        """The unit's worksheet as it stands in the outbox."""
        (path,) = (self.home / "outbox").glob(f"*-{unit}-工作单.json")
        found: Json = json.loads(path.read_text("utf-8"))
        return found

    def standings(self) -> dict[str, Json]:
        data = json.loads((self.home / "outbox" / "tables" / "全部数据.json").read_text("utf-8"))
        return {u["unit"]: u for u in data["units"]}

    def files(self) -> dict[str, bytes]:
        return {p.relative_to(self.home / "outbox").as_posix(): p.read_bytes() for p in (self.home / "outbox").rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, bench_module: Callable[[str], ModuleType]) -> Office:
    """Mails -> worksheets -> facts -> confirmations -> tables and letters."""
    scratch = tmp_path_factory.mktemp("county")
    home = scratch / "home"
    shutil.copytree(HOME, home, ignore=shutil.ignore_patterns("cases"))
    (home / "inbox").mkdir()
    for case in CASES:
        bench_module("render").render(HOME / "cases" / f"{case}.yaml", scratch)
        shutil.copy(scratch / case / "mail.eml", home / "inbox" / f"{case}.eml")
    gold = {case: json.loads((scratch / case / "gold.json").read_text("utf-8")) for case in CASES}
    zicha("once", home=home)
    season = Office(home, gold, {})
    season.judged.update({unit: season.sheet(unit) for unit in UNITS.values()})
    zicha("facts", "template", str(scratch / "form.xlsx"), home=home)
    counts = {"石桥镇": {"1.2a": 2, "4.2a": 1}, "县教育局": {"1.3a": 2, "3.1a": "是", "4.2a": 1}, "县税务局": {"4.3a": 0}}
    fill(scratch / "form.xlsx", counts)
    zicha("facts", "import", str(scratch / "form.xlsx"), "--by", "甲", home=home)
    zicha("facts", "add", "石桥镇政府", "5.1a", "--by", "甲", home=home)
    zicha("facts", "add", "教育局", "4.1a", "--by", "甲", "--note", "只办了一期", home=home)
    zicha("facts", "add", "县税务局", "2.2a", "--count", "3", "--by", "乙", home=home)
    for item, points in CONFIRMED.items():
        zicha("confirm", "石桥镇", item, points, "--by", "乙", home=home)
    zicha("export", home=home)
    zicha("letters", "--date", "2019-01-14", "--until", "2019-01-21", home=home)
    return season


CONFIRMED = {
    "1.1": "10", "1.2": "6", "1.3": "10", "2.1": "15", "2.2": "10", "3.1": "15", "3.2": "5", "3.3": "4",
    "4.1": "8", "4.2": "4", "4.3": "5", "5.1": "5",
}  # fmt: skip
"""石桥镇: as suggested, but 4 of 5 for 3.3."""


def fill(form: Path, counts: Mapping[str, Mapping[str, object]]) -> None:
    """Fill in the form that zicha wrote."""
    book = openpyxl.load_workbook(form)
    sheet = book.worksheets[0]
    sheet["B2"] = "2018"
    heads = {str(c.value).split(" ")[0]: c.column for c in sheet[4] if c.value}
    for row in range(5, sheet.max_row + 1):
        for clause, count in counts.get(str(sheet.cell(row, 2).value), {}).items():
            sheet.cell(row, heads[clause], count)
    book.save(form)


def test_the_countys_files_are_in_use_and_add_up(office: Office) -> None:
    found = json.loads(zicha("check", "--json", home=office.home))
    own = {name for name, place in found["files"].items() if place.startswith(str(office.home))}
    assert own == {"rubric.toml", "roster.toml", "words.toml"}
    assert (found["sections"], found["items"], found["rules"], found["units"]) == (5, 12, 15, 6)
    assert found["problems"] == found["items_without_rules"] == found["items_without_words"] == []
    assert "segment.json" not in found["files"]  # its labels are another rubric's items


@pytest.mark.parametrize("case", CASES)
def test_every_paragraph_lands_under_its_item(office: Office, case: str) -> None:
    blocks = office.judged[UNITS[case]]["blocks"]
    for p in office.gold[case]["paragraphs"]:
        if p["kind"] == "paragraph":
            block = next(b for b in blocks if p["text"].split("\n")[0] in b["text"])
            assert (block["section"], block["item"]) == (p["section"], p["item"]), p["text"]


def test_without_words_of_its_own_the_rubrics_text_tells_the_sections(office: Office, tmp_path: Path) -> None:
    shutil.copytree(office.home / "rubrics", tmp_path / "rubrics")
    shutil.copy(office.home / "zicha.toml", tmp_path)
    (tmp_path / "rubrics" / "yunling-2018" / "words.toml").unlink()
    sheets = json.loads(zicha("process", *(str(p) for p in sorted((office.home / "inbox").iterdir())), "--json", home=tmp_path))
    blocks = {b["text"]: b for s in sheets for b in s["blocks"]}
    subjects = [p for g in office.gold.values() for p in g["paragraphs"] if p["kind"] == "paragraph" and p["item"]]
    assert [p["text"] for p in subjects if blocks[p["text"]]["section"] != p["section"]] == []
    assert sum(blocks[p["text"]]["item"] != p["item"] for p in subjects) <= len(subjects) // 10


@pytest.mark.parametrize("case", CASES)
def test_every_claim_is_found_and_tied_to_its_row(office: Office, case: str) -> None:
    sheet = office.judged[UNITS[case]]
    numbers = {r["id"]: r["no"] for r in sheet["catalog"]}
    found = {(c["text"], c["item"]): [numbers[r] for r in c["catalog"]] for c in sheet["claims"]}
    for claim in office.gold[case]["claims"]:
        assert found.get((claim["text"], claim["item"])) == claim["catalog"], claim["text"]


@pytest.mark.parametrize("case", CASES)
def test_every_catalog_row_supports_its_item(office: Office, case: str) -> None:
    rows = office.judged[UNITS[case]]["catalog"]
    assert [(r["no"], r["item"]) for r in rows] == [(r["no"], r["item"]) for r in office.gold[case]["catalog"]]


def test_units_are_told_with_the_countys_own_groups(office: Office) -> None:
    told = {u: (s["unit"]["name"], s["unit"]["group"], s["submission"]["late"]) for u, s in office.judged.items()}
    assert told == {
        "石桥镇": ("石桥镇", "town", False), "县教育局": ("县教育局", "bureau", False), "县税务局": ("县税务局", "vertical", True)
    }  # fmt: skip
    board = (office.home / "outbox" / "看板.html").read_text("utf-8")
    places = [board.index(f"<h2>{name} ") for name in ("乡镇", "县直单位", "垂直管理单位")]
    assert places == sorted(places)


def test_items_of_other_groups_and_unrelated_ones_leave_the_base(office: Office) -> None:
    applies = {u: [i["item"] for i in office.sheet(u)["score"]["items"] if i["applies"]] for u in UNITS.values()}
    assert len(applies["石桥镇"]) == 12
    assert applies["县教育局"] == ["1.3", "2.1", "2.2", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3", "5.1"]
    assert applies["县税务局"] == ["1.3", "2.1", "2.2", "4.1"]  # 相关任务


def test_gaps_speak_of_the_countys_items(office: Office) -> None:
    gaps = {(g["kind"], g["item"]) for g in office.judged["县教育局"]["gaps"]}
    assert ("claim_not_in_catalog", "3.1") in gaps and ("item_without_evidence", "4.2") in gaps
    assert [g["kind"] for g in office.judged["石桥镇"]["gaps"]] == []


TOTALS = {
    # 100 − 2×2 − 3, bonus 5
    "石桥镇": {"base": 93, "base_max": 100, "bonus": 5, "total": 98, "scaled": 93, "scaled_total": 98, "converted": "4.9"},
    # 80 − 2 − 15÷2 − 3 − 3 = 64.5 of 80
    "县教育局": {
        "base": "64.5", "base_max": 80, "bonus": 0, "total": "64.5", "scaled": "80.625", "scaled_total": "80.625", "converted": "4.03125"
    },
    # 43 − 3×2 of 43; the late report costs nothing where 4.3 does not apply
    "县税务局": {"base": 37, "base_max": 43, "bonus": 0, "total": 37},
}  # fmt: skip


@pytest.mark.parametrize("unit", TOTALS)
def test_totals_are_what_they_are_by_hand(office: Office, unit: str) -> None:
    suggested = office.standings()[unit]["suggested"]
    assert {k: Decimal(str(suggested[k])) for k in TOTALS[unit]} == {k: Decimal(str(v)) for k, v in TOTALS[unit].items()}
    assert suggested["scaled"] == pytest.approx(100 * suggested["base"] / suggested["base_max"])
    assert suggested["converted"] == pytest.approx(suggested["scaled_total"] * 5 / 100)


def test_sums_can_be_checked(office: Office) -> None:
    sums = {i["item"]: i["sum"] for i in office.sheet("县教育局")["score"]["items"] if i["sum"]}
    assert sums["3.1"] == "15 ÷ 2（掌上办件率低于60%，得分减半）= 7.5" and sums["4.1"] == "8 − 3（只培训1次）= 5"
    assert office.sheet("石桥镇")["score"]["items"][1]["sum"] == "10 − 4（缺代办点2个村，每个村扣2分）= 6"


def test_confirmed_points_win_and_a_missing_report_has_none(office: Office) -> None:
    found = office.standings()
    assert (found["石桥镇"]["state"], found["石桥镇"]["confirmed"]["total"], found["石桥镇"]["rank"]) == ("confirmed", 97, 1)
    assert found["县教育局"]["state"] == "open" and found["县教育局"]["confirmed"] is None
    for unit in ("柳河镇", "青山乡", "县民政局"):
        assert [found[unit][k] for k in ("state", "suggested", "confirmed", "rank")] == ["not_received", None, None, None]


def test_the_tables_have_a_column_for_each_of_the_twelve_items(office: Office) -> None:
    text = (office.home / "outbox" / "tables" / "条目得分表.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    head = next(r for r in rows if "类别" in r)
    assert len(head) == 3 + 12 + 2 and head[3].startswith("（一）1") and head[14].startswith("（五）1")
    assert {r[1] for r in rows[rows.index(head) + 1 :]} == {"乡镇", "县直单位", "垂直管理单位"}


def test_letters_go_to_who_must_act_in_the_countys_words(office: Office) -> None:
    letters = office.home / "outbox" / "letters"
    names = {p.name for p in letters.iterdir()}
    silent = {f"{stem}-催报通知.docx" for stem in ("02-柳河镇", "03-青山乡", "05-县民政局")}
    assert {n for n in names if n.endswith("催报通知.docx")} == silent
    assert {n for n in names if n.endswith("补正通知.docx")} == {"04-县教育局-补正通知.docx"}
    letter = words(letters / "04-县教育局-补正通知.docx")
    assert "云岭县2018年便民服务工作" in letter and "教育局掌上办件统计表" in letter and "2019年1月21日" in letter
    draft = message_from_bytes((letters / "04-县教育局-补正通知.eml").read_bytes(), policy=policy.default)
    assert draft["To"] == "jyj@bureau.example"
    assert "按迟报登记" in receipt(letters / "06-县税务局-回执-1.eml") and "按迟报登记" not in receipt(letters / "01-石桥镇-回执-1.eml")
    scores = words(letters / "01-石桥镇-量化评分表.docx")
    assert "云岭县石桥镇人民政府" in scores and "97" in scores


def words(path: Path) -> str:
    document = docx.Document(str(path))
    cells = (c.text for t in document.tables for r in t.rows for c in r.cells)
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def receipt(path: Path) -> str:
    body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body()
    assert body is not None
    return str(body.get_content())


def test_nothing_of_the_built_in_rubric_shows_through(office: Office) -> None:
    for name, text in readable(office):
        for word in ("双鸭山", "互联网+政务服务", "“互联网", "在双中", "市政府直属", "县区</", "网审", "shuangyashan"):
            assert word not in text, f"{name}: {word}"


def readable(office: Office) -> Iterator[tuple[str, str]]:
    for name, data in office.files().items():
        path = office.home / "outbox" / name
        if name.endswith(".docx"):
            yield name, words(path)
        elif name.endswith(".eml"):
            yield name, receipt(path)
        elif name.endswith((".html", ".json", ".csv")):
            yield name, data.decode("utf-8-sig")


def test_everything_comes_back_byte_for_byte(office: Office) -> None:
    before = office.files()
    shutil.rmtree(office.home / "outbox")
    zicha("rebuild", home=office.home)
    assert office.files() == before
