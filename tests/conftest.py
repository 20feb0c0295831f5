"""What all tests share: system programs, the repository's own places, the installed command, builders of mails and files."""

from __future__ import annotations

import functools
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import threading
import venv
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from subprocess import PIPE
from types import ModuleType
from typing import Any

import docx
import openpyxl
import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


os.environ["ZICHA_PORT"] = "0"  # no watcher opens pages unless a test asks for them: the usual port is one for all
ABSENT = ("../shared", "网络命名空间", "不是 git 检出")
"""What even the build machine need not have; a test that skips for anything else fails there."""


LONGEST = [
    "test_accuracy.py", "test_names_changed.py", "test_season.py", "test_network.py", "test_cli_exports.py",
    "test_actions.py", "test_decisions_cli.py", "test_county_home.py", "test_read.py", "test_season_by_mail.py",
    "test_bundle.py", "test_worksheet.py", "test_browser_item.py", "test_lists.py", "test_watch.py", "test_intake.py",
    "test_faults.py", "test_scan.py", "test_serve.py",
]  # fmt: skip
"""The test files that take longest: begun first, so that none is left over at the end for one process alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; within a file nothing changes."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --update-golden` writes tests/golden anew."""
    parser.addoption("--update-golden", action="store_true", help="write the golden worksheets anew instead of comparing with them")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A machine without the means skips; the build machine (ZICHA_CI=1) has to have them."""
    report = yield
    reason = str(report.longrepr)
    skipped = report.skipped and not hasattr(report, "wasxfail")
    if skipped and os.environ.get("ZICHA_CI") == "1" and not any(word in reason for word in ABSENT):
        report.outcome, report.longrepr = "failed", f"ZICHA_CI=1：不得跳过：{reason}"
    return report


@pytest.fixture(scope="session")
def needs_program() -> Callable[..., str]:
    """needs_program("soffice", package="libreoffice-writer-nogui") -> its path; skips without it."""

    def find(*names: str, package: str) -> str:
        found = next((path for name in names if (path := shutil.which(name))), None)
        if not found:
            pytest.skip(f"缺少 {names[0]}，请安装 {package}")
        return found

    return find


@pytest.fixture(scope="session")
def chromium(needs_program: Callable[..., str]) -> Iterator[Any]:
    """The system's Chromium, driven by Playwright; one for all tests of a process."""
    from playwright.sync_api import sync_playwright

    program = needs_program("chromium", "chromium-browser", "google-chrome", package="chromium")
    quiet = ("--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update")
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*quiet, *root, "--no-first-run", "--disable-sync"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The brief's own folder beside the checkout, never part of it; skips where it is not."""
    if not SHARED.is_dir():
        pytest.skip("没有 ../shared 目录")
    return SHARED


@pytest.fixture(scope="session")
def corpus(shared: Path) -> Path:
    """Files of public projects beside the checkout."""
    return shared / "corpus"


@pytest.fixture(scope="session")
def bench_module() -> Callable[[str], ModuleType]:
    """bench_module("evaluate") -> a program of bench/ as a module; bench/ is no package."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"bench_{name}", ROOT / "bench" / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # dataclasses look their module up
        spec.loader.exec_module(module)
        return module

    return cache(load)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files as they stand, and nothing that lies about (a stale build/ would ship deleted modules)."""
    if not (ROOT / ".git").exists():
        pytest.skip("不是 git 检出")
    folder = tmp_path_factory.mktemp("source")
    with tarfile.open(fileobj=io.BytesIO(_git("archive", _tracked(tmp_path_factory.mktemp("index"))))) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _tracked(scratch: Path) -> str:
    """The tree of all tracked files with what was changed in them since; in a fresh clone that of HEAD."""
    index = scratch / "index"
    shutil.copy(_git("rev-parse", "--path-format=absolute", "--git-path", "index").decode().strip(), index)
    _git("add", "--update", index=index)
    return _git("write-tree", index=index).decode().strip()


def _git(*arguments: str, index: Path | None = None) -> bytes:
    env = {**os.environ, **({"GIT_INDEX_FILE": str(index)} if index else {})}
    return subprocess.run(["git", "-C", str(ROOT), *arguments], stdout=subprocess.PIPE, check=True, env=env).stdout


