"""The second pair of eyes: who reviews what, approval by another person, and the lock that it puts on a unit (pure)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from scoring import sentences
from scoring.anchors import Plain, Record
from scoring.decisions import decided
from scoring.journal import APPROVE, RETURN, REVIEWER, UNDO, UNLOCK, Draft, Entry, JournalError, Locked, live, root_of

STATES = {APPROVE: "approved", RETURN: "returned", UNLOCK: "open"}
"""Kind of the last word about a unit as a whole -> its state."""
WHOLE = frozenset(STATES)
"""Kinds that speak of a unit's result as a whole."""
PASSES = frozenset({UNLOCK, REVIEWER})
"""What may be written about a locked unit: who looks at it next changes no result."""


class Book(Protocol):
    """The journal, as far as the lock needs it."""

    def of_unit(self, unit: str, kinds: Collection[str]) -> tuple[Entry, ...]:
        """The unit's entries of these kinds, oldest first."""
        ...

    def entry(self, seq: int) -> Entry | None:
        """The entry of that number."""
        ...


# ---- what the worksheet says about it


def workflow(sheet: Plain, entries: Iterable[Entry]) -> Record:
    """What a concluded sheet gains from its unit's live entries: `review` and `reviewers`, each only where someone spoke.

    review: {"state": open|returned|approved, "by", "at", "seq", "reason", "items", "stale", "changed"}: `items` were returned,
    `changed` are those whose confirmation no longer stands as it was approved. reviewers: {"unit": name|None, "items": {id: name}}.
    """
    known = tuple(entries)
    word = last_word(known)
    names = _reviewers(known, sheet["unit"]["name"])
    return ({"review": _review(sheet, word)} if word else {}) | ({"reviewers": names} if names["unit"] or names["items"] else {})


def last_word(entries: Iterable[Entry]) -> Entry | None:
    """The latest of a unit's live entries that approves, returns or unlocks it."""
    return max((e for e in entries if e.kind in WHOLE), key=lambda e: e.seq, default=None)


def _review(sheet: Plain, word: Entry) -> Record:
    changed = unsettled(sheet) if word.kind == APPROVE else []
    return {
        "state": STATES[word.kind],
        "by": word.by,
        "at": word.at,
        "seq": word.seq,
        "reason": word.reason,
        "items": list(word.body.get("items", ())),
        "stale": word.kind == APPROVE and (bool(changed) or sheet["score"] is None),
        "changed": changed,
    }


def _reviewers(entries: Sequence[Entry], unit: str | None) -> Record:
    """The latest word about the unit or an item of it, before the latest about all units; an empty name takes the word back."""
    found: dict[str | None, str] = {}
    for about in (None, unit):
        words = [e.body for e in entries if e.kind == REVIEWER and e.unit == about]
        named = dict((item, body["to"].strip()) for body in words for item in body["items"] or (None,))
        found |= {item: name for item, name in named.items() if name}
    return {"unit": found.pop(None, None), "items": dict(sorted(found.items()))}


# ---- approval


def unsettled(sheet: Plain) -> list[str]:
    """The applicable items that nobody confirmed, or whose ground changed since."""
    items = sheet["score"]["items"] if sheet["score"] else ()
    return [i["item"] for i in items if i["applies"] and (not i["confirmed"] or i["confirmed"]["stale"])]


def why_not_approved(sheet: Plain, entries: Sequence[Entry], by: str) -> str | None:
    """Why that person cannot approve the unit now, as a sentence; None if they can. `entries`: the unit's live ones."""
    if sheet["score"] is None or not any(i["applies"] for i in sheet["score"]["items"]):
        return sentences.review("nothing")
    items = {i["item"]: i for i in sheet["score"]["items"] if i["applies"]}
    bare = [item for item, i in items.items() if not i["confirmed"]]
    if bare:
        return sentences.review("unconfirmed", count=len(bare), items=_some(bare))
    stale = [item for item, i in items.items() if i["confirmed"]["stale"]]
    if stale:
        return sentences.review("stale", items=_some(stale))
    own = [item for item in items if (word := decided(entries, item)) and _same(word.by, by)]
    return sentences.review("own", by=by, items=_some(own)) if own else None


def _same(a: str, b: str) -> bool:
    """One person, however the name is typed."""
    return _plain(a) == _plain(b)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _some(items: Sequence[str]) -> str:
    return "、".join(items[:5]) + ("等" if len(items) > 5 else "")


# ---- the lock


def approval_of(unit: str, book: Book) -> Entry | None:
    """The approval by which the unit is locked."""
    word = last_word(live(book.of_unit(unit, {*WHOLE, UNDO})))
    return word if word and word.kind == APPROVE else None


def guard(drafts: Iterable[Draft], book: Book) -> None:
    """Raise Locked if any of the drafts would change a locked unit, JournalError for an undo that would bring a lock back.

    An order may name further units that it takes something from, or gives something to, in its body (`units`).
    """
    found: dict[str, Entry] = {}
    for draft in drafts:
        target = book.entry(draft.body["of"]) if draft.kind == UNDO else None
        root = root_of(target, book.entry) if target else None
        if target and root and root.kind in (APPROVE, UNLOCK) and not (target is root and root.kind == APPROVE):
            raise JournalError(sentences.review("not_again"))
        for unit in _touched(draft, root):
            word = approval_of(unit, book)
            if word and draft.kind not in PASSES and word != target:
                found[unit] = word
    if found:
        raise Locked(_locked(found))


def _touched(draft: Draft, root: Entry | None) -> list[str]:
    """The units that a draft speaks of; an undo, those of what it takes back."""
    said: Draft | Entry = root or draft
    if said.kind == REVIEWER:
        return []
    return list(dict.fromkeys(u for u in (said.unit, draft.unit, *said.body.get("units", ())) if u))


def _locked(found: dict[str, Entry]) -> str:
    if len(found) > 1:
        return sentences.review("locked_all", count=len(found), units=_some(list(found)))
    ((unit, word),) = found.items()
    return sentences.review("locked", unit=unit, by=word.by, seq=word.seq)


# ---- conflicts: what someone else said meanwhile


def newer_word(entries: Iterable[Entry], is_about: Callable[[Entry], bool], seen: int) -> Entry | None:
    """What is said about something other than it was when entry `seen` was the last: the word in force now, or the undo that left none.

    `entries`: at least all of that subject, and the undos among them.
    """
    known = tuple(entries)
    before = _last(live(e for e in known if e.seq <= seen), is_about)
    now = _last(live(known), is_about)
    if before == now:
        return None
    if now is not None:
        return now
    at = {e.seq: e for e in known}.get
    return _last(reversed([e for e in known if e.kind == UNDO and e.seq > seen and is_about(root_of(e, at))]), lambda _: True)


def _last(entries: Iterable[Entry], is_about: Callable[[Entry], bool]) -> Entry | None:
    return max((e for e in entries if is_about(e)), key=lambda e: e.seq, default=None)

