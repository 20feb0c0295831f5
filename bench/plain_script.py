"""The obvious day's script, to compare with: `python bench/plain_script.py MAIL` prints a worksheet of the same form.

python-docx, pdfplumber and openpyxl for the text, regular expressions for headings and titles, rapidfuzz with thresholds for the
rest. It is as good as one makes such a script in a day, and is not part of the product: no scans, no automatic numbers, no guards.
"""

from __future__ import annotations

import email
import email.policy
import email.utils
import io
import json
import re
import sys
import tomllib
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pdfplumber
from docx.table import Table
from rapidfuzz import fuzz, process

RULES = Path(__file__).resolve().parent.parent / "scoring" / "rubrics" / "shuangyashan-2017"
RUBRIC = tomllib.loads((RULES / "rubric.toml").read_text("utf-8"))
UNITS = tomllib.loads((RULES / "roster.toml").read_text("utf-8"))["units"]
SECTIONS = {k: s["name"] for k, s in enumerate(RUBRIC["sections"], 1)}
ITEMS = {f"{k}.{n}": i["name"] for k, s in enumerate(RUBRIC["sections"], 1) for n, i in enumerate(s["items"], 1)}
DEADLINE = datetime(2018, 1, 21, tzinfo=timezone(timedelta(hours=8)))
HEADING = re.compile(r"^\s*(?:第?[一二三四五六七八九十]+(?:部分|、|．|\.))\s*(.{2,40})$")
SUBHEADING = re.compile(r"^\s*(?:[（(][一二三四五六七八九十]+[）)]|\d{1,2}[.、．])\s*(.{2,30})$")
CLOSING = re.compile(r"问题|不足|打算|下一步|计划")
CLAIM = re.compile(
    r"《[^《》]{3,80}》(?:[（(【\[][^（）()]{2,20}?[〔\[(（]\d{4}[〕\])）]\s*\d+号[）)】\]])?|(?:附件|佐证材料|佐证)第?\d+(?:-\d+)?(?:项|号)?"
)
DOCNO = re.compile(r"[\u4e00-\u9fff]{2,10}[〔\[(（﹝]\d{4}[〕\])）﹞]第?\d+号")
BASIS = re.compile(r"(?:根据|按照|依据|贯彻|落实|对照|学习)$")
MATCHED, UNSURE, SAME_SECTION, SAME_ITEM = 85, 70, 60, 65
Json = dict[str, Any]
Rows = list[list[str]]


def main(path: Path) -> Json:
    """The worksheet of one mail."""
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    files = [(name_of(p), p.get_payload(decode=True) or b"") for p in mail.iter_attachments()]
    read = [(name, *text_of(name, data)) for name, data in files]
    is_catalog = [bool(re.search("目录|清单", name)) or name.endswith("xlsx") for name, _, _ in read]
    report = max((r for r, c in zip(read, is_catalog, strict=True) if not c), key=lambda r: len("".join(r[1])), default=("", [], []))
    sources = [rows for (_, _, rows), c in zip(read, is_catalog, strict=True) if c] or [report[2]]
    catalog = [row for rows in sources for row in catalog_rows(rows)]
    blocks = segmented(report[1])
    claims = [c for k, b in enumerate(blocks) for c in claims_of(k, b)]
    for k, claim in enumerate(claims):
        claim |= {"id": f"k{k}", **link(claim, catalog)}
    cited = {c for claim in claims if claim["status"] == "matched" for c in claim["catalog"]}
    for row in catalog:
        row["status"] = "claimed" if row["id"] in cited else "unclaimed"
    return {
        "format": "zicha.worksheet/1",
        "unit": {"name": unit_of(" ".join([str(mail["Subject"]), *(n for n, _ in files), *report[1][:3], *report[1][-3:]]))},
        "submission": {"late": email.utils.parsedate_to_datetime(str(mail["Date"])) >= DEADLINE},
        "blocks": blocks,
        "claims": claims,
        "catalog": catalog,
        "gaps": gaps(blocks, claims, catalog),
        "score": None,
    }


def name_of(part: EmailMessage) -> str:
    """The file name, also where it came as raw GBK."""
    name = part.get_filename() or ""
    return name.encode("utf-8", "surrogateescape").decode("gb18030", "replace") if "\udc80" <= max(name, default="") <= "\udcff" else name


def text_of(name: str, data: bytes) -> tuple[list[str], Rows]:
    """Paragraphs and table rows of a file; a file that cannot be read has neither."""
    try:
        if name.endswith("docx"):
            return word(data)
        if name.endswith("pdf"):
            return pdf(data)
        if name.endswith("xlsx"):
            book = openpyxl.load_workbook(io.BytesIO(data))
            return [], [["" if v is None else str(v) for v in row] for sheet in book for row in sheet.iter_rows(values_only=True)]
    except Exception as error:  # noqa: BLE001 - a day's script goes on
        print(f"{name}: {error}", file=sys.stderr)
    return [], []


