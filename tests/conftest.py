"""What all tests share: asking for system programs, and the repository's own places."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def skip_or_fail(reason: str) -> None:
    """A machine without the means skips; the build machine has to have them."""
    if os.environ.get("ZICHA_CI") == "1":
        pytest.fail(f"{reason}（ZICHA_CI=1：不得跳过）", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def needs_program() -> Callable[..., str]:
    """needs_program("soffice", package="libreoffice-writer-nogui") -> its path; skips without it, fails in CI."""

    def find(*names: str, package: str) -> str:
        found = next((path for name in names if (path := shutil.which(name))), None)
        if not found:
            skip_or_fail(f"缺少 {names[0]}，请安装 {package}")
        return str(found)

    return find


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Files of public projects that lie beside the checkout and are never part of it; skips where they are not."""
    folder = SHARED / "corpus"
    if not folder.is_dir():
        pytest.skip("没有公共语料目录")
    return folder
