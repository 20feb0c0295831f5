"""Takes claims and catalog rows apart for matching: titles, 文号, numbers, pages, bundled papers."""

from __future__ import annotations

import re

from extract.chinese import number_key
from extract.docno import find_docnos
from scoring.claim_tokens import address_spans
from scoring.match_model import Named, RowView
from scoring.references import NumberKey, references
from scoring.titles import TitleReader


def read_named(
    text: str,
    kind_title: str | None,
    reader: TitleReader,
    *,
    section: int,
    item: str | None,
    reference_text: str = "",
) -> Named:
    """A claim's text taken apart. `kind_title` is the name itself, None for a bare reference or 文号."""
    docnos = frozenset(k for d in find_docnos(text) for k in d.keys)
    title = reader.read(kind_title) if kind_title else None
    titled = bool(kind_title and ("《" in text or kind_title.startswith("关于")))
    addresses = address_keys(text)
    numbers = references(reference_text) if reference_text and not addresses else ()
    return Named(text, title, titled, docnos, numbers, section, item, addresses)


def address_keys(text: str) -> tuple[str, ...]:
    """The web addresses and file names in `text` for comparing: no scheme, no closing slash, no extension, no blanks."""
    found = (re.sub(r"^https?[:：]//", "", re.sub(r"\s", "", text[s:e]).lower()).rstrip("/") for s, e in address_spans(text))
    return tuple(k for a in found if len(k := re.sub(r"\.[a-z0-9]{2,4}$", "", a) if "/" not in a and not a.startswith("www") else a) > 4)


def read_row(
    index: int,
    *,
    no: str,
    title: str,
    docno: str | None,
    group: str | None,
    printed_item: str | None,
    item: str | None,
    reader: TitleReader,
    other_no: str | None = None,
    pages: str | None = None,
) -> RowView:
    """A catalog row taken apart."""
    whole = f"{title}\n{docno or ''}"
    docnos = frozenset(k for part in (title, docno or "") for d in find_docnos(part) for k in d.keys)
    numbers = {number_key(no), *([number_key(other_no)] if other_no else [])} - {()}
    numbers |= _ranged(no)
    led = _LED.match(group.strip()) if group else None
    if led and no:
        numbers.add((*number_key(led[1])[:3], *number_key(no)))
    if printed_item and no:
        numbers.add((*number_key(printed_item)[:3], *number_key(no)))
    parts = _bundled(title)
    return RowView(
        index, no, tuple(reader.read(t) for t in (title, *parts)), docnos, frozenset(numbers), group or "", item, whole, _page_range(pages)
    )


_LED = re.compile(
    r"[^0-9A-Za-zⅠ-Ⅻ①-⑳一二三四五六七八九十甲乙丙丁]{0,4}((?:[0-9]{1,3}|[①-⑳]|[Ⅰ-Ⅻ]|[IVX]{1,4}|[一二三四五六七八九十]{1,3}|[甲乙丙丁]|[A-Z])"
    r"(?:[-.)）]*[0-9]{1,2})?)"
)


def _page_range(pages: str | None) -> tuple[int, int] | None:
    m = re.fullmatch(r"\D{0,2}(\d{1,4})(?:\D{1,3}(\d{1,4}))?\D{0,2}", (pages or "").strip())
    return (int(m[1]), int(m[2] or m[1])) if m and m[2] else None


_RANGED = re.compile(r"\s*([0-9]{1,3})\s*(?:至|到|~|～|—|－|-)\s*([0-9]{1,3})\s*")


def _ranged(no: str) -> set[NumberKey]:
    """A row numbered 5—8 holds the numbers 5 to 8; 5-8 with a plain hyphen is rather a number of two levels."""
    m = _RANGED.fullmatch(no)
    if not m or "-" in no or not 0 < int(m[2]) - int(m[1]) < 40:
        return set()
    return {(n,) for n in range(int(m[1]), int(m[2]) + 1)}


_PARTS = re.compile(r"》\s*(?:、|和|及|与|；|;|，|\+)?\s*《|[；;\n]|(?<=[\u4e00-\u9fff）)])、(?=[\u4e00-\u9fff《“])")


def _bundled(title: str) -> tuple[str, ...]:
    """The papers that one row bundles: 《A》《B》, A；B."""
    depth, parts, start = 0, [], 0
    text = title.strip()
    for m in _PARTS.finditer(text):
        depth = text[: m.start()].count("（") - text[: m.start()].count("）") + text[: m.start()].count("(") - text[: m.start()].count(")")
        inside = text[: m.start() + 1].count("《") - text[: m.start() + 1].count("》")
        if depth or inside:
            continue
        parts.append(text[start : m.start() + (1 if m[0].startswith("》") else 0)])
        start = m.end() - (1 if m[0].endswith("《") else 0)
    parts.append(text[start:])
    return tuple(p.strip("《》 、") for p in parts if len(p.strip("《》 、")) > 3) if len(parts) > 1 else ()
