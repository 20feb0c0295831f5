"""One printed line of a catalog that is a list: its number, and what of the rest is title, 文号, pages, date or note."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from extract.catalog_grammar import COUNT, DATE, HAN, ITEM, PAGES, SIGNS, fold_keeping_signs, is_item, is_remark, split_number
from extract.catalog_pattern import Pattern, take, without_leaders
from extract.catalog_words import is_evidence, is_nothing, says_kept
from extract.chinese import fold, number_key
from extract.docno import find_docnos

_BULLET = re.compile(r"^\s*[●•■◆▪◇□○※★▲➢✓√\-—·*\uf06c\uf0b7\uf06e\uf0d8]\s*(?=[\u4e00-\u9fff《〈“\"〔(])")
_OFFICE = re.compile(r"^[^《》()]{1,8}(?:科室?|处|股|办|办公室|局|中心|组|部|队|所|站|室|窗口|大厅|委|院|馆|厅)$")
_TAIL_GROUP = re.compile(r"[(〔<]([^()〔〕<>]{1,60}(?:[〔(<]\d{4}[〕)>][^()〔〕<>]{0,30})?)[)〕>]$")
_DOTS = re.compile(r"(?:…|\.{3,}|·{3,}|_{3,}|-{3,})+")
_END_OF_NAME = re.compile(
    r".*(?:通知|方案|办法|意见|制度|规定|细则|纪要|报告|总结|函|请示|批复|公告|通报|决定|机制|规程|清单|目录|名单|名册|台账|记录|要点|安排|计划|措施"
    r"|(?:统计|明细|登记|汇总|分解|一览|核对|对照)表|[》)）”])(?=..)"
)
_NAME = re.compile(
    r".*(?:通知|方案|办法|意见|制度|规定|细则|纪要|报告|总结|请示|批复|公告|通报|决定|机制|规程|清单|目录|名单|名册|台账|记录|要点|安排|计划|措施"
    r"|(?:统计|明细|登记|汇总|分解|一览|核对|对照)表)$"
)
_SPLIT_DOCNO = re.compile(r"(?<=\s)([\u4e00-\u9fff]{2,8}[发函纪呈字办监报督通告令议复])\s+((?:19|20)\d\d)\s+(\d{1,4})(?=\s|$)")
_LONGER_THAN_ISSUER = 10
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]")
_ASIDE = re.compile(r"\([^()]+\)")
_PART_OF_TITLE = re.compile(
    r"试行|暂行|(?<!电子)(?<!纸质)版|修订|讨论|征求意见|送审|[终初]稿|样|[份张册期次项]$|^[上中下一二三四五六七八九十\d]+$|〔|第.+[期号批次]"
)
_LEADING_ITEM = re.compile(rf"(?:[〔(]?{ITEM})(?=\s)\s*|[〔(]{ITEM}[〕)]\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """A line taken apart. `no` is "" where it has no number."""

    no: str
    key: tuple[int | str, ...]
    style: str
    """How its number is written (一、 （一） 1. （1） ① 1-1 附件1), "" without a number; lines of one kind share it."""
    title: str
    docno: str | None = None
    pages: str | None = None
    date: str | None = None
    remark: str | None = None
    item: str | None = None
    kept: bool = False
    other_no: str | None = None
    """A running number beside the row's own code."""

    @property
    def has_fields(self) -> bool:
        """A 文号, pages, a date or a note stood behind the title."""
        return any((self.docno, self.pages, self.date, self.remark))


def read_line(text: str, label: str = "") -> Line:
    """The parts of a printed line; `label` is an automatic number that stands before it."""
    text = without_leaders(text)
    if label.strip() and not _BULLET.match(label + "一"):
        no, rest = _trim(label), text
        inner = split_number(text) if re.fullmatch(r"\s*(?:[\d.]+|[(]?\d+[)]?)\s*[.、)]?", fold(label)) else None
        if inner and len(number_key(inner[0])) > 1 and inner[1]:  # a list number drawn before the catalog's own
            no, rest = inner
    else:
        no, rest = split_number(_BULLET.sub("", text)) or ("", _BULLET.sub("", text))
    fields = _fields(rest)
    return replace(fields, no=no, key=number_key(no), style=_style(no, label))


