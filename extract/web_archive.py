"""A web page saved as one file (MHTML, .mht, or named .doc and .xls by Word, Excel and WPS): bytes -> its page, or Document."""

from __future__ import annotations

import email
import email.message
import re

from extract.errors import EmptyFile
from extract.model import Document
from extract.plain import html_text, read_html

_FRAMES = re.compile(r"<frameset[\s>]", re.I)
_TABS = re.compile(r"tabstrip\.html?$", re.I)
"""Excel's page of sheet names."""


def read_web_archive(data: bytes) -> Document:
    """The page as `read_html` reads it; of a workbook with frames every sheet. Raises EmptyFile, DamagedFile."""
    pages = [(_place(part), html_text(_content(part))) for part in email.message_from_bytes(data).walk() if _is_page(part)]
    if not pages:
        raise EmptyFile
    main, rest = pages[0], pages[1:]
    chosen = [text for place, text in rest if not _TABS.search(place)] if rest and _FRAMES.search(main[1]) else [main[1]]
    return read_html(("<meta charset=utf-8>" + "".join(f"<div>{text}</div>" for text in chosen)).encode("utf-8", "replace"))


def _is_page(part: email.message.Message) -> bool:
    return part.get_content_type() in ("text/html", "application/xhtml+xml")


def _place(part: email.message.Message) -> str:
    return str(part.get("content-location", "")).strip()


def _content(part: email.message.Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
