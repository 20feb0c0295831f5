"""A report that was pasted into a mail instead of being attached: the mail -> the text from its title on."""

from __future__ import annotations

import re
from collections.abc import Sequence

NAME = "邮件正文.txt"
LEAST = 200
"""Characters of text below which a line that names a report announces one."""
_TITLE = re.compile(
    r"[^：:，,。；;！!？?<>|@]{2,60}?(?:自查|自评|自检)[^：:，,。；;！!？?<>|@.]{0,16}?(?:报告|总结|情况|汇报)(?:[（(][^（）()]{1,12}[）)])?"
)
"""A header line (主题：…) has a colon, a quoted one a bracket, a file's name a full stop."""
_BESIDE = re.compile(r"\.(?:xlsx?|xlsm|xlsb|et|ods|csv|jpe?g|png|gif|bmp|tiff?|webp|heic|p7s|vcf|ics|asc)$", re.I)
"""What may be attached beside a pasted report; any other file may be the report itself."""
_LIST = re.compile(r"目录|清单|索引|佐证")
_REPORT = re.compile(r"自查|自评|自检|报告|总结|汇报")


def pasted_report(body: str, attached: Sequence[str]) -> str:
    """The text of the report in a mail's own words, from its title on; "" where there is none or a file may hold it."""
    if not all(_BESIDE.search(name) or (_LIST.search(name) and not _REPORT.search(name)) for name in attached):
        return ""
    lines = [line.strip(" \t\xa0\u3000") for line in body.split("\n")]
    title = next((k for k, line in enumerate(lines) if _TITLE.fullmatch(re.sub(r"\s", "", line))), None)
    if title is None:
        return ""
    rest = "".join("".join(lines[title + 1 :]).split())
    return "\n".join(lines[title:]).strip() if len(rest) >= LEAST and rest.count("。") >= 3 else ""
