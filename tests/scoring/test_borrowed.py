"""What an office's own rubric borrows of the shipped words: items are known by what they ask, not by their numbers."""

from __future__ import annotations

import json
import tomllib

from scoring.borrowed import completed
from scoring.rubric import builtin, load_rubric

SHIPPED = builtin()
HEAD = 'id = "t"\ntitle = "细则"\nyear = 2018\ndeadline_day = 2019-01-10\n'


def rubric(*sections: tuple[str, *tuple[tuple[str, str], ...]]) -> str:
    """A rubric.toml: sections of a name and (name, text) of items, each worth one point."""
    parts = [f"{HEAD}[points]\nbase = {sum(len(s) - 1 for s in sections)}\n"]
    for n, (name, *items) in enumerate(sections, 1):
        parts.append(f'[[sections]]\nnumber = {n}\nname = "{name}"\npoints = {len(items)}\n')
        parts += [
            f'[[sections.items]]\nnumber = {k}\nname = "{item}"\npoints = 1\ntext = {json.dumps(text, ensure_ascii=False)}\n'
            for k, (item, text) in enumerate(items, 1)
        ]
    return "".join(parts)


def shipped_item(id: str) -> tuple[str, str]:
    item = load_rubric(SHIPPED).item(id)
    return item.name, item.text


def test_without_a_rubric_of_its_own_everything_is_the_shipped_one() -> None:
    assert completed({"thresholds.toml": "[segment]\n"}, SHIPPED) == {**SHIPPED, "thresholds.toml": "[segment]\n"}


def test_the_same_rubric_borrows_every_file_unchanged() -> None:
    found = completed({"rubric.toml": SHIPPED["rubric.toml"]}, SHIPPED)
    assert found == {n: t for n, t in SHIPPED.items() if n != "roster.toml"}


def test_words_go_along_with_an_item_that_moved() -> None:
    own = rubric(("曝光", shipped_item("5.3")), ("机构", shipped_item("1.1"), ("新条目", "开展试点。")))
    words = tomllib.loads(completed({"rubric.toml": own}, SHIPPED)["words.toml"])
    theirs = tomllib.loads(SHIPPED["words.toml"])
    assert words["items"] == {"2.1": theirs["items"]["1.1"], "1.1": theirs["items"]["5.3"]}
    assert words["zero"] == theirs["zero"]


def test_numbers_alone_borrow_nothing() -> None:
    found = completed({"rubric.toml": rubric(("河湖巡护", ("巡河", "按月开展巡河。"), ("清漂", "清理漂浮物。")))}, SHIPPED)
    words = tomllib.loads(found["words.toml"])
    assert set(words) == {"zero"} and "segment.json" not in found and found["evidence.toml"] == SHIPPED["evidence.toml"]


def test_an_item_that_was_reworded_keeps_its_words_by_its_name() -> None:
    name, _ = shipped_item("3.4")
    words = tomllib.loads(completed({"rubric.toml": rubric(("办理", (name, "预审应当日办结。")))}, SHIPPED)["words.toml"])
    assert set(words["items"]) == {"1.1"}


def test_trained_weights_are_borrowed_only_where_they_know_every_item() -> None:
    known = rubric(("甲", shipped_item("2.3"), shipped_item("1.1")))
    table = json.loads(completed({"rubric.toml": known}, SHIPPED)["segment.json"])
    theirs = json.loads(SHIPPED["segment.json"])
    assert table["features"] == theirs["features"]
    assert {theirs["labels"][k]: label for k, label in enumerate(table["labels"]) if label} == {"0": "0", "2.3": "1.1", "1.1": "1.2"}
    more = rubric(("甲", shipped_item("2.3"), shipped_item("1.1"), ("新", "开展试点。")))
    assert "segment.json" not in completed({"rubric.toml": more}, SHIPPED)


def test_files_of_its_own_win() -> None:
    found = completed({"rubric.toml": rubric(("甲", ("乙", "丙。"))), "words.toml": "[zero]\n", "segment.json": "{}"}, SHIPPED)
    assert (found["words.toml"], found["segment.json"]) == ("[zero]\n", "{}")
