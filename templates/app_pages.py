"""The pages of the web application: values in, HTML out; and the style sheets and scripts that they link to."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

KINDS = (".css", ".js", ".svg")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that a page links to."""

    name: str
    data: bytes
    media_type: str
    digest: str
    """Its content as a few letters: part of the address, so that a browser keeps it until it changes."""


@cache
def assets() -> Mapping[str, Asset]:
    """Name -> file, of everything that pages may link to."""
    found = {}
    for entry in resources.files("templates").iterdir():
        if entry.name.startswith("app") and entry.name.endswith(KINDS):
            data = entry.read_bytes()
            if entry.name == "app.css":  # pages and worksheet files look alike
                data = b"\n".join((resources.files("templates") / n).read_bytes() for n in ("page.css", "app.css"))
            kind = mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
            media_type = f"{kind}; charset=utf-8" if entry.name.endswith((".css", ".js")) else kind
            found[entry.name] = Asset(entry.name, data, media_type, hashlib.sha256(data).hexdigest()[:12])
    return found


def asset(name: str) -> Asset | None:
    """The file of that name that pages may link to."""
    return assets().get(name)


def linked(page: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(style sheets, scripts) of a page: app_board.html has app.css and app.js, and where there are such app_board.css, app_board.js."""
    names = ("app", page.removesuffix(".html"))
    styles = tuple(address(f"{n}.css") for n in names if f"{n}.css" in assets())
    return styles, tuple(address(f"{n}.js") for n in names if f"{n}.js" in assets())


def address(name: str) -> str:
    """Where a browser finds the file."""
    return f"/static/{name}?{assets()[name].digest}"
