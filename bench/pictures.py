"""Photograph a worksheet file for the documentation: `python bench/pictures.py OUTBOX 22 docs/pictures`.

Takes the worksheet whose file name starts with the number, on a screen of 1366×768, in the installed Chromium. The pages of the web
application are photographed by bench/guide.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main(outbox: Path, number: str, folder: Path) -> None:
    """Write worksheet.png into the folder."""
    sheet = next(outbox.glob(f"{number}-*.html"))
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(sheet.resolve().as_uri())
        page.screenshot(path=str(folder / "worksheet.png"))
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
