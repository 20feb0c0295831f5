"""Nothing is known by its name: with other units, persons, mottoes, counts and serial numbers the same reports are read as well."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
TUNE = ROOT / "tests" / "cases" / "tune"
ROSTER = tomllib.loads((ROOT / "scoring" / "rubrics" / "shuangyashan-2017" / "roster.toml").read_text("utf-8"))["units"]
NAMES = {
    "厉行之": "于敏求", "卫东升": "常平远", "审计服务直通车": "审计服务早班车",
    "交通服务我来评": "交通服务大家谈", "审批行为规范月": "审批行为整治季", "智慧旅游": "掌上旅游",
    "便民办税春风行动": "暖心办税清风行动", "矿区流动窗口": "矿山移动柜台", "一周一碰头": "半月一会商",
    "房管夜校": "房产讲堂", "日清周结": "日办周报", "我为政务服务提建议": "我给政务服务出点子",
    "人社服务进社区": "人社服务到家门", "刷脸办": "指尖办", "延时办": "错时办",
}  # fmt: skip
"""Invented persons, mottoes and systems of the tuning cases, and what they are called instead."""
FIGURES = ("text", "section", "item", "catalog_f1", "claim_f1", "link_accuracy", "missing_recall", "missing_precision", "item_gap_f1")
RATES = ("wrong_link_rate", "uncertain_rate", "text_extra")
NEAR = 0.01
DIGITS = str.maketrans("123456789", "471982365")
"""Another digit for each but nought: what differed still differs, and a number keeps its length."""
COUNT = re.compile(r"(?<![第\d.〔\[【（(\-—~～、，至到和])[1-9]\d+(?=\s*余?[件项份次人家名个条期户万])")
YEAR = r"[〔﹝［\[【（(〈]?\s*(?:20\d\d|二[〇○零]一[五六七八])\s*[〕﹞］\]】）)〉年]"
DOCNO = re.compile(rf"([\u4e00-\u9fff]{{0,8}}\s*{YEAR}\s*第?\s*)(\d{{1,4}})(?=\s*号)")
SUPERIOR = re.compile(r"双政|国|黑|省")
LABEL = re.compile(r"(\|[^{}|]+\}\})")
Json = dict[str, Any]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def figures(
    read_mails: Callable[[Sequence[Path]], list[bytes]],
    bench_module: Callable[[str], ModuleType],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Json, Json]:
    """The evaluation's pooled figures of every second case that is a Word file: as written, and with everything renamed."""
    cases = {p.stem: bench_module("producer_pieces").load(p) for p in sorted(TUNE.glob("*.yaml"))}
    written = [k for k, c in cases.items() if c["style"]["report"] == "docx" and c["style"]["catalog"] != "pdf-table"]
    word = {k: cases[k] for k in written[::2]}
    folder = tmp_path_factory.mktemp("renamed")
    for name, case in word.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(renamed(case), allow_unicode=True, sort_keys=False), "utf-8")
        bench_module("render").render(folder / f"{name}.yaml", folder)
    originals = [ROOT / "tests" / "cases" / "rendered" / "tune" / name for name in word]
    changed = [folder / name for name in word]
    printed = read_mails([place / "mail.eml" for place in [*originals, *changed]])
    evaluation = bench_module("evaluate")

    def pool(places: Sequence[Path], sheets: Sequence[bytes]) -> Json:
        counts = Counter[str]()
        for place, sheet in zip(places, sheets, strict=True):
            gold = json.loads((place / "gold.json").read_text("utf-8"))
            counts.update(evaluation.evaluate(gold, json.loads(sheet), lambda _: None))
        found: Json = evaluation.figures(counts)
        return found

    return pool(originals, printed[: len(word)]), pool(changed, printed[len(word) :])


def renamed(case: Json) -> Json:
    """The case with other names and numbers; years, dates, references and labels stay."""
    spellings = NAMES | (_another_unit(case) if case["unit"] else {})
    name = re.compile("|".join(map(re.escape, sorted(spellings, key=len, reverse=True))))

    def text(value: str) -> str:
        pieces = LABEL.split(value)
        return "".join(p if LABEL.fullmatch(p) else _numbers(name.sub(lambda m: spellings[m[0]], p)) for p in pieces)

    def walk(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: v if k in ("id", "no", "key", "i", "item", "date", "received") else walk(v, str(k)) for k, v in value.items()}
        if isinstance(value, list):
            return [walk(v, key) for v in value]
        if key == "号":  # a catalog whose 文号 stands in three columns
            return str(value).translate(DIGITS)
        return text(value) if isinstance(value, str) else value

    changed: Json = walk(case)
    return changed


def _numbers(text: str) -> str:
    text = DOCNO.sub(lambda m: m[0] if SUPERIOR.search(m[1]) else m[1] + m[2].translate(DIGITS), text)
    return COUNT.sub(lambda m: m[0] if re.fullmatch(r"20\d\d", m[0]) else m[0].translate(DIGITS), text)


def _another_unit(case: Json) -> dict[str, str]:
    """Every spelling of the case's unit -> one of the next unit of its group that ends alike and does not occur in the case."""
    text = yaml.safe_dump(case, allow_unicode=True)
    at = next(k for k, u in enumerate(ROSTER) if u["name"] == case["unit"])
    own, others = ROSTER[at], [u for u in ROSTER[at + 1 :] + ROSTER[:at] if u["group"] == ROSTER[at]["group"] and not _occurs(u, text)]
    new = next((u for u in others if u["full"][-1] == own["full"][-1] and u["name"][-1] == own["name"][-1]), others[0])
    codes = {old: new["codes"][min(k, len(new["codes"]) - 1)] for k, old in enumerate(own["codes"])}
    if own["group"] == "county":
        return codes | {own["name"]: new["name"], own["name"][:-1]: new["name"][:-1]}
    short = min((s for s in [new["name"], *new["short"]] if s.startswith("市")), key=len)
    aliases = {s: short if s.startswith("市") else short.removeprefix("市") for s in own["short"] if not s.startswith("双鸭山")}
    return (
        codes
        | aliases
        | {own["name"]: new["name"], own["full"]: new["full"], own["name"].removeprefix("市"): new["name"].removeprefix("市")}
    )


def _occurs(unit: Json, text: str) -> bool:
    return any(word in text for word in (unit["name"].removeprefix("市"), *unit["short"], *unit["codes"]))


def test_the_renamed_cases_are_other_cases() -> None:
    for path in sorted(TUNE.glob("*.yaml")):
        case = yaml.safe_load(path.read_text("utf-8"))
        if case["unit"]:
            other = renamed(case)
            assert other["unit"] != case["unit"]
            assert case["unit"] not in yaml.safe_dump(other, allow_unicode=True)
            assert [b.get("s") for b in other["report"]] == [b.get("s") for b in case["report"]]


def test_every_unit_is_told_by_its_new_name(figures: tuple[Json, Json]) -> None:
    assert (figures[1]["unit"], figures[1]["late"]) == (figures[0]["unit"], figures[0]["late"])


@pytest.mark.parametrize("figure", [*FIGURES, *RATES])
def test_a_figure_stays_what_it_was(figures: tuple[Json, Json], figure: str) -> None:
    before, after = figures[0][figure], figures[1][figure]
    assert after == pytest.approx(before, abs=NEAR), f"{figure}: {before:.4f}, renamed {after:.4f}"
