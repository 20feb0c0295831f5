"""`make bundle`: everything an office without the internet needs to install zicha, in one file.

Wheels for x86-64 and aarch64, each as the lock knows it by its hash, zicha's own wheel, the lock, the install script, the unit, the
documents. What has no wheel is built from its locked source, and the hash of what was built goes into the bundle's own lock.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MACHINES = ("x86_64", "aarch64")
LIBC = ("2_28", "2_27", "2_26", "2_24", "2_17", "2_12", "2_5")
"""Wheels for these versions of glibc and none newer: servers of Kylin V10 and UOS have 2.28."""
SOURCES = ("jieba",)
"""Packages that are published as source only; they are pure Python."""
FILES = ("packaging/install.sh", "packaging/zicha.service", "packaging/nginx.conf", "LICENSE", "README.md", "README.zh-CN.md")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def main() -> int:
    """Make the bundle; its path is printed."""
    parser = argparse.ArgumentParser(description="把离线安装所需的一切做成一个文件")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist")
    parser.add_argument("--machines", nargs="+", choices=MACHINES, default=MACHINES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zicha-bundle-") as scratch:
        wheels = Path(scratch) / "wheels"
        wheels.mkdir()
        lock = (ROOT / "requirements.lock").read_text("utf-8")
        for machine in options.machines:
            print(f"正在下载 {machine} 的组件……", file=sys.stderr)
            download(without(lock, SOURCES), machine, wheels, Path(scratch))
        built = build_sources(lock, wheels, Path(scratch))
        own = build_own(wheels, Path(scratch))
        file = pack(wheels, lock_with(lock, [*built, own]), options.folder)
    print(file)
    return 0


def download(lock: str, machine: str, folder: Path, scratch: Path) -> None:
    """The wheels of that machine, each compared with its hash in the lock."""
    names = [f"manylinux_{v}_{machine}" for v in LIBC] + [f"manylinux{v}_{machine}" for v in ("2014", "2010", "1")]
    platforms = [word for name in names for word in ("--platform", name)]
    tags = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--abi", "abi3", "--abi", "none"]
    listed = scratch / f"{machine}.lock"
    listed.write_text(lock, "utf-8")
    _run(*PIP, "download", "--require-hashes", "--no-deps", "--only-binary=:all:", *tags, *platforms, "-r", listed, "-d", folder)


def build_sources(lock: str, wheels: Path, scratch: Path) -> list[Path]:
    """Wheels of what is published as source only, from the sources that the lock names."""
    listed, out = scratch / "sources.lock", scratch / "sources"
    out.mkdir()
    listed.write_text("\n".join(b for b in _blocks(lock) if _name(b) in SOURCES) + "\n", "utf-8")
    how = ["--no-deps", "--no-build-isolation"]
    _run(*PIP, "download", "--require-hashes", *how, "--no-binary=:all:", "-r", listed, "-d", out)
    return [_built(wheels, *how, source) for source in sorted(out.iterdir())]


def build_own(wheels: Path, scratch: Path) -> Path:
    """zicha's own wheel, from the tracked files where this is a checkout: a stale build/ would ship deleted modules."""
    source = scratch / "source"
    if (ROOT / ".git").exists():
        source.mkdir()
        names = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
        for name in filter(None, names):
            if (ROOT / name).is_file():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, source / name)
    else:
        shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns("build", "dist", ".venv", "*.egg-info"))
    return _built(wheels, "--no-deps", "--no-build-isolation", source)


def pack(wheels: Path, lock: str, folder: Path) -> Path:
    """The bundle in that folder; the same content makes the same bytes."""
    name = f"zicha-{version()}"
    members = {f"wheels/{p.name}": p.read_bytes() for p in wheels.iterdir()}
    members |= {Path(file).name: (ROOT / file).read_bytes() for file in FILES}
    members |= {f"docs/{p.name}": p.read_bytes() for p in (ROOT / "docs").glob("*.md")}
    members |= {"requirements.lock": lock.encode(), "VERSION": f"{version()}\n".encode()}
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {member}\n" for member, data in sorted(members.items()))
    members["SHA256SUMS"] = sums.encode()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}-offline.tar.gz"
    with file.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for member, data in sorted(members.items()):
            info = tarfile.TarInfo(f"{name}/{member}")
            info.size, info.mode = len(data), 0o755 if member.endswith(".sh") else 0o644
            archive.addfile(info, io.BytesIO(data))
    return file


def lock_with(lock: str, wheels: Iterable[Path]) -> str:
    """The lock in which what was built here stands with its own hash; its other lines are as they were."""
    built = {_key(w.name.split("-")[0]): (w.name.split("-")[1], hashlib.sha256(w.read_bytes()).hexdigest()) for w in wheels}
    ours = {name: f"{name}=={version} \\\n    --hash=sha256:{digest}" for name, (version, digest) in sorted(built.items())}
    kept = [ours.pop(_key(_name(block)), block) for block in _blocks(lock)]
    return "\n".join([*filter(None, kept), *ours.values()]) + "\n"


def without(lock: str, names: Sequence[str]) -> str:
    """The lock without these packages."""
    return "\n".join(b for b in _blocks(lock) if _name(b) not in names) + "\n"


def version() -> str:
    """Of this zicha."""
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return found


def _built(wheels: Path, *what: object) -> Path:
    before = set(wheels.iterdir())
    _run(*PIP, "wheel", "--wheel-dir", wheels, *what)
    (made,) = set(wheels.iterdir()) - before
    return made


def _blocks(lock: str) -> list[str]:
    """One for each package: its line and its hashes."""
    return re.split(r"\n(?=\S)", lock.strip())


def _name(block: str) -> str:
    return re.split(r"[=; ]", block, maxsplit=1)[0]


def _key(name: str) -> str:
    """A package's name however it is written."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1577836800"})


if __name__ == "__main__":
    sys.exit(main())
