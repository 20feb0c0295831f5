"""How much of real Word files `zicha process FILE` holds, in order and with the numbers that Word draws, against two other readings.

    python3 bench/office_model.py FILE… > models.jsonl        (see there: LibreOffice's reading, made once)
    python bench/real_files.py models.jsonl [--show 5]

Paragraphs and their place come from LibreOffice. An automatic label counts where LibreOffice and bench/second_numbering.py draw
the same (for .doc: LibreOffice alone). Ours is what the blocks of the printed worksheet say, one after another.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from itertools import accumulate
from pathlib import Path

from second_numbering import labels as second_labels
from second_numbering import words as second_text

from ingest.oneshot import UnreadablePath, process
from ingest.rules import Rules, load_rules
from ingest.settings import Settings, load_settings

_BLANK = re.compile(r"[\s\u200b\u00ad\ufffc\ufeff\u2028]")
_PAGE_NUMBER = re.compile(r"[-—·]?(?:\d{1,3}|[IVXLivxl]{1,5})[-—·]?")
_LONG = 12
"""Characters from which on a paragraph is told by its words alone; shorter ones are looked for between these."""
_REPEATED = 8

Truth = tuple[str, str | None, str]
"""Place, label (None: the two readings differ), words; without blanks."""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("models", type=Path)
    options.add_argument("--show", type=int, default=0, help="differences to print for each file and kind")
    options.add_argument("--only", default="", help="part of the name of the files to look at")
    chosen = options.parse_args()
    totals: dict[str, Counter[str]] = {}
    for line in chosen.models.read_text("utf-8").splitlines():
        name, model = json.loads(line)
        path = Path(name)
        if model is None or chosen.only not in name:
            continue
        blocks = blocks_of(path)
        total = totals.setdefault(path.suffix.lower(), Counter())
        total["files"] += 1
        if blocks is None:
            says = any(_bare(words) for _, _, words in model)
            total["unread"] += says
            print(f"{path.name}: not read{'' if says else ' (it says nothing)'}")
            continue
        seen = compare(truth(path, model), blocks, second_words(path))
        total += seen.counts
        totals[path.suffix.lower()] = total
        for kind, lines in seen.shown.items():
            for text in lines[: chosen.show]:
                print(f"{path.name}: {kind}: {text[:110]}")
    for suffix, total in totals.items():
        print(_report(suffix, total))
    return 0


def blocks_of(path: Path) -> list[str] | None:
    """The texts of the blocks that the worksheet of this one file holds; None where it holds none."""
    found = blocks_with_pages(path)
    return None if found is None else [text for _, text in found]


def blocks_with_pages(path: Path) -> list[tuple[int | None, str]] | None:
    """Page and text of each block; None where there are none."""
    settings, rules = _setup()
    try:
        sheets = [r.sheet for r in process([path], settings, rules)]
    except UnreadablePath:
        return None
    return [(b["page"], b["text"]) for b in sheets[0]["blocks"]] or None


@cache
def _setup() -> tuple[Settings, Rules]:
    settings = load_settings(Path())
    return settings, load_rules(settings)


def truth(path: Path, model: list[list[str]]) -> list[Truth]:
    """What the file says, labels where both readings draw the same."""
    rows = [(place, _bare(label), _bare(words)) for place, label, words in model]
    rows = [row for row in rows if not (row[0] == "box" and _PAGE_NUMBER.fullmatch(row[2]))]  # frames of a foot look like boxes
    if path.suffix.lower() != ".docx":
        return [(place, label, words) for place, label, words in rows if words]
    second = [(None if label is None else _bare(label), _bare(words)) for label, words in second_labels(path.read_bytes())]
    ours, theirs = [words for _, _, words in rows], [words for _, words in second]
    found: list[Truth] = [(place, None, words) for place, _, words in rows]  # as long as nobody confirms a label
    for a, b, size in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        for k in range(size):
            place, label, words = rows[a + k]
            other = second[b + k][0]
            agree = other is not None and (label == other or not (_speaks(label) or _speaks(other)))
            found[a + k] = place, label if agree else None, words
    return [t for t in found if t[2]]


def second_words(path: Path) -> list[str]:
    """What the second reading sees in a .docx, longest first."""
    found = second_text(path.read_bytes()) if path.suffix.lower() == ".docx" else []
    return sorted(map(_bare, found), key=len, reverse=True)


@dataclass(slots=True)
class Comparison:
    """Counts, and what there is to look at."""

    counts: Counter[str] = field(default_factory=Counter)
    shown: dict[str, list[str]] = field(default_factory=dict)

    def note(self, kind: str, text: str) -> None:
        self.shown.setdefault(kind, []).append(text)


def compare(true: list[Truth], blocks: list[str], also: list[str]) -> Comparison:
    """`also`: words that another reading sees, so somebody wrote them.

    Each true paragraph looked for in the words of the blocks: the long ones first, the short ones between their neighbours."""
    bare = [_bare(b) for b in blocks]
    stream = "".join(bare)
    starts = {0, *accumulate(map(len, bare))}
    taken = bytearray(len(stream))
    placed: dict[int, int] = {}
    for k, (_, _, words) in enumerate(true):
        if len(words) >= _LONG:
            _place(k, words, stream, taken, placed, 0, len(stream))
    for k, (_, label, words) in enumerate(true):
        if len(words) < _LONG:
            low = _before(k, true, placed)
            high = next((placed[j] for j in range(k + 1, len(true)) if j in placed and true[j][0] == true[k][0]), len(stream))
            spans = [(low, high), (0, len(stream))]
            if label is None or not _place(k, label + words, stream, taken, placed, low, high, lead=len(label)):
                any(_place(k, words, stream, taken, placed, *span) for span in spans)
    seen = Comparison()
    _judge(true, placed, stream, taken, starts, also, seen)
    return seen


def _before(k: int, true: list[Truth], placed: dict[int, int]) -> int:
    return next((placed[j] + len(true[j][2]) for j in range(k - 1, -1, -1) if j in placed and true[j][0] == true[k][0]), 0)


def _place(k: int, words: str, stream: str, taken: bytearray, placed: dict[int, int], low: int, high: int, *, lead: int = 0) -> bool:
    at = stream.find(words, low, high)
    while at >= 0 and any(taken[at + lead : at + len(words)]):
        at = stream.find(words, at + 1, high)
    if at < 0:
        return False
    placed[k] = at + lead
    taken[at + lead : at + len(words)] = b"\1" * (len(words) - lead)
    return True


def _judge(
    true: list[Truth], placed: dict[int, int], stream: str, taken: bytearray, starts: set[int], also: list[str], seen: Comparison
) -> None:
    counts = seen.counts
    for k, (place, label, words) in enumerate(true):
        kind = "boxes" if place in ("box", "shape") else "cells" if place == "cell" else "paragraphs"
        counts[kind] += 1
        if k not in placed:
            counts[f"lost {kind}"] += 1
            seen.note(f"lost {kind}", words)
            continue
        at = placed[k]
        if label and _speaks(label):
            counts["labels"] += 1
            begin = at - len(label)
            exact = stream[max(begin, 0) : at] == label and (begin in starts or begin == 0 or taken[begin - 1])
            if not exact:
                counts["wrong labels"] += 1
                seen.note("label", f"{label} | {stream[max(at - 12, 0) : at + 20]}")
        _take_label(at, label, stream, taken, starts)
        for sign in _bullets(stream, at, taken):
            taken[sign] = 1
    body = [placed[k] for k in range(len(true)) if k in placed and true[k][0] in ("body", "cell")]
    counts["placed"] += len(body)
    counts["in order"] += rising(body)
    for k in range(1, len(body)):
        if body[k] < body[k - 1]:
            seen.note("order", f"{stream[body[k - 1] : body[k - 1] + 20]} | {stream[body[k] : body[k] + 20]}")
    counts["signs"] += len(stream)
    written = Counter(words for _, _, words in true)
    for at, end in _gaps(taken, stream):
        text = stream[at:end]
        text = _without(text, also)
        if not text:
            continue
        again = len(text) >= _REPEATED and any(text in words or words in text for words in written if len(words) >= _REPEATED)
        counts["repeated" if again else "unwritten"] += len(text)
        seen.note("repeated" if again else "unwritten", text)


def _without(text: str, also: list[str]) -> str:
    for words in also:
        if len(text) >= len(words):
            text = text.replace(words, "", 1)
    return text


def _take_label(at: int, label: str | None, stream: str, taken: bytearray, starts: set[int]) -> None:
    """What stands before a paragraph back to the last one is its label: another's is a wrong label, not invented text."""
    if label == "":
        return
    begin = at
    while begin > 0 and not taken[begin - 1] and at - begin < 12 and begin not in starts:
        begin -= 1
    taken[begin:at] = b"\1" * (at - begin)


