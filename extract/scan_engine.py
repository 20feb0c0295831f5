"""The recogniser: loaded once a process, from the models that its package carries, silent, never a download."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # importing it takes a second, and most files need no recogniser
    from rapidocr import RapidOCR

Picture = NDArray[np.uint8]

THREADS = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """A piece of text as recognised; the four corners in pixels, clockwise from its top left."""

    corners: tuple[tuple[float, float], ...]
    text: str
    score: float

    @property
    def width(self) -> float:
        (ax, ay), (bx, by) = self.corners[0], self.corners[1]
        return float(np.hypot(bx - ax, by - ay))


def seen(picture: Picture) -> list[Seen]:
    """Every piece of text on a page (BGR), in no order."""
    from rapidocr.utils.output import RapidOCROutput

    # The line-angle classifier turns whole clean lines to garbage: it stays off.
    result = _engine()(picture, use_det=True, use_cls=False, use_rec=True)
    if not isinstance(result, RapidOCROutput) or result.txts is None or result.boxes is None or result.scores is None:
        return []
    return [
        Seen(tuple((float(x), float(y)) for x, y in box), text, float(score))
        for box, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
    ]


def read_strip(picture: Picture) -> tuple[str, float]:
    """The text of a picture that holds one line, and its score."""
    from rapidocr.ch_ppocr_rec import TextRecOutput

    result = _engine()(picture, use_det=False, use_cls=False, use_rec=True)
    if not isinstance(result, TextRecOutput) or not result.txts or not result.scores:
        return "", 0.0
    return result.txts[0], float(result.scores[0])


@lru_cache(maxsize=1)
def _engine() -> RapidOCR:
    from rapidocr import RapidOCR

    models = files("rapidocr") / "models"
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.limit_side_len": 960,
            "Det.limit_type": "max",
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
        }
    )
