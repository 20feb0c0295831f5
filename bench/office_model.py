"""LibreOffice's own reading of Word files, through UNO: each paragraph's words, and the label drawn in front of them apart.

    python3 bench/office_model.py FILE…        (a Python that has `uno`, as Debian's python3-uno brings it; not the project's)

One line of JSON a file: [name, [[place, label, words], …]], place being body, cell, box or shape; null where LibreOffice gave up.
Tracked changes are accepted, tables of contents taken out, hidden words left out.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uno  # type: ignore[import-not-found]  # comes with LibreOffice
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]

SECONDS = 100
Row = tuple[str, str, str]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        office = Office(folder)
        try:
            for name in sys.argv[1:]:
                print(json.dumps([name, office.read(Path(name))], ensure_ascii=False), flush=True)
        finally:
            office.stop()
    return 0


class Office:
    """A LibreOffice of its own, started anew when a file kills or stops it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._start()

    def read(self, path: Path) -> list[Row] | None:
        """What it reads in the file, None where it cannot or takes too long."""
        signal.signal(signal.SIGALRM, self._late)
        signal.alarm(SECONDS)
        try:
            return self._read(path)
        except Exception as error:  # noqa: BLE001  # UNO's errors share no base class
            print(f"{path}: {type(error).__name__} {error}"[:200], file=sys.stderr)
            self.stop()
            self._start()
            return None
        finally:
            signal.alarm(0)

    def stop(self) -> None:
        """Its starter and itself: they are one process group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _start(self) -> None:
        name = f"zicha{time.time_ns()}"
        profile = f"-env:UserInstallation=file://{self.folder}/profile"
        command = ["soffice", profile, "--headless", "--norestore", f"--accept=pipe,name={name};urp;"]
        self.process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        resolver = uno.getComponentContext().ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
        self.context = _patiently(lambda: resolver.resolve(f"uno:pipe,name={name};urp;StarOffice.ComponentContext"))

    def _late(self, *_: object) -> None:
        self.stop()
        raise TimeoutError

    def _read(self, path: Path) -> list[Row]:
        with tempfile.NamedTemporaryFile(suffix=path.suffix) as copy:  # no lock files beside the original
            Path(copy.name).write_bytes(path.read_bytes())
            desktop = self._service("com.sun.star.frame.Desktop")
            hidden = PropertyValue("Hidden", 0, True, 0)
            doc = desktop.loadComponentFromURL(uno.systemPathToFileUrl(copy.name), "_blank", 0, (hidden,))
            if doc.Redlines.createEnumeration().hasMoreElements():
                helper = self._service("com.sun.star.frame.DispatchHelper")
                helper.executeDispatch(doc.CurrentController.Frame, ".uno:AcceptAllTrackedChanges", "", 0, ())
            for k in range(doc.DocumentIndexes.Count - 1, -1, -1):
                doc.DocumentIndexes.getByIndex(k).dispose()
            found = [*_walk(doc.Text, "body")]
            for k in range(doc.TextFrames.Count):
                frame = doc.TextFrames.getByIndex(k)
                if getattr(getattr(frame.Anchor, "Text", None), "ImplementationName", "") != "SwXHeadFootText":
                    found += _walk(frame, "box")
            for k in range(doc.DrawPage.Count):
                found += _drawn(doc.DrawPage.getByIndex(k))
            doc.close(True)
            return found

    def _service(self, name: str) -> Any:
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)


def _patiently(attempt: Any) -> Any:
    for _ in range(120):
        try:
            return attempt()
        except Exception:  # noqa: BLE001  # not there yet
            time.sleep(0.5)
    raise TimeoutError("LibreOffice does not answer")


def _walk(text: Any, place: str) -> Iterator[Row]:
    for p in _each(text):
        if p.supportsService("com.sun.star.text.TextTable"):
            for name in p.CellNames:
                yield from _walk(p.getCellByName(name), "cell" if place == "body" else place)
        else:
            yield place, p.ListLabelString if p.NumberingIsNumber else "", _said(p)


def _drawn(shape: Any) -> Iterator[Row]:
    if shape.supportsService("com.sun.star.drawing.GroupShape"):
        for k in range(shape.Count):
            yield from _drawn(shape.getByIndex(k))
    elif getattr(shape, "TextBox", False):
        yield from _walk(shape.TextBoxContent, "box")
    elif not shape.supportsService("com.sun.star.text.TextFrame") and hasattr(shape, "createEnumeration"):
        yield from (("shape", "", p.String) for p in _each(shape))


def _said(paragraph: Any) -> str:
    words = ""
    for portion in _each(paragraph):
        kind = portion.TextPortionType
        if kind in ("Text", "TextField"):
            words += "" if portion.CharHidden else portion.String
        elif kind in ("Ruby", "InContentMetadata"):
            words += portion.String
        elif kind == "ContentControl":
            words += _said(portion.ContentControl)
    return words


def _each(thing: Any) -> Iterator[Any]:
    items = thing.createEnumeration()
    while items.hasMoreElements():
        yield items.nextElement()


if __name__ == "__main__":
    sys.exit(main())
