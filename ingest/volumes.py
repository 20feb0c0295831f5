"""Archives in several volumes: how one of them is known, and what to say of it."""

from __future__ import annotations

import re

from extract.errors import UnsupportedFormat
from extract.sniff import Format, sniff

VOLUME = UnsupportedFormat("这是分卷压缩包的一部分，需要全部分卷才能打开", "请单位不要分卷，用一个 ZIP 压缩包重新报送（单位补报）")
PART_NAME = re.compile(r"\.(?:7z|zip|rar)\.\d{3}$|\.z\d\d$|\.r\d\d$|\.part\d+\.rar$", re.I)
_TAIL = 66_000
"""The end of a zip stands in its last bytes, before a comment of 64 KB at most."""
_END, _MARK = b"PK\x05\x06", b"PK\x07\x08PK\x03\x04"


def is_volume(data: bytes, name: str) -> bool:
    """Whether it is a volume that cannot be told by how an archive begins: a later one, or any one of a zip."""
    if data.startswith(_MARK):  # the first of several, unless it turned out to need only one
        return _END not in data[-_TAIL:]
    if data.startswith(b"PK") or name.lower().endswith(".zip"):
        end = data[-_TAIL:].rfind(_END)
        number = data[-_TAIL:][end + 4 : end + 6] if end >= 0 else b""
        return number not in (b"", b"\0\0", b"\xff\xff")
    return bool(PART_NAME.search(name)) and sniff(data, name) is Format.UNKNOWN
