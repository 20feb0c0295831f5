"""`zicha doctor`: do the programs that reading stands on do their work here? Each is tried on a file of our own, not just looked for."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from extract.errors import DocumentError
from extract.sniff import Format, sniff
from ingest.convert import isolation, soffice, to_docx
from ingest.doctor import ADMIN, BAD, NOTE, OK, Check
from ingest.settings import Settings
from ingest.work import Limits, WorkerError, Workers

RECOGNITION = 1536
"""MiB of address space without which the recognition of text does not start."""
RESIDENT = 900
"""MiB that a child really takes while it recognises text."""
NUMBER = "20180119"
RTF = r"{\rtf1\ansi\pard " + NUMBER + r"\par}"


def examine_tools(settings: Settings) -> Iterator[Check]:
    """The checks of this machine, one after another as they end; takes a few seconds."""
    yield memory(settings.memory, settings.workers, available())
    yield recognition(settings)
    yield conversion(settings.convert_seconds)
    yield unar()
    yield fonts()


def memory(allowed: int, workers: int, free: int | None) -> Check:
    """Whether a reading child may and can take what recognition needs; all in MiB, `free` None if nobody knows."""
    if allowed < RECOGNITION:
        return Check("memory", "内存", BAD, f"zicha.toml 中 memory = {allowed}，识别图片文字至少要 {RECOGNITION}", ADMIN)
    if free is not None and free < RESIDENT * workers:
        told = f"可用内存{free} MiB，同时识别{workers}个文件约需{RESIDENT * workers} MiB；请减少 zicha.toml 中的 workers 或增加内存"
        return Check("memory", "内存", NOTE, told, ADMIN)
    return Check("memory", "内存", OK, "足够" if free is None else f"可用{free} MiB，每个文件最多用{allowed} MiB")


def available() -> int | None:
    """MiB that programs can still have here, by the system's own account and by the bound of our control group."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        free = next(int(line.split()[1]) >> 10 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        return None
    try:
        bound, used = (int(Path("/sys/fs/cgroup", name).read_text("ascii")) >> 20 for name in ("memory.max", "memory.current"))
    except (OSError, ValueError):  # "max": no bound
        return free
    return min(free, max(0, bound - used))


def recognition(settings: Settings) -> Check:
    """Read a picture of a number as a picture from the inbox would be: in a child, within its limits."""
    limits = Limits(settings.memory << 20, min(settings.read_seconds, 120.0))
    try:
        with Workers(limits) as workers:
            text = workers.read(_picture(), "自检.png").text
    except WorkerError as error:
        return Check("recognition", "文字识别", BAD, str(error), ADMIN)
    except DocumentError as error:
        return Check("recognition", "文字识别", BAD, f"试读图片失败：{error.cause}", ADMIN)
    if NUMBER not in text.replace(" ", ""):
        return Check("recognition", "文字识别", BAD, "试读图片的结果不对，识别模型可能不完整，请重新安装", ADMIN)
    return Check("recognition", "文字识别", OK, "模型完好，试读图片正确")


def conversion(seconds: float) -> Check:
    """Convert a small document as an old one from the inbox would be."""
    title = "LibreOffice"
    if not soffice():
        return Check("libreoffice", title, NOTE, "没有安装，.doc、.wps、.rtf 等旧格式文件不能读取", ADMIN)
    try:
        made = sniff(to_docx(RTF.encode(), "自检.rtf", seconds=seconds), "自检.docx")
    except DocumentError as error:
        return Check("libreoffice", title, BAD, f"试转文件失败：{error.cause}", ADMIN)
    if made is not Format.DOCX:
        return Check("libreoffice", title, BAD, "试转文件的结果不对，请重新安装", ADMIN)
    if not isolation():
        told = "可以转换旧格式文件；但系统不允许断开其网络（用户命名空间被禁用），文件中的外部链接只靠设置阻止"
        return Check("libreoffice", title, NOTE, told, ADMIN)
    return Check("libreoffice", title, OK, "可以转换旧格式文件，转换时不能联网")


def unar() -> Check:
    """RAR archives are opened by unar."""
    if not shutil.which("unar"):
        return Check("unar", "unar", NOTE, "没有安装，RAR 压缩包不能打开", ADMIN)
    return Check("unar", "unar", OK, "已安装，可以打开 RAR 压缩包")


def fonts() -> Check:
    """A PDF without its own fonts, and a converted document, are drawn with the system's."""
    program = shutil.which("fc-list")
    if not program:
        return Check("fonts", "中文字体", NOTE, "系统没有字体程序（fontconfig），未能检查", ADMIN)
    try:
        done = subprocess.run([program, ":lang=zh", "family"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.SubprocessError):
        return Check("fonts", "中文字体", NOTE, "未能检查", ADMIN)
    found = {line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip()}
    if not found:
        return Check("fonts", "中文字体", NOTE, "没有中文字体，未嵌入字体的 PDF 可能认不出文字；请安装 fonts-noto-cjk 等", ADMIN)
    return Check("fonts", "中文字体", OK, f"已安装{len(found)}种")


def _picture() -> bytes:
    image = Image.new("RGB", (900, 300), "white")
    ImageDraw.Draw(image).text((80, 90), NUMBER, fill="black", font=ImageFont.load_default(96))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
