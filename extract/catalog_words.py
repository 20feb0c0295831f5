"""The words by which a catalog of evidence is told from other tables and lists, and its columns from each other."""

from __future__ import annotations

import re
from typing import Literal

from extract.chinese import fold
from extract.docno import find_docnos

Role = Literal[
    "no", "plain_no", "item", "title", "plain_title", "docno", "pages", "date", "copies", "remark", "custody", "office", "group",
    "head", "report",
]  # fmt: skip

_BLANK = re.compile(r"\s+")
_BRACKETED = re.compile(r"[(〔<][^()〔〕<>]*[)〕>]")

# First match wins: what a column is called decides by its most telling word.
_KIND_OF_PAPER = "材料|文件|佐证|资料|证明|证据|档案|附件|支撑|印证|案卷|记录"
_HEADER_PATTERNS: tuple[tuple[Role, str], ...] = (
    ("report", r"自评|得分|扣分|赋分|评分(?:标准|办法|细则)|(?:考核|评价|计分)标准|主要做法|工作成效|存在问题|^分值$|^标准分$|^分数$"),
    ("report", r"(?:完成|落实|工作|开展|自查|执行|进展|整改)情况"),
    ("docno", r"文号|字号|^(?:文件|发文|公文|来文)(?:编)?号码?$"),
    ("pages", r"页[码数次号]?$|^起止页|^页|^起止$"),
    ("copies", r"(?:份数|数量|件数|册数|张数)$|^[份件]$"),
    ("custody", r"^存放|存放(?:处|地点?|位置)$|留存|备查|查验|载体|介质|^是否|原件|^保管|归档"),
    ("custody", r"^(?:有无)?电子(?:版|档|文档|文件|件)?(?:名称?)?$"),
    ("custody", r"(?:报送|提交|提供|上报)(?:方式|形式|情况|状态)$|^(?:材料|资料|文件|佐证)?(?:形式|状态)$|^(?:已|未)?(?:报送|提交)$"),
    ("date", r"(?:时间|日期|年度|年份|年月)$|^年$"),
    ("item", rf"^(?!.*(?:{_KIND_OF_PAPER}|件名|题名)).*(?:条目|条款|指标|细则|考核|评分|评估|对应|要点|所属项)"),
    ("group", r"(?:类别|分类|类型)$|^类$|^(?:所在|所属|档案|文件|装订|分)?[盒卷册](?:号|次|名)?$"),
    ("group", r"^(?:所属)?(?:部分|板块|模块|大类)$|^所属"),
    ("no", r"序号|编号|^序$|档号|目录号|件号|顺号|索引号|^no\.?$|^№$|附件号|流水号|^编码$|^代码$|盒.?件|卷.?件|盒.?号|卷.?号"),
    ("no", r"^(?:佐证|材料|附件|证据|文件|资料)(?:材料)?(?:序|编|代)?号码?$"),
    ("plain_no", r"^号码?$"),
    ("office", r"(?:科室|部门|单位|来源|机关|机构|处室|股室|责任人|责任者|联系人|电话|提供人?|提供方)$|^(?:责任|牵头)"),
    ("office", r"(?:负责人|经办人?|承办人?|作者)$"),
    ("remark", r"备注|^说明$|^注$|附注|^备考$|^其他(?:说明)?$"),
    ("head", r"^(?:文件|材料|资料|佐证|佐证材料|档案|归档)?(?:信息|情况|基本信息|基本情况|要素)$|^装订|^归属"),
    ("title", rf"(?:{_KIND_OF_PAPER}).{{0,6}}(?:名称|名|题名|标题|目录|内容|清单|明细|一览)$|题名|件名"),
    ("title", r"^(?:佐证|证明|支撑|印证|支持|备查|考核|提供|提交|报送)?(?:的)?(?:佐证|证明)?(?:材料|资料|文件)$|^佐证$"),
    ("title", r"^(?:附件|证据|文件标题|文件及材料)$|材料.{0,3}文件$|文件.{0,3}材料$"),
    ("plain_title", r"^(?:名称|标题|内容|目录|目录名称|内容摘要|项目名称|名目|事由|具体内容|题目)$"),
    ("item", r"^(?:项目|事项|序列|条|项|任务|工作任务|工作内容|内容要求)$"),
)
_HEADERS = tuple((role, re.compile(pattern)) for role, pattern in _HEADER_PATTERNS)

