"""Old formats (.doc .wps .rtf .odt) -> DOCX by LibreOffice, if it is installed: alone, without macros, without a network."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

from extract.errors import DamagedFile, NeedsConversion, TooLarge
from extract.sniff import Format, sniff
from ingest.group import group
from ingest.work import environment

SUFFIX = {Format.DOC: ".doc", Format.RTF: ".rtf", Format.ODT: ".odt", Format.WORD_XML: ".xml"}
FUSED = (
    ("BlockUntrustedRefererLinks", "true"),
    ("DisableMacrosExecution", "true"),
    ("MacroSecurityLevel", "3"),
)
BOUNDS = "ulimit -c 0; ulimit -f 524288; ulimit -v 4194304"
"""What a conversion may take: files of 256 MB (sh counts blocks of 512 bytes), 4 GB of address space."""
LIFELINE = 'exec 3<&0; (read _ <&3; kill -9 0) & exec "$@" 3<&- </dev/null'
"""Ends the whole group of processes when the other end of its input is gone, which we hold: killed, we could not do it any more."""

PLAIN = rb"{\rtf1\ansi\pard 1\par}"
NOTHING_CAME = "旧格式文件无法转换，可能已损坏或设有密码"


class _Crashed(Exception):
    """LibreOffice did not end as it does of itself."""


def to_docx(data: bytes, name: str, *, seconds: float = 90.0) -> bytes:
    """The document as DOCX.

    Raises NeedsConversion where no LibreOffice is installed or it does not work, DamagedFile where it makes nothing of this document,
    TooLarge on a timeout, Stopped where `halt` ended it.
    """
    program = soffice()
    if not program:
        raise NeedsConversion
    suffix = SUFFIX.get(sniff(data, name))
    if not suffix:
        raise NeedsConversion("此格式不能自动转换", "请单位另存为 DOCX、PDF 重新报送（单位补报）")
    try:
        return _converted(data, suffix, program, seconds)
    except _Crashed:
        if _works(program, seconds):
            raise DamagedFile(NOTHING_CAME) from None
        raise NeedsConversion("LibreOffice 不能工作", "请运行 zicha doctor 检查，修好后运行 zicha retry（管理员处理）") from None


@functools.cache
def soffice() -> str | None:
    """Where LibreOffice is; None if it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


@functools.cache
def isolation() -> tuple[str, ...]:
    """The command that takes the network away, where the system lets us; it fetches linked pictures otherwise."""
    program = shutil.which("unshare")
    command = (program, "-rn") if program else ()
    works = bool(command) and subprocess.run([*command, "true"], capture_output=True, timeout=10, check=False).returncode == 0
    return command if works else ()


def _works(program: str, seconds: float) -> bool:
    """Whether it converts what is certainly whole: what nothing comes of elsewhere is not the sender's fault otherwise."""
    try:
        return bool(_converted(PLAIN, ".rtf", program, seconds))
    except (_Crashed, DamagedFile, TooLarge):
        return False


def _converted(data: bytes, suffix: str, program: str, seconds: float) -> bytes:
    with tempfile.TemporaryDirectory(prefix="zicha-") as folder:
        return _convert(Path(folder), data, suffix, program, seconds)


def _convert(folder: Path, data: bytes, suffix: str, program: str, seconds: float) -> bytes:
    """Raises _Crashed where it ended badly and left nothing, DamagedFile where it ended well and left nothing."""
    profile, out, source = folder / "profile", folder / "out", folder / f"in{suffix}"
    _profile(profile)
    out.mkdir()
    source.write_bytes(data)
    command = [
        *isolation(),
        *("sh", "-c", f"{BOUNDS}; {LIFELINE}", "sh"),
        program,
        f"-env:UserInstallation={profile.as_uri()}",
        f"-env:UNO_SHARED_PACKAGES_CACHE={(folder / 'shared').as_uri()}",  # the machine's own: root would close it to all others
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--convert-to",
        "docx",
        "--outdir",
        str(out),
        str(source),
    ]
    environ = {**environment(), "HOME": str(folder)}
    try:
        with group(command, stdout=subprocess.DEVNULL, env=environ, cwd=folder) as process:
            code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise TooLarge("旧格式文件转换超时") from None
    result = out / "in.docx"  # its exit code is 0 even when it fails: only the file counts
    if not result.is_file() or not result.stat().st_size:
        raise _Crashed if code else DamagedFile(NOTHING_CAME)
    return result.read_bytes()


def _profile(folder: Path) -> None:
    path = "/org.openoffice.Office.Common/Security/Scripting"
    items = "".join(f'<item oor:path="{path}"><prop oor:name="{n}" oor:op="fuse"><value>{v}</value></prop></item>' for n, v in FUSED)
    (folder / "user").mkdir(parents=True)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>\n'
    (folder / "user" / "registrymodifications.xcu").write_text(text, "utf-8")