def word(data: bytes) -> tuple[list[str], Rows]:
    """Paragraphs in order with the cells of tables between them."""
    texts: list[str] = []
    rows: Rows = []
    for part in docx.Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(part, Table):
            cells = [[c.text for c in row.cells] for row in part.rows]
            rows += cells
            texts += [line for row in cells for cell in dict.fromkeys(row) for line in cell.split("\n") if line.strip()]
        elif part.text.strip():
            texts.append(part.text)
    return texts, rows


def pdf(data: bytes) -> tuple[list[str], Rows]:
    """Lines joined until one ends with a full stop or looks like a heading; tables as pdfplumber sees them."""
    texts: list[str] = []
    rows: Rows = []
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            rows += [[c or "" for c in row] for table in page.extract_tables() for row in table]
            for line in (page.extract_text() or "").split("\n"):
                fresh = not texts or texts[-1].endswith(("。", "；")) or HEADING.match(line) or HEADING.match(texts[-1])
                texts[len(texts) if fresh else -1 :] = [line if fresh else texts[-1] + line]
    return texts, rows


def unit_of(text: str) -> str | None:
    """The unit whose longest spelling occurs, or the most alike."""
    spellings = {s: u["name"] for u in UNITS for s in (u["name"], u["full"], *u["short"])}
    found = [s for s in spellings if s in text]
    if found:
        return spellings[max(found, key=len)]
    best = process.extractOne(text, list(spellings), scorer=fuzz.partial_ratio, score_cutoff=80)
    return spellings[best[0]] if best else None


def segmented(texts: list[str]) -> list[Json]:
    """Every paragraph with the section and item of the last heading that was like one of the rubric's."""
    section, item, blocks = 0, None, []
    for k, text in enumerate(texts):
        if heading := HEADING.match(text):
            best = process.extractOne(heading[1], SECTIONS, scorer=fuzz.partial_ratio)
            section = 0 if CLOSING.search(text) else best[2] if best[1] >= SAME_SECTION else section
            item = None
        elif section and (heading := SUBHEADING.match(text)):
            own = {n: t for n, t in ITEMS.items() if n.startswith(f"{section}.")}
            best = process.extractOne(heading[1], own, scorer=fuzz.partial_ratio)
            item = best[2] if best[1] >= SAME_ITEM else None
        blocks.append({"file": 0, "page": None, "paragraph": k + 1, "kind": "paragraph", "text": text, "section": section, "item": item})
    return blocks


def claims_of(k: int, block: Json) -> list[Json]:
    """Titles in 《》 and numbered references, except what is cited as a basis."""
    about = {"section": block["section"], "item": block["item"]}
    found = [m for m in CLAIM.finditer(block["text"]) if not BASIS.search(block["text"][: m.start()])]
    return [{"block": k, "span": list(m.span()), "text": m[0], "docno": (DOCNO.search(m[0]) or [None])[0], **about} for m in found]


def catalog_rows(rows: Rows) -> list[Json]:
    """Rows with a number and a title: the longest cell is the title."""
    out: list[Json] = []
    for row in rows:
        cells = [c.strip() for c in row]
        title = max(cells, key=len, default="")
        if len(cells) > 1 and re.fullmatch(r"[\dA-Za-z.\-]{1,8}", cells[0]) and len(title) > 3:
            docno = next((c for c in cells if c != title and DOCNO.search(c)), None)
            out.append({"id": f"c{len(out)}-{id(row)}", "no": cells[0], "group": None, "item": None, "title": title, "docno": docno})
    return out


def link(claim: Json, catalog: list[Json]) -> Json:
    """By number, by 文号, or by how alike the titles are."""
    if number := re.search(r"(\d+(?:-\d+)?)(?:项|号)?$", claim["text"] if claim["text"][0] != "《" else ""):
        rows = [r["id"] for r in catalog if r["no"] == number[1]]
        return {"status": "matched" if rows else "missing", "catalog": rows[:1]}
    same = [r["id"] for r in catalog if claim["docno"] and r["docno"] == claim["docno"]]
    best = process.extractOne(claim["text"].split("》")[0].strip("《"), [r["title"] for r in catalog], scorer=fuzz.ratio)
    if same or (best and best[1] >= MATCHED):
        return {"status": "matched", "catalog": same[:1] or [catalog[best[2]]["id"]]}
    return (
        {"status": "uncertain", "catalog": [catalog[best[2]]["id"]]} if best and best[1] >= UNSURE else {"status": "missing", "catalog": []}
    )


def gaps(blocks: list[Json], claims: list[Json], catalog: list[Json]) -> list[Json]:
    """Items without a claim, sections without a paragraph."""
    spoken, shown = {b["section"] for b in blocks}, {c["item"] for c in claims}
    items = [i for i in ITEMS if i not in shown and not i.startswith("7") and i != "1.2"]
    return [{"kind": "item_without_evidence", "section": int(i[0]), "item": i} for i in items] + [
        {"kind": "section_missing", "section": s, "item": None} for s in SECTIONS if s not in spoken
    ]


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), ensure_ascii=False))
