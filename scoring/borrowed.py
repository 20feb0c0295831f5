"""What of the shipped words and weights holds for an office's own rubric: items are told by what they ask, never by their numbers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from extract.chinese import key
from scoring.rubric import MAIN, Item, Rubric, load_rubric, plain_table

WORDS, TRAINED, ROSTER = "words.toml", "segment.json", "roster.toml"


def completed(own: Mapping[str, str], shipped: Mapping[str, str]) -> dict[str, str]:
    """The office's own files (name -> text) and, for those it does not have, what holds of the shipped ones.

    Words of a section or item go along with it under whatever number it has; the trained weights only if every item of the own
    rubric is among those they were trained on. Raises RubricError where the own rubric is not valid.
    """
    if MAIN not in own:
        return {**shipped, **own}
    rubric, model = load_rubric({MAIN: own[MAIN]}), load_rubric({MAIN: shipped[MAIN]})
    items = _same_items(rubric, model)
    sections = _same_sections(rubric, model, items)
    found = {n: t for n, t in shipped.items() if n not in (MAIN, ROSTER, WORDS, TRAINED)}
    if all(a == b for a, b in items.items()) and len(items) == len(model.items) == len(rubric.items):
        return {**found, WORDS: shipped[WORDS], TRAINED: shipped[TRAINED], **own}
    found[WORDS] = _words(plain_table(WORDS, shipped[WORDS]), sections, items)
    if len(items) == len(rubric.items):
        table = plain_table(TRAINED, shipped[TRAINED])
        found[TRAINED] = json.dumps({**table, "labels": [items.get(i, "" if i != "0" else i) for i in table["labels"]]})
    return {**found, **own}


def _same_items(rubric: Rubric, model: Rubric) -> dict[str, str]:
    """Shipped id -> own id, for items that have the same text or, else, the same name."""
    found: dict[str, str] = {}
    for told in (_text, _name):
        known = {told(i): i.id for i in model.items if i.id not in found}
        for item in rubric.items:
            shipped = known.get(told(item))
            if shipped is not None and shipped not in found and item.id not in found.values():
                found[shipped] = item.id
    return found


def _text(item: Item) -> str:
    return key(item.text)


def _name(item: Item) -> str:
    return key(item.name)


def _same_sections(rubric: Rubric, model: Rubric, items: Mapping[str, str]) -> dict[int, int]:
    """Shipped number -> own number, for sections whose items mostly went there, or that have the same name."""
    names = {key(s.name): s.number for s in rubric.sections}
    found: dict[int, int] = {}
    for section in model.sections:
        went = Counter(rubric.item(items[i.id]).section for i in section.items if i.id in items).most_common(1)
        to = went[0][0] if went and 2 * went[0][1] >= len(section.items) else names.get(key(section.name))
        if to is not None and to not in found.values():
            found[section.number] = to
    return found


def _words(table: Mapping[str, Any], sections: Mapping[int, int], items: Mapping[str, str]) -> str:
    """words.toml for the other numbers; words of what is about no item (problems, plans, closing) stay."""
    parts = [("sections", str(to), table["sections"].get(str(of), {})) for of, to in sections.items()]
    parts += [("items", to, table["items"].get(of, {})) for of, to in items.items()]
    heads = [(f'[{kind}."{number}"]', words) for kind, number, words in parts] + [("[zero]", table["zero"])]
    return "\n".join(f"{head}\n{_lines(words)}" for head, words in heads)


def _lines(words: Mapping[str, Any]) -> str:
    return "".join(f"{k} = {json.dumps(w, ensure_ascii=False)}\n" for k, w in words.items())
