"""A document is read in a child with limits; a child that dies or hangs costs its own job only."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from extract.errors import DocumentError, EncryptedFile, TooLarge
from ingest.child import PAGE_SECONDS
from ingest.work import MOST_PAGES, Deadline, Limits, Stopped, Workers, environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workers() -> Iterator[Workers]:
    with Workers() as running:
        yield running


@pytest.fixture(scope="module")
def slow_picture() -> bytes:
    """A page that takes the recogniser seconds: nothing but strokes."""
    page = Image.effect_noise((1600, 2200), 90)
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def children(workers: Workers) -> set[int]:
    return {c.process.pid for c in workers._children}


def test_a_document_is_read_in_a_child(workers: Workers, make_docx: Callable[..., bytes]) -> None:
    assert "自查报告" in workers.read(make_docx("自查报告"), "a.docx").text
    (pid,) = children(workers)
    assert pid != os.getpid()


def test_one_child_reads_many_documents(workers: Workers, make_docx: Callable[..., bytes]) -> None:
    for k in range(3):
        workers.read(make_docx(f"第{k}份"), "a.docx")
    assert len(children(workers)) == 1


def test_what_is_wrong_with_a_file_arrives_as_it_was_raised(workers: Workers) -> None:
    with pytest.raises(DocumentError) as caught:
        workers.read(b"", "a.docx")
    assert (type(caught.value).__name__, caught.value.cause) == ("EmptyFile", "文件是空的，没有任何内容")


def test_after_a_bad_file_the_child_lives_on(workers: Workers, make_docx: Callable[..., bytes]) -> None:
    with pytest.raises(DocumentError):
        workers.read(b"\x00\x01", "a.bin")
    assert workers.read(make_docx("还在"), "a.docx").text == "还在"
    assert len(children(workers)) == 1


def test_a_killed_child_costs_its_own_job_only(workers: Workers, make_docx: Callable[..., bytes], slow_picture: bytes) -> None:
    workers.read(make_docx("先读一份"), "a.docx")
    (pid,) = children(workers)
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(TooLarge):
        workers.read(slow_picture, "a.png")
    assert workers.read(make_docx("再读一份"), "a.docx").text == "再读一份"
    assert children(workers).isdisjoint({pid})


def test_a_crash_in_a_library_is_a_sentence(workers: Workers, make_docx: Callable[..., bytes], slow_picture: bytes) -> None:
    workers.read(make_docx("先读一份"), "a.docx")
    threading.Timer(0.3, os.kill, (*children(workers), signal.SIGSEGV)).start()
    with pytest.raises(DocumentError) as caught:
        workers.read(slow_picture, "a.png")
    assert caught.value.cause == "文件结构异常，读取程序中断"


def test_a_document_that_takes_too_long_is_given_up(make_docx: Callable[..., bytes], slow_picture: bytes) -> None:
    with Workers(Limits(seconds=1.5)) as workers:
        started = time.monotonic()
        with pytest.raises(TooLarge) as caught:
            workers.read(slow_picture, "a.png")
        assert caught.value.cause == "读取超时，文件过大或结构异常"
        assert time.monotonic() - started < 8


def test_each_page_that_is_done_gives_a_long_document_more_time(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan of a hundred pages takes minutes on a slow machine; it does not hang."""
    late: list[bool] = []
    deadline = Deadline(0.2, lambda: late.append(True))
    deadline.start()
    deadline.move()
    deadline.join(0.6)
    assert not late and deadline.is_alive()
    deadline.met.set()
    moved: list[int] = []
    monkeypatch.setattr(Deadline, "move", lambda self: moved.append(1))
    page = Image.new("L", (900, 1200), 255)
    ImageDraw.Draw(page).text((80, 200), "SELF REPORT\n2018 01 19", fill=0, font_size=70)
    out = io.BytesIO()
    page.save(out, "TIFF", save_all=True, append_images=[page, page])
    assert workers.read(out.getvalue(), "a.tif").pages == len(moved) == 3


def test_signs_of_life_do_not_keep_a_child_alive_for_ever() -> None:
    deadline = Deadline(1.0, lambda: None)
    begun = deadline.at
    for _ in range(MOST_PAGES * 2):
        deadline.move()
    assert deadline.at == pytest.approx(begun + MOST_PAGES * PAGE_SECONDS)


