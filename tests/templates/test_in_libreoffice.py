"""Letters and tables as a real office program opens and prints them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from templates.letters import reminder_list, unit_letters
from templates.letters_texts import load_texts
from templates.letters_words import Occasion
from templates.tables import season_files

pytestmark = pytest.mark.slow
LONG = "双鸭山市人力资源和社会保障局行政审批服务与电子监察管理办公室（市“互联网+政务服务”协调推进小组办公室）"


def all_files(office: ModuleType) -> dict[str, bytes]:
    """One of each: 30 missing items, none, no report, the longest name; and the tables of all of them."""
    texts, rubric = load_texts(), office.rubric()
    roster = office.roster_with(full=LONG, unit="市人力资源和社会保障局")
    sheets = [office.sheet("集贤县", gaps=office.thirty_gaps()), office.sheet("饶河县"), office.no_report("友谊县")]
    sheets.append(office.sheet("市人力资源和社会保障局", gaps=[office.no_evidence("1.1")], off=["1.2"]))
    season = office.season(*sheets, weight="5", units=roster)
    found = dict(season_files(season, version="0.1.0"))
    silent = [(s, roster.unit(s.unit), season.sheets.get(s.unit)) for s in season.standings if s.state == "not_received"]
    found["催报名单.xlsx"] = reminder_list(silent, rubric, texts, "0.1.0")
    for standing in season.standings:
        if standing.unit in season.sheets:
            unit = roster.unit(standing.unit)
            found |= unit_letters(unit.name, season.sheets[unit.name], unit, season.rubric, standing, texts, Occasion())
    return {name: data for name, data in found.items() if name.endswith((".docx", ".xlsx"))}


@pytest.fixture(scope="module")
def printed(office: ModuleType, needs_program: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """File name -> the words on each of its pages without blanks, as LibreOffice prints them."""
    soffice = needs_program("soffice", package="libreoffice-writer-nogui libreoffice-calc-nogui")
    pdftotext = needs_program("pdftotext", package="poppler-utils")
    folder = tmp_path_factory.mktemp("office")
    files = all_files(office)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *(str(folder / n) for n in files)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)

    def pages(name: str) -> list[str]:
        done = subprocess.run([pdftotext, "-layout", str(folder / Path(name).with_suffix(".pdf")), "-"], check=True, capture_output=True)
        return ["".join(page.split()) for page in done.stdout.decode().split("\f")[:-1]]

    return {name: pages(name) for name in files}


def test_every_letter_and_table_opens(printed: dict[str, list[str]]) -> None:
    assert len(printed) == 8
    assert all("".join(pages) for pages in printed.values())


def test_thirty_missing_items_are_all_printed_and_the_head_repeats(printed: dict[str, list[str]], office: ModuleType) -> None:
    letter, *_ = pages = printed["集贤县-补正通知.docx"]
    assert "集贤县人民政府：" in letter and "共30项" in letter.replace("有30项", "共30项")
    annex = pages[next(n for n, page in enumerate(pages) if page.startswith("附件补正事项清单")) :]
    assert all("序号报告所述缺少或者不符之处需补报的材料" in page for page in annex)
    everything = "".join(annex)
    assert all("".join(office.rubric().item(i.id).name.split()) in everything for i in office.rubric().items if not i.bonus)
    assert everything.count("未提供佐证材料，待核") == 22


def test_pages_are_numbered_in_order(printed: dict[str, list[str]]) -> None:
    for n, page in enumerate(printed["集贤县-补正通知.docx"], 1):
        assert page.endswith(f"—{n}—")


def test_a_unit_without_gaps_gets_a_score_form_of_two_pages_that_ends_with_signatures(printed: dict[str, list[str]]) -> None:
    assert "饶河县-补正通知.docx" not in printed
    pages = printed["饶河县-量化评分表.docx"]
    assert len(pages) == 2 and all(word in pages[-1] for word in ("总分", "初核人（签字）：", "复核人（签字）：", "单位签收（盖章）："))


def test_the_longest_name_is_printed_whole(printed: dict[str, list[str]]) -> None:
    assert f"{LONG}：" in printed["市人力资源和社会保障局-补正通知.docx"][0]
    assert f"考核单位：{LONG}" in printed["市人力资源和社会保障局-量化评分表.docx"][0]


def test_a_reminder_is_one_page(printed: dict[str, list[str]]) -> None:
    (page,) = printed["友谊县-催报通知.docx"]
    assert "尚未收到贵单位的自查报告。" in page and page.endswith("双鸭山市人民政府办公室年月日—1—")


def test_every_unit_is_in_the_printed_table_and_the_head_on_every_page(printed: dict[str, list[str]], office: ModuleType) -> None:
    pages = printed["汇总表.xlsx"]
    summary = [page for page in pages if "考核汇总表" in page]
    text = "".join(summary)
    assert all(unit.name in text for unit in office.roster().units)
    assert all("序号单位组别状态" in page for page in summary)
    assert f"共{len(pages)}页" in pages[-1]


def test_the_list_of_reminders_is_printed(printed: dict[str, list[str]]) -> None:
    assert "友谊县" in printed["催报名单.xlsx"][0] and "集贤县" not in "".join(printed["催报名单.xlsx"][:-1])
