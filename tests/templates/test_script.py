"""The shipped scripts stay within what Chromium 86 understands, and nothing shipped fetches anything from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
STYLES = sorted(TEMPLATES.glob("*.css"))
SCRIPTS = sorted(TEMPLATES.glob("*.js"))

TOO_NEW = {
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


def faults(text: str) -> list[str]:
    return [name for name, pattern in TOO_NEW.items() if re.search(pattern, text, re.M)]


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|^\s*//[^\n]*", "", text, flags=re.S | re.M)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_a_script_needs_nothing_newer_than_chromium_86(path: Path) -> None:
    assert faults(without_comments(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("text", ["list.at(-1)", "await fetch(x)", "const d = new FormData(form, button)", "Object.hasOwn(a, 'b')"])
def test_the_scan_finds_what_is_too_new(text: str) -> None:
    assert faults(text) != []


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS], ids=lambda p: p.name)
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    assert not re.search(r"https?://|@import|@font-face|url\(", path.read_text("utf-8"))
