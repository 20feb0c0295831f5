"""The body of a mail: HTML -> text that keeps rows and cells, and the files that only arrived as a link to a cloud."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

BREAKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "hr", "section"})
SILENT = frozenset({"style", "script", "head", "title"})

_CLOUD_WORDS = re.compile(r"超大附件|云附件|文件中转站|邮箱中转站|网盘附件")
_CLOUD_FILE = re.compile(
    r"(?P<name>[^\s\n\t<>:：*?\"|/\\（(][^\n\t<>*?\"|/\\]{0,150}?\.(?:docx?|wps|xlsx?|et|pdf|zip|rar|7z|ofd|rtf|jpe?g|png|tiff?|eml|txt|csv|pptx?))"
    r"[\s\xa0]*[（(\[]?[\s\xa0]*(?P<size>\d+(?:\.\d+)?\s?[KMGT]B?\b|\d+\s?字节)",
    re.I,
)
_MOMENT = r"20\d\d\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d\d(?::\d\d)?)?"
_EXPIRY = re.compile(rf"({_MOMENT})\s*(?:到期|过期|失效|前有效)|(?:有效期至?|到期时间|过期时间)[:：\s]*({_MOMENT})|(无限期|永久有效)")
_CLOUD_LINK = re.compile(
    r"https?://[^\s\"'<>]*(?:ftnExs_|wx\.mail\.qq\.com/ftn|fs\.163\.com|dashi\.163\.com|mail\.163\.com/large|cloudattachment"
    r"|coremail/[^\s\"'<>]*(?:nf\b|nfs|netfolder|largeatt|func=lf))[^\s\"'<>]*",
    re.I,
)


_PASSWORD = re.compile(
    r"(?:解压|解压缩|压缩包?|文件|附件|打开|阅读|解锁|统一)*(?:密码|口令|密碼|password|pwd)(?:是|为|均为|都是|统一为)?[\s\xa0]*[:：=是为]?[\s\xa0]*"
    r"[“\"'‘「【《(（\[]?(?P<word>[^\s，。；、！？“”‘’「」【】《》（）\u3000]{1,64})",
    re.I,
)
MOST_PASSWORDS = 8


@dataclass(frozen=True, slots=True)
class CloudFile:
    """A file that never arrived: its name, how large the mail says it is, until when its link works (as written; "" if not said)."""

    name: str
    size: str = ""
    expires: str = ""

    @property
    def problem(self) -> str:
        """One sentence for the worksheet."""
        until = f"，链接{self.expires}到期" if self.expires and self.expires[0].isdigit() else ""
        step = "请单位作为普通附件重新报送（单位补报），或由办公室下载后放入收件目录（办公室处理）"
        return f"超大附件未随邮件到达，邮件中只有云端下载链接{until}；{step}"


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML body as text. Cells of a row are joined by tabs; `rows` counts rows with two or more cells."""

    text: str
    rows: int
    links: tuple[str, ...]


def html_text(source: str) -> Page:
    """The readable text of an HTML body."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    lines = (re.sub(r" *\t *", "\t", line).strip(" \xa0").rstrip("\t\u3000") for line in "".join(reader.out).split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return Page(text, sum(line.count("\t") >= 1 for line in text.split("\n")), tuple(reader.links))


def passwords(text: str) -> tuple[str, ...]:
    """What a mail says its archives open with (解压密码：…), as written and without closing punctuation. For trying only: kept nowhere."""
    found: list[str] = []
    for match in _PASSWORD.finditer(text):
        word = match["word"]
        found += [word.rstrip(".,;:!?)]}\"'>"), word]
    return tuple(dict.fromkeys(w for w in found if w))[:MOST_PASSWORDS]


def cloud_files(body: str, links: tuple[str, ...] = ()) -> tuple[CloudFile, ...]:
    """Files that the body offers for download from the mailer's cloud."""
    addresses = "\n".join((body, *links))
    if not (_CLOUD_WORDS.search(body) and (_CLOUD_FILE.search(body) or "http" in addresses)) and not _CLOUD_LINK.search(addresses):
        return ()
    files = {m["name"].strip(): _cloud_file(body, m) for m in _CLOUD_FILE.finditer(body)}
    return tuple(files.values()) or (CloudFile("超大附件", "", _expiry(body)),)


def _cloud_file(body: str, match: re.Match[str]) -> CloudFile:
    following = _CLOUD_FILE.search(body, match.end())
    stop = min(following.start() if following else len(body), match.end() + 160)
    return CloudFile(match["name"].strip(), match["size"].replace(" ", ""), _expiry(body[match.end() : stop]))


def _expiry(text: str) -> str:
    match = _EXPIRY.search(text)
    return re.sub(r"\s+", " ", next(g for g in match.groups() if g)).strip() if match else ""


class _Reader(HTMLParser):
    """Collects text; cells end in a tab, blocks in a line break."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.links: list[str] = []
        self.silent = 0
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        elif tag in ("td", "th"):
            self.cells += 1
        elif tag in BREAKS and not (self.cells and tag != "br" and tag not in ("tr", "table")):
            self._break(always=tag == "br")
        self.links += [v for k, v in attrs if k == "href" and v and v.startswith("http")]

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in ("td", "th"):
            self.cells = max(0, self.cells - 1)
            self.out.append("\t")
        elif tag in BREAKS and not self.cells:
            self._break()

    def _break(self, *, always: bool = False) -> None:
        if always or (self.out and self.out[-1] != "\n"):
            self.out.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.out.append(re.sub(r"[ \r\n\t]+", " ", data))
