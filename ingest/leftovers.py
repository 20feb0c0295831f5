"""Files that a program adds by itself to what a person sends: name and bytes -> why nobody needs them."""

from __future__ import annotations

import re

_APPLE = (b"\x00\x05\x16\x07\x00", b"\x00\x05\x16\x00\x00")
_OF_A_PAGE = re.compile(
    r"(?:\.files|_files|\.fld)/(?:filelist\.xml|themedata\.thmx|colorschememapping\.xml|(?:edit|ole)data\.mso|[^/]*\.css)$", re.I
)


def leftover(name: str, data: bytes) -> str:
    """One sentence; "" for anything that may be a document."""
    if data.startswith(_APPLE):
        return "苹果电脑随文件附带的信息，不需要"
    if name.lower().endswith(".p7s"):
        return "邮件的数字签名，不需要"
    return "网页格式的文档附带的信息，不需要" if _OF_A_PAGE.search(name) else ""