_EVIDENCE = (
    "通知|方案|办法|意见|制度|规定|细则|纪要|记录|报告|总结|台账|台帐|清单|目录|名单|名册|截图|截屏|照片|图片|影像|录像|视频|表|函|请示|批复|公告|说明|汇编|手册|指南"
    "|计划|规程|规则|流程|图|单|书|簿|档案|材料|机制|职责|合同|协议|证书|文件|汇总|简报|专报|月报|季报|年报|信息|问卷|册|决定|通报|章程|预案|通告|公示|样本|样表|签到"
    "|证|卡|页面|页|数据|回执|批示|复印件|证明|措施|承诺|分工|规范|标准|要点|明细|底稿|日志|日记|笔记|讲话|新闻|报道|稿|课件|凭证|发票|回复|答复|反馈|备案|备忘录|清册|索引"
    "|快报|周报|日报|工作法|工作情况|一览|安排|部署|汇报|分析|评估|报表|统计|资料|剪报|小结|建议|须知|口径|公约|须知|议程|日程|电报|便函|来信|公开信|倡议|令|条例|导则|库"
)
_EVIDENCE_END = re.compile(rf"(?:{_EVIDENCE})[》\"'”’]?(?:等|若干|样式|模板|[0-9一二三四五六七八九十两]+[份册本张套期件次卷])?$")
_TITLE_KIND = r"(?:目录清单|材料目录|目录|总目|目次|清单|一览表|明细表|明细|索引|列表|总表|汇总表|登记表|汇编目录|名录)"
_CATALOG_TITLE = re.compile(
    r"(?:佐证|证明|支撑|印证|备查|备检|迎检|查证|附件|证据|材料|资料|文件|卷内|档案|案卷|报送|附录)[^。！？；,]{0,14}"
    rf"{_TITLE_KIND}(?:\([^()]*\)|v\d[\d.]*)?:?$",
    re.I,
)
_OTHER_TITLE = re.compile(r"申请材料|申报材料|办理材料|办事|要件|信息资源|事项目录|权力|收费|责任清单|负面清单")
_LEAD_IN = re.compile(
    r"(?:(?:佐证|证明|支撑|印证|备查|附件|证据|材料|资料|清单)[^。]{0,30})?(?:目录|清单|名单|明细|材料)[^。;]{0,16}(?:如下|附后|见下|列(?:于)?后|开列|列出|抄列)[^。]{0,8}[:：。.,，]?$"
)
_TOTAL = re.compile(
    r"^(?:合计|小计|总计|共计|累计|总数)(?:[:\d共(].*)?$|^(?:\(?(?:此|本)?(?:页|表|处|行)?以下(?:为)?(?:空白|无|无正文)\)?|此处空白|空白|完|end|目录完|\(完\))$"
    r"|^共\d+(?:件|份|项|卷|册|页)"
)
_NOTE = re.compile(
    r"^\(?(?:注|备注|说明|附注|注释|填表|填报|制表|审核|联系|报送(?:单位|人|日期|时间)|编制|经办|负责人|整理|审定|单位(?:名称|负责人)?|日期|时间|总计|制作|录入|移交|接收"
    r"|电话|手机|邮箱|地址|传真|盖章)[^。:]{0,8}:|^\(?(?:单位)?\(?(?:加)?盖(?:单位)?公?章\)*:?$"
    r"|^\(?(?:注|备注|说明)\d*[::]|^\(?(?:19|20)\d{2}年\d{1,2}月(?:\d{1,2}日)?\)?$|^[二○〇零]{1,3}.{1,5}年.{1,3}月.{1,3}日$|^(?:上述|以上|上列|本目录|本清单|本表)"
)
_KEPT = re.compile(
    r"留存|备查|现场(?:查|核|检|备|看|验)|查验|待查|查阅|自存|自留|存(?:于|在)(?!.*(?:804|政府办))|留档|单位存|原件存"
    r"|不(?:随|报|上)[送报]|未报送|另存|(?:本|我|单位|局|科|办)(?:单位|局|办|室)?(?:档案|资料)室"
)
_NOT_KEPT = re.compile(r"(?:无需|不|无)(?:留存|备查|查验)|已(?:报送|上报|提交|报)|随(?:报告|文|目录|本)|报送原件|随附")
_STORE = re.compile(r"档案室|资料室|机房|陈列|大厅|窗口|[科处股室柜]$")
_RECEIVER = re.compile(r"804|市政府|考核办")
_YES, _NO = re.compile(r"^(?:是|√|✓|✔|有|y|yes|1|留存|备查|☑|■|●|▲|○|\*|★)$", re.I), re.compile(r"^(?:否|×|✗|✘|无|n|no|0|未|x)$", re.I)
_EMPTY = re.compile(r"^[\s\-/\\—－–~·.。,，、*＊_]*$|^(?:无|略|空|无文号|没有)$")


