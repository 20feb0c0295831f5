"""Old formats (.doc .wps .rtf .odt) -> DOCX by LibreOffice, if it is installed: alone, without macros, without a network."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from extract.errors import DamagedFile, NeedsConversion, TooLarge
from extract.sniff import Format, sniff
from ingest.work import Stopped, environment

SUFFIX = {Format.DOC: ".doc", Format.RTF: ".rtf", Format.ODT: ".odt", Format.WORD_XML: ".xml"}
FUSED = (
    ("BlockUntrustedRefererLinks", "true"),
    ("DisableMacrosExecution", "true"),
    ("MacroSecurityLevel", "3"),
)
BOUNDS = ("sh", "-c", 'ulimit -c 0; ulimit -f 524288; ulimit -v 4194304; exec "$@"', "sh")
"""What a conversion may take: files of 256 MB (sh counts blocks of 512 bytes), 4 GB of address space."""
_running: set[subprocess.Popen[bytes]] = set()
_halted: set[subprocess.Popen[bytes]] = set()
_lock = threading.Lock()


def to_docx(data: bytes, name: str, *, seconds: float = 90.0) -> bytes:
    """The document as DOCX.

    Raises NeedsConversion where no LibreOffice is installed, DamagedFile where it makes nothing of it, TooLarge on a timeout,
    Stopped where `halt` ended it.
    """
    program = soffice()
    if not program:
        raise NeedsConversion
    suffix = SUFFIX.get(sniff(data, name))
    if not suffix:
        raise NeedsConversion("此格式不能自动转换", "请单位另存为 DOCX、PDF 重新报送（单位补报）")
    with tempfile.TemporaryDirectory(prefix="zicha-") as folder:
        return _convert(Path(folder), data, suffix, program, seconds)


def halt() -> None:
    """End what is being converted, from any thread; it says nothing about the file."""
    with _lock:
        _halted.update(_running)
        for process in _running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


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


def _convert(folder: Path, data: bytes, suffix: str, program: str, seconds: float) -> bytes:
    profile, out, source = folder / "profile", folder / "out", folder / f"in{suffix}"
    _profile(profile)
    out.mkdir()
    source.write_bytes(data)
    command = [
        *isolation(),
        *BOUNDS,
        program,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--convert-to",
        "docx",
        "--outdir",
        str(out),
        str(source),
    ]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**environment(), "HOME": str(folder)},
        cwd=folder,
        start_new_session=True,
    )
    with _lock:
        _running.add(process)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise TooLarge("旧格式文件转换超时") from None
    finally:
        halted = _kill_group(process)
    if halted:
        raise Stopped
    result = out / "in.docx"  # its exit code is 0 even when it fails: only the file counts
    if not result.is_file() or not result.stat().st_size:
        raise DamagedFile("旧格式文件无法转换，可能已损坏或设有密码")
    return result.read_bytes()


def _kill_group(process: subprocess.Popen[bytes]) -> bool:
    """Killing the starter alone would leave soffice.bin running. Tells whether `halt` had done it before."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with _lock:
        _running.discard(process)
        halted = process in _halted
        _halted.discard(process)
    return halted


def _profile(folder: Path) -> None:
    path = "/org.openoffice.Office.Common/Security/Scripting"
    items = "".join(f'<item oor:path="{path}"><prop oor:name="{n}" oor:op="fuse"><value>{v}</value></prop></item>' for n, v in FUSED)
    (folder / "user").mkdir(parents=True)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>\n'
    (folder / "user" / "registrymodifications.xcu").write_text(text, "utf-8")
