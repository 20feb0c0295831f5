"""Read OFD (GB/T 33190): stored text where there is some, recognised text where a page is only pictures or outlines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from extract import scan
from extract.errors import DamagedFile, EmptyFile, EncryptedFile, HostileFile, TooLarge
from extract.model import Document, Leaf, Note
from extract.ofd_package import child, children, open_ofd, part, resolve, words
from extract.ofd_page import Font, OfdPage, Path, Resources, page_box, take_apart
from extract.ofd_picture import drawn_page
from extract.page import RawPage
from extract.pages import MAX_CHARS, MAX_PAGES, MAX_SCANNED_PAGES, damaged, few_chars, laid_out, not_read, once, only_picture
from extract.pdf_document import document_elements
from extract.pdf_layout import Sheet, sheet_of
from extract.progress import page_done
from extract.word_package import PICTURE_LIMIT, Package

MEDIA_TYPE = "application/ofd"
_OUTLINES = 20
"""Filled shapes that are no rectangles: as many make a few words."""


def read_ofd(data: bytes) -> Document:
    """Paragraphs and tables in reading order, as read_pdf gives them; annotations, seals and attached files are left out.

    Raises EncryptedFile, DamagedFile, EmptyFile (nothing on any page), HostileFile and TooLarge.
    """
    package = open_ofd(data)
    reader = _Reader(package)
    pages = _pages(package)
    count = 0
    for body, location in pages:
        count += 1
        if count > MAX_PAGES:
            raise TooLarge(f"OFD 超出{MAX_PAGES}页的处理上限")
        reader.page(body, location, count)
        page_done()
    if not count:
        raise EmptyFile
    if not reader.read:
        raise DamagedFile
    elements = document_elements(laid_out(reader.read, reader.notes))
    if not elements and not reader.scanned:
        raise EmptyFile
    reader.notes += _attached(package)
    return Document(elements, MEDIA_TYPE, count, reader.scanned > 0, tuple(once(reader.notes)), tuple(reader.leaves))


@dataclass(frozen=True, slots=True)
class _Body:
    """What the pages of one document in the package share."""

    area: etree._Element | None
    templates: dict[str, str]
    resources: Resources


@dataclass(slots=True)
class _Reader:
    """Reads page after page, keeping within the bounds of the whole document."""

    package: Package
    read: list[RawPage | Sheet] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    scanned: int = 0
    chars: int = 0
    templates: dict[str, etree._Element | None] = field(default_factory=dict)

    def page(self, body: _Body, location: str | None, number: int) -> None:
        """Page `number`; one that is damaged is noted and left out."""
        try:
            root = part(self.package, location) if location else None
        except DamagedFile:
            root = None
        if root is None:
            self.notes.append(damaged(number))
            return
        page = self._taken_apart(body, root, location or "")
        raw = page.raw(number)
        self.chars += len(raw.glyphs)
        if self.chars > MAX_CHARS:
            raise TooLarge("OFD 的文字过多，超出处理上限")
        if not only_picture(raw) and not _outlined(page, raw):
            self.read.append(raw)
            self.leaves.append(Leaf(number, round(raw.width, 1), round(raw.height, 1), raw.rotation))
        elif self.scanned >= MAX_SCANNED_PAGES:
            self.notes.append(not_read(number))
        else:
            self.scanned += 1
            self._recognise(page, raw)

    def _taken_apart(self, body: _Body, root: etree._Element, location: str) -> OfdPage:
        own = _resources(self.package, location, children(root, "PageRes"))
        names = (body.templates.get(_id(template, "TemplateID")) for template in children(root, "Template"))
        contents = [*(self._template(name) for name in names if name), root]
        area = page_box(child(root, "Area"), body.area)
        return take_apart([c for c in contents if c is not None], body.resources.with_those_of(own), area)

    def _template(self, name: str) -> etree._Element | None:
        if name not in self.templates:
            try:
                self.templates[name] = part(self.package, name)
            except DamagedFile:
                self.templates[name] = None
        return self.templates[name]

    def _recognise(self, page: OfdPage, raw: RawPage) -> None:
        picture, scale, missing = drawn_page(page, lambda name: self.package.bytes(name, PICTURE_LIMIT))
        found = scan.recognise(picture, raw.number, scale)
        self.read.append(replace(found.sheet, loose=(*found.sheet.loose, *sheet_of(raw).loose)))  # the few stored characters
        self.leaves.append(found.leaf)
        self.notes += found.notes
        if missing:
            self.notes.append(Note("picture_damaged", f"第{raw.number}页有{missing}张图片不能打开，其中的文字没有读取", raw.number))


def _outlined(page: OfdPage, raw: RawPage) -> bool:
    """Its text is drawn as the outlines of characters."""
    filled = (item for item in page.drawn if isinstance(item, Path) and item.fill is not None)
    shapes = sum(bent or len(line) > 6 for item in filled for line, bent in zip(item.lines, item.curved, strict=True))
    return few_chars(raw) and shapes >= _OUTLINES


def _pages(package: Package) -> Iterator[tuple[_Body, str | None]]:
    """Every page of every document in the package: where it belongs, and its part, None where that is missing."""
    entry = part(package, package.main)
    for holder in children(entry, "DocBody"):
        name = resolve(package, package.main, words(child(holder, "DocRoot")))
        root = part(package, name) if name else None
        if name is None or root is None:
            raise DamagedFile("文件不完整，缺少正文部分")
        common = child(root, "CommonData")
        resources = _resources(package, name, [n for kind in ("PublicRes", "DocumentRes") for n in children(common, kind)])
        placed = ((_id(t, "ID"), resolve(package, name, t.get("BaseLoc"))) for t in children(common, "TemplatePage"))
        templates = {identifier: place for identifier, place in placed if place}
        body = _Body(child(common, "PageArea"), templates, resources)
        for page in children(child(root, "Pages"), "Page"):
            yield body, resolve(package, name, page.get("BaseLoc"))


def _resources(package: Package, base: str, references: Iterator[etree._Element] | list[etree._Element]) -> Resources:
    """Fonts, pictures and composite units of the resource parts that are referred to; a broken part is done without."""
    fonts: dict[str, Font] = {}
    pictures: dict[str, str] = {}
    units: dict[str, etree._Element] = {}
    for reference in references:
        name = resolve(package, base, words(reference))
        try:
            root = part(package, name) if name else None
        except DamagedFile:
            continue
        if name is None or root is None:
            continue
        for font in children(child(root, "Fonts"), "Font"):
            label = font.get("FontName") or font.get("FamilyName") or ""
            bold = (font.get("Bold") or "").lower() == "true" or any(w in label for w in ("Bold", "Black", "Heavy"))
            fonts.setdefault(_id(font, "ID"), Font(label, bold))
        folder = f"{name.rsplit('/', 1)[0]}/{root.get('BaseLoc') or ''}/x" if "/" in name else f"{root.get('BaseLoc') or ''}/x"
        for media in children(child(root, "MultiMedias"), "MultiMedia"):
            file = words(child(media, "MediaFile"))
            place = resolve(package, folder, file) or resolve(package, name, file)
            if place:
                pictures.setdefault(_id(media, "ID"), place)
        for unit in children(child(root, "CompositeGraphicUnits"), "CompositeGraphicUnit"):
            units.setdefault(_id(unit, "ID"), unit)
    return Resources(fonts, pictures, units)


def _attached(package: Package) -> list[Note]:
    """Files attached to the document are not its text; a person may want them."""
    names: list[str] = []
    for place in [name for name in package.names if name.endswith("/attachments.xml")]:
        try:
            root = part(package, place)
        except (DamagedFile, EncryptedFile, HostileFile, TooLarge):
            continue
        names += [(a.get("Name") or "").strip() or "（未命名）" for a in children(root, "Attachment")]
    return [Note("attached_files", f"文件内附有{len(names)}个文件（{'、'.join(names[:3])[:80]}），未读取")] if names else []


def _id(node: etree._Element, name: str) -> str:
    return (node.get(name) or "").strip()
