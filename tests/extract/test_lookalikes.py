"""Characters that a printing program stored for others that look the same."""

from __future__ import annotations

import pytest

from extract.lookalikes import as_written


@pytest.mark.parametrize(
    ("stored", "typed"),
    [("⼀", "一"), ("⽂", "文"), ("⻔", "门"), ("⻅", "见"), ("⾏", "行"), ("\uf98e", "年"), ("\U0002f804", "你")],
)
def test_a_radical_or_compatibility_form_is_the_character_it_looks_like(stored: str, typed: str) -> None:
    assert as_written(stored) == typed


@pytest.mark.parametrize("sign", ["一", "（", "１", "①", "㈠", "Ａ", "﨎", "々", "〇", "ﬁ"])
def test_what_a_person_can_type_stays(sign: str) -> None:
    assert as_written(sign) == sign


@pytest.mark.parametrize(
    ("code", "font", "sign"),
    [
        (0xF0FE, "Wingdings-Regular", "☑"),
        (0xF0A8, "Wingdings", "□"),
        (0xF052, "Wingdings2", "☑"),
        (0xF0B7, "SymbolMT", "•"),
        (0xF06C, "OpenSymbol", "●"),
    ],
)
def test_a_private_character_of_a_symbol_font_is_what_it_draws(code: int, font: str, sign: str) -> None:
    assert as_written(chr(code), font) == sign


def test_a_private_character_of_another_font_stays_as_nobody_knows_what_it_draws() -> None:
    assert as_written("\uf041", "FZXBSJW") == "\uf041"
