"""What old Chromium engines understand: offices run forks of version 86."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import templates

SHEETS = sorted(Path(templates.__file__).parent.glob("*.css"))
PAGES = sorted(Path(templates.__file__).parent.glob("*.html"))

TOO_NEW = {
    r":has\(": "105",
    r"@container|container-type": "105",
    r"color-mix\(|oklch\(|oklab\(|\blab\(|\blch\(": "111",
    r"\d(dvh|svh|lvh|dvw|cqw|cqi)\b": "108",
    r"@layer": "99",
    r"@property": "85, by script only",
    r"accent-color": "93",
    r"text-underline-offset|text-decoration-thickness": "87",
    r"aspect-ratio": "88",
    r"\binset\s*:": "87",
    r"\b(margin|padding|border|inset)-(inline|block)(?!-(start|end))\s*:": "87",
    r"overflow\s*:\s*clip": "90",
    r"subgrid": "117",
    r"content-visibility(?!: visible; height: auto; \} \})": "85, but not needed",
    r"text-wrap": "114",
    r"scrollbar-(gutter|color|width)": "94",
    r"forced-color-adjust": "89",
    r"@supports selector": "83",
    r":is\(|:where\(": "88",
    r":not\([^)]*,": "88",
    r"\btranslate\s*:|\brotate\s*:|\bscale\s*:": "104",
    r"@media[^{]*[<>]": "104",
    r"@scope|@starting-style|light-dark\(|anchor\(": "118",
}


def rules(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda p: p.name)
def test_a_style_sheet_stays_within_chromium_86(sheet: Path) -> None:
    text = rules(sheet.read_text("utf-8"))
    assert {pattern: since for pattern, since in TOO_NEW.items() if re.search(pattern, text)} == {}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda p: p.name)
def test_no_rule_is_nested_in_another(sheet: Path) -> None:
    depth = 0
    inside_media = False
    for token in re.finditer(r"([^{}]*)([{}])", rules(sheet.read_text("utf-8"))):
        if token[2] == "}":
            depth -= 1
            inside_media = inside_media and depth > 0
            continue
        head = token[1].rpartition(";")[2].strip()
        assert depth == 0 or inside_media, head
        inside_media = inside_media or head.startswith("@media")
        depth += 1
    assert depth == 0


OURS = re.compile(
    r'<link rel="(?:stylesheet|icon)" href="\{\{ (?:sheet|static\("app_\w+\.(?:css|svg)"\)) \}\}">'
    r'|<link rel="stylesheet" media="print" href="/foot/\{\{ foot \}\}\.css">'
    r'|<script src="\{\{ script \}\}" defer></script>'
)
"""What the pages of the web application link to: files of ours, by name and hash."""


@pytest.mark.parametrize("file", [*SHEETS, *PAGES], ids=lambda p: p.name)
def test_nothing_comes_from_elsewhere(file: Path) -> None:
    text = OURS.sub("", file.read_text("utf-8")) if file.name.startswith("app_") else file.read_text("utf-8")
    assert re.findall(r"https?:|url\(|@import|<script|<link|@font-face|\|\s*safe\b|style=", text) == []
