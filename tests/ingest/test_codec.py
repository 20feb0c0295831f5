"""A document goes through JSON and comes back the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extract.model import Cell, Document, Location, Note, Paragraph, Table
from ingest.codec import dump, load

text = st.text(st.characters(), max_size=12)
places = st.builds(Location, page=st.none() | st.integers(1, 9), paragraph=st.none() | st.integers(1, 9), sheet=st.none() | text,
                   box=st.none() | st.tuples(*[st.floats(0, 900, allow_nan=False)] * 4))  # fmt: skip
paragraph = st.builds(
    Paragraph,
    text,
    places,
    label=text,
    outline=st.none() | st.integers(1, 9),
    bold=st.booleans(),
    size=st.none() | st.floats(1, 40, allow_nan=False),
)
cells = st.builds(Cell, st.tuples(paragraph), st.integers(0, 5), st.integers(0, 5), row_span=st.integers(1, 3))
table = st.builds(Table, st.tuples(st.tuples(cells, cells), st.tuples(cells)), places, name=st.none() | text)
nested = st.builds(Table, st.tuples(st.tuples(st.builds(Cell, st.tuples(paragraph, table), st.just(0), st.just(0)))))
notes = st.lists(st.builds(Note, text, text, page=st.none() | st.integers(1, 9)), max_size=2).map(tuple)
documents = st.builds(
    Document,
    st.lists(paragraph | table | nested, max_size=4).map(tuple),
    st.just("text/plain"),
    pages=st.none() | st.integers(1, 9),
    ocr=st.booleans(),
    notes=notes,
)


@given(documents)
def test_what_is_kept_comes_back_the_same(document: Document) -> None:
    assert load(dump(document)) == document
