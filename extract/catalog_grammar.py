"""The small grammars of a catalog's line: numbers of rows (Ⅲ-1-2-①, 盒3-05), 考核条目, pages, counts, dates, addresses, notes."""

from __future__ import annotations

import re

from extract.catalog_words import plain
from extract.chinese import fold, number_key

HAN = "一二三四五六七八九十百"
SIGNS = "①-⑳㈠-㈩⑴-⒇⒈-⒛㉑-㉟㊀-㊉❶-❿"
_UNIT = "年|月|日|号(?!\\s|[、.:：-])|期|份|个|项|季度|批|次|级|版|%|家|类|条|小时|分钟"
_ATOM = rf"""(?:
    (?!(?:19|20)\d\d\s*年) \d{{1,4}}+ (?!(?:{_UNIT}))
    | [{HAN}]{{1,4}}+ (?=[\s.、:)\-~至·/卷盒册号]|[件项](?:[\s.、:]|$)|$)
    | [ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ] | [IVX]{{1,4}}+(?![A-Za-z]) | [A-Za-z](?![A-Za-z]) | [{SIGNS}]
    | \([{HAN}]{{1,4}}\) | \([\dA-Za-z]{{1,4}}\) | 〔[\d{HAN}]{{1,4}}(?:-\d{{1,3}})*〕
)"""
_PREFIX = rf"""(?:
    附件|附表|附图|附录|附|佐证材料|佐证|证明材料|支撑材料|证据材料|证据|材料|资料|文件|图|表|证|案卷|卷宗|分卷|档案盒|档号|编号|序号|目录
    | 第(?=\s*[\d{HAN}IVXⅠ-Ⅻ①-⑳]{{1,4}}\s*[卷盒册号项件])
    | [A-Za-z]{{1,3}}(?=[-.]?\d) | no\.?|№
    | [盒卷册袋夹](?=\s*[\d{HAN}①-⑳ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ])
)\s*[::]?\s*"""
_JOIN = r"(?:\s?(?:[-~至/·_]|\.(?!\s*[(〔]))\s?|\s?[卷盒册]\s?[-.第]?\s?)"
_CORE = rf"(?:{_PREFIX})?{_ATOM}(?:(?:{_JOIN}|(?<!\d\))(?:[盒卷册号件](?=\d))?){_ATOM})*[卷盒册号件项#]?"
_END = r"""(?P<end>
    \s*(?:[、:)〉>]|\.(?!\d)|\.(?=\d{1,4}\s*[年月日项个份条类家次批]|\d{5}))\s*
    | \s+ | (?<=[)〕]) | (?=[《〈<(\"“〔\u4e00-\u9fff])
)"""
_NUMBER = re.compile(rf"\s*(?P<no>{_CORE}){_END}", re.X | re.I)
_SIGN = re.compile(f"[{SIGNS}]")
_ENDS_ITSELF = re.compile(rf"[)〕{SIGNS}]$|\d[卷盒册号件项#]$")
_SPEAKS = re.compile(r"附|证|佐证|材料|卷|盒")

