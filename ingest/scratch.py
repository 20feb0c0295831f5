"""Where temporary files lie: in the home folder, so that nothing of what people sent stays elsewhere, even after a kill."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch(folder: Path) -> Iterator[None]:
    """This process and all it starts put temporary files there. What one that was killed left is removed first, ours at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    before, told = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder.absolute())
    try:
        yield
    finally:
        tempfile.tempdir = before
        os.environ.pop("TMPDIR")
        if told is not None:
            os.environ["TMPDIR"] = told
        shutil.rmtree(folder, ignore_errors=True)
