"""Which role a file has in a submission: report, catalog, evidence or something else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extract.catalog import Catalog
from extract.chinese import key, tidy
from extract.model import Document, Paragraph, paragraphs
from scoring.rubric import Rubric
from scoring.worksheet import Role

LIKELY_CATALOG = 0.5
"""Confidence from which on a catalog is taken for one."""
SHORT = 120
"""Characters of prose below which a file reports nothing."""
_REPORT = re.compile(r"自查|自评|自检|考核报告|工作报告|情况报告|工作总结|总结|汇报|情况的报告|考核材料")
_STRONG_REPORT = re.compile(r"自查(?:情况|工作)?的?(?:报告|表|总结|情况)|自查自评|自评报告|考核自查")
_CATALOG = re.compile(r"目录|清单|佐证|索引|一览表|台账")
_OWN_CATALOG = re.compile(r"佐证材料|材料目录|目录清单|证明材料目录|考核材料目录|佐证目录")
_DRAFT = re.compile(r"草稿|初稿|征求意见|讨论稿|送审稿|修改稿|样稿|模板|范本")
_FINAL = re.compile(r"定稿|终稿|最终|正式|盖章|签发|报送稿")
_NOTICE_ADDRESS = re.compile(r"各(?:县[、,，]?区|乡[、,，]?镇)人民政府(?:[、,，]各?街道办事处)?[,，]?(?:[市县区]政府直属|[市县区]直各)")
"""How a notice that goes to all units begins."""
_SUBJECT = re.compile(
    r"互联网|政务服务|行政审批|网上审批|标准化|电子监察|预审|办事指南|问卷|满意度|曝光|信息系统|信息资源|并联|许可|领导小组|考核"
)
_YEAR = re.compile(r"20\d\d(?=年|度|[^\d]|$)|二[〇○零]一[一二三四五六七八九]")


def role_of(name: str, document: Document | None, catalog: Catalog | None, rubric: Rubric) -> Role:
    """The role of a file from its name, its text and the catalog that was found in it, if any.

    `document` None (it could not be read): the name alone decides.
    """
    stem = re.sub(r"\.\w{1,5}$", "", name.rsplit("/", 1)[-1])
    if document is None:
        return _by_name(stem)
    if is_notice(document, rubric):
        return "other"
    titles = title_lines(document)
    prose = _prose(document, catalog)
    found = catalog is not None and catalog.confidence >= LIKELY_CATALOG
    if any(_STRONG_REPORT.search(t) for t in (*titles, stem)) and _outside(document, catalog) >= SHORT and not _covers(catalog, document):
        return "report"
    reported = any(_REPORT.search(t) for t in (*titles, stem))
    listed = any(_OWN_CATALOG.search(t) for t in (*titles, stem))
    if found and (prose < SHORT or (listed and not any(_STRONG_REPORT.search(t) for t in titles) and _covers(catalog, document))):
        return "catalog"
    if _reports(document, prose, titles, stem, rubric, reported):
        return "report"
    if catalog is not None and listed and catalog.rows:
        return "catalog"
    return "evidence" if any(_SUBJECT.search(t) for t in (*titles, stem)) or re.match(r"附件|佐证|材料", stem) else "other"


def calls_itself_report(name: str, document: Document) -> bool:
    """Whether file name or title say 自查报告 and neither says catalog: then no list inside makes it one."""
    lines = (*title_lines(document), re.sub(r"\.\w{1,5}$", "", name.rsplit("/", 1)[-1]))
    return any(_STRONG_REPORT.search(t) for t in lines) and not any(_CATALOG.search(t) for t in lines)


def rank_reports(files: Sequence[tuple[str, Document]], rubric: Rubric) -> list[int]:
    """Indexes of several reports of one unit, the one to use first: right year, final, fuller, text before scan."""

    def worth(k: int) -> tuple[bool, int, bool, int, int]:
        name, document = files[k]
        head = " ".join((name, *title_lines(document)))
        state = 1 if _FINAL.search(head) else -1 if _DRAFT.search(head) else 0
        addressed = _addressed(document, rubric)
        return _right_year(head, rubric.year), state, not document.ocr, addressed, len(document.text)

    return sorted(range(len(files)), key=worth, reverse=True)


def is_notice(document: Document, rubric: Rubric) -> bool:
    """Whether it is the notice or the rubric itself, sent back along with the report."""
    text = document.text
    if _NOTICE_ADDRESS.search(re.sub(r"\s", "", text)):
        return True
    plain = key(text)
    clauses = [key(c.text) for i in rubric.items for c in i.clauses if len(c.text) > 12]
    copied = sum(c in plain for c in clauses)
    titled = any(key(d.title) == key(t) for d in rubric.documents for t in title_lines(document))
    spoken = re.search(r"我[县区局委办处站乡镇街]|自评|自查得分", text)
    return (titled and copied > len(clauses) // 4) or (copied > len(clauses) // 2 and not spoken)


def title_lines(document: Document) -> tuple[str, ...]:
    """The short lines a document begins with: its title, perhaps on two lines."""
    lines: list[str] = []
    seen = 0
    for p in paragraphs(document.elements):
        for text in (tidy(t) for t in p.full.split("\n") if t.strip()):
            seen += 1
            if seen > 6 or len(text) > 70 or re.search(r"[。；]$|[：:]$", text) or re.match(r"[一1][、.．]|[（(]一", text):
                return _joined(lines)
            lines.append(text)
    return _joined(lines)


def _joined(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines, and the first two as one where a title is broken over them."""
    return (*lines, lines[0] + lines[1]) if len(lines) > 1 and len(lines[0]) + len(lines[1]) <= 70 else tuple(lines)


