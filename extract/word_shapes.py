"""What hangs in a drawing: text boxes, drawn words and pictures, each once, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from extract.word_names import DGM, MC, A, R, V, W

TEXT_BOX = W + "txbxContent"
DRAWN_TEXT = A + "txBody"
WORD_ART = V + "textpath"
DIAGRAM = DGM + "relIds"
DIAGRAM_TEXT = DGM + "t"
_PICTURES = {A + "blip": R + "embed", V + "imagedata": R + "id"}


def chosen(alternatives: etree._Element) -> etree._Element | None:
    """The branch of an mc:AlternateContent to read: the first choice, the fallback only where it alone holds text."""
    branches = [b for b in alternatives if isinstance(b.tag, str) and len(b)]
    best = branches[0] if branches else None
    if best is not None and not _holds_text(best):
        best = next((b for b in branches if _holds_text(b)), best)
    return best


def contents(node: etree._Element) -> Iterator[etree._Element]:
    """Elements of `node` that hold text or a picture; text boxes are yielded, not entered."""
    for child in node:
        if child.tag == MC + "AlternateContent":
            branch = chosen(child)
            if branch is not None:
                yield from contents(branch)
        elif child.tag in (TEXT_BOX, DRAWN_TEXT, DIAGRAM):
            yield child
        else:
            if child.tag in _PICTURES or child.tag == WORD_ART:
                yield child
            yield from contents(child)


def picture_id(node: etree._Element) -> str | None:
    """The relationship of a picture element, None for any other element and for linked pictures."""
    attribute = _PICTURES.get(node.tag)
    return node.get(attribute) if attribute else None


def is_watermark(word_art: etree._Element) -> bool:
    """Word names the shape of a watermark so."""
    shape = word_art.getparent()
    return shape is not None and "watermark" in shape.get("id", "").lower()


def drawn_lines(body: etree._Element) -> Iterator[str]:
    """The paragraphs of a DrawingML text body."""
    for paragraph in body.iter(A + "p"):
        yield "".join("\n" if n.tag == A + "br" else n.text or "" for n in paragraph.iter(A + "t", A + "br"))


def _holds_text(branch: etree._Element) -> bool:
    return next(branch.iter(TEXT_BOX, DRAWN_TEXT, W + "t", WORD_ART, DIAGRAM), None) is not None
