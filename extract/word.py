"""Read DOCX: bytes -> Document, in the order a person reads it, with the numbers that Word draws."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from extract.errors import EmptyFile, HostileFile
from extract.model import Document, Note, paragraphs
from extract.word_names import WP, A, W, whole
from extract.word_package import PICTURE_LIMIT, Package, main_root, open_package, optional_part
from extract.word_shapes import TEXT_BOX, contents, picture_id
from extract.word_story import Story

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HALF_A4 = 7_560_000 * 10_692_000 // 2
"""In square EMU, 360,000 to the centimetre."""
_RASTER = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")


def read_word(data: bytes) -> Document:
    """Everything a DOCX says in its body, headers, footers, notes, comments and tables of contents left out.

    A document that holds only pictures comes back without elements and with a Note "pictures_only"; other Notes:
    "page_pictures" (pictures as large as pages stand beside the text), "tracked_changes", "footnotes" (they are not read).
    Raises EmptyFile, DamagedFile, EncryptedFile, NeedsConversion, UnsupportedFormat, HostileFile or TooLarge.
    """
    package = open_package(data)
    root = main_root(package)
    try:
        elements = Story.of(package, root).elements()
    except RecursionError as error:
        raise HostileFile from error
    if any(p.text for p in paragraphs(elements)):
        return Document(elements, MEDIA_TYPE, notes=_tracked_changes(root) + _page_pictures(root) + _left_out(package))
    if not any(True for _ in _picture_ids(root)):
        raise EmptyFile
    return Document((), MEDIA_TYPE, notes=(Note("pictures_only", "文档中只有图片，没有文字"),))


def pictures(data: bytes) -> tuple[bytes, ...]:
    """The raster pictures of the body in reading order, each where it stands first. Raises as read_word does."""
    package = open_package(data)
    relations = package.relations(package.main)
    targets = (relations[i][1] for i in _picture_ids(main_root(package)) if i in relations)
    found = (package.bytes(target, PICTURE_LIMIT) for target in dict.fromkeys(targets))
    return tuple(picture for picture in found if picture and picture.startswith(_RASTER))


def _tracked_changes(root: etree._Element) -> tuple[Note, ...]:
    if next(root.iter(*(W + name for name in ("ins", "del", "moveFrom", "moveTo"))), None) is None:
        return ()
    return (Note("tracked_changes", "文档带有未接受的修订，按全部接受后的文字读取"),)


def _left_out(package: Package) -> tuple[Note, ...]:
    """Footnotes and endnotes that say something: they are no part of the text, and a person has to know that there are some."""
    count = 0
    for kind, name in (("footnotes", "footnote"), ("endnotes", "endnote")):
        part = optional_part(package, package.related(kind, f"{kind}.xml"))
        for note in part.iterchildren(W + name) if part is not None else ():
            count += any((text.text or "").strip() for text in note.iter(W + "t"))
    return (Note("footnotes", f"文档有{count}条脚注或尾注，没有读入正文"),) if count else ()


def _page_pictures(root: etree._Element) -> tuple[Note, ...]:
    """Pictures of half a page and more may be scanned pages; what they say is not in the text."""
    frames = (frame for picture in root.iter(A + "blip") for frame in picture.iterancestors(WP + "inline", WP + "anchor"))
    count = sum(1 for frame in frames if _area(frame.find(WP + "extent")) >= _HALF_A4)
    return (Note("page_pictures", f"文档中有{count}张整页大小的图片，图中的文字没有读取"),) if count else ()


def _area(extent: etree._Element | None) -> int:
    return 0 if extent is None else (whole(extent.get("cx")) or 0) * (whole(extent.get("cy")) or 0)


def _picture_ids(root: etree._Element) -> Iterator[str]:
    for node in contents(root):
        identifier = picture_id(node)
        if identifier:
            yield identifier
        elif node.tag == TEXT_BOX:
            yield from _picture_ids(node)
