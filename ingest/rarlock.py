"""One file of a RAR archive with a password. `unar` takes it on its command line, which everyone on the machine can read, or asks for
it on a terminal: it is given one."""

from __future__ import annotations

import contextlib
import os
import pty
import resource
import subprocess
import tempfile
from pathlib import Path

UNAR = "unar"
PROMPT = b"(will not be shown): "


def locked_file(archive: bytes, number: int, password: str, size: int) -> bytes | None:
    """The file of that number (from 0, folders counted) if it comes out whole, `size` bytes; None for a wrong password, or damage.

    Written into a folder of its own below TMPDIR. Raises FileNotFoundError where unar is not installed.
    """
    if any(ord(c) < 32 or ord(c) == 127 for c in password):  # a terminal would take it for a command
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "a.rar"), Path(folder, "out")
        source.write_bytes(archive)
        out.mkdir()
        command = [UNAR, "-no-directory", "-force-overwrite", "-output-directory", str(out), "-indexes", str(source), str(number)]
        if not _asked(command, password, size):
            return None
        found = [p for p in out.rglob("*") if p.is_file() and not p.is_symlink()]
        data = found[0].read_bytes() if len(found) == 1 else b""
        return data if len(data) == size else None


def _asked(command: list[str], password: str, size: int) -> bool:
    """Run it and answer its one question; whether it went well."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size + 1, size + 1))
        said, answered = b"", False
        with contextlib.suppress(OSError):  # how a terminal says that nobody is at the other end
            while piece := os.read(ours, 4096):
                said = (said + piece)[-4096:]
                if PROMPT in said and not answered:
                    os.write(ours, password.encode() + b"\n")
                    answered = True
        return process.wait() == 0
    finally:
        os.close(ours)
