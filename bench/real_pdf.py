"""How much of real PDF files `zicha process FILE` holds: characters that pdfium and poppler both see, their order, and no furniture.

    python bench/real_pdf.py FILE_OR_FOLDER… [--show 5]

Furniture is text that stands at the same place on at least half of the pages (digits may count on), and page numbers; it is no part
of what must be found, and is counted where it is let through. Order is that of pdfium's lines.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
from real_files import blocks_with_pages, rising

_BLANK = re.compile(r"[\s\u200b\u00ad\ufffc\ufeff\ufffe\x00-\x1f]")
_PAGE_NUMBER = re.compile(r"[-–—·.\s]*(?:第\s*)?(?:\d{1,4}|[ivxlcIVXLC]{1,7})\s*(?:页)?(?:\s*[/／]?\s*共?\s*\d{1,4}\s*页?)?[-–—·.\s]*")
_EDGE = 0.12
"""Of the page's height, above and below: page numbers stand here."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as pdfium gives it, its top in shares of the page's height."""

    page: int
    text: str
    top: float


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("paths", nargs="+", type=Path)
    options.add_argument("--show", type=int, default=0)
    chosen = options.parse_args()
    total: Counter[str] = Counter()
    for file in _files(chosen.paths):
        seen = _measured(file, chosen.show)
        if seen:
            total += seen
            print(f"{file.name}: {_report(seen)}")
    print(f"{total['files']} files: {_report(total)}")
    return 0


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.pdf")) if path.is_dir() else [path]


def _measured(file: Path, show: int) -> Counter[str] | None:
    lines = _pdfium(file)
    if sum(len(line.text) for line in lines) < 30:
        return None
    furniture = _furniture(lines)
    body = [line for k, line in enumerate(lines) if k not in furniture]
    blocks = blocks_with_pages(file) or []
    ours = "".join(_bare(text) for _, text in blocks)
    poppler = Counter(_bare(_poppler(file)))
    theirs = Counter("".join(line.text for line in lines))
    apart = Counter("".join(lines[k].text for k in furniture))
    both = (theirs & poppler) - apart
    held = Counter(ours)
    either = theirs | poppler
    places = [ours.find(line.text) for line in body if len(line.text) >= 8 and ours.count(line.text) == 1]
    through = [lines[k] for k in furniture if _let_through(lines[k], blocks)]
    for sign, n in list((both - held).most_common(show)) if show else []:
        print(f"{file.name}: lost {sign!r} × {n}")
    for sign, n in list((held - either).most_common(show)) if show else []:
        print(f"{file.name}: added {sign!r} × {n}")
    for line in through[:show]:
        print(f"{file.name}: let through, page {line.page}: {line.text}")
    return Counter(
        files=1, true=both.total(), found=(both & held).total(), ours=held.total(), real=(held & either).total(),
        placed=len(places), ordered=rising(places), furniture=len(furniture), through=len(through),
    )  # fmt: skip


def _pdfium(file: Path) -> list[Line]:
    """Lines of all pages in the file's order, only those that are seen on the page."""
    try:
        pdf = pdfium.PdfDocument(file.read_bytes())
    except pdfium.PdfiumError:
        return []
    found = []
    for number in range(len(pdf)):
        page = pdf[number]
        words = page.get_textpage()
        height = page.get_height() or 1.0
        text = words.get_text_range()
        at = 0
        for piece in re.split(r"(\r\n|\n|\r)", text):
            bare = _bare(piece)
            if bare:
                first = next((k for k in range(at, at + len(piece)) if not text[k].isspace()), at)
                top = _top(words, first, height)
                found.append(Line(number + 1, bare, top))
            at += len(piece)
    pdf.close()
    return found


def _top(words: pdfium.PdfTextPage, index: int, height: float) -> float:
    try:
        return float(1 - words.get_charbox(index)[3] / height)
    except (pdfium.PdfiumError, IndexError):
        return 0.5


def _furniture(lines: list[Line]) -> set[int]:
    pages = {line.page for line in lines}
    places: dict[tuple[str, int], set[int]] = {}
    for line in lines:
        for shift in (0, 1):
            places.setdefault((re.sub(r"\d+", "#", line.text), int(line.top * 100 + shift / 2)), set()).add(line.page)
    found = set()
    for k, line in enumerate(lines):
        often = max(len(places[re.sub(r"\d+", "#", line.text), int(line.top * 100 + shift / 2)]) for shift in (0, 1))
        edge = line.top < _EDGE or line.top > 1 - _EDGE
        if len(pages) >= 3 and ((often * 2 >= len(pages) and edge) or (edge and _PAGE_NUMBER.fullmatch(line.text))):
            found.add(k)
    return found


def _poppler(file: Path) -> str:
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", str(file), "-"], capture_output=True, timeout=120, check=False)
    return done.stdout.decode("utf-8", "replace")


def _let_through(line: Line, blocks: list[tuple[int | None, str]]) -> bool:
    near = [_bare(text) for page, text in blocks if page in (line.page, line.page - 1)]
    if len(line.text) < 6:
        return line.text in [_bare(text) for page, text in blocks if page == line.page]
    return any(line.text in text for text in near)


def _bare(text: str) -> str:
    return _BLANK.sub("", text)


def _report(seen: Counter[str]) -> str:
    def share(part: str, of: str) -> str:
        return f"{seen[part] / seen[of]:.4f}" if seen[of] else "–"

    return (
        f"found {share('found', 'true')} of {seen['true']}, real {share('real', 'ours')}, order {share('ordered', 'placed')} of "
        f"{seen['placed']} lines, furniture let through {share('through', 'furniture')} of {seen['furniture']}"
    )


if __name__ == "__main__":
    sys.exit(main())
