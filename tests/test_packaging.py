"""The wheel: built from what is committed, installed elsewhere, it does what the checkout does."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("extract", "scoring", "templates", "ingest", "review", "zicha.py")
LOCKS = ("requirements.lock", "requirements-dev.lock")
Maker = Callable[..., bytes]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is committed, and nothing that lies about (a stale build/ would ship deleted modules)."""
    if not (ROOT / ".git").exists():
        pytest.skip("不是 git 检出")
    folder = tmp_path_factory.mktemp("source")
    done = subprocess.run(["git", "-C", str(ROOT), "archive", "HEAD"], capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(source)]
    subprocess.run(command, check=True)
    (found,) = out.glob("*.whl")
    return found


@pytest.mark.slow
def test_the_wheel_holds_every_committed_file_of_the_rooms_and_no_other(source: Path, wheel: Path) -> None:
    committed = {p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file() and p.relative_to(source).parts[0] in ROOMS}
    with zipfile.ZipFile(wheel) as archive:
        shipped = {n for n in archive.namelist() if ".dist-info/" not in n}
    assert shipped == {c for c in committed if not c.endswith(".gitkeep")}


@pytest.mark.slow
def test_the_installed_copy_does_what_the_source_does(
    source: Path, wheel: Path, tmp_path: Path, make_mail: Maker, make_report: Maker, make_catalog: Maker
) -> None:
    place = tmp_path / "env"
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    site = next((place / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", "utf-8")  # what the lock installed for these tests
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)], check=True)
    mail = tmp_path / "a.eml"
    mail.write_bytes(make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}))
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PYTHONSAFEPATH": "1"}
    where = [str(python), "-c", "import zicha, extract.read; print(zicha.__file__, extract.read.__file__)"]
    assert str(ROOT) not in subprocess.run(where, capture_output=True, text=True, check=True, env=env, cwd="/").stdout.replace(
        str(place), ""
    )
    installed = subprocess.run(
        [str(place / "bin" / "zicha"), "process", str(mail), "--json"], capture_output=True, check=True, env=env, cwd="/"
    )
    checkout = subprocess.run(
        [sys.executable, str(source / "zicha.py"), "process", str(mail), "--json"], capture_output=True, check=True, cwd="/"
    )
    assert installed.stdout == checkout.stdout
    (tmp_path / "home" / "inbox").mkdir(parents=True)
    (tmp_path / "home" / "inbox" / "a.eml").write_bytes(mail.read_bytes())
    once = [str(place / "bin" / "zicha"), "once", "--home", str(tmp_path / "home")]
    subprocess.run(once, check=True, env=env | {"ZICHA_SETTLE": "0"}, cwd="/", capture_output=True)
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