def test_a_document_that_takes_too_much_memory_is_given_up(make_docx: Callable[..., bytes], slow_picture: bytes) -> None:
    with Workers(Limits(memory=800 << 20)) as workers:
        with pytest.raises(TooLarge) as caught:
            workers.read(slow_picture, "a.png")
        assert caught.value.cause == "读取时内存不足，文件过大或结构异常"
        assert workers.read(make_docx("小文件"), "a.docx").text == "小文件"


def test_several_threads_have_a_child_each(workers: Workers, make_docx: Callable[..., bytes]) -> None:
    barrier = threading.Barrier(2)

    def read(text: str) -> str:
        barrier.wait()
        return workers.read(make_docx(text), "a.docx").text

    with ThreadPoolExecutor(2) as executor:
        assert list(executor.map(read, ["甲", "乙"])) == ["甲", "乙"]
    assert len(children(workers)) == 2


def test_one_thread_after_another_is_served_by_the_same_child(workers: Workers, make_docx: Callable[..., bytes]) -> None:
    """A service that runs for weeks starts a thread for whatever comes; it must not start a child for each of them."""
    for k in range(3):
        with ThreadPoolExecutor(1) as executor:
            executor.submit(workers.read, make_docx(f"第{k}份"), "a.docx").result()
    assert len(children(workers)) == 1


def test_children_with_nothing_to_do_are_sent_home(workers: Workers, make_docx: Callable[..., bytes]) -> None:
    workers.read(make_docx("一"), "a.docx")
    (pid,) = children(workers)
    workers.rest()
    assert children(workers) == set()
    assert not Path(f"/proc/{pid}").exists()
    assert workers.read(make_docx("二"), "a.docx").text == "二"


def test_closing_ends_the_children_and_blames_no_file(make_docx: Callable[..., bytes], slow_picture: bytes) -> None:
    workers = Workers()
    workers.read(make_docx("一"), "a.docx")
    (pid,) = children(workers)
    threading.Timer(0.3, workers.close).start()
    with pytest.raises(Stopped):
        workers.read(slow_picture, "a.png")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_child_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZICHA_PASSWORD", "geheim")
    assert "geheim" not in str(environment())


@pytest.mark.parametrize("busy", [False, True])
def test_a_child_ends_when_its_parent_is_gone(
    make_docx: Callable[..., bytes], slow_picture: bytes, tmp_path: Path, busy: bool
) -> None:
    """Also in the middle of a file that nobody waits for any more."""
    (tmp_path / "a.docx").write_bytes(make_docx("一"))
    (tmp_path / "b.png").write_bytes(slow_picture * busy)
    program = (
        "import os, sys, signal, threading, time; from pathlib import Path; from ingest.work import Workers; w = Workers();"
        "w.read(Path(sys.argv[1]).read_bytes(), 'a.docx'); print(*[c.process.pid for c in w._children], flush=True);"
        "picture = Path(sys.argv[2]).read_bytes();"
        "picture and threading.Thread(target=w.read, args=(picture, 'b.png'), daemon=True).start() or time.sleep(0.5);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "a.docx"), str(tmp_path / "b.png")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    deadline = time.monotonic() + (3 if busy else 10)
    while Path(f"/proc/{done.stdout.strip()}").exists() and "Z" not in _state(done.stdout.strip()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _state(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][:1]
    except OSError:
        return "Z"


def test_an_encrypted_document_is_named(workers: Workers, corpus: Path) -> None:
    path = next(p for p in sorted((corpus / "encrypted").iterdir()) if "docx" in p.name)
    with pytest.raises(EncryptedFile):
        workers.read(path.read_bytes(), path.name)


REFUSED = [
    "import socket; socket.create_connection(('127.0.0.1', 9))",
    "import socket; socket.getaddrinfo('localhost', 80)",
    "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
    "import subprocess; subprocess.Popen(['true'])",
    "import os; os.system('true')",
]


@pytest.mark.parametrize("deed", REFUSED)
def test_a_child_that_reaches_outside_is_refused(deed: str) -> None:
    program = f"import sys\nfrom ingest.child import _refuse\nsys.addaudithook(_refuse)\n{deed}"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "is refused in the reading child" in done.stderr
