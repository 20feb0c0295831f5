"""Text and numbers for office programs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.plaintext import clean, harmless, number, shortened


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", " =cmd|'/C calc'!A0", "\t=1", "\n=1", "＝1", "　=1", "\u200b=1", "|calc", "%0A"],
)
def test_what_could_run_in_a_spreadsheet_becomes_text(text: str) -> None:
    assert harmless(text).startswith("'") and harmless(text)[1:] == text


@pytest.mark.parametrize("text", ["关于=的通知", "（一）1", "“互联网+政务服务”", "3-3", "—", "", "'引号"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@given(st.text())
def test_no_text_whatever_begins_like_a_formula(text: str) -> None:
    assert harmless(text).strip()[:1] not in tuple("=+-@")
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("5.0"), "5"), (4.5, "4.5"), (Decimal(280) / 3, "93.33"), (Decimal("0.005"), "0.01"), (Decimal(100), "100"), (0, "0"),
        (None, ""), (0.1 + 0.2, "0.3"),
    ],
)  # fmt: skip
def test_a_number_is_rounded_only_when_it_is_written(value: object, text: str) -> None:
    assert number(value) == text


def test_a_quotation_keeps_what_it_is_about() -> None:
    assert shortened("零一二三四五六七八九", 4, 6, 1) == "……三四五六……"
    assert shortened("零一二", 0, 3, 5) == "零一二"
