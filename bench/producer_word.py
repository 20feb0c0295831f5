"""Pieces -> DOCX as offices really hand them in: cut runs, text boxes, nested tables, tracked changes, controls, a table of contents."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from html import escape
from random import Random

from producer_pieces import Piece, countable, counts_itself, sentences, spaced

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMES = (
    f'xmlns:w="{_MAIN}" xmlns:r="{_OFFICE}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_WHO = 'w:author="审核" w:date="2018-01-10T08:00:00Z"'


def busy_document(pieces: Sequence[Piece], *, seed: int) -> bytes:
    """Word at its busiest: title and signature in text boxes, 3–9 runs a sentence, tracked changes, footnotes, contents, nested tables."""
    rnd = Random(seed)
    body, notes = [], 0
    for k, piece in enumerate(pieces):
        if piece.kind == "title":
            body.append(
                _boxed(piece.text) if k == 0 else _paragraph(_run(piece.text, "<w:b/><w:sz w:val='40'/>"), "<w:jc w:val='center'/>")
            )
            body += [_contents(pieces)] if k == 0 and sum(p.kind == "heading" for p in pieces) > 2 else []
        elif piece.kind == "heading":
            style = f"<w:pStyle w:val='{piece.level}'/>" if piece.level < 3 else ""
            body.append(
                _paragraph(
                    f"<w:bookmarkStart w:id='{k}' w:name='_Toc{k}'/>{_runs(piece.full, rnd, '<w:b/>')}<w:bookmarkEnd w:id='{k}'/>", style
                )
            )
        elif piece.kind == "table":
            body.append(_table(piece, rnd, nested=not piece.frame and k % 2 == 0) + _paragraph(""))
        elif k >= len(pieces) - 2 and len(piece.text) < 40:
            body.append(_boxed(piece.full))
        else:
            notes += 1
            body.append(_text(piece, rnd, notes))
    return _package(body, _STYLES, numbering="", notes=notes, header="内部资料")


def suite_document(pieces: Sequence[Piece], *, seed: int) -> bytes:
    """As another office suite writes it: styles with numbers for ids, levels without ilvl, floating tables, blanks for layout."""
    rnd = Random(seed)
    counted = countable(pieces)
    body = []
    for k, piece in enumerate(pieces):
        if piece.kind == "title":
            body.append(_paragraph(_run(piece.text, "<w:b/><w:sz w:val='44'/>"), "<w:jc w:val='center'/>"))
        elif piece.kind == "heading":
            if counted:
                number = f"<w:numPr><w:ilvl w:val='{piece.level - 1}'/><w:numId w:val='1'/></w:numPr>"
                body.append(_paragraph(_run(piece.text, "<w:rFonts w:eastAsia='黑体'/>"), number))
            else:
                body.append(_paragraph(_run(piece.full, "<w:rFonts w:eastAsia='黑体'/>"), "<w:pStyle w:val='11'/>"))
        elif piece.kind == "text":
            lines = "<w:r><w:br/></w:r>".join(_runs("    " + line if n else line, rnd) for n, line in enumerate(piece.full.split("\n")))
            body.append(_paragraph(lines, "<w:ind w:firstLineChars='200'/>"))
        else:
            body.append(_table(piece, rnd, nested=False, floating=True, number=k + 2 if counts_itself(piece) else 0) + _paragraph(""))
    return _package(body, _STYLES, numbering=_numbering(len(pieces)), notes=0, header="")


def _text(piece: Piece, rnd: Random, note: int) -> str:
    """Every second sentence carries something: a change, a control, a footnote."""
    parts = []
    for line_number, line in enumerate(piece.full.split("\n")):
        if line_number:
            parts.append("<w:r><w:br/></w:r>")
        for k, sentence in enumerate(sentences(line)):
            runs = _runs(sentence, rnd)
            if k % 3 == 0 and k:
                old = f"<w:del w:id='{note}{k}' {_WHO}><w:r><w:delText>原稿此处另有表述。</w:delText></w:r></w:del>"
                runs = f"{old}<w:ins w:id='9{note}{k}' {_WHO}>{runs}</w:ins>"
            elif k % 3 == 1:
                runs = f"<w:sdt><w:sdtPr><w:alias w:val='填写'/></w:sdtPr><w:sdtContent>{runs}</w:sdtContent></w:sdt>"
            parts.append(runs)
    parts.append(f"<w:r><w:footnoteReference w:id='{note}'/></w:r>")
    paragraph = _paragraph("".join(parts), "<w:ind w:firstLine='640'/>")
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph}</w:sdtContent></w:sdt>" if note % 4 == 0 else paragraph


def _run(text: str, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t xml:space='preserve'>{escape(text, quote=False)}</w:t></w:r>" if text else ""


def _runs(text: str, rnd: Random, look: str = "") -> str:
    """3–9 runs a sentence, with what Word leaves between them."""
    out = []
    for sentence in sentences(text):
        count = min(len(sentence), rnd.randint(3, 9))
        cuts = sorted(rnd.sample(range(1, len(sentence)), count - 1)) if count > 1 else []
        for k, (a, b) in enumerate(zip([0, *cuts], [*cuts, len(sentence)], strict=True)):
            mark = ("<w:proofErr w:type='spellStart'/>", "<w:lastRenderedPageBreak/>", "")[k % 3]
            out.append(f"<w:r>{mark}</w:r>" if "lastRendered" in mark else mark)
            out.append(_run(sentence[a:b], look + f"<w:rFonts w:hint='{('eastAsia', 'default')[k % 2]}'/>"))
    return "".join(out)


def _paragraph(inside: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{inside}</w:p>"


def _boxed(text: str) -> str:
    """A text box in both notations, as Word stores it."""
    inside = "".join(_paragraph(_run(line, "<w:b/><w:sz w:val='44'/>"), "<w:jc w:val='center'/>") for line in text.split("\n"))
    box = f"<w:txbxContent>{inside}</w:txbxContent>"
    shape = f"<wps:wsp><wps:txbx>{box}</wps:txbx><wps:bodyPr/></wps:wsp>"
    drawing = (
        "<w:drawing><wp:anchor><wp:extent cx='5000000' cy='900000'/><a:graphic>"
        f"<a:graphicData uri='http://schemas.microsoft.com/office/word/2010/wordprocessingShape'>{shape}</a:graphicData></a:graphic></wp:anchor></w:drawing>"
    )
    old = f"<w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict>"
    choice = f"<mc:AlternateContent><mc:Choice Requires='wps'>{drawing}</mc:Choice><mc:Fallback>{old}</mc:Fallback></mc:AlternateContent>"
    return _paragraph(f"<w:r>{choice}</w:r>")


def _contents(pieces: Iterable[Piece]) -> str:
    """A table of contents: its field around the lines, hyperlinks to the headings, page numbers behind tabs."""
    begin, parted, end = (f"<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>" for kind in ("begin", "separate", "end"))
    code = f'{begin}<w:r><w:instrText> TOC \\o "1-2" \\h </w:instrText></w:r>{parted}'
    lines = []
    for k, piece in enumerate(pieces):
        if piece.kind == "heading":
            link = f"<w:hyperlink w:anchor='_Toc{k}'>{_run(piece.full)}<w:r><w:tab/></w:r>{_run(str(k // 9 + 1))}</w:hyperlink>"
            lines.append(_paragraph(("" if lines else code) + link, f"<w:pStyle w:val='TOC{piece.level}'/>"))
    return _paragraph(_run("目  录"), "<w:pStyle w:val='TOCHeading'/><w:jc w:val='center'/>") + "".join(lines) + _paragraph(end)


def _table(table: Piece, rnd: Random, *, nested: bool, floating: bool = False, number: int = 0) -> str:
    """Group rows merged, the same first cell of following rows merged downwards; `nested`: inside a cell of a frame."""
    rows, above = [], ""
    for k, row in enumerate(table.rows):
        cells = []
        for c, value in enumerate(row):
            span = f"<w:gridSpan w:val='{table.columns}'/>" if len(row) == 1 else ""
            merge = ""
            if c == 0 and len(row) > 1 and k >= table.head and _mergeable(table, k):
                merge = "<w:vMerge/>" if value == above else "<w:vMerge w:val='restart'/>"
            if number and c == 0 and k >= table.head and len(row) > 1:
                inside = _paragraph("", f"<w:numPr><w:ilvl w:val='0'/><w:numId w:val='{number}'/></w:numPr>")
            elif merge == "<w:vMerge/>":
                inside = _paragraph("")
            else:
                value = spaced(value) if k < table.head else value
                inside = "".join(_paragraph(_runs(line, rnd)) for line in value.split("\n"))
            cells.append(f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{inside}</w:tc>")
        above = row[0] if len(row) > 1 else ""
        head = "<w:trPr><w:tblHeader/></w:trPr>" if k < table.head else ""
        rows.append(f"<w:tr>{head}{''.join(cells)}</w:tr>")
    place = "<w:tblpPr w:leftFromText='180' w:vertAnchor='text'/>" if floating else ""
    inner = f"<w:tbl><w:tblPr>{place}<w:tblW w:w='0' w:type='auto'/></w:tblPr>{'<w:tblGrid/>'}{''.join(rows)}</w:tbl>"
    if not nested:
        return inner
    return f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc><w:tcPr/>{inner}{_paragraph('')}</w:tc></w:tr></w:tbl>"


def _mergeable(table: Piece, k: int) -> bool:
    """Whether this row's first cell repeats above or below; an empty cell is no repetition."""
    value = table.rows[k][0]
    near = [table.rows[n][0] for n in (k - 1, k + 1) if table.head <= n < len(table.rows) and len(table.rows[n]) > 1]
    return bool(value) and value in near


