"""One printed line of a catalog that is a list: its number, and what of the rest is title, 文号, pages, date or note."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from extract.catalog_words import is_evidence, is_nothing, plain, says_kept
from extract.chinese import fold, number_key
from extract.docno import find_docnos

_HAN = "一二三四五六七八九十百"
_SIGNS = "①-⑳㈠-㈩⑴-⒇⒈-⒛㉑-㉟㊀-㊉❶-❿"
_ATOM = rf"""(?: \d{{1,4}}+(?!\s*(?:年|月|日|号(?!\s|[、.:：-])|期|份|个|项|季度|批|次|级|版|%|家|类|条)) | [{_HAN}]{{1,4}}+(?![个份是项批期次件届份家类月季]) | [ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ]
    | [IVX]{{1,4}}+(?![A-Za-z]) | [A-Za-z](?![A-Za-z]) | [{_SIGNS}] | \([\d{_HAN}A-Za-z]{{1,4}}\) | 〔[\d{_HAN}]{{1,4}}(?:-\d{{1,3}})*〕 )"""
_PREFIX = rf"""(?:附件|附表|附图|附录|附|佐证材料|佐证|证明材料|支撑材料|证据材料|证据|材料|资料|文件|图|表|证|案卷|卷宗|分卷|档案盒|档号|编号|序号|目录|
    第(?=\s*[\d{_HAN}IVXⅠ-Ⅻ①-⑳]{{1,4}}\s*[卷盒册号项件]) | [A-Za-z]{{1,3}}(?=[-.]?\d) | no\.?|№ | [盒卷册袋夹](?=\s*[\d{_HAN}①-⑳ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]) )\s*[::]?\s*"""
_JOIN = r"(?:\s?(?:[-~至/·_]|\.(?!\s*[(〔]))\s?|\s?[卷盒册]\s?[-.第]?\s?)"
_CORE = rf"(?:{_PREFIX})?{_ATOM}(?:(?:{_JOIN})?(?:[盒卷册号件](?=\d))?{_ATOM})*[卷盒册号件项#]?"
_NUMBER = re.compile(rf"\s*(?P<no>{_CORE})(?P<end>\s*(?:[、:)〉>]|\.(?!\d)|\.(?=\d{{1,4}}\s*[年月日项个份条类家次批]|\d{{5}}))\s*|\s+|(?=[《〈<(\"“〔\u4e00-\u9fff]))", re.X | re.I)
_SIGN = re.compile(f"[{_SIGNS}]")
_BULLET = re.compile(r"^\s*[●•■◆▪◇□○※★▲➢✓√\-—·*\uf06c\uf0b7\uf06e\uf0d8]\s*(?=[\u4e00-\u9fff《〈“\"〔(])")
_ENDS_ITSELF = re.compile(rf"[)〕{_SIGNS}]$|\d[卷盒册号件项#]$")
_ITEM = re.compile(
    rf"(?:对应)?(?:考核)?(?:条目|条款|指标)?[::]?[(〔<]?(?:\((?:[{_HAN}]{{1,2}}|\d)\)\s*[-.、]?\s*(?:\(?\d{{1,2}}\)?|[①-⑳])[.、]?|(?:第?[{_HAN}]{{1,2}}[、.]?|第[{_HAN}\d]部分)第?\(?[\d{_HAN}]{{1,2}}\)?[条项]?|[1-9]\.\d{{1,2}}|\((?:[{_HAN}]{{1,2}})\))[)〕>]?"
)
_PAGES = re.compile(r"(?:第|p\.?|pp\.?|页码?:?)?\s*\d{1,4}\s*(?:[-~至/]\s*p?\.?\s*\d{1,4})?\s*页?|(?:共|计)?\s*\d{1,4}\s*页", re.I)
_COUNT = re.compile(rf"(?:共|计|各)?[\d{_HAN}两]{{1,4}}[份册本张套卷件幅组盒袋]|(?:共|计)[\d{_HAN}两]{{1,4}}[页项期]")
_DATE = re.compile(r"(?:19|20)\d\d\s*[年./-]\s*(?:\d{1,2}\s*[月./-]?\s*(?:\d{1,2}\s*日?)?)?(?:印发|发布|制定|形成)?|(?:19|20)\d\d\s*年?\s*[-~至]\s*(?:(?:19|20)\d\d\s*年?|\d{1,2}\s*月)|\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?|(?:19|20)\d\d")
_ADDRESS = re.compile(
    r"https?:|ftp:|www\.|[a-z]:[\\/]|^[a-z0-9.-]+\.(?:gov|com|cn|org|net)\b|\.(?:docx?|pdf|xlsx?|jpe?g|png|zip|rar|mp4|pptx?)$|^(?:网址|地址|链接|路径|存放|存于|位于|存|放|见|详见|参见|来源|载于|登载|刊于)(?!证).*",
    re.I,
)
_REMARK = re.compile(
    r"^(?:复印件?|影印件|原件|扫描件?|电子(?:版|件|档)?|纸质(?:版|件)?|摘录|节选|摘要|节录|打印件|(?:已)?(?:加)?盖章.*|(?:正|副)本|草案|(?:已|未|待)[^。]{1,8}|保密|涉密.*|不公开|内部.*|"
    r"原件.{0,8}|备查.*|留存.*|现场.*|查验.*|另附.*|附后|同上|合订本?|合并装订|单独装订|(?:备注|注|说明|责任科室|承办科室|提供单位|形成时间|文号|页码|页数|份数)[::].*)$"
)
_OFFICE = re.compile(r"^[^《》()]{1,8}(?:科室?|处|股|办|办公室|局|中心|组|部|队|所|站|室|窗口|大厅|委|院|馆|厅)$")
_TAIL_GROUP = re.compile(r"[(〔<]([^()〔〕<>]{1,60}(?:[〔(<]\d{4}[〕)>][^()〔〕<>]{0,30})?)[)〕>]$")
_DOTS = re.compile(r"(?:…|\.{3,}|·{3,}|_{3,}|-{3,})+")

Kind = str


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

    @property
    def has_fields(self) -> bool:
        """A 文号, pages, a date or a note stood behind the title."""
        return any((self.docno, self.pages, self.date, self.remark))


def read_line(text: str, label: str = "") -> Line:
    """The parts of a printed line; `label` is an automatic number that stands before it."""
    if label.strip() and not _BULLET.match(label + "一"):
        no, rest = _trim(label), text
        inner = split_number(text) if re.fullmatch(r"\s*(?:[\d.]+|[(]?\d+[)]?)\s*[.、)]?", fold(label)) else None
        if inner and len(number_key(inner[0])) > 1 and inner[1]:  # a list number drawn before the catalog's own
            no, rest = inner
    else:
        no, rest = split_number(_BULLET.sub("", text)) or ("", _BULLET.sub("", text))
    fields = _fields(rest)
    return replace(fields, no=no, key=number_key(no), style=_style(no, label))


def split_number(text: str) -> tuple[str, str] | None:
    """The number that `text` starts with and the rest; None if it starts with none."""
    folded = _fold(text)
    m = _NUMBER.match(folded)
    if m is None:
        return None
    no = text[m.start("no") : m.end("no")]
    rest = text[m.end() :]
    if not m["end"] and not (_ENDS_ITSELF.search(m["no"]) or len(number_key(no)) > 1 or re.match(r"附|证|佐证|材料|卷|盒", m["no"])):
        return None
    if not rest.strip() or re.match(r"\s*[〔(]\d{4}[〕)]", fold(rest)):
        return None
    return no.strip(), rest


def _fold(text: str) -> str:
    """Folded, but ① stays what it is: it needs no dot behind it to be a number."""
    return "".join(c if _SIGN.match(c) else fold(c) for c in text)


def _trim(label: str) -> str:
    return re.sub(r"[\s.．、:：,，]+$", "", label.strip())


def _style(no: str, label: str) -> str:
    if not no:
        return ""
    folded = re.sub(r"\s+", "", _fold(no))
    shape = re.sub(rf"[{_HAN}]+", "一", folded)
    shape = re.sub(r"[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ]|(?<![A-Za-z])[IVX]+(?![A-Za-z])", "Ⅰ", shape)
    shape = re.sub(f"[{_SIGNS}]", "①", shape)
    shape = re.sub(r"\d+([-~至]\d+)?(?=$)|\d+", "1", shape) if not re.fullmatch(r"\d+[-~至]\d+", shape) else "1-1"
    return shape


def _fields(text: str) -> Line:
    """The title and what stands before and behind it."""
    body = text.strip().rstrip("；;。，,、 ")
    body = _DOTS.sub("\t", body) if _DOTS.search(fold(body)) and re.search(r"\d\s*$|页$", body) else body
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
    m = re.match(rf"(?:[〔(]?{_ITEM.pattern})(?=\s)\s*|[〔(]{_ITEM.pattern}[〕)]\s*", fold(text))
    if m and len(text) - m.end() >= 3 and not re.match(r"\s*[〔(]?\d{4}", text[m.end() :]):
        return text[m.end() :], text[: m.end()].strip().strip("【】[]〔〕")
    return text, None


def _sorted(line: Line, field: str, *, first: bool) -> tuple[Line, str]:
    """`line` with `field` put where it belongs, or the field itself if it belongs to the title."""
    bare = field.strip("；;，,。、")
    folded = fold(bare)
    inner = folded[1:-1] if re.fullmatch(r"[(〔<].*[)〕>]", folded) and not find_docnos(bare) else folded
    if is_nothing(bare):
        return line, ""
    if _is_docno(bare):
        return replace(line, docno=_joined(line.docno, bare.strip("（）()"))), ""
    if _ITEM.fullmatch(inner) and not line.item and not re.fullmatch(r"[1-9]\.\d+", inner):
        return replace(line, item=bare.strip("【】")), ""
    if not first and _PAGES.fullmatch(inner) and not re.fullmatch(r"(?:19|20)\d\d", inner):
        return replace(line, pages=line.pages or bare), ""
    if not first and _DATE.fullmatch(inner):
        return replace(line, date=line.date or bare), ""
    if _is_remark(inner) or (not first and _OFFICE.match(inner)) or (not first and _COUNT.fullmatch(inner)):
        return replace(line, remark=_joined(line.remark, bare), kept=line.kept or says_kept(bare)), ""
    return line, field


def _add_title(line: Line, titles: list[str], field: str) -> Line:
    if titles and is_evidence(titles[-1]) and not re.match(r"[《(（和及与、“\"]", field) and not _open(titles[-1]):
        return replace(line, remark=_joined(line.remark, field), kept=line.kept or says_kept(field))
    titles.append(field)
    return line


def _open(text: str) -> bool:
    folded = fold(text)
    return any(folded.count(a) > folded.count(b) for a, b in ("《》", "()", "〔〕"))


def _is_remark(folded: str) -> bool:
    return bool(_REMARK.match(folded) or _ADDRESS.search(folded))


def _is_docno(text: str) -> bool:
    found = find_docnos(text)
    if not found:
        return bool(re.fullmatch(r"[(]?第\s*\d+\s*[号期][)]?", fold(text)))
    covered = sum(d.end - d.start for d in found)
    return covered >= len(plain(text)) - 4 - len(found) and "《" not in text


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
    if _is_remark(fold(inner)) or re.fullmatch(r"(?:第|p\.?)\s*\d+.*页?|\d+\s*[-~至]\s*\d+\s*页|共?\d+页", fold(inner), re.I):
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
    m = re.search(r".*(?:通知|方案|办法|意见|制度|规定|细则|纪要|报告|总结|函|请示|批复|公告|通报|决定|机制|规程|[》)）”])", title[: title.find("〔", start) if "〔" in title[start:] else None])
    return max(start, m.end()) if m and m.end() > start else start


def _joined(old: str | None, new: str) -> str:
    return f"{old}；{new}" if old and new not in old else new


def looks_like_number(text: str) -> bool:
    """True for the number of a row and nothing else: 3, 1-2, 卷①-3, 附件4, （一）1-1."""
    folded = _fold(text.strip())
    m = _NUMBER.match(folded + " 一览")
    return bool(m) and m is not None and m.end("no") >= len(folded.rstrip(".、:)")) and len(folded) <= 16


def looks_like_item(text: str) -> bool:
    """True for 考核条目 in a form of its own: （一）1, 一、1, 1.1."""
    return bool(_ITEM.fullmatch(plain(text)))


def looks_like_pages(text: str) -> bool:
    """True for pages: 3, 12-15, 第3页, P3."""
    return bool(_PAGES.fullmatch(plain(text)))
