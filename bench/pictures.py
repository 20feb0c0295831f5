"""Photograph pages for the documentation: `python bench/pictures.py OUTBOX 22 4.2 docs/pictures`.

Takes the worksheet whose file name starts with the number, one item of it, and the board down to its rows, on a screen of 1366×768,
in the installed Chromium.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main(outbox: Path, number: str, item: str, folder: Path) -> None:
    """Write worksheet.png, item.png and board.png into the folder."""
    sheet = next(outbox.glob(f"{number}-*.html"))
    board = next(f for f in outbox.glob("*.html") if not f.name[0].isdigit())
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(sheet.resolve().as_uri())
        page.screenshot(path=str(folder / "worksheet.png"))
        page.goto(f"{sheet.resolve().as_uri()}#i{item.replace('.', '-')}")
        page.screenshot(path=str(folder / "item.png"))
        page.goto(board.resolve().as_uri())
        page.screenshot(path=str(folder / "board.png"), full_page=True, clip={"x": 0, "y": 0, "width": 1366, "height": 1180})
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]))
