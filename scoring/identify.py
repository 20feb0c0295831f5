"""Which assessed unit sent a submission, told by weighted clues that are shown; no unit rather than a wrong one."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extract.chinese import fold, tidy
from extract.docno import find_docnos
from extract.model import Document, paragraphs
from extract.outline import is_date_line
from scoring.roles import role_of, title_lines
from scoring.roster import Roster, RosterUnit
from scoring.worksheet import Unit

__all__ = ["identify_unit", "role_of"]

MINIMUM = 4.0
"""Sum of weights from which on a unit is named."""
FOREIGN = 3.0
"""How much more it takes where title or signature name a body that is not on the roster."""
MARGIN = 1.5
"""The first must stand this many times above the second."""
WEIGHTS = {
    "落款": 6.0, "标题": 5.0, "附件名": 3.0, "主题": 2.5, "发件人": 2.5, "邮箱": 4.0, "邮件落款": 2.5, "邮件正文": 1.0,
    "发文字号": 3.0, "正文提及": 1.5, "自称": 0.5,
}  # fmt: skip
SHOWN = 6
LEVELS = ("市", "县", "区")
_FORWARD = re.compile(r"^\s*(?:(?:re|fw|fwd|回复|答复|转发)\s*[:：]\s*)+", re.I)
_FORWARDED = re.compile(r"^\s*(?:(?:fw|fwd|转发)\s*[:：])", re.I)
_DATE_TAIL = re.compile(r"[\s,，]*(?:19|20|二[〇○零])[\d〇○零一二三四五六七八九]{2}\s*[年./-].{0,12}$")
_BODY = (
    r"(?:局|委员会|委|办公室|办|中心|处|总站|站|公司|支队|大队|集团|学院|学校|中学|小学|医院|卫生院|派出所"
    r"|联合会|协会|银行|法院|检察院|园区|管委会)"
)
_FOREIGN = re.compile(
    rf"^(?:中共)?[\u4e00-\u9fff]{{2,18}}?{_BODY}(?=$|关于|20\d\d|二〇|[“”\"]|互联网|政务|自查)"
)
_SELF_SAME = "人民政府|政府|委办|区委|县委|镇委|乡委|党委|党政|政务服务|行政审批|行政服务|电子政务|网上"
_SUB_UNIT = re.compile(rf"^(?!{_SELF_SAME})[\u4e00-\u9fff]{{2,10}}?{_BODY}")
_FOREIGN_PLACE = re.compile(r"(?!关于|报送|上报|呈报|转发|现将|中共)[\u4e00-\u9fff]{2,4}")
"""What a line begins with before 市教育局 or 县教育局, when it is another place's."""
_LOCAL = re.compile(r"(?:省|县|区|乡|镇|旗|国家|中央|总|州|街道|地区)$")
_OTHER_CITY = re.compile(r"(?:哈尔滨|佳木斯|鸡西|七台河|鹤岗|牡丹江|大庆|伊春|绥化|黑河)$")
_SELF = {"我县": "县", "我区": "区", "我局": "局", "我委": "委员会", "我办": "办公室", "我处": "处", "我站": "总站", "我中心": "中心",
         "我镇": "镇", "我乡": "乡", "我街道": "街道", "我街": "街道"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Clue:
    unit: str
    kind: str
    weight: float
    text: str


def identify_unit(
    sender: str, subject: str, body: str, files: Sequence[tuple[str, Document | None]], roster: Roster
) -> Unit:
    """The unit that speaks here; name and group None where no unit stands out clearly.

    `sender` is display name and address, `body` the mail's text, `files` (name, document) in order, the report first
    if it is known. `clues` say in Chinese what points to it, heaviest first.
    """
    names = _Names(roster)
    clues = list(_mail_clues(sender, subject, body, names))
    foreign = False
    for k, (name, document) in enumerate(files):
        share = 1.0 if k == 0 else 0.5
        clues += _named(names, _stem(name), "附件名", share)
        if document is not None:
            clues += _document_clues(document, names, share)
            foreign = foreign or (k == 0 and _is_foreign(document, names))
    return _decide(clues, roster, foreign)


def _decide(clues: Iterable[_Clue], roster: Roster, foreign: bool) -> Unit:
    best: dict[tuple[str, str], _Clue] = {}
    for clue in clues:  # the same kind of clue counts once for a unit
        k = (clue.unit, clue.kind)
        if k not in best or clue.weight > best[k].weight:
            best[k] = clue
    totals: dict[str, float] = defaultdict(float)
    for clue in best.values():
        totals[clue.unit] += clue.weight
    ranked = sorted(totals.items(), key=lambda p: (-p[1], p[0]))
    if not ranked:
        return Unit(None, None, 0.0, ("没有能说明单位的线索",))
    (name, top), second = ranked[0], (ranked[1][1] if len(ranked) > 1 else 0.0)
    shown = tuple(f"{c.kind}：{c.text}" for c in sorted(best.values(), key=lambda c: (-c.weight, c.kind)) if c.unit == name)[:SHOWN]
    confidence = round((1 - math.exp(-top / 4)) * (1 - 0.5 * second / top), 3)
    if top < MINIMUM + FOREIGN * foreign or top < MARGIN * second:
        rival = f"{ranked[1][0]}（{second:.1f}）" if second else "无"
        return Unit(None, None, round(min(confidence, 0.4), 3), (f"线索不足：{name}（{top:.1f}），其次{rival}", *shown))
    return Unit(name, roster.unit(name).group, confidence, shown)


def _mail_clues(sender: str, subject: str, body: str, names: _Names) -> Iterator[_Clue]:
    address = re.search(r"[\w.+-]+@[\w.-]+", sender)
    for unit in names.roster.units:
        if unit.mail and address and unit.mail.lower() == address.group().lower():
            yield _Clue(unit.name, "邮箱", WEIGHTS["邮箱"], unit.mail)
    yield from _named(names, sender.split("<")[0], "发件人", 1.0)
    yield from _named(names, _FORWARD.sub("", subject), "主题", 0.4 if _FORWARDED.match(subject) else 1.0)
    lines = [x.strip() for x in re.split(r"[\n\r]+", body) if x.strip()]
    lines = lines[: next((k for k, x in enumerate(lines) if re.match(r"^-{2,}|^发件人[:：]|^_{5,}|原始邮件", x)), len(lines))]
    for line in lines[-6:]:
        if len(line) <= 40 and not re.search(r"[，。；]|[:：]$", line):
            yield from _named(names, line, "邮件落款", 1.0)
    yield from _named(names, "\n".join(lines), "邮件正文", 1.0)


def _document_clues(document: Document, names: _Names, share: float) -> Iterator[_Clue]:
    lines = [tidy(t) for p in paragraphs(document.elements) for t in p.full.split("\n") if t.strip()]
    for line in title_lines(document):
        yield from _named(names, line, "标题", share, official=True)
    for line in _signatures(lines):
        yield from _named(names, line, "落款", share, official=True)
    text = "\n".join(lines)
    yield from _issuers(text, names, share)
    mentions = Counter(names.find(text))
    total = sum(mentions.values())
    for name, n in mentions.items():
        yield _Clue(name, "正文提及", share * WEIGHTS["正文提及"] * n / total, f"{n}次")
    yield from _self_names(text, names, share)


def _signatures(lines: Sequence[str]) -> Iterator[str]:
    """Short lines before a date line, and a line that holds name and date."""
    for k, line in enumerate(lines):
        if is_date_line(line):
            yield from (x for x in lines[max(0, k - 3) : k] if len(x) <= 36 and not re.search(r"[，。；]|[:：]$", x))
        elif len(line) <= 60 and _DATE_TAIL.search(line) and not re.search(r"[，。；]", line):
            yield _DATE_TAIL.sub("", line)
    yield from (x for x in lines[-3:] if len(x) <= 24 and not re.search(r"[，。；]|[:：]$", x))


def _issuers(text: str, names: _Names, share: float) -> Iterator[_Clue]:
    """文号 that the unit issued: reports cite more of their own than of anyone else's."""
    found = Counter(u for d in find_docnos(text) if (u := names.issuer(d.issuer)))
    total = sum(found.values())
    for name, n in found.items():
        yield _Clue(name, "发文字号", share * WEIGHTS["发文字号"] * n / (total + 1), f"{n}处")


def _self_names(text: str, names: _Names, share: float) -> Iterator[_Clue]:
    """我县 speaks for a county, 我局 for a bureau: it only tells kinds of units apart."""
    spoken = Counter({tail: text.count(word) for word, tail in _SELF.items()})
    tail, n = spoken.most_common(1)[0]
    if n >= 2:
        for unit in names.roster.units:
            if unit.name.endswith(tail) or unit.full.endswith(tail):
                yield _Clue(unit.name, "自称", share * WEIGHTS["自称"], f"我{tail}")


def _named(names: _Names, text: str, kind: str, share: float, *, official: bool = False) -> Iterator[_Clue]:
    """A clue for each unit that `text` names; several names share the weight, the first has the better part."""
    found = list(dict.fromkeys(names.find(text, official=official)))
    for k, name in enumerate(found):
        yield _Clue(name, kind, WEIGHTS[kind] * share * (1.0 if len(found) == 1 else 0.7 if k == 0 else 0.3), tidy(text)[:40])


def _is_foreign(document: Document, names: _Names) -> bool:
    lines = [tidy(p.full) for p in paragraphs(document.elements) if p.full.strip()]
    speaking = [*title_lines(document), *_signatures(lines)]
    return not any(names.find(x, official=True) for x in speaking) and any(_FOREIGN.match(fold(x)) for x in speaking)


def _stem(name: str) -> str:
    return re.sub(r"\.\w{1,5}$", "", name.rsplit("/", 1)[-1])


class _Names:
    """All ways to name the units, longest first."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        owner = {n: u for u in roster.units for n in u.names}
        longest = sorted(owner, key=lambda n: (-len(n), n))
        self._owner = owner
        self._pattern = re.compile("|".join(re.escape(n) for n in longest)) if longest else None
        self._places = _places(roster)
        self._level = (*LEVELS, *self._places)  # names that say themselves where they belong
        self._codes = sorted(((c, u.name) for u in roster.units for c in u.codes), key=lambda p: (-len(p[0]), p[0]))

    def find(self, text: str, *, official: bool = False) -> Iterator[str]:
        """Names of the units that `text` mentions, in order, repeated as often as they are.

        教育局 behind 县 or 省 is somebody else's; with `official`, 某县教育局 does not speak for the county either.
        """
        if self._pattern is None:
            return
        flat = re.sub(r"\s+", "", text) if len(text) < 80 else text
        for m in self._pattern.finditer(flat):
            unit = self._owner[m.group()]
            before, after = flat[max(0, m.start() - 4) : m.start()], flat[m.end() : m.end() + 14]
            if not m.group().startswith(self._level) and not unit.territorial and _LOCAL.search(before):
                continue
            if m.group().startswith("市") and _OTHER_CITY.search(before) and not before.endswith(self._places):
                continue
            if official and m.group().startswith(LEVELS) and _FOREIGN_PLACE.fullmatch(flat[: m.start()]) and before not in self._places:
                continue
            if official and unit.territorial and m.group() == unit.name and _SUB_UNIT.match(after):
                continue
            yield unit.name

    def issuer(self, code: str) -> str | None:
        """The unit whose 文号 begin like this; None for superiors and strangers."""
        code = re.sub(r"^[（(《]", "", code or "")
        return next((name for c, name in self._codes if code.startswith(c)), None)


def _places(roster: Roster) -> tuple[str, ...]:
    """The place that most bodies of the roster are named after, without its last character: 双鸭山 for 双鸭山市教育局."""
    bodies = (re.match(r"([\u4e00-\u9fff]{2,5}?)[市县区旗]", u.full) for u in roster.units if not u.territorial)
    begins = Counter(m.group(1) for m in bodies if m)
    return tuple(place for place, _ in begins.most_common(1))


def unit_of(name: str, roster: Roster) -> RosterUnit | None:
    """The roster's entry under any of its names; None if there is none."""
    return next((u for u in roster.units if name in u.names), None)
