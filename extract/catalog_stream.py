"""The rows of a catalog whose lines and columns a PDF has lost: its words in order, cut where the rows' numbers count up.

Without ruling, a list of tabbed and wrapped lines looks like scattered tables and paragraphs. Its order is sound
all the same, and so are its numbers: whatever stands from one number to the next is a row.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from extract.catalog_grammar import COUNT, DATE, PAGES, is_item, is_remark, split_number
from extract.catalog_line import Line, read_fields
from extract.catalog_pattern import code_shape, last_numeral
from extract.catalog_words import header_role, is_catalog_title, is_evidence, is_note, is_total
from extract.chinese import fold
from extract.docno import find_docnos
from extract.model import Element, Location, paragraphs

_FEWEST = 5
_LONGEST = 200
_OFTEN = 4
_HAN = re.compile(r"[\u4e00-\u9fff]")
_HEADING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十\d①-⑳]{1,3}[部卷盒册类项章]|[卷盒册][①-⑳\d一二三四五六七八九十]|[Ⅰ-Ⅻ])"
)
_LETTERS = "A-Za-z甲乙丙丁戊己庚辛"
_GLUED_END = re.compile(
    rf"(?<=[\u4e00-\u9fff》）)])((?:[{_LETTERS}卷盒①-⑳]{{1,4}}-?)?\d{{1,3}}(?:[-.]\d{{1,3}})+|[{_LETTERS}]-?\d{{1,3}})$"
)
_GLUED_START = re.compile(r"^((?:[A-Za-z甲乙丙丁戊己庚辛卷盒①-⑳]{1,4}-)?\d{1,3}(?:[-.]\d{1,3})+)(?=[\u4e00-\u9fff《])")
_LINK, _GAP, _AGAIN, _FIRST = 1.0, 0.8, -0.4, 0.5
"""What it is worth that one number follows another: the next one, one further on, 1 once more; and that the first is 1."""
_WIDEST_GAP = 12


@dataclass(frozen=True, slots=True)
class StreamRow:
    """A row, the heading it stands under, and where its number is found."""

    line: Line
    group: str | None
    location: Location


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    opens: bool
    """It opens a paragraph or a cell; else a blank parts it from the word before."""
    location: Location
    value: bool = False
    """It is a value that a column of the list repeats."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A word that may be the number of a row."""

    at: int
    series: str
    value: int
    opens: bool


def read_stream(elements: Sequence[Element]) -> tuple[StreamRow, ...]:
    """The rows of the catalog that `elements` print, its title left out; () if no numbers count up through them."""
    words = _apart(list(_words(elements)))
    best: tuple[StreamRow, ...] = ()
    kind = ""
    for shape, marks in _marks(words).items():
        chain = _longest_chain(words, marks)
        if len(chain) >= _FEWEST:
            rows = _rows(*_completed(words, chain))
            if _names_records(rows) and (len(rows), len(shape)) > (len(best), len(kind)):
                best, kind = rows, shape
    return best


def _names_records(rows: Sequence[StreamRow]) -> bool:
    names = sum((is_evidence(r.line.title) or bool(r.line.docno)) and len(r.line.title) <= 60 for r in rows)
    return len(rows) >= _FEWEST and names >= 0.65 * len(rows)


def _words(elements: Sequence[Element]) -> Iterator[_Word]:
    for p in paragraphs(tuple(elements)):
        for part in p.full.split("\n"):
            opens = True
            for text in part.split():
                for piece in _unglued(text, opens=opens):
                    yield _Word(piece, opens, p.location)
                    opens = False


def _unglued(text: str, *, opens: bool) -> list[str]:
    """工作规则1.1-04 and 1.关于… are two words each: narrow tabs leave no blank."""
    if opens and (found := split_number(text)) and not is_remark(fold(text)) and _HAN.search(found[1]):
        at = len(text) - len(found[1].lstrip())
        if not _HEADING.match(text) or code_shape(found[0].strip("()（）")) != "汉":
            return [found[0], *_unglued(text[at:], opens=False)]
    if m := _GLUED_START.match(text):
        return [m[1], text[m.end() :]]
    m = _GLUED_END.search(text)
    return [text[: m.start()], m[1]] if (m and not PAGES.fullmatch(m[1])) or (m and "." in m[1]) else [text]


def _apart(words: list[_Word]) -> list[_Word]:
    """Values that a column repeats (审批科) stand for themselves, also where they are run together with a number or a 文号."""
    count = Counter(w.text for w in words if 2 <= len(w.text) <= 8 and _HAN.search(w.text) and not is_evidence(w.text))
    common = {t for t, n in count.items() if n >= _OFTEN}
    if not common:
        return words
    values = "|".join(sorted(map(re.escape, common), key=len, reverse=True))
    ends = re.compile(rf"(?:(?<=.{{3}})(?<=[》）)号])|^)({values})(\d{{1,3}})?(?=$|(?<=\d)[\u4e00-\u9fff《])")
    out: list[_Word] = []
    for word in words:
        m = ends.search(word.text)
        pieces = [word.text[: m.start()], m[1], m[2] or "", word.text[m.end() :]] if m else [word.text]
        parts = [replace(word, text=p, opens=(word.opens and not k) or k == 2, value=p in common) for k, p in enumerate(pieces) if p]
        out += parts
    return out


