"""The wheel: built from what is committed, installed elsewhere, it does what the checkout does."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("extract", "scoring", "templates", "ingest", "review", "commands", "zicha.py")
LOCKS = ("requirements.lock", "requirements-dev.lock")
Maker = Callable[..., bytes]


@pytest.mark.slow
def test_the_wheel_holds_every_committed_file_of_the_rooms_and_no_other(source: Path, wheel: Path) -> None:
    committed = {p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file() and p.relative_to(source).parts[0] in ROOMS}
    with zipfile.ZipFile(wheel) as archive:
        shipped = {n for n in archive.namelist() if ".dist-info/" not in n}
    assert shipped == {c for c in committed if not c.endswith(".gitkeep")}


@pytest.mark.slow
def test_the_installed_copy_does_what_the_source_does(
    source: Path,
    installed: Path,
    installed_environ: dict[str, str],
    tmp_path: Path,
    make_mail: Maker,
    make_report: Maker,
    make_catalog: Maker,
) -> None:
    environ = installed_environ | {"ZICHA_SETTLE": "0"}

    def output(*command: object, env: dict[str, str] | None = environ) -> str:
        return subprocess.run([*map(str, command)], capture_output=True, text=True, check=True, env=env, cwd="/").stdout

    (tmp_path / "home" / "inbox").mkdir(parents=True)
    mail = tmp_path / "home" / "inbox" / "a.eml"
    mail.write_bytes(make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}))
    places = output(installed / "python", "-c", "import zicha, extract.read; print(zicha.__file__); print(extract.read.__file__)")
    assert all(Path(place).is_relative_to(installed.parent) for place in places.splitlines())
    assert output(installed / "zicha", "process", mail, "--json") == output(
        sys.executable, source / "zicha.py", "process", mail, "--json", env=None
    )
    output(installed / "zicha", "once", "--home", tmp_path / "home")
    assert (tmp_path / "home" / "outbox" / "看板.html").is_file()


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_names_no_host_and_no_local_path(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"https?:|file:|^-|/tmp|/home|/opt|@ ", text, re.M)


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_the_lock_is_pinned_and_hashed(name: str) -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text("utf-8").strip())
    assert not [b.split("\n")[0] for b in blocks if not re.match(r"[\w.-]+==\S+", b) or "--hash=sha256:" not in b]


def test_the_locks_hold_every_dependency_and_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    runtime, dev = (dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.M)) for name in LOCKS)
    wanted = {re.split(r"[<>=!~ ]", d)[0].lower() for d in project["dependencies"]}
    assert wanted <= set(runtime)
    assert {n: v for n, v in runtime.items() if dev.get(n) != v} == {}
    assert {re.split(r"[<>=!~ ]", d)[0].lower() for d in project["optional-dependencies"]["dev"]} <= {n.lower() for n in dev}