ITEM = (
    r"(?:对应)?(?:考核)?(?:条目|条款|指标)?:?[(〔<]?(?:"
    rf"\((?:[{HAN}]{{1,2}}|\d)\)\s*[-.、]?\s*(?:\(?\d{{1,2}}\)?|[①-⑳])[.、]?"
    rf"|(?:第?[{HAN}]{{1,2}}[、.]?|第[{HAN}\d]部分)第?\(?[\d{HAN}]{{1,2}}\)?[条项]?"
    rf"|[1-9]\.\d{{1,2}}|\((?:[{HAN}]{{1,2}})\)"
    r")[)〕>]?"
)
_ITEM = re.compile(ITEM)
PAGES = re.compile(r"(?:第|p\.?|pp\.?|页码?:?)?\s*\d{1,4}\s*(?:[-~至/]\s*p?\.?\s*\d{1,4})?\s*页?|(?:共|计)?\s*\d{1,4}\s*页", re.I)
COUNT = re.compile(rf"(?:共|计|各)?[\d{HAN}两]{{1,4}}[份册本张套卷件幅组盒袋]|(?:共|计)[\d{HAN}两]{{1,4}}[页项期]")
_YEAR = r"(?:19|20)\d\d"
DATE = re.compile(
    rf"{_YEAR}\s*[年./-]\s*(?:\d{{1,2}}\s*[月./-]?\s*(?:\d{{1,2}}\s*日?)?)?(?:印发|发布|制定|形成)?"
    rf"|{_YEAR}\s*年?\s*[-~至]\s*(?:{_YEAR}\s*年?|\d{{1,2}}\s*月)|\d{{1,2}}\s*月(?:\s*\d{{1,2}}\s*日)?|{_YEAR}"
)
_ADDRESS = re.compile(
    r"https?:|ftp:|www\.|[a-z]:[\\/]|^[a-z0-9.-]+\.(?:gov|com|cn|org|net)\b|\.(?:docx?|pdf|xlsx?|jpe?g|png|zip|rar|mp4|pptx?)$"
    r"|^(?:网址|地址|链接|路径|存放|存于|位于|存|放|见|详见|参见|来源|载于|登载|刊于)(?!证).*",
    re.I,
)
_REMARK = re.compile(
    r"^(?:复印件?|影印件|原件|扫描件?|电子(?:版|件|档)?|纸质(?:版|件)?|摘录|节选|摘要|节录|打印件|(?:已)?(?:加)?盖章.*|(?:正|副)本|草案|(?:已|未|待)[^。]{1,8}"
    r"|保密|涉密.*|不公开|内部.*|原件.{0,8}|备查.*|留存.*|现场.*|查验.*|另附.*|附后|同上|合订本?|合并装订|单独装订"
    r"|(?:备注|注|说明|责任科室|承办科室|提供单位|形成时间|文号|页码|页数|份数):.*)$"
)


def is_item(folded: str) -> bool:
    """True if all of a folded text is a 考核条目: （一）1, 一、1, 1.1."""
    return bool(_ITEM.fullmatch(folded))


def is_remark(folded: str) -> bool:
    """True for a note or an address: 复印件, 留存备查, 存放于…, http://…"""
    return bool(_REMARK.match(folded) or _ADDRESS.search(folded))


def split_number(text: str) -> tuple[str, str] | None:
    """The number that `text` starts with and the rest; None if it starts with none."""
    folded = fold_keeping_signs(text)
    m = _NUMBER.match(folded)
    if m is None:
        return None
    no = text[m.start("no") : m.end("no")]
    rest = text[m.end() :]
    if not m["end"] and not (_ENDS_ITSELF.search(m["no"]) or len(number_key(no)) > 1 or _SPEAKS.match(m["no"])):
        return None
    if re.match(r"[〔(]\d{4}[〕)]", fold(no)) or not rest.strip() or re.match(r"\s*[〔(]\d{4}[〕)]", fold(rest)):
        return None
    return no.strip(), rest


def fold_keeping_signs(text: str) -> str:
    """Folded, but ① stays what it is: it needs no dot behind it to be a number."""
    return "".join(c if _SIGN.match(c) else fold(c) for c in text)


_OWN_CODE = re.compile(r"[\u4e00-\u9fff]{1,3}(?:[0-9]{1,3}|[①-⑳]|[Ⅰ-Ⅻ])(?:[-.·][0-9]{1,3}){1,3}")
"""A number with an office's own word before it: 佐1-2, 审批3-04."""


def looks_like_number(text: str) -> bool:
    """True for the number of a row and nothing else: 3, 1-2, 卷①-3, 附件4, （一）1-1."""
    folded = fold_keeping_signs(text.strip())
    m = _NUMBER.match(folded + " 一览")
    plain_number = bool(m) and m is not None and m.end("no") >= len(folded.rstrip(".、:)")) and len(folded) <= 16
    return plain_number or bool(_OWN_CODE.fullmatch(folded))


def looks_like_item(text: str) -> bool:
    """True for 考核条目 in a form of its own: （一）1, 一、1, 1.1."""
    return bool(_ITEM.fullmatch(plain(text)))


def looks_like_pages(text: str) -> bool:
    """True for pages: 3, 12-15, 第3页, P3."""
    return bool(PAGES.fullmatch(plain(text)))