def _reports(document: Document, prose: int, titles: Sequence[str], stem: str, rubric: Rubric, reported: bool) -> bool:
    strong = any(_STRONG_REPORT.search(t) for t in (*titles, stem))
    if strong and (prose >= SHORT or len(document.text) >= 2 * SHORT or document.ocr):
        return True
    addressed = _addressed(document, rubric)
    return (reported and addressed >= 2 and prose >= SHORT) or (addressed >= max(3, len(rubric.sections) // 2) and prose >= 3 * SHORT)


def _addressed(document: Document, rubric: Rubric) -> int:
    """How many sections of the rubric are touched by their own strong words, or their headings where there are none."""
    words = rubric.tables.get("words.toml", {}).get("sections", {})
    plain = key(document.text)
    told = (words.get(str(s.number), {}).get("strong", s.headings) for s in rubric.sections)
    return sum(any(key(w) in plain for w in strong if "&" not in w) for strong in told)


def _prose(document: Document, catalog: Catalog | None) -> int:
    """Characters of sentences outside the catalog."""
    inside = range(catalog.start, catalog.end) if catalog is not None else range(0)
    total = 0
    for k, element in enumerate(document.elements):
        if k in inside:
            continue
        for p in [element] if isinstance(element, Paragraph) else paragraphs((element,)):
            total += len(p.text) if len(p.text) > 25 and re.search(r"[，。；]", p.text) else 0
    return total


def _outside(document: Document, catalog: Catalog | None) -> int:
    """Characters of all text outside the catalog, titles left out."""
    inside = range(catalog.start, catalog.end) if catalog is not None else range(0)
    rest = (e for k, e in enumerate(document.elements) if k not in inside)
    return sum(len(p.text) for p in list(paragraphs(tuple(rest)))[2:])


def _covers(catalog: Catalog | None, document: Document) -> bool:
    """Whether the catalog is most of the document."""
    if catalog is None:
        return False
    inside = sum(len(p.text) for p in paragraphs(document.elements[catalog.start : catalog.end]))
    return inside >= 0.5 * max(1, len(document.text))


def _right_year(head: str, year: int) -> bool:
    years = {int(y) for y in _YEAR.findall(head) if y.isdigit()}
    return not years or year in years


def _by_name(stem: str) -> Role:
    if _CATALOG.search(stem) and not _STRONG_REPORT.search(stem):
        return "catalog"
    return "report" if _REPORT.search(stem) else "evidence" if _SUBJECT.search(stem) else "other"
