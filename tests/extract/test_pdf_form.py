"""A form whose pages only Adobe's reader can build is refused; what merely speaks of waiting is read."""

from __future__ import annotations

import pytest

from extract.errors import UnsupportedFormat
from extract.pdf import read_pdf


def pdf(text: str, *, form: str = "", pages: int = 1) -> bytes:
    stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET"
    font = "/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{form}>>",
        f"<</Type/Pages/Count {pages}/Kids[{' '.join(f'{4 + k} 0 R' for k in range(pages))}]>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        *[f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R{font}>>"] * pages,
    ]
    return (
        "%PDF-1.7\n" + "".join(f"{k} 0 obj\n{o}\nendobj\n" for k, o in enumerate(objects, 1)) + "trailer\n<</Root 1 0 R>>\n%%EOF\n"
    ).encode()


WAIT = "Please wait... If this message is not eventually replaced by the proper contents, your viewer may not display it."
XFA = "/AcroForm<</Fields[]/XFA(x)>>"


def test_the_page_that_asks_to_wait_is_not_read_as_a_report() -> None:
    with pytest.raises(UnsupportedFormat, match="动态表单"):
        read_pdf(pdf(WAIT, form=XFA))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(pdf(WAIT), id="no form"),
        pytest.param(pdf("Report 2017", form=XFA), id="a form with a page of its own"),
        pytest.param(pdf(WAIT, form=XFA, pages=2), id="a form with more pages"),
    ],
)
def test_all_else_is_read(data: bytes) -> None:
    assert read_pdf(data).elements
