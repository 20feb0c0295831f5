"""The office's words for what the records hold as codes; nothing but tables and two small formatters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Mark:
    """A state as people see it: word and shape; the colour is the style sheet's, by `key`."""

    key: str
    shape: str
    word: str


MARKS = {
    m.key: m
    for m in (
        Mark("matched", "✓", "有据"),
        Mark("uncertain", "?", "待核"),
        Mark("missing", "✗", "目录无此件"),
        Mark("unclaimed", "○", "未引用"),
        Mark("conflict", "!", "冲突"),
        Mark("absent", "缺", "未提供"),
        Mark("none", "—", "不适用"),
        Mark("blank", "·", "无内容"),
    )
}

TRUST = ("absent", "conflict", "missing", "uncertain", "matched", "unclaimed")
"""The state of an item is the first of these that anything in it has; 未引用 only where nothing is cited at all."""


@dataclass(frozen=True, slots=True)
class GapKind:
    """A kind of gap: heading over its list, short word for it, state, and whose move it is."""

    title: str
    short: str
    mark: str
    move: str


UNIT, OFFICE, ADMIN = "单位补报", "办公室处理", "管理员处理"
MOVES = (UNIT, OFFICE, ADMIN)

GAP_KINDS = {
    "unit_unknown": GapKind("不能确定报送单位", "单位不明", "conflict", OFFICE),
    "report_missing": GapKind("未收到自查报告", "无报告", "absent", UNIT),
    "report_unreadable": GapKind("自查报告无法读取", "报告不能读", "absent", UNIT),
    "attachment_not_arrived": GapKind("没有随邮件到达的附件", "附件未到", "absent", UNIT),
    "correction_unplaced": GapKind("找不到对应之处的人工决定", "决定无着", "conflict", OFFICE),
    "catalog_missing": GapKind("未收到佐证材料目录清单", "无目录", "absent", UNIT),
    "catalog_of_other_unit": GapKind("目录清单写的是另一单位", "他单位目录", "conflict", OFFICE),
    "section_missing": GapKind("自查报告未写到的部分", "缺部分", "absent", UNIT),
    "item_without_evidence": GapKind("未提供佐证材料的条目", "无佐证", "absent", UNIT),
    "docno_mismatch": GapKind("题名相近，但文号、年份或关键字不符", "不符", "conflict", UNIT),
    "ref_conflict": GapKind("报告所写编号与目录题名不一致", "编号冲突", "conflict", OFFICE),
    "claim_not_in_catalog": GapKind("报告提到、目录清单中没有的材料", "无此件", "missing", UNIT),
    "claim_uncertain": GapKind("待核实的材料", "待核", "uncertain", OFFICE),
    "item_unaddressed": GapKind("自查报告未写到的条目", "未写到", "uncertain", OFFICE),
    "evidence_outside_year": GapKind("考核年度以外的材料", "年度不符", "uncertain", OFFICE),
    "item_mismatch": GapKind("目录所列考核条目与材料内容不一致", "条目不一", "uncertain", OFFICE),
    "self_sum_differs": GapKind("自评分相加与所写总分不符", "自评不符", "uncertain", OFFICE),
    "self_above_max": GapKind("自评分高于条目分值", "自评超分", "uncertain", OFFICE),
    "self_full_admits": GapKind("自评满分而报告写到不足", "自评存疑", "uncertain", OFFICE),
    "duplicate_number": GapKind("目录清单中重复的编号", "编号重复", "uncertain", OFFICE),
    "file_quarantined": GapKind("未能处理的文件", "文件未能处理", "uncertain", OFFICE),
    "catalog_unclaimed": GapKind("目录清单中有、报告未引用的材料", "未引用", "unclaimed", OFFICE),
}
OTHER_GAP = GapKind("其他需要核实的情况", "其他", "uncertain", OFFICE)


@dataclass(frozen=True, slots=True)
class GapColumn:
    """A column of the board: the lines of its head and the kinds that it counts."""

    head: tuple[str, ...]
    kinds: tuple[str, ...]


GAP_COLUMNS = (
    GapColumn(("无报告", "无目录"), ("report_missing", "report_unreadable", "attachment_not_arrived", "catalog_missing")),
    GapColumn(("缺部分", "缺条目"), ("section_missing", "item_unaddressed")),
    GapColumn(("无佐证",), ("item_without_evidence",)),
    GapColumn(("目录无此件", "不符、冲突"), ("claim_not_in_catalog", "docno_mismatch", "ref_conflict", "catalog_of_other_unit")),
    GapColumn(("待核",), ("claim_uncertain", "evidence_outside_year", "item_mismatch")),
)
OTHER_COLUMN = GapColumn(("其他",), ())
"""Counts every kind that no column above does."""

GROUPS = {"county": "县区", "municipal": "市政府直属单位", "provincial": "中省直单位"}
"""What groups are called where the rubric does not say so."""

ROLES = {"report": "自查报告", "catalog": "佐证材料目录清单", "evidence": "佐证材料", "other": "其他文件"}

FILE_STATES = {
    "waiting": "等待",
    "used": "采用",
    "duplicate": "重复",
    "superseded": "已被更新",
    "not_needed": "不需要",
    "quarantined": "未能处理",
}
"""What became of an arrival, on pages and on the command line alike."""

FACT_SOURCES = {"supervision": "网上监察", "intake": "来件登记", "reviewer": "审核认定"}

UNIT_STATES = {
    "unreported": "未报",
    "received": "已收",
    "late": "迟报",
    "report_missing": "缺报告",
    "catalog_missing": "缺目录",
    "problem": "待处理",
}

CLOCKS = {"Received": "以邮件服务器收信时间为准", "Date": "邮件无收信时间，以邮件自带日期为准"}


def group_name(group: str, names: Mapping[str, str]) -> str:
    """How a group of units is printed: as the rubric says, else in the usual words, else by its id."""
    return names.get(group) or GROUPS.get(group, group)


def fact_source(code: object) -> str:
    """Where a fact is known from; one that this table does not know is shown as it is."""
    return FACT_SOURCES.get(str(code), str(code))


def gap_kind(code: str) -> GapKind:
    """The wording for a kind; one that this table does not know is shown under 其他."""
    return GAP_KINDS.get(code, OTHER_GAP)


def moment(iso: object, zone: tzinfo | None = None) -> str:
    """2018-01-19T08:02:00Z -> 2018年1月19日 16:02, in `zone` if given; anything else is shown as it is."""
    time = parsed(iso)
    if time is None:
        return "" if iso is None else str(iso)
    if zone is not None and time.tzinfo is not None:
        time = time.astimezone(zone)
    return f"{time.year}年{time.month}月{time.day}日 {time:%H:%M}"


def on_page(told: str) -> str:
    """What to do next as a page says it, where buttons stand for the commands."""
    return re.sub(r"：采用的，运行 zicha accept .+?，不采用的，运行 zicha refuse .+? --by 姓名", "采用或不采用", told)


def deadline(iso: object) -> str:
    """A deadline; midnight is said as 24时 of the day that it ends."""
    time = parsed(iso)
    if time is None:
        return "" if iso is None else str(iso)
    if (time.hour, time.minute, time.second) == (0, 0, 0):
        day = time - timedelta(days=1)
        return f"{day.year}年{day.month}月{day.day}日24时"
    return f"{time.year}年{time.month}月{time.day}日 {time:%H:%M}"


def parsed(iso: object) -> datetime | None:
    """The datetime, or None if it is none."""
    if isinstance(iso, datetime):
        return iso
    try:
        return datetime.fromisoformat(iso) if isinstance(iso, str) else None
    except ValueError:
        return None
