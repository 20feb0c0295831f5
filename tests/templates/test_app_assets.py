"""The shipped style sheets and scripts stay within what Chromium 86 understands, and fetch nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
STYLES = sorted(TEMPLATES.glob("*.css"))
SCRIPTS = sorted(TEMPLATES.glob("*.js"))

TOO_NEW_IN_CSS = {
    "Chromium 105: container queries": r"@container|container-(type|name)\s*:",
    "Chromium 105: :has()": r":has\(",
    "Chromium 112: nesting": r"(?:^|[{;}])\s*&",
    "Chromium 111: color-mix and newer colour spaces": r"color-mix\(|\b(oklch|oklab|lch|lab|color)\(",
    "Chromium 108: dvh and its kin": r"\d[dsl]v(h|w|min|max|b|i)\b",
    "Chromium 99: cascade layers": r"@layer",
    "Chromium 118: scope": r"@scope",
    "Chromium 104: ranges in media queries": r"@media[^{]*[<>]",
    "Chromium 88: :is() and :where()": r":(is|where)\(",
    "Chromium 88: aspect-ratio": r"aspect-ratio\s*:",
    "Chromium 87: logical shorthands": r"\b(inset|margin-inline|margin-block|padding-inline|padding-block|inset-inline|inset-block)\s*:",
    "Chromium 87: flow-relative borders": r"border-(inline|block)\b",
    "Chromium 93: accent-color": r"accent-color",
    "Chromium 117: subgrid": r"subgrid",
    "Chromium 114: text-wrap": r"text-wrap",
    "Chromium 90: overflow clip": r"overflow(-[xy])?\s*:\s*clip",
    "Chromium 94: scrollbar-gutter": r"scrollbar-gutter",
    "Chromium 121: scrollbar-width": r"scrollbar-(width|color)\s*:",
    "Chromium 104: individual transforms": r"(?:^|[{;])\s*(translate|rotate|scale)\s*:",
    "Chromium 89: ::target-text": r"::target-text",
    "Chromium 85 is the last with @property in question": r"@property",
}
TOO_NEW_IN_JS = {
    "Chromium 92: at()": r"\.at\(",
    "Chromium 98: structuredClone": r"structuredClone",
    "Chromium 93: Object.hasOwn": r"Object\.hasOwn\b",
    "Chromium 89: top-level await": r"^await\b",
    "Chromium 87 and later: ||= &&= ??= need 85": r"\?\?=\s*await",
    "Chromium 97: findLast": r"\.findLast(Index)?\(",
    "Chromium 110: toSorted and its kin": r"\.to(Sorted|Reversed|Spliced)\(|\.with\(",
    "Chromium 117: groupBy": r"(Object|Map)\.groupBy",
    "Chromium 119: Promise.withResolvers": r"withResolvers",
    "Chromium 94: static blocks": r"\bstatic\s*\{",
    "Chromium 91: private in": r"#\w+ in ",
    "Chromium 105: setHTML": r"\.setHTML",
    "Chromium 86 lacks: replaceChildren is there, showPicker is not": r"showPicker",
    "Chromium 112: FormData with a submitter": r"new FormData\([^)]*,",
    "Chromium 124: AbortSignal.any": r"AbortSignal\.(any|timeout)",
    "Chromium 92: crypto.randomUUID": r"randomUUID",
    "Chromium 111: view transitions": r"startViewTransition",
    "Chromium 102: inert": r"\.inert\b",
    "Chromium 114: popover": r"popover",
    "Chromium 109: regular expression flag v; 90: flag d": r"/[gimsuy]*[dv][gimsuy]*(?=[.,;)])",
}


def faults(text: str, rules: dict[str, str]) -> list[str]:
    return [name for name, pattern in rules.items() if re.search(pattern, text, re.M)]


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|^\s*//[^\n]*", "", text, flags=re.S | re.M)


@pytest.mark.parametrize("path", STYLES, ids=lambda p: p.name)
def test_a_style_sheet_needs_nothing_newer_than_chromium_86(path: Path) -> None:
    assert faults(without_comments(path.read_text("utf-8")), TOO_NEW_IN_CSS) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_a_script_needs_nothing_newer_than_chromium_86(path: Path) -> None:
    assert faults(without_comments(path.read_text("utf-8")), TOO_NEW_IN_JS) == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("a:has(b) { color: red }", TOO_NEW_IN_CSS),
        (".a { & b { color: red } }", TOO_NEW_IN_CSS),
        ("main { height: 100dvh }", TOO_NEW_IN_CSS),
        ("b { color: color-mix(in srgb, red, blue) }", TOO_NEW_IN_CSS),
        ("@media (width >= 600px) { a { color: red } }", TOO_NEW_IN_CSS),
        (".a { inset: 0 }", TOO_NEW_IN_CSS),
        ("list.at(-1)", TOO_NEW_IN_JS),
        ("await fetch(x)", TOO_NEW_IN_JS),
        ("const d = new FormData(form, button)", TOO_NEW_IN_JS),
    ],
)
def test_the_scan_finds_what_is_too_new(text: str, rules: dict[str, str]) -> None:
    assert faults(text, rules) != []


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS], ids=lambda p: p.name)
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    assert not re.search(r"https?://|@import|@font-face|url\(", path.read_text("utf-8"))
