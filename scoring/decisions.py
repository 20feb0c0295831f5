"""Points that people confirmed, each with the ground it was given on; where that ground changed, it is said what changed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from scoring import sentences
from scoring.anchors import Plain, Record
from scoring.journal import POINTS, Entry
from scoring.rubric import Item
from scoring.rules import Rule


def basis_of(sheet: Plain, item: Item, score: Plain) -> Record:
    """What the points of one item rest on, in words and without running ids: rule, applicability, claims, rows, gaps, facts, suggestion."""
    rows = {r["id"]: r for r in sheet["catalog"]}
    claims = {c["id"]: c for c in sheet["claims"]}
    return {
        "rule": _sha([item.text, item.rule, str(item.points), [_rule(r) for r in item.rules]]),
        "applies": score["applies"],
        "claims": [[c["text"], c["status"], [_row(rows.get(r)) for r in c["catalog"]]] for c in sheet["claims"] if c["item"] == item.id],
        "rows": [_row(r) for r in sheet["catalog"] if r["item"] == item.id],
        "gaps": [
            [g["kind"], claims.get(g["claim"], {}).get("text"), _row(rows.get(g["catalog"])), g["message"]]
            for g in sheet["gaps"]
            if g["item"] == item.id
        ],
        "facts": [
            [d["rule"], d.get("count"), _number(d.get("points")), d.get("source"), d.get("reason", "")]
            for d in score.get("deductions") or ()
        ],
        "suggested": _number(score["suggested"]),
    }


def ground_of(basis: Plain) -> str:
    """SHA-256 of a basis; in which order things stand and how a gap or a fact is worded makes no difference."""
    keys: dict[str, Callable[[Any], str]] = {"claims": json.dumps, "rows": json.dumps, "gaps": _gap_key, "facts": _fact_key}
    return _sha({**basis, **{part: sorted(map(key, basis[part])) for part, key in keys.items()}})


def decided(entries: Iterable[Entry], item: str) -> Entry | None:
    """The latest live word about the item's points."""
    found = [e for e in entries if e.kind == POINTS and e.body["item"] == item]
    return found[-1] if found else None


def confirmation(entry: Entry | None, basis: Plain, ground: str) -> Record | None:
    """The item's `confirmed`: points, by, at, seq, note, ground; `stale` and `changed` where it rests on something else now.

    `ground`: of that basis.
    """
    if entry is None or not entry.body["confirmed"]:
        return None
    changed = [] if entry.body["ground"] == ground else changes(entry.body.get("basis"), basis)
    return {**_word(entry), "ground": entry.body["ground"], "stale": entry.body["ground"] != ground, "changed": changed}


def entered(entry: Entry | None) -> Record | None:
    """The item's points and note as a person left them without confirming."""
    return None if entry is None or entry.body["confirmed"] else _word(entry)


def points_in(text: str, item: Item) -> Decimal:
    """The points that a person wrote; raises ValueError (Chinese) unless they lie in 0 … the item's maximum, to two places at most."""
    try:
        points = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"“{text}”不是分数") from None
    if not points.is_finite() or points < 0 or points > item.points:
        raise ValueError(f"{item.id}的分数须在0至{item.points}之间")
    if points != points.quantize(Decimal("0.01")):
        raise ValueError("分数最多保留两位小数")
    return points


def changes(before: Plain | None, now: Plain) -> list[Record]:
    """[{"what": rule|applies|claims|rows|gaps|facts|suggested, "message"}] between two bases of the same item."""
    if before is None:
        return [{"what": "rule", "message": sentences.changed("rule")}]
    found = [("rule", sentences.changed("rule"))] if before["rule"] != now["rule"] else []
    if before["applies"] != now["applies"]:
        found.append(("applies", sentences.changed("applies_yes" if now["applies"] else "applies_no")))
    found += [("claims", m) for m in _claims(before["claims"], now["claims"])]
    found += [("rows", m) for m in _both("row", before["rows"], now["rows"], key=json.dumps, say=lambda r: {"title": r[1]})]
    found += [("gaps", m) for m in _both("gap", before["gaps"], now["gaps"], key=_gap_key, say=lambda g: {"message": g[3]})]
    found += [("facts", m) for m in _both("fact", before["facts"], now["facts"], key=_fact_key, say=lambda f: {"text": _fact(f)})]
    if before["suggested"] != now["suggested"]:
        values = {"before": _said(before["suggested"]), "now": _said(now["suggested"])}
        found.append(("suggested", sentences.changed("suggested", **values)))
    return [{"what": what, "message": message} for what, message in found]


