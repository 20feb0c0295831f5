"""What counts how much in segmenting; an office may change single values in thresholds.toml."""

from __future__ import annotations

from dataclasses import dataclass, fields

from scoring.rubric import Rubric


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much; a thresholds.toml table [segment] overrides single values."""

    item: float = 1.0
    section: float = 0.6
    head_own: float = 0.8
    """A run-in heading's words once more."""
    heads_section: float = 1.6
    """The section of the headings above."""
    heads_item: float = 1.1
    trained: float = 2.0
    """The trained model's word."""
    trained_zero: float = 1.0
    unknown: float = 2.0
    """How little a heading must say to say nothing."""
    sharp: float = 1.0
    printed: float = 6.0
    spanning: float = 7.0
    """Against a section's label without an item."""
    spanning_heading: float = -1.0
    zero: float = 1.3
    zero_bias: float = -1.0
    under_zero: float = 5.0
    """Under a heading that announces problems or plans."""
    starts_zero: float = 10.0
    tail: float = 0.8
    """Common words of problems and plans in the last two paragraphs."""
    last_head: float = 2.0
    """For section 0 under the last heading of all."""
    edge: float = 6.0
    """For section 0 before the first and after the last subject."""
    next_item: float = 0.2
    skip_item: float = 0.12
    back_item: float = 0.9
    next_section: float = 0.5
    skip_section: float = 0.25
    back_section: float = 1.8
    to_zero: float = 1.0
    from_zero: float = 2.5
    stay_opening: float = 0.5
    """Against a new point that stays with the item before."""
    move_closed: float = 0.8
    """Against a change of item where no new point begins."""


def weights_of(rubric: Rubric) -> Weights:
    """The defaults with what the rubric's thresholds.toml changes."""
    table = rubric.tables.get("thresholds.toml", {}).get("segment", {})
    known = {f.name for f in fields(Weights)}
    return Weights(**{k: float(v) for k, v in table.items() if k in known})