def read_line_by(pattern: Pattern, text: str, label: str = "") -> Line:
    """The parts of a line of a list whose rows are all written by `pattern`."""
    text = without_leaders(text)
    parts = take(pattern, text)
    no, other = (parts.code, parts.other or _trim(label) or None) if parts.code else (parts.other, None)
    if no:
        line = replace(_fields(parts.rest), no=no, key=number_key(no), style=_style(no, ""), other_no=other)
    else:
        line = read_line(parts.rest, label)
    if parts.remark:
        line = replace(line, remark=_joined(line.remark, parts.remark), kept=line.kept or says_kept(parts.remark))
    return replace(line, date=line.date or parts.date, pages=line.pages or parts.pages)


def read_fields(no: str, text: str) -> Line:
    """The parts of a line whose number is known already; `text` is what stands beside it."""
    no = _trim(no)
    return replace(_fields(without_leaders(text)), no=no, key=number_key(no), style=_style(no, ""))


def _trim(label: str) -> str:
    return re.sub(r"[\s.．、:：,，]+$", "", label.strip())


def _style(no: str, label: str) -> str:
    if not no:
        return ""
    folded = re.sub(r"\s+", "", fold_keeping_signs(no))
    shape = re.sub(rf"[{HAN}]+", "一", folded)
    shape = re.sub(r"[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ]|(?<![A-Za-z])[IVX]+(?![A-Za-z])", "Ⅰ", shape)
    shape = re.sub(f"[{SIGNS}]", "①", shape)
    shape = re.sub(r"\d+([-~至]\d+)?(?=$)|\d+", "1", shape) if not re.fullmatch(r"\d+[-~至]\d+", shape) else "1-1"
    return shape


def _fields(text: str) -> Line:
    """The title and what stands before and behind it."""
    body = _SPLIT_DOCNO.sub(r"\1〔\2〕\3号", text.strip().rstrip("；;。，,、 "))
    body = _DOTS.sub("\t", body) if _DOTS.search(fold(body)) and re.search(r"\d\s*$|页$", body) else without_leaders(body)
    body, item = _leading_item(body)
    line = Line("", (), "", "", item=item)
    titles: list[str] = []
    for field in re.split(r"[\s|｜]+", body):
        line, rest = _sorted(line, field, first=not titles)
        if rest:
            line = _add_title(line, titles, rest)
    title = " ".join(titles)
    line, title = _cut_tail(line, title)
    if not line.docno:
        line = replace(line, docno="；".join(d.text for d in find_docnos(title)) or None)
    return replace(line, title=title or (line.remark or line.docno or ""))


def _leading_item(text: str) -> tuple[str, str | None]:
    m = _LEADING_ITEM.match(fold(text))
    if m and len(text) - m.end() >= 3 and not re.match(r"\s*[〔(]\d{4}", fold(text[m.end() :])):
        return text[m.end() :], text[: m.end()].strip().strip("【】[]〔〕")
    return text, None


def _sorted(line: Line, field: str, *, first: bool) -> tuple[Line, str]:
    """`line` with `field` put where it belongs, or the field itself if it belongs to the title."""
    bare = field.strip("；;，,。、")
    folded = fold(bare)
    inner = folded[1:-1] if re.fullmatch(r"[(〔<].*[)〕>]", folded) and not find_docnos(bare) else folded
    if is_nothing(bare):
        return line, ""
    if not first and not find_docnos(bare) and _ASIDE.fullmatch(folded) and not _PART_OF_TITLE.search(inner):
        if PAGES.fullmatch(inner) and not DATE.fullmatch(inner):
            return replace(line, pages=line.pages or bare), ""
        return replace(line, remark=_joined(line.remark, bare), kept=line.kept or says_kept(bare)), ""
    if _is_docno(bare):
        return replace(line, docno=_joined(line.docno, bare.strip("（）()"))), ""
    if is_item(inner) and not line.item and not re.fullmatch(r"[1-9]\.\d+", inner):
        return replace(line, item=bare.strip("【】")), ""
    if not first and PAGES.fullmatch(inner) and not re.fullmatch(r"(?:19|20)\d\d", inner):
        return replace(line, pages=line.pages or bare), ""
    if not first and DATE.fullmatch(inner):
        return replace(line, date=line.date or bare), ""
    noted = is_remark(inner) and not (first and len(_HAN_RUN.findall(bare)) >= 4)
    if noted or (not first and (_OFFICE.match(inner) or COUNT.fullmatch(inner))):
        return replace(line, remark=_joined(line.remark, bare), kept=line.kept or says_kept(bare)), ""
    return line, field


