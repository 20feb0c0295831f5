"""Signs of life of a long reading: one for each page, to whoever listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[], None] | None] = ContextVar("listener", default=None)


def page_done() -> None:
    """A reader says that one more page is done."""
    listener = _listener.get()
    if listener:
        listener()


@contextmanager
def told(listener: Callable[[], None]) -> Iterator[None]:
    """Whatever is read inside tells `listener` of each page."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)