def _bullets(stream: str, at: int, taken: bytearray) -> list[int]:
    return [at - 1] if at and not taken[at - 1] and not stream[at - 1].isalnum() else []


def _gaps(taken: bytearray, stream: str) -> list[tuple[int, int]]:
    return [m.span() for m in re.finditer(rb"\0+", bytes(taken))]


def rising(places: list[int]) -> int:
    """How many of them stand in rising order at best."""
    ends: list[int] = []
    for place in places:
        k = bisect_left(ends, place)
        ends[k : k + 1] = [place]
    return len(ends)


def _report(suffix: str, total: Counter[str]) -> str:
    lines = [f"{suffix}: {total['files']} files, not read {total['unread']}"]
    for kind, of, missed in (
        ("paragraphs found", "paragraphs", "lost paragraphs"),
        ("cells found", "cells", "lost cells"),
        ("text boxes found", "boxes", "lost boxes"),
        ("automatic labels exact", "labels", "wrong labels"),
    ):
        if total[of]:
            lines.append(f"  {kind}: {1 - total[missed] / total[of]:.4f} of {total[of]}")
    if total["placed"]:
        lines.append(f"  order: {total['in order'] / total['placed']:.4f}")
        shares = {kind: total[kind] / total["signs"] for kind in ("unwritten", "repeated")}
        lines.append(f"  nobody wrote: {shares['unwritten']:.4f}, repeated: {shares['repeated']:.4f} of {total['signs']} characters")
    return "\n".join(lines)


def _bare(text: str) -> str:
    return _BLANK.sub("", text).replace("\u2011", "-")


def _speaks(label: str) -> bool:
    return any(map(str.isalnum, label))


if __name__ == "__main__":
    sys.exit(main())
