"""Draw labelled cases as other programs write them: `python bench/producers.py OUT_DIR PRODUCER[,PRODUCER…] CASE.yaml…`.

OUT_DIR/<producer>-<case>/ gets mail.eml, gold.json and the files, as render.py lays them out, so that evaluate.py reads it.
Needs soffice (odt, web, doc, xls), chromium (browser, scan, photos) and the CJK fonts of Noto.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from producer_html import browser_page, editor_page, open_document
from producer_pages import bound, plain_pdf, scanned
from producer_pieces import RENDER, Case, Piece, catalog_pieces, load, report_pieces
from producer_sheets import chinese_csv, merged_workbook
from producer_word import busy_document, suite_document

CHROMIUM = ("/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
FILTERS = MappingProxyType({"docx": "docx:MS Word 2007 XML", "doc": "doc:MS Word 97", "xls": "xls:MS Excel 97"})
Made = list[tuple[str, bytes]]
"""Suffixes and contents of the files that a document becomes."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is to be drawn: pieces, a running header, and a seed so that the same case is always drawn alike."""

    pieces: list[Piece]
    running: str
    seed: int


@dataclass(frozen=True, slots=True)
class Producer:
    """How a unit makes its report and its catalog."""

    report: Callable[[Sheet], Made]
    catalog: Callable[[Sheet], Made]


def main(out: Path, names: list[str], cases: list[Path]) -> None:
    """Draw every case by every producer named."""
    for path in cases:
        for name in names:
            _draw(out, name, load(path))


def _draw(out: Path, name: str, case: Case) -> None:
    producer, style = PRODUCERS[name], case["style"]
    kind, seed = style.get("catalog", "none"), sum(map(ord, name + case["id"]))
    case["id"] = f"{name}-{case['id']}"
    pieces = report_pieces(case)
    if kind == "appended":
        pieces += catalog_pieces(case)
    running = style.get("header") or ""
    files = _named(style["report_filename"], producer.report(Sheet(pieces, running, seed)))
    if kind == "mail-body":
        _into_body(case)
    elif kind not in ("appended", "none"):
        lines = kind == "docx-list" and producer.catalog not in (_workbook, _workbook_beside, _old_workbook, _csv)
        files += _named(style["catalog_filename"], producer.catalog(Sheet(catalog_pieces(case, lines=lines), running, seed + 1)))
    folder = out / case["id"]
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, data in files:
        (folder / file_name.replace("/", "_")).write_bytes(data)
    (folder / "mail.eml").write_bytes(RENDER.mail_bytes(case, files))
    gold = {**RENDER.gold(case), "files": [n for n, _ in files]}
    (folder / "gold.json").write_text(json.dumps(gold, ensure_ascii=False, indent=1), "utf-8")
    print(case["id"], [f"{n}:{len(b)}" for n, b in files])


def _named(file_name: str, made: Made) -> Made:
    stem = PurePosixPath(file_name).stem
    return [(f"{stem}{'' if len(made) == 1 else f'_{k:02d}'}.{suffix}", data) for k, (suffix, data) in enumerate(made, 1)]


def _into_body(case: Case) -> None:
    columns, rows = RENDER.rows_of(case)
    lines = [case["catalog"].get("title", "佐证材料目录清单"), *(RENDER.list_line(columns, row) for row in rows)]
    case["mail"]["body"] = (case["mail"].get("body") or "") + "\n" + "\n".join(lines)


def _converted(data: bytes, suffix: str, to: str, *, reader: str = "") -> Made:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"x.{suffix}").write_bytes(data)
        command = [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            FILTERS[to],
            "--outdir",
            f"{folder}/o",
        ]
        command += [f"--infilter={reader}"] if reader else []
        subprocess.run([*command, f"{folder}/x.{suffix}"], check=True, capture_output=True, timeout=180)
        return [(to, Path(folder, "o", f"x.{to}").read_bytes())]


def _printed(page: bytes, *, margins: bool) -> bytes:
    """`margins`: with the date, title, address and page numbers that a browser prints around the page."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "自查报告.html"), Path(folder, "x.pdf")
        source.write_bytes(page)
        flags = [] if margins else ["--no-pdf-header-footer"]
        command = [*CHROMIUM, *flags, f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return target.read_bytes()


def _office(sheet: Sheet) -> Made:
    return _converted(open_document(sheet.pieces), "fodt", "docx")


def _editor(sheet: Sheet) -> Made:
    return _converted(editor_page(sheet.pieces, seed=sheet.seed), "html", "docx", reader="HTML (StarWriter)")


def _old(sheet: Sheet) -> Made:
    return _converted(editor_page(sheet.pieces, seed=sheet.seed), "html", "doc", reader="HTML (StarWriter)")


def _browser(sheet: Sheet) -> Made:
    page = browser_page(sheet.pieces, running=sheet.running, ruled=sheet.seed % 2 == 0, heavy=sheet.seed % 4 != 1)
    return [("pdf", _printed(page, margins=sheet.seed % 3 != 0))]


def _plain_pdf(sheet: Sheet) -> Made:
    return [("pdf", plain_pdf(sheet.pieces, running=sheet.running))]


def _busy(sheet: Sheet) -> Made:
    return [("docx", busy_document(sheet.pieces, seed=sheet.seed))]


def _suite(sheet: Sheet) -> Made:
    return [("docx", suite_document(sheet.pieces, seed=sheet.seed))]


def _scan(sheet: Sheet) -> Made:
    return [("pdf", bound(scanned(_printed(browser_page(sheet.pieces), margins=False), seed=sheet.seed)))]


def _photos(sheet: Sheet) -> Made:
    return [("jpg", page) for page in scanned(_printed(browser_page(sheet.pieces), margins=False), seed=sheet.seed, photos=True)]


def _workbook(sheet: Sheet) -> Made:
    return [("xlsx", merged_workbook(sheet.pieces))]


def _workbook_beside(sheet: Sheet) -> Made:
    return [("xlsx", merged_workbook(sheet.pieces, beside=True))]


def _old_workbook(sheet: Sheet) -> Made:
    return _converted(merged_workbook(sheet.pieces), "xlsx", "xls")


def _csv(sheet: Sheet) -> Made:
    return [("csv", chinese_csv(sheet.pieces))]


PRODUCERS: Mapping[str, Producer] = MappingProxyType(
    {
        "odt": Producer(_office, _office),
        "web": Producer(_editor, _editor),
        "doc": Producer(_old, _old_workbook),
        "browser": Producer(_browser, _browser),
        "fpdf": Producer(_plain_pdf, _plain_pdf),
        "word": Producer(_busy, _workbook),
        "suite": Producer(_suite, _suite),
        "merged": Producer(_suite, _workbook_beside),
        "scan": Producer(_scan, _csv),
        "photos": Producer(_photos, _suite),
        "boxes": Producer(_busy, _busy),
    }
)


if __name__ == "__main__":
    main(Path(sys.argv[1]), list(PRODUCERS) if sys.argv[2] == "all" else sys.argv[2].split(","), [Path(p) for p in sys.argv[3:]])