def _claims(before: Sequence[Any], now: Sequence[Any]) -> Iterable[str]:
    old, new = _by_text(before), _by_text(now)
    for text in dict.fromkeys([*new, *old]):
        was, has = old.get(text, []), new.get(text, [])
        if was == has:
            continue
        for (status_a, rows_a), (status_b, rows_b) in zip(was, has, strict=False):
            if status_a != status_b:
                yield sentences.changed("claim_status", text=text, before=sentences.status(status_a), status=sentences.status(status_b))
            elif rows_a != rows_b:
                yield sentences.changed("claim_rows", text=text, before=_titles(rows_a), rows=_titles(rows_b))
        for status, _ in has[len(was) :]:
            yield sentences.changed("claim_new", text=text, status=sentences.status(status))
        for _ in was[len(has) :]:
            yield sentences.changed("claim_lost", text=text)


def _by_text(claims: Sequence[Any]) -> dict[str, list[tuple[str, list[Any]]]]:
    found: dict[str, list[tuple[str, list[Any]]]] = {}
    for text, status, rows in claims:
        found.setdefault(text, []).append((status, list(rows)))
    return found


def _both(
    code: str, before: Sequence[Any], now: Sequence[Any], *, key: Callable[[Any], str], say: Callable[[Any], dict[str, Any]]
) -> Iterable[str]:
    """What came and what went, as often as it did."""
    for word, left, right in ((f"{code}_new", now, before), (f"{code}_lost", before, now)):
        known = Counter(map(key, right))
        for entry in left:
            known[key(entry)] -= 1
            if known[key(entry)] < 0:
                yield sentences.changed(word, **say(entry))


def _word(entry: Entry) -> Record:
    points = Decimal(entry.body["points"])
    number = int(points) if points == points.to_integral_value() else float(points)
    return {"points": number, "by": entry.by, "at": entry.at, "seq": entry.seq, "note": entry.reason}


def _rule(rule: Rule) -> list[str]:
    """What of a rule decides about points; how it is explained does not."""
    return [str(getattr(rule, name)) for name in RULE]


RULE = ("id", "clause", "kind", "points", "at_least", "at_most", "counts", "separately", "zeroes", "deems", "excludes", "intake")


def _row(row: Plain | None) -> list[Any]:
    return [row["no"], row["title"], row["docno"]] if row else []


def _titles(rows: Sequence[Any]) -> str:
    return "、".join(f"第{r[0]}项“{r[1]}”" if r[0] else f"“{r[1]}”" for r in rows if r) or "无"


def _fact(fact: Sequence[Any]) -> str:
    rule, count, points, _, reason = fact
    return f"{rule} {reason}" + (f"×{count}" if count and count != 1 else "") + (f"，{points}分" if points is not None else "")


def _gap_key(gap: Sequence[Any]) -> str:
    return json.dumps(list(gap[:3]), ensure_ascii=False)


def _fact_key(fact: Sequence[Any]) -> str:
    return json.dumps(list(fact[:4]), ensure_ascii=False)


def _number(value: Any) -> str | None:
    """5, 2.5: one text for 5 and 5.0."""
    return None if value is None else f"{Decimal(str(value)).normalize():f}"


def _said(value: str | None) -> str:
    return "无" if value is None else value


def _sha(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=True, sort_keys=True).encode()).hexdigest()