def _marks(words: Sequence[_Word]) -> dict[str, list[_Mark]]:
    """By shape, the words that may be numbers of rows."""
    found: dict[str, list[_Mark]] = defaultdict(list)
    for k, word in enumerate(words):
        bare = word.text.strip("【】[]（）()").rstrip(".．、:：")
        shape = code_shape(bare)
        if shape is None or (len(shape) == 1 and not word.opens):
            continue
        series, value = last_numeral(bare)
        found[shape].append(_Mark(k, series, value, word.opens))
    return found


def _longest_chain(words: Sequence[_Word], marks: Sequence[_Mark]) -> list[_Mark]:
    """The marks that count up best, through all series; copies and pages that look alike stay out."""
    content, headings = [0], [0]
    for word in words:
        content.append(content[-1] + len(_HAN.findall(word.text)))
        headings.append(headings[-1] + (word.opens and bool(_HEADING.match(word.text)) and not is_item(fold(word.text))))
    score = [(0.2 if m.opens else 0.0) + (_FIRST if m.value == 1 else 0.0) for m in marks]
    before = [-1] * len(marks)
    for k, mark in enumerate(marks):
        own = 0.2 if mark.opens else 0.0
        for j in range(max(0, k - 60), k):
            if content[mark.at] - content[marks[j].at] < 3:
                continue
            gain = _step(marks[j], mark, headed=headings[mark.at] > headings[marks[j].at])
            if gain is not None and score[j] + gain + own > score[k]:
                score[k], before[k] = score[j] + gain + own, j
    if not marks:
        return []
    k = max(range(len(marks)), key=score.__getitem__)
    chain = []
    while k >= 0:
        chain.append(marks[k])
        k = before[k]
    return [_nearest(marks, a, b, content) for a, b in zip_longest(chain[::-1], chain[-2::-1])]


def _nearest(marks: Sequence[_Mark], mark: _Mark, following: _Mark | None, content: Sequence[int]) -> _Mark:
    """Of equal marks with no text between them (the pages of a row, the number of the next) the last."""
    same = [m for m in marks if m.at > mark.at and (m.series, m.value) == (mark.series, mark.value)]
    inside = [m for m in same if (following is None or m.at < following.at) and content[m.at] - content[mark.at] < 3]
    return inside[-1] if inside else mark


def _step(last: _Mark, mark: _Mark, *, headed: bool) -> float | None:
    """What it is worth that `mark` follows `last`, `headed` if a heading stands between; None where it cannot."""
    if mark.series == last.series:
        ahead = mark.value - last.value
        if ahead == 1:
            return _LINK
        if 1 < ahead <= _WIDEST_GAP:
            return _GAP / ahead
        return (_LINK if headed else _AGAIN) if mark.value == 1 else None
    if len(mark.series) == 1:
        return None
    return _LINK if mark.value == 1 else _GAP / mark.value if 1 < mark.value <= 3 else None


def _completed(words: Sequence[_Word], chain: Sequence[_Mark]) -> tuple[list[_Word], list[int]]:
    """The words with missing numbers of the chain split off the words they were run together with (…〔2017〕5号4), and all numbers."""
    out: list[_Word] = []
    places: list[int] = []
    at = 0
    for mark, following in zip_longest([None, *chain], chain):
        wanted = _wanted(mark, following)
        end = following.at if following is not None else len(words)
        missing = mark is not None and following is not None and mark.series == following.series and following.value > mark.value
        for word in words[at:end]:
            cut = _cut(word.text, wanted, out[-1].text if out else "", missing=missing) if mark is not None or not places else None
            if cut is None or wanted is None:
                out.append(word)
                continue
            out += [replace(word, text=word.text[:cut]), replace(word, text=word.text[cut:], opens=False)]
            places.append(len(out) - 1)
            wanted = _after(wanted, following)
        if following is not None:
            places.append(len(out))
            out.append(words[end])
        at = end + 1
    return out, places


def _wanted(mark: _Mark | None, following: _Mark | None) -> tuple[str, int] | None:
    """The number that is missing between two marks, if one is."""
    if mark is None:
        return (following.series, following.value - 1) if following is not None and following.value > 1 else None
    if following is not None and following.series == mark.series and following.value == mark.value + 1:
        return None
    return mark.series, mark.value + 1


def _after(wanted: tuple[str, int], following: _Mark | None) -> tuple[str, int] | None:
    series, value = wanted
    return None if following is not None and following.series == series and value + 1 >= following.value else (series, value + 1)