def plain(text: str) -> str:
    """`text` folded and without any blanks."""
    return _BLANK.sub("", fold(text))


def header_role(text: str) -> Role | None:
    """What a column called `text` holds, or None if that is no name of a column of a catalog."""
    whole = plain(text)
    if not whole or len(whole) > 22:
        return None
    short = _BRACKETED.sub("", whole).rstrip(":") or whole
    if len(short) > 14:
        return None
    return next((role for role, pattern in _HEADERS if pattern.search(short.lower())), None)


def is_evidence(title: str) -> bool:
    """True if `title` reads like the name of a record: 《…》, …通知, …截图（4份）, or with a 文号."""
    folded = plain(title).rstrip(";。.,、")
    while folded != (shorter := re.sub(r"(?:\([^()]*\)|〔[^〔〕]*〕|<[^<>]*>|[-—]+[^-—]{1,8})$", "", folded)) and shorter:
        folded = shorter
    return "《" in folded or bool(_EVIDENCE_END.search(folded)) or bool(find_docnos(title))


def is_catalog_title(text: str) -> bool:
    """True for the heading of a catalog (…佐证材料目录清单, 附件目录), not for a sentence that speaks of one."""
    folded = plain(text)
    if not 3 < len(folded) <= 60 or _OTHER_TITLE.search(folded) or re.search(r"[。!?]|已|另行|报送了|形成|编制了|见附|详见|请查收", folded):
        return False
    bare = re.sub(r"^(?:附|附件|附表)\d*[::]?", "", folded)
    return bool(_CATALOG_TITLE.search(bare)) or (bool(re.fullmatch(rf"(?:总|卷内|附件|材料)?{_TITLE_KIND}", bare)) and bare != "汇总表")


def is_lead_in(text: str) -> bool:
    """True for a sentence after which the catalog follows (佐证材料目录如下：)."""
    folded = plain(text)
    last = re.split(r"(?<=[。;])", folded.rstrip("。:,"))[-1] if folded else ""
    return bool(last) and bool(_LEAD_IN.search(last))


def is_total(text: str) -> bool:
    """True for 合计, 以下空白 and their like."""
    return bool(_TOTAL.match(plain(text).lower()))


def is_note(text: str) -> bool:
    """True for what stands around the rows: 注：…, 填报单位：…, a date."""
    return bool(_NOTE.match(plain(text)))


def is_nothing(text: str) -> bool:
    """True for a cell that only says that there is nothing (—, /, 无)."""
    return bool(_EMPTY.match(text))


def says_kept(text: str) -> bool:
    """True if a note says that the record stays with the unit (留存备查, 现场查验)."""
    folded = plain(text)
    return bool(_KEPT.search(folded)) and not _NOT_KEPT.search(folded)


def column_says_kept(header: str, value: str) -> bool:
    """True if `value` in a column called `header` (是否留存, 存放地点, 现场查验 …) says that the record stays with the unit."""
    head, folded = plain(header), plain(value)
    about_keeping = bool(re.search(r"留存|备查|查验|查阅", head))
    if _YES.match(folded):
        return about_keeping
    if _NO.match(folded):
        return bool(re.search(r"报送|提交|上报", head)) and not about_keeping
    return says_kept(value) or ("存放" in head and bool(_STORE.search(folded)) and not _RECEIVER.search(folded))
