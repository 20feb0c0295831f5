"""Files that a program adds by itself to what a person sends: name and bytes -> why nobody needs them."""

from __future__ import annotations

import re

_APPLE = (b"\x00\x05\x16\x07\x00", b"\x00\x05\x16\x00\x00")
_OF_A_PAGE = re.compile(
    r"(?:\.files|_files|\.fld)/(?:filelist\.xml|themedata\.thmx|colorschememapping\.xml|(?:edit|ole)data\.mso|[^/]*\.css)$", re.I
)

_ATT = re.compile(r"ATT\d{3,}\.(?:txt|html?|c|dat)", re.I)
"""How Exchange calls the text between attachments."""
_NOTHING = re.compile(rb"<(?:style|head|title)\b.*?</(?:style|head|title)>|<[^>]*>|&nbsp;|&#160;|\xc2\xa0|\xef\xbb\xbf|\s", re.S | re.I)
_MOST = 20_000


def leftover(name: str, data: bytes) -> str:
    """One sentence; "" for anything that may be a document."""
    if data.startswith(_APPLE):
        return "苹果电脑随文件附带的信息，不需要"
    if name.lower().endswith(".p7s"):
        return "邮件的数字签名，不需要"
    if _ATT.fullmatch(name) and len(data) < _MOST and not _NOTHING.sub(b"", data):
        return "邮件程序拆出的空白正文，不需要"
    return "网页格式的文档附带的信息，不需要" if _OF_A_PAGE.search(name) else ""