def _add_title(line: Line, titles: list[str], field: str) -> Line:
    more = len(field) >= 2 and is_evidence(field) and not field.endswith(("材料", "资料", "文件", "附后"))
    if titles and is_evidence(titles[-1]) and not more and not re.match(r"[《(（和及与、“\"]", field) and not _open(titles[-1]):
        return replace(line, remark=_joined(line.remark, field), kept=line.kept or says_kept(field))
    titles.append(field)
    return line


def _open(text: str) -> bool:
    folded = fold(text)
    return any(folded.count(a) > folded.count(b) for a, b in ("《》", "()", "〔〕"))


def _is_docno(text: str) -> bool:
    found = find_docnos(text)
    if not found:
        return bool(re.fullmatch(r"[(]?第\s*\d+\s*[号期][)]?", fold(text)))
    if len(found) == 1 and _issuer_start(text, found[0].start) > found[0].start:
        return False
    rest = text
    for docno in reversed(found):
        rest = rest[: docno.start] + rest[docno.end :]
    return len(_HAN_RUN.findall(rest)) <= 1


def _cut_tail(line: Line, title: str) -> tuple[Line, str]:
    """Take 文号 and notes off the end of `title`, however they are attached: （…）, ，…, or without any sign."""
    while True:
        shorter, line = _without_group(line, title)
        if shorter == title:
            shorter, line = _without_clause(line, title)
        if shorter == title:
            shorter, line = _without_docno(line, title)
        if shorter == title or not shorter:
            return line, title
        title = shorter.rstrip("；;，,、 ：:—－-").rstrip()


def _without_group(line: Line, title: str) -> tuple[str, Line]:
    m = _TAIL_GROUP.search(fold(title))
    if not m or m.start() < 3:
        return title, line
    inner = title[m.start(1) : m.end(1)]
    found = find_docnos(inner)
    if found and find_docnos(title[: m.start()]):
        return title, line  # several records with a 文号 each: a bundle stays together
    if found and ("《" not in inner) and not re.search(r"修订|调整|废止|代替|转发", inner):
        docno = inner[found[0].start : found[-1].end]
        return title[: m.start()], replace(line, docno=_joined(line.docno, docno))
    if is_remark(fold(inner)) or re.fullmatch(r"第\s*\d+.*页|p\.?\s*\d+.*|\d+\s*[-~至]\s*\d+\s*页|共?\d+页", fold(inner), re.I):
        if re.search(r"页|^[pP第]", inner):
            return title[: m.start()], replace(line, pages=line.pages or inner)
        if not re.fullmatch(r"草案|副本|正本|摘要|节选|摘录", inner):
            return title[: m.start()], replace(line, remark=_joined(line.remark, inner), kept=line.kept or says_kept(inner))
    return title, line


def _without_clause(line: Line, title: str) -> tuple[str, Line]:
    m = re.search(r"^(?P<head>.{3,}?)(?:[,;]|--+)(?P<tail>[^,;]+)$", fold(title))
    if not m or _open(title[: m.end("head")]):
        return title, line
    tail = title[m.start("tail") : m.end("tail")].strip()
    if "《" in tail:
        return title, line
    sorted_line, rest = _sorted(line, tail, first=False)
    return (title, line) if rest else (title[: m.end("head")], sorted_line)


def _without_docno(line: Line, title: str) -> tuple[str, Line]:
    found = find_docnos(title)
    if not found:
        return title, line
    first = found[0]
    start = _issuer_start(title, first.start)
    if start < 2:
        return title, line
    tail = title[found[-1].end :].strip("）)，,；; ")
    between = title[first.start : found[-1].end]
    if "《" in between or re.search(r"[的》]$", title[found[-1].end :]) or is_evidence(tail) or len(tail) > 24:
        return title, line
    line = replace(line, docno=_joined(line.docno, title[start : found[-1].end]))
    if tail:
        line = replace(line, remark=_joined(line.remark, tail), kept=line.kept or says_kept(tail))
    return title[:start].rstrip("（( "), line


def _issuer_start(title: str, start: int) -> int:
    """Where the 文号 begins if nothing but the end of a title (…通知双政发〔2017〕3号) tells it from its 机关代字."""
    bracket = re.search(r"[〔(<](?=(?:19|20)\d\d)", fold(title[start:]))
    head = title[: start + bracket.start()] if bracket else title[:start]
    if bracket and len(head) >= _LONGER_THAN_ISSUER and _NAME.match(head):
        return len(head)
    m = _END_OF_NAME.match(head)
    return max(start, m.end()) if m and m.end() > start else start


def _joined(old: str | None, new: str) -> str:
    return f"{old}；{new}" if old and new not in old else new