def _cut(text: str, wanted: tuple[str, int] | None, before: str, *, missing: bool) -> int | None:
    """Where the wanted number begins at the end of `text`, behind something else; None if it does not stand there.

    `missing`: it must be somewhere here, so that 16 may be the pages of a row and the 6 of the next.
    """
    if wanted is None:
        return None
    number = wanted[0].replace("#", str(wanted[1]))
    rest = text[: -len(number)]
    if not text.endswith(number) or not rest or len(text) > 60:
        return None
    pages = rest.isdigit() and len(rest) <= 3 and (before.endswith(("-", "—", "～")) or missing)
    if is_item(fold(text)):
        return None
    apart = not rest[-1].isdigit() or not number[0].isdigit() or pages
    return len(rest) if apart and not rest.endswith(("-", ".", "〔", "(", "（", "第", "—")) else None


def _rows(words: Sequence[_Word], marks: Sequence[int]) -> tuple[StreamRow, ...]:
    head = [w.text for w in words[: marks[0]]]
    tail = [w.text for w in words[marks[-1] + 1 :]]
    last = any(is_evidence(t) and not is_catalog_title(t) and header_role(t) is None for t in head)
    if last and not any(is_evidence(t) for t in tail):
        return _rows_before(words, marks)
    group = _last_heading(head)
    rows: list[StreamRow] = []
    for a, b in zip(marks, [*marks[1:], len(words)], strict=True):
        body, heading = _without_heading(words[a + 1 : b])
        rows.append(StreamRow(read_fields(words[a].text, _joined(body)), group, words[a].location))
        group = heading or group
    return tuple(rows)


def _rows_before(words: Sequence[_Word], marks: Sequence[int]) -> tuple[StreamRow, ...]:
    """Rows whose number comes last, or has only pages and the like behind it."""
    rows: list[StreamRow] = []
    start = 0
    group: str | None = None
    for at in marks:
        end = at + 1
        while end < len(words) and not words[end].opens and _is_amount(words[end].text):
            end += 1
        body = list(words[start:at])
        while body and (header_role(body[0].text) or is_catalog_title(body[0].text)):
            body.pop(0)
        heading, body = _heading_before(body)
        group = heading or group
        behind = [w.text for w in words[at + 1 : end]]
        rows.append(StreamRow(read_fields(words[at].text, " ".join([_joined(body), *behind])), group, words[at].location))
        start = end
    return tuple(rows)


def _is_amount(text: str) -> bool:
    folded = fold(text)
    return bool(PAGES.fullmatch(folded) or COUNT.fullmatch(folded) or DATE.fullmatch(folded))


def _last_heading(texts: Sequence[str]) -> str | None:
    k = next((k for k in range(len(texts) - 1, -1, -1) if _HEADING.match(texts[k])), None)
    return " ".join(texts[k:]) if k is not None else None


def _without_heading(body: Sequence[_Word]) -> tuple[list[_Word], str | None]:
    """A row without the heading of the rows behind it, and that heading."""
    for k in range(1, len(body)):
        if is_total(body[k].text) or is_note(body[k].text):
            return list(body[:k]), None
        rest = "".join(w.text for w in body[k:])
        if body[k].opens and _HEADING.match(body[k].text) and len(rest) <= 40 and not find_docnos(rest) and "《" not in rest:
            return list(body[:k]), " ".join(w.text for w in body[k:])
    return list(body), None


def _heading_before(body: list[_Word]) -> tuple[str | None, list[_Word]]:
    """The heading that stands before a row, as far as the paragraph it opens goes, and the row."""
    if not body or not _HEADING.match(body[0].text):
        return None, body
    end = next((k for k in range(1, len(body)) if body[k].opens), len(body))
    return (" ".join(w.text for w in body[:end]), body[end:]) if end < len(body) else (None, body)


def _joined(words: Sequence[_Word]) -> str:
    """The words of a row: what a line's end has cut goes together, columns keep a blank."""
    out = ""
    for k, word in enumerate(words):
        out += ("" if not out or _runs_on(out, words[k - 1], word) else " ") + word.text
        if len(out) > _LONGEST:
            break
    return out


def _runs_on(line: str, before: _Word, word: _Word) -> bool:
    if not word.opens or before.value or word.value:
        return False
    last, text = before.text, word.text
    if any(fold(line).count(a) > fold(line).count(b) for a, b in ("《》", "()", "〔〕", '""')):
        return True
    folded = fold(text)
    if re.match(r"[〔(]?(?:19|20)\d\d[〕)]?\d*号?$|^[〔(](?:19|20)\d\d", folded) and re.search(r"[\u4e00-\u9fff]$", line):
        return True
    spans = [d for d in find_docnos(last + text) if d.start < len(last) < d.end and d.issuer]
    if spans and not is_evidence(last):
        return True
    if re.match(r"^(?:号|[)〕》,、;.])", folded):
        return True
    if _is_amount(text) or is_remark(folded) or find_docnos(text) or _is_amount(last) or find_docnos(last):
        return False
    if code_shape(last):
        return False
    return not is_evidence(last) or bool(re.match(r"[(《“\"]", folded))
