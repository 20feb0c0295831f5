"""The fixed words of letters, and an office's own over them."""

from __future__ import annotations

import pytest

from scoring.rubric import RubricError
from templates.letters_texts import load_texts


def test_an_office_replaces_single_texts_and_keeps_the_others() -> None:
    texts = load_texts('[receipt]\nsubject = "收件回执"\n[page]\ntitle_font = ["宋体", "宋体"]\ntitle_bold = true\n')
    assert texts.say("receipt", "subject") == "收件回执"
    assert (texts.parts["page"]["title_font"][0], texts.flag("page", "title_bold")) == ("宋体", True)
    assert texts.parts["send"] == load_texts().parts["send"]


@pytest.mark.parametrize(
    ("own", "said"),
    [
        pytest.param('[reciept]\nsubject = "x"', "reciept", id="no such part"),
        pytest.param('[receipt]\nsubjekt = "x"', "receipt.subjekt", id="no such text"),
        pytest.param("[receipt]\nsubject = 3", "receipt.subject", id="a number for a text"),
        pytest.param('[scores]\nsign = ["甲"]', "须有3项", id="too few of a list"),
        pytest.param('[receipt]\nlate = "迟了{days}天"', "{days}", id="a blank that nobody fills"),
        pytest.param('[receipt]\nlate = "迟了{"', "花括号", id="an open brace"),
        pytest.param('[receipt]\nlate = "{deadline.__class__}"', "deadline.__class__", id="a blank that reaches further"),
        pytest.param("[receipt", "letters.toml", id="no TOML"),
    ],
)
def test_a_text_that_cannot_work_is_refused_by_name(own: str, said: str) -> None:
    with pytest.raises(RubricError, match=r"letters\.toml") as error:
        load_texts(own)
    assert said in str(error.value)
