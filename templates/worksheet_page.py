"""A worksheet with its indexes, each part of its page looked up where it stands: by section and item, by claim, by row.

Every anchor is made here from a running number; no word of a document ever becomes part of an id or a link.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from templates import wording
from templates.marking import Stretch, differing, plain, stretches
from templates.wording import GAP_KINDS, MARKS, TRUST, GapKind, Mark
from templates.worksheet_parts import Block, Claim, Gap, GapGroup, Item, Pair, Plain, Row, Section, Words

UNSAID = {"note": "", "stale": False, "changed": ()}
"""What a confirmation need not say."""
BRACKETS = tuple("（）()【】[]〔〕")


def item_anchor(item: str) -> str:
    """Where an item of the rubric stands on its worksheet."""
    return "i" + item.replace(".", "-")


class Page:
    """The worksheet with its indexes; every method is one look-up."""

    def __init__(self, worksheet: Plain, rubric: Plain) -> None:
        self.blocks: Sequence[Plain] = worksheet.get("blocks") or ()
        self.claims: Sequence[Plain] = worksheet.get("claims") or ()
        self.rows: Sequence[Plain] = worksheet.get("catalog") or ()
        self.gaps: Sequence[Plain] = worksheet.get("gaps") or ()
        score = worksheet.get("score") or {}
        self.scores: dict[str, Plain] = {s["item"]: s for s in score.get("items") or ()}
        limit = wording.parsed(rubric.get("deadline"))
        self.zone = limit.tzinfo if limit else None
        self.known: dict[str, int] = {i["id"]: int(s["no"]) for s in rubric["sections"] for i in s["items"]}
        self.numbers = {int(s["no"]) for s in rubric["sections"]}
        self.claim_index = {c["id"]: n for n, c in enumerate(self.claims)}
        self.row_index = {r["id"]: n for n, r in enumerate(self.rows)}
        self.cited: dict[str, list[int]] = defaultdict(list)
        for n, claim in enumerate(self.claims):
            for row in claim.get("catalog") or ():
                self.cited[row].append(n)
        self.claim_gaps: dict[str, list[Plain]] = defaultdict(list)
        self.item_gaps: dict[str, list[Plain]] = defaultdict(list)
        for gap in self.gaps:
            if gap.get("claim"):
                self.claim_gaps[gap["claim"]].append(gap)
            if gap.get("item"):
                self.item_gaps[gap["item"]].append(gap)
        self.cut: dict[int, tuple[Stretch, ...]] = {}
        self.by_place = _grouped(self.blocks, self.place_of)
        self.claims_by_place = _grouped(self.claims, self.place_of)

    def place_of(self, entry: Plain) -> tuple[int, str | None]:
        """(section, item) with everything that the rubric does not know counted as outside of it."""
        section, item = entry.get("section") or 0, entry.get("item")
        if item in self.known:
            return self.known[item], item
        return (section if section in self.numbers else 0), None

    # --- anchors and places

    def item_anchor(self, item: str | None) -> str:
        return item_anchor(item) if item in self.known and item else ""

    def sentence(self, claim: int) -> str:
        entry = self.claims[claim]
        block = entry.get("block")
        if block is None or not 0 <= block < len(self.blocks):
            return ""
        shown = any(s.claim == claim for s in self.stretches(block))
        return f"s{claim + 1}" if shown else f"b{block + 1}"

    def stretches(self, block: int) -> tuple[Stretch, ...]:
        if block not in self.cut:
            here = ((*c["span"], n) for n, c in enumerate(self.claims) if c.get("block") == block and c.get("span"))
            self.cut[block] = stretches(self.blocks[block]["text"], here)
        return self.cut[block]

    # --- records

    def block(self, index: int) -> Block:
        entry = self.blocks[index]
        confidence = entry.get("confidence")
        section, item = self.place_of(entry)
        label = item or (f"第{section}部分" if section else "")
        anchor = self.item_anchor(item) or (f"sec{section}" if section else "")
        words = self.stretches(index)
        return Block(f"b{index + 1}", _place(entry), entry["kind"], words, label, anchor, confidence, entry.get("corrected"))

    def blocks_of(self, section: int, item: str | None) -> tuple[Block, ...]:
        return tuple(self.block(n) for n in self.by_place.get((section, item), ()))

    def row(self, index: int, against: Plain | None = None) -> Row:
        entry = self.rows[index]
        title, docno = plain(entry["title"]), plain(entry.get("docno") or "")
        if against and against.get("title"):
            title = differing(against["title"], entry["title"])[1]
        if against and against.get("docno") and entry.get("docno"):
            docno = differing(against["docno"], entry["docno"])[1]
        return Row(
            anchor=f"c{index + 1}",
            no=entry.get("no") or "",
            title=title,
            docno=docno,
            pages=entry.get("pages") or "",
            group=entry.get("group") or "",
            kept=entry.get("custody") == "kept",
            place=_row_place(entry),
            item=entry.get("item") or "",
            item_anchor=self.item_anchor(entry.get("item")),
            printed_item=entry.get("printed_item") or "",
            mark=MARKS["unclaimed"] if entry["status"] == "unclaimed" else MARKS["matched"],
            claims=tuple((f"k{n + 1}", _claim_number(self.claims[n])) for n in self.cited.get(entry["id"], ())),
        )

    def rows_of(self, item: str | None) -> tuple[Row, ...]:
        """Rows that the report does not cite; with None those that support no item of the rubric."""
        return tuple(
            self.row(n)
            for n, r in enumerate(self.rows)
            if r["status"] == "unclaimed" and (r.get("item") == item or (item is None and r.get("item") not in self.known))
        )

    def claim(self, index: int) -> Claim:
        entry = self.claims[index]
        block = entry.get("block")
        gaps = self.claim_gaps.get(entry["id"], [])
        linked = set(entry.get("catalog") or ())
        others = {g["catalog"]: g["kind"] for g in gaps if g.get("catalog") and g["catalog"] not in linked}
        pairs = self.pairs(entry, entry.get("catalog") or ())
        alike = self.pairs(entry, (r for r, kind in others.items() if kind != "ref_conflict"))
        pointed = [self.row(self.row_index[r]) for r, kind in others.items() if kind == "ref_conflict" and r in self.row_index]
        compared = pairs or alike
        return Claim(
            anchor=f"k{index + 1}",
            number=_claim_number(entry),
            sentence=self.sentence(index),
            place=_place(self.blocks[block]) if block is not None and 0 <= block < len(self.blocks) else "",
            words=compared[0].words if len(compared) == 1 else _words(entry),
            mark=MARKS[entry["status"]],
            why=entry.get("why") or "",
            pairs=pairs,
            others=(*(("相近但不是：", p.row) for p in alike), *(("所注编号处为：", row) for row in pointed)),
            notes=tuple(kind.short for g in gaps if (kind := wording.gap_kind(g["kind"])).mark == "conflict"),
            candidates=entry["status"] == "uncertain",
            corrected=entry.get("corrected"),
        )

    def removed(self, entry: Plain) -> tuple[str, str, Plain]:
        block = entry.get("block")
        place = _place(self.blocks[block]) if block is not None and 0 <= block < len(self.blocks) else ""
        return entry["text"], place, entry["corrected"]

    def pairs(self, claim: Plain, rows: Iterable[str]) -> tuple[Pair, ...]:
        found = [self.row_index[r] for r in rows if r in self.row_index]
        return tuple(Pair(_words(claim, self.rows[n]), self.row(n, against=claim)) for n in found)

    def claims_of(self, section: int, item: str | None) -> tuple[Claim, ...]:
        return tuple(self.claim(n) for n in self.claims_by_place.get((section, item), ()))

    def gap(self, entry: Plain) -> Gap:
        claim = self.claim_index.get(entry.get("claim") or "")
        row = self.row_index.get(entry.get("catalog") or "")
        section, item = self.place_of(entry)
        block = self.claims[claim].get("block") if claim is not None else None
        return Gap(
            message=entry["message"],
            item=item or (f"第{section}部分" if section else ""),
            item_anchor=self.item_anchor(item) or (f"sec{section}" if section else ""),
            sentence=self.sentence(claim) if claim is not None else "",
            place=_place(self.blocks[block]) if block is not None and 0 <= block < len(self.blocks) else "",
            target=f"k{claim + 1}" if claim is not None else f"c{row + 1}" if row is not None else "",
            quote="" if claim is None or _letters(self.claims[claim]["text"]) in _letters(entry["message"]) else self.claims[claim]["text"],
        )

    def gap_groups(self) -> tuple[GapGroup, ...]:
        """Kinds in the order in which the worksheet lists them first, which is worst first."""
        kinds: dict[str, list[Gap]] = defaultdict(list)
        for entry in self.gaps:
            kinds[entry["kind"] if entry["kind"] in GAP_KINDS else ""].append(self.gap(entry))
        return tuple(GapGroup(_kind(k, g), MARKS[wording.gap_kind(k).mark], tuple(g)) for k, g in kinds.items())

    def item_mark(self, item: str) -> Mark:
        score = self.scores.get(item)
        if not self.scores:
            return MARKS["blank"]
        if score is not None and not score.get("applies", True):
            return MARKS["none"]
        found = {wording.gap_kind(g["kind"]).mark for g in self.item_gaps.get(item, ())}
        found |= {c["status"] for c in self.claims if c.get("item") == item}
        found |= {"unclaimed" for r in self.rows if r.get("item") == item and r["status"] == "unclaimed"}
        if any(g["kind"] == "section_missing" and g.get("section") == self.known[item] for g in self.gaps):
            found.add("absent")
        return next((MARKS[k] for k in TRUST if k in found), MARKS["blank"])

    def item(self, entry: Plain, section: int) -> Item:
        score = self.scores.get(entry["id"]) or {}
        own = score.get("self") or {}
        suggested = score.get("suggested")
        about = [g for g in self.item_gaps.get(entry["id"], ()) if not g.get("claim") and g["kind"] != "catalog_unclaimed"]
        told = tuple(g["message"] for g in self.item_gaps.get(entry["id"], ()))
        clause = entry.get("clause") or ""
        return Item(
            id=entry["id"],
            anchor=self.item_anchor(entry["id"]),
            name=entry.get("name") or entry["text"],
            text=entry["text"],
            clause=(clause,) if isinstance(clause, str) and clause else tuple(clause),
            points=_number(entry["points"]),
            bonus=bool(entry.get("bonus")),
            mark=self.item_mark(entry["id"]),
            applies=bool(score.get("applies", True)),
            messages=_messages(about),
            quotes=self.blocks_of(section, entry["id"]),
            claims=self.claims_of(section, entry["id"]),
            unclaimed=self.rows_of(entry["id"]),
            self_points=_number(own["points"]) if own else "",
            self_anchor=f"b{own['block'] + 1}" if own and own.get("block") is not None else "",
            suggested=_number(suggested) if suggested is not None and suggested != score.get("max") else "",
            deductions=tuple(score.get("deductions") or ()),
            awards=tuple(score.get("awards") or ()),
            proposals=tuple(p for p in score.get("proposals") or () if not p["reason"].endswith(told)),
            confirmed={**UNSAID, **score["confirmed"]} if score.get("confirmed") else None,
            entered=score.get("entered"),
            applies_by=score.get("applies_by"),
            sum=score.get("sum") or "",
        )

    def section(self, entry: Plain) -> Section:
        number = int(entry["no"])
        about = [g for g in self.gaps if g.get("section") == number and not any(g.get(k) for k in ("item", "claim", "catalog"))]
        overview = self.blocks_of(number, None)
        return Section(
            no=str(number),
            anchor=f"sec{number}",
            title=entry["title"],
            points=_number(entry["points"]),
            bonus=bool(entry.get("bonus")),
            mark=MARKS["absent"] if any(g["kind"] == "section_missing" for g in about) else None,
            messages=_messages(about),
            overview=overview,
            told=any(b.kind != "heading" for b in overview),
            claims=self.claims_of(number, None),
            unclaimed=(),
            items=tuple(self.item(i, number) for i in entry["items"]),
        )


def _kind(key: str, gaps: Sequence[Gap]) -> GapKind:
    """The kind of gaps; where each of them says the same of whose move it is, that is what stands over them."""
    kind = wording.gap_kind(key)
    said = {next((m for m in wording.MOVES if g.message.endswith(f"（{m}）")), kind.move) for g in gaps}
    return replace(kind, move=said.pop()) if len(said) == 1 else kind


def _grouped(entries: Sequence[Plain], key: Any) -> dict[tuple[int, str | None], list[int]]:
    groups: dict[tuple[int, str | None], list[int]] = defaultdict(list)
    for n, entry in enumerate(entries):
        groups[key(entry)].append(n)
    return groups


def _messages(gaps: Iterable[Plain]) -> tuple[tuple[Mark, str], ...]:
    return tuple((MARKS[wording.gap_kind(g["kind"]).mark], g["message"]) for g in gaps)


def _words(claim: Plain, row: Plain | None = None) -> Words:
    """The claim's words; with a row, the characters of title and 文号 marked that the row has not."""
    text, title, docno = claim["text"], claim.get("title") or "", claim.get("docno") or ""
    at = text.rfind(docno) if docno else -1
    before, number, rest = (text[:at], docno, text[at + len(docno) :]) if at >= 0 else (text, "", "")
    other = (row.get("docno") or "") if row else ""
    marked = differing(number, other)[0] if number and other else plain(number)
    if number and before[-1:] in BRACKETS and rest[:1] in BRACKETS:
        marked = (*plain(before[-1:]), *marked, *plain(rest[:1]))
        before, rest = before[:-1], rest[1:]
    if row is None:
        return Words(plain(before), marked, plain(rest))
    start = before.find(title) if title else -1
    head = plain(before)
    if start >= 0:
        head = (*plain(before[:start]), *differing(title, row["title"])[0], *plain(before[start + len(title) :]))
    return Words(head, marked, plain(rest))


def _place(entry: Plain) -> str:
    """第3页第12段; a format without pages has only paragraphs."""
    page, paragraph = entry.get("page"), entry.get("paragraph")
    return (f"第{page}页" if page else "") + (f"第{paragraph}段" if paragraph else "")


def _row_place(entry: Plain) -> str:
    page, row = entry.get("page"), entry.get("row")
    return (f"第{page}页" if page else "") + (f"第{row}行" if row else "")


def _letters(text: str) -> str:
    """Without quotation marks, which a message turns when it quotes."""
    return text.translate(_NO_QUOTES)


_NO_QUOTES = str.maketrans("", "", "“”‘’")


def _claim_number(entry: Plain) -> str:
    """The number that corrections name the claim by: 3 for k3."""
    return str(int(entry["id"][1:])) if entry["id"][1:].isdecimal() else ""


def _number(value: Any) -> str:
    """5, 2.5: as people write points."""
    return f"{float(value):g}"
