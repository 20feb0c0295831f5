"""Where blocks and claims stand on the pages, and which page of which original a worksheet speaks of."""

from __future__ import annotations

from typing import Any

from extract.model import Cell, Document, Leaf, Location, Paragraph, PrintedLine, Table
from ingest.papers import paper
from ingest.places import places

Json = dict[str, Any]
FIRST, SECOND = "印发实施方案一份，", "并召开推进会两次。"


def over_a_page_break() -> Document:
    lines = (PrintedLine(0, 1, (90, 700, 270, 716)), PrintedLine(len(FIRST), 2, (90, 80, 270, 96)))
    p = Paragraph(FIRST + SECOND, Location(page=1, paragraph=1, box=(90, 700, 270, 716)), lines=lines, confidence=0.7)
    return Document((p,), "application/pdf", 2, True, leaves=(Leaf(1, 595, 842), Leaf(2, 595, 842)))


def block(text: str, **more: Any) -> Json:
    return {"file": 0, "kind": "paragraph", "text": text, "page": 1, "paragraph": 1, **more}


def file(name: str, media_type: str = "application/pdf", **more: Any) -> Json:
    return {"name": name, "sha256": name, "media_type": media_type, "role": "report", "state": "used", "pages": 1, **more}


def test_a_paragraph_over_a_page_break_stands_on_both_pages() -> None:
    spots = places(over_a_page_break()).block(block(FIRST + SECOND))
    assert [s.page for s in spots] == [1, 2]
    assert spots[1].box[1] < 80 and spots[1].box[3] > 96


def test_words_stand_where_their_own_line_stands() -> None:
    (spot,) = places(over_a_page_break()).words(block(FIRST + SECOND), len(FIRST) + 3, len(FIRST) + 6)
    assert spot.page == 2 and spot.box == (150, 80, 210, 96)


def test_words_over_a_line_break_stand_on_both_lines() -> None:
    spots = places(over_a_page_break()).words(block(FIRST + SECOND), len(FIRST) - 2, len(FIRST) + 2)
    assert [(s.page, s.box[0], s.box[2]) for s in spots] == [(1, 230, 270), (2, 90, 130)]


def test_half_a_paragraph_stands_on_its_own_half() -> None:
    (spot,) = places(over_a_page_break()).block(block(SECOND))
    assert spot.page == 2


def test_latin_letters_and_digits_take_half_the_room() -> None:
    p = Paragraph("共2017件", Location(page=1, paragraph=1, box=(0, 0, 80, 10)))
    (spot,) = places(Document((p,), "application/pdf", leaves=(Leaf(1, 595, 842),))).words(block("共2017件"), 1, 5)
    assert (spot.box[0], spot.box[2]) == (20, 60)


def test_a_row_of_a_table_stands_over_all_its_cells() -> None:
    def cell(k: int, x: float) -> Cell:
        p = Paragraph(f"第{k}格", Location(page=1, paragraph=k, table=1, row=1, column=k, box=(x, 100, x + 40, 112)))
        return Cell((p,), 0, k - 1)

    table = Table(((cell(1, 50), cell(2, 200)),), Location(page=1, table=1))
    row = block("第1格 第2格", kind="table_row", table=0, row=0, column=0)
    found = places(Document((table,), "application/pdf", leaves=(Leaf(1, 595, 842),)))
    (spot,) = found.block(row)
    assert spot.box[0] < 50 and spot.box[2] > 240
    (words,) = found.words(row, 4, 7)
    assert words.box[0] == 200


def test_what_the_page_does_not_hold_stands_nowhere() -> None:
    found = places(over_a_page_break())
    assert found.block(block(FIRST, paragraph=7)) == () and found.words(block("别的话"), 0, 2) == ()
    assert found.confidence(block(FIRST, paragraph=7)) is None


def test_the_certainty_of_recognition_is_told() -> None:
    assert places(over_a_page_break()).confidence(block(FIRST + SECOND)) == 0.7


def test_a_word_file_has_no_pages() -> None:
    document = Document((Paragraph("一、组织领导", Location(paragraph=1)),), "application/docx")
    found = paper([file("报告.docx", "application/docx", pages=None)], 0, lambda *_: document)
    assert found.sheets == () and found.places.block(block("一、组织领导")) == ()


def test_photos_that_were_read_as_one_report_are_its_pages_in_the_order_of_their_names() -> None:
    def photo(n: int) -> Document:
        p = Paragraph(f"第{n}张", Location(page=1, paragraph=1, box=(10, 10, 60, 20)))
        return Document((p,), "image/*", 1, True, leaves=(Leaf(1, 595, 770, 90 * (n % 2)),))

    files = [
        file("自查报告2.jpg", "image/*", pages=3),
        file("标志.png", "image/png", role="other", state="not_needed", pages=None),
        file("自查报告10.jpg", "image/jpeg"),
        file("自查报告1.jpg", "image/jpeg"),
    ]
    read = {"自查报告1.jpg": photo(1), "自查报告2.jpg": photo(2), "自查报告10.jpg": photo(10)}
    found = paper(files, 0, lambda _, name: read[name])
    assert [(s.number, s.name, s.leaf.page, s.leaf.turn) for s in found.sheets] == [
        (1, "自查报告1.jpg", 1, 90),
        (2, "自查报告2.jpg", 1, 0),
        (3, "自查报告10.jpg", 1, 0),
    ]
    (spot,) = found.places.block(block("第10张", paragraph=3))
    assert spot.page == 3


def test_a_file_whose_reading_is_not_kept_still_shows_its_pages() -> None:
    found = paper([file("报告.pdf", pages=4)], 0, lambda *_: None)
    assert [s.number for s in found.sheets] == [1, 2, 3, 4] and found.places.block(block("一")) == ()
