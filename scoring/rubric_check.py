"""Whether a rubric's files fit together beyond what it takes to load them: what `zicha check` refuses, each with file and key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from extract.chinese import key
from scoring.rubric import MAIN, Item, Rubric, RubricError
from scoring.segment_weights import Weights
from scoring.segment_words import GRADES, TAIL, ZERO

WORDS, THRESHOLDS, EVIDENCE = "words.toml", "thresholds.toml", "evidence.toml"
_LISTS = (*ZERO, TAIL, "starts", "leans", "headings", "intros")
_CLAUSE = re.compile(r"扣\s*[\d.]+\s*分|不得分|减半|加\s*[\d.]+\s*分")
_POINTS = re.compile(r"^\s*[\d.]+\s*分\s*[,，、。;；]?\s*")


def problems(rubric: Rubric, shipped: Mapping[str, Mapping[str, Any]]) -> tuple[RubricError, ...]:
    """Everything that does not fit, file by file. `shipped`: the built-in tables by file name; they say what keys there are."""
    found = [p for i in rubric.items for p in _item(i)]
    found += _words(rubric)
    found += _thresholds(rubric.tables.get(THRESHOLDS, {}))
    found += _evidence(rubric.tables.get(EVIDENCE, {}), shipped.get(EVIDENCE, {}))
    return tuple(found)


def by_hand(rubric: Rubric) -> tuple[Item, ...]:
    """Items without rules: nothing is suggested for them but full points."""
    return tuple(i for i in rubric.items if not i.rules)


def without_words(rubric: Rubric) -> tuple[Item, ...]:
    """Items for which words.toml has no words: passages about them are told by the rubric's own text alone."""
    words = rubric.tables.get(WORDS, {}).get("items", {})
    return tuple(i for i in rubric.items if not any(words.get(i.id, {}).values()))


def _item(item: Item) -> Iterator[RubricError]:
    for r in item.rules:
        if r.points > item.points:
            word = "加分" if r.kind.startswith("award") else "扣分"
            yield RubricError(MAIN, f"rules（{r.id}）.points", f"{word} {r.points} 超过条目分值 {item.points}")
    if item.rules:
        ruled = [key(r.clause) for r in item.rules]
        for text in _clauses(item.rule):
            if not any(key(text) in clause or clause in key(text) for clause in ruled):
                yield RubricError(MAIN, f"items（{item.id}）.rules", f"“{text}”没有对应的规则")


def _clauses(rule: str) -> Iterator[str]:
    """The parts of an item's bracket that say what happens to points."""
    for part in re.split(r"[；;。]", rule):
        text = _POINTS.sub("", part).strip(" ,，")
        if _CLAUSE.search(text):
            yield text


def _words(rubric: Rubric) -> Iterator[RubricError]:
    table = rubric.tables.get(WORDS, {})
    known = {"sections": {str(s.number) for s in rubric.sections}, "items": {i.id for i in rubric.items}}
    for name, value in table.items():
        if name not in (*known, "zero") or not isinstance(value, Mapping):
            yield RubricError(WORDS, name, f"没有这一节；可用的：{'、'.join((*known, 'zero'))}")
        elif name == "zero":
            yield from _lists(WORDS, "zero", value, _LISTS)
        else:
            for number, words in value.items():
                if number not in known[name]:
                    yield RubricError(WORDS, f'{name}."{number}"', f"细则中没有这个{'部分' if name == 'sections' else '条目'}")
                elif not isinstance(words, Mapping):
                    yield RubricError(WORDS, f'{name}."{number}"', "须为一节")
                else:
                    yield from _lists(WORDS, f'{name}."{number}"', words, tuple(GRADES))


def _lists(file: str, path: str, table: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[RubricError]:
    for name, value in table.items():
        if name not in keys:
            yield RubricError(file, f"{path}.{name}".lstrip("."), f"没有这个键；可用的键：{'、'.join(keys)}")
        elif not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            yield RubricError(file, f"{path}.{name}".lstrip("."), "须为文字列表，例如 [\"甲\", \"乙\"]")


def _thresholds(table: Mapping[str, Any]) -> Iterator[RubricError]:
    sections = {"segment": tuple(f.name for f in fields(Weights)), "dossier": ("unit",)}
    for name, value in table.items():
        if name not in sections or not isinstance(value, Mapping):
            yield RubricError(THRESHOLDS, name, f"没有这一节；可用的：{'、'.join(sections)}")
            continue
        for k, v in value.items():
            if k not in sections[name]:
                yield RubricError(THRESHOLDS, f"{name}.{k}", f"没有这个键；可用的键：{'、'.join(sections[name])}")
            elif isinstance(v, bool) or not isinstance(v, int | float):
                yield RubricError(THRESHOLDS, f"{name}.{k}", "须为数")


def _evidence(table: Mapping[str, Any], shipped: Mapping[str, Any]) -> Iterator[RubricError]:
    for name in (n for n in shipped if n not in table):
        yield RubricError(EVIDENCE, name, "缺少这个键；不用的写作空列表 []")
    for name, value in table.items():
        if name not in shipped:
            yield RubricError(EVIDENCE, name, f"没有这个键；可用的键：{'、'.join(shipped)}")
        elif name in ("synonyms", "kinds"):
            if not isinstance(value, list) or not all(isinstance(g, list) and all(isinstance(w, str) for w in g) for g in value):
                yield RubricError(EVIDENCE, name, "须为词组的列表，例如 [[\"甲\", \"乙\"]]")
        else:
            yield from _lists(EVIDENCE, "", {name: value}, (name,))
