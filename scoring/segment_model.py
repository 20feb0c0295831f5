"""A linear model of words beside the lexicon: weights trained offline from labelled reports, shipped as data."""

from __future__ import annotations

import base64
import math
import re
from array import array
from collections.abc import Callable, Mapping
from typing import Any

from extract.chinese import fold, key

FLOOR = -3.0
"""No single text says more than this against a label."""
_DIGITS_AND_LATIN = re.compile(r"[0-9a-z]+")


def features(text: str, cut: Callable[[str], list[str]]) -> frozenset[str]:
    """Words of two and more characters, and pairs of characters (marked _): no numbers, no Latin letters in pairs."""
    words = {w for w in cut(fold(text)) if len(w) > 1 and not w.isdigit()}
    reduced = _DIGITS_AND_LATIN.sub("", key(text))
    return frozenset(words | {"_" + reduced[i : i + 2] for i in range(len(reduced) - 1)})


class Model:
    """Multinomial logistic regression over binary features, each text scaled to length 1."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.labels: tuple[str, ...] = tuple(table.get("labels", ()))
        self._scale = float(table.get("scale", 1.0))
        self._bias = [float(b) for b in table.get("bias", ())]
        self._rows: Mapping[str, str] = table.get("features", {})
        self._known: dict[str, array[int]] = {}

    def scores(self, found: frozenset[str]) -> dict[str, float]:
        """By label ("0" and item ids) the log of its probability over an even chance, not below FLOOR; empty without a model."""
        rows = [self._row(f) for f in sorted(found) if f in self._rows]
        if not self.labels or not rows:
            return {}
        factor = self._scale / math.sqrt(len(rows))
        logits = [b + factor * sum(column) for b, column in zip(self._bias, zip(*rows, strict=True), strict=True)]
        top = max(logits)
        norm = top + math.log(sum(math.exp(v - top) for v in logits) / len(logits))
        return {label: max(v - norm, FLOOR) for label, v in zip(self.labels, logits, strict=True)}

    def _row(self, feature: str) -> array[int]:
        if feature not in self._known:
            self._known[feature] = array("b", base64.b64decode(self._rows[feature]))
        return self._known[feature]
