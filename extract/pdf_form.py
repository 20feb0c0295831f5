"""Forms that build their pages by themselves (XFA): to every reader but Adobe's they show one page that asks to wait."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extract.errors import UnsupportedFormat
from extract.model import Element, paragraphs

_WAITING = re.compile(r"Please wait\s?\.\.\.|请(?:稍候|等待)\s?(?:[.…]|。。)")


def refuse_empty_form(data: bytes, elements: Sequence[Element], pages: int) -> None:
    """Raises UnsupportedFormat where what was read is only the page that asks to wait."""
    if pages == 1 and b"/XFA" in data and _WAITING.search("".join(p.text for p in paragraphs(tuple(elements)))):
        cause = "这是只能用 Adobe Reader 打开的动态表单（XFA），文件中没有普通页面"
        raise UnsupportedFormat(cause, "请单位打印成 PDF 或另存为 DOCX 重新报送（单位补报）")
