"""The offline bundle: installed where there is no network, beside a home folder that stays, after a backup of it.

Building the real bundle needs the package index and minutes; here the bundle is made of the packages installed in this very
environment, packed into wheels again, by the same code and for the same install script.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from ingest.store import Store

ROOT = Path(__file__).resolve().parent.parent
Maker = Callable[..., bytes]
ENOUGH = (
    "alembic", "cffi", "defusedxml", "et-xmlfile", "greenlet", "jinja2", "lxml", "mako", "markupsafe", "msoffcrypto-tool",
    "olefile", "openpyxl", "pycparser", "pycryptodomex", "python-crfsuite", "python-docx", "rapidfuzz", "sqlalchemy", "typing-extensions",
)  # fmt: skip
"""What setting up, deciding and backing up load; the rest is ten times as large."""
LEAVINGS = ("INSTALLER", "REQUESTED", "direct_url.json")
"""What an installer adds to a package."""


@pytest.fixture(scope="module")
def bundling() -> ModuleType:
    spec = importlib.util.spec_from_file_location("zicha_bundle", ROOT / "packaging" / "bundle.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def offline(bundling: ModuleType, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked bundle."""
    folder = tmp_path_factory.mktemp("bundle")
    wheels = folder / "wheels"
    wheels.mkdir()
    shutil.copy(wheel, wheels)
    for name in ENOUGH:
        packed_again(name, wheels)
    file = bundling.pack(wheels, bundling.lock_with("", wheels.iterdir()), folder / "out")
    with tarfile.open(file) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (inside,) = (folder / "unpacked").iterdir()
    return inside


def packed_again(name: str, folder: Path) -> None:
    """An installed package as the wheel that it came from."""
    found = importlib.metadata.distribution(name)
    tags = re.findall(r"^Tag: (py3\S+|cp3\S+)$", found.read_text("WHEEL") or "", re.M)
    stem = re.sub(r"[-_.]+", "_", found.metadata["Name"])
    with zipfile.ZipFile(folder / f"{stem}-{found.version}-{tags[0]}.whl", "w") as archive:
        for path in found.files or ():
            if ".." not in path.parts and "__pycache__" not in path.parts and path.name not in LEAVINGS:
                archive.write(str(path.locate()), path.as_posix())


def install(offline: Path, place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The install script without a network."""
    program = shutil.which("unshare")
    if not program or subprocess.run([program, "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("系统不允许建立网络命名空间")
    command = [program, "-rn", "sh", str(offline / "install.sh"), "--prefix", str(place / "opt"), "--home", str(place / "home")]
    command += ["--python", sys.executable, "--no-service", *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


@pytest.mark.slow
def test_it_installs_without_a_network_and_upgrades_after_a_backup(offline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine has set for Python and pip."""
    unfriendly(tmp_path, monkeypatch)
    done = install(offline, tmp_path)
    assert done.returncode == 0, done.stderr
    program, home = tmp_path / "opt" / "current" / "bin" / "zicha", tmp_path / "home"
    (home / "inbox" / "a.eml").write_bytes(b"x")
    (home / "zicha.toml").write_text("workers = 1\n", "utf-8")
    Store(home / "var" / "zicha.db").close()
    before = {p: p.read_bytes() for p in home.rglob("*") if p.is_file()}
    first = program.resolve()

    done = install(offline, tmp_path)
    assert done.returncode == 0, done.stderr
    (saved,) = (home / "backups").iterdir()
    assert {"zicha.toml", "var/zicha.db", "backup.json"} <= set(zipfile.ZipFile(saved).namelist())
    assert {p: p.read_bytes() for p in before} == before
    assert program.resolve() != first and first.exists(), "the version before stays for the way back"


def unfriendly(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = folder / "pip.conf"
    config.write_text("[global]\nno-binary = :all:\n[install]\nuser = true\n", "utf-8")
    (folder / "site").mkdir()
    (folder / "site" / "venv.py").write_text("raise SystemExit('not the one')\n", "utf-8")
    for name, value in (("PIP_CONFIG_FILE", config), ("PIP_USER", "1"), ("PIP_NO_BINARY", ":all:"), ("PYTHONPATH", folder / "site")):
        monkeypatch.setenv(name, str(value))


@pytest.mark.slow
def test_a_bundle_that_was_damaged_on_its_way_installs_nothing(offline: Path, tmp_path: Path) -> None:
    shutil.copytree(offline, tmp_path / "copy")
    with (tmp_path / "copy" / "requirements.lock").open("a") as file:
        file.write("# \n")
    done = install(tmp_path / "copy", tmp_path)
    assert (done.returncode, "安装文件不完整" in done.stderr) == (1, True)
    assert not (tmp_path / "opt").exists()


@pytest.mark.slow
def test_a_wheel_that_is_not_the_locked_one_is_refused_and_the_old_version_stays(offline: Path, tmp_path: Path) -> None:
    shutil.copytree(offline, tmp_path / "copy")
    lock = tmp_path / "copy" / "requirements.lock"
    lock.write_text(re.sub(r"sha256:[0-9a-f]{8}", "sha256:00000000", lock.read_text("utf-8"), count=1), "utf-8")
    files = [p for p in (tmp_path / "copy").rglob("*") if p.is_file() and p.name != "SHA256SUMS"]
    names = [str(p.relative_to(tmp_path / "copy")) for p in files]
    sums = subprocess.run(["sha256sum", *names], cwd=tmp_path / "copy", capture_output=True, text=True, check=True).stdout
    (tmp_path / "copy" / "SHA256SUMS").write_text(sums, "utf-8")
    done = install(tmp_path / "copy", tmp_path)
    assert (done.returncode, "没有装成" in done.stderr) == (1, True)
    assert list((tmp_path / "opt" / "releases").iterdir()) == []


def test_the_lock_of_the_bundle_has_what_was_built_by_its_own_hash(bundling: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "jieba-0.42.1-py3-none-any.whl").write_bytes(b"x")
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    found = bundling.lock_with(lock, tmp_path.iterdir())
    assert "jieba==0.42.1 \\\n    --hash=sha256:2d711642" in found
    assert found.count("jieba==") == 1
    assert bundling.without(found, ["jieba"]) == bundling.without(lock, ["jieba"])


@pytest.mark.parametrize("name", ["bundle.py", "install.sh", "zicha.service", "nginx.conf"])
def test_no_address_of_any_index_stands_in_what_is_packed(name: str) -> None:
    text = (ROOT / "packaging" / name).read_text("utf-8")
    assert not re.search(r"https?://(?!127\.0\.0\.1)|index-url|extra-index|trusted-host", text.replace("https://$host", ""))