_STYLES = f"""{_HEAD}<w:styles {_NAMES}>
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:eastAsia="宋体"/><w:sz w:val="21"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/><w:rPr><w:sz w:val="32"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/>
 <w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/><w:basedOn w:val="a"/>
 <w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="11"><w:name w:val="列出段落1"/><w:basedOn w:val="a"/></w:style>
<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="TOC2"><w:name w:val="toc 2"/></w:style>
<w:style w:type="paragraph" w:styleId="TOC3"><w:name w:val="toc 3"/></w:style>
<w:style w:type="paragraph" w:styleId="TOCHeading"><w:name w:val="TOC Heading"/></w:style></w:styles>"""


def _numbering(tables: int) -> str:
    """Levels without their ilvl, as such suites write them, and a list for each table."""

    def level(form: str, text: str) -> str:
        return f"<w:lvl><w:start w:val='1'/><w:numFmt w:val='{form}'/><w:suff w:val='nothing'/><w:lvlText w:val='{text}'/></w:lvl>"

    chapters = level("chineseCounting", "%1、") + level("chineseCounting", "（%2）") + level("decimal", "%3.")
    start = "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='1'/></w:lvlOverride>"
    lists = "".join(f"<w:num w:numId='{k + 2}'><w:abstractNumId w:val='1'/>{start}</w:num>" for k in range(tables))
    return (
        f"{_HEAD}<w:numbering {_NAMES}><w:abstractNum w:abstractNumId='0'>{chapters}</w:abstractNum>"
        f"<w:abstractNum w:abstractNumId='1'>{level('decimal', '%1')}</w:abstractNum>"
        f"<w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num>{lists}</w:numbering>"
    )


