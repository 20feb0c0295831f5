"""Several photos of one paper are its pages in order."""

from __future__ import annotations

import pytest

from extract.model import Cell, Document, Location, Note, Paragraph, Table
from ingest.photos import in_order, merge


def photo(*texts: str, note: str = "") -> Document:
    found = tuple(Paragraph(t, Location(page=1, paragraph=k)) for k, t in enumerate(texts, 1))
    return Document(found, "image/png", pages=1, ocr=True, notes=(Note(note, note, 1),) if note else ())


def test_pages_and_paragraphs_count_on() -> None:
    whole = merge([photo("甲", "乙"), photo("丙")])
    assert [(e.location.page, e.location.paragraph) for e in whole.elements] == [(1, 1), (1, 2), (2, 3)]
    assert (whole.pages, whole.ocr, whole.text) == (2, True, "甲\n乙\n丙")


def test_a_table_moves_with_what_is_in_it() -> None:
    table = Table(((Cell((Paragraph("格", Location(page=1, paragraph=1)),), 0, 0),),), Location(page=1))
    whole = merge([photo("甲"), Document((table,), "image/png", pages=1)])
    moved = whole.elements[1]
    assert isinstance(moved, Table)
    inside = moved.rows[0][0].content[0]
    assert (moved.location.page, inside.location.page, inside.location.paragraph) == (2, 2, 2)


def test_a_note_tells_its_page() -> None:
    assert [n.page for n in merge([photo("甲"), photo("乙", note="blurred")]).notes] == [2]


ORDERS = [
    pytest.param(["报告(10).jpg", "报告(2).jpg", "报告(1).jpg"], [2, 1, 0], id="by number, not by letter"),
    pytest.param(["自查报告2.jpg", "目录1.jpg", "自查报告1.jpg"], [2, 0, 1], id="the paper that came first stays first"),
    pytest.param(["乙.jpg", "甲.jpg"], [0, 1], id="without numbers as they arrived"),
]


@pytest.mark.parametrize(("names", "order"), ORDERS)
def test_photos_are_put_in_the_order_of_their_pages(names: list[str], order: list[int]) -> None:
    assert in_order(names) == order
