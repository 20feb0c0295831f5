"""A journal entry in one Chinese sentence, for lists of what was decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from templates.wording import ROLES

Plain = Mapping[str, Any]


class Record(Protocol):
    """A journal entry, as far as its sentence needs it."""

    @property
    def kind(self) -> str: ...

    @property
    def body(self) -> Plain: ...

    @property
    def reason(self) -> str: ...


def sentence(entry: Record) -> str:
    """What was decided, with its reason."""
    say = _SAYINGS.get(entry.kind)
    said = say(entry.body) if say else entry.kind
    return f"{said}（{entry.reason}）" if entry.reason else said


def _points(body: Plain) -> str:
    return f"{body['item']} {'确认' if body['confirmed'] else '暂记'}{body['points']}分"


def _rows(rows: list[Plain]) -> str:
    return "、".join(f"第{r['no']}项“{_short(r['title'])}”" if r.get("no") else f"“{_short(r['title'])}”" for r in rows)


def _fact(body: Plain) -> str:
    period = f"，{body['period']}" if body.get("period") else ""
    return f"{body['clause']} 计{body['count']}次{period}"


def _moved(body: Plain) -> str:
    place = body.get("item") or (f"第{body['section']}部分" if body["section"] else "其他内容")
    return f"“{_short(body['block']['text'])}”改归{place}"


def _added(body: Plain) -> str:
    return f"补登佐证“{_short(body['text'])}”" + (f"，对应目录{_rows(body['rows'])}" if body["rows"] else "，目录中没有此件")


def _reviewer(body: Plain) -> str:
    what = "、".join(body["items"]) or "全部条目"
    return f"{what}由{body['to']}审核" if body["to"] else f"{what}不再指定审核人"


_SAYINGS: Mapping[str, Callable[[Plain], str]] = {
    "fact": _fact,
    "points": _points,
    "applies": lambda b: f"{b['item']} {'适用' if b['applies'] else '不适用'}",
    "claim_link": lambda b: f"“{_short(b['claim']['text'])}”对应目录{_rows(b['rows'])}",
    "claim_missing": lambda b: f"“{_short(b['claim']['text'])}”目录中没有此件",
    "claim_present": lambda b: f"“{_short(b['claim']['text'])}”已核见，目录未列",
    "claim_none": lambda b: f"“{_short(b['claim']['text'])}”不是佐证",
    "claim_add": _added,
    "block_move": _moved,
    "assign_unit": lambda b: f"来件{b.get('place') or b['submission'][:12]}归入{b['unit']}",
    "file_role": lambda b: f"文件{b.get('name') or b['sha256'][:12]}作为{ROLES.get(b['role'], b['role'])}",
    "extend": lambda b: f"截止时间改为{b['deadline']}",
    "accept": lambda b: f"采用来件{b.get('place') or b['submission'][:12]}",
    "refuse": lambda b: f"不采用来件{b.get('place') or b['submission'][:12]}",
    "undo": lambda b: f"撤销第{b['of']}条",
    "reviewer": _reviewer,
    "approve": lambda b: "复核通过，锁定",
    "return": lambda b: "退回" + (f"{'、'.join(b['items'])}重新审核" if b["items"] else "重新审核"),
    "unlock": lambda b: "解除锁定",
    "paper_received": lambda b: f"纸质材料{b['date']}已收" if b["received"] else "纸质材料未收到",
    "paper_stamp": lambda b: "目录清单首页已盖章" if b["stamped"] else "目录清单首页未盖章",
    "paper_row": lambda b: f"目录{_rows([b['row']])}{'原件已核' if b['checked'] else '原件未核'}",
    "retry": lambda b: f"重新处理{b['place']}",
    "upload": lambda b: f"从网页上传{b['place']}",
    "password": lambda b: f"为文件{b.get('name') or b['sha256'][:12]}提供了打开密码（密码不保存）",
    "user": lambda b: f"用户{b['name']}：{b['what']}",
    "purge": lambda b: f"清除{b['before']}以前收到、保存期满的{len(b['submissions'])}次来件",
}


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"