def _package(body: Sequence[str], styles: str, *, numbering: str, notes: int, header: str) -> bytes:
    parts = {"styles": styles}
    if numbering:
        parts["numbering"] = numbering
    if notes:
        inside = "".join(f"<w:footnote w:id='{k}'>{_paragraph(_run(f'见有关存档，注{k}。'))}</w:footnote>" for k in range(1, notes + 1))
        parts["footnotes"] = f"{_HEAD}<w:footnotes {_NAMES}>{inside}</w:footnotes>"
    section = ""
    if header:
        parts["header1"] = f"{_HEAD}<w:hdr {_NAMES}>{_paragraph(_run(header))}</w:hdr>"
        section = "<w:sectPr><w:headerReference w:type='default' r:id='rheader1'/></w:sectPr>"
    kinds = {name: "header" if name.startswith("header") else name for name in parts}
    base = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    types = "".join(f'<Override PartName="/word/{n}.xml" ContentType="{base}.{k}+xml"/>' for n, k in kinds.items())
    relations = "".join(f'<Relationship Id="r{n}" Type="{_OFFICE}/{k}" Target="{n}.xml"/>' for n, k in kinds.items())
    space = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{space}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{base}.document.main+xml"/>{types}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{space}/relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"{_HEAD}<w:document {_NAMES}><w:body>{''.join(body)}{section}</w:body></w:document>",
        "word/_rels/document.xml.rels": f'{_HEAD}<Relationships xmlns="{space}/relationships">{relations}</Relationships>',
        **{f"word/{name}.xml": text for name, text in parts.items()},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            package.writestr(zipfile.ZipInfo(name, (2018, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()
