"""How well DOCX files are read: against LibreOffice's text export for the words and numbers, against python-docx for the time.

    python bench/reading.py FOLDER_OR_FILE…

LibreOffice's export has faults of its own (text boxes, framed paragraphs and formulas are dropped, tables of contents,
deletions and hidden text printed, legal numbering ignored, every bullet printed as •: bullets are left out here), so
read the differences (--show), not only the figures.
"""

from __future__ import annotations

import argparse
import io
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import docx

from extract.errors import DocumentError
from extract.model import paragraphs
from extract.word import read_word

_BLANK = re.compile(r"[\s\u200b\u00ad\uf000-\uf0ff]")
_ROUNDS = 5


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("paths", nargs="+", type=Path)
    options.add_argument("--show", type=int, default=0, help="differences to print for each file")
    chosen = options.parse_args()
    total: Counter[str] = Counter()
    ratios = []
    for file in _files(chosen.paths):
        data = file.read_bytes()
        try:
            read = list(paragraphs(read_word(data).elements))
        except DocumentError as error:
            print(f"{file.name}: {type(error).__name__}")
            total["refused"] += 1
            continue
        ratios.append(_seconds(_by_python_docx, data) / _seconds(read_word, data))
        printed = _exported(file)
        total += _compared([(p.label, p.text) for p in read], printed, show=chosen.show, name=file.name)
    _report(total, ratios)
    return 0


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.docx")) if path.is_dir() else [path]


def _exported(file: Path) -> list[str]:
    """The lines of LibreOffice's text export, automatic numbers printed."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "txt:Text (encoded):UTF8"]
        subprocess.run([*command, "--outdir", folder, str(file)], timeout=120, check=False, capture_output=True)
        made = Path(folder) / f"{file.stem}.txt"
        return made.read_text("utf-8-sig").splitlines() if made.exists() else []


def _compared(read: list[tuple[str, str]], printed: list[str], *, show: int, name: str) -> Counter[str]:
    read = [(label if any(map(str.isalnum, label)) else "", text) for label, text in read]
    theirs = [line for line in (_bare(line).removeprefix("•") for line in printed) if line]
    ours = [_bare(label + text) for label, text in read]
    our_text, their_text = "".join(ours), "".join(theirs)
    lost = [line for line in theirs if line not in our_text and line not in "".join(_bare(text) for _, text in read)]
    added = [line for line in ours if line not in their_text]
    labelled = [(label, text) for label, text in read if label and _bare(text) in their_text]
    wrong = [f"{label} {text}" for label, text in labelled if _bare(label + text) not in their_text]
    for kind, lines in (("lost", lost), ("added", added), ("label", wrong)):
        for line in lines[:show]:
            print(f"{name}: {kind}: {line[:70]}")
    return Counter(files=1, theirs=len(theirs), lost=len(lost), ours=len(ours), added=len(added), labels=len(labelled), wrong=len(wrong))


def _report(total: Counter[str], ratios: list[float]) -> None:
    print(f"files {total['files']}, refused {total['refused']}")
    figures = (("paragraphs found", "lost", "theirs"), ("paragraphs confirmed", "added", "ours"), ("labels exact", "wrong", "labels"))
    for kind, missed, of in figures:
        if total[of]:
            print(f"{kind}: {1 - total[missed] / total[of]:.4f} of {total[of]}")
    if ratios:
        print(f"python-docx takes {statistics.median(ratios):.2f} times as long (median; it draws no labels)")


def _seconds(read: Callable[[bytes], object], data: bytes) -> float:
    taken = []
    for _ in range(_ROUNDS):
        begun = time.process_time()
        read(data)
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def _by_python_docx(data: bytes) -> list[str]:
    found: list[str] = []

    def walk(container: object) -> None:
        for block in container.iter_inner_content():  # type: ignore[attr-defined]  # documents and cells share it by duck typing
            if hasattr(block, "rows"):
                for row in block.rows:
                    for cell in row.cells:
                        walk(cell)
            else:
                found.append(block.text)

    walk(docx.Document(io.BytesIO(data)))
    return found


def _bare(text: str) -> str:
    return _BLANK.sub("", text).replace("\u2011", "-")


if __name__ == "__main__":
    sys.exit(main())