@pytest.fixture(scope="session")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution built from the tracked files."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(source)]
    subprocess.run(command, check=True)
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment's bin/ with the wheel in it; what it depends on comes from this environment, which the lock filled."""
    place = tmp_path_factory.mktemp("installed") / "env"
    venv.create(place, with_pip=False, symlinks=True)
    site = next((place / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", "utf-8")
    python = str(place / "bin" / "python")
    subprocess.run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", str(wheel)], check=True)
    return place / "bin"


@pytest.fixture(scope="session")
def installed_environ() -> dict[str, str]:
    """The environment for the installed copy: nothing leads back to the checkout."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PYTHONSAFEPATH": "1"}


COMMANDS = """
import contextlib, io, json, sys, zicha
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = zicha.main(json.loads(line))
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""


class Commands:
    """One command after another in one process: what it takes to start is paid once."""

    def __init__(self, python: Path | str, environ: dict[str, str]) -> None:
        command = [str(python), "-c", COMMANDS]
        self.process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, env=environ, cwd="/")

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        """(exit code, standard output, standard error) of `zicha ARGUMENTS`."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([*map(str, arguments)]) + "\n")
        self.process.stdin.flush()
        code, out, err = json.loads(self.process.stdout.readline())
        return code, out, err

    def end(self) -> None:
        """Let the process end."""
        self.process.communicate(timeout=60)


@pytest.fixture(scope="session")
def commands(installed: Path) -> Iterator[Callable[..., Commands]]:
    """commands(environ) -> the installed command, many times in one process, until the session ends."""
    started: list[Commands] = []

    def start(environ: dict[str, str]) -> Commands:
        started.append(Commands(installed / "python", environ))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture(scope="session")
def read_mails(commands: Callable[..., Commands], installed_environ: dict[str, str]) -> Iterator[Callable[[Sequence[Path]], list[bytes]]]:
    """read_mails([mail, …]) -> what the installed `zicha process MAIL --json` prints for each; every mail is read once a session."""
    printed: dict[Path, Future[bytes]] = {}
    here = threading.local()

    def read_one(mail: Path) -> bytes:
        if not hasattr(here, "run"):
            here.run = commands(installed_environ)
        code, out, err = here.run("process", mail, "--json")
        assert (code, err) == (0, ""), f"{mail}: {err}"
        return str(out).encode()

    with ThreadPoolExecutor(2) as pool:

        def read(mails: Sequence[Path]) -> list[bytes]:
            for mail in mails:
                if mail not in printed:
                    printed[mail] = pool.submit(read_one, mail)
            return [printed[mail].result() for mail in mails]

        yield read


@functools.cache  # a moment later its bytes would be others, which tell the time
def _docx(paragraphs: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for k, row in enumerate(rows):
            for cell, text in zip(table.rows[k].cells, row, strict=True):
                cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.fixture(scope="session")
def make_docx() -> Callable[..., bytes]:
    """make_docx("一、……", "……", rows=[["序号", "材料名称"], …]) -> a DOCX with those paragraphs and one table."""

    def make(*paragraphs: str, rows: Sequence[Sequence[str]] = ()) -> bytes:
        return _docx(paragraphs, tuple(map(tuple, rows)))

    return make


@functools.cache
def _xlsx(rows: tuple[tuple[str, ...], ...]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="session")
def make_xlsx() -> Callable[..., bytes]:
    """make_xlsx([["序号", "材料名称"], …]) -> an XLSX with one sheet."""

    def make(rows: Sequence[Sequence[str]]) -> bytes:
        return _xlsx(tuple(map(tuple, rows)))

    return make


@pytest.fixture(scope="session")
def make_mail() -> Callable[..., bytes]:
    """make_mail({"自查报告.docx": b"…"}, subject=…, sender=…, date=…, received=…, body=…) -> a mail."""

    def make(
        files: dict[str, bytes] | None = None,
        *,
        subject: str = "报送自查报告",
        sender: str = "某县政府办公室 <office@county.example>",
        date: str = "Fri, 19 Jan 2018 10:36:00 +0800",
        received: Sequence[str] = (),
        body: str = "现将材料报上，请查收。",
    ) -> bytes:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, "assessment-office@city.example", subject, date
        mail.set_content(body)
        for name, data in (files or {}).items():
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        hops = "".join(f"Received: from a.example by b.example with ESMTP id 1;\r\n\t{when}\r\n" for when in received)
        return hops.encode() + mail.as_bytes()

    return make


REPORT = (
    "{unit}2017年“互联网+政务服务”工作自查报告",
    "根据通知要求，现将自查情况报告如下。",
    "一、完善组织和制度保障",
    "成立领导小组，印发了《{unit}关于成立“互联网+政务服务”领导小组的通知》（办发〔2017〕12号），明确了工作机构和人员。",
    "二、规范网上服务事项",
    "编制了《{unit}政务服务事项目录》，{extra}按要求公开。",
    "三、存在问题和下一步打算",
    "一是部分单位对网上办理重视不够，工作力量薄弱；二是业务培训次数偏少，人员更换后衔接不及时；三是宣传渠道单一，群众知晓率有待提高。",
    "下一步将加强督导，定期通报，组织专题培训，扩大宣传范围，确保各项任务按期完成。",
    "{unit}人民政府",
    "2018年1月18日",
)
ROWS = (
    ("序号", "材料名称", "文号"),
    ("1", "{unit}关于成立“互联网+政务服务”领导小组的通知", "办发〔2017〕12号"),
    ("2", "{unit}政务服务事项目录", ""),
)


@pytest.fixture(scope="session")
def make_report(make_docx: Callable[..., bytes]) -> Callable[..., bytes]:
    """make_report("集贤县", extra="并") -> the report of a unit; other words make other bytes."""

    def make(unit: str = "集贤县", extra: str = "") -> bytes:
        return make_docx(*(line.format(unit=unit, extra=extra) for line in REPORT))

    return make


@pytest.fixture(scope="session")
def make_catalog(make_xlsx: Callable[..., bytes]) -> Callable[..., bytes]:
    """make_catalog("集贤县", more=["签到簿"]) -> its catalog of evidence."""

    def make(unit: str = "集贤县", more: Sequence[str] = ()) -> bytes:
        rows = [[cell.format(unit=unit) for cell in row] for row in ROWS]
        return make_xlsx([*rows, *([str(k), title, ""] for k, title in enumerate(more, 3))])

    return make
